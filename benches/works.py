"""What is pickled: made as ``__main__`` makes it, so that all of it travels by value."""

from __future__ import annotations

import _pydecimal
import functools
import linecache
import marshal
import tempfile
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable
from zlib import crc32

SMALL = """\
def small(x, y):
    z = x + y
    return z * 2
"""

LARGE = '''\
def large(rows, key="name", limit=10):
    """Return a report of the most frequent names."""
    seen = {}
    skipped = []
    for number, row in enumerate(rows):
        if key not in row:
            skipped.append(number)
            continue
        name = str(row[key]).strip().lower()
        if not name:
            skipped.append(number)
            continue
        seen.setdefault(name, []).append(number)
    ranked = sorted(seen.items(), key=lambda item: (-len(item[1]), item[0]))
    lines = []
    for position, (name, numbers) in enumerate(ranked[:limit], start=1):
        share = len(numbers) / max(len(rows), 1)
        lines.append(f"{position:>3}. {name:<20} {len(numbers):>6} {share:7.2%}")
    if len(ranked) > limit:
        rest = sum(len(numbers) for _, numbers in ranked[limit:])
        lines.append(f"     and {len(ranked) - limit} more with {rest} rows")
    if skipped:
        first = ", ".join(map(str, skipped[:limit]))
        lines.append(f"     skipped: {first}")
    total = sum(map(len, seen.values()))
    lines.append(f"     {total} of {len(rows)}")
    text = "\\n".join(lines)
    return text
'''

CLOSURE = """\
def closure(table, function):
    def look_up(key):
        return function(table.get(key), key)

    return look_up


look_up = closure({"a": 1, "b": 2}, small)
"""

LAMBDA = "functions = [lambda x: x + 1]\n"

CLASS = '''\
class Account:
    """An account with its history."""

    fee = 0.5

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = []

    def deposit(self, amount):
        self.balance += amount
        self.history.append(("deposit", amount))

    def withdraw(self, amount):
        if amount + self.fee > self.balance:
            raise ValueError(f"{self.owner} has {self.balance} only")
        self.balance -= amount + self.fee
        self.history.append(("withdraw", amount))

    def transfer(self, amount, other):
        self.withdraw(amount)
        other.deposit(amount)

    def total(self, kind):
        return sum(amount for name, amount in self.history if name == kind)

    def __repr__(self):
        return f"Account({self.owner!r}, {self.balance!r})"

    def __eq__(self, other):
        return self.owner == other.owner and self.balance == other.balance

    def __hash__(self):
        return hash((self.owner, self.balance))
'''

CELL = """\
def step_{at}(rows):
    kept = [row for row in rows if row["score"] > {limit}]
    for row in kept:
        row["score"] = row["score"] / {at}
    if len(kept) < 2:
        return kept
    return step_{next}(kept[1:])
"""

OF_LONG_FILE = """\
def function_{at}(first, second):
    total = first + second
    if total > {at}:
        total = total - {at}

    return total


"""
LINES_OF_ONE = OF_LONG_FILE.count("\n")


_FOLDER = tempfile.TemporaryDirectory()


class Work:
    """Something to pickle, which can be made again of code that nobody has seen.

    Args:
        name: What tables call it.
        cells: The texts that define it, each with a file of its own.
        pick: Returns it, given the globals that the texts define.
        is_notebook: Whether the texts are in no file, but known to linecache alone.
    """

    def __init__(
        self,
        name: str,
        cells: list[str],
        pick: Callable[[dict[str, Any]], Any],
        is_notebook: bool = False,
    ) -> None:
        self.name = name
        self._cells = cells
        self._pick = pick
        self._is_notebook = is_notebook

    @functools.cached_property
    def _compiled(self) -> list[tuple[str, bytes]]:
        compiled = []
        for at, text in enumerate(self._cells):
            path = Path(_FOLDER.name, f"{self.name.replace(' ', '_')}_{at}.py")
            if self._is_notebook:
                # As ipykernel names a cell.
                path = Path(tempfile.gettempdir(), "ipykernel_4242", f"{crc32(text.encode())}.py")
                lines = text.splitlines(True)
                linecache.cache[str(path)] = (len(text), None, lines, str(path))
            else:
                path.write_text(text, "utf-8")
            code = compile(text, str(path), "exec", dont_inherit=True)
            compiled.append((str(path), marshal.dumps(code)))
        return compiled

    def moved(self, lines: int) -> Work:
        """Return the same in files with so many blank lines more above it."""
        cells = ["\n" * lines + text for text in self._cells]
        return Work(f"{self.name} {lines} lines below", cells, self._pick, self._is_notebook)

    def fresh(self) -> Any:
        """Return the object, of new code objects."""
        names: dict[str, Any] = {"__name__": "__main__", "__package__": None}
        for path, compiled in self._compiled:
            if not self._is_notebook:
                names["__file__"] = path
            exec(marshal.loads(compiled), names)
        return self._pick(names)


class DecimalWork(Work):
    """The first 200 functions of the standard library's ``_pydecimal``, as a list."""

    def __init__(self) -> None:
        self.name = "a module's 200 functions in a list"

    def moved(self, lines: int) -> Work:
        """Return the same: there are enough functions for one round."""
        return self

    def fresh(self) -> list[Any]:
        """Return the functions, of new code objects, in the globals of a script."""
        names = {"__name__": "__main__", "__package__": None, "__file__": _pydecimal.__file__}
        found = []
        for value in vars(_pydecimal).values():
            for function in vars(value).values() if isinstance(value, type) else [value]:
                code = getattr(function, "__code__", None)
                if code is None or code.co_filename != _pydecimal.__file__ or code.co_freevars:
                    continue
                code = marshal.loads(marshal.dumps(code))
                made = types.FunctionType(code, names, function.__name__, function.__defaults__)
                made.__qualname__ = function.__qualname__
                found.append(made)
        return found[:200]


def text_of_lines(lines: int) -> str:
    """Return a file of about so many lines, one function behind the other."""
    return "".join(OF_LONG_FILE.format(at=at) for at in range(lines // LINES_OF_ONE))


def works() -> list[Work]:
    """Return what is pickled."""
    cells = [CELL.format(at=at, next=(at + 1) % 50, limit=100 + at) for at in range(50)]
    return [
        Work("a 3-line function", [SMALL], lambda names: names["small"]),
        Work("a 30-line function", [LARGE], lambda names: names["large"]),
        Work(
            "a closure over a dict and a function",
            [f"{SMALL}\n\n{CLOSURE}"],
            lambda names: names["look_up"],
        ),
        Work("a lambda in a list", [LAMBDA], lambda names: names["functions"]),
        Work("a class with 8 methods", [CLASS], lambda names: names["Account"]),
        DecimalWork(),
        Work(
            "a notebook's 50 functions calling each other",
            cells,
            lambda names: names["step_0"],
            is_notebook=True,
        ),
        Work(
            "a function of a file of 50,000 lines",
            [text_of_lines(50_000)],
            lambda names: names["function_6000"],
        ),
    ]


def functions(obj: Any) -> Iterator[Any]:
    """Return all functions that an object is or brings."""
    seen: set[int] = set()
    left = [obj]
    while left:
        found = left.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        if isinstance(found, list):
            left += reversed(found)
        elif isinstance(found, type):
            left += vars(found).values()
        elif isinstance(found, types.FunctionType):
            yield found
            left += [cell.cell_contents for cell in found.__closure__ or ()]
            left += [found.__globals__.get(name) for name in found.__code__.co_names]
