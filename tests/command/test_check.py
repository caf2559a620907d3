"""``check``: what stops a payload on a Python; as target_version has it."""

import io
import sys
from pathlib import Path

import cloudpickle
import pytest
import sourcepickle
from sourcepickle.command.checking import check
from sourcepickle.reading import read

sys.path.append(str(Path(__file__).parent.parent))
sys.path.append(str(Path(__file__).parent.parent / "cases"))
from case import OPTIONS
from cell import MINOR, case_files, load_cases

RUNNING = f"3.{MINOR}"


def test_nothing_stops_what_every_version_has(run, job, payload):
    result = run("check", payload(job.price), "--target", "3.9")
    assert result.exit_code == 0
    assert result.output == "nothing that is known stops it on Python 3.9\n"


def test_what_is_missing_is_told_with_its_place(run, module_of, payload):
    module = module_of("def f(x):\n    import tomllib\n")
    result = run("check", payload(module.f), "--target", "3.10")
    assert result.exit_code == 1
    assert result.output == f"f ({module.__file__}:2): tomllib needs Python 3.11\n"
    assert run("check", payload(module.f), "--target", "3.11").exit_code == 0


def test_what_travels_by_reference_is_looked_at(run, tmp_path):
    path = tmp_path / "reference"
    path.write_bytes(b"\x80\x04citertools\nbatched\n.")
    result = run("check", path, "--target", "3.9")
    assert (result.exit_code, result.output) == (1, "itertools.batched needs Python 3.12\n")


def test_bytecode_stops_everywhere_but_on_its_python(run, job, tmp_path):
    path = tmp_path / "cloud"
    path.write_bytes(cloudpickle.dumps(job.price))
    other = "3.9" if MINOR > 9 else "3.13"
    result = run("check", path, "--target", other)
    assert result.exit_code == 1
    assert "it has no source, and its bytecode is Python 3." in result.output
    assert run("check", path, "--target", RUNNING).exit_code == 0


def test_altered_source_stops_everywhere(run, job, payload):
    path = payload(job.Basket)
    data = path.read_bytes()
    assert data.count(b"return [item]") == 1
    path.write_bytes(data.replace(b"return [item]", b"return [ITEM]"))
    result = run("check", path, "--target", "3.13")
    assert result.exit_code == 1
    assert "ALTERED" in result.output


@pytest.mark.parametrize("target", ["3.8", "2.7", "3", "3.x", "4.0", "3.13.1"])
def test_a_target_that_is_no_version_is_a_usage_error(run, payload, target):
    result = run("check", payload(print), "--target", target)
    assert result.exit_code == 2
    assert "is no version from 3.9 on" in result.stderr


@pytest.mark.parametrize("target", [9, 12])
def test_the_findings_are_those_of_target_version_for_all_cases(target):
    count = 0
    for minor, path in case_files():
        for name, case in load_cases(path).items() if minor <= MINOR else ():
            if case.writer > MINOR:
                continue
            built = case.build()
            data = sourcepickle.dumps(built, **OPTIONS)
            try:
                sourcepickle.dumps(built, **OPTIONS, target_version=(3, target))
                expected = []
            except sourcepickle.TargetVersionError as error:
                expected = list(error.findings)
            found = check(read(io.BytesIO(data), "name"), target)
            assert found.certain == expected, f"{path.stem}.{name}"
            count += bool(expected)
    assert count > 0 or target >= MINOR
