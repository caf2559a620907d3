"""Damaged payloads, loaded in a process of its own: what became of them, as JSON.

``mutations.py SEEDS PROGRESS FIRST COUNT`` loads COUNT damaged payloads, from the FIRST on: each is
made of its number alone, so that one alone can be made again. SEEDS is a pickle of payloads by
name, PROGRESS a file that gets the number in hand, for whoever finds this process dead.

A damaged pickle is a program that may name any callable. So the unpickler gives only those that the
seeds name, and passes on what it gives: that is where the source records are seen, and where
arguments are damaged that no damage of bytes would reach.
"""

from __future__ import annotations

import collections
import contextlib
import faulthandler
import functools
import io
import itertools
import json
import mmap
import operator
import pickle
import pickletools
import random
import re
import resource
import signal
import sys
import traceback
import types
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

MEMORY = 1 << 30  # bytes of address space: loading the seeds themselves takes a fifth of it
SECONDS = 20  # of processor time for one payload; it dies of SIGPROF beyond

# What docs/faults.md promises of what comes through a frame of ours. Of the rest no promise is
# ours: a damaged pickle may run any code.
DOCUMENTED = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    OverflowError,
    SyntaxError,
    SystemError,
    TypeError,
    ValueError,
)
WHERE_CODE_IS_CARRIED = (*DOCUMENTED, NameError, zlib.error)
RECORD = {"function", "iterable_coroutine", "code", "iterable_code"}
ODD = [None, True, 0, -1, 2**31, 2**63, 10**30, 0.5, "", "x", "a.b", "\0", "\ud800", b"", b"\xff"]
ODD += [(), (1,), ((1, 2),), [], [1], {}, {"x": 1}, int, type, object()]


class Refused(Exception):
    """A damaged payload names what its seed does not."""


class Damage:
    """The ways to damage a payload; each is given the random numbers that it needs."""

    def __init__(self, seeds: list[bytes]) -> None:
        self.seeds = seeds
        self.opcodes = functools.lru_cache(None)(self._opcodes)

    def _opcodes(self, number: int) -> list[tuple[str, bytes]]:
        seed = self.seeds[number]
        found = [(code.name, at) for code, _, at in pickletools.genops(seed)]
        ends = [at for _, at in found[1:]] + [len(seed)]
        return [(name, seed[at:end]) for (name, at), end in zip(found, ends)]

    def bytes_of(self, number: int, dice: random.Random) -> bytes:
        """Return the payload of a number, damaged."""
        ways = [self.bits, self.byte, self.cut, self.slices, self.splice]
        ways += [self.other_opcodes, self.other_opcodes, self.other_arguments, self.other_arguments]
        return dice.choice(ways)(number, dice)

    def bits(self, number: int, dice: random.Random) -> bytes:
        data = bytearray(self.seeds[number])
        for _ in range(dice.choice((1, 1, 1, 2, 8))):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        return bytes(data)

    def byte(self, number: int, dice: random.Random) -> bytes:
        data = bytearray(self.seeds[number])
        for _ in range(dice.choice((1, 1, 1, 2, 8))):
            data[dice.randrange(len(data))] = dice.choice(
                (0, 1, 127, 128, 255, dice.randrange(256))
            )
        return bytes(data)

    def cut(self, number: int, dice: random.Random) -> bytes:
        data = self.seeds[number]
        return data[: dice.randrange(len(data))]

    def slices(self, number: int, dice: random.Random) -> bytes:
        data = self.seeds[number]
        a, b, c, d = sorted(dice.randrange(len(data) + 1) for _ in range(4))
        left_out = data[:a] + data[b:]
        doubled = data[:b] + data[a:]
        swapped = data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]
        return dice.choice((left_out, doubled, swapped))

    def splice(self, number: int, dice: random.Random) -> bytes:
        front, back = self.seeds[number], dice.choice(self.seeds)
        return front[: dice.randrange(len(front))] + back[dice.randrange(len(back)) :]

    def other_opcodes(self, number: int, dice: random.Random) -> bytes:
        own = [text for _, text in self.opcodes(number)]
        for _ in range(dice.choice((1, 1, 2, 4))):
            at, other = dice.randrange(len(own)), dice.randrange(len(own))
            foreign = dice.choice(self.opcodes(dice.randrange(len(self.seeds))))[1]
            ways = ([], [own[at]] * 2, [own[other]], [own[at], own[other]], [foreign])
            own[at : at + 1] = dice.choice(ways) or [b""]
        return b"".join(own)

    def other_arguments(self, number: int, dice: random.Random) -> bytes:
        own = self.opcodes(number)
        at = dice.randrange(len(own))
        name, text = own[at]
        argument = bytearray(text[1:])
        if argument and name != "FRAME":
            place = dice.choice((0, dice.randrange(len(argument))))
            change = dice.choice((1, -1, 16, 127, dice.randrange(256)))
            argument[place] = (argument[place] + change) % 256
        parts = [part for _, part in own]
        parts[at] = text[:1] + bytes(argument)
        return b"".join(parts)


