"""Whether memory stays flat over a million dumps and loads: ``make memory``, some minutes."""

from __future__ import annotations

import argparse
import gc
import pickle
import resource
import types

import sourcepickle
from works import works


def peak() -> int:
    """Return the most memory that this process has had so far, in KiB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Print the peak after each tenth, first of one function, then of ever new ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1_000_000)
    times = parser.parse_args().times
    small, _, closure, _, account, *_ = works()
    one = [small.fresh(), closure.fresh()]
    print("| | " + " | ".join(f"{tenth}0 %" for tenth in range(1, 11)) + " |")
    print("|---" * 11 + "|")

    def report(name: str, times: int, work: types.FunctionType) -> None:
        peaks = []
        for _ in range(10):
            for at in range(times // 10):
                work(at)
            gc.collect()
            peaks.append(f"{peak() / 1024:.1f}")
        print(f"| {name}, peak in MiB | " + " | ".join(peaks) + " |", flush=True)

    def the_same(_: int) -> None:
        pickle.loads(sourcepickle.dumps(one, by_source=True))

    def new_code(_: int) -> None:
        pickle.loads(sourcepickle.dumps(small.fresh(), by_source=True))

    def new_class(_: int) -> None:
        pickle.loads(sourcepickle.dumps(account.fresh(), by_source=True))

    def new_text(at: int) -> None:
        def f(x):  # type: ignore[no-untyped-def]
            return x

        f.__source__ = f"def f(x):\n    return x, {at % 2_000_000}\n"
        pickle.loads(sourcepickle.dumps(f, by_source=True))

    report(f"the same {times:,} times", times, the_same)
    report(f"{times // 10:,} code objects of one text", times // 10, new_code)
    report(f"{times // 10:,} texts", times // 10, new_text)
    report(f"{times // 100:,} classes", times // 100, new_class)


if __name__ == "__main__":
    main()
