"""Functions of one scope that travel together share a text; each alone has its own."""

import inspect
import linecache
import pickle
import sys

import pytest
import sourcepickle
from sourcepickle import rebuild


def dumps(obj, **options):
    return sourcepickle.dumps(obj, by_source=True, **options)


def paths(data):
    """Return the paths of the source records in a payload."""
    records = []
    own = rebuild._cached_code
    rebuild._cached_code = lambda source: records.append(source) or own(source)
    try:
        pickle.loads(data)
    finally:
        rebuild._cached_code = own
    texts = {id(record[1]) for record in records if record[0].endswith("/")}
    return sorted({record[0] for record in records}), len(texts)


SAMPLE = '''
    import os

    class Plain:
        """Its text is not needed."""

        limit = 3

        def __init__(self, x): self.x = x

        @property
        def y(self):
            return self.x + 1
        @y.setter
        def y(self, value):
            self.x = value - 1

        @staticmethod
        def double(x, factor=2):
            """A doc
              as it stands."""
            return x * factor

        if limit:
                def deeper(self): return self.__x

        def path(self): return os.path.join(str(self.x), "a")

        def up(self): return super().__repr__()

        key = lambda self: self.x

    def made(a, b):
        class Local:
            def first(self): return a
            def second(self): return a + b
            def third(self):
                class Inner:
                    pass
                return Inner, __class__
        return Local

    def is_even(n): return n == 0 or is_odd(n - 1)
    def is_odd(n): return n != 0 and is_even(n - 1)
'''


@pytest.fixture
def sample(module_of):
    return module_of(SAMPLE)


def test_the_methods_of_a_class_share_one_text(sample):
    found, texts = paths(dumps(sample.Plain))
    shared = ["__init__", "double", "path", "up", "y"]
    # A path leads to the last of a name, and blocks have one indentation.
    alone = ["Plain.deeper", "Plain:<lambda>", "Plain:y"]
    assert found == sorted([f"Plain.{name}/" for name in shared] + alone)
    assert texts == 1


def test_free_variables_are_those_of_each_method(sample):
    local = sample.made(1, 2)
    data = dumps(local)
    prefix = "made.<locals>.Local."
    assert paths(data) == ([f"{prefix}{name}/" for name in ("first", "second", "third")], 1)
    assert local.second.__code__.co_freevars == ("a", "b")


@pytest.mark.parametrize(
    "pick",
    [
        lambda module: [module.is_even, module.is_odd],
        lambda module: (module.is_even, module.is_odd),
        lambda module: {"even": module.is_even, 1: module.is_odd},
    ],
)
def test_functions_in_a_container_share_one_text(sample, pick):
    assert paths(dumps(pick(sample))) == (["is_even/", "is_odd/"], 1)


def test_functions_of_a_module_by_value_share_one_text(home):
    module = home.write(mine="def f(x): return g(x)\n\ndef g(x): return x + 1\n")
    data = dumps(module, pickle_by_reference=set())
    with home.away():
        assert pickle.loads(data).f(1) == 2
        assert paths(data) == (["f/", "g/"], 1)


def test_functions_of_several_places_share_only_with_neighbours(module_of):
    one = module_of("def f(): pass\ndef g(): pass\n", "one")
    two = module_of("def f(): pass\ndef h(): pass\n", "two")
    data = dumps([one.f, two.f, one.g, two.h])
    assert paths(data) == (["f/", "g/", "h/"], 2)


@pytest.mark.parametrize(
    "name",
    ["Plain.__init__", "Plain.double", "Plain.path", "Plain.up", "is_even", "made"],
)
def test_a_function_alone_has_its_own_text_before_and_after(sample, name, run_python, tmp_path):
    function = sample
    for part in name.split("."):
        function = getattr(function, part)
    before = dumps(function)
    assert f"{name}/" not in paths(before)[0]
    together = dumps([sample.Plain, sample.made, [sample.is_even], sample.is_odd, function])
    assert dumps(function) == before
    (tmp_path / "together").write_bytes(together)
    (tmp_path / "alone").write_bytes(before)
    run_python("""
        import pickle, sourcepickle
        together, alone = open("together", "rb").read(), open("alone", "rb").read()
        dumps = lambda obj: sourcepickle.dumps(obj, by_source=True)
        loaded = pickle.loads(together)
        assert dumps(loaded) == together
        assert dumps(loaded[-1]) == alone
        assert dumps(pickle.loads(alone)) == alone
        assert dumps(pickle.loads(together)) == together
    """)


