"""In what two code objects differ, told by this file's own rule and not by the package's proof."""

from __future__ import annotations

from types import CodeType

# From the worst to the least.
CODE, LINES, COLUMNS = "code", "lines", "columns"

_FIELDS = [
    "co_name",
    "co_qualname",
    "co_flags",
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_code",
    "co_exceptiontable",
    "co_stacksize",
    "co_nlocals",
]


def difference(one: CodeType, other: CodeType) -> str | None:
    """Return the worst of what differs, code objects inside included; ``None`` for the same."""
    found = {_own_difference(one, other)}
    inner, other_inner = _inner(one), _inner(other)
    if len(inner) != len(other_inner):
        return CODE
    found.update(difference(*pair) for pair in zip(inner, other_inner))
    return next((worst for worst in (CODE, LINES, COLUMNS) if worst in found), None)


def _own_difference(one: CodeType, other: CodeType) -> str | None:
    for field in _FIELDS:
        if getattr(one, field, None) != getattr(other, field, None):
            return CODE
    # The text of constants tells 0.0 from -0.0 and 1 from True; sets have no order.
    if list(map(_constant, one.co_consts)) != list(map(_constant, other.co_consts)):
        return CODE
    if one.co_firstlineno != other.co_firstlineno or _lines(one) != _lines(other):
        return LINES
    if hasattr(one, "co_positions") and list(one.co_positions()) != list(other.co_positions()):
        return COLUMNS
    return None


def _lines(code: CodeType) -> object:
    return list(code.co_lines()) if hasattr(code, "co_lines") else code.co_lnotab


def _inner(code: CodeType) -> list[CodeType]:
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def _constant(const: object) -> object:
    if isinstance(const, CodeType):
        return CodeType
    if isinstance(const, tuple):
        return tuple(map(_constant, const))
    if isinstance(const, frozenset):
        return sorted(map(repr, const))
    return type(const), repr(const)
