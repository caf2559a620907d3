"""Whatever a file holds is answered or refused, in bounded memory."""

import io
import json
import pickle
import pickletools
import resource
import subprocess
import sys
import textwrap

import cloudpickle
import hypothesis
import pytest
import sourcepickle
from hypothesis import strategies as st
from sourcepickle.command.json_form import json_form
from sourcepickle.reading import NotReadableError, read

MEGABYTE = 1 << 20
OPCODES = [opcode.code.encode("latin-1") for opcode in pickletools.opcodes]


@pytest.fixture
def payloads(samples):
    names = ("inner", "Plain", "Colour", "Pair", "even")
    objects = [getattr(samples, name) for name in names]
    portable = sourcepickle.portable(samples.inner)
    return [
        sourcepickle.dumps(objects, by_source=True),
        sourcepickle.dumps(samples.inner, 0, by_source=True, standalone=True),
        cloudpickle.dumps(objects),
        pickle.dumps(portable),
    ]


def answer(data):
    """What is told of some bytes, as JSON; ``None`` where they are refused."""
    try:
        found = read(io.BytesIO(data), "name", with_digests=True)
    except NotReadableError as error:
        assert 0 <= error.offset <= len(data)
        return None
    return json.loads(json.dumps(json_form("name", len(data), found)))


def test_every_beginning_of_a_payload_is_refused(payloads):
    for data in payloads:
        assert answer(data)["pickles"][0]["end"] == len(data)
        assert [end for end in range(len(data)) if answer(data[:end]) is not None] == []


@hypothesis.settings(
    max_examples=300,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
@hypothesis.given(draw=st.data())
def test_altered_payloads_are_answered_or_refused(payloads, draw):
    data = bytearray(draw.draw(st.sampled_from(payloads)))
    places = st.integers(0, len(data) - 1)
    for _ in range(draw.draw(st.integers(1, 5))):
        at, what = draw.draw(places), draw.draw(st.sampled_from(["byte", "opcode", "cut", "copy"]))
        if what == "byte":
            data[at : at + 1] = draw.draw(st.binary(min_size=1, max_size=1))
        elif what == "opcode":
            data[at:at] = draw.draw(st.sampled_from(OPCODES))
        elif what == "cut":
            del data[at : at + 5]
        else:
            start = draw.draw(places)
            data[at:at] = data[start : start + 40]
    answer(bytes(data))


@hypothesis.settings(max_examples=300, derandomize=True, database=None, deadline=None)
@hypothesis.given(st.lists(st.sampled_from(OPCODES) | st.binary(max_size=3), max_size=40))
def test_opcodes_in_any_order_are_answered_or_refused(codes):
    answer(b"".join(codes) + b".")


DEEP = 200_000


@pytest.mark.parametrize(
    "data",
    [
        b"]" * DEEP + b"a" * (DEEP - 1) + b".",
        b")" + b"\x85" * DEEP + b".",
        b"cm\nf\n" + b")R" * DEEP + b".",
        b"csourcepickle.rebuild\nrenamed\n" * 20_000 + b"N" + b"\x85R" * 20_000 + b".",
        b"c_operator\ngetitem\n(" * 20_000 + b"N" + b"NtR" * 20_000 + b".",
        b"N" + b"Q" * DEEP + b".",
        b"]\x94" + b"h\x00a" * DEEP + b".",
        b"cm\nf\n)R\x94" + b"Nb" * DEEP + b".",
        b"cm\nf\n)R\x94" + b"cm\ng\nh\x00\x85R0" * 50_000 + b".",
    ],
    ids=range(9),
)
def test_what_is_deep_or_returns_to_itself_is_answered(data):
    assert answer(data)["pickles"][0]["object"]


def limited(program, *arguments):
    """The output of a program in a process that may have 600 MB of memory."""

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (600 * MEGABYTE, 600 * MEGABYTE))

    command = [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=300, preexec_fn=limit
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


SHOW = """
    import sys
    from sourcepickle.reading import NotReadableError, read
    with open(sys.argv[1], "rb") as file:
        try:
            print(read(file, "name")[0].object)
        except NotReadableError as error:
            print(error)
"""


def sparse(path, beginning, size, end):
    with open(path, "wb") as file:
        file.write(beginning)
        file.truncate(size)
        file.seek(size)
        file.write(end)
    return path


def test_bytes_of_gigabytes_are_not_read(tmp_path):
    size = 4 << 30
    beginning = b"\x80\x04\x8e" + size.to_bytes(8, "little")
    path = sparse(tmp_path / "huge", beginning, len(beginning) + size, b"\x85.")
    assert f"{size:,} bytes" in limited(SHOW, path)


def test_a_text_of_a_gigabyte_is_not_kept(tmp_path):
    path = sparse(tmp_path / "line", b"V", 1 << 30, b"\n.")
    assert "'\\x00" in limited(SHOW, path)


def test_a_file_of_zeros_is_refused(tmp_path):
    path = sparse(tmp_path / "zeros", b"", 4 << 30, b"")
    assert "no opcode" in limited(SHOW, path)


def test_a_list_of_many_numbers_is_answered(tmp_path):
    path = tmp_path / "numbers"
    path.write_bytes(b"\x80\x04](" + (b"K\x01" * 1000 + b"e(") * 500 + b"e.")
    assert "499,994 more" in limited(SHOW, path)


@pytest.mark.parametrize("part", [b"]\x94", b"cm\nn\n)R"])
def test_more_objects_than_are_kept_are_refused(tmp_path, part):
    path = tmp_path / "objects"
    path.write_bytes(b"\x80\x04" + part * 4_100_000 + b".")
    assert "more than 4,000,000 objects" in limited(SHOW, path)
