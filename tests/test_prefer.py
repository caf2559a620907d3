"""by_source="prefer": source where it is proved, and bytecode that knows its version elsewhere."""

import gc
import io
import pickle
import pickletools
import sys
import textwrap
import types
import zlib

import cloudpickle
import pytest
import sourcepickle


def dumps(obj, protocol=None, **options):
    return sourcepickle.dumps(obj, protocol, by_source="prefer", **options)


def made_by_exec(text, name="f"):
    namespace = {"__name__": __name__}
    exec(textwrap.dedent(text), namespace)
    return namespace[name]


def with_text(k):
    def f(x):
        return x + k

    return f


def without_text(k=1):
    f = made_by_exec("def f(x):\n    return x * k\n")
    f.__globals__["k"] = k
    return f


def texts(data):
    """Return the strings in a payload, those that are deflated too."""
    for _, argument, _ in pickletools.genops(data):
        if isinstance(argument, str):
            yield argument
        elif isinstance(argument, bytes) and not argument.startswith(b"\xe3"):  # marshal's code
            yield zlib.decompress(argument, -15).decode()


def test_a_function_with_text_has_the_bytes_of_source():
    assert dumps(with_text(3)) == sourcepickle.dumps(with_text(3), by_source=True)


def test_source_and_bytecode_are_chosen_per_function():
    data = dumps([with_text(3), without_text(2), lambda x: x - 1])
    text = "\n".join(texts(data))
    assert "return x + k" in text
    assert "lambda x: x - 1" in text
    assert "return x * k" not in text
    assert [f(5) for f in pickle.loads(data)] == [8, 10, 4]


def test_the_two_use_one_another():
    inner = without_text(2)

    def outer(x):
        return inner(x) + 1

    outermost = made_by_exec("def f(x):\n    return outer(x) + 10\n")
    outermost.__globals__["outer"] = outer
    assert pickle.loads(dumps(outermost))(4) == 19


EXECUTED = {
    "closure": """
        def make(n):
            def f(x):
                return x + n
            return f
        f = make(4)
    """,
    "defaults": "def f(x, y=2, *, z=3):\n    return x + y + z - 1\n",
    "lambda": "f = lambda x: x + 4\n",
    "recursion": "def f(n):\n    return 4 if n == 0 else f(n - 1) + 1\n",
    "generator": "def g(x):\n    yield x + 4\ndef f(x):\n    return next(g(x))\n",
    "nested": "def f(x):\n    def inner():\n        return x + 4\n    return inner()\n",
    "comprehension": "def f(x):\n    return sum([y for y in range(x)]) + 4\n",
    "strings": "def f(x):\n    return len('äöü' + chr(0x1F40D)) + x\n",
}


@pytest.mark.parametrize("name", list(EXECUTED))
def test_functions_of_exec_travel_as_bytecode(name):
    f = made_by_exec(EXECUTED[name])
    with pytest.raises(sourcepickle.SourceNotFoundError):
        sourcepickle.dumps(f, by_source=True)
    loaded = pickle.loads(dumps(f))
    assert loaded is not f
    assert loaded(3) == f(3) == 7


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol(protocol):
    f, g = pickle.loads(dumps([with_text(1), without_text(4)], protocol))
    assert (f(1), g(2)) == (2, 8)


def test_a_method_of_exec_in_a_class_travels_as_bytecode():
    made = made_by_exec("class C:\n    def method(self):\n        return 5\n", "C")

    class Mixed:
        attribute = made

        def own(self):
            return self.attribute().method()

    Mixed.other = made_by_exec("def other(self):\n    return 6\n", "other")
    data = dumps([Mixed, Mixed()])
    del Mixed, made
    gc.collect()
    loaded, instance = pickle.loads(data)
    assert (instance.own(), instance.other()) == (5, 6)
    assert type(instance) is loaded


def test_attributes_and_shared_cells_arrive():
    make = made_by_exec(
        """
        def make():
            n = 0
            def up():
                nonlocal n
                n += 1
                return n
            def read():
                return n
            return up, read
        """,
        "make",
    )
    up, read = make()
    up.attached = "kept"
    loaded_up, loaded_read = pickle.loads(dumps([up, read]))
    assert loaded_up() == 1
    assert loaded_up.attached == "kept"
    assert loaded_read() in (0, 1)


def test_an_edited_file_sends_bytecode(home):
    edited = home.write(edited="def f():\n    return 1\n")
    (home.folder / "edited.py").write_text("def f():\n    return 'another'\n")
    data = dumps(edited.f, pickle_by_reference=set())
    with home.away():
        assert pickle.loads(data)() == 1


def test_an_impossible_source_attached_sends_bytecode():
    f = without_text(3)
    f.__source__ = "def f(x:\n"
    with pytest.raises(sourcepickle.SourceMismatchError):
        sourcepickle.dumps(f, by_source=True)
    assert pickle.loads(dumps(f))(2) == 6


