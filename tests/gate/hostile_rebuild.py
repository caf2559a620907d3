"""Each callable of ``sourcepickle.rebuild`` (docs/format.md), turned against the receiver."""

from __future__ import annotations

import importlib.util
import marshal
import sys
import zlib
from typing import Any

import sourcepickle

from .assemble import (
    Piece,
    again,
    build,
    call,
    function,
    in_turn,
    inside,
    kept,
    ours,
    record,
    ref,
    set_items,
    stack_ref,
    value,
    whole,
)
from .attack import HARMLESS, accept, attack, opening, opening_without_builtins

CLASSES, ENUMS, MODULES = ".classes", ".enums", ".modules"
TYPING, PARAMETERS, WRAPPERS = ".typing_constructs", ".type_parameters", ".functools_wrappers"

SETTINGS = ref("bystander", "SETTINGS")
VAULT = ref("bystander", "VAULT")
GREET = ref("bystander", "greet")
ACCOUNT = ref("bystander", "Account")
MKDIR = ref("os", "mkdir")


def own_function() -> Piece:
    return function("def f(*args):\n    return args\n")


def own_class(name: str = "C", bases: tuple[Any, ...] = (), **namespace: Any) -> Piece:
    namespace = {"__module__": "job", **namespace}
    arguments = (f"{name} of the tests", None, None, name, bases, namespace, None)
    return ours("plain_class", *arguments, part=CLASSES)


def state(**at: Any) -> tuple[Any, ...]:
    """Return a function's state (docs/format.md)."""
    names = ["values", "contents", "defaults", "kwdefaults", "annotations", "attributes"]
    return tuple(at.get(name) for name in [*names, "others", "modules"])


def class_state(**at: Any) -> tuple[Any, ...]:
    """Return a class's state (docs/format.md)."""
    names = ["attributes", "constructs", "abstract", "registered"]
    values = {"attributes": {}, **at}
    return (None, None, *(values.get(name) for name in names))


# What is found


@attack(review=accept)
def named_finds_anything(marker):
    return whole(call(ours("named", "os", "mkdir"), marker))


@attack(allow={"gate_helpers"})
def named_goes_through_a_module(marker):
    return whole(call(ours("named", "gate_helpers", "os.mkdir"), marker))


@attack(allow={"gate_helpers"})
def named_finds_what_was_imported(marker):
    return whole(call(ours("named", "gate_helpers", "run"), f"touch {marker}"))


@attack(allow={"gate_helpers"})
def named_takes_dunder_steps(marker):
    found = ours("named", "gate_helpers", "double.__globals__.get")
    return whole(call(call(found, "mkdir"), marker))


@attack(allow={"gate_helpers"})
def named_imports(_):
    return whole(ours("named", "alarm", "anything"))


@attack(allow={"bystander"})
def named_finds_what_is_changed(_):
    return whole(set_items(ours("named", "bystander", "SETTINGS"), {"limit": 0}))


@attack(review=accept)
def module_imports(_):
    return whole(ours("module", "alarm"))


@attack(allow={"gate_helpers"})
def module_that_is_dropped_again_was_imported(_):
    return whole(in_turn(ours("module", "alarm"), ref("gate_helpers", "double")))


@attack(review=accept)
def reference_finds_anything(marker):
    return whole(call(ours("reference", "os", "mkdir", part=TYPING), marker))


@attack(review=accept, ends=HARMLESS)
def reference_imports(_):
    return whole(ours("reference", "alarm", "anything", part=TYPING))


@attack(allow={"gate_helpers"})
def reference_takes_dunder_steps(marker):
    found = ours("reference", "gate_helpers", "double.__globals__.get", part=TYPING)
    return whole(call(call(found, "mkdir"), marker))


@attack(review=accept)
def applied_calls_anything(marker):
    return whole(ours("applied", MKDIR, (marker,), part=TYPING))


@attack(allow={"gate_helpers"})
def applied_reads_attributes(marker):
    found = ours(
        "applied",
        ref("builtins", "getattr"),
        (ours("module", "gate_helpers"), "mkdir"),
        part=TYPING,
    )
    return whole(call(found, marker))


@attack(review=accept)
def applied_evaluates(marker):
    return whole(ours("applied", ref("builtins", "eval"), (f"open({marker!r}, 'x')",), part=TYPING))


