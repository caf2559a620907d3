"""Write python/sourcepickle/carried.py: the code of sourcepickle.rebuild that payloads carry.

A payload that stands alone brings the parts of that package that it needs, without annotations,
comments, docstrings and long local names. They are compressed here, so that the bytes of payloads
depend on no Python and on no zlib.

It needs python-minifier and zopfli, and a Python before 3.12, from which on f-strings are written
as older ones cannot read them: ``make carried``.
"""

from __future__ import annotations

import ast
import hashlib
import re
import sys
import zlib

import python_minifier
import zopfli.zlib
from parts import REBUILD, TOOLS, parts, sources, stripped

CARRIED = REBUILD.parent / "carried.py"

# What a payload evaluates for the namespace of the package. It is compiled at each load, and so is
# short; `MAKE`, which runs `bootstrap.py`, is for the first.
ENTRY = 'vars(__import__("sys").modules.get(name:="_sourcepickle_DIGEST")or exec(make)or package)'
MAKE = 'import zlib;text=zlib.decompress(core).split(b"\\0");exec(text[0])'

HEADER = '''\
"""The code of sourcepickle.rebuild that payloads carry, written by tools/carry/carry_rebuild.py.

Each part: a module, by its name after the package's; the names that the part is for; the numbers of
the parts that it needs beside the first; and its text, deflated. The first part's is the dictionary
of the others', and has in front what finds or makes the package.
"""

from __future__ import annotations

__all__ = ["ENTRY", "MAKE", "PARTS", "SOURCES"]

Part = tuple[str, tuple[str, ...], tuple[int, ...], bytes]
'''


def main() -> None:
    """Write the file."""
    if sys.version_info >= (3, 12):
        raise SystemExit("the f-strings of Python 3.12 are too new: run this on an older one")
    carried = parts()
    texts = [minified(part.statements) for part in carried]
    bootstrap = (TOOLS / "bootstrap.py").read_text("utf-8").replace("LEAST_FORMAT", least_format())
    bootstrap = shortened(minified(stripped(bootstrap).body))
    # As zlib has it, with a checksum: damaged code must not run, nor stay for other payloads.
    compressed = [zopfli.zlib.compress(f"{bootstrap}\0{texts[0]}".encode(), numiterations=1000)]
    compressed += [deflated(text, texts[0]) for text in texts[1:]]
    digest = hashlib.sha256("\0".join([bootstrap, *texts]).encode()).hexdigest()
    entry = shortened(ENTRY.replace("DIGEST", digest[:8]))
    lines = [HEADER, "# The SHA-256 of what this was made of.", f'SOURCES = "{sources()}"', ""]
    lines += ["ENTRY = (", *wrapped(entry), ")", ""]
    lines += ["MAKE = (", *wrapped(shortened(MAKE)), ")", "", "PARTS: tuple[Part, ...] = ("]
    for part, own in zip(carried, compressed):
        lines += ["    (", f"        {part.module!r},", "        ("]
        lines += [f"            {name!r}," for name in part.names]
        lines += ["        ),", f"        {part.needs!r},", *wrapped(own), "    ),"]
        print(f"{part.module:20} {len(own):5}", *part.names)
    CARRIED.write_text("\n".join([*lines, ")", ""]), "utf-8")


def least_format() -> str:
    """Return the format that an installed package needs for all that these parts offer."""
    (value,) = re.findall("^FORMAT = ([0-9]+)$", (REBUILD / "__init__.py").read_text("utf-8"), re.M)
    return value


def shortened(text: str) -> str:
    """Return a text of the bootstrap's with the first letters of the names that it shares."""
    return re.sub(r"\b(name|package|text)\b", lambda found: found[0][0], text)


def minified(statements: list[ast.stmt]) -> str:
    """Return the short text of statements, whose global names all stay."""
    tree = ast.fix_missing_locations(ast.Module(statements, []))
    # The minifier takes any local name for used where one of these is called.
    text = re.sub(r"\b(exec|vars)\(", r"\1_(", ast.unparse(tree))
    text = python_minifier.minify(text, hoist_literals=False)
    return re.sub(r"\b(exec|vars)_\(", r"\1(", text)


def deflated(text: str, dictionary: str) -> bytes:
    """Compress a text given another that the receiver has already."""
    compressor = zlib.compressobj(9, memLevel=9, zdict=dictionary.encode())
    return compressor.compress(text.encode()) + compressor.flush()


def wrapped(value: str | bytes) -> list[str]:
    """Return the lines of a literal, which is too long for one."""
    lines, rest = [], value
    while rest:
        size = len(rest)
        while len(repr(rest[:size])) > 80:
            size -= 1
        lines.append(f"        {rest[:size]!r}")
        rest = rest[size:]
    return lines


if __name__ == "__main__":
    main()
