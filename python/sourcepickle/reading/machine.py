"""Run the opcodes of a pickle on nodes: what :mod:`pickle` does with objects."""

from __future__ import annotations

import _compat_pickle
from typing import Any, Callable

from .errors import NotReadableError
from .nodes import Buffer, Call, Container, Extension, Node, Persistent, Reference
from .opcodes import Long, Opcodes, Slice

__all__ = ["MOST_KEPT", "Pickle", "Progress", "run"]

MOST_KEPT = 4_000_000
"""How many objects are kept of one pickle."""

# Beyond it of texts and bytes their places alone are kept, unless they are as short as a name.
_MOST_BYTES = 1 << 27
_NAME = 64
# How many opcodes are run between two looks at how much is kept.
_STEP = 1 << 12

Progress = Callable[[int], Any]


class Pickle:
    """The nodes of one pickle.

    Attributes:
        start, end: Its bytes in the file.
        protocol: The protocol that it says it is of; ``None`` where it says none.
        opcodes: How many there are.
        root: What it would load.
        calls: All calls, in order.
        references: All references by name, in order, however often each.
        persistent: All persistent ids.
        buffers: How many buffers travel beside it.
    """

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.protocol: int | None = None
        self.opcodes = 0
        self.root: Any = None
        self.calls: list[Call] = []
        self.references: list[Reference] = []
        self.persistent: list[Persistent] = []
        self.buffers = 0


def run(part: Slice, progress: Progress = lambda at: None) -> Pickle:
    """Run the first pickle of a part of a file; ``progress`` is now and then told the place.

    Raises:
        NotReadableError: It is no pickle, a damaged one, or more than :data:`MOST_KEPT` objects.
    """
    machine = _Machine(part)
    machine.run(progress)
    return machine.pickle


class _Machine:
    def __init__(self, part: Slice) -> None:
        self.opcodes = Opcodes(part)
        self.end = part.end
        self.pickle = Pickle(part.start)
        # Of each on the stack, the place of the first byte that made it.
        self.stack: list[Any] = []
        self.starts: list[int] = []
        self.marks: list[tuple[int, int]] = []  # depth of the stack, and place
        self.memo: dict[int, Any] = {}
        self.kept = 0
        self.bytes = 0

    def run(self, progress: Progress) -> None:
        handlers = _HANDLERS
        plain = _PLAIN_OPCODES
        stack, starts = self.stack, self.starts
        count = 0
        for name, argument, at in self.opcodes:
            count += 1
            if name in plain:
                stack.append(argument)
                starts.append(at)
                if type(argument) in _SIZED:
                    self.bytes += len(argument)
            else:
                try:
                    handlers[name](self, argument, at)
                except IndexError:
                    raise self.opcodes.error(at, f"{name} finds too little on the stack") from None
            if count % _STEP == 0:
                self._look(at)
                progress(at)
        self._look(self.opcodes.at)
        self.pickle.opcodes = count
        self.pickle.end = self.opcodes.at

    def _look(self, at: int) -> None:
        if self.bytes > _MOST_BYTES:
            self.opcodes.longest = _NAME
        if self.kept + len(self.stack) + len(self.memo) + len(self.marks) > MOST_KEPT:
            raise self.opcodes.error(
                at, f"it has more than {MOST_KEPT:,} objects, which is the most that is looked at"
            )

    def error(self, at: int, reason: str) -> NotReadableError:
        return self.opcodes.error(at, reason)

    def push(self, value: Any, at: int) -> None:
        self.kept += 1
        self.stack.append(value)
        self.starts.append(at)

    def pop(self, at: int) -> tuple[Any, int]:
        """Return what is on the stack, and where it began."""
        if self.marks and self.marks[-1][0] == len(self.stack):
            raise self.error(at, "it takes a mark from the stack for an object")
        return self.stack.pop(), self.starts.pop()

    def pop_mark(self, at: int) -> tuple[list[Any], int]:
        """Return what is above the last mark, and where that is."""
        if not self.marks:
            raise self.error(at, "there is no mark on the stack")
        depth, start = self.marks.pop()
        items = self.stack[depth:]
        del self.stack[depth:], self.starts[depth:]
        return items, start

    def container(self, kind: str, items: list[Any], start: int) -> None:
        if kind == "dict" and len(items) % 2:
            raise self.error(self.opcodes.at, "a dictionary has a key without a value")
        made = Container(start, self.opcodes.at, kind, items)
        self.kept += len(made.items)
        self.push(made, start)

    def call(self, start: int, function: Any, *rest: Any) -> None:
        made = Call(start, self.opcodes.at, function, *rest)
        self.pickle.calls.append(made)
        self.push(made, start)

    def reference(self, module: Any, name: Any, start: int, at: int) -> Reference:
        module, name = self.name(module), self.name(name)
        if type(module) is not str or type(name) is not str:
            raise self.error(at, "a reference is named by something else than two short texts")
        if (self.pickle.protocol or 0) < 3:
            # What Python 2 called otherwise is under its names there, and pickle knows them.
            if (module, name) in _compat_pickle.NAME_MAPPING:
                module, name = _compat_pickle.NAME_MAPPING[module, name]
            else:
                module = _compat_pickle.IMPORT_MAPPING.get(module, module)
        made = Reference(start, self.opcodes.at, module, name)
        self.pickle.references.append(made)
        return made

    def name(self, value: Any) -> Any:
        if type(value) is Long:
            value = value.whole()
            self.opcodes.go_on()
        return value

    def add(self, kind: str, items: list[Any], at: int) -> None:
        """Add items to the object on the stack; to a dictionary keys and values in turn."""
        target = self.stack[-1]
        if kind == "dict" and len(items) % 2:
            raise self.error(at, "a dictionary has a key without a value")
        if type(target) is Call:
            name = "pairs" if kind == "dict" else "items"
            container = getattr(target, name)
            if container is None:
                container = Container(at, at, kind, [])
                setattr(target, name, container)
        elif type(target) is Container and target.kind == kind:
            container = target
        elif isinstance(target, Node) and type(target) is not Container:
            return  # Nobody knows what it is, so nobody can say that it takes nothing.
        else:
            raise self.error(at, "it adds items to what takes none")
        before = len(container.items)
        container.extend(items)
        container.end = self.opcodes.at
        self.kept += len(container.items) - before


