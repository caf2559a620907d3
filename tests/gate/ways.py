"""The ways to load a payload: plain pickle, and each of the gate's."""

from __future__ import annotations

import io
import pickle
from typing import Any

import sourcepickle

PLAIN = "plain"
GATES = ("loads", "load", "Unpickler")


def load(data: bytes, way: str, options: dict[str, Any]) -> Any:
    """Return what a payload holds; plain pickle knows no options."""
    if way == PLAIN:
        return pickle.loads(data)
    gate: Any = getattr(sourcepickle, way)
    if way == "loads":
        return gate(data, **options)
    if way == "load":
        return gate(io.BytesIO(data), **options)
    return gate(io.BytesIO(data), **options).load()
