"""Ray with sourcepickle.install(): a cluster of one version, and Ray Client across two.

ENGINE_CLIENT and ENGINE_SERVER name the Python executables of two environments with ray[client]
and sourcepickle, of different minor versions.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from engines import page

JOB = Path(__file__).with_name("ray_job.py")
RESULT = "RESULT "
EXPECTED = {
    "tasks": {"task": [12, 4], "other_tasks": [13, 2]},
    "actors": {"actor": [11, 16, 6]},
    "actor handles": {"captured_handle": [101, 102], "returned_handle": 6},
    "ObjectRefs": {
        "ref_arguments": [{"a": 1}, [{"a": 1}]],
        "captured_ref": 100_000,
        "captured_ref_is_pinned": 100_000,
    },
    "exceptions": {"own_exception": [7, True], "actor_exception": 9, "builtin_exception": True},
    "functions that come back": {"returned_function": [4, True]},
    "classes that come back": {"instances": [[10, True], 4, True], "returned_class": 3},
    "dynamic generators": {"dynamic_generator": [0, 3, 6]},
}
STREAMING = {"streaming generators": {"streaming_generator": [0, 3, 6]}}
ONE_VERSION = pytest.mark.way("`install()`, all of the server's version")
ACROSS = pytest.mark.way("`install()`, Ray Client")


def cases(expected):
    """Parametrize by what is expected of each feature."""
    values = [
        pytest.param(name, value, marks=pytest.mark.feature(feature), id=name)
        for feature, found in expected.items()
        for name, value in found.items()
    ]
    return pytest.mark.parametrize(("name", "value"), values)


def interpreter(role):
    path = os.environ.get(role)
    if not path or not Path(path).exists():
        pytest.fail(f"{role} names no Python executable: {path!r}")
    return path


def version(python):
    code = "import sys; print(*sys.version_info[:2])"
    run = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return [int(part) for part in run.stdout.split()]


def processes():
    """The parent of every process, from Linux's own table, by its id and the time of its start."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            # The name stands in parentheses and may hold blanks.
            fields = stat.rpartition(")")[2].split()
            if fields[0] != "Z":
                # An id alone could be another process's by the time that it is killed.
                parents[int(entry.name), int(fields[19])] = int(fields[1])
    return parents


def descendants(root):
    parents = processes()
    found = [process for process in parents if process[0] == root]
    for pid, _ in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


class Tree:
    """A process, and all that it starts, which ends with it."""

    def __init__(self, command, environment, output):
        self.seen = set()
        self.process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT
        )

    def look(self):
        # Daemons whose parent is gone could not be found later.
        self.seen.update(descendants(self.process.pid))

    def running(self):
        return self.seen & processes().keys()

    def stop(self):
        self.look()
        if self.process.poll() is None:
            self.process.terminate()
            wait_until(lambda: self.process.poll() is not None, 10)
        # Ray's own processes end by themselves when the first of them has.
        wait_until(lambda: not self.running(), 5)
        for pid, _ in self.running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)
        assert wait_until(lambda: not self.running(), 10)


