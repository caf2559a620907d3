"""Dataclasses: their methods are written again by this version's own ``dataclasses``."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import sys
import types
from typing import Any, ClassVar

from .classes import set_attribute, set_methods
from .tracker import tracker
from .typing_constructs import as_text

__all__ = ["dataclass_methods", "get_state", "set_state"]

FIELD, CLASS_VARIABLE, INIT_VARIABLE = range(3)

# A field's name, its kind, its type, and the options that are not the default.
Field = tuple[str, int, Any, dict[str, Any]]


def dataclass_methods(
    target: type,
    fields: tuple[Field, ...],
    parameters: dict[str, Any],
    written: tuple[str, ...],
    has_post_init: bool,
    methods: dict[str, Any],
) -> None:
    """Give a dataclass its fields, the methods that dataclasses writes, and its own.

    ``fields`` are all, those of the bases too, for the bases may still be empty; ``parameters``
    what ``__dataclass_params__`` says; ``written`` the names of the methods to write.
    """
    if tracker.is_at_home(target):
        return
    made: Any = target
    with tracker.lock:  # What another thread loads is this class too, and must be whole.
        if "__dataclass_params__" not in target.__dict__:
            try:
                _write_methods(made, fields, written, has_post_init)
            except BaseException:  # Ctrl-C too: half of them would pass for all.
                tracker.forget(target)
                raise
    for name, value in parameters.items():
        if hasattr(made.__dataclass_params__, name):
            setattr(made.__dataclass_params__, name, value)
    if "__getstate__" in written:
        for name, own in (("getstate", get_state), ("setstate", set_state)):
            set_attribute(target, f"__{name}__", getattr(dataclasses, f"_dataclass_{name}", own))
    set_methods(target, methods)


def get_state(self: Any) -> list[Any]:
    """The state of an instance that is frozen and has slots, where dataclasses know none."""
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def set_state(self: Any, state: list[Any]) -> None:
    """Set what :func:`get_state` gave."""
    for field, value in zip(dataclasses.fields(self), state):
        object.__setattr__(self, field.name, value)


def _write_methods(
    target: Any, fields: tuple[Field, ...], written: tuple[str, ...], has_post_init: bool
) -> None:
    names = [name for name, _, _, _ in fields]
    slots = {
        name: target.__dict__[name]
        for name in names
        if isinstance(target.__dict__.get(name), types.MemberDescriptorType)
    }
    stand_ins = {CLASS_VARIABLE: ClassVar, INIT_VARIABLE: dataclasses.InitVar[Any]}
    set_attribute(
        target,
        "__annotations__",
        {name: stand_ins.get(kind, object) for name, kind, _, _ in fields},
    )
    # Python 3.9 knows no keyword-only fields: they get a default, so that they may stand anywhere.
    keyword_only = [name for name, _, _, options in fields if "kw_only" in options]
    emulated = keyword_only and "kw_only" not in _OPTIONS and "__init__" in written
    for name, kind, _, options in fields:
        known = {key: value for key, value in options.items() if key in _OPTIONS}
        is_required = not known.keys() & {"default", "default_factory", "init"}
        if emulated and is_required:
            known["default"] = _REQUIRED
        unhashable = "default" in known and type(known["default"]).__hash__ is None
        if unhashable and kind == FIELD:
            # From Python 3.11 on dataclasses refuses what it took before.
            known["default_factory"] = functools.partial(_itself, known.pop("default"))
        if kind != CLASS_VARIABLE or "default" in known:
            set_attribute(target, name, dataclasses.field(**known))
    options = {
        "init": "__init__" in written,
        "repr": "__repr__" in written,
        "eq": "__eq__" in written or "__lt__" in written,
        "order": "__lt__" in written,
        "unsafe_hash": "__hash__" in written,
        "frozen": "__setattr__" in written,
    }
    if sys.version_info >= (3, 10):
        options["match_args"] = "__match_args__" in written
    # It may be that of a base which is still empty.
    lacks_post_init = has_post_init and not hasattr(target, "__post_init__")
    if lacks_post_init:
        set_attribute(target, "__post_init__", None)
    dataclasses.dataclass(**options)(target)
    if lacks_post_init:
        type.__delattr__(target, "__post_init__")
    for name in names:
        if name in slots:
            set_attribute(target, name, slots[name])
        elif name in target.__dict__:
            type.__delattr__(target, name)
    annotations = {"return": None}
    for name, _, annotation, _ in fields:
        field = target.__dataclass_fields__[name]
        field.type = annotations[name] = as_text(annotation)
        factory = field.default_factory
        if isinstance(factory, functools.partial) and factory.func is _itself:
            (field.default,) = factory.args
            field.default_factory = dataclasses.MISSING
    if "__init__" in written:
        names = [*target.__init__.__annotations__]
        target.__init__.__annotations__ = {name: annotations[name] for name in names}
    for name in written:
        method = target.__dict__.get(name)
        if isinstance(method, types.FunctionType) and method.__module__ is None:
            method.__module__ = target.__module__  # There is no such module here.
    type.__delattr__(target, "__annotations__")  # Its own, if it has any, come with the rest.
    if emulated:
        _take_by_keyword(target, keyword_only)


def _take_by_keyword(target: Any, keyword_only: list[str]) -> None:
    """Make ``__init__`` take some fields by keyword alone."""
    written = target.__init__
    fields = [field for field in target.__dataclass_fields__.values() if field.init]
    positional = [field.name for field in fields if field.name not in keyword_only]
    required = []
    for field in fields:
        if field.default is _REQUIRED:
            required.append(field.name)
            field.default = dataclasses.MISSING

    @functools.wraps(written)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if len(args) > len(positional):
            raise TypeError(
                f"__init__() takes {len(positional) + 1} positional arguments but "
                f"{len(args) + 1} were given"
            )
        by_name = dict(zip(positional, args))
        for name in by_name.keys() & kwargs.keys():
            raise TypeError(f"__init__() got multiple values for argument {name!r}")
        missing = [name for name in required if name not in kwargs and name not in by_name]
        if missing:
            raise TypeError(f"__init__() missing required arguments: {', '.join(missing)}")
        written(self, **by_name, **kwargs)

    of_written = inspect.signature(written).parameters.values()
    parameters = [
        parameter.replace(
            kind=parameter.KEYWORD_ONLY if parameter.name in keyword_only else parameter.kind,
            default=parameter.empty if parameter.name in required else parameter.default,
        )
        for parameter in of_written
    ]
    parameters.sort(key=lambda parameter: parameter.kind)
    made: Any = __init__
    del made.__wrapped__
    made.__signature__ = inspect.Signature(parameters, return_annotation=None)
    # The writer looks here, for a field of this version does not say it.
    made.keyword_only = frozenset(keyword_only)
    target.__init__ = made


def _itself(value: Any) -> Any:
    return value


_REQUIRED = object()


_OPTIONS = {"default", "default_factory", "init", "repr", "hash", "compare", "metadata"}
if sys.version_info >= (3, 10):
    _OPTIONS.add("kw_only")
if sys.version_info >= (3, 14):
    _OPTIONS.add("doc")