def test_what_travelled_before_changes_no_bytes(module_of):
    def functions(module):
        return [module.is_even, module.is_odd, module.Plain.double, module.Plain.path]

    data = dumps(functions(module_of(SAMPLE)))
    module = module_of(SAMPLE)
    dumps(module.Plain)
    for function in functions(module):
        dumps(function)
    linecache.clearcache()
    dumps([module.Plain.path, module.Plain.double])
    assert dumps(functions(module)) == dumps(functions(module)) == data


def test_a_function_that_has_travelled_is_in_no_later_text(sample):
    found, _ = paths(dumps([[sample.Plain.double], sample.Plain]))
    assert "Plain:double" in found
    assert "Plain.double/" not in found
    assert "Plain.__init__/" in found


def test_shared_code_is_the_originals(sample):
    loaded = pickle.loads(dumps([sample.is_even, sample.is_odd]))
    for own, original in zip(loaded, (sample.is_even, sample.is_odd)):
        code, expected = own.__code__, original.__code__
        assert code.co_code == expected.co_code
        assert code.co_firstlineno == expected.co_firstlineno
        assert inspect.getsource(own) == inspect.getsource(original)
        if sys.version_info >= (3, 11):
            assert list(code.co_positions()) == list(expected.co_positions())
            assert code.co_qualname == expected.co_qualname
    assert loaded[0].__code__.co_filename == loaded[1].__code__.co_filename
    assert loaded[0](10) and not loaded[1](10)


def test_an_attached_text_is_not_shared(sample):
    sample.is_odd.__source__ = "def is_odd(n): return not is_even(n)"
    assert paths(dumps([sample.is_even, sample.is_odd]))[0] == ["is_even", "is_odd"]


def test_an_edited_function_travels_alone_or_is_refused(module_of):
    text = "def f(): return 1\ndef g(): return 2\ndef h(): return 3\n"
    module = module_of(text)
    with open(module.__file__, "w", encoding="utf-8") as file:
        file.write(text.replace("return 2", "return 22"))
    assert paths(dumps([module.f, module.h])) == (["f/", "h/"], 1)
    with pytest.raises(sourcepickle.SourceMismatchError, match="g "):
        dumps([module.f, module.g, module.h])


def test_texts_are_cut_where_they_get_long_or_far_apart(module_of):
    long = "".join(f"def f{at}():\n    return '{'x' * 1000}'\n" for at in range(40))
    module = module_of(long)
    functions = [getattr(module, f"f{at}") for at in range(40)]
    found, texts = paths(dumps(functions))
    assert all(path.endswith("/") for path in found)
    assert texts == 3
    far = module_of("def f(): pass\ndef g(): pass\n" + "\n" * 300 + "def h(): pass\n", "far")
    assert paths(dumps([far.f, far.g, far.h]))[0] == ["f/", "g/", "h"]


def test_needs_and_findings_are_each_functions_own(home):
    module = home.write(
        mine="""
        def f():
            import tomllib
            return tomllib
        def g():
            return 1
        """
    )
    with pytest.raises(sourcepickle.TargetVersionError) as caught:
        dumps([module.f, module.g], pickle_by_reference=set(), target_version=(3, 9))
    assert len(caught.value.findings) == 1
    assert sourcepickle.minimum_version(module.g) == (3, 9)


def test_one_audit_event_per_text(sample, run_python, tmp_path):
    (tmp_path / "payload").write_bytes(dumps(sample.Plain))
    told = run_python("""
        import pickle, sys
        events = []
        def hook(name, arguments):
            if name == "sourcepickle.compile":
                events.append(arguments)
        sys.addaudithook(hook)
        loaded = pickle.load(open("payload", "rb"))
        assert loaded(1).y == 2
        for path, _, line, text in events:
            print(path, line, text.count("def "))
    """)
    told = dict(line.split(" ", 1) for line in told.splitlines())
    # Of the property the second function alone.
    assert told == {
        "Plain": "8 5",
        "Plain.deeper": "24 1",
        "Plain:<lambda>": "31 0",
        "Plain:y": "10 1",
    }


def test_generic_functions_are_told_apart(module_of):
    if sys.version_info < (3, 12):
        pytest.skip("type parameters came with 3.12")
    module = module_of("class C:\n    def f[T](self): return T\n    def g[T](self): return T, 1\n")
    loaded = pickle.loads(dumps([module.C.f, module.C.g]))
    assert [each.__code__.co_consts for each in loaded] == [
        each.__code__.co_consts for each in (module.C.f, module.C.g)
    ]
    assert loaded[1](None)[1] == 1
    assert paths(dumps([module.C.f, module.C.g]))[1] == 1
