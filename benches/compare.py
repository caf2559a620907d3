"""sourcepickle by source against cloudpickle by bytecode, as ratios measured side by side.

Run it by ``make bench``. Each ratio is the median of the rounds, in each of which both are timed
in turn; behind it stands the spread from the first to the third quartile.
"""

from __future__ import annotations

import pickle
import statistics
import sys
import timeit

import cloudpickle
import sourcepickle

ROUNDS = 31
CALLS = 400


def small(x, y):
    """Return a function of three lines."""
    z = x + y
    return z * 2


def large(rows, key="name", limit=10):
    """Return a function of some thirty lines."""
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
        lines.append(f"     skipped: {', '.join(map(str, skipped[:limit]))}")
    return "\n".join(lines)


def closure(table, function):
    """Return a closure over a dict and a function."""

    def look_up(key):
        return function(table.get(key), key)

    return look_up


WORK = {
    "a 3-line function": small,
    "a 30-line function": large,
    "a closure over a dict and a function": closure({"a": 1}, small),
    "a lambda in a list": [lambda x: x + 1],
}


def ratio(ours, theirs) -> str:
    """Return how long ours takes as a part of what theirs takes."""
    ratios = [
        timeit.timeit(ours, number=CALLS) / timeit.timeit(theirs, number=CALLS)
        for _ in range(ROUNDS)
    ]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"


def main() -> None:
    """Print the table as Markdown."""
    print(f"CPython {sys.version.split()[0]}, cloudpickle {cloudpickle.__version__}\n")
    print("| | dumps, seen before | loads, seen before | bytes |")
    print("|---|---|---|---|")
    for name, work in WORK.items():
        source = sourcepickle.dumps(work, by_source=True)
        bytecode = cloudpickle.dumps(work)
        dumping = ratio(
            lambda work=work: sourcepickle.dumps(work, by_source=True),
            lambda work=work: cloudpickle.dumps(work),
        )
        loading = ratio(
            lambda source=source: pickle.loads(source),
            lambda bytecode=bytecode: pickle.loads(bytecode),
        )
        size = len(source) / len(bytecode)
        print(f"| {name} | {dumping} | {loading} | {size:.2f} ({len(source)}/{len(bytecode)}) |")


if __name__ == "__main__":
    main()