# What the opcodes do; a method each would be the same with more words.

_Handler = Callable[[_Machine, Any, int], None]


def _constant(value: Any) -> _Handler:
    def push(machine: _Machine, argument: Any, at: int) -> None:
        machine.stack.append(value)
        machine.starts.append(at)

    return push


def _empty(kind: str) -> _Handler:
    return lambda machine, argument, at: machine.container(kind, [], at)


def _from_mark(kind: str) -> _Handler:
    return lambda machine, argument, at: machine.container(kind, *machine.pop_mark(at))


def _tuple_of(count: int) -> _Handler:
    def make(machine: _Machine, argument: Any, at: int) -> None:
        popped = [machine.pop(at) for _ in range(count)]
        machine.container("tuple", [value for value, _ in reversed(popped)], popped[-1][1])

    return make


def _add_one(machine: _Machine, argument: Any, at: int) -> None:
    item, _ = machine.pop(at)
    machine.add("list", [item], at)


def _set_one(machine: _Machine, argument: Any, at: int) -> None:
    (value, _), (key, _) = machine.pop(at), machine.pop(at)
    machine.add("dict", [key, value], at)


def _add_from_mark(kind: str) -> _Handler:
    def add(machine: _Machine, argument: Any, at: int) -> None:
        items, _ = machine.pop_mark(at)
        machine.add(kind, items, at)

    return add


def _mark(machine: _Machine, argument: Any, at: int) -> None:
    machine.marks.append((len(machine.stack), at))


def _pop(machine: _Machine, argument: Any, at: int) -> None:
    if machine.marks and machine.marks[-1][0] == len(machine.stack):
        machine.marks.pop()  # As pickle has it.
        return
    value, _ = machine.pop(at)
    if type(value) is Call and type(value.arguments) is Container and value.arguments.items:
        target = value.arguments.items[0]
        if isinstance(target, Node):
            if target.setters is None:
                target.setters = []
            target.setters.append(value)


def _pop_mark(machine: _Machine, argument: Any, at: int) -> None:
    machine.pop_mark(at)


def _duplicate(machine: _Machine, argument: Any, at: int) -> None:
    machine.push(machine.stack[-1], at)


def _get(machine: _Machine, argument: Any, at: int) -> None:
    try:
        value = machine.memo[argument]
    except KeyError:
        raise machine.error(at, f"nothing was memoized as {argument}") from None
    machine.stack.append(value)
    machine.starts.append(at)


def _put(machine: _Machine, argument: Any, at: int) -> None:
    machine.memo[argument] = machine.stack[-1]


def _memoize(machine: _Machine, argument: Any, at: int) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _global(machine: _Machine, argument: Any, at: int) -> None:
    machine.push(machine.reference(argument[0], argument[1], at, at), at)


def _stack_global(machine: _Machine, argument: Any, at: int) -> None:
    (name, _), (module, start) = machine.pop(at), machine.pop(at)
    machine.push(machine.reference(module, name, start, at), start)


