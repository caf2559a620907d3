"""Functions of files whose asserts pytest rewrites, run by a real pytest."""

import ast
import pickle
import pickletools
import subprocess
import sys

import pytest
import sourcepickle

# Kept with a name each; what the functions give is checked in a process that knows no pytest.
CHECKS = '''
import asyncio, functools, os.path
import math as m
import pytest

LIMIT = 10

def helper(x):
    assert x > 0
    return x

def message(x):
    """Documented."""
    assert x > 0, f"{x!r} is not positive"
    return x

def chained(x):
    assert 0 < x <= LIMIT != 11
    return x

def walrus(x):
    assert (y := x + 1) > 1 and y
    return y

def imported(path):
    assert os.path.basename(path) == "b", os.path.dirname(path)
    assert m.floor(2.5) == 2
    return m.ceil(1.5)

def boolean(a, b):
    assert a and (b or not a) or None
    return a, b

def contained(x):
    assert x in [1, 2, 3] and x not in {4}
    assert not isinstance(x, str)
    return [y for y in range(x) if y % 2]

def called(x):
    assert str(x).strip(" ").startswith("1"), ("bad", x)
    assert callable(len), "no"
    return x

def compared(a, b):
    assert a == b
    assert [*a, 1] == [*b, 1], {"a": a, **{"b": b}}
    assert a[0:1] == b[:1]
    return len(a)

def several(x):
    for y in x:
        assert y
        try:
            assert y != 3, "three"
        except AssertionError as error:
            return error.args
        finally:
            assert x
    else:
        assert x
    return y

def multiline(x):
    assert (
        x
        > 0
    ), (
        "two "
        "lines"
    )
    return x

def one_line(x): assert x; return x

def conditional(x):
    assert x if x > 1 else -x, "zero"
    assert (lambda y: y + 1)(x) == x + 1
    return f"{x:>{3}}"

def string(x):
    text = """
    assert x
"""
    assert text == "\\n    assert x\\n", text
    return text

def nested(x):
    def inner(y):
        assert y > x, "inner"
        return y
    assert x
    return inner

def closure(k):
    total = 0
    def add(x):
        nonlocal total
        assert x != k, "the same"
        total += x
        return total
    return add

async def coroutine(x):
    assert x > 0, "coroutine"
    await asyncio.sleep(0)
    assert await asyncio.sleep(0, x) == x
    return x

def generator(x):
    assert x
    yield x
    assert (yield x + 1) is None
    yield x + 2

def decorate(function):
    @functools.wraps(function)
    def inner(*args):
        assert args, "no arguments"
        return function(*args)
    return inner

@decorate
def decorated(x):
    assert x > 0
    return x

def beside(x):
    assert x; pair = (lambda y: y + x), (lambda y: y - x); assert pair
    return pair

before, after = lambda x: x + 1, lambda x: x + 2

def no_assert(x):
    return m.floor(x)

class C:
    limit = 3

    def method(self, x):
        assert x < self.limit, self.__name()
        return x

    def __name(self):
        assert self
        return "private"

    def supered(self):
        assert super().__init__() is None
        return __class__.__name__

@pytest.fixture
def fixture():
    made = [1]
    assert made
    return made

@pytest.fixture
def inner_function():
    def made_by_fixture(x):
        assert x == 5, "not five"
        return x
    return made_by_fixture

@pytest.mark.parametrize("value", [1, 2])
def test_marked(value):
    assert value

def functions():
    names = globals()
    picked = """helper message chained walrus imported boolean contained called compared several
    multiline one_line conditional string nested coroutine generator decorated beside before
    after no_assert test_marked""".split()
    kept = {name: names[name] for name in picked}
    kept["inner"] = nested(3)
    kept["closure"] = closure(7)
    kept["pair"] = beside(4)[1]
    kept["method"] = C.method
    kept["private"] = C._C__name
    kept["supered"] = C.supered
    kept["bound"] = C().method
    kept["fixture"] = fixture.__wrapped__
    return kept
'''
DUMP = """
import pickle as _pickle, sourcepickle as _sourcepickle, sys as _sys

def dump_to(prefix, functions, module):
    _sourcepickle.register_pickle_by_value(_sys.modules[module])
    for name, function in functions.items():
        try:
            data = _sourcepickle.dumps(function, by_source=True)
        except _pickle.PicklingError as error:
            data = _pickle.dumps(type(error).__name__)
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        line = code.co_firstlineno if code else None
        with open(f"{prefix}-{name}.pickle", "wb") as file:
            file.write(_pickle.dumps((data, line)))
"""
RESULTS = {
    "helper": [("f(4)", 4), ("raised(f, -1)", ("AssertionError", ()))],
    "message": [("f(4)", 4), ("raised(f, -1)", ("AssertionError", ("-1 is not positive",)))],
    "chained": [("f(10)", 10), ("raised(f, 11)", ("AssertionError", ()))],
    "walrus": [("f(1)", 2), ("raised(f, 0)", ("AssertionError", ()))],
    "imported": [("f('/a/b')", 2), ("raised(f, '/a/c')", ("AssertionError", ("/a",)))],
    "boolean": [("f(1, 2)", (1, 2)), ("raised(f, 0, 1)", ("AssertionError", ()))],
    "contained": [("f(2)", [1]), ("raised(f, 5)", ("AssertionError", ()))],
    "called": [("f(12)", 12), ("raised(f, 2)", ("AssertionError", (("bad", 2),)))],
    "compared": [("f([1], [1])", 1), ("raised(f, [1], [2])", ("AssertionError", ()))],
    "several": [
        ("f([1, 2])", 2),
        ("f([3])", ("three",)),
        ("raised(f, [0])", ("AssertionError", ())),
    ],
    "multiline": [("f(1)", 1), ("raised(f, 0)", ("AssertionError", ("two lines",)))],
    "one_line": [("f(1)", 1), ("raised(f, 0)", ("AssertionError", ()))],
    "conditional": [("f(2)", "  2"), ("raised(f, 0)", ("AssertionError", ("zero",)))],
    "string": [("f(0)", "\n    assert x\n")],
    "nested": [("f(1)(2)", 2), ("raised(f(1), 1)", ("AssertionError", ("inner",)))],
    "inner": [("f(4)", 4), ("raised(f, 3)", ("AssertionError", ("inner",)))],
    "closure": [("f(1) + f(1)", 3), ("raised(f, 7)", ("AssertionError", ("the same",)))],
    "coroutine": [
        ("run(f(1))", 1),
        ("raised(run, f(0))", ("AssertionError", ("coroutine",))),
    ],
    "generator": [("list(f(1))", [1, 2, 3]), ("raised(list, f(0))", ("AssertionError", ()))],
    "decorated": [
        ("f(1)", 1),
        ("raised(f, 0)", ("AssertionError", ())),
        ("raised(f)", ("AssertionError", ("no arguments",))),
    ],
    "beside": [("[g(1) for g in f(4)]", [5, -3]), ("raised(f, 0)", ("AssertionError", ()))],
    "pair": [("f(1)", -3)],
    "before": [("f(0)", 1)],
    "after": [("f(0)", 2)],
    "no_assert": [("f(1.5)", 1)],
    "method": [
        ("f(type('C', (), {'limit': 3}), 2)", 2),
        (
            "raised(f, type('C', (), {'limit': 3, '_C__name': lambda: 'private'}), 3)",
            ("AssertionError", ("private",)),
        ),
    ],
    "private": [("f(1)", "private"), ("raised(f, 0)", ("AssertionError", ()))],
    "supered": [("f.__code__.co_freevars", ("__class__",))],
    "bound": [("f(2)", 2), ("raised(f, 3)", ("AssertionError", ("private",)))],
    "fixture": [("f()", [1])],
    "inner_function": [("f(5)", 5), ("raised(f, 4)", ("AssertionError", ("not five",)))],
    "test_marked": [("f(1)", None), ("raised(f, 0)", ("AssertionError", ()))],
}
# A method sent with its class, and its attributes, needs what the class refers to.
WITH_PYTEST = {"test_marked"}

