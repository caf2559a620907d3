from types import CodeType, FunctionType, MethodType
from typing import Any

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

class Reducer:
    """Reduces what travels by value, for the pickler that owns it."""

    def __new__(cls, prefer: bool) -> Reducer:
        """Make a reducer.

        Args:
            prefer: Whether a function without provable source travels as bytecode instead of
                raising.
        """
    def reduce(self, obj: object) -> Any:
        """Return the reduce value of an object, or ``NotImplemented`` for pickle's own way.

        Raises:
            SourceNotFoundError: There is no text for a function that travels by value.
            SourceMismatchError: Its text does not compile to its own code.
        """
    def start(self) -> None:
        """Begin a dump."""
