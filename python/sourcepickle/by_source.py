"""The same interface with functions by source where nothing else is said.

For those who take the name of a module and give it no options, such as ``LOKY_PICKLER`` and
Prefect's ``picklelib``.
"""

from __future__ import annotations

import functools
from pickle import load, loads
from typing import IO, Any

from . import pickler
from .pickler import BufferCallback, BySource

__all__ = ["CloudPickler", "Pickler", "dump", "dumps", "load", "loads"]


class Pickler(pickler.Pickler):
    """:class:`sourcepickle.Pickler` with ``by_source=True`` as the default."""

    def __init__(
        self,
        file: IO[bytes],
        protocol: int | None = None,
        buffer_callback: BufferCallback = None,
        by_source: BySource = True,
        **options: Any,
    ) -> None:
        super().__init__(file, protocol, buffer_callback, by_source, **options)


CloudPickler = Pickler
dump = functools.partial(pickler.dump, by_source=True)
dumps = functools.partial(pickler.dumps, by_source=True)
