"""Writers and readers that run under other options."""

import importlib.util
import itertools
import os
import pickle
import py_compile
import subprocess
import sys
import warnings

import pytest

JOB = '''\
import sys
import sourcepickle

def work(x):
    """Documented."""
    assert x > 0, "not positive"
    if __debug__:
        mode = "debug"
    else:
        mode = "optimised"
    def inner(y):
        "Inner."
        assert y > x, "too small"
        return x + y
    return mode, inner, (lambda z: [z + w for w in range(x)])

class C:
    "A class."
    def method(self):
        "A method."
        assert self
        return "C"

def only_docstring():
    """Nothing else."""

def only_assert(x):
    assert x

pair = lambda: "first", lambda: "second"

if __name__ == "__main__":
    kept = [work, C.method, only_docstring, only_assert, *pair, work(1)[1]]
    sys.stdout.write(sourcepickle.dumps(kept, by_source=True).hex())
'''

READ = """\
import pickle, sys
work, method, only_docstring, only_assert, first, second, inner = pickle.loads(
    bytes.fromhex(sys.stdin.read())
)
def fails(function, *arguments):
    try:
        function(*arguments)
    except AssertionError as error:
        return str(error)
mode, made, listed = work(2)
print([
    mode, made(3), listed(1), first(), second(), inner(2), method(1),
    work.__doc__, made.__doc__, method.__doc__, only_docstring.__doc__,
    fails(work, 0), fails(made, 1), fails(method, 0), fails(only_assert, 0), fails(inner, 0),
    only_docstring(), only_assert(1),
])
"""


def environment(**variables):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
    return {**kept, **variables}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("flags")
    (path / "job.py").write_text(JOB)
    (path / "read.py").write_text(READ)
    return path


