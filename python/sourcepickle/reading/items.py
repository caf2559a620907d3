"""What there is to tell of a payload; everything in it is text, numbers, or more of this."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from .nodes import Node

__all__ = ["Class", "Function", "Import", "Item", "Module", "Needs", "PickleItems", "Value"]

Needs = Optional[tuple[int, str, int]]


class Value(NamedTuple):
    """What something is, in short.

    Attributes:
        short: A line.
        digest: Another for every other value, where digests were asked for; else empty.
    """

    short: str
    digest: str = ""


class Import(NamedTuple):
    """A name that the receiver imports.

    Attributes:
        module: The module's name.
        name: The name in it; ``None`` for the module itself.
        is_needed: Whether the payload cannot be loaded without it; an annotation does without.
    """

    module: str
    name: str | None
    is_needed: bool


@dataclass
class Item:
    """A function, class or module that a payload holds by value.

    Attributes:
        number: Its place among all items of the pickle, from 0.
        node: What makes it.
        module: The name of the module that it says it is of, if it does.
        qualname: Its qualified name.
        size: How many bytes of the payload are its own, without the items inside it.
        problems: What is wrong with it, each a sentence.
    """

    number: int
    node: Node = field(repr=False)
    module: str | None
    qualname: str
    size: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The module and the qualified name."""
        return f"{self.module}.{self.qualname}" if self.module else self.qualname


@dataclass
class Function(Item):
    """A function, or a code object on its own.

    Attributes:
        kind: ``"function"``, ``"coroutine"`` (what :func:`types.coroutine` marked) or ``"code"``.
        how: ``"source"`` or ``"bytecode"``.
        file, line: Where it was defined.
        text: Its source: its own text, or, where that is not to be found, all of ``factory``.
        text_line: The line of the file where ``text`` begins.
        factory: The text that travels: the function's own in the skeleton of its scopes.
        factory_line: The line of the file where ``factory`` begins, which may be 0 or less.
        is_own_text: Whether ``text`` is its own alone.
        path: The path of its source record, by which its text is found in the factory.
        needs: The newest construct in its text, with the minor version that brought it.
        pythons: For bytecode, the versions that may have written it.
        code: For bytecode, what it is, wherever its lines are.
        futures: The ``__future__`` features in force.
        free: Its free variables.
        parameters: For bytecode, what it is called with.
        names: For bytecode, the globals and attributes that it names.
        defaults: Values of its positional parameters, of the last ones.
        kwdefaults: Values of its keyword-only parameters.
        closure: Contents of its cells, by free variable.
        globals: Values of the globals that it names.
        annotations: Its annotations.
        attributes: Its own attributes, and such as differ from what its source says.
        modules: Modules that it needs when it runs.
        places: Of those globals that the receiver imports, what; of others ``None``.
        plain_classes: The names of those globals that are classes of no metaclass, as far as the
            payload tells for certain.
    """

    kind: str = "function"
    how: str = "source"
    file: str = ""
    line: int = 0
    text: str | None = None
    text_line: int = 0
    factory: str | None = None
    factory_line: int = 0
    is_own_text: bool = False
    path: str = ""
    needs: Needs = None
    pythons: tuple[str, ...] = ()
    code: Value | None = None
    futures: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    defaults: list[Value] = field(default_factory=list)
    kwdefaults: dict[str, Value] = field(default_factory=dict)
    closure: dict[str, Value] = field(default_factory=dict)
    globals: dict[str, Value] = field(default_factory=dict)
    annotations: dict[str, Value] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)
    places: dict[str, Import | None] = field(default_factory=dict)
    plain_classes: set[str] = field(default_factory=set)


@dataclass
class Class(Item):
    """A class.

    Attributes:
        kind: ``"class"``, ``"dataclass"``, ``"enum"``, ``"named tuple"``, ``"typed dict"`` or
            ``"protocol"``.
        bases: Its bases.
        metaclass: Its metaclass, where it has one of its own.
        methods: What its methods are, by name.
        fields: Its fields (dataclass, named tuple) with their types or defaults, or its members
            (enum) with their values.
        attributes: Its other attributes.
        annotations: Its annotations.
        is_plain: Whether its metaclass is ``type``, as far as the payload tells for certain.
    """

    kind: str = "class"
    bases: list[Value] = field(default_factory=list)
    metaclass: Value | None = None
    methods: dict[str, Value] = field(default_factory=dict)
    fields: dict[str, Value] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)
    annotations: dict[str, Value] = field(default_factory=dict)
    is_plain: bool = False


@dataclass
class Module(Item):
    """A module that travels by value.

    Attributes:
        file: The file that it was made of, if it says so.
        contents: What it holds.
    """

    file: str | None = None
    contents: dict[str, Value] = field(default_factory=dict)


@dataclass
class PickleItems:
    """One pickle.

    Attributes:
        start, end: Its bytes in the file, or in the pickle that it stands in.
        protocol: The protocol that it says it is of.
        opcodes: How many it has.
        writer: ``"sourcepickle"``, ``"cloudpickle"`` or ``"pickle"``, by what it calls.
        carries: What brings the code that loads it: ``None`` where it does not stand alone,
            ``"this release"`` for the code of this very release of sourcepickle, or ``"another"``.
        carried_size: How many bytes that code takes.
        object: What it loads, in short.
        items: Functions, classes and modules, in the order in which they are made.
        references: What the receiver imports, each once.
        persistent: Its persistent ids, in short.
        buffers: How many buffers travel beside it.
        nested: Pickles inside it.
        remarks: What else there is to know, each a sentence.
        tree: What stands in what: the number of an item, and the numbers of those inside it; under
            ``None`` those that the object itself holds.
    """

    start: int
    end: int
    protocol: int | None
    opcodes: int
    writer: str = "pickle"
    carries: str | None = None
    carried_size: int = 0
    object: str = ""
    items: list[Item] = field(default_factory=list)
    references: list[Import] = field(default_factory=list)
    persistent: list[str] = field(default_factory=list)
    buffers: int = 0
    nested: list[PickleItems] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    tree: dict[int | None, list[int]] = field(default_factory=dict)
