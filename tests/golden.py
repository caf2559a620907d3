"""Golden payloads: every case from every interpreter, as the versions of this package wrote them.

``golden.py FORMAT`` writes those of this version to ``golden/FORMAT.tar.xz``, a member for each
payload. What is there is never written again: whatever later versions change, they load it.
"""

from __future__ import annotations

import io
import pickle
import shutil
import sys
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import interpreters
from matrix import CELL, problems_of, process

FOLDER = Path(__file__).with_name("golden")
KINDS = {"payloads": ("read-golden", ()), "standalone": ("read-bare", ("-I", "-S"))}


def check(pythons: dict[str, str], folder: Path) -> bool:
    """Load all golden payloads on every interpreter; return whether every case holds."""
    tasks = [
        (python, *KINDS[path.suffix[1:]], path)
        for path in _unpacked(folder)
        for python in pythons.items()
    ]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(
            pool.map(lambda task: process(task[0][1], task[1], task[3], task[2]), tasks)
        )
    problems = [
        f"golden {path.relative_to(folder)}, read on {version}: {problem}"
        for ((version, _), _, _, path), outcome in zip(tasks, outcomes)
        for problem in problems_of(outcome)
    ]
    total = sum(len(outcome) for outcome in outcomes if isinstance(outcome, dict))
    if not total:
        problems.append("there are none")
    print(f"golden payloads: {total} checks, {len(problems)} failed")
    print(*problems[:40], sep="\n")
    return not problems


def _unpacked(folder: Path) -> list[Path]:
    """Write the archives' payloads to files as those of a writer; return these."""
    paths = []
    for archive in sorted(FOLDER.glob("*.tar.xz")):
        by_file: dict[str, dict[str, bytes]] = {}
        with tarfile.open(archive) as members:
            for member in members:
                writer, _, name = member.name.partition("/")
                by_file.setdefault(writer, {})[name] = members.extractfile(member).read()
        for writer, payloads in by_file.items():
            path = folder / archive.name.partition(".tar")[0] / writer
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(pickle.dumps(payloads))
            paths.append(path)
    return paths


def write(name: str) -> None:
    """Write the payloads of every case from every interpreter, for good."""
    pythons = interpreters.environments()
    archive = FOLDER / f"{name}.tar.xz"
    if archive.exists() or len(pythons) < len(interpreters.supported()):
        raise SystemExit(f"{archive} is there already, or an interpreter is missing")
    FOLDER.mkdir(exist_ok=True)
    neutral = _neutral()
    with tempfile.TemporaryDirectory() as temporary, tarfile.open(archive, "w:xz", preset=9) as tar:
        folder = Path(temporary)
        for version in pythons:
            python = str(neutral / "environments" / version / "bin" / "python")
            cell = neutral / "tests" / CELL.name
            problems = problems_of(process(python, "write", folder, cell=cell))
            if problems:
                raise SystemExit(f"{version}: {problems}")
        # By case, for the payloads of one are alike, and the archive is small then.
        members = {
            (case, path.name): payload
            for path in sorted(folder.iterdir())
            for case, payload in pickle.loads(path.read_bytes()).items()
        }
        for case, writer in sorted(members):
            member = tarfile.TarInfo(f"{writer}/{case}")
            member.size = len(members[case, writer])
            tar.addfile(member, io.BytesIO(members[case, writer]))


def _neutral() -> Path:
    """Return a folder with the cases and the environments: payloads name files, and are to name no
    one's own.
    """
    folder = Path(tempfile.gettempdir(), "sourcepickle")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(CELL.parent / "cases", folder / "tests" / "cases")
    shutil.copy(CELL, folder / "tests")
    (folder / "environments").symlink_to(interpreters.ENVIRONMENTS)
    return folder


if __name__ == "__main__":
    write(sys.argv[1])
