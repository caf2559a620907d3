"""Graphs deeper than the stack are sent, or refused by cloudpickle's error; nothing crashes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("deep.py")
TOO_DEEP = "PicklingError: Could not pickle object as excessively deep recursion required."
GRAPHS = ["lists", "closures", "cells", "defaults", "attributes", "classes", "instances"]
GRAPHS += ["methods", "chain", "annotations"]
WAYS = [] if os.environ.get("SOURCEPICKLE_FAULTS") else ["by source", "prefer", "plan"]


@pytest.mark.parametrize("graph", GRAPHS)
def test_deep_graph(tmp_path, graph):
    command = [sys.executable, PROGRAM, graph, *WAYS]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    outcomes = json.loads(done.stdout)
    # The plan asks an object for its own way to be pickled, with no cloudpickle around it.
    allowed = {"loaded", "planned", TOO_DEEP, "RecursionError: maximum recursion depth exceeded"}
    found = {way: told for way, told in outcomes.items() if told not in allowed}
    # Whatever the rule's callable raises is told as the callable's.
    if "RecursionError" in found.get("callable", ""):
        assert found.pop("callable").startswith("PickleByReferenceError")
    assert found == {}
    assert outcomes["by source"] in ("loaded", TOO_DEEP)
