"""What would travel how, and why, found by a dump that writes nothing."""

from __future__ import annotations

import functools
import pickle
import types
from typing import Any, NamedTuple

import cloudpickle

from . import rebuild
from ._native import ReferenceRule, getsource
from .errors import TargetVersionError
from .pickler import BySource, Nowhere, PickleByReference, Pickler, TargetVersion

__all__ = ["Item", "Plan", "plan"]


class Item(NamedTuple):
    """One function, class or module of an object, and how it would travel."""

    object: Any
    kind: str
    """``"function"``, ``"class"`` or ``"module"``; ``"object"`` for what pickle itself refuses."""
    name: str
    """Its module and its qualified name in it."""
    how: str
    """``"by reference"``, ``"by source"``, ``"by bytecode"``, ``"by value"`` or ``"refused"``."""
    why: str
    place: str | None
    """File and line of a function, file of a module."""


class Plan(tuple[Item, ...]):
    """Items in the order in which pickle meets them; as a string, a table of them."""

    __slots__ = ()

    def __str__(self) -> str:
        rows = [(item.how, item.kind, item.name, item.place or "", item.why) for item in self]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "\n".join(lines)


def plan(
    obj: Any,
    by_source: BySource = False,
    pickle_by_reference: PickleByReference = None,
    target_version: TargetVersion = None,
) -> Plan:
    """Return what :func:`sourcepickle.dumps` would do with an object under the same options.

    It writes nothing. What pickling runs of the object's own, such as ``__reduce__``, runs. What is
    refused is an item too.

    Raises:
        TypeError, ValueError: An option is none, as for :class:`sourcepickle.Pickler`.
    """
    planner = Planner(by_source, pickle_by_reference, target_version)
    planner.run(obj)
    return Plan(planner.items)


class Planner(Pickler):
    """A pickler that writes down what it does, and nothing else.

    Args:
        by_source, pickle_by_reference, target_version: As for :class:`sourcepickle.Pickler`.
    """

    def __init__(
        self,
        by_source: BySource,
        pickle_by_reference: PickleByReference,
        target_version: TargetVersion,
    ) -> None:
        super().__init__(
            Nowhere(), None, lambda _: None, by_source, pickle_by_reference, target_version
        )
        rule = self._rule if self._reducer is None else self._reducer.rule
        self._reasons = ReferenceRule(None) if rule is None else rule
        self.items: list[Item] = []
        self._last: Any = None

    @property
    def findings(self) -> list[tuple[str, int | None]]:
        """What the target version lacks, each with the minor version that brought it."""
        return [] if self._reducer is None else self._reducer.findings()

    def run(self, obj: Any) -> None:
        """Do with an object what a dump does, whatever is refused."""
        try:
            self.dump(obj)
        except TargetVersionError:
            pass  # Each of its findings is an item's.
        except Exception as error:
            self._add(self._last, "refused", f"{type(error).__name__}: {error}")

    def reducer_override(self, obj: Any) -> Any:
        self._last = obj
        found_before = len(self.findings)
        try:
            reduced = super().reducer_override(obj)
        except pickle.PicklingError as error:
            self._add(obj, "refused", str(error))
            return _Refused, ()  # In its place, so that the rest is seen.
        findings = [text for text, _ in self.findings[found_before:]]
        if findings:
            self._add(obj, "refused", "; ".join(findings))
            return reduced
        if reduced is NotImplemented and _kind(obj) == "object":
            try:
                return self._reduced_by_pickle(obj)
            except Exception as error:
                self._add(obj, "refused", f"{type(error).__name__}: {error}")
                return _Refused, ()
        if isinstance(obj, (type, types.ModuleType, *_FUNCTIONS)) and not _is_of_picklers(obj):
            self._add(obj, self._how(obj, reduced), self._why(obj, reduced))
        return reduced

    def _add(self, obj: Any, how: str, why: str) -> None:
        self.items.append(Item(obj, _kind(obj), _name(obj), how, why, _place(obj)))

    def _reduced_by_pickle(self, obj: Any) -> Any:
        """Return the reduce value that pickle would ask for next."""
        reduce = self.dispatch_table.get(type(obj))
        return obj.__reduce_ex__(cloudpickle.DEFAULT_PROTOCOL) if reduce is None else reduce(obj)

    def _how(self, obj: Any, reduced: Any) -> str:
        if isinstance(obj, types.BuiltinFunctionType) or self._reasons.is_by_reference(obj):
            return "by reference"
        if not isinstance(obj, types.FunctionType):
            return "by reference" if reduced is NotImplemented else "by value"
        if self._reducer is None or reduced[0] is rebuild.bytecode_function:
            return "by bytecode"
        return "by source"

    def _why(self, obj: Any, reduced: Any) -> str:
        if isinstance(obj, types.BuiltinFunctionType):
            return "it is built in or implemented in C"
        why = self._reasons.reason(obj)
        if reduced is not NotImplemented and reduced[0] is rebuild.bytecode_function:
            try:
                getsource(obj)
            except pickle.PicklingError as error:
                why = f"{why}; {error}"
        return why


_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, functools._lru_cache_wrapper)


class _Refused:
    """Stands for an object that cannot travel."""


def _is_of_picklers(obj: Any) -> bool:
    """Return whether an object is a part of payloads rather than of what is pickled."""
    package = _name(obj).partition(".")[0]
    return (
        package in ("sourcepickle", "cloudpickle") or obj is types.CodeType or obj is types.CellType
    )


def _kind(obj: Any) -> str:
    if isinstance(obj, types.ModuleType):
        return "module"
    if isinstance(obj, type):
        return "class"
    return "function" if isinstance(obj, _FUNCTIONS) else "object"


def _name(obj: Any) -> str:
    if isinstance(obj, types.ModuleType):
        return str(vars(obj).get("__name__"))
    named = type(obj) if _kind(obj) == "object" else obj
    try:
        return f"{named.__module__}.{named.__qualname__}"
    except Exception:  # Its metaclass says what it likes.
        return object.__repr__(named)


def _place(obj: Any) -> str | None:
    if isinstance(obj, types.ModuleType):
        return vars(obj).get("__file__")
    if not isinstance(obj, types.FunctionType):
        return None
    code = obj.__code__
    record = rebuild.record_of_file(code.co_filename)
    filename = code.co_filename if record is None else record[3]
    return f"{filename}:{code.co_firstlineno}"
