"""What a payload calls while it is loaded: pure Python, standard library only.

Every public callable here is named by payloads, so none ever changes its meaning; what needs
another meaning gets another name. Nothing here imports the rest of the package, so a payload loads
where the native module is missing.

A function travels as a *source record*, a tuple of eight:

``path``        ``str``: names of the scopes from the outermost to the function's own, joined as in
                a qualified name (PEP 3155), such as ``"C.method.<locals>.<lambda>"``, but by a
                colon behind the classes that the text leaves out, such as ``"C:method"``; with a
                slash at its end where the text holds other functions too, such as ``"C.method/"``
``text``        ``str``: the factory source, the function's text in the skeleton of its scopes; or
                ``bytes``: its UTF-8, deflated (RFC 1951), where that is much shorter
``first_line``  ``int``: the line of the original file where the text's first line belongs; 0 or
                less where the skeleton needs more lines than stand above the function
``filename``    ``str``: the original file
``free``        ``tuple[str, ...]``: the function's free variables, sorted
``futures``     ``tuple[str, ...]``: names of ``__future__`` features in force, sorted
``needs``       ``None``, or ``(minor, construct, line)``: the newest construct in the text and the
                minor version of the first Python 3 whose grammar has it
``checksum``    ``int``: CRC-32 of all the above
"""

from __future__ import annotations
import __future__

import builtins
import functools
import importlib
import importlib.util
import io
import linecache
import marshal
import operator
import os
import pickle
import re
import sys
import threading
import types
import typing
import warnings
import weakref
import zlib
from typing import Any, Callable, Optional, Union

__all__ = [
    "SourceDamagedError",
    "SourceVersionError",
    "bytecode_code",
    "bytecode_function",
    "cell",
    "code",
    "fill_cell",
    "fill_function",
    "fill_functions",
    "function",
    "iterable_code",
    "iterable_coroutine",
    "method",
    "module",
    "named",
    "part",
    "renamed",
    "union",
]

Needs = Optional[tuple[int, str, int]]
Source = tuple[str, Union[str, bytes], int, str, tuple[str, ...], tuple[str, ...], Needs, int]
Bytecode = tuple[int, str, bytes, str, str, int, int]
Namespace = dict[str, Any]
# Without the last of these as far as they are None.
FunctionState = tuple[
    Optional[dict[str, Any]],  # values of the globals that the function names
    Optional[dict[str, Any]],  # contents of its filled cells, by free variable
    Optional[tuple[Any, ...]],  # __defaults__
    Optional[dict[str, Any]],  # __kwdefaults__
    Optional[dict[str, Any]],  # __annotations__
    Optional[dict[str, Any]],  # __dict__
    Optional[dict[str, Any]],  # other attributes that differ from what its code says
    Optional[dict[str, types.ModuleType]],  # modules that it imports or reaches as attributes
]


class SourceVersionError(pickle.UnpicklingError):
    """The payload needs another Python: this one has other grammar, or other bytecode."""


class SourceDamagedError(pickle.UnpicklingError):
    """The payload's source is not what was written into it."""


def function(
    source: Source, cells: tuple[types.CellType, ...] | None, namespace: Namespace
) -> types.FunctionType:
    """Make the function of a source record; :func:`fill_function` gives it its state.

    ``namespace`` becomes its ``__globals__``, with what follows from the other names added;
    ``cells`` stand in the order of the record's free variables, whose order in ``co_freevars``
    differs between versions. No default, annotation, decorator or class body is evaluated.

    Raises :class:`SourceVersionError` and :class:`SourceDamagedError`.
    """
    return _function_of_source(code(source), source, cells, namespace)


def iterable_coroutine(
    source: Source, cells: tuple[types.CellType, ...] | None, namespace: Namespace
) -> types.FunctionType:
    """Make a function as :func:`function` does, of a generator that :func:`types.coroutine` marked.

    Raises :class:`SourceVersionError` and :class:`SourceDamagedError`.
    """
    return _function_of_source(iterable_code(source), source, cells, namespace)


