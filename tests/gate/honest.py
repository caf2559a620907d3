"""Objects that a closed gate lets through, with the least that has to be allowed or reviewed.

They are pickled in one process, and loaded and checked in another. What is defined here travels by
value, so it is compared by what it does.
"""

from __future__ import annotations

import abc
import asyncio
import collections
import contextlib
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import pathlib
import pickle
import typing
import uuid
from typing import Any, Callable, NamedTuple

import gate_helpers
import sourcepickle

PROTOCOLS = (2, 3, 4, 5)


def accept(_: Any) -> None:
    """Let every function through."""


class Honest(NamedTuple):
    """A builder, a check of what was loaded, ``allow`` and ``review``, and how it is dumped."""

    build: Callable[[], Any]
    check: Callable[[Any], Any]
    options: dict[str, Any]
    dumps: Callable[[Any, int], bytes]


HONEST: dict[str, Honest] = {}


def by_source(obj: Any, protocol: int) -> bytes:
    return sourcepickle.dumps(obj, protocol, by_source=True, pickle_by_reference={"gate_helpers"})


def by_pickle(obj: Any, protocol: int) -> bytes:
    return pickle.dumps(obj, protocol)


def honest(check, allow=None, review=None, dumps=by_source):
    """Return a decorator that registers a builder."""
    given = {"allow": allow, "review": review}
    options = {option: value for option, value in given.items() if value is not None}

    def register(build):
        HONEST[build.__name__] = Honest(build, check, options, dumps)
        return build

    return register


# Basic types


@honest(
    lambda them: them == plain_data(),
    allow=(),
    dumps=by_pickle,
)
def plain_data():
    numbers = [None, True, 1, -1, 2**100, 1.5, 1j]
    return [
        *numbers,
        "ü",
        b"\xff",
        (1,),
        [2],
        {"a": {1}},
        frozenset({3}),
        bytearray(b"b"),
        range(3),
    ]


@honest(lambda them: them == plain_data(), review=accept)
def plain_data_by_source():
    return plain_data()


@honest(lambda them: them[0] is them[1] and them[2][0] is them[2], allow=(), dumps=by_pickle)
def shared_and_recursive_data():
    shared: list[Any] = []
    recursive: list[Any] = []
    recursive.append(recursive)
    return [shared, shared, recursive]


@honest(
    lambda them: them == dates() and them[3].tzinfo == datetime.timezone.utc,
    allow=(),
    dumps=by_pickle,
)
def dates():
    zone = datetime.timezone(datetime.timedelta(hours=2), "there")
    times = [datetime.date(2020, 1, 2), datetime.time(3, 4), datetime.timedelta(5)]
    both = datetime.datetime(2020, 1, 2, 3, 4)
    return [*times, both.replace(tzinfo=datetime.timezone.utc), both.replace(tzinfo=zone), zone]


@honest(lambda them: them == collections_of_the_library() and them[1].maxlen == 2, allow=())
def collections_of_the_library():
    ordered = collections.OrderedDict(b=1, a=2)
    return [ordered, collections.deque([1, 2], 2), collections.Counter("aab")]


@honest(lambda d: d["a"] == [1] and d["new"] == [] and d.default_factory is list, allow=())
def defaultdict_of_lists():
    return collections.defaultdict(list, a=[1])


@honest(lambda them: them == numbers_and_ids(), allow=(), dumps=by_pickle)
def numbers_and_ids():
    return [decimal.Decimal("1.10"), fractions.Fraction(1, 3), uuid.UUID(int=7)]


@honest(lambda them: them == paths(), allow=(), dumps=by_pickle)
def paths():
    return [pathlib.PurePosixPath("a/b"), pathlib.PureWindowsPath("c:/d"), pathlib.Path("e")]


@honest(
    lambda them: (
        [type(each) for each in them] == [ValueError, KeyError, OSError, UnicodeDecodeError]
        and (them[0].args, them[0].note, them[2].errno) == (("a", 1), "kept", 5)
    ),
    allow=(),
    dumps=by_pickle,
)
def builtin_exceptions():
    error = ValueError("a", 1)
    error.note = "kept"
    undecodable = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "why")
    return [error, KeyError("k"), OSError(5, "x"), undecodable]


