"""What calls of ``sourcepickle.rebuild`` make: docs/format.md says what their arguments are."""

from __future__ import annotations

from typing import Any, Callable

from ..rebuild import qualname_of
from .callables import REBUILD, called
from .gathering import Gathered, ValueOf
from .items import Class, Function, Module, Value
from .nodes import Call, Container, Reference
from .own_text import own_text
from .records import bytecode_record, source_record
from .values import items_of, pairs_of, text_or_none

__all__ = ["OURS", "Gather"]

Gather = Callable[[Gathered, Call], None]


def _padded(items: list[Any], count: int) -> list[Any]:
    return [*items[:count], *[None] * (count - len(items))]


def _arguments(call: Call, count: int) -> list[Any]:
    return _padded(items_of(call.arguments), count)


# Functions


def _function(kind: str) -> Gather:
    def gather(gathered: Gathered, call: Call) -> None:
        record, _, namespace = _arguments(call, 3)
        try:
            source = source_record(record)
        except ValueError as error:
            _damaged(gathered, call, kind, "source", record, str(error))
            return
        qualname = qualname_of(source.path)
        function = gathered.add(Function, call, _module_of(namespace), qualname)
        function.kind = kind
        function.file, function.needs = source.file, source.needs
        function.futures, function.free = source.futures, source.free
        function.path = source.path
        function.factory, function.factory_line = source.text, source.first_line
        try:
            function.text, above = own_text(source.text, source.path)
            function.is_own_text = True
            function.text_line = function.line = source.first_line + above
        except ValueError as error:
            function.text, function.text_line = source.text, source.first_line
            function.line = max(source.first_line, 1)
            function.problems.append(f"all of its text is shown: {error}")
        if source.is_altered:
            function.problems.insert(
                0, "ALTERED: it is not what was written, by its checksum; no receiver loads it"
            )

    return gather


def _bytecode(kind: str) -> Gather:
    def gather(gathered: Gathered, call: Call) -> None:
        record, _, namespace = _arguments(call, 3)
        try:
            bytecode = bytecode_record(record)
        except ValueError as error:
            _damaged(gathered, call, kind, "bytecode", record, str(error))
            return
        function = gathered.add(Function, call, _module_of(namespace), bytecode.name)
        function.kind, function.how = kind, "bytecode"
        function.file, function.line = bytecode.file, bytecode.line
        function.pythons = (bytecode.version,)
        marshalled = items_of(record)[2]

        def put(value_of: ValueOf) -> None:
            # What is marshalled has its lines in it.
            short = "its code object, or only the lines where it stands"
            function.code = Value(short, value_of(marshalled).digest)

        gathered.later(put)

    return gather


def _damaged(
    gathered: Gathered, call: Call, kind: str, how: str, record: Any, problem: str
) -> None:
    name = next((text for text in map(text_or_none, items_of(record)) if text), "?")
    function = gathered.add(Function, call, None, name[:100])
    function.kind, function.how = kind, how
    function.problems.append(f"DAMAGED: {problem}; no receiver loads it")


def _module_of(namespace: Any) -> str | None:
    """Return the name of the module whose namespace a function has as its globals."""
    for _ in range(4):  # importing(namespace_of(new_module(names))) is as deep as it goes.
        if type(namespace) is Call:
            namespace = _arguments(namespace, 1)[0]
    return _texts(namespace).get("__name__")


def _texts(namespace: Any) -> dict[str, str]:
    """Return the texts in a dictionary, by name."""
    texts = {text_or_none(key): text_or_none(value) for key, value in pairs_of(namespace)}
    return {key: value for key, value in texts.items() if key is not None and value is not None}


def _fill_function(gathered: Gathered, call: Call) -> None:
    target, state = _arguments(call, 2)
    function = gathered.of(Function, target)
    if function is not None:
        gathered.spend(function, call)
        _give_state(gathered, function, state)


def _fill_functions(gathered: Gathered, call: Call) -> None:
    _, states = _arguments(call, 2)
    for pair in items_of(states):
        target, state = _padded(items_of(pair), 2)
        function = gathered.of(Function, target)
        if function is not None:
            if type(state) is Container:
                gathered.spend(function, state)
            _give_state(gathered, function, state)


