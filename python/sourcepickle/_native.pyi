from typing import Any

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
