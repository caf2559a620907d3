"""Small payloads that could take all memory or all time: refused, or loaded without either."""

from __future__ import annotations

import pickle
import struct
import zlib

from .assemble import (
    Piece,
    again,
    call,
    function,
    in_turn,
    kept,
    marked,
    ours,
    record,
    ref,
    value,
    whole,
)
from .attack import HARMLESS, STOPS, accept, attack

TIME = "its harm is the time or the memory that it takes, if anything"
LEVELS = 60


def laughs(protocol_slot: int = 100, kind: bytes = pickle.TUPLE2) -> Piece:
    """Return a pair of the same pair of the same pair ...: 2**60 leaves in 60 objects."""
    piece = Piece(value(()) + b"")
    for level in range(LEVELS):
        slot = protocol_slot + level
        piece = Piece(kept(piece, slot) + again(slot) + kind)
    return piece


def laughing_lists() -> Piece:
    piece = value([])
    for level in range(LEVELS):
        slot = 100 + level
        below = kept(piece, slot)
        piece = Piece(
            below
            + pickle.POP
            + pickle.EMPTY_LIST
            + marked(again(slot), again(slot))
            + pickle.APPENDS
        )
    return piece


def holding_itself() -> Piece:
    return Piece(kept(Piece(pickle.EMPTY_LIST), 90) + again(90) + pickle.APPEND)


@attack(allow={"gate_helpers"}, ends=HARMLESS, inert=TIME)
def billion_laughs_of_tuples(_):
    return whole(laughs())


@attack(allow={"gate_helpers"}, ends=HARMLESS, inert=TIME)
def billion_laughs_of_lists(_):
    return whole(laughing_lists())


@attack(allow={"gate_helpers"}, ends=HARMLESS, inert=TIME)
def billion_laughs_as_an_argument(_):
    return whole(call(ref("gate_helpers", "Point"), laughs()))


@attack(allow={"gate_helpers"}, ends=HARMLESS, inert=TIME)
def billion_laughs_as_a_state(_):
    return whole(
        Piece(call(ref("gate_helpers", "Point")) + value({"x": laughing_lists()}) + pickle.BUILD)
    )


@attack(review=accept, ends=STOPS, inert=TIME)
def billion_laughs_as_a_functions_state(_):
    made = kept(function("def f():\n    pass\n"), 1)
    state = ({"x": laughs()}, None, (laughing_lists(),), None, {"x": laughs(300)})
    return whole(in_turn(ours("fill_function", made, state), again(1)))


@attack(review=accept, ends=STOPS, inert=TIME)
def billion_laughs_where_typing_is_made(_):
    made = ours(
        "applied",
        ref("operator", "getitem"),
        (ref("typing", "Tuple"), laughs()),
        part=".typing_constructs",
    )
    return whole(made)


@attack(review=accept, ends=STOPS, inert=TIME)
def billion_laughs_in_a_source_record(_):
    fields = list(record("def f():\n    pass\n"))
    fields[6] = laughs()
    return whole(ours("function", tuple(fields), None, {"__name__": "job"}))


@attack(review=accept, ends=STOPS, inert=TIME)
def billion_laughs_as_free_variables(_):
    fields = list(record("def f():\n    pass\n"))
    fields[4] = laughs()
    return whole(ours("function", tuple(fields), None, {"__name__": "job"}))


@attack(review=accept, ends=STOPS, inert=TIME)
def billion_laughs_as_an_id(_):
    arguments = (laughs(), None, None, "C", (), {"__module__": "job"}, None)
    return whole(ours("plain_class", *arguments, part=".classes"))


@attack(allow={"gate_helpers"}, ends=HARMLESS, inert=TIME)
def list_that_holds_itself(_):
    return whole(holding_itself())


@attack(allow={"gate_helpers"}, ends=HARMLESS, inert=TIME)
def list_that_holds_itself_as_an_argument(_):
    return whole(call(ref("gate_helpers", "Point"), holding_itself()))


@attack(review=accept, ends=STOPS, inert=TIME)
def list_that_holds_itself_where_typing_is_made(_):
    item = ref("operator", "getitem")
    made = ours(
        "applied", item, (ref("typing", "Tuple"), holding_itself()), part=".typing_constructs"
    )
    return whole(made)


