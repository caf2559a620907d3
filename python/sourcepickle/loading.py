"""Loading: pickle's own, through the gate, and of signed payloads."""

from __future__ import annotations

import io
import pickle
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
    **options: Any,
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
        **options: ``fix_imports``, ``encoding``, ``errors`` and ``buffers``, as in pickle.

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

        file = io.BytesIO(verified(file, verify, options.get("buffers")))
    if allow is None and review is None:
        return pickle.load(file, **options)
    from .gate import Unpickler

    return Unpickler(file, allow=allow, review=review, **options).load()


def loads(
    data: Any,
    /,
    *,
    allow: Allow = None,
    review: Review = None,
    verify: Verify | None = None,
    **options: Any,
) -> Any:
    """Return the object of a pickle in a bytes-like object; see :func:`load`."""
    if allow is None and review is None and verify is None:
        return pickle.loads(data, **options)
    return load(io.BytesIO(data), allow=allow, review=review, verify=verify, **options)
