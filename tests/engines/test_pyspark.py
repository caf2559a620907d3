"""PySpark in local mode: RDD functions, UDFs, broadcasts and accumulators.

A session takes seconds to start, so each fixture runs one and tests look at what it found.
"""

import pytest
from engines import page

SCRIPT = """
    import json, sys
    import sourcepickle

    with_install, with_daemon = (argument == "1" for argument in sys.argv[1:])
    if with_install:
        sourcepickle.install()

    from collections import namedtuple
    from pyspark import AccumulatorParam
    from pyspark.serializers import CloudPickleSerializer
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import udf
    from sourcepickle import portable

    rate = 3
    Pair = namedtuple("Pair", "left right")

    class Item:
        def __init__(self, price):
            self.price = price

        def plus(self, value):
            return self.price + value

        def __eq__(self, other):
            return isinstance(other, Item) and other.price == self.price

        def __hash__(self):
            return self.price

    class Union(AccumulatorParam):
        def zero(self, value):
            return set()

        def addInPlace(self, one, other):
            return one | other

    def adder(base):
        def add(value):
            return base + value + rate
        return add

    builder = SparkSession.builder.master("local[2]")
    builder.config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2")
    if with_daemon:
        builder.config("spark.python.daemon.module", "sourcepickle.spark")
    spark = builder.getOrCreate()
    context = spark.sparkContext
    context.setLogLevel("OFF")
    found = {"source": b"sourcepickle" in CloudPickleSerializer().dumps(lambda: rate)}

    def note(name, func):
        try:
            found[name] = func()
        except Exception as error:
            found[name] = str(error)

    def numbers(count=4):
        return context.parallelize(range(count), 2)

    def column(func):
        return [row[0] for row in spark.range(3).select(func("id")).collect()]

    note("lambda", lambda: numbers().map(lambda value: value * rate).collect())
    if not isinstance(found["lambda"], str):
        note("closure", lambda: numbers().map(adder(10)).collect())
        note("method", lambda: numbers().map(Item(2).plus).collect())
        note("named tuple", lambda: [pair.right for pair in numbers(2).map(
            lambda value: Pair(value, rate)).collect()])
        note("same class", lambda: [type(item) is Item for item in numbers(2).map(Item).collect()])
        note("there and back", lambda: [type(item) is Item for item in context.parallelize(
            [Item(1), Item(2)], 2).map(lambda item: item).collect()])
        pairs = numbers(6).map(lambda value: (Item(value % 2), 1)).reduceByKey(lambda a, b: a + b)
        note("keys of a class", lambda: sorted([item.price, n] for item, n in pairs.collect()))
        note("returned", lambda: [func(1) for func in numbers(2).map(
            lambda value: (lambda other: value + other)).collect()])
        table = context.broadcast({"rate": 7})
        note("broadcast", lambda: numbers(2).map(lambda i: i * table.value["rate"]).collect())
        kept = context.broadcast(portable(lambda value: value * rate))
        note("broadcast function", lambda: numbers(2).map(lambda i: kept.value(i)).collect())
        total = context.accumulator(0)
        note("accumulator", lambda: (numbers().foreach(lambda i: total.add(i)), total.value))
        union = context.accumulator(set(), Union())
        note("own accumulator", lambda: (
            numbers().foreach(lambda value: union.add({value})), sorted(union.value)))
        note("portable", lambda: numbers().map(portable(lambda value: value * rate)).collect())
        note("udf", lambda: column(udf(lambda value: value * rate, "long")))
        note("udf closure", lambda: column(udf(adder(1), "long")))
        note("portable udf", lambda: column(udf(portable(lambda value: value * rate), "long")))
        spark.udf.register("twice", lambda value: value * 2, "long")
        doubled = spark.sql("select twice(id) from range(3)")
        note("sql", lambda: [row[0] for row in doubled.collect()])
        note("no text", lambda: numbers().map(eval("lambda value: value")).collect())
    spark.stop()
    print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def environment(python_of):
    """What Spark needs to know of this machine."""
    # The machine's name may have no address that anything listens on.
    return {"PYSPARK_PYTHON": python_of("ALL"), "SPARK_LOCAL_IP": "127.0.0.1"}


@pytest.fixture(scope="module")
def session(run, environment):
    """Run a session and return what it found."""

    def session(install, daemon, **more):
        return run("ALL", SCRIPT, int(install), int(daemon), **{**environment, **more})

    return session


@pytest.fixture(scope="module")
def installed(session):
    """What is found where driver and workers have called install()."""
    return session(install=True, daemon=True)


@pytest.fixture(scope="module")
def on_driver(session):
    """What is found where the driver alone has called install()."""
    return session(install=True, daemon=False)


@pytest.fixture(scope="module")
def untouched(session):
    """What is found where nothing has called install()."""
    return session(install=False, daemon=False)


EXPECTED = {
    "RDD functions": {
        "lambda": [0, 3, 6, 9],
        "closure": [13, 14, 15, 16],
        "method": [2, 3, 4, 5],
        "named tuple": [3, 3],
    },
    "UDFs": {"udf": [0, 3, 6], "udf closure": [4, 5, 6]},
    "SQL functions": {"sql": [0, 2, 4]},
    "broadcasts": {"broadcast": [0, 7]},
    "accumulators": {"accumulator": [None, 6], "own accumulator": [None, [0, 1, 2, 3]]},
    "functions that come back": {"returned": [1, 2]},
    "portable functions": {
        "portable": [0, 3, 6, 9],
        "portable udf": [0, 3, 6],
        "broadcast function": [0, 3],
    },
}
# What comes back from a worker, or goes from one to another, is pickled there.
PICKLED_IN_WORKERS = {
    "classes that come back": {"same class": [True, True], "there and back": [True, True]},
    "shuffles by keys of a class": {"keys of a class": [[0, 3], [1, 3]]},
}
PORTABLE = {
    "RDD functions": {"portable": [0, 3, 6, 9]},
    "UDFs": {"portable udf": [0, 3, 6]},
    "functions in broadcasts": {"broadcast function": [0, 3]},
}


def cases(expected):
    """Parametrize by what is found and expected of each feature."""
    values = [
        pytest.param(name, value, marks=pytest.mark.feature(feature), id=name)
        for feature, found in expected.items()
        for name, value in found.items()
    ]
    return pytest.mark.parametrize(("name", "value"), values)


EVERYWHERE = pytest.mark.way("`install()` in driver and workers")


@EVERYWHERE
@cases({**EXPECTED, **PICKLED_IN_WORKERS})
def test_installed(installed, name, value):
    """With install() in driver and workers, all is as with PySpark's own cloudpickle."""
    assert installed["source"]
    assert installed[name] == value


