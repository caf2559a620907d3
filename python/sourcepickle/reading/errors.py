"""What reading a payload can raise."""

from __future__ import annotations

import pickle

__all__ = ["NotReadableError"]


class NotReadableError(pickle.UnpicklingError):
    """A file is no pickle, or a damaged one, or more than is kept of one.

    Attributes:
        name: The name of the file.
        offset: The byte at which it was found out, counted from 0.
        reason: What is wrong there.
    """

    def __init__(self, name: str, offset: int, reason: str) -> None:
        super().__init__(name, offset, reason)
        self.name = name
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.name}: byte {self.offset}: {self.reason}"