def code(source: Source) -> types.CodeType:
    """Compile a source record and take the function's code object out of it.

    Raises :class:`SourceVersionError` and :class:`SourceDamagedError`.
    """
    try:
        return _cached_code(source)
    # What a record that is not of our making raises, be it of other types or of other values.
    except (AttributeError, IndexError, OverflowError, TypeError, ValueError, zlib.error) as error:
        raise SourceDamagedError(
            f"{error}: altered on its way; get it again from its writer"
        ) from None


def iterable_code(source: Source) -> types.CodeType:
    """Compile a source record as :func:`code` does, and mark it as :func:`types.coroutine` would.

    Raises :class:`SourceVersionError` and :class:`SourceDamagedError`.
    """
    code(source)  # It knows best what is wrong with a record.
    return _cached_iterable_code(source)


def renamed(own_code: types.CodeType, name: str, qualname: str | None) -> types.CodeType:
    """Return a code object under names that it was given after it was compiled.

    ``qualname`` is ``None`` where it is as the text has it, and where the writer's Python knew of
    none (before 3.11).
    """
    changes: dict[str, Any] = {"co_name": name}
    if qualname is not None and sys.version_info >= (3, 11):
        changes["co_qualname"] = qualname
    return own_code.replace(**changes)


def bytecode_function(
    bytecode: Bytecode, cells: tuple[types.CellType, ...] | None, namespace: Namespace
) -> types.FunctionType:
    """Make a function that travelled as bytecode, for want of source, under ``by_source="prefer"``.

    ``bytecode`` is the magic number of the writer's bytecode (``importlib.util.MAGIC_NUMBER``, as
    a little-endian ``int``), the writer's version, the marshalled code object, the function's name,
    file and line, and the CRC-32 of the marshalled code.

    Raises as :func:`bytecode_code`.
    """
    own_code = bytecode_code(bytecode)
    return _function(own_code, own_code.co_name, bytecode[4], cells, namespace)


def bytecode_code(bytecode: Bytecode) -> types.CodeType:
    """Return the code object of a bytecode record.

    Raises :class:`SourceVersionError` where this Python's bytecode is another, and
    :class:`SourceDamagedError` where it is not what was written: it could end the process.
    """
    magic, version, marshalled, name, filename, line, crc = bytecode
    if magic != int.from_bytes(importlib.util.MAGIC_NUMBER, "little"):
        raise SourceVersionError(
            f"{name} ({filename}:{line}) travels as bytecode of Python {version}, which this "
            f"Python {_version()} cannot run; load it on Python {version}, or dump it from a file "
            "whose text is available, or with its text attached as __source__"
        )
    if zlib.crc32(marshalled) != crc:
        raise SourceDamagedError(f"{name} ({filename}:{line}): its bytecode was altered on its way")
    own_code: types.CodeType = marshal.loads(marshalled)
    return own_code


def fill_function(target: types.FunctionType, state: FunctionState) -> None:
    """Give a function its state, once the pickle knows it and so every cycle through it closes."""
    values, contents, defaults, kwdefaults, annotations, attributes, others, modules = (
        *state,
        *(None,) * 8,
    )[:8]
    if values is not None:
        target.__globals__.update(values)
    if contents is not None:
        for name, own_cell in zip(target.__code__.co_freevars, target.__closure__ or ()):
            if name in contents:
                own_cell.cell_contents = contents[name]
    if defaults is not None:
        target.__defaults__ = defaults
    if kwdefaults is not None:
        target.__kwdefaults__ = kwdefaults
    if annotations is not None:
        target.__annotations__ = _readable(target, annotations)
    if attributes is not None:
        target.__dict__.update(attributes)
    for name, value in (others or {}).items():
        setattr(target, name, value)
    if modules is not None:
        bring = getattr(target.__globals__["__builtins__"].get("__import__"), "bring", None)
        for name, found in modules.items():
            if bring is not None and sys.modules.get(name) is not found:
                bring(name, found)


def fill_functions(_: None, states: tuple[tuple[types.FunctionType, FunctionState], ...]) -> None:
    """Give functions their states, those of a class's methods once it has all of them.

    The first argument is another such call, which sets what of the states needs no object that the
    rest of them brings.
    """
    for target, state in states:
        fill_function(target, state)


