"""What is not allowed, under every name that it can be had by; and what leads on from there."""

from __future__ import annotations

import functools
import marshal
import pickle
import types
from typing import Any

import cloudpickle
import cloudpickle.cloudpickle

from .assemble import (
    Piece,
    build,
    call,
    in_turn,
    inside,
    ours,
    ref,
    set_items,
    stack_ref,
    value,
    whole,
)
from .attack import accept, attack, opening_without_builtins

MARKER = "the marker's path"
TOUCH = "a command that makes the marker"
TEXT = "a program that makes the marker"

# What is called, with what: none of these modules is allowed.
CALLS: dict[str, tuple[str, str, tuple[Any, ...]]] = {
    "os_system": ("os", "system", (TOUCH,)),
    "os_spawn": ("os", "spawnlp", (0, "touch", "touch", MARKER)),
    "os_exec": ("os", "execlp", ("touch", "touch", MARKER)),
    "os_symlink": ("os", "symlink", ("/", MARKER)),
    "subprocess_call": ("subprocess", "call", (["touch", MARKER],)),
    "subprocess_getoutput": ("subprocess", "getoutput", (TOUCH,)),
    "runpy_run_code": ("runpy", "_run_code", (TEXT, {})),
    "runpy_run_module": ("runpy", "run_module", ("alarm",)),
    "timeit": ("timeit", "timeit", (TEXT,)),
    "cprofile_run": ("cProfile", "run", (TEXT,)),
    "importlib_import_module": ("importlib", "import_module", ("alarm",)),
    "importlib_dunder_import": ("importlib", "__import__", ("alarm",)),
    "pydoc_safeimport": ("pydoc", "safeimport", ("alarm",)),
    "builtins_open": ("builtins", "open", (MARKER, "x")),
    "io_open": ("io", "open", (MARKER, "x")),
    "_io_file": ("_io", "FileIO", (MARKER, "x")),
    "codecs_open": ("codecs", "open", (MARKER, "w")),
    "gzip_open": ("gzip", "open", (MARKER, "w")),
    "sqlite3_connect": ("sqlite3", "connect", (MARKER,)),
    "logging_file_handler": ("logging", "FileHandler", (MARKER,)),
    "shutil_copyfile": ("shutil", "copyfile", ("/dev/null", MARKER)),
    "zipfile": ("zipfile", "ZipFile", (MARKER, "w")),
    "a_function_of_a_module_nobody_allowed": ("elsewhere", "act", (MARKER,)),
    "a_module_whose_name_begins_as_an_allowed_one": ("gate_helpers_evil", "act", (MARKER,)),
}


def _filled(arguments: Any, marker: str) -> Any:
    texts = {MARKER: marker, TOUCH: f"touch {marker}", TEXT: f"open({marker!r}, 'x').close()"}
    if isinstance(arguments, (tuple, list)):
        return type(arguments)(_filled(each, marker) for each in arguments)
    return texts.get(arguments, arguments) if isinstance(arguments, str) else arguments


def _call(module: str, name: str, arguments: tuple[Any, ...], marker: str) -> bytes:
    return whole(call(stack_ref(module, name), *_filled(arguments, marker)))


for _key, _what in CALLS.items():
    attack(allow={"gate_helpers"}, review=accept, name=_key)(functools.partial(_call, *_what))

# Never, although builtins are allowed.
NEVER: dict[str, tuple[Any, ...]] = {"exec": (TEXT,), "eval": (TEXT,), "__import__": ("alarm",)}

for _key, _arguments in NEVER.items():
    _make = functools.partial(_call, "builtins", _key, _arguments)
    attack(allow={"builtins"}, name=f"builtins_{_key.strip('_')}")(_make)
    attack(allow=lambda *_: True, name=f"builtins_{_key.strip('_')}_and_all_allowed")(_make)


def command(marker: str) -> str:
    return f"touch {marker}"


# Never: builtins


