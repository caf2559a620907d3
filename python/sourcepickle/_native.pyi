from collections.abc import Callable, Iterable, Sequence
from types import CodeType, FunctionType, MethodType
from typing import Any, Protocol

from typing_extensions import Self

def getsource(func: FunctionType | MethodType | CodeType, /) -> str:
    """Return the exact text of a function, as it would travel.

    A lambda's text is the lambda alone. A def's has its decorators, its indentation and the end
    of its last line. Where ``func`` wraps another function, as :func:`functools.wraps` makes it
    say, the text is the wrapper's own.

    Raises:
        TypeError: ``func`` is none of these.
        SourceNotFoundError: There is no text of it.
        SourceMismatchError: Its text does not compile to its own code.
    """

class Written(Protocol):
    """A function of a payload, for :func:`lacking`."""

    @property
    def name(self) -> str:
        """Its qualified name."""
    @property
    def file(self) -> str:
        """The file where it was defined."""
    @property
    def text(self) -> str:
        """Its factory source."""
    @property
    def first_line(self) -> int:
        """The line of the file where the text begins."""
    @property
    def path(self) -> str:
        """The path of its source record."""
    @property
    def annotations_are_text(self) -> bool:
        """Whether ``from __future__ import annotations`` is in force."""
    @property
    def globals(self) -> dict[str, tuple[str, str | None] | None]:
        """The module of each global, and the name in it unless it is the module itself.

        ``None`` for what is neither.
        """
    @property
    def plain_classes(self) -> set[str]:
        """The names of those globals that are classes of no metaclass."""
    @property
    def modules(self) -> set[str]:
        """The full names of the modules that it brings."""

def lacking(
    minor: int, functions: Sequence[Written], references: list[tuple[str, str | None]], /
) -> list[str]:
    """Return what a Python lacks of what a payload holds, each a sentence.

    The sentences and what is looked for are those of ``target_version``.

    Args:
        minor: The minor version of that Python 3.
        functions: Functions that travel by source.
        references: Names of modules, each with a name in it or ``None``.

    Raises:
        ValueError: The parser failed on a text.
    """

class ReferenceRule:
    """Says of functions, classes and modules whether they travel by reference."""

    def __new__(
        cls,
        pickle_by_reference: Callable[[Any], bool] | Iterable[str] | None,
        registered: Callable[[], set[str]] | None = None,
    ) -> Self:
        """Make a rule of the pickler's option.

        Args:
            pickle_by_reference: The option.
            registered: Returns the names of the modules that were registered by value, for the
                rule of a copy of cloudpickle; ``None`` for cloudpickle's own.

        Raises:
            TypeError: It is neither ``None`` nor a callable nor a collection of strings.
            ValueError: One of the strings is no top-level name.
        """
    def is_by_reference(self, obj: object) -> bool:
        """Return whether a function, class or module travels by reference.

        Raises:
            NotImportableError: It does by the rule, and no import gives it.
            PickleByReferenceError: The callable raised, or gave no ``bool``.
        """
    def reason(self, obj: object) -> str:
        """Return why a function, class or module travels as it does.

        Raises:
            NotImportableError: It does by the rule, and no import gives it.
            PickleByReferenceError: The callable raised, or gave no ``bool``.
        """
    @staticmethod
    def refuse_implemented_in_c(cls: type) -> None:
        """Refuse a class that no Python could make of its attributes.

        Raises:
            NotPortableError: The class is implemented in C.
        """
    def start(self) -> None:
        """Begin a dump."""

class Reducer:
    """Reduces what travels by value, for the pickler that owns it."""

    @property
    def rule(self) -> ReferenceRule:
        """What says which objects travel by reference."""

    def __new__(
        cls,
        prefer: bool,
        rule: ReferenceRule,
        target: int | None,
        carried: dict[Callable[..., Any], tuple[Any, ...]] | None,
    ) -> Self:
        """Make a reducer.

        Args:
            prefer: Whether a function without provable source travels as bytecode instead of
                raising.
            rule: What says whether an object travels by reference.
            target: The minor version of the oldest Python 3 that is to load what is reduced;
                ``None`` for no such.
            carried: The reduce values of the callables of ``rebuild`` for payloads that bring them;
                ``None`` for payloads that name them.
        """
    def reduce(self, obj: object) -> Any:
        """Return the reduce value of an object, or ``NotImplemented`` for pickle's own way.

        Raises:
            SourceNotFoundError: There is no text for a function that travels by value.
            SourceMismatchError: Its text does not compile to its own code.
        """
    def start(self) -> None:
        """Begin a dump."""
    def findings(self) -> list[tuple[str, int | None]]:
        """Return what the target lacks of what was reduced since the dump began.

        Each is a sentence, and the minor version that brought what is lacking; ``None`` where newer
        versions dropped it.
        """
