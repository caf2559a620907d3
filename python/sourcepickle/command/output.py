"""Where the command prints: colours where a terminal shows them, else plain text."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text
from rich.tree import Tree

from .printable import printable, printable_source

__all__ = ["Output", "Part"]

Part = tuple[str, str]
"""A text, which may be anything, and its style."""

# Highlighting takes a millisecond per kilobyte.
_LONGEST_HIGHLIGHTED = 1 << 16
# Into a pipe nothing is wrapped.
_WIDE = 1 << 14


class Output:
    """Standard output; rich knows whether it is a terminal, and of ``NO_COLOR``."""

    def __init__(self) -> None:
        reconfigure = getattr(sys.stdout, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._is_plain = not self._console.is_terminal
        if self._is_plain:
            self._console.width = _WIDE
        self._python = Syntax("", "python", theme="ansi_dark")

    def line(self, *parts: Part) -> None:
        """Print a line."""
        if self._is_plain:
            print("".join(printable(text) for text, _ in parts).rstrip())
        else:
            self._console.print(_text(parts))

    def source(self, text: str, first_line: int) -> None:
        """Print Python source with the numbers of its lines, the first of which is given."""
        safe = printable_source(text)
        lines = safe.rstrip("\n").split("\n")
        width = len(str(first_line + len(lines) - 1))
        numbers = [f"  {first_line + at:>{width}} │ " for at in range(len(lines))]
        if self._is_plain:
            for number, line in zip(numbers, lines):
                print(f"{number}{line}".rstrip())
            return
        block = Text()
        for number, coloured in zip(numbers, self._highlighted(safe, lines)):
            block.append(number, style="dim")
            block.append_text(coloured)
            block.append("\n")
        self._console.print(block, end="")

    def _highlighted(self, source: str, lines: list[str]) -> list[Text]:
        if len(source) <= _LONGEST_HIGHLIGHTED:
            # A lexer drops blank lines at the beginning.
            blank = len(source) - len(source.lstrip("\n"))
            text = self._python.highlight(source[blank:])
            text.rstrip()
            coloured = [Text() for _ in range(blank)] + list(text.split("\n"))
            if len(coloured) == len(lines):
                return coloured
        return [Text(line) for line in lines]

    def difference(self, lines: list[str]) -> None:
        """Print the lines of a unified diff."""
        for line in lines:
            style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
            self.line((f"  {line}", style))

    def tree(self, tree: Tree) -> None:
        """Print a tree, whose labels :func:`label` made."""
        self._console.print(tree, soft_wrap=False)

    @staticmethod
    def label(*parts: Part) -> Text:
        """Return a label of a tree."""
        return _text(parts)


def _text(parts: tuple[Part, ...]) -> Text:
    return Text.assemble(*((printable(text), style) for text, style in parts))
