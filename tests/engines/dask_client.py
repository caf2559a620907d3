"""The client of test_dask.py: a program, so that all it defines is of ``__main__``.

Each ``check_`` is one test; ``check_portable_`` must hold without any preload as well.
"""

from __future__ import annotations

import abc
import dataclasses
import enum
import importlib
import json
import pathlib
import sys
import traceback
import warnings

import cloudpickle
import dask
import dask.array
import dask.bag
import joblib
import sourcepickle
from distributed import Client, WorkerPlugin, worker_client
from distributed.versions import VersionMismatchWarning

TIMEOUT = 60
RATE = 1.5


def version():
    return sys.version_info[:2]


def scaled(number):
    return RATE * number


def make_adder(step):
    def add(number):
        return number + step

    return add


class Refused(Exception):
    def __init__(self, code, reason):
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


class Color(enum.Enum):
    RED = 1
    BLUE = 2

    def other(self):
        return Color.BLUE if self is Color.RED else Color.RED


@dataclasses.dataclass(frozen=True)
class Order:
    price: float
    tags: list = dataclasses.field(default_factory=list)

    def total(self):
        return RATE * self.price


class Counter:
    count = 0  # Dask's proxy of an actor looks names up in the class.

    def __init__(self, start=0):
        self.count = start

    def increase(self, step=1):
        self.count += step
        return self.count

    async def slowly(self, step):
        return self.increase(step)

    def point(self):
        return Point(self.count, 0)

    def fail(self):
        raise Refused(7, "actor")


class Marker(WorkerPlugin):
    name = "marker"

    def setup(self, worker):
        worker.marked = scaled(2)


def feature(name):
    """Say what a check shows to work, for test_dask.py, which reads it."""
    return lambda check: check


def raised_by(call, *args):
    try:
        call(*args)
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@feature("submit and map")
def check_submit_lambda(client):
    """A lambda that reads a global runs on the worker."""
    assert client.submit(lambda number: RATE * number, 4).result(TIMEOUT) == 6.0


@feature("submit and map")
def check_submit_closure(client):
    """A closure keeps what it closes over."""
    assert client.submit(make_adder(3), 4).result(TIMEOUT) == 7


@feature("submit and map")
def check_submit_def(client):
    """A function of the client's program runs on the worker."""
    assert client.submit(scaled, 4).result(TIMEOUT) == 6.0


@feature("submit and map")
def check_submit_coroutine(client):
    """A coroutine function is awaited by the worker."""

    async def late(number):
        return scaled(number)

    assert client.submit(late, 5).result(TIMEOUT) == 7.5


@feature("submit and map")
def check_map(client):
    """Every call of a map sees the same function."""
    futures = client.map(lambda number: scaled(number) + 1, range(20))
    assert client.gather(futures) == [scaled(number) + 1 for number in range(20)]


@feature("submit and map")
def check_keys(client):
    """One function has one key, so that Dask computes it once."""
    add = make_adder(5)
    assert client.submit(scaled, 8).key == client.submit(scaled, 8).key
    assert client.submit(add, 8).key == client.submit(add, 8).key
    assert client.submit(make_adder(6), 8).key != client.submit(add, 8).key


@feature("delayed")
def check_delayed(client):
    """A graph of delayed calls, of functions and of a class, is computed."""

    @dask.delayed
    def double(number):
        return 2 * number

    total = dask.delayed(lambda parts: sum(parts))([double(number) for number in range(5)])
    assert total.compute() == 20
    assert dask.delayed(Point)(1, 2).compute().y == 2


@feature("bags")
def check_bag(client):
    """A bag's filter, map, fold and groupby run on the worker."""
    numbers = dask.bag.from_sequence(range(30), npartitions=3)
    chosen = numbers.filter(lambda number: number % 2).map(make_adder(1)).map(scaled)
    assert chosen.fold(lambda a, b: a + b).compute() == scaled(sum(range(2, 31, 2)))
    groups = dict(numbers.groupby(lambda number: number % 3).compute())
    assert sorted(groups[0]) == list(range(0, 30, 3))


