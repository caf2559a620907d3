"""What docs/command.md shows is what the command prints."""

import re
import shlex
import sys
from pathlib import Path

import pytest
import sourcepickle

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "command.md"
SHOWN = re.compile(r"^```\n\$ (sourcepickle [^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

JOB = """\
import itertools

rate = {rate}


def outer(number):
    def price(items, tax=0.2):
        match items:
            case []:
                return 0
        return rate * sum(items) * (1 + tax) + number

    return price


class Basket:
    limit = 3

    def pairs(self, items):
        return list(itertools.batched(items, 2))
"""


@pytest.mark.skipif(sys.version_info < (3, 10), reason="a match statement needs Python 3.10")
@pytest.mark.parametrize("command, output", SHOWN.findall(PAGE.read_text("utf-8")))
def test_the_page_shows_what_the_command_prints(run, home, monkeypatch, command, output):
    for name, number, rate in (("job", 7, 1.5), ("new", 8, 1.6)):
        home.forget()
        job = home.write(job=JOB.format(rate=rate))
        data = sourcepickle.dumps(
            [job.outer(number), job.Basket], by_source=True, pickle_by_reference=()
        )
        (home.folder / f"{name}.pickle").write_bytes(data)
    monkeypatch.chdir(home.folder)
    printed = run(*shlex.split(command)[1:]).output
    assert told(printed.replace(str(home.folder), "/demo")) == told(output)


def told(output):
    """An output without sizes, which depend on where the file lies."""
    return re.sub(r"\d+ (B|bytes)\b", r"N \1", output).strip()


def test_the_page_shows_each_command():
    commands = [shlex.split(command)[1] for command, _ in SHOWN.findall(PAGE.read_text("utf-8"))]
    assert commands == ["show", "check", "diff"]
