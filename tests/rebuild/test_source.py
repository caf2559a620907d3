"""Loading: what a loaded function is, and what damaged or foreign payloads answer."""

import contextlib
import inspect
import linecache
import marshal
import pickle
import pickletools
import sys
import traceback
import types
import warnings

import pytest
import sourcepickle
from sourcepickle import rebuild


def dumps(obj):
    return sourcepickle.dumps(obj, by_source=True)


TEXT = '''
import functools

class C:
    def method(self, x):
        """A doc
          with its indentation."""
        def inner(y):
            return x / y
        return inner

    @functools.lru_cache(
        None)
    def fails(self):
        value = [1, 2]; return value[0] + (lambda: 1 / 0)()

pair = lambda x: x / 0, lambda x: (
    x / 0)
def with_class():
    class Inner:
        def method(self):
            raise ValueError
    return Inner
'''


@pytest.fixture
def original(module_of):
    return module_of(TEXT)


@pytest.fixture
def loaded_without_file(original, tmp_path):
    """Return a function that loads a function of the sample where its file is gone."""

    def load(function):
        data = dumps(function)
        with contextlib.suppress(FileNotFoundError):
            (tmp_path / "sample.py").unlink()
        linecache.clearcache()
        return pickle.loads(data)

    return load


def last_line(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return traceback.extract_tb(error.__traceback__)[-1]
    raise AssertionError("did not raise")


def test_getsource_gives_the_text(original, loaded_without_file):
    expected = inspect.getsource(original.C.method)
    loaded = loaded_without_file(original.C.method)
    assert inspect.getsource(loaded) == expected
    assert inspect.getsourcelines(loaded)[1] == 5
    assert "x / y" in inspect.getsource(loaded(None, 1))


def test_tracebacks_have_their_lines_and_columns(original, loaded_without_file):
    inner = original.C.method(None, 1)
    expected = last_line(inner, 0)
    frame = last_line(loaded_without_file(inner), 0)
    assert (frame.lineno, frame.line, frame.name) == (9, "return x / y", "inner")
    if sys.version_info >= (3, 11):
        places = [(f.lineno, f.end_lineno, f.colno, f.end_colno) for f in (frame, expected)]
        assert places[0] == places[1]
    assert "sample.py" in frame.filename


def test_every_position_is_the_originals(original):
    functions = [original.C.method, original.C.fails.__wrapped__, *original.pair]
    for function in [*functions, original.with_class]:
        loaded = pickle.loads(dumps(function))
        own, code = function.__code__, loaded.__code__
        assert code.co_firstlineno == own.co_firstlineno
        if sys.version_info >= (3, 10):
            assert list(code.co_lines()) == list(own.co_lines())
        if sys.version_info >= (3, 11):
            assert list(code.co_positions()) == list(own.co_positions())
    if sys.version_info >= (3, 13):
        inner = pickle.loads(dumps(original.with_class))()
        assert inner.__firstlineno__ == original.with_class().__firstlineno__


def test_lambda_tracebacks(original, loaded_without_file):
    expected = [last_line(function, 1).lineno for function in original.pair]
    first, second = loaded_without_file(original.pair)
    assert [last_line(function, 1).lineno for function in (first, second)] == expected
    assert expected[0] == 17
    assert "lambda x: x / 0" in inspect.getsource(first)


def test_many_hops_give_the_same_bytes(original, loaded_without_file):
    data = dumps([original.C.method, original.pair, original.with_class])
    loaded = loaded_without_file([original.C.method, original.pair, original.with_class])
    for _ in range(5):
        again = dumps(loaded)
        assert again == data
        loaded = pickle.loads(again)


def test_functions_made_by_a_loaded_function_travel_too(original, loaded_without_file):
    expected = dumps(original.C.method(None, 6))
    make = loaded_without_file(original.C.method)
    inner = make(None, 6)
    del make
    data = dumps(inner)
    assert data == expected
    assert pickle.loads(data)(2) == 3


def test_another_file_at_that_path_is_never_shown(original, tmp_path):
    data = dumps(original.C.method)
    (tmp_path / "sample.py").write_text("other = 1\n" * 50)
    linecache.checkcache()
    loaded = pickle.loads(data)
    assert "other" not in inspect.getsource(loaded)
    assert linecache.getline(original.__file__, 5) == "other = 1\n"
    assert dumps(loaded) == data


def test_two_texts_of_one_place_are_kept_apart(module_of):
    first = dumps(module_of("def f():\n    return 1 / 0 # first\n").f)
    second = dumps(module_of("def f():\n    return 2 / 0 # second\n").f)
    f, g = pickle.loads(first), pickle.loads(second)
    assert "first" in inspect.getsource(f)
    assert "second" in inspect.getsource(g)
    assert last_line(f).line.endswith("# first")
    assert (dumps(f), dumps(g)) == (first, second)


def count():
    rebuild._let_go()
    return len(rebuild._files), sum(name[:14] == "<sourcepickle " for name in linecache.cache)


def forget():
    rebuild._cached_code.cache_clear()
    rebuild._compiled_once.cache_clear()


def test_what_is_no_longer_used_is_let_go(module_of):
    forget()
    before = count()
    inner = pickle.loads(dumps(module_of("def f():\n    def g(): return 1\n    return g\n").f))()
    assert count() == (before[0] + 1, before[1] + 1)
    forget()
    assert "def g" in inspect.getsource(inner)
    linecache.clearcache()
    assert count()[0] == before[0] + 1
    del inner
    assert count()[0] == before[0]


def test_a_shared_text_is_kept_for_each_of_its_functions():
    text = "def f(): return 1\n\ndef g(): return lambda: 2\n"

    def load(name):
        fields = (f"{name}/", text, 1, "/shared.py", (), (), None)
        return rebuild.code((*fields, rebuild.checksum(fields)))

    forget()
    before = count()
    f, g = load("f"), load("g")
    assert f.co_filename == g.co_filename
    assert count() == (before[0] + 1, before[1] + 1)
    inner = types.FunctionType(g, {})()
    forget()
    del f, g
    assert count() == (before[0] + 1, before[1] + 1)
    assert inspect.getsource(inner).startswith("def g")
    assert pickle.loads(dumps(inner))() == 2
    del inner
    forget()
    assert count() == before


def test_files_that_no_code_names_are_forgotten_as_others_come(module_of):
    def load(at):
        text = f"def f(): return {at}\n"
        fields = ("f", text, at + 1, "/many.py", (), (), None)
        return rebuild.code((*fields, rebuild.checksum(fields)))

    forget()
    kept = load(0)
    for at in range(1, 10_000):
        load(at)
    # The cache of code keeps 4,096 of them.
    assert len(rebuild._files) < 3 * 4096
    assert sum(name[:14] == "<sourcepickle " for name in linecache.cache) < 3 * 4096
    assert rebuild.record_of_code(kept) is not None
    forget()
    count()
    assert len(rebuild._files) < 1000
    assert rebuild.record_of_code(kept)[1] == "def f(): return 0\n"


def test_loading_twice_compiles_once(original):
    data = dumps(original.C.method)
    assert pickle.loads(data).__code__ is pickle.loads(data).__code__


def test_the_compilers_warnings_stay_at_home(module_of):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = module_of('def f(x):\n    return x is "a", "\\d"\n')
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        f = pickle.loads(dumps(module.f))
        assert f(1)[1] == "\\d"
    assert caught == []


@pytest.mark.parametrize("at", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_truncated_payload(original, at):
    data = dumps([original.C.method, original.pair])
    with pytest.raises((pickle.UnpicklingError, EOFError)):
        pickle.loads(data[: int(len(data) * at)])


def bytes_in(data):
    """Return the bytes objects in a payload: the deflated texts."""
    return [argument for _, argument, _ in pickletools.genops(data) if isinstance(argument, bytes)]


@pytest.mark.parametrize(
    ("old", "new"), [(b"return x / y", b"return x * y"), (b"sample.py", b"simple.py")]
)
def test_a_payload_whose_source_was_damaged(module_of, old, new):
    data = dumps(module_of("def divide(x, y):\n    return x / y\n", "sample").divide)
    assert data.count(old) > 0
    with pytest.raises(sourcepickle.SourceDamagedError, match=r"divide .*altered") as caught:
        pickle.loads(data.replace(old, new, 1))
    assert isinstance(caught.value, pickle.UnpicklingError)
    # Nothing else is disturbed.
    assert pickle.loads(data)(6, 3) == 2


def test_a_payload_whose_deflated_source_was_damaged(module_of):
    data = dumps(module_of("def count(x):\n" + 20 * "    x += 1\n" + "    return x\n").count)
    (text,) = bytes_in(data)
    for at in range(len(text)):
        damaged = text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :]
        with pytest.raises(sourcepickle.SourceDamagedError, match=r"count .*altered"):
            pickle.loads(data.replace(text, damaged))
    assert pickle.loads(data)(3) == 23


def record(**changes):
    """Return the record of a small function, with fields exchanged and the checksum right."""
    fields = {
        "path": "f",
        "text": "def f():\n    return 7\n",
        "first_line": 1,
        "filename": "/home/someone/job.py",
        "free": (),
        "futures": (),
        "needs": None,
    }
    fields.update(changes)
    source = tuple(fields.values())
    return (*source, rebuild.checksum(source))


def test_a_grammar_newer_than_this_python():
    needs = (99, "a teleport statement", 12)
    with pytest.raises(sourcepickle.SourceVersionError) as caught:
        rebuild.function(record(needs=needs, text="def f(): teleport x"), None, {})
    message = str(caught.value)
    assert "f (/home/someone/job.py:1) needs Python 3.99 or newer" in message
    assert "a teleport statement on line 12" in message
    assert f"this is Python {sys.version.split()[0]}" in message


def test_a_grammar_that_nobody_has():
    with pytest.raises(sourcepickle.SourceVersionError, match="does not accept"):
        rebuild.function(record(text="def f(): print 1\n"), None, {})


def test_a_record_that_does_not_hold_its_function():
    with pytest.raises(sourcepickle.SourceDamagedError, match="does not hold"):
        rebuild.function(record(path="g"), None, {})


def test_bytecode_of_another_python():
    bytecode = (1, "2.7", b"", "f", "job.py", 3, 0)
    with pytest.raises(sourcepickle.SourceVersionError, match=r"f \(job.py:3\).*Python 2.7"):
        rebuild.bytecode_function(bytecode, None, {})


def test_every_damaged_bit_of_bytecode_is_found():
    namespace = {}
    exec("def f(x):\n    return x + 1\n", namespace)
    data = sourcepickle.dumps(namespace["f"], by_source="prefer")
    marshalled = marshal.dumps(namespace["f"].__code__)
    at = data.index(marshalled)
    for bit in range(8 * len(marshalled)):
        damaged = bytearray(data)
        damaged[at + bit // 8] ^= 1 << bit % 8
        with pytest.raises(sourcepickle.SourceDamagedError, match="its bytecode was altered"):
            pickle.loads(damaged)


def test_lines_are_a_sequence_like_linecaches():
    lines = rebuild._File("a file", record(text="def f():\n    return 1\n", first_line=3))
    plain = ["\n", "\n", "def f():\n", "    return 1\n"]
    assert list(lines) == plain
    assert len(lines) == 4
    assert lines[-1] == plain[-1]
    assert lines[1:] == plain[1:]
    assert "".join(lines) == "".join(plain)
    with pytest.raises(IndexError):
        lines[4]
    assert list(rebuild._File("another", record(text="a\nb\nc\n", first_line=0))) == ["b\n", "c\n"]


def test_every_damage_to_a_text_that_is_not_deflated_is_told(module_of):
    data = dumps(module_of("def f(z):\n    return '\ud55c' + z\n").f)
    text = "\ud55c".encode()
    at = data.index(text)
    for place in range(at, at + len(text)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[place] ^= 1 << bit
            with pytest.raises((sourcepickle.SourceDamagedError, UnicodeDecodeError)):
                pickle.loads(bytes(damaged))


@pytest.mark.parametrize("changes", [{"free": (3,)}, {"filename": 3}, {"needs": "3"}], ids=str)
def test_fields_of_other_types_are_damage(changes):
    source = (*record()[:7],)
    names = ("path", "text", "first_line", "filename", "free", "futures", "needs")
    damaged = (*(changes.get(name, value) for name, value in zip(names, source)), record()[7])
    with pytest.raises(sourcepickle.SourceDamagedError):
        rebuild.function(damaged, None, {})


def test_bytes_are_not_compared_with_text(run_python):
    program = """
        import linecache, pickle, sourcepickle

        def made(text):
            linecache.cache["<cell>"] = (len(text), None, text.splitlines(True), "<cell>")
            names = {"__name__": "__main__"}
            exec(compile(text, "<cell>", "exec"), names)
            return names["f"]

        short = sourcepickle.dumps(made("def f(): return 1\\n"), by_source=True)
        long = sourcepickle.dumps(made(f"def f(): return {'a' * 500!r}\\n"), by_source=True)
        kept = pickle.loads(short)
        print(pickle.loads(long)() == "a" * 500, kept())
    """
    assert run_python(program, options=["-bb"]).split() == ["True", "1"]
