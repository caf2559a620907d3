"""Every golden payload is read, with all of its functions and classes."""

import io
import pickletools
import re
import tarfile
from pathlib import Path

import pytest
from sourcepickle.reading import read

ARCHIVES = sorted((Path(__file__).parent.parent / "golden").glob("*.tar.xz"))
# Of what a pickle holds, names of what was made in a function; pydantic's ids have digits.
NAME = re.compile(r"[\w.]+\.<locals>[.:][^\d\s]\S*")
ID = re.compile(r":\d")


def items(pickles):
    for found in pickles:
        yield from found.items
        yield from items(found.nested)


def texts(data):
    return {argument for _, argument, _ in pickletools.genops(data) if isinstance(argument, str)}


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_every_golden_payload_is_read_with_all_its_names(archive):
    count = 0
    with tarfile.open(archive) as members:
        for member in members:
            data = members.extractfile(member).read()
            found = list(items(read(io.BytesIO(data), member.name)))
            assert [item.problems for item in found if "ALTERED" in str(item.problems)] == []
            assert [item.problems for item in found if "DAMAGED" in str(item.problems)] == []
            paths = {getattr(item, "path", "").replace(":", ".") for item in found}
            names = paths | {item.qualname for item in found}
            wanted = {text for text in texts(data) if NAME.fullmatch(text) and not ID.search(text)}
            assert {text.rstrip("/").replace(":", ".") for text in wanted} <= names, member.name
            count += len(names)
    assert count > 5000
