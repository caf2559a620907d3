"""Classes: made empty by their own metaclass, then given what their body had made of them.

A class statement is never run again: its metaclass and its ``__init_subclass__`` hooks, where they
travel by value themselves, have done their work at home, and what they did travels as state.
"""

from __future__ import annotations

import abc
import collections
import importlib
import sys
import types
import typing
from typing import Any, Callable, Optional

from . import SourceVersionError
from .tracker import tracker
from .typing_constructs import Unavailable, is_available, with_texts, without_unavailable

__all__ = [
    "fill_class",
    "fill_named_tuple",
    "fill_protocol",
    "fill_typed_dict",
    "named_tuple",
    "of_release",
    "plain_class",
    "set_methods",
    "typed_dict",
]

ClassState = tuple[
    None,  # what set the methods, before any of the rest was loaded: it may need them
    None,  # what gave the methods their states
    dict[str, Any],  # other attributes
    Optional[dict[str, Any]],  # annotations, generic bases and type parameters, by attribute
    Optional[tuple[str, ...]],  # names of the abstract methods
    Optional[tuple[type, ...]],  # classes registered with an ABC
]


def plain_class(
    class_id: str,
    metaclass: type | None,
    maker: type | None,
    name: str,
    bases: tuple[type, ...],
    namespace: dict[str, Any],
    layout: int | None,
) -> type:
    """Make the class of an id; :func:`fill_class` gives it its attributes.

    ``metaclass`` is ``None`` where it follows from the bases. ``maker`` is the first class of its
    method resolution order that does not travel by value, whose ``__new__`` makes the class;
    ``None`` where that is the metaclass itself. ``layout`` is the place in ``bases`` of the one
    whose memory layout the class has, where a hook of the bases must not run; else ``None``.
    """

    def make_under(bases: tuple[type, ...]) -> type:
        if maker is None:
            keywords = {} if metaclass is None else {"metaclass": metaclass}
            return types.new_class(name, bases, keywords, lambda body: body.update(namespace))
        any_maker: Any = maker
        body = any_maker.__prepare__(name, bases)
        body.update(namespace)
        made: type = any_maker.__new__(metaclass, name, bases, body)
        any_maker.__init__(made, name, bases, body)
        return made

    def make() -> type:
        refuse_lacking(name, bases)
        return make_under(bases) if layout is None else _past_hooks(make_under, bases, layout)

    return tracker.made(class_id, make)


def of_release(maker: type, package: str, release: str) -> type:
    """Return the maker of a class whose attributes belong to one release of a package.

    Raises :class:`SourceVersionError` where this Python has another release.
    """
    here = importlib.import_module(package).__version__
    if _release(here) != release:
        raise SourceVersionError(
            f"the payload holds a class of {package} {release}, whose attributes no other release "
            f"understands; this Python has {package} {here}: install the same release on both"
        )
    return maker


def _release(version: str) -> str:
    return ".".join(version.split(".")[:2])


def set_methods(target: type, methods: dict[str, Any]) -> None:
    """Give a class its methods, once it exists and before its other attributes do.

    Among these may be a set of its instances, which needs their ``__hash__``. ``None`` keeps their
    place.
    """
    if tracker.is_at_home(target):
        return
    with tracker.lock:  # Or None might take the place of what another thread has just loaded.
        for name, value in methods.items():
            if value is not None or name not in target.__dict__:
                set_attribute(target, name, value)


def fill_class(target: type, state: ClassState) -> None:
    """Give a class its attributes; a class that was defined in this process keeps its own."""
    if not tracker.is_at_home(target):
        fill(target, state)


def fill_protocol(target: type, state: ClassState) -> None:
    """Give a protocol its attributes, and let this version's ``typing`` find its members."""
    if tracker.is_at_home(target):
        return
    with tracker.lock:  # What another thread loads is this class too, and must be whole.
        fill(target, state)
        if tracker.is_first_time(target):
            try:
                _find_members(target, state)
            except BaseException:  # Ctrl-C too: half of them would pass for all.
                tracker.forget(target)
                raise


def _find_members(target: type, state: ClassState) -> None:
    # typing.final came with 3.11; what looks at the members would take its mark for one.
    is_final = target.__dict__.get("__final__")
    if is_final is not None:
        type.__delattr__(target, "__final__")
    # typing.Protocol's own hook and metaclass look at the members, which were not there yet.
    typing.Protocol.__init_subclass__.__func__(target)  # type: ignore[attr-defined]
    type(target).__init__(target, target.__name__, target.__bases__, {})
    # They take attributes that the class got later for its members.
    for name, value in (state[3] or {}).items():
        _set_construct(target, name, value)
    if target.__dict__.get("_is_runtime_protocol"):
        typing.runtime_checkable(target)
    if is_final is not None and sys.version_info >= (3, 11):
        set_attribute(target, "__final__", is_final)


def typed_dict(
    class_id: str, name: str, bases: tuple[type, ...], namespace: dict[str, Any]
) -> type:
    """Make the ``TypedDict`` of an id; :func:`fill_class` gives it its keys."""

    def make() -> type:
        functional: Any = typing.TypedDict
        template = functional("_", {})
        made: type = type.__new__(type(template), name, bases, namespace)
        for key, value in template.__dict__.items():
            if key not in made.__dict__ and key not in _OF_EVERY_TYPED_DICT:
                type.__setattr__(made, key, value)
        return made

    return tracker.made(class_id, make)


_OF_EVERY_TYPED_DICT = {"__annotate_func__", "__annotations__", "__annotations_cache__"}


