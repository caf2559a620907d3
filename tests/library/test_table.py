"""The table of the standard library agrees with the interpreter that runs the tests."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
import warnings
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parent.parent.parent / "src" / "library"
TABLE = (LIBRARY / "table.txt").read_text().splitlines()
MODULES = set((LIBRARY / "modules.txt").read_text().split())

# Modules that not every platform has, or that a build leaves out where a library is missing.
MAY_BE_MISSING = {
    *("_crypt", "_msi", "_remote_debugging", "_zstd", "compression.zstd", "crypt", "msilib"),
    *("_curses", "curses", "dbm.sqlite3", "nis", "ossaudiodev", "posix", "readline", "spwd"),
    *("_sqlite3", "sqlite3", "sqlite3.dbapi2", "sqlite3._completer", "termios", "tkinter.tix"),
    *("_ssl", "ssl", "_uuid", "asyncio.unix_events", "turtle", "tty", "zlib", "_ctypes", "ctypes"),
    *("distutils.command.bdist_msi", "asyncio.windows_events", "_ios_support"),
}
# Modules whose names follow the platform's.
OF_PLATFORM = {"asyncio", "os", "posix", "socketserver", "stat", "_stat"}


def module_of(name: str) -> types.ModuleType | None:
    try:
        return importlib.import_module(name)
    except Exception:
        return None


def is_found(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False  # its package is not there
    except ValueError:
        return True  # it is loaded, and has no specification


def is_present(module: str, name: str) -> bool | None:
    """None where this platform does not say."""
    if module.partition(".")[0] == "distutils" and is_found("setuptools"):
        return None  # which puts a distutils of its own in that one's place
    if not name:
        there = is_found(module)
        return None if not there and module in MAY_BE_MISSING else there
    found = module_of(module)
    if found is None:
        return None if module in MAY_BE_MISSING else False
    there = not isinstance(getattr(found, name, sys), types.ModuleType)
    return None if not there and module in OF_PLATFORM and sys.platform != "linux" else there


@pytest.mark.filterwarnings("ignore")
def test_every_entry_is_as_the_table_says() -> None:
    wrong = []
    for line in TABLE:
        of, _, lifetime = line.rpartition(" ")
        module, _, name = of.partition(" ")
        first, last = lifetime.split("-")
        says = int(first or 0) <= sys.version_info[1] <= int(last or 99)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            is_there = is_present(module, name)
        # A name does not outlive its module, and its line says nothing of that.
        if name and not is_found(module):
            continue
        if is_there is not None and is_there != says:
            wrong.append((line, is_there))
    assert wrong == []


def test_the_list_has_every_module_of_this_version() -> None:
    listed = getattr(sys, "stdlib_module_names", sys.builtin_module_names)
    assert {name for name in listed if name not in MODULES} - {"xxsubtype"} == set()