@feature("arrays")
def check_array(client):
    """Functions of the program map an array's blocks, and reduce them."""
    numbers = dask.array.arange(12, chunks=4)
    mapped = numbers.map_blocks(lambda block: scaled(block) + 1)
    assert mapped.sum().compute() == scaled(sum(range(12))) + 12
    largest = dask.array.reduction(
        mapped,
        chunk=lambda block, axis, keepdims: block.max(axis, keepdims=keepdims),
        aggregate=lambda block, axis, keepdims: block.max(axis, keepdims=keepdims),
        dtype=float,
    )
    assert largest.compute() == scaled(11) + 1


@feature("joblib's backend")
def check_joblib(client):
    """joblib's calls run as tasks."""
    with joblib.parallel_config(backend="dask"):
        parallel = joblib.Parallel()
        assert parallel(joblib.delayed(make_adder(1))(i) for i in range(5)) == [1, 2, 3, 4, 5]
        assert parallel(joblib.delayed(lambda i: scaled(i))(i) for i in range(3)) == [0, 1.5, 3]


@feature("`run` and `run_on_scheduler`")
def check_run(client):
    """Functions run outside of tasks, on the worker and on the scheduler."""
    assert list(client.run(make_adder(1), 2).values()) == [3]
    assert client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.workers)) == 1


@feature("`run` and `run_on_scheduler`")
def check_run_raises(client):
    """An exception of the user's comes back from such functions as what it is."""

    def fail():
        raise Refused(1, "run")

    for call in (client.run, client.run_on_scheduler):
        error = raised_by(call, fail)
        assert type(error) is Refused
        assert error.code == 1


@feature("actors")
def check_actor(client):
    """An actor of a class of the program has methods, coroutines, attributes and exceptions."""
    counter = client.submit(Counter, 10, actor=True).result(TIMEOUT)
    assert counter.increase(2).result(TIMEOUT) == 12
    assert counter.slowly(3).result(TIMEOUT) == 15
    assert counter.count == 15
    assert type(counter.point().result(TIMEOUT)) is Point
    assert type(raised_by(counter.fail().result, TIMEOUT)) is Refused
    assert client.submit(lambda proxy: proxy.increase().result(), counter).result(TIMEOUT) == 16


@feature("exceptions")
def check_exception(client):
    """A task's exception is of the client's own class, with its attributes and its frames."""

    def fail(number):
        raise Refused(number, f"number {number}")

    future = client.submit(fail, 3)
    error = raised_by(future.result, TIMEOUT)
    assert type(error) is Refused
    assert (error.code, error.reason) == (3, "number 3")
    frames = traceback.extract_tb(error.__traceback__)
    assert frames[-1].name == "fail"
    assert frames[-1].line == 'raise Refused(number, f"number {number}")'
    assert type(future.exception(TIMEOUT)) is Refused


@feature("exceptions")
def check_exception_cause(client):
    """The cause of an exception is of the client's own class too."""

    def fail():
        try:
            raise Refused(1, "inner")
        except Refused as error:
            raise ValueError("outer") from error

    error = raised_by(client.submit(fail).result, TIMEOUT)
    assert type(error) is ValueError
    assert type(error.__cause__) is Refused


@feature("classes that come back")
def check_class(client):
    """A class that comes back is the very class that was sent, untouched."""
    before = dict(vars(Point))
    assert client.submit(lambda: Point).result(TIMEOUT) is Point
    point = client.submit(lambda: Point(1, 2)).result(TIMEOUT)
    assert type(point) is Point
    assert dict(vars(Point)) == before
    total = client.submit(lambda a, b: a + b, point, Point(3, 4)).result(TIMEOUT)
    assert type(total) is Point
    assert (total.x, total.y) == (4, 6)
    assert client.submit(lambda thing: isinstance(thing, Point), point).result(TIMEOUT)


