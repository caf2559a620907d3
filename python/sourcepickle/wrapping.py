"""Portable callables: how they are made, and pickled."""

from __future__ import annotations

import functools
import io
from collections import ChainMap
from typing import Any, Callable, ClassVar, overload

from .options import OnlyBySource, source_options
from .pickler import PickleByReference, Pickler, TargetVersion
from .wrapper import Portable, Wrapped

__all__ = ["payload", "portable"]


def payload(own: Portable[Any], protocol: int) -> bytes:
    """Return the pickle that a portable callable's pickle holds.

    Raises:
        pickle.PicklingError: As :meth:`sourcepickle.Pickler.dump`.
    """
    file = io.BytesIO()
    pickler = _PortablePickler(file, protocol, **{"by_source": True, **own._options})
    # What stands alone is for receivers without its class.
    pickler.dump(own.__wrapped__ if own._options.get("standalone") else own)
    return file.getvalue()


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
