"""The reduce value of classes beyond what the matrix covers: identity, refusals, protocols."""

import contextvars
import dataclasses
import enum
import functools
import gc
import pickle
import struct
import sys
import textwrap
import threading
import types
import weakref

import pytest
import sourcepickle


def dumps(obj, protocol=None):
    return sourcepickle.dumps(obj, protocol, by_source=True)


def plain(value=1):
    class Plain:
        attribute = value

        def method(self):
            return self.attribute

    return Plain


def test_a_class_is_itself_in_the_process_that_defined_it():
    made = plain()
    data = dumps(made)
    method = made.__dict__["method"]
    made.attribute = 2
    assert pickle.loads(data) is made
    assert made.attribute == 2
    assert made.__dict__["method"] is method


def test_dataclasses_enums_and_named_tuples_are_themselves_too():
    @dataclasses.dataclass
    class Data:
        x: int

    class Color(enum.Enum):
        RED = 1

    Pair = __import__("collections").namedtuple("Pair", "a b")

    def attributes():
        # Newer versions keep annotations and docstrings that were read, as a dump does.
        kept = ("__annot", "__doc__")
        return [
            {name: value for name, value in vars(made).items() if not name.startswith(kept)}
            for made in (Data, Color, Pair)
        ]

    before = attributes()
    assert pickle.loads(dumps((Data, Color, Pair))) == (Data, Color, Pair)
    assert pickle.loads(dumps((Data, Color, Pair)))[0] is Data
    assert pickle.loads(dumps(Color.RED)) is Color.RED
    assert attributes() == before


def test_a_class_that_is_gone_is_made_anew():
    made = plain(3)
    gone = weakref.ref(made)
    data = dumps(made)
    del made
    gc.collect()
    assert gone() is None
    loaded = pickle.loads(data)
    assert loaded().method() == 3
    assert pickle.loads(data) is loaded


def test_a_class_sent_twice_is_one_and_a_redefined_one_another(run_python, tmp_path):
    first, other = plain(), plain()
    payloads = [dumps(first), dumps([first()]), dumps(other)]
    first.attribute = 5
    payloads.append(dumps(first))
    path = tmp_path / "payloads"
    path.write_bytes(pickle.dumps(payloads))
    program = """
        import pickle, sys
        with open(sys.argv[1], "rb") as file:
            payloads = pickle.load(file)
        first = pickle.loads(payloads[0])
        [instance] = pickle.loads(payloads[1])
        other = pickle.loads(payloads[2])
        print(type(instance) is first, other is first, instance.method())
        again = pickle.loads(payloads[3])
        print(again is first, instance.method(), other().method())
    """
    assert run_python(program, path).splitlines() == ["True False 1", "True 5 1"]


def test_a_loaded_class_keeps_its_identity_when_it_is_sent_on(run_python, tmp_path):
    made = plain()
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(dumps(made))
    program = """
        import pickle, sourcepickle, sys
        with open(sys.argv[1], "rb") as file:
            loaded = pickle.load(file)
        loaded.attribute = 7
        with open(sys.argv[2], "wb") as file:
            sourcepickle.dump([loaded, loaded()], file, by_source=True)
    """
    run_python(program, there, back)
    returned, instance = pickle.loads(back.read_bytes())
    assert returned is made
    assert isinstance(instance, made)
    assert instance.method() == 1


def test_threads_that_load_a_class_at_once_get_one():
    makers = [plain(n) for n in range(20)]
    payloads = [dumps(made) for made in makers]
    del makers
    gc.collect()
    barrier = threading.Barrier(8)
    loaded = []

    def work():
        barrier.wait()
        loaded.append([pickle.loads(data) for data in payloads])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(loaded) == 8
    for same in zip(*loaded):
        assert len(set(same)) == 1
    assert [made().method() for made in loaded[0]] == list(range(20))


def test_classes_loaded_and_dropped_leave_nothing():
    def once(n):
        data = dumps(plain(n))
        gc.collect()
        return weakref.ref(pickle.loads(data))

    gone = [once(n) for n in range(50)]
    gc.collect()
    assert [reference() for reference in gone] == [None] * 50


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_classes_in_every_protocol(protocol):
    made = plain(4)
    data = dumps([made, made()], protocol)
    del made
    gc.collect()
    loaded, instance = pickle.loads(data)
    assert instance.method() == 4
    assert type(instance) is loaded


@pytest.mark.parametrize(
    "made",
    [
        type(None),
        type(...),
        type(NotImplemented),
        types.FunctionType,
        types.CodeType,
        types.CellType,
        contextvars.ContextVar,
        weakref.ref,
        type({}.keys()),
        type(iter([])),
    ],
)
def test_types_that_no_module_has_under_their_name(made):
    assert pickle.loads(dumps(made)) is made


