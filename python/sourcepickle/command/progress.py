"""A bar for work that takes longer than two seconds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Callable

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from .printable import printable

__all__ = ["progress_of"]

_SECONDS = 2.0


@contextlib.contextmanager
def progress_of(description: str, size: int) -> Iterator[Callable[[int], None]]:
    """Yield what is told how far the work is; it shows a bar on standard error, if a terminal.

    Args:
        description: What is done.
        size: How far it goes, in bytes.
    """
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task(printable(description).replace("[", r"\["), total=size)
    begin = time.monotonic() + _SECONDS
    is_shown = False

    def tell(done: int) -> None:
        nonlocal is_shown
        if not is_shown and time.monotonic() < begin:
            return
        if not is_shown:
            is_shown = True
            bar.start()
        bar.update(task, completed=done)

    try:
        yield tell
    finally:
        if is_shown:
            bar.stop()