@attack(review=accept)
def applied_applies_itself(marker):
    itself = ref(f"sourcepickle.rebuild{TYPING}", "applied")
    found = ours("reference", "os", "mkdir", part=TYPING)
    return whole(ours("applied", itself, (found, (marker,)), part=TYPING))


@attack(review=accept)
def applied_takes_items_of_a_namespace_of_ours(marker):
    namespace = ours("part", MODULES)
    item = ref("operator", "getitem")
    imported = ours("applied", item, (namespace, "importlib"), part=TYPING)
    get = ours("applied", ref("builtins", "getattr"), (imported, "import_module"), part=TYPING)
    found = ours("applied", get, ("os",), part=TYPING)
    run = ours("applied", ref("builtins", "getattr"), (found, "mkdir"), part=TYPING)
    return whole(call(run, marker))


@attack(review=accept)
def part_gives_our_own_namespace_to_be_changed(_):
    return whole(set_items(ours("part", ""), {"harmed": 1}))


@attack(allow={"operator"})
def part_gives_our_own_imports(marker):
    sys_module = call(ref("operator", "getitem"), ours("part", ""), "sys")
    return whole(set_items(call(ref("builtins", "vars"), sys_module), {"harmed": marker}))


@attack(allow={"gate_helpers"})
def our_own_module_leads_to_others(marker):
    return whole(call(stack_ref("sourcepickle.rebuild", "io.open"), marker, "x"))


@attack(allow={"gate_helpers"})
def our_own_private_functions(marker):
    made = stack_ref("sourcepickle.rebuild", "types.FunctionType")
    code = ours("code", record(opening_without_builtins(marker)))
    return whole(call(call(made, code, {})))


@attack(review=accept)
def our_own_files_lines_are_changed(_):
    files = ref("sourcepickle.rebuild", "_files")
    return whole(in_turn(set_items(files, {"x": 1}), set_items(ours("part", ""), {"_files": 1})))


@attack(review=accept)
def of_release_imports(_):
    return whole(ours("of_release", ref("builtins", "ValueError"), "alarm", "1.0", part=CLASSES))


@attack(allow={"gate_helpers"})
def standalones_namespace(marker):
    return whole(call(ref("builtins", "eval"), f"open({marker!r}, 'x')", {"make": "", "core": b""}))


# What is set on the receiver's own


@attack(allow={"bystander"}, review=accept)
def fill_function_sets_the_receivers_globals(_):
    return whole(ours("fill_function", GREET, state(values={"SETTINGS": {}})))


@attack(allow={"bystander"})
def fill_function_sets_the_receivers_cells(_):
    return whole(ours("fill_function", ref("bystander", "counter"), state(contents={"count": 9})))


@attack(allow={"bystander"})
def fill_function_sets_the_receivers_defaults(_):
    return whole(ours("fill_function", GREET, state(defaults=("harmed",))))


@attack(allow={"bystander"})
def fill_function_sets_the_receivers_keyword_defaults(_):
    return whole(ours("fill_function", GREET, state(kwdefaults={"loud": True})))


@attack(allow={"bystander"})
def fill_function_sets_the_receivers_attributes(_):
    return whole(ours("fill_function", GREET, state(attributes={"harmed": True})))


@attack(allow={"bystander"}, review=accept)
def fill_function_sets_the_receivers_code(marker):
    code = ours("code", record(opening(marker)))
    filled = ours("fill_function", GREET, state(others={"__code__": code}))
    return whole(in_turn(filled, call(GREET)))


@attack(allow={"bystander"})
def fill_function_sets_the_name_of_the_receivers(_):
    return whole(ours("fill_function", GREET, state(others={"__name__": "harmed"})))


@attack(allow={"bystander"})
def fill_function_sets_attributes_of_an_object(_):
    return whole(ours("fill_function", VAULT, state(others={"opens": 9})))


@attack(allow={"bystander"})
def fill_function_sets_attributes_of_a_class(_):
    return whole(ours("fill_function", ACCOUNT, state(others={"limit": 9})))


@attack(allow={"bystander"})
def fill_function_sets_attributes_of_a_module(_):
    target = ours("module", "bystander")
    return whole(ours("fill_function", target, state(others={"greet": None})))


@attack(allow={"bystander"})
def fill_functions_sets_the_receivers(_):
    return whole(ours("fill_functions", None, ((GREET, state(defaults=("harmed",))),)))


