"""What ``diff`` finds between two payloads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..reading import Class, Function, Item, Module, PickleItems, Value
from .output import Output
from .showing import kind_of

__all__ = ["Difference", "differences", "show_differences"]


@dataclass
class Difference:
    """An item that is in one payload alone, or differs.

    Attributes:
        old, new: The item in each; ``None`` where it is missing.
        source: The lines of a unified diff of its source.
        changes: What else differs, each a line.
    """

    old: Item | None
    new: Item | None
    source: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)


def differences(olds: Iterable[PickleItems], news: Iterable[PickleItems]) -> Iterator[Difference]:
    """Yield what differs: first what both have, in the order of the new one, then the rest."""
    before, after = _by_identity(olds), _by_identity(news)
    for identity, new in after.items():
        old = before.get(identity)
        if old is None:
            yield Difference(None, new)
            continue
        difference = Difference(old, new, _source(old, new), list(_changes(old, new)))
        if difference.source or difference.changes:
            yield difference
    for identity, old in before.items():
        if identity not in after:
            yield Difference(old, None)


def _by_identity(pickles: Iterable[PickleItems]) -> dict[tuple[object, ...], Item]:
    """Return items by what they are, their names, and their place among those of the same name."""
    found: dict[tuple[object, ...], Item] = {}
    counts: dict[tuple[object, ...], int] = {}
    waiting = list(pickles)[::-1]
    while waiting:
        pickle = waiting.pop()
        waiting += pickle.nested[::-1]
        for item in pickle.items:
            name = (type(item), item.module, item.qualname)
            counts[name] = counts.get(name, 0) + 1
            found[name, counts[name]] = item
    return found


def _source(old: Item, new: Item) -> list[str]:
    if not (isinstance(old, Function) and isinstance(new, Function)):
        return []
    if old.text is None or new.text is None or old.text == new.text:
        return []
    # With the ends of their lines, for those may be all that differs.
    before, after = old.text.splitlines(), new.text.splitlines()
    if before == after:
        return ["the ends of its lines differ"]
    return list(difflib.unified_diff(before, after, lineterm=""))[2:]


def _changes(old: Item, new: Item) -> Iterator[str]:
    for title, before, after in _parts(old, new):
        for name in dict.fromkeys([*before, *after]):
            one, two = before.get(name), after.get(name)
            if one == two:
                continue
            label = f"{title} {name}" if name else title
            if one is None or two is None:
                word, value = ("added", two) if one is None else ("removed", one)
                assert value is not None
                yield f"{label} {word}: {value.short}"
            elif title == "bytecode":
                yield f"bytecode changed: {one.short}"
            elif one.short == two.short:
                yield f"{label} changed, though in short it is the same: {one.short}"
            else:
                yield f"{label} changed: {one.short} -> {two.short}"


_Values = dict[str, Value]


def _parts(old: Item, new: Item) -> Iterator[tuple[str, _Values, _Values]]:
    if isinstance(old, Function) and isinstance(new, Function):
        yield from _function_parts(old, new)
    elif isinstance(old, Class) and isinstance(new, Class):
        yield "kind", _one(old.kind), _one(new.kind)
        yield "bases", _numbered(old.bases), _numbered(new.bases)
        metaclasses = [[cls.metaclass] if cls.metaclass else [] for cls in (old, new)]
        yield "metaclass", _numbered(metaclasses[0]), _numbered(metaclasses[1])
        names = ("fields", "methods", "attributes", "annotations")
        yield from ((_SINGULAR[name], getattr(old, name), getattr(new, name)) for name in names)
    elif isinstance(old, Module) and isinstance(new, Module):
        yield "holds", old.contents, new.contents


def _function_parts(old: Function, new: Function) -> Iterator[tuple[str, _Values, _Values]]:
    for title in ("kind", "how"):
        yield title, _one(getattr(old, title)), _one(getattr(new, title))
    if old.code is not None and new.code is not None:
        yield "bytecode", {"": old.code}, {"": new.code}
    for title in ("futures", "free"):
        yield title, _one(", ".join(getattr(old, title))), _one(", ".join(getattr(new, title)))
    yield "default", _numbered(old.defaults), _numbered(new.defaults)
    names = ("kwdefaults", "closure", "globals", "annotations", "attributes")
    yield from ((_SINGULAR[name], getattr(old, name), getattr(new, name)) for name in names)
    problems = [{text: Value(text) for text in item.problems} for item in (old, new)]
    yield "problem", problems[0], problems[1]


_SINGULAR = {
    "kwdefaults": "default",
    "closure": "closure",
    "globals": "global",
    "annotations": "annotation",
    "attributes": "attribute",
    "fields": "field",
    "methods": "method",
}


def _one(text: str) -> _Values:
    return {"": Value(text)}


def _numbered(values: list[Value]) -> _Values:
    return {str(number): value for number, value in enumerate(values, 1)}


def show_differences(
    output: Output, found: Iterable[Difference], old_name: str, new_name: str
) -> bool:
    """Print differences; return whether there are any."""
    is_first = True
    for difference in found:
        if is_first:
            output.line((f"--- {old_name}", "bold"))
            output.line((f"+++ {new_name}", "bold"))
            is_first = False
        output.line()
        if difference.new is None:
            output.line(("removed ", "red"), *_title(difference.old))
            continue
        if difference.old is None:
            output.line(("added ", "green"), *_title(difference.new))
            continue
        output.line(("changed ", "yellow"), *_title(difference.new))
        output.difference(difference.source)
        for change in difference.changes:
            output.line((f"  {change}", ""))
    return not is_first


def _title(item: Item | None) -> list[tuple[str, str]]:
    assert item is not None
    place = f"  {item.file}:{item.line}" if isinstance(item, Function) and item.file else ""
    return [(f"{kind_of(item)} ", ""), (item.name, "bold"), (place, "dim")]
