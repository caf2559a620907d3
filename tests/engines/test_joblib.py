"""joblib and loky, the copy in joblib and the stand-alone one."""

import pytest

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

MODES = [
    ("install", "cloudpickle", True),
    ("sourcepickle", "sourcepickle", False),
    # set_loky_pickler takes a module and no options, so the module has to say it.
    ("sourcepickle.by_source", "sourcepickle.by_source", True),
]


@pytest.mark.parametrize("home", ["joblib.externals.loky", "loky"])
@pytest.mark.parametrize(("mode", "pickler", "source"), MODES)
def test_executor(run, engine_python, home, mode, pickler, source):
    """Everything comes back as with cloudpickle, and workers have the same pickler."""
    found = run(engine_python, EXECUTOR, home, mode)
    assert found == {**RESULTS, "pickler": pickler, "worker": pickler, "source": source}


@pytest.mark.parametrize("home", ["joblib.externals.loky", "loky"])
def test_environment_variable(run, engine_python, home):
    """LOKY_PICKLER alone chooses the pickler, of the workers too."""
    name = "sourcepickle.by_source"
    found = run(engine_python, EXECUTOR, home, "none", LOKY_PICKLER=name)
    assert found == {**RESULTS, "pickler": name, "worker": name, "source": True}


PARALLEL = """
    import json, pickle, sys, tempfile
    import joblib, sourcepickle
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
        for backend in "loky", "threading", "multiprocessing":
            parallel = Parallel(n_jobs=2, backend=backend)
            found[backend] = parallel(delayed(sourcepickle.portable(work))(i) for i in range(3))
        parallel = Parallel(n_jobs=2, backend="loky", initializer=sourcepickle.install)
        found["lambda"] = parallel(delayed(work)(i) for i in range(3))
        found["wrapper"] = parallel(delayed(wrap_non_picklable_objects(work))(i) for i in range(3))
        found["same class"] = [type(item) is Item for item in parallel([delayed(Item)(1)] * 3)]
        with tempfile.TemporaryDirectory() as folder:
            joblib.dump(sourcepickle.portable(work), folder + "/work")
            found["dump"] = joblib.load(folder + "/work")(4)
        print(json.dumps(found))

    if __name__ == "__main__":
        main()
"""


def test_parallel(run, engine_python):
    """Parallel runs lambdas with every backend, and joblib's own wrapper sends source too."""
    assert run(engine_python, PARALLEL) == {
        "wrapped before": False,
        "wrapped": True,
        "loky": [0, 2, 4],
        "threading": [0, 2, 4],
        "multiprocessing": [0, 2, 4],
        "lambda": [0, 2, 4],
        "wrapper": [0, 2, 4],
        "same class": [True] * 3,
        "dump": 8,
    }


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


def test_hashes_stay(run, engine_python):
    """joblib.hash gives what it gave, installed or not, loaded or not."""
    before, after = run(engine_python, HASH)
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


@pytest.mark.parametrize("kind", ["portable", "loaded"])
def test_memory(run, engine_python, tmp_path, kind):
    """The next process finds what Memory kept of a function, unless its text was edited."""
    job, store = tmp_path / "job", tmp_path / "store"
    job.mkdir()
    first, second = MEMORY.replace("RATE", "2"), MEMORY.replace("RATE", "5")
    assert run(engine_python, first, kind, store, folder=job) == [6, [3]]
    assert run(engine_python, first, kind, store, folder=job) == [6, []]
    assert run(engine_python, second, kind, store, folder=job) == [15, [3]]
