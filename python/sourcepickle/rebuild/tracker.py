"""The identity of what is made anew on every load, over loads."""

from __future__ import annotations

import os
import typing
import weakref
from typing import Any, Callable, TypeVar

from . import lock_over_forks

__all__ = ["Tracker", "tracker"]

Made = TypeVar("Made")


class _Known:
    """What is known of an object with an id."""

    __slots__ = ("at_home", "is_new", "reference", "tracked_id")

    def __init__(self, reference: Callable[[], Any], tracked_id: str, at_home: bool) -> None:
        self.reference = reference
        self.tracked_id = tracked_id
        self.at_home = at_home
        self.is_new = True


class Tracker:
    """Classes, and what else has an identity, by the id under which they travel.

    One object sent twice from a process is one object here, and under the same id when sent on.
    """

    def __init__(self) -> None:
        self.lock = lock_over_forks()
        self._by_id: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
        self._for_good: dict[str, Callable[[], Any]] = {}
        # By address, for a metaclass can make classes unhashable.
        self._known: dict[int, _Known] = {}

    def id_of(self, obj: object) -> str:
        """Return the id under which an object travels."""
        with self.lock:
            known = self._find(obj)
            return known.tracked_id if known else self._keep(obj, os.urandom(12).hex(), True)

    def is_at_home(self, obj: object) -> bool:
        """Return whether an object was not loaded but defined in this process."""
        known = self._find(obj)
        return known is not None and known.at_home

    def is_first_time(self, obj: object) -> bool:
        """Return whether this is asked of a loaded object for the first time."""
        known = self._find(obj)
        is_new = known is not None and known.is_new
        if known is not None:
            known.is_new = False
        return is_new

    def forget(self, obj: object) -> None:
        """Have an object made anew when it is loaded next: this one could not be made whole."""
        self._known.pop(id(obj), None)

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

    def known(self, tracked_id: str) -> Any:
        """Return the object of an id, or ``None``."""
        return self._get(tracked_id)

    def _get(self, tracked_id: str) -> Any:
        for_good = self._for_good.get(tracked_id)
        found = self._by_id.get(tracked_id) if for_good is None else for_good()
        # An interrupt may have come before the last step of keeping it.
        return found if self._find(found) else None

    def _find(self, obj: object) -> _Known | None:
        known = self._known.get(id(obj))
        return known if known is not None and known.reference() is obj else None

    def _keep(self, obj: object, tracked_id: str, at_home: bool) -> str:
        address = id(obj)

        def forget(gone: weakref.ref[Any]) -> None:
            known = self._known.get(address)
            if known is not None and known.reference is gone:
                self._known.pop(address, None)

        try:
            reference: Callable[[], Any] = weakref.ref(obj, forget)
            self._by_id[tracked_id] = obj
        except TypeError:
            # A type alias takes no weak reference, and so is kept for good.
            reference = self._for_good[tracked_id] = lambda: obj
        self._known[address] = _Known(reference, tracked_id, at_home)
        return tracked_id


tracker = Tracker()


def id_of(obj: object) -> str:
    """Return the id under which an object travels, the same for as long as it lives."""
    return tracker.id_of(obj)