@attack(allow={"builtins"})
def builtins_compile(marker):
    code = call(ref("builtins", "compile"), f"open({marker!r}, 'x')", "job.py", "exec")
    return whole(call(ref("builtins", "exec"), code))


@attack(allow={"builtins", "bystander"})
def builtins_setattr(_):
    return whole(call(ref("builtins", "setattr"), ref("bystander", "VAULT"), "opens", 9))


@attack(allow={"builtins", "bystander"})
def builtins_delattr(_):
    return whole(call(ref("builtins", "delattr"), ref("bystander", "Account"), "limit"))


@attack(allow={"builtins", "bystander"})
def builtins_vars(_):
    return whole(set_items(call(ref("builtins", "vars"), ref("bystander", "VAULT")), {"opens": 9}))


@attack(allow={"builtins"})
def builtins_globals(_):
    # Called by C code it gives those of whoever called that: of ways.py.
    return whole(set_items(call(ref("builtins", "globals")), {"harmed": 1}))


@attack(allow={"builtins", "gate_helpers"})
def getattr_of_a_dunder(marker):
    names = call(ref("builtins", "getattr"), ref("gate_helpers", "double"), "__globals__")
    found = call(stack_ref("builtins", "dict.get"), names, "mkdir")
    return whole(call(found, marker))


@attack(allow={"builtins", "gate_helpers"})
def getattr_of_a_module(marker):
    found = call(ref("builtins", "getattr"), ours("module", "gate_helpers"), "system")
    return whole(call(found, command(marker)))


@attack(allow={"builtins"}, review=accept)
def getattr_touches_a_path(marker):
    path = call(ref("pathlib", "PosixPath"), marker)
    return whole(call(call(ref("builtins", "getattr"), path, "touch")))


@attack(review=accept)
def method_of_a_path(marker):
    path = call(ref("pathlib", "PosixPath"), marker)
    return whole(call(stack_ref("pathlib", "Path.touch"), path))


@attack(allow={"gate_helpers"})
def method_of_a_path_that_writes(marker):
    path = call(ref("pathlib", "PosixPath"), marker)
    return whole(call(stack_ref("pathlib", "PosixPath.write_text"), path, "x"))


@attack(allow={"builtins", "bystander"})
def getattr_binds_a_method_of_the_receivers_list(_):
    bound = call(ref("builtins", "getattr"), ref("bystander", "NAMES"), "append")
    return whole(call(bound, "b"))


@attack(allow={"bystander"})
def dotted_name_binds_a_method_of_the_receivers_list(_):
    return whole(call(stack_ref("bystander", "NAMES.append"), "b"))


@attack(allow={"builtins", "bystander"})
def method_of_dict_on_the_receivers(_):
    update = stack_ref("builtins", "dict.update")
    return whole(call(update, ref("bystander", "SETTINGS"), {"limit": 0}))


@attack(allow={"bystander"})
def method_of_counter_on_the_receivers_dict(_):
    update = stack_ref("collections", "Counter.update")
    return whole(call(update, ref("bystander", "SETTINGS"), {"limit": 1}))


@attack(allow={"builtins", "bystander"})
def format_reads_attributes(_):
    text = stack_ref("builtins", "str.format")
    return whole(call(text, "{0.opened}", ref("bystander", "VAULT")))


def code_without_builtins(marker: str) -> types.CodeType:
    """Return code that makes the marker, in whatever globals it runs."""
    names: dict[str, Any] = {}
    exec(opening_without_builtins(marker), names)
    code: types.CodeType = names["f"].__code__
    return code


@attack(allow={"builtins", "gate_helpers"})
def type_of_a_function_makes_functions(marker):
    _, arguments, *_ = cloudpickle.cloudpickle._code_reduce(code_without_builtins(marker))
    function_type = call(ref("builtins", "type"), ref("gate_helpers", "double"))
    code_type = call(ref("builtins", "type"), stack_ref("gate_helpers", "double.__code__"))
    return whole(call(call(function_type, call(code_type, *arguments), {})))