@attack(allow={"bystander"})
def fill_functions_in_place_of_its_first_argument(_):
    first = ours("fill_functions", None, ((GREET, state(attributes={"harmed": 1})),))
    return whole(ours("fill_functions", first, ()))


@attack(allow={"bystander"})
def own_object_poses_as_a_function(_):
    posing = build(call(ref("builtins", "ValueError")), {"__globals__": SETTINGS})
    return whole(ours("fill_function", posing, state(values={"limit": 0})))


@attack(allow={"bystander"}, review=accept, ends=HARMLESS)
def own_function_poses_with_the_receivers_globals(_):
    made = ours("function", record("def f():\n    pass\n"), None, SETTINGS)
    return whole(made)


@attack(allow={"bystander"}, review=accept, ends=HARMLESS)
def own_function_sets_the_receivers_globals(_):
    made = ours("function", record("def f():\n    pass\n"), None, SETTINGS)
    return whole(ours("fill_function", made, state(values={"limit": 0})))


@attack(allow={"bystander"}, review=accept)
def own_function_takes_the_cells_of_another(_):
    # The receiver's function has the cell; the reviewed one writes into it when it is called.
    text = "def outer(count):\n    def f():\n        nonlocal count\n        count = 9\n"
    cells = stack_ref("bystander", "counter.__closure__")
    source = record(text, "outer.<locals>.f", free=("count",))
    return whole(call(ours("function", source, cells, {"__name__": "job"})))


@attack(allow={"bystander"})
def fill_cell_sets_an_attribute(_):
    return whole(ours("fill_cell", VAULT, (9,)))


@attack(allow={"bystander"})
def fill_cell_of_the_receivers_closure(_):
    own_cell = call(
        stack_ref("builtins", "tuple.__getitem__"), stack_ref("bystander", "counter.__closure__"), 0
    )
    return whole(ours("fill_cell", own_cell, (9,)))


@attack(allow={"bystander"})
def renamed_calls_a_method_of_any_object(_):
    return whole(ours("renamed", VAULT, "name", None))


@attack(allow={"bystander"}, review=accept, ends=HARMLESS)
def importing_completes_the_receivers_dict(_):
    return whole(ours("importing", SETTINGS, "job.py", part=MODULES))


@attack(allow={"bystander"})
def namespace_of_a_module_of_the_receiver(_):
    names = ours("namespace_of", ours("module", "bystander"), part=MODULES)
    return whole(set_items(names, {"greet": None}))


@attack(allow={"bystander"})
def namespace_of_an_object_of_the_receiver(_):
    return whole(set_items(ours("namespace_of", VAULT, part=MODULES), {"opens": 9}))


@attack(allow={"bystander"})
def same_module_of_the_receiver(_):
    target = ours("same_module", ours("module", "bystander"), part=MODULES)
    return whole(build(target, {"greet": None}))


@attack(allow={"bystander"})
def fill_module_of_the_receiver(_):
    target = ours("module", "bystander")
    return whole(ours("fill_module", target, ({"greet": None}, None, None), part=MODULES))


@attack(allow={"bystander"})
def fill_module_sets_the_class_of_an_object(_):
    return whole(ours("fill_module", VAULT, ({}, None, ACCOUNT), part=MODULES))


@attack(allow={"bystander"})
def fill_module_pops_from_an_object(_):
    return whole(ours("fill_module", GREET, ({"harmed": 1}, None, None), part=MODULES))


@attack(allow={"bystander"})
def fill_class_sets_the_receivers(_):
    return whole(ours("fill_class", ACCOUNT, class_state(attributes={"limit": 9}), part=CLASSES))


@attack(allow={"bystander"})
def fill_class_makes_the_receivers_abstract(_):
    return whole(ours("fill_class", ACCOUNT, class_state(abstract=("owner",)), part=CLASSES))


@attack(allow={"bystander"})
def fill_class_registers_with_the_receivers(_):
    registered = class_state(registered=(ref("builtins", "int"),))
    return whole(ours("fill_class", ref("bystander", "Shape"), registered, part=CLASSES))


@attack(allow={"bystander"})
def fill_class_sets_constructs_of_the_receivers(_):
    constructs = class_state(constructs={"__orig_bases__": ()})
    return whole(ours("fill_class", ACCOUNT, constructs, part=CLASSES))


