"""Classes, their instances and what is made of them, to send from each interpreter to each other.

The grammar is 3.9's. A case that needs a newer library names its oldest writer, but its check runs
on every reader. Checks leave the classes as they found them: they run again on what is sent on.
"""

import abc
import array
import asyncio
import collections
import collections.abc
import contextlib
import copy
import dataclasses
import datetime
import enum
import functools
import inspect
import json
import operator
import pathlib
import sys
import typing
import weakref
from typing import (
    Any,
    Callable,
    ClassVar,
    Dict,
    Generic,
    List,
    NamedTuple,
    Optional,
    Tuple,
    TypeVar,
    Union,
)

from case import OPTIONS, Cases, raises

case = Cases()

MINOR = sys.version_info[1]
RATE = 3


def names(classes):
    return [each.__name__ for each in classes]


def field_names(cls):
    return [field.name for field in dataclasses.fields(cls)]


def public(cls):
    return [name for name in vars(cls) if not name.startswith("_")]


class Animal:
    """An animal of the module."""

    legs = 4

    def __init__(self, name):
        self.name = name

    def speak(self):
        return f"{self.name} makes a sound"

    def __repr__(self):
        return f"{type(self).__name__}({self.name!r})"

    def __eq__(self, other):
        return type(other) is type(self) and other.name == self.name

    def __hash__(self):
        return hash(self.name)


class Dog(Animal):
    sound = "woof"

    def speak(self):
        return f"{super().speak()}: {self.sound}"


class Priced:
    def total(self, count):
        return count * RATE


class Chicken:
    def lay(self):
        return Egg(self)


class Egg:
    def __init__(self, mother):
        self.mother = mother

    def hatch(self):
        return Chicken()


class Tree:
    def __init__(self, *children):
        self.children = children

    def grow(self):
        return Tree(self, Tree())

    def count(self):
        return 1 + sum(child.count() for child in self.children)


T = TypeVar("T")
Number = TypeVar("Number", int, float)
Speaker = TypeVar("Speaker", bound=Animal)


# Plain classes


@case(
    lambda c: (
        (c.__name__, c.__qualname__, c.__module__, c.__doc__, c.legs, c.__bases__)
        == ("Animal", "Animal", "cases_without_a_module", "An animal of the module.", 4, (object,))
        and type(c) is type
        and c("Rex").speak() == "Rex makes a sound"
    )
)
def plain_class():
    return Animal


@case(
    lambda o: (
        (repr(o), o.speak(), type(o).__name__) == ("Animal('Rex')", "Rex makes a sound", "Animal")
        and o == type(o)("Rex")
        and vars(o) == {"name": "Rex"}
    )
)
def plain_instance():
    return Animal("Rex")


@case(
    lambda d: (
        repr(d["list"]) == "[Dog('a'), Animal('b')]"
        and d["set"] == {type(d["list"][0])("c")}
        and d["keys"][type(d["list"][1])("d")] == "d"
        and d["tuple"][0] is type(d["list"][0])
    )
)
def instances_in_containers():
    return {
        "list": [Dog("a"), Animal("b")],
        "set": {Dog("c")},
        "keys": {Animal("d"): "d"},
        "tuple": (Dog,),
    }


@case(lambda l: l[0] is l[1] is l[2]["again"] is type(l[3]) and l[0].__mro__[1] is l[4])
def class_twice_is_one_class():
    return [Dog, Dog, {"again": Dog}, Dog("a"), Animal]


@case(lambda l: type(l[0]) is type(l[1]) is type(l[2][0]) and l[0] is l[3] and l[0] == l[1])
def instances_share_their_class():
    dog = Dog("a")
    return [dog, Dog("a"), (Dog("b"),), dog]


@case(lambda d: [d[cls] for cls in sorted(d, key=lambda c: c.__name__)] == ["animal", "dog"])
def classes_as_dict_keys():
    return {Dog: "dog", Animal: "animal"}


@case(
    lambda c: (
        isinstance(c[1]("a"), c[0])
        and issubclass(c[1], c[0])
        and not issubclass(c[0], c[1])
        and c[1]("a").speak() == "a makes a sound: woof"
        and names(c[1].__mro__) == ["Dog", "Animal", "object"]
    )
)
def subclass_with_super():
    return Animal, Dog


@case(lambda c: c[0].__subclasses__() == [c[1]] and c[1].__base__ is c[0])
def base_knows_its_one_subclass():
    class Base:
        pass

    class Derived(Base):
        pass

    return Base, Derived


@case(
    lambda c: (
        names(c.__mro__) == ["D", "B", "C", "A", "object"] and c().path() == ["D", "B", "C", "A"]
    )
)
def diamond_of_cooperative_classes():
    class A:
        def path(self):
            return ["A"]

    class B(A):
        def path(self):
            return ["B", *super().path()]

    class C(A):
        def path(self):
            return ["C", *super().path()]

    class D(B, C):
        def path(self):
            return ["D", *super().path()]

    return D


@case(
    lambda c: (
        (c().explicit(), c().nested()(), c().listed(), c.of_class(), c().whose())
        == ("base", "base", ["base"], "base of Derived", "Derived")
    )
)
def super_and_class_in_every_scope():
    class Base:
        def name(self):
            return "base"

        @classmethod
        def of_class(cls):
            return f"base of {cls.__name__}"

    class Derived(Base):
        def name(self):
            return "derived"

        def explicit(self):
            return super(Derived, self).name()

        def nested(self):
            return lambda: super(__class__, self).name()

        def listed(self):
            return [super(__class__, self).name() for _ in range(1)]

        @classmethod
        def of_class(cls):
            return super().of_class()

        def whose(self):
            return __class__.__name__

    return Derived


@case(lambda c: c().attribute == "set through super" and c()._seen == ["attribute"])
def super_in_setattr():
    class Watched:
        def __init__(self):
            super().__setattr__("_seen", [])
            self.attribute = "set through super"

        def __setattr__(self, name, value):
            self._seen.append(name)
            super().__setattr__(name, value)

    return Watched


@case(
    lambda c: (
        c(3).reveal() == (3, "hidden", 7)
        and c(3)._Secret__value == 3
        and c._Secret__constant == 7
        and raises(AttributeError, lambda: c(3).__value)
    )
)
def mangled_names():
    class Secret:
        __constant = 7

        def __init__(self, value):
            self.__value = value

        def __hide(self):
            return "hidden"

        def reveal(self):
            return self.__value, self.__hide(), self.__constant

    return Secret


@case(lambda c: c().both() == ("base", "derived") and c()._Derived__x == "derived")
def mangled_names_in_two_levels():
    class Base:
        def __init__(self):
            self.__x = "base"

        def base_x(self):
            return self.__x

    class Derived(Base):
        def __init__(self):
            super().__init__()
            self.__x = "derived"

        def both(self):
            return self.base_x(), self.__x

    return Derived


@case(lambda c: c().get() == 1 and c()._Private__x == 1)
def mangled_names_of_an_underscored_class():
    class __Private:
        def __init__(self):
            self.__x = 1

        def get(self):
            return self.__x

    return __Private


def _temperature_holds(c):
    o = c(20)
    o.fahrenheit = 212
    held = o.celsius == 100 and o.fahrenheit == 212
    del o.fahrenheit
    return (
        held
        and o.celsius is None
        and c.fahrenheit.__doc__ == "Degrees."
        and isinstance(vars(c)["fahrenheit"], property)
        and raises(AttributeError, setattr, o, "fixed", 1)
        and o.fixed == "fixed"
    )


@case(_temperature_holds)
def properties():
    class Temperature:
        def __init__(self, celsius):
            self.celsius = celsius

        @property
        def fahrenheit(self):
            """Degrees."""
            return self.celsius * 9 / 5 + 32

        @fahrenheit.setter
        def fahrenheit(self, value):
            self.celsius = (value - 32) * 5 / 9

        @fahrenheit.deleter
        def fahrenheit(self):
            self.celsius = None

        fixed = property(lambda self: "fixed")

    return Temperature


@case(lambda c: c.x.__doc__ == "given" and c().x == 1 and (c.x.fset, c.x.fdel) == (None, None))
def property_with_a_given_doc():
    class C:
        x = property(operator.attrgetter("_x"), doc="given")
        _x = 1

    return C


@case(lambda c: c().area == 6 and c.area.fget.__name__ == "area" and names(c.__mro__)[1] == "Shape")
def property_overridden_through_super():
    class Shape:
        @property
        def area(self):
            return 2

    class Square(Shape):
        @property
        def area(self):
            return super().area * RATE

    return Square


@case(
    lambda c: (
        (c.twice(4), c().twice(4), c.named("x"), c().named("x"), c.chained())
        == (8, 8, ("C", "x"), ("C", "x"), ("C", "chained"))
        and isinstance(vars(c)["twice"], staticmethod)
        and isinstance(vars(c)["named"], classmethod)
    )
)
def static_and_class_methods():
    class C:
        @staticmethod
        def twice(x):
            return 2 * x

        @classmethod
        def named(cls, name):
            return cls.__name__, name

        @classmethod
        def chained(cls):
            return cls.named("chained")

    return C


@case(
    lambda f: (
        (f[0](2), f[1](2), f[2]()) == (4, ("C", 2), "o") and f[1].__self__ is type(f[2].__self__)
    )
)
def methods_alone():
    class C:
        @staticmethod
        def static(x):
            return x * 2

        @classmethod
        def of_class(cls, x):
            return cls.__name__, x

        def of_instance(self):
            return self.name

    o = C()
    o.name = "o"
    return C.static, C.of_class, o.of_instance


def _cached_property_holds(objects):
    cls, fresh, filled = objects
    return (
        (fresh.value, fresh.value, fresh.computed) == (42, 42, 1)
        and vars(filled)["value"] == 42
        and (filled.value, filled.computed) == (42, 1)
        and cls.value.attrname == "value"
        and cls.value.__doc__ == "Doc of value."
    )


@case(_cached_property_holds)
def cached_property():
    class C:
        computed = 0

        @functools.cached_property
        def value(self):
            """Doc of value."""
            self.computed += 1
            return 42

    filled = C()
    filled.value
    return C, C(), filled


@case(
    lambda c: (
        [c[0]().show(x) for x in (1, [2], "s", c[1]())] == ["int 1", "list [2]", "any s", "own"]
        and c[0].build(3) == "built int"
    )
)
def single_dispatch_method():
    class Own:
        pass

    class Shower:
        @functools.singledispatchmethod
        def show(self, x):
            return f"any {x}"

        @show.register
        def _(self, x: int):
            return f"int {x}"

        @show.register(list)
        def _(self, x):
            return f"list {x}"

        @show.register(Own)
        def _(self, x):
            return "own"

        @functools.singledispatchmethod
        @classmethod
        def build(cls, x):
            return "built any"

        @build.register(int)
        @classmethod
        def _(cls, x):
            return "built int"

    return Shower, Own


@case(
    lambda c: (
        (c().alive(), c().dead(), c().dead(extra=1))
        == (("on", {}), ("off", {}), ("off", {"extra": 1}))
    )
)
def partial_method():
    class Cell:
        def set(self, state, **rest):
            return state, rest

        alive = functools.partialmethod(set, "on")
        dead = functools.partialmethod(set, state="off")

    return Cell


class Field:
    """A descriptor that notes the calls of its hook."""

    def __init__(self, kind):
        self.kind = kind
        self.named = []

    def __set_name__(self, owner, name):
        self.owner, self.name = owner, name
        self.named.append(name)

    def __get__(self, instance, owner):
        return self if instance is None else instance.__dict__[self.name]

    def __set__(self, instance, value):
        if not isinstance(value, self.kind):
            raise TypeError(f"{self.name} is no {self.kind.__name__}")
        instance.__dict__[self.name] = value


def _descriptors_hold(c):
    o = c()
    o.x, o.label = 5, "a"
    return (
        (o.x, o.label) == (5, "a")
        and str(raises(TypeError, setattr, o, "x", "no")) == "x is no int"
        and vars(c)["x"].owner is c
        and (vars(c)["x"].named, vars(c)["label"].named) == (["x"], ["label"])
        and type(c.x) is type(c.label)
    )


@case(_descriptors_hold)
def descriptors_are_named_once():
    class Model:
        x = Field(int)
        label = Field(str)

    return Model


@case(
    lambda c: c.registry == {"a": c.registry["a"], "b": c.registry["b"]} and c.calls == ["a", "b"]
)
def subclasses_register_once_in_their_base():
    class Plugin:
        registry = {}
        calls = []

        def __init_subclass__(cls, *, key, **rest):
            super().__init_subclass__(**rest)
            cls.key = key
            Plugin.calls.append(key)
            Plugin.registry[key] = cls

    class A(Plugin, key="a"):
        pass

    class B(Plugin, key="b"):
        pass

    return Plugin


@case(
    lambda l: (
        l[0].hooked == [l[1].__qualname__, l[2].__qualname__]
        and l[0].subclasses == [l[1], l[2]]
        and l[0].__subclasses__() == [l[1]]
        and l[2]().name == "Leaf"
    )
)
def subclass_hook_does_not_run_again():
    class Root:
        hooked = []
        subclasses = []

        def __init_subclass__(cls):
            cls.hooked.append(cls.__qualname__)
            cls.subclasses.append(cls)
            cls.name = cls.__name__

    class Branch(Root):
        pass

    class Leaf(Branch):
        pass

    return Root, Branch, Leaf


def _hook_runs_on_the_reader(c):
    class New(c, unit="m"):
        pass

    return New.unit == "m" and c.unit is None and raises(TypeError, type, "Bare", (c,), {})


@case(_hook_runs_on_the_reader)
def subclass_hook_runs_for_a_subclass_made_by_the_reader():
    class Measured:
        unit = None

        def __init_subclass__(cls, *, unit):
            cls.unit = unit

    return Measured


@case(lambda c: c.required == "given" and names(c.__mro__) == ["Derived", "Strict", "object"])
def subclass_of_a_base_that_demands_keywords():
    class Strict:
        def __init_subclass__(cls, *, required):
            cls.required = required

    class Derived(Strict, required="given"):
        pass

    return Derived


@case(
    lambda o: (
        o.scale(4) == 12
        and o.squares == [0, 1, 4]
        and o.table["c"](1) == 3
        and o.pick({"k": 1}) == 1
    )
)
def lambdas_and_comprehensions_in_the_body():
    class C:
        scale = lambda self, x: x * RATE
        squares = [n * n for n in range(3)]
        table = {key: (lambda x, by=by: x + by) for by, key in enumerate("abc")}
        pick = staticmethod(lambda mapping, key="k": mapping[key])

    return C()


@case(
    lambda c: (
        c.Inner.Deep().where() == "Outer.Inner.Deep"
        and c.Inner.Deep.__qualname__.endswith("Outer.Inner.Deep")
        and c().make().outer is c
        and type(c().make()) is c.Inner
    )
)
def nested_classes():
    class Outer:
        class Inner:
            class Deep:
                def where(self):
                    return "Outer.Inner.Deep"

            outer = None

        def make(self):
            return self.Inner()

    Outer.Inner.outer = Outer
    return Outer


@case(
    lambda c: (
        c.me is c
        and c.all == [c]
        and c.by_name == {"C": c}
        and isinstance(c.one, c)
        and c.one.value == 1
    )
)
def class_that_holds_itself_and_its_instance():
    class C:
        def __init__(self, value):
            self.value = value

    C.me, C.all, C.by_name, C.one = C, [C], {"C": C}, C(1)
    return C


@case(
    lambda l: (
        l[0].other is l[1] and l[1].other is l[0] and l[0]().partner().partner().__class__ is l[0]
    )
)
def classes_that_hold_each_other():
    class A:
        def partner(self):
            return B()

    class B:
        def partner(self):
            return A()

    A.other, B.other = B, A
    return A, B


@case(lambda c: type(c().lay().hatch()) is c and type(c().lay().mother) is c)
def cycle_through_globals():
    return Chicken


@case(lambda l: l[0](l[0](), l[0]()).count() == 3 and type(l[1].grow()) is type(l[1]) is l[0])
def class_that_its_method_reads_as_a_global():
    return Tree, Tree()


@case(lambda c: c().total(4) == 12)
def method_reads_a_global():
    return Priced


@case(lambda o: o.me is o and o.inside == [o] and type(o).latest is o)
def instance_in_a_cycle_with_its_class():
    class C:
        pass

    o = C()
    o.me, o.inside, C.latest = o, [o], o
    return o


