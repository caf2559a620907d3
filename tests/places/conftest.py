"""What the tests of places share: child processes, modules from bytes, and what must hold."""

from __future__ import annotations

import ast
import dis
import importlib.util
import os
import pickle
import subprocess
import sys
import textwrap
import types
from pathlib import Path

import pytest
import sourcepickle

# Runs where no pytest is: neither site-packages' start-up files nor the packages themselves.
READER = """
import sys
folder, data, expression = sys.argv[1:]
sys.path.append(folder)
sys.modules["pytest"] = sys.modules["_pytest"] = None
import pickle
with open(data, "rb") as file:
    f = pickle.load(file)
def raised(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return type(error).__name__, error.args
def run(coroutine):
    import asyncio
    return asyncio.run(coroutine)
print(ascii(eval(expression)))
"""


def clean_environment(**variables):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV", "PYTEST"))}
    kept.update(PYTHONIOENCODING="utf-8", **variables)
    return kept


@pytest.fixture
def python(tmp_path):
    """Return a function that runs this interpreter and gives its standard output."""

    def run(*arguments, input=None, cwd=tmp_path, env=None, fails=False):
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            input=input,
            capture_output=True,
            encoding="utf-8",
            cwd=cwd,
            env=clean_environment(**(env or {})),
            timeout=60,
        )
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def elsewhere(python, tmp_path):
    """Return a function that loads ``f`` in another process and gives an expression's value."""
    folder = Path(sourcepickle.__file__).parents[1]

    def evaluate(data, expression, *flags):
        path = tmp_path / "elsewhere.pickle"
        path.write_bytes(data)
        answer = python("-S", "-I", *flags, "-c", READER, folder, path, expression)
        return ast.literal_eval(answer)

    return evaluate


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a text or bytes as a file of the test's folder."""

    def make(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = textwrap.dedent(content).encode()
        path.write_bytes(content)
        return path

    return make


@pytest.fixture
def imported(write):
    """Return a function that imports bytes as a module that no name finds."""

    def make(content, name="sample"):
        spec = importlib.util.spec_from_file_location(f"{name}_alone", write(f"{name}.py", content))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return make


def assert_same_code(loaded, original):
    assert loaded.co_filename.startswith("<sourcepickle ")
    assert loaded.co_name == original.co_name
    assert loaded.co_firstlineno == original.co_firstlineno
    assert list(dis.findlinestarts(loaded)) == list(dis.findlinestarts(original))
    if sys.version_info >= (3, 11):
        assert list(loaded.co_positions()) == list(original.co_positions())
    assert len(loaded.co_consts) == len(original.co_consts)
    for a, b in zip(loaded.co_consts, original.co_consts):
        assert type(a) is type(b)
        if isinstance(b, types.CodeType):
            assert_same_code(a, b)
        else:
            assert ascii(a) == ascii(b)


@pytest.fixture
def dumps():
    return lambda function: sourcepickle.dumps(function, by_source=True)


@pytest.fixture
def twin(dumps):
    """Return a function that sends a function through a pickle and compares the code."""

    def send(function):
        loaded = pickle.loads(dumps(function))
        assert loaded is not function
        assert_same_code(loaded.__code__, function.__code__)
        return loaded

    return send
