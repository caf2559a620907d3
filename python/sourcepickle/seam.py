"""Where a copy of cloudpickle lets the native reducer in."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any, Callable

from ._native import Reducer, ReferenceRule
from .options import SourceOptions
from .pickler import Pickler, new_reducer, refuse_findings

__all__ = ["Seam"]


class Seam:
    """The two methods of a copy's pickler that are exchanged.

    Args:
        module: The copy's module ``cloudpickle``.
        current_options: Returns the options that picklers have now; ``None`` where they are to be
            as they were.

    Raises:
        ImportError: The copy is of a cloudpickle before 3.
    """

    def __init__(
        self, module: ModuleType, current_options: Callable[[], SourceOptions | None]
    ) -> None:
        self._module = module
        self._current_options = current_options
        if not hasattr(module, "Pickler"):
            raise ImportError(
                f"{module.__name__} ({module.__file__}) is a cloudpickle before 3, which "
                "sourcepickle.install() does not know: update the package that carries it, or send "
                "functions by sourcepickle.portable instead"
            )
        self._before = {name: vars(module.Pickler)[name] for name in ("dump", "reducer_override")}
        self._after = {"dump": self._dump(), "reducer_override": self._reducer_override()}

    def put_in(self) -> None:
        """Exchange what is not exchanged yet."""
        for name, method in self._after.items():
            if vars(self._module.Pickler)[name] is self._before[name]:
                setattr(self._module.Pickler, name, method)

    def take_out(self) -> None:
        """Give the pickler back what it had."""
        for name, method in self._after.items():
            # What somebody has put around ours goes on calling it: it does as the one before.
            if vars(self._module.Pickler)[name] is method:
                setattr(self._module.Pickler, name, self._before[name])

    def _dump(self) -> Callable[[Any, Any], None]:
        before = self._before["dump"]

        @functools.wraps(before)
        def dump(pickler: Any, obj: Any) -> None:
            reducer = self._reducer(pickler)
            if reducer is None:
                before(pickler, obj)
                return
            reducer.start()
            # The C pickler then calls native code, with no frame of Python between.
            is_plain = type(pickler).reducer_override is self._after["reducer_override"]
            try:
                if is_plain:
                    pickler.reducer_override = reducer.reduce
                before(pickler, obj)
            finally:
                if is_plain:
                    vars(pickler).pop("reducer_override", None)
            refuse_findings(reducer)

        return dump

    def _reducer_override(self) -> Callable[[Any, Any], Any]:
        before = self._before["reducer_override"]

        @functools.wraps(before)
        def reducer_override(pickler: Any, obj: Any) -> Any:
            reducer = self._reducer(pickler)
            return before(pickler, obj) if reducer is None else reducer.reduce(obj)

        return reducer_override

    def _reducer(self, pickler: Any) -> Reducer | None:
        """The pickler's reducer, which remembers what it has sent; ``None`` for none."""
        options = self._current_options()
        # Ours has options of its own.
        if options is None or isinstance(pickler, Pickler):
            return None
        known: tuple[Any, Reducer | None] = vars(pickler).get("_sourcepickle", (None, None))
        if known[0] is not options:
            known = pickler._sourcepickle = options, self._new_reducer(options)
        return known[1]

    def _new_reducer(self, options: SourceOptions) -> Reducer | None:
        registered = self._module.list_registry_pickle_by_value
        rule = ReferenceRule(options["pickle_by_reference"], registered)
        return new_reducer(
            options["by_source"], rule, options["target_version"], options["standalone"]
        )
