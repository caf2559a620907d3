"""What there is to tell of cloudpickle's payloads."""

import pickle
import subprocess
import sys

import cloudpickle
import pytest
from sourcepickle.reading import Class
from sourcepickle.reading.pythons import pythons_of

RUNNING = f"3.{sys.version_info[1]}"


@pytest.fixture
def sent(samples, read_one):
    def run(*names):
        return read_one(cloudpickle.dumps([getattr(samples, name) for name in names]))

    return run


def test_a_function_is_told_with_what_it_names_and_brings(samples, sent, functions):
    found = sent("inner")
    inner = functions(found)["outer.<locals>.inner"]
    assert found.writer == "cloudpickle"
    assert inner.how == "bytecode"
    # From 3.1.3 on cloudpickle says of no code where it is from.
    told = pickle.loads(cloudpickle.dumps(samples.inner)).__code__.co_filename
    assert (inner.file, inner.line) == (told, samples.inner.__code__.co_firstlineno)
    assert inner.parameters == ("x", "y", "*", "z")
    assert set(inner.names) == {"math", "pi", "rate", "len"}
    assert [value.short for value in inner.defaults] == ["2"]
    assert {name: value.short for name, value in inner.closure.items()} == {"number": "7"}
    assert inner.globals["math"].short == "<module math>"
    assert inner.module == samples.__name__
    assert inner.attributes["note"].short == "'attached'"
    assert RUNNING in inner.pythons


def test_classes_are_told_by_their_kinds(sent, by_name):
    found = by_name(sent("Point", "Colour", "Plain", "Pair"), Class)
    kinds = {name: found[name].kind for name in ("Point", "Colour", "Plain", "Pair")}
    assert kinds == {
        "Point": "dataclass",
        "Colour": "enum",
        "Plain": "class",
        "Pair": "named tuple",
    }
    assert found["Colour"].fields["RED"].short == "1"
    assert set(found["Point"].fields) == {"x", "y"}
    assert (
        found["Plain"].methods["twice"].short
        == "property(<function Plain.twice>, None, None, None)"
    )


@pytest.mark.parametrize(
    ("count", "code", "linetable", "expected"),
    [
        (16, b"d\x01S\x00", b"\x04\x01", ("3.10",)),
        (16, b"d\x01S\x00", b"\x00\x01", ("3.8", "3.9")),
        (18, b"\x97\x00d\x01", b"", ("3.11", "3.12")),
        (18, b"\x95\x02\x97\x00", b"", ("3.11", "3.12")),
        (18, b"\x95\x00d\x01", b"", ("3.13",)),
        (18, b"\x3e\x01\x95\x00", b"", ("3.13",)),
        (18, b"\x80\x00d\x01", b"", ("3.14", "3.15")),
        (18, b"\x3c\x01\x80\x00", b"", ("3.14",)),
        (18, b"\x3a\x01\x80\x00", b"", ("3.15",)),
        (18, b"", b"", ("3.11", "3.12", "3.13", "3.14", "3.15")),
        (15, b"d\x01S\x00", b"", ()),
    ],
)
def test_versions_are_told_by_number_of_arguments_and_first_instructions(
    count, code, linetable, expected
):
    assert pythons_of(count, code, linetable) == expected


def test_payloads_of_all_versions_name_theirs(environments, tmp_path, read_one, functions):
    program = tmp_path / "program.py"
    program.write_text(
        "import cloudpickle, sys\n"
        "def make(n):\n    def closure(x): return n + x\n    return closure\n"
        "def generator(): yield 1\n"
        "sys.stdout.buffer.write(cloudpickle.dumps([make(1), generator, make]))\n"
    )
    for version, python in environments.items():
        done = subprocess.run([python, program], capture_output=True, check=True)
        found = functions(read_one(done.stdout))
        assert found["generator"].pythons
        for function in found.values():
            assert version in function.pythons
            assert len(function.pythons) <= 2
