"""What ``allow`` lets a payload reach by name."""

from __future__ import annotations

import functools
import importlib
import types
from collections.abc import Iterable
from typing import Any, Callable, Union

from ..errors import NotAllowedError
from .attributes import UNBOUND, definer, is_of_allowed, is_of_data, member
from .basics import BASICS, is_never

__all__ = ["Allow", "References", "is_basic"]

Allow = Union[Iterable[str], Callable[[str, str], bool], None]

# What says of itself in which module it was defined, and by which name.
_DEFINED = (
    type,
    types.BuiltinFunctionType,
    types.FunctionType,
    types.MethodType,
    type(functools.lru_cache(maxsize=None)(len)),
)


class References:
    """Finds what a payload names, where that is a basic type or allowed.

    Args:
        allow: Names of modules, each with all below it, or a callable that is given a module's name
            and a qualified name in it, ``""`` for the module itself.

    Raises:
        TypeError: ``allow`` is neither.
    """

    def __init__(self, allow: Allow) -> None:
        self._allows: Callable[[str, str], bool]
        # Asked once, so that nothing changes between the question and the import.
        self._known: dict[tuple[str, str], bool] = {}
        if callable(allow):
            self._allows = allow
            return
        names = [] if allow is None else [allow] if isinstance(allow, str) else list(allow)
        if isinstance(allow, (str, bytes)) or not all(isinstance(name, str) for name in names):
            raise TypeError(f"allow is a collection of modules' names or a callable, not {allow!r}")
        allowed = frozenset(names)
        self._allows = lambda module, _: any(
            module == name or module.startswith(f"{name}.") for name in allowed
        )

    def module(self, name: str) -> types.ModuleType:
        """Import a module that is allowed.

        Raises:
            NotAllowedError: It is not.
        """
        if not self.allows(name, ""):
            raise NotAllowedError(self._refusal(f"the module {name!r}", name))
        return importlib.import_module(name)

    def check(self, module: str, name: str) -> None:
        """Refuse what a payload names, before anything is imported.

        Raises:
            NotAllowedError: It may not be named.
        """
        wanted = f"{module}.{name}"
        if is_never(module, name):
            raise NotAllowedError(
                f"the payload names {wanted}, which can make code of data or calls what it is "
                "given: nothing allows it; have its writer send the object in another way"
            )
        if not (is_basic(module, name.partition(".")[0]) or self.allows(module, name)):
            raise NotAllowedError(self._refusal(wanted, module))

    def find(self, module: str, name: str) -> Any:
        """Return what a payload names.

        Raises:
            NotAllowedError: It may not be named, or it lives where nothing may be named.
            ImportError, AttributeError: It is not there.
        """
        self.check(module, name)
        found: Any = importlib.import_module(module)
        first, *steps = name.split(".")
        found = found.__dict__[first] if first in found.__dict__ else getattr(found, first)
        is_special = first[:2] == first[-2:] == "__"
        # A module's own __getattr__ (PEP 562) gives whatever the module likes.
        if is_special and (not isinstance(found, types.FunctionType) or first == "__getattr__"):
            raise NotAllowedError(
                f"the payload names {module}.{first}, which leads to what is not its business"
            )
        if not is_basic(module, first):
            self._check_home(module, first, found)
        for depth, step in enumerate(steps, 2):
            if not isinstance(found, type):
                raise NotAllowedError(
                    f"the payload names {module}.{name}, and goes there through what is no class"
                )
            found = self._step(module, name, found, step)
            if not is_basic(module, first):
                self._check_home(module, ".".join(name.split(".")[:depth]), found)
        return found

    def _step(self, module: str, name: str, own_class: type, step: str) -> Any:
        of = definer(own_class, step)
        found = member(own_class, step) if of is None else getattr(own_class, step)
        if found is None and of is None:
            raise AttributeError(f"{module}.{name} is not there")
        is_special = step[:2] == step[-2:] == "__"
        is_safe = is_of_data(of, step) or (
            self.allows(module, name)
            and (is_of_allowed(of, step) or (not is_special and module != "builtins"))
        )
        if not is_safe or (is_special and not isinstance(found, UNBOUND)):
            raise NotAllowedError(
                f"the payload names {module}.{name}, of which {step} leads to what is not the "
                "payload's business"
            )
        return found

    def _check_home(self, module: str, name: str, found: Any) -> None:
        wanted = f"{module}.{name}"
        if isinstance(found, types.ModuleType):
            raise NotAllowedError(f"the payload names {wanted}, which is another module")
        if not isinstance(found, _DEFINED):
            return
        home, own_name = found.__module__, found.__qualname__
        # Of the standard library's modules many have parts written in C.
        of_module = (module, f"_{module}", f"_py_{module}")
        if home in of_module or not isinstance(home, str) or is_basic(home, own_name):
            return
        if is_never(home, own_name) or not self.allows(home, own_name):
            raise NotAllowedError(self._refusal(f"{wanted}, which is {home}.{own_name}", home))

    def allows(self, module: str, name: str) -> bool:
        """Return what ``allow`` says of a name, or of a module for ``""``.

        Raises:
            TypeError: It is a callable, and gave no bool.
        """
        allowed = self._known.get((module, name))
        if allowed is None:
            allowed = self._allows(module, name)
            if type(allowed) is not bool:
                raise TypeError(f"allow gave {allowed!r} for {module!r}, {name!r}, and no bool")
            self._known[module, name] = allowed
        return allowed

    def _refusal(self, what: str, module: str) -> str:
        return (
            f"the payload names {what}, which is not allowed; if you trust it with any arguments, "
            f"add {module!r} to allow="
        )


def is_basic(module: str, name: str) -> bool:
    """Return whether every payload may name this."""
    return name in BASICS.get(module, ())
