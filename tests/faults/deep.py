"""Graphs 10,000 objects deep, in a process of its own: what becomes of each, as JSON."""

from __future__ import annotations

import json
import linecache
import os
import pickle
import sys
import types
from collections.abc import Callable

import cloudpickle
import sourcepickle

LEVELS = 10_000
# CPython itself takes a time for a class that grows with the square of the bases above it.
CLASSES = 1_000


def repeated(step: Callable, times: int = LEVELS, made: object = None) -> object:
    for _ in range(times):
        made = step(made)
    return made


def closure(inner):
    def outer():
        return inner

    return outer


def with_default(inner):
    def outer(x=inner):
        return x

    return outer


def with_attribute(inner):
    def outer():
        return 1

    outer.inner = inner
    return outer


class Instance:
    def __init__(self, inner):
        self.inner = inner

    def method(self):
        return self


def chain():
    """Functions each of which names the next."""
    lines = [f"def f{number}(): return f{number + 1}\n" for number in range(LEVELS)]
    lines.append(f"def f{LEVELS}(): return 1\n")
    linecache.cache["<chain>"] = (len(lines), None, lines, "<chain>")
    exec(compile("".join(lines), "<chain>", "exec"), CHAIN)
    return CHAIN["f0"]


CHAIN: dict = {"__name__": "__main__"}


def annotated():
    def function(): ...

    function.__annotations__ = {"return": repeated(lambda inner: list[inner], made=int)}
    return function


GRAPHS = {
    "lists": lambda: repeated(lambda inner: [inner]),
    "closures": lambda: repeated(closure),
    "cells": lambda: repeated(types.CellType),
    "defaults": lambda: repeated(with_default),
    "attributes": lambda: repeated(with_attribute),
    "classes": lambda: repeated(lambda base: type("C", (base,), {}), CLASSES, object),
    "instances": lambda: repeated(Instance),
    "methods": lambda: repeated(lambda inner: Instance(inner).method),
    "chain": chain,
    "annotations": annotated,
}
WAYS = {
    "cloudpickle": cloudpickle.dumps,
    "by source": lambda obj: sourcepickle.dumps(obj, by_source=True),
    "prefer": lambda obj: sourcepickle.dumps(obj, by_source="prefer"),
    "rule": lambda obj: sourcepickle.dumps(obj, pickle_by_reference={"os"}),
    "callable": lambda obj: sourcepickle.dumps(
        obj, by_source=True, pickle_by_reference=lambda each: each.__module__ != "__main__"
    ),
    "target": lambda obj: sourcepickle.dumps(obj, by_source=True, target_version=(3, 9)),
    "standalone": lambda obj: sourcepickle.dumps(obj, by_source=True, standalone=True),
    "portable": lambda obj: pickle.dumps(sourcepickle.portable(lambda: obj)),
    "plan": lambda obj: sourcepickle.plan(obj, by_source=True),
}


def outcome(dumps: Callable, obj: object) -> str:
    try:
        data = dumps(obj)
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]
    if isinstance(data, bytes):
        if b"bytecode_" in data:
            return "by bytecode"
        pickle.loads(data)
        return "loaded"
    refused = [item for item in data if item.how == "refused"]
    return refused[0].why.splitlines()[0] if refused else "planned"


if __name__ == "__main__":
    name, *ways = sys.argv[1:]
    graph = GRAPHS[name]()
    outcomes = {way: outcome(WAYS[way], graph) for way in ways or WAYS}
    # What was met deep in a graph is not refused for it.
    for function in list(CHAIN.values()):
        if isinstance(function, types.FunctionType):
            sourcepickle.getsource(function)
    print(json.dumps(outcomes), flush=True)
    os._exit(0)  # How CPython takes it down is not ours.