@attack(allow={"types"})
def function_type_by_name(marker):
    _, arguments, *_ = cloudpickle.cloudpickle._code_reduce(code_without_builtins(marker))
    code = call(ref("types", "CodeType"), *arguments)
    return whole(call(call(ref("types", "FunctionType"), code, {})))


@attack(allow={"marshal", "types"})
def marshalled_code(marker):
    loaded = call(ref("marshal", "loads"), marshal.dumps(code_without_builtins(marker)))
    return whole(call(call(ref("types", "FunctionType"), loaded, {})))


@attack(allow={"builtins"})
def map_calls_what_it_was_given(marker):
    lazy = call(ref("builtins", "map"), ref("builtins", "exec"), [f"open({marker!r}, 'x')"])
    return whole(call(ref("builtins", "list"), lazy))


@attack(allow={"builtins"})
def sorted_calls_its_key(marker):
    words = [f"open({marker!r}, 'x')"]
    lazy = call(ref("functools", "partial"), ref("builtins", "sorted"))
    state = (ref("builtins", "sorted"), (words,), {"key": ref("builtins", "eval")}, None)
    return whole(call(build(lazy, state)))


@attack(allow={"builtins"})
def breakpoint_calls_what_the_environment_names(marker):
    changed = set_items(ref("os", "environ"), {"PYTHONBREAKPOINT": "os.mkdir"})
    return whole(in_turn(changed, call(ref("builtins", "breakpoint"), marker)))


# Names that lead on


@attack(allow={"gate_helpers"})
def dotted_name_through_a_module(marker):
    return whole(call(stack_ref("gate_helpers", "os.system"), command(marker)))


@attack(allow={"gate_helpers"})
def dotted_name_through_two_modules(marker):
    return whole(call(stack_ref("gate_helpers", "tools.os.mkdir"), marker))


@attack(allow={"os.path"})
def dotted_name_from_an_allowed_module_to_the_one_above(marker):
    return whole(call(stack_ref("os.path", "os.mkdir"), marker))


@attack(allow={"__main__"})
def dotted_name_through_what_the_program_imported(marker):
    return whole(call(stack_ref("__main__", "os.mkdir"), marker))


@attack(allow={"gate_helpers.shapes"})
def module_above_the_allowed_one(marker):
    return whole(call(ref("gate_helpers", "mkdir"), marker))


@attack(allow={"helper"})
def module_of_which_a_part_of_the_name_is_allowed(marker):
    return whole(call(ref("gate_helpers", "mkdir"), marker))


@attack(allow={"gate_helpers"})
def imported_from_a_module_that_is_not_allowed(marker):
    return whole(call(ref("gate_helpers", "mkdir"), marker))


@attack(allow={"gate_helpers"})
def imported_under_another_name(marker):
    return whole(call(ref("gate_helpers", "run"), command(marker)))


@attack(allow={"gate_helpers"})
def imported_class(marker):
    return whole(call(ref("gate_helpers", "Acts"), marker))


@attack(allow={"gate_helpers"})
def imported_python_function(marker):
    return whole(call(ref("gate_helpers", "act"), marker))


@attack(allow={"gate_helpers"})
def imported_eval(marker):
    return whole(call(ref("gate_helpers", "evaluate"), f"open({marker!r}, 'x')"))


@attack(allow={"gate_helpers"})
def imported_open(marker):
    return whole(call(ref("gate_helpers", "create"), marker, "x"))


@attack(allow={"gate_helpers"})
def imported_import_module(_):
    return whole(call(ref("gate_helpers", "import_module"), "alarm"))


@attack(allow={"gate_helpers"})
def imported_partial(marker):
    return whole(call(call(ref("gate_helpers", "partial"), ref("gate_helpers", "mkdir"), marker)))


@attack(allow=lambda module, name: (module, name) == ("gate_helpers", "mkdir"))
def allowed_by_a_name_that_lives_elsewhere(marker):
    return whole(call(ref("gate_helpers", "mkdir"), marker))


