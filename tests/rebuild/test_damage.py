"""What of a damaged record or of damaged code is noticed, and how it is told."""

import pickle
import zlib

import pytest
import sourcepickle
from sourcepickle import rebuild
from sourcepickle.carried import ENTRY, MAKE, PARTS
from sourcepickle.standalone import Brought

RECORD = ("f", "def f(): return a", 1, "/f.py", ("a",), (), None)
PLACES = range(8)


def with_checksum(record):
    return (*record, rebuild.checksum(record))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "other", [None, 0, 1.5, "x", b"x", ("x",), [], {}, ((),), object], ids=repr
)
def test_field_of_any_type_is_refused(place, other):
    record = list(with_checksum(RECORD))
    if record[place] == other:
        pytest.skip("it is this value")
    record[place] = other
    with pytest.raises(sourcepickle.SourceDamagedError, match=r"altered .* get it again"):
        rebuild.code(tuple(record))


@pytest.mark.parametrize("length", range(8))
def test_record_of_another_length_is_refused(length):
    with pytest.raises(sourcepickle.SourceDamagedError, match="altered"):
        rebuild.code(with_checksum(RECORD)[:length])


@pytest.mark.parametrize("record", [None, 0, "x", [], with_checksum(RECORD) * 2], ids=repr)
def test_what_is_no_record_is_refused(record):
    with pytest.raises(sourcepickle.SourceDamagedError, match="altered"):
        rebuild.code(record)


def test_free_variable_does_not_pass_for_a_future_feature():
    record = ("f", "def f(): return annotations", 1, "/f.py", ("annotations",), (), None)
    altered = (*record[:4], (), ("annotations",), None)
    assert with_checksum(altered)[7] != with_checksum(record)[7]


def test_letter_does_not_pass_for_its_tuple():
    altered = (*RECORD[:4], "a", *RECORD[5:])
    assert with_checksum(altered)[7] != with_checksum(RECORD)[7]


@pytest.mark.parametrize(
    ("place", "other"),
    [
        (0, 5),
        (1, b"no deflated text"),
        (1, zlib.compress(b"def f(): return a")),
        (1, zlib.compress(b"def f(): \xff return a")[2:-4]),
        (2, "x"),
        (4, 5),
        (5, ("no_such_feature",)),
        (5, ("all_feature_names",)),
        (6, 5),
        (6, ("x", "y", 1)),
    ],
)
def test_altered_field_is_refused_under_a_checksum_of_its_own(place, other):
    record = list(RECORD)
    record[place] = other
    try:
        record = with_checksum(record)
    except TypeError:
        record.append(0)
    with pytest.raises(sourcepickle.SourceDamagedError):
        rebuild.code(tuple(record))


def deflated(text):
    compressor = zlib.compressobj(9, wbits=-15)
    return compressor.compress(text) + compressor.flush()


def test_text_of_64_mebibytes_is_refused_before_it_is_inflated():
    most = 1 << 26
    bomb = deflated(b"#" * (1 << 28))
    assert len(bomb) < 300_000
    assert len(rebuild.inflated(deflated(b"#" * (most - 1)), -15)) == most - 1
    for call in (rebuild.code, rebuild.text_of):
        with pytest.raises(sourcepickle.SourceDamagedError, match="too long"):
            call(with_checksum(("f", bomb, *RECORD[2:])))


def test_text_that_is_cut_off_is_refused():
    text = deflated(b"def f(): return a  # and more of it")
    for end in range(len(text)):
        with pytest.raises(sourcepickle.SourceDamagedError):
            rebuild.code(with_checksum(("f", text[:end], *RECORD[2:])))


def test_refused_record_leaves_nothing():
    files = dict(rebuild._files)
    with pytest.raises(sourcepickle.SourceDamagedError):
        rebuild.code(with_checksum(("g", *RECORD[1:])))
    assert rebuild._files == files


BARE = """
    import pickle, sys, zlib
    for damaged in pickle.loads(bytes.fromhex(sys.argv[1])):
        try:
            pickle.loads(damaged)
        except (zlib.error, pickle.UnpicklingError) as error:
            print(type(error).__name__, [name for name in sys.modules if "_sourcepickle_" in name])
"""


def test_damaged_code_of_ours_is_not_run(run_python):
    core = PARTS[0][3]
    damaged = []
    for at in (len(core) // 2, len(core) - 1):
        text = core[:at] + bytes([core[at] ^ 1]) + core[at + 1 :]
        call = Brought(eval, ENTRY, {"make": MAKE, "core": text})
        damaged.append(pickle.dumps(call))
    options = ("-I", "-S")
    told = run_python(BARE, pickle.dumps(damaged).hex(), options=options).splitlines()
    assert told == ["error []"] * 2


def test_damaged_part_of_ours_is_not_run(run_python):
    program = """
        import pickle, sys
        package, part, last, text = pickle.loads(bytes.fromhex(sys.argv[1]))
        load = pickle.loads(package)["part"]
        for damaged in (text[:-1], text[: len(text) // 2], text[:-1] + bytes([text[-1] ^ 1])):
            try:
                load(part, last, damaged)
            except Exception as error:
                print(type(error).__name__, sum("_sourcepickle_" in name for name in sys.modules))
        print(last in load(part, last, text))
    """
    package = pickle.dumps(Brought(eval, ENTRY, {"make": MAKE, "core": PARTS[0][3]}))
    part, names, _, text = next(each for each in PARTS if each[0] == ".tracker")
    argument = pickle.dumps((package, part, names[-1], text)).hex()
    told = run_python(program, argument, options=("-I", "-S"))
    assert told == "SourceDamagedError 1\nSourceDamagedError 1\nerror 1\nTrue"
