"""Golden payloads are read with all of their functions and classes, each on two interpreters."""

import io
import pickletools
import re
import sys
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
def test_golden_payloads_are_read_with_all_their_names(archive):
    count = 0
    with tarfile.open(archive) as members:
        # A third of them on this Python, the others on the next ones.
        for member in list(members)[sys.version_info[1] % 3 :: 3]:
            data = members.extractfile(member).read()
            found = list(items(read(io.BytesIO(data), member.name)))
            assert [item.problems for item in found if "ALTERED" in str(item.problems)] == []
            assert [item.problems for item in found if "DAMAGED" in str(item.problems)] == []
            paths = {getattr(item, "path", "").replace(":", ".") for item in found}
            names = paths | {item.qualname for item in found}
            wanted = {text for text in texts(data) if NAME.fullmatch(text) and not ID.search(text)}
            assert {text.rstrip("/").replace(":", ".") for text in wanted} <= names, member.name
            count += len(names)
    assert count > 5000 // 3