@attack(allow=lambda module, name: module == "gate_helpers" and not name)
def a_module_alone_is_allowed(marker):
    found = call(ref("builtins", "getattr"), ours("module", "gate_helpers"), "mkdir")
    return whole(call(found, marker))


@attack(allow=lambda module, name: (module, name) == ("gate_helpers", "Point"))
def one_class_is_allowed_and_its_methods_globals_are_not(marker):
    names = stack_ref("gate_helpers", "Point.__init__.__globals__")
    return whole(call(call(stack_ref("builtins", "dict.get"), names, "mkdir"), marker))


@attack(allow={"gate_helpers"})
def globals_of_a_method(_):
    return whole(set_items(stack_ref("gate_helpers", "Point.__init__.__globals__"), {"double": 0}))


@attack(allow={"gate_helpers"})
def globals_of_a_function_by_their_own_method(marker):
    found = call(stack_ref("gate_helpers", "double.__globals__.get"), "mkdir")
    return whole(call(found, marker))


@attack(allow={"gate_helpers"})
def builtins_of_a_module(marker):
    found = call(stack_ref("gate_helpers", "__builtins__.get"), "eval")
    return whole(call(found, f"open({marker!r}, 'x')"))


@attack(allow={"gate_helpers"})
def subclasses_of_a_base(marker):
    found = call(stack_ref("gate_helpers", "Base.__base__.__subclasses__"))
    # The other one, elsewhere.Acts, is the second: Base itself came later.
    acts = call(stack_ref("builtins", "list.pop"), found, 0)
    return whole(call(acts, marker))


def _latest_class() -> None:
    from elsewhere import act

    class Latest:
        def __new__(cls, path: str) -> Latest:
            act(path)
            return super().__new__(cls)

    latest.append(Latest)


latest: list[type] = []


@attack(allow={"gate_helpers"}, prepare=_latest_class)
def subclasses_of_object(marker):
    found = call(stack_ref("gate_helpers", "double.__class__.__base__.__subclasses__"))
    return whole(call(call(stack_ref("builtins", "list.pop"), found), marker))


@attack(allow={"gate_helpers"})
def loader_of_a_module(_):
    found = stack_ref("gate_helpers", "loaders.import_module")
    return whole(call(found, "alarm"))


@attack(allow={"gate_helpers"})
def loader_writes_a_file(marker):
    return whole(call(stack_ref("gate_helpers", "__loader__.set_data"), marker, b"x"))


@attack(allow={"gate_helpers"})
def dict_of_a_module(_):
    return whole(set_items(stack_ref("gate_helpers", "__dict__"), {"double": None}))


@attack(review=accept)
def module_of_a_basic_type_leads_to_sys(_):
    return whole(set_items(stack_ref("collections", "_sys.modules"), {"json": 1}))


@attack(review=accept)
def function_beside_a_basic_type(marker):
    return whole(call(stack_ref("uuid", "os.mkdir"), marker))


# Later ones have pathlib's code in other modules.
@attack(review=accept, versions=(9, 12))
def module_beside_a_basic_type(marker):
    return whole(call(stack_ref("pathlib", "os.mkdir"), marker))


# Later ones have pathlib's code in other modules.
@attack(review=accept, versions=(9, 12))
def opener_beside_a_basic_type(marker):
    return whole(call(stack_ref("pathlib", "io.open"), marker, "x"))


@attack(allow={"ctypes.util"})
def ctypes_runs_a_text(marker):
    run = stack_ref("ctypes", "pythonapi.PyRun_SimpleString")
    return whole(call(run, f"open({marker!r}, 'x')".encode()))


@attack(allow={"gate_helpers"})
def code_interpreter(marker):
    run = stack_ref("code", "InteractiveInterpreter.runsource")
    text = f"_ = open({marker!r}, 'x')"
    return whole(call(run, call(ref("code", "InteractiveInterpreter")), text))


