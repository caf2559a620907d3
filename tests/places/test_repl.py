"""The prompts of the plain interpreter on a terminal, ``-c``, and a program on standard input."""

import os
import pickle
import re
import select
import subprocess
import sys
import time

import pytest

pty = pytest.importorskip("pty", reason="this platform has no pseudo terminals")

# Since 3.13 linecache is given the text of what is typed and of -c.
KEPT = sys.version_info >= (3, 13)
kinds = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(
            "new", marks=pytest.mark.skipif(not KEPT, reason="the new prompt came with 3.13")
        ),
        "basic",
    ],
)

REPORT = """\
import pickle, sourcepickle
def report(name, function):
    try:
        data = sourcepickle.dumps(function, by_source=True)
    except pickle.PicklingError as error:
        data = pickle.dumps((type(error).__name__, str(error)))
    with open(name + ".pickle", "wb") as file:
        file.write(data)
"""
ESCAPE = re.compile(r"\x1b(\[[0-9;?<>=]*[a-zA-Z~]|[()][A-Z0-9]|[=>78])|[\x0e\x0f\x07]")


class Terminal:
    """A prompt on a pseudo terminal that is sent one statement at a time."""

    def __init__(self, folder, kind):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
        kept.update(TERM="xterm", PYTHON_HISTORY=str(folder / "history"), LC_ALL="C.UTF-8")
        kept.update(PYTHONPATH=str(folder), PYTHON_COLORS="0", HOME=str(folder))
        if kind == "basic":
            kept["PYTHON_BASIC_REPL"] = "1"
        self.folder, self.kind = folder, kind
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-q"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=kept,
            start_new_session=True,
        )
        os.close(slave)
        self.printed = ""
        self._wait()

    def _wait(self):
        seen, deadline = "", time.monotonic() + 30
        while time.monotonic() < deadline:
            if select.select([self.master], [], [], 0.03)[0]:
                seen += os.read(self.master, 65536).decode(errors="replace")
            elif ESCAPE.sub("", seen).endswith(">>> "):
                self.printed += seen
                return
            elif self.kind == "new" and ESCAPE.sub("", seen).endswith("... "):
                seen += "\n"
                os.write(self.master, b"\r")  # versions differ in how many empty lines end a block
        pytest.fail(f"no prompt after {seen!r}")

    def type(self, *lines):
        for line in lines[:-1]:
            os.write(self.master, line.encode() + b"\r")
        os.write(self.master, lines[-1].encode() + b"\r")
        self._wait()

    def paste(self, text):
        if self.kind == "new":
            os.write(self.master, b"\x1b[200~" + text.encode() + b"\x1b[201~\r")
            self._wait()
        else:
            self.type(*text.split("\n"))

    def sent(self, expression):
        self.type(f"report('sent', {expression})")
        path = self.folder / "sent.pickle"
        loaded = pickle.loads(path.read_bytes())
        path.unlink()
        return loaded

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(tmp_path, request, write):
    write("reporting.py", REPORT)
    made = []

    def start(kind):
        made.append(Terminal(tmp_path, kind))
        made[0].type("from reporting import report")
        assert ("\x1b[?2004h" in made[0].printed) or kind == "basic"
        return made[0]

    yield start
    for one in made:
        one.close()


def held(answer):
    """Return whether a function came; on versions that keep no text the clear error did."""
    if KEPT:
        assert not isinstance(answer, tuple), answer
        assert answer.__code__.co_filename.startswith("<sourcepickle <")
        return True
    assert answer[0] == "SourceNotFoundError"
    assert "__source__" in answer[1]
    return False


@kinds
def test_functions_of_the_prompt(terminal, kind):
    prompt = terminal(kind)
    prompt.type("import json")
    prompt.paste("def f(x):\n    return json.dumps(x)\n")
    if held(prompt.sent("f")):
        assert prompt.sent("f")([1]) == "[1]"
    prompt.type("old = f")
    prompt.paste("def f(x):\n    y = 'ä'\n    return x, y\n")
    if held(prompt.sent("f")):
        assert prompt.sent("f")(1) == (1, "ä")
        assert prompt.sent("old")([2]) == "[2]"


@kinds
def test_lambdas_of_the_prompt(terminal, kind):
    prompt = terminal(kind)
    prompt.type("a, b = lambda x: x + 1, lambda x: x + 2; c = [lambda x: (lambda: x + 3)]")
    prompt.type("lambda x: x + 40")
    if held(prompt.sent("_")):
        prompt.type("lambda x: x + 40")
        assert prompt.sent("_")(2) == 42
        assert prompt.sent("a")(0) == 1
        assert prompt.sent("b")(0) == 2
        assert prompt.sent("c[0]")(0)() == 3


