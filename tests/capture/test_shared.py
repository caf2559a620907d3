"""Methods of a class that travel with it share a text; each alone has its own."""

import ast
import inspect
import linecache
import pickle
import sys
import types

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


def test_functions_of_several_places_share_only_with_neighbours(module_of):
    one = module_of(CLASS, "one")
    two = module_of(CLASS.replace("return 3", "return 4"), "two")
    mixed = type("Mixed", (one.C,), {"f": one.C.f, "g": one.C.g, "k": two.C.h, "lone": two.lone})
    assert paths(dumps(mixed)) == (["C.f/", "C.g/", "C:h", "lone"], 1)


CLASS = """
class C:
    def f(self): return 1
    def g(self): return 2
    def h(self): return 3

def lone(self): pass
"""


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
    together = dumps([sample.Plain, sample.made(1, 2), sample.made, sample.is_odd, function])
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


def test_what_travelled_before_changes_no_bytes(sample):
    data = dumps(sample.Plain)
    for name in ("__init__", "double", "up"):
        dumps(getattr(sample.Plain, name))
    linecache.clearcache()
    dumps([sample.Plain.path, sample.Plain])
    assert dumps(sample.Plain) == data


def test_a_method_that_has_travelled_is_in_no_later_text(sample):
    found, _ = paths(dumps([sample.Plain.double, sample.Plain]))
    assert "Plain:double" in found
    assert "Plain.double/" not in found
    assert "Plain.__init__/" in found


def test_a_method_of_two_classes_shares_the_text_of_the_first(sample):
    class Other:
        """It has one of its own, too."""

        def own(self):
            return 1

        def more(self):
            return 2

        double = sample.Plain.double

    prefix = "test_a_method_of_two_classes_shares_the_text_of_the_first.<locals>.Other."
    data = dumps([sample.Plain, Other])
    found, texts = paths(data)
    assert [path for path in found if path.startswith("test_")] == [
        f"{prefix}more/",
        f"{prefix}own/",
    ]
    assert "Plain.double/" in found and texts == 2
    loaded = pickle.loads(data)
    assert dumps(loaded) == data


def test_functions_of_one_code_object_have_one_again(module_of):
    module = module_of(CLASS)
    copy = types.FunctionType(module.C.f.__code__, module.C.f.__globals__)
    module.C.copy = copy
    # The class itself would be the one of this process.
    loaded = pickle.loads(dumps([vars(module.C)["f"], copy, module.C]))
    assert loaded[0].__code__ is loaded[1].__code__
    assert paths(dumps(module.C))[0] == ["C.f/", "C.g/", "C.h/"]


def test_shared_code_is_the_originals(sample, run_python, tmp_path):
    (tmp_path / "payload").write_bytes(dumps(sample.made(1, 2)))
    fields = ["co_code", "co_firstlineno", "co_names", "co_freevars", "co_flags", "co_varnames"]
    fields += ["co_qualname", "co_linetable"] if sys.version_info >= (3, 11) else []
    expected = {
        name: [inspect.getsource(function), [getattr(function.__code__, field) for field in fields]]
        for name, function in vars(sample.made(1, 2)).items()
        if inspect.isfunction(function)
    }
    told = run_python(f"""
        import inspect, pickle
        loaded = pickle.load(open("payload", "rb"))
        print({{
            name: [inspect.getsource(each), [getattr(each.__code__, field) for field in {fields}]]
            for name, each in vars(loaded).items()
            if inspect.isfunction(each)
        }})
        assert len({{function.__code__.co_filename for function in vars(loaded).values()
                    if inspect.isfunction(function)}}) == 1
        assert loaded().second() == 3
        assert loaded().third()[1] is loaded
    """)
    assert ast.literal_eval(told) == expected


def test_an_attached_text_is_not_shared(module_of):
    module = module_of(CLASS)
    module.C.h.__source__ = "def h(self): return 3"
    assert paths(dumps(module.C))[0] == ["C.f/", "C.g/", "h"]


def test_an_edited_method_travels_alone_or_is_refused(module_of):
    module = module_of(CLASS)
    with open(module.__file__, "w", encoding="utf-8") as file:
        file.write(CLASS.replace("return 2", "return 22"))
    with pytest.raises(sourcepickle.SourceMismatchError, match="g "):
        dumps(module.C)
    del module.C.g
    assert paths(dumps(module.C)) == (["C.f/", "C.h/"], 1)


