"""The gate: what it lets through, what it refuses, and that nothing happens where it refuses."""

import collections
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import sourcepickle

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE / "receiver"))

from gate.assemble import call, function, in_turn, kept, ref, stack_ref, value, whole  # noqa: E402
from gate.attack import accept  # noqa: E402
from gate.honest import HONEST, PROTOCOLS  # noqa: E402
from gate.hostile import ATTACKS, HARMLESS, REFUSED, STOPS  # noqa: E402
from gate.ways import GATES, PLAIN  # noqa: E402

MINOR = sys.version_info[1]


def told_by(program, folder, way):
    command = [sys.executable, "-B", str(HERE / program), str(folder), way]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# Hostile payloads


@pytest.fixture(scope="session")
def outcome_of(tmp_path_factory):
    """Return a function: what became of a hostile payload that was loaded in a way."""
    outcomes = {}

    def find(way, name):
        if way not in outcomes:
            folder = tmp_path_factory.mktemp(way)
            for each, attack in ATTACKS.items():
                if way != PLAIN or is_for_plain(attack):
                    marker = folder / f"{each}.marker"
                    data = attack.build(str(marker))
                    marker.unlink(missing_ok=True)  # To pickle an object runs of it, too.
                    (folder / f"{each}.pickle").write_bytes(data)
            outcomes[way] = told_by("subject.py", folder, way)
        return outcomes[way][name]

    return find


def is_live(attack):
    return not attack.inert and attack.versions[0] <= MINOR <= attack.versions[1]


def is_for_plain(attack):
    """Return whether plain pickle can be let at it: it may not end, or take all memory."""
    return is_live(attack) or (attack.inert and attack.ends != STOPS)


LIVE = [name for name, attack in ATTACKS.items() if is_live(attack)]
INERT = [name for name, attack in ATTACKS.items() if attack.inert and is_for_plain(attack)]


def test_there_are_enough_hostile_payloads_and_most_are_live():
    assert len(LIVE) > 300
    assert len(LIVE) > 5 * len([name for name, attack in ATTACKS.items() if attack.inert])


@pytest.mark.parametrize("name", LIVE)
def test_plain_pickle_does_harm_with_a_hostile_payload(name, outcome_of):
    outcome = outcome_of(PLAIN, name)
    assert outcome["marker"] or outcome["changed"], outcome


@pytest.mark.parametrize("name", INERT)
def test_plain_pickle_does_no_harm_with_a_payload_that_is_said_to_be_inert(name, outcome_of):
    outcome = outcome_of(PLAIN, name)
    assert (outcome["marker"], outcome.get("changed"), outcome["status"]) == (False, [], 0), outcome


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_happens_where_a_hostile_payload_is_loaded(name, outcome_of):
    # The three ways are one: honest payloads go all of them.
    attack, outcome = ATTACKS[name], outcome_of("loads", name)
    assert outcome["status"] == 0, "it hangs, or the process died"
    assert not outcome["marker"], outcome
    assert outcome["changed"] == [], outcome
    assert [each for each in outcome["new"] if not is_allowed(each, attack)] == []
    error = outcome["error"]
    if attack.ends == REFUSED:
        assert error is not None, "it was loaded"
    if attack.ends in (REFUSED, HARMLESS) and error is not None:
        assert {"UnpicklingError", "SuspiciousError"} & set(error["types"]), error


def is_allowed(module, attack):
    allowed = attack.options.get("allow", ())
    roots = ["sourcepickle", *(() if callable(allowed) else allowed)]
    return any(f"{module}.".startswith(f"{root}.") for root in roots)


# Honest payloads


@pytest.fixture(scope="session")
def loaded_as(tmp_path_factory):
    """Return a function: what became of an honest payload that was loaded in a way."""
    folder = tmp_path_factory.mktemp("honest")
    for name, case in HONEST.items():
        for protocol in PROTOCOLS:
            data = case.dumps(case.build(), protocol)
            (folder / f"{name}.{protocol}.pickle").write_bytes(data)
    found = {}

    def find(way, name, protocol):
        if way not in found:
            found[way] = told_by("check.py", folder, way)
        return found[way][f"{name}.{protocol}.pickle"]

    return find


