"""Classes that attrs makes; each interpreter may have another release of it."""

import functools
from typing import Generic, List, Optional, TypeVar

import attr
import attrs
from case import Cases, raises

case = Cases()

LIMIT = 100


def field_names(cls):
    return [field.name for field in attrs.fields(cls)]


@attrs.define
class Point:
    """A point of the module."""

    x: int
    y: int = 0
    tags: List[str] = attrs.field(factory=list)

    def sum(self):
        return self.x + self.y


@case(
    lambda c: (
        repr(c(1)) == "Point(x=1, y=0, tags=[])"
        and c(1) == c(1, 0, [])
        and c(1) != c(2)
        and c(1).tags is not c(1).tags
        and c(1, 2).sum() == 3
        and field_names(c) == ["x", "y", "tags"]
        and attrs.fields(c).x.type is int
        and attrs.fields(c).x.default is attrs.NOTHING
        and attrs.has(c)
        and raises(AttributeError, setattr, c(1), "z", 1)
        and not hasattr(c(1), "__dict__")
        and (c.__module__, c.__doc__) == ("cases_without_a_module", "A point of the module.")
        and raises(TypeError, hash, c(1))
        and raises(TypeError, c)
    )
)
def defined_class():
    return Point


@case(
    lambda l: (
        type(l[0]) is l[1]
        and l[0] is l[2]["p"][0]
        and attrs.asdict(l[0]) == {"x": 1, "y": 5, "tags": ["t"]}
        and attrs.astuple(l[0]) == (1, 5, ["t"])
        and attrs.evolve(l[0], y=6) == l[1](1, 6, ["t"])
        and l[3] == [l[1](2)]
    )
)
def instances_in_containers():
    point = Point(1, 5, ["t"])
    return [point, Point, {"p": [point]}, [Point(2)]]


@case(
    lambda o: (
        raises(attrs.exceptions.FrozenInstanceError, setattr, o, "x", 2)
        and raises(attrs.exceptions.FrozenInstanceError, delattr, o, "x")
        and {o: 1}[type(o)(1, (2,))] == 1
        and hash(o) == hash(type(o)(1, (2,)))
        and attrs.evolve(o, x=5).x == 5
    )
)
def frozen_instance():
    @attrs.frozen
    class C:
        x: int
        y: tuple = ()

    return C(1, (2,))


@case(
    lambda o: (
        (o.x, o.extra, vars(o)) == (1, "in its dict", {"x": 1, "y": 2, "extra": "in its dict"})
        and repr(o) == "C(x=1, y=2)"
        and o == type(o)(1)
    )
)
def class_of_the_old_names_without_slots():
    @attr.s
    class C:
        x = attr.ib()
        y = attr.ib(default=2)

    o = C(1)
    o.extra = "in its dict"
    return o


@case(
    lambda o: (
        (o.x, o.y) == (1, [1])
        and not hasattr(o, "__dict__")
        and type(o).__slots__[:2] == ("x", "y")
    )
)
def class_of_the_old_names_with_slots():
    @attr.s(slots=True, auto_attribs=True)
    class C:
        x: int
        y: list = attr.Factory(lambda self: [self.x], takes_self=True)

    return C(1)


def _validators_hold(c):
    o = c(5, "a")
    return (
        (o.small, o.name) == (5, "a")
        and str(LIMIT) in str(raises(ValueError, c, LIMIT + 1, "a"))
        and raises(TypeError, c, "5", "a")
        and raises(ValueError, c, 5, "zzz")
        and raises(ValueError, setattr, o, "small", LIMIT + 1)
        and o.small == 5
        and raises(TypeError, c, 5, "a", 3)
    )


@case(_validators_hold)
def validators():
    @attrs.define
    class C:
        small: int = attrs.field(validator=attrs.validators.instance_of(int))
        name: str = attrs.field(
            validator=[attrs.validators.in_(["a", "b"]), lambda o, field, value: None]
        )
        maybe: Optional[str] = attrs.field(
            default=None, validator=attrs.validators.optional(attrs.validators.instance_of(str))
        )

        @small.validator
        def _check(self, attribute, value):
            if value > LIMIT:
                raise ValueError(f"{attribute.name} is over {LIMIT}")

    return C


