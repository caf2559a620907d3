"""Models of pydantic, of release 2 or later; each interpreter may have another release of it."""

import datetime
import enum
import functools
import json
from typing import Annotated, Any, ClassVar, Dict, Generic, List, Literal, Optional, TypeVar, Union

import pydantic
from case import Cases, raises
from pydantic import BaseModel, ConfigDict, Field

case = Cases()

LIMIT = 100
T = TypeVar("T")


class User(BaseModel):
    """A user of the module."""

    __module__ = "__main__"

    name: str = Field(min_length=2, max_length=10)
    age: int = Field(default=18, ge=0, lt=LIMIT)
    tags: List[str] = Field(default_factory=list)

    def greeting(self):
        return f"Hello {self.name}"


@case(
    lambda c: (
        repr(c(name="Ann")) == "User(name='Ann', age=18, tags=[])"
        and c(name="Ann").greeting() == "Hello Ann"
        and c(name="Ann", age="7").age == 7
        and c(name="Ann") == c(name="Ann", age=18, tags=[])
        and c(name="Ann").tags is not c(name="Ann").tags
        and list(c.model_fields) == ["name", "age", "tags"]
        and c.model_fields["age"].annotation is int
        and len(raises(pydantic.ValidationError, c, name="A", age=LIMIT).errors()) == 2
        and (c.__module__, c.__doc__, c.__mro__[1])
        == ("__main__", "A user of the module.", BaseModel)
        and issubclass(c, BaseModel)
    )
)
def model_of_main():
    return User


@case(
    lambda o: (
        o.model_dump() == {"name": "Ann", "age": 20, "tags": ["a"]}
        and json.loads(o.model_dump_json()) == o.model_dump()
        and type(o).model_validate_json(o.model_dump_json()) == o
        and type(o).model_validate({"name": "Bob"}).age == 18
        and o.model_copy(update={"age": 3}).age == 3
        and o.model_fields_set == {"name", "age", "tags"}
        and o.greeting() == "Hello Ann"
        and isinstance(o, type(o))
    )
)
def instance():
    return User(name="Ann", age=20, tags=["a"])


@case(
    lambda l: (
        type(l[0]) is l[1] is l[3]["User"]
        and l[0] is l[2][0]
        and l[0].model_fields_set == {"name"}
        and l[3]["one"] == l[1](name="Bob")
    )
)
def instances_in_containers():
    user = User(name="Ann")
    return [user, User, (user,), {"User": User, "one": User(name="Bob")}]


@case(
    lambda c: (
        c.model_json_schema()["properties"]["age"]
        == {
            "default": 18,
            "exclusiveMaximum": LIMIT,
            "minimum": 0,
            "title": "Age",
            "type": "integer",
        }
        and c.model_json_schema()["required"] == ["name"]
        and c.model_json_schema()["title"] == "User"
    )
)
def schema():
    return User


@case(
    lambda c: (
        c(name="  ann ", codes="1,2").model_dump() == {"name": "Ann", "codes": [1, 2]}
        and "over 100" in str(raises(pydantic.ValidationError, c, name="a", codes=[101]))
        and raises(pydantic.ValidationError, c, name="none", codes=[])
    )
)
def field_validators():
    class C(BaseModel):
        name: str
        codes: List[int]

        @pydantic.field_validator("name")
        @classmethod
        def _capital(cls, value):
            if value == "none":
                raise ValueError("no name")
            return value.strip().title()

        @pydantic.field_validator("codes", mode="before")
        @classmethod
        def _split(cls, value):
            return value.split(",") if isinstance(value, str) else value

        @pydantic.field_validator("codes")
        @classmethod
        def _small(cls, value):
            if any(code > LIMIT for code in value):
                raise ValueError(f"over {LIMIT}")
            return value

    return C


@case(
    lambda c: (
        (c(low=1, high=2).span, c.model_validate("3-5").span) == (1, 2)
        and "low over high" in str(raises(pydantic.ValidationError, c, low=3, high=2))
    )
)
def model_validators():
    class C(BaseModel):
        low: int
        high: int
        span: int = 0

        @pydantic.model_validator(mode="before")
        @classmethod
        def _of_text(cls, data):
            return dict(zip(("low", "high"), data.split("-"))) if isinstance(data, str) else data

        @pydantic.model_validator(mode="after")
        def _ordered(self):
            if self.low > self.high:
                raise ValueError("low over high")
            self.span = self.high - self.low
            return self

    return C


@case(
    lambda o: (o.area, o.model_dump(), o.perimeter) == (6, {"width": 2, "height": 3, "area": 6}, 10)
)
def computed_fields():
    class Rectangle(BaseModel):
        width: int
        height: int

        @pydantic.computed_field
        @property
        def area(self) -> int:
            return self.width * self.height

        @functools.cached_property
        def perimeter(self):
            return 2 * (self.width + self.height)

    return Rectangle(width=2, height=3)


@case(
    lambda o: (
        o.model_dump_json() == '{"day":"01.02.2020","secret":"***","shown":1}' and o.shown == 1
    )
)
def serializers():
    class C(BaseModel):
        day: datetime.date
        secret: str
        shown: int = 1
        hidden: int = Field(default=2, exclude=True)

        @pydantic.field_serializer("day")
        def _dotted(self, value):
            return value.strftime("%d.%m.%Y")

        @pydantic.field_serializer("secret")
        def _stars(self, value):
            return "*" * len(value)

    return C(day="2020-02-01", secret="abc")


