"""What a payload must leave as it is, of every kind that one could change."""

import abc
import collections
import dataclasses
import enum
import functools
import typing

SETTINGS = {"limit": 10}
NAMES = ["a"]
TAGS = {"a"}
LOG = collections.deque(["a"])


def greet(name="you", *, loud=False):
    return f"hello {name}"


def _counting():
    count = 0

    def counter():
        return count

    return counter


counter = _counting()


class Account:
    limit = 10

    def owner(self):
        return "nobody"


class Savings(Account):
    pass


class Vault:
    opens = 0

    @property
    def opened(self):
        self.opens += 1
        return self.opens

    def replace(self, **changes):
        self.opens += 1
        return self

    def register(self, *arguments):
        self.opens += 1


VAULT = Vault()


class Shape(abc.ABC):  # noqa: B024
    pass


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: int


FROZEN = Frozen(1)


class Row(typing.NamedTuple):
    x: int
    y: int = 0


class Movie(typing.TypedDict):
    title: str


class Sized(typing.Protocol):
    size: int


@functools.singledispatch
def describe(x):
    return "anything"


class Teller:
    @functools.singledispatchmethod
    def tell(self, x):
        return "anything"


TELL = vars(Teller)["tell"]


def answers():
    """Return what the things here say of others."""
    return [isinstance(3, Shape), describe(3), Teller().tell(3)]
