"""The public API: a drop-in for cloudpickle with one more option."""

import io
import pickle

import cloudpickle
import pytest
import sourcepickle
from _pytest.pathlib import bestrelpath


def closure(k):
    def f(x):
        return x + k

    return f


def test_every_public_name_of_cloudpickle_is_here():
    public = [name for name in dir(cloudpickle) if not name.startswith("_")]
    assert {"register_pickle_by_value", "DEFAULT_PROTOCOL", "load", "loads"} <= set(public)
    assert [name for name in public if not hasattr(sourcepickle, name)] == []
    assert set(public) <= set(dir(sourcepickle))
    assert set(cloudpickle.__all__) <= set(sourcepickle.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        sourcepickle.no_such_name  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute '_private'"):
        sourcepickle._private  # noqa: B018


def test_star_import(run_python):
    program = (
        "from sourcepickle import *; print(Pickler.__module__, dumps.__module__, loads.__module__)"
    )
    assert run_python(program).startswith(
        "sourcepickle.pickler sourcepickle.pickler sourcepickle.loading"
    )


@pytest.mark.parametrize("protocol", [None, *range(2, pickle.HIGHEST_PROTOCOL + 1)])
def test_without_source_the_bytes_are_cloudpickles(protocol):
    f = closure(3)
    assert sourcepickle.dumps(f, protocol) == cloudpickle.dumps(f, protocol)
    assert sourcepickle.dumps([f, io], protocol=protocol) == cloudpickle.dumps([f, io], protocol)


def test_no_packages_by_reference_is_not_cloudpickles_rule():
    f = bestrelpath
    assert b"_make_function" not in sourcepickle.dumps(f)
    assert b"_make_function" not in sourcepickle.dumps(f, pickle_by_reference={"_pytest"})
    assert b"_make_function" in sourcepickle.dumps(f, pickle_by_reference=())
    with pytest.raises(ValueError, match="target_version"):
        sourcepickle.dumps(f, target_version=())


@pytest.mark.parametrize("protocol", [None, *range(0, pickle.HIGHEST_PROTOCOL + 1)])
def test_by_source_in_every_protocol(protocol):
    data = sourcepickle.dumps(closure(3), protocol, by_source=True)
    assert pickle.loads(data)(4) == 7
    assert b"cloudpickle.cloudpickle" not in data


def test_dump_and_pickler_write_what_dumps_returns():
    f = closure(3)
    data = sourcepickle.dumps(f, by_source=True)
    for write in (
        lambda file: sourcepickle.dump(f, file, by_source=True),
        lambda file: sourcepickle.Pickler(file, by_source=True).dump(f),
        lambda file: sourcepickle.CloudPickler(
            file, protocol=None, buffer_callback=None, by_source=True
        ).dump(f),
    ):
        file = io.BytesIO()
        write(file)
        assert file.getvalue() == data
    assert sourcepickle.load(io.BytesIO(data))(1) == 4


@pytest.mark.parametrize("by_source", [None, 2, "yes", "source"])
def test_by_source_is_one_of_three(by_source):
    with pytest.raises(ValueError, match='True, False or "prefer"'):
        sourcepickle.dumps(1, by_source=by_source)


def test_out_of_band_buffers():
    buffers = []
    data = sourcepickle.dumps(
        [pickle.PickleBuffer(b"abc"), closure(1)],
        buffer_callback=buffers.append,
        by_source=True,
    )
    loaded = sourcepickle.loads(data, buffers=buffers)
    assert bytes(loaded[0]) == b"abc"
    assert loaded[1](1) == 2


def test_a_subclass_can_override_and_delegate():
    class Pickler(sourcepickle.Pickler):
        def reducer_override(self, obj):
            if obj is marker:
                return str, ("replaced",)
            return super().reducer_override(obj)

    marker = object()
    file = io.BytesIO()
    Pickler(file, by_source=True).dump([marker, closure(2)])
    replaced, f = pickle.loads(file.getvalue())
    assert replaced == "replaced"
    assert f(2) == 4


def test_a_graph_too_deep_gives_cloudpickles_error():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises((pickle.PicklingError, RecursionError)):
        sourcepickle.dumps([deep, closure(1)], by_source=True)


def test_loading_imports_neither_native_module_nor_cloudpickle(run_python, tmp_path):
    (tmp_path / "payload").write_bytes(sourcepickle.dumps(closure(3), by_source=True))
    program = """
        import pickle, sys
        f = pickle.loads(open("payload", "rb").read())
        assert f(1) == 4
        print(sorted(name for name in sys.modules if "cloudpickle" in name or "_native" in name))
    """
    assert run_python(program) == "[]"


def test_a_pickler_can_be_initialised_again():
    f, first, second = closure(3), io.BytesIO(), io.BytesIO()
    pickler = sourcepickle.Pickler(first, by_source=True)
    pickler.dump(f)
    pickler.__init__(second)
    pickler.dump(f)
    assert first.getvalue() == sourcepickle.dumps(f, by_source=True)
    assert second.getvalue() == cloudpickle.dumps(f)


def test_a_reducer_that_is_patched_into_the_class_is_called(monkeypatch):
    reduced = []

    def note(self, obj):
        reduced.append(obj)
        return NotImplemented

    monkeypatch.setattr(sourcepickle.Pickler, "reducer_override", note)
    sourcepickle.dumps(len, by_source=True)
    assert reduced == [len]