@case(
    lambda c: list(c.origins) == [c(0, 0)] and c(0, 0) in c.origins and c.named[c(1, 0)] == "east"
)
def class_holds_a_set_of_its_hashed_instances():
    class Point:
        def __init__(self, x, y):
            self.x, self.y = x, y

        def __eq__(self, other):
            return (self.x, self.y) == (other.x, other.y)

        def __hash__(self):
            return hash((self.x, self.y))

    Point.origins = {Point(0, 0)}
    Point.named = {Point(1, 0): "east"}
    return Point


def _operators_hold(o):
    v = type(o)
    third = o
    third += v(1, 1)
    return (
        (o + v(1, 1), o - v(1, 1), -o, 2 * o, o * 2, o @ o)
        == (v(4, 5), v(2, 3), v(-3, -4), v(6, 8), v(6, 8), 25)
        and third == v(4, 5)
        and (abs(o), bool(v(0, 0)), len(o), list(o), o[1], 3 in o) == (5, False, 2, [3, 4], 4, True)
        and (o < v(9, 9), o != v(3, 4), hash(o) == hash(v(3, 4))) == (True, False, True)
        and (int(v(3, 4)), f"{o:!}", str(o), bytes(o)) == (5, "3!4", "<3, 4>", b"\x03\x04")
    )


@case(_operators_hold)
def operators():
    class Vector:
        def __init__(self, x, y):
            self.x, self.y = x, y

        def __add__(self, other):
            return Vector(self.x + other.x, self.y + other.y)

        def __iadd__(self, other):
            return self + other

        def __sub__(self, other):
            return self + -other

        def __neg__(self):
            return self * -1

        def __mul__(self, by):
            return Vector(self.x * by, self.y * by)

        __rmul__ = __mul__

        def __matmul__(self, other):
            return self.x * other.x + self.y * other.y

        def __abs__(self):
            return int((self @ self) ** 0.5)

        __int__ = __abs__

        def __bool__(self):
            return any(self)

        def __len__(self):
            return 2

        def __iter__(self):
            yield self.x
            yield self.y

        def __getitem__(self, index):
            return (self.x, self.y)[index]

        def __contains__(self, value):
            return value in (self.x, self.y)

        def __eq__(self, other):
            return tuple(self) == tuple(other)

        def __lt__(self, other):
            return tuple(self) < tuple(other)

        def __hash__(self):
            return hash(tuple(self))

        def __format__(self, spec):
            return f"{self.x}{spec}{self.y}"

        def __str__(self):
            return f"<{self.x}, {self.y}>"

        def __bytes__(self):
            return bytes(self.__iter__())

    return Vector(3, 4)


@case(
    lambda c: (
        vars(c)["__rmul__"] is vars(c)["__mul__"]
        and 2 * c() == "times 2"
        and c().alias() == "original"
    )
)
def one_function_under_two_names():
    class C:
        def __mul__(self, by):
            return f"times {by}"

        __rmul__ = __mul__

        def original(self):
            return "original"

        alias = original

    return C


@case(lambda c: c.__hash__ is None and raises(TypeError, hash, c()) and c() == c())
def equality_without_hash():
    class C:
        def __eq__(self, other):
            return type(self) is type(other)

    return C


@case(lambda l: sorted(l)[0].n == 1 and l[0] >= l[1] and l[1] <= l[0] and not l[1] > l[0])
def total_ordering():
    @functools.total_ordering
    class Version:
        def __init__(self, n):
            self.n = n

        def __eq__(self, other):
            return self.n == other.n

        def __lt__(self, other):
            return self.n < other.n

    return [Version(2), Version(1)]


def _context_manager_holds(c):
    log = []
    with c(log) as entered:
        entered.append("body")
        raise KeyError
    return log == ["enter", "body", "KeyError"]


@case(_context_manager_holds)
def context_manager_class():
    class Scope:
        def __init__(self, log):
            self.log = log

        def __enter__(self):
            self.log.append("enter")
            return self.log

        def __exit__(self, kind, error, traceback):
            self.log.append(kind.__name__)
            return True

    return Scope


@case(lambda o: o.decorated(3) == (["in", "out"], 6) and isinstance(o, contextlib.ContextDecorator))
def context_decorator():
    class Scope(contextlib.ContextDecorator):
        def __enter__(self):
            self.log.append("in")

        def __exit__(self, *_):
            self.log.append("out")

        def decorated(self, x):
            self.log = []

            @self
            def double(x):
                return x * 2

            return self.log, double(x)

    return Scope()


@case(lambda c: asyncio.run(c().run()) == ["aenter", "body", "aexit", 0, 1, "a", "b", "awaited"])
def asynchronous_protocols():
    class Async:
        def __init__(self):
            self.log, self.left = [], 2

        async def __aenter__(self):
            self.log.append("aenter")
            return self

        async def __aexit__(self, *_):
            self.log.append("aexit")

        def __aiter__(self):
            return self

        async def __anext__(self):
            if not self.left:
                raise StopAsyncIteration
            self.left -= 1
            return 1 - self.left

        async def letters(self):
            for letter in "ab":
                await asyncio.sleep(0)
                yield letter

        def __await__(self):
            yield from asyncio.sleep(0).__await__()
            return "awaited"

        async def run(self):
            async with self as me:
                me.log.append("body")
            return (
                self.log
                + [i async for i in self]
                + [x async for x in self.letters()]
                + [await self]
            )

    return Async


@case(
    lambda o: (
        (o.x, o.y) == (1, "class attribute")
        and type(o).__slots__ == ("x",)
        and raises(AttributeError, setattr, o, "y", 2)
        and not hasattr(o, "__dict__")
        and raises(TypeError, weakref.ref, o)
        and type(vars(type(o))["x"]).__name__ == "member_descriptor"
    )
)
def slots():
    class C:
        __slots__ = ("x",)
        y = "class attribute"

        def __init__(self):
            self.x = 1

    return C()


@case(
    lambda o: (
        o.name == 1 and type(o).__slots__ == "name" and raises(AttributeError, setattr, o, "n", 1)
    )
)
def slots_as_one_string():
    class C:
        __slots__ = "name"

    o = C()
    o.name = 1
    return o


@case(
    lambda o: (
        o.get() == 5
        and o._C__x == 5
        and type(o).__slots__ == ["__x", "__dunder__"]
        and o.__dunder__ == 6
    )
)
def slots_mangled():
    class C:
        __slots__ = ["__x", "__dunder__"]

        def __init__(self):
            self.__x, self.__dunder__ = 5, 6

        def get(self):
            return self.__x

    return C()


@case(lambda c: c[0].x == 1 and raises(AttributeError, lambda: c[1]().x) and c[2].x == 3)
def slots_with_a_default_in_the_base():
    class Base:
        x = 1

    class Derived(Base):
        __slots__ = ("x",)

    o = Derived()
    o.x = 3
    return Base, Derived, o


def _slots_in_levels_hold(o):
    return (
        (o.a, o.b, o.c) == (1, 2, 3)
        and o == copy.copy(o)
        and raises(AttributeError, setattr, o, "d", 4)
        and [vars(cls).get("__slots__") for cls in type(o).__mro__]
        == [("c",), (), ("a", "b"), None]
        and [member for cls in type(o).__mro__ for member in "abc" if member in vars(cls)]
        == ["c", "a", "b"]
    )


@case(_slots_in_levels_hold)
def slots_in_several_levels():
    class A:
        __slots__ = ("a", "b")

    class B(A):
        __slots__ = ()

    class C(B):
        __slots__ = ("c",)

        def __init__(self):
            self.a, self.b, self.c = 1, 2, 3

        def __eq__(self, other):
            return (self.a, self.b, self.c) == (other.a, other.b, other.c)

    return C()


def _slots_with_weakref_and_dict_hold(objects):
    weak, both = objects
    both.anything = 1
    return (
        weakref.ref(weak)() is weak
        and not hasattr(weak, "__dict__")
        and vars(both)["anything"] == 1
        and (both.x, both.z, vars(both)["z"]) == (1, 26, 26)
        and raises(TypeError, weakref.ref, both)
    )


@case(_slots_with_weakref_and_dict_hold)
def slots_with_weakref_and_dict():
    class Weak:
        __slots__ = ("x", "__weakref__")

    class Both:
        __slots__ = ("x", "__dict__")

    both = Both()
    both.x, both.z = 1, 26
    return Weak(), both


@case(
    lambda c: (
        c.__slots__ == {"x": "Doc of x."} and inspect.getdoc(c.x) == "Doc of x." and c(2).x == 2
    )
)
def slots_with_docs():
    class C:
        __slots__ = {"x": "Doc of x."}

        def __init__(self, x):
            self.x = x

    return C


@case(lambda o: (o.x, o.y, o.z) == (1, 2, 3) and vars(o) == {"z": 3} and o.__weakref__ is None)
def slots_under_a_class_without_slots():
    class Slotted:
        __slots__ = ("x", "y")

    class Open(Slotted):
        pass

    o = Open()
    o.x, o.y, o.z = 1, 2, 3
    return o


@case(
    lambda c: raises(AttributeError, lambda: c[0].x) and c[1].x is None and not hasattr(c[0], "x")
)
def slots_unset_stay_unset():
    class C:
        __slots__ = ("x",)

    filled = C()
    filled.x = None
    return C(), filled


@case(lambda o: o() == "called 0" and o(1, k=2) == "called 3" and callable(o))
def callable_instance():
    class Caller:
        def __call__(self, *args, **kwargs):
            return f"called {sum(args) + sum(kwargs.values())}"

    return Caller()


@case(lambda c: c["key"] == ("Registry", "key") and c[1, 2] == ("Registry", (1, 2)))
def class_getitem():
    class Registry:
        def __class_getitem__(cls, item):
            return cls.__name__, item

    return Registry


@case(lambda c: c.__match_args__ == ("x", "y") and c(1, 2).y == 2)
def match_args():
    class Point:
        __match_args__ = ("x", "y")

        def __init__(self, x, y):
            self.x, self.y = x, y

    return Point


@case(
    lambda c: (
        (c[0].__doc__, c[1].__doc__, c[2].__doc__, c[3].__doc__)
        == ("Set by hand.", None, "own", "Written.")
    )
)
def docstrings():
    class Later:
        """Written."""

    class Without(Later):
        pass

    class Own:
        __doc__ = "own"

    class Written:
        """Written."""

    Later.__doc__ = "Set by hand."
    return Later, Without, Own, Written


@case(
    lambda c: (
        inspect.getdoc(c) == "Of the\nclass." and c.method.__doc__ == c().method.__doc__ == "é →"
    )
)
def docstrings_of_lines_and_beyond_ascii():
    class C:
        """Of the
        class.
        """

        def method(self):
            """é →"""

    return C


@case(lambda c: public(c) == ["zeta", "alpha", "method", "mid"])
def attributes_keep_their_order():
    class C:
        zeta = 1
        alpha = 2

        def method(self):
            pass

        mid = 3

    return C


@case(
    lambda c: (
        str(inspect.signature(c)) == "(a, /, b=2, *, c, **rest)"
        and list(inspect.signature(c.method).parameters) == ["self", "x"]
    )
)
def signatures():
    class C:
        def __init__(self, a, /, b=2, *, c, **rest):
            pass

        def method(self, x):
            pass

    return C


@case(lambda c: 'return "source of the method"' in inspect.getsource(c.method))
def source_of_a_method():
    class C:
        def method(self):
            return "source of the method"

    return C


@case(lambda c: (c().added(), c.decorated, c.__name__) == ("added C", True, "C"))
def class_decorator():
    def decorate(cls):
        cls.decorated = True
        cls.added = lambda self: f"added {cls.__name__}"
        return cls

    @decorate
    class C:
        pass

    return C


@case(
    lambda c: (
        c().method(2) == ("wrapped", 4) and c.method.__name__ == "method" and c.method.__wrapped__
    )
)
def decorated_method():
    def wrap(function):
        @functools.wraps(function)
        def wrapper(self, *args):
            return "wrapped", function(self, *args)

        return wrapper

    class C:
        @wrap
        def method(self, x):
            return x * 2

    return C


@case(lambda c: c().late() == "late" and c.count == 5 and not hasattr(c, "gone"))
def class_changed_after_its_definition():
    class C:
        gone = 1
        count = 4

    def late(self):
        return "late"

    C.late = late
    C.count += 1
    del C.gone
    return C


@case(
    lambda c: (
        (c.__name__, c.__qualname__, c.__module__) == ("Other", "Some.Other", "some.module")
        and c().x == 1
    )
)
def class_renamed():
    class C:
        x = 1

    C.__name__, C.__qualname__, C.__module__ = "Other", "Some.Other", "some.module"
    return C


@case(
    lambda c: (
        c().get() == 1
        and c.__bases__[0].__name__ == "Base"
        and c.__module__ == "cases_without_a_module"
    )
)
def class_made_by_type():
    class Base:
        def get(self):
            return self.x

    return type("Made", (Base,), {"x": 1, "__module__": Base.__module__})


@case(
    lambda c: (
        names(c.__mro__) == ["C", "Second", "First", "object"]
        and c().order() == ["Second", "First"]
    )
)
def base_replaced_after_definition():
    class First:
        def order(self):
            return ["First"]

    class Second(First):
        def order(self):
            return ["Second", *super().order()]

    class C(First):
        pass

    C.__bases__ = (Second,)
    return C


@case(
    lambda c: (
        c[0] is not c[1]
        and (c[0]().n(), c[1]().n()) == (1, 2)
        and c[0].__qualname__ == c[1].__qualname__
    )
)
def two_classes_of_one_name():
    def make(number):
        class C:
            def n(self):
                return number

        return C

    return make(1), make(2)


@case(lambda f: f(2)().get() == 6 and f(2) is not f(2) and f(1).__name__ == "Made")
def function_that_makes_classes():
    def make(by):
        class Made:
            def get(self):
                return by * RATE

        return Made

    return make


def _shared_variable_holds(classes):
    Counter, Reader = classes
    before = Reader().read()
    counted = Counter().count(), Counter().count()
    after = Reader().read()
    Counter().reset()
    return (before, counted, after) == (0, (1, 2), 2) and Reader().read() == 0


@case(_shared_variable_holds)
def local_classes_over_one_shared_variable():
    n = 0

    class Counter:
        def count(self):
            nonlocal n
            n += 1
            return n

        def reset(self):
            nonlocal n
            n = 0

    class Reader:
        def read(self):
            return n

    return Counter, Reader


@case(lambda l: l[0].hook() == "o" and l[0].hook.__self__ is l[1] and l[0].maker("p").name == "p")
def class_holds_bound_methods():
    class C:
        def __init__(self, name):
            self.name = name

        def get(self):
            return self.name

    class Holder:
        pass

    o = C("o")
    Holder.hook, Holder.maker = o.get, C
    return Holder, o


@case(
    lambda c: (
        c().compare() == "default"
        and type(c.compare.__defaults__[0]) is c
        and c().compare(c()) == "own"
    )
)
def default_is_an_instance_of_the_class():
    class C:
        name = "own"

        def compare(self, other=None):
            return other.name

    default = C()
    default.name = "default"
    C.compare.__defaults__ = (default,)
    return C


@case(lambda c: c().make() is c.Default and c().kinds()["k"] is c)
def default_is_a_class():
    class Default:
        pass

    class C:
        def make(self, cls=Default):
            return cls

        def kinds(self, *, kinds={}):
            return kinds

    C.Default = Default
    C.kinds.__kwdefaults__["kinds"]["k"] = C
    return C


@case(
    lambda c: (
        (c().missing, c().there, c.fallback) == ("no missing", 1, 2)
        and raises(AttributeError, lambda: c.no)
    )
)
def attribute_hooks():
    class C:
        fallback = 2
        there = 1

        def __getattr__(self, name):
            return f"no {name}"

        def __dir__(self):
            return ["there"]

    return C


@case(lambda o: (o.x, o.seen) == ("got x", "got seen") and object.__getattribute__(o, "seen") == [])
def getattribute():
    class C:
        def __getattribute__(self, name):
            if name.startswith("__"):
                return super().__getattribute__(name)
            return f"got {name}"

    o = C()
    o.seen = []
    return o


@case(lambda c: c(1) is c(1) and c(1) is not c(2) and c(2).key == 2 and c.made.clear() is None)
def new_that_caches():
    class Interned:
        made = {}

        def __new__(cls, key):
            if key not in cls.made:
                cls.made[key] = super().__new__(cls)
                cls.made[key].key = key
            return cls.made[key]

    return Interned


def _weak_references_hold(objects):
    cls, parent = objects
    (child,) = parent.children
    alone = cls(None)
    reference = weakref.ref(alone)
    del alone
    return reference() is None and child.parent() is parent and type(child) is cls