@attack(review=accept)
def fill_class_sets_a_basic_class(_):
    attributes = class_state(attributes={"total": None})
    return whole(ours("fill_class", ref("collections", "Counter"), attributes, part=CLASSES))


@attack(allow={"bystander"})
def fill_protocol_sets_the_receivers(_):
    attributes = class_state(attributes={"harmed": 1})
    return whole(ours("fill_protocol", ref("bystander", "Sized"), attributes, part=CLASSES))


@attack(allow={"bystander"})
def fill_typed_dict_sets_the_receivers(_):
    attributes = class_state(attributes={"harmed": 1})
    return whole(ours("fill_typed_dict", ref("bystander", "Movie"), attributes, part=CLASSES))


@attack(allow={"bystander"})
def fill_named_tuple_sets_the_receivers(_):
    filling = (class_state(), (8, 9), {"x": "harmed"}, None)
    return whole(ours("fill_named_tuple", ref("bystander", "Row"), filling, part=CLASSES))


@attack(allow={"bystander"})
def fill_enum_sets_members_of_the_receivers(_):
    filling = (class_state(), {"RED": {"_value_": 2}}, ())
    return whole(ours("fill_enum", ref("bystander", "Color"), filling, part=ENUMS))


@attack(allow={"bystander"})
def fill_enum_gives_the_receivers_more_values(_):
    filling = (class_state(), None, ((2, "RED"),))
    return whole(ours("fill_enum", ref("bystander", "Color"), filling, part=ENUMS))


@attack(allow={"bystander"})
def set_methods_of_the_receivers(_):
    return whole(ours("set_methods", ACCOUNT, {"owner": GREET}, part=CLASSES))


@attack(allow={"bystander"})
def dataclass_methods_of_the_receivers(_):
    arguments = (ACCOUNT, (("x", 0, None, {}),), {}, ("__init__",), False, {})
    return whole(ours("dataclass_methods", *arguments, part=".dataclass"))


@attack(allow={"bystander"})
def set_state_of_the_receivers(_):
    return whole(ours("set_state", ref("bystander", "FROZEN"), [9], part=".dataclass"))


@attack(allow={"bystander"})
def fill_wrapper_sets_the_receivers(_):
    return whole(ours("fill_wrapper", VAULT, {"opens": 9}, part=WRAPPERS))


@attack(allow={"bystander"})
def fill_single_dispatch_of_the_receivers(_):
    registry = ((ref("builtins", "int"), GREET),)
    arguments = (ref("bystander", "describe"), (registry, {}))
    return whole(ours("fill_single_dispatch", *arguments, part=WRAPPERS))


@attack(allow={"bystander"})
def fill_single_dispatch_of_any_object(_):
    return whole(ours("fill_single_dispatch", VAULT, (((1, 2),), {}), part=WRAPPERS))


@attack(allow={"bystander"})
def fill_single_dispatch_method_of_the_receivers(_):
    registry = ((ref("builtins", "int"), GREET),)
    found = ref("bystander", "TELL")
    return whole(ours("fill_single_dispatch_method", found, registry, part=WRAPPERS))


# What makes classes calls what it is given


@attack(review=accept)
def plain_class_whose_metaclass_is_a_function(marker):
    arguments = ("an id", ref("elsewhere", "act"), None, marker, (), {}, None)
    return whole(ours("plain_class", *arguments, part=CLASSES))


@attack(allow={"builtins", "bystander"})
def plain_class_whose_metaclass_sets_attributes(_):
    arguments = ("an id", ref("builtins", "setattr"), None, VAULT, "opens", {}, None)
    return whole(ours("plain_class", *arguments, part=CLASSES))


@attack(allow={"gate_helpers"})
def plain_class_whose_maker_is_anything(marker):
    # Its __prepare__, __new__ and __init__ are called.
    lazy = call(ref("functools", "partial"), ref("elsewhere", "act"), marker)
    maker = build(call(ref("gate_helpers", "Point")), {"__prepare__": lazy})
    return whole(ours("plain_class", "an id", None, maker, "C", (), {}, None, part=CLASSES))


@attack(allow={"gate_helpers"})
def plain_class_under_a_base_that_is_not_allowed(marker):
    made = own_class("C", (ref("elsewhere", "Acts"),))
    return whole(call(made, marker))


