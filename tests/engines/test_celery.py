"""Celery: a client of one Python version and a worker of another, which share a broker of files."""

import contextlib
import os
import shlex
import signal
import subprocess

import pytest
from engines import page

CONFIGURATION = """
broker_url = "filesystem://"
folders = {{"data_folder_in": {0!r}, "data_folder_out": {0!r}}}
broker_transport_options = {{**folders, "polling_interval": 0.05}}
result_backend = "file://" + {0!r}
"""

TASKS, CLIENT = page.blocks("Celery", "python")
PICKLE_TASKS = """
from celery import Celery

app = Celery("tasks")
app.config_from_object("celeryconfig")
app.conf.update(task_serializer="pickle", result_serializer="pickle", accept_content=["pickle"])


@app.task
def call(function, *arguments):
    return function(*arguments)
"""

CASES = """
import json
import sys

import sourcepickle
from tasks import call

wrap = sourcepickle.portable if sys.argv[1] == "portable" else lambda function: function


class Item:
    pass


class Refused(Exception):
    pass


def refuse():
    raise Refused


def raised():
    try:
        call.delay(wrap(refuse)).get(30)
    except Exception as error:
        return type(error) is Refused


@wrap
def ran_on():
    return sys.version_info[:2], sys._getframe().f_code.co_filename[:14]


@wrap
def make_adder(step):
    return lambda count: count + step


def function_back():
    add = call.delay(make_adder, 2).get(30)
    return [add(3), add.__code__.co_filename[:14]]


found = {"function": call.delay(ran_on).get(30), "own exception": raised()}
if sys.argv[2] == "by source":
    found["function back"] = function_back()
    found["same class"] = type(call.delay(wrap(lambda: Item())).get(30)) is Item
if sys.argv[1] == "bare":
    found["there and back"] = type(call.delay(lambda item: item, Item()).get(30)) is Item
print(json.dumps(found))
"""


@contextlib.contextmanager
def worker(python, folder, tasks, *options):
    """A worker that has these tasks, for as long as it is needed."""
    (folder / "tasks.py").write_text(tasks)
    (folder / "celeryconfig.py").write_text(CONFIGURATION.format(str(folder)))
    (line,) = page.blocks("Celery", "sh")
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [python, "-m", *shlex.split(line), *options],
            cwd=folder,
            # As root Celery takes no pickles otherwise.
            env={**os.environ, "C_FORCE_ROOT": "1"},
            start_new_session=True,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield folder
    finally:
        # Its processes too, and at once: it takes five seconds to end.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def folder_of(python_of, tmp_path_factory):
    """Return a function that gives the folder of a client whose worker has these tasks."""
    with contextlib.ExitStack() as stack:

        def folder_of(tasks, *options):
            folder = tmp_path_factory.mktemp("celery")
            return stack.enter_context(worker(python_of("WORKER"), folder, tasks, *options))

        yield folder_of


@pytest.fixture(scope="module")
def processes(folder_of):
    """The folder of a client whose worker has the page's tasks and Celery's pool of processes."""
    return folder_of(TASKS, "--concurrency", "1")


@pytest.fixture(scope="module")
def in_processes(processes, run):
    """What a client came to that sends portable functions to that worker."""
    return run("CLIENT", CASES, "portable", "by source", folder=processes)


@pytest.fixture(scope="module")
def in_threads(folder_of, run):
    """What a client came to that sends functions as they are to a worker without processes."""
    folder = folder_of(TASKS, "--pool", "threads")
    return run("CLIENT", CASES, "bare", "by source", folder=folder)


@pytest.fixture(scope="module")
def with_pickle(folder_of, run):
    """What a client came to that sends portable functions by Celery's own pickle serializer."""
    folder = folder_of(PICKLE_TASKS, "--concurrency", "1")
    return run("CLIENT", CASES, "portable", "by pickle", folder=folder)


@pytest.fixture(scope="module")
def expected(run):
    """What a client is to come to, by case."""
    version = run("WORKER", "import sys; print(list(sys.version_info[:2]))")
    return {
        "function": [version, "<sourcepickle "],
        "function back": [5, "<sourcepickle "],
        "same class": True,
        "there and back": True,
        # Celery itself makes classes for exceptions that it cannot import.
        "own exception": False,
    }


FUNCTION = pytest.param("function", marks=pytest.mark.feature("functions as arguments"))
BACK = pytest.param("function back", marks=pytest.mark.feature("functions that come back"))
CLASS, INSTANCE = (
    pytest.param(case, marks=pytest.mark.feature("classes that come back"))
    for case in ("same class", "there and back")
)
IN_PROCESSES = pytest.mark.way("`by_source` as a serializer, `portable`")


@IN_PROCESSES
@pytest.mark.parametrize("case", [FUNCTION, BACK, CLASS, "own exception"])
def test_portable_functions_in_processes(in_processes, expected, case):
    """Celery's processes run portable functions, and what they give comes back by source."""
    assert in_processes[case] == expected[case]


@IN_PROCESSES
@pytest.mark.feature("functions as arguments")
def test_snippet(processes, output):
    """The page's snippet prints what it says."""
    assert output("CLIENT", CLIENT, folder=processes) == page.printed(CLIENT)


@pytest.mark.way("`by_source` as a serializer, pool of threads")
@pytest.mark.parametrize("case", [FUNCTION, BACK, CLASS, INSTANCE, "own exception"])
def test_functions_in_threads(in_threads, expected, case):
    """Where no process stands between, functions and instances need no wrapper."""
    assert in_threads[case] == expected[case]


@pytest.mark.way("`portable`")
@pytest.mark.parametrize("case", [FUNCTION, "own exception"])
def test_with_celerys_pickle(with_pickle, expected, case):
    """Celery's own serializer sends portable functions."""
    assert with_pickle[case] == expected[case]
