"""Functions dumped while something watches them, and after it did."""

import ast
import os
import sys

import pytest

# The same file for every watcher, so that the pickles can be compared byte by byte.
JOB = '''\
import json, pickle, sys
import sourcepickle
import watching

def work(items, k=2):
    """Documented."""
    total = 0
    for item in items:
        if item % 2:
            total += item * k
        else:
            total -= 1
    try:
        total += len(json.dumps(items))
    except TypeError:
        return None
    return total, [x for x in items if x], (lambda y: y + k)(1)

def generate(n):
    for i in range(n):
        received = yield i
        if received:
            return

async def wait(x):
    async def inner():
        return x
    return await inner()

def closure(k):
    def inner(x):
        nonlocal k
        k += x
        return k
    return inner

class C:
    def method(self):
        return self.__name()

    def __name(self):
        return type(self).__name__

inner = closure(1)
first, second = lambda x: x + 1, lambda x: x + 2
FUNCTIONS = [work, generate, wait, closure, inner, first, second, C.method]

def call():
    work([1, 2, 3])
    list(generate(3))
    try:
        wait(1).send(None)
    except StopIteration:
        pass
    closure(1)(2)
    first(1), second(2), C().method()

def sent():
    pickles = []
    for function in FUNCTIONS:
        # Only what this closure holds may differ between two dumps.
        held, inner.__closure__[0].cell_contents = inner.__closure__[0].cell_contents, 1
        pickles.append(sourcepickle.dumps(function, by_source=True))
        inner.__closure__[0].cell_contents = held
    for function, data in zip(FUNCTIONS, pickles):
        loaded = pickle.loads(data).__code__
        code = function.__code__
        assert loaded.co_code == code.co_code
        assert loaded.co_consts[:1] == code.co_consts[:1]
        if sys.version_info >= (3, 11):
            assert list(loaded.co_positions()) == list(code.co_positions())
    assert pickle.loads(pickles[0])([1, 2, 3]) == work([1, 2, 3])
    return [data.hex() for data in pickles]

def main():
    print([watching.watch(FUNCTIONS, call, sent), sent()])

if __name__ == "__main__":
    main()
'''

PLAIN = "def watch(functions, call, sent):\n    return sent()\n"
SETTRACE = """
import sys
def watch(functions, call, sent):
    events = []
    def trace(frame, event, argument):
        events.append(event)
        OPCODES
        return trace
    sys.settrace(trace)
    try:
        call()
        data = sent()
        call()
    finally:
        sys.settrace(None)
    assert "line" in events
    return data
"""
MONITORING = """
import sys
def watch(functions, call, sent):
    tool, events = 3, sys.monitoring.events
    seen = []
    sys.monitoring.use_tool_id(tool, "watcher")
    chosen = EVENTS
    for event in (1 << n for n in range(20)):
        if event & chosen:
            sys.monitoring.register_callback(tool, event, lambda *a: ANSWER)
    try:
        for function in functions:
            sys.monitoring.set_local_events(tool, function.__code__, chosen)
        GLOBAL
        call()
        data = sent()
        call()
    finally:
        if KEEP:
            sys.monitoring.set_events(tool, 0)
            for function in functions:
                sys.monitoring.set_local_events(tool, function.__code__, 0)
            sys.monitoring.free_tool_id(tool)
    assert seen
    return data
"""


def monitoring(events, answer="seen.append(1)", everywhere="pass", keep="True"):
    text = MONITORING.replace("EVENTS", events).replace("ANSWER", answer)
    return text.replace("GLOBAL", everywhere).replace("KEEP", keep)