def _readable(target: types.FunctionType, annotations: dict[str, Any]) -> dict[str, Any]:
    """Return annotations with the text of those that this Python cannot make."""
    # Only what that module makes is unreadable, and it is not loaded for every payload.
    readable = getattr(sys.modules.get(f"{__name__}.typing_constructs"), "readable", None)
    return readable(annotations, target.__code__) if readable else annotations


def cell() -> types.CellType:
    """Make an empty cell."""
    return types.CellType()


def fill_cell(target: types.CellType, contents: tuple[Any]) -> None:
    """Set the contents of a cell that travels on its own."""
    (target.cell_contents,) = contents


def module(name: str) -> types.ModuleType:
    """Import a module by its full name.

    Raises :class:`ImportError`.
    """
    # importlib.import_module of 3.9 waits for the module's lock, which a fork may have left locked.
    __import__(name)
    return sys.modules[name]


def named(home: str, name: str) -> Any:
    """Return what a module has under a qualified name.

    Raises :class:`ImportError` and :class:`AttributeError`.
    """
    return functools.reduce(getattr, name.split("."), module(home))


def part(name: str, *_: object) -> Namespace:
    """Return the namespace of a module of this package, given its name's end after the package's.

    A payload that stands alone calls it, with what makes the module where this package is missing.
    """
    return importlib.import_module(__name__ + name).__dict__


def method(target: Callable[..., Any], instance: object) -> types.MethodType:
    """Bind a function to an instance."""
    return types.MethodType(target, instance)


def union(members: tuple[Any, ...]) -> Any:
    """Make the union of types that ``|`` makes from Python 3.10 on (PEP 604)."""
    try:
        return functools.reduce(operator.or_, members)
    except TypeError:
        return typing.Union[members]


def _function_of_source(
    own_code: types.CodeType,
    source: Source,
    cells: tuple[types.CellType, ...] | None,
    namespace: Namespace,
) -> types.FunctionType:
    if cells is not None and own_code.co_freevars != source[4]:
        by_name = dict(zip(source[4], cells))
        try:
            cells = tuple(by_name[name] for name in own_code.co_freevars)
        except KeyError as missing:
            raise SourceDamagedError(f"{_place(source)}: it brings no cell for {missing}") from None
    return _function(own_code, source[0], source[3], cells, namespace)


def _function(
    own_code: types.CodeType,
    qualname: str,
    filename: str,
    cells: tuple[types.CellType, ...] | None,
    namespace: Namespace,
) -> types.FunctionType:
    complete(namespace, filename)
    made = types.FunctionType(own_code, namespace, None, None, cells)
    # Versions differ in what code says here (PEP 709); the state has it where it is another.
    made.__qualname__ = qualname_of(qualname)
    return made


def qualname_of(path: str) -> str:
    """Return the qualified name of the function that a path leads to (PEP 3155)."""
    return path.rstrip("/").replace(":", ".")


def complete(namespace: Namespace, filename: str) -> None:
    """Give globals, once, what a payload leaves out of them, given a file of a function of theirs.

    That is the builtins; the package, where it is as a script's or as the module's name has it; and
    the file, where it is the function's. An empty tuple says that there is nothing.
    """
    if "__builtins__" in namespace:
        return
    # Where it is missing FunctionType takes that of the calling frame, not the user's.
    namespace["__builtins__"] = builtins.__dict__
    if "__package__" not in namespace:
        name = namespace.get("__name__", "")
        namespace["__package__"] = None if name == "__main__" else name.rpartition(".")[0]
    namespace.setdefault("__file__", filename)
    for name in ("__package__", "__file__"):
        if isinstance(namespace[name], tuple):
            del namespace[name]


# Compiling


def checksum(source: tuple[Any, ...]) -> int:
    """Return the CRC-32 of the first seven fields of a source record, of the text the last."""
    path, text, first_line, filename, free, futures, needs = source[:7]
    # As ASCII, for which characters repr prints differs between versions.
    fields = f"{path!a}{first_line!a}{filename!a}{free!a}{futures!a}{needs!a}"
    if isinstance(text, str):
        text = text.encode()
    return zlib.crc32(text, zlib.crc32(fields.encode()))