@attack(allow={"gate_helpers"}, ends=HARMLESS, inert=TIME)
def frozenset_that_holds_itself(_):
    point = kept(call(ref("builtins", "ValueError")), 80)
    holding = Piece(marked(again(80)) + pickle.FROZENSET)
    return whole(Piece(point + value({"all": holding}) + pickle.BUILD))


@attack(allow={"gate_helpers"}, ends=STOPS, inert=TIME)
def frozenset_of_the_slot_that_it_will_have(_):
    return whole(Piece(kept(Piece(marked(again(85)) + pickle.FROZENSET), 85)))


@attack(allow={"gate_helpers"}, ends=HARMLESS, inert=TIME)
def nested_to_a_great_depth(_):
    return whole(Piece(pickle.EMPTY_TUPLE + pickle.TUPLE1 * 100_000))


@attack(allow={"gate_helpers"}, ends=HARMLESS, inert=TIME)
def nested_to_a_great_depth_as_an_argument(_):
    return whole(
        call(ref("gate_helpers", "Point"), Piece(pickle.EMPTY_TUPLE + pickle.TUPLE1 * 100_000))
    )


@attack(allow={"gate_helpers"}, ends=STOPS, inert=TIME)
def marks_without_end(_):
    return whole(Piece(pickle.MARK * 1_000_000))


@attack(allow={"gate_helpers"}, ends=STOPS, inert=TIME)
def bytes_that_are_not_there(_):
    return whole(Piece(pickle.BINBYTES8 + struct.pack("<Q", 2**62)))


@attack(allow={"gate_helpers"}, ends=STOPS, inert=TIME)
def text_that_is_not_there(_):
    return whole(Piece(pickle.BINUNICODE8 + struct.pack("<Q", 2**62)))


@attack(allow={"gate_helpers"}, ends=STOPS, inert=TIME)
def frame_that_is_not_there(_):
    return whole(Piece(pickle.FRAME + struct.pack("<Q", 2**62)))


@attack(allow={"gate_helpers"}, ends=STOPS, inert=TIME)
def bytearray_that_is_not_there(_):
    return whole(Piece(pickle.BYTEARRAY8 + struct.pack("<Q", 2**62)), 5)


@attack(allow={"gate_helpers"}, ends=STOPS, inert=TIME)
def memo_slot_far_away(_):
    return whole(kept(value(()), 2**31))


@attack(review=accept, ends=STOPS, inert=TIME)
def text_that_inflates(_):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(b"#" * 2**24) + packer.flush()
    return whole(function(data))


@attack(review=accept, ends=STOPS, inert=TIME)
def text_that_nests_too_deep(_):
    return whole(function("def f():\n    return " + "(" * 100_000 + ")" * 100_000 + "\n"))


@attack(review=accept, ends=STOPS, inert=TIME)
def forward_reference_that_nests_too_deep(_):
    text = "-" * 100_000 + "1"
    return whole(ours("forward_reference", text, None, part=".type_parameters"))


@attack(review=accept, ends=STOPS, inert=TIME)
def portable_callables_inside_each_other(_):
    data = whole(value(1))
    for _level in range(2000):
        data = whole(call(ref("_pickle", "loads"), data))
    return data


@attack(review=accept, ends=STOPS, inert=TIME)
def path_of_many_names(_):
    return whole(function("def f():\n    pass\n", ".".join(["f"] * 100_000)))


@attack(allow={"gate_helpers"}, ends=STOPS, inert="no module has so many dots")
def name_of_many_dots(_):
    return whole(
        Piece(value("gate_helpers") + value(".".join(["double"] * 100_000)) + pickle.STACK_GLOBAL)
    )


@attack(allow={"gate_helpers"}, ends=STOPS, inert="it ends before its opcode does")
def payload_that_is_cut_off(marker):
    return whole(call(ref("os", "mkdir"), marker))[:-4]


@attack(allow={"gate_helpers"}, ends=STOPS, inert="there is nothing")
def empty_payload(_):
    return b""
