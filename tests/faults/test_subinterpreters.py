"""In a sub-interpreter payloads load and a dump is refused; the main one is none the worse."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import sourcepickle

PROGRAM = Path(__file__).with_name("subinterpreters.py")


@pytest.fixture
def told(tmp_path, module_of):
    """Return a function: what interpreters tell, one after the other."""
    double = module_of("factor = 2\ndef double(x):\n    return factor * x\n").double
    payloads = [
        sourcepickle.dumps(double, by_source=True, standalone=alone) for alone in (False, True)
    ]
    path = tmp_path / "payloads"
    path.write_bytes(pickle.dumps(payloads))

    def run(order):
        command = [sys.executable, PROGRAM, path, order]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    return run


DUMPED = [8, 8, "bytes"]


@pytest.mark.parametrize("order", ["ms", "sm", "ss", "smsm"])
def test_interpreters_that_share_a_lock(told, order):
    for letter, outcome in zip(order, told(order)):
        if letter == "m":
            assert outcome == DUMPED
        else:
            assert outcome[:2] == [8, 8]
            assert "sourcepickle dumps in the main interpreter alone" in outcome[2]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="all interpreters share a lock (PEP 684)")
@pytest.mark.parametrize("order", ["mo", "om", "omom"])
def test_interpreters_with_a_lock_of_their_own(told, order):
    for letter, outcome in zip(order, told(order)):
        if letter == "m":
            assert outcome == DUMPED
        else:
            assert outcome[:2] == [8, 8]
            assert "does not support loading in subinterpreters" in outcome[2]
