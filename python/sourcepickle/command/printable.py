"""Text of a payload as a terminal may get it."""

from __future__ import annotations

import re

__all__ = ["printable", "printable_source"]

# Control characters, with which a terminal can be given commands; what changes the direction of
# text, by which it can look like another (CVE-2021-42574); other ends of lines; lone surrogates,
# which no encoding has.
_UNSAFE = (
    "\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_UNSAFE_IN_TEXT = re.compile(f"[{_UNSAFE}]")
_UNSAFE_IN_SOURCE = re.compile(f"(?![\t\n])[{_UNSAFE}]")


def printable(text: str) -> str:
    r"""Return a text on one line, with escapes such as ``\\x1b`` for what is not to be printed."""
    return _UNSAFE_IN_TEXT.sub(_escaped, text)


def printable_source(text: str) -> str:
    r"""Return a text whose lines end with ``\\n``, its tabs kept, and escapes as above."""
    return _UNSAFE_IN_SOURCE.sub(_escaped, text.replace("\r\n", "\n").replace("\r", "\n"))


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
