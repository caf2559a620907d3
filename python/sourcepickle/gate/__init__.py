"""The gate: an unpickler that lets through what its user allowed and reviewed, and nothing else.

What a pickle calls and changes while it loads is decided here, by default against it:

``unpickler``   the opcodes that call, make and change objects, each held against ``calls``
``calls``       what may be called and what may be changed: the one book of a load
``references``  what ``allow`` lets a payload name
``basics``      what every payload may name, and what none may
``guards``      the callables of ``sourcepickle.rebuild``, each with what it must not be made to do
``records``     what ``review`` is shown of a function before it is compiled
"""

from __future__ import annotations

from .records import FunctionRecord
from .unpickler import Unpickler

__all__ = ["FunctionRecord", "Unpickler"]
