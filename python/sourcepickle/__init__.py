"""cloudpickle whose functions travel as source text, so that any Python version loads them.

A drop-in for :mod:`cloudpickle`: every public name of the cloudpickle that is installed is here
too, and with ``by_source=False`` the bytes are its own.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

__version__ = "0.1.0"

__all__ = [
    "HMAC",
    "CloudPickler",
    "FunctionRecord",
    "Installation",
    "Item",
    "NotAllowedError",
    "NotImportableError",
    "NotPortableError",
    "PickleByReferenceError",
    "Pickler",
    "Plan",
    "Portable",
    "SignatureError",
    "SourceDamagedError",
    "SourceMismatchError",
    "SourceNotFoundError",
    "SourceVersionError",
    "TargetVersionError",
    "Unpickler",
    "__version__",
    "dump",
    "dumps",
    "getsource",
    "install",
    "load",
    "loads",
    "minimum_version",
    "plan",
    "portable",
    "register_pickle_by_value",
    "uninstall",
    "unregister_pickle_by_value",
]

# Loading a payload imports this package for the sake of `rebuild` alone, so nothing else, the
# native module and cloudpickle included, is imported before someone asks for it.
_HOMES = {
    "CloudPickler": "sourcepickle.pickler",
    "FunctionRecord": "sourcepickle.gate",
    "HMAC": "sourcepickle.signing",
    "Installation": "sourcepickle.installing",
    "Item": "sourcepickle.planning",
    "NotAllowedError": "sourcepickle.errors",
    "NotImportableError": "sourcepickle.errors",
    "NotPortableError": "sourcepickle.errors",
    "PickleByReferenceError": "sourcepickle.errors",
    "Pickler": "sourcepickle.pickler",
    "Plan": "sourcepickle.planning",
    "Portable": "sourcepickle.wrapper",
    "SignatureError": "sourcepickle.errors",
    "SourceDamagedError": "sourcepickle.rebuild",
    "SourceMismatchError": "sourcepickle.errors",
    "SourceNotFoundError": "sourcepickle.errors",
    "SourceVersionError": "sourcepickle.rebuild",
    "TargetVersionError": "sourcepickle.errors",
    "Unpickler": "sourcepickle.gate",
    "dump": "sourcepickle.pickler",
    "dumps": "sourcepickle.pickler",
    "getsource": "sourcepickle._native",
    "install": "sourcepickle.installing",
    "load": "sourcepickle.loading",
    "loads": "sourcepickle.loading",
    "minimum_version": "sourcepickle.versions",
    "plan": "sourcepickle.planning",
    "portable": "sourcepickle.wrapping",
    "uninstall": "sourcepickle.installing",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        # An import of a module of ours asks here first, which is to import no cloudpickle.
        if name.startswith("_") or importlib.util.find_spec(f"{__name__}.{name}") is not None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = "cloudpickle"
    try:
        value = getattr(importlib.import_module(home), name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    public = {name for name in dir(importlib.import_module("cloudpickle")) if name[0] != "_"}
    return sorted(public | set(__all__) | set(globals()))