@attack(allow={"gate_helpers"})
def plain_class_whose_methods_are_not_allowed(marker):
    made = call(own_class("D", (), __setstate__=ref("elsewhere", "act"), path=marker))
    static = call(own_class("E", (), __setstate__=call(ref("builtins", "staticmethod"), MKDIR)))
    return whole(in_turn(made, build(static, marker)))


@attack(allow={"bystander"})
def typed_dict_of_an_id_that_hides_the_receivers(_):
    made = ours("typed_dict", "an id", "T", (ref("builtins", "dict"),), {}, part=CLASSES)
    theirs = ref("bystander", "Movie")
    filling = class_state(attributes={"harmed": 1})
    filled = ours("fill_typed_dict", theirs, filling, part=CLASSES)
    return whole(in_turn(kept(made, 1), kept(theirs, 1), filled))


@attack(review=accept)
def enum_class_whose_data_type_is_anything(marker):
    data_type = build(
        call(ref("builtins", "ValueError")),
        {"__new__": call(ref("functools", "partial"), ref("elsewhere", "act"), marker)},
    )
    arguments = (
        "an id",
        None,
        "E",
        (ref("enum", "Enum"),),
        {"__module__": "job"},
        (("A", 1, ()),),
        data_type,
        None,
    )
    return whole(ours("enum_class", *arguments, part=ENUMS))


@attack(
    review=accept,
    ends=HARMLESS,
    inert="collections.namedtuple renames fields that are no names",
)
def named_tuple_whose_field_is_code(marker):
    field = f"x=open({marker!r}, 'x')"
    made = ours("named_tuple", "an id", "N", (field, "y"), {"__module__": "job"}, part=CLASSES)
    return whole(made)


@attack(
    review=accept,
    ends=HARMLESS,
    inert="a TypedDict's keys are never evaluated",
)
def typed_dict_whose_key_is_code(marker):
    key = f"open({marker!r}, 'x')"
    base = (ref("builtins", "dict"),)
    made = kept(ours("typed_dict", "another id", "T", base, {"__module__": "job"}, part=CLASSES), 9)
    filling = class_state(constructs={"__annotations__": {key: key}})
    return whole(in_turn(made, ours("fill_typed_dict", again(9), filling, part=CLASSES), again(9)))


def _dataclass(fields: tuple[Any, ...], written: tuple[str, ...]) -> bytes:
    made = own_class("Data")
    arguments = (made, fields, {}, written, False, {})
    return whole(ours("dataclass_methods", *arguments, part=".dataclass"))


@attack(allow={"gate_helpers"}, versions=(9, 13))
def dataclass_whose_fields_are_code(marker):
    # The name stands five times in what dataclasses executes: in the parameters of the function
    # around, and twice in those and twice in the body of __init__. Between the first and the field
    # that follows, and between two each later, all is a string.
    name = f'a=open({marker!r},"x").name if 1 else """,*b'
    last = 'z""",*c'
    return _dataclass(((name, 0, None, {}), (last, 0, None, {"init": False})), ("__init__",))


@attack(review=accept, versions=(14, 99))
def dataclass_whose_field_is_code(marker):
    return _dataclass(((f"a=open({marker!r}, 'x').name", 0, None, {}),), ("__init__",))


@attack(allow={"gate_helpers"})
def dataclass_whose_method_is_code_when_it_is_called(marker):
    made = kept(own_class("Compared"), 3)
    name = f"__class__ and open({marker!r}, 'x')"
    arguments = (made, ((name, 0, None, {}),), {}, ("__eq__",), False, {})
    written = ours("dataclass_methods", *arguments, part=".dataclass")
    method = call(ref("builtins", "getattr"), again(3), "__eq__")
    return whole(in_turn(written, call(method, call(again(3)), call(again(3)))))


@attack(review=accept, versions=(12, 99))
def type_alias_whose_name_is_code(marker):
    name = f"x = 0; open({marker!r}, 'x'); type y"
    return whole(ours("type_alias", "an id", name, "job", (), True, part=PARAMETERS))


@attack(allow={"gate_helpers"}, versions=(12, 99))
def type_alias_whose_parameter_is_code(marker):
    text = f"T] = 0; open({marker!r}, 'x'); type y[U"
    arguments = ("an id", "x", "job", (("another id", text),), True)
    return whole(ours("type_alias", *arguments, part=PARAMETERS))