def test_there_are_enough_honest_objects():
    assert len(HONEST) > 40


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("way", [PLAIN, *GATES])
def test_honest_object_is_loaded(way, name, protocol, loaded_as):
    found = loaded_as(way, name, protocol)
    assert found == "right", found


WITH_SOURCE = [
    name
    for name, case in HONEST.items()
    if "review" in case.options and name != "plain_data_by_source"
]


@pytest.mark.parametrize("name", WITH_SOURCE)
def test_object_with_source_is_refused_where_nobody_reviews_it(name):
    # An enum, an abstract class or a typed dictionary without methods brings no function.
    case = HONEST[name]
    data = case.dumps(case.build(), 4)
    if not brings_source(data):
        pytest.skip("it brings no function")
    with pytest.raises(sourcepickle.NotAllowedError):
        sourcepickle.loads(data, allow={"gate_helpers", "functools", "typing", "enum", "abc"})


def brings_source(data):
    seen = []
    sourcepickle.loads(data, allow=lambda *_: True, review=seen.append)
    return bool(seen)


# Review


TEXT = """\
import math
RATE = 2

def price(items):
    return RATE * sum(items) + math.floor(items[0].size)

class Shop:
    def total(self):
        return price([self])

pick = [lambda x: x.a, lambda x: x.b][1]
"""


@pytest.fixture
def shop(module_of):
    return module_of(TEXT, "shop")


def by_value(obj, protocol=None):
    return sourcepickle.dumps(obj, protocol, by_source=True, pickle_by_reference={"gate_helpers"})


def reviewed(data, **options):
    seen = []
    sourcepickle.loads(data, review=seen.append, allow={"math"}, **options)
    return seen


def test_review_sees_what_a_function_is(shop):
    (record,) = reviewed(by_value(shop.price))
    assert record.name == "price"
    assert record.source == sourcepickle.getsource(shop.price)
    assert (record.filename, record.line) == (shop.__file__, 4)
    assert {"RATE", "sum", "math", "floor", "size"} <= record.names
    assert isinstance(record.names, frozenset)
    assert not {"items", "price", "x"} & record.names
    assert record.minimum_version == sourcepickle.minimum_version(shop.price)


def test_review_sees_a_method_and_what_it_calls(shop):
    seen = {record.name: record for record in reviewed(by_value(shop.Shop))}
    assert seen.keys() == {"Shop.total", "price"}
    assert seen["Shop.total"].line == 8
    assert seen["Shop.total"].source == sourcepickle.getsource(shop.Shop.total)
    assert "price" in seen["Shop.total"].names


def test_review_sees_a_lambda_by_itself(shop):
    (record,) = reviewed(by_value(shop.pick))
    assert (record.name, record.source, record.line) == ("<lambda>", "lambda x: x.b", 11)
    assert "b" in record.names and "a" not in record.names


def test_review_sees_the_version_that_a_text_needs():
    text = "def f(x):\n    match x:\n        case 1: return 2\n"
    source = ("f", text, 1, "job.py", (), (), (10, "match", 2))
    fields = (*source, sourcepickle.rebuild.checksum(source))
    data = whole(call(ref("sourcepickle.rebuild", "function"), fields, None, {"__name__": "job"}))
    seen = []
    if MINOR >= 10:
        sourcepickle.loads(data, review=seen.append)
        assert seen[0].minimum_version == (3, 10)
    else:
        with pytest.raises(sourcepickle.SourceVersionError):
            sourcepickle.loads(data, review=seen.append)


def test_review_sees_each_function_once_however_often_it_is_there(shop):
    data = by_value([shop.price, shop.price, {"again": shop.price}, shop.Shop(), shop.Shop])
    assert sorted(record.name for record in reviewed(data)) == ["Shop.total", "price"]


def test_review_sees_two_functions_of_one_name_twice():
    text = "def f():\n    return {}\n"
    data = whole(value((function(text.format(1)), function(text.format(2)))))
    seen = reviewed(data)
    assert [record.source.strip()[-1] for record in seen] == ["1", "2"]


def test_review_sees_in_every_load_what_was_loaded_before(shop):
    data = by_value(shop.price)
    pickle.loads(data)
    assert len(reviewed(data)) == len(reviewed(data)) == 1


def test_review_sees_what_a_portable_callable_brings(shop):
    made = sourcepickle.portable(shop.price, pickle_by_reference={"gate_helpers"})
    assert [record.name for record in reviewed(pickle.dumps(made))] == ["price"]


