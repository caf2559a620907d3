"""What travels for the callables of `rebuild` in a payload that needs nothing of ours to load."""

from __future__ import annotations

import importlib
import operator
from typing import Any, Callable

from . import rebuild
from .carried import ENTRY, MAKE, PARTS

__all__ = ["Brought", "reduced"]

ReduceValue = tuple[Callable[..., Any], tuple[Any, ...]]


class Brought:
    """An object of the receiver's, which the payload itself has it make: it pickles as the call."""

    __slots__ = ("_call",)

    def __init__(self, function: object, *arguments: object) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> Any:
        return self._call


def reduced() -> dict[Callable[..., Any], ReduceValue]:
    """Return the reduce values of the callables of `rebuild`, the same at every call.

    A callable is looked up in the namespace of its part, which stands for itself in each payload.
    """
    return _REDUCED


def _reduce() -> dict[Callable[..., Any], ReduceValue]:
    found: dict[Callable[..., Any], ReduceValue] = {}
    namespaces: list[Brought] = []
    for module, names, needs, text in PARTS:
        own_names = list(map(_own, names))
        if namespaces:
            needed = [namespaces[number] for number in needs]
            # It travels as what is looked up in the first part's namespace.
            namespace = Brought(rebuild.part, _own(module), own_names[-1], text, *needed)
        else:
            known = {_own("make"): _own(MAKE), _own("core"): text}
            namespace = Brought(eval, _own(ENTRY), known)
        namespaces.append(namespace)
        home = importlib.import_module(f"{rebuild.__name__}{module}")
        for name in own_names:
            found[getattr(home, name)] = (operator.getitem, (namespace, name))
    return found


def _own(text: str) -> str:
    """Return a string object of our own; see :func:`sourcepickle.rebuild.give_own_names`."""
    return "".join(list(text))


_REDUCED = _reduce()