def text_of(source: tuple[Any, ...]) -> str:
    """Return the factory source of a record.

    Raises :class:`SourceDamagedError` as :func:`inflated`.
    """
    text = source[1]
    return text if isinstance(text, str) else inflated(text, -15).decode()


def inflated(data: bytes, *options: Any) -> bytes:
    """Return deflated data as it was, given the options of :func:`zlib.decompressobj`.

    Raises :class:`SourceDamagedError` where it has no end within 64 MiB: a payload a thousandth as
    long as what it inflates to is not to take all memory.
    """
    inflater = zlib.decompressobj(*options)
    whole = inflater.decompress(data, 1 << 26)
    if not inflater.eof:
        raise SourceDamagedError("the payload's text is cut off or too long")
    return whole


def compile_record(source: Source, filename: str, optimize: int = -1) -> types.CodeType:
    """Compile a source record under a file name and return the function's code object.

    ``optimize`` is as in :func:`compile`: -1 for the level that this interpreter runs at.

    The writer proves by this very call that the record gives back the code it stands for. Each
    compilation raises the audit event ``sourcepickle.compile`` (PEP 578) with the record's path, or
    that of the scope whose functions share the text, the file, the first line and the text.

    Raises :class:`SourceVersionError` where this Python does not accept the text, and
    :class:`SourceDamagedError` where the text does not hold the function.
    """
    path, text, first_line, home, _, futures, needs, _ = source
    if needs is not None and sys.version_info < (3, needs[0]):
        minor, construct, line = needs
        raise SourceVersionError(
            f"{_place(source)} needs Python 3.{minor} or newer, for {construct} on line {line}; "
            f"this is Python {_version()}"
        )
    compiled, scope = _compiled, path
    if path[-1:] == "/":
        compiled, scope = _compiled_once, path.rpartition(".")[0] or "<module>"
    for is_in_place in (False, True):
        outer, offset, names_class = compiled(
            scope, text, first_line, home, futures, filename, optimize, is_in_place
        )
        found = _find(outer, source)
        # From 3.13 on a class body has its line as a constant too: compile it in place.
        if not (offset > 0 and names_class and _holds_class(found)):
            break
    return _placed(found, offset, path) if offset or ":" in path else found


def _compiled(
    path: str,
    packed: str | bytes,
    first_line: int,
    home: str,
    futures: tuple[str, ...],
    filename: str,
    optimize: int,
    is_in_place: bool,
) -> tuple[types.CodeType, int, bool]:
    """Compile the text of a record.

    Return its code, by how many lines this is to be moved, and whether a class may stand in it.
    """
    text = text_of((path, packed))
    sys.audit("sourcepickle.compile", path, home, first_line, text)
    flags = 0
    for name in futures:
        flags |= getattr(__future__, name).compiler_flag
    mute_warnings()
    offset = first_line - 1
    try:
        if offset > _MOST_LINES:
            raise OverflowError("too long")
        if is_in_place or (0 < offset < _FEW_LINES + len(text) and ":" not in path):
            text = "\n" * offset + text
            offset = 0
        return compile(text, filename, "exec", flags, True, optimize), offset, "class" in text
    except _NOT_ACCEPTED as error:
        raise SourceVersionError(
            f"{_place((path, text, first_line, home))}: this Python {_version()} does not accept "
            f"its source: {type(error).__name__}: {error}"
        ) from error


# The functions that share a text come one behind the other.
_compiled_once = functools.lru_cache(maxsize=8)(_compiled)


# A blank line in front costs the compiler a byte and some 13 nanoseconds; moving code costs two
# microseconds and more, the longer the text is.
_FEW_LINES = 100
# Blank lines in front of more would take all memory, and no file has so many.
_MOST_LINES = 10_000_000

_NOT_ACCEPTED = (
    SyntaxError,
    ValueError,
    # It nests deeper than this compiler goes.
    OverflowError,
    RecursionError,
    MemoryError,
    # The compiler fails on what its grammar accepts, as those of 3.12 and 3.13 can.
    SystemError,
)


# It has no subclasses, and is asked for often.
_CODE = types.CodeType