def test_review_sees_a_code_object(shop):
    seen = reviewed(by_value(shop.price.__code__))
    assert [record.name for record in seen] == ["price"]


def test_review_comes_before_anything_is_compiled(run_python, tmp_path, shop):
    (tmp_path / "shop.pickle").write_bytes(by_value([shop.price, shop.Shop]))
    program = f"""
        import sys
        import sourcepickle

        data = open({str(tmp_path / "shop.pickle")!r}, "rb").read()
        compiled, seen = [], []

        def hear(event, arguments):
            # To read a text is to compile it too, for Python, but to a tree alone.
            name = str(arguments[1]) if event == "compile" else ""
            if name.startswith("<sourcepickle ") and name != "<sourcepickle review>":
                compiled.append(name)

        def review(record):
            place = f"<sourcepickle {{record.filename}}:{{record.line}}>"
            seen.append(place in compiled)
            if len(seen) > 1:
                raise KeyError(record.name)

        sys.addaudithook(hear)
        try:
            sourcepickle.loads(data, allow={{"math"}}, review=review)
        except KeyError:
            print(seen, len(compiled))
    """
    assert run_python(program) in ("[False, False] 0", "[False, False] 1")


@pytest.mark.parametrize("way", GATES)
@pytest.mark.parametrize(
    "error",
    [
        KeyError("no"),
        RuntimeError(1),
        pickle.UnpicklingError("no"),
        KeyboardInterrupt(),
        StopIteration(),
    ],
    ids=repr,
)
def test_exception_of_a_review_comes_out_as_it_is(error, way, shop):
    from gate import ways

    def review(_):
        raise error

    with pytest.raises(type(error)) as raised:
        ways.load(by_value(shop.price), way, {"review": review, "allow": {"math"}})
    assert raised.value is error


def test_exception_of_a_review_comes_out_of_a_portable_callable_as_it_is(shop):
    error = LookupError("no")

    def review(_):
        raise error

    made = sourcepickle.portable(shop.price, pickle_by_reference={"gate_helpers"})
    with pytest.raises(LookupError) as raised:
        sourcepickle.loads(pickle.dumps(made), review=review, allow={"math"})
    assert raised.value is error


def test_what_a_review_returns_says_nothing(shop):
    loaded = sourcepickle.loads(by_value(shop.pick), review=lambda _: False)
    assert loaded(ref_to_b(7)) == 7


def ref_to_b(number):
    return collections.namedtuple("B", "b")(number)


# Allow


def asked(data, answer=lambda *_: True, **options):
    questions = []

    def allow(module, name):
        questions.append((module, name))
        return answer(module, name)

    try:
        sourcepickle.loads(data, allow=allow, **options)
    except sourcepickle.NotAllowedError:
        questions.append("refused")
    return questions


@pytest.mark.parametrize("protocol", range(6))
def test_callable_is_asked_about_the_module_and_the_name(protocol):
    assert set(asked(whole(ref("gate_helpers", "double"), protocol))) == {
        ("gate_helpers", "double")
    }


def test_callable_is_asked_about_a_module_by_an_empty_name():
    data = whole(call(ref("sourcepickle.rebuild", "module"), "gate_helpers"))
    assert ("gate_helpers", "") in asked(data)
    assert asked(data, lambda module, name: name != "")[-1] == "refused"


def test_callable_is_asked_about_what_is_named_by_a_string():
    data = whole(call(ref("sourcepickle.rebuild", "named"), "gate_helpers", "double"))
    assert ("gate_helpers", "double") in asked(data)
    assert asked(data, lambda module, name: name != "double")[-1] == "refused"


def test_callable_is_asked_about_the_place_that_an_object_lives_in():
    questions = asked(whole(ref("gate_helpers", "act")), lambda module, _: module == "gate_helpers")
    assert questions[-1] == "refused"
    assert ("elsewhere", "act") in questions
    assert asked(whole(ref("gate_helpers", "act")))[-1] != "refused"


def test_callable_is_asked_about_the_names_of_this_python():
    questions = asked(whole(ref("commands", "getoutput"), 2))
    assert ("subprocess", "getoutput") in questions
    assert "commands" not in {module for module, _ in questions}


