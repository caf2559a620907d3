"""Every opcode that reaches, calls or changes something, and tricks with marks and the memo."""

from __future__ import annotations

import copyreg
import pickle

from .assemble import (
    Piece,
    again,
    build,
    call,
    in_turn,
    kept,
    marked,
    ours,
    record,
    ref,
    set_items,
    stack_ref,
    value,
    whole,
)
from .attack import HARMLESS, accept, attack, opening

MKDIR = ref("os", "mkdir")
SETTINGS = ref("bystander", "SETTINGS")
GREET = ref("bystander", "greet")
ACCOUNT = ref("bystander", "Account")


def line(text: str) -> bytes:
    """Return a string as protocol 0 has it."""
    return pickle.STRING + repr(text).encode() + b"\n"


# Reached and called


@attack(review=accept)
def global_of_protocol_0(marker):
    return whole(b"cos\nmkdir\n(" + line(marker) + b"tR", 0)


@attack(review=accept)
def global_of_protocol_1(marker):
    return whole(call(ref("posix", "mkdir"), marker), 1)


@attack(review=accept)
def global_of_protocol_2(marker):
    return whole(call(MKDIR, marker), 2)


@attack(allow={"gate_helpers"})
def global_of_protocol_3(marker):
    return whole(call(MKDIR, marker), 3)


@attack(review=accept)
def stack_global_of_protocol_4(marker):
    return whole(call(stack_ref("os", "mkdir"), marker), 4)


@attack(allow={"gate_helpers"})
def stack_global_of_protocol_5(marker):
    return whole(call(stack_ref("os", "mkdir"), marker), 5)


@attack(review=accept)
def stack_global_whose_names_are_from_the_memo(marker):
    names = in_turn(kept(value("os"), 0), kept(value("mkdir"), 1), again(0))
    return whole(call(Piece(names + again(1) + pickle.STACK_GLOBAL), marker))


@attack(review=accept)
def inst_of_protocol_0(marker):
    return whole(pickle.MARK + line(marker) + b"ios\nmkdir\n", 0)


@attack(allow={"gate_helpers"})
def inst_of_protocol_4(marker):
    return whole(Piece(marked(marker) + b"ielsewhere\nact\n"))


@attack(review=accept)
def obj_of_protocol_1(marker):
    return whole(Piece(marked(MKDIR, marker) + pickle.OBJ), 1)


@attack(allow={"gate_helpers"})
def obj_of_a_class(marker):
    return whole(Piece(marked(ref("elsewhere", "ActsInInit"), marker) + pickle.OBJ), 4)


@attack(review=accept)
def newobj(marker):
    return whole(Piece(ref("elsewhere", "Acts") + value((marker,)) + pickle.NEWOBJ), 2)


@attack(allow={"gate_helpers"})
def newobj_ex(marker):
    named = value(()) + value({"path": marker})
    return whole(Piece(ref("elsewhere", "Acts") + named + pickle.NEWOBJ_EX))


@attack(allow={"gate_helpers"})
def build_of_a_class_with_its_own_setstate(marker):
    made = Piece(ref("elsewhere", "ActsWhenFilled") + value(()) + pickle.NEWOBJ)
    return whole(build(made, marker))


@attack(allow={"gate_helpers"})
def build_of_an_instance_that_got_its_setstate_from_the_state(marker):
    point = call(ref("gate_helpers", "Point"))
    return whole(build(build(point, {"__setstate__": ref("elsewhere", "act")}), marker))


@attack(allow={"gate_helpers"})
def append_of_an_object_that_got_its_append_from_the_state(marker):
    point = build(call(ref("gate_helpers", "Point")), {"append": ref("elsewhere", "act")})
    return whole(Piece(point + value(marker) + pickle.APPEND))


@attack(allow={"gate_helpers"})
def appends_of_an_object_that_got_its_append_from_the_state(marker):
    point = build(call(ref("gate_helpers", "Point")), {"append": MKDIR})
    return whole(Piece(point + marked(marker) + pickle.APPENDS))


@attack(allow={"gate_helpers"})
def additems_of_an_object_that_got_its_add_from_the_state(marker):
    point = build(call(ref("gate_helpers", "Point")), {"add": MKDIR})
    return whole(Piece(point + marked(marker) + pickle.ADDITEMS))


@attack(allow=lambda module, name: module == "pathlib")
def build_of_an_instance_of_a_basic_type_calls_what_it_was_given(marker):
    error = call(ref("builtins", "ValueError"))
    return whole(build(build(error, {"__setstate__": MKDIR}), marker))