@honest(
    lambda them: them == [int, dict, ValueError, collections.OrderedDict, datetime.date],
    allow=(),
    dumps=by_pickle,
)
def basic_types_themselves():
    return [int, dict, ValueError, collections.OrderedDict, datetime.date]


# What is allowed


@honest(
    lambda them: them[0](2) == 4 and them[0] is gate_helpers.double,
    allow={"gate_helpers"},
    dumps=by_pickle,
)
def function_by_reference():
    return [gate_helpers.double]


@honest(lambda f: f is gate_helpers.double, allow=lambda *at: at == ("gate_helpers", "double"))
def function_allowed_by_a_callable():
    return gate_helpers.double


@honest(lambda p: p == gate_helpers.Point(1, 2), allow={"gate_helpers"}, dumps=by_pickle)
def instance_of_an_allowed_class():
    return gate_helpers.Point(1, 2)


@honest(lambda o: o.state == ("restored", {"x": 1}), allow={"gate_helpers"}, dumps=by_pickle)
def instance_with_a_setstate_of_its_own():
    made = gate_helpers.Stateful()
    made.x = 1
    return made


@honest(lambda o: o.x == 5, allow={"gate_helpers"}, dumps=by_pickle)
def instance_with_slots():
    return gate_helpers.Slotted(5)


@honest(
    lambda them: (them[0], them[1]) == ({"a": 1}, [1, 2]) and type(them[0]) is gate_helpers.Bag,
    allow={"gate_helpers"},
    dumps=by_pickle,
)
def subclasses_of_dict_and_list_by_reference():
    return [gate_helpers.Bag(a=1), gate_helpers.Stack([1, 2])]


@honest(lambda s: s.area() == 9, allow={"gate_helpers.shapes"}, dumps=by_pickle)
def instance_of_a_class_below():
    from gate_helpers.shapes import Square

    return Square(3)


@honest(lambda s: s.area() == 9, allow=["gate_helpers"], dumps=by_pickle)
def instance_of_a_class_below_what_a_list_allows():
    return instance_of_a_class_below()


@honest(lambda m: m() == 9, allow={"gate_helpers"})
def bound_method_of_an_allowed_class():
    return instance_of_a_class_below().area


@honest(lambda p: p() == 10, allow={"gate_helpers", "functools"}, dumps=by_pickle)
def partial_of_an_allowed_function():
    return functools.partial(gate_helpers.double, 5)


@honest(lambda m: m is gate_helpers, allow={"gate_helpers"})
def module_that_is_allowed():
    return gate_helpers


@honest(lambda d: d["x"] == gate_helpers.Point(), allow={"gate_helpers"}, dumps=by_pickle)
def defaultdict_of_an_allowed_class():
    return collections.defaultdict(gate_helpers.Point)


# What is reviewed


@honest(lambda f: f(2) == 3, review=accept)
def one_lambda():
    return lambda x: x + 1


@honest(lambda them: (them[0](1), them[1](1)) == (2, 0), review=accept)
def two_lambdas_of_a_line():
    return [lambda x: x + 1, lambda x: x - 1]


@honest(lambda f: f(2) == 12 and f(0) == 11, review=accept)
def closure():
    count, table = 10, {"k": 1}

    def f(x):
        nonlocal count
        count += x - table["k"]
        return count + table["k"]

    return f


@honest(lambda f: f(5) == 120, review=accept)
def recursive_function():
    def factorial(n):
        return 1 if n < 2 else n * factorial(n - 1)

    return factorial


@honest(lambda them: them[0](10) and them[1](7) and not them[0](7), review=accept)
def mutually_recursive_functions():
    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != 0 and even(n - 1)

    return [even, odd]


FACTOR = 3


def of_this_module(x):
    return x * FACTOR + _used_by_it(x)


def _used_by_it(x):
    return len([x])


@honest(lambda f: f(2) == 7, review=accept)
def function_with_globals():
    return of_this_module


