"""What is dumped and loaded while it is interrupted; nothing can import it under this name."""

import abc
import dataclasses
import enum
import functools
import typing

rate = 2


def make(n):
    @dataclasses.dataclass(order=True)
    class Data:
        x: int = n
        more: list = dataclasses.field(default_factory=list)

        def double(self):
            return self.x * rate

    @dataclasses.dataclass(frozen=True)
    class Frozen:
        x: int = n

    class Color(enum.Enum):
        RED = n

        def double(self):
            return self.value * rate

    @typing.runtime_checkable
    class Doubles(typing.Protocol):
        def double(self): ...

    class Base(abc.ABC):
        @abc.abstractmethod
        def go(self): ...

    class Plain(Base):
        def go(self):
            return n

    @functools.cache
    def cached(y):
        return y * n * rate

    def small(y=(n,)) -> "Plain":
        return y, rate

    return Data, Frozen, Color, Doubles, Plain, cached, small, rate


def check(data, frozen, color, doubles, plain, cached, small, rate):
    n = color.RED.value
    assert data(n) == data(n) != data(n + 1)
    assert data(n) < data(n + 1)
    assert vars(data()) == {"x": n, "more": []}
    assert data().double() == n * rate
    assert {frozen(): 1}[frozen(n)] == 1
    assert color(n) is color.RED
    assert color.RED.double() == n * rate
    assert isinstance(data(), doubles)
    assert not isinstance(frozen(), doubles)
    assert plain().go() == n
    assert cached(3) == 3 * n * rate
    assert small() == ((n,), rate)