def _with_extensions() -> None:
    for code in (0xF0, 0xF0F0, 0x7FF0F0F0):
        copyreg.add_extension("os", {0xF0: "mkdir", 0xF0F0: "makedirs"}.get(code, "system"), code)


@attack(review=accept, prepare=_with_extensions)
def ext1(marker):
    return whole(call(Piece(pickle.EXT1 + b"\xf0"), marker), 2)


@attack(allow={"gate_helpers"}, prepare=_with_extensions)
def ext2(marker):
    return whole(call(Piece(pickle.EXT2 + b"\xf0\xf0"), marker), 2)


@attack(allow={"gate_helpers"}, prepare=_with_extensions)
def ext4(marker):
    return whole(call(Piece(pickle.EXT4 + b"\xf0\xf0\xf0\x7f"), f"touch {marker}"), 3)


@attack(review=accept, inert="pickle knows no persistent ids unless a subclass does")
def persid(marker):
    return whole(pickle.PERSID + marker.encode() + b"\n", 0)


@attack(allow={"gate_helpers"}, inert="pickle knows no persistent ids unless a subclass does")
def binpersid(marker):
    return whole(Piece(value(marker) + pickle.BINPERSID), 1)


@attack(allow={"gate_helpers"})
def global_with_dots(marker):
    return whole(call(ref("gate_helpers", "os.mkdir"), marker), 4)


@attack(allow={"gate_helpers"})
def protocol_is_told_again_in_the_middle(marker):
    first = b"\x80\x02" + value(None) + pickle.POP
    return first + whole(call(ref("gate_helpers", "tools.os.mkdir"), marker), 4)


# What the receiver has, changed


@attack(allow={"bystander"})
def build_on_a_function(_):
    return whole(build(GREET, {"harmed": True}))


@attack(allow={"bystander"})
def build_with_slots_on_a_function(_):
    return whole(build(GREET, (None, {"__defaults__": ("harmed",)})))


@attack(allow={"bystander"}, review=accept)
def build_exchanges_the_code_of_a_function(marker):
    code = ours("code", record(opening(marker)))
    return whole(in_turn(build(GREET, (None, {"__code__": code})), call(GREET)))


@attack(allow={"bystander"})
def build_with_slots_on_a_class(_):
    return whole(build(ACCOUNT, (None, {"limit": 10**9})))


@attack(allow={"bystander"})
def build_with_slots_on_the_bases_of_a_class(_):
    bases = (ref("bystander", "Vault"),)
    return whole(build(ref("bystander", "Savings"), (None, {"__bases__": bases})))


@attack(allow={"bystander"})
def build_on_an_object(_):
    return whole(build(ref("bystander", "VAULT"), {"opens": 100}))


@attack(allow={"bystander"})
def build_on_a_module(_):
    return whole(build(ours("module", "bystander"), {"greet": None}))


@attack(allow={"bystander"})
def build_with_slots_on_a_module(_):
    return whole(build(ours("module", "bystander"), (None, {"greet": None})))


@attack(allow={"bystander"})
def build_on_an_enum_member(_):
    return whole(build(stack_ref("bystander", "Color.RED"), {"_value_": 2}))


@attack(allow={"bystander"})
def build_on_an_enum_member_that_its_class_gave(_):
    return whole(build(call(ref("bystander", "Color"), 1), {"_value_": 2}))


@attack(review=accept)
def build_with_slots_on_a_basic_class(_):
    return whole(build(ref("collections", "Counter"), (None, {"total": None})))


@attack(allow={"gate_helpers"})
def build_with_slots_on_another_basic_class(_):
    return whole(build(ref("fractions", "Fraction"), (None, {"limit_denominator": None})))


@attack(allow={"gate_helpers"})
def build_on_ourselves(_):
    return whole(build(ref("sourcepickle.rebuild", "code"), {"harmed": 1}))


@attack(allow={"gate_helpers"})
def build_with_slots_on_a_callable_of_ours(_):
    return whole(build(ref("sourcepickle.rebuild", "function"), (None, {"__defaults__": ()})))


@attack(allow={"bystander"})
def setitem_on_a_dict(_):
    return whole(Piece(SETTINGS + value("limit") + value(0) + pickle.SETITEM))


@attack(allow={"bystander"})
def setitems_on_a_dict(_):
    return whole(set_items(SETTINGS, {"limit": 0, "more": 1}))


@attack(allow={"bystander"})
def append_on_a_list(_):
    return whole(Piece(ref("bystander", "NAMES") + value("b") + pickle.APPEND))