@feature("classes that come back")
def check_class_of_worker(client):
    """An instance of a class that a task defined comes back, and can be sent again."""

    def make():
        @dataclasses.dataclass
        class Made:
            size: int

        return Made(3)

    made = client.submit(make).result(TIMEOUT)
    assert made == type(made)(3)
    assert client.submit(lambda thing: thing.size + 1, made).result(TIMEOUT) == 4


@feature("functions that come back")
def check_function_returns(client):
    """A function that comes back can be called, and sent again."""
    add = client.submit(make_adder, 3).result(TIMEOUT)
    assert add(4) == 7
    assert client.submit(add, 5).result(TIMEOUT) == 8
    assert client.submit(lambda: lambda number: 2 * number).result(TIMEOUT)(4) == 8


@feature("scattered data")
def check_data(client):
    """What stays on the cluster as data keeps its class."""
    point = client.submit(Point, 1, 2)
    assert client.submit(lambda thing: thing.x, point).result(TIMEOUT) == 1
    [scattered] = client.scatter([Point(5, 6)])
    assert client.submit(lambda thing: thing.y, scattered).result(TIMEOUT) == 6
    assert type(scattered.result(TIMEOUT)) is Point


@feature("classes that come back")
def check_abstract_class(client):
    """A subclass of an abstract class is one on the worker and here."""
    square = client.submit(lambda side: Square(side), 3).result(TIMEOUT)
    assert type(square) is Square
    assert square.area() == 9
    assert client.submit(lambda thing: isinstance(thing, Shape), square).result(TIMEOUT)


@feature("classes that come back")
def check_enum(client):
    """A member of an enum is that member there and here."""
    assert client.submit(lambda color: color.other(), Color.RED).result(TIMEOUT) is Color.BLUE
    assert client.submit(lambda color: color is Color.RED, Color.RED).result(TIMEOUT)
    assert client.submit(lambda: {Color.RED: 1}).result(TIMEOUT) == {Color.RED: 1}


@feature("classes that come back")
def check_dataclass(client):
    """An instance of a dataclass equals the one that was sent."""
    order = client.submit(lambda price: Order(price, ["a"]), 4.0).result(TIMEOUT)
    assert type(order) is Order
    assert order == Order(4.0, ["a"])
    assert client.submit(lambda thing: thing.total(), order).result(TIMEOUT) == 6.0


@feature("submit and map")
def check_task_of_task(client):
    """A task sends functions of its own."""

    def outer():
        with worker_client() as inner:
            return inner.submit(lambda: scaled(3)).result()

    assert client.submit(outer).result(TIMEOUT) == 4.5


@feature("plugins")
def check_plugin(client):
    """A plugin of a class of the program is set up on the worker."""
    client.register_plugin(Marker())
    assert list(client.run(lambda dask_worker: dask_worker.marked).values()) == [3.0]


def check_without_source(client):
    """A function without text is refused by an error whose cause says so, and nothing is sent."""
    namespace: dict = {}
    exec("def typed(number): return number", namespace)
    error = raised_by(client.submit, namespace["typed"], 1)
    causes = []
    while error is not None:
        causes.append(type(error))
        error = error.__cause__ or error.__context__
    assert sourcepickle.SourceNotFoundError in causes


@feature("submit and map")
def check_paths(client):
    """What plain pickle would name by a module of one version alone arrives on another."""
    assert client.submit(lambda: pathlib.Path("a", "b")).result(TIMEOUT) == pathlib.Path("a", "b")
    assert client.submit(lambda path: path.name, pathlib.Path("a", "b")).result(TIMEOUT) == "b"
    assert client.submit(lambda: pathlib.PurePosixPath).result(TIMEOUT) is pathlib.PurePosixPath


