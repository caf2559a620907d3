"""What typing makes under a name of its own: type parameters, type aliases, new types."""

from __future__ import annotations

import functools
import sys
import typing
from typing import Any, Callable

from . import give_own_names
from .tracker import tracker
from .typing_constructs import SINCE, Unavailable, as_text

__all__ = ["fill_type_alias", "forward_reference", "new_type", "type_alias", "type_parameter"]


def type_parameter(
    tracked_id: str | None,
    kind: str,
    name: str,
    module: str | None,
    options: dict[str, Any],
    required: bool,
) -> Any:
    """Make a ``TypeVar``, ``ParamSpec`` or ``TypeVarTuple`` of an id; of none for a function's own.

    Options that this version does not know say nothing at run time, and are left out. Where it
    does not know the kind, one that is not ``required`` gets what stands for it.

    Raises :class:`SourceVersionError`.
    """
    factory = getattr(typing, kind, None)
    if factory is None:
        arguments = (tracked_id, kind, name, module, options, False)
        return _lacking(type_parameter, arguments, name, f"typing.{kind}", required)

    def make() -> Any:
        constraints = map(as_text, options.get("constraints", ()))
        known = {key: as_text(value) for key, value in options.items() if key in _OPTIONS[kind]}
        made = factory(name, *constraints, **known)
        made.__module__ = module
        return made

    return make() if tracked_id is None else tracker.made(tracked_id, make)


_OPTIONS = {
    "TypeVar": {"bound", "covariant", "contravariant"},
    "ParamSpec": {"bound", "covariant", "contravariant"},
    "TypeVarTuple": set(),
}
if sys.version_info >= (3, 12):
    _OPTIONS["TypeVar"] |= {"infer_variance"}
    _OPTIONS["ParamSpec"] |= {"infer_variance"}
if sys.version_info >= (3, 13):
    for _each in _OPTIONS.values():
        _each |= {"default"}


def forward_reference(text: str, module: str | None) -> Any:
    """Make the reference to a name that is to be looked up later, perhaps in a module."""
    return typing.ForwardRef(text) if module is None else typing.ForwardRef(text, module=module)


def new_type(tracked_id: str, name: str, module: str | None, supertype: Any) -> Any:
    """Make a ``NewType`` of an id."""

    def make() -> Any:
        factory: Any = typing.NewType
        made = factory(name, as_text(supertype))
        made.__module__ = module
        return made

    return tracker.made(tracked_id, make)


def type_alias(
    tracked_id: str,
    name: str,
    module: str | None,
    parameters: tuple[tuple[str, str], ...],
    required: bool,
) -> Any:
    """Make the alias of a ``type`` statement (PEP 695).

    ``parameters`` are the ids and the texts (``"T"``, ``"*Ts"``, ``"**P"``) of its type parameters.
    :func:`fill_type_alias` gives it its value, which may be made of the alias itself. Before 3.12
    one that is not ``required`` gets what stands for it.

    Raises :class:`SourceVersionError`.
    """
    if sys.version_info < (3, 12):
        arguments = (tracked_id, name, module, parameters, False)
        return _lacking(type_alias, arguments, name, "typing.TypeAliasType", required)
    return tracker.made(tracked_id, lambda: _new_alias(name, module, parameters))


def _new_alias(name: str, module: str | None, parameters: tuple[tuple[str, str], ...]) -> Any:
    listed = ", ".join(text for _, text in parameters)
    in_brackets = f"[{listed}]" if listed else ""
    namespace = {"__name__": module}
    exec(f"type {name}{in_brackets} = __value__", namespace)
    made: Any = namespace[name]
    for (parameter_id, _), parameter in zip(parameters, made.__type_params__):
        tracker.made(parameter_id, functools.partial(_itself, parameter))
    _without_value[id(made)] = (made, namespace)
    return made


def _itself(parameter: Any) -> Any:
    return parameter


_without_value: dict[int, tuple[Any, dict[str, Any]]] = {}


def fill_type_alias(target: Any, value: tuple[Any]) -> None:
    """Give a type alias its value."""
    if isinstance(target, Unavailable):
        target.__dict__["_state"] = (value, fill_type_alias)
    else:
        _, namespace = _without_value.get(id(target), (None, {}))
        (namespace["__value__"],) = value
        _without_value.pop(id(target), None)


def _lacking(
    function: Callable[..., Any], arguments: tuple[Any, ...], name: str, kind: str, required: bool
) -> Unavailable:
    lacking = Unavailable(function, arguments, name, SINCE.get(kind))
    if required:
        raise lacking.error(f"{name}, a {kind},")
    return lacking


give_own_names(globals())