@case(
    lambda c: (
        (c("5").x, c("5", None).y, c("5", "7").y, c(5).z) == (5, 0, 7, ["5"])
        and attrs.evolve(c(1), x="9").x == 9
    )
)
def converters():
    @attrs.define
    class C:
        x: int = attrs.field(converter=int)
        y: int = attrs.field(
            default=None, converter=attrs.converters.pipe(attrs.converters.default_if_none(0), int)
        )
        z: list = attrs.field(factory=lambda: ["5"], converter=lambda value: list(value))

    return C


@case(lambda c: (c(1).y, c(1).z, c(1).w) == (2, [], {"k": 1}) and c(1).z is not c(1).z)
def factories_and_defaults():
    @attrs.define
    class C:
        x: int
        y: int = attrs.field()
        z: list = attrs.Factory(list)
        w: dict = attrs.Factory(lambda self: {"k": self.x}, takes_self=True)

        @y.default
        def _of_y(self):
            return self.x * 2

    return C


def _set_hooks_hold(c):
    o = c(1, 2, 3)
    o.logged, o.converted = 5, "7"
    return (
        (o.logged, o.converted) == (50, 7)
        and raises(attrs.exceptions.FrozenAttributeError, setattr, o, "fixed", 4)
        and o.fixed == 3
    )


@case(_set_hooks_hold)
def hooks_on_setting():
    @attrs.define
    class C:
        logged: int = attrs.field(on_setattr=lambda o, field, value: value * 10)
        converted: int = attrs.field(converter=int)
        fixed: int = attrs.field(on_setattr=attrs.setters.frozen)

    return C


@case(
    lambda c: (
        c(1, b=2) == c(b=2, a=1)
        and raises(TypeError, c, 1, 2)
        and c(1, b=2).c == 3
        and attrs.fields(c).b.kw_only
    )
)
def keyword_only():
    @attrs.define
    class C:
        a: int
        b: int = attrs.field(kw_only=True)
        c: int = attrs.field(default=3, kw_only=True)

    return C


@case(
    lambda l: (
        [o.rank for o in sorted(l)] == [1, 2, 3]
        and l[0] == type(l[0])(3, "other")
        and l[0] > l[1]
        and type(l[0]).ById(1) != type(l[0]).ById(1)
    )
)
def order_and_equality():
    @attrs.define(eq=False)
    class ById:
        x: int

    @attrs.define(order=True)
    class C:
        rank: int
        label: str = attrs.field(eq=False, repr=False)

    class D(C):
        pass

    D.ById = ById
    return [D(3, "x"), D(1, "y"), D(2, "z")]


@case(lambda o: hash(o) == hash(type(o)((1, 2))) and {o: 1}[type(o)((1, 2))] == 1 and o.x == (1, 2))
def cached_hash():
    @attrs.frozen(cache_hash=True)
    class C:
        x: tuple

    o = C((1, 2))
    hash(o)
    return o


@case(
    lambda c: (
        field_names(c[1]) == ["x", "y", "z"]
        and repr(c[1](1, z=3)) == "Derived(x=1, y=2, z=3)"
        and isinstance(c[1](1, z=3), c[0])
        and c[1](1, z=3).describe() == "base 1, derived 3"
        and [cls.__name__ for cls in c[1].__mro__] == ["Derived", "Base", "object"]
    )
)
def inheritance_with_super():
    @attrs.define
    class Base:
        x: int
        y: int = 2

        def describe(self):
            return f"base {self.x}"

    @attrs.define
    class Derived(Base):
        z: int = attrs.field(kw_only=True)

        def describe(self):
            return f"{super().describe()}, derived {self.z}"

        def whose(self):
            return __class__

    return Base, Derived


