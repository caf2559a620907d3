"""Writes src/library/table.txt and modules.txt: which Python has what of the standard library.

    python3 tools/library_table.py

It needs every supported interpreter (``tests/interpreters.py`` says where they are looked for, and
``SOURCEPICKLE_PYTHONS`` names more places). It asks each of them twice: which modules and public
names it has, and which of those that any of them has it has too. A name is a module's own where
``__all__`` has it, or where there is no ``__all__`` and it was not imported from elsewhere; it is
there wherever it can be had, exported or not. What all of them have is left out.

A line of the table is a module, a name in it unless the line is about the module itself, and the
first and the last minor version, either of them left out where there is none.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
import re
import subprocess
import sys
import sysconfig
import tempfile
import types
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "src" / "library"

# What is no library, or a part of the interpreter's own, or does something when it is imported, or
# is there on one platform and now and then left out on the others.
_SKIPPED = re.compile(
    r"(test|idlelib|turtledemo|ensurepip|pydoc_data|this|antigravity|__phello__|__hello__|_?xx\w*"
    r"|_test\w*|_ctypes_test|_wmi|_sysconfigdata\w*|_sysconfig_vars\w*|__main__|__init__)(\.|$)"
    r"|(lib2to3|_pyrepl)\.|ctypes\.macholib|.*\.(__main__|tests?|_test\w*|idle_test)(\.|$)|.*-"
)
# Modules that mirror the headers or libraries they are built with: a constant in them says more of
# the machine than of the version.
_OF_PLATFORM = re.compile(
    r"(_?curses|_?dbm|_?gdbm|_?socket|_?sqlite3|_?ssl|_?tkinter|errno|fcntl|mmap|nt|os|_?locale"
    r"|posix|pwd|readline|resource|select|selectors|_?signal|termios|time|tty|zlib|_?lzma|_?bz2"
    r"|syslog|_?winapi|winreg|ossaudiodev|spwd|nis|_?crypt|_?hashlib|_?uuid|_posixsubprocess)(\.|$)"
)
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*$")
# What security fixes brought to older versions too, some releases of which have it.
_BACKPORTED = {
    "email._header_value_parser": {
        "NLSET",
        "SPECIALSNL",
        "make_parenthesis_pairs",
        "make_quoted_pairs",
    },
    "email.errors": {"HeaderWriteError"},
    "genericpath": {"ALLOW_MISSING"},
    "ntpath": {"ALLOW_MISSING"},
    "posixpath": {"ALLOW_MISSING"},
    "tarfile": {"LinkFallbackError"},
}

# In each interpreter


def modules() -> list[str]:
    """Return the modules of the running interpreter's standard library that it has here."""
    folders = [sysconfig.get_path("stdlib"), *filter(_DYNAMIC.search, sys.path)]
    found = set(sys.builtin_module_names)
    pending = [(folders, "")]
    while pending:
        paths, prefix = pending.pop()
        for info in pkgutil.iter_modules(paths, prefix):
            if _SKIPPED.match(info.name):
                continue
            found.add(info.name)
            if info.ispkg:
                path = info.name.replace(".", "/")
                pending.append(([f"{folder}/{path}" for folder in folders], f"{info.name}."))
    listed = getattr(sys, "stdlib_module_names", None)
    return sorted(
        name
        for name in found
        if not _SKIPPED.match(name) and (listed is None or name.partition(".")[0] in listed)
    )


_DYNAMIC = re.compile("lib-dynload$")


def imported(name: str) -> types.ModuleType | None:
    """Import a module, if this machine can."""
    try:
        return importlib.import_module(name)
    except Exception:
        return None


def is_found(name: str) -> bool:
    """Whether the running interpreter has a module, be it importable on this machine or not."""
    parent = name.rpartition(".")[0]
    if parent and not hasattr(imported(parent), "__path__"):
        return False
    try:
        return importlib.util.find_spec(name) is not None
    except ValueError:
        return name in sys.modules


def own_names(module: types.ModuleType) -> Iterable[str]:
    """Return the names that are the module's own."""
    exported = getattr(module, "__all__", None)
    if exported is None:
        exported = [name for name in dir(module) if is_defined_in(module, name)]
    return {name for name in (*exported, *names_on_request(module)) if is_public(module, name)}


def names_on_request(module: types.ModuleType) -> set[str]:
    """Return the names that a module's ``__getattr__`` (PEP 562) may answer to."""
    code = getattr(getattr(module, "__getattr__", None), "__code__", None)
    if code is None:
        return set()
    named = [getattr(module, name, None) for name in code.co_names]
    lists = [code.co_consts, *code.co_consts, *named]
    lists += [getattr(value, "__all__", None) for value in named]
    kinds = (tuple, list, set, frozenset, dict)
    return {
        name
        for names in lists
        if isinstance(names, kinds)
        for name in names
        if isinstance(name, str) and name.isidentifier() and name not in vars(module)
    }


def is_public(module: types.ModuleType, name: str) -> bool:
    """Whether a name is for users, and the version's rather than the machine's."""
    if name.startswith("_") or name == "TYPE_CHECKING" or not has(module, name):
        return False
    return not (_OF_PLATFORM.match(module.__name__) and _CONSTANT.match(name))


def is_defined_in(module: types.ModuleType, name: str) -> bool:
    """Whether a name in a module without ``__all__`` was not merely imported into it."""
    home = getattr(getattr(module, name, None), "__module__", None)
    if not isinstance(home, str):
        # In Python code a lower-case name without a home is some loop's variable.
        is_python = str(getattr(module, "__file__", "")).endswith(".py")
        return not (is_python and name.islower())
    # An accelerator in C names itself.
    accelerated = module.__name__.partition(".")[0].strip("_")
    return home == module.__name__ or (home.startswith("_") and home.strip("_") == accelerated)