@honest(lambda f: (f(), f(b=3), f.note, f.__doc__) == ((1, 2), (1, 3), "n", "Doc."), review=accept)
def function_with_defaults_and_attributes():
    def f(a=1, *, b=2):
        """Doc."""
        return a, b

    f.note = "n"
    return f


@honest(
    lambda f: f.__annotations__["x"] in (typing.List[int], "typing.List[int]") and f([1]) == [1],
    allow={"typing"},
    review=accept,
)
def function_with_annotations():
    def f(x):
        return x

    f.__annotations__["x"] = typing.List[int]
    return f


@honest(lambda f: f(2) == 4, allow={"gate_helpers"}, review=accept)
def function_that_uses_an_allowed_one():
    from gate_helpers import double

    return lambda x: double(x)


@honest(lambda f: list(f(3)) == [0, 1, 4], review=accept)
def generator():
    def f(n):
        for i in range(n):
            yield i * i

    return f


@honest(lambda f: asyncio.run(f(3)) == 6, review=accept)
def coroutine():
    async def f(x):
        return x * 2

    return f


@honest(lambda d: d["x"] == "new" and d["a"] == 1, review=accept)
def defaultdict_of_a_lambda():
    return collections.defaultdict(lambda: "new", a=1)


@honest(lambda p: p(3) == 5, allow={"functools"}, review=accept)
def partial_of_a_function():
    return functools.partial(lambda x, y: x + y, 2)


@honest(lambda f: f(3) == 4 and f.cache_info().maxsize == 7, review=accept)
def cached_function():
    @functools.lru_cache(maxsize=7)
    def f(x):
        return x + 1

    return f


@honest(lambda f: (f(1), f("a"), f(None)) == ("int", "str", "any"), review=accept)
def single_dispatch():
    @functools.singledispatch
    def f(x):
        return "any"

    f.register(int, lambda x: "int")
    f.register(str, lambda x: "str")
    return f


class Plain:
    limit = 5

    def __init__(self, x):
        self.x = x

    def double(self):
        return self.x * 2

    @property
    def half(self):
        return self.x / 2

    @classmethod
    def made(cls, x):
        return cls(x)

    @staticmethod
    def constant():
        return 7


class Derived(Plain):
    def double(self):
        return super().double() + 1


@honest(
    lambda c: (c(2).double(), c(2).half, c.made(3).x, c.constant(), c.limit) == (4, 1.0, 3, 7, 5),
    review=accept,
)
def plain_class():
    return Plain


@honest(
    lambda o: (o.double(), o.x, type(o).__mro__[1].__name__) == (5, 2, "Plain"),
    review=accept,
)
def instance_of_a_derived_class():
    return Derived(2)


@honest(lambda m: m() == 8, review=accept)
def bound_method():
    return Plain(4).double


@dataclasses.dataclass(order=True)
class Item:
    name: str
    price: float = 1.5
    tags: typing.List[str] = dataclasses.field(default_factory=list)

    def total(self, count):
        return self.price * count


@honest(
    lambda o: (
        (o.total(2), o == type(o)("i"), dataclasses.asdict(o)["tags"], o < type(o)("j"))
        == (3.0, True, [], True)
    ),
    review=accept,
)
def dataclass():
    return Item("i")


class Color(enum.Enum):
    RED = 1
    GREEN = 2

    def lower(self):
        return self.name.lower()


@honest(
    lambda m: (m.lower(), m is type(m)(1), len(type(m))) == ("red", True, 2),
    allow={"enum"},
    review=accept,
)
def enum_member():
    return Color.RED


class Row(NamedTuple):
    x: int
    y: int = 2

    def total(self):
        return self.x + self.y


@honest(
    lambda r: (r, r.total(), r._fields, type(r)(5).y) == ((1, 2), 3, ("x", "y"), 2),
    allow={"typing"},
    review=accept,
)
def named_tuple():
    return Row(1)


T = typing.TypeVar("T")


class Box(typing.Generic[T]):
    def __init__(self, item):
        self.item = item

    def get(self):
        return self.item


@honest(
    lambda b: b.get() == 3 and type(b)[int].__origin__ is type(b), allow={"typing"}, review=accept
)
def generic_class():
    return Box(3)


