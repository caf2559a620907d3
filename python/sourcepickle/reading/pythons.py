"""Which Python a code object of cloudpickle's is from, as far as what it is made of tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["CodeFields", "code_fields", "pythons_of"]

# The arguments of types.CodeType: CPython's Objects/codeobject.c.
_COUNTS = ("argcount", "posonlyargcount", "kwonlyargcount", "nlocals", "stacksize", "flags")
_CODE = ("code", "consts", "names", "varnames", "filename", "name")
_VARIABLES = ("freevars", "cellvars")
_FIELDS = {
    16: (*_COUNTS, *_CODE, "firstlineno", "linetable", *_VARIABLES),
    18: (*_COUNTS, *_CODE, "qualname", "firstlineno", "linetable", "exceptiontable", *_VARIABLES),
}


class CodeFields(NamedTuple):
    """The places of what is of interest among the arguments of ``types.CodeType``."""

    positional: int
    keyword_only: int
    flags: int
    code: int
    consts: int
    names: int
    varnames: int
    filename: int
    name: int
    qualname: int | None
    line: int
    linetable: int
    freevars: int


def code_fields(count: int) -> CodeFields | None:
    """Return where what stands among so many arguments, from Python 3.8 on; else ``None``."""
    names = _FIELDS.get(count)
    if names is None:
        return None
    return CodeFields(
        positional=names.index("argcount"),
        keyword_only=names.index("kwonlyargcount"),
        flags=names.index("flags"),
        code=names.index("code"),
        consts=names.index("consts"),
        names=names.index("names"),
        varnames=names.index("varnames"),
        filename=names.index("filename"),
        name=names.index("name"),
        qualname=names.index("qualname") if "qualname" in names else None,
        line=names.index("firstlineno"),
        linetable=names.index("linetable"),
        freevars=names.index("freevars"),
    )


# What a code object may begin with, by the versions whose numbers of opcodes these are: RESUME with
# its argument, 4 in generator expressions of 3.15; and before it COPY_FREE_VARS, MAKE_CELL,
# RETURN_GENERATOR and POP_TOP.
_BEGINNINGS: Sequence[tuple[tuple[str, ...], set[bytes], frozenset[int]]] = (
    (("3.11", "3.12"), {bytes((151, 0))}, frozenset({149, 135, 75, 1})),
    (("3.13",), {bytes((149, 0))}, frozenset({62, 94, 35, 32})),
    (("3.14",), {bytes((128, 0))}, frozenset({60, 97, 34, 31})),
    (("3.15",), {bytes((128, 0)), bytes((128, 4))}, frozenset({58, 96, 32, 29})),
)


def pythons_of(count: int, code: object, linetable: object) -> tuple[str, ...]:
    """Return the versions that may have made a code object of so many arguments.

    Args:
        count: How many arguments ``types.CodeType`` gets.
        code: Its instructions.
        linetable: Its table of lines.
    """
    if count == 16:
        if type(code) is bytes and type(linetable) is bytes and code:
            # That of 3.10 covers all instructions (PEP 626), older ones end where the last line
            # begins.
            return ("3.10",) if sum(linetable[::2]) == len(code) else ("3.8", "3.9")
        return "3.8", "3.9", "3.10"
    if count == 18:
        known = [version for versions, _, _ in _BEGINNINGS for version in versions]
        if type(code) is not bytes:
            return tuple(known)
        found = [
            version
            for versions, resume, before in _BEGINNINGS
            if _begins(code, resume, before)
            for version in versions
        ]
        return tuple(found or known)
    return ()


def _begins(code: bytes, resume: set[bytes], before: frozenset[int]) -> bool:
    for at in range(0, len(code) - 1, 2):
        if code[at : at + 2] in resume:
            return True
        if code[at] not in before:
            return False
    return False