LOCAL = (
    "events.LINE | events.INSTRUCTION | events.JUMP | events.PY_START | events.PY_RETURN"
    " | events.PY_YIELD | events.CALL | (events.BRANCH if sys.version_info < (3, 14) else"
    " events.BRANCH_LEFT | events.BRANCH_RIGHT)"
)
WATCHERS = {
    "warm": """
def watch(functions, call, sent):
    for _ in range(10_000):
        call()
    return sent()
""",
    "warm with other types": """
def watch(functions, call, sent):
    for value in (1, 1.5, True):
        for _ in range(500):
            functions[0]([value] * 2)
            functions[5](value)
    return sent()
""",
    "settrace": SETTRACE.replace("OPCODES", "pass"),
    "settrace of opcodes": SETTRACE.replace("OPCODES", "frame.f_trace_opcodes = True"),
    "settrace without lines": SETTRACE.replace("OPCODES", "frame.f_trace_lines = len(events) < 50"),
    "settrace that stays": SETTRACE.replace("OPCODES", "pass").replace(
        "sys.settrace(None)", "pass"
    ),
    "setprofile": """
import sys
def watch(functions, call, sent):
    seen = []
    sys.setprofile(lambda *a: seen.append(a[1]))
    try:
        call()
        data = sent()
        call()
    finally:
        sys.setprofile(None)
    assert "call" in seen
    return data
""",
    "cProfile": """
import cProfile
def watch(functions, call, sent):
    with cProfile.Profile() as profile:
        call()
        data = sent()
        call()
    assert profile.getstats()
    return data
""",
    "trace": """
import trace
def watch(functions, call, sent):
    tracer = trace.Trace(trace=0, count=1)
    tracer.runfunc(call)
    data = tracer.runfunc(sent)
    assert tracer.results().counts
    return data
""",
    "a breakpoint": """
import bdb
class Debugger(bdb.Bdb):
    def user_line(self, frame):
        if frame.f_code.co_name == "work":
            self.stops += 1
        self.set_continue()
def watch(functions, call, sent):
    debugger = Debugger()
    debugger.stops = 0
    code = functions[0].__code__
    assert debugger.set_break(code.co_filename, code.co_firstlineno + 4) is None
    debugger.set_trace()
    call()
    data = sent()
    call()
    debugger.clear_all_breaks()
    debugger.set_quit()
    import sys
    sys.settrace(None)
    assert debugger.stops
    return data
""",
    "a local monitor": monitoring(LOCAL),
    "a monitor that disables itself": monitoring(
        "events.LINE | events.INSTRUCTION", "(seen.append(1), sys.monitoring.DISABLE)[1]"
    ),
    "a global monitor": monitoring(
        "events.LINE | events.PY_START", everywhere="sys.monitoring.set_events(tool, chosen)"
    ),
    "a monitor that stays": monitoring(LOCAL, keep="False"),
    "two monitors and a tracer": monitoring(
        LOCAL, everywhere="sys.settrace(lambda *a: None); sys.setprofile(lambda *a: None)"
    ),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a function that runs the job watched and gives its pickles during and after."""
    import subprocess

    folder = tmp_path_factory.mktemp("job")
    (folder / "job.py").write_text(JOB)

    def start(watcher, *command, **variables):
        (folder / "watching.py").write_text(watcher)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
        done = subprocess.run(
            [sys.executable, "-B", *(command or ["job.py"])],
            cwd=folder,
            env={**kept, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        lines = [line for line in done.stdout.splitlines() if line.startswith("[[")]
        return ast.literal_eval(lines[0])

    return start


@pytest.fixture(scope="module")
def unwatched(run):
    during, after = run(PLAIN)
    assert during == after
    return after


@pytest.mark.parametrize("watcher", WATCHERS)
def test_what_watches_changes_no_byte(run, unwatched, watcher):
    if "sys.monitoring" in WATCHERS[watcher] and sys.version_info < (3, 12):
        pytest.skip("sys.monitoring came with 3.12")
    assert run(WATCHERS[watcher]) == [unwatched, unwatched]


COVERAGE = """
import coverage, sys
def watch(functions, call, sent):
    measured = coverage.Coverage(data_file=None, branch=BRANCH, include=["job.py"])
    measured.start()
    call()
    data = sent()
    call()
    measured.stop()
    import os
    assert measured.get_data().lines(os.path.abspath("job.py"))
    return data
"""
CORES = ["ctrace", "pytrace", "sysmon"]


def skip_unless_there_is(core, branch):
    pytest.importorskip("coverage", reason="coverage is not installed")
    if core == "sysmon" and sys.version_info < ((3, 14) if branch else (3, 12)):
        pytest.skip("coverage measures by sys.monitoring since 3.12, branches since 3.14")


@pytest.mark.parametrize("branch", [False, True], ids=["lines", "branches"])
@pytest.mark.parametrize("core", CORES)
def test_coverage_measured_by_its_api(run, unwatched, core, branch):
    skip_unless_there_is(core, branch)
    watcher = COVERAGE.replace("BRANCH", str(branch))
    assert run(watcher, COVERAGE_CORE=core) == [unwatched, unwatched]


@pytest.mark.parametrize("core", CORES)
def test_coverage_of_a_whole_program(run, unwatched, core):
    skip_unless_there_is(core, False)
    command = ["-m", "coverage", "run", "--data-file=measured", "job.py"]
    assert run(PLAIN, *command, COVERAGE_CORE=core) == [unwatched, unwatched]


# These programs run the job in a namespace of their own making, so the bytes may be others.
@pytest.mark.parametrize(
    "command",
    [
        ["-m", "cProfile", "job.py"],
        ["-m", "trace", "--count", "--no-report", "job.py"],
        ["-m", "trace", "--listfuncs", "job.py"],
        ["-m", "trace", "--trackcalls", "job.py"],
        ["-m", "timeit", "-n", "1", "-r", "1", "import job; job.main()"],
        ["-m", "profile", "job.py"],
    ],
    ids=lambda command: " ".join(command[1:4]),
)
def test_programs_that_watch_another(run, unwatched, command):
    if command[1] == "profile" and sys.version_info >= (3, 15):
        command = ["-W", "ignore", *command]
    during, after = run(PLAIN, *command)
    assert during == after
    assert len(after) == len(unwatched)


def test_pdb_with_breakpoints(run, unwatched):
    commands = ["b job.py:9", "b job.py:21", "b job.py:38", *["c"] * 60]
    options = [part for command in commands for part in ("-c", command)]
    during, after = run(PLAIN.replace("    ", "    call()\n    "), "-m", "pdb", *options, "job.py")
    assert during == after
    assert len(after) == len(unwatched)


def test_a_loaded_function_is_sent_on_while_traced(python, write):
    write(
        "job.py",
        """\
        import pickle, sys, sourcepickle
        f = lambda x: [y + 1 for y in x]
        data = sourcepickle.dumps(f, by_source=True)
        loaded = pickle.loads(data)
        def trace(frame, *rest):
            frame.f_trace_opcodes = True
            return trace
        sys.settrace(trace)
        loaded([1])
        assert pickle.loads(data)([1]) == [2]
        assert sourcepickle.dumps(loaded, by_source=True) == data
        """,
    )
    python("job.py")
