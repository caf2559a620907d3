"""The files that the command reads, ``-`` among them."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

import click

from ..reading import NotReadableError, PickleItems, read
from .printable import printable
from .progress import progress_of

__all__ = ["Unreadable", "read_file"]


class Unreadable(click.ClickException):
    """A file that cannot be read, or is no pickle: exit status 2."""

    exit_code = 2

    def show(self, file: IO[str] | None = None) -> None:
        """Print the message."""
        click.echo(f"sourcepickle: {printable(self.message)}", err=True)


def read_file(path: str, with_digests: bool = False) -> tuple[list[PickleItems], int]:
    """Return what the pickles of a file hold, and its size.

    Raises:
        Unreadable: It is not there, is no pickle, or is damaged.
    """
    name = "standard input" if path == "-" else path
    try:
        with _opened(path) as file:
            size = file.seek(0, 2)
            with progress_of(f"reading {name}", size) as progress:
                return read(file, name, progress, with_digests), size
    except NotReadableError as error:
        raise Unreadable(str(error)) from None
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror or error}") from None
    except MemoryError:
        raise Unreadable(f"{name}: there is not enough memory for what it holds") from None


@contextlib.contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    with contextlib.ExitStack() as closing:
        file: IO[bytes] = sys.stdin.buffer
        if path != "-":
            file = closing.enter_context(open(path, "rb"))
        if not file.seekable():
            # On disk, for it may be larger than memory, and is read here and there.
            copy = closing.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(file, copy)
            file = copy
        yield file
