"""Dumps and loads that are interrupted at any moment, as by Ctrl-C: the outcome, as JSON.

``interrupts.py TIMES`` interrupts so many times each, and after each does the same again.
"""

from __future__ import annotations

import collections
import faulthandler
import importlib.util
import io
import json
import linecache
import os
import pickle
import random
import re
import signal
import sys
import time
import traceback
from pathlib import Path

import cloudpickle
import sourcepickle
from sourcepickle import rebuild

CLOUDPICKLES = {name: vars(cloudpickle.Pickler)[name] for name in ("dump", "reducer_override")}

counts: collections.Counter[str] = collections.Counter()
failures: list[str] = []
dice = random.Random(0)


def by_a_signal(work) -> bool:
    """Do a piece of work, with Ctrl-C somewhere in it; return whether it was interrupted."""
    begin = time.perf_counter()
    work()
    whole = time.perf_counter() - begin
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, dice.uniform(1e-5, whole + 2e-5))
            work()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except (KeyboardInterrupt, RuntimeError) as error:
        return is_interrupt(error)
    return False


def is_interrupt(error) -> bool:
    """Return whether an error is Ctrl-C; before 3.12 ``type.__new__`` makes another of it."""
    if not isinstance(error, KeyboardInterrupt) and type(error.__cause__) is not KeyboardInterrupt:
        raise error
    return True


def at_a_line(work) -> bool:
    """Do the same, with Ctrl-C at one of the lines that run, each as likely as the other."""

    def run(until):
        passed = 0

        def trace(frame, event, argument):
            nonlocal passed
            if event != "return":
                passed += 1
                if passed == until:
                    raise KeyboardInterrupt
            return trace

        sys.settrace(trace)
        try:
            work()
        finally:
            sys.settrace(None)
        return passed

    lines = run(0)
    try:
        run(dice.randrange(1, lines + 1))
    except (KeyboardInterrupt, RuntimeError) as error:
        return is_interrupt(error)
    return False


def module():
    """Return the sample as a module that nothing can import."""
    path = Path(__file__).with_name("interrupted_module.py")
    spec = importlib.util.spec_from_file_location("interrupted_without_a_module", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def of_new_classes(data: bytes) -> bytes:
    """Return a payload as from another process, with other ids for its classes."""
    ids = {each: os.urandom(12).hex().encode() for each in re.findall(rb"[0-9a-f]{24}", data)}
    return re.sub(rb"[0-9a-f]{24}", lambda found: ids[found[0]], data)


class Loading:
    """Loads; what is loaded again must be whole."""

    def __init__(self, sample, data) -> None:
        self.check, self.data, self.other = sample.check, data, data

    def __call__(self) -> None:
        self.other = of_new_classes(self.data)
        rebuild._cached_code.cache_clear()
        pickle.loads(self.other)

    def after(self) -> None:
        loaded = pickle.loads(self.other)
        self.check(*loaded)
        again = pickle.loads(of_new_classes(sourcepickle.dumps(loaded, by_source=True)))
        self.check(*again)
        small = loaded[6].__code__
        record = rebuild.record_of_code(small)
        lines = linecache.cache[small.co_filename][2]
        assert "".join(lines).lstrip("\n") == rebuild.text_of(record).lstrip("\n")


class Dumping:
    """Dumps, by a pickler of its own or one that is used again; the bytes must be the same."""

    def __init__(self, sample, **options) -> None:
        self.sample, self.options = sample, {"by_source": True, **options}
        self.made = sample.make(1)
        self.expected = self.dumped(self.made)
        self.file = io.BytesIO()
        self.pickler = sourcepickle.Pickler(self.file, **self.options)

    def dumped(self, obj) -> bytes:
        return sourcepickle.dumps(obj, **self.options)

    def __call__(self) -> None:
        self.start_anew()
        # Functions of new code, of which nothing is known yet.
        self.dumped(module().make(1))
        self.pickler.dump(self.made)

    def after(self) -> None:
        assert self.dumped(self.made) == self.expected
        self.sample.check(*pickle.loads(self.dumped(module().make(2))))
        self.start_anew()
        self.pickler.dump(self.made)
        self.sample.check(*pickle.loads(self.file.getvalue()))
        self.start_anew()

    def start_anew(self) -> None:
        if self.file.getvalue():  # It was written, and the pickler may refer to it.
            self.pickler.clear_memo()
            self.file.seek(0)
            self.file.truncate()


class Installing:
    """Installs, dumps and uninstalls; after another uninstall() all must be as it was."""

    def __init__(self, sample) -> None:
        self.made = sample.make(1)[6]

    def __call__(self) -> None:
        with sourcepickle.install():
            cloudpickle.dumps(self.made)
        sourcepickle.install(by_source="prefer")
        sourcepickle.uninstall()

    def after(self) -> None:
        sourcepickle.uninstall()
        for name, own in CLOUDPICKLES.items():
            assert vars(cloudpickle.Pickler)[name] is own, name
        assert not any("ImportWatch" in repr(finder) for finder in sys.meta_path)
        with sourcepickle.install():
            assert b"sourcepickle.rebuild" in cloudpickle.dumps(self.made)
        assert b"sourcepickle.rebuild" not in cloudpickle.dumps(self.made)


def main(times: int) -> None:
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    faulthandler.dump_traceback_later(900, exit=True)
    # What is raised in a callback of a weak reference the interpreter tells and drops.
    sys.unraisablehook = lambda _: None
    sample = module()
    data = sourcepickle.dumps(sample.make(1), by_source=True)
    works = [
        Loading(sample, data),
        Dumping(sample),
        Dumping(sample, target_version=(3, 9)),
        Dumping(sample, standalone=True),
        Installing(sample),
    ]
    for turn in range(times):
        for work in works:
            for interrupt in (by_a_signal, at_a_line):
                name = f"{type(work).__name__} {interrupt.__name__}"
                try:
                    counts[name] += interrupt(work)
                    work.after()
                except Exception:
                    failures.append(f"{name}, {turn}: {traceback.format_exc()}")
                    sourcepickle.uninstall()
        if len(failures) > 5:
            break
    print(json.dumps({"counts": counts, "failures": failures}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
