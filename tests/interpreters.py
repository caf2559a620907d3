"""The supported interpreters, those of them on this machine, and an environment for each.

The list of versions is the classifiers of pyproject.toml. An interpreter is looked for in the
executables or folders that ``SOURCEPICKLE_PYTHONS`` names (separated as in ``PATH``), in ``PATH``
and among pyenv's versions. With ``SOURCEPICKLE_DEMAND_ALL=1`` a missing one is an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venvs"
WHEELS = ROOT / "target" / "wheels"
# What the tests import beside the package itself. ipykernel 7 loses a request now and then and is
# silent ever after (https://github.com/ipython/ipykernel/issues/1554). Golden payloads of attrs'
# classes name private functions of attrs, which another release may not have.
TEST_DEPENDENCIES = ["attrs==26.1.0", "click", "coverage", "hypothesis", "hypothesmith"]
TEST_DEPENDENCIES += ["ipykernel<7", "pydantic", "pytest", "rich"]

_CLASSIFIER = re.compile(r'"Programming Language :: Python :: (3\.\d+)"')


def supported() -> list[str]:
    """Return the supported versions, such as ``"3.9"``, oldest first."""
    return _CLASSIFIER.findall((ROOT / "pyproject.toml").read_text("utf-8"))


def find() -> dict[str, str]:
    """Return the executable of each supported version that this machine has.

    Raises SystemExit where one is missing and ``SOURCEPICKLE_DEMAND_ALL`` is set.
    """
    found = {}
    for version in supported():
        for candidate in _candidates(version):
            if _is_cpython(candidate, version):
                found[version] = candidate
                break
    missing = [version for version in supported() if version not in found]
    print(f"interpreters found: {', '.join(found)}; missing: {', '.join(missing) or 'none'}")
    if missing and os.environ.get("SOURCEPICKLE_DEMAND_ALL") == "1":
        raise SystemExit(f"SOURCEPICKLE_DEMAND_ALL is set and CPython {missing} is not here")
    return found


def environments(
    purpose: str = "",
    dependencies: list[str] = TEST_DEPENDENCIES,
    versions: list[str] | None = None,
) -> dict[str, str]:
    """Return the executable of a virtual environment per interpreter, with the wheel installed.

    Environments for one purpose are others than those for another; without ``versions`` there is
    one for each interpreter that is found.
    """
    (wheel,) = WHEELS.glob("*.whl")
    found = {
        version: path for version, path in find().items() if version in (versions or [version])
    }

    def made(item: tuple[str, str]) -> tuple[str, str]:
        version, executable = item
        return version, _environment(version + purpose, executable, wheel, dependencies)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(pool.map(made, found.items()))


def _candidates(version: str) -> list[str]:
    name = f"python{version}"
    candidates = []
    for named in filter(None, os.environ.get("SOURCEPICKLE_PYTHONS", "").split(os.pathsep)):
        path = Path(named)
        candidates.append(str(path / name if path.is_dir() else path))
    candidates += [str(Path(folder) / name) for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates += map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/{name}"), reverse=True))
    candidates.append(sys.executable)
    return [candidate for candidate in candidates if shutil.which(candidate)]


def _is_cpython(executable: str, version: str) -> bool:
    program = "import sys; print('%s %d.%d' % (sys.implementation.name, *sys.version_info[:2]))"
    answer = subprocess.run([executable, "-c", program], capture_output=True, text=True)
    return answer.stdout.strip() == f"cpython {version}"


def _environment(name: str, executable: str, wheel: Path, dependencies: list[str]) -> str:
    folder = ENVIRONMENTS / name
    python = str(folder / "bin" / "python")
    marker = folder / "dependencies"
    wanted = " ".join([executable, *dependencies])
    if not marker.exists() or marker.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _run([executable, "-m", "venv", str(folder)])
        # A release that this Python has no wheel for gives way to an older one that it has.
        wheels = ["--only-binary=:all:", str(wheel), *dependencies]
        _run([python, "-m", "pip", "install", "-q", *wheels])
        marker.write_text(wanted)
    else:
        _run([python, "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall", str(wheel)])
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}")