@typing.runtime_checkable
class Getting(typing.Protocol):
    def get(self) -> int: ...


@honest(
    lambda them: isinstance(them[1], them[0]) and not isinstance(3, them[0]),
    allow={"typing"},
    review=accept,
)
def protocol():
    return [Getting, Box(1)]


class Movie(typing.TypedDict, total=False):
    title: str


@honest(
    lambda c: c(title="t") == {"title": "t"} and c.__optional_keys__ == {"title"},
    allow={"typing"},
    review=accept,
)
def typed_dict():
    return Movie


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


class Square(Shape):
    def area(self):
        return 4


@honest(
    lambda them: them[1].area() == 4 and isinstance(them[1], them[0]) and _is_abstract(them[0]),
    allow={"abc"},
    review=accept,
)
def abstract_class():
    return [Shape, Square()]


def _is_abstract(cls):
    with contextlib.suppress(TypeError):
        cls()
        return False
    return True


class WithState:
    def __init__(self):
        self.kept, self.dropped = 1, lambda: None

    def __getstate__(self):
        return {"kept": self.kept}

    def __setstate__(self, state):
        vars(self).update(state, restored=True)


@honest(lambda o: vars(o) == {"kept": 1, "restored": True}, review=accept)
def instance_with_state_by_value():
    return WithState()


class WithReduce:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return type(self), self.args, {"args": self.args, "again": True}


@honest(lambda o: (o.args, o.again) == ((1, 2), True), review=accept)
def instance_with_reduce_by_value():
    return WithReduce(1, 2)


class WithSlots:
    __slots__ = ("x", "y")

    def __init__(self):
        self.x = 1


@honest(lambda o: o.x == 1 and not hasattr(o, "y") and not hasattr(o, "__dict__"), review=accept)
def instance_with_slots_by_value():
    return WithSlots()


class WithHash:
    def __init__(self, x):
        self.x = x

    def __hash__(self):
        return hash(self.x)

    def __eq__(self, other):
        return self.x == other.x


@honest(lambda s: {each.x for each in s} == {1, 2} and len(s) == 2, review=accept)
def set_of_instances():
    return {WithHash(1), WithHash(2)}


class Bag(dict):
    def missing(self, key):
        return key not in self


@honest(lambda o: o["self"] is o and o.missing("b") and o.note == "n", review=accept)
def recursive_subclass_of_dict():
    made = Bag(a=1)
    made["self"], made.note = made, "n"
    return made


class JobError(ValueError):
    def __init__(self, code, text):
        super().__init__(code, text)
        self.code = code


@honest(lambda e: (e.code, e.args, isinstance(e, ValueError)) == (3, (3, "t"), True), review=accept)
def exception_by_value():
    return JobError(3, "t")


class Node:
    def __init__(self):
        self.next = None
        self.visit = lambda: self


@honest(lambda n: n.next.next is n and n.visit() is n, review=accept)
def instances_in_a_cycle_with_their_functions():
    first, second = Node(), Node()
    first.next, second.next = second, first
    return first


@honest(lambda m: m.double(4) == 8 and m.CONSTANT == 3, review=accept)
def module_by_value():
    import linecache
    import types

    text = "CONSTANT = 3\n\ndef double(x):\n    return x * 2\n"
    linecache.cache["job_of_its_own.py"] = (
        len(text),
        None,
        text.splitlines(True),
        "job_of_its_own.py",
    )
    made = types.ModuleType("job_of_its_own")
    made.__file__ = "job_of_its_own.py"
    exec(compile(text, made.__file__, "exec"), vars(made))
    return made


@honest(lambda f: f(2) == 6, review=accept, dumps=by_pickle)
def portable_function():
    factor = 3

    def f(x):
        return x * factor

    return sourcepickle.portable(f, pickle_by_reference={"gate_helpers"})


@honest(lambda f: f(2) == 5, allow={"gate_helpers"}, review=accept, dumps=by_pickle)
def portable_function_that_uses_an_allowed_one():
    from gate_helpers import double

    return sourcepickle.portable(lambda x: double(x) + 1, pickle_by_reference={"gate_helpers"})
