"""Which Python a function needs."""

from __future__ import annotations

import types
from typing import Any

from ._native import ReferenceRule, getsource
from .planning import Planner

__all__ = ["minimum_version"]


def minimum_version(func: Any) -> tuple[int, int]:
    """Return the oldest version that has what a function needs, as far as that is certain.

    Looked at are its own text and what it uses, functions and classes of its module, and what else
    would travel with it by value: what a dump with ``target_version`` refuses as too new.

    Args:
        func: A function, or anything else that is made of functions, such as a class.

    Raises:
        SourceNotFoundError: There is no text of the function.
        SourceMismatchError: Its text does not compile to its own code.
    """
    if isinstance(func, (types.FunctionType, types.MethodType)):
        getsource(func)
    importable = ReferenceRule(None)
    home = getattr(func, "__module__", None)

    def is_elsewhere(obj: Any) -> bool:
        return getattr(obj, "__module__", None) != home and importable.is_by_reference(obj)

    planner = Planner(True, is_elsewhere, (3, 9))
    planner.run(func)
    return (3, max([9, *(since for _, since in planner.findings if since is not None)]))
