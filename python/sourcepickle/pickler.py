"""The pickler: cloudpickle's, with the native reducer plugged in where it is asked for."""

from __future__ import annotations

import io
from typing import IO, Any, Callable, Literal, Optional, Union

import cloudpickle

from ._native import Reducer

__all__ = ["CloudPickler", "Pickler", "dump", "dumps"]

BySource = Union[bool, Literal["prefer"]]
BufferCallback = Optional[Callable[[Any], Any]]


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    """cloudpickle's pickler with one more option.

    Args:
        file: A binary file to write to.
        protocol: The pickle protocol; ``None`` for ``cloudpickle.DEFAULT_PROTOCOL``.
        buffer_callback: As in :class:`pickle.Pickler` (PEP 574).
        by_source: ``True`` to send functions that travel by value as source text, ``"prefer"`` to
            send them so where their text is proved and as bytecode, for this Python version alone,
            where it is not; ``False`` for cloudpickle's own bytes.

    Raises:
        ValueError: ``by_source`` is none of the three.
    """

    def __init__(
        self,
        file: IO[bytes],
        protocol: int | None = None,
        buffer_callback: BufferCallback = None,
        by_source: BySource = False,
    ) -> None:
        if by_source not in (True, False, "prefer"):
            raise ValueError(f'by_source is True, False or "prefer", not {by_source!r}')
        super().__init__(file, protocol=protocol, buffer_callback=buffer_callback)
        self._reducer = Reducer(by_source == "prefer") if by_source else None

    def reducer_override(self, obj: Any) -> Any:
        """Return the reduce value of an object that travels by value, else ``NotImplemented``."""
        if self._reducer is None:
            return super().reducer_override(obj)
        return self._reducer.reduce(obj)

    def dump(self, obj: Any) -> None:
        """Write the pickle of an object to the file.

        Raises:
            SourceNotFoundError: There is no text for a function that travels by value.
            SourceMismatchError: Its text does not compile to its own code.
            pickle.PicklingError: As in cloudpickle.
        """
        if self._reducer is not None:
            self._reducer.start()
        super().dump(obj)


CloudPickler = Pickler


def dump(
    obj: Any,
    file: IO[bytes],
    protocol: int | None = None,
    buffer_callback: BufferCallback = None,
    by_source: BySource = False,
) -> None:
    """Write the pickle of an object to a file; see :class:`Pickler` for the options and errors."""
    Pickler(file, protocol, buffer_callback, by_source).dump(obj)


def dumps(
    obj: Any,
    protocol: int | None = None,
    buffer_callback: BufferCallback = None,
    by_source: BySource = False,
) -> bytes:
    """Return the pickle of an object; see :class:`Pickler` for the options and errors."""
    with io.BytesIO() as file:
        Pickler(file, protocol, buffer_callback, by_source).dump(obj)
        return file.getvalue()