@kinds
def test_an_import_on_the_functions_own_line(terminal, kind):
    prompt = terminal(kind)
    prompt.type("import json; f = lambda x: json.dumps(x)")
    if held(prompt.sent("f")):
        assert prompt.sent("f")([1]) == "[1]"


@kinds
def test_closures_and_nested_functions_of_the_prompt(terminal, kind):
    prompt = terminal(kind)
    prompt.paste("def outer(k):\n    def inner(x):\n        return x + k\n    return inner\n")
    prompt.type("g = outer(3)")
    if held(prompt.sent("g")):
        assert prompt.sent("g")(1) == 4
        assert prompt.sent("outer")(5)(1) == 6


@kinds
def test_methods_of_a_class_of_the_prompt(terminal, kind):
    prompt = terminal(kind)
    prompt.paste(
        "class C:\n    def __init__(self):\n        self.__x = 7\n    x = lambda s: s.__x\n"
    )
    if held(prompt.sent("C.x")):
        assert prompt.sent("C().x")() == 7


@kinds
def test_several_statements_pasted_at_once(terminal, kind):
    prompt = terminal(kind)
    if kind == "new":
        prompt.paste("import json\ndef f(x):\n    return json.dumps(x)\ng = lambda x: [x]\n")
    else:
        prompt.type("import json", "def f(x):", "    return json.dumps(x)", "", "g = lambda x: [x]")
        prompt.type("")
    if held(prompt.sent("f")):
        assert prompt.sent("f")([1]) == "[1]"
    if held(prompt.sent("g")):
        assert prompt.sent("g")(1) == [1]


@pytest.mark.skipif(not KEPT, reason="the new prompt came with 3.13")
def test_a_def_typed_with_automatic_indentation(terminal):
    prompt = terminal("new")
    prompt.type("def f(x):", "return x + 5", "", "")
    assert prompt.sent("f")(1) == 6


@kinds
def test_a_function_that_is_typed_twice(terminal, kind):
    prompt = terminal(kind)
    for k in (1, 2):
        prompt.type(f"f = lambda x: x + {k}")
        if held(prompt.sent("f")):
            assert prompt.sent("f")(0) == k


DUMP = "import reporting; reporting.report('sent', f); reporting.report('second', g)"


def answers(folder):
    return [pickle.loads((folder / f"{name}.pickle").read_bytes()) for name in ("sent", "second")]


@pytest.mark.parametrize(
    "program",
    [
        "import json\ndef f(x):\n    return json.dumps(x)\ng = lambda x: [x]\n",
        "\n    import json\n    def f(x):\n        return json.dumps(x)\n    g = lambda x: [x]\n",
        "import json; f, g = lambda x: json.dumps(x), lambda x: [x]\n",
    ],
    ids=["plain", "indented", "one line"],
)
def test_the_command_line_option(python, write, tmp_path, program):
    if program.startswith("\n ") and sys.version_info < (3, 14):
        pytest.skip("-c removes common indentation since 3.14")
    write("reporting.py", REPORT)
    indentation = " " * 4 if program.startswith("\n ") else ""
    python("-c", program + indentation + DUMP, env={"PYTHONPATH": str(tmp_path)})
    f, g = answers(tmp_path)
    if held(f) and held(g):
        assert (f([1]), g(1)) == ("[1]", [1])


@pytest.mark.parametrize("arguments", [(), ("-",)], ids=["no argument", "a dash"])
def test_a_program_on_standard_input_has_no_text(python, write, tmp_path, arguments):
    write("reporting.py", REPORT)
    program = "def f(x):\n    return x + 1\ng = lambda x: [x]\n" + DUMP + "\n"
    python(*arguments, input=program, env={"PYTHONPATH": str(tmp_path)})
    for answer in answers(tmp_path):
        assert answer[0] == "SourceNotFoundError"
        assert "__source__" in answer[1]


def test_an_interactive_run_after_a_file(python, write, tmp_path):
    write("reporting.py", REPORT)
    write("job.py", "import json\ndef f(x):\n    return json.dumps(x)\ng = lambda x: [x]\n")
    python("-i", "-q", "job.py", input=DUMP + "\n", env={"PYTHONPATH": str(tmp_path)})
    f, g = answers(tmp_path)
    assert (f([1]), g(1)) == ("[1]", [1])
