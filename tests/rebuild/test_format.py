"""The format that docs/format.md specifies is the one that is written."""

import importlib
import pkgutil
import types
from pathlib import Path

from sourcepickle import rebuild

FORMAT = Path(__file__).resolve().parents[2] / "docs" / "format.md"


def test_every_callable_that_payloads_name_is_specified():
    modules = [rebuild]
    for _, name, _ in pkgutil.iter_modules(rebuild.__path__, f"{rebuild.__name__}."):
        modules.append(importlib.import_module(name))
    callables = {
        name
        for module in modules
        for name in module.__all__
        if isinstance(vars(module)[name], types.FunctionType)
    }
    text = FORMAT.read_text("utf-8")
    assert len(callables) > 40
    assert {name for name in callables if f"`{name}`" not in text} == set()
