"""Dask over three interpreters: a client, a scheduler and a worker, each of its own version.

``ENGINE_CLIENT``, ``ENGINE_SCHEDULER`` and ``ENGINE_WORKER`` name Pythons that have sourcepickle
and one and the same release of distributed.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest
from engines import page

CLIENT = Path(__file__).with_name("dask_client.py")
ROLES = ("CLIENT", "SCHEDULER", "WORKER")
PRELOAD = "sourcepickle.dask"
STARTS_WITHIN = 60
# For all checks of a client together; one that hangs is to fail and not to be waited for.
RUNS_FOR = 180

CHECKS = {
    node.name: node
    for node in ast.parse(CLIENT.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("check_")
}
ALL = [
    # Its decorators are calls of feature().
    pytest.param(
        name, marks=[pytest.mark.feature(call.args[0].value) for call in node.decorator_list]
    )
    for name, node in CHECKS.items()
]
PORTABLE = [check for check in ALL if check.values[0].startswith("check_portable_")]
ADDRESS = "tcp://scheduler:8786"


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


def command_lines(preload):
    """Return the command lines of the page for a scheduler and a worker, or those without it."""
    (block,) = page.blocks("Dask", "sh")
    option = f" --preload {PRELOAD}"
    lines = block.splitlines()
    assert all(option in line for line in lines)
    return [shlex.split(line if preload else line.replace(option, "")) for line in lines]


class Cluster:
    """A scheduler and a worker, and what the client's checks came to with them."""

    def __init__(self, folder, pythons, preload=False, environment=None, nanny=False):
        (self.client, scheduler, worker), self.versions = pythons
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            **(environment or {}),
        }
        self.processes = []
        of_scheduler, of_worker = command_lines(preload)
        common = ["--host", "127.0.0.1", "--no-dashboard"]
        free_ports = ["--port", "0", "--dashboard-address", "127.0.0.1:0"]
        told = ["--scheduler-file", str(self.file)]
        self._start(scheduler, [*of_scheduler, *common, *free_ports, *told])
        self.address = self._wait_for_file()["address"]
        kind = "--nanny" if nanny else "--no-nanny"
        local = ["--nthreads", "2", "--local-directory", str(folder)]
        of_worker[of_worker.index(ADDRESS)] = self.address
        self._start(worker, [*of_worker, *common, kind, *local])

    def _start(self, python, command):
        with (self.folder / f"{command[1]}.log").open("wb") as log:
            process = subprocess.Popen(
                [python, "-m", *command],
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
                return json.loads(self.file.read_text())
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

    def run_snippet(self, snippet):
        """Run a snippet of the page with this cluster and return the lines that it printed."""
        assert ADDRESS in snippet
        script = self.folder / "snippet.py"
        script.write_text(snippet.replace(ADDRESS, self.address))
        done = subprocess.run(
            [self.client, script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=RUNS_FOR,
        )
        assert done.returncode == 0, f"{done.stderr}\n{self.logs()}"
        return done.stdout.splitlines()

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
    assert not outcome, f"{name}: {ast.get_docstring(CHECKS[name])}\n{outcome}"


@pytest.fixture(scope="module")
def preloaded(pythons, tmp_path_factory):
    """A cluster with the preload everywhere, by command lines, and what all checks came to."""
    environment = {"DASK_DISTRIBUTED__CLIENT__PRELOAD": json.dumps([PRELOAD])}
    folder = tmp_path_factory.mktemp("preloaded")
    with cluster(folder, pythons, preload=True, environment=environment) as made:
        yield made, made.run()


@pytest.fixture(scope="module")
def configured(pythons, tmp_path_factory):
    """What all checks came to with the preload everywhere, by configuration."""
    environment = {
        f"DASK_DISTRIBUTED__{role}__PRELOAD": json.dumps([PRELOAD])
        for role in ("CLIENT", "SCHEDULER", "WORKER")
    }
    folder = tmp_path_factory.mktemp("configured")
    with cluster(folder, pythons, environment=environment, nanny=True) as made:
        return made.run()


@pytest.fixture(scope="module")
def untouched(pythons, tmp_path_factory):
    """A cluster with neither preload nor install, and what portable functions came to."""
    with cluster(tmp_path_factory.mktemp("untouched"), pythons) as made:
        yield made, made.run("check_portable_")


@pytest.fixture(scope="module")
def late(pythons, tmp_path_factory):
    """What all checks came to after ``client.run(sourcepickle.install)``."""
    with cluster(tmp_path_factory.mktemp("late"), pythons) as made:
        return made.run(late=True)


BY_PRELOAD = pytest.mark.way("preload")
LATE = pytest.mark.way("`install()` on a cluster that runs")


@BY_PRELOAD
@pytest.mark.parametrize("name", ALL)
def test_preload(preloaded, name):
    """With the preload on client, scheduler and worker, each check of the client holds."""
    judge(preloaded[1], name)


@BY_PRELOAD
@pytest.mark.parametrize("name", ALL)
def test_preload_by_configuration(configured, name):
    """So it does where the configuration names the preload, and a nanny starts the worker."""
    judge(configured, name)


@LATE
@pytest.mark.parametrize("name", ALL)
def test_late_install(late, name):
    """A cluster that runs already is made at home by running install on each of its processes."""
    judge(late, name)


@pytest.mark.way("`portable`")
@pytest.mark.parametrize("name", PORTABLE)
def test_portable_alone(untouched, name):
    """Portable functions need neither a preload nor an install anywhere."""
    judge(untouched[1], name)


@BY_PRELOAD
@pytest.mark.feature("submit and map")
def test_snippet_of_preload(preloaded):
    """The page's first snippet prints what it says."""
    snippet, _ = page.blocks("Dask", "python")
    assert preloaded[0].run_snippet(snippet) == page.printed(snippet)


@LATE
@pytest.mark.feature("submit and map")
def test_snippet_of_late_install(untouched):
    """The page's second snippet does, with a cluster that it finds as Dask starts it."""
    _, snippet = page.blocks("Dask", "python")
    assert untouched[0].run_snippet(snippet) == page.printed(snippet)


LOCAL = """
import json
import os

import dask
import dask.bag
import joblib
from distributed import Client, LocalCluster

for role in ("client", "scheduler", "worker"):
    dask.config.set({f"distributed.{role}.preload": ["sourcepickle.dask"]})


class Item:
    def __init__(self, price):
        self.price = price

    def __eq__(self, other):
        return isinstance(other, Item) and other.price == self.price

    def __hash__(self):
        return self.price


def passed_on(client):
    first, second = client.scheduler_info()["workers"]
    made = client.submit(Item, 3, workers=[first])
    same = client.submit(lambda item: isinstance(item, Item) and item, made, workers=[second])
    return type(same.result(60)) is Item


def counted(client):
    numbers = dask.bag.from_sequence(range(8), npartitions=4)
    groups = numbers.map(lambda n: Item(n % 2)).groupby(lambda item: item).compute()
    return sorted([item.price, len(items)] for item, items in groups)


def main():
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(processes=True, **options) as cluster, Client(cluster) as client:
        with joblib.parallel_config(backend="dask"):
            work = joblib.delayed(lambda n: [n + 1, (lambda: 0).__code__.co_filename[:14]])
            parallel = joblib.Parallel()(work(n) for n in range(3))
        found = {"same class": passed_on(client), "keys": counted(client), "joblib": parallel}
        found["pids"] = len(set(client.run(os.getpid).values()))
        print(json.dumps(found))


if __name__ == "__main__":
    main()
"""


@BY_PRELOAD
@pytest.mark.feature("`LocalCluster`")
def test_local_cluster(run):
    """Two processes of a local cluster pass classes on, shuffle by them, and run joblib's calls."""
    assert run("CLIENT", LOCAL) == {
        "same class": True,
        "keys": [[0, 4], [1, 4]],
        "joblib": [[number, "<sourcepickle "] for number in (1, 2, 3)],
        "pids": 2,
    }