@case(lambda l: l[0].whose() is l[1] and type(l[0]) is l[1])
def class_cell_of_a_slotted_class():
    @attrs.define
    class C:
        x: int

        def whose(self):
            return __class__

    return [C(1), C]


@case(
    lambda c: (
        c(1, given=2).reveal() == (1, 2)
        and repr(c(1, given=2)) == "C(_x=1, _C__y=2)"
        and field_names(c) == ["_x", "_C__y"]
    )
)
def private_names():
    @attrs.define
    class C:
        _x: int
        __y: int = attrs.field(alias="given")

        def reveal(self):
            return self._x, self.__y

    return C


@case(
    lambda c: (
        (c(2).doubled, c(2).steps, c.__init__ is not object.__init__) == (4, ["pre", "post"], True)
    )
)
def hooks_around_init():
    @attrs.define
    class C:
        x: int
        doubled: int = attrs.field(init=False)
        steps: list = attrs.field(init=False, repr=False)

        def __attrs_pre_init__(self):
            self.steps = ["pre"]

        def __attrs_post_init__(self):
            self.doubled = self.x * 2
            self.steps.append("post")

    return C


@case(
    lambda c: c(1).x == 10 and repr(c(1)) == "<10>" and attrs.fields(c).x.metadata == {"unit": "m"}
)
def methods_of_the_user_and_metadata():
    @attrs.define
    class C:
        x: int = attrs.field(metadata={"unit": "m"})

        def __init__(self, x):
            self.__attrs_init__(x * 10)

        def __repr__(self):
            return f"<{self.x}>"

    return C


@case(
    lambda c: (
        attrs.asdict(c[0](c[1](1), [c[1](2)]))
        == {"inner": {"x": 1}, "many": [{"x": 2}], "kind": c[1]}
        and c[0](c[1](1)).kind is c[1]
        and attrs.fields(c[0]).inner.type is c[1]
    )
)
def nested_classes_and_a_class_as_default():
    @attrs.define
    class Inner:
        x: int

    @attrs.define
    class Outer:
        inner: Inner
        many: List[Inner] = attrs.Factory(list)
        kind: type = Inner

    return Outer, Inner


def _derived_by_the_reader(c):
    @attrs.define
    class New(c):
        z: int = 3

    return repr(New(1)).endswith("New(x=1, y=0, tags=[], z=3)") and New(1).sum() == 1


@case(_derived_by_the_reader)
def base_for_a_class_of_the_reader():
    return Point


@case(
    lambda c: (
        c[int](3).get() == 3 and c(3) == c(3) and [p.__name__ for p in c.__parameters__] == ["T"]
    )
)
def generic_class():
    T = TypeVar("T")

    @attrs.define
    class Box(Generic[T]):
        item: T

        def get(self) -> T:
            return self.item

    return Box


@case(lambda o: (o.twice, o.twice, o.x) == (4, 4, 2) and not hasattr(o, "__dict__"))
def cached_property_of_a_slotted_class():
    @attrs.define
    class C:
        x: int

        @functools.cached_property
        def twice(self):
            return self.x * 2

    return C(2)


@case(lambda c: c(1, y="b") == c(1, "b") and c.__name__ == "Made" and field_names(c) == ["x", "y"])
def class_made_by_a_call():
    return attrs.make_class("Made", {"x": attrs.field(), "y": attrs.field(default="a")})


@case(
    lambda o: (
        o.children[0].parent is o
        and type(o.children[0]) is type(o)
        and o.children[0].name == "leaf"
    )
)
def instances_in_a_cycle():
    @attrs.define(eq=False)
    class Node:
        name: str
        parent: Optional["Node"] = attrs.field(default=None, repr=False)
        children: List["Node"] = attrs.Factory(list)

    root = Node("root")
    root.children.append(Node("leaf", root))
    return root


@case(
    lambda e: (e.code, str(e), isinstance(e, Exception)) == (404, "404", True) and e.args == (404,)
)
def exception():
    @attrs.define(auto_exc=True)
    class HttpError(Exception):
        code: int

        def __str__(self):
            return str(self.code)

    return HttpError(404)