@pytest.fixture(scope="module")
def environment():
    # Ray's sockets stand in it, and their paths may have 107 characters only.
    home = tempfile.mkdtemp(prefix="ray-")
    chosen = {"PATH", "LANG", "LD_LIBRARY_PATH", "SOURCEPICKLE_PYTHONS"}
    yield {
        **{name: value for name, value in os.environ.items() if name in chosen},
        "HOME": home,
        "RAY_TMPDIR": home,
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONUNBUFFERED": "1",
        "RAY_IGNORE_VERSION_MISMATCH": "1",
        # Ray listens on all interfaces, and without a token runs what anybody sends.
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(16),
    }
    shutil.rmtree(home, ignore_errors=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_job(python, address, install, environment, folder):
    output = folder / f"{install}.txt"
    with output.open("w") as stream:
        tree = Tree([python, str(JOB), address, install], environment, stream)
        try:
            end = time.monotonic() + 150
            while tree.process.poll() is None and time.monotonic() < end:
                tree.look()
                time.sleep(0.3)
        finally:
            tree.stop()
    text = output.read_text()
    lines = [line for line in text.splitlines() if line.startswith(RESULT)]
    results = dict(json.loads(line[len(RESULT) :]) for line in lines)
    results["end"] = f"{tree.process.returncode}: {text[-2000:]}"
    return results


@pytest.fixture(scope="module")
def same_version(environment, tmp_path_factory):
    python = interpreter("ENGINE_SERVER")
    folder = tmp_path_factory.mktemp("same")
    return run_job(python, "local", "install", environment, folder)


@pytest.fixture(scope="module")
def server(environment, tmp_path_factory):
    python = interpreter("ENGINE_SERVER")
    gcs, client = free_port(), free_port()
    command = [python, "-m", "ray.scripts.scripts", "start", "--head", "--block"]
    command += ["--node-ip-address", "127.0.0.1", "--num-cpus", "2"]
    command += ["--port", str(gcs), "--ray-client-server-port", str(client)]
    command += ["--object-store-memory", "100000000", "--include-dashboard", "false"]
    output = tmp_path_factory.mktemp("server") / "server.txt"
    with output.open("w") as stream:
        tree = Tree(command, environment, stream)
        try:

            def is_up():
                # The client's port answers before there is a node that starts its servers.
                assert tree.process.poll() is None, output.read_text()
                return "Ray runtime started" in output.read_text()

            assert wait_until(is_up, 60), output.read_text()
            yield {"tree": tree, "client": f"ray://127.0.0.1:{client}", "gcs": f"127.0.0.1:{gcs}"}
        finally:
            tree.stop()


@pytest.fixture(scope="module")
def across(server, environment, tmp_path_factory):
    python = interpreter("ENGINE_CLIENT")
    assert version(python) != version(interpreter("ENGINE_SERVER"))
    folder = tmp_path_factory.mktemp("across")
    results = run_job(python, server["client"], "install", environment, folder)
    server["tree"].look()
    return results


@ONE_VERSION
@cases({**EXPECTED, **STREAMING})
def test_one_version(name, value, same_version):
    """With install() here and on its workers, a local cluster does all that plain Ray does."""
    assert same_version.get(name) == value, same_version["end"]


@ONE_VERSION
def test_tasks_travel_by_source(same_version):
    """The code that runs on a worker is compiled from source that the driver sent."""
    assert same_version["where"][1].startswith("<sourcepickle "), same_version["end"]


@ACROSS
@cases(EXPECTED)
def test_ray_client_across_versions(name, value, across):
    """With install() on all sides, Ray Client of one version uses a cluster of another."""
    assert across.get(name) == value, across["end"]


@ACROSS
def test_ray_client_has_no_streaming_generators(across):
    """There a task that yields gives one reference, to no generator."""
    assert "not iterable" in across["streaming_generator"]


@ACROSS
def test_it_ran_on_the_other_version(across):
    """What Ray Client sent was run by the server's Python, from source."""
    ran_on, file = across["where"]
    assert ran_on == version(interpreter("ENGINE_SERVER"))
    assert file.startswith("<sourcepickle ")


@ACROSS
def test_without_install_it_fails(server, environment, tmp_path):
    """The same client without install() sends bytecode that the server cannot load."""
    python = interpreter("ENGINE_CLIENT")
    results = run_job(python, server["client"], "plain", environment, tmp_path)
    assert results.get("task") != [12, 4]
    assert "connect" not in results, results["end"]


@ONE_VERSION
def test_ray_refuses_another_version_itself(server, environment, tmp_path):
    """A driver or a node of another minor version is refused by Ray, whatever pickles."""
    python = interpreter("ENGINE_CLIENT")
    results = run_job(python, server["gcs"], "install", environment, tmp_path)
    assert results["connect"].startswith("RuntimeError: Version mismatch"), results["end"]


SOURCE_IN_WORKERS = """
print(ray.get(ray.remote(lambda: (lambda: 0).__code__.co_filename).remote())[:14])
"""


@ONE_VERSION
@pytest.mark.feature("tasks")
def test_snippet(server, environment, output):
    """The page's first snippet prints what it says, by functions that came as source."""
    snippet, _ = page.blocks("Ray", "python")
    told = [*page.printed(snippet), "<sourcepickle "]
    environment = {**environment, "RAY_ADDRESS": server["gcs"]}
    assert output("SERVER", snippet + SOURCE_IN_WORKERS, **environment) == told


@ACROSS
@pytest.mark.feature("tasks")
def test_snippet_of_ray_client(server, environment, output):
    """The page's second snippet prints what it says, on another version than the server's."""
    _, snippet = page.blocks("Ray", "python")
    address = "ray://server:10001"
    assert address in snippet
    script = snippet.replace(address, server["client"])
    assert output("CLIENT", script, **environment) == page.printed(snippet)
