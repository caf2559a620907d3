"""Classes by value whose hooks run while they are loaded: refused where nobody reviews them."""

from __future__ import annotations

import abc
import pickle
from typing import Any

import sourcepickle

from .assemble import (
    Piece,
    again,
    build,
    call,
    in_turn,
    inside,
    kept,
    marked,
    ours,
    ref,
    value,
    whole,
)
from .attack import attack


def _dumped(obj: Any) -> Piece:
    return inside(sourcepickle.dumps(obj, 3, by_source=True, pickle_by_reference={"gate_helpers"}))


def _instance(cls: type) -> Any:
    made = cls()
    made.x = 1
    return made


def _under(bases: Any, namespace: Any = None, metaclass: Any = None) -> Piece:
    names = {"__module__": "job", **(namespace or {})}
    arguments = ("an id", metaclass, None, "C", bases, names, None)
    return ours("plain_class", *arguments, part=".classes")


@attack(allow={"gate_helpers"})
def setstate(marker):
    class C:
        def __setstate__(self, state):
            open(marker, "x").close()

    return whole(_dumped(_instance(C)))


@attack(allow={"gate_helpers"})
def setattr_of_an_instance(marker):
    class C:
        def __setattr__(self, name, value):
            open(marker, "x").close()

    return whole(build(_dumped(C()), (None, {"x": 1})))


@attack(allow={"gate_helpers"})
def getattr_of_an_instance(marker):
    class C:
        def __getattr__(self, name):
            open(marker, "x").close()
            raise AttributeError(name)

    # Before 3.11 a dump of an instance asks for its __getstate__.
    return whole(build(call(_dumped(C)), {"x": 1}))


@attack(allow={"gate_helpers"})
def descriptor_of_an_instance(marker):
    def write(self, value):
        open(marker, "x").close()

    class C:
        x = property(None, write)

    return whole(build(_dumped(C()), (None, {"x": 1})))


@attack(allow={"gate_helpers"})
def reduce(marker):
    class C:
        def __reduce__(self):
            return made, (self.path,)

    def made(path):
        open(path, "x").close()

    instance = C()
    instance.path = marker
    return whole(_dumped(instance))


@attack(allow={"gate_helpers"})
def new(marker):
    class C:
        def __new__(cls, path=None):
            if path is not None:
                open(path, "x").close()
            return object.__new__(cls)

        def __getnewargs__(self):
            return (marker,)

    return whole(_dumped(C()))


@attack(allow={"gate_helpers"})
def hash_in_a_set(marker):
    class C:
        def __hash__(self):
            open(marker, "x").close()
            return 1

    return whole(Piece(pickle.EMPTY_SET + marked(call(_dumped(C))) + pickle.ADDITEMS))


@attack(allow={"gate_helpers"})
def eq_in_a_dict(marker):
    class C:
        def __hash__(self):
            return 1

        def __eq__(self, other):
            open(marker, "x").close()
            return True

    cls = kept(_dumped(C), 60)
    return whole(in_turn(cls, value({call(again(60)): 1, 1: 2})))


@attack(allow={"gate_helpers"})
def destructor(marker):
    class C:
        def __del__(self):
            open(marker, "x").close()

    return whole(in_turn(call(_dumped(C)), value(None)))


@attack(allow={"gate_helpers"})
def init_subclass(marker):
    class C:
        def __init_subclass__(cls):
            open(marker, "x").close()

    return whole(_under((_dumped(C),)))


@attack(allow={"gate_helpers"})
def set_name(marker):
    class C:
        def __set_name__(self, owner, name):
            open(marker, "x").close()

    return whole(_under((), {"x": call(_dumped(C))}))


@attack(allow={"gate_helpers"})
def mro_entries(marker):
    class C:
        def __mro_entries__(self, bases):
            open(marker, "x").close()
            return ()

    return whole(_under((call(_dumped(C)),)))


@attack(allow={"gate_helpers"})
def prepare_of_a_metaclass(marker):
    class Meta(type):
        @classmethod
        def __prepare__(cls, name, bases):
            open(marker, "x").close()
            return {}

    return whole(_under((), metaclass=_dumped(Meta)))


@attack(allow={"gate_helpers"})
def call_of_a_metaclass(marker):
    class Meta(type):
        def __call__(cls):
            open(marker, "x").close()

    class C(metaclass=Meta):
        pass

    return whole(call(_dumped(C)))


@attack(allow={"gate_helpers"})
def class_getitem(marker):
    class C:
        def __class_getitem__(cls, item):
            open(marker, "x").close()

    item = ref("operator", "getitem")
    return whole(ours("applied", item, (_dumped(C), 1), part=".typing_constructs"))


@attack(allow={"gate_helpers"})
def subclass_hook(marker):
    class C(abc.ABC):  # noqa: B024
        @classmethod
        def __subclasshook__(cls, other):
            open(marker, "x").close()
            return NotImplemented

    state = (None, None, {}, None, None, (ref("builtins", "int"),))
    return whole(ours("fill_class", _dumped(C), state, part=".classes"))


@attack(allow={"gate_helpers"})
def instance_check(marker):
    class Meta(type):
        def __instancecheck__(cls, instance):
            open(marker, "x").close()
            return True

    class C(metaclass=Meta):
        pass

    method = call(ref("builtins", "getattr"), _dumped(C), "__instancecheck__")
    return whole(call(method, 1))


@attack(allow={"gate_helpers"})
def iteration(marker):
    class C:
        def __iter__(self):
            open(marker, "x").close()
            return iter(())

    return whole(call(ref("builtins", "list"), call(_dumped(C))))


@attack(allow={"gate_helpers"})
def setitem_of_a_dict(marker):
    class C(dict):
        def __setitem__(self, key, value):
            open(marker, "x").close()

    return whole(Piece(call(_dumped(C)) + value(1) + value(2) + pickle.SETITEM))


@attack(allow={"gate_helpers"})
def append_of_a_list(marker):
    class C(list):
        def append(self, value):
            open(marker, "x").close()

        extend = append

    return whole(Piece(call(_dumped(C)) + value(1) + pickle.APPEND))


@attack(allow={"gate_helpers"})
def union_of_an_instance(marker):
    class C:
        def __or__(self, other):
            open(marker, "x").close()

    return whole(ours("union", (call(_dumped(C)), 1)))


@attack(allow={"weakref"})
def callback_of_a_weak_reference(marker):
    def called(_):
        open(marker, "x").close()

    class C:
        pass

    # Once it is made nothing but the reference knows the instance.
    return whole(call(ref("weakref", "ref"), call(_dumped(C)), _dumped(called)))


@attack(allow={"gate_helpers"})
def default_factory(marker):
    def made():
        open(marker, "x").close()

    made_dict = call(ref("collections", "defaultdict"), _dumped(made))
    missing = call(ref("builtins", "getattr"), made_dict, "__missing__")
    return whole(call(missing, 1))