def has(module: types.ModuleType, name: str) -> bool:
    """Whether a module has a name that is not just another module which it imports."""
    try:
        value = getattr(module, name)
    except Exception:
        return False
    return not isinstance(value, types.ModuleType)


def survey(_: None) -> dict[str, Any]:
    """Return the running interpreter's modules with their own names, and what it lists."""
    names = {name: imported(name) for name in modules()}
    own = {name: sorted(own_names(module)) if module else [] for name, module in names.items()}
    return {"names": own, "listed": sorted(getattr(sys, "stdlib_module_names", ()))}


def present(candidates: dict[str, list[str]]) -> dict[str, list[str] | None]:
    """Return the modules that are there, with the names that are; None where that is unknown."""
    found: dict[str, list[str] | None] = {}
    listed = getattr(sys, "stdlib_module_names", ())
    for name, names in candidates.items():
        module = imported(name)
        if module is not None:
            found[name] = [name for name in names if has(module, name)]
        elif name in listed or is_found(name):
            found[name] = None
    return found


# In the one that writes


def ask(executable: str, question: str, about: Any = None) -> Any:
    """Have another interpreter, alone with its standard library, run one of the functions above."""
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder, "given"), Path(folder, "answer")
        given.write_text(json.dumps(about))
        command = [executable, "-I", "-S", __file__, question, str(given), str(answer)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.loads(answer.read_text())


def lifetime(versions: list[int], known: list[int]) -> str | None:
    """Return the versions that have something as the table writes them; None where all have.

    ``known`` are the versions of which it is known; what is unknown is taken to be as next to it.
    """
    if not versions or len(versions) == len(known):
        return None
    first, last = versions[0], versions[-1]
    if known.index(last) - known.index(first) + 1 != len(versions):
        # Gone and back again: nothing is certain.
        return None
    from_first = "" if first == known[0] else str(first)
    return f"{from_first}-{'' if last == known[-1] else last}"


class Library:
    """What all interpreters answered."""

    def __init__(self, executables: dict[str, str]) -> None:
        self.minors = [int(version.partition(".")[2]) for version in executables]
        surveys = [ask(executable, "survey") for executable in executables.values()]
        self.listed = sorted({name for survey in surveys for name in survey["listed"]})
        candidates: dict[str, set[str]] = {
            name: set() for name in self.listed if not _SKIPPED.match(name)
        }
        for survey in surveys:
            for module, names in survey["names"].items():
                candidates.setdefault(module, set()).update(names)
        about = {name: sorted(candidates[name]) for name in sorted(candidates)}
        answers = [ask(executable, "present", about) for executable in executables.values()]
        self.candidates = about
        self.answers = dict(zip(self.minors, answers))

    def top_levels(self) -> list[str]:
        """Return the name of every top-level module of any version."""
        own = {name for name in self.candidates if "." not in name}
        return sorted(own.union(self.listed))

    def is_known(self, minor: int, module: str) -> bool:
        """Whether it is known if a version has a module."""
        answer, parent = self.answers[minor], module.rpartition(".")[0]
        if parent:
            # A package that cannot be imported here does not show its modules.
            return answer.get(parent, ()) is not None
        # Python 3.9 has no list of modules, so of those that are not on this machine it is unknown.
        next_one = self.answers.get(minor + 1, {})
        return minor > 9 or module in answer or next_one.get(module, ()) is not None

    def of_module(self, module: str) -> str | None:
        """Return the lifetime of a module."""
        known = [minor for minor in self.minors if self.is_known(minor, module)]
        return lifetime([minor for minor in known if module in self.answers[minor]], known)

    def of_name(self, module: str, name: str) -> str | None:
        """Return the lifetime of a name in a module, if it is not as long as the module's."""
        if name in _BACKPORTED.get(module, ()):
            return None
        names = {minor: self.answers[minor].get(module) for minor in self.minors}
        known = [minor for minor, there in names.items() if there is not None]
        return lifetime([minor for minor in known if name in names[minor]], known)

    def lines(self) -> list[str]:
        """Return the lines of the table."""
        lines = []
        for module, names in self.candidates.items():
            span = self.of_module(module)
            # A module that its package brings and takes along is no news.
            if span and span != self.of_module(module.rpartition(".")[0]):
                lines.append(((module, ""), f"{module} {span}"))
            for name in names:
                own_span = self.of_name(module, name)
                if own_span:
                    lines.append(((module, name), f"{module} {name} {own_span}"))
        return [line for _, line in sorted(lines)]


def main() -> None:
    """Write both files."""
    sys.path.insert(0, str(ROOT / "tests"))
    import interpreters

    executables = interpreters.find()
    missing = set(interpreters.supported()) - set(executables)
    if missing:
        raise SystemExit(f"the table is of all supported versions, and {missing} are not here")
    library = Library(executables)
    (LIBRARY / "modules.txt").write_text("".join(f"{name}\n" for name in library.top_levels()))
    (LIBRARY / "table.txt").write_text("".join(f"{line}\n" for line in library.lines()))


def answer(question: str, given: str, answer: str) -> None:
    """Answer what :func:`ask` asks."""
    warnings.simplefilter("ignore")
    functions = {"survey": survey, "present": present}
    result = functions[question](json.loads(Path(given).read_text()))
    Path(answer).write_text(json.dumps(result))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        answer(*sys.argv[1:])
    else:
        main()