class Outcome:
    """What is found out of all of them."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self.failures: list[str] = []

    def fail(self, number: int, text: str) -> None:
        self.failures.append(f"{number}: {text}")


class Loader(pickle.Unpickler):
    """Gives what the seeds name, and what is ours in a wrapper that sees the arguments."""

    def __init__(self, data: bytes, allowed: set | None, see: Callable) -> None:
        super().__init__(io.BytesIO(data))
        self._allowed, self._see = allowed, see

    def find_class(self, module: str, name: str):
        if self._allowed is not None and (module, name) not in self._allowed:
            raise Refused(f"{module}.{name}")
        # No wrapper knows the unpickler, whose memo the garbage collector does not look into.
        allowed, see = self._allowed, self._see
        found = super().find_class(module, name)
        if found is pickle.loads:  # A portable callable is a pickle in a pickle.
            return lambda data: Loader(data, allowed, see).load()
        if found is operator.getitem:  # A payload that stands alone takes ours from a dictionary.
            return lambda namespace, key: wrapped(namespace[key], see)
        return wrapped(found, see)


def wrapped(found, see: Callable):
    """Return a callable of ours as one that is seen when it is called."""
    if isinstance(found, types.FunctionType) and is_ours(found.__code__.co_filename):
        return lambda *arguments: see(found, arguments)
    return found


def is_ours(filename: str) -> bool:
    """Return whether code is that of rebuild, installed or carried."""
    carried = re.fullmatch(r"<_sourcepickle_\w+(\.\w+)?>", filename)
    return bool(carried) or "/sourcepickle/rebuild/" in filename.replace("\\", "/")


def mended(record: tuple) -> tuple:
    """Return a record with the checksum of what it says, if it has one (docs/format.md)."""
    try:
        path, text, first_line, filename, free, futures, needs = record[:7]
        fields = f"{path!a}{first_line!a}{filename!a}{free!a}{futures!a}{needs!a}"
        text = text.encode() if isinstance(text, str) else text
        return (*record[:7], zlib.crc32(text, zlib.crc32(fields.encode())))
    except (TypeError, ValueError):
        return record


def other_value(value, dice: random.Random):
    """Return a value near the one given, or one of another type."""
    if isinstance(value, int) and dice.random() < 0.5:
        return value + dice.choice((1, -1, 1000, 10**6, -(10**9), 2**40))
    if isinstance(value, (str, bytes)) and value and dice.random() < 0.7:
        at = dice.randrange(len(value))
        odd = dice.choice("\0x .:\n\t()'<\u1234") if isinstance(value, str) else b"%c" % at % 256
        if isinstance(value, bytes):
            odd = bytes([dice.randrange(256)])
        return dice.choice((value[:at], value[at:], value[:at] + odd + value[at + 1 :], value * 2))
    if isinstance(value, (tuple, list)) and value and dice.random() < 0.8:
        at = dice.randrange(len(value))
        items = list(value)
        items[at : at + 1] = dice.choice(([], [items[at]] * 2, [other_value(items[at], dice)]))
        return type(value)(items) if type(value) in (tuple, list) else tuple(items)
    if isinstance(value, dict) and value and dice.random() < 0.8:
        key = dice.choice(list(value))
        return {**value, key: other_value(value[key], dice)}
    return dice.choice(ODD)


def other_record(record: tuple, dice: random.Random) -> tuple:
    """Return a source record with one field or two changed, or a record of another length."""
    fields = list(record)
    for _ in range(dice.choice((1, 1, 2))):
        at = dice.randrange(len(fields))
        fields[at] = other_value(fields[at], dice)
    return tuple(fields) if dice.random() < 0.9 else tuple(fields[: dice.randrange(8)])


def load(number: int, data: bytes, allowed, see, outcome: Outcome) -> bool:
    """Load a payload and hold what it raises against the documentation."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        Loader(data, allowed, see).load()
    except Refused:
        outcome.counts["names what its seed does not"] += 1
    except BaseException as error:  # Such as the panics of pydantic's core.
        frames = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
        places = [code.co_filename for code in frames]
        of_payload = any(place.startswith("<sourcepickle ") for place in places)
        through_ours = any(map(is_ours, places)) and not of_payload
        kind = type(error).__name__
        outcome.counts[f"{kind}{' of ours' if through_ours else ''}"] += 1
        documented = WHERE_CODE_IS_CARRIED if carried() else DOCUMENTED
        if through_ours and not isinstance(error, documented):
            trace = " < ".join(f"{code.co_name}" for code in reversed(frames[-8:]))
            outcome.fail(number, f"{kind}: {str(error)[:200]} in {trace}")
    else:
        outcome.counts["loaded"] += 1
        return True
    return False


