"""The unpickler that holds every call, every name and every change against the gate's rules."""

from __future__ import annotations

import _compat_pickle
import functools
import io
import pickle
import sys
from collections.abc import Iterable
from typing import IO, Any, Callable, ClassVar

from ..errors import NotAllowedError
from . import of_pickle, of_rebuild
from .attributes import CALLERS
from .calls import Book, Guard
from .guards import Guards
from .of_rebuild import Review
from .references import Allow, References

__all__ = ["Review", "Unpickler"]

# The attributes of what calls what it is given that have this.
_CALLED = ("default_factory", "dispatcher", "func")

# The unpickler in C has no way to hold what a pickle calls, makes and changes against a rule.
_PythonUnpickler: Any = pickle._Unpickler
_Opcode = Callable[["Unpickler"], None]


class Unpickler(_PythonUnpickler):  # type: ignore[misc]
    """Loads what is allowed and reviewed, and refuses the rest before it is imported or compiled.

    A payload names basic types and what is allowed, and brings no source but what was reviewed.

    Args:
        file: A binary file to read from.
        allow: What the payload may name: names of modules, each with all below it, or a callable
            that is given a module's name and a qualified name in it, ``""`` for the module itself,
            and returns whether it may be named. What is allowed can be called with any arguments.
        review: What is called with the :class:`FunctionRecord` of each function that the payload
            brings as source, before it is compiled. It refuses by raising.
        fix_imports: As in :class:`pickle.Unpickler`.
        encoding: As in :class:`pickle.Unpickler`.
        errors: As in :class:`pickle.Unpickler`.
        buffers: As in :class:`pickle.Unpickler`.

    Raises:
        TypeError: Neither ``allow`` nor ``review`` is given; ``allow`` is no collection of strings
            and no callable; or ``review`` is no callable.
    """

    dispatch: ClassVar[dict[int, _Opcode]] = dict(_PythonUnpickler.dispatch)

    def __init__(
        self,
        file: IO[bytes],
        *,
        allow: Allow = None,
        review: Review = None,
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = None,
    ) -> None:
        if allow is None and review is None:
            raise TypeError("give allow= or review=; to load whatever comes use pickle.Unpickler")
        if review is not None and not callable(review):
            raise TypeError(f"review is a callable, not {review!r}")
        self._guards = Guards(Book(), References(allow), review)
        self._begin(file, fix_imports, encoding, errors, buffers)

    def _begin(
        self,
        file: IO[bytes],
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = None,
    ) -> None:
        self._maps_names = fix_imports
        self._book = self._guards.book
        super().__init__(
            file, fix_imports=fix_imports, encoding=encoding, errors=errors, buffers=buffers
        )

    def load(self) -> Any:
        """Return the object of the next pickle in the file.

        Raises:
            NotAllowedError: The pickle does what is neither allowed nor reviewed.
            SourceVersionError: Its source needs another Python.
            SourceDamagedError: Its source is not what was written.
            pickle.UnpicklingError: It is no pickle.
            EOFError: The file ends before it.
            Exception: What ``review``, or what it let through, raises, and what is allowed.
        """
        try:
            return super().load()
        except Exception as error:
            is_known = isinstance(error, (pickle.PickleError, EOFError))
            if is_known or _origin(error) not in _OF_PICKLES_MACHINE:
                raise
            # As the unpickler in C says of what the one in Python stumbles over.
            raise pickle.UnpicklingError(f"this is no pickle: {error!r}") from error

    def find_class(self, module: str, name: str) -> Any:
        """Return what a payload names, or what stands guard over it.

        Raises:
            NotAllowedError: It may not be named.
        """
        sys.audit("pickle.find_class", module, name)
        if type(module) is not str or type(name) is not str:
            raise NotAllowedError("the payload names something by what is no string")
        if self.proto < 3 and self._maps_names:
            if (module, name) in _compat_pickle.NAME_MAPPING:
                module, name = _compat_pickle.NAME_MAPPING[(module, name)]
            elif module in _compat_pickle.IMPORT_MAPPING:
                module = _compat_pickle.IMPORT_MAPPING[module]
        if (module, name) in (("_pickle", "loads"), ("pickle", "loads")):
            return Guard(f"{module}.loads", self._load_nested)
        return self._guards.find(module, name)

    def get_extension(self, code: int) -> Any:
        """Refuse a number that stands for a name (:func:`copyreg.add_extension`).

        Raises:
            NotAllowedError: Always.
        """
        raise NotAllowedError(
            f"the payload names something by its number {code} in copyreg's registry; have its "
            "writer send the name"
        )

    def _load_nested(self, data: bytes) -> Any:
        """Load a pickle that stands in this one, as that of a portable callable does."""
        if type(data) is not bytes:
            raise NotAllowedError("the payload loads a pickle that is no bytes")
        inner = Unpickler.__new__(Unpickler)
        inner._guards = self._guards
        inner._begin(io.BytesIO(data))
        return inner.load()

    # What calls

    def _call(self, function: Any, arguments: Any) -> None:
        if type(arguments) is not tuple:
            raise NotAllowedError("the payload calls something with what is no tuple")
        self.append(self._guards.call(function, arguments))

    def load_reduce(self) -> None:
        """Call a callable with a tuple of arguments."""
        arguments = self.stack.pop()
        self._call(self.stack.pop(), arguments)

    def load_newobj(self) -> None:
        """Make an instance by its class's ``__new__``."""
        arguments = self.stack.pop()
        self._new(self.stack.pop(), arguments, {})

    def load_newobj_ex(self) -> None:
        """Make an instance by its class's ``__new__``, with keywords."""
        keywords = self.stack.pop()
        arguments = self.stack.pop()
        self._new(self.stack.pop(), arguments, keywords)

    def _new(self, own_class: Any, arguments: Any, keywords: Any) -> None:
        if type(arguments) is not tuple or type(keywords) is not dict:
            raise NotAllowedError("the payload makes an instance of what are no arguments")
        self.append(self._guards.new(own_class, arguments, keywords))

    def _instantiate(self, klass: Any, args: Any) -> None:
        """Call what INST and OBJ make instances of."""
        self._call(klass, tuple(args))

    # What makes containers, and what changes objects

    def load_tuple(self) -> None:
        """Make a tuple; one that holds guards is the arguments of a guard."""
        super().load_tuple()
        self._book.note_tuple(self.stack[-1])

    def load_tuple1(self) -> None:
        """Make a tuple of one."""
        super().load_tuple1()
        self._book.note_tuple(self.stack[-1])

    def load_tuple2(self) -> None:
        """Make a tuple of two."""
        super().load_tuple2()
        self._book.note_tuple(self.stack[-1])

    def load_tuple3(self) -> None:
        """Make a tuple of three."""
        super().load_tuple3()
        self._book.note_tuple(self.stack[-1])

    def load_list(self) -> None:
        """Make a list of what stands above the mark."""
        self._book.check_values(*self.stack)
        super().load_list()

    def load_dict(self) -> None:
        """Make a dictionary of what stands above the mark."""
        self._book.check_values(*self.stack)
        super().load_dict()

    def load_frozenset(self) -> None:
        """Make a frozenset of what stands above the mark."""
        self._book.check_values(*self.stack)
        super().load_frozenset()

    def load_append(self) -> None:
        """Append a value to what stands below it."""
        self._check_change(1)
        super().load_append()

    def load_setitem(self) -> None:
        """Set an item of what stands below its key and its value."""
        self._check_change(2)
        super().load_setitem()

    def load_build(self) -> None:
        """Give an object its state."""
        self._check_change(1)
        state, instance = self.stack[-1], self.stack[-2]
        self._check_state(instance, state)
        super().load_build()

    def _check_state(self, instance: Any, state: Any) -> None:
        if isinstance(instance, CALLERS):
            parts = state if type(state) is tuple else (state,)
            if isinstance(instance, functools.partial):
                given = parts[1] if len(parts) > 1 and type(parts[1]) is tuple else ()
                self._book.check_callers_arguments(type(instance), *parts[:1], *given)
            for part in parts:
                if isinstance(part, dict):
                    self._book.check_callables(*map(part.get, _CALLED))
        if not hasattr(type(instance), "__setstate__"):
            # A class of the payload can say that it is any other.
            own = getattr(instance, "__dict__", None)
            if own is not None and (type(own) is not dict or self._book.is_shared(own)):
                raise NotAllowedError("the payload fills an object by another's __dict__")

    def _check_change(self, count: int) -> None:
        self._book.check_values(*self.stack[-count:])
        self._book.check_changeable(self.stack[-count - 1])

    def load_appends(self) -> None:
        """Append what stands above the mark to what stands below it."""
        self._check_changes()
        super().load_appends()

    def load_setitems(self) -> None:
        """Set items of what stands below the mark."""
        self._check_changes()
        super().load_setitems()

    def load_additems(self) -> None:
        """Add what stands above the mark to the set below it."""
        self._check_changes()
        super().load_additems()

    def _check_changes(self) -> None:
        self._book.check_values(*self.stack)
        self._book.check_changeable(self.metastack[-1][-1])

    def load_binpersid(self) -> None:
        """Ask for an object by its persistent id."""
        self._book.check_values(self.stack[-1])
        super().load_binpersid()

    def load_stop(self) -> None:
        """End the load."""
        self._book.check_values(self.stack[-1])
        super().load_stop()