def fill_typed_dict(target: type, state: ClassState) -> None:
    """Give a typed dictionary its keys, all of which can be written if its writer knew no others.

    ``ReadOnly`` came with Python 3.13 (PEP 705).
    """
    if tracker.is_at_home(target):
        return
    fill(target, state)
    made: Any = target
    if hasattr(made, "__mutable_keys__") and "__mutable_keys__" not in state[2]:
        made.__mutable_keys__ = made.__required_keys__ | made.__optional_keys__


def named_tuple(
    class_id: str, name: str, fields: tuple[str, ...], namespace: dict[str, Any]
) -> type:
    """Make the named tuple of an id; :func:`fill_named_tuple` gives it the rest."""

    def make() -> type:
        # With rename, names such as "_1" that an earlier rename gave are given again.
        made = collections.namedtuple(name, fields, rename=True)  # type: ignore[misc]
        for key, value in namespace.items():
            type.__setattr__(made, key, value)
        return made

    return tracker.made(class_id, make)


def fill_named_tuple(
    target: type,
    state: tuple[
        ClassState,
        tuple[Any, ...] | None,  # defaults
        dict[str, str] | None,  # docstrings by field
        tuple[type, ...] | None,  # bases, where it is generic
    ],
) -> None:
    """Give a named tuple its attributes, the defaults and docstrings of its fields, Generic."""
    if tracker.is_at_home(target):
        return
    class_state, defaults, docs, bases = state
    made: Any = target
    fields = made._fields
    if bases is not None:
        type.__setattr__(target, "__bases__", bases)
        # Its own, for tuple has one too.
        subscript = typing.Generic.__dict__["__class_getitem__"]
        type.__setattr__(target, "__class_getitem__", subscript)
    if defaults:
        made.__new__.__defaults__ = defaults
        with_defaults = dict(zip(fields[-len(defaults) :], defaults))
        type.__setattr__(target, "_field_defaults", with_defaults)
    for field, doc in (docs or {}).items():
        target.__dict__[field].__doc__ = doc
    fill(target, class_state)
    annotations = with_texts((class_state[3] or {}).get("__annotations__", {}))
    of_fields = {name: annotations[name] for name in fields if name in annotations}
    if of_fields:
        made.__new__.__annotations__ = of_fields


def fill(target: type, state: ClassState) -> None:
    """Give a class its attributes, wherever it was defined."""
    _, _, attributes, constructs, abstract, registered = state
    for name, value in attributes.items():
        set_attribute(target, name, value)
    for name, value in (constructs or {}).items():
        _set_construct(target, name, value)
    if abstract is not None:
        target.__abstractmethods__ = frozenset(abstract)  # type: ignore[attr-defined]
    for subclass in registered or ():
        abc.ABCMeta.register(target, subclass)  # type: ignore[arg-type]


def set_attribute(target: type, name: str, value: object) -> None:
    """Set an attribute of a class past what its metaclass may do about it."""
    try:
        type.__setattr__(target, name, value)
    except TypeError:
        # A metaclass implemented in C keeps the attributes of its classes in step itself.
        setattr(target, name, value)


def _set_construct(target: type, name: str, value: Any) -> None:
    if name == "__annotations__":
        value = with_texts(value)
    elif name == "__parameters__":
        value = without_unavailable(value)
    elif name in ("__type_params__", "__protocol_attrs__") and sys.version_info < (3, 12):
        return  # Older versions of typing would take it for a member of a protocol.
    elif not is_available(value):
        return
    set_attribute(target, name, value)


def refuse_lacking(name: str, bases: tuple[Any, ...]) -> None:
    """Raise :class:`SourceVersionError` for a class under a base that this Python does not have."""
    for base in bases:
        if isinstance(base, Unavailable):
            raise base.error(f"the class {name}")


def _past_hooks(
    make_under: Callable[[tuple[type, ...]], type], bases: tuple[type, ...], layout: int
) -> type:
    """Make a class under a stand-in, which has the layout of its base and none of its hooks.

    Then give it its own bases: one is exchanged for another of the same layout with the same base.
    """
    levels: list[type] = []
    root = bases[layout]
    while getattr(root.__init_subclass__, "__func__", None) is not None:
        levels.insert(0, root)
        root = root.__base__  # type: ignore[assignment]
    stand_ins = [root]
    for level in levels:
        stand_ins.append(_with_layout_of(level, stand_ins[-1]))
    made = make_under((stand_ins[-1],))
    for stand_in, base in zip(stand_ins[2:], levels):
        type.__setattr__(stand_in, "__bases__", (base,))
    try:
        type.__setattr__(made, "__bases__", bases)
    except TypeError as error:
        raise SourceVersionError(
            f"the class {made.__name__} cannot be made without running the __init_subclass__ of "
            f"its bases, on a built-in type of which this Python does not exchange bases: {error}"
        ) from error
    for stand_in, under_it in reversed(list(zip(stand_ins[2:], stand_ins[1:]))):
        # Or the base would have the stand-in among its subclasses.
        type.__setattr__(stand_in, "__bases__", (under_it,))
    return made


def _with_layout_of(level: type, base: type) -> type:
    slots = [
        name
        for name, value in level.__dict__.items()
        if (isinstance(value, types.MemberDescriptorType) and value.__objclass__ is level)
        or (name in ("__dict__", "__weakref__") and isinstance(value, types.GetSetDescriptorType))
    ]
    namespace: dict[str, Any] = {"__module__": level.__module__, "__orig_bases__": ()}
    if "__slots__" in level.__dict__:
        namespace["__slots__"] = slots
    return types.new_class(level.__name__, (base,), {}, lambda body: body.update(namespace))
