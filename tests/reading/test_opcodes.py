"""Opcodes of files that are whole, cut off, altered, or no pickles."""

import io
import pickle
import pickletools

import pytest
from sourcepickle.reading.errors import NotReadableError
from sourcepickle.reading.opcodes import LONGEST, Long, Opcodes, Slice

SAMPLE = [1, -5, 70_000, 10**30, 2.5, "x", "ü", b"y", bytearray(b"z"), None, True, (1, 2, 3, 4)]


def opcodes(data):
    return list(Opcodes(Slice(io.BytesIO(data), "name", 0, len(data))))


@pytest.mark.parametrize("protocol", range(6))
def test_opcodes_and_their_places_are_those_of_pickletools(protocol):
    data = pickle.dumps([SAMPLE, {"a": {1}}, pickle.PickleError, frozenset("b")], protocol)
    expected = [(opcode.name, at) for opcode, _, at in pickletools.genops(data)]
    assert [(name, at) for name, _, at in opcodes(data)] == expected


@pytest.mark.parametrize("protocol", range(6))
def test_arguments_are_what_pickle_makes_of_them(protocol):
    for value in (1, -5, 70_000, 10**30, 2.5, "x", "ü\n", "\ud800", True):
        arguments = [argument for _, argument, _ in opcodes(pickle.dumps(value, protocol))]
        assert value in arguments or protocol >= 2


def test_a_text_of_python_2_is_a_text():
    assert opcodes(b"S'a\\x41\\n'\n.")[0][1] == "aA\n"
    assert opcodes(b"U\x02a\xff.")[0][1] == "a\udcff"


def test_what_is_long_is_not_kept_and_read_again_when_asked_for():
    text = "ü" * 20_000
    _, long, at = next(op for op in opcodes(pickle.dumps(text)) if type(op[1]) is Long)
    assert (long.kind, long.length) == ("str", 40_000)
    assert long.offset == at + 5
    assert long.whole() == text


def test_what_is_longer_than_the_bound_is_never_read_as_a_whole():
    longs = [a for _, a, _ in opcodes(pickle.dumps(bytes(LONGEST + 1))) if type(a) is Long]
    assert longs[0].whole() is longs[0]
    assert sum(map(len, longs[0].chunks())) == LONGEST + 1


def test_a_line_without_an_end_is_not_kept():
    name, argument, _ = opcodes(b"V" + b"a" * 3 * LONGEST + b"\n.")[0]
    assert (name, argument.length) == ("UNICODE", 3 * LONGEST)


def test_a_number_of_many_digits_is_not_converted():
    assert opcodes(b"I" + b"1" * 5000 + b"\n.")[0][1].kind == "int"


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        (b"", 0, "the file ends in the middle of a pickle"),
        (b"N", 1, "the file ends in the middle of a pickle"),
        (b"N\xff.", 1, "no opcode"),
        (b"J\x01\x02", 0, "in the middle of an opcode"),
        (b"NI12", 1, "in the middle of an opcode"),
        (b"X\xff\xff\xff\x7fabc.", 0, "claims 2147483647 bytes, and the file has 4 more"),
        (b"\x8e" + b"\xff" * 8 + b".", 0, "claims 18446744073709551615 bytes"),
        (b"T\xff\xff\xff\xff.", 0, "negative length"),
        (b"X\x01\x00\x00\x00\xff.", 0, "bad argument"),
        (b"Iabc\n.", 0, "bad argument"),
        (b"Sabc\n.", 0, "no string quotes"),
        (b"Fabc\n.", 0, "bad argument"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(data, offset, reason):
    with pytest.raises(NotReadableError) as caught:
        opcodes(data)
    assert caught.value.offset == offset
    assert reason in caught.value.reason
    assert str(caught.value).startswith(f"name: byte {offset}: ")
    assert isinstance(caught.value, pickle.UnpicklingError)
