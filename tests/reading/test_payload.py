"""What there is to tell of payloads of ours, and of any pickle."""

import array
import io
import os
import pickle
import sys
import zlib
from pathlib import Path

import pytest
import sourcepickle
from sourcepickle import rebuild
from sourcepickle.reading import Class, Module, NotReadableError, read
from sourcepickle.reading.callables import is_entry
from sourcepickle.reading.nodes import Call, Container, Reference


def shorts(values):
    return {name: value.short for name, value in values.items()}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("standalone", [False, True])
def test_a_function_is_told_with_all_that_it_brings(
    samples, read_one, functions, protocol, standalone
):
    data = sourcepickle.dumps(samples.inner, protocol, by_source=True, standalone=standalone)
    found = read_one(data)
    inner = functions(found)["outer.<locals>.inner"]
    assert found.writer == "sourcepickle"
    assert found.carries == ("this release" if standalone else None)
    assert (found.carried_size > 2000) == standalone
    assert found.object == "<function outer.<locals>.inner>"
    assert inner.module == samples.__name__
    assert inner.text == sourcepickle.getsource(samples.inner)
    assert inner.is_own_text
    assert (inner.file, inner.line) == (samples.__file__, samples.inner.__code__.co_firstlineno)
    assert (inner.how, inner.kind, inner.needs, inner.problems) == ("source", "function", None, [])
    assert [value.short for value in inner.defaults] == ["2"]
    assert shorts(inner.kwdefaults) == {"z": "(1, 2)"}
    assert shorts(inner.closure) == {"number": "7"}
    assert shorts(inner.globals) == {"math": "<module math>", "rate": "1.5"}
    assert shorts(inner.attributes) == {"note": "'attached'"}
    assert ("math", None) in [reference[:2] for reference in found.references]
    assert 100 < inner.size < 1000


def test_a_text_that_needs_a_newer_python_says_which(module_of, read_source, functions):
    if sys.version_info < (3, 10):
        pytest.skip("this Python has no match statement")
    f = module_of("def f(x):\n    match x:\n        case 1:\n            return 2\n").f
    assert functions(read_source(f))["f"].needs == (10, "a match statement", 2)


def test_classes_are_told_by_their_kinds(samples, read_source, by_name):
    names = ["Point", "Colour", "Plain", "Pair", "Typed", "Shape"]
    found = by_name(read_source([getattr(samples, name) for name in names]), Class)
    kinds = ["dataclass", "enum", "class", "named tuple", "typed dict", "protocol"]
    assert [found[name].kind for name in names] == kinds
    assert shorts(found["Point"].fields) == {"x": "int", "y": "int, default=3"}
    assert shorts(found["Colour"].fields) == {"RED": "1", "GREEN": "'g'"}
    assert shorts(found["Pair"].fields) == {"left": "", "right": "0"}
    assert found["Point"].methods["area"].short == "<function Point.area>"
    assert [base.short for base in found["Plain"].bases] == ["<class Point>"]
    assert shorts(found["Plain"].attributes)["limit"] == "10"
    assert "name" in found["Typed"].annotations


def test_methods_are_functions_and_stand_in_their_class(samples, read_source, functions):
    found = read_source(samples.Plain)
    methods = functions(found)
    assert {"Plain.twice", "Point.area", "Point.origin"} <= set(methods)
    plain = next(item for item in found.items if item.qualname == "Plain")
    assert found.tree[None] == [plain.number]
    inside = [found.items[number].qualname for number in found.tree[plain.number]]
    assert inside == ["Point", "Plain.twice"]


def test_functions_that_name_each_other_are_two(samples, read_source, functions):
    found = functions(read_source(samples.even))
    assert shorts(found["even"].globals) == {"odd": "<function odd>"}
    assert shorts(found["odd"].globals) == {"even": "<function even>"}


def test_every_byte_belongs_to_one_item_at_most(samples, read_source):
    found = read_source([samples.Plain, samples.inner, samples.even], standalone=True)
    assert sum(item.size for item in found.items) + found.carried_size < found.end
    assert all(item.size > 0 for item in found.items)


