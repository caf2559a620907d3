"""nnsight's serialization with sourcepickle: nnsight's own part of it, and no more.

nnsight sends the block of a trace to a server that has the model. Its own part is that objects with
a ``_persistent_id`` stay where they are, to be found under that id by the server, and that a frame
travels as its place alone. Functions, lambdas, closures and classes are sourcepickle's part.

``install()`` puts the pickler in the place where nnsight looks it up for each dump: ``remote=``
traces, edits and the workers of vLLM are pickled by it then. Options are those of
:class:`sourcepickle.Pickler`; with ``standalone=True`` the server does not need sourcepickle.
"""

from __future__ import annotations

import functools
import io
import pickle
from types import FrameType
from typing import Any

import sourcepickle
from nnsight.intervention import serialization
from nnsight.tracing.util import SerializedFrame


def _reduce_frame(frame: FrameType) -> tuple[Any, ...]:
    code = frame.f_code
    return SerializedFrame, (code.co_filename, code.co_firstlineno, code.co_name)


class Pickler(sourcepickle.Pickler):
    """Writes functions and classes by source, and an id for what has a ``_persistent_id``."""

    # With a reducer_override of ours, each object would take the way through Python.
    dispatch_table = sourcepickle.Pickler.dispatch_table.new_child({FrameType: _reduce_frame})

    def __init__(self, file: Any, protocol: int = serialization.DEFAULT_PROTOCOL, **options: Any):
        super().__init__(file, protocol, **{"by_source": True, **options})

    def persistent_id(self, obj: Any) -> Any:
        """Return the id of an object that the receiver has, else ``None``."""
        try:
            return obj.__dict__["_persistent_id"]
        except (AttributeError, KeyError, TypeError):
            return None


class Unpickler(pickle.Unpickler):
    """Finds what was written as an id among the receiver's own objects."""

    def __init__(self, file: Any, persistent_objects: dict[Any, Any] | None = None):
        super().__init__(file)
        self.persistent_objects = persistent_objects or {}

    def persistent_load(self, pid: Any) -> Any:
        """Return the receiver's object of that id."""
        try:
            return self.persistent_objects[pid]
        except KeyError:
            raise serialization.UnknownPersistentIdError(pid) from None


def dumps(obj: Any, protocol: int = serialization.DEFAULT_PROTOCOL, **options: Any) -> bytes:
    """Return the pickle of an object."""
    file = io.BytesIO()
    Pickler(file, protocol, **options).dump(obj)
    return file.getvalue()


def loads(data: bytes, persistent_objects: dict[Any, Any] | None = None) -> Any:
    """Return the object of a pickle."""
    return Unpickler(io.BytesIO(data), persistent_objects).load()


def install(**options: Any) -> None:
    """Let all of nnsight pickle with this pickler; its own unpickler loads what that writes."""
    serialization.CustomCloudPickler = functools.partial(Pickler, **options)