@pytest.mark.parametrize(
    "made", [type(struct.iter_unpack("b", b"")), type(functools.cmp_to_key(None))]
)
def test_a_type_implemented_in_c_that_no_import_gives_is_refused(made):
    with pytest.raises(sourcepickle.NotPortableError, match="implemented in C"):
        dumps(made)


def test_dictionary_views_and_text_files(tmp_path):
    numbers = {"a": 1, "b": 2}
    ordered = __import__("collections").OrderedDict(numbers)
    for shown in (numbers, ordered):
        for view in (shown.keys(), shown.values(), shown.items()):
            data = dumps(view)
            assert b"cloudpickle" not in data.replace(b"sourcepickle", b"")
            loaded = pickle.loads(data)
            assert type(loaded) is type(view)
            assert list(loaded) == list(view)
    assert pickle.loads(dumps(sys.stdout.__class__)) is sys.stdout.__class__
    path = tmp_path / "text"
    path.write_text("one\ntwo\n")
    with open(path) as file:
        file.readline()
        loaded = pickle.loads(dumps(file))
    assert loaded.read() == "two\n"
    with open(path, "w") as file, pytest.raises(pickle.PicklingError):
        dumps(file)


def test_a_method_without_text_is_refused_by_name_or_travels_as_bytecode():
    namespace = {}
    exec("class Made:\n    def method(self):\n        return 1", namespace)
    with pytest.raises(sourcepickle.SourceNotFoundError, match="method"):
        dumps(namespace["Made"])
    data = sourcepickle.dumps(namespace.pop("Made"), by_source="prefer")
    gc.collect()
    assert pickle.loads(data)().method() == 1


def test_a_pydantic_dataclass_is_refused():
    pydantic = pytest.importorskip("pydantic", reason="pydantic is not installed")

    @pydantic.dataclasses.dataclass
    class Data:
        x: int

    with pytest.raises(sourcepickle.NotPortableError, match=r"Data.*pydantic\.BaseModel"):
        dumps(Data)


def test_a_model_of_another_release_of_pydantic_is_refused(monkeypatch):
    pydantic = pytest.importorskip("pydantic", reason="pydantic is not installed")

    class Model(pydantic.BaseModel):
        x: int = 1

    data = dumps(Model)
    assert pickle.loads(data) is Model
    monkeypatch.setattr(pydantic, "__version__", "2.99.1")
    with pytest.raises(
        sourcepickle.SourceVersionError, match=r"pydantic 2\.99\.1: install the same"
    ):
        pickle.loads(data)


def test_an_importable_type_variable_is_imported_or_the_load_fails(module_of):
    module = module_of("import typing\nT = typing.TypeVar('T')\n", "importable")
    sys.modules[module.__name__] = module
    try:
        data = dumps([module.T])
        assert pickle.loads(data)[0] is module.T
    finally:
        del sys.modules[module.__name__]
    with pytest.raises(ModuleNotFoundError):
        pickle.loads(data)


def test_a_class_sent_on_has_the_same_bytes(run_python, tmp_path):
    class Made:
        join = 1  # a name that every Python has interned already
        other = "join"

        def method(self):
            return self.join

    data = dumps(Made)
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(data)
    program = """
        import pickle, sourcepickle, sys
        with open(sys.argv[1], "rb") as file:
            loaded = pickle.load(file)
        with open(sys.argv[2], "wb") as file:
            sourcepickle.dump(loaded, file, by_source=True)
    """
    run_python(program, there, back)
    assert back.read_bytes() == data


# What a new process makes of the class that a program of its own dumps as ``made``.
THERE = """
    import pickle, sys
    with open(sys.argv[1], "rb") as file:
        made = pickle.load(file)
"""


@pytest.fixture
def there(run_python, tmp_path):
    """Return a function: the classes of one program, in a new process, as another one sees them."""

    def run(here, program):
        path = tmp_path / "payload"
        dump = """
            import sourcepickle, sys
            with open(sys.argv[1], "wb") as file:
                sourcepickle.dump(made, file, by_source=True)
        """
        run_python(textwrap.dedent(here) + textwrap.dedent(dump), path)
        return run_python(textwrap.dedent(THERE) + textwrap.dedent(program), path)

    return run


def test_a_class_with_a_hook_and_a_built_in_base(there):
    here = """
        class Tagged:
            def __init_subclass__(cls):
                cls.tag = cls.__name__

        class Number(Tagged, int):
            pass

        class made(Number):
            pass
    """
    if sys.version_info < (3, 12):  # CPython exchanges no bases of a class derived from int there.
        with pytest.raises(AssertionError, match=r"SourceVersionError: .* cannot be made"):
            there(here, "")
    else:
        program = "print(made(3) + 1, made.tag, made.__base__.tag, made.__mro__[2].__name__)"
        assert there(here, program) == "4 made Number Tagged"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="has no enum.global_enum")
