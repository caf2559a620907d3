from __future__ import annotations

import contextlib
import importlib
import importlib.util
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import sourcepickle

sys.path.append(str(Path(__file__).parent))
import interpreters

RUNNING = f"3.{sys.version_info[1]}"


def pytest_itemcollected(item):
    """Have JUnit XML tell what a test of an engine shows, for tests/engines/table.py."""
    for name in ("way", "feature"):
        mark = item.get_closest_marker(name)
        if mark:
            item.user_properties.append((name, *mark.args))


@pytest.fixture
def module_of(tmp_path):
    """Return a function that writes a text as a file and runs it as a module nothing can import."""

    def make(text, name="sample", dedent=True):
        path = tmp_path / f"{name}.py"
        path.write_text(textwrap.dedent(text) if dedent else text, "utf-8")
        spec = importlib.util.spec_from_file_location(f"{name}_without_a_module", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return make


@pytest.fixture
def run_python(tmp_path):
    """Return a function that runs a program on this interpreter and gives its output."""

    def run(program, *arguments, options=()):
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(program), "utf-8")
        command = [sys.executable, *options, str(path), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


class Home:
    """A folder of modules that can be imported here and nowhere else."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, **texts):
        """Write modules, ``a__b="..."`` as ``a/b.py``, and return the last one imported."""
        for name, text in texts.items():
            path = self.folder.joinpath(*name.split("__")).with_suffix(".py")
            if path.stem == "init":
                path = path.with_name("__init__.py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), "utf-8")
        importlib.invalidate_caches()
        return importlib.import_module(".".join(name.split("__")).replace(".init", ""))

    def names(self):
        """Return the names of the modules that were imported from here."""
        here = str(self.folder)
        return [
            name
            for name, module in list(sys.modules.items())
            if str(getattr(module, "__file__", None)).startswith(here)
        ]

    def forget(self):
        return {name: sys.modules.pop(name) for name in self.names()}

    @contextlib.contextmanager
    def away(self):
        """Do what is in the block as a process that does not have these modules."""
        modules = self.forget()
        sys.path.remove(str(self.folder))
        try:
            yield
            assert self.names() == []
        finally:
            sys.path.insert(0, str(self.folder))
            sys.modules.update(modules)


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "home")
    made.folder.mkdir()
    sys.path.insert(0, str(made.folder))
    yield made
    sys.path.remove(str(made.folder))
    made.forget()


@pytest.fixture(scope="session")
def pythons():
    """Return the executable of each supported version that this machine has."""
    return interpreters.find()


@pytest.fixture(scope="session")
def two_others(pythons):
    """Return the oldest and the newest of the versions that do not run these tests."""
    others = [version for version in pythons if version != RUNNING]
    return sorted({*others[:1], *others[-1:]})


@pytest.fixture(scope="session")
def environments():
    """Return the executables of the environments that stand beside the running one."""
    folder = Path(sys.prefix).parent
    found = {version: folder / version / "bin" / "python" for version in interpreters.supported()}
    beside = {version: str(path) for version, path in found.items() if path.exists()}
    return {**beside, RUNNING: sys.executable}


@pytest.fixture(scope="session")
def pure_package(tmp_path_factory):
    """Return a folder with the part of the package that a receiver needs, and nothing else."""
    folder = tmp_path_factory.mktemp("receiver")
    installed = Path(sourcepickle.__file__).parent
    ignored = shutil.ignore_patterns("_native.*", "__pycache__")
    shutil.copytree(installed, folder / installed.name, ignore=ignored)
    return folder


@pytest.fixture
def received(tmp_path, pure_package):
    """Return a function: what a program prints about ``loaded``, in a process without the rest."""

    def run(data, program, python=sys.executable, folders=None, flags=("-S",), fails=False):
        path = tmp_path / "received.pickle"
        path.write_bytes(data)
        folders = [pure_package] if folders is None else folders
        start = f"""
            import pickle, sys
            sys.path += {list(map(str, folders))!r}
            with open({str(path)!r}, "rb") as file:
                loaded = pickle.load(file)
        """
        text = textwrap.dedent(start) + textwrap.dedent(program)
        done = subprocess.run(
            [python, "-I", "-B", *flags, "-c", text],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            timeout=60,
        )
        assert (done.returncode > 0) if fails else (done.returncode == 0), done.stderr
        return done.stderr if fails else done.stdout.strip()

    return run
