"""``python -m sourcepickle`` is the command ``sourcepickle``."""

from __future__ import annotations

from .command import main

main()
