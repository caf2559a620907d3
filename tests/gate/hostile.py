"""Payloads that do harm where plain pickle loads them: builders by name.

Each makes, given the path of a marker, a payload which, loaded, makes the marker or changes what
the receiver has (state.py); and says what ``allow`` and ``review`` a careless gate would let it
through with.
"""

from __future__ import annotations

from . import (
    hostile_hooks,
    hostile_opcodes,
    hostile_rebuild,
    hostile_references,
    hostile_size,
    hostile_source,
)
from .attack import ATTACKS, HARMLESS, REFUSED, STOPS, Attack

__all__ = ["ATTACKS", "HARMLESS", "KINDS", "REFUSED", "STOPS", "Attack"]

KINDS = [
    hostile_hooks,
    hostile_opcodes,
    hostile_rebuild,
    hostile_references,
    hostile_size,
    hostile_source,
]