@attack(allow={"gate_helpers"})
def debugger(marker):
    run = stack_ref("bdb", "Bdb.run")
    return whole(call(run, call(ref("bdb", "Bdb")), f"open({marker!r}, 'x')"))


@attack(allow={"pdb"})
def debugger_that_is_allowed_imported_others(marker):
    return whole(call(stack_ref("pdb", "os.mkdir"), marker))


@attack(allow={"gate_helpers"})
def pkgutil_resolves_a_name(marker):
    return whole(call(call(ref("pkgutil", "resolve_name"), "os:mkdir"), marker))


@attack(allow={"gate_helpers"})
def pydoc_locates_a_name(marker):
    return whole(call(call(ref("pydoc", "locate"), "os.mkdir"), marker))


@attack(allow={"gate_helpers"})
def browser_is_a_command(marker):
    browser = call(ref("webbrowser", "GenericBrowser"), "touch")
    return whole(call(stack_ref("webbrowser", "GenericBrowser.open"), browser, marker))


@attack(allow={"weakref"})
def weak_reference_calls_back(marker):
    point = call(ref("gate_helpers", "Point"))
    called = call(ref("weakref", "finalize"), point, ref("os", "mkdir"), marker)
    return whole(in_turn(called, value(None)))


@attack(allow={"weakref", "bystander"})
def build_on_a_weak_proxy(_):
    proxy = call(ref("weakref", "proxy"), ref("bystander", "VAULT"))
    return whole(build(proxy, (None, {"opens": 9})))


# Names of Python 2


@attack(allow={"commands"})
def commands_of_python_2(marker):
    return whole(call(ref("commands", "getoutput"), command(marker)), 2)


@attack(review=accept)
def builtin_of_python_2(marker):
    return whole(call(ref("__builtin__", "eval"), f"open({marker!r}, 'x')"), 2)


@attack(allow={"__builtin__"})
def builtin_of_python_2_that_is_allowed(marker):
    return whole(call(ref("__builtin__", "eval"), f"open({marker!r}, 'x')"), 1)


@attack(allow={"copy_reg"})
def copy_reg_of_python_2(marker):
    made = ref("elsewhere", "ActsInInit")
    return whole(call(ref("copy_reg", "_reconstructor"), made, made, marker), 2)


@attack(allow={"cPickle"})
def pickle_of_python_2(marker):
    data = whole(call(ref("os", "mkdir"), marker), 2)
    return whole(call(ref("cPickle", "loads"), data), 2)


@attack(allow={"__builtin__"})
def reduce_of_python_2(marker):
    words = [f"open({marker!r}, 'x')", {}]
    return whole(call(ref("__builtin__", "reduce"), ref("__builtin__", "eval"), words), 2)


# Makers of calls


@attack(allow={"operator", "gate_helpers"})
def operator_attrgetter(marker):
    names = call(call(ref("operator", "attrgetter"), "__globals__"), ref("gate_helpers", "double"))
    found = call(call(ref("operator", "itemgetter"), "mkdir"), names)
    return whole(call(found, marker))


@attack(allow={"operator", "gate_helpers"})
def operator_attrgetter_with_dots(marker):
    get = call(ref("operator", "attrgetter"), "__init__.__globals__")
    found = call(
        call(ref("operator", "itemgetter"), "mkdir"), call(get, ref("gate_helpers", "Point"))
    )
    return whole(call(found, marker))


@attack(allow={"operator", "gate_helpers"})
def operator_methodcaller(marker):
    run = call(ref("operator", "methodcaller"), "mkdir", marker)
    return whole(call(run, ours("module", "gate_helpers")))


@attack(allow={"functools", "builtins", "gate_helpers"})
def partial_of_getattr(marker):
    lazy = call(ref("functools", "partial"), ref("builtins", "getattr"))
    return whole(call(call(lazy, ours("module", "gate_helpers"), "mkdir"), marker))


