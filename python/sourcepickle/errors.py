"""What dumping by source can raise beyond what pickle itself does."""

from __future__ import annotations

import pickle

__all__ = [
    "NotImportableError",
    "NotPortableError",
    "PickleByReferenceError",
    "SourceMismatchError",
    "SourceNotFoundError",
]


class SourceNotFoundError(pickle.PicklingError):
    """No text of the function is to be had, as for one that ``exec`` made."""


class SourceMismatchError(pickle.PicklingError):
    """There is a text, but it does not compile to the function's own code."""


class NotPortableError(pickle.PicklingError):
    """An object that travels by value has nothing that another Python could make it of."""


class NotImportableError(pickle.PicklingError):
    """``pickle_by_reference`` sends an object by reference that no import gives."""


class PickleByReferenceError(pickle.PicklingError):
    """``pickle_by_reference`` raised when it was asked, or gave no ``bool``."""
