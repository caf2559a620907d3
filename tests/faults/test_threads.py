"""Threads that edit what others dump get the function that was dumped, or a documented error."""

import json
import os
import subprocess
import sys
from pathlib import Path

SECONDS = 60 if os.environ.get("SOURCEPICKLE_FAULTS") else 3
PROGRAM = Path(__file__).with_name("threads.py")


def test_files_are_edited_and_linecache_cleared_meanwhile(tmp_path):
    command = [sys.executable, PROGRAM, str(SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    outcome = json.loads(done.stdout)
    assert outcome["failures"] == []
    assert outcome["counts"]["sent"] > 100
    assert outcome["counts"]["SourceMismatchError"] > 0