@case(
    lambda l: (
        l[0]
        .model_validate({"main": {"x": "1"}, "many": [{"x": 2}], "keyed": {"k": {"x": 3}}})
        .model_dump()
        == {"main": {"x": 1}, "many": [{"x": 2}], "keyed": {"k": {"x": 3}}, "maybe": None}
        and type(l[2].main) is l[1]
        and l[2].many[0].x == 5
        and l[0].model_fields["main"].annotation is l[1]
    )
)
def nested_models():
    class Inner(BaseModel):
        x: int

    class Outer(BaseModel):
        main: Inner
        many: List[Inner] = []
        keyed: Dict[str, Inner] = {}
        maybe: Optional[Inner] = None

    return [Outer, Inner, Outer(main=Inner(x=4), many=[Inner(x=5)])]


@case(
    lambda c: (
        c[int](item="3").item == 3
        and raises(pydantic.ValidationError, c[int], item="x")
        and c[str](item="x").get() == "x"
        and issubclass(c[int], c)
    )
)
def generic_model():
    class Box(BaseModel, Generic[T]):
        item: T

        def get(self):
            return self.item

    return Box


@case(
    lambda o: (
        o.item == 3
        and o == type(o)(item="3")
        and raises(pydantic.ValidationError, type(o), item="x")
    )
)
def generic_model_instance_with_its_parameter():
    class Box(BaseModel, Generic[T]):
        item: T

    return Box[int](item=3)


@case(
    lambda c: (
        c(userName="a").user_name == "a"
        and c(user_name="a", other=1) == c(userName="a", alt=1)
        and c(userName="a").model_dump(by_alias=True) == {"userName": "a", "out": None}
    )
)
def aliases():
    class C(BaseModel):
        model_config = ConfigDict(populate_by_name=True)
        user_name: str = Field(alias="userName")
        other: Optional[int] = Field(
            default=None,
            validation_alias=pydantic.AliasChoices("other", "alt"),
            serialization_alias="out",
        )

    return C


@case(
    lambda o: (
        (o._count, o.bump(), o.x, o.model_dump()) == (5, 6, 1, {"x": 1})
        and type(o)(x=2)._count == 0
    )
)
def private_attributes():
    class C(BaseModel):
        x: int
        _count: int = 0
        _made: list = pydantic.PrivateAttr(default_factory=list)

        def bump(self):
            return self._count + 1

    o = C(x=1)
    o._count = 5
    return o


@case(
    lambda o: (
        raises(pydantic.ValidationError, setattr, o, "x", 2)
        and hash(o) == hash(type(o)(x=1))
        and {o: 1}[type(o)(x=1)] == 1
        and raises(pydantic.ValidationError, type(o), x=1, extra=2)
        and type(o).model_config["frozen"] is True
    )
)
def frozen_that_forbids_more():
    class C(BaseModel):
        model_config = ConfigDict(frozen=True, extra="forbid")
        x: int

    return C(x=1)


@case(
    lambda o: (
        (o.x, o.more, o.model_extra) == (1, [2], {"more": [2]})
        and raises(pydantic.ValidationError, setattr, o, "x", "no")
    )
)
def extra_allowed_and_assignment_validated():
    class C(BaseModel):
        model_config = ConfigDict(extra="allow", validate_assignment=True)
        x: int

    return C(x=1, more=[2])


@case(
    lambda c: (
        list(c[1].model_fields) == ["x", "y"]
        and c[1](x=1).describe() == "base 1 derived 2"
        and isinstance(c[1](x=1), c[0])
        and c[1].registry == ["Derived"]
        and c[1](x=5).y == 2
    )
)
def inheritance_with_a_hook():
    class Base(BaseModel):
        registry: ClassVar[list] = []
        x: int

        @classmethod
        def __pydantic_init_subclass__(cls, **kwargs):
            Base.registry.append(cls.__name__)

        def describe(self):
            return f"base {self.x}"

    class Derived(Base):
        y: int = 2

        def describe(self):
            return f"{super().describe()} derived {self.y}"

    return Base, Derived


@case(
    lambda c: (
        c[0](color="red").color is c[1].RED
        and c[0](color="red", pet={"kind": "dog", "bark": 3}).pet.bark == 3
        and raises(pydantic.ValidationError, c[0], color="blue")
        and c[0](color="red").model_dump(mode="json") == {"color": "red", "pet": None, "level": 1}
    )
)
def enums_and_tagged_unions():
    class Color(enum.Enum):
        RED = "red"

    class Cat(BaseModel):
        kind: Literal["cat"]
        meow: int

    class Dog(BaseModel):
        kind: Literal["dog"]
        bark: int

    class C(BaseModel):
        color: Color
        pet: Optional[Annotated[Union[Cat, Dog], Field(discriminator="kind")]] = None
        level: Annotated[int, Field(gt=0)] = 1

    return C, Color


@case(
    lambda c: c.model_validate({"name": "a", "children": [{"name": "b"}]}).children[0].name == "b"
)
def model_that_refers_to_itself():
    class Node(BaseModel):
        name: str
        children: List["Node"] = []

    Node.model_rebuild(_types_namespace={"Node": Node})
    return Node


@case(lambda c: c(x="4").x == 8 and c(x=1).seen == "1 by 2")
def annotated_validators_and_post_init():
    by = 2

    class C(BaseModel):
        x: Annotated[int, pydantic.AfterValidator(lambda value: value * by)]
        seen: Any = None

        def model_post_init(self, context):
            self.seen = f"{self.x // by} by {by}"

    return C


def _derived_by_the_reader(c):
    class New(c):
        size: int = 3

    return New(name="Ann").model_dump() == {"name": "Ann", "age": 18, "tags": [], "size": 3}


@case(_derived_by_the_reader)
def base_for_a_model_of_the_reader():
    return User
