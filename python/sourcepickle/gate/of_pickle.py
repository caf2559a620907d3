"""What pickle and copyreg have a payload call, held to what they need it for."""

from __future__ import annotations

import copyreg
import types
from typing import Any, Callable

from ..errors import NotAllowedError
from ..rebuild.typing_constructs import Unavailable
from .attributes import CALLERS, UNBOUND, definer, is_default, is_of_allowed, is_of_data, member
from .calls import Book, Guard, is_exactly

__all__ = ["OfPickle", "check_size", "is_construct"]


class OfPickle:
    """Calls of the standard library's that reach further than a payload may.

    Args:
        book: What is known of the load's objects.
        find: What finds a name in a module, as the payload may.
        make: What makes an instance of a class, as the payload may.
    """

    def __init__(
        self, book: Book, find: Callable[[str, str], Any], make: Callable[..., Any]
    ) -> None:
        self._book = book
        self._find = find
        self._make = make

    def guard(self, module: str, name: str) -> Guard | None:
        """Return the guard of a callable of the standard library's; ``None`` for what has none."""
        method = _GUARDED.get((module, name))
        if method is None:
            return None
        return Guard(f"{module}.{name}", getattr(self, method), takes_guards=name == "getattr")

    def attribute(self, owner: Any, name: Any) -> Any:
        """Return a method of a value, or what stands in a class or a module under a name.

        So pickle sends bound methods, and sourcepickle members of enums and slots of classes.

        Raises:
            NotAllowedError: It is anything else.
        """
        if type(name) is not str:
            raise NotAllowedError("the payload asks for an attribute by what is no name")
        if type(owner) is Guard:
            if owner.module is None:
                raise NotAllowedError(f"the payload asks for {name} of {owner.name}")
            return self._find(owner.module, name)
        self._book.check_values(owner)
        if isinstance(owner, types.ModuleType) and not self._book.is_made(owner):
            return self._find(owner.__name__, name)
        is_special = name[:2] == name[-2:] == "__"
        if isinstance(owner, UNBOUND) and name == "__get__":
            # So attrs sets the attributes of what is frozen.
            own_name = owner.__name__
            is_known = is_default(object, own_name) and owner is getattr(object, own_name)
            if is_known or self._book.is_shared(owner):
                return getattr(owner, name)
        if issubclass(type(owner), types.ModuleType) and not is_special:
            return getattr(owner, name)
        found = member(owner, name)
        if found is not None:
            return found if self._book.is_made(owner) else self._book.share(found)
        of = definer(owner if isinstance(owner, type) else type(owner), name)
        is_own = not isinstance(owner, type) and not self._book.is_shared(owner)
        if is_default(of, name):
            # Not shared: as a value under another name it would set what it must not.
            return getattr(object, name)
        is_allowed = self._book.is_trusted(of) and is_of_allowed(of, name)
        if is_of_data(of, name, is_own) or is_allowed:
            found = getattr(owner, name)
            if isinstance(owner, type):
                if self._book.is_made(of):
                    return found
                self._book.share(found)
                if getattr(found, "__self__", None) is owner:
                    return self._book.approve(found)
                if is_allowed and isinstance(found, types.FunctionType):
                    return self._book.approve(found)
                if isinstance(found, (owner, types.MemberDescriptorType, *UNBOUND)):
                    return found
            elif isinstance(found, _BOUND) and found.__self__ is owner:
                return found
        raise NotAllowedError(
            f"the payload asks for the attribute {name} of an object, which is no method of it, "
            "or leads to what is not the payload's business"
        )

    def parametrised(self, construct: Any, parameters: Any) -> Any:
        """Return a generic class or a construct of typing with parameters, as ``list[int]``.

        Raises:
            NotAllowedError: It is anything else, such as a container and a key.
        """
        is_class = issubclass(type(construct), type)
        is_known = self._book.is_shared(construct) or self._book.is_made(construct)
        if not is_construct(construct) or (is_class and not is_known):
            raise NotAllowedError("the payload asks for an item of what is no type")
        check_size(parameters)
        # Some are cached, and so the receiver's too.
        return self._book.share(construct[parameters])

    def iterator(self, alias: Any) -> Any:
        """Return what ``*tuple[int, ...]`` unpacks, or an iterator over a built-in container.

        Raises:
            NotAllowedError: It is anything else.
        """
        if not is_exactly(alias, (types.GenericAlias, *_CONTAINERS)):
            raise NotAllowedError("the payload iterates over what is no built-in container")
        return iter(alias)

    def unpacked(self, iterator: Any) -> Any:
        """Return the unpacked ``*tuple[int, ...]``.

        Raises:
            NotAllowedError: It is anything else.
        """
        if type(iterator) is not type(iter(_ALIAS)):
            raise NotAllowedError("the payload iterates over what is no type")
        return next(iterator)

    def encode(self, text: Any, encoding: Any) -> bytes:
        """Return bytes, as pickle sends them under the protocols 0 to 2.

        Raises:
            NotAllowedError: The codec is another.
        """
        if type(text) is not str or encoding != "latin1":
            raise NotAllowedError("the payload asks for a codec")
        return text.encode("latin1")

    def of_types(self, name: Any) -> Any:
        """Return a type that the module ``types`` has, as cloudpickle names it."""
        return self._find("types", name)

    def reconstructed(self, own_class: Any, base: Any, state: Any) -> Any:
        """Make an instance as the protocols 0 and 1 do (:func:`copyreg._reduce_ex`).

        Raises:
            NotAllowedError: The payload may not make instances of the class.
        """
        self._book.check_callable(own_class, "made an instance of", True)
        self._book.check_callable(base, "made an instance of", True)
        if isinstance(base, type) and issubclass(base, (type, *CALLERS)):
            raise NotAllowedError("the payload makes an instance of it otherwise than pickle does")
        make: Any = copyreg._reconstructor  # type: ignore[attr-defined]
        return make(own_class, base, state)

    def new(self, *arguments: Any) -> Any:
        """Make an instance as NEWOBJ does, under the protocols 0 and 1.

        Raises:
            NotAllowedError: The payload may not make instances of the class.
        """
        return self._new(arguments, {})

    def new_with_keywords(self, own_class: Any, arguments: Any, keywords: Any) -> Any:
        """Make an instance as NEWOBJ_EX does, under the protocols 0 to 3.

        Raises:
            NotAllowedError: The payload may not make instances of the class.
        """
        if type(arguments) is not tuple or type(keywords) is not dict:
            raise NotAllowedError("the payload makes an instance of what are no arguments")
        return self._new((own_class, *arguments), keywords)

    def _new(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        own_class: Any = arguments[0] if arguments else None
        if not isinstance(own_class, type):
            raise NotAllowedError("the payload makes an instance of what is no class")
        return self._make(own_class, arguments[1:], keywords)


_GUARDED = {
    ("_codecs", "encode"): "encode",
    ("cloudpickle.cloudpickle", "_builtin_type"): "of_types",
    ("_operator", "getitem"): "parametrised",
    ("builtins", "getattr"): "attribute",
    ("builtins", "iter"): "iterator",
    ("builtins", "next"): "unpacked",
    ("copyreg", "__newobj__"): "new",
    ("copyreg", "__newobj_ex__"): "new_with_keywords",
    ("copyreg", "_reconstructor"): "reconstructed",
    ("operator", "getitem"): "parametrised",
}


def check_size(parameters: Any) -> None:
    """Refuse parameters that typing would hash for longer than there is time.

    Raises:
        NotAllowedError: A tuple in them holds others over and over.
    """
    count, waiting = 0, [parameters]
    while waiting:
        value = waiting.pop()
        count += 1
        if count > _MOST_PARAMETERS:
            raise NotAllowedError("the payload has an annotation of too many parts")
        if isinstance(value, (tuple, list)):
            waiting += value


_MOST_PARAMETERS = 10_000


def is_construct(value: Any) -> bool:
    """Return whether a value is a class or a construct of typing, which takes parameters."""
    return isinstance(value, (type, Unavailable)) or type(value).__module__ in _OF_TYPING


_OF_TYPING = ("typing", "types", "collections.abc", "typing_extensions")
_CONTAINERS = (bytearray, bytes, dict, frozenset, list, range, set, str, tuple)
_ALIAS: Any = types.GenericAlias(tuple, (int,))
_BOUND = (types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType)
