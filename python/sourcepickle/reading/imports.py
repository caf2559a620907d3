"""What a receiver imports for the sake of a node."""

from __future__ import annotations

from collections.abc import Iterator

from .callables import CLOUDPICKLE, REBUILD, Name, called, is_machinery
from .items import Import
from .nodes import Call, Node, Reference
from .values import items_of, plain, text_or_none

__all__ = ["import_of", "imports_of"]


def import_of(node: object) -> Import | None:
    """Return what a node stands for by its module and its name there, where it does."""
    if type(node) is Reference:
        name = called(node)
        if name is None or is_machinery(name):
            return None
        return Import(node.module, node.name, True)
    if type(node) is not Call:
        return None
    count = _CALLS.get(called(node.function) or ("", ""))
    if count is None:
        return None
    texts = [text_or_none(item) for item in items_of(node.arguments)[:count]]
    module, name_there = [*texts, None, None][:2]
    if module is None or (count == 2 and name_there is None):
        return None
    # Of those that annotations name, these alone are bases of classes.
    is_needed = called(node.function) != _REFERENCE or (module, name_there) in _NEEDED
    return Import(module, name_there, is_needed)


_REFERENCE = (f"{REBUILD}.typing_constructs", "reference")
# Calls that import a module, or a name in one, by how many of their arguments say which.
_CALLS: dict[Name, int] = {
    (REBUILD, "module"): 1,
    (REBUILD, "named"): 2,
    _REFERENCE: 2,
    (CLOUDPICKLE, "subimport"): 1,
}
_NEEDED = {("enum", "StrEnum"), ("enum", "ReprEnum")}


def _implied_by(call: Call) -> Iterator[Import]:
    """Yield what a call of ours takes from the standard library without a name in the payload."""
    arguments = items_of(call.arguments)
    name = called(call.function)
    if name == (_PARAMETERS, "type_parameter") and len(arguments) == 6 and plain(arguments[5]):
        kind = text_or_none(arguments[1])
        if kind is not None:
            yield Import("typing", kind, True)
    elif name == (_PARAMETERS, "type_alias") and len(arguments) == 5 and plain(arguments[4]):
        yield Import("typing", "TypeAliasType", True)
    elif name == (f"{REBUILD}.enums", "enum_class") and arguments[7:] not in ([], [None]):
        yield Import("enum", "FlagBoundary", True)


_PARAMETERS = f"{REBUILD}.type_parameters"


def imports_of(nodes: list[Node], of_machinery: set[int]) -> list[Import]:
    """Return what the receiver imports for the sake of nodes, each once.

    Args:
        nodes: References and calls.
        of_machinery: The ``id`` of references by which the payload only says what it calls.
    """
    found: dict[tuple[str, str | None], Import] = {}
    for node in nodes:
        if id(node) in of_machinery:
            continue
        own = import_of(node)
        implied = _implied_by(node) if type(node) is Call else ()
        for needed in [*([own] if own else []), *implied]:
            known = found.get(needed[:2])
            if known is None or not known.is_needed:
                found[needed[:2]] = needed
    return list(found.values())
