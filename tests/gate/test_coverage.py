"""The gate knows every callable that payloads name."""

import importlib
import io
import types
from pathlib import Path

import pytest
import sourcepickle
from sourcepickle import rebuild
from sourcepickle.gate.basics import VALUES
from sourcepickle.gate.of_rebuild import _OURS, OfRebuild
from sourcepickle.rebuild import tracker


def test_every_callable_has_a_guard_or_is_a_value():
    for module, names in _OURS.items():
        for name in names:
            is_error = name in ("SourceDamagedError", "SourceVersionError")
            is_value = name in VALUES.get(module, ())
            assert callable(getattr(OfRebuild, name, None)) != (is_error or is_value), name


def test_no_module_that_payloads_name_is_left_out():
    files = Path(rebuild.__path__[0]).glob("[!_]*.py")
    modules = {f"{rebuild.__name__}.{path.stem}" for path in files}
    assert modules | {rebuild.__name__, "sourcepickle.wrapper"} == {*_OURS, tracker.__name__}


def test_guards_take_what_the_callables_take():
    for module, names in _OURS.items():
        home = importlib.import_module(module)
        for name in names:
            own, guard = getattr(home, name), getattr(OfRebuild, name, None)
            if isinstance(own, types.FunctionType) and guard is not None:
                expected = own.__code__.co_argcount
                assert guard.__code__.co_argcount == expected + 1, name
                assert guard.__code__.co_flags & 4 == own.__code__.co_flags & 4, name


def test_an_unpickler_wants_to_be_told_something():
    with pytest.raises(TypeError, match=r"pickle\.Unpickler"):
        sourcepickle.Unpickler(io.BytesIO(b"N."))
