"""A look at modules as soon as they are imported."""

from __future__ import annotations

import sys
from collections.abc import Collection
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Callable, cast

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
                spec.loader = cast(Any, _Telling(spec.loader, self._imported))
                return spec
        return None


class _Telling:
    """A loader that tells when it has loaded; a zip file's loads all modules in it.

    It gives way to the loader that it is before, so that the module has that for its own.
    """

    def __init__(self, loader: Any, imported: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._imported = imported

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        if not hasattr(self._loader, "exec_module"):
            return None
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        if hasattr(self._loader, "exec_module"):
            self._loader.exec_module(module)
        else:
            # Python 3.9's loader of zip files knows load_module alone, which makes its own module.
            exec(self._loader.get_code(module.__name__), vars(module))
        self._imported(module)
