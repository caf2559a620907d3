"""What calls of cloudpickle make: functions by bytecode, and classes."""

from __future__ import annotations

from typing import Any

from .callables import CLOUDPICKLE, called
from .gathering import Gathered, ValueOf
from .items import Class, Function, Module, Value
from .nodes import Call
from .ours import Gather
from .pythons import CodeFields, code_fields, pythons_of
from .values import items_of, pairs_of, plain, text_or_none

__all__ = ["CLOUDPICKLES"]

_CODE_TYPE = ("types", "CodeType")
_MOST_NESTED = 10_000


def _arguments(call: Call, count: int) -> list[Any]:
    items = items_of(call.arguments)
    return [*items[:count], *[None] * (count - len(items))]


# Functions


def _function(gathered: Gathered, call: Call) -> None:
    code, namespace, name, defaults, closure = _arguments(call, 5)
    own_name = text_or_none(name) or "?"
    function = gathered.add(Function, call, _text_in(namespace, "__name__"), own_name)
    function.how = "bytecode"
    _describe_code(function, code)

    def put(value_of: ValueOf) -> None:
        function.code = Value("its code object", value_of(code).digest)

    gathered.later(put)
    gathered.fill_list(function.defaults, defaults)
    function.free = _names(_free(code))
    _fill_closure(gathered, function, closure)
    for state in call.state or ():
        _give_state(gathered, function, state)


def _describe_code(function: Function, code: Any) -> None:
    fields, items = _fields(code)
    if fields is None:
        function.problems.append("what makes its code object is not known")
        return
    function.file = text_or_none(items[fields.filename]) or ""
    line = plain(items[fields.line])
    function.line = line if type(line) is int else 0
    instructions, linetable = plain(items[fields.code]), plain(items[fields.linetable])
    function.pythons = pythons_of(len(items), instructions, linetable)
    if fields.qualname is not None:
        function.qualname = text_or_none(items[fields.qualname]) or function.qualname
    function.parameters = _parameters(fields, items)
    function.names = _all_names(code)


def _fields(code: Any) -> tuple[CodeFields | None, list[Any]]:
    if type(code) is not Call or called(code.function) != _CODE_TYPE:
        return None, []
    items = items_of(code.arguments)
    return code_fields(len(items)), items


def _free(code: Any) -> Any:
    fields, items = _fields(code)
    return None if fields is None else items[fields.freevars]


def _names(node: Any) -> tuple[str, ...]:
    texts = (text_or_none(name) for name in items_of(node))
    return tuple(name for name in texts if name is not None)


def _parameters(fields: CodeFields, items: list[Any]) -> tuple[str, ...]:
    counts = [plain(items[at]) for at in (fields.positional, fields.keyword_only, fields.flags)]
    if not all(type(count) is int and count >= 0 for count in counts):
        return ()
    positional, keyword_only, flags = counts
    names = list(_names(items[fields.varnames]))
    found = names[:positional]
    rest = names[positional + keyword_only :]
    # inspect's CO_VARARGS and CO_VARKEYWORDS.
    if flags & 4 and rest:
        found.append(f"*{rest.pop(0)}")
    elif keyword_only:
        found.append("*")
    found += names[positional : positional + keyword_only]
    if flags & 8 and rest:
        found.append(f"**{rest.pop(0)}")
    return tuple(found)


def _all_names(code: Any) -> tuple[str, ...]:
    """Return the globals and attributes that a code object and those inside it name."""
    found: dict[str, None] = {}
    waiting = [code]
    for _ in range(_MOST_NESTED):
        if not waiting:
            break
        fields, items = _fields(waiting.pop())
        if fields is not None:
            found.update(dict.fromkeys(_names(items[fields.names])))
            waiting += [item for item in items_of(items[fields.consts]) if type(item) is Call]
    return tuple(found)


def _function_setstate(gathered: Gathered, call: Call) -> None:
    target, state = _arguments(call, 2)
    function = gathered.of(Function, target)
    if function is not None:
        gathered.spend(function, call)
        _give_state(gathered, function, state)


def _give_state(gathered: Gathered, function: Function, state: Any) -> None:
    own, slots = [*items_of(state)[:2], None, None][:2]
    gathered.fill(function.attributes, own)
    for key, value in pairs_of(slots):
        name = text_or_none(key)
        if name == "__globals__":
            gathered.fill_globals(function, value)
        elif name == "__qualname__":
            function.qualname = text_or_none(value) or function.qualname
        elif name == "__module__":
            function.module = text_or_none(value) or function.module
        elif name == "__defaults__" and not function.defaults:
            gathered.fill_list(function.defaults, value)
        elif name == "__kwdefaults__":
            gathered.fill(function.kwdefaults, value)
        elif name == "__annotations__":
            gathered.fill(function.annotations, value)
        elif name == "__closure__":
            _fill_closure(gathered, function, value)


