"""Threads that dump, load, edit the files, import them and clear linecache: the outcome, as JSON.

``threads.py SECONDS`` does it in the folder in which it is run.
"""

from __future__ import annotations

import collections
import faulthandler
import importlib.util
import itertools
import json
import linecache
import pickle
import random
import sys
import threading
import time
import traceback
from pathlib import Path

import sourcepickle

THREADS = 8
FILES = [Path(f"edited{number}.py").resolve() for number in range(4)]
TEXT = """
rate = {0}

def plain(x):
    return {0}, x

def outer(y):
    {1}
    def inner(x):
        return {0}, x, y, rate
    return inner, lambda x: ({0}, y, plain(x))

inner, small = outer({0})

class Kind:
    def method(self, x):
        return {0}, x, {2}

method = Kind().method
"""
NAMES = ("plain", "inner", "small", "method")

numbers = itertools.count()
functions: collections.deque = collections.deque(maxlen=64)
counts: collections.Counter[str] = collections.Counter()
failures: list[str] = []


def edit(dice):
    lines = "\n    ".join(f"# {line}" for line in range(dice.randrange(20)))
    text = TEXT.format(next(numbers), lines, dice.randrange(10))
    dice.choice(FILES).write_text(text, "utf-8")


def import_again(dice):
    path = dice.choice(FILES)
    spec = importlib.util.spec_from_file_location(f"module_of_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    try:
        # Not by its loader, which takes the time and the size of a file for its text.
        exec(compile(path.read_text("utf-8"), str(path), "exec"), vars(module))
        found = [getattr(module, name) for name in NAMES]
        for function in found:
            function(1)
        functions.extend(found)
    except (SyntaxError, AttributeError, NameError, TypeError, ValueError):
        counts["half written"] += 1


def send(dice):
    function = dice.choice(list(functions))
    expected = function(1)
    try:
        data = sourcepickle.dumps(function, by_source=True)
    except (sourcepickle.SourceMismatchError, sourcepickle.SourceNotFoundError) as error:
        counts[type(error).__name__] += 1
        return
    loaded = pickle.loads(data)
    assert loaded(1) == expected, (loaded(1), expected)
    counts["sent"] += 1
    if loaded.__name__ == "method":
        return  # Of a class that was defined here, whose file may have been edited by now.
    assert sourcepickle.dumps(loaded, by_source=True) == data
    plan = str(sourcepickle.plan(loaded, by_source=True))
    assert "refused" not in plan, plan


def clear(dice):
    dice.choice((linecache.clearcache, linecache.checkcache))()


ACTIONS = [edit] * 2 + [import_again] * 3 + [send] * 20 + [clear]


def work(seed, until):
    dice = random.Random(seed)
    try:
        while time.monotonic() < until and not failures:
            action = dice.choice(ACTIONS)
            try:
                action(dice)
            except (KeyError, RuntimeError, AttributeError):
                # linecache's own functions take no care of threads (CPython Lib/linecache.py).
                if action is not clear:
                    raise
    except BaseException:
        failures.append(traceback.format_exc())


def main(seconds):
    dice = random.Random(0)
    for path in FILES:
        edit(dice)
        path.write_text(TEXT.format(next(numbers), "", 0), "utf-8")
    for _ in FILES:
        import_again(dice)
    sys.setswitchinterval(1e-5)
    until = time.monotonic() + seconds
    # Should one wait for another for ever.
    faulthandler.dump_traceback_later(seconds + 60, exit=True)
    workers = [threading.Thread(target=work, args=(seed, until)) for seed in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(json.dumps({"counts": counts, "failures": failures}))


if __name__ == "__main__":
    main(float(sys.argv[1]))