def test_an_enum_whose_members_are_globals(there):
    here = """
        import enum

        @enum.global_enum
        class made(enum.Enum):
            A = 1
    """
    assert there(here, "print(repr(made.A), str(made.A))") == "__main__.A A"


def test_a_protocol_with_a_mark_for_type_checkers(there):
    here = """
        import typing

        @typing.final
        @typing.runtime_checkable
        class made(typing.Protocol):
            def __int__(self): ...
    """
    program = "print(isinstance(3, made), isinstance('3', made))"
    assert there(here, program) == "True False"


def test_the_hook_of_a_library_meets_the_classes_and_no_stand_ins(there, tmp_path):
    library = """
        class Registered:
            registry = {}

            def __init_subclass__(cls, **keywords):
                super().__init_subclass__(**keywords)
                Registered.registry[cls.__name__] = cls
    """
    (tmp_path / "library_of_the_test.py").write_text(textwrap.dedent(library))
    here = """
        import library_of_the_test

        class Base(library_of_the_test.Registered):
            def __init_subclass__(cls, **keywords):
                super().__init_subclass__(**keywords)

        class made(Base):
            pass
    """
    program = """
        from library_of_the_test import Registered
        base = made.__base__
        print(base.__base__ is Registered, Registered.registry["Base"] is base)
        print(set(Registered.registry.values()) <= {base, made})
        print(Registered.__subclasses__() == [base], base.__subclasses__() == [made])
    """
    assert there(here, program).split() == ["True"] * 5


@pytest.mark.parametrize("method", ["__repr__", "__eq__"])
@pytest.mark.parametrize("whole", [True, False], ids=["whole_class", "one_method"])
def test_a_method_without_text_is_not_taken_for_one_that_a_dataclass_generates(method, whole):
    text = f"def {method}(self, *others):\n    return 'mine'\n"
    if whole:
        text = "class Data:\n    x: int\n" + textwrap.indent(text, "    ")
    namespace = {"__name__": __name__}
    exec(text, namespace)
    if not whole:
        annotations = {"__annotations__": {"x": int}, "__module__": __name__}
        namespace["Data"] = type("Data", (), {**annotations, method: namespace[method]})
    made = dataclasses.dataclass(namespace["Data"])
    with pytest.raises(sourcepickle.SourceNotFoundError, match=method):
        dumps(made)


# Lists that hold themselves are looked at below the outermost one, which arrives as a copy.
@pytest.mark.parametrize("holder", ["function", "class"])
@pytest.mark.parametrize(
    ("build", "check"),
    [
        ("r = [int]; r.append(r)", "r[0] is int and r[1] is r[1][1]"),
        ("r = []; r.append(r); r.append(r)", "len(r) == 2 and r[0] is r[1] is r[0][0] is r[0][1]"),
        ("r = []; r.append((r, [r]))", "r[0][0] is r[0][1][0] is r[0][0][0][0]"),
        ("for _ in range(100_000): r = [r]", "depth(lambda r: r[0]) == 100_000"),
        ("for _ in range(100_000): r = (r,)", "depth(lambda r: r[0]) == 100_000"),
        ("for _ in range(100_000): r = list[r]", "depth(lambda r: r.__args__[0]) == 100_000"),
    ],
    ids=["itself", "itself_twice", "itself_in_a_tuple", "lists", "tuples", "generic_aliases"],
)
def test_annotations_without_end_or_very_deep(run_python, tmp_path, holder, build, check):
    path = tmp_path / "payload"
    here = f"""
        import pickle, sourcepickle, sys

        class Class:
            pass

        def function(x):
            return x

        r = int
        {build}
        made = {"Class" if holder == "class" else "function"}
        made.__annotations__ = {{"x": r}}
        try:
            data = sourcepickle.dumps(made, by_source=True)
        except (pickle.PicklingError, RecursionError):
            print("refused")
        else:
            with open(sys.argv[1], "wb") as file:
                file.write(data)
            print("dumped")
    """
    there = f"""
        import pickle, sys

        def depth(inner):
            levels, each = 0, r
            while each is not int:
                levels, each = levels + 1, inner(each)
            return levels

        with open(sys.argv[1], "rb") as file:
            r = pickle.load(file).__annotations__["x"]
        print({check})
    """
    if run_python(here, path) == "dumped":
        assert run_python(there, path) == "True"