@case(_weak_references_hold)
def instances_that_refer_weakly():
    class Node:
        def __init__(self, parent):
            self.parent = weakref.ref(parent) if parent else None
            self.children = []
            if parent:
                parent.children.append(self)

        def __getstate__(self):
            return {**vars(self), "parent": self.parent and self.parent()}

        def __setstate__(self, state):
            parent = state.pop("parent")
            vars(self).update(state)
            self.parent = parent and weakref.ref(parent)

    root = Node(None)
    Node(root)
    return Node, root


def _weak_set_holds(c):
    o = c()
    alive = list(c.alive) == [o]
    del o
    return alive and list(c.alive) == []


@case(_weak_set_holds)
def class_with_a_weak_set():
    class Tracked:
        alive = weakref.WeakSet()

        def __init__(self):
            self.alive.add(self)

    return Tracked


@case(lambda c: (vars(c)[3], c.x) == ("three", 1))
def class_with_an_attribute_that_no_name_reaches():
    return type("Made", (), {3: "three", "x": 1, "__module__": Animal.__module__})


@case(
    lambda c: (
        c(3).__class__ is int
        and isinstance(c("a"), str)
        and type(c(3)) is c
        and c.__class__ is type
        and isinstance(vars(c)["__class__"], property)
    )
)
def proxy_that_says_it_is_of_another_class():
    class Proxy:
        def __init__(self, target):
            self.target = target

        @property
        def __class__(self):
            return type(self.target)

    return Proxy


@case(lambda c: vars(c()) == {"a": 1} and isinstance(vars(c)["__dict__"], property))
def view_with_a_dict_of_its_own():
    class View:
        @property
        def __dict__(self):
            return {"a": 1}

    return View


class Place:
    def __init__(self, x):
        self.x = x

    def __hash__(self):
        return hash(self.x)

    def __eq__(self, other):
        return self.x == other.x

    def found(self):
        return PLACES.get(self), self in VISITED


PLACES = {Place(1): "home"}
VISITED = {Place(1), Place(2)}


@case(
    lambda c: [c(x).found() for x in (1, 2, 3)] == [("home", True), (None, True), (None, False)]
)
def method_looks_its_instance_up_in_a_global():
    return Place


class Settings:
    def __init__(self):
        self.name = "default"
        self.cache = {}

    def __getstate__(self):
        return {"name": self.name}

    def __setstate__(self, state):
        self.name = state["name"]
        self.cache = {}

    def default(self):
        return DEFAULTS


DEFAULTS = Settings()


@case(
    lambda c: vars(c().default()) == {"name": "default", "cache": {}} and type(c().default()) is c
)
def method_reads_a_global_instance_that_restores_its_state():
    return Settings


class Version:
    def __init__(self):
        self.major, self.minor = 1, 2

    def __getstate__(self):
        return self.major, self.minor

    def __setstate__(self, state):
        self.major, self.minor = state

    def current(self):
        return CURRENT.major, CURRENT.minor


CURRENT = Version()


@case(lambda c: c().current() == (1, 2))
def method_reads_a_global_instance_whose_state_is_a_tuple():
    return Version


# What is loaded as many payloads


def _payloads_of(*objects):
    import sourcepickle

    return [sourcepickle.dumps(each, **OPTIONS) for each in objects]


def _loaded(payloads):
    import pickle

    return [pickle.loads(payload) for payload in payloads]


@case(lambda payloads: len({id(cls) for cls in _loaded(payloads)}) == 1)
def class_sent_twice_is_one_class():
    class C:
        pass

    return _payloads_of(C, C)


@case(lambda payloads: len({type(o) for o in _loaded(payloads)}) == 1)
def instances_sent_apart_are_of_one_class():
    class C:
        pass

    return _payloads_of(C(), C())


@case(
    lambda payloads: (
        [o.n() for o in _loaded(payloads)] == [1, 2]
        and len({type(o) for o in _loaded(payloads)}) == 2
    )
)
def redefined_class_is_a_new_class():
    sent = []
    for number in (1, 2):

        class C:
            def n(self, number=number):
                return number

        sent.append(C())
    return _payloads_of(*sent)


@case(lambda payloads: issubclass(*_loaded(payloads)))
def subclass_sent_before_its_base():
    class Base:
        pass

    class Derived(Base):
        pass

    return _payloads_of(Derived, Base)


@case(
    lambda payloads: (
        len({id(o) for o in _loaded(payloads)}) == 1 and _loaded(payloads)[0].value == 1
    )
)
def member_sent_twice_is_one_member():
    class Color(enum.Enum):
        RED = 1

    return _payloads_of(Color.RED, Color.RED)


# Metaclasses and abstract classes


class Meta(type):
    """Notes each step of making a class, and keeps the options it is given."""

    log = []

    @classmethod
    def __prepare__(mcs, name, bases, **options):
        mcs.log.append(f"prepare {name}")
        return {"prepared": sorted(options)}

    def __new__(mcs, name, bases, namespace, **options):
        mcs.log.append(f"new {name}")
        return super().__new__(mcs, name, bases, {**namespace, "options": options})

    def __init__(cls, name, bases, namespace, **options):
        cls.log.append(f"init {name}")
        super().__init__(name, bases, namespace)

    @property
    def title(cls):
        return f"Title of {cls.__name__}"

    def describe(cls):
        return sorted(cls.options), cls.prepared


class WithMeta(metaclass=Meta, table="t", strict=True):
    def get(self):
        return type(self).title


@case(
    lambda c: (
        c.describe() == (["strict", "table"], ["strict", "table"])
        and (c.title, c().get(), c.options)
        == (*2 * ["Title of WithMeta"], {"table": "t", "strict": True})
        and type(c).__name__ == "Meta"
        and type(type(c)) is type
        and not hasattr(c(), "title")
    )
)
def metaclass_with_keywords():
    return WithMeta


@case(
    lambda c: (
        c[1].log == ["prepare WithMeta", "new WithMeta", "init WithMeta"] and type(c[0]) is c[1]
    )
)
def metaclass_steps_do_not_run_again():
    return WithMeta, Meta


def _metaclass_makes_a_class_of_the_reader(c):
    log = list(type(c).log)
    made = type(c)("Made", (c,), {"x": 1}, size=2)
    noted = type(c).log[len(log) :]
    type(c).log[:] = log
    return (
        noted == ["new Made", "init Made"] and made.options == {"size": 2} and issubclass(made, c)
    )


@case(_metaclass_makes_a_class_of_the_reader)
def metaclass_makes_a_class_of_the_reader():
    return WithMeta


@case(
    lambda o: (
        type(o).title == "Title of WithMeta" and isinstance(type(o), type(type(o))) and o.get()
    )
)
def instance_of_a_class_with_a_metaclass():
    return WithMeta()


@case(lambda c: c(1) is c(2) and c().value == 1 and c.instances.pop(c) and not c.instances)
def metaclass_call_makes_a_singleton():
    class Singleton(type):
        instances = {}

        def __call__(cls, *args):
            if cls not in cls.instances:
                cls.instances[cls] = super().__call__(*args)
            return cls.instances[cls]

    class Config(metaclass=Singleton):
        def __init__(self, value=None):
            self.value = value

    return Config


@case(
    lambda o: (
        o is type(o)("other")
        and o.value == "made by the writer"
        and type(o).instances == {type(o): o}
    )
)
def metaclass_call_does_not_run_for_an_instance():
    class Singleton(type):
        def __call__(cls, *args):
            if cls not in cls.instances:
                cls.instances[cls] = super().__call__(*args)
            return cls.instances[cls]

    class Config(metaclass=Singleton):
        instances = {}

        def __init__(self, value):
            self.value = value

    return Config("made by the writer")


@case(lambda c: c.order == ["b", "a", "c"] and type(c.order) is list and c().a == 2)
def metaclass_prepare_gives_its_own_mapping():
    class Namespace(collections.OrderedDict):
        pass

    class Ordered(type):
        @classmethod
        def __prepare__(mcs, name, bases):
            return Namespace()

        def __new__(mcs, name, bases, namespace):
            assert type(namespace) is Namespace
            cls = super().__new__(mcs, name, bases, dict(namespace))
            cls.order = [key for key in namespace if not key.startswith("__")]
            return cls

    class C(metaclass=Ordered):
        b = 1
        a = 2
        c = 3

    return C


@case(
    lambda c: (
        str(raises(AttributeError, setattr, c, "x", 2)) == "x is fixed"
        and c.x == 1
        and c().get() == 1
    )
)
def metaclass_that_refuses_to_set():
    class Fixed(type):
        def __setattr__(cls, name, value):
            raise AttributeError(f"{name} is fixed")

        def __delattr__(cls, name):
            raise AttributeError(f"{name} is fixed")

    class C(metaclass=Fixed):
        """Doc."""

        x = 1

        def get(self):
            return self.x

    return C