def _give_state(gathered: Gathered, function: Function, state: Any) -> None:
    values, contents, defaults, kwdefaults, annotations, attributes, others, modules = _padded(
        items_of(state), 8
    )
    gathered.fill_globals(function, values)
    gathered.fill(function.closure, contents)
    gathered.fill_list(function.defaults, defaults)
    gathered.fill(function.kwdefaults, kwdefaults)
    gathered.fill(function.annotations, annotations)
    gathered.fill(function.attributes, attributes)
    gathered.fill(function.attributes, others)
    texts = _texts(others)
    function.qualname = texts.get("__qualname__", function.qualname)
    function.module = texts.get("__module__", function.module)
    names = (text_or_none(key) for key, _ in pairs_of(modules))
    function.modules += [name for name in names if name is not None]


# Classes


def _class(kind: str, name_at: int, bases_at: int | None, namespace_at: int) -> Gather:
    def gather(gathered: Gathered, call: Call) -> None:
        arguments = _arguments(call, 8)
        texts = _texts(arguments[namespace_at])
        name = text_or_none(arguments[name_at]) or "?"
        qualname = texts.get("__qualname__", name)
        cls = gathered.add(Class, call, texts.get("__module__"), qualname)
        cls.kind = kind
        bases = [] if bases_at is None else items_of(arguments[bases_at])
        gathered.fill_list(cls.bases, arguments[bases_at] if bases_at is not None else None)
        if kind in ("class", "enum") and arguments[1] is not None:
            metaclass = arguments[1]

            def put(value_of: ValueOf) -> None:
                cls.metaclass = value_of(metaclass)

            gathered.later(put)
        cls.is_plain = kind == "named tuple" or (
            kind == "class"
            and arguments[1] is None
            and all(_is_plain(gathered, base) for base in bases)
        )
        namespace = arguments[namespace_at]
        _attributes(gathered, cls, pairs_of(namespace), ("__module__", "__qualname__"))
        if kind == "enum":
            _members(gathered, cls, arguments[5])
        if kind == "named tuple":
            for field in items_of(arguments[2]):
                field_name = text_or_none(field)
                if field_name is not None:
                    cls.fields[field_name] = Value("")

    return gather


def _is_plain(gathered: Gathered, base: Any) -> bool:
    if type(base) is Reference:
        return (base.module, base.name) == ("builtins", "object")
    cls = gathered.of(Class, base)
    return cls is not None and cls.is_plain


def _attributes(gathered: Gathered, cls: Class, pairs: Any, without: tuple[str, ...]) -> None:
    named = [(text_or_none(key), value) for key, value in pairs]

    def put(value_of: ValueOf) -> None:
        for name, value in named:
            if name is not None and name not in without:
                cls.attributes[name] = value_of(value)

    gathered.later(put)


def _members(gathered: Gathered, cls: Class, members: Any) -> None:
    def put(value_of: ValueOf) -> None:
        for member in items_of(members):
            name, value = _padded(items_of(member), 2)
            text = text_or_none(name)
            if text is not None:
                cls.fields[text] = value_of(value)

    gathered.later(put)


def _fill_class(kind: str | None, wraps_state: bool) -> Gather:
    def gather(gathered: Gathered, call: Call) -> None:
        target, state = _arguments(call, 2)
        cls = gathered.of(Class, target)
        if cls is None:
            return
        gathered.spend(cls, call)
        if kind is not None:
            cls.kind = kind
        if wraps_state:
            state, defaults = _padded(items_of(state), 2)
            if cls.kind == "named tuple":
                _defaults(gathered, cls, defaults)
        _, _, attributes, constructs, _, _ = _padded(items_of(state), 6)
        _attributes(gathered, cls, pairs_of(attributes), ())
        for key, value in pairs_of(constructs):
            name = text_or_none(key)
            if name == "__annotations__":
                gathered.fill(cls.annotations, value)
            elif name is not None:
                _attributes(gathered, cls, [(name, value)], ())

    return gather


