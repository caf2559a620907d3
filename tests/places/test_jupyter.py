"""Cells of a real kernel: old and new definitions, magics, await, and what a cell echoes."""

import pickle
from queue import Empty

import pytest

jupyter_client = pytest.importorskip("jupyter_client", reason="jupyter_client is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

HELPERS = """
import pickle, sourcepickle
def refusal(f):
    try:
        sourcepickle.dumps(f, by_source=True)
    except pickle.PicklingError as error:
        return type(error).__name__
"""


class Kernel:
    def __init__(self, client):
        self.client = client
        self.silent = False

    def run(self, cell):
        """Run a cell as a notebook does and return what it printed."""
        if self.silent:
            pytest.fail("the kernel gave no answer to an earlier cell")
        message = self.client.execute(cell, allow_stdin=False)
        printed = []
        while True:
            try:
                answer = self.client.get_iopub_msg(timeout=60)
            except Empty:
                self.silent = True
                pytest.fail(f"the kernel gave no answer to {cell!r}")
            if answer["parent_header"].get("msg_id") != message:
                continue
            kind, content = answer["msg_type"], answer["content"]
            if kind == "stream" and content["name"] == "stdout":
                printed.append(content["text"])
            elif kind == "error":
                pytest.fail("\n".join(content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                return "".join(printed).strip()

    def sent(self, expression):
        """Return what an object of the kernel is in this process."""
        data = self.run(f"print(sourcepickle.dumps({expression}, by_source=True).hex())")
        return pickle.loads(bytes.fromhex(data))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernel")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
        patch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        manager, client = jupyter_client.manager.start_new_kernel(
            startup_timeout=60, kernel_name="python3", cwd=str(folder)
        )
        kernel = Kernel(client)
        kernel.run(HELPERS)
        yield kernel
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(shared):
    shared.run(f"%reset -f\n{HELPERS}")
    return shared


def test_a_function_redefined_in_a_later_cell(kernel):
    kernel.run("def f(x):\n    return x + 1")
    kernel.run("old = f")
    kernel.run("def f(x):\n    return x + 2")
    old, new = kernel.sent("old"), kernel.sent("f")
    assert old(1) == 2
    assert new(1) == 3
    assert old.__code__.co_filename.startswith("<sourcepickle ")


def test_a_redefined_function_dumped_before_and_after(kernel):
    kernel.run("def f(x):\n    return 'first', x")
    assert kernel.sent("f")(1) == ("first", 1)
    kernel.run("old = f\ndef f(x):\n    return 'second', x")
    assert kernel.sent("(old, f)")[0](1) == ("first", 1)
    assert kernel.sent("(old, f)")[1](1) == ("second", 1)


def test_the_same_cell_run_again(kernel):
    for _ in range(2):
        kernel.run("f = lambda x: x * 7")
        assert kernel.sent("f")(6) == 42


def test_an_import_in_the_functions_cell(kernel):
    kernel.run("import json\n\ndef f(x):\n    return json.dumps(x)")
    assert kernel.sent("f")({"a": 1}) == '{"a": 1}'


def test_an_import_in_another_cell(kernel):
    kernel.run("import json as j, os.path")
    kernel.run("def f(x):\n    return j.dumps(x) + os.path.basename('/a/b')")
    assert kernel.sent("f")([1]) == "[1]b"


def test_a_lambda_as_the_cells_last_expression(kernel):
    kernel.run("k = 1\nlambda x: x + 41")
    assert kernel.sent("_")(1) == 42


def test_a_top_level_await_beside_a_def(kernel):
    kernel.run(
        "import asyncio\n"
        "before = await asyncio.sleep(0, 'slept')\n"
        "def f(x):\n    return x, before\n"
        "g = lambda x: [x]\n"
        "async def h(x):\n    return await asyncio.sleep(0, x)\n"
        "after = await h(3)"
    )
    assert kernel.sent("f")(1) == (1, "slept")
    assert kernel.sent("g")(1) == [1]
    with pytest.raises(StopIteration) as stopped:
        coroutine = kernel.sent("h")(5)
        coroutine.send(None)  # asyncio.sleep(0) yields once
        coroutine.send(None)
    assert stopped.value.value == 5


def test_an_awaiting_cell_whose_lambdas_share_the_line(kernel):
    kernel.run("import asyncio\na, b, c = lambda: 1, await asyncio.sleep(0, 2), lambda: 3")
    assert [kernel.sent("a")(), kernel.sent("b"), kernel.sent("c")()] == [1, 2, 3]


def test_a_line_magic_before_a_def(kernel):
    kernel.run("%time 1 + 1\ndef f(x):\n    return x - 1\n%matplotlib --list")
    assert kernel.sent("f")(1) == 0


def test_line_magics_and_shell_lines_around_functions(kernel):
    kernel.run(
        "%precision 3\n"
        "out = !echo hello\n"
        "def f(x):\n"
        "    return x, list(out)\n"
        "%pwd\n"
        "g = lambda x: x * 2"
    )
    assert kernel.sent("g")(4) == 8
    assert kernel.sent("f")(1) == (1, ["hello"])


def test_a_lambda_under_a_time_line_magic_is_sent_right_or_refused(kernel):
    kernel.run("%time f = lambda x: x + 1")
    kernel.run("def g(x):\n    return -x")
    refused = kernel.run("print(refusal(f))")
    assert refused in ("None", "SourceNotFoundError")
    if refused == "None":
        assert kernel.sent("f")(1) == 2


@pytest.mark.parametrize("magic", ["%%time", "%%time\n", "%%prun -q", "%%timeit -n1 -r1"])
def test_a_def_under_a_cell_magic_is_sent_right_or_refused(kernel, magic):
    kernel.run("keep = []")
    kernel.run(f"{magic}\ndef f(x):\n    return x + 'seven'\nkeep.append(f)")
    kernel.run("f = keep[-1]")
    refused = kernel.run("print(refusal(f))")
    assert refused in ("None", "SourceNotFoundError")
    if refused == "None":
        assert kernel.sent("f")("") == "seven"


def test_two_timed_cells_are_never_mixed_up(kernel):
    # IPython gives every timed cell the same file name.
    kernel.run("%%time\ndef f(x):\n    return x + 1\nold = f")
    kernel.run("%%time\ndef f(x):\n    return x + 2")
    for name, result in (("old", 2), ("f", 3)):
        if kernel.run(f"print(refusal({name}))") == "None":
            assert kernel.sent(name)(1) == result
        else:
            assert kernel.run(f"print(refusal({name}))") == "SourceNotFoundError"


def test_a_def_under_capture(kernel):
    kernel.run("%%capture\ndef f(x):\n    return x + 7\nprint(f(1))")
    assert kernel.sent("f")(0) == 7


def test_several_lambdas_on_a_line(kernel):
    kernel.run("é = 1; a, b, c = lambda x: x + 1, lambda x: x + 2, (lambda x: (lambda: x + 3))")
    assert kernel.sent("a")(0) == 1
    assert kernel.sent("b")(0) == 2
    assert kernel.sent("c")(0)() == 3


def test_a_class_with_methods(kernel):
    kernel.run(
        "class Base:\n"
        "    def name(self):\n"
        "        return 'base'\n"
        "class C(Base):\n"
        "    def __init__(self, x):\n"
        "        self.__x = x\n"
        "    def name(self):\n"
        "        return super().name() + str(self.__x)\n"
        "    @property\n"
        "    def twice(self):\n"
        "        return self.__x * 2\n"
        "    @staticmethod\n"
        "    def one():\n"
        "        return 1"
    )
    instance = kernel.sent("C")(4)
    assert (instance.name(), instance.twice, instance.one()) == ("base4", 8, 1)
    assert kernel.sent("C(5).name")() == "base5"


def test_closures(kernel):
    kernel.run(
        "def counter(k):\n"
        "    n = 0\n"
        "    def up():\n"
        "        nonlocal n\n"
        "        n += k\n"
        "        return n\n"
        "    return up, lambda: n\n"
        "pair = counter(3)"
    )
    up, seen = kernel.sent("pair")
    assert (up(), up(), seen()) == (3, 6, 6)


def test_a_cell_with_indented_text_and_trailing_blank_lines(kernel):
    kernel.run("\n\n    def f(x):\n        return '''a\n    b''', x\n\n\n")
    assert kernel.sent("f")(1)[1] == 1
    assert kernel.run("print(ascii(f(1)))") == ascii(kernel.sent("f")(1))


def test_a_cell_that_ends_in_a_silencing_semicolon(kernel):
    kernel.run("f = lambda x: x + 1; lambda x: x + 2;")
    assert kernel.sent("f")(0) == 1


def test_a_function_of_a_cell_that_failed_later(kernel):
    kernel.run("try:\n    exec('1/0')\nexcept ZeroDivisionError:\n    f = lambda x: x + 9")
    assert kernel.sent("f")(0) == 9


def test_the_text_of_exec_in_a_cell_is_not_the_cells(kernel):
    kernel.run("exec('def f(x):\\n    return x + 1')")
    assert kernel.run("print(refusal(f))") == "SourceNotFoundError"
