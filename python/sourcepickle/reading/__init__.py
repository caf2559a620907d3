"""What pickles hold, read from their opcodes: nothing is imported, made or run."""

from __future__ import annotations

from .errors import NotReadableError
from .items import Class, Function, Import, Item, Module, PickleItems, Value
from .payload import read

__all__ = [
    "Class",
    "Function",
    "Import",
    "Item",
    "Module",
    "NotReadableError",
    "PickleItems",
    "Value",
    "read",
]
