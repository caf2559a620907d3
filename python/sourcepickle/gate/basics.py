"""What every payload may name, and what none may, whatever ``allow`` says."""

from __future__ import annotations

import builtins
import collections.abc
import dataclasses
import typing

__all__ = ["BASICS", "NEVER", "PURE_BUILTINS", "VALUES", "is_never"]

_EXCEPTIONS = {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
} | {"BaseExceptionGroup", "EncodingWarning", "ExceptionGroup", "PythonFinalizationError"}

# Python 3.13 has them in `pathlib._local`.
_PATHS = frozenset(
    {"Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath", "WindowsPath"}
)

# By module, the classes that make data of data: calling them runs no code of the payload's choice.
BASICS: dict[str, frozenset[str]] = {
    "abc": frozenset({"ABC", "ABCMeta", "abstractclassmethod", "abstractproperty"})
    | {"abstractstaticmethod"},
    "builtins": frozenset(
        {
            "Ellipsis",
            "NotImplemented",
            "bool",
            "bytearray",
            "bytes",
            "classmethod",
            "complex",
            "dict",
            "float",
            "frozendict",
            "frozenset",
            "int",
            "list",
            "object",
            "property",
            "range",
            "set",
            "slice",
            "staticmethod",
            "str",
            "tuple",
            "type",
        }
        | _EXCEPTIONS
    ),
    "collections": frozenset({"ChainMap", "Counter", "OrderedDict", "defaultdict", "deque"}),
    "collections.abc": frozenset({*collections.abc.__all__, "_CallableGenericAlias"}),
    "dataclasses": frozenset({"InitVar"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "decimal": frozenset({"Decimal"}),
    "enum": frozenset(
        {"Enum", "EnumMeta", "EnumType", "Flag", "IntEnum", "IntFlag", "ReprEnum", "StrEnum"}
    ),
    "fractions": frozenset({"Fraction"}),
    "functools": frozenset({"cached_property"}),
    "pathlib": _PATHS,
    "pathlib._local": _PATHS,
    "types": frozenset({"GenericAlias", "SimpleNamespace"}),
    "typing": frozenset({"Generic", "Protocol", "_ProtocolMeta"}),
    "uuid": frozenset({"SafeUUID", "UUID"}),
}

# By module, what stands as a value in annotations, among bases and in classes: nobody calls it.
VALUES: dict[str, frozenset[str]] = {
    "builtins": frozenset({"memoryview", "super", "reversed", "enumerate", "zip"}),
    "dataclasses": frozenset({"KW_ONLY", "MISSING", "_FIELD", "_FIELD_CLASSVAR"})
    | {"_FIELD_INITVAR"},
    "sourcepickle.rebuild.dataclass": frozenset({"get_state", "set_state"}),
    "types": frozenset({"EllipsisType", "NoneType", "NotImplementedType", "UnionType"}),
    "typing": frozenset([*typing.__all__, "NoExtraItems"])
    - {
        name
        for name in typing.__all__
        if name.islower() or name in ("ForwardRef", "NewType", "TypeAliasType")
    },
}
# Where Python 3.13 has them.
BASICS["pathlib._local"] = BASICS["pathlib"]

VALUES["typing_extensions"] = VALUES["typing"]

# What of builtins ``allow`` can add: functions that call nothing but methods of their arguments.
PURE_BUILTINS = frozenset(
    {
        "abs",
        "all",
        "any",
        "ascii",
        "bin",
        "callable",
        "chr",
        "divmod",
        "enumerate",
        "format",
        "hash",
        "hex",
        "id",
        "isinstance",
        "issubclass",
        "len",
        "max",
        "memoryview",
        "min",
        "oct",
        "ord",
        "pow",
        "repr",
        "reversed",
        "round",
        "sorted",
        "sum",
        "zip",
    }
)

# By module, what makes code of data or calls what it is given; "*" for all of a module.
NEVER: dict[str, frozenset[str]] = {
    name: frozenset({"*"})
    for name in (
        "_imp",
        "_pickle",
        "cloudpickle",
        "code",
        "codeop",
        "copyreg",
        "dill",
        "imp",
        "importlib",
        "marshal",
        "pickle",
        "pkgutil",
        "runpy",
        "sourcepickle",
        "timeit",
    )
} | {
    "_functools": frozenset({"reduce"}),
    "_operator": frozenset({"attrgetter", "call", "itemgetter", "methodcaller"}),
    "copy": frozenset({"_reconstruct"}),
    # Before Python 3.13 each of its private functions makes code of names.
    "dataclasses": frozenset(name for name in vars(dataclasses) if name.startswith("_"))
    | {"dataclass", "make_dataclass"},
    "enum": frozenset({"_old_convert_", "_simple_enum", "_test_simple_enum", "global_enum"}),
    "functools": frozenset({"reduce", "update_wrapper", "wraps", "total_ordering"}),
    "operator": frozenset({"attrgetter", "call", "itemgetter", "methodcaller"}),
    "sys": frozenset({"_current_frames", "_getframe", "call_tracing", "modules"}),
    "types": frozenset({"CodeType", "FunctionType", "LambdaType", "MethodType", "new_class"}),
    "annotationlib": frozenset({"*"}),
    "typing": frozenset({"ForwardRef", "_eval_type", "evaluate_forward_ref", "get_type_hints"}),
    "typing_extensions": frozenset({"*"}),
}


def is_never(module: str, name: str) -> bool:
    """Return whether nothing may name this, whatever is allowed."""
    first = name.partition(".")[0]
    if module.endswith(".__main__"):
        return True
    if module == "builtins":
        return not (first in PURE_BUILTINS or first in BASICS[module])
    forbidden = NEVER.get(module) or NEVER.get(module.partition(".")[0], frozenset())
    return "*" in forbidden or first in forbidden
