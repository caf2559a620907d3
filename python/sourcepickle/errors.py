"""What dumping by source and guarded loading can raise beyond what pickle itself does."""

from __future__ import annotations

import pickle

__all__ = [
    "NotAllowedError",
    "NotImportableError",
    "NotPortableError",
    "PickleByReferenceError",
    "SignatureError",
    "SourceMismatchError",
    "SourceNotFoundError",
    "TargetVersionError",
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


class NotAllowedError(pickle.UnpicklingError):
    """The payload does what is neither allowed nor reviewed."""


class SignatureError(pickle.UnpicklingError):
    """The payload is not signed by whom its reader asks for."""


class TargetVersionError(pickle.PicklingError):
    """The ``target_version`` lacks what an object needs.

    Attributes:
        findings: All of it, each as a sentence with the function, its file and the line.
    """

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__(findings)
        self.findings = findings

    def __str__(self) -> str:
        lines = "\n  ".join(self.findings)
        return (
            f"the target_version cannot run this:\n  {lines}\nwrite it in what that version has, "
            "behind a check of sys.version_info where need be, or raise target_version"
        )
