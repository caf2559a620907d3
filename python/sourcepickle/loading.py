"""Loading: pickle's own, through the gate, and of signed payloads."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .gate.references import Allow
    from .gate.unpickler import Review
    from .signing import Verify

__all__ = ["load", "loads"]


def load(
    file: IO[bytes],
    *,
    allow: Allow = None,
    review: Review = None,
    verify: Verify | None = None,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = None,
) -> Any:
    """Return the object of the next pickle in a file.

    Without ``allow``, ``review`` and ``verify`` this is :func:`pickle.load`, which runs whatever
    the pickle says.

    Args:
        file: A binary file to read from.
        allow: What the payload may name; see :class:`sourcepickle.Unpickler`.
        review: What is called with each function's record; see :class:`sourcepickle.Unpickler`.
        verify: What is called with the payload and its signature, both bytes, before any of the
            payload is read, and returns whether they belong together.
        fix_imports: As in :func:`pickle.load`.
        encoding: As in :func:`pickle.load`.
        errors: As in :func:`pickle.load`.
        buffers: As in :func:`pickle.load`.

    Raises:
        NotAllowedError: The pickle does what is neither allowed nor reviewed.
        SignatureError: The payload is not signed, or not by whom ``verify`` knows.
        SourceVersionError: The payload's source needs another Python.
        SourceDamagedError: The payload's source is not what was written.
        ValueError: ``verify`` is given with ``buffers``, which no signature covers.
        pickle.UnpicklingError: As in pickle.
    """
    if verify is not None:
        from .signing import verified

        file = io.BytesIO(verified(file, verify, buffers))
    options: dict[str, Any] = {"fix_imports": fix_imports, "encoding": encoding, "errors": errors}
    if allow is None and review is None:
        return pickle.load(file, buffers=buffers, **options)
    from .gate import Unpickler

    return Unpickler(file, allow=allow, review=review, buffers=buffers, **options).load()


def loads(
    data: Any,
    /,
    *,
    allow: Allow = None,
    review: Review = None,
    verify: Verify | None = None,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = None,
) -> Any:
    """Return the object of a pickle in a bytes-like object; see :func:`load`."""
    options: dict[str, Any] = {"fix_imports": fix_imports, "encoding": encoding, "errors": errors}
    if allow is None and review is None and verify is None:
        return pickle.loads(data, buffers=buffers, **options)
    return load(
        io.BytesIO(data), allow=allow, review=review, verify=verify, buffers=buffers, **options
    )
