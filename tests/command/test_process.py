"""The command as a process: ``python -m sourcepickle``."""

import os
import pickle
import subprocess
import sys

import pytest
import sourcepickle
from sourcepickle.command.printable import printable, printable_source


def process(*arguments, given=b"", python=(), **environment):
    command = [sys.executable, *python, "-m", "sourcepickle", *map(str, arguments)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **environment}
    return subprocess.run(command, capture_output=True, input=given, env=environment, timeout=120)


def test_show_of_a_file_and_of_a_pipe(job, payload):
    path = payload(job.price)
    from_file, from_pipe = process("show", path), process("show", "-", given=path.read_bytes())
    assert from_file.returncode == from_pipe.returncode == 0
    assert b"def price" in from_file.stdout
    assert from_file.stdout.replace(str(path).encode(), b"-") == from_pipe.stdout
    assert from_file.stderr == b""


def test_check_and_its_status(tmp_path):
    path = tmp_path / "reference"
    path.write_bytes(b"\x80\x04citertools\nbatched\n.")
    done = process("check", path, "--target", "3.9")
    assert (done.returncode, done.stderr) == (1, b"")
    assert process("check", path, "--target", "3.12").returncode == 0


def test_diff_and_its_status(job, payload):
    one, two = payload(job.price, "one"), payload(job.Basket, "two")
    assert process("diff", one, one).returncode == 0
    assert process("diff", one, two).returncode == 1
    assert process("diff", one, "nowhere").returncode == 2


def test_an_output_without_the_characters_gets_escapes(job, payload):
    done = process("show", payload(job.price), PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b"\\u2502" in done.stdout


class WouldRun:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("arguments", [["show"], ["show", "--json"], ["check", "--target", "3.9"]])
def test_nothing_is_run(tmp_path, arguments):
    target, path = tmp_path / "made by the payload", tmp_path / "hostile"
    path.write_bytes(pickle.dumps(WouldRun(str(target))))
    done = process(*arguments, path)
    assert done.returncode == 0
    assert process("diff", path, path).returncode == 0
    assert not target.exists()


def test_the_version_is_told():
    assert sourcepickle.__version__.encode() in process("--version").stdout


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_it_says_what_to_install(tmp_path, missing):
    (tmp_path / f"{missing}.py").write_text(f"raise ImportError('gone', name={missing!r})\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = process("show", "file", PYTHONPATH=path)
    assert done.returncode == 2
    assert done.stdout == b""
    message = f"sourcepickle: the command needs {missing}: pip install 'sourcepickle[cli]'"
    assert done.stderr.decode().splitlines() == [message]


def test_what_a_terminal_must_not_get_is_escaped():
    text = "a\tb\nc\x1b[0m\x7f\x9b\u202e\u2066\u2028\ud800é…\U000e0041"
    assert printable(text) == (
        "a\\x09b\\x0ac\\x1b[0m\\x7f\\x9b\\u202e\\u2066\\u2028\\ud800é…\\U000e0041"
    )
    assert printable_source("a\tb\r\nc\rd\x0c\x1b") == "a\tb\nc\nd\\x0c\\x1b"
