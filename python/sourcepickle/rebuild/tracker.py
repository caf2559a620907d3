"""The identity of what is made anew on every load, over loads."""

from __future__ import annotations

import os
import threading
import typing
import weakref
from typing import Any, Callable, TypeVar

__all__ = ["Tracker", "tracker"]

Made = TypeVar("Made")


class Tracker:
    """Classes, and what else has an identity, by the id under which they travel.

    One object sent twice from a process is one object here, and under the same id when sent on.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._by_id: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
        self._for_good: dict[str, Callable[[], Any]] = {}
        # By address, for a metaclass can make classes unhashable; whether it was made here, too.
        self._ids: dict[int, tuple[Callable[[], Any], str, bool]] = {}

    def id_of(self, obj: object) -> str:
        """Return the id under which an object travels."""
        with self.lock:
            known = self._find(obj)
            return known[1] if known else self._keep(obj, os.urandom(12).hex(), True)

    def is_at_home(self, obj: object) -> bool:
        """Return whether an object was not loaded but defined in this process."""
        known = self._find(obj)
        return known is not None and known[2]

    def has(self, obj: object) -> bool:
        """Return whether an object has an id."""
        return self._find(obj) is not None

    def made(self, tracked_id: str, make: Callable[[], Made]) -> Made:
        """Return the object of an id, made by ``make`` where there is none yet."""
        known = self._get(tracked_id)
        if known is None:
            # Not under the lock: this may import, and what another thread imports may load.
            new = make()
            with self.lock:
                known = self._get(tracked_id)
                if known is None:
                    self._keep(new, tracked_id, False)
                    known = new
        return typing.cast("Made", known)

    def _get(self, tracked_id: str) -> Any:
        for_good = self._for_good.get(tracked_id)
        return self._by_id.get(tracked_id) if for_good is None else for_good()

    def _find(self, obj: object) -> tuple[Callable[[], Any], str, bool] | None:
        known = self._ids.get(id(obj))
        return known if known is not None and known[0]() is obj else None

    def _keep(self, obj: object, tracked_id: str, at_home: bool) -> str:
        address = id(obj)

        def forget(gone: weakref.ref[Any]) -> None:
            known = self._ids.get(address)
            if known is not None and known[0] is gone:
                self._ids.pop(address, None)

        try:
            reference: Callable[[], Any] = weakref.ref(obj, forget)
            self._by_id[tracked_id] = obj
        except TypeError:
            # A type alias takes no weak reference, and so is kept for good.
            reference = self._for_good.setdefault(tracked_id, lambda: obj)
        self._ids[address] = (reference, tracked_id, at_home)
        return tracked_id


tracker = Tracker()


def id_of(obj: object) -> str:
    """Return the id under which an object travels, the same for as long as it lives."""
    return tracker.id_of(obj)
