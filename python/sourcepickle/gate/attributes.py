"""Which attributes of classes a payload may have: none that leads further than the class itself."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import fractions
import functools
import itertools
import pathlib
import types
import uuid
from typing import Any, Callable

__all__ = ["CALLERS", "UNBOUND", "definer", "is_default", "is_of_allowed", "is_of_data", "member"]

# What a class has under a name with two underscores on each side, and may be named.
UNBOUND = (types.FunctionType, types.WrapperDescriptorType, types.MethodDescriptorType)

# What calls what it is given, then or later; all but the first three take that first.
CALLERS = (
    property,
    itertools.accumulate,
    itertools.groupby,
    types.DynamicClassAttribute,
    classmethod,
    collections.defaultdict,
    functools.cached_property,
    functools.partial,
    functools.partialmethod,
    functools.singledispatchmethod,
    itertools.dropwhile,
    itertools.filterfalse,
    itertools.starmap,
    itertools.takewhile,
    staticmethod,
)

# What leads from an object to more than the object, or changes it.
_LEADING = {
    "__call__",
    "__class_getitem__",
    "__delattr__",
    "__delete__",
    "__get__",
    "__getattribute__",
    "__init_subclass__",
    "__reduce__",
    "__reduce_ex__",
    "__set__",
    "__setattr__",
    "__subclasses__",
    "__subclasshook__",
}

# Whatever they are called with, their public methods look at it and make something new.
_UNCHANGING = {bool, bytes, complex, float, frozenset, int, range, slice, str, tuple} | {
    datetime.date,
    datetime.datetime,
    datetime.time,
    datetime.timedelta,
    datetime.timezone,
    decimal.Decimal,
    fractions.Fraction,
    pathlib.PurePath,
    pathlib.PurePosixPath,
    pathlib.PureWindowsPath,
    uuid.UUID,
}
_CHANGING = {bytearray, dict, list, set} | {
    collections.ChainMap,
    collections.Counter,
    collections.OrderedDict,
    collections.defaultdict,
    collections.deque,
}
# The only methods of those that may be called with an object that is not the payload's.
_LOOKING = {"copy", "count", "fromkeys", "get", "index", "items", "keys", "values"}
_SPECIAL = {
    "__bool__",
    "__contains__",
    "__eq__",
    "__float__",
    "__format__",
    "__ge__",
    "__gt__",
    "__hash__",
    "__index__",
    "__int__",
    "__le__",
    "__len__",
    "__lt__",
    "__ne__",
    "__repr__",
    "__str__",
}


def definer(own_class: type, name: str) -> type | None:
    """Return which class of a class's method resolution order has an attribute."""
    order: tuple[type, ...] = type.__dict__["__mro__"].__get__(own_class)
    return next((each for each in order if name in type.__dict__["__dict__"].__get__(each)), None)


def is_of_data(of: type | None, name: str, is_own: bool = False) -> bool:
    """Return whether a method of a basic type does nothing but to look at what it is called with.

    Args:
        of: The class that defines it.
        name: Its name.
        is_own: Whether it is bound to an object of the payload, which it then may change.
    """
    if name[:2] == name[-2:] == "__":
        of_enum = isinstance(of, type) and of.__module__ == "enum"
        known = of is object or of in _UNCHANGING or of in _CHANGING or of_enum
        return known and (name in _SPECIAL or (of is object and name == "__init__"))
    if name.startswith("_"):
        return False
    return of in _UNCHANGING or (of in _CHANGING and (is_own or name in _LOOKING))


def is_of_allowed(of: type | None, name: str) -> bool:
    """Return whether a payload may have a method that a class of an allowed module defines."""
    is_builtin = of is not None and type.__dict__["__module__"].__get__(of) == "builtins"
    return of is not None and not (is_builtin or name in _LEADING)


def is_default(of: type | None, name: str) -> bool:
    """Return whether it is how every object sets its attributes, which classes name again."""
    return of is object and name in ("__delattr__", "__setattr__")


def member(own_class: Any, name: str) -> Any:
    """Return a member of an enum without asking its class, or ``None``."""
    if not isinstance(own_class, enum.EnumMeta):
        return None
    get: Callable[[type], Any] = type.__dict__["__dict__"].__get__
    return get(own_class).get("_member_map_", {}).get(name)
