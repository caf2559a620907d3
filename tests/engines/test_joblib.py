"""joblib and loky, the copy in joblib and the stand-alone one."""

import pytest
from engines import page

EXECUTORS = {
    "joblib.externals.loky": "executors of joblib's loky",
    "loky": "executors of loky",
}
HOMES = [
    pytest.param(home, marks=pytest.mark.feature(feature)) for home, feature in EXECUTORS.items()
]

EXECUTOR = """
    import functools, importlib, json, pickletools, sys
    import sourcepickle

    home, mode = sys.argv[1:]
    loky = importlib.import_module(home)
    reduction = importlib.import_module(home + ".backend.reduction")
    options = {}
    if mode == "install":
        sourcepickle.install()
        options = {"initializer": sourcepickle.install}
    elif mode.startswith("sourcepickle"):
        loky.set_loky_pickler(mode)

    rate = 3

    class Item:
        def __init__(self, price):
            self.price = price

        def plus(self, value):
            return self.price + value

        @classmethod
        def make(cls, price):
            return cls(price)

    def adder(base):
        def add(value):
            return base + value + rate
        return add

    def main():
        pool = loky.get_reusable_executor(max_workers=2, **options)
        found = {
            "pickler": reduction.get_loky_pickler_name(),
            "source": b"sourcepickle" in bytes(reduction.dumps(lambda: rate)),
            "lambda": list(pool.map(lambda value: value * rate, range(3))),
            "closure": list(pool.map(adder(5), range(3))),
            "partial": pool.submit(functools.partial(adder(1), 2)).result(),
            "method": list(pool.map(Item(3).plus, range(3))),
            "class method": [item.price for item in pool.map(Item.make, range(3))],
            "same class": [type(item) is Item for item in pool.map(Item, range(4))],
            "returned": pool.submit(lambda: (lambda value: value * rate)).result()(2),
            "worker": pool.submit(
                lambda name: sys.modules[name].get_loky_pickler_name(), reduction.__name__
            ).result(),
        }
        pool.shutdown(wait=True)
        print(json.dumps(found))

    if __name__ == "__main__":
        main()
"""

RESULTS = {
    "lambda": [0, 3, 6],
    "closure": [8, 9, 10],
    "partial": 6,
    "method": [3, 4, 5],
    "class method": [0, 1, 2],
    "same class": [True] * 4,
    "returned": 6,
}


@pytest.mark.way("`by_source`")
@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize(
    ("pickler", "source"),
    # set_loky_pickler takes a module and no options, so the module has to say it.
    [("sourcepickle", False), ("sourcepickle.by_source", True)],
)
def test_pickler_by_name(run, home, pickler, source):
    """Everything comes back as with cloudpickle, and workers have the same pickler."""
    found = run("ALL", EXECUTOR, home, pickler)
    assert found == {**RESULTS, "pickler": pickler, "worker": pickler, "source": source}


@pytest.mark.way("`install()`")
@pytest.mark.parametrize("home", HOMES)
def test_installed(run, home):
    """Everything comes back as with cloudpickle, which stays the pickler and sends source."""
    found = run("ALL", EXECUTOR, home, "install")
    assert found == {**RESULTS, "pickler": "cloudpickle", "worker": "cloudpickle", "source": True}


@pytest.mark.way("`by_source`")
@pytest.mark.parametrize("home", HOMES)
def test_environment_variable(run, home):
    """LOKY_PICKLER alone chooses the pickler, of the workers too."""
    name = "sourcepickle.by_source"
    found = run("ALL", EXECUTOR, home, "none", LOKY_PICKLER=name)
    assert found == {**RESULTS, "pickler": name, "worker": name, "source": True}


PARALLEL_PORTABLE = """
    import json, tempfile
    import joblib, sourcepickle
    from joblib import Parallel, delayed

    rate = 2

    def main():
        work = sourcepickle.portable(lambda value: value * rate)
        found = {}
        for backend in "loky", "threading", "multiprocessing":
            found[backend] = Parallel(n_jobs=2, backend=backend)(delayed(work)(i) for i in range(3))
        with tempfile.TemporaryDirectory() as folder:
            joblib.dump(work, folder + "/work")
            found["dump"] = joblib.load(folder + "/work")(4)
        print(json.dumps(found))

    if __name__ == "__main__":
        main()
"""