MODES = {
    "prepend": ["--import-mode=prepend"],
    "importlib": ["--import-mode=importlib"],
    "append": ["--import-mode=append", "-p", "no:warnings"],
    "plain": ["--assert=plain"],
    "no plugin": ["-p", "no:assertion"],
}
RUN = ("-m", "pytest", "-q", "-p", "no:cacheprovider")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Return a function that runs a test file in a mode once and gives its folder."""
    done = {}

    def run(mode):
        if mode not in done:
            folder = tmp_path_factory.mktemp("run")
            (folder / "dumping.py").write_text(DUMP)
            (folder / "conftest.py").write_text("")
            test = (
                CHECKS
                + "\nfrom dumping import dump_to\n"
                + "def test_dump(inner_function):\n"
                + "    kept = {**functions(), 'inner_function': inner_function}\n"
                + "    dump_to('made', kept, __name__)\n"
            )
            (folder / "test_job.py").write_text(test)
            command = [sys.executable, *RUN, *MODES[mode], "test_job.py"]
            ended = subprocess.run(
                [*command[:1], "-c", "import sys; sys.path.append('.')\n" + START, *command[3:]],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert "3 passed" in ended.stdout, ended.stdout + ended.stderr
            done[mode] = folder
        return done[mode]

    return run


START = "import pytest; sys.exit(pytest.main(sys.argv[1:]))"


def strings(data):
    return [argument for _, argument, _ in pickletools.genops(data) if isinstance(argument, str)]


def assert_free_of_pytest(data):
    for text in strings(data):
        assert text.split(".")[0] not in ("pytest", "_pytest"), text
        assert "@py_" not in text, text
        assert "@pytest_ar" not in text, text


def plain_codes(text):
    def all_codes(code):
        yield code
        for constant in code.co_consts:
            if isinstance(constant, type(code)):
                yield from all_codes(constant)

    return list(all_codes(compile(text, "x", "exec", dont_inherit=True)))


def sent(path):
    """Return the payload that a child wrote, what it loads, and the line that it is of."""
    data, line = pickle.loads(path.read_bytes())
    loaded = pickle.loads(data)
    # In place of a function that was refused stands the name of the error.
    assert not isinstance(loaded, str), (path.name, loaded)
    return data, loaded, line


@pytest.mark.parametrize("mode", MODES)
def test_every_function_is_sent_without_pytest(runs, mode):
    folder = runs(mode)
    refused = {}
    for name in RESULTS:
        data, _ = pickle.loads((folder / f"made-{name}.pickle").read_bytes())
        loaded = pickle.loads(data)
        if isinstance(loaded, str):
            refused[name] = loaded
        elif name not in WITH_PYTEST:
            assert_free_of_pytest(data)
    assert refused == {}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", sorted(RESULTS.keys() - {"bound"}))
def test_the_loaded_code_is_what_the_text_compiles_to(runs, mode, name):
    folder = runs(mode)
    _, loaded, line = sent(folder / f"made-{name}.pickle")
    code = loaded.__code__
    assert code.co_firstlineno == line
    same = [
        plain
        for plain in plain_codes((folder / "test_job.py").read_text())
        if (plain.co_name, plain.co_firstlineno) == (code.co_name, line)
    ]
    assert code.co_code in [plain.co_code for plain in same]
    assert code.co_varnames in [plain.co_varnames for plain in same]
    assert not any("@py" in name for name in [*code.co_names, *code.co_varnames])
    assert not any("@py" in name for name in loaded.__globals__)


# One child for each function and mode would be slow: pytest's default mode stands for all.
@pytest.mark.parametrize("name", [name for name in RESULTS if name not in WITH_PYTEST])
def test_it_works_where_no_pytest_is(runs, elsewhere, name):
    data, _, _ = sent(runs("prepend") / f"made-{name}.pickle")
    expressions, values = zip(*RESULTS[name])
    assert elsewhere(data, f"[{', '.join(expressions)}]") == list(values)


def child_pytest(python, *arguments):
    return python("-c", "import sys; sys.path.append('.')\n" + START, "-q", *arguments)


EDITS = {
    "an operand": ("assert x > 0", "assert x > 1"),
    "the operator": ("assert x > 0", "assert x >= 0"),
    "the message": ('"the message"', '"another message"'),
    "a message added": ("assert x != 20", "assert x != 20, 'added'"),
    "an assert removed": ("assert x != 30", "pass"),
    "an assert added": ("y = x + 40", "assert x; y = x + 40"),
    "an assert negated": ("assert x != 50", "assert not x != 50"),
    "two asserts swapped": ("assert x != 60; assert x != 61", "assert x != 61; assert x != 60"),
    "a condition split": ("assert x and x != 70", "assert x; assert x != 70"),
    "a chain turned": ("assert 0 < x < 80", "assert 0 < x and x < 80"),
    "a method": ("str(x).strip()", "str(x).rstrip()"),
    "a keyword": ("dict(key=x)", "dict(kez=x)"),
    "a body": ("return x + 90", "return x + 91"),
    "a default": ("x, k=100", "x, k=100, j=1"),
    "an assert made an if": (
        "assert x != 110, 'm'",
        "if not x != 110: raise AssertionError('m')",
    ),
}
FUNCTIONS = {
    "an operand": "def f(x):\n    assert x > 0\n    return x",
    "the operator": "def f(x):\n    assert x > 0\n    return x",
    "the message": 'def f(x):\n    assert x > 9, "the message"\n    return x',
    "a message added": "def f(x):\n    assert x != 20\n    return x",
    "an assert removed": "def f(x):\n    assert x != 30\n    return x",
    "an assert added": "def f(x):\n    y = x + 40\n    return y",
    "an assert negated": "def f(x):\n    assert x != 50\n    return x",
    "two asserts swapped": "def f(x):\n    assert x != 60; assert x != 61\n    return x",
    "a condition split": "def f(x):\n    assert x and x != 70\n    return x",
    "a chain turned": "def f(x):\n    assert 0 < x < 80\n    return x",
    "a method": "def f(x):\n    assert str(x).strip()\n    return x",
    "a keyword": "def f(x):\n    assert dict(key=x)\n    return x",
    "a body": "def f(x):\n    assert x\n    return x + 90",
    "a default": "def f(x, k=100):\n    assert x\n    return x",
    "an assert made an if": "def f(x):\n    assert x != 110, 'm'\n    return x",
}


@pytest.fixture(scope="module")
def after_edits(tmp_path_factory):
    """Dump a function of each edited file; the second of each file is as it was."""
    folder = tmp_path_factory.mktemp("edits")
    (folder / "dumping.py").write_text(DUMP)
    for number, (name, text) in enumerate(FUNCTIONS.items()):
        old, new = EDITS[name]
        assert old in text
        (folder / f"test_{number}.py").write_text(
            f"{text}\n\ndef kept(x):\n    assert x, 'kept'\n    return x\n\n"
            "def test_it():\n"
            "    from dumping import dump_to\n"
            "    text = open(__file__).read()\n"
            f"    text = text.replace({old!r}, {new!r}, 1) + '# edited'\n"
            "    open(__file__, 'w').write(text)\n"
            f"    dump_to({number}, {{'f': f, 'kept': kept}}, __name__)\n"
        )
    ended = subprocess.run(
        [sys.executable, "-c", "import sys; sys.path.append('.')\n" + START, "-q"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert f"{len(FUNCTIONS)} passed" in ended.stdout, ended.stdout + ended.stderr
    return folder


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_function_is_refused(after_edits, edit):
    path = after_edits / f"{list(EDITS).index(edit)}-f.pickle"
    data, _ = pickle.loads(path.read_bytes())
    assert pickle.loads(data) == "SourceMismatchError"


@pytest.mark.parametrize("edit", EDITS)
def test_what_was_not_edited_is_sent(after_edits, edit):
    path = after_edits / f"{list(EDITS).index(edit)}-kept.pickle"
    loaded = pickle.loads(pickle.loads(path.read_bytes())[0])
    assert loaded != "SourceMismatchError"
    assert loaded(3) == 3


def test_conftest_and_registered_plugins(python, write, tmp_path, elsewhere):
    write("dumping.py", DUMP)
    write(
        "checks_plugin.py",
        """\
        def registered(x):
            assert x > 0, "registered"
            return x
        """,
    )
    write(
        "package/__init__.py",
        "",
    )
    write(
        "package/inner.py",
        """\
        def packaged(x):
            assert x > 0, "packaged"
            return x
        """,
    )
    write(
        "listed_plugin.py",
        """\
        def listed(x):
            assert x > 0, "listed"
            return x
        """,
    )
    write(
        "conftest.py",
        """\
        import pytest
        pytest.register_assert_rewrite("checks_plugin", "package")
        pytest_plugins = ["listed_plugin"]
        from checks_plugin import registered

        def in_conftest(x):
            assert x > 0, "in_conftest"
            return x

        @pytest.fixture
        def everything():
            from listed_plugin import listed
            from package.inner import packaged
            return [registered, packaged, listed, in_conftest]
        """,
    )
    write(
        "test_job.py",
        """\
        from dumping import dump_to
        def test_dump(everything):
            assert "@pytest_ar" in everything[0].__globals__
            for f in everything:
                dump_to("plugin", {f.__name__: f}, f.__module__)
        """,
    )
    assert "1 passed" in child_pytest(python, "test_job.py")
    for name in ("registered", "packaged", "listed", "in_conftest"):
        data, _, _ = sent(tmp_path / f"plugin-{name}.pickle")
        assert_free_of_pytest(data)
        answer = elsewhere(data, "f(1), raised(f, 0)")
        assert answer == (1, ("AssertionError", (name,)))


def test_modules_taken_from_pytests_own_cache(python, write, tmp_path):
    """The second run imports the rewritten bytecode that the first one stored."""
    write("dumping.py", DUMP)
    write(
        "test_job.py",
        """\
        from dumping import dump_to
        def f(x):
            assert x > 0, "cached"
            return x
        def test_dump():
            dump_to("cached", {"f": f}, __name__)
        """,
    )
    for _ in range(2):
        assert "1 passed" in child_pytest(python, "test_job.py")
        _, loaded, _ = sent(tmp_path / "cached-f.pickle")
        assert loaded(2) == 2
    assert list(tmp_path.glob("__pycache__/test_job*-pytest-*.pyc"))


def test_the_assertion_pass_hook(python, write, tmp_path, elsewhere):
    """With this option pytest rewrites in yet another way."""
    write("dumping.py", DUMP)
    write("pytest.ini", "[pytest]\nenable_assertion_pass_hook = true\n")
    write("conftest.py", "def pytest_assertion_pass(item, lineno, orig, expl):\n    pass\n")
    write(
        "test_job.py",
        """\
        from dumping import dump_to
        def f(x):
            assert x > 0, "hooked"
            assert (y := x) and str(y)
            return y
        def test_dump():
            dump_to("hooked", {"f": f}, __name__)
        """,
    )
    assert "1 passed" in child_pytest(python, "test_job.py")
    data, _, _ = sent(tmp_path / "hooked-f.pickle")
    assert_free_of_pytest(data)
    assert elsewhere(data, "f(1), raised(f, 0)") == (1, ("AssertionError", ("hooked",)))


def test_a_file_that_asks_not_to_be_rewritten(python, write, tmp_path):
    write("dumping.py", DUMP)
    write(
        "test_job.py",
        '''\
        """PYTEST_DONT_REWRITE"""
        from dumping import dump_to
        def f(x):
            assert x > 0, "plain"
            return x
        def test_dump():
            assert "@pytest_ar" not in globals()
            dump_to("plain", {"f": f}, __name__)
        ''',
    )
    assert "1 passed" in child_pytest(python, "test_job.py")
    _, loaded, _ = sent(tmp_path / "plain-f.pickle")
    assert loaded(1) == 1


def test_another_hook_that_changes_asserts_is_refused(dumps, write):
    """Code that looks rewritten but is not pytest's must not pass for it."""
    text = "def f(x):\n    assert x > 0\n    return x\n"
    changed = (
        "def f(x):\n    @py_assert1 = 0\n    @py_assert0 = x > @py_assert1\n"
        "    if not @py_assert0:\n        raise ValueError(x)\n    return x\n"
    )
    tree = ast.parse(changed.replace("@", "at_"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id.startswith("at_"):
            node.id = "@" + node.id[3:]
    path = write("changed.py", text)
    names = {"__name__": "nowhere"}
    exec(compile(tree, str(path), "exec"), names)
    with pytest.raises(sourcepickle.SourceMismatchError):
        dumps(names["f"])


def test_a_file_with_warnings_where_warnings_are_errors(python, write, tmp_path):
    """The compiler warned when the file was imported; it is compiled again without a word."""
    write("dumping.py", DUMP)
    write(
        "test_job.py",
        """\
        import types
        from dumping import dump_to
        def other(x):
            return x is 1
        def f(x):
            assert (x, "always true")
            assert x
            return x
        @types.coroutine
        def marked(n):
            assert n == n
            yield n
        def test_dump():
            import warnings
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                dump_to("warned", {"f": f, "marked": marked}, __name__)
        """,
    )
    assert "1 passed" in child_pytest(python, "test_job.py")
    for name in ("f", "marked"):
        sent(tmp_path / f"warned-{name}.pickle")


def test_a_module_is_rewritten_once(python, write):
    write(
        "test_job.py",
        """\
        import sys
        import sourcepickle
        from _pytest.assertion import rewrite
        sourcepickle.register_pickle_by_value(sys.modules[__name__])
        def f(x):
            assert x
        def g(x):
            assert not x
        def test_dump(monkeypatch):
            calls = []
            def counted(*arguments):
                calls.append(arguments)
                return original(*arguments)
            original = rewrite.rewrite_asserts
            monkeypatch.setattr(rewrite, "rewrite_asserts", counted)
            sourcepickle.dumps([f, g], by_source=True)
            if len(calls) != 1:
                raise AssertionError(calls)
        """,
    )
    assert "1 passed" in child_pytest(python, "test_job.py")


def test_a_code_object_alone_tells_nothing_of_its_hook(python, write):
    write(
        "test_job.py",
        """\
        import pickle, pytest, sys
        import sourcepickle
        sourcepickle.register_pickle_by_value(sys.modules[__name__])
        def f(x):
            assert x
            return x
        def test_dump():
            with pytest.raises(sourcepickle.SourceMismatchError):
                sourcepickle.getsource(f.__code__)
            if pickle.loads(sourcepickle.dumps(f, by_source=True))(3) != 3:
                raise AssertionError
        """,
    )
    assert "1 passed" in child_pytest(python, "test_job.py")
