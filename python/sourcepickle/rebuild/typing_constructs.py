"""What typing is made of, where no version may stop a load: what it lacks becomes text."""

from __future__ import annotations

import importlib
import operator
import sys
import types
from typing import Any, Callable

from . import SourceVersionError, give_own_names, record_of_file, text_of, union

__all__ = ["applied", "reference"]


# What may be a base of a class, or stand alone, and the minor version that brought it.
SINCE = {
    "enum.ReprEnum": 11,
    "enum.StrEnum": 11,
    "typing.ParamSpec": 10,
    "typing.TypeAliasType": 12,
    "typing.TypeVarTuple": 11,
}


class Unavailable:
    """What stands for a construct that this Python, or this machine, does not have.

    Whatever is done with it but sending it on raises :class:`SourceVersionError`.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        text: str,
        since: int | None = None,
    ) -> None:
        self.__dict__["_made"] = (function, arguments, text, since)
        self.__dict__["_state"] = (None, None)

    def error(self, user: str) -> SourceVersionError:
        """Return the error of one that cannot do without it."""
        _, _, text, since = self.__dict__["_made"]
        version = ".".join(map(str, sys.version_info[:3]))
        known = f"needs Python 3.{since} or newer, for" if since else "needs"
        return SourceVersionError(f"{user} {known} {text}; this is Python {version}, without it")

    def __str__(self) -> str:
        return str(self.__dict__["_made"][2])

    def __reduce__(self) -> tuple[Any, ...]:
        function, arguments, _, _ = self.__dict__["_made"]
        state, fill = self.__dict__["_state"]
        return function, arguments, state, None, None, fill

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        raise self.error("what was called")

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise self.error("what was called")

    __getitem__ = __call__
    __setattr__ = __call__


def reference(module: str, qualname: str) -> Any:
    """Return what a module has under a qualified name, or what stands for it."""
    try:
        found = operator.attrgetter(qualname)(importlib.import_module(module))
    except Exception:  # An import runs any code, and nothing but annotations waits for it.
        return lacking(module, qualname)
    return found


def lacking(module: str, qualname: str) -> Unavailable:
    """Return what stands for a name in a module."""
    text = qualname if module == "builtins" else f"{module}.{qualname}"
    return Unavailable(reference, (module, qualname), text, SINCE.get(text))


def applied(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a function such as the one that makes ``List[int]``, or return what stands for it."""
    if is_available(function) and is_available(arguments):
        try:
            return function(*arguments)
        except Exception:  # Whatever an older typing says of what it does not know.
            pass
    return Unavailable(applied, (function, arguments), _text_of_call(function, arguments))


def is_available(value: Any) -> bool:
    """Return whether nothing in a value, or in the tuples and lists in it, is missing."""
    # Each once: a payload can nest a few that stand for more than there is time for.
    found = {id(value): value}
    for each in (waiting := [value]):
        if isinstance(each, Unavailable):
            return False
        if isinstance(each, (tuple, list)):
            new = {id(inner): inner for inner in each if id(inner) not in found}
            found.update(new)
            waiting += new.values()
    return True


def without_unavailable(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a tuple's values that this Python has."""
    return tuple(value for value in values if is_available(value))


def readable(annotations: dict[str, Any], code: types.CodeType) -> dict[str, Any]:
    """Return a function's annotations, those that this Python does not have as source strings."""
    if is_available(list(annotations.values())):
        return annotations
    texts = _annotation_texts(code)
    return {
        name: texts.get(name, str(value)) if isinstance(value, Unavailable) else value
        for name, value in annotations.items()
    }


def _annotation_texts(code: types.CodeType) -> dict[str, str]:
    """Return the texts of a function's annotations, by parameter, from its source record."""
    import ast  # A load seldom needs it, and it takes long to import.

    record = record_of_file(code.co_filename)
    if record is None:
        return {}
    text = text_of(record)
    found = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == code.co_name:
            # The text may hold another of its name.
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first + record[2] - 1 != code.co_firstlineno:
                continue
            arguments = node.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            every += filter(None, [arguments.vararg, arguments.kwarg])
            annotations = {argument.arg: argument.annotation for argument in every}
            annotations["return"] = node.returns
            found = {
                name: ast.get_source_segment(text, annotation) or ""
                for name, annotation in annotations.items()
                if annotation is not None
            }
    return found


def as_text(value: Any) -> Any:
    """Return a value, or its text where this Python does not have it."""
    return str(value) if isinstance(value, Unavailable) else value


def with_texts(annotations: dict[str, Any]) -> dict[str, Any]:
    """Return annotations with the text of those that this Python does not have."""
    return {name: as_text(value) for name, value in annotations.items()}


def _text_of_call(function: Any, arguments: tuple[Any, ...]) -> str:
    if function is operator.getitem:
        origin, items = arguments
        inner = items if isinstance(items, tuple) else (items,)
        return f"{_text(origin)}[{', '.join(map(_text, inner))}]"
    if function is getattr:
        return ".".join(map(str, arguments))
    if function is union:
        return " | ".join(map(_text, arguments[0]))
    return f"{_text(function)}({', '.join(map(_text, arguments))})"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, type) and type(value) is type:
        module = "" if value.__module__ == "builtins" else f"{value.__module__}."
        return module + value.__qualname__
    return str(value) if isinstance(value, Unavailable) else repr(value)


give_own_names(globals())