def test_a_module_edited_and_run_again_is_found_by_its_new_text(module_of):
    module = module_of(CLASS)
    dumps(module.C)
    with open(module.__file__, "w", encoding="utf-8") as file:
        file.write(CLASS.replace("return 2", "return 22"))
    module.__spec__.loader.exec_module(module)
    assert paths(dumps(module.C)) == (["C.f/", "C.g/", "C.h/"], 1)


def test_texts_are_cut_where_they_get_long_or_far_apart(module_of, run_python, tmp_path):
    methods = "".join(f"    def f{at}(self):\n        return '{'x' * 1000}'\n" for at in range(40))
    far = "    def far(self): pass\n    def near(self): pass\n"
    module = module_of(f"class Long:\n{methods}{chr(10) * 300}{far}")
    data = dumps(module.Long)
    found, texts = paths(data)
    assert len(found) == 42 and all(path.endswith("/") for path in found)
    assert texts == 4
    (tmp_path / "payload").write_bytes(data)
    run_python("""
        import pickle, sourcepickle
        data = open("payload", "rb").read()
        assert sourcepickle.dumps(pickle.loads(data), by_source=True) == data
    """)


def test_needs_and_findings_are_each_methods_own(module_of):
    module = module_of(
        """
        class C:
            def f(self):
                import tomllib
                return tomllib
            def g(self):
                return 1
            def h(self):
                return 2
        """
    )
    with pytest.raises(sourcepickle.TargetVersionError) as caught:
        dumps(module.C, target_version=(3, 9))
    assert len(caught.value.findings) == 1
    assert paths(dumps(module.C))[0] == ["C.f/", "C.g/", "C.h/"]


def test_methods_that_need_a_newer_grammar_stand_in_another_text(module_of):
    if sys.version_info < (3, 10):
        pytest.skip("a match statement needs Python 3.10")
    module = module_of(
        """
        class C:
            def f(self): return 1
            def g(self):
                match self:
                    case 1: return 1
            def h(self): return 2
        """
    )
    assert paths(dumps(module.C))[0] == ["C.f/", "C.h/", "C:g"]


def test_a_callable_that_frees_methods_does_not_mix_them(module_of):
    module = module_of(CLASS)

    class Evil:
        def __reduce__(self):
            for name in "fgh":
                delattr(module.C, name)
            self.kept = [types.FunctionType(module.lone.__code__, {}) for _ in range(100)]
            return list, (self.kept,)

    module.C.first = Evil()
    # Only that what comes is what was sent.
    for function in pickle.loads(dumps(module.C.first)):
        assert function.__name__ == "lone"
    module = module_of(CLASS)
    module.C.aaa = Evil()
    data = dumps([module.C])
    assert all(path in ("C.f/", "C.g/", "C.h/", "lone") for path in paths(data)[0])


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


def test_generic_methods_are_told_apart(module_of):
    if sys.version_info < (3, 12):
        pytest.skip("type parameters came with 3.12")
    module = module_of("class C:\n    def f[T](self): return T\n    def g[T](self): return T, 1\n")
    loaded = pickle.loads(dumps([module.C, vars(module.C)["g"]]))
    assert loaded[1](None)[1] == 1
    assert loaded[1].__code__.co_consts == module.C.g.__code__.co_consts
    assert paths(dumps(module.C)) == (["C.f/", "C.g/"], 1)


def test_a_marked_coroutine_stands_alone_and_travels_on(module_of, run_python, tmp_path):
    module = module_of(
        """
        import types

        class C:
            @types.coroutine
            def f(self): yield self.x
            def g(self): return 2
            def h(self): return 3
        """
    )
    together, alone = dumps(module.C), dumps(module.C.f)
    assert "C:f" in paths(together)[0]
    (tmp_path / "together").write_bytes(together)
    (tmp_path / "alone").write_bytes(alone)
    run_python("""
        import pickle, sourcepickle
        for name in ("together", "alone"):
            data = open(name, "rb").read()
            assert sourcepickle.dumps(pickle.loads(data), by_source=True) == data, name
    """)


def test_records_of_one_text_and_other_paths_are_told_apart(module_of):
    before = module_of(CLASS)
    first = dumps(before.C.f)
    with open(before.__file__, "w", encoding="utf-8") as file:
        file.write(CLASS.replace("class C", "class D"))
    before.__spec__.loader.exec_module(before)
    linecache.checkcache()
    second = dumps(before.D.f)
    loaded = pickle.loads(first), pickle.loads(second)
    assert (dumps(loaded[0]), dumps(loaded[1])) == (first, second)
