"""The snippets of docs/engines.md, which the tests of engines run as they stand there."""

from __future__ import annotations

import re

import interpreters

PATH = interpreters.ROOT / "docs" / "engines.md"


def blocks(heading: str, language: str) -> list[str]:
    """Return the fenced blocks of one language in the section of this heading, in their order."""
    text = PATH.read_text("utf-8")
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert section, f"{PATH.name} has no section {heading!r}"
    return re.findall(rf"^```{language}\n(.*?)^```$", section[1], re.M | re.S)


def printed(block: str) -> list[str]:
    """Return what a snippet says that it prints, in comments behind its calls of ``print``."""
    found = re.findall(r"^ *print\(.*\)  # (.+)$", block, re.M)
    assert found, f"a snippet that says nothing of what it prints shows nothing:\n{block}"
    return found
