"""Runs scripts on the environments of the roles that run.py gives an engine."""

import json
import os
import subprocess
import textwrap

import pytest


@pytest.fixture(scope="session")
def python_of():
    """Return the python of a role."""

    def python_of(role):
        path = os.environ.get(f"ENGINE_{role}")
        # A test that cannot run has not passed.
        assert path, f"ENGINE_{role} names the python of an environment that has the engine"
        return path

    return python_of


@pytest.fixture(scope="session")
def output(python_of, tmp_path_factory):
    """Run a script on the python of a role and return the lines that it printed."""

    def output(role, script, *arguments, folder=None, timeout=180, **env):
        folder = folder or tmp_path_factory.mktemp("script")
        path = folder / "job.py"
        path.write_text(textwrap.dedent(script))
        done = subprocess.run(
            [python_of(role), str(path), *map(str, arguments)],
            cwd=folder,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    return output


@pytest.fixture(scope="session")
def run(output):
    """Run a script on the python of a role and return what it printed last, which is JSON."""
    return lambda *args, **kwargs: json.loads(output(*args, **kwargs)[-1])
