"""Ctrl-C and errors in the midst of dumps and loads leave nothing half done."""

import io
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import cloudpickle
import pytest
import sourcepickle

TIMES = 1000 if os.environ.get("SOURCEPICKLE_FAULTS") else 25
PROGRAM = Path(__file__).with_name("interrupts.py")


def test_what_is_interrupted_is_done_again(tmp_path):
    command = [sys.executable, PROGRAM, str(TIMES)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    outcome = json.loads(done.stdout)
    assert outcome["failures"] == []
    assert len(outcome["counts"]) == 6
    for name, count in outcome["counts"].items():
        assert count > TIMES / 10, name


class Failing:
    """An object whose pickling fails while it is told to."""

    fails = True

    def __reduce__(self):
        if self.fails:
            raise ZeroDivisionError
        return list, ()


class FailingFile(io.BytesIO):
    fails = True

    def write(self, data):
        if self.fails:
            raise ZeroDivisionError
        return super().write(data)


OPTIONS = [
    {},
    {"by_source": True},
    {"by_source": "prefer"},
    {"by_source": True, "target_version": (3, 9)},
    {"by_source": True, "standalone": True},
    {"pickle_by_reference": {"os"}},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_pickler_is_used_again_after_an_object_that_fails(module_of, options):
    sample = module_of("rate = 2\ndef f(x):\n    return x * rate\ndef g(x):\n    return f(x)\n")
    file, failing, shared = io.BytesIO(), Failing(), ["shared"]
    pickler = sourcepickle.Pickler(file, **options)
    with pytest.raises(ZeroDivisionError):
        pickler.dump([shared, sample.f, sample.g, failing])
    assert file.getvalue() == b""
    failing.fails = False
    pickler.dump([shared, sample.f, sample.g, failing])
    loaded = pickle.loads(file.getvalue())
    assert (loaded[0], loaded[1](3), loaded[2](3), loaded[3]) == (shared, 6, 6, [])


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_pickler_is_used_again_after_a_file_that_fails(module_of, options):
    sample = module_of("rate = 2\ndef f(x):\n    return x * rate\ndef g(x):\n    return f(x)\n")
    file = FailingFile()
    pickler = sourcepickle.Pickler(file, **options)
    with pytest.raises(ZeroDivisionError):
        pickler.dump([sample.f, sample.g])
    file.fails = False
    pickler.dump([sample.f, sample.g])
    f, g = pickle.loads(file.getvalue())
    assert (f(3), g(3)) == (6, 6)


def test_seam_is_whole_after_an_object_that_fails(module_of):
    sample = module_of("def f(x):\n    return x\n")
    failing = Failing()
    with sourcepickle.install():
        expected = cloudpickle.dumps(sample.f)
        pickler = cloudpickle.Pickler(io.BytesIO())
        with pytest.raises(ZeroDivisionError):
            pickler.dump([sample.f, failing])
        assert "reducer_override" not in vars(pickler)
        assert cloudpickle.dumps(sample.f) == expected
