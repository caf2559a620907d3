"""Short forms: what a node stands for, in a line."""

from __future__ import annotations

from typing import Any, Callable

from .callables import CLOUDPICKLE, REBUILD, called
from .nodes import Buffer, Call, Container, Extension, Persistent, Reference, is_plain
from .opcodes import Long
from .values import items_of, pairs_of, plain, text_or_none

__all__ = ["Short", "size_text"]

_LONGEST = 60  # characters of one text, bytes or number
_MOST = 6  # items of one container
_DEEPEST = 3
_LINE = 200


def size_text(size: int) -> str:
    """Return a number of bytes as people say it."""
    if size < 10_000:
        return f"{size:,} B"
    if size < 10_000_000:
        return f"{size / 1000:,.0f} kB"
    return f"{size / 1_000_000:,.0f} MB" if size < 10**10 else f"{size / 10**9:,.0f} GB"


class Short:
    """Short forms of the nodes of one pickle.

    Args:
        labels: What items are called, by the ``id`` of their node.
    """

    def __init__(self, labels: dict[int, str]) -> None:
        self._labels = labels

    def __call__(self, node: Any) -> str:
        """Return the short form of a node, without line breaks, of 200 characters at most."""
        text = self._of(node, 0)
        return text if len(text) <= _LINE else text[: _LINE - 1] + "…"

    def _of(self, node: Any, depth: int) -> str:
        if is_plain(node):
            return _plain_text(node)
        label = self._labels.get(id(node))
        if label is not None:
            return label
        if depth > _DEEPEST:
            return "…"
        kind = type(node)
        if kind is Long:
            return _long_text(node)
        if kind is Container:
            return self._container(node, depth)
        if kind is Reference:
            return f"{node.module}.{node.name}" if node.module != "builtins" else node.name
        if kind is Call:
            return self._call(node, depth)
        if kind is Persistent:
            return f"<persistent id {self._of(node.id, depth + 1)}>"
        if kind is Buffer:
            return "<buffer beside the pickle>"
        assert kind is Extension
        return f"<copyreg extension {node.code}>"

    def _container(self, node: Container, depth: int) -> str:
        opening, closing = _BRACKETS[node.kind]
        if not node.length:
            return {"set": "set()", "frozenset": "frozenset()"}.get(node.kind, opening + closing)
        if depth >= _DEEPEST:
            return f"{opening}…{closing}"
        if node.kind == "dict":
            parts = [
                f"{self._of(key, depth + 1)}: {self._of(value, depth + 1)}"
                for key, value in zip(node.items[: 2 * _MOST : 2], node.items[1 : 2 * _MOST : 2])
            ]
        else:
            parts = [self._of(item, depth + 1) for item in node.items[:_MOST]]
        if node.length > len(parts):
            parts.append(f"… {node.length - len(parts):,} more")
        elif node.kind == "tuple" and len(parts) == 1:
            closing = ",)"
        return f"{opening}{', '.join(parts)}{closing}"

    def _call(self, node: Call, depth: int) -> str:
        value = plain(node)
        if value is not node:
            return self._of(value, depth)
        name = called(node)
        if name is not None:
            module, own = name
            return own if module in ("builtins", "types") else f"{module}.{own}"

        def of(inner: Any) -> str:
            return self._of(inner, depth + 1)

        arguments = items_of(node.arguments)
        name = called(node.function)
        form = None if name is None else _FORMS.get(name)
        if form is not None:
            try:
                return form(of, arguments)
            except (IndexError, ValueError):
                pass  # Its arguments are not those of such a call, so it is told as it stands.
        cls = self._made_class(node, name, arguments)
        if cls is not None:
            return self._instance(node, cls, depth)
        parts = [of(item) for item in arguments[:_MOST]]
        if len(arguments) > _MOST:
            parts.append(f"… {len(arguments) - _MOST} more")
        parts += [f"{text_or_none(key)}={of(value)}" for key, value in pairs_of(node.keywords)][
            :_MOST
        ]
        return f"{_bare(of(node.function))}({', '.join(parts)}){self._contents(node, depth)}"

    @staticmethod
    def _made_class(node: Call, name: Any, arguments: list[Any]) -> Any:
        """Return the class of an instance that a call makes past its ``__init__``, if it does."""
        if node.is_new:
            return node.function
        if name is not None and name[0] == "copyreg" and arguments:
            return arguments[0]
        return None

    def _instance(self, node: Call, cls: Any, depth: int) -> str:
        return f"<{_bare(self._of(cls, depth + 1))} object{self._contents(node, depth)}>"

    def _contents(self, node: Call, depth: int) -> str:
        parts = [*(node.state or ())[:1], node.items, node.pairs]
        texts = [self._of(part, depth + 1) for part in parts if part is not None]
        return "".join(f" {text}" for text in texts)