@pytest.mark.way("`install()` in the driver alone")
@cases(EXPECTED)
def test_installed_on_the_driver(on_driver, name, value):
    """With install() on the driver alone, functions run on workers and their results come back."""
    assert on_driver["source"]
    assert on_driver[name] == value


@pytest.mark.way("`portable`")
@cases(PORTABLE)
def test_portable_alone(untouched, name, value):
    """Portable functions need no install() anywhere."""
    assert not untouched["source"]
    assert untouched[name] == value


@EVERYWHERE
def test_no_text(installed):
    """Spark lets the error that says what to do through as it is."""
    assert "__source__" in installed["no text"]


@EVERYWHERE
def test_spark_refuses_another_version(session, python_of):
    """Spark itself refuses workers of another minor version before anything is loaded."""
    found = session(install=True, daemon=True, PYSPARK_PYTHON=python_of("REFUSED"))
    assert "PYTHON_VERSION_MISMATCH" in found["lambda"]


SOURCE_IN_WORKERS = """
there = spark.sparkContext.parallelize([0], 1).map(lambda _: (lambda: 0).__code__.co_filename)
print(there.collect()[0][:14])
"""


@EVERYWHERE
@pytest.mark.feature("RDD functions")
def test_snippet(output, environment):
    """The page's snippet prints what it says, by functions that came as source."""
    (snippet,) = page.blocks("PySpark", "python")
    told = [*page.printed(snippet), "<sourcepickle "]
    assert output("ALL", snippet + SOURCE_IN_WORKERS, **environment) == told
