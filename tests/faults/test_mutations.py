"""No damaged payload crashes or hangs the process, fills its memory, or passes for a whole one."""

import json
import os
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import sourcepickle
from conftest import RUNNING

HERE = Path(__file__).resolve().parent
COUNT = 100_000 if os.environ.get("SOURCEPICKLE_FAULTS") else 6_000
# What stands alone is loaded from its text, which takes longer.
ALONE = COUNT // 4


@pytest.fixture(scope="module")
def golden():
    """Return the golden payloads of this version of Python, by kind and by case."""
    found = {"payloads": {}, "standalone": {}}
    for archive in HERE.parent.joinpath("golden").glob("*.tar.xz"):
        with tarfile.open(archive) as members:
            for member in members:
                writer, _, name = member.name.partition("/")
                version, _, kind = writer.rpartition(".")
                if version == RUNNING:
                    found[kind][f"{archive.name}/{name}"] = members.extractfile(member).read()
    return found


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Return the payloads of every case as they are written now, by kind and by case."""
    folder = tmp_path_factory.mktemp("fresh")
    command = [sys.executable, HERE.parent / "cell.py", "write", folder]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    kinds = ("payloads", "standalone")
    return {kind: pickle.loads((folder / f"{RUNNING}.{kind}").read_bytes()) for kind in kinds}


def made(sample):
    """Return payloads of kinds that the cases do not have."""
    return {
        "portable": pickle.dumps(sourcepickle.portable(sample.closure())),
        "oldest protocol": sourcepickle.dumps(sample.closure(), 0, by_source=True),
        "many functions": sourcepickle.dumps([sample.closure] * 2, by_source=True),
    }


SAMPLE = """
    rate = 2

    def closure(x=[1]):
        def inner(y):
            return x, y, rate
        return inner
"""


def run(folder, seeds, count, *options):
    """Return what became of damaged payloads, loaded in a process of its own."""
    path, progress = folder / "seeds", folder / "progress"
    path.write_bytes(pickle.dumps(seeds))
    progress.write_bytes(bytes(8))
    command = [sys.executable, *options, HERE / "mutations.py", path, progress, "0", str(count)]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", cwd=folder
    )
    at = int.from_bytes(progress.read_bytes(), "little")
    assert done.returncode == 0, f"it died of {done.returncode} at {at}: {done.stderr[-3000:]}"
    outcome = json.loads(done.stdout)
    assert outcome["failures"] == []
    counts = outcome["counts"]
    assert counts.pop("seeds") > len(seeds) / 2
    assert sum(counts.values()) == count
    return counts


def test_damaged_payloads(tmp_path, golden, fresh, module_of):
    seeds = {**golden["payloads"], **fresh["payloads"], **made(module_of(SAMPLE))}
    counts = run(tmp_path, seeds, COUNT)
    # It gets beyond pickle and beyond the checksum.
    assert counts["SourceDamagedError of ours"] > COUNT / 30
    assert counts["SourceVersionError of ours"] > 0
    assert counts["loaded"] > COUNT / 10


def test_damaged_payloads_that_stand_alone(tmp_path, fresh):
    counts = run(tmp_path, fresh["standalone"], ALONE, "-I", "-S")
    assert counts["SourceDamagedError of ours"] > ALONE / 60
    assert counts["error"] > 0  # zlib's, of damaged code of ours
