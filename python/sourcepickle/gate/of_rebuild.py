"""The callables of `sourcepickle.rebuild`, each held to what this load made and what is reviewed.

They trust a payload, as pickle does; here they are called for one that nobody trusts.
"""

from __future__ import annotations

import keyword
import operator
import re
import types
from typing import Any, Callable, NoReturn, Optional

from .. import rebuild, wrapper
from ..errors import NotAllowedError
from ..rebuild import (
    classes,
    dataclass,
    enums,
    functools_wrappers,
    modules,
    type_parameters,
    typing_constructs,
)
from ..rebuild.tracker import tracker
from .attributes import is_default
from .basics import VALUES
from .calls import Book, Guard, is_exactly
from .of_pickle import check_size, is_construct
from .records import FunctionRecord, record_of, reviewed
from .references import References

__all__ = ["OfRebuild", "Review"]

Review = Optional[Callable[[FunctionRecord], object]]


class OfRebuild:
    """What payloads of sourcepickle call, under the names and with the arguments they call it.

    Args:
        book: What is known of the load's objects.
        references: What ``allow`` says.
        find: What finds a name in a module, as the payload may.
        check_call: What refuses calls that the payload may not have made.
        review: What is called with each function's record; ``None`` refuses all of them.
    """

    def __init__(
        self,
        book: Book,
        references: References,
        find: Callable[[str, str], Any],
        check_call: Callable[[Any, tuple[Any, ...]], None],
        review: Review,
    ) -> None:
        self._book = book
        self._references = references
        self._find = find
        self._check_call = check_call
        self._review = review
        # By address; held, so that no other record gets the address of one.
        self._reviewed: dict[int, Any] = {}
        # Globals have the builtins, so the payload holds what stands for them. By its address.
        self._namespaces: dict[int, tuple[Any, dict[str, Any]]] = {}
        # What stood here before, and what made the rest, by address.
        self._known: dict[int, Any] = {}
        self._makers: dict[int, tuple[Any, str]] = {}

    def guard(self, module: str, name: str) -> Guard | None:
        """Return the guard of a callable of sourcepickle's; ``None`` for what is none."""
        method = getattr(self, name, None) if name in _OURS.get(module, ()) else None
        if method is None:
            return None
        return Guard(f"{module}.{name}", method, takes_guards=name == "applied")

    # Functions

    def function(self, source: Any, cells: Any, namespace: Any) -> Any:
        """Make a function whose source was reviewed."""
        return self._made_function(rebuild.function, source, cells, namespace)

    def iterable_coroutine(self, source: Any, cells: Any, namespace: Any) -> Any:
        """Make a function whose source was reviewed."""
        return self._made_function(rebuild.iterable_coroutine, source, cells, namespace)

    def _made_function(self, make: Any, source: Any, cells: Any, namespace: Any) -> Any:
        self._check_reviewed(source)
        own_globals = self._globals(namespace)
        if cells is not None:
            self._check_tuple(cells, types.CellType)
        return self._book.make(make(source, cells, own_globals))

    def code(self, source: Any) -> Any:
        """Make a code object whose source was reviewed."""
        self._check_reviewed(source)
        return self._book.make(rebuild.code(source))

    def iterable_code(self, source: Any) -> Any:
        """Make a code object whose source was reviewed."""
        self._check_reviewed(source)
        return self._book.make(rebuild.iterable_code(source))

    def renamed(self, own_code: Any, name: Any, qualname: Any) -> Any:
        """Rename a code object of this load."""
        self._check_made(own_code, types.CodeType)
        self._check_kinds((name, str), (qualname, (str, type(None))))
        return self._book.make(rebuild.renamed(own_code, name, qualname))

    def bytecode_function(self, bytecode: Any, cells: Any, namespace: Any) -> NoReturn:
        """Refuse bytecode, which nobody can review."""
        self.bytecode_code(bytecode)

    def bytecode_code(self, bytecode: Any) -> NoReturn:
        """Refuse bytecode, which nobody can review."""
        raise NotAllowedError(
            "the payload holds a function as bytecode, which cannot be reviewed; have it written "
            'with by_source=True and not "prefer"'
        )

    def part(self, name: Any, *_: Any) -> NoReturn:
        """Refuse what brings its own code to load the rest."""
        raise NotAllowedError(
            "the payload stands alone: it brings code that loads the rest; have it written without "
            "standalone=True"
        )

    def fill_function(self, target: Any, state: Any) -> None:
        """Give a function of this load its state."""
        self._check_made(target, types.FunctionType)
        self._check_kinds((state, tuple))
        kinds = (dict, dict, tuple, dict, dict, dict, dict, dict)
        for part, kind in zip(state, kinds):
            self._check_kinds((part, (kind, type(None))))
        self._check_contents(*state[:1])
        others = (*state, *(None,) * 8)[6] or {}
        if others.keys() - _OF_FUNCTIONS:
            raise NotAllowedError(
                f"the payload sets {', '.join(map(str, others.keys() - _OF_FUNCTIONS))} of a "
                "function"
            )
        if "__code__" in others:
            self._check_made(others["__code__"], types.CodeType)
        rebuild.fill_function(target, state)

    def fill_functions(self, _: Any, states: Any) -> None:
        """Give functions of this load their states."""
        self._check_kinds((states, tuple))
        for pair in states:
            self._check_kinds((pair, tuple))
            target, state = pair
            self.fill_function(target, state)

    def cell(self) -> Any:
        """Make an empty cell."""
        return self._book.make(rebuild.cell())

    def fill_cell(self, target: Any, contents: Any) -> None:
        """Set the contents of a cell of this load."""
        self._check_made(target, types.CellType)
        self._check_kinds((contents, tuple))
        rebuild.fill_cell(target, contents)

    def method(self, target: Any, instance: Any) -> Any:
        """Bind what may be called."""
        self._book.check_callable(target, "bound")
        return self._book.approve(rebuild.method(target, instance))

    def Portable(self, *arguments: Any) -> Any:
        """Wrap what may be called."""
        self._book.check_callable(arguments[0], "wrapped")
        # What is changed of it is changed of what it wraps.
        return self._book.share(self._book.approve(wrapper.Portable(*arguments)))

    # Names

    def module(self, name: Any) -> Any:
        """Import a module that is allowed, or stand for one whose names are looked up."""
        self._check_kinds((name, str))
        if name in VALUES and not self._references.allows(name, ""):
            return Guard(f"the module {name}", None, module=name)
        return self._book.share(self._references.module(name))

    def named(self, home: Any, name: Any) -> Any:
        """Find what a payload may name."""
        self._check_kinds((home, str), (name, str))
        return self._find(home, name)

    def reference(self, module: Any, qualname: Any) -> Any:
        """Find what an annotation names, or what stands for it."""
        self._check_kinds((module, str), (qualname, str))
        if qualname not in VALUES.get(module, ()):
            self._references.check(module, qualname)
        try:
            return self._find(module, qualname)
        except NotAllowedError:
            raise
        except Exception:  # What this Python lacks is no reason to refuse an annotation.
            return typing_constructs.lacking(module, qualname)

    def applied(self, function: Any, arguments: Any) -> Any:
        """Make an annotation of others."""
        self._check_kinds((arguments, tuple))
        self._book.check_values(*arguments)
        check_size(arguments)
        if type(function) is Guard:
            function = self._maker_of_annotations(function, arguments)
        elif type(function) is not typing_constructs.Unavailable:
            self._check_call(function, arguments)
        return self._book.share(typing_constructs.applied(function, arguments))

    def _maker_of_annotations(self, guard: Guard, arguments: tuple[Any, ...]) -> Any:
        """Return what a guard stands for, as it also sends on what this Python cannot make."""
        maker = _MAKERS.get(guard.name)
        takes = maker is rebuild.union or (bool(arguments) and is_construct(arguments[0]))
        if maker is getattr:
            self._check_kinds(*((name, str) for name in arguments[1:]))
            takes = takes and arguments[1:] in (("args",), ("kwargs",))
        if maker in (iter, next):
            return lambda alias: guard.call(self._book, (alias,))
        if maker is None or not takes:
            raise NotAllowedError(f"the payload has {guard.name} called for an annotation")
        return maker

    def union(self, members: Any) -> Any:
        """Make the union of types."""
        self._check_kinds((members, tuple))
        return self._book.share(rebuild.union(members))

    def of_release(self, maker: Any, package: Any, release: Any) -> Any:
        """Return a maker of classes of one release of a package."""
        self._check_kinds((package, str), (release, str))
        self._references.module(package)
        self._check_class(maker)
        return classes.of_release(maker, package, release)

    # Classes

    def plain_class(
        self,
        class_id: Any,
        metaclass: Any,
        maker: Any,
        name: Any,
        bases: Any,
        namespace: Any,
        layout: Any,
    ) -> Any:
        """Make a class by what may make classes."""
        self._check_kinds((class_id, str), (name, str), (namespace, dict))
        self._check_kinds((layout, (int, type(None))))
        self._check_class(metaclass, maker, *self._bases(bases))
        self._check_attributes(namespace)
        return self._made_class(
            class_id,
            "class",
            lambda: classes.plain_class(class_id, metaclass, maker, name, bases, namespace, layout),
        )

    def typed_dict(self, class_id: Any, name: Any, bases: Any, namespace: Any) -> Any:
        """Make a ``TypedDict``."""
        self._check_kinds((class_id, str), (name, str), (namespace, dict))
        self._check_class(*self._bases(bases))
        self._check_attributes(namespace)
        return self._made_class(
            class_id,
            "typed dictionary",
            lambda: classes.typed_dict(class_id, name, bases, namespace),
        )

    def named_tuple(self, class_id: Any, name: Any, fields: Any, namespace: Any) -> Any:
        """Make a named tuple."""
        self._check_kinds((class_id, str), (name, str), (namespace, dict))
        self._check_names(name, *self._tuple(fields))
        self._check_attributes(namespace, "_fields", "__new__", *fields)
        return self._made_class(
            class_id,
            "named tuple",
            lambda: classes.named_tuple(class_id, name, fields, namespace),
        )

    def enum_class(
        self,
        class_id: Any,
        metaclass: Any,
        name: Any,
        bases: Any,
        namespace: Any,
        members: Any,
        data_type: Any,
        boundary: Any,
    ) -> Any:
        """Make an enum by what may make classes."""
        self._check_kinds((class_id, str), (name, str), (namespace, dict), (members, tuple))
        self._check_kinds((boundary, (str, type(None))))
        self._check_class(metaclass, *self._bases(bases))
        if data_type is not None:
            self._book.check_callable(data_type, "made members of")
        self._check_attributes(namespace, *_OF_ENUMS)
        return self._made_class(
            class_id,
            "enum",
            lambda: enums.enum_class(
                class_id, metaclass, name, bases, namespace, members, data_type, boundary
            ),
        )

    def _made_class(self, class_id: str, kind: str, make: Callable[[], Any]) -> Any:
        known = tracker.known(class_id)
        if known is not None and not self._book.is_made(known):
            # It is the receiver's, its own or an earlier load's: it stays as it is.
            if not isinstance(known, type):
                raise NotAllowedError("the payload has the id of what is no class for a class")
            self._known[id(known)] = known
            return self._book.trust(self._book.share(known))
        made = make()
        self._makers[id(made)] = (made, kind)
        return self._book.make(made)

    def _is_known(self, target: Any) -> bool:
        return id(target) in self._known

    def _check_made_by(self, target: Any, *kinds: str) -> None:
        if self._makers.get(id(target), (None, ""))[1] not in kinds:
            self._check_made(target, type)
            raise NotAllowedError("the payload fills a class as one of another kind")

    def _check_attributes(self, attributes: Any, *reserved: str) -> None:
        """Refuse attributes by which a class would call what the payload may not, or lie."""
        self._check_kinds((attributes, dict))
        for name, value in attributes.items():
            if isinstance(name, str):
                self._check_kinds((name, str))
            elif not is_exactly(name, (bytes, int, tuple, type(None))):
                raise NotAllowedError("the payload names an attribute of a class by what is none")
            if name in reserved or (name in _OF_NO_CLASS and type(value) is not property):
                raise NotAllowedError(f"the payload sets {name} of a class")
            is_special = isinstance(name, str) and name[:1] == name[-1:] == "_"
            if is_special and is_default(object, name) and value is getattr(object, name):
                continue
            if is_special and not isinstance(value, typing_constructs.Unavailable):
                self._book.check_callables(value)

    def _check_class_state(self, target: Any, state: Any, *reserved: str) -> None:
        _, _, attributes, constructs, _, _ = self._tuple(state)
        self._check_attributes(attributes, *reserved)
        self._check_attributes(constructs or {}, *reserved)

    def set_methods(self, target: Any, methods: Any) -> None:
        """Give a class of this load its methods."""
        if self._is_known(target):
            return
        self._check_made_by(target, *_KINDS)
        own = getattr(target, "_fields", ()) if self._makers[id(target)][1] == "named tuple" else ()
        self._check_attributes(methods, *own, *_OF_ENUMS)
        if self._makers[id(target)][1] == "named tuple" and "__new__" in methods:
            raise NotAllowedError("the payload sets __new__ of a named tuple")
        classes.set_methods(target, methods)

    def dataclass_methods(
        self,
        target: Any,
        fields: Any,
        parameters: Any,
        written: Any,
        has_post_init: Any,
        methods: Any,
    ) -> None:
        """Have dataclasses write methods, into which it puts the names of the fields."""
        if self._is_known(target):
            return
        self._check_made_by(target, "class")
        self._check_kinds((parameters, dict), (written, tuple))
        self._check_attributes(methods)
        for name in written:
            own = target.__dict__.get(name)
            if isinstance(own, types.FunctionType) and not self._book.is_made(own):
                raise NotAllowedError(f"the payload has {name} written over another")
        for field in self._tuple(fields):
            name, kind, _, options = self._tuple(field)
            self._check_names(name)
            self._check_kinds((kind, int), (options, dict))
            if "default_factory" in options:
                self._book.check_callable(options["default_factory"], "called for a field")
        dataclass.dataclass_methods(target, fields, parameters, written, has_post_init, methods)

    def fill_class(self, target: Any, state: Any) -> None:
        """Give a class of this load its attributes."""
        self._fill(classes.fill_class, "class", target, state)

    def fill_protocol(self, target: Any, state: Any) -> None:
        """Give a protocol of this load its attributes."""
        self._fill(classes.fill_protocol, "class", target, state)

    def fill_typed_dict(self, target: Any, state: Any) -> None:
        """Give a typed dictionary of this load its keys."""
        self._fill(classes.fill_typed_dict, "typed dictionary", target, state)

    def _fill(self, fill: Callable[..., None], kind: str, target: Any, state: Any) -> None:
        if self._is_known(target):
            return
        self._check_made_by(target, kind)
        self._check_class_state(target, state)
        fill(target, state)

    def fill_named_tuple(self, target: Any, state: Any) -> None:
        """Give a named tuple of this load its attributes."""
        if self._is_known(target):
            return
        self._check_made_by(target, "named tuple")
        self._check_class_state(
            target, self._tuple(state)[0], "_fields", "__new__", *target._fields
        )
        classes.fill_named_tuple(target, state)

    def fill_enum(self, target: Any, state: Any) -> None:
        """Give an enum of this load its attributes."""
        if self._is_known(target):
            return
        self._check_made_by(target, "enum")
        self._check_class_state(target, self._tuple(state)[0], *_OF_ENUMS)
        enums.fill_enum(target, state)

    def enum_property(self, *arguments: Any) -> Any:
        """Make an ``enum.property``."""
        self._book.check_callables(*arguments)
        return enums.enum_property(*arguments)

    # Wrappers

    def lru_cache(self, function: Any, maxsize: Any, typed: Any) -> Any:
        """Wrap a function: :func:`functools.lru_cache` calls another ``maxsize``."""
        self._book.check_callable(function, "wrapped")
        self._check_kinds((maxsize, (int, type(None))), (typed, bool))
        return self._wrapper(functools_wrappers.lru_cache(function, maxsize, typed), "cache")

    def single_dispatch(self, function: Any) -> Any:
        """Make a generic function."""
        self._book.check_callable(function, "wrapped")
        return self._wrapper(functools_wrappers.single_dispatch(function), "dispatcher")

    def single_dispatch_method(self, function: Any) -> Any:
        """Make a generic method."""
        self._book.check_callables(function)
        made = functools_wrappers.single_dispatch_method(function)
        self._makers[id(made)] = (made, "method dispatcher")
        return self._book.share(made)

    def partial_method(self, function: Any, arguments: Any, keywords: Any) -> Any:
        """Make a method of another with some of its arguments given."""
        self._check_kinds((arguments, tuple), (keywords, dict))
        self._book.check_callables(function)
        made = functools_wrappers.partial_method(function, arguments, keywords)
        return self._book.share(made)

    def _wrapper(self, made: Any, kind: str) -> Any:
        self._makers[id(made)] = (made, kind)
        return self._book.make(made)

    def fill_wrapper(self, target: Any, attributes: Any) -> None:
        """Give a wrapper of this load its attributes."""
        self._check_made_by(target, "cache", "dispatcher")
        self._check_kinds((attributes, dict))
        self._check_attributes(attributes)
        functools_wrappers.fill_wrapper(target, attributes)

    def fill_single_dispatch(self, target: Any, state: Any) -> None:
        """Register implementations, none of which ``register`` would look for in annotations."""
        self._check_made_by(target, "dispatcher")
        registry, attributes = self._tuple(state)
        self._check_attributes(attributes)
        self._check_registry(registry)
        functools_wrappers.fill_single_dispatch(target, state)

    def fill_single_dispatch_method(self, target: Any, registry: Any) -> None:
        """Register implementations, none of which ``register`` would look for in annotations."""
        self._check_made_by(target, "method dispatcher")
        self._check_registry(registry)
        functools_wrappers.fill_single_dispatch_method(target, registry)

    def _check_registry(self, registry: Any) -> None:
        for entry in self._tuple(registry):
            kind, function = self._tuple(entry)
            if not isinstance(kind, type) or function is None:
                raise NotAllowedError("the payload registers what is no function for a class")
            self._book.check_callables(function)

    # Modules

    def new_module(self, names: Any) -> Any:
        """Make a module."""
        self._check_kinds((names, dict))
        if names.keys() - {"__name__", "__package__", "__path__", "__file__"}:
            raise NotAllowedError("the payload makes a module with more than its names")
        return self._book.make(modules.new_module(names))

    def namespace_of(self, target: Any) -> Any:
        """Return the dictionary of a module of this load."""
        self._check_made(target, types.ModuleType)
        own_globals = modules.namespace_of(target)
        stand_in: dict[str, Any] = {}
        self._namespaces[id(stand_in)] = (stand_in, own_globals)
        return stand_in

    def same_module(self, target: Any) -> Any:
        """Return a module of this load."""
        self._check_made(target, types.ModuleType)
        return modules.same_module(target)

    def fill_module(self, target: Any, state: Any) -> None:
        """Give a module of this load its contents."""
        self._check_made(target, types.ModuleType)
        contents, annotations, own_class = self._tuple(state)
        self._check_contents(contents)
        self._check_kinds((annotations, (dict, type(None))))
        self._check_class(own_class)
        modules.fill_module(target, state)

    def importing(self, namespace: Any, filename: Any) -> Any:
        """Let imports of functions of this load find its modules."""
        self._check_kinds((filename, str))
        modules.importing(self._globals(namespace), filename)
        return namespace

    # What typing makes

    def type_parameter(
        self, tracked_id: Any, kind: Any, name: Any, module: Any, options: Any, required: Any
    ) -> Any:
        """Make a type parameter."""
        self._check_kinds((kind, str))
        if kind not in ("TypeVar", "ParamSpec", "TypeVarTuple"):
            raise NotAllowedError("the payload makes a type parameter of an unknown kind")
        self._check_kinds((tracked_id, (str, type(None))), (name, str), (options, dict))
        return self._book.share(
            type_parameters.type_parameter(tracked_id, kind, name, module, options, bool(required))
        )

    def type_alias(
        self, tracked_id: Any, name: Any, module: Any, parameters: Any, required: Any
    ) -> Any:
        """Make an alias: its names go into a ``type`` statement."""
        self._check_kinds((tracked_id, str))
        self._check_names(name)
        for parameter in self._tuple(parameters):
            parameter_id, text = self._tuple(parameter)
            self._check_kinds((parameter_id, str), (text, str))
            self._check_names(re.sub(r"^\*{1,2}", "", text))
        made = type_parameters.type_alias(tracked_id, name, module, parameters, bool(required))
        self._makers[id(made)] = (made, "alias")
        return self._book.share(made)

    def fill_type_alias(self, target: Any, value: Any) -> None:
        """Give an alias of this load its value."""
        self._check_made_by(target, "alias")
        self._check_kinds((value, tuple))
        type_parameters.fill_type_alias(target, value)

    def new_type(self, tracked_id: Any, name: Any, module: Any, supertype: Any) -> Any:
        """Make a ``NewType``."""
        self._check_kinds((tracked_id, str), (name, str))
        return self._book.share(type_parameters.new_type(tracked_id, name, module, supertype))

    def forward_reference(self, text: Any, module: Any) -> Any:
        """Make a reference to a name."""
        self._check_kinds((text, str), (module, (str, type(None))))
        return type_parameters.forward_reference(text, module)

    # What the arguments must be

    def _check_reviewed(self, source: Any) -> None:
        if id(source) in self._reviewed:
            return
        record = record_of(source)
        if self._review is None:
            raise NotAllowedError(
                f"the payload brings {record.name} ({record.filename}:{record.line}) as source, "
                "and nobody reviews it: give review=, which is called with each function's record "
                "and refuses by raising"
            )
        reviewed(self._review, record)
        self._reviewed[id(source)] = source

    def _globals(self, namespace: Any) -> dict[str, Any]:
        """Return the globals that a dictionary of the payload stands for."""
        known = self._namespaces.get(id(namespace))
        if known is not None:
            return known[1]
        self._check_kinds((namespace, dict))
        self._check_contents(namespace)
        self._namespaces[id(namespace)] = (namespace, dict(namespace))
        return self._namespaces[id(namespace)][1]

    def _check_contents(self, *namespaces: dict[str, Any] | None) -> None:
        """Refuse other builtins: they would make of a reviewed text what no reviewer read."""
        for namespace in namespaces:
            self._check_kinds((namespace, (dict, type(None))))
            for name in namespace or ():
                self._check_kinds((name, str))
                if name == "__builtins__":
                    raise NotAllowedError("the payload brings other __builtins__")

    def _check_made(self, target: Any, kind: type) -> None:
        if not self._book.is_made(target) or not isinstance(target, kind):
            raise NotAllowedError(
                f"the payload fills an object of {type(target).__name__} that it did not make"
            )

    def _check_class(self, *found: Any) -> None:
        for each in found:
            if each is not None and each is not type:
                self._book.check_callable(each, "made a class of", True)

    def _bases(self, bases: Any) -> tuple[Any, ...]:
        return tuple(
            base for base in self._tuple(bases) if type(base) is not typing_constructs.Unavailable
        )

    def _check_names(self, *names: Any) -> None:
        for name in names:
            self._check_kinds((name, str))
            if not name.isidentifier() or keyword.iskeyword(name):
                raise NotAllowedError(f"the payload has {name!r} where a name stands in a text")

    def _check_tuple(self, values: Any, kind: type) -> None:
        for value in self._tuple(values):
            self._check_made(value, kind)

    def _tuple(self, value: Any) -> tuple[Any, ...]:
        self._check_kinds((value, tuple))
        found: tuple[Any, ...] = value
        return found

    def _check_kinds(self, *pairs: tuple[Any, Any]) -> None:
        for value, kind in pairs:
            if not is_exactly(value, kind):
                raise NotAllowedError(
                    f"the payload gives a callable of sourcepickle an object of "
                    f"{type(value).__name__}, which its writer never does"
                )


# What payloads name in our modules; of what is called each has a method of its name here.
_OURS = {
    module.__name__: frozenset(module.__all__)
    for module in (
        rebuild,
        classes,
        dataclass,
        enums,
        functools_wrappers,
        modules,
        type_parameters,
        typing_constructs,
        wrapper,
    )
}

# What a function says of itself that its code does not, and its code.
_OF_FUNCTIONS = {"__code__", "__doc__", "__module__", "__name__", "__qualname__", "__type_params__"}

# What classes have that says what they are made of.
_OF_NO_CLASS = {
    "__bases__",
    "__class__",
    "__dataclass_fields__",
    "__dataclass_params__",
    "__dict__",
}
_OF_ENUMS = ("__members__", "_member_map_", "_member_names_", "_value2member_map_")
_KINDS = ("class", "enum", "named tuple", "typed dictionary")

# What makes annotations of others, by the names of their guards.
_MAKERS: dict[str, Any] = {
    "_operator.getitem": operator.getitem,
    "builtins.getattr": getattr,
    "builtins.iter": iter,
    "builtins.next": next,
    "operator.getitem": operator.getitem,
    "sourcepickle.rebuild.union": rebuild.union,
}
