"""Runs scripts on the environments that ENGINE_PYTHON and ENGINE_OTHER name."""

import json
import os
import subprocess
import textwrap

import pytest


def _executable(variable):
    path = os.environ.get(variable)
    # A test that cannot run has not passed.
    assert path, f"{variable} names the python of an environment that has the engine"
    return path


@pytest.fixture(scope="module")
def engine_python():
    """The python of the environment that sends."""
    return _executable("ENGINE_PYTHON")


@pytest.fixture(scope="module")
def other_python():
    """The python of an environment of another minor version."""
    return _executable("ENGINE_OTHER")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run a script on a python and return what it printed last, which is JSON."""

    def run(python, script, *arguments, folder=None, timeout=180, **env):
        folder = folder or tmp_path_factory.mktemp("script")
        path = folder / "job.py"
        path.write_text(textwrap.dedent(script))
        done = subprocess.run(
            [python, str(path), *map(str, arguments)],
            cwd=folder,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
