"""The items of one pickle, as they are found among its calls."""

from __future__ import annotations

from typing import Any, Callable, TypeVar

from .digests import Digests
from .imports import import_of
from .items import Class, Function, Item, Value
from .nodes import Call, Node
from .short import Short
from .values import items_of, pairs_of, text_or_none

__all__ = ["Gathered", "ValueOf"]

ValueOf = Callable[[Any], Value]
Kind = TypeVar("Kind", bound=Item)


class Gathered:
    """What was found so far.

    Attributes:
        items: Items by the ``id`` of the node that makes each.
        spans: Which bytes of the pickle made what.
    """

    def __init__(self) -> None:
        self.items: dict[int, Item] = {}
        self.spans: list[tuple[Item, int, int]] = []
        self._later: list[Callable[[ValueOf], None]] = []

    def add(self, kind: type[Kind], call: Call, module: str | None, qualname: str) -> Kind:
        """Add an item that a call makes."""
        item = kind(len(self.items), call, module, qualname)
        self.items[id(call)] = item
        self.spend(item, call)
        return item

    def spend(self, item: Item, node: Node) -> None:
        """Say that a node belongs to an item."""
        self.spans.append((item, node.start, node.end))

    def of(self, kind: type[Kind], node: Any) -> Kind | None:
        """Return the item that a node makes, where it makes one of this kind."""
        item = self.items.get(id(node))
        return item if isinstance(item, kind) else None

    def later(self, action: Callable[[ValueOf], None]) -> None:
        """Have something done once all items are known, and so what values are called."""
        self._later.append(action)

    def fill(self, target: dict[str, Value], node: Any) -> None:
        """Have the pairs of a dictionary whose keys are names put into another, later."""

        def put(value_of: ValueOf) -> None:
            for key, value in pairs_of(node):
                name = text_or_none(key)
                if name is not None:
                    target[name] = value_of(value)

        self.later(put)

    def fill_globals(self, function: Function, node: Any) -> None:
        """Have the pairs of a dictionary be the globals that a function names."""
        self.fill(function.globals, node)

        def place(value_of: ValueOf) -> None:
            for key, value in pairs_of(node):
                name = text_or_none(key)
                if name is not None:
                    function.places[name] = import_of(value)
                    cls = self.of(Class, value)
                    if cls is not None and cls.is_plain:
                        function.plain_classes.add(name)

        self.later(place)

    def fill_list(self, target: list[Value], node: Any) -> None:
        """Have the items of a tuple put into a list, later."""
        self.later(lambda value_of: target.extend(map(value_of, items_of(node))))

    def finish(self, with_digests: bool) -> Short:
        """Do what was to be done later; return what short forms are made with."""
        labels = {address: _label(item) for address, item in self.items.items()}
        short = Short(labels)
        digests = Digests({address: _identity(item) for address, item in self.items.items()})

        def value_of(node: Any) -> Value:
            return Value(short(node), digests(node) if with_digests else "")

        for action in self._later:
            action(value_of)
        return short


def _label(item: Item) -> str:
    if isinstance(item, Function):
        return f"<{'code' if item.kind == 'code' else 'function'} {item.qualname}>"
    return f"<{'class' if isinstance(item, Class) else 'module'} {item.qualname}>"


def _identity(item: Item) -> str:
    return f"{type(item).__name__} {item.name}"
