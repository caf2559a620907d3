"""install(): the picklers of engines send by source."""

import importlib.util
import io
import pickle
import shutil
import sys
import threading
import tracemalloc
from importlib.machinery import SourceFileLoader
from pathlib import Path

import cloudpickle
import pytest
import sourcepickle
from sourcepickle import install, uninstall

SEAM = ("dump", "reducer_override")


def methods(pickler=cloudpickle.Pickler):
    return [vars(pickler)[name] for name in SEAM]


OWN = methods()


@pytest.fixture(autouse=True)
def _uninstalled():
    yield
    uninstall()
    assert methods() == OWN
    assert not any(type(finder).__module__.startswith("sourcepickle") for finder in sys.meta_path)


@pytest.fixture
def copy_of_cloudpickle(home):
    """Return a function that puts a copy of cloudpickle where an engine has it."""

    def put(name):
        *packages, last = name.split(".")
        folder = home.folder
        for package in packages:
            folder = folder / package
            folder.mkdir()
            (folder / "__init__.py").touch()
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(cloudpickle.__file__).parent, folder / last, ignore=ignored)
        importlib.invalidate_caches()
        return name

    return put


def closure(k):
    def f(x):
        return x + k

    return f


class Point:
    def __init__(self, x):
        self.x = x

    def moved(self, by):
        return type(self)(self.x + by)


def is_by_source(data):
    named = b"sourcepickle.rebuild" in data
    assert named != (b"_make_function" in data)
    return named


def test_cloudpickle_sends_by_source_until_it_is_uninstalled():
    before = cloudpickle.dumps(closure(1))
    install()
    data = cloudpickle.dumps(closure(1))
    assert is_by_source(data)
    assert pickle.loads(data)(1) == 2
    uninstall()
    assert cloudpickle.dumps(closure(1)) == before
    assert methods() == OWN
    uninstall()
    assert methods() == OWN


def test_the_bytes_are_those_of_by_source():
    for obj in (closure(1), [closure(1), closure], {Point}, pickle, cloudpickle.dumps):
        expected = sourcepickle.dumps(obj, by_source=True)
        with install():
            assert cloudpickle.dumps(obj) == expected
            file = io.BytesIO()
            cloudpickle.dump(obj, file)
            assert file.getvalue() == expected


def test_classes_and_their_instances_travel_by_source(module_of):
    module = module_of("""
        class Point:
            def __init__(self, x):
                self.x = x

            def moved(self, by):
                return type(self)(self.x + by)
    """)
    with install():
        data = cloudpickle.dumps(module.Point(1))
    assert is_by_source(data)
    assert pickle.loads(data).moved(2).x == 3


def test_cycles_through_cells_close():
    def countdown(n):
        return [] if n == 0 else [n, *countdown(n - 1)]

    with install():
        loaded = pickle.loads(cloudpickle.dumps(countdown))
    assert loaded(3) == [3, 2, 1]
    assert loaded.__closure__[0].cell_contents is loaded


def test_a_pickler_that_dumps_twice_refers_back():
    f, g = closure(1), closure(2)
    with install():
        file = io.BytesIO()
        pickler = cloudpickle.Pickler(file)
        pickler.dump(f)
        pickler.dump([f, g])
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    first, (again, other) = unpickler.load(), unpickler.load()
    assert again is first
    assert first.__globals__ is other.__globals__


def test_a_subclass_with_a_reducer_of_its_own_keeps_it():
    class Own(cloudpickle.Pickler):
        def reducer_override(self, obj):
            if obj is Own:
                return str, ("its own",)
            return super().reducer_override(obj)

    with install():
        file = io.BytesIO()
        Own(file).dump([Own, closure(1)])
    name, f = pickle.loads(file.getvalue())
    assert (name, f(1)) == ("its own", 2)
    assert is_by_source(file.getvalue())


