"""Finds what a payload names, and calls what it calls, as far as that is allowed."""

from __future__ import annotations

import enum
import functools
import importlib
from typing import Any, Callable

from ..errors import NotAllowedError
from .attributes import CALLERS, definer
from .basics import VALUES
from .calls import Book, Guard
from .of_pickle import OfPickle
from .of_rebuild import OfRebuild, Review
from .references import References, is_basic

__all__ = ["Guards"]


class Guards:
    """The rules of one load, and of the loads inside it.

    Args:
        book: What is known of the load's objects.
        references: What ``allow`` says.
        review: What is called with each function's record; ``None`` refuses all of them.
    """

    def __init__(self, book: Book, references: References, review: Review) -> None:
        self.book = book
        self._references = references
        self._of_rebuild = OfRebuild(book, references, self.find, self.check_call, review)
        self._of_pickle = OfPickle(book, self.find, self.new)

    def find(self, module: str, name: str) -> Any:
        """Return what a payload names, or the guard that stands for it.

        Raises:
            NotAllowedError: It may not be named.
            ImportError, AttributeError: It is not there.
        """
        guard = self._of_rebuild.guard(module, name) or self._of_pickle.guard(module, name)
        if guard is not None:
            return guard
        is_value = name in VALUES.get(module, ()) and not is_basic(module, name)
        is_ours = module.partition(".")[0] == "sourcepickle"
        if is_value and (is_ours or not self._references.allows(module, name)):
            return self.book.share(getattr(importlib.import_module(module), name))
        found = self.book.share(self._references.find(module, name))
        # Of `type` one use alone is called, and of the builtins' methods none.
        if found is type or (module == "builtins" and "." in name):
            return found
        if is_basic(module, name):
            return self.book.approve(found)
        return self.book.trust(found) if self._references.allows(module, name) else found

    def call(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        """Call what a payload calls.

        Raises:
            NotAllowedError: It may not be called, or not with these arguments.
        """
        if type(function) is Guard:
            return function.call(self.book, arguments)
        self.book.check_values(*arguments)
        if function is type:
            # So pickle sends the classes of these three.
            if len(arguments) == 1 and any(arguments[0] is each for each in _SINGLETONS):
                return self.book.share(type(arguments[0]))
            raise NotAllowedError("the payload asks for the class of an object, or makes one")
        self.check_call(function, arguments)
        _check_codec(function, arguments, {})
        made = function(*arguments)
        return self.book.approve(made) if type(made) is functools.partial else made

    def check_call(self, function: Any, arguments: tuple[Any, ...]) -> None:
        """Refuse what may not be called, or not with these arguments.

        Raises:
            NotAllowedError: It is that.
        """
        self.book.check_callable(function, "called", True)
        self._check_class_called(function, len(arguments))
        if issubclass(type(function), type) and issubclass(function, CALLERS):
            self.book.check_callers_arguments(function, *arguments)

    def _check_class_called(self, function: Any, count: int) -> None:
        """Refuse to make classes but as sourcepickle does, which looks at what they hold."""
        if self.book.is_trusted(function) and not self.book.is_made(function):
            return
        makes_enum = isinstance(function, enum.EnumMeta) and count != 1
        if makes_enum or (isinstance(function, type) and issubclass(function, type)):
            raise NotAllowedError("the payload makes a class past sourcepickle")

    def new(self, own_class: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Make an instance by ``__new__`` alone.

        Raises:
            NotAllowedError: The class is neither allowed nor brought by the payload.
        """
        self.book.check_values(own_class, *arguments, *keywords.values())
        if not isinstance(own_class, type):
            raise NotAllowedError("the payload makes an instance of what is no class")
        self.book.check_callable(own_class, "made an instance of", True)
        self._check_class_called(own_class, 1)
        if issubclass(own_class, CALLERS):
            self.book.check_callers_arguments(own_class, *arguments)
            self.book.check_callables(*keywords.values())
        _check_codec(own_class, arguments, keywords)
        own_new: Callable[..., Any] = own_class.__new__
        made = own_new(own_class, *arguments, **keywords)
        return self.book.approve(made) if type(made) is functools.partial else made


_SINGLETONS = (None, ..., NotImplemented)


def _check_codec(own_class: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    """Refuse codecs other than that of pickle's own: somebody may have registered them."""
    for kind in (str, bytes, bytearray):
        is_kind = isinstance(own_class, type) and issubclass(own_class, kind)
        if not (is_kind and definer(own_class, "__new__") in (kind, object)):
            continue
        if keywords or arguments[1:] not in ((), ("latin-1",), ("latin1",)):
            raise NotAllowedError(f"the payload makes a {kind.__name__} by a codec")
