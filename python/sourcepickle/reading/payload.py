"""From the nodes of a file's pickles to what there is to tell of them."""

from __future__ import annotations

import io
from typing import IO, Any

from ..carried import ENTRY, MAKE, PARTS
from .callables import CLOUDPICKLE, REBUILD, called, is_entry
from .cloudpickles import CLOUDPICKLES
from .errors import NotReadableError
from .gathering import Gathered
from .imports import imports_of
from .items import Item, PickleItems
from .machine import Progress, run
from .nodes import Call, Node
from .opcodes import Long, Slice
from .ours import OURS
from .short import size_text
from .tree import tree_of
from .values import items_of, pairs_of, plain, text_or_none

__all__ = ["read"]

_DEEPEST = 4
_MOST_PICKLES = 1000
# What other files begin with, which are often taken for pickles.
_FORMATS = {
    b"\x1f\x8b": "it is compressed by gzip; decompress it first",
    b"BZh": "it is compressed by bzip2; decompress it first",
    b"\xfd7zXZ": "it is compressed by xz; decompress it first",
    b"\x28\xb5\x2f\xfd": "it is compressed by zstd; decompress it first",
    b"PK\x03\x04": "it is a zip archive; give the pickle that is in it, such as PyTorch's data.pkl",
}


def read(
    file: IO[bytes],
    name: str,
    progress: Progress = lambda at: None,
    with_digests: bool = False,
) -> list[PickleItems]:
    """Return what the pickles of a file hold, one after the other; nothing of it is made or run.

    Args:
        file: A binary file that can seek.
        name: What errors call it.
        progress: Is now and then told how many bytes were read.
        with_digests: Whether values get digests, for which all of the file is read.

    Raises:
        NotReadableError: It does not begin with a pickle, or is damaged, or holds too much.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    beginning = file.read(8)
    if not beginning:
        raise NotReadableError(name, 0, "the file is empty")
    for magic, advice in _FORMATS.items():
        if beginning.startswith(magic):
            raise NotReadableError(name, 0, advice)
    found: list[PickleItems] = []
    at = 0
    while at < size:
        if len(found) == _MOST_PICKLES:
            rest = (
                f"{_MOST_PICKLES} pickles are enough: {size_text(size - at)} behind are not shown"
            )
            found[-1].remarks.append(rest)
            break
        try:
            items = _items(Slice(file, name, at, size), progress, with_digests, 0)
        except NotReadableError as error:
            if not found and beginning[:1] != b"\x80":
                reason = f"it does not look like a pickle: {error.reason}"
                raise NotReadableError(name, error.offset, reason) from None
            if not found:
                raise
            found[-1].remarks.append(
                f"{size_text(size - at)} behind it are no pickle: {error.reason}"
                f" (byte {error.offset})"
            )
            break
        found.append(items)
        at = items.end
    return found


def _items(part: Slice, progress: Progress, with_digests: bool, depth: int) -> PickleItems:
    pickle = run(part, progress)
    found = PickleItems(pickle.start, pickle.end, pickle.protocol, pickle.opcodes)
    gathered = Gathered()
    names = set()
    nested: list[Call] = []
    # Takes the bytes of what a payload brings to load itself.
    loader = Item(-1, Node(0, 0), None, "")
    of_machinery: set[int] = set()
    nodes = sorted([*pickle.references, *pickle.calls], key=_start)
    for call in pickle.calls:
        name = called(call.function)
        if is_entry(call):
            found.carries = _carries(call)
            of_machinery.add(id(call.function))
        if is_entry(call) or name == (REBUILD, "part"):
            gathered.spend(loader, call)
        if name is None:
            if called(call) is not None:
                of_machinery.add(id(call.function))
            continue
        names.add(name[0])
        gather = OURS.get(name) or CLOUDPICKLES.get(name)
        if gather is not None:
            gather(gathered, call)
        if called(call) is not None:
            of_machinery.add(id(call.function))
        if name in _LOADS:
            nested.append(call)
    found.references = imports_of(nodes, of_machinery)
    found.writer = _writer(names)
    short = gathered.finish(with_digests)
    found.items = list(gathered.items.values())
    _sizes(gathered)
    found.carried_size = loader.size
    found.object = short(pickle.root)
    ids = [node.id for node in pickle.persistent]
    found.persistent = list(dict.fromkeys(map(short, ids)))
    found.buffers = pickle.buffers
    found.tree = tree_of(pickle, gathered.items)
    for call in nested:
        _add_nested(found, call, part, with_digests, depth)
    return found


def _start(node: Node) -> int:
    return node.start


def _carries(entry: Call) -> str:
    """Return whose code a payload brings that stands alone."""
    known = items_of(entry.arguments)[1:2]
    texts = {
        text_or_none(key): plain(value) for key, value in pairs_of(known[0] if known else None)
    }
    is_ours = texts == {"make": MAKE, "core": PARTS[0][3]}
    return "this release" if is_ours and _entry_text(entry) == ENTRY else "another"


def _entry_text(entry: Call) -> str | None:
    return text_or_none(items_of(entry.arguments)[0])


def _writer(modules: set[str]) -> str:
    if any(module == REBUILD or module.startswith(f"{REBUILD}.") for module in modules):
        return "sourcepickle"
    return "cloudpickle" if CLOUDPICKLE in modules else "pickle"


_LOADS = {
    ("_pickle", "loads"),
    ("pickle", "loads"),
    ("pickle", "_loads"),
    (CLOUDPICKLE, "loads"),
    ("sourcepickle", "loads"),
}


def _sizes(gathered: Gathered) -> None:
    """Give each byte of the payload to the innermost item that it made."""
    edges: list[tuple[int, int, int, Any]] = []
    for item, start, end in gathered.spans:
        edges.append((start, 1, -end, item))
        edges.append((end, 0, -start, item))
    edges.sort(key=lambda edge: edge[:3])
    inside: list[Any] = []
    last = 0
    for at, is_start, _, item in edges:
        if inside:
            inside[-1].size += at - last
        last = at
        if is_start:
            inside.append(item)
        elif inside:
            inside.pop()


def _add_nested(
    found: PickleItems, call: Call, part: Slice, with_digests: bool, depth: int
) -> None:
    arguments = items_of(call.arguments)
    data: Any = plain(arguments[0]) if arguments else None
    name = f"{part.name}: the pickle inside it"
    if type(data) in (bytes, bytearray):
        inner = Slice(io.BytesIO(data), name, 0, len(data))
    elif type(data) is Long and data.kind in ("bytes", "bytearray"):
        inner = Slice(part.file, name, data.offset, data.offset + data.length)
    else:
        return
    if depth == _DEEPEST:
        found.remarks.append(f"pickles inside pickles are shown {_DEEPEST} deep, and it has more")
        return
    try:
        found.nested.append(_items(inner, lambda at: None, with_digests, depth + 1))
    except NotReadableError as error:
        found.remarks.append(
            f"it loads {size_text(inner.end - inner.start)} that are no pickle: {error.reason}"
        )
