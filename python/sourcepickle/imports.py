"""A look at modules as soon as they are imported."""

from __future__ import annotations

import sys
from collections.abc import Collection
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Callable

__all__ = ["ImportWatch"]


class ImportWatch:
    """Has a callable called with each of some modules once it is imported.

    Args:
        names: The full names of the modules.
        imported: What is called with a module when its code has run.
    """

    def __init__(self, names: Collection[str], imported: Callable[[ModuleType], None]) -> None:
        self._names = names
        self._imported = imported

    def begin(self) -> None:
        """Watch."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def end(self) -> None:
        """Watch no more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return what the other finders find, with a loader that tells when it has loaded."""
        if name not in self._names:
            return None
        for finder in sys.meta_path:
            find_spec = getattr(finder, "find_spec", None)
            if finder is self or find_spec is None:
                continue
            spec: ModuleSpec | None = find_spec(name, path, target)
            if spec is not None:
                self._tell(spec.loader)
                return spec
        return None

    def _tell(self, loader: Any) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            # The loader is of this module alone, and as it was again.
            del loader.exec_module
            execute(module)
            self._imported(module)

        loader.exec_module = exec_module
