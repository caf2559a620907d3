"""IPython's shell without a kernel: cells, files it runs and modules it loads again."""

import pytest

pytest.importorskip("IPython", reason="IPython is not installed")

START = """
import pickle, sys, time
from pathlib import Path
import sourcepickle
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
def run(cell):
    shell.run_cell(cell, store_history=True).raise_error()
def dumps(name):
    return sourcepickle.dumps(shell.user_ns[name], by_source=True)
def sent(name):
    return pickle.loads(dumps(name))
"""


@pytest.fixture
def session(python, write):
    def run(program):
        folder = write("session.py", START + program).parent
        env = {"IPYTHONDIR": str(folder / "ipython"), "TERM": "dumb"}
        return python("session.py", env=env)

    return run


CELLS = {
    "redefined": """
run("def f(x):\\n    return x + 1")
run("old = f")
run("def f(x):\\n    return x + 2")
assert (sent("old")(1), sent("f")(1)) == (2, 3)
""",
    "import": """
run("import json\\ndef f(x):\\n    return json.dumps(x)")
assert sent("f")([1]) == "[1]"
""",
    "lambdas": """
run("a, b = lambda x: x + 1, lambda x: x + 2")
assert (sent("a")(1), sent("b")(1)) == (2, 3)
""",
    "echoed": """
run("lambda x: x + 40")
assert sent("_")(2) == 42
""",
    "await": """
run("import asyncio\\nvalue = await asyncio.sleep(0, 5)\\ndef f():\\n    return value")
assert sent("f")() == 5
""",
    "magic": """
run("%time 1\\ndef f(x):\\n    return x * 3\\n%pwd")
assert sent("f")(2) == 6
""",
    "closure": """
run("def outer(k):\\n    def inner(x):\\n        return x + k\\n    return inner\\ng = outer(3)")
assert sent("g")(2) == 5
""",
    "class": """
run("class C:\\n    def m(self):\\n        return __class__.__name__")
assert sent("C")().m() == "C"
""",
}


@pytest.mark.parametrize("kind", CELLS)
def test_functions_of_cells(session, kind):
    session(CELLS[kind])


def test_a_file_run_by_the_run_magic(session, write):
    write("job.py", "import json\n\ndef f(x):\n    return json.dumps(x)\n\ng = lambda x: -x\n")
    session("""
run("%run job.py")
assert sent("f")([1]) == "[1]"
assert sent("g")(1) == -1
run("%run -i job.py")
assert sent("f")([2]) == "[2]"
""")


def test_a_file_edited_between_two_runs(session, write):
    write("job.py", "def f(x):\n    return x + 1\n")
    session("""
run("%run job.py")
assert sent("f")(1) == 2
run("old = f")
Path("job.py").write_text("def f(x):\\n    return x + 22  # edited\\n")
run("%run job.py")
assert sent("f")(1) == 23
try:
    assert sent("old")(1) == 2
except sourcepickle.SourceMismatchError:
    pass
""")


def test_a_module_loaded_again_by_autoreload(session, write):
    write("tools.py", "def f(x):\n    return x + 1\n")
    session("""
sys.path.insert(0, ".")
import tools
sourcepickle.register_pickle_by_value(tools)
run("%load_ext autoreload\\n%autoreload 2")
run("import tools\\nf = tools.f")
assert sent("f")(1) == 2
Path("tools.py").write_text("def f(x):\\n    return x + 22  # edited\\n")
run("g = tools.f")
assert shell.user_ns["g"](1) == 23
assert sent("g")(1) == 23
""")


def test_a_cell_dumped_in_the_cell_that_defines_it(session):
    session("""
run(
    "import sourcepickle, pickle\\n"
    "f = lambda x: x + 5\\n"
    "assert pickle.loads(sourcepickle.dumps(f, by_source=True))(1) == 6"
)
""")


def test_cells_of_the_terminal_program(python, write):
    write(
        "cells.ipy",
        """\
        import json, pickle, sourcepickle
        %time 1
        def f(x):
            return json.dumps(x)

        g = lambda x: x + 1
        print(pickle.loads(sourcepickle.dumps(f, by_source=True))([1]))
        print(pickle.loads(sourcepickle.dumps(g, by_source=True))(1))
        """,
    )
    printed = python("-m", "IPython", "--quick", "--colors=NoColor", "cells.ipy")
    assert printed.splitlines()[-2:] == ["[1]", "2"]
