"""Callables that any pickler sends by source.

Payloads name the class: nothing that their receivers can do without is imported here.
"""

from __future__ import annotations

import functools
import pickle
import types
from typing import Any, Callable, Generic, TypeVar

from .rebuild import give_own_names

__all__ = ["Portable"]

Wrapped = TypeVar("Wrapped", bound=Callable[..., Any])


class Portable(Generic[Wrapped]):
    """A callable that every pickler sends by source; :func:`portable` makes it.

    It calls through, and has the name, the documentation, the signature and the attributes of what
    it wraps, which is its ``__wrapped__``. An attribute that is set is set there.

    Args:
        wrapped: What to wrap.
        options: The pickler's, where they are not the defaults of :func:`portable`.
    """

    __wrapped__: Wrapped
    _options: dict[str, Any]

    def __init__(self, wrapped: Wrapped, options: dict[str, Any] | None = None) -> None:
        own = vars(self)
        own.update(__wrapped__=wrapped, _options=options or {})
        # The class has these too, so that nobody would ask __getattr__ for them.
        for name in functools.WRAPPER_ASSIGNMENTS:
            if hasattr(wrapped, name):
                own[name] = getattr(wrapped, name)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call what is wrapped."""
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Bind to an instance, as a function does in a class."""
        return self if instance is None else types.MethodType(self, instance)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of what is wrapped."""
        try:
            wrapped = vars(self)["__wrapped__"]
        except KeyError:
            raise AttributeError(name) from None
        return getattr(wrapped, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute of what is wrapped."""
        setattr(self.__wrapped__, name, value)
        if name in vars(self):
            vars(self)[name] = value

    def __delattr__(self, name: str) -> None:
        """Delete an attribute of what is wrapped."""
        delattr(self.__wrapped__, name)

    def __repr__(self) -> str:
        return f"<portable {self.__wrapped__!r}>"

    def __copy__(self) -> Portable[Wrapped]:
        """Return itself, as a function's copy is the function."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Portable[Wrapped]:
        """Return itself, as a function's copy is the function."""
        return self

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Return what loads a pickle of its own, by source.

        Raises:
            pickle.PicklingError: As :meth:`sourcepickle.Pickler.dump`.
        """
        from .wrapping import payload

        return pickle.loads, (payload(self, protocol),)


give_own_names(globals())
