"""cloudpickle's own reduce values, under another rule of what travels by reference."""

from __future__ import annotations

import functools
import sys
import types
import typing
from typing import Any

import cloudpickle
from cloudpickle import cloudpickle as reducers

from ._native import ReferenceRule
from .errors import NotPortableError

__all__ = ["reduce_as_bytecode"]

# Types that cloudpickle has a way of its own for, as it has for those that types names.
_SINGLETONS = {type(None), type(Ellipsis), type(NotImplemented)}


def _is_cloudpickles_own(cls: type) -> bool:
    return cls in _SINGLETONS or cls in reducers._BUILTIN_TYPE_NAMES


def reduce_as_bytecode(pickler: Any, rule: ReferenceRule, obj: Any) -> Any:
    """Return what cloudpickle's pickler returns for an object, were the rule its own.

    Raises:
        NotImportableError: The object travels by reference by the rule, and no import gives it.
        NotPortableError: It travels by value, and cloudpickle has no way to send it so.
        PickleByReferenceError: The rule's callable raised, or gave no ``bool``.
    """
    if isinstance(obj, types.FunctionType):
        if rule.is_by_reference(obj):
            return NotImplemented
        return pickler._dynamic_function_reduce(obj)
    # list[int] says of itself that it is a class, before Python 3.11.
    if issubclass(type(obj), type) and not _is_cloudpickles_own(obj):
        if rule.is_by_reference(obj):
            return NotImplemented
        rule.refuse_implemented_in_c(obj)
        return reducers._dynamic_class_reduce(obj)
    if isinstance(obj, types.MethodType) and isinstance(obj.__self__, type):
        if rule.is_by_reference(obj.__self__) and getattr(obj.__self__, obj.__name__, None) == obj:
            return getattr, (obj.__self__, obj.__name__)
    elif isinstance(obj, functools._lru_cache_wrapper):
        if rule.is_by_reference(obj):
            return NotImplemented
        raise NotPortableError(
            f"cannot pickle {obj!r} by value: cloudpickle sends functions with a cache by "
            "reference alone; dump with by_source=True"
        )
    if isinstance(obj, types.ModuleType):
        if rule.is_by_reference(obj):
            return reducers.subimport, (obj.__name__,)
        contents = {name: value for name, value in vars(obj).items() if name != "__builtins__"}
        return reducers.dynamic_subimport, (obj.__name__, contents)
    if isinstance(obj, typing.TypeVar):
        home = sys.modules.get(obj.__module__)
        is_there = isinstance(home, types.ModuleType) and vars(home).get(obj.__name__) is obj
        if is_there and not rule.is_by_reference(home):
            return reducers._make_typevar, reducers._decompose_typevar(obj)
    return cloudpickle.Pickler.reducer_override(pickler, obj)
