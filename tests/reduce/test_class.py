"""The reduce value of classes beyond what the matrix covers: identity, refusals, protocols."""

import contextvars
import dataclasses
import enum
import functools
import gc
import pickle
import struct
import sys
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