def test_instances_are_told_in_short(samples, read_source):
    assert read_source(samples.Point(1, 2)).object == "<Point object {'x': 1, 'y': 2}>"
    assert read_source(samples.cached).object.startswith("functools.lru_cache(<function cached>)")


def test_a_function_by_bytecode_names_its_python(read_one, functions):
    namespace = {"__name__": "__main__"}
    exec("def f(): return 1", namespace)
    found = functions(read_one(sourcepickle.dumps(namespace["f"], by_source="prefer")))["f"]
    assert found.how == "bytecode"
    assert found.pythons == (f"3.{sys.version_info[1]}",)
    assert found.text is None


def test_a_module_by_value_has_its_contents(home, read_one, by_name):
    home.write(tool="import math\nlimit = 5\ndef f(): return limit\n")
    import tool

    data = sourcepickle.dumps(tool, by_source=True, pickle_by_reference=set())
    found = by_name(read_one(data), Module)["tool"]
    assert found.file == tool.__file__
    assert found.contents["limit"].short == "5"
    assert found.contents["f"].short == "<function f>"


def test_a_portable_callable_is_read_in_its_pickle(samples, read_one, functions):
    for options in ({}, {"standalone": True}):
        outer = read_one(pickle.dumps(sourcepickle.portable(samples.inner, **options)))
        (inside,) = outer.nested
        assert "outer.<locals>.inner" in functions(inside)
        assert outer.items == []


def test_a_large_pickle_inside_is_read_where_it_stands(read_one):
    class Loads:
        def __reduce__(self):
            return pickle.loads, (pickle.dumps([bytes(3 << 20), print]),)

    outer = read_one(pickle.dumps(Loads()))
    assert outer.nested[0].references == [("builtins", "print", True)]


def test_pickles_in_pickles_are_read_to_a_bound(read_one):
    class Loads:
        def __init__(self, depth):
            self.depth = depth

        def __reduce__(self):
            return pickle.loads, (pickle.dumps(Loads(self.depth - 1) if self.depth else 0),)

    found, depth = read_one(pickle.dumps(Loads(9))), 0
    while found.nested:
        (found,) = found.nested
        depth += 1
    assert depth == 4
    assert "pickles inside pickles are shown 4 deep" in found.remarks[0]


def test_all_pickles_of_a_file_are_read():
    data = pickle.dumps(1) + pickle.dumps("two")
    assert [found.object for found in read(io.BytesIO(data), "name")] == ["1", "'two'"]


def test_what_is_behind_a_pickle_and_is_none_is_told():
    (found,) = read(io.BytesIO(pickle.dumps(1) + b"\xff more"), "name")
    assert found.remarks == [
        "6 B behind it are no pickle: b'\\xff' is no opcode of a pickle (byte 5)"
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\x1f\x8b\x08\x00", "compressed by gzip"),
        (b"PK\x03\x04", "zip archive"),
        (b"import os\n", "it does not look like a pickle"),
        (b"\x80\x04", "ends in the middle of a pickle"),
    ],
)
def test_a_file_that_is_no_pickle_is_refused_with_what_it_is(data, reason):
    with pytest.raises(NotReadableError, match=reason):
        read(io.BytesIO(data), "name")


def altered(function, **changes):
    """The payload of a function with other fields in its record."""
    code = function.__code__
    fields = ["path", "text", "first_line", "file", "free", "futures", "needs", "checksum"]
    text = sourcepickle.getsource(function)
    record = dict(zip(fields, ("f", text, code.co_firstlineno, code.co_filename, (), (), None, 0)))
    record["checksum"] = rebuild.checksum(tuple(record.values()))
    record.update(changes)

    class Altered:
        def __reduce__(self):
            return rebuild.function, (tuple(record.values()), None, {"__name__": "m"})

    return pickle.dumps(Altered())


@pytest.fixture
def plain_function(module_of):
    return module_of("def f():\n    return 1\n").f


def test_an_unaltered_record_has_no_problem(plain_function, read_one, functions):
    assert functions(read_one(altered(plain_function)))["f"].problems == []


