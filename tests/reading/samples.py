"""What tests of reading read: each name is a thing that travels."""

import dataclasses
import enum
import functools
import math
import typing
from collections import namedtuple

rate = 1.5


def outer(number):
    def inner(x, y=2, *, z=(1, 2)):
        """Doc."""
        return x + number + math.pi * rate + y + len(z)

    inner.note = "attached"
    return inner


inner = outer(7)
line = lambda items: rate * sum(items)  # noqa: E731


@dataclasses.dataclass
class Point:
    x: int
    y: int = 3

    def area(self):
        return self.x * self.y * rate

    @staticmethod
    def origin():
        return Point(0, 0)


class Colour(enum.Enum):
    RED = 1
    GREEN = "g"

    def shout(self):
        return self.name.upper()


class Plain(Point):
    """Doc."""

    limit = 10

    @property
    def twice(self):
        return 2 * self.x


Pair = namedtuple("Pair", "left right", defaults=[0])


class Typed(typing.TypedDict):
    name: str


class Shape(typing.Protocol):
    def draw(self) -> None: ...


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


@functools.lru_cache(maxsize=8)
def cached(x):
    return x