def test_reducers_that_an_engine_registers_keep_working():
    class Handle:
        pass

    class Engine(cloudpickle.Pickler):
        dispatch_table = cloudpickle.Pickler.dispatch_table.new_child(
            {Handle: lambda handle: (str, ("a handle",))}
        )

    handle = Handle()
    with install():
        file = io.BytesIO()
        Engine(file).dump([handle, lambda: handle])
    text, f = pickle.loads(file.getvalue())
    assert (text, f()) == ("a handle", "a handle")


def test_sourcepickles_own_pickler_has_options_of_its_own():
    f = closure(1)
    bytecode = sourcepickle.dumps(f)
    source = sourcepickle.dumps(f, by_source=True)
    with install():
        assert sourcepickle.dumps(f) == bytecode
        assert sourcepickle.dumps(f, by_source=True) == source
        with pytest.raises(sourcepickle.SourceNotFoundError):
            sourcepickle.dumps(eval("lambda: 1", {}), by_source=True)


def test_options():
    made = eval("lambda x: x", {"__name__": "__main__"})
    with install(), pytest.raises(sourcepickle.SourceNotFoundError):
        cloudpickle.dumps(made)
    with install(by_source="prefer"):
        assert pickle.loads(cloudpickle.dumps(made))(1) == 1
    with install(pickle_by_reference=iter(["no_such_package"])):
        assert b"__init__" in cloudpickle.dumps(Point)
        assert b"__init__" in cloudpickle.dumps(Point)
    with install(standalone=True):
        assert b"exec" in cloudpickle.dumps(closure(1))

    def newer():
        import tomllib

        return tomllib

    with install(target_version=(3, 9)):
        with pytest.raises(sourcepickle.TargetVersionError, match="tomllib"):
            cloudpickle.dumps(newer)
        assert pickle.loads(cloudpickle.dumps(closure(1)))(1) == 2


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"by_source": False}, ValueError),
        ({"target_version": 3}, ValueError),
        ({"pickle_by_reference": "numpy"}, TypeError),
    ],
    ids=str,
)
def test_wrong_options_install_nothing(options, error):
    with pytest.raises(error):
        install(**options)
    assert methods() == OWN


def test_installing_again_exchanges_the_options():
    made = eval("lambda x: x", {"__name__": "__main__"})
    install(by_source="prefer")
    cloudpickle.dumps(made)
    install()
    with pytest.raises(sourcepickle.SourceNotFoundError):
        cloudpickle.dumps(made)
    uninstall()
    assert methods() == OWN


def test_blocks_in_blocks():
    made = eval("lambda x: x", {"__name__": "__main__"})
    with install():
        with install(by_source="prefer"):
            cloudpickle.dumps(made)
        with pytest.raises(sourcepickle.SourceNotFoundError):
            cloudpickle.dumps(made)
    assert methods() == OWN
    install(by_source="prefer")
    with install(), pytest.raises(sourcepickle.SourceNotFoundError):
        cloudpickle.dumps(made)
    cloudpickle.dumps(made)
    with install():
        uninstall()
        assert methods() == OWN
    assert methods() == OWN


@pytest.mark.parametrize("is_lasting", [False, True])
def test_blocks_of_threads_that_begin_and_end_in_any_order(is_lasting):
    if is_lasting:
        install()
    first, second = install(), install()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert is_by_source(cloudpickle.dumps(closure(1)))
    second.__exit__(None, None, None)
    assert is_by_source(cloudpickle.dumps(closure(1))) == is_lasting


def test_installing_again_and_again_takes_no_memory():
    for _ in range(100):
        install()
    tracemalloc.start()
    for _ in range(1_000):
        install()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 20_000


def test_a_block_is_left_by_an_error():
    with pytest.raises(KeyError), install():
        raise KeyError
    assert methods() == OWN


def test_threads_that_install_and_dump():
    problems = []

    def work():
        try:
            for _ in range(100):
                with install():
                    assert is_by_source(cloudpickle.dumps(closure(1)))
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert methods() == OWN


HOMES = ["joblib.externals.cloudpickle", "pyspark.cloudpickle", "ray.cloudpickle"]


