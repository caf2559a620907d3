"""The picklers that engines carry, made to send by source what they send by value."""

from __future__ import annotations

import importlib
import sys
import weakref
from types import ModuleType, TracebackType

from .distributed_seam import DistributedSeam
from .imports import ImportWatch
from .options import OnlyBySource, SourceOptions, source_options
from .pickler import PickleByReference, TargetVersion
from .rebuild import lock_over_forks
from .seam import Seam

__all__ = ["Installation", "install", "uninstall"]

# cloudpickle, which Dask and loky use too, and the copies of it that other engines carry.
_COPIES = (
    "cloudpickle.cloudpickle",
    "joblib.externals.cloudpickle.cloudpickle",
    "pyspark.cloudpickle.cloudpickle",
    "ray.cloudpickle.cloudpickle",
)
_DISTRIBUTED = "distributed.protocol.pickle"
_HOMES = (*_COPIES, _DISTRIBUTED)


class Installation:
    """What :func:`install` returns; as a context manager it is undone at the block's end.

    Args:
        options: Those of :class:`sourcepickle.Pickler`.
    """

    def __init__(self, options: SourceOptions) -> None:
        self.options = options

    def __enter__(self) -> Installation:
        """Put it in force until the block ends, and then again what was before."""
        _state.enter(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Undo it."""
        _state.leave(self)


class _State:
    """Which installations there are, and the seams at which the newest has its effect."""

    def __init__(self) -> None:
        self._lock = lock_over_forks()
        # Until they are undone; and until their blocks end, which goes before.
        self._lasting: list[tuple[SourceOptions, weakref.ref[Installation]]] = []
        self._entered: list[Installation] = []
        self._seams: dict[str, Seam | DistributedSeam] = {}
        self._watch = ImportWatch(_HOMES, self._imported)

    def add(self, installation: Installation) -> None:
        with self._lock:
            for at in reversed(range(len(self._lasting))):
                if self._lasting[at][1]() is None:
                    # Nobody can enter it, so that it will never uncover those below.
                    del self._lasting[:at]
                    break
            self._lasting.append((installation.options, weakref.ref(installation)))
            self._apply()

    def enter(self, installation: Installation) -> None:
        with self._lock:
            self._lasting = [each for each in self._lasting if each[1]() is not installation]
            self._entered.append(installation)
            self._apply()

    def leave(self, installation: Installation) -> None:
        with self._lock:
            # All may have been removed.
            if installation in self._entered:
                self._entered.remove(installation)
            self._apply()

    def remove_all(self) -> None:
        with self._lock:
            self._lasting.clear()
            self._entered.clear()
            self._apply()

    def _options(self) -> SourceOptions | None:
        # Other threads may empty these meanwhile.
        for installation in self._entered[-1:]:
            return installation.options
        for options, _ in self._lasting[-1:]:
            return options
        return None

    def _apply(self) -> None:
        """Put the seams in where something is installed, and else take all out."""
        if self._options() is None:
            self._watch.end()
            for home in list(self._seams):
                self._seams[home].take_out()
                del self._seams[home]
            return
        self._watch.begin()
        for home in _HOMES:
            if home in sys.modules:
                # It waits where another thread is importing it.
                self._imported(importlib.import_module(home))

    def _imported(self, module: ModuleType) -> None:
        with self._lock:
            home = module.__name__
            if self._options() is None:
                return
            # Known before it is in, so that what Ctrl-C leaves half in is put in or taken out next.
            if home not in self._seams:
                is_copy = home != _DISTRIBUTED
                seam = Seam(module, self._options) if is_copy else DistributedSeam(module)
                self._seams[home] = seam
            self._seams[home].put_in()


_state = _State()


def install(
    *,
    by_source: OnlyBySource = True,
    pickle_by_reference: PickleByReference = None,
    target_version: TargetVersion = None,
    standalone: bool = False,
) -> Installation:
    """Make the picklers that engines carry send functions and classes by source.

    These are cloudpickle's own, which Dask and loky use, and the copies of it in Ray, PySpark and
    joblib: those that are imported, and those that will be. Dask asks plain pickle no more.
    :class:`sourcepickle.Pickler` has options of its own, and stays as it is. Installing again
    exchanges the options. What is returned can be used as a context manager, to install for a
    block's time; :func:`uninstall` undoes all.

    Args:
        by_source: As in :class:`sourcepickle.Pickler`.
        pickle_by_reference: As in :class:`sourcepickle.Pickler`; ``None`` for the engine's rule.
        target_version: As in :class:`sourcepickle.Pickler`, but part of the pickle may have been
            written before the error.
        standalone: As in :class:`sourcepickle.Pickler`.

    Raises:
        ImportError: A copy is of a cloudpickle before 3; importing one later raises it there.
        TypeError: As :class:`sourcepickle.Pickler`.
        ValueError: As :class:`sourcepickle.Pickler`, and for ``by_source=False``.
    """
    installation = Installation(
        source_options(by_source, pickle_by_reference, target_version, standalone)
    )
    _state.add(installation)
    return installation


def uninstall() -> None:
    """Undo :func:`install`, however often it was called and whatever blocks are entered."""
    _state.remove_all()