@feature("modules by value")
def check_module_by_value(client):
    """A function of a module that only the client has travels when the module is registered."""
    module = importlib.import_module("only_the_client_has_this")
    cloudpickle.register_pickle_by_value(module)
    try:
        assert client.submit(module.triple, 2).result(TIMEOUT) == 6
        assert client.submit(lambda: module.triple(3)).result(TIMEOUT) == 9
    finally:
        cloudpickle.unregister_pickle_by_value(module)


def check_portable_versions(client):
    """The three processes are the interpreters that the test was given."""
    portable = sourcepickle.portable(version)
    [worker] = client.run(portable).values()
    assert [version(), client.run_on_scheduler(portable), worker] == VERSIONS


@feature("submit and map")
def check_portable_submit(client):
    """A portable function, lambda or closure runs as a task, in a map and outside of tasks."""
    portable = sourcepickle.portable
    assert client.submit(portable(scaled), 4).result(TIMEOUT) == 6.0
    assert client.submit(portable(lambda number: RATE * number), 4).result(TIMEOUT) == 6.0
    assert client.submit(portable(make_adder(3)), 4).result(TIMEOUT) == 7
    assert client.gather(client.map(portable(scaled), range(3))) == [0.0, 1.5, 3.0]
    assert list(client.run(portable(lambda: RATE)).values()) == [1.5]
    assert client.run_on_scheduler(portable(lambda: RATE)) == 1.5


@feature("delayed")
def check_portable_delayed(client):
    """Portable functions are the nodes of delayed graphs."""
    double = dask.delayed(sourcepickle.portable(lambda number: 2 * number))
    assert double(double(3)).compute() == 12


@feature("bags")
def check_portable_bag(client):
    """Portable functions map bags."""
    numbers = dask.bag.from_sequence(range(4), npartitions=2)
    assert numbers.map(sourcepickle.portable(scaled)).sum().compute() == 9.0


@feature("arrays")
def check_portable_array(client):
    """Portable functions map the blocks of arrays."""
    numbers = dask.array.arange(4, chunks=2)
    assert numbers.map_blocks(sourcepickle.portable(scaled)).sum().compute() == 9.0


@feature("submit and map")
def check_portable_keys(client):
    """A portable function's key has its name and depends on nothing but what it wraps."""
    first = client.submit(sourcepickle.portable(scaled), 9)
    assert first.key.startswith("scaled-")
    assert first.key == client.submit(sourcepickle.portable(scaled), 9).key


@feature("submit and map")
def check_portable_coroutine(client):
    """A portable coroutine function is awaited by the worker."""

    async def late(number):
        return scaled(number)

    assert client.submit(sourcepickle.portable(late), 4).result(TIMEOUT) == 6.0


@feature("functions that come back")
def check_portable_returns(client):
    """A portable function that goes there and back is one still."""
    same = sourcepickle.portable(lambda function: function)
    portable = client.submit(same, sourcepickle.portable(scaled)).result(TIMEOUT)
    assert isinstance(portable, sourcepickle.Portable)
    assert portable(4) == 6.0


def main():
    scheduler_file, versions, prefix, late = sys.argv[1:]
    global VERSIONS
    VERSIONS = [tuple(pair) for pair in json.loads(versions)]
    # The versions differ on purpose.
    warnings.simplefilter("ignore", VersionMismatchWarning)
    with Client(scheduler_file=scheduler_file, timeout=TIMEOUT) as client:
        client.wait_for_workers(1, timeout=TIMEOUT)
        if late == "late":
            sourcepickle.install()
            client.run(sourcepickle.install)
            client.run_on_scheduler(sourcepickle.install)
        for name, check in list(globals().items()):
            if name.startswith(prefix):
                try:
                    check(client)
                    outcome = ""
                except Exception:
                    outcome = traceback.format_exc()
                print(json.dumps([name, outcome]), flush=True)


if __name__ == "__main__":
    main()
