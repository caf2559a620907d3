"""Modules that travel by value: made of what they held at home."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import sys
import types
import weakref
from typing import Any, Optional

from . import complete, give_own_names

__all__ = [
    "fill_module",
    "importing",
    "namespace_of",
    "new_module",
    "same_module",
]

ModuleState = tuple[
    dict[str, Any],  # contents
    Optional[dict[str, Any]],  # __annotations__
    Optional[type],  # class, where it is one of its own
]

# The modules made here, by the addresses of their dictionaries, which their functions hold.
made: dict[int, weakref.ref[types.ModuleType]] = {}


def new_module(names: dict[str, Any]) -> types.ModuleType:
    """Make a module of its ``__name__``, ``__package__``, ``__path__`` and ``__file__`` alone.

    It is in no ``sys.modules``: another payload may bring another of the same name.
    """
    target = types.ModuleType(names["__name__"])
    target.__dict__.update(names, __builtins__=builtins.__dict__)
    address = id(target.__dict__)
    made[address] = weakref.ref(target, lambda _: made.pop(address, None))
    return target


def same_module(target: types.ModuleType) -> types.ModuleType:
    """Return a module that its functions may have brought, for :func:`fill_module` to fill."""
    return target


def fill_module(target: types.ModuleType, state: ModuleState) -> None:
    """Give a module that travels by value its contents, in their order, and its class."""
    contents, annotations, own_class = state
    namespace = target.__dict__
    for name in contents:
        namespace.pop(name, None)  # Functions of it may have brought some.
    namespace.update(contents)
    if annotations is not None:
        constructs = sys.modules.get(f"{__package__}.typing_constructs")
        target.__annotations__ = (
            annotations if constructs is None else constructs.with_texts(annotations)
        )
    if own_class is not None:
        target.__class__ = own_class


def namespace_of(target: types.ModuleType) -> dict[str, Any]:
    """Return the dictionary of a module, which its functions have as their globals."""
    return target.__dict__


def importing(namespace: dict[str, Any], filename: str) -> dict[str, Any]:
    """Return a function's globals, in which its imports find modules that travelled by value.

    ``filename`` is that of the function's file.
    """
    complete(namespace, filename)
    if not isinstance(namespace.get("__builtins__"), Builtins):
        namespace["__builtins__"] = Builtins(__import__=Importer())
    return namespace


class Builtins(dict):  # type: ignore[type-arg]  # a subscript would travel with it
    """The builtins as they are, but for ``__import__``."""

    def __missing__(self, name: str) -> Any:
        return builtins.__dict__[name]


class Importer:
    """The ``__import__`` of functions that modules came with, which no import here would find."""

    def __init__(self) -> None:
        self.modules: dict[str, types.ModuleType] = {}

    def __call__(
        self,
        name: str,
        globals: dict[str, Any] | None = None,
        locals: Any = None,
        fromlist: tuple[str, ...] = (),
        level: int = 0,
    ) -> types.ModuleType:
        """Import a module, as the import statement asks for it (``builtins.__import__``)."""
        full = name
        if level and globals is not None:
            full = importlib.util.resolve_name("." * level + name, _package(globals))
        wanted = {full, *(f"{full}.{each}" for each in fromlist or ())}
        if wanted.isdisjoint(self.modules):
            return builtins.__import__(name, globals, locals, fromlist, level)
        return self._find(full if fromlist else full.partition(".")[0])

    def bring(self, name: str, target: types.ModuleType) -> None:
        """Let import statements find a module that travelled by value."""
        self.modules[name] = target

    def _find(self, name: str) -> types.ModuleType:
        found = self.modules.get(name)
        if found is None:
            # A package that is imported here, with the modules that were brought in their places:
            # nobody else is to see them.
            found = types.ModuleType(name)
            found.__dict__.update(importlib.import_module(name).__dict__)
            inside = [each for each in self.modules if each.startswith(f"{name}.")]
            self.modules[name] = found
            for each in inside:
                own = each[len(name) + 1 :].partition(".")[0]
                setattr(found, own, self._find(f"{name}.{own}"))
        return found


def _package(globals: dict[str, Any]) -> str | None:
    package: str | None = globals.get("__package__")
    if package is None:
        name: str = globals["__name__"]
        package = name if "__path__" in globals else name.rpartition(".")[0]
    return package


give_own_names(globals())