def test_callable_is_asked_about_names_with_dots():
    questions = asked(whole(stack_ref("gate_helpers.shapes", "Square.area")))
    assert ("gate_helpers.shapes", "Square.area") in questions


def test_callable_is_not_asked_about_basic_types():
    data = pickle.dumps([collections.OrderedDict(a=1), {1}, ValueError("x"), 2**80])
    assert asked(data) == []


def test_error_says_what_is_not_allowed():
    with pytest.raises(sourcepickle.NotAllowedError, match=r"gate_helpers.*double") as raised:
        sourcepickle.loads(whole(ref("gate_helpers", "double")), allow={"numpy"})
    assert isinstance(raised.value, pickle.UnpicklingError)


def test_module_that_is_not_allowed_is_not_imported(home):
    home.write(never_imported="x = 1")
    home.forget()
    for data in (
        whole(ref("never_imported", "x")),
        whole(call(ref("sourcepickle.rebuild", "module"), "never_imported")),
    ):
        with pytest.raises(sourcepickle.NotAllowedError):
            sourcepickle.loads(data, allow={"gate_helpers"}, review=accept)
        assert "never_imported" not in sys.modules


@pytest.mark.parametrize(
    "allow", [{"gate_helpers"}, ["gate_helpers"], ("gate_helpers",), frozenset({"gate_helpers"})]
)
def test_collections_of_any_kind_name_modules(allow):
    loaded = sourcepickle.loads(whole(ref("gate_helpers", "double")), allow=allow)
    assert loaded(2) == 4


@pytest.mark.parametrize("options", [{"allow": ()}, {"allow": set()}, {"review": accept}], ids=repr)
def test_gate_is_closed_by_any_option(options):
    with pytest.raises(sourcepickle.NotAllowedError):
        sourcepickle.loads(whole(ref("gate_helpers", "double")), **options)


def test_without_options_it_is_pickle():
    data = whole(in_turn(kept(ref("gate_helpers", "double"), 0), ref("os", "getcwd")))
    assert sourcepickle.loads(data) is pickle.loads(data)


@pytest.mark.parametrize("way", GATES)
@pytest.mark.parametrize(
    "options",
    [
        {"allow": "numpy"},
        {"allow": b"numpy"},
        {"allow": 3},
        {"allow": True},
        {"allow": {3}},
        {"allow": [None]},
        {"review": 3},
        {"review": "yes"},
        {"review": True},
        {"allow": "numpy", "review": accept},
    ],
    ids=repr,
)
def test_wrong_options_are_type_errors(options, way):
    from gate import ways

    with pytest.raises(TypeError):
        ways.load(pickle.dumps(1), way, options)


# The rest of pickle


def test_unpickler_reads_one_pickle_after_another_through_the_gate(tmp_path):
    path = tmp_path / "two.pickle"
    path.write_bytes(pickle.dumps([1]) + whole(ref("gate_helpers", "double")) + pickle.dumps([3]))
    with path.open("rb") as file:
        unpickler = sourcepickle.Unpickler(file, allow=())
        assert unpickler.load() == [1]
        with pytest.raises(sourcepickle.NotAllowedError):
            unpickler.load()


def test_buffers_out_of_band_come_through_the_gate():
    buffers = []
    data = pickle.dumps(pickle.PickleBuffer(bytearray(b"abc")), 5, buffer_callback=buffers.append)
    assert bytes(sourcepickle.loads(data, allow=(), buffers=buffers)) == b"abc"


def test_options_for_pickles_of_python_2_come_through_the_gate():
    data = b"S'\\xe4'\n."
    assert sourcepickle.loads(data, allow=(), encoding="latin-1") == "ä"
    assert sourcepickle.loads(data, allow=(), encoding="bytes") == b"\xe4"
    assert sourcepickle.loads(data, allow=(), errors="replace") == "\ufffd"
    with pytest.raises(sourcepickle.NotAllowedError):
        sourcepickle.loads(b"c__builtin__\nset\n.", allow=(), fix_imports=False)


def test_what_is_cut_off_is_the_same_error_as_pickles():
    for data in (b"", pickle.dumps([1])[:-1], b"\x80\x04\x95\xff"):
        with pytest.raises((EOFError, pickle.UnpicklingError)):
            sourcepickle.loads(data, allow=())
