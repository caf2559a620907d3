"""The command ``sourcepickle``: what payloads hold, without loading them; see docs/command.md."""

from __future__ import annotations

import gc
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command on the arguments of this process, and exit."""
    try:
        import click  # noqa: F401
        import rich  # noqa: F401
    except ImportError as error:
        print(
            f"sourcepickle: the command needs {error.name}: pip install 'sourcepickle[cli]'",
            file=sys.stderr,
        )
        sys.exit(2)
    from .commands import sourcepickle

    # Nearly all that is made lives to the end, and looking through it again and again takes longer
    # than all the rest.
    gc.disable()
    sourcepickle(prog_name="sourcepickle")
