"""Callables that any pickler sends by source."""

from __future__ import annotations

import functools
import io
import pickle
import types
from collections import ChainMap
from typing import Any, Callable, ClassVar, Generic, TypeVar, overload

from .options import OnlyBySource, source_options
from .pickler import PickleByReference, Pickler, TargetVersion
from .rebuild import give_own_names

__all__ = ["Portable", "portable"]

Wrapped = TypeVar("Wrapped", bound=Callable[..., Any])


class Portable(Generic[Wrapped]):
    """A callable that every pickler sends by source; :func:`portable` makes it.

    It calls through, and has the name, the documentation, the signature and the attributes of what
    it wraps, which is its ``__wrapped__``. An attribute that is set is set there.

    Args:
        wrapped: What to wrap.
        options: The pickler's, where they are not the defaults of :func:`portable`.
    """

    __wrapped__: Wrapped
    _options: dict[str, Any]

    def __init__(self, wrapped: Wrapped, options: dict[str, Any] | None = None) -> None:
        own = vars(self)
        own.update(__wrapped__=wrapped, _options=options or {})
        # The class has these too, so that nobody would ask __getattr__ for them.
        for name in functools.WRAPPER_ASSIGNMENTS:
            if hasattr(wrapped, name):
                own[name] = getattr(wrapped, name)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call what is wrapped."""
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Bind to an instance, as a function does in a class."""
        return self if instance is None else types.MethodType(self, instance)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of what is wrapped."""
        try:
            wrapped = vars(self)["__wrapped__"]
        except KeyError:
            raise AttributeError(name) from None
        return getattr(wrapped, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute of what is wrapped."""
        setattr(self.__wrapped__, name, value)
        if name in vars(self):
            vars(self)[name] = value

    def __delattr__(self, name: str) -> None:
        """Delete an attribute of what is wrapped."""
        delattr(self.__wrapped__, name)

    def __repr__(self) -> str:
        return f"<portable {self.__wrapped__!r}>"

    def __copy__(self) -> Portable[Wrapped]:
        """Return itself, as a function's copy is the function."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Portable[Wrapped]:
        """Return itself, as a function's copy is the function."""
        return self

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Return what loads a pickle of its own, by source.

        Raises:
            pickle.PicklingError: As :meth:`sourcepickle.Pickler.dump`.
        """
        file = io.BytesIO()
        pickler = _PortablePickler(file, protocol, **{"by_source": True, **self._options})
        # What stands alone is for receivers without this class.
        pickler.dump(self.__wrapped__ if self._options.get("standalone") else self)
        return pickle.loads, (file.getvalue(),)


def _reduce(own: Portable[Any]) -> tuple[Any, ...]:
    return Portable, (own.__wrapped__, own._options) if own._options else (own.__wrapped__,)


class _PortablePickler(Pickler):
    # A function may name what wraps it: in this pickle it does not begin another.
    dispatch_table: ClassVar[Any] = ChainMap({Portable: _reduce}, Pickler.dispatch_table)


@overload
def portable(
    obj: Wrapped,
    /,
    *,
    by_source: OnlyBySource = True,
    pickle_by_reference: PickleByReference = None,
    target_version: TargetVersion = None,
    standalone: bool = False,
) -> Portable[Wrapped]: ...


@overload
def portable(
    *,
    by_source: OnlyBySource = True,
    pickle_by_reference: PickleByReference = None,
    target_version: TargetVersion = None,
    standalone: bool = False,
) -> Callable[[Wrapped], Portable[Wrapped]]: ...


def portable(
    obj: Any = None,
    /,
    *,
    by_source: OnlyBySource = True,
    pickle_by_reference: PickleByReference = None,
    target_version: TargetVersion = None,
    standalone: bool = False,
) -> Any:
    """Wrap a function, class or other callable so that any pickler sends it by source.

    Plain :mod:`pickle`, cloudpickle, multiprocessing and all that is built on them need no patch
    and no configuration for it. It is a decorator too: ``@portable`` or, with options,
    ``@portable(by_source="prefer")``. Where it is loaded it is portable again; with ``standalone``,
    for receivers without this package, what arrives is the bare callable.

    Args:
        obj: What to wrap; without it, a decorator is returned.
        by_source: As in :class:`sourcepickle.Pickler`.
        pickle_by_reference: As in :class:`sourcepickle.Pickler`.
        target_version: As in :class:`sourcepickle.Pickler`.
        standalone: As in :class:`sourcepickle.Pickler`.

    Raises:
        TypeError: The object cannot be called, or an option is of no type for it.
        ValueError: As :class:`sourcepickle.Pickler`, and for ``by_source=False``.
    """
    given = source_options(by_source, pickle_by_reference, target_version, standalone)
    defaults: Any = portable.__kwdefaults__
    options = {name: value for name, value in given.items() if value != defaults[name]}
    if obj is None:
        return functools.partial(_wrapped, options)
    return _wrapped(options, obj)


def _wrapped(options: dict[str, Any], obj: Any) -> Portable[Any]:
    if isinstance(obj, Portable):
        obj = obj.__wrapped__
    if not callable(obj):
        raise TypeError(f"portable wraps what can be called, not {obj!r}")
    return Portable(obj, options)


give_own_names(globals())