def genuine(seeds: dict[str, bytes]) -> tuple[dict[str, bytes], set, set]:
    """Return the seeds that load here, their source records, and what they name."""
    loaded, records, named = {}, set(), set()

    def see(function, arguments):
        if function.__name__ in RECORD:
            records.add(arguments[0])
        return function(*arguments)

    class Noting(Loader):
        def find_class(self, module, name):
            named.add((module, name))
            return super().find_class(module, name)

    for name, data in seeds.items():
        # Those of another version's grammar, and those of packages that are missing, do not.
        with contextlib.suppress(pickle.UnpicklingError, ImportError):
            for payload in with_nested(data):
                Noting(payload, None, see).load()
            loaded[name] = data
    return loaded, records, named


def with_nested(data: bytes) -> Iterator[bytes]:
    """Yield the pickles that a pickle holds as bytes, and itself: damage can lay them bare."""
    for _, argument, _ in pickletools.genops(data):
        if isinstance(argument, bytes) and argument.startswith(pickle.PROTO):
            yield from with_nested(argument)
    yield data


def carried() -> dict:
    """Return the modules that payloads that stand alone have made here, by name."""
    return {name: sys.modules[name] for name in list(sys.modules) if "_sourcepickle_" in name}


def main(seeds: dict[str, bytes], progress: mmap.mmap, first: int, count: int) -> Outcome:
    """Load them all."""
    seeds, records, named = genuine(seeds)
    names, payloads = list(seeds), list(seeds.values())
    damage = Damage(payloads)
    outcome = Outcome()
    outcome.counts["seeds"] = len(seeds)
    texts = {name: vars(module).get("carried_text") for name, module in carried().items()}
    accepted = []

    def see(function, arguments):
        made = function(*arguments)
        if function.__name__ in RECORD:
            accepted.append(arguments[0])
        return made

    for number in range(first, first + count):
        progress[:8] = number.to_bytes(8, "little")
        dice = random.Random(number)
        seed = dice.randrange(len(payloads))
        in_bytes = dice.random() < 0.6
        if texts and dice.random() < 0.1:
            for name in carried():
                del sys.modules[name]
        accepted.clear()
        if in_bytes:
            data = damage.bytes_of(seed, dice)
            load(number, data, named, see, outcome)
        else:
            in_flight(number, payloads[seed], dice, outcome)
            continue
        for record in accepted:
            if record not in records:
                outcome.fail(number, f"{names[seed]}: a damaged record was taken: {record!r}"[:300])
        for name, module in carried().items():
            if name in texts and vars(module).get("carried_text") != texts[name]:
                outcome.fail(number, f"{names[seed]}: damaged code of ours stays in the process")
                del sys.modules[name]
    return outcome


def in_flight(number: int, data: bytes, dice: random.Random, outcome: Outcome) -> None:
    """Load a payload, one call of ours in which gets other arguments."""
    calls = itertools.count()
    chosen = dice.choice((0, 1, 2, 3, 4, 8, 16))
    what = dice.choice(("record", "record", "forged", "forged", "arguments"))
    damaged = []

    def see(function, arguments):
        is_record = function.__name__ in RECORD
        if not damaged and (is_record or what == "arguments") and next(calls) >= chosen:
            if what == "arguments":
                others = other_value(arguments, dice)
                damaged.append(function.__name__)
                return function(*others) if isinstance(others, tuple) else function(others)
            other = other_record(arguments[0], dice)
            if what == "forged":
                other = mended(other)
            if other == arguments[0]:
                return function(*arguments)
            damaged.append(function.__name__)
            try:
                return function(other, *arguments[1:])
            except Exception as error:
                if type(error).__name__ not in ("SourceDamagedError", "SourceVersionError"):
                    frames = traceback.extract_tb(error.__traceback__)
                    trace = " < ".join(frame.name for frame in reversed(frames[-6:]))
                    text = f"{type(error).__name__}: {error} in {trace} of {other!r}"
                    outcome.fail(number, f"a damaged record raises {text}"[:600])
                if what == "record" and type(error).__name__ == "SourceVersionError":
                    outcome.fail(number, f"a damaged record was read: {other!r}"[:300])
                raise
            else:
                if what == "record":
                    outcome.fail(number, f"a damaged record was taken: {other!r}"[:300])
        return function(*arguments)

    load(number, data, None, see, outcome)


if __name__ == "__main__":
    faulthandler.enable()
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # No damaged payload writes files.
    path, progress_path, first, count = sys.argv[1:]
    with open(progress_path, "r+b") as file:
        progress = mmap.mmap(file.fileno(), 8)
    outcome = main(pickle.loads(Path(path).read_bytes()), progress, int(first), int(count))
    signal.setitimer(signal.ITIMER_PROF, 0)
    print(json.dumps({"counts": outcome.counts, "failures": outcome.failures[:50]}))
