"""Two ways timed in turn, and one's time as a part of the other's."""

from __future__ import annotations

import gc
import statistics
import time
import timeit
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Callable


@dataclass
class Ratio:
    """The median of the rounds' ratios, between their first and third quartile."""

    low: float
    middle: float
    high: float
    microseconds: float
    """The median time of ours, in microseconds."""


def repeated(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int = 21) -> Ratio:
    """Compare two ways that can be gone again and again, some 5 ms of each in a round."""
    ways = [(way, _calls(way)) for way in (ours, theirs)]
    return _ratio(
        [timeit.timeit(way, number=calls) / calls for way, calls in ways] for _ in range(rounds)
    )


def _calls(way: Callable[[], Any]) -> int:
    return max(1, int(0.005 / min(timeit.repeat(way, number=1, repeat=3))))


def once(
    ours: Callable[[Any], Any],
    theirs: Callable[[Any], Any],
    prepare: Callable[[], list[Any]],
    rounds: int = 41,
) -> Ratio:
    """Compare two ways that cannot be gone twice: they get lists of things made anew to go through.

    The garbage collector is off meanwhile, as it is under timeit.
    """

    def seconds(way: Callable[[Any], Any]) -> float:
        prepared = prepare()
        gc.disable()
        try:
            begin = time.perf_counter()
            for each in prepared:
                way(each)
            return (time.perf_counter() - begin) / len(prepared)
        finally:
            gc.enable()

    return _ratio([seconds(ours), seconds(theirs)] for _ in range(rounds))


def _ratio(pairs: Iterable[list[float]]) -> Ratio:
    ours, ratios = zip(*((own, own / other) for own, other in pairs))
    low, middle, high = statistics.quantiles(ratios, n=4)
    return Ratio(low, middle, high, statistics.median(ours) * 1e6)
