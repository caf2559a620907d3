"""Checks of the cases of classes312.py, in the grammar of 3.9: most hold on every reader."""

import dataclasses
import enum
import sys
import typing

from case import Checks, raises

check = checks = Checks()

MINOR = sys.version_info[1]


def named_parameters(cls):
    return [each.__name__ for each in cls.__type_params__]


@check()
def generic_class(c):
    box = c(3)
    held = (box.get(), box.replaced(4).get(), type(box) is c) == (3, 4, True)
    return held and (
        MINOR < 12
        or (
            named_parameters(c) == ["T"]
            and c.__parameters__ == c.__type_params__
            and c.__orig_bases__ == (typing.Generic[c.__type_params__[0]],)
            and c[int].__origin__ is c
        )
    )


@check()
def generic_class_instance(o):
    return (o.item, o.get(), type(o).__name__, repr(o)) == ([1], [1], "Box", "Box([1])")


@check()
def generic_classes_in_a_container(l):
    return l[0] is l[1]["again"] is type(l[2]) and l[3] == {l[0]: "box"} and l[2] is l[4][0]


@check()
def generic_class_inherited(c):
    base, derived, other = c
    return (
        derived(1, 2).both() == (1, 2)
        and isinstance(derived(1, 2), base)
        and [each.__name__ for each in derived.__mro__][:2] == ["Derived", "Base"]
        and other("x").get() == "x!"
        and derived.hooked == ["Derived", "OfStrings"]
        and (MINOR < 12 or named_parameters(derived) == ["T", "U"])
        and (MINOR < 12 or other.__orig_bases__ == (base[str],))
    )


@check()
def generic_class_with_bounds(c):
    if not (c(2).double() == 4 and c.limit == 3):
        return False
    if MINOR < 12:
        return True
    one, two, three = c.__type_params__
    return (one.__bound__, two.__constraints__, three.__bound__) == (int, (str, bytes), c.Own)


@check()
def generic_class_over_a_param_spec(c):
    task = c(lambda a, b=2: a + b)
    return task.call(1) == 3 and (MINOR < 12 or named_parameters(c) == ["P", "R"])


@check()
def generic_class_over_a_type_var_tuple(o):
    return o.shape == (2, 3) and (MINOR < 12 or named_parameters(type(o)) == ["Ts"])


@check()
def generic_class_of_every_kind_of_parameter(c):
    return c().static(2) == 4 and (MINOR < 12 or named_parameters(c) == ["T", "Ts", "P"])


@check()
def generic_class_with_everything_of_a_class(c):
    o = c(5)
    o.value = 6
    return (
        (o.value, c.static(2), c.of_class(), o.cached, o.whose(), o.lambdas[1](1))
        == (6, 4, "C", "cached", "C", 2)
        and o._C__hidden == 6
        and c.Inner().deep() == "deep"
        and c.me is c
    )


@check()
def generic_class_with_slots(o):
    return (
        o.x == 1 and bool(raises(AttributeError, setattr, o, "y", 2)) and not hasattr(o, "__dict__")
    )


@check()
def generic_class_with_annotations(c):
    notes = c.__annotations__
    return (
        notes["count"] is int
        and sorted(notes) == ["count", "item", "items"]
        and (
            MINOR < 12
            or (notes["item"], notes["items"]) == (c.__type_params__[0], list[c.__type_params__[0]])
        )
    )


@check()
def generic_class_with_annotated_methods(c):
    notes = c.get.__annotations__
    return (
        c().get(1) == 1
        and sorted(notes) == ["return", "x"]
        and (MINOR < 12 or notes["x"] is notes["return"] is c.__type_params__[0])
    )


@check(reader=12)
def generic_method(c):
    method = c().pair
    return method(1, "a") == (1, "a") and [p.__name__ for p in method.__type_params__] == ["U"]


@check(reader=12)
def generic_method_of_a_generic_class(c):
    return c(1).pair("a") == (1, "a", "T", "U")


@check()
def method_that_reads_a_type_parameter(c):
    return c().parameter_name() == "T"


@check()
def generic_protocol(c):
    protocol, kind = c
    return (
        isinstance(kind(), protocol) and not isinstance(1, protocol) and kind().close() == "closed"
    )


@check()
def generic_dataclass(c):
    return (
        repr(c(1)) == f"{c.__qualname__}(item=1, more=[])"
        and c(1) == c(1)
        and [field.name for field in dataclasses.fields(c)] == ["item", "more"]
        and dataclasses.replace(c(1), item=2).item == 2
    )


@check()
def generic_dataclass_with_slots(o):
    return (o.item, dataclasses.asdict(o)) == (1, {"item": 1}) and not hasattr(o, "__dict__")


@check()
def generic_named_tuple(o):
    return (o, o.first, o.swap()) == ((1, "a"), 1, ("a", 1)) and type(o)._fields == (
        "first",
        "second",
    )


@check()
def generic_typed_dict(c):
    return c(item=1) == {"item": 1} and sorted(c.__annotations__) == ["item", "name"]


@check()
def generic_class_with_a_metaclass(c):
    return (c.made, c.title, type(c).__name__) == ("Meta made C", "Title of C", "Meta")


@check(reader=12)
def type_alias(alias):
    return alias.__name__ == "Numbers" and alias.__value__ == list[int]


@check(reader=12)
def type_alias_twice(l):
    return l[0] is l[1]["again"] and l[0].__value__ == dict[str, l[2]]


@check(reader=12)
def type_alias_generic(alias):
    return (
        [p.__name__ for p in alias.__type_params__] == ["K", "V"]
        and alias[int, str].__args__ == (int, str)
        and alias.__value__ == dict[alias.__type_params__[0], list[alias.__type_params__[1]]]
    )


@check(reader=12)
def type_alias_that_is_recursive(alias):
    return typing.get_args(alias.__value__)[1] == list[alias]


@check(reader=12)
def type_alias_as_class_attribute(c):
    return c.Pair.__name__ == "Pair" and c.Pair.__value__ == tuple[int, c] and c().get() == 1


@check()
def type_alias_in_an_annotation(c):
    notes = {**c.__annotations__, **c.get.__annotations__}
    if MINOR < 12:
        return c().get(1) == 1 and notes == {"items": "Numbers", "x": "Numbers", "count": int}
    return (
        c().get(1) == 1
        and notes["items"] is notes["x"]
        and notes["items"].__value__ == list[int]
        and notes["count"] is int
    )


@check()
def class_around_generic_functions(c):
    return c().call() == ("generic", 1) and (MINOR < 12 or c().call.__name__ == "call")


@check()
def plain_class_made_beside_generic_ones(l):
    return (
        isinstance(l[0], enum.Enum)
        and l[0].value == 1
        and l[0] is type(l[0]).A
        and l[1].kind is type(l[0])
    )


@check()
def typevars_of_a_generic_class(l):
    one, cls = l
    return one.__name__ == "T" and (MINOR < 12 or one is cls.__type_params__[0])
