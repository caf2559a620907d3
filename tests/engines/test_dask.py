"""Dask over three interpreters: a client, a scheduler and a worker, each of its own version.

``ENGINE_CLIENT``, ``ENGINE_SCHEDULER`` and ``ENGINE_WORKER`` name Pythons that have sourcepickle
and one and the same release of distributed.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

CLIENT = Path(__file__).with_name("dask_client.py")
ROLES = ("CLIENT", "SCHEDULER", "WORKER")
PRELOAD = "sourcepickle.dask"
STARTS_WITHIN = 60
# For all checks of a client together; one that hangs is to fail and not to be waited for.
RUNS_FOR = 180

CHECKS = {
    node.name: ast.get_docstring(node)
    for node in ast.parse(CLIENT.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("check_")
}
PORTABLE_CHECKS = [name for name in CHECKS if name.startswith("check_portable_")]


@pytest.fixture(scope="module")
def pythons():
    """The interpreter of each role, and the versions that they say they are."""
    missing = [f"ENGINE_{role}" for role in ROLES if not os.environ.get(f"ENGINE_{role}")]
    if missing:
        pytest.fail(f"{', '.join(missing)}: name Pythons that have distributed and sourcepickle")
    chosen = [os.environ[f"ENGINE_{role}"] for role in ROLES]
    program = "import sys, sourcepickle, distributed; print(list(sys.version_info[:2]))"
    versions = [json.loads(subprocess.check_output([python, "-c", program])) for python in chosen]
    return chosen, versions


class Cluster:
    """A scheduler and a worker, and what the client's checks came to with them."""

    def __init__(self, folder, pythons, arguments=(), environment=None, nanny=False):
        (self.client, scheduler, worker), self.versions = pythons
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            **(environment or {}),
        }
        self.processes = []
        common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", self.file]
        free_ports = ["--port", "0", "--dashboard-address", "127.0.0.1:0"]
        self._start("scheduler", scheduler, [*common, *free_ports, *arguments])
        self._wait_for_file()
        kind = "--nanny" if nanny else "--no-nanny"
        local = ["--nthreads", "2", "--local-directory", folder]
        self._start("worker", worker, [*common, kind, *local, *arguments])

    def _start(self, role, python, arguments):
        with (self.folder / f"{role}.log").open("wb") as log:
            command = [python, "-m", "dask", role, *map(str, arguments)]
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=self.environment,
                start_new_session=True,  # A nanny has children.
            )
        self.processes.append(process)

    def _wait_for_file(self):
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self.processes[0].poll() is None:
            # It is there before all of it is written.
            with contextlib.suppress(OSError, ValueError):
                json.loads(self.file.read_text())
                return
            time.sleep(0.05)
        raise AssertionError(f"the scheduler did not start\n{self.logs()}")

    def run(self, prefix="check_", late=False):
        """Return what each check came to: nothing, or a traceback."""
        home = self.folder / "client"
        home.mkdir()
        (home / "only_the_client_has_this.py").write_text(
            "FACTOR = 3\n\n\ndef triple(number):\n    return FACTOR * number\n"
        )
        arguments = [self.file, json.dumps(self.versions), prefix, "late" if late else "early"]
        output = self.folder / "client.out"
        with output.open("wb") as out, (self.folder / "client.log").open("wb") as log:
            try:
                status = subprocess.run(
                    [self.client, CLIENT, *arguments],
                    stdout=out,
                    stderr=log,
                    env={**self.environment, "PYTHONPATH": str(home)},
                    cwd=self.folder,
                    timeout=RUNS_FOR,
                ).returncode
            except subprocess.TimeoutExpired:
                status = "hung"
        outcomes = dict(map(json.loads, output.read_text().splitlines()))
        if status != 0:
            outcomes[None] = f"the client ended: {status}\n{self.logs()}"
        return outcomes

    def logs(self):
        """Return the ends of the logs."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{log.name}:\n{log.read_text()[-3000:]}" for log in logs)

    def stop(self):
        """End the processes, children too."""
        # The worker first: a nanny whose scheduler goes at the same time waits 8 seconds.
        for process in reversed(self.processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def cluster(*args, **kwargs):
    """A cluster for as long as it is needed."""
    made = Cluster(*args, **kwargs)
    try:
        yield made
    finally:
        made.stop()


def judge(outcomes, name):
    """Fail by what a check came to."""
    outcome = outcomes.get(name, outcomes.get(None, "it did not run"))
    assert not outcome, f"{name}: {CHECKS[name]}\n{outcome}"


@pytest.fixture(scope="module", params=["arguments", "configuration and nanny"])
def preloaded(request, pythons, tmp_path_factory):
    """What all checks came to with the preload everywhere."""
    folder = tmp_path_factory.mktemp("preloaded")
    preload = json.dumps([PRELOAD])
    environment = {"DASK_DISTRIBUTED__CLIENT__PRELOAD": preload}
    arguments = ["--preload", PRELOAD]
    nanny = request.param != "arguments"
    if nanny:
        environment["DASK_DISTRIBUTED__SCHEDULER__PRELOAD"] = preload
        environment["DASK_DISTRIBUTED__WORKER__PRELOAD"] = preload
        arguments = []
    with cluster(folder, pythons, arguments, environment, nanny) as made:
        return made.run()


@pytest.fixture(scope="module")
def untouched(pythons, tmp_path_factory):
    """What the checks of portable functions came to with neither preload nor install."""
    with cluster(tmp_path_factory.mktemp("untouched"), pythons) as made:
        return made.run("check_portable_")


@pytest.fixture(scope="module")
def late(pythons, tmp_path_factory):
    """What all checks came to after ``client.run(sourcepickle.install)``."""
    with cluster(tmp_path_factory.mktemp("late"), pythons) as made:
        return made.run(late=True)


@pytest.mark.parametrize("name", CHECKS)
def test_preload(preloaded, name):
    """With the preload on client, scheduler and worker, each check of the client holds."""
    judge(preloaded, name)


@pytest.mark.parametrize("name", PORTABLE_CHECKS)
def test_portable_alone(untouched, name):
    """Portable functions need neither a preload nor an install anywhere."""
    judge(untouched, name)


@pytest.mark.parametrize("name", CHECKS)
def test_late_install(late, name):
    """A cluster that runs already is made at home by running install on each of its processes."""
    judge(late, name)