@attack(review=accept)
def type_parameter_whose_kind_evaluates_annotations(marker):
    texts = {"x": f"open({marker!r}, 'x')"}
    made = own_class("Hinted", (), __module__="builtins", __annotations__=texts)
    arguments = (None, "get_type_hints", made, None, {}, True)
    return whole(ours("type_parameter", *arguments, part=PARAMETERS))


@attack(allow={"bystander"})
def type_parameter_whose_kind_marks_a_class(_):
    arguments = (None, "no_type_check", ACCOUNT, None, {}, True)
    return whole(ours("type_parameter", *arguments, part=PARAMETERS))


@attack(
    review=accept,
    ends=HARMLESS,
    inert="a ForwardRef is compiled, and evaluated only when somebody asks typing for hints",
)
def forward_reference_whose_text_is_code(marker):
    return whole(ours("forward_reference", f"open({marker!r}, 'x')", None, part=PARAMETERS))


@attack(
    review=accept,
    ends=HARMLESS,
    inert="a bound that is text is evaluated only when somebody asks typing for hints",
)
def type_parameter_whose_bound_is_code(marker):
    options = {"bound": f"open({marker!r}, 'x')"}
    arguments = (None, "TypeVar", "T", "job", options, True)
    return whole(ours("type_parameter", *arguments, part=PARAMETERS))


@attack(
    review=accept,
    ends=HARMLESS,
    inert="a NewType keeps its supertype as it is",
)
def new_type_of_code(marker):
    supertype = f"open({marker!r}, 'x')"
    return whole(ours("new_type", "an id", "N", "job", supertype, part=PARAMETERS))


@attack(review=accept)
def lru_cache_calls_its_size(marker):
    return whole(ours("lru_cache", marker, MKDIR, True, part=WRAPPERS))


@attack(review=accept)
def method_binds_anything(marker):
    return whole(call(ours("method", MKDIR, marker)))


@attack(review=accept)
def partial_method_of_anything(marker):
    lazy = ours("partial_method", MKDIR, (marker,), {}, part=WRAPPERS)
    bound = call(ref("builtins", "getattr"), lazy, "func")
    return whole(call(bound, marker))


@attack(review=accept)
def enum_property_of_anything(marker):
    made = ours("enum_property", MKDIR, part=ENUMS)
    return whole(call(call(ref("builtins", "getattr"), made, "fget"), marker))


@attack(review=accept)
def single_dispatch_of_anything(marker):
    return whole(call(ours("single_dispatch", MKDIR, part=WRAPPERS), marker))


# What an earlier payload brought


def _earlier_class() -> None:
    import pickle

    import bystander

    bystander.Earlier = pickle.loads(whole(own_class("Earlier", (), limit=10)))


@attack(review=accept, ends=HARMLESS, prepare=_earlier_class)
def class_of_an_earlier_payload_is_filled_again(_):
    same = own_class("Earlier", (), limit=10)
    return whole(ours("fill_class", same, class_state(attributes={"limit": 9}), part=CLASSES))


@attack(review=accept, ends=HARMLESS, prepare=_earlier_class)
def class_of_an_earlier_payload_is_built_again(_):
    return whole(build(own_class("Earlier", (), limit=10), (None, {"limit": 9})))


@attack(review=accept, ends=HARMLESS, prepare=_earlier_class)
def class_of_an_earlier_payload_gets_methods(marker):
    same = own_class("Earlier", (), limit=10)
    method = function(opening(marker))
    return whole(ours("set_methods", same, {"__init__": method}, part=CLASSES))


# Modules by value


@attack(review=accept)
def new_module_with_the_receivers_dict(_):
    changed = ours("new_module", {"__name__": "bystander"}, part=MODULES)
    dictionary = ours("namespace_of", ours("module", "bystander"), part=MODULES)
    return whole(in_turn(changed, set_items(dictionary, {"greet": None})))


@attack(allow={"bystander"}, review=accept)
def module_that_a_function_needs_is_imported(_):
    needed = {"alarm": ours("module", "alarm")}
    return whole(ours("fill_function", own_function(), state(modules=needed)))


@attack(allow={"bystander"}, review=accept)
def builtins_of_a_namespace_are_the_receivers(_):
    made = function("def f():\n    pass\n", __builtins__=SETTINGS)
    names = ours("importing", {"__builtins__": SETTINGS, "__name__": "job"}, "job.py", part=MODULES)
    filled = in_turn(made, names, set_items(SETTINGS, {"limit": 0}))
    return whole(filled)