def _fill_closure(gathered: Gathered, function: Function, closure: Any) -> None:
    cells = items_of(closure)

    def put(value_of: ValueOf) -> None:
        for name, cell in zip(function.free, cells):
            inside = items_of(cell.arguments) if type(cell) is Call else []
            if inside:
                function.closure[name] = value_of(inside[0])

    gathered.later(put)


# Classes


def _skeleton_class(gathered: Gathered, call: Call) -> None:
    metaclass, name, bases, keywords = _arguments(call, 4)
    cls = gathered.add(Class, call, _text_in(keywords, "__module__"), text_or_none(name) or "?")
    gathered.fill_list(cls.bases, bases)
    if called(metaclass) not in (("builtins", "type"), None):

        def put(value_of: ValueOf) -> None:
            cls.metaclass = value_of(metaclass)

        gathered.later(put)


def _skeleton_enum(gathered: Gathered, call: Call) -> None:
    bases, _, qualname, members, module = _arguments(call, 5)
    own_module, own_name = text_or_none(module), text_or_none(qualname) or "?"
    cls = gathered.add(Class, call, own_module, own_name)
    cls.kind = "enum"
    gathered.fill_list(cls.bases, bases)
    gathered.fill(cls.fields, members)


def _class_setstate(gathered: Gathered, call: Call) -> None:
    target, state = _arguments(call, 2)
    cls = gathered.of(Class, target)
    if cls is None:
        return
    gathered.spend(cls, call)
    own = [(text_or_none(key), value) for key, value in pairs_of([*items_of(state), None][0])]
    names = {name for name, _ in own}
    for marks, kind in _KINDS:
        if marks <= names and cls.kind == "class":
            cls.kind = kind

    def put(value_of: ValueOf) -> None:
        for name, value in own:
            if name is None or name in _UNTOLD:
                continue
            if name == "__annotations__":
                for key, annotation in pairs_of(value):
                    cls.annotations[text_or_none(key) or "?"] = value_of(annotation)
            elif name == "_fields" and cls.kind == "named tuple":
                cls.fields.update(dict.fromkeys(_names(value), Value("")))
            elif name == "__dataclass_fields__":
                fields = (text_or_none(key) for key, _ in pairs_of(value))
                cls.fields.update((field, Value("")) for field in fields if field is not None)
            elif _is_method(gathered, value):
                cls.methods[name] = value_of(value)
            else:
                cls.attributes[name] = value_of(value)

    gathered.later(put)


# What says nothing, or only where the class stands.
_UNTOLD = {"__module__", "__slotnames__", "_abc_impl", "__firstlineno__"}

# What only classes of such a kind have.
_KINDS = (
    ({"__dataclass_fields__", "__dataclass_params__"}, "dataclass"),
    ({"_fields", "_field_defaults", "_make"}, "named tuple"),
    ({"__total__", "__required_keys__"}, "typed dict"),
)


def _is_method(gathered: Gathered, node: Any) -> bool:
    if gathered.of(Function, node) is not None:
        return True
    return type(node) is Call and called(node.function) in _WRAPPERS


_WRAPPERS = {("builtins", name) for name in ("classmethod", "property", "staticmethod")}


# Modules


def _dynamic_module(gathered: Gathered, call: Call) -> None:
    name, contents = _arguments(call, 2)
    module = gathered.add(Module, call, None, text_or_none(name) or "?")
    module.file = _text_in(contents, "__file__")
    gathered.fill(module.contents, contents)


def _text_in(namespace: Any, wanted: str) -> str | None:
    for key, value in pairs_of(namespace):
        if text_or_none(key) == wanted:
            return text_or_none(value)
    return None


CLOUDPICKLES: dict[tuple[str, str], Gather] = {
    (CLOUDPICKLE, "_make_function"): _function,
    ("types", "FunctionType"): _function,
    ("types", "LambdaType"): _function,
    (CLOUDPICKLE, "_function_setstate"): _function_setstate,
    (CLOUDPICKLE, "_make_skeleton_class"): _skeleton_class,
    (CLOUDPICKLE, "_make_skeleton_enum"): _skeleton_enum,
    (CLOUDPICKLE, "_class_setstate"): _class_setstate,
    (CLOUDPICKLE, "dynamic_subimport"): _dynamic_module,
}