def test_an_altered_text_is_said_loudly_and_shown(plain_function, read_one, functions):
    found = functions(read_one(altered(plain_function, text="def f():\n    return 2\n")))["f"]
    assert found.problems[0].startswith("ALTERED")
    assert found.text == "def f():\n    return 2\n"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"text": 5}, "of another type"),
        ({"path": None}, "of another type"),
        ({"first_line": 1 << 40}, "of another type"),
        ({"needs": ("a", "b")}, "of another type"),
        ({"free": (1,)}, "of another type"),
        ({"text": b"no deflated text"}, "no deflated text"),
        ({"text": zlib.compress(bytes(5 << 20))[2:-4]}, "longer than 4 MiB"),
        ({"text": zlib.compress(b"\xff\xff")[2:-4]}, "no UTF-8"),
        ({"text": zlib.compress(b"def f(): return 1")[2:10]}, "is cut off"),
    ],
)
def test_a_record_that_is_none_is_an_item_with_a_problem(
    plain_function, read_one, changes, problem
):
    found = read_one(altered(plain_function, **changes))
    assert [item.problems[0][:7] for item in found.items] == ["DAMAGED"]
    assert problem in found.items[0].problems[0]


def test_a_text_that_this_python_does_not_accept_is_shown_whole(plain_function, read_one):
    (found,) = read_one(altered(plain_function, text="def f(:\n")).items
    assert found.text == "def f(:\n"
    assert not found.is_own_text
    assert "this Python does not accept it" in found.problems[-1]


def test_code_that_another_release_carries_is_said_to_be_another(samples):
    data = sourcepickle.dumps(samples.inner, by_source=True, standalone=True)
    position = data.index(b"_sourcepickle_") + len(b"_sourcepickle_")
    other = data[:position] + b"00000000" + data[position + 8 :]
    (found,) = read(io.BytesIO(other), "name")
    assert found.carries == "another"
    assert [item.qualname for item in found.items] == ["outer.<locals>.inner"]


def test_what_is_evaluated_in_other_words_is_not_taken_for_our_code():
    function = Reference(0, 0, "builtins", "eval")
    text = "vars(__import__('os'))"
    assert not is_entry(Call(0, 0, function, Container(0, 0, "tuple", [text, {}])))


class WouldRun:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_nothing_is_run_or_imported(tmp_path, read_one):
    target = tmp_path / "made by the payload"
    data = pickle.dumps([WouldRun(str(target))])
    data = data[:-1] + b"cthis_module_is_nowhere\nname\n)R\x86."
    before = set(sys.modules)
    found = read_one(data)
    assert "mkdir" in found.object
    assert ("this_module_is_nowhere", "name", True) in found.references
    assert set(sys.modules) == before
    assert not target.exists()
    with pytest.raises(ModuleNotFoundError):
        pickle.loads(data)
    assert target.exists()


def test_reading_imports_nothing_but_the_standard_library(run_python):
    folder = Path(sourcepickle.__file__).parent.parent
    program = f"""
        import sys
        sys.path.insert(0, {str(folder)!r})
        import sourcepickle.reading
        loaded = {{name.partition(".")[0] for name in sys.modules}}
        print(loaded & {{"cloudpickle", "click", "rich"}}, "sourcepickle._native" in sys.modules)
    """
    assert run_python(program) == "set() False"


def test_importing_the_package_imports_nothing_of_reading(run_python):
    folder = Path(sourcepickle.__file__).parent.parent
    program = f"""
        import sys
        sys.path.insert(0, {str(folder)!r})
        import sourcepickle
        sourcepickle.loads(sourcepickle.dumps(print, by_source=True))
        print([name for name in sys.modules if ".reading" in name or ".command" in name])
    """
    assert run_python(program) == "[]"


def test_other_objects_are_told_by_what_makes_them(read_one):
    found = read_one(pickle.dumps([array.array("i", [1, 2]), {1: {2: {3: {4: 5}}}}, "x" * 100]))
    assert found.writer == "pickle"
    assert "array" in found.object
    assert "{1: {2: {…}}}" in found.object
    assert len(found.object) <= 200