@attack(allow={"bystander"})
def appends_on_a_list(_):
    return whole(Piece(ref("bystander", "NAMES") + marked("b", "c") + pickle.APPENDS))


@attack(allow={"bystander"})
def appends_on_a_deque(_):
    return whole(Piece(ref("bystander", "LOG") + marked("b") + pickle.APPENDS))


@attack(allow={"bystander"})
def additems_on_a_set(_):
    return whole(Piece(ref("bystander", "TAGS") + marked("b") + pickle.ADDITEMS))


@attack(review=accept)
def setitem_on_sys_modules(_):
    return whole(set_items(ref("sys", "modules"), {"os": None}))


@attack(allow={"gate_helpers"})
def setitem_on_sys_modules_through_a_module(_):
    return whole(set_items(stack_ref("gate_helpers", "os.sys.modules"), {"json": 1}))


@attack(allow={"builtins"})
def setitem_on_builtins(_):
    return whole(set_items(stack_ref("builtins", "__dict__"), {"len": None}))


@attack(allow={"gate_helpers"})
def setitem_on_the_environment(_):
    return whole(set_items(stack_ref("gate_helpers", "os.environ"), {"PYTHONPATH": "/tmp"}))


@attack(allow={"gate_helpers"})
def setitem_on_the_globals_of_a_function(_):
    return whole(set_items(stack_ref("gate_helpers", "double.__globals__"), {"double": None}))


@attack(allow={"copyreg"})
def setitem_on_the_dispatch_table(_):
    table = set_items(ref("copyreg", "dispatch_table"), {ref("builtins", "int"): None})
    return whole(table)


# The memo, and marks


@attack(allow={"bystander", "gate_helpers"})
def memo_slot_of_something_harmless_is_put_over(_):
    own = kept(value({}), 0)
    theirs = kept(SETTINGS, 0)
    return whole(in_turn(own, theirs, set_items(again(0), {"limit": 0})))


@attack(review=accept)
def memo_slot_of_something_allowed_is_put_over(marker):
    allowed = kept(ref("collections", "OrderedDict"), 7)
    return whole(in_turn(allowed, kept(MKDIR, 7), call(again(7), marker)))


@attack(allow={"bystander"})
def dup_of_a_dict(_):
    changed = Piece(SETTINGS + pickle.DUP + value("limit") + value(0) + pickle.SETITEM)
    return whole(Piece(changed + pickle.TUPLE2))


@attack(allow={"bystander"})
def put_of_three_kinds_name_one_slot(_):
    puts = Piece(value({}) + pickle.PUT + b"3\n" + pickle.POP)
    puts = Piece(puts + value([]) + pickle.BINPUT + b"\x03" + pickle.POP)
    return whole(in_turn(kept(Piece(puts + SETTINGS), 3), set_items(again(3), {"limit": 0})))


@attack(allow={"bystander"})
def memoize_after_a_put_far_off(_):
    far = kept(value({}), 5)
    # MEMOIZE counts what is there, and so takes slot 1.
    theirs = Piece(SETTINGS + pickle.MEMOIZE)
    return whole(in_turn(far, theirs, set_items(again(1), {"limit": 0})))


@attack(allow={"gate_helpers"})
def pop_mark_leaves_what_is_called(marker):
    junk = Piece(marked(ref("gate_helpers", "double"), value(1)) + pickle.POP_MARK)
    return whole(Piece(MKDIR + junk + value((marker,)) + pickle.REDUCE))


@attack(allow={"bystander"})
def marks_within_marks(_):
    inner = Piece(marked("limit", 0) + pickle.TUPLE + pickle.POP)
    return whole(
        Piece(SETTINGS + pickle.MARK + inner + value("limit") + value(0) + pickle.SETITEMS)
    )


@attack(allow={"bystander"})
def pop_takes_a_mark_away(_):
    lost = Piece(SETTINGS + pickle.MARK + pickle.POP)
    return whole(Piece(lost + value("limit") + value(0) + pickle.SETITEM))


@attack(allow={"bystander"})
def a_list_brings_what_is_changed(_):
    pair = value([SETTINGS, value({})])
    taken = ours("named", "bystander", "SETTINGS")
    return whole(in_turn(pair, set_items(taken, {"limit": 0})))


@attack(allow={"gate_helpers"})
def long_names_are_cut_nowhere(marker):
    return whole(call(stack_ref("gate_helpers", "os.path.os.path.os.mkdir"), marker))


@attack(allow={"bystander"}, ends=HARMLESS, inert="it changes its own dictionary alone")
def own_dict_under_the_name_of_theirs(_):
    return whole(set_items(value({"limit": 10}), {"limit": 0}))
