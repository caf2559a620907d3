"""The pickler: cloudpickle's, with the native reducer plugged in where it is asked for."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any, Callable, Literal, Optional, Union

import cloudpickle

from ._native import Reducer, ReferenceRule
from .bytecode import reduce_as_bytecode
from .errors import TargetVersionError

if TYPE_CHECKING:
    from .signing import Sign

__all__ = ["CloudPickler", "Pickler", "dump", "dumps"]

BySource = Union[bool, Literal["prefer"]]
BufferCallback = Optional[Callable[[Any], Any]]
PickleByReference = Union[Callable[[Any], bool], Iterable[str], None]
TargetVersion = Optional[tuple[int, int]]

_IMPORTABLE = ReferenceRule(None)


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
        target_version: The oldest Python that is to load the pickle, such as ``(3, 9)``: what it
            is known to lack is refused. ``None`` to leave it to the receiver.
        standalone: Whether the pickle brings the code that loads it, for receivers that have the
            standard library alone.

    Raises:
        TypeError: ``pickle_by_reference`` is none of these.
        ValueError: ``by_source`` is none of the three, a package's name is no top-level one,
            ``target_version`` is no version from 3.9 on, or it or ``standalone`` is given without
            ``by_source``.
    """

    _reducer: Reducer | None
    # Of what travels as cloudpickle has it, where it is not cloudpickle's own.
    _rule: ReferenceRule | None = None
    _withheld: _Withheld | None

    def __init__(
        self,
        file: IO[bytes] | Nowhere,
        protocol: int | None = None,
        buffer_callback: BufferCallback = None,
        by_source: BySource = False,
        pickle_by_reference: PickleByReference = None,
        target_version: TargetVersion = None,
        standalone: bool = False,
    ) -> None:
        rule = _IMPORTABLE if pickle_by_reference is None else ReferenceRule(pickle_by_reference)
        self._reducer = reducer = new_reducer(by_source, rule, target_version, standalone)
        if reducer is not None:
            if type(self).reducer_override is _REDUCER_OVERRIDE:
                # The C pickler then calls native code, with no frame of Python between.
                self.reducer_override = reducer.reduce  # type: ignore[method-assign]
        else:
            self._rule = rule if pickle_by_reference is not None else None
            # A pickler can be initialised again.
            self.__dict__.pop("reducer_override", None)
        self._withheld = None if target_version is None else _Withheld(file)
        super().__init__(self._withheld or file, protocol, buffer_callback)

    def reducer_override(self, obj: Any) -> Any:
        """Return the reduce value of an object that travels by value, else ``NotImplemented``."""
        if self._reducer is not None:
            return self._reducer.reduce(obj)
        if self._rule is not None:
            return reduce_as_bytecode(self, self._rule, obj)
        return super().reducer_override(obj)

    def dump(self, obj: Any) -> None:
        """Write the pickle of an object to the file.

        After an error, of the file or of an object too, the next dump refers to none before it.

        Raises:
            SourceNotFoundError: There is no text for a function that travels by value.
            SourceMismatchError: Its text does not compile to its own code.
            NotPortableError: What travels by value is implemented in C.
            NotImportableError: What ``pickle_by_reference`` sends by reference no import gives.
            PickleByReferenceError: ``pickle_by_reference`` raised, or gave no ``bool``.
            TargetVersionError: ``target_version`` lacks what the object needs; nothing is written.
            pickle.PicklingError: As in cloudpickle.
        """
        if self._reducer is not None:
            self._reducer.start()
        elif self._rule is not None:
            self._rule.start()
        try:
            super().dump(obj)
            if self._withheld is not None:
                if self._reducer is not None:
                    refuse_findings(self._reducer)
                self._withheld.release()
        except BaseException:
            self.clear_memo()  # It refers to what was not written.
            raise
        finally:
            if self._withheld is not None:
                self._withheld.data.clear()


CloudPickler = Pickler

# A subclass may have another, and so may the class itself, if somebody patches it.
_REDUCER_OVERRIDE = Pickler.reducer_override

_CLOUDPICKLES_DUMP = cloudpickle.Pickler.dump


class Nowhere:
    """A file for picklers that are to write nothing."""

    def write(self, data: Any) -> int:
        """Return the size of the data, in bytes."""
        return len(data)


