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
from .basics import VALUES
from .calls import Book, Guard
from .of_pickle import is_construct
from .records import FunctionRecord, record_of
from .references import References

__all__ = ["OfRebuild", "Review"]

Review = Optional[Callable[[FunctionRecord], object]]


class OfRebuild:
    """What payloads of sourcepickle call, under the names and with the arguments they call it.

    Args:
        book: What is known of the load's objects.
        references: What ``allow`` says.
        find: What finds a name in a module, as the payload may.
        review: What is called with each function's record; ``None`` refuses all of them.
    """

    def __init__(
        self, book: Book, references: References, find: Callable[[str, str], Any], review: Review
    ) -> None:
        self._book = book
        self._references = references
        self._find = find
        self._review = review
        # By address; held, so that no other record gets the address of one.
        self._reviewed: dict[int, Any] = {}

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
        self._check_namespace(namespace)
        if cells is not None:
            self._check_tuple(cells, types.CellType)
        made = make(source, cells, namespace)
        return self._book.approve(self._book.make(made))

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
        return self._book.approve(self._book.make(wrapper.Portable(*arguments)))

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
        try:
            return self._find(module, qualname)
        except NotAllowedError:
            raise
        except Exception:  # What this Python lacks is no reason to refuse an annotation.
            return typing_constructs.reference(module, qualname)

    def applied(self, function: Any, arguments: Any) -> Any:
        """Make an annotation of others."""
        self._check_kinds((arguments, tuple))
        self._book.check_values(*arguments)
        if type(function) is Guard:
            function = self._maker_of_annotations(function, arguments)
        elif not isinstance(function, typing_constructs.Unavailable):
            self._book.check_callable(function, "called for an annotation")
        return typing_constructs.applied(function, arguments)

    def _maker_of_annotations(self, guard: Guard, arguments: tuple[Any, ...]) -> Any:
        """Return what a guard stands for, as it also sends on what this Python cannot make."""
        maker = _MAKERS.get(guard.name)
        takes = maker is rebuild.union or (bool(arguments) and is_construct(arguments[0]))
        if maker is getattr:
            takes = takes and arguments[1:] in (("args",), ("kwargs",))
        if maker in (iter, next):
            return lambda alias: guard.call(self._book, (alias,))
        if maker is None or not takes:
            raise NotAllowedError(f"the payload has {guard.name} called for an annotation")
        return maker

    def union(self, members: Any) -> Any:
        """Make the union of types."""
        self._check_kinds((members, tuple))
        return rebuild.union(members)

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
        return self._made_class(
            classes.plain_class(class_id, metaclass, maker, name, bases, namespace, layout)
        )

    def typed_dict(self, class_id: Any, name: Any, bases: Any, namespace: Any) -> Any:
        """Make a ``TypedDict``."""
        self._check_kinds((class_id, str), (name, str), (namespace, dict))
        self._check_class(*self._bases(bases))
        return self._made_class(classes.typed_dict(class_id, name, bases, namespace))

    def named_tuple(self, class_id: Any, name: Any, fields: Any, namespace: Any) -> Any:
        """Make a named tuple."""
        self._check_kinds((class_id, str), (name, str), (namespace, dict))
        self._check_names(name, *self._tuple(fields))
        return self._made_class(classes.named_tuple(class_id, name, fields, namespace))

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
        self._check_class(metaclass, data_type, *self._bases(bases))
        return self._made_class(
            enums.enum_class(
                class_id, metaclass, name, bases, namespace, members, data_type, boundary
            )
        )

    def _made_class(self, made: Any) -> Any:
        return self._book.approve(self._book.make(made))

    def set_methods(self, target: Any, methods: Any) -> None:
        """Give a class of this load its methods."""
        self._check_made(target, type)
        self._check_kinds((methods, dict))
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
        self._check_made(target, type)
        self._check_kinds((parameters, dict), (written, tuple), (methods, dict))
        for field in self._tuple(fields):
            name, kind, _, options = self._tuple(field)
            self._check_names(name)
            self._check_kinds((kind, int), (options, dict))
            if "default_factory" in options:
                self._book.check_callable(options["default_factory"], "called for a field")
        dataclass.dataclass_methods(target, fields, parameters, written, has_post_init, methods)

    def fill_class(self, target: Any, state: Any) -> None:
        """Give a class of this load its attributes."""
        self._check_made(target, type)
        classes.fill_class(target, state)

    def fill_protocol(self, target: Any, state: Any) -> None:
        """Give a protocol of this load its attributes."""
        self._check_made(target, type)
        classes.fill_protocol(target, state)

    def fill_typed_dict(self, target: Any, state: Any) -> None:
        """Give a typed dictionary of this load its keys."""
        self._check_made(target, type)
        classes.fill_typed_dict(target, state)

    def fill_named_tuple(self, target: Any, state: Any) -> None:
        """Give a named tuple of this load its attributes."""
        self._check_made(target, type)
        classes.fill_named_tuple(target, state)

    def fill_enum(self, target: Any, state: Any) -> None:
        """Give an enum of this load its attributes."""
        self._check_made(target, type)
        enums.fill_enum(target, state)

    def enum_property(self, *arguments: Any) -> Any:
        """Make an ``enum.property``."""
        return enums.enum_property(*arguments)

    # Wrappers

    def lru_cache(self, function: Any, maxsize: Any, typed: Any) -> Any:
        """Wrap a function: :func:`functools.lru_cache` calls another ``maxsize``."""
        self._book.check_callable(function, "wrapped")
        self._check_kinds((maxsize, (int, type(None))), (typed, bool))
        return self._wrapper(functools_wrappers.lru_cache(function, maxsize, typed))

    def single_dispatch(self, function: Any) -> Any:
        """Make a generic function."""
        self._book.check_callable(function, "wrapped")
        return self._wrapper(functools_wrappers.single_dispatch(function))

    def single_dispatch_method(self, function: Any) -> Any:
        """Make a generic method."""
        return self._book.make(functools_wrappers.single_dispatch_method(function))

    def partial_method(self, function: Any, arguments: Any, keywords: Any) -> Any:
        """Make a method of another with some of its arguments given."""
        self._check_kinds((arguments, tuple), (keywords, dict))
        if callable(function):
            self._book.check_callable(function, "wrapped")
        return functools_wrappers.partial_method(function, arguments, keywords)

    def _wrapper(self, made: Any) -> Any:
        return self._book.approve(self._book.make(made))

    def fill_wrapper(self, target: Any, attributes: Any) -> None:
        """Give a wrapper of this load its attributes."""
        self._check_made(target, object)
        self._check_kinds((attributes, dict))
        functools_wrappers.fill_wrapper(target, attributes)

    def fill_single_dispatch(self, target: Any, state: Any) -> None:
        """Register implementations, none of which ``register`` would look for in annotations."""
        self._check_made(target, types.FunctionType)
        registry, attributes = self._tuple(state)
        self._check_kinds((attributes, dict))
        self._check_registry(registry)
        functools_wrappers.fill_single_dispatch(target, state)

    def fill_single_dispatch_method(self, target: Any, registry: Any) -> None:
        """Register implementations, none of which ``register`` would look for in annotations."""
        self._check_made(target, object)
        self._check_registry(registry)
        functools_wrappers.fill_single_dispatch_method(target, registry)

    def _check_registry(self, registry: Any) -> None:
        for entry in self._tuple(registry):
            kind, function = self._tuple(entry)
            if not isinstance(kind, type) or function is None:
                raise NotAllowedError("the payload registers what is no function for a class")

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
        return modules.namespace_of(target)

    def same_module(self, target: Any) -> Any:
        """Return a module of this load."""
        self._check_made(target, types.ModuleType)
        return modules.same_module(target)

    def fill_module(self, target: Any, state: Any) -> None:
        """Give a module of this load its contents."""
        self._check_made(target, types.ModuleType)
        _, _, own_class = self._tuple(state)
        self._check_class(own_class)
        modules.fill_module(target, state)

    def importing(self, namespace: Any, filename: Any) -> Any:
        """Let imports of functions of this load find its modules."""
        self._check_namespace(namespace)
        self._check_kinds((filename, str))
        return modules.importing(namespace, filename)

    # What typing makes

    def type_parameter(
        self, tracked_id: Any, kind: Any, name: Any, module: Any, options: Any, required: Any
    ) -> Any:
        """Make a type parameter."""
        if kind not in ("TypeVar", "ParamSpec", "TypeVarTuple"):
            raise NotAllowedError("the payload makes a type parameter of an unknown kind")
        self._check_kinds((tracked_id, (str, type(None))), (name, str), (options, dict))
        return type_parameters.type_parameter(
            tracked_id, kind, name, module, options, bool(required)
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
        return self._book.make(made)

    def fill_type_alias(self, target: Any, value: Any) -> None:
        """Give an alias of this load its value."""
        self._check_made(target, object)
        self._check_kinds((value, tuple))
        type_parameters.fill_type_alias(target, value)

    def new_type(self, tracked_id: Any, name: Any, module: Any, supertype: Any) -> Any:
        """Make a ``NewType``."""
        self._check_kinds((tracked_id, str), (name, str))
        return type_parameters.new_type(tracked_id, name, module, supertype)

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
        self._review(record)
        self._reviewed[id(source)] = source

    def _check_namespace(self, namespace: Any) -> None:
        self._check_kinds((namespace, dict))
        self._book.check_changeable(namespace)

    def _check_made(self, target: Any, kind: type) -> None:
        if not self._book.is_made(target) or not isinstance(target, kind):
            raise NotAllowedError(
                f"the payload fills an object of {type(target).__name__} that it did not make"
            )

    def _check_class(self, *found: Any) -> None:
        for each in found:
            if each is not None and each is not type:
                self._book.check_callable(each, "made a class of")

    def _bases(self, bases: Any) -> tuple[Any, ...]:
        return tuple(
            base
            for base in self._tuple(bases)
            if not isinstance(base, typing_constructs.Unavailable)
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
            if type(value) not in (kind if isinstance(kind, tuple) else (kind,)):
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

# What makes annotations of others, by the names of their guards.
_MAKERS: dict[str, Any] = {
    "_operator.getitem": operator.getitem,
    "builtins.getattr": getattr,
    "builtins.iter": iter,
    "builtins.next": next,
    "operator.getitem": operator.getitem,
    "sourcepickle.rebuild.union": rebuild.union,
}
