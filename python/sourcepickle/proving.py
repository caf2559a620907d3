"""Proofs where a dump has come so deep that the stack has no room for them."""

from __future__ import annotations

import pickle
import threading
import types

from . import rebuild

__all__ = ["compile_in_a_thread"]


def compile_in_a_thread(
    source: rebuild.Source, filename: str, optimize: int
) -> types.CodeType | None:
    """Return what :func:`sourcepickle.rebuild.compile_record` does, ``None`` where it refuses.

    A thread has a stack of its own, so that a refusal says something of the text.
    """
    outcome: list[types.CodeType | BaseException | None] = []

    def compile_record() -> None:
        try:
            outcome.append(rebuild.compile_record(source, filename, optimize))
        except pickle.UnpicklingError:
            outcome.append(None)
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=compile_record)
    thread.start()
    thread.join()
    (found,) = outcome
    if isinstance(found, BaseException):
        raise found
    return found