@pytest.fixture(scope="module")
def run(folder):
    def start(*command, input=None, **variables):
        done = subprocess.run(
            [sys.executable, *map(str, command)],
            input=input,
            cwd=folder,
            env=environment(**variables),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    return start


@pytest.fixture(scope="module")
def write_once(run):
    done = {}

    def once(*flags, **variables):
        key = (flags, *variables.items())
        if key not in done:
            done[key] = run(*flags, "job.py", **variables)
        return done[key]

    return once


def expected(level):
    asserts = ["not positive", "too small", "", "", "too small"] if level == 0 else [None] * 5
    documents = ["Documented.", "Inner.", "A method.", "Nothing else."] if level < 2 else [None] * 4
    mode = "debug" if level == 0 else "optimised"
    values = [mode, 5, [1, 2], "first", "second", 3, "C", *documents, *asserts, None, None]
    return str(values)


LEVELS = {0: (), 1: ("-O",), 2: ("-OO",)}


@pytest.mark.parametrize(("writer", "reader"), list(itertools.product(LEVELS, LEVELS)))
def test_asserts_are_the_readers(run, write_once, writer, reader):
    data = write_once(*LEVELS[writer])
    assert run(*LEVELS[reader], "read.py", input=data) == expected(reader)


def test_docstrings_are_kept_only_where_code_keeps_them(run, write_once):
    """A writer under -OO has none to send, and a reader under -OO keeps none."""
    for writer, reader in itertools.product(LEVELS, LEVELS):
        answer = run(*LEVELS[reader], "read.py", input=write_once(*LEVELS[writer]))
        assert ("Documented." in answer) == (reader < 2)


OPTIONS = [
    (("-B", "-u", "-E", "-s"), {}),
    (("-I", "-bb"), {}),
    (("-P", "-v"), {}),
    (("-X", "dev"), {}),
    (("-X", "tracemalloc", "-X", "importtime", "-X", "faulthandler"), {}),
    (("-X", "utf8=0"), {"LC_ALL": "C"}),
    (("-X", "utf8=0"), {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"}),
    (("-X", "no_debug_ranges", "-X", "perf"), {}),
    (("-X", "frozen_modules=on"), {}),
    (("-X", "frozen_modules=off"), {}),
    (("-W", "error", "-X", "dev"), {}),
    ((), {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "1", "PYTHON_JIT": "1"}),
    ((), {"PYTHONMALLOC": "debug", "PYTHONIOENCODING": "ascii", "PYTHONNODEBUGRANGES": "1"}),
]


def named(option):
    return " ".join([*option[0], *(f"{k}={v}" for k, v in option[1].items())])


@pytest.mark.parametrize("option", OPTIONS, ids=named)
def test_options_of_the_writer_and_of_the_reader(run, write_once, option):
    flags, variables = option
    if "-P" in flags and sys.version_info < (3, 11):
        pytest.skip("-P came with 3.11")
    data = run(*flags, "job.py", **variables)
    assert data == write_once()
    assert run(*flags, "read.py", input=data, **variables) == expected(0)


POSITIONS = """\
import importlib.util, pickle, sys
sys.path.insert(0, ".")
import MODULE, sourcepickle
assert MODULE.__spec__.cached
columns = [p[2] for p in MODULE.work.__code__.co_positions()]
assert any(columns) == COLUMNS, columns
sourcepickle.register_pickle_by_value(MODULE)
kept = [MODULE.work, MODULE.C.method, MODULE.only_docstring, MODULE.only_assert]
kept += [*MODULE.pair, MODULE.work(1)[1]]
sys.stdout.write(sourcepickle.dumps(kept, by_source=True).hex())
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="columns came with 3.11")
@pytest.mark.parametrize("running", ["with columns", "without columns"])
@pytest.mark.parametrize("stored", ["with columns", "without columns"])
def test_stored_bytecode_with_and_without_columns(run, folder, stored, running):
    name = f"stored_{stored}_running_{running}".replace(" columns", "")
    path = folder / f"{name}.py"
    path.write_text(JOB + "\nsame, again = [lambda: 1, lambda: 1]\n")
    flags = {"with columns": [], "without columns": ["-X", "no_debug_ranges"]}
    run(*flags[stored], "-m", "py_compile", path)
    # Without columns a stored file with them is still read with them.
    program = POSITIONS.replace("MODULE", name).replace(
        "COLUMNS", str(stored == running == "with columns")
    )
    if stored == "with columns" and running == "without columns":
        program = program.replace("assert any", "any")
    (folder / f"dump_{name}.py").write_text(program)
    data = run(*flags[running], f"dump_{name}.py")
    assert run("read.py", input=data) == expected(0)
    assert run("-X", "no_debug_ranges", "read.py", input=data) == expected(0)


@pytest.mark.parametrize("writer", LEVELS)
@pytest.mark.parametrize("stored", LEVELS)
def test_bytecode_of_another_optimisation(run, folder, writer, stored):
    """A cache of one level that a run of another level imports from bytecode alone."""
    name = f"level_{writer}_{stored}"
    path = folder / f"{name}.py"
    path.write_text(JOB)
    target = importlib.util.cache_from_source(str(path), optimization=writer or "")
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(path), target, doraise=True, optimize=stored, invalidation_mode=mode)
    program = (
        "import sys; sys.path.insert(0, '.')\n"
        f"import {name} as m, sourcepickle\n"
        "sourcepickle.register_pickle_by_value(m)\n"
        "kept = [m.work, m.C.method, m.only_docstring, m.only_assert, *m.pair, m.work(1)[1]]\n"
        "try:\n    print(sourcepickle.dumps(kept, by_source=True).hex())\n"
        "except sourcepickle.SourceMismatchError:\n    print('refused')\n"
    )
    (folder / f"dump_{name}.py").write_text(program)
    answer = run(*LEVELS[writer], f"dump_{name}.py")
    if writer == stored or answer != "refused":
        assert run("read.py", input=answer) == expected(0)


FUTURES = {
    "annotations": (
        "def f(x: undefined) -> [1][5]:\n    y: no_such = x\n    return y, lambda z: z\n",
        "(f.__annotations__['x'], f(1)[0], f(1)[1](2))",
        ("undefined", 1, 2),
    ),
    "barry_as_FLUFL": (
        "def f(x):\n    return x <> 1, [y for y in range(3) if y <> 1], (lambda z: z <> x)(x)\n",
        "(f(1), f(2))",
        ((False, [0, 2], False), (True, [0, 2], False)),
    ),
    "generator_stop": (
        "def f(x):\n    yield x\n    yield from [x + 1]\n",
        "list(f(1))",
        [1, 2],
    ),
    "division": ("f = lambda x: x / 2\n", "f(3)", 1.5),
    "annotations, barry_as_FLUFL": (
        "g, f = lambda x: x <> 2, lambda x: x <> 1\n",
        "(f(1), f(2))",
        (False, True),
    ),
    "": ("f = lambda x: x != 1\n", "(f(1), f(2))", (False, True)),
}
# Before 3.15 the compiler took ``<>`` by its flag alone, not by the file's own statement.
WRITE_FUTURE = """\
from __future__ import {mine}
import __future__
import sys
import sourcepickle

flags = 0
for name in {names!r}:
    flags |= getattr(__future__, name).compiler_flag
with open("future.py") as file:
    text = file.read()
names = {{"__name__": "future"}}
exec(compile(text, "future.py", "exec", flags, dont_inherit=True), names)
sys.stdout.write(sourcepickle.dumps(names["f"], by_source=True).hex())
"""
READ_FUTURE = """\
from __future__ import {mine}
import pickle, sys
f = pickle.loads(bytes.fromhex(sys.stdin.read()))
print({expression})
"""
OTHERS = ["annotations", "barry_as_FLUFL", "generator_stop, division"]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("future", FUTURES, ids=lambda future: future or "none")
def test_future_statements_hold_where_others_are_in_force(run, folder, future, other):
    """Neither those of the module that dumps nor those of the one that loads count."""
    text, expression, value = FUTURES[future]
    (folder / "future.py").write_text(text)
    names = future.split(", ") if future else []
    (folder / "write_future.py").write_text(WRITE_FUTURE.format(mine=other, names=names))
    (folder / "read_future.py").write_text(READ_FUTURE.format(mine=other, expression=expression))
    assert run("read_future.py", input=run("write_future.py")) == str(value)


@pytest.mark.parametrize("future", ["annotations", "generator_stop", "division"])
def test_future_statements_of_a_program(run, folder, future):
    text, expression, value = FUTURES[future]
    (folder / "future_job.py").write_text(
        f"from __future__ import {future}\nimport sys, sourcepickle\n{text}"
        "sys.stdout.write(sourcepickle.dumps(f, by_source=True).hex())\n"
    )
    program = READ_FUTURE.format(mine="nested_scopes", expression=expression)
    (folder / "read_future_job.py").write_text(program)
    assert run("read_future_job.py", input=run("future_job.py")) == str(value)


WARNING = r"""
def f(x):
    "Escapes \d that are none."
    return x is 1, "\d", b"\d", (1)if x else(2)

def g(x):
    assert (x, "always true")
    return lambda: "\w"

def h(x):
    try:
        return 1
    finally:
        return x

pair = lambda x: x is 1, lambda x: "\d" + x
"""


@pytest.mark.parametrize("action", ["error", "error::SyntaxWarning", "always"])
def test_text_that_the_compiler_warns_of(run, folder, action):
    (folder / "warned.py").write_text(WARNING)
    run("-W", "ignore", "-m", "py_compile", "warned.py")
    (folder / "dump_warned.py").write_text(
        "import sys\nsys.path.insert(0, '.')\nimport warned, sourcepickle\n"
        "sourcepickle.register_pickle_by_value(warned)\n"
        "kept = [warned.f, warned.g, warned.h, *warned.pair, warned.g(1)]\n"
        "data = sourcepickle.dumps(kept, by_source=True)\n"
        "assert sourcepickle.dumps(kept, by_source=True) == data\n"
        "sys.stdout.write(data.hex())\n"
    )
    (folder / "read_warned.py").write_text(
        "import pickle, sys\ndata = bytes.fromhex(sys.stdin.read())\n"
        "f, g, h, a, b, w = pickle.loads(data)\n"
        "print(f(1), g(1)(), h(2), a(1), b('x'), w())\n"
    )
    data = run("-W", action, "dump_warned.py")
    shown = run("-W", action, "read_warned.py", input=data)
    assert shown == r"(True, '\\d', b'\\d', 1) \w 2 True \dx \w"


def test_warnings_made_errors_after_the_import(imported, dumps, write):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = imported(WARNING.encode())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = pickle.loads(dumps([module.f, module.g, module.h, *module.pair]))
    assert loaded[0](1) == (True, "\\d", b"\\d", 1)
    assert loaded[2](5) == 5


def test_filters_that_the_user_set_stay_as_they_are(imported, dumps):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = imported(WARNING.encode())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        counts = []
        for _ in range(3):
            pickle.loads(dumps([module.f, module.pair]))
            counts.append(len(warnings.filters))
        assert [one for one in warnings.filters if one in before] == before
        assert counts[0] == counts[-1] <= len(before) + 1
        with pytest.raises(UserWarning):
            warnings.warn("still an error", stacklevel=1)


def test_functions_of_the_standard_library_frozen_or_not(run, folder):
    (folder / "frozen.py").write_text(
        "import os.path, pickle, sourcepickle, sys\n"
        "for module, name, value in (os.path, 'basename', 'b'), (os, 'fspath', '/a/b'):\n"
        "    sourcepickle.register_pickle_by_value(module)\n"
        "    try:\n        data = sourcepickle.dumps(getattr(module, name), by_source=True)\n"
        "    except sourcepickle.SourceNotFoundError:\n        print('refused')\n"
        "    else:\n        print(pickle.loads(data)('/a/b') == value)\n"
        "    sourcepickle.unregister_pickle_by_value(module)\n"
    )
    assert set(run("-X", "frozen_modules=off", "frozen.py").split()) == {"True"}
    assert set(run("-X", "frozen_modules=on", "frozen.py").split()) <= {"True", "refused"}


DEBUGGED = """
import sys, sourcepickle
def helper(x): return x > 0
def only_debugging(x): return "debugging"
def only_optimised(x): return "optimised"
def f(x):
    assert helper(x), "negative"
    if __debug__:
        return only_debugging(x)
    else:
        return only_optimised(x)
sys.stdout.write(sourcepickle.dumps(f, by_source=True).hex())
"""


@pytest.mark.parametrize("writer", LEVELS)
def test_what_another_level_reads_comes_along(run, folder, writer):
    (folder / "debugged.py").write_text(DEBUGGED)
    data = run(*LEVELS[writer], "debugged.py")
    program = f"import pickle; print(pickle.loads(bytes.fromhex({data!r}))(1))"
    assert run("-c", program).strip() == "debugging"
    assert run("-O", "-c", program).strip() == "optimised"
