"""Modules that travel by value: made of what they held at home."""

from __future__ import annotations

import builtins
import importlib.util
import sys
import types
from typing import Any, Optional

from . import give_own_names

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
]


def new_module(names: dict[str, Any]) -> types.ModuleType:
    """Make a module of its ``__name__``, ``__package__``, ``__path__`` and ``__file__`` alone.

    No import finds it but those of the code that comes with it.
    """
    made = types.ModuleType(names["__name__"])
    made.__dict__.update(names)
    importing(made.__dict__, made)
    return made


def same_module(target: types.ModuleType) -> types.ModuleType:
    """Return a module that its functions may have brought, for :func:`fill_module` to fill."""
    return target


def fill_module(target: types.ModuleType, state: ModuleState) -> None:
    """Set the contents of a module that travels by value."""
    contents, annotations = state
    target.__dict__.update(contents)
    if annotations is not None:
        constructs = sys.modules.get(f"{__package__}.typing_constructs")
        target.__annotations__ = (
            annotations if constructs is None else constructs.with_texts(annotations)
        )


def namespace_of(target: types.ModuleType) -> dict[str, Any]:
    """Return the dictionary of a module, which its functions have as their globals."""
    return target.__dict__


def importing(namespace: dict[str, Any], own: types.ModuleType | None = None) -> dict[str, Any]:
    """Return the globals, in which an import statement finds modules that travelled by value."""
    namespace["__builtins__"] = {**builtins.__dict__, "__import__": Importer(own)}
    return namespace


class Importer:
    """The ``__import__`` of code that modules came with, which no import of this Python finds.

    They are in no ``sys.modules``: another payload may bring others of the same names.
    """

    def __init__(self, own: types.ModuleType | None) -> None:
        self.own = own
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
        found = self.modules.get(full)
        if found is None:
            return builtins.__import__(name, globals, locals, fromlist, level)
        return found if fromlist else self.modules[full.partition(".")[0]]

    def bring(self, name: str, target: types.ModuleType) -> None:
        """Let import statements find a module that travelled by value."""
        self.modules[name] = target


def _package(globals: dict[str, Any]) -> str | None:
    package: str | None = globals.get("__package__")
    if package is None:
        name: str = globals["__name__"]
        package = name if "__path__" in globals else name.rpartition(".")[0]
    return package


give_own_names(globals())
