"""A preload for Dask: ``dask scheduler --preload sourcepickle.dask``, and so for workers.

For clients, or for all, name it in the configuration: ``distributed.client.preload``,
``distributed.scheduler.preload``, ``distributed.worker.preload``. Being imported it installs, for
of what fails later Dask tells the log alone.
"""

from __future__ import annotations

from .installing import install

__all__: list[str] = []

install()
