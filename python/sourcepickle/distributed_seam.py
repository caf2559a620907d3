"""Where Dask's distributed lets cloudpickle in before plain pickle."""

from __future__ import annotations

import pickle
from types import ModuleType

import cloudpickle

__all__ = ["DistributedSeam"]


class DistributedSeam:
    """The ``pickle`` of ``distributed.protocol.pickle``, exchanged.

    distributed asks plain pickle first, which names what it can by module and name: so it does with
    what is registered by value, and with classes that another Python version has elsewhere.

    Args:
        module: ``distributed.protocol.pickle``.
    """

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._before = vars(module)["pickle"]
        self._after = ModuleType("pickle", pickle.__doc__)
        vars(self._after).update(vars(self._before))
        vars(self._after)["dumps"] = cloudpickle.dumps

    def put_in(self) -> None:
        """Exchange it, if it is not exchanged yet."""
        if vars(self._module)["pickle"] is self._before:
            vars(self._module)["pickle"] = self._after

    def take_out(self) -> None:
        """Give the module back what it had."""
        if vars(self._module)["pickle"] is self._after:
            vars(self._module)["pickle"] = self._before