def test_a_right_source_attached_is_sent():
    f = without_text(3)
    f.__source__ = "def f(x):\n    return x * k\n"
    assert any("return x * k" in text for text in texts(dumps(f)))


def test_code_objects_alone():
    for f in (with_text(1), without_text(1)):
        loaded = pickle.loads(dumps(f.__code__))
        assert isinstance(loaded, types.CodeType)
        assert loaded.co_code == f.__code__.co_code
        assert loaded == f.__code__
        assert pickle.loads(dumps([f, {"code": f.__code__}]))[1]["code"] == f.__code__


def test_a_code_object_makes_the_function_again():
    code = pickle.loads(dumps(without_text(1).__code__))
    assert types.FunctionType(code, {"k": 4})(5) == 20


def test_dump_pickler_and_dumps_agree():
    objects = [with_text(3), without_text(2)]
    file, other = io.BytesIO(), io.BytesIO()
    sourcepickle.dump(objects, file, by_source="prefer")
    sourcepickle.Pickler(other, by_source="prefer").dump(objects)
    assert file.getvalue() == other.getvalue() == dumps(objects)


def test_what_cloudpickle_pickles_travels():
    import abc
    import collections
    import enum
    import functools
    import itertools
    import logging

    class Base(abc.ABC):
        @abc.abstractmethod
        def method(self): ...

    class Derived(Base):
        __slots__ = ("x",)

        def method(self):
            return super().__hash__()

    class Color(enum.Enum):
        RED = 1

    pair = collections.namedtuple("pair", "a b")
    objects = [
        Base,
        Derived(),
        Color.RED,
        pair(1, 2),
        functools.partial(without_text(2), 4),
        {}.keys(),
        logging.getLogger("x"),
        itertools.count,
        property(without_text(1)),
        classmethod(without_text(1)),
        range(3),
        type(None),
        NotImplemented,
        ...,
    ]
    for obj in objects:
        cloudpickle.loads(cloudpickle.dumps(obj))
        loaded = pickle.loads(dumps(obj))
        assert type(loaded).__name__ == type(obj).__name__


# On another version

RAISED = """
    import pickle, sys
    sys.path.append({folder!r})
    import sourcepickle
    try:
        with open({path!r}, "rb") as file:
            loaded = pickle.load(file)
    except sourcepickle.SourceVersionError as error:
        print(isinstance(error, pickle.UnpicklingError), str(error))
    else:
        print("loaded", loaded)
"""


@pytest.fixture
def refused(tmp_path, pure_package, pythons, two_others):
    """Return a function: what other versions say to a payload."""
    import subprocess

    def run(data):
        path = tmp_path / "prefer.pickle"
        path.write_bytes(data)
        program = textwrap.dedent(RAISED).format(folder=str(pure_package), path=str(path))
        # sourcepickle itself may need cloudpickle and the native module, the errors do not.
        program = program.replace("import sourcepickle", "import sourcepickle.rebuild")
        program = program.replace("except sourcepickle.", "except sourcepickle.rebuild.")
        said = []
        for version in two_others:
            command = [pythons[version], "-I", "-S", "-B", "-c", program]
            done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
            assert done.returncode == 0, (done.returncode, done.stderr)
            said.append(done.stdout.strip())
        return said

    return run


def named_in_exec():
    return made_by_exec("def name_of_the_function(x):\n    return x\n", "name_of_the_function")


def a_class_of_exec():
    return made_by_exec("class C:\n    def name_of_the_function(self):\n        return 5\n", "C")


@pytest.mark.parametrize(
    "make",
    [
        named_in_exec,
        lambda: [with_text(1), named_in_exec()],
        lambda: {"deep": [(named_in_exec(), with_text(1))]},
        lambda: named_in_exec().__code__,
        lambda: [with_text(1), named_in_exec().__code__],
        a_class_of_exec,
        lambda: a_class_of_exec()(),
    ],
    ids=["function", "mixed", "deep", "code", "mixed_code", "class", "instance"],
)
def test_bytecode_is_refused_by_name_on_another_version(refused, make):
    data = dumps(make())
    for said in refused(data):
        assert said.startswith("True ")
        assert "name_of_the_function" in said
        assert "3.%d" % sys.version_info[1] in said  # noqa: UP031


def test_a_code_object_of_a_function_with_text_is_refused_or_right(refused):
    for said in refused(dumps(with_text(1).__code__)):
        assert said.startswith("True ") or "code object f" in said


def test_source_is_loaded_on_another_version(refused):
    for said in refused(dumps([with_text(1), lambda: 1])):
        assert said.startswith("loaded [<function")


def test_damaged_bytecode_is_no_crash(run_python, tmp_path):
    (tmp_path / "payload").write_bytes(dumps(named_in_exec()))
    program = """
        import pickle
        with open("payload", "rb") as file:
            data = file.read()
        pickle.loads(data)
        for end in range(0, len(data), 7):
            try:
                pickle.loads(data[:end])
            except Exception:
                pass
        print("alive")
    """
    assert run_python(program) == "alive"