class _Withheld:
    """A file that gets what is written once it is known that nothing was refused."""

    def __init__(self, file: IO[bytes] | Nowhere) -> None:
        self._file = file
        self.data: list[bytes] = []

    def write(self, data: Any) -> int:
        self.data.append(bytes(data))
        return len(data)

    def release(self) -> None:
        for data in self.data:
            self._file.write(data)


def new_reducer(
    by_source: BySource, rule: ReferenceRule, target_version: TargetVersion, standalone: bool
) -> Reducer | None:
    """Return the reducer that a pickler's options ask for; ``None`` without ``by_source``.

    Raises:
        ValueError: As :class:`Pickler`.
    """
    if by_source not in (True, False, "prefer"):
        raise ValueError(f'by_source is True, False or "prefer", not {by_source!r}')
    target = None if target_version is None else _minor(target_version, by_source)
    carried = _carried(by_source) if standalone else None
    return Reducer(by_source == "prefer", rule, target, carried) if by_source else None


def refuse_findings(reducer: Reducer) -> None:
    """Refuse what a dump has sent that its target lacks.

    Raises:
        TargetVersionError: There is such.
    """
    findings = reducer.findings()
    if findings:
        raise TargetVersionError(tuple(text for text, _ in findings))


def _minor(target_version: TargetVersion, by_source: BySource) -> int:
    if not by_source:
        raise ValueError("target_version needs by_source: bytecode is for this version alone")
    match = isinstance(target_version, tuple) and len(target_version) == 2
    if match and all(type(part) is int for part in target_version or ()):
        major, minor = target_version or (0, 0)
        if major == 3 and minor >= 9:
            return minor
    raise ValueError(
        f"target_version is a tuple of two numbers from (3, 9) on, not {target_version!r}"
    )


def _carried(by_source: BySource) -> dict[Callable[..., Any], Any]:
    if not by_source:
        raise ValueError("standalone needs by_source: cloudpickle's bytes need cloudpickle")
    # Here, for it is not needed otherwise and imports all of rebuild.
    from .standalone import reduced

    return reduced()


def dump(
    obj: Any,
    file: IO[bytes],
    protocol: int | None = None,
    buffer_callback: BufferCallback = None,
    by_source: BySource = False,
    pickle_by_reference: PickleByReference = None,
    target_version: TargetVersion = None,
    standalone: bool = False,
    sign: Sign | None = None,
) -> None:
    """Write the pickle of an object to a file; see :func:`dumps` for the options and errors."""
    options = (by_source, pickle_by_reference, target_version, standalone)
    if sign is None:
        Pickler(file, protocol, buffer_callback, *options).dump(obj)
    else:
        file.write(dumps(obj, protocol, buffer_callback, *options, sign))


def dumps(
    obj: Any,
    protocol: int | None = None,
    buffer_callback: BufferCallback = None,
    by_source: BySource = False,
    pickle_by_reference: PickleByReference = None,
    target_version: TargetVersion = None,
    standalone: bool = False,
    sign: Sign | None = None,
) -> bytes:
    """Return the pickle of an object; see :class:`Pickler` for the options and errors.

    ``sign`` is called with the payload, bytes, and returns the signature, bytes, that it is to
    begin with; see :class:`sourcepickle.HMAC`.

    Raises:
        ValueError: ``sign`` is given with ``buffer_callback``, whose buffers no signature covers;
            or as :class:`Pickler`.
    """
    if sign is not None:
        if buffer_callback is not None:
            raise ValueError("no signature covers what goes to buffer_callback: dump without it")
        from .signing import signed

        options = (by_source, pickle_by_reference, target_version, standalone)
        return signed(dumps(obj, protocol, None, *options), sign)
    has_own_rule = pickle_by_reference is not None
    is_plain = by_source is False and not has_own_rule and not standalone
    # Another dump is that of install(), which is for the engines' picklers alone.
    if is_plain and target_version is None and cloudpickle.Pickler.dump is _CLOUDPICKLES_DUMP:
        own_bytes: bytes = cloudpickle.dumps(obj, protocol, buffer_callback)
        return own_bytes
    file = io.BytesIO()
    options = (by_source, pickle_by_reference, target_version, standalone)
    Pickler(file, protocol, buffer_callback, *options).dump(obj)
    return file.getvalue()