@attack(allow={"functools", "builtins", "gate_helpers"})
def partial_that_gets_its_function_from_its_state(marker):
    lazy = call(ref("functools", "partial"), ref("gate_helpers", "double"))
    state = (ref("builtins", "getattr"), (ours("module", "gate_helpers"), "mkdir"), {}, None)
    return whole(call(call(build(lazy, state)), marker))


@attack(allow={"functools", "builtins", "gate_helpers"})
def reduce_with_getattr(marker):
    steps = [ref("gate_helpers", "double"), "__globals__", "get"]
    get = call(ref("functools", "reduce"), ref("builtins", "getattr"), steps)
    return whole(call(call(get, "mkdir"), marker))


@attack(allow={"functools", "operator"})
def reduce_of_partials(marker):
    steps = [ref("os", "mkdir"), marker]
    return whole(call(call(ref("functools", "reduce"), ref("functools", "partial"), steps)))


@attack(allow={"builtins", "gate_helpers"})
def method_of_type(marker):
    above = stack_ref("gate_helpers", "Base.__base__")
    found = call(stack_ref("builtins", "type.__subclasses__"), above)
    return whole(call(call(stack_ref("builtins", "list.pop"), found, 0), marker))


@attack(allow={"copyreg"})
def copyreg_reconstructor(marker):
    made = ref("elsewhere", "ActsInInit")
    return whole(call(ref("copyreg", "_reconstructor"), made, made, marker), 2)


@attack(allow={"copyreg"})
def copyreg_newobj(marker):
    return whole(call(ref("copyreg", "__newobj__"), ref("elsewhere", "Acts"), marker))


@attack(allow={"copyreg"})
def copyreg_newobj_ex(marker):
    arguments = (ref("elsewhere", "Acts"), (), {"path": marker})
    return whole(call(ref("copyreg", "__newobj_ex__"), *arguments))


@attack(allow={"copyreg"})
def copyreg_add_extension(_):
    return whole(call(ref("copyreg", "add_extension"), "os", "system", 0x70))


@attack(review=accept)
def copyreg_add_extension_then_ext(marker):
    added = call(ref("copyreg", "add_extension"), "os", "mkdir", 0x71)
    return whole(in_turn(added, call(Piece(pickle.EXT1 + b"\x71"), marker)))


@attack(allow={"gate_helpers"})
def copyreg_pickle(_):
    arguments = (ref("gate_helpers", "Point"), ref("gate_helpers", "double"))
    return whole(call(ref("copyreg", "pickle"), *arguments))


@attack(review=accept)
def copyreg_slotnames_writes_into_a_class(_):
    return whole(call(ref("copyreg", "_slotnames"), ref("bystander", "Account")))


@attack(allow={"copy"})
def copy_reconstructs(marker):
    return whole(call(ref("copy", "_reconstruct"), None, None, ref("os", "mkdir"), (marker,)))


def _codec_with_effects() -> None:
    import codecs
    import os

    def search(name: str) -> None:
        if name == "effects":
            open(os.environ["GATE_MARKER"], "x").close()

    codecs.register(search)


@attack(review=accept, prepare=_codec_with_effects)
def codec_that_the_receiver_registered(_):
    return whole(call(ref("_codecs", "encode"), "x", "effects"))


@attack(allow={"gate_helpers"}, prepare=_codec_with_effects)
def codec_to_decode_with(_):
    return whole(call(ref("_codecs", "decode"), b"x", "effects"))


@attack(review=accept)
def codec_error_handler(_):
    return whole(call(ref("_codecs", "register_error"), "hostile", ref("gate_helpers", "double")))


@attack(review=accept, prepare=_codec_with_effects)
def codec_is_looked_up_by_a_method_of_bytes(_):
    return whole(call(stack_ref("builtins", "bytes.decode"), b"x", "effects"))


@attack(allow={"gate_helpers"}, prepare=_codec_with_effects)
def codec_is_looked_up_by_the_type_str(_):
    return whole(call(ref("builtins", "str"), b"x", "effects"))


# Pickles inside