@attack(review=accept)
def builtins_of_a_namespace_are_taken_out(_):
    names = kept(value({"__name__": "job"}), 4)
    made = ours("function", record("def f():\n    pass\n"), None, names)
    item = call(stack_ref("builtins", "dict.get"), again(4), "__builtins__")
    return whole(in_turn(made, set_items(item, {"harmed": 1})))


@attack(review=accept)
def builtins_of_a_namespace_give_eval(marker):
    names = kept(value({"__name__": "job"}), 4)
    made = ours("function", record("def f():\n    pass\n"), None, names)
    item = call(stack_ref("builtins", "dict.get"), again(4), "__builtins__")
    run = call(stack_ref("builtins", "dict.get"), item, "eval")
    return whole(in_turn(made, call(run, f"open({marker!r}, 'x')")))


@attack(review=accept)
def module_by_value_gives_its_builtins(marker):
    made = ours("new_module", {"__name__": "job"}, part=MODULES)
    names = ours("namespace_of", made, part=MODULES)
    item = call(stack_ref("builtins", "dict.get"), names, "__builtins__")
    run = call(stack_ref("builtins", "dict.get"), item, "eval")
    return whole(call(run, f"open({marker!r}, 'x')"))


@attack(review=accept)
def importer_of_a_namespace_imports(_):
    names = ours("importing", {"__name__": "job"}, "job.py", part=MODULES)
    item = call(stack_ref("builtins", "dict.get"), names, "__builtins__")
    return whole(call(call(stack_ref("builtins", "dict.get"), item, "__import__"), "alarm"))


@attack(review=accept)
def importer_by_name(_):
    return whole(call(call(ref(f"sourcepickle.rebuild{MODULES}", "Importer")), "alarm"))


@attack(review=accept)
def builtins_by_name(marker):
    missing = stack_ref(f"sourcepickle.rebuild{MODULES}", "Builtins.__missing__")
    empty = call(ref(f"sourcepickle.rebuild{MODULES}", "Builtins"))
    return whole(call(call(missing, empty, "eval"), f"open({marker!r}, 'x')"))


@attack(review=accept)
def tracker_by_name(marker):
    # It calls what it is given.
    lazy = call(ref("functools", "partial"), MKDIR, marker)
    tracker = stack_ref("sourcepickle.rebuild.tracker", "tracker.made")
    return whole(call(tracker, "an id", lazy))


@attack(review=accept)
def compile_record_by_name(marker):
    # It compiles what no review sees.
    code = call(ref("sourcepickle.rebuild", "compile_record"), record(opening(marker)), "job.py")
    made = call(ref("sourcepickle.rebuild", "_function"), code, "f", "job.py", None, {})
    return whole(call(made))


# Bytecode


def _bytecode_record(marker: str) -> tuple[Any, ...]:
    names: dict[str, Any] = {}
    exec(opening(marker), names)
    magic = int.from_bytes(importlib.util.MAGIC_NUMBER, "little")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    marshalled = marshal.dumps(names["f"].__code__)
    return magic, version, marshalled, "f", "job.py", 1, zlib.crc32(marshalled)


@attack(review=accept)
def bytecode_function(marker):
    made = ours("bytecode_function", _bytecode_record(marker), None, {"__name__": "job"})
    return whole(call(made))


@attack(allow=lambda *_: True)
def bytecode_function_and_all_allowed(marker):
    made = ours("bytecode_function", _bytecode_record(marker), None, {"__name__": "job"})
    return whole(call(made))


@attack(review=accept)
def bytecode_code_of_a_reviewed_function(marker):
    made = kept(own_function(), 2)
    code = ours("bytecode_code", _bytecode_record(marker))
    filled = ours("fill_function", made, state(others={"__code__": code}))
    return whole(in_turn(filled, call(again(2))))


@attack(review=accept)
def bytecode_where_no_text_was_found(marker):
    names: dict[str, Any] = {"__name__": "job", "marker": marker}
    exec("def f():\n    open(marker, 'x').close()\n", names)
    data = sourcepickle.dumps(names["f"], 3, by_source="prefer")
    return whole(call(inside(data)))


@attack(review=accept)
def bytecode_in_a_portable_callables_pickle(marker):
    inner = whole(
        call(ours("bytecode_function", _bytecode_record(marker), None, {"__name__": "job"}))
    )
    return whole(call(ref("_pickle", "loads"), inner))
