"""Which Python a function needs."""

from __future__ import annotations

from typing import Any

from .errors import TargetVersionError
from .pickler import Nowhere, Pickler

__all__ = ["minimum_version"]


def minimum_version(func: Any) -> tuple[int, int]:
    """Return the oldest version that has what a function needs, as far as that is certain.

    That is the lowest ``target_version`` under which :func:`sourcepickle.dumps` does not refuse the
    function, or what else is given, and all that travels with it, for something too new.

    Raises:
        pickle.PicklingError: It cannot be pickled by source, as in :class:`sourcepickle.Pickler`.
    """
    oldest = (3, 9)
    try:
        Pickler(Nowhere(), None, lambda _: None, by_source=True, target_version=oldest).dump(func)
    except TargetVersionError as error:
        if error.needed_minor is not None:
            return (3, error.needed_minor)
    return oldest
