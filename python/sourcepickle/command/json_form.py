"""What ``show --json`` prints; docs/command.md has its schema."""

from __future__ import annotations

from typing import Any

from ..reading import Class, Function, Item, Module, PickleItems, Value

__all__ = ["FORMAT", "json_form"]

FORMAT = 1
"""Raised with every change but new keys."""


def json_form(name: str, size: int, pickles: list[PickleItems]) -> dict[str, Any]:
    """Return what the pickles of a file hold, of what JSON has alone."""
    return {"format": FORMAT, "file": name, "size": size, "pickles": list(map(_pickle, pickles))}


def _pickle(pickle: PickleItems) -> dict[str, Any]:
    inside = {number: numbers for number, numbers in pickle.tree.items() if number is not None}
    return {
        "start": pickle.start,
        "end": pickle.end,
        "protocol": pickle.protocol,
        "opcodes": pickle.opcodes,
        "writer": pickle.writer,
        "loading_code": pickle.carries,
        "loading_code_size": pickle.carried_size,
        "object": pickle.object,
        "items": [{**_item(item), "inside": inside.get(item.number, [])} for item in pickle.items],
        "references": [{"module": module, "name": name} for module, name, _ in pickle.references],
        "persistent_ids": pickle.persistent,
        "buffers": pickle.buffers,
        "remarks": pickle.remarks,
        "nested": list(map(_pickle, pickle.nested)),
    }


def _item(item: Item) -> dict[str, Any]:
    form = {
        "number": item.number,
        "type": type(item).__name__.lower(),
        "module": item.module,
        "qualname": item.qualname,
        "size": item.size,
        "problems": item.problems,
    }
    if isinstance(item, Function):
        return {**form, **_function(item)}
    if isinstance(item, Class):
        return {**form, **_class(item)}
    assert isinstance(item, Module)
    return {**form, "file": item.file, "contents": _values(item.contents)}


def _function(function: Function) -> dict[str, Any]:
    needs = function.needs
    return {
        "kind": function.kind,
        "how": function.how,
        "file": function.file,
        "line": function.line,
        "source": function.text,
        "source_line": function.text_line,
        "is_own_source": function.is_own_text,
        "needs": needs and {"minor": needs[0], "construct": needs[1], "line": needs[2]},
        "bytecode_of": list(function.pythons),
        "futures": list(function.futures),
        "free": list(function.free),
        "parameters": list(function.parameters),
        "names": list(function.names),
        "defaults": [value.short for value in function.defaults],
        "kwdefaults": _values(function.kwdefaults),
        "closure": _values(function.closure),
        "globals": _values(function.globals),
        "annotations": _values(function.annotations),
        "attributes": _values(function.attributes),
        "modules": function.modules,
    }


def _class(cls: Class) -> dict[str, Any]:
    return {
        "kind": cls.kind,
        "bases": [base.short for base in cls.bases],
        "metaclass": None if cls.metaclass is None else cls.metaclass.short,
        "methods": _values(cls.methods),
        "fields": _values(cls.fields),
        "attributes": _values(cls.attributes),
        "annotations": _values(cls.annotations),
    }


def _values(values: dict[str, Value]) -> dict[str, str]:
    return {name: value.short for name, value in values.items()}