def _extension(machine: _Machine, argument: Any, at: int) -> None:
    machine.push(Extension(at, machine.opcodes.at, argument), at)


def _reduce(machine: _Machine, argument: Any, at: int) -> None:
    (arguments, _), (function, start) = machine.pop(at), machine.pop(at)
    machine.call(start, function, arguments)


def _new(machine: _Machine, argument: Any, at: int) -> None:
    (arguments, _), (cls, start) = machine.pop(at), machine.pop(at)
    machine.call(start, cls, arguments, None, True)


def _new_with_keywords(machine: _Machine, argument: Any, at: int) -> None:
    keywords, _ = machine.pop(at)
    (arguments, _), (cls, start) = machine.pop(at), machine.pop(at)
    machine.call(start, cls, arguments, keywords, True)


def _object(machine: _Machine, argument: Any, at: int) -> None:
    items, start = machine.pop_mark(at)
    if not items:
        raise machine.error(at, "it makes an object of no class")
    cls, *rest = items
    machine.call(start, cls, Container(start, at, "tuple", rest))


def _instance(machine: _Machine, argument: Any, at: int) -> None:
    items, start = machine.pop_mark(at)
    cls = machine.reference(argument[0], argument[1], start, at)
    machine.call(start, cls, Container(start, at, "tuple", items))


def _build(machine: _Machine, argument: Any, at: int) -> None:
    state, _ = machine.pop(at)
    target = machine.stack[-1]
    if type(target) is Call:
        if target.state is None:
            target.state = []
        target.state.append(state)
        target.end = machine.opcodes.at


def _persistent(machine: _Machine, argument: Any, at: int) -> None:
    start = at
    if argument is None:
        argument, start = machine.pop(at)
    made = Persistent(start, machine.opcodes.at, argument)
    machine.pickle.persistent.append(made)
    machine.push(made, start)


def _buffer(machine: _Machine, argument: Any, at: int) -> None:
    machine.pickle.buffers += 1
    machine.push(Buffer(at, machine.opcodes.at), at)


def _protocol(machine: _Machine, argument: Any, at: int) -> None:
    if argument > 5:
        raise machine.error(at, f"protocol {argument} is none of pickle's, which are 0 to 5")
    machine.pickle.protocol = argument


def _frame(machine: _Machine, argument: Any, at: int) -> None:
    if machine.opcodes.at + argument > machine.end:
        raise machine.error(at, f"the file ends before a frame of {argument} bytes does")


def _stop(machine: _Machine, argument: Any, at: int) -> None:
    machine.pickle.root, _ = machine.pop(at)


def _nothing(machine: _Machine, argument: Any, at: int) -> None:
    pass


# Opcodes that push their argument.
_PLAIN_OPCODES = frozenset(
    (
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
        *("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
        *("FLOAT", "BINFLOAT"),
    )
)
_SIZED = frozenset({str, bytes, bytearray})

_HANDLERS: dict[str, _Handler] = {
    "NONE": _constant(None),
    "NEWTRUE": _constant(True),
    "NEWFALSE": _constant(False),
    "EMPTY_LIST": _empty("list"),
    "EMPTY_TUPLE": _empty("tuple"),
    "EMPTY_DICT": _empty("dict"),
    "EMPTY_SET": _empty("set"),
    "LIST": _from_mark("list"),
    "TUPLE": _from_mark("tuple"),
    "DICT": _from_mark("dict"),
    "FROZENSET": _from_mark("frozenset"),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "APPEND": _add_one,
    "APPENDS": _add_from_mark("list"),
    "ADDITEMS": _add_from_mark("set"),
    "SETITEM": _set_one,
    "SETITEMS": _add_from_mark("dict"),
    "POP": _pop,
    "POP_MARK": _pop_mark,
    "DUP": _duplicate,
    "MARK": _mark,
    "GET": _get,
    "BINGET": _get,
    "LONG_BINGET": _get,
    "PUT": _put,
    "BINPUT": _put,
    "LONG_BINPUT": _put,
    "MEMOIZE": _memoize,
    "EXT1": _extension,
    "EXT2": _extension,
    "EXT4": _extension,
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "BUILD": _build,
    "INST": _instance,
    "OBJ": _object,
    "NEWOBJ": _new,
    "NEWOBJ_EX": _new_with_keywords,
    "NEXT_BUFFER": _buffer,
    "READONLY_BUFFER": _nothing,
    "PERSID": _persistent,
    "BINPERSID": _persistent,
    "PROTO": _protocol,
    "FRAME": _frame,
    "STOP": _stop,
}
