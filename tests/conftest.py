from __future__ import annotations

import importlib.util
import subprocess
import sys
import textwrap

import pytest


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

    def run(program, *arguments):
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(program), "utf-8")
        command = [sys.executable, str(path), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
