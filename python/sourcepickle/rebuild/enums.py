"""Enums: every member made exactly as it was, by this version's own ``enum``."""

from __future__ import annotations

import enum
import sys
import types
from typing import Any, Optional

from .classes import ClassState, fill, refuse_lacking
from .tracker import tracker
from .typing_constructs import Unavailable

__all__ = ["enum_class", "enum_property", "fill_enum"]

# A member's value, and what the built-in type that it derives from makes it of.
Member = tuple[str, Any, Optional[tuple[Any, ...]]]


def enum_class(
    class_id: str,
    metaclass: type | None,
    name: str,
    bases: tuple[type, ...],
    namespace: dict[str, Any],
    members: tuple[Member, ...],
    data_type: type | None,
    boundary: str | None,
) -> type:
    """Make the enum of an id with its members, past ``__new__`` and ``__init__`` of its own.

    ``data_type`` is the built-in type that makes its members, ``boundary`` the name of a
    ``FlagBoundary`` other than the one that its bases have.

    Raises :class:`SourceVersionError` where this Python's ``enum`` lacks a base or the boundary.
    """

    def make() -> type:
        refuse_lacking(name, bases)
        keywords = {}
        if boundary is not None:
            if not hasattr(enum, "FlagBoundary"):
                lacking = Unavailable(enum_class, (), f"the boundary enum.{boundary}", 11)
                raise lacking.error(f"the enum {name}")
            keywords["boundary"] = enum.FlagBoundary[boundary]
        own = type(bases[-1]) if metaclass is None else metaclass
        maker: Any
        # No StopIteration where there is none: it would end a generator that loads.
        maker, *_ = (kind for kind in own.__mro__ if kind.__module__ == "enum")
        body = maker.__prepare__(name, bases)
        body.update({"__doc__": None, **namespace})
        if members:
            body["__new__"] = _member_of
            body["__init__"] = lambda self, token: None
            if sys.version_info < (3, 11) and data_type and not _say_how_to_pickle(bases[:-1]):
                # Else a __new__ of its own makes the members unpicklable.
                body["__reduce_ex__"] = enum.Enum.__reduce_ex__
            for member_name, value, arguments in members:
                body[member_name] = _Token(value, data_type, arguments)
        made: type = maker.__new__(own, name, bases, body, **keywords)
        if members:
            for attribute in ("__new_member__", "__init__"):
                type.__delattr__(made, attribute)
            if "_new_member_" in made.__dict__:
                type.__setattr__(made, "_new_member_", (data_type or object).__new__)
                type.__setattr__(made, "_use_args_", data_type is not None)
            for member_name, value, _ in members:
                # From Python 3.11 on private names are no members.
                if isinstance(made.__dict__.get(member_name), _Token):
                    type.__setattr__(made, member_name, value)
        return made

    return tracker.made(class_id, make)


def fill_enum(
    target: type,
    state: tuple[
        ClassState,
        dict[str, dict[str, Any]] | None,  # attributes of the members
        tuple[tuple[Any, str], ...],  # values that a member has beside its own
    ],
) -> None:
    """Give an enum its attributes, and its members theirs."""
    if tracker.is_at_home(target):
        return
    class_state, members, aliases = state
    fill(target, class_state)
    own_new = target.__dict__.get("__new_member__")
    if own_new is not None and hasattr(target, "_new_member_"):
        type.__setattr__(target, "_new_member_", own_new)
        type.__setattr__(target, "_use_args_", True)
    for name, attributes in (members or {}).items():
        vars(target.__members__[name]).update(attributes)  # type: ignore[attr-defined]
    for value, name in aliases:
        by_value = target._value2member_map_  # type: ignore[attr-defined]
        by_value.setdefault(value, target.__members__[name])  # type: ignore[attr-defined]
    for name, value in target.__dict__.items():
        if isinstance(value, types.DynamicClassAttribute) and hasattr(value, "__set_name__"):
            value.__set_name__(target, name)


def enum_property(*arguments: Any) -> Any:
    """Make an ``enum.property``, which before Python 3.11 is ``types.DynamicClassAttribute``."""
    return getattr(enum, "property", types.DynamicClassAttribute)(*arguments)


def _say_how_to_pickle(mixed_in: tuple[type, ...]) -> bool:
    names = {"__getnewargs_ex__", "__getnewargs__", "__reduce_ex__", "__reduce__"}
    return any(names & base.__dict__.keys() for base in mixed_in)


class _Token:
    """Stands for a member in the class body, so that nothing is made of its value."""

    def __init__(
        self, value: Any, data_type: type | None, arguments: tuple[Any, ...] | None
    ) -> None:
        self.value = value
        self.data_type = data_type
        self.arguments = arguments


def _member_of(cls: type, token: Any) -> Any:
    if isinstance(token, tuple):  # enum's way to call tuple.__new__
        (token,) = token
    data_type: Any = token.data_type or object
    arguments = token.arguments or ()
    member = data_type.__new__(cls, *arguments)
    if data_type.__init__ is not object.__init__:
        data_type.__init__(member, *arguments)
    member._value_ = token.value
    return member
