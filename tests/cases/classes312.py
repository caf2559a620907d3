"""Classes of PEP 695, whose grammar is new in Python 3.12.

Only the text of methods travels, so most of them load on every reader; classes312_checks.py has
the checks.
"""

import dataclasses
import enum
import functools
import typing

from case import Cases
from classes312_checks import checks

case = Cases(checks)


class Box[T]:
    def __init__(self, item: T):
        self.item = item

    def get(self) -> T:
        return self.item

    def replaced(self, item):
        return Box(item)

    def __repr__(self):
        return f"{type(self).__name__}({self.item!r})"


@case()
def generic_class():
    return Box


@case()
def generic_class_instance():
    return Box([1])


@case()
def generic_classes_in_a_container():
    box = Box(2)
    return [Box, {"again": Box}, box, {Box: "box"}, (box,)]


@case()
def generic_class_inherited():
    class Base[T]:
        hooked = []

        def __init_subclass__(cls):
            Base.hooked.append(cls.__name__)

        def __init__(self, first):
            self.first = first

        def get(self):
            return self.first

    class Derived[T, U](Base[T]):
        def __init__(self, first, second):
            super().__init__(first)
            self.second = second

        def both(self):
            return super().get(), self.second

    class OfStrings(Base[str]):
        def get(self):
            return super().get() + "!"

    return Base, Derived, OfStrings


@case()
def generic_class_with_bounds():
    class Own:
        pass

    class C[T: int, S: (str, bytes), O: Own]:
        limit = 3

        def __init__(self, x):
            self.x = x

        def double(self):
            return self.x * 2

    C.Own = Own
    return C


@case()
def generic_class_over_a_param_spec():
    class Task[**P, R]:
        def __init__(self, function: typing.Callable[P, R]):
            self.function = function

        def call(self, *args: P.args, **kwargs: P.kwargs) -> R:
            return self.function(*args, **kwargs)

    return Task


@case()
def generic_class_over_a_type_var_tuple():
    class Array[*Ts]:
        def __init__(self, *shape: typing.Unpack[Ts]):
            self.shape = shape

    return Array(2, 3)


@case()
def generic_class_of_every_kind_of_parameter():
    class C[T, *Ts, **P]:
        def static(self, x):
            return x * 2

    return C


@case()
def generic_class_with_everything_of_a_class():
    class C[T]:
        lambdas = [lambda x: x, lambda x: x * 2]

        class Inner:
            def deep(self):
                return "deep"

        def __init__(self, value):
            self.__hidden = value

        @property
        def value(self):
            return self.__hidden

        @value.setter
        def value(self, value):
            self.__hidden = value

        @staticmethod
        def static(x):
            return x * 2

        @classmethod
        def of_class(cls):
            return cls.__name__

        @functools.cached_property
        def cached(self):
            return "cached"

        def whose(self):
            return __class__.__name__

    C.me = C
    return C


@case()
def generic_class_with_slots():
    class C[T]:
        __slots__ = ("x",)

    o = C()
    o.x = 1
    return o


@case()
def generic_class_with_annotations():
    class C[T]:
        count: int
        item: T
        items: list[T]

    return C


@case()
def generic_class_with_annotated_methods():
    class C[T]:
        def get(self, x: T) -> T:
            return x

    return C


@case()
def generic_method():
    class C:
        def pair[U](self, x: int, y: U) -> tuple[int, U]:
            return x, y

    return C


@case()
def generic_method_of_a_generic_class():
    class C[T]:
        def __init__(self, x):
            self.x = x

        def pair[U](self, y: U) -> tuple[T, U]:
            return self.x, y, T.__name__, U.__name__

    return C


@case()
def method_that_reads_a_type_parameter():
    class C[T]:
        def parameter_name(self):
            return T.__name__

    return C


@case()
def generic_protocol():
    @typing.runtime_checkable
    class Closes[T](typing.Protocol):
        def close(self) -> T: ...

    class File:
        def close(self):
            return "closed"

    return Closes, File


@case()
def generic_dataclass():
    @dataclasses.dataclass
    class C[T]:
        item: T
        more: list[T] = dataclasses.field(default_factory=list)

    return C


@case()
def generic_dataclass_with_slots():
    @dataclasses.dataclass(slots=True)
    class C[T]:
        item: T

    return C(1)


@case()
def generic_named_tuple():
    class Pair[A, B](typing.NamedTuple):
        first: A
        second: B

        def swap(self):
            return self.second, self.first

    return Pair(1, "a")


@case()
def generic_typed_dict():
    class Row[T](typing.TypedDict):
        item: T
        name: str

    return Row


@case()
def generic_class_with_a_metaclass():
    class Meta(type):
        def __new__(mcs, name, bases, namespace):
            return super().__new__(
                mcs, name, bases, {**namespace, "made": f"{mcs.__name__} made {name}"}
            )

        @property
        def title(cls):
            return f"Title of {cls.__name__}"

    class C[T](metaclass=Meta):
        pass

    return C


@case()
def type_alias():
    type Numbers = list[int]
    return Numbers


@case()
def type_alias_twice():
    type Boxes = dict[str, Box]
    return [Boxes, {"again": Boxes}, Box]


@case()
def type_alias_generic():
    type Groups[K, V] = dict[K, list[V]]
    return Groups


@case()
def type_alias_that_is_recursive():
    type Nested = int | list[Nested]
    return Nested


@case()
def type_alias_as_class_attribute():
    class C:
        type Pair = tuple[int, C]

        def get(self):
            return 1

    return C


@case()
def type_alias_in_an_annotation():
    type Numbers = list[int]

    class C:
        items: Numbers
        count: int

        def get(self, x: Numbers):
            return x

    return C


@case()
def class_around_generic_functions():
    class C:
        def call(self):
            return self.make("generic", 1)

        @staticmethod
        def make(*values):
            return values

    def outer[T](cls: T) -> T:
        cls.noted = True
        return cls

    return outer(C)


@case()
def plain_class_made_beside_generic_ones():
    class E(enum.Enum):
        A = 1

    class Holder[T: E]:
        kind = E

    return [E.A, Holder]


@case()
def typevars_of_a_generic_class():
    return [Box.__type_params__[0], Box]
