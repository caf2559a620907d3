"""Every case of every kind of object passes the gate, but for those that no gate can let pass."""

import sys
import tarfile
from pathlib import Path

import pytest
import sourcepickle

TESTS = Path(__file__).resolve().parent.parent
sys.path.append(str(TESTS))
import cell  # noqa: E402

# What each holds as a value can call what it is given, or makes code of data.
REFUSED = {
    "classes.property_with_a_given_doc": "operator.attrgetter",
    "functions.reduce_with_lambda": "_functools.reduce",
    "functions.types_of_one_standard_module": "_functools.reduce",
    "pydantic_classes.frozen_that_forbids_more": "operator.itemgetter",
}


@pytest.fixture(scope="module")
def golden():
    """The golden payloads by writer and case."""
    found = {}
    for archive in sorted((TESTS / "golden").glob("*.tar.xz")):
        with tarfile.open(archive) as members:
            for member in members:
                writer, _, name = member.name.partition("/")
                found.setdefault(writer, {})[name] = members.extractfile(member).read()
    return found


@pytest.mark.parametrize("writer", sorted({"3.9", f"3.{sys.version_info[1]}", "3.15"}))
def test_cases_pass(golden, writer):
    records = []

    def loads(payload):
        return sourcepickle.loads(payload, allow=lambda module, name: True, review=records.append)

    outcome = cell.read(golden[f"{writer}.payloads"], cell.check_alone, loads)
    assert len(outcome) > 350
    assert len(records) > 700
    others = {name: found for name, found in outcome.items() if found not in ("held", "refused")}
    for name, reason in REFUSED.items():
        assert reason in others.pop(name, reason)
    assert not others


def test_standalone_payloads_are_refused_for_their_loader(golden):
    with_loader = [
        payload
        for name, payload in golden["3.9.standalone"].items()
        if name.startswith("functions.") and b"\x8c\x04eval" in payload
    ]
    assert len(with_loader) > 100
    for payload in with_loader:
        with pytest.raises(sourcepickle.NotAllowedError, match=r"builtins\.eval"):
            sourcepickle.loads(payload, allow=lambda module, name: True, review=print)
