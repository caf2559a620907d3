"""What functools makes of functions, made again by this version's own functools."""

from __future__ import annotations

import functools
from typing import Any, Callable

from . import give_own_names
from .typing_constructs import with_texts

__all__ = [
    "fill_single_dispatch",
    "fill_single_dispatch_method",
    "fill_wrapper",
    "lru_cache",
    "partial_method",
    "single_dispatch",
    "single_dispatch_method",
]

Registry = tuple[tuple[type, Callable[..., Any]], ...]


def lru_cache(function: Callable[..., Any], maxsize: int | None, typed: bool) -> Any:
    """Wrap a function with an empty cache."""
    return functools.lru_cache(maxsize, typed)(function)


def fill_wrapper(target: Any, attributes: dict[str, Any]) -> None:
    """Give a wrapper the attributes that it has beside its function's."""
    if "__annotations__" in attributes:
        attributes["__annotations__"] = with_texts(attributes["__annotations__"])
    for name, value in attributes.items():
        setattr(target, name, value)


def single_dispatch(function: Callable[..., Any]) -> Any:
    """Make a generic function of a function for the rest."""
    return functools.singledispatch(function)


def fill_single_dispatch(target: Any, state: tuple[Registry, dict[str, Any]]) -> None:
    """Register a generic function's implementations, and give it its attributes."""
    registry, attributes = state
    for kind, function in registry:
        target.register(kind, function)
    fill_wrapper(target, attributes)


def single_dispatch_method(function: Any) -> Any:
    """Make a generic method of a method for the rest."""
    return functools.singledispatchmethod(function)


def fill_single_dispatch_method(target: Any, registry: Registry) -> None:
    """Register a generic method's implementations."""
    for kind, function in registry:
        target.dispatcher.register(kind, function)


def partial_method(function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Make a method of another with some of its arguments given."""
    return functools.partialmethod(function, *arguments, **keywords)


give_own_names(globals())
