"""What is pickled: made as ``__main__`` makes it, so that all of it travels by value."""

from __future__ import annotations

import linecache
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

SMALL = '''\
def small(x, y):
    z = x + y
    return z * 2
'''

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

CLOSURE = '''\
def closure(table, function):
    def look_up(key):
        return function(table.get(key), key)

    return look_up


look_up = closure({"a": 1, "b": 2}, small)
'''

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

FUNCTION_OF_MODULE = '''\
def step_{at}(values, factor={at}, offset=0):
    """Scale values and keep the largest."""
    scaled = []
    for value in values:
        scaled.append(value * factor + offset)
    return max(scaled, default=None)


'''

CELL = '''\
def cell_{at}(value):
    if value > {limit}:
        return value
    return cell_{next}(value + 1) + {at}
'''

OF_LARGE_FILE = '''\
def function_{at}(first, second):
    total = first + second
    if total > {at}:
        total = total - {at}

    return total


'''


def text_of_lines(lines: int) -> str:
    """Return a file of about so many lines, a function in each eight of them."""
    return "".join(OF_LARGE_FILE.format(at=at) for at in range(lines // 8))


class Works:
    """Objects to pickle, each of a file of its own in a folder that lasts as long as they do."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()

    def run(self, name: str, text: str, names: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the globals of a file after it ran as ``__main__``."""
        path = Path(self._folder.name, f"{name}.py")
        path.write_text(text, "utf-8")
        found = {"__name__": "__main__", "__file__": str(path), **(names or {})}
        exec(compile(text, str(path), "exec"), found)
        return found

    def notebook(self, cells: list[str]) -> dict[str, Any]:
        """Return the globals of a notebook: each cell has its own text, and no file."""
        found: dict[str, Any] = {"__name__": "__main__"}
        for at, cell in enumerate(cells):
            name = f"<ipython-input-{at}-{id(self):x}>"
            linecache.cache[name] = (len(cell), None, cell.splitlines(True), name)
            exec(compile(cell, name, "exec"), found)
        return found

    def all(self) -> dict[str, Any]:
        """Return what is pickled, by what it is called."""
        small = self.run("small", SMALL)["small"]
        module = self.run("module", "".join(FUNCTION_OF_MODULE.format(at=at) for at in range(200)))
        cells = [
            CELL.format(at=at, next=(at * 7 + 1) % 50, limit=100 + at) for at in range(50)
        ]
        return {
            "a 3-line function": small,
            "a 30-line function": self.run("large", LARGE)["large"],
            "a closure over a dict and a function": self.run(
                "closure", SMALL + "\n\n" + CLOSURE
            )["look_up"],
            "a lambda in a list": self.run("lambda", LAMBDA)["functions"],
            "a class with 8 methods": self.run("class", CLASS)["Account"],
            "a list of a module's 200 functions": [
                value for value in module.values() if isinstance(value, types.FunctionType)
            ],
            "a notebook of 50 functions that call each other": self.notebook(cells)["cell_0"],
            "a function of a file of 50,000 lines": self.run("long", text_of_lines(50_000))[
                "function_6000"
            ],
        }


sys.dont_write_bytecode = True
