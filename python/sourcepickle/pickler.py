"""The pickler: cloudpickle's, with the native reducer plugged in where it is asked for."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import IO, Any, Callable, Literal, Optional, Union

import cloudpickle

from ._native import Reducer, ReferenceRule
from .bytecode import reduce_as_bytecode

__all__ = ["CloudPickler", "Pickler", "dump", "dumps"]

BySource = Union[bool, Literal["prefer"]]
BufferCallback = Optional[Callable[[Any], Any]]
PickleByReference = Union[Callable[[Any], bool], Iterable[str], None]


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    """cloudpickle's pickler with more options.

    Args:
        file: A binary file to write to.
        protocol: The pickle protocol; ``None`` for ``cloudpickle.DEFAULT_PROTOCOL``.
        buffer_callback: As in :class:`pickle.Pickler` (PEP 574).
        by_source: ``True`` to send functions that travel by value as source text, ``"prefer"`` to
            send them so where their text is proved and as bytecode, for this Python version alone,
            where it is not; ``False`` for cloudpickle's own bytes.
        pickle_by_reference: What the receiver can import. A callable that is given a function or
            class and returns whether it travels by reference, or a collection of the names of
            top-level packages; a module goes the way of its code. ``None`` for cloudpickle's rule:
            what is importable here. The standard library, what is implemented in C, sourcepickle
            and cloudpickle always travel by reference.

    Raises:
        TypeError: ``pickle_by_reference`` is none of these.
        ValueError: ``by_source`` is none of the three, or a package's name is no top-level one.
    """

    def __init__(
        self,
        file: IO[bytes] | Nowhere,
        protocol: int | None = None,
        buffer_callback: BufferCallback = None,
        by_source: BySource = False,
        pickle_by_reference: PickleByReference = None,
    ) -> None:
        if by_source not in (True, False, "prefer"):
            raise ValueError(f'by_source is True, False or "prefer", not {by_source!r}')
        super().__init__(file, protocol=protocol, buffer_callback=buffer_callback)
        rule = ReferenceRule(pickle_by_reference)
        self._reducer = Reducer(by_source == "prefer", rule) if by_source else None
        # Without it cloudpickle's own way is taken, and its own rule.
        self._rule = rule if by_source or pickle_by_reference is not None else None

    def reducer_override(self, obj: Any) -> Any:
        """Return the reduce value of an object that travels by value, else ``NotImplemented``."""
        if self._reducer is not None:
            return self._reducer.reduce(obj)
        if self._rule is not None:
            return reduce_as_bytecode(self, self._rule, obj)
        return super().reducer_override(obj)

    def dump(self, obj: Any) -> None:
        """Write the pickle of an object to the file.

        Raises:
            SourceNotFoundError: There is no text for a function that travels by value.
            SourceMismatchError: Its text does not compile to its own code.
            NotPortableError: What travels by value is implemented in C.
            NotImportableError: What ``pickle_by_reference`` sends by reference no import gives.
            PickleByReferenceError: ``pickle_by_reference`` raised, or gave no ``bool``.
            pickle.PicklingError: As in cloudpickle.
        """
        if self._rule is not None:
            self._rule.start()
        if self._reducer is not None:
            self._reducer.start()
        super().dump(obj)


CloudPickler = Pickler


class Nowhere:
    """A file for picklers that are to write nothing."""

    def write(self, data: Any) -> int:
        """Return the size of the data, in bytes."""
        return len(data)


def dump(
    obj: Any,
    file: IO[bytes],
    protocol: int | None = None,
    buffer_callback: BufferCallback = None,
    by_source: BySource = False,
    pickle_by_reference: PickleByReference = None,
) -> None:
    """Write the pickle of an object to a file; see :class:`Pickler` for the options and errors."""
    Pickler(file, protocol, buffer_callback, by_source, pickle_by_reference).dump(obj)


def dumps(
    obj: Any,
    protocol: int | None = None,
    buffer_callback: BufferCallback = None,
    by_source: BySource = False,
    pickle_by_reference: PickleByReference = None,
) -> bytes:
    """Return the pickle of an object; see :class:`Pickler` for the options and errors."""
    with io.BytesIO() as file:
        Pickler(file, protocol, buffer_callback, by_source, pickle_by_reference).dump(obj)
        return file.getvalue()