@pytest.mark.parametrize("name", HOMES)
def test_copies_that_engines_carry(copy_of_cloudpickle, name):
    copy = importlib.import_module(copy_of_cloudpickle(name))
    assert copy.Pickler is not cloudpickle.Pickler
    own = methods(copy.Pickler)
    with install():
        data = copy.dumps(closure(1))
    assert is_by_source(data)
    assert pickle.loads(data)(1) == 2
    assert methods(copy.Pickler) == own
    assert not is_by_source(copy.dumps(closure(1)))


@pytest.mark.parametrize("name", HOMES)
def test_copies_that_are_imported_later(copy_of_cloudpickle, name):
    copy_of_cloudpickle(name)
    with install():
        copy = importlib.import_module(name)
        assert is_by_source(copy.dumps(closure(1)))
    assert not is_by_source(copy.dumps(closure(1)))
    inner = sys.modules[f"{name}.cloudpickle"]
    assert type(inner.__spec__.loader) is type(inner.__loader__) is SourceFileLoader


def test_a_copy_in_a_zip_file(copy_of_cloudpickle, home, tmp_path, monkeypatch):
    copy_of_cloudpickle("pyspark.cloudpickle")
    archive = shutil.make_archive(str(tmp_path / "engine"), "zip", home.folder)
    shutil.rmtree(home.folder / "pyspark")
    monkeypatch.syspath_prepend(archive)
    try:
        with install():
            copy = importlib.import_module("pyspark.cloudpickle")
            assert is_by_source(copy.dumps(closure(1)))
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "pyspark"]:
            del sys.modules[name]


def test_an_installation_can_be_pickled():
    with install() as installed:
        assert isinstance(pickle.loads(pickle.dumps(installed)), sourcepickle.Installation)


def test_a_copy_that_is_imported_when_all_is_undone_stays_as_it_is(copy_of_cloudpickle):
    name = copy_of_cloudpickle("ray.cloudpickle")
    with install():
        pass
    assert not is_by_source(importlib.import_module(name).dumps(closure(1)))


def test_a_copy_that_cannot_be_imported_raises_as_it_would(home):
    home.write(ray__init="", ray__cloudpickle__init="")
    (home.folder / "ray" / "cloudpickle" / "cloudpickle.py").write_text("1 / 0\n")
    importlib.invalidate_caches()
    with install():
        with pytest.raises(ZeroDivisionError):
            importlib.import_module("ray.cloudpickle.cloudpickle")
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("pyspark.cloudpickle.cloudpickle")


def test_an_older_copy_is_refused(home):
    home.write(ray__init="", ray__cloudpickle__init="", ray__cloudpickle__cloudpickle="")
    with pytest.raises(ImportError, match=r"a cloudpickle before 3, .*portable"):
        install()
    uninstall()
    assert methods() == OWN


def test_a_loader_that_is_only_looked_at_is_whole(copy_of_cloudpickle):
    name = copy_of_cloudpickle("ray.cloudpickle")
    with install():
        loader = importlib.util.find_spec(f"{name}.cloudpickle").loader
        assert "class Pickler" in loader.get_source(f"{name}.cloudpickle")


def test_what_a_copy_has_registered_by_value_goes_by_value(copy_of_cloudpickle, home):
    registered = home.write(mine="def f():\n    return 1\n")
    copy = importlib.import_module(copy_of_cloudpickle("ray.cloudpickle"))
    copy.register_pickle_by_value(registered)
    with install():
        assert b"return 1" in copy.dumps(registered.f)
        assert b"return 1" not in cloudpickle.dumps(registered.f)


def test_what_was_put_around_it_goes_on_working():
    calls = []
    install()
    ours = cloudpickle.Pickler.dump

    def around(self, obj):
        calls.append(obj)
        return ours(self, obj)

    cloudpickle.Pickler.dump = around
    try:
        uninstall()
        assert cloudpickle.Pickler.dump is around
        assert not is_by_source(cloudpickle.dumps(closure(1)))
        with install():
            assert is_by_source(cloudpickle.dumps(closure(1)))
        assert len(calls) == 2
    finally:
        cloudpickle.Pickler.dump = OWN[0]
