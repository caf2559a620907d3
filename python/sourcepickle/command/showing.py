"""What ``show`` prints as text."""

from __future__ import annotations

from collections.abc import Iterable

from ..reading import Class, Function, Item, Module, PickleItems, Value
from ..reading.short import size_text
from .output import Output, Part

__all__ = ["heading", "item_parts", "show_file"]


def show_file(output: Output, name: str, size: int, pickles: list[PickleItems]) -> None:
    """Print all that the pickles of a file hold."""
    if len(pickles) > 1:
        output.line((name, "bold"), (f": {len(pickles)} pickles, {size:,} bytes", ""))
    for number, pickle in enumerate(pickles, 1):
        own_name = name if len(pickles) == 1 else f"pickle {number}, from byte {pickle.start:,}"
        if number > 1 or len(pickles) > 1:
            output.line()
        _show_pickle(output, own_name, pickle)


def _show_pickle(output: Output, name: str, pickle: PickleItems) -> None:
    output.line(*heading(name, pickle))
    output.line(("loads ", "dim"), (pickle.object, ""))
    for remark in pickle.remarks:
        output.line((f"! {remark}", "yellow"))
    for item in pickle.items:
        output.line()
        _show_item(output, item)
    rest = list(_rest(pickle))
    if rest:
        output.line()
        for title, text in rest:
            output.line((f"{title:<7}  ", "dim"), (text, ""))
    for inner in pickle.nested:
        output.line()
        _show_pickle(output, "the pickle inside", inner)


def heading(name: str, pickle: PickleItems) -> Iterable[Part]:
    """Return the parts of the line about a whole pickle."""
    yield name, "bold"
    yield f": {pickle.end - pickle.start:,} bytes", ""
    if pickle.protocol is not None:
        yield f", protocol {pickle.protocol}", ""
    how = {
        "sourcepickle": "by sourcepickle",
        "cloudpickle": "by cloudpickle: functions by bytecode",
        "pickle": "nothing of sourcepickle or cloudpickle in it",
    }
    yield f", {how[pickle.writer]}", ""
    if pickle.carries is not None:
        brings = f", stands alone with {pickle.carried_size:,} bytes of loading code"
        yield brings, ""
        if pickle.carries != "this release":
            yield " that is not this release's", "yellow"


def item_parts(item: Item) -> Iterable[Part]:
    """Return the parts of the line about an item: kind, name, place, what it needs, size."""
    yield f"{kind_of(item)} ", "magenta"
    yield item.name, "bold cyan"
    if isinstance(item, Function):
        yield f"  {item.file}:{item.line}" if item.file else "", "dim"
        yield _needs(item), "yellow"
    elif isinstance(item, Module):
        yield f"  {item.file}" if item.file else "", "dim"
    yield f"  {size_text(item.size)}", "dim"


def kind_of(item: Item) -> str:
    """Return what an item is called."""
    if isinstance(item, Function):
        return {"coroutine": "function", "code": "code object"}.get(item.kind, item.kind)
    return item.kind if isinstance(item, Class) else "module by value"


def _needs(function: Function) -> str:
    if function.how == "bytecode":
        return f"  bytecode of Python {' or '.join(function.pythons) or '?'} alone"
    if function.needs is None:
        return ""
    minor, construct, line = function.needs
    return f"  needs Python 3.{minor} ({construct}, line {line})"


def _show_item(output: Output, item: Item) -> None:
    output.line(*item_parts(item))
    for problem in item.problems:
        style = "bold white on red" if problem[:7] in ("ALTERED", "DAMAGED") else "yellow"
        output.line(("  ", ""), (f"! {problem}", style))
    if isinstance(item, Function) and item.text is not None:
        output.source(item.text, item.text_line)
    rows = list(_rows(item))
    width = max((len(title) for title, _ in rows), default=0)
    for title, text in rows:
        output.line((f"  {title:<{width}}  ", "dim"), (text, ""))


def _rows(item: Item) -> Iterable[tuple[str, str]]:
    """Yield what there is to say of an item beside its source, and nothing that says nothing."""
    if isinstance(item, Function):
        rows = _function_rows(item)
    elif isinstance(item, Class):
        rows = _class_rows(item)
    elif isinstance(item, Module):
        rows = [("holds", _pairs(item.contents, ""))]
    else:
        rows = []
    return ((title, text) for title, text in rows if text)


def _function_rows(function: Function) -> Iterable[tuple[str, str]]:
    if function.kind == "coroutine":
        yield "marked", "by types.coroutine: it can be awaited"
    yield "future", ", ".join(function.futures)
    if function.how == "bytecode":
        yield "takes", f"({', '.join(function.parameters)})" if function.parameters else ""
        yield "names", _short_list(function.names)
    yield (
        "defaults",
        ", ".join(
            [*(value.short for value in function.defaults), *_pair_texts(function.kwdefaults, "=")]
        ),
    )
    yield "closure", _pairs(function.closure)
    unset = [name for name in function.free if name not in function.closure]
    yield "free", ", ".join(unset)
    yield "globals", _pairs(function.globals)
    yield "annotated", _pairs(function.annotations, ": ")
    yield "attributes", _pairs(function.attributes)
    yield "imports", ", ".join(function.modules)


def _class_rows(cls: Class) -> Iterable[tuple[str, str]]:
    yield "bases", ", ".join(base.short for base in cls.bases if base.short != "object")
    yield "metaclass", "" if cls.metaclass is None else cls.metaclass.short
    of_fields = " = " if cls.kind in ("enum", "named tuple") else ": "
    yield ("members" if cls.kind == "enum" else "fields"), _pairs(cls.fields, of_fields)
    yield "methods", _methods(cls)
    yield (
        "attributes",
        _pairs({name: value for name, value in cls.attributes.items() if name not in cls.fields}),
    )
    own = {name: value for name, value in cls.annotations.items() if name not in cls.fields}
    yield "annotated", _pairs(own, ": ")


def _methods(cls: Class) -> str:
    return ", ".join(
        name if value.short.startswith("<function ") else f"{name} = {value.short}"
        for name, value in cls.methods.items()
    )


def _pairs(values: dict[str, Value], sign: str = " = ") -> str:
    return ", ".join(_pair_texts(values, sign))


def _pair_texts(values: dict[str, Value], sign: str) -> list[str]:
    shown = list(values.items())[:_MOST]
    texts = [f"{name}{sign}{value.short}" if value.short else name for name, value in shown]
    return [*texts, f"… {len(values) - _MOST} more"] if len(values) > _MOST else texts


def _short_list(names: Iterable[str]) -> str:
    given = list(names)
    more = [f"… {len(given) - _MOST} more"] if len(given) > _MOST else []
    return ", ".join([*given[:_MOST], *more])


_MOST = 30


def _rest(pickle: PickleItems) -> Iterable[tuple[str, str]]:
    """Yield what there is to say of a pickle beside its items."""
    by_module: dict[str, list[str]] = {}
    for module, name, _ in pickle.references:
        names = by_module.setdefault(module, [])
        if name is not None:
            names.append(name)
    for number, (module, names) in enumerate(by_module.items()):
        title = "imports" if number == 0 else ""
        yield title, f"{module}: {', '.join(names)}" if names else module
    for id_text in pickle.persistent:
        yield "persistent id", id_text
    if pickle.buffers:
        yield "buffers beside the pickle", str(pickle.buffers)