def _defaults(gathered: Gathered, cls: Class, defaults: Any) -> None:
    def put(value_of: ValueOf) -> None:
        values = [value_of(default) for default in items_of(defaults)]
        names = list(cls.fields)[-len(values) :] if values else []
        cls.fields.update(zip(names, values))

    gathered.later(put)


def _set_methods(gathered: Gathered, call: Call) -> None:
    target, methods = _arguments(call, 2)
    cls = gathered.of(Class, target)
    if cls is not None:
        _put_methods(gathered, cls, methods)


def _put_methods(gathered: Gathered, cls: Class, methods: Any) -> None:
    def put(value_of: ValueOf) -> None:
        for key, value in pairs_of(methods):
            name = text_or_none(key)
            # None keeps the place of another attribute.
            if name is not None and value is not None:
                is_method = type(value) is Call
                (cls.methods if is_method else cls.attributes)[name] = value_of(value)

    gathered.later(put)


def _dataclass_methods(gathered: Gathered, call: Call) -> None:
    target, fields, _, _, _, methods = _arguments(call, 6)
    cls = gathered.of(Class, target)
    if cls is None:
        return
    cls.kind = "dataclass"
    _put_methods(gathered, cls, methods)

    def put(value_of: ValueOf) -> None:
        for field in items_of(fields):
            name, _, of_type, options = _padded(items_of(field), 4)
            text = text_or_none(name)
            if text is None:
                continue
            short = value_of(of_type)
            texts = [short.short]
            digests = [short.digest, value_of(options).digest]
            for key, value in pairs_of(options):
                texts.append(f"{text_or_none(key)}={value_of(value).short}")
            cls.fields[text] = Value(", ".join(texts), "".join(digests))

    gathered.later(put)


# Modules


def _new_module(gathered: Gathered, call: Call) -> None:
    texts = _texts(_arguments(call, 1)[0])
    module = gathered.add(Module, call, None, texts.get("__name__", "?"))
    module.file = texts.get("__file__")


def _fill_module(gathered: Gathered, call: Call) -> None:
    target, state = _arguments(call, 2)
    if type(target) is Call and called(target.function) == (f"{REBUILD}.modules", "same_module"):
        target = _arguments(target, 1)[0]
    module = gathered.of(Module, target)
    if module is not None:
        gathered.spend(module, call)
        gathered.fill(module.contents, _padded(items_of(state), 1)[0])


_CLASSES = f"{REBUILD}.classes"

OURS: dict[tuple[str, str], Gather] = {
    (REBUILD, "function"): _function("function"),
    (REBUILD, "iterable_coroutine"): _function("coroutine"),
    (REBUILD, "code"): _function("code"),
    (REBUILD, "iterable_code"): _function("code"),
    (REBUILD, "bytecode_function"): _bytecode("function"),
    (REBUILD, "bytecode_code"): _bytecode("code"),
    (REBUILD, "fill_function"): _fill_function,
    (REBUILD, "fill_functions"): _fill_functions,
    (_CLASSES, "plain_class"): _class("class", 3, 4, 5),
    (_CLASSES, "typed_dict"): _class("typed dict", 1, 2, 3),
    (_CLASSES, "named_tuple"): _class("named tuple", 1, None, 3),
    (f"{REBUILD}.enums", "enum_class"): _class("enum", 2, 3, 4),
    (_CLASSES, "fill_class"): _fill_class(None, False),
    (_CLASSES, "fill_protocol"): _fill_class("protocol", False),
    (_CLASSES, "fill_typed_dict"): _fill_class(None, False),
    (_CLASSES, "fill_named_tuple"): _fill_class(None, True),
    (f"{REBUILD}.enums", "fill_enum"): _fill_class(None, True),
    (_CLASSES, "set_methods"): _set_methods,
    (f"{REBUILD}.dataclass", "dataclass_methods"): _dataclass_methods,
    (f"{REBUILD}.modules", "new_module"): _new_module,
    (f"{REBUILD}.modules", "fill_module"): _fill_module,
}