def _bare(label: str) -> str:
    """Return the name in a label such as ``<class C>``."""
    return label[:-1].partition(" ")[2] if label[:1] == "<" and " " in label else label


_BRACKETS = {
    "tuple": ("(", ")"),
    "list": ("[", "]"),
    "dict": ("{", "}"),
    "set": ("{", "}"),
    "frozenset": ("frozenset({", "})"),
}


def _plain_text(value: Any) -> str:
    if type(value) is int and value.bit_length() > 200:
        return f"<int of {value.bit_length():,} bits>"
    if type(value) in (str, bytes, bytearray) and len(value) > _LONGEST:
        count = f"{len(value):,}"
        if type(value) is str:
            return f"{value[:_LONGEST]!r}… {count} characters"
        return f"{bytes(value[: _LONGEST // 2])!r}… {count} bytes"
    return repr(value)


def _long_text(node: Long) -> str:
    if node.kind in ("int", "float"):
        return f"<{node.kind} of {size_text(node.length)}>"
    beginning = node.beginning[: _LONGEST // 2]
    if node.kind in ("bytes", "bytearray"):
        return f"{beginning!r}… {node.length:,} bytes"
    text = beginning.decode("utf-8", "ignore")
    return f"{text!r}… {size_text(node.length)}"


_Form = Callable[[Callable[[Any], str], list[Any]], str]


def _text(node: Any) -> str:
    text = text_or_none(node)
    if text is None:
        raise ValueError("it is no text")
    return text


def _import(of: Callable[[Any], str], arguments: list[Any]) -> str:
    return f"<module {_text(arguments[0])}>"


def _name_in_module(of: Callable[[Any], str], arguments: list[Any]) -> str:
    module, name = _text(arguments[0]), _text(arguments[1])
    return name if module == "builtins" else f"{module}.{name}"


def _cell(of: Callable[[Any], str], arguments: list[Any]) -> str:
    return f"<cell of {of(arguments[0])}>" if arguments else "<cell>"


def _union(of: Callable[[Any], str], arguments: list[Any]) -> str:
    return " | ".join(of(item) for item in items_of(arguments[0])[:_MOST])


def _named(kind: str, place: int) -> _Form:
    return lambda of, arguments: f"<{kind} {_text(arguments[place])}>"


def _over(name: str) -> _Form:
    return lambda of, arguments: f"{name}({of(arguments[0])})"


_FORMS: dict[tuple[str, str], _Form] = {
    (REBUILD, "module"): _import,
    (REBUILD, "named"): _name_in_module,
    (REBUILD, "cell"): _cell,
    (REBUILD, "union"): _union,
    (REBUILD, "method"): lambda of, arguments: f"<method {of(arguments[0])} of {of(arguments[1])}>",
    (REBUILD, "renamed"): lambda of, arguments: of(arguments[0]),
    (f"{REBUILD}.classes", "of_release"): lambda of, arguments: of(arguments[0]),
    (f"{REBUILD}.modules", "same_module"): lambda of, arguments: of(arguments[0]),
    (f"{REBUILD}.modules", "namespace_of"): _over("vars"),
    (f"{REBUILD}.modules", "importing"): lambda of, arguments: of(arguments[0]),
    (f"{REBUILD}.typing_constructs", "reference"): _name_in_module,
    (f"{REBUILD}.typing_constructs", "applied"): lambda of, arguments: (
        f"{of(arguments[0])}({', '.join(of(item) for item in items_of(arguments[1])[:_MOST])})"
    ),
    (f"{REBUILD}.type_parameters", "type_parameter"): _named("type parameter", 2),
    (f"{REBUILD}.type_parameters", "type_alias"): _named("type alias", 1),
    (f"{REBUILD}.type_parameters", "new_type"): _named("new type", 1),
    (f"{REBUILD}.type_parameters", "forward_reference"): lambda of, arguments: of(arguments[0]),
    (f"{REBUILD}.functools_wrappers", "lru_cache"): _over("functools.lru_cache"),
    (f"{REBUILD}.functools_wrappers", "single_dispatch"): _over("functools.singledispatch"),
    (f"{REBUILD}.functools_wrappers", "partial_method"): _over("functools.partialmethod"),
    ("sourcepickle.wrapper", "Portable"): _over("portable"),
    (CLOUDPICKLE, "subimport"): _import,
    (CLOUDPICKLE, "_make_cell"): _cell,
    (CLOUDPICKLE, "_make_empty_cell"): _cell,
    (CLOUDPICKLE, "_make_typevar"): _named("type parameter", 0),
    ("operator", "getitem"): lambda of, arguments: f"{of(arguments[0])}[{of(arguments[1])}]",
    ("_operator", "getitem"): lambda of, arguments: f"{of(arguments[0])}[{of(arguments[1])}]",
    ("builtins", "getattr"): lambda of, arguments: f"{of(arguments[0])}.{_text(arguments[1])}",
}