def _find(outer: types.CodeType, source: Source) -> types.CodeType:
    """Follow a record's path of names down from a module's code object."""
    at = outer
    path = source[0]
    for name in path.split(":")[-1].rstrip("/").replace(".<locals>", "").split("."):
        inner = _child(at, name)
        if inner is not None:
            at = inner
        elif name not in _OF_SOME_VERSIONS:
            raise SourceDamagedError(f"{_place(source)}: the payload's text does not hold {path!r}")
    return at


# Comprehensions are compiled into the function around them from CPython 3.12 on (PEP 709), and
# annotations before 3.14 (PEP 649).
_OF_SOME_VERSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "__annotate__")


def _child(outer: types.CodeType, name: str) -> types.CodeType | None:
    """Return the last code object of a name: a lambda comes after those in its defaults."""
    generic = None
    for const in reversed(outer.co_consts):
        if type(const) is _CODE:
            if const.co_name == name:
                return const
            if const.co_name.startswith("<generic parameters of ") and (
                generic is None or const.co_name.endswith(f" {name}>")
            ):
                generic = const
    return None if generic is None else _child(generic, name)


def _with_nested(outer: types.CodeType) -> list[types.CodeType]:
    """Return a code object and all inside it, none before the one that it is in.

    Code nests as deep as CPython's compiler goes, which is deeper than Python functions call.
    """
    found = [outer]
    for own_code in found:
        found += [const for const in own_code.co_consts if type(const) is _CODE]
    return found


def _holds_class(outer: types.CodeType) -> bool:
    return any(
        "__firstlineno__" in inner.co_names + inner.co_freevars + inner.co_cellvars
        for inner in _with_nested(outer)
    )


def _placed(outer: types.CodeType, offset: int, path: str) -> types.CodeType:
    """Move a code object, and all inside it, to other lines, and into classes that were left out.

    There is nothing inside where classes were.
    """
    changes: dict[str, Any] = {}
    if ":" in path:
        if sys.version_info >= (3, 11):
            changes["co_qualname"] = qualname_of(path)
        if "." not in path.split(":")[-1] and sys.version_info >= (3, 14):
            changes["co_flags"] = outer.co_flags | _CO_METHOD
    moved: dict[int, types.CodeType] = {}
    for inner in reversed(_with_nested(outer)):
        if moved:
            changes["co_consts"] = tuple([moved.get(id(const), const) for const in inner.co_consts])
        moved[id(inner)] = inner.replace(co_firstlineno=inner.co_firstlineno + offset, **changes)
    return moved[id(outer)]


# What stands in a class has this flag from 3.14 on (CPython Include/cpython/code.h).
_CO_METHOD = 0x8000000


def mute_warnings() -> None:
    """Keep the compiler's warnings about loaded text from the user, who has seen them at home.

    The filter is for our file names alone, so it can stay; ``warnings.catch_warnings`` would
    exchange the filters of all threads.
    """
    filters = warnings.filters
    if not filters or filters[0] != _MUTE:
        warnings.filterwarnings("ignore", module=re.escape(_PREFIX))


_PREFIX = "<sourcepickle "
_MUTE = ("ignore", None, Warning, re.compile(re.escape(_PREFIX)), 0)


def _place(source: tuple[Any, ...]) -> str:
    path, _, first_line, filename = source[:4]
    return f"{qualname_of(path)} ({filename}:{max(first_line, 1)})"


def _version() -> str:
    return sys.version.split()[0]


# Lines for tracebacks, inspect and pickling again


def lock_over_forks() -> Any:
    """Return a lock that waits for its holder before a fork, for the child would wait for ever."""
    lock = threading.RLock()
    if hasattr(os, "register_at_fork"):
        release = lock.release
        os.register_at_fork(before=lock.acquire, after_in_parent=release, after_in_child=release)
    return lock


# By the very string that code loaded from the file has as its `co_filename`, code inside it too:
# how many refer to it says whether there is any left, at no cost to a load.
_files: dict[str, _File] = {}
_files_lock = lock_over_forks()


