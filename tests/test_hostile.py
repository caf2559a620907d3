"""No text kills the process: what nests too deep, or is no Python at all, is an error."""

import json
import subprocess
import sys
from pathlib import Path

DOCUMENTED = {"same", "SourceNotFoundError", "SourceMismatchError"}


def test_extreme_texts_are_sent_or_refused():
    program = Path(__file__).with_name("hostile.py")
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes = json.loads(done.stdout)
    assert len(outcomes) > 30
    assert {name: found for name, found in outcomes.items() if set(found) - DOCUMENTED} == {}
    assert "same" in outcomes["a line of a megabyte"]