def pickle_of_mkdir(marker: str) -> bytes:
    return whole(call(ref("os", "mkdir"), marker), 3)


for _module, _name in (
    ("pickle", "loads"),
    ("pickle", "_loads"),
    ("_pickle", "loads"),
    ("cloudpickle", "loads"),
    ("sourcepickle", "loads"),
    ("multiprocessing.reduction", "ForkingPickler.loads"),
):

    def _nested(marker: str, module: str = _module, name: str = _name) -> bytes:
        return whole(call(stack_ref(module, name), pickle_of_mkdir(marker)))

    _key = f"{_name}_of_{_module}".replace(".", "_")
    attack(allow={_module.partition(".")[0]}, review=accept, name=_key)(_nested)


@attack(allow={"pickle", "io"})
def unpickler_inside(marker):
    file = call(ref("io", "BytesIO"), pickle_of_mkdir(marker))
    return whole(
        call(stack_ref("pickle", "Unpickler.load"), call(ref("pickle", "Unpickler"), file))
    )


@attack(allow={"sourcepickle", "io"}, review=accept)
def our_load_inside(marker):
    file = call(ref("io", "BytesIO"), pickle_of_mkdir(marker))
    return whole(call(ref("sourcepickle", "load"), file))


@attack(review=accept)
def pickle_in_the_place_of_a_portable_callables(marker):
    return whole(call(ref("_pickle", "loads"), pickle_of_mkdir(marker)))


@attack(allow={"gate_helpers"}, review=accept)
def pickle_in_a_pickle_in_a_portable_callables(marker):
    inner = whole(call(ref("pickle", "loads"), pickle_of_mkdir(marker)))
    return whole(call(ref("_pickle", "loads"), inner))


@attack(allow={"gate_helpers"}, review=accept)
def pickle_inside_with_more_arguments(marker):
    lazy = call(ref("gate_helpers", "partial"), ref("_pickle", "loads"))
    return whole(call(lazy, pickle_of_mkdir(marker)))


@attack(allow={"gate_helpers"}, review=accept)
def portable_of_what_is_not_allowed(marker):
    wrapped = call(ref("sourcepickle.wrapper", "Portable"), ref("os", "mkdir"))
    return whole(call(wrapped, marker))


@attack(allow={"bystander"}, review=accept)
def portable_hands_its_state_to_the_receivers_function(_):
    wrapped = call(ref("sourcepickle.wrapper", "Portable"), ref("bystander", "greet"))
    return whole(build(wrapped, (None, {"harmed": True})))


@attack(allow={"gate_helpers"}, review=accept)
def portable_reads_attributes_of_what_it_wraps(marker):
    wrapped = call(ref("sourcepickle.wrapper", "Portable"), ref("gate_helpers", "double"))
    names = call(ref("builtins", "getattr"), wrapped, "__globals__")
    return whole(call(call(stack_ref("builtins", "dict.get"), names, "mkdir"), marker))


@attack(allow={"cloudpickle"}, review=accept)
def bytecode_of_cloudpickle(marker):
    def f():
        open(marker, "x").close()

    return whole(call(inside_of(f)))


@attack(allow={"cloudpickle", "types", "builtins"}, review=accept)
def bytecode_of_cloudpickle_in_a_class(marker):
    class C:
        def __setstate__(self, state):
            open(marker, "x").close()

    made = C()
    made.x = 1
    return cloudpickle.dumps(made)


@attack(allow=lambda *_: True)
def bytecode_of_cloudpickle_and_all_allowed(marker):
    def f():
        open(marker, "x").close()

    return whole(call(inside_of(f)))


def inside_of(function: Any) -> Piece:
    """Return cloudpickle's bytecode of a function that is importable nowhere."""
    function.__module__ = "__main__"
    return inside(cloudpickle.dumps(function, protocol=3))


@attack(allow={"operator", "bystander"})
def operator_attrgetter_opens(_):
    get = call(ref("operator", "attrgetter"), "opened")
    return whole(call(get, ref("bystander", "VAULT")))
