"""A child of a process whose other threads dump and load at that moment dumps and loads too."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TIMES = 500 if os.environ.get("SOURCEPICKLE_FAULTS") else 25
PROGRAM = Path(__file__).with_name("forks.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_no_child_waits_for_ever(tmp_path):
    command = [sys.executable, PROGRAM, str(TIMES)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"exit 0": TIMES}