@pytest.mark.way("`portable`")
@pytest.mark.feature("`Parallel`")
def test_parallel_portable(run):
    """Parallel runs portable lambdas with every backend, and joblib.dump writes them."""
    assert run("ALL", PARALLEL_PORTABLE) == {
        "loky": [0, 2, 4],
        "threading": [0, 2, 4],
        "multiprocessing": [0, 2, 4],
        "dump": 8,
    }


PARALLEL = """
    import json, pickle
    import sourcepickle
    from joblib import Parallel, delayed, wrap_non_picklable_objects

    rate = 2

    class Item:
        def __init__(self, price):
            self.price = price

    def main():
        with_source = lambda func: b"sourcepickle" in pickle.dumps(wrap_non_picklable_objects(func))
        found = {"wrapped before": with_source(lambda: rate)}
        sourcepickle.install()
        found["wrapped"] = with_source(lambda: rate)
        work = lambda value: value * rate
        parallel = Parallel(n_jobs=2, backend="loky", initializer=sourcepickle.install)
        found["lambda"] = parallel(delayed(work)(i) for i in range(3))
        found["wrapper"] = parallel(delayed(wrap_non_picklable_objects(work))(i) for i in range(3))
        found["same class"] = [type(item) is Item for item in parallel([delayed(Item)(1)] * 3)]
        print(json.dumps(found))

    if __name__ == "__main__":
        main()
"""


@pytest.mark.way("`install()`")
@pytest.mark.feature("`Parallel`")
def test_parallel(run):
    """Parallel runs lambdas, classes come back, and joblib's own wrapper sends source too."""
    assert run("ALL", PARALLEL) == {
        "wrapped before": False,
        "wrapped": True,
        "lambda": [0, 2, 4],
        "wrapper": [0, 2, 4],
        "same class": [True] * 3,
    }


SOURCE_IN_WORKERS = """
print(Parallel(n_jobs=2)([delayed(lambda: (lambda: 0).__code__.co_filename)()])[0][:14])
"""


@pytest.mark.way("`by_source`")
@pytest.mark.feature("`Parallel`")
def test_snippet(output):
    """The page's snippet prints what it says, by functions that came as source."""
    (snippet,) = page.blocks("joblib and loky", "python")
    told = [*page.printed(snippet), "<sourcepickle "]
    assert output("ALL", snippet + SOURCE_IN_WORKERS) == told


HASH = """
    import json, sys
    import joblib, sourcepickle

    class Item:
        def __init__(self, price):
            self.price = price

    def work(value):
        return value

    before = joblib.hash(work), joblib.hash(Item(1))
    sourcepickle.install()
    loaded = sourcepickle.loads(sourcepickle.dumps(Item(1), by_source=True))
    print(json.dumps([before, [joblib.hash(work), joblib.hash(loaded)]]))
"""


@pytest.mark.way("`install()`")
@pytest.mark.feature("`hash`")
def test_hashes_stay(run):
    """joblib.hash gives what it gave, installed or not, loaded or not."""
    before, after = run("ALL", HASH)
    assert before == after


MEMORY = """
    import json, sys
    import joblib, sourcepickle

    calls = []

    def work(value):
        calls.append(value)
        return value * RATE

    func = {
        "portable": lambda: sourcepickle.portable(work),
        "loaded": lambda: sourcepickle.loads(sourcepickle.dumps(work, by_source=True)),
    }[sys.argv[1]]()
    cached = joblib.Memory(sys.argv[2], verbose=0).cache(func)
    result = cached(3)
    print(json.dumps([result, not cached.check_call_in_cache(4)]))
    print(json.dumps([result, calls or getattr(func, "__globals__", {}).get("calls", [])]))
"""


def edited(run, folder, kind):
    job, store = folder / "job", folder / "store"
    job.mkdir()
    scripts = [MEMORY.replace("RATE", rate) for rate in ("2", "2", "5")]
    return [run("ALL", script, kind, store, folder=job) for script in scripts]


@pytest.mark.way("`portable`")
@pytest.mark.feature("`Memory`")
def test_memory_of_portable(run, tmp_path):
    """The next process finds what Memory kept of a function, unless its text was edited."""
    assert edited(run, tmp_path, "portable") == [[6, [3]], [6, []], [15, [3]]]


@pytest.mark.way("`by_source`")
@pytest.mark.feature("`Memory` of loaded functions")
def test_memory_of_loaded(run, tmp_path):
    """So it does of a function that was sent by source."""
    assert edited(run, tmp_path, "loaded") == [[6, [3]], [6, []], [15, [3]]]
