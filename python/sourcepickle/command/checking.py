"""What ``check`` looks for: what a Python lacks of what a payload holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .._native import lacking
from ..reading import Function, Import, PickleItems

__all__ = ["Findings", "check"]


@dataclass
class Findings:
    """What stops a payload on a Python.

    Attributes:
        certain: What is sure to, each a sentence.
        uncertain: What cannot be told, each a sentence.
    """

    certain: list[str]
    uncertain: list[str]


@dataclass
class _Written:
    """A function for the native part; see there."""

    name: str
    file: str
    text: str
    first_line: int
    path: str
    annotations_are_text: bool
    globals: dict[str, tuple[str, str | None] | None]
    plain_classes: set[str]
    modules: set[str]


def check(pickles: Iterable[PickleItems], minor: int) -> Findings:
    """Return what stops payloads on Python 3 of this minor version."""
    found = Findings([], [])
    for pickle in pickles:
        for text in _certain(pickle, minor):
            if text not in found.certain:
                found.certain.append(text)
        for function in _functions(pickle):
            if len(function.pythons) > 1 and f"3.{minor}" in function.pythons:
                found.uncertain.append(f"{_place(function)}: {_bytecode(function)}")
        inside = check(pickle.nested, minor)
        found.certain += [text for text in inside.certain if text not in found.certain]
        found.uncertain += inside.uncertain
    return found


def _functions(pickle: PickleItems) -> list[Function]:
    return [item for item in pickle.items if isinstance(item, Function)]


def _certain(pickle: PickleItems, minor: int) -> Iterable[str]:
    functions = _functions(pickle)
    for function in functions:
        for problem in function.problems:
            if problem.startswith(("ALTERED", "DAMAGED")):
                yield f"{_place(function)}: {problem}"
        if function.pythons and f"3.{minor}" not in function.pythons:
            yield f"{_place(function)}: it has no source, and {_bytecode(function)} alone"
    written = [_written(function) for function in functions if function.factory is not None]
    needed = [
        (module, _outermost(name)) for module, name, is_needed in pickle.references if is_needed
    ]
    yield from lacking(minor, written, needed)


def _written(function: Function) -> _Written:
    return _Written(
        function.qualname,
        function.file,
        _encodable(function.factory or ""),
        function.factory_line,
        function.path,
        "annotations" in function.futures,
        {name: _global(place) for name, place in function.places.items()},
        function.plain_classes,
        set(function.modules),
    )


def _encodable(text: str) -> str:
    """Return a text without lone surrogates, which no source that compiles has."""
    return text.encode("utf-8", "replace").decode()


def _global(place: Import | None) -> tuple[str, str | None] | None:
    return None if place is None else (place.module, _outermost(place.name))


def _outermost(name: str | None) -> str | None:
    return None if name is None else name.partition(".")[0]


def _bytecode(function: Function) -> str:
    return f"its bytecode is Python {' or '.join(function.pythons)}'s"


def _place(function: Function) -> str:
    return f"{function.qualname} ({function.file}:{function.line})"
