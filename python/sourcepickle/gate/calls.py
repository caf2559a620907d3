"""What a payload may call, and what it may change: the book of one load."""

from __future__ import annotations

import collections
import enum
import functools
import inspect
import types
import weakref
from typing import Any, Callable, NoReturn

from ..errors import NotAllowedError
from .attributes import CALLERS, UNBOUND, definer

__all__ = ["Book", "Guard", "is_exactly"]

# What the receiver had before, or shares: a payload changes none of them in pickle's ways.
_NEVER_CHANGED = (
    type,
    types.BuiltinFunctionType,
    types.CellType,
    types.CodeType,
    types.FunctionType,
    types.MethodType,
    types.ModuleType,
    weakref.ProxyType,
    weakref.CallableProxyType,
)


class Guard:
    """Stands for what a payload may call or look into in some ways, and may not have as a value.

    Args:
        name: What the payload calls it.
        function: The method that is called instead of it; ``None`` for what is not to be called.
        takes_guards: Whether its arguments may be guards.
        module: The name of the module that it stands for, if any.
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any] | None,
        takes_guards: bool = False,
        module: str | None = None,
    ) -> None:
        self.name = name
        self.module = module
        self._function = function
        self._takes_guards = takes_guards

    def call(self, book: Book, arguments: tuple[Any, ...]) -> Any:
        """Call what it stands for.

        Raises:
            NotAllowedError: It is not to be called, or not with these arguments.
        """
        if self._function is None:
            raise NotAllowedError(f"the payload calls {self.name}, which is not allowed")
        if not self._takes_guards:
            book.check_values(*arguments)
        code = self._function.__code__
        takes_any = code.co_flags & inspect.CO_VARARGS
        if not takes_any and len(arguments) != code.co_argcount - 1:
            raise NotAllowedError(f"the payload calls {self.name} with {len(arguments)} arguments")
        return self._function(*arguments)


class Book:
    """Knows objects of a load by identity: what may be called, what was made, what is shared."""

    def __init__(self) -> None:
        # The objects are held, so that no other gets the address of one.
        self._callable: dict[int, Any] = {}
        # What the payload may call itself, held to what it calls, and nobody else for it.
        self._direct: dict[int, Any] = {}
        self._made: dict[int, Any] = {}
        self._shared: dict[int, Any] = {}
        self._trusted: dict[int, Any] = {}
        self._tuples_of_guards: dict[int, Any] = {}

    def approve(self, found: Any) -> Any:
        """Let an object be called."""
        is_maker = isinstance(found, enum.EnumMeta) and not found.__dict__.get("_member_map_")
        if is_maker or (issubclass(type(found), type) and issubclass(found, (type, *CALLERS))):
            self._direct[id(found)] = found
        else:
            self._callable[id(found)] = found
        return found

    def trust(self, found: Any) -> Any:
        """Let an object be called that ``allow`` allows, and what it has."""
        self._trusted[id(found)] = found
        return self.approve(found)

    def is_trusted(self, value: Any) -> bool:
        """Return whether an object was made by this load, or is what ``allow`` allows."""
        return id(value) in self._trusted or id(value) in self._made

    def is_shared(self, value: Any) -> bool:
        """Return whether an object is the receiver's."""
        return id(value) in self._shared

    def check_callables(self, *values: Any) -> None:
        """Refuse what may not be called, among values of which others call those that can be.

        Raises:
            NotAllowedError: It is neither allowed by name nor made of reviewed source.
        """
        for value in values:
            is_safe = (
                not (callable(value) or hasattr(type(value), "__get__"))
                or self.is_callable(value)
                or self.is_made(definer(type(value), "__call__"))
                or self.is_trusted(definer(type(value), "__get__"))
                or (self.is_shared(value) and isinstance(value, UNBOUND))
                # What they call was looked at when they were made.
                or issubclass(type(value), CALLERS)
                or isinstance(value, (types.GetSetDescriptorType, types.MemberDescriptorType))
            )
            if not is_safe:
                self.check_callable(value, "where it would be called")

    def share(self, found: Any) -> Any:
        """Let an object that the receiver has be no payload's to change."""
        self._shared[id(found)] = found
        return found

    def make(self, made: Any) -> Any:
        """Let an object be called and filled that this load has made."""
        self._made[id(made)] = made
        return self.approve(made)

    def is_made(self, value: Any) -> bool:
        """Return whether this load has made an object."""
        return id(value) in self._made

    def is_callable(self, value: Any) -> bool:
        """Return whether the payload may call an object."""
        return id(value) in self._callable

    def check_callers_arguments(self, caller: Any, *arguments: Any) -> None:
        """Refuse to give a caller what may not be called.

        Raises:
            NotAllowedError: It is neither allowed by name nor made of reviewed source.
        """
        count = 3 if issubclass(caller, CALLERS[:4]) else 1
        if issubclass(caller, functools.partial) and (
            arguments and arguments[0] is collections.defaultdict
        ):
            count, arguments = 1, arguments[1:] or (type,)
        self.check_callables(*arguments[:count])

    def check_callable(self, value: Any, what: str, is_direct: bool = False) -> None:
        """Refuse what the payload may not call.

        Raises:
            NotAllowedError: It is neither allowed by name nor made of reviewed source.
        """
        if not (self.is_callable(value) or (is_direct and id(value) in self._direct)):
            raise NotAllowedError(
                f"the payload has {_shown(value)} {what}: only what it names and allow= allows is "
                "called, and what it brings as source"
            )

    def check_changeable(self, value: Any) -> None:
        """Refuse to change what the payload did not make.

        Raises:
            NotAllowedError: It is the receiver's, or is filled by sourcepickle alone.
        """
        self.check_values(value)
        is_member = isinstance(value, enum.Enum) and not self.is_made(type(value))
        if is_member or id(value) in self._shared or isinstance(value, _NEVER_CHANGED):
            raise NotAllowedError(f"the payload changes {_shown(value)}, which it did not make")

    def note_tuple(self, value: tuple[Any, ...]) -> None:
        """Remember a tuple that holds guards, which is the arguments of another."""
        if any(self._is_guard(item) for item in value):
            self._tuples_of_guards[id(value)] = value

    def check_values(self, *values: Any) -> None:
        """Refuse guards where values stand.

        Raises:
            NotAllowedError: One of them is a guard.
        """
        for value in values:
            if self._is_guard(value):
                self._refuse_as_value(value)

    def _is_guard(self, value: Any) -> bool:
        return type(value) is Guard or id(value) in self._tuples_of_guards

    def _refuse_as_value(self, value: Any) -> NoReturn:
        while type(value) is not Guard:
            value = next(item for item in value if self._is_guard(item))
        if value.module is not None:
            raise NotAllowedError(
                f"the payload names {value.name}, which is not allowed; if you trust the code that "
                f"uses it, add {value.module!r} to allow="
            )
        raise NotAllowedError(
            f"the payload holds {value.name} as a value, which would let it be called in any way; "
            "have its writer send the object without it"
        )


def is_exactly(value: Any, kind: type | tuple[type, ...]) -> bool:
    """Return whether an object is of a class or of one of some, which no metaclass can say."""
    return any(type(value) is each for each in (kind if type(kind) is tuple else (kind,)))


def _shown(value: Any) -> str:
    """Return what an object is, without a call of its own."""
    if issubclass(type(value), type):
        return f"the class {type.__dict__['__name__'].__get__(value)}"
    if isinstance(value, types.ModuleType):
        return "a module"
    return f"an object of {type.__dict__['__name__'].__get__(type(value))}"