@case(
    lambda c: (
        (c.anything, c["item"], len(c), list(c), 3 in c, +c)
        == ("no anything", "got item", 2, [0, 1], True, "+C")
    )
)
def metaclass_with_the_protocols_of_an_object():
    class Fluent(type):
        def __getattr__(cls, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return f"no {name}"

        def __getitem__(cls, key):
            return f"got {key}"

        def __len__(cls):
            return 2

        def __iter__(cls):
            return iter(range(2))

        def __contains__(cls, value):
            return value == 3

        def __pos__(cls):
            return f"+{cls.__name__}"

    class C(metaclass=Fluent):
        pass

    return C


@case(lambda c: repr(c) == "<C>" and c == "C" and hash(c) == 7 and not c and [c, c].count("C") == 2)
def metaclass_with_its_own_equality():
    class Named(type):
        def __repr__(cls):
            return f"<{cls.__name__}>"

        def __eq__(cls, other):
            return cls is other or cls.__name__ == other

        def __hash__(cls):
            return 7

        def __bool__(cls):
            return False

    class C(metaclass=Named):
        pass

    return C


@case(
    lambda c: (
        isinstance(4, c) and not isinstance(5, c) and issubclass(int, c) and not issubclass(str, c)
    )
)
def metaclass_that_decides_on_instances():
    class Even(type):
        def __instancecheck__(cls, value):
            return value % 2 == 0

        def __subclasscheck__(cls, other):
            return other is int

    class C(metaclass=Even):
        pass

    return C


@case(lambda c: names(c.__mro__) == ["Derived", "object", "Base"] and c().x == 1)
def metaclass_with_its_own_resolution_order():
    class Late(type):
        def mro(cls):
            first, *rest = super().mro()
            return [first, *sorted(rest, key=lambda base: base.__name__ != "object")]

    class Base:
        x = 1

    class Derived(Base, metaclass=Late):
        pass

    return Derived


@case(lambda c: type(c[0]) is c[1] and issubclass(c[1], c[2]) and c[0].kind() == "inner of outer")
def metaclass_derived_from_a_metaclass():
    class Outer(type):
        def kind(cls):
            return "outer"

    class Inner(Outer):
        def kind(cls):
            return f"inner of {super().kind()}"

    class Base(metaclass=Outer):
        pass

    class C(Base, metaclass=Inner):
        pass

    return C, Inner, Outer


@case(lambda c: type(c) is type(type(c)) is type and c.made_by == "function" and c().x == 1)
def metaclass_that_is_a_function():
    def make(name, bases, namespace):
        return type(name, bases, {**namespace, "made_by": "function"})

    class C(metaclass=make):
        x = 1

    return C


@case(
    lambda c: (
        c[0].__bases__ == (c[1],) and c[0]().x == 1 and c[0].__orig_bases__[0].label == "stand-in"
    )
)
def base_that_stands_for_another():
    class Real:
        x = 1

    class StandIn:
        label = "stand-in"

        def __mro_entries__(self, bases):
            return (Real,)

    class C(StandIn()):
        pass

    return C, Real


@case(lambda c: type(c[0]) is c[1] and c[1].classes == [c[0]] and c[0].default.__class__ is c[0])
def metaclass_in_a_cycle_with_its_class():
    class Keeper(type):
        classes = []

        def __init__(cls, name, bases, namespace):
            super().__init__(name, bases, namespace)
            cls.classes.append(cls)
            cls.default = cls()

    class C(metaclass=Keeper):
        pass

    return C, Keeper


@case(
    lambda c: (
        raises(TypeError, c[0])
        and raises(TypeError, c[1])
        and (c[2]().area(), c[2]().name, c[2].make(), c[2].unit()) == (4, "Square", "made", "m")
        and c[0].__abstractmethods__ == {"area", "name", "make", "unit"}
        and c[1].__abstractmethods__ == {"name", "make", "unit"}
        and c[2].__abstractmethods__ == frozenset()
        and inspect.isabstract(c[0])
        and type(c[0]) is abc.ABCMeta
    )
)
def abstract_class_with_abstract_methods():
    class Shape(abc.ABC):
        @abc.abstractmethod
        def area(self):
            return 4

        @property
        @abc.abstractmethod
        def name(self):
            pass

        @classmethod
        @abc.abstractmethod
        def make(cls):
            pass

        @staticmethod
        @abc.abstractmethod
        def unit():
            pass

    class Half(Shape):
        def area(self):
            return super().area()

    class Square(Half):
        name = "Square"
        make = classmethod(lambda cls: "made")
        unit = staticmethod(lambda: "m")

    return Shape, Half, Square


@case(
    lambda c: (
        isinstance(c[1](), c[0])
        and issubclass(c[1], c[0])
        and (issubclass(int, c[0]), issubclass(str, c[0])) == (True, False)
        and isinstance([], c[0])
        and not isinstance("", c[0])
    )
)
def abstract_class_with_registered_subclasses():
    class Base(abc.ABC):
        pass

    @Base.register
    class Virtual:
        pass

    Base.register(int)
    Base.register(list)
    return Base, Virtual


@case(lambda c: issubclass(c.virtual, c) and not issubclass(int, c) and isinstance(c.virtual(), c))
def abstract_class_with_a_registered_class_that_only_it_holds():
    class Base(abc.ABC):
        pass

    class Virtual:
        pass

    Base.register(Virtual)
    Base.virtual = Virtual
    issubclass(int, Base)
    return Base


def _registers_on_the_reader(c):
    class New:
        pass

    return not issubclass(New, c) and c.register(New) is New and isinstance(New(), c)


@case(_registers_on_the_reader)
def abstract_class_registers_a_class_of_the_reader():
    class Base(metaclass=abc.ABCMeta):
        pass

    return Base


@case(lambda c: issubclass(int, c) and not issubclass(list, c) and isinstance("", c))
def abstract_class_with_a_subclass_hook():
    class Hashable(abc.ABC):
        @classmethod
        def __subclasshook__(cls, other):
            return other.__hash__ is not None

    return Hashable


@case(
    lambda c: (
        raises(TypeError, c)
        and type(c).__mro__[1] is abc.ABCMeta
        and c.tag == "C"
        and c.kind == "meta"
    )
)
def metaclass_derived_from_abc_meta():
    class Tagged(abc.ABCMeta):
        kind = "meta"

        def __new__(mcs, name, bases, namespace):
            cls = super().__new__(mcs, name, bases, namespace)
            cls.tag = name
            return cls

    class C(metaclass=Tagged):
        @abc.abstractmethod
        def f(self):
            pass

    return C


@case(
    lambda o: (
        isinstance(o, collections.abc.MutableMapping)
        and (o.get("b"), o["a"], o.setdefault("b", 2), dict(o)) == (None, 1, 2, {"a": 1, "b": 2})
        and (o.pop("b"), len(o), "b" in o) == (2, 1, False)
        and raises(KeyError, lambda: o["b"])
    )
)
def mutable_mapping_by_mixin():
    class Store(collections.abc.MutableMapping):
        def __init__(self, **data):
            self.data = data

        def __getitem__(self, key):
            return self.data[key]

        def __setitem__(self, key, value):
            self.data[key] = value

        def __delitem__(self, key):
            del self.data[key]

        def __iter__(self):
            return iter(self.data)

        def __len__(self):
            return len(self.data)

    return Store(a=1)


@case(
    lambda c: (
        type(c) is type(c.__base__) is abc.ABCMeta
        and raises(TypeError, c.__base__)
        and c().run() == "run"
        and c.kind == "Printer"
        and isinstance(1, c.__base__)
        and not isinstance(1, c)
    )
)
def abstract_class_whose_subclasses_pass_a_hook():
    class Plugin(metaclass=abc.ABCMeta):
        def __init_subclass__(cls):
            super().__init_subclass__()
            cls.kind = cls.__name__

        @abc.abstractmethod
        def run(self):
            pass

    class Printer(Plugin):
        def run(self):
            return "run"

    Plugin.register(int)
    return Printer


@case(
    lambda c: (
        type(vars(c)["name"]) is abc.abstractproperty
        and vars(c)["name"].__isabstractmethod__ is True
        and c.__abstractmethods__ == {"name"}
        and raises(TypeError, c)
    )
)
def abstract_class_with_an_abstract_property_of_old():
    class Named(abc.ABC):
        @abc.abstractproperty
        def name(self):
            pass

    return Named


# Protocols, generics, other typing constructs


@case(
    lambda c: (
        isinstance(c[1](), c[0])
        and not isinstance(c[2](), c[0])
        and issubclass(c[1], c[0])
        and not issubclass(c[2], c[0])
        and raises(TypeError, c[0])
    )
)
def protocol_checked_at_run_time():
    @typing.runtime_checkable
    class Closes(typing.Protocol):
        def close(self) -> None:
            """Close."""

    class Yes:
        def close(self):
            pass

    class No:
        pass

    return Closes, Yes, No


@case(
    lambda c: (
        isinstance(c[1], c[0])
        and not isinstance(object(), c[0])
        and raises(TypeError, issubclass, int, c[0])
    )
)
def protocol_with_an_attribute():
    @typing.runtime_checkable
    class Named(typing.Protocol):
        name: str

        def speak(self) -> str: ...

    return Named, Dog("a")


@case(
    lambda c: (
        raises(TypeError, isinstance, 1, c[0])
        and raises(TypeError, c[0])
        and (c[1]().size(), c[1]().twice()) == (2, 4)
        and c[1].__mro__[1] is c[0]
        and c[1]("x").name == "x"
    )
)
def protocol_not_checked_at_run_time():
    class Sized(typing.Protocol):
        def size(self) -> int:
            return 2

        def twice(self) -> int:
            return self.size() * 2

    class Explicit(Sized):
        def __init__(self, name=None):
            self.name = name

    return Sized, Explicit


@case(
    lambda c: (
        c[0].__parameters__ == (c[1],) and isinstance(c[2], c[0]) and c[0][int].__args__ == (int,)
    )
)
def protocol_generic():
    Item = TypeVar("Item", covariant=True)

    @typing.runtime_checkable
    class Source(typing.Protocol[Item]):
        def next(self) -> Item: ...

    class Numbers(Source[int]):
        def next(self):
            return 1

    return Source, Item, Numbers()


@case(
    lambda c: (
        c[0].__parameters__ == (c[1],)
        and c[0].__orig_bases__ == (Generic[c[1]],)
        and c[0][int](3).get() == 3
        and type(c[0][int](3)) is c[0]
        and c[0][int].__origin__ is c[0]
        and c[0](1).get.__annotations__ == {"return": c[1]}
        and repr(c[1]) == "~Item"
        and names(c[0].__mro__) == ["Box", "Generic", "object"]
    )
)
def generic_class():
    Item = TypeVar("Item")

    class Box(Generic[Item]):
        def __init__(self, item: Item):
            self.item = item

        def get(self) -> Item:
            return self.item

    return Box, Item


@case(
    lambda c: (
        c[0].__orig_bases__ == (c[1][int],)
        and c[0].__mro__[1] is c[1]
        and c[2].__orig_bases__ == (c[1][typing.get_args(c[2].__orig_bases__[0])[0]],)
        and names(c[2].__parameters__) == ["T"]
        and c[0](1).item == c[2]("x").kind == 1
    )
)
def generic_class_inherited():
    class Box(Generic[T]):
        kind = 1

        def __init__(self, item):
            self.item = item

    class IntBox(Box[int]):
        pass

    class StillGeneric(Box[List[T]]):
        pass

    return IntBox, Box, StillGeneric


@case(
    lambda c: (
        c[0].__origin__ is c[2]
        and c[0] == c[2][int]
        and c[1].__orig_class__ == c[2][str]
        and c[1].first == "a"
        and c[2][int, str] == c[3]
        and names(c[2].__parameters__) == ["T", "Other"]
    )
)
def generic_alias_and_instance():
    Other = TypeVar("Other")

    class Pair(Generic[T, Other]):
        def __init__(self, first):
            self.first = first

        def __class_getitem__(cls, items):
            items = items if isinstance(items, tuple) else (items, items)
            return super().__class_getitem__(items)

    return Pair[int], Pair[str]("a"), Pair, Pair[int, str]


@case(
    lambda l: (
        [repr(each) for each in l[:4]] == ["~T", "~Number", "+Out", "-In"]
        and l[1].__constraints__ == (int, float)
        and l[4].__bound__ is l[5]
        and l[0] is l[6]["again"]
        and (l[2].__covariant__, l[3].__contravariant__, l[0].__covariant__) == (True, True, False)
        and type(l[0]) is TypeVar
    )
)
def typevars_alone():
    Out, In = TypeVar("Out", covariant=True), TypeVar("In", contravariant=True)
    return [T, Number, Out, In, Speaker, Animal, {"again": T}]


@case(lambda t: t.__name__ == "Node" and names([t.__bound__]) == ["C"] and t.__bound__.kind is t)
def typevar_bound_to_a_class_that_holds_it():
    class C:
        pass

    C.kind = TypeVar("Node", bound=C)
    return C.kind


@case(
    lambda f: (
        f.__annotations__["x"] is f.__annotations__["return"]
        and f(1) == 1
        and f.__annotations__["x"].__name__ == "T"
    )
)
def function_with_a_typevar():
    def f(x: T) -> T:
        return x

    return f


@case(
    lambda p: p[0].__name__ == "P" and p[0] is p[1] and type(p[0]) is typing.ParamSpec,
    writer=10,
    reader=10,
)
def param_spec_alone():
    P = typing.ParamSpec("P")
    return P, P


@case(
    lambda c: (
        c(lambda x: x + 1).call(2) == 3
        and (
            MINOR < 10 or (names(c.__parameters__) == ["P", "T"] and c[[int], str].__origin__ is c)
        )
    ),
    writer=10,
)
def generic_class_over_a_param_spec():
    P = typing.ParamSpec("P")

    class Task(Generic[P, T]):
        def __init__(self, function: Callable[P, T]):
            self.function = function

        def call(self, *args: P.args, **kwargs: P.kwargs) -> T:
            return self.function(*args, **kwargs)

    return Task


@case(
    lambda t: t[0].__name__ == "Ts" and t[0] is t[1] and len(list(t[0])) == 1, writer=11, reader=11
)
def type_var_tuple_alone():
    Ts = typing.TypeVarTuple("Ts")
    return Ts, Ts


@case(
    lambda o: (
        o.shape == (2, 3)
        and type(o).__name__ == "Array"
        and (
            MINOR < 11
            or (
                names(type(o).__parameters__) == ["Ts"] and type(o)[int, str].__args__ == (int, str)
            )
        )
    ),
    writer=11,
)
def generic_class_over_a_type_var_tuple():
    Ts = typing.TypeVarTuple("Ts")

    class Array(Generic[typing.Unpack[Ts]]):
        def __init__(self, *shape: typing.Unpack[Ts]):
            self.shape = shape

    return Array(2, 3)


@case(
    lambda c: (
        c(1).x == 1
        and names(c.__parameters__) == ["D"]
        and (MINOR < 13 or c.__parameters__[0].__default__ is int)
    ),
    writer=13,
)
def generic_class_over_a_typevar_with_a_default():
    D = TypeVar("D", default=int)

    class C(Generic[D]):
        def __init__(self, x):
            self.x = x

    return C


@case(
    lambda l: (
        (l[0](5), l[0].__name__, l[0].__supertype__) == (5, "UserId", int)
        and l[1].__supertype__ is l[2]
        and l[1](l[2]("a")) == l[2]("a")
        and l[3] is l[0]
        and l[4].__annotations__ == {"user": l[0], "return": l[1]}
    )
)
def new_types():
    UserId = typing.NewType("UserId", int)
    Pet = typing.NewType("Pet", Dog)

    def f(user: UserId) -> Pet:
        pass

    return UserId, Pet, Dog, UserId, f


@case(
    lambda c: (
        c(name="a", year=1) == {"name": "a", "year": 1}
        and type(c(name="a")) is dict
        and c.__annotations__ == {"name": str, "year": int}
        and (c.__total__, c.__required_keys__, c.__optional_keys__)
        == (True, {"name", "year"}, set())
        and raises(TypeError, isinstance, {}, c)
        and c.__doc__ == "A movie."
        and c.__bases__ == (dict,)
    )
)
def typed_dict():
    class Movie(typing.TypedDict):
        """A movie."""

        name: str
        year: int

    return Movie


@case(
    lambda c: (
        (c[0].__total__, c[1].__total__) == (True, False)
        and (c[1].__required_keys__, c[1].__optional_keys__) == ({"name"}, {"year"})
        and sorted(c[1].__annotations__) == ["name", "year"]
        and (c[2].__name__, c[2].__total__, c[2](x=1)) == ("Functional", False, {"x": 1})
        and c[2].__annotations__ == {"x": int, "in": c[3]}
    )
)
def typed_dict_inherited_and_functional():
    class Base(typing.TypedDict):
        name: str

    class Derived(Base, total=False):
        year: int

    return Base, Derived, typing.TypedDict("Functional", {"x": int, "in": Dog}, total=False), Dog


def _newer_marks_of_typed_dicts_hold(c):
    marks = [(each.__total__, each.__required_keys__, each.__optional_keys__) for each in c]
    holds = marks == [(True, {"a"}, set()), (False, {"a"}, {"b"}), (False, set(), {"c"})]
    if MINOR >= 13:
        marks = [(each.__mutable_keys__, each.__readonly_keys__) for each in c]
        holds = holds and marks == [({"a"}, set()), ({"a", "b"}, set()), ({"c"}, set())]
    if MINOR >= 15:
        marks = [(each.__closed__, each.__extra_items__) for each in c]
        holds = holds and marks == [(None, typing.NoExtraItems)] * 3
    return holds


@case(_newer_marks_of_typed_dicts_hold)
def typed_dicts_have_the_marks_of_the_reader():
    class Base(typing.TypedDict):
        a: int

    class Derived(Base, total=False):
        b: str

    return Base, Derived, typing.TypedDict("Functional", {"c": int}, total=False)


def _required_keys_hold(c):
    notes = c.__annotations__
    wanted = typing.Required[int] if MINOR >= 11 else "typing.Required[int]"
    return (
        (c.__required_keys__, c.__optional_keys__) == ({"id"}, {"name", "size"})
        and (notes["id"], notes["size"]) == (wanted, int)
        and c(id=1) == {"id": 1}
    )


@case(_required_keys_hold, writer=11)
def typed_dict_with_required_keys():
    class Row(typing.TypedDict, total=False):
        id: typing.Required[int]
        name: typing.NotRequired[str]
        size: int

    return Row


@case(
    lambda c: (
        c.__annotations__["data"].__args__ == (c, int)
        and c.__annotations__["mode"] == typing.Literal["r", 1, True]
        and typing.get_args(c.__annotations__["tagged"]) == (int, "tag", c.tag)
        and c.__annotations__["maybe"] == Optional[c]
        and c.__annotations__["call"] == Callable[[c], List[c]]
        and c.__annotations__["builtin"] == Dict[str, c]
    )
)
def annotations_over_the_class():
    class C:
        tag = Animal("tag")

    C.__annotations__ = {
        "data": Union[C, int],
        "mode": typing.Literal["r", 1, True],
        "tagged": typing.Annotated[int, "tag", C.tag],
        "maybe": Optional[C],
        "call": Callable[[C], List[C]],
        "builtin": Dict[str, C],
    }
    return C


@case(
    lambda l: (
        l[0] == list[l[3]] and l[1] == dict[str, l[3]] and l[2] == tuple[l[3], ...] and l[0]() == []
    )
)
def built_in_generics_over_a_class():
    return list[Dog], dict[str, Dog], tuple[Dog, ...], Dog


@case(
    lambda l: (
        l[0] == Union[l[1], int]
        and l[2] == Optional[l[1]]
        and set(typing.get_args(l[0])) == {l[1], int}
    )
)
def unions_of_typing():
    return Union[Dog, int], Dog, Optional[Dog]


def _unions_by_operator_hold(loaded):
    union, optional, cls = loaded
    same = union == (Union[cls, int]) and optional == Optional[cls]
    return same and (MINOR < 10 or (isinstance(1, union) and isinstance(None, optional)))


@case(_unions_by_operator_hold, writer=10)
def unions_by_operator():
    return Dog | int, Dog | None, Dog


@case(
    lambda l: (
        l[0].__metadata__[0] == "m" and l[0].__metadata__[1] is l[1] and l[2].__args__ == (l[3],)
    )
)
def annotated_and_literal_alone():
    class Mode(enum.Enum):
        READ = "r"

    return typing.Annotated[int, "m", Dog], Dog, typing.Literal[Mode.READ], Mode.READ


# Annotations


@case(
    lambda c: (
        c.__annotations__
        == {
            "x": int,
            "name": "str",
            "many": List[int],
            "constant": ClassVar[int],
            "forward": "Undefined",
            "_C__own": float,
        }
        and list(c.__annotations__)[:2] == ["x", "name"]
        and c.constant == 3
        and not hasattr(c, "x")
    )
)
def annotations_of_a_class():
    class C:
        x: int
        name: "str"
        many: List[int]
        constant: ClassVar[int] = 3
        forward: "Undefined"
        __own: float

    return C


@case(
    lambda c: (
        c[1].__annotations__ == {"y": str}
        and vars(c[2]).get("__annotations__", {}) == {}
        and typing.get_type_hints(c[1], {}) == {"x": int, "y": str}
    )
)
def annotations_of_a_hierarchy():
    class Base:
        x: int

    class Derived(Base):
        y: str

    class Without(Derived):
        pass

    return Base, Derived, Without


@case(
    lambda c: (
        c.method.__annotations__ == {"other": "C", "count": int, "return": "List[C]"}
        and c.make.__annotations__ == {"return": c}
    )
)
def annotations_of_methods():
    class C:
        def method(self, other: "C", count: int = 0) -> "List[C]":
            pass

        def make(self):
            pass

    C.make.__annotations__["return"] = C
    return C


@case(lambda c: c.__annotations__ == {"x": int, "added": str})
def annotations_added_by_hand():
    class C:
        x: int

    C.__annotations__["added"] = str
    return C


def _newer_annotations_hold(c):
    notes = {**c.__annotations__, **c.chain.__annotations__}
    wanted = {
        "count": int,
        "parent": "typing.Self",
        "kids": "typing.List[typing.Self]",
        "return": "typing.Self",
    }
    if MINOR >= 11:
        wanted = {
            "count": int,
            "parent": typing.Self,
            "kids": List[typing.Self],
            "return": typing.Self,
        }
    return notes == wanted and type(c().chain()) is c


@case(_newer_annotations_hold, writer=11)
def annotations_newer_than_the_reader():
    class C:
        count: int
        parent: typing.Self
        kids: typing.List[typing.Self]

        def chain(self) -> typing.Self:
            return self

    return C


@case(
    lambda c: (
        [
            getattr(c.__annotations__[name], "__name__", c.__annotations__[name])
            for name in ("group", "n")
        ]
        == ["ExceptionGroup", "int"]
        and c.__annotations__["text"]
        == ("typing.LiteralString" if MINOR < 11 else typing.LiteralString)
        and c.guard.__annotations__["return"]
        == ("typing.TypeGuard[int]" if MINOR < 10 else typing.TypeGuard[int])
        and c().guard(1)
    ),
    writer=11,
)
def annotations_with_built_ins_newer_than_the_reader():
    class C:
        group: ExceptionGroup
        n: int
        text: typing.LiteralString

        def guard(self, x) -> typing.TypeGuard[int]:
            return x == 1

    return C


@case(
    lambda c: (c.method.__override__, c.__final__, c().method()) == (True, True, "own"), writer=12
)
def class_with_marks_for_type_checkers():
    class Base:
        def method(self):
            return "base"

    @typing.final
    class C(Base):
        @typing.override
        def method(self):
            return "own"

    return C


@case(
    lambda c: (
        all(
            note in (Optional[int], "int | None")
            for note in (c.__annotations__["x"], c.method.__annotations__["return"])
        )
        and c.__annotations__["y"] is str
    ),
    writer=10,
)
def annotations_with_a_union_by_operator():
    class C:
        x: int | None
        y: str

        def method(self) -> int | None:
            return None

    return C


def _undefined_annotations_hold(c):
    if MINOR >= 14:
        import annotationlib

        text = annotationlib.get_annotations(c, format=annotationlib.Format.STRING)
        of_method = annotationlib.get_annotations(c.method, format=annotationlib.Format.STRING)
    else:
        text = {**c.__annotations__, "size": c.__annotations__["size"].__name__}
        of_method = c.method.__annotations__
    wanted = {"size": "int", "node": "Undefined", "nodes": "list[Undefined]"}
    return text == wanted and of_method == {"x": "Undefined"} and c().method(1) == 1


@case(_undefined_annotations_hold, writer=14)
def annotations_with_names_that_are_never_defined():
    class C:
        size: int
        node: Undefined
        nodes: list[Undefined]

        def method(self, x: Undefined):
            return x

    return C


@case(
    lambda c: (
        c.__annotations__ == {"next": c, "all": List[c]}
        and c.link.__annotations__ == {"other": c, "return": c}
    ),
    writer=14,
)
def annotations_with_the_class_itself():
    class Node:
        next: Node
        all: List[Node]

        def link(self, other: Node) -> Node:
            return other

    return Node


@case(
    lambda c: c[0].__annotations__ == {"later": c[1]} and c[1].__annotations__ == {"first": c[0]},
    writer=14,
)
def annotations_with_a_class_defined_later():
    class First:
        later: Later

    class Later:
        first: First

    return First, Later


# Dataclasses


@dataclasses.dataclass
class Item:
    """An item of the module."""

    name: str
    price: float = 1.5
    tags: list = dataclasses.field(default_factory=list)

    def total(self, count):
        return self.price * count


@case(
    lambda c: (
        repr(c("a")) == "Item(name='a', price=1.5, tags=[])"
        and c("a") == c("a", 1.5, [])
        and c("a") != c("b")
        and c("a").tags is not c("a").tags
        and field_names(c) == ["name", "price", "tags"]
        and [field.type for field in dataclasses.fields(c)] == [str, float, list]
        and str(inspect.signature(c))
        == "(name: str, price: float = 1.5, tags: list = <factory>) -> None"
        and dataclasses.is_dataclass(c)
        and c.__hash__ is None
        and c.__doc__ == "An item of the module."
    )
)
def dataclass_plain():
    return Item


@case(
    lambda o: (
        dataclasses.asdict(o) == {"name": "a", "price": 2, "tags": ["t"]}
        and dataclasses.astuple(o) == ("a", 2, ["t"])
        and dataclasses.replace(o, name="b") == type(o)("b", 2, ["t"])
        and o.total(3) == 6
        and o == copy.deepcopy(o)
    )
)
def dataclass_instance():
    return Item("a", 2, ["t"])


@case(
    lambda l: (
        l[0] is type(l[1]) is type(l[2]["item"][0]) and l[1] == l[2]["item"][0] and l[1] is l[3]
    )
)
def dataclass_and_instances_in_containers():
    item = Item("a")
    return [Item, item, {"item": [Item("a")]}, item]


def _missing_is_missing(c):
    name, price, tags = dataclasses.fields(c)
    missing = dataclasses.MISSING
    return (
        name.default is name.default_factory is price.default_factory is tags.default is missing
        and (price.default, tags.default_factory) == (1.5, list)
        and raises(TypeError, c)
    )


@case(_missing_is_missing)
def dataclass_fields_without_default():
    return Item


def _derived_by_the_reader(c):
    @dataclasses.dataclass(order=True)
    class New(c):
        size: int = 0

    return (
        repr(New("a", size=3)).endswith("New(name='a', price=1.5, tags=[], size=3)")
        and New("a", size=1) < New("a", size=2)
        and New("a").total(2) == 3
        and New("a").tags is not New("a").tags
    )


@case(_derived_by_the_reader)
def dataclass_is_a_base_for_one_of_the_reader():
    return Item


@case(
    lambda c: (
        (c().x, c().y, c().z) == (1, [RATE], {"k": 2}) and c().y is not c().y and c(z=0).z == 0
    )
)
def dataclass_with_default_factories():
    two = 2

    @dataclasses.dataclass
    class C:
        x: int = 1
        y: list = dataclasses.field(default_factory=lambda: [RATE])
        z: dict = dataclasses.field(default_factory=lambda: {"k": two})

    return C


def _field_options_hold(c):
    fields = {field.name: field for field in dataclasses.fields(c)}
    return (
        repr(c(1, 2)) == f"{c.__qualname__}(shown=1, computed=None)"
        and c(1, 2) == c(1, 3)
        and raises(TypeError, c, 1, 2, 3)
        and dict(fields["shown"].metadata) == {"unit": "m", "of": c.Unit}
        and raises(TypeError, operator.setitem, fields["shown"].metadata, "a", 1)
        and [fields[name].hash for name in ("shown", "hidden", "computed")] == [None, None, False]
        and not hasattr(c, "hidden")
    )


@case(_field_options_hold)
def dataclass_with_field_options():
    class Of:
        pass

    @dataclasses.dataclass
    class C:
        shown: int = dataclasses.field(metadata={"unit": "m", "of": Of})
        hidden: int = dataclasses.field(repr=False, compare=False)
        computed: Any = dataclasses.field(default=None, init=False, hash=False)

    C.Unit = Of
    return C


@case(
    lambda o: (
        raises(dataclasses.FrozenInstanceError, setattr, o, "x", 2)
        and raises(dataclasses.FrozenInstanceError, delattr, o, "x")
        and raises(dataclasses.FrozenInstanceError, setattr, o, "new", 2)
        and {o: 1}[type(o)(1, (2,))] == 1
        and hash(o) == hash(type(o)(1, (2,)))
        and dataclasses.replace(o, x=5).x == 5
        and o.__dataclass_params__.frozen is True
    )
)
def dataclass_frozen():
    @dataclasses.dataclass(frozen=True)
    class C:
        x: int
        y: Tuple[int, ...] = ()

    return C(1, (2,))


def _frozen_cannot_be_thawed(c):
    def derive():
        @dataclasses.dataclass
        class New(c):
            pass

    return "frozen" in str(raises(TypeError, derive))


@case(_frozen_cannot_be_thawed)
def dataclass_frozen_is_no_base_for_one_that_is_not():
    @dataclasses.dataclass(frozen=True)
    class C:
        x: int

    return C


@case(
    lambda c: (
        c(0, 0) in c.known
        and c.names[c(1, 0)] == "east"
        and c.ORIGIN == c(0, 0)
        and type(c.ORIGIN) is c
    )
)
def dataclass_frozen_in_a_set_of_its_class():
    @dataclasses.dataclass(frozen=True)
    class Point:
        x: int
        y: int

    Point.ORIGIN = Point(0, 0)
    Point.known = {Point.ORIGIN}
    Point.names = {Point(1, 0): "east"}
    return Point


@case(
    lambda l: (
        sorted(l) == [l[1], l[2], l[0]]
        and l[1] < l[0] >= l[0] <= l[0] > l[1]
        and raises(TypeError, operator.lt, l[0], (2, "a"))
        and [o.label for o in sorted(l)] == ["z", "y", "x"]
    )
)
def dataclass_with_order():
    @dataclasses.dataclass(order=True)
    class C:
        rank: int
        label: str = dataclasses.field(compare=False)
        size: int = 0

    return [C(3, "x"), C(1, "z"), C(2, "y")]


@case(
    lambda c: (
        c[0](1) != c[0](1)
        and isinstance(hash(c[0](1)), int)
        and hash(c[1](1)) == hash(c[1](1))
        and c[1](1) == c[1](1)
        and "object at" in repr(c[2]())
        and raises(TypeError, c[2], 1)
        and c[2].x == 5
    )
)
def dataclass_without_generated_methods():
    @dataclasses.dataclass(eq=False)
    class ByIdentity:
        x: int

    @dataclasses.dataclass(unsafe_hash=True)
    class Hashed:
        x: int

    @dataclasses.dataclass(init=False, repr=False)
    class Bare:
        x: int = 5

    return ByIdentity, Hashed, Bare


@case(
    lambda c: (
        (c(3).doubled, c(3, 5).doubled, c(3).kept) == (6, 15, 3)
        and field_names(c) == ["kept", "doubled"]
        and c.by == 2
        and dataclasses.replace(c(3), by=4).doubled == 12
    )
)
def dataclass_with_init_var_and_post_init():
    @dataclasses.dataclass
    class C:
        kept: int
        by: dataclasses.InitVar[int] = 2
        doubled: int = dataclasses.field(init=False)

        def __post_init__(self, by):
            self.doubled = self.kept * by

    return C


@case(
    lambda c: (
        field_names(c) == ["x"]
        and (c.count, c.other, c(1)) == (3, [], c(1))
        and raises(TypeError, c, 1, 2)
        and c.__annotations__["count"] == ClassVar[int]
    )
)
def dataclass_with_class_variables():
    @dataclasses.dataclass
    class C:
        count: ClassVar[int] = 3
        other: ClassVar = []
        x: int

    return C


@case(
    lambda c: (
        (c(1, 5).x, c.count, c(1, 5).seen) == (1, 3, 5)
        and field_names(c) == ["x", "seen"]
        and c.__annotations__["x"] == "int"
        and c.__module__ == "__main__"
    )
)
def dataclass_of_main_with_annotations_as_strings():
    # dataclasses looks for the names of such annotations in the module of the class.
    vars(sys.modules["__main__"]).update(dataclasses=dataclasses, ClassVar=ClassVar)

    @dataclasses.dataclass
    class C:
        __module__ = "__main__"
        x: "int"
        extra: "dataclasses.InitVar[int]"
        count: "ClassVar[int]" = 3
        seen: "Any" = None

        def __post_init__(self, extra):
            self.seen = extra

    return C


@case(
    lambda c: (
        (c(1, b=2, c=3), c(1, b=2).c) == (c(1, c=3, b=2), 0)
        and raises(TypeError, c, 1, 2)
        and repr(c(1, b=2)) == f"{c.__qualname__}(a=1, b=2, c=0)"
        and [p.kind.name[:3] for p in inspect.signature(c).parameters.values()]
        == ["POS", "KEY", "KEY"]
        and field_names(c) == ["a", "b", "c"]
        and dataclasses.replace(c(1, b=2), c=4) == c(1, b=2, c=4)
    ),
    writer=10,
)
def dataclass_with_the_keyword_only_sentinel():
    @dataclasses.dataclass
    class C:
        a: int
        _: dataclasses.KW_ONLY
        b: int
        c: int = 0

    return C


@case(
    lambda c: (
        c[0](b=1, a=2) == c[0](a=2, b=1)
        and raises(TypeError, c[0], 2, 1)
        and (c[1](1, a=2).a, c[1](1, a=2).b) == (2, 1)
        and raises(TypeError, c[1], 1)
        and c[0].__match_args__ == ()
        and c[1].__match_args__ == ("b",)
        and c[2](7, a=1, b=2).c == 7
    ),
    writer=10,
)
def dataclass_with_keyword_only_fields():
    @dataclasses.dataclass(kw_only=True)
    class All:
        b: int = 0
        a: int

    @dataclasses.dataclass
    class One:
        a: int = dataclasses.field(kw_only=True)
        b: int = 0

    @dataclasses.dataclass
    class Derived(All):
        c: int

    return All, One, Derived


@case(
    lambda o: (
        (o.x, o.y) == (1, 2)
        and raises(AttributeError, setattr, o, "z", 3)
        and not hasattr(o, "__dict__")
        and type(o).__slots__ == ("x", "y")
        and o == type(o)(1) == copy.copy(o)
        and dataclasses.asdict(o) == {"x": 1, "y": 2}
        and repr(o) == f"{type(o).__qualname__}(x=1, y=2)"
        and o.whose() is type(o)
        and dataclasses.replace(o, x=3).x == 3
    ),
    writer=10,
)
def dataclass_with_slots():
    @dataclasses.dataclass(slots=True)
    class C:
        x: int
        y: int = 2

        def whose(self):
            return type(self)

    return C(1)


@case(
    lambda l: (
        l[0] is l[1]["again"]
        and l[0] == type(l[0])(1, 2)
        and hash(l[0]) == hash(type(l[0])(1, 2))
        and raises(dataclasses.FrozenInstanceError, setattr, l[0], "x", 3)
        and copy.copy(l[0]) == l[0]
        and "y" in type(l[0]).__slots__
        and type(l[0]).__base__.__slots__ == ("x",)
        and not hasattr(l[0], "__dict__")
    ),
    writer=10,
)
def dataclass_frozen_with_slots_inherited():
    @dataclasses.dataclass(frozen=True, slots=True)
    class Base:
        x: int

    @dataclasses.dataclass(frozen=True, slots=True)
    class Derived(Base):
        y: int

    o = Derived(1, 2)
    return [o, {"again": o}]


@case(lambda o: weakref.ref(o)() is o and not hasattr(o, "__dict__") and o == type(o)(1), writer=11)
def dataclass_with_a_weak_reference_slot():
    @dataclasses.dataclass(slots=True, weakref_slot=True)
    class C:
        x: int

    return C(1)


@case(
    lambda c: (
        c[0].__match_args__ == ("x", "y") and not hasattr(c[1], "__match_args__") and c[1](1).x == 1
    ),
    writer=10,
)
def dataclass_match_args():
    @dataclasses.dataclass
    class With:
        x: int
        y: int = dataclasses.field(default=0)
        z: int = dataclasses.field(default=0, init=False)

    @dataclasses.dataclass(match_args=False)
    class Without:
        x: int

    return With, Without


@case(
    lambda c: (
        c(1).x == 1
        and repr(c(1)) == f"{c.__qualname__}(x=1)"
        and (MINOR < 14 or dataclasses.fields(c)[0].doc == "Doc of x.")
    ),
    writer=14,
)
def dataclass_with_a_documented_field():
    @dataclasses.dataclass
    class C:
        x: int = dataclasses.field(doc="Doc of x.")

    return C


@case(
    lambda c: (
        field_names(c[1]) == ["x", "y", "z"]
        and c[1](1).steps == ["Base", "Derived"]
        and isinstance(c[1](1), c[0])
        and c[1](1) != c[0](1)
        and c[1](1, z="z").z == "z"
        and dataclasses.fields(c[1])[1].default == "y of Derived"
    )
)
def dataclass_inherited_with_post_init():
    @dataclasses.dataclass
    class Base:
        x: int
        y: str = "y"

        def __post_init__(self):
            self.steps = ["Base"]

    @dataclasses.dataclass
    class Derived(Base):
        z: Optional[str] = None
        y: str = "y of Derived"

        def __post_init__(self):
            super().__post_init__()
            self.steps.append("Derived")

    return Base, Derived


@case(
    lambda c: (
        field_names(c) == ["b", "a", "own"] and c(1, 2, 3).sum() == 6 and c(1, 2, 3).kind == "mixin"
    )
)
def dataclass_of_two_dataclasses_and_a_mixin():
    @dataclasses.dataclass
    class A:
        a: int

    @dataclasses.dataclass
    class B:
        b: int

    class Mixin:
        kind = "mixin"

        def sum(self):
            return sum(dataclasses.astuple(self))

    @dataclasses.dataclass
    class C(Mixin, A, B):
        own: int

    return C


@case(
    lambda c: (
        c[int](1) == c(1)
        and c[int].__origin__ is c
        and c.__annotations__["item"] is c.__parameters__[0]
    )
)
def dataclass_generic():
    @dataclasses.dataclass
    class Box(Generic[T]):
        item: T
        items: List[T] = dataclasses.field(default_factory=list)

    return Box


@case(
    lambda c: (
        (repr(c("7")), c("7").x, c("7") == 7, hash(c("7"))) == ("<7>", 7, True, 70)
        and c(1).__eq__(2) is False
        and str(inspect.signature(c)) == "(x)"
    )
)
def dataclass_with_methods_of_the_user():
    @dataclasses.dataclass
    class C:
        x: int

        def __init__(self, x):
            self.x = int(x)

        def __repr__(self):
            return f"<{self.x}>"

        def __eq__(self, other):
            return self.x == other

        def __hash__(self):
            return self.x * 10

    return C


@case(
    lambda c: (
        (c(1).x, c(1).y, c(1).twice(), c.kind) == (1, 5, 2, "made")
        and repr(c(1)) == "Made(x=1, y=5)"
        and c(1) == c(1)
        and c.__bases__[0]().based == "base"
    )
)
def dataclass_made_by_a_call():
    class Base:
        based = "base"

    return dataclasses.make_dataclass(
        "Made",
        [("x", int), ("y", int, dataclasses.field(default=5))],
        bases=(Base,),
        namespace={"twice": lambda self: self.x * 2, "kind": "made"},
    )


@case(
    lambda c: (
        c[0]().kind is c[1]
        and type(c[0]().one) is c[1]
        and c[0].__annotations__["kind"] == typing.Type[c[1]]
    )
)
def dataclass_with_a_class_as_default():
    class Kind:
        pass

    @dataclasses.dataclass
    class C:
        kind: typing.Type[Kind] = Kind
        one: Kind = dataclasses.field(default_factory=Kind)

    return C, Kind


@case(
    lambda o: (
        o.children[0].parent is o
        and repr(o).count("...") == 1
        and type(o.children[0]) is type(o)
        and dataclasses.fields(o)[1].type.__args__[0].__forward_arg__ == "Node"
    )
)
def dataclass_instances_in_a_cycle():
    @dataclasses.dataclass(eq=False)
    class Node:
        name: str
        children: List["Node"] = dataclasses.field(default_factory=list)
        parent: Optional["Node"] = None

    root = Node("root")
    root.children.append(Node("leaf", parent=root))
    return root


@case(
    lambda o: (
        dataclasses.asdict(o)
        == {"main": {"x": 1}, "many": [{"x": 2}], "keyed": {"k": {"x": 3}}, "pair": ({"x": 4}, 5)}
    )
)
def dataclass_nested():
    @dataclasses.dataclass
    class Inner:
        x: int

    @dataclasses.dataclass
    class Outer:
        main: Inner
        many: List[Inner]
        keyed: Dict[str, Inner]
        pair: tuple

    return Outer(Inner(1), [Inner(2)], {"k": Inner(3)}, (Inner(4), 5))


@case(
    lambda c: (
        raises(TypeError, c[0])
        and c[1](2, 3).area == 6
        and c[1](2, 3).cached == "once"
        and c[1].make(4) == c[1](4, 4)
    )
)
def dataclass_abstract_with_properties():
    @dataclasses.dataclass
    class Shape(abc.ABC):
        width: int

        @property
        @abc.abstractmethod
        def area(self):
            pass

    @dataclasses.dataclass
    class Rectangle(Shape):
        height: int

        @property
        def area(self):
            return self.width * self.height

        @functools.cached_property
        def cached(self):
            return "once"

        @classmethod
        def make(cls, side):
            return cls(side, side)

    return Shape, Rectangle


@case(lambda c: c("5").x == 5 and c().x == 100 and vars(c("5")) == {"_x": 5})
def dataclass_with_a_descriptor_as_default():
    class Converted:
        def __set_name__(self, owner, name):
            self.name = f"_{name}"

        def __get__(self, instance, owner):
            return 100 if instance is None else getattr(instance, self.name)

        def __set__(self, instance, value):
            setattr(instance, self.name, int(value))

    @dataclasses.dataclass
    class C:
        x: int = Converted()

    return C


@case(
    lambda e: (
        isinstance(e, Exception)
        and (e.code, str(e)) == (404, "404: gone")
        and e == type(e)(404, "gone")
    )
)
def dataclass_exception():
    @dataclasses.dataclass
    class HttpError(Exception):
        code: int
        reason: str

        def __str__(self):
            return f"{self.code}: {self.reason}"

    return HttpError(404, "gone")


@case(
    lambda c: (
        typing.get_type_hints(c, {}) == {"x": int}
        and not (c.__annotations__ if MINOR >= 10 else vars(c).get("__annotations__"))
        and field_names(c) == ["x"]
        and repr(c(1)).endswith("Derived(x=1)")
        and c(1) == c(1) != c.__base__(1)
    )
)
def dataclass_without_annotations_of_its_own():
    @dataclasses.dataclass
    class Base:
        x: int

    @dataclasses.dataclass
    class Derived(Base):
        pass

    return Derived


@case(
    lambda c: (
        (c[1](1).x, c[1](1).double(), c[1](1) == c[1](1)) == (1, 2, True)
        and isinstance(c[1](1), c[0])
        and raises(TypeError, c[0])
        and raises(TypeError, c[1])
        and str(inspect.signature(c[1])) == "(x: int) -> None"
        and (c[3](2, 3).shown(), c[3](2, 3) == c[3](2, 3)) == ("y is 2", True)
        and raises(TypeError, c[2])
        and (field_names(c[2]), field_names(c[3])) == (["y"], ["y", "z"])
        and str(inspect.signature(c[3])) == "(y: int, z: int) -> None"
    )
)
def dataclasses_and_protocols():
    @typing.runtime_checkable
    class HasX(typing.Protocol):
        x: int

        def double(self) -> int:
            return self.x * 2

    @dataclasses.dataclass
    class Implements(HasX):
        x: int

    @dataclasses.dataclass
    class HasY(typing.Protocol):
        y: int

        def shown(self):
            return f"y is {self.y}"

    @dataclasses.dataclass
    class Explicit(HasY):
        z: int

    return HasX, Implements, HasY, Explicit


# Enumerations


class Color(enum.Enum):
    """Colors of the module."""

    RED = 1
    GREEN = 2
    CRIMSON = 1

    def mix(self, other):
        return f"{self.name}+{other.name}"

    @property
    def lower(self):
        return self.name.lower()

    @classmethod
    def default(cls):
        return cls.GREEN


def _enum_holds(c):
    def derive():
        class New(c):
            pass

    return (
        (list(c), len(c), c.CRIMSON, c["CRIMSON"], c(2))
        == ([c.RED, c.GREEN], 2, c.RED, c.RED, c.GREEN)
        and (repr(c.RED), str(c.RED), c.RED.name, c.RED.value)
        == ("<Color.RED: 1>", "Color.RED", "RED", 1)
        and list(c.__members__) == ["RED", "GREEN", "CRIMSON"]
        and (c.RED.mix(c.GREEN), c.RED.lower, c.default()) == ("RED+GREEN", "red", c.GREEN)
        and isinstance(c, enum.EnumMeta)
        and isinstance(c.RED, c)
        and c.RED in c
        and raises(ValueError, c, 3)
        and raises(KeyError, lambda: c["BLUE"])
        and raises(AttributeError, setattr, c, "RED", 3)
        and raises(TypeError, derive)
        and c.__doc__ == "Colors of the module."
        and copy.deepcopy(c.RED) is c.RED
        and list(reversed(c)) == [c.GREEN, c.RED]
        and repr(c) == "<enum 'Color'>"
    )


@case(_enum_holds)
def enum_plain():
    return Color


@case(
    lambda m: (
        m is type(m).GREEN is type(m)(2) is type(m)["GREEN"] and (m.name, m.value) == ("GREEN", 2)
    )
)
def enum_member_alone():
    return Color.GREEN


@case(
    lambda l: (
        l[0] is l[1] is l[2].RED is l[3]["red"]
        and type(l[0]) is l[2]
        and l[4][l[0]] == "red"
        and l[5] == {l[2].RED, l[2].GREEN}
        and l[0] is not l[6][0]
    )
)
def enum_members_in_containers():
    red, green = Color.RED, Color.GREEN
    return [
        red,
        Color.CRIMSON,
        Color,
        {"red": red},
        {red: "red", green: "green"},
        {green, red},
        (green,),
    ]


@case(
    lambda c: (
        c.RED.opposite is c.GREEN
        and c.HEX[c.RED] == "#f00"
        and c.WARM == {c.RED}
        and c.RED.tag == "set by hand"
    )
)
def enum_class_that_holds_its_members():
    class Color(enum.Enum):
        RED = 1
        GREEN = 2

        @property
        def opposite(self):
            return Color.GREEN if self is Color.RED else Color.RED

    Color.HEX = {Color.RED: "#f00"}
    Color.WARM = frozenset({Color.RED})
    Color.RED.tag = "set by hand"
    return Color


@case(
    lambda c: (
        (c.LOW + 1, c.HIGH > c.LOW, sorted([c.HIGH, c.LOW])[0], int(c.HIGH)) == (2, True, c.LOW, 5)
        and isinstance(c.LOW, int)
        and c.LOW == 1 == c(1)
        and json.dumps(c.HIGH) == "5"
        and {1: "one"}[c.LOW] == "one"
        and [0, 10][c.LOW] == 10
        and issubclass(c, enum.IntEnum)
    )
)
def int_enum():
    class Level(enum.IntEnum):
        LOW = 1
        HIGH = 5

    return Level


@case(
    lambda l: (
        l == [1, 5] and l[0] is type(l[0]).LOW and type(l[0]) is type(l[1]) and l[0].name == "LOW"
    )
)
def int_enum_members():
    class Level(enum.IntEnum):
        LOW = 1
        HIGH = 5

    return [Level.LOW, Level.HIGH]


@case(
    lambda c: (
        (c.GET, str(c.GET), f"{c.POST}", c("get"), c.GET.upper())
        == ("get", "get", "post", c.GET, "GET")
        and isinstance(c.GET, str)
        and issubclass(c, enum.StrEnum)
    ),
    writer=11,
    reader=11,
)
def str_enum():
    class Method(enum.StrEnum):
        GET = enum.auto()
        POST = enum.auto()

    return Method


@case(
    lambda l: (
        l[0] == "a"
        and l[0] is l[1]("a") is l[1].A
        and (l[0].upper(), l[0] + l[1].B, {"a": 1}[l[0]]) == ("A", "ab", 1)
        and json.dumps({l[0]: l[0]}) == '{"a": "a"}'
        and str.__str__(l[0]) == "a"
    )
)
def enum_of_strings():
    class Letter(str, enum.Enum):
        A = "a"
        B = "b"

    return [Letter.A, Letter]


@case(
    lambda c: (
        (c.PI * 2, c.PI.value, c.PI.is_integer()) == (6.28, 3.14, False)
        and isinstance(c.PI, float)
        and c(3.14) is c.PI
    )
)
def enum_of_floats():
    class Constant(float, enum.Enum):
        PI = 3.14
        E = 2.72

    return Constant


@case(
    lambda c: (
        (c.A[1], len(c.A), c.A.value, c.A == (1, 2), c((3,)) is c.B) == (2, 2, (1, 2), True, True)
    )
)
def enum_of_tuples():
    class Pair(tuple, enum.Enum):
        A = 1, 2
        B = (3,)

    return Pair


@case(
    lambda c: (
        c.EPOCH.year == 1970
        and c.EPOCH < datetime.date(1971, 1, 1)
        and c.EPOCH.value == datetime.date(1970, 1, 1)
    )
)
def enum_of_dates():
    class Day(datetime.date, enum.Enum):
        EPOCH = 1970, 1, 1
        LATER = 2000, 1, 1

    return Day


@case(
    lambda c: (
        (c.A4.width, c.A4.height, c.A4.area, c.A5.width) == (210, 297, 62370, 148)
        and c.A4.name == "A4"
        and names(c.__mro__)[:2] == ["Paper", "Size"]
        and [field.name for field in dataclasses.fields(c.A4)] == ["width", "height"]
        and len(c) == 2
    )
)
def enum_of_a_dataclass():
    @dataclasses.dataclass
    class Size:
        width: int
        height: int

        @property
        def area(self):
            return self.width * self.height

        def __hash__(self):
            return hash((self.width, self.height))

    class Paper(Size, enum.Enum):
        A4 = 210, 297
        A5 = 148, 210

    return Paper


@case(
    lambda c: (
        c.A.describe() == "A of Letters" and c.A.twice() == "AA" and issubclass(c, c.__mro__[1])
    )
)
def enum_with_mixins():
    class Describes:
        def describe(self):
            return f"{self.name} of {type(self).__name__}"

    class Base(Describes, enum.Enum):
        def twice(self):
            return self.name * 2

    class Letters(Base):
        A = enum.auto()

    return Letters


@case(
    lambda c: (
        [(m.name, m.value) for m in c[0]] == [("A", 1), ("B", 5), ("C", 6)]
        and [m.value for m in c[1]] == ["a", "b!"]
    )
)
def enum_with_auto():
    class Plain(enum.Enum):
        A = enum.auto()
        B = 5
        C = enum.auto()

    class Named(enum.Enum):
        def _generate_next_value_(name, start, count, last_values):
            return name.lower() + "!" * count

        A = enum.auto()
        B = enum.auto()

    return Plain, Named


@case(
    lambda c: (
        (c.EARTH.mass, c.EARTH.radius, c.EARTH.value) == (6.0, 6.4, (6.0, 6.4))
        and round(c.EARTH.density, 2) == 0.02
        and c((3.3, 2.4)) is c.MERCURY
        and vars(c.MERCURY)["mass"] == 3.3
    )
)
def enum_with_init():
    class Planet(enum.Enum):
        MERCURY = (3.3, 2.4)
        EARTH = (6.0, 6.4)

        def __init__(self, mass, radius):
            self.mass = mass
            self.radius = radius

        @property
        def density(self):
            return self.mass / self.radius**3

    return Planet


@case(
    lambda m: (
        (m.value, m.label, m.rank) == ("b", "Label of b", 2)
        and m is type(m)("b")
        and type(m)("a").rank == 1
    )
)
def enum_with_new_and_another_value():
    class Labelled(enum.Enum):
        A = "a", "Label of a"
        B = "b", "Label of b"

        def __new__(cls, value, label):
            member = object.__new__(cls)
            member._value_ = value
            member.label = label
            member.rank = len(cls.__members__) + 1
            return member

    return Labelled.B


@case(
    lambda c: (
        (c.PX, c.PX.value, c.PX.label, c.PY[0], bytes(c.PY)) == (b"\x00", 0, "P.X", 1, b"\x01")
        and c(1) is c.PY
    )
)
def enum_of_bytes_with_new():
    class Coordinate(bytes, enum.Enum):
        def __new__(cls, value, label):
            member = bytes.__new__(cls, [value])
            member._value_ = value
            member.label = label
            return member

        PX = (0, "P.X")
        PY = (1, "P.Y")

    return Coordinate


@case(
    lambda c: (
        (c("RED"), c("red"), c(" Green ")) == (c.RED, c.RED, c.GREEN)
        and raises(ValueError, c, "blue")
    )
)
def enum_with_missing():
    class Color(enum.Enum):
        RED = "red"
        GREEN = "green"

        @classmethod
        def _missing_(cls, value):
            for member in cls:
                if member.value == value.strip().lower():
                    return member

    return Color


@case(
    lambda c: [m.value for m in c] == [0, 10, 20] and not hasattr(c, "i") and c.STEP_2.value == 20
)
def enum_with_ignored_names():
    class Step(enum.Enum):
        _ignore_ = ["i"]
        for i in range(3):
            vars()[f"STEP_{i}"] = i * 10

    return Step


@case(
    lambda c: (
        [[member.name for member in each] for each in c]
        == ["A B".split(), ["X", "Y"], ["ONE", "TWO"], ["P"]]
        and [member.value for each in c for member in each] == [1, 2, 5, 6, 10, [20], "p"]
        and [repr(each) for each in c[:2]] == ["<enum 'E'>", "<enum 'Start'>"]
        and c[0].__module__ == "cases_without_a_module"
        and c[3].P.upper() == "P"
    )
)
def enums_by_function():
    return [
        enum.Enum("E", "A B"),
        enum.Enum("Start", ["X", "Y"], start=5),
        enum.Enum("Values", {"ONE": 10, "TWO": [20]}),
        enum.Enum("Text", {"P": "p"}, type=str),
    ]


@case(
    lambda c: (
        c([1]) is c.LIST
        and c({"a": [1]}).name == "DICT"
        and c(3) is c.PLAIN
        and raises(ValueError, c, [2])
    )
)
def enum_with_unhashable_values():
    class E(enum.Enum):
        LIST = [1]
        DICT = {"a": [1]}
        PLAIN = 3

    return E


def _nested_in_enum_holds(c):
    inner = c.Inner.value if isinstance(c.Inner, c) else c.Inner
    made = c.A.make()
    return (
        inner.deep(None) == "deep"
        and made() == ("A", 1)
        and c.static(2) == 4
        and (c.A.by_lambda(), c.A.of_class()) == ("lambda A", ["A"])
        and c.A in c
    )


@case(_nested_in_enum_holds)
def enum_with_nested_functions_and_classes():
    class E(enum.Enum):
        A = 1

        class Inner:
            def deep(self):
                return "deep"

        def make(self):
            def inner():
                return self.name, self.value

            return inner

        @staticmethod
        def static(x):
            return x * 2

        @classmethod
        def of_class(cls):
            return [member.name for member in cls if member.value == 1]

        by_lambda = lambda self: f"lambda {self.name}"

    return E


@case(
    lambda c: (
        c[0].DOG.value is c[1]
        and c[0](c[1]) is c[0].DOG
        and c[0].REX.value == c[1]("Rex")
        and c[0].CALL.value(2) == 6
    )
)
def enum_over_classes_and_functions():
    class Pets(enum.Enum):
        DOG = Dog
        REX = Dog("Rex")
        CALL = (
            functools.partial(operator.mul, 3)
            if MINOR < 11
            else enum.member(functools.partial(operator.mul, 3))
        )

    return Pets, Dog


@case(
    lambda c: (
        (str(c.A), f"{c.A:>5}", repr(c.A), c.A == 1, hash(c.A), bool(c.A), c.A < c.B)
        == ("str A", "fmt A", "repr A", True, 10, False, True)
    )
)
def enum_with_special_methods():
    class E(enum.Enum):
        A = 1
        B = 2

        def __str__(self):
            return f"str {self.name}"

        def __format__(self, spec):
            return f"fmt {self.name}"

        def __repr__(self):
            return f"repr {self.name}"

        def __eq__(self, other):
            return self.value == getattr(other, "value", other)

        def __hash__(self):
            return self.value * 10

        def __bool__(self):
            return False

        def __lt__(self, other):
            return self.value < other.value

    return E


@case(
    lambda c: (
        (c["red"], c.red, "RED" in c, "blue" in c) == (c.RED, c.RED, True, False)
        and issubclass(type(c), enum.EnumMeta)
    )
)
def enum_with_its_own_metaclass():
    class Loose(enum.EnumMeta):
        def __contains__(cls, name):
            return name in cls.__members__

        def __getitem__(cls, name):
            return super().__getitem__(name.upper())

        def __getattr__(cls, name):
            if name.islower() and name.upper() in cls.__members__:
                return cls[name]
            raise AttributeError(name)

    class Color(enum.Enum, metaclass=Loose):
        RED = 1

    return Color


@case(
    lambda c: (
        c[1].A.area() == 1
        and c[1].__mro__[1] is c[0]
        and isinstance(c[1].A, c[0])
        and not list(c[0])
    )
)
def enum_over_a_base_without_members():
    class Shape(enum.Enum):
        def area(self):
            return self.value

    class Sizes(Shape):
        A = 1

    return Shape, Sizes


def _enum_extended_by_the_reader(c):
    class New(c):
        X = "x"

    return New.X.shout() == "X!" and New("x") is New.X and len(c) == 0


@case(_enum_extended_by_the_reader)
def enum_without_members_is_extended_by_the_reader():
    class Base(enum.Enum):
        def shout(self):
            return f"{self.value.upper()}!"

    return Base


@case(lambda c: len(c) == 2 and (c.helper, c.A.value, c.F.value(2)) == ("helper", 1, 4), writer=11)
def enum_with_members_by_decision():
    class E(enum.Enum):
        A = 1
        helper = enum.nonmember("helper")

        @enum.member
        def F(x):
            return x * 2

    return E


@case(lambda c: c.A.label == "label of A" and c("one") is c.A and c.A.value == 1, writer=13)
def enum_with_value_aliases_and_enum_property():
    class E(enum.Enum):
        A = 1

        def __init__(self, value):
            self._add_value_alias_("one")

        @enum.property
        def label(self):
            return f"label of {self.name}"

    return E


@case(lambda c: (str(c.A), repr(c.A), c.A + 1) == ("Level.A", "<Level.A: 1>", 2), writer=11)
def int_enum_shown_as_an_enum():
    class Level(enum.IntEnum):
        A = 1
        __str__ = enum.Enum.__str__

    return Level


@case(lambda c: (str(c.A), c.A.__str__()) == ("Derived.A", "Derived.A"))
def enum_takes_its_str_back_from_its_base():
    class Base(enum.Enum):
        def __str__(self):
            return "base"

    class Derived(Base):
        A = 1
        __str__ = enum.Enum.__str__

    return Derived


@case(
    lambda c: (
        (str(c.A), c.A.shown()) == ("base of A", "middle")
        and vars(c)["__str__"] is vars(c.__mro__[2])["__str__"]
    )
)
def enum_takes_its_str_from_the_base_of_its_base():
    class Base(enum.Enum):
        def __str__(self):
            return f"base of {self.name}"

    class Middle(Base):
        def __str__(self):
            return "middle"

        def shown(self):
            return Middle.__str__(self)

    class Derived(Middle):
        A = 1
        __str__ = Base.__str__

    return Derived


@case(lambda c: (c.A.limit(), list(c)) == (7, [c.A]), writer=11)
def enum_with_a_private_name_that_ends_in_an_underscore():
    class E(enum.Enum):
        A = 1
        __limit_ = 7

        def limit(self):
            return self.__limit_

    return E


@case(
    lambda l: (
        l[1] is l[0].A
        and l[0].__module__ == "cases_without_a_module"
        and l[1].__reduce_ex__(2) == (l[0], (1,))
        and copy.deepcopy(l[1]) is l[1]
        and (l[1] + 1, repr(l[0].A.value)) == (2, "0x1")
        and type(l[1].value) is l[0].__mro__[1]
    )
)
def enum_over_a_class_derived_from_int():
    class Hex(int):
        def __repr__(self):
            return hex(self)

    class E(Hex, enum.Enum):
        A = 1

    return E, E.A


@case(
    lambda l: (
        l[1] is l[0].LOG is l[0](pathlib.PurePosixPath("/var/app.log"))
        and l[1].parts == ("/", "var", "app.log")
        and (l[1].suffix, l[1].stem) == (".log", "app")
        and isinstance(l[1], pathlib.PurePosixPath)
    )
)
def enum_of_paths():
    class Files(pathlib.PurePosixPath, enum.Enum):
        LOG = "/var/app.log"

    return Files, Files.LOG


def _flags_hold(c):
    rw = c.READ | c.WRITE
    return (
        rw is c.RW is c(3)
        and (rw & c.READ, rw ^ c.READ, rw.value, ~c.READ & rw) == (c.READ, c.WRITE, 3, c.WRITE)
        and c.READ in rw
        and c.EXEC not in rw
        and not c(0)
        and (c.EXEC.value, bool(c.EXEC)) == (4, True)
        and (c(5) & c.EXEC) is c.EXEC
        and raises(ValueError, c, 64)
        and raises(TypeError, operator.or_, c.READ, 1)
        and issubclass(c, enum.Flag)
        and list(c.__members__) == ["READ", "WRITE", "EXEC", "RW"]
    )


@case(_flags_hold)
def flag():
    class Perm(enum.Flag):
        READ = enum.auto()
        WRITE = enum.auto()
        EXEC = enum.auto()
        RW = READ | WRITE

    return Perm


@case(
    lambda l: (
        l[0] is l[1] is type(l[0])(5)
        and l[0].value == 5
        and l[0] == type(l[0]).READ | type(l[0]).EXEC
        and l[2].value == 0
        and not l[2]
        and l[3][l[0]] == "combined"
    )
)
def flag_combinations_alone():
    class Perm(enum.Flag):
        READ = 1
        WRITE = 2
        EXEC = 4

    both = Perm.READ | Perm.EXEC
    return [both, Perm.EXEC | Perm.READ, Perm(0), {both: "combined"}]


@case(
    lambda c: (
        (c.A | c.B, c.A | 8, int(c.B), c.A + 1) == (3, 9, 2, 2)
        and isinstance(c.A | c.B, c)
        and (c.A | c.B).value == 3
        and c.A in (c.A | c.B)
        and (c(16) | c.A) == 17
    )
)
def int_flag():
    class F(enum.IntFlag):
        A = 1
        B = 2

    return F


@case(
    lambda l: l == [3, 9] and type(l[0]) is type(l[1]) and type(l[0]).A in l[1] and l[1].value == 9
)
def int_flag_combinations_alone():
    class F(enum.IntFlag):
        A = 1
        B = 2

    return [F.A | F.B, F(9)]


@case(
    lambda c: (
        repr(c.A | c.B) == ("<F.A|B: 3>" if MINOR >= 11 else "<F.B|A: 3>")
        and (c(-2) & 7, c(-2) & c.A, ~c.A & 7) == (6, 0, 6)
        and c.B in c(-2)
        and c.A not in c(-2)
        and list(c.__members__) == ["A", "B", "C"]
    )
)
def int_flag_asked_for_a_negative_value():
    class F(enum.IntFlag):
        A = 1
        B = 2
        C = 4

    F(-2)
    return F


@case(lambda c: c(9) is c.A and (c.A | c.B).value == 3, writer=11, reader=11)
def flag_that_conforms():
    class F(enum.Flag, boundary=enum.CONFORM):
        A = 1
        B = 2

    return F


@case(lambda c: c(9) == 9 and type(c(9)) is int and c(3) is c.A | c.B, writer=11, reader=11)
def int_flag_that_ejects():
    class F(enum.IntFlag, boundary=enum.EJECT):
        A = 1
        B = 2

    return F


@case(lambda m: m.value == 9 and type(m).A in m and type(m)(16).value == 16, writer=11, reader=11)
def flag_that_keeps():
    class F(enum.Flag, boundary=enum.KEEP):
        A = 1
        B = 2

    return F(9)


@case(lambda c: raises(ValueError, c, 9) and c(3) == 3, writer=11, reader=11)
def int_flag_that_is_strict():
    class F(enum.IntFlag, boundary=enum.STRICT):
        A = 1
        B = 2

    return F


@case(
    lambda c: (
        raises(ValueError, c[0], 9)
        and c[0](3).value == 3
        and c[1](9).value == 9
        and c[1].A in c[1](9)
    ),
    writer=11,
)
def flags_with_the_boundaries_that_were_always_theirs():
    class Strict(enum.Flag, boundary=enum.STRICT):
        A = 1
        B = 2

    class Keeping(enum.IntFlag, boundary=enum.KEEP):
        A = 1
        B = 2

    return Strict, Keeping


@case(
    lambda c: str(c.A) == "x" and repr(c.A) == "<C.A: 'x'>" and f"{c.A}" == "x",
    writer=11,
    reader=11,
)
def repr_enum():
    class C(str, enum.ReprEnum):
        A = "x"

    return C


# Named tuples


class Point(NamedTuple):
    """A point of the module."""

    x: int
    y: int = 2

    def sum(self):
        return self.x + self.y

    @property
    def swapped(self):
        return self._replace(x=self.y, y=self.x)

    @classmethod
    def origin(cls):
        return cls(0, 0)


@case(
    lambda c: (
        repr(c(1)) == "Point(x=1, y=2)"
        and (c(1), c(1).sum(), c(1).swapped, c.origin()) == ((1, 2), 3, c(2, 1), (0, 0))
        and (c._fields, c._field_defaults, c.__annotations__)
        == (("x", "y"), {"y": 2}, {"x": int, "y": int})
        and c._make([3, 4]) == c(y=4, x=3)
        and c(1)._asdict() == {"x": 1, "y": 2}
        and issubclass(c, tuple)
        and (c.__doc__, c.x.__doc__) == ("A point of the module.", "Alias for field number 0")
        and raises(TypeError, c)
        and raises(AttributeError, setattr, c(1), "x", 3)
        and raises((ValueError, TypeError), c(1)._replace, z=1)
        and str(inspect.signature(c)) == "(x: int, y: int = 2)"
        and c(1).__slots__ == ()
    )
)
def named_tuple():
    return Point


@case(
    lambda l: (
        type(l[0]) is l[1]
        and l[0] is l[2]["p"][0]
        and (l[0].x, l[0][1], *l[0]) == (1, 5, 1, 5)
        and l[3] == {(1, 5): "key"}
        and hash(l[0]) == hash((1, 5))
    )
)
def named_tuple_instances():
    point = Point(1, 5)
    return [point, Point, {"p": [point]}, {Point(1, 5): "key"}]


@case(
    lambda o: (o.item, type(o)[int].__origin__, o.get()) == (1, type(o), 1) and o == (1,), writer=11
)
def named_tuple_generic():
    class Box(NamedTuple, Generic[T]):
        item: T

        def get(self):
            return self.item

    return Box(1)


@case(
    lambda c: (
        names(c.__mro__) == ["Box", "Generic", "tuple", "object"]
        and c(1) == (1,)
        and repr(c(1)) == "Box(item=1)"
        and c[int].__args__ == (int,)
    ),
    writer=11,
)
def named_tuple_that_is_generic_first():
    class Box(Generic[T], NamedTuple):
        item: T

    return Box


@case(
    lambda c: (
        c(1, "a") == (1, "a")
        and c.__annotations__ == {"id": int, "name": str}
        and c.__name__ == "Row"
    )
)
def named_tuple_by_function():
    return NamedTuple("Row", [("id", int), ("name", str)])


@case(
    lambda l: (
        (l[0](1, 2), l[0](1)) == ((1, 2, 7), (1, 6, 7))
        and repr(l[0](1)) == "Defaults(a=1, b=6, c=7)"
        and l[0]._field_defaults == {"b": 6, "c": 7}
        and l[1]._fields == ("a", "_1", "_2", "d")
        and l[1](1, 2, 3, 4)._2 == 3
        and type(l[2]) is l[3]
        and (l[2].host, l[2]._asdict()) == ("h", {"host": "h", "port": 80})
        and str(inspect.signature(l[0])) == "(a, b=6, c=7)"
    )
)
def collections_namedtuple():
    Address = collections.namedtuple("Address", "host port")
    return [
        collections.namedtuple("Defaults", "a b c", defaults=(6, 7)),
        collections.namedtuple("Renamed", ["a", "class", "a", "d"], rename=True),
        Address("h", 80),
        Address,
    ]


@case(
    lambda o: (
        (repr(o), o.port, o.url, o == ("h", 80)) == ("Address(host='h', port=80)", 80, "h:80", True)
        and type(o).__mro__[2] is tuple
        and type(o)("x").port == 80
        and type(o._replace(port=1)) is type(o)
        and not hasattr(o, "__dict__")
    )
)
def subclass_of_a_namedtuple():
    class Address(collections.namedtuple("Address", "host port")):
        __slots__ = ()

        def __new__(cls, host, port=80):
            return super().__new__(cls, host, port)

        @property
        def url(self):
            return f"{self.host}:{self.port}"

    return Address("h")


@case(
    lambda o: (
        o.left.left is None
        and type(o.left) is type(o)
        and o.left.value == 2
        and o.extra == "in its dict"
    )
)
def named_tuple_nested_with_a_dict():
    class Node(collections.namedtuple("Base", "value left")):
        pass

    node = Node(1, Node(2, None))
    node.extra = "in its dict"
    return node


# Exceptions


class AppError(Exception):
    """An error of the module."""

    def __init__(self, message, *, code=0):
        super().__init__(message)
        self.code = code

    def __reduce__(self):
        return _make_error, (type(self), self.args[0], self.code)

    def __str__(self):
        return f"[{self.code}] {super().__str__()}"


def _make_error(cls, message, code):
    return cls(message, code=code)


class NotFound(AppError, LookupError):
    pass


def _error_holds(error):
    try:
        raise error
    except LookupError as caught:
        return (
            caught is error
            and (str(error), error.args, error.code) == ("[404] gone", ("gone",), 404)
            and names(type(error).__mro__)[:4]
            == ["NotFound", "AppError", "LookupError", "Exception"]
            and raises(type(error), _raise, error)
        )


def _raise(error):
    raise error


@case(_error_holds)
def exception_with_keyword_state():
    return NotFound("gone", code=404)


@case(
    lambda c: (
        raises(c[0], _raise, c[1]("x")).code == 0
        and str(c[1]("x", code=2)) == "[2] x"
        and issubclass(c[1], c[0])
    )
)
def exception_classes():
    return AppError, NotFound


@case(
    lambda e: (
        (e.args, e.extra, str(e)) == (("m", 1), {"a": [1]}, "('m', 1)")
        and isinstance(e, ValueError)
    )
)
def exception_with_attributes():
    class E(ValueError):
        pass

    error = E("m", 1)
    error.extra = {"a": [1]}
    return error


@case(
    lambda e: (e.args, e.__notes__) == (("m",), ["first", "second"]) and type(e).__name__ == "E",
    writer=11,
)
def exception_with_notes():
    class E(Exception):
        pass

    error = E("m")
    error.add_note("first")
    error.add_note("second")
    return error


@case(
    lambda e: (
        (e.errno, e.strerror, e.filename, e.retries) == (2, "no file", "f", 3)
        and isinstance(e, OSError)
    )
)
def exception_derived_from_os_error():
    class RetriedError(OSError):
        retries = 0

    error = RetriedError(2, "no file", "f")
    error.retries = 3
    return error


@case(
    lambda l: (
        [each.errors for each in l[1].errors] == [(), ()]
        and type(l[1]) is l[0]
        and len(l[1].errors) == 2
    )
)
def exception_that_holds_exceptions():
    class Many(Exception):
        def __init__(self, *errors):
            super().__init__(*errors)
            self.errors = errors

    return [Many, Many(Many(), Many())]


# What functools and contextlib make


@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def _arrives_empty(function, *calls):
    empty = tuple(function.cache_info())
    results = [function(call) for call in calls]
    info = tuple(function.cache_info())
    function.cache_clear()
    return empty[:2] + empty[3:], results, info, function.cache_parameters()


@case(
    lambda f: (
        _arrives_empty(f, 20, 20)
        == ((0, 0, 0), [6765, 6765], (19, 21, None, 21), {"maxsize": None, "typed": False})
        and f.__name__ == f.__wrapped__.__name__ == "fibonacci"
        and type(f).__name__ == "_lru_cache_wrapper"
    )
)
def cached_function_of_the_module_arrives_empty():
    fibonacci(10)
    return fibonacci


@case(
    lambda l: (
        _arrives_empty(l[0], 1, 1.0, 1, 2, 3)
        == ((0, 0, 0), [[1], [1.0], [1], [2], [3]], (1, 4, 2, 2), {"maxsize": 2, "typed": True})
        and l[0] is l[1]
        and l[0].__doc__ == "Doc."
        and l[0].tag == "tag"
        and l[0].__wrapped__(5) == [5]
    )
)
def cached_function_twice_with_options():
    @functools.lru_cache(maxsize=2, typed=True)
    def f(x):
        """Doc."""
        return [x]

    f.tag = "tag"
    f(1)
    return [f, f]


@case(
    lambda o: (o.add(2), o.add(2), o.add.cache_info().hits, o.add.cache_clear()) == (7, 7, 1, None)
)
def cached_closure_in_an_instance():
    k = 5

    class Uses:
        def __init__(self):
            @functools.cache
            def add(x):
                return x + k

            self.add = add

    return Uses()


def _cached_method_holds(objects):
    cls, o, other = objects
    results = [o.double(2), o.double(2), other.double(2), o.fixed(1), cls.fixed(1)]
    info = cls.double.cache_info(), cls.fixed.cache_info()
    cls.double.cache_clear()
    cls.fixed.cache_clear()
    return results == [4, 4, 4, "1", "1"] and info == ((1, 2, 8, 2), (1, 1, None, 1))


@case(_cached_method_holds)
def cached_methods():
    class C:
        @functools.lru_cache(maxsize=8)
        def double(self, x):
            return x * 2

        @staticmethod
        @functools.lru_cache(maxsize=None)
        def fixed(x):
            return str(x)

    C.fixed(0)
    return C, C(), C()


@case(
    lambda f: (
        _arrives_empty(f, 1, 1)
        == ((0, 0, 0), [5, 5], (1, 1, 128, 1), {"maxsize": 128, "typed": False})
        and (f.__wrapped__(2), f.__wrapped__.keywords) == (6, {"b": 4})
    )
)
def cached_partial():
    def add(a, b):
        return a + b

    return functools.lru_cache(functools.partial(add, b=4))


@case(
    lambda l: [typing.get_type_hints(f) for f in l] == [{"x": int, "return": str}] * 3
    and [f(1) for f in l] == ["1"] * 3
)
def annotations_of_wrapped_functions():
    def passed_on(function):
        @functools.wraps(function)
        def inner(*arguments):
            return function(*arguments)

        return inner

    def wrapped_by(decorator):
        @decorator
        def shown(x: int) -> str:
            return str(x)

        return shown

    decorators = functools.lru_cache, functools.singledispatch, passed_on
    return [wrapped_by(decorator) for decorator in decorators]


@functools.singledispatch
def shown(value):
    return f"object {value}"


@shown.register
def _(value: int):
    return f"int {value + RATE}"


@shown.register(Animal)
def _(value):
    return f"animal {value.name}"


@shown.register(list)
def show_list(value):
    return [shown(each) for each in value]


@case(
    lambda l: (
        l[0]([1, "s", l[1]("Rex")]) == ["int 4", "object s", "animal Rex"]
        and l[0].dispatch(l[1]) is l[0].registry[l[1].__base__]
        and list(l[0].registry)[:2] == [object, int]
        and l[0].registry[list]([1]) == ["int 4"]
        and l[0].__name__ == "shown"
    )
)
def single_dispatch_over_classes():
    return shown, Dog


def _registers_a_class_of_the_reader(f):
    class New:
        pass

    before = f(New())
    f.register(New, lambda value: "new")
    return (before, f(New()), f(True), f(None)) == ("base", "new", "bool", "base")


@case(_registers_a_class_of_the_reader)
def single_dispatch_takes_a_class_of_the_reader():
    @functools.singledispatch
    def f(value):
        return "base"

    @f.register(bool)
    def _(value):
        return "bool"

    f(1)
    return f


@case(
    lambda l: l[0] is l[1] and l[0](l[2]()) == "kind" and l[0]([]) == "sized" and l[0](1) == "base"
)
def single_dispatch_twice_over_an_abstract_class():
    class Kind:
        pass

    @functools.singledispatch
    def f(value):
        return "base"

    f.register(collections.abc.Sized, lambda value: "sized")
    f.register(Kind, lambda value: "kind")
    return [f, f, Kind]


@case(lambda f: (f.__name__, f.__doc__, f(1), f("a")) == ("renamed", "New doc.", "int", "base"))
def single_dispatch_renamed_and_documented():
    @functools.singledispatch
    def f(value):
        """Doc."""
        return "base"

    f.register(int, lambda value: "int")
    f.__name__, f.__doc__ = "renamed", "New doc."
    return f


@contextlib.contextmanager
def scope(log, name="scope"):
    """Doc of scope."""
    log.append(f"enter {name}")
    try:
        yield log
    finally:
        log.append(f"exit {name}")


def _scope_holds(f):
    log = []
    with f(log, "s") as entered:
        entered.append("body")

    @f(log)
    def decorated():
        log.append("decorated")

    decorated()
    return (
        log == ["enter s", "body", "exit s", "enter scope", "decorated", "exit scope"]
        and (f.__name__, f.__doc__) == ("scope", "Doc of scope.")
        and inspect.isgeneratorfunction(f.__wrapped__)
    )


@case(_scope_holds)
def context_manager_function():
    return scope


@case(
    lambda o: (
        o.run() == ["in 1", "body", "out 1"] and asyncio.run(o.later()) == ["ain", "body", "aout"]
    )
)
def context_manager_methods():
    class C:
        def __init__(self):
            self.log = []

        @contextlib.contextmanager
        def scope(self, n):
            self.log = [f"in {n}"]
            yield
            self.log.append(f"out {n}")

        @contextlib.asynccontextmanager
        async def scope_later(self):
            self.log = ["ain"]
            yield
            self.log.append("aout")

        def run(self):
            with self.scope(1):
                self.log.append("body")
            return self.log

        async def later(self):
            async with self.scope_later():
                self.log.append("body")
            return self.log

    return C()


@case(
    lambda l: (
        l[0]() == l[1]("made")
        and l[2]("x") == "x of o"
        and (l[3](3), l[3].func, l[3].keywords) == ((1, 2, 3, 4), l[4], {"d": 4})
        and l[0].func is l[1]
        and l[0].note == "attribute"
    )
)
def partials_over_classes_and_methods():
    def f(a, b, c, d):
        return a, b, c, d

    class C:
        def method(self, y, x):
            return f"{x} of {y}"

    make = functools.partial(Dog, "made")
    make.note = "attribute"
    return (
        make,
        Dog,
        functools.partial(C().method, "o"),
        functools.partial(functools.partial(f, 1), 2, d=4),
        f,
    )


# Instances with their own ways to travel


@case(lambda o: (o.kept, o.restored) == (1, True) and not hasattr(o, "dropped"))
def instance_with_its_own_state():
    class C:
        def __init__(self):
            self.kept, self.dropped = 1, lambda: None

        def __getstate__(self):
            return {"kept": self.kept}

        def __setstate__(self, state):
            vars(self).update(state, restored=True)

    return C()


@case(lambda o: (o.args, o.state, type(o).__name__) == ((1, 2), {"s": 3}, "C"))
def instance_with_reduce():
    class C:
        def __init__(self, *args):
            self.args = args

        def __reduce__(self):
            return type(self), self.args, {"args": self.args, "state": self.state}

    o = C(1, 2)
    o.state = {"s": 3}
    return o


@case(
    lambda o: (
        [(each.n, type(each) is type(o[0])) for each in o] == [(1, True), (2, True)] and len(o) == 2
    )
)
def instance_with_reduce_ex_through_a_class_method():
    class C:
        @classmethod
        def load(cls, n):
            o = cls()
            o.n = n
            return o

        def __reduce_ex__(self, protocol):
            return self.load, (self.n,)

    return [C.load(1), C.load(2)]


@case(
    lambda o: (
        (o, o.unit, o.again) == (5, "m", 7)
        and isinstance(o, int)
        and type(o)(6, unit="s").unit == "s"
    )
)
def instance_with_new_arguments():
    class Length(int):
        def __new__(cls, value, *, unit):
            o = super().__new__(cls, value)
            o.unit = unit
            return o

        def __getnewargs_ex__(self):
            return (int(self),), {"unit": self.unit}

    o = Length(5, unit="m")
    o.again = 7
    return o


@case(
    lambda o: (
        (o.x, o._C__y, o.z) == (1, 2, 3) and not hasattr(o, "w") and not hasattr(o, "__dict__")
    )
)
def instance_with_slots_and_its_own_state():
    class C:
        __slots__ = ("x", "__y", "z", "w")

        def __init__(self):
            self.x, self.__y, self.z = 1, 2, 3

        def __getstate__(self):
            return self.x, self.__y, self.z

        def __setstate__(self, state):
            self.x, self.__y, self.z = state

    return C()


@case(
    lambda o: (
        (o["a"], o.missing("b"), o["zzz"], o.note) == (1, False, "no zzz", "attribute")
        and isinstance(o, dict)
        and dict(o) == {"a": 1, "b": o}
        and o["b"] is o
    )
)
def dict_subclass():
    class D(dict):
        def __missing__(self, key):
            return f"no {key}"

        def missing(self, key):
            return key not in self

    o = D(a=1)
    o["b"], o.note = o, "attribute"
    return o


@case(
    lambda o: (o[:2], o.last(), o[3] is o, o.note, type(o).__base__) == ([1, 2], 3, True, "n", list)
)
def list_subclass():
    class L(list):
        def last(self):
            return self[-2]

    o = L([1, 2, 3])
    o.append(o)
    o.note = "n"
    return o


@case(
    lambda l: (
        l == ["text", 7, (1, 2), 1.5, b"b", {1}, frozenset({2}), 1j]
        and [type(each).__base__ for each in l]
        == [str, int, tuple, float, bytes, set, frozenset, complex]
        and [each.note for each in l] == list(range(8))
        and [each.kind() for each in l]
        == [f"my {kind}" for kind in "str int tuple float bytes set frozenset complex".split()]
    )
)
def subclasses_of_builtins():
    def derive(base, value, note):
        class Sub(base):
            def kind(self):
                return f"my {base.__name__}"

        o = Sub(value)
        o.note = note
        return o

    values = ["text", 7, (1, 2), 1.5, b"b", {1}, frozenset({2}), 1j]
    return [derive(type(value), value, note) for note, value in enumerate(values)]


@case(
    lambda l: (
        (list(l[0]), l[0].maxlen, l[0].first()) == ([2, 3], 2, 2)
        and l[1]["new"] == []
        and l[1].pop("new") == []
        and l[1]["a"] == [1]
        and l[2].most() == "a"
        and (list(l[3]), l[3].first()) == (["z", "y"], "z")
        and l[4].tolist() == [1, 2]
        and l[4].first() == 1
        and (l[5].year, l[5].label()) == (2020, "y2020")
    )
)
def subclasses_of_library_types():
    class Deque(collections.deque):
        def first(self):
            return self[0]

    class Lists(collections.defaultdict):
        pass

    class Counted(collections.Counter):
        def most(self):
            return self.most_common(1)[0][0]

    class Ordered(collections.OrderedDict):
        def first(self):
            return next(iter(self))

    class Numbers(array.array):
        def first(self):
            return self[0]

    class Day(datetime.date):
        def label(self):
            return f"y{self.year}"

    return [
        Deque([1, 2, 3], 2),
        Lists(list, a=[1]),
        Counted("aab"),
        Ordered(z=1, y=2),
        Numbers("i", [1, 2]),
        Day(2020, 1, 1),
    ]


@case(lambda c: json.dumps({"a": {1, 2}, "b": 1j}, cls=c) == '{"a": [1, 2], "b": "complex"}')
def json_encoder():
    class Encoder(json.JSONEncoder):
        def default(self, o):
            return sorted(o) if isinstance(o, set) else type(o).__name__

    return Encoder


@case(
    lambda o: (
        list(o) == [3, 2, 1]
        and list(o) == []
        and iter(o) is o
        and type(o).__base__ is collections.abc.Iterator
    )
)
def iterator_class():
    class Countdown(collections.abc.Iterator):
        def __init__(self, n):
            self.n = n

        def __next__(self):
            if not self.n:
                raise StopIteration
            self.n -= 1
            return self.n + 1

    return Countdown(3)


@case(
    lambda m: (
        m["classes"]["Dog"]("a") == m["dog"]
        and m["color"] is m["classes"]["Color"].RED
        and m["method"]() == "a makes a sound: woof"
        and type(m["point"]) is m["classes"]["Point"]
        and dataclasses.asdict(m["item"]) == {"name": "i", "price": 1.5, "tags": []}
        and m["make"](m["classes"]["Item"]).name == "made"
    )
)
def everything_in_one_container():
    dog = Dog("a")
    return {
        "classes": {cls.__name__: cls for cls in (Dog, Color, Point, Item)},
        "dog": dog,
        "color": Color.RED,
        "method": dog.speak,
        "point": Point(1),
        "item": Item("i"),
        "make": lambda cls: cls("made"),
    }


def _kinds():
    class Plain:
        pass

    class Slotted:
        __slots__ = ("x",)

    class Meta(type):
        pass

    class WithMeta(metaclass=Meta):
        pass

    class Abstract(abc.ABC):
        pass

    class Protocol(typing.Protocol):
        pass

    class OfProtocol(Protocol):
        pass

    class Box(Generic[T]):
        pass

    class Row(typing.TypedDict):
        x: int

    @dataclasses.dataclass
    class Data:
        x: int = 0

    @dataclasses.dataclass(frozen=True)
    class Frozen:
        x: int = 0

    class E(enum.Enum):
        A = 1

    class F(enum.Flag):
        A = 1
        B = 2

    class Named(NamedTuple):
        x: int = 0

    class Error(Exception):
        pass

    class Dictionary(dict):
        pass

    made = [Plain, Slotted, Meta, WithMeta, Abstract, Protocol, OfProtocol, Box, Row, Data, Frozen]
    made += [E, F, Named, Error, Dictionary, collections.namedtuple("Old", "x", defaults=[0])]
    return {cls.__name__: cls for cls in made}


@case(
    lambda l: (
        len(l) == 17
        and all(a is b is c is d["k"] and a.__name__ == d["name"] for a, b, (c,), d in l)
    )
)
def each_kind_of_class_twice_and_in_containers():
    return [(cls, cls, [cls], {"k": cls, "name": name}) for name, cls in _kinds().items()]


@case(
    lambda l: (
        len(l) == 14
        and all(type(a) is type(b) is cls and a is c and [a] == d for a, b, cls, c, d in l)
    )
)
def each_kind_of_instance_twice_and_in_containers():
    without = ("Meta", "Protocol", "Row")
    rows = []
    for name, cls in _kinds().items():
        if name not in without:
            a, b = (
                (cls(1), cls(2))
                if name == "F"
                else (cls(1), cls(1))
                if name == "E"
                else (cls(), cls())
            )
            rows.append((a, b, cls, a, [a]))
    return rows


def _are_bases(classes):
    made = [type("New", (cls,), {}) for cls in classes]
    return len(made) == 14 and [new.__base__ for new in made] == classes


@case(_are_bases)
def each_kind_of_class_is_a_base_for_one_of_the_reader():
    return [cls for name, cls in _kinds().items() if name not in ("E", "F", "Row")]


@case(lambda c: (c.name, c().name, type(vars(c)["name"]).__name__, c().size) == ("C", "C", "of_class", 1))
def property_of_a_derived_kind():
    class of_class(property):
        def __get__(self, instance, owner=None):
            return self.fget(owner)

    class noted(property):
        note = "a property"

    class C:
        @of_class
        def name(cls):
            return cls.__name__

        @noted
        def size(self):
            return 1

    return C