class _File:
    """The file that loaded code names.

    It is the sequence of its lines: the record's text at its place, with blank lines before it. No
    ``collections.abc.Sequence``, whose import fails where threads are the first to import it.
    """

    # The code object that the record stands for; none where records share the text.
    root: weakref.ref[types.CodeType] | None = None

    def __init__(self, name: str, source: Source) -> None:
        self.name = name
        self.source = source

    @functools.cached_property
    def _lines(self) -> list[str]:
        # Few look at the lines of what they load.
        above = self.source[2] - 1
        lines = list(io.StringIO(text_of(self.source), newline=None))
        return ["\n"] * above + lines[max(-above, 0) :]

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, at: Any) -> Any:
        return self._lines[at]


def _file_for(source: Source) -> _File:
    """Return the file of a record's text, under a name that no file on this machine has."""
    base = f"{_PREFIX}{source[3]}:{max(source[2], 1)}"
    name, count = f"{base}>", 1
    while (file := _files.get(name)) is not None and _text_key(file.source) != _text_key(source):
        count += 1
        name = f"{base} {count}>"
    return _File(name, source) if file is None else file


def _text_key(source: Source) -> tuple[Any, ...]:
    """Return what records that share a text have in common; of others all there is."""
    # The type first: `python -bb` does not let texts of two types be compared.
    return type(source[1]), *source[1:4], source[5], source[0][-1:] == "/" or source


def _add(file: _File) -> None:
    """Keep a file for as long as code of it lives, and until there are a thousand more."""
    # A copy of the name, for only code is to refer to the string itself. No modification time:
    # linecache then never looks for the file, nor drops the lines.
    copy = file.name[:-1] + ">"
    linecache.cache[copy] = (0, None, file, copy)  # type: ignore[assignment]
    _files[file.name] = file
    if not len(_files) % 1024:
        _let_go()


def _let_go() -> None:
    """Forget the files that no code names any more."""
    without_code = _File(f"{_PREFIX}>", None)  # type: ignore[arg-type]  # its name is all there is
    others = {without_code.name: without_code}
    names = [*_files, *others]
    *counts, fewest = [sys.getrefcount(name) for name in names]
    for name, count in zip(names, counts):
        if count <= fewest:
            linecache.cache.pop(name, None)
            del _files[name]


@functools.lru_cache(maxsize=4096)
def _cached_code(source: Source) -> types.CodeType:
    # What is no tuple may have been given a checksum of its own.
    if checksum(source) != source[7] or type(source[4]) is not tuple:
        raise ValueError(_place(source))
    with _files_lock:
        file = _file_for(source)
        own_code = compile_record(source, file.name)
        if source[0][-1:] != "/":
            file.source, file.root = source, weakref.ref(own_code)
        _add(file)
    return own_code


# The flag by which ``await`` takes a generator, all that types.coroutine sets; CPython
# Include/cpython/code.h has it, and inspect, which is slow to import.
_CO_ITERABLE_COROUTINE = 0x100


@functools.lru_cache(maxsize=4096)
def _cached_iterable_code(source: Source) -> types.CodeType:
    own_code = code(source)
    own_code = own_code.replace(co_flags=own_code.co_flags | _CO_ITERABLE_COROUTINE)
    _files[own_code.co_filename].root = weakref.ref(own_code)
    return own_code


def record_of_file(filename: str) -> Source | None:
    """Return the source record behind a loaded code object's ``co_filename``."""
    file = _files.get(filename)
    return None if file is None else file.source


def record_of_code(own_code: types.CodeType) -> Source | None:
    """Return the source record that a code object was loaded from, if that is for it alone."""
    file = _files.get(own_code.co_filename)
    if file is None or file.root is None or file.root() is not own_code:
        return None
    return file.source


def give_own_names(namespace: dict[str, Any]) -> None:
    """Give what a module's ``__all__`` names a string object of its own for its name.

    The pickler writes a string object once and refers back to it after that. These names are
    common words; were they interned, a user's equal string would be the same object or not
    depending on where it came from, and so would the bytes.
    """
    for name in namespace["__all__"]:
        namespace[name].__qualname__ = "".join(list(name))


give_own_names(globals())

# What a payload that stands alone asks of an installed package: raised with every new name in an
# ``__all__`` of this package. Set last, so that what is only half imported does not have it.
FORMAT = 1