def _origin(error: Exception) -> str:
    """Return the file of the code that raised an error."""
    at: Any = error.__traceback__
    while at.tb_next is not None:
        at = at.tb_next
    found: str = at.tb_frame.f_code.co_filename
    return found


# The files of what a pickle runs, and not of what is allowed or reviews.
_OF_PICKLES_MACHINE = (
    __file__,
    of_pickle.__file__,
    of_rebuild.__file__,
    _PythonUnpickler.load.__code__.co_filename,
)

for _opcode, _name in {
    pickle.ADDITEMS: "load_additems",
    pickle.APPEND: "load_append",
    pickle.APPENDS: "load_appends",
    pickle.BINPERSID: "load_binpersid",
    pickle.BUILD: "load_build",
    pickle.DICT: "load_dict",
    pickle.FROZENSET: "load_frozenset",
    pickle.LIST: "load_list",
    pickle.NEWOBJ: "load_newobj",
    pickle.NEWOBJ_EX: "load_newobj_ex",
    pickle.REDUCE: "load_reduce",
    pickle.SETITEM: "load_setitem",
    pickle.SETITEMS: "load_setitems",
    pickle.STOP: "load_stop",
    pickle.TUPLE: "load_tuple",
    pickle.TUPLE1: "load_tuple1",
    pickle.TUPLE2: "load_tuple2",
    pickle.TUPLE3: "load_tuple3",
}.items():
    Unpickler.dispatch[_opcode[0]] = getattr(Unpickler, _name)
