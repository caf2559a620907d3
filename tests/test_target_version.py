"""target_version: what an older Python, or a newer one, would not run is refused at the dump."""

import io
import itertools
import pickle
import sys
import textwrap

import pytest
import sourcepickle

RUNNING = sys.version_info[:2]


def dumps(obj, target_version, by_source=True, **options):
    return sourcepickle.dumps(obj, by_source=by_source, target_version=target_version, **options)


@pytest.fixture
def function(module_of):
    """Return a function that gives the function ``f`` of a text."""

    names = (f"sample{number}" for number in itertools.count())

    def make(text):
        return module_of(textwrap.dedent(text), next(names)).f

    return make


def findings(obj, target_version, **options):
    """Return why the object is refused, nothing where it is not."""
    try:
        dumps(obj, target_version, **options)
    except sourcepickle.TargetVersionError as error:
        assert error.findings
        return error.findings
    return ()


def before(version):
    return (version[0], version[1] - 1)


# The option


@pytest.mark.parametrize(
    "wrong",
    [
        (3, 8),
        (3, 0),
        (3, -1),
        (2, 7),
        (4, 0),
        (3,),
        (3, 9, 1),
        (),
        [3, 9],
        "3.9",
        3.9,
        39,
        ("3", "9"),
        (3, "9"),
        (3.0, 9),
        (3, 9.0),
        (3, None),
        sys.version_info,
        True,
        b"39",
        {3: 9},
    ],
    ids=repr,
)
def test_a_wrong_version_is_an_error_at_once(wrong):
    file = io.BytesIO()
    for write in (
        lambda: dumps(1, wrong),
        lambda: sourcepickle.dump(1, file, by_source=True, target_version=wrong),
        lambda: sourcepickle.Pickler(file, by_source="prefer", target_version=wrong),
    ):
        with pytest.raises(ValueError, match="target_version"):
            write()
    assert file.getvalue() == b""


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 15), (3, 16), (3, 40), RUNNING])
@pytest.mark.parametrize("by_source", [True, "prefer"])
def test_every_version_from_three_nine_on_is_one(version, by_source):
    assert pickle.loads(dumps([1], version, by_source)) == [1]
    sourcepickle.Pickler(io.BytesIO(), by_source=by_source, target_version=version)


@pytest.mark.parametrize("options", [{}, {"by_source": False}])
def test_bytecode_has_no_target(options):
    with pytest.raises(ValueError, match="by_source"):
        sourcepickle.dumps(1, target_version=(3, 9), **options)
    with pytest.raises(ValueError, match="by_source"):
        sourcepickle.Pickler(io.BytesIO(), target_version=(3, 9), **options)


def test_none_is_no_target(function):
    f = function("def f():\n    import tomllib\n")
    assert dumps(f, None) == sourcepickle.dumps(f, by_source=True)
    assert sourcepickle.dumps(1, target_version=None) == sourcepickle.dumps(1)


@pytest.mark.parametrize("minor", range(9, 16))
def test_what_every_version_runs_is_not_refused(function, minor):
    f = function(
        """
        import collections
        import functools
        import json
        import typing

        def f(x, *args, y: "int | str" = 1, **kwargs):
            import os.path
            from concurrent.futures import ThreadPoolExecutor
            local: int | None = None
            if (n := len(args)) > 3:
                return f"{n!r:>{n}} {x=}"
            try:
                value = {**kwargs, "a": [*args, *map(int, "12")]}
            except KeyError:
                value = json.dumps(x)
            with open(x) as one, open(y) as two:
                pass
            def inner(a: typing.Optional[int], b: "list[int]" = (), /) -> typing.List[int]:
                return functools.reduce(lambda p, q: p | q, a)
            match, case, type = 1, 2, 3
            return value, local, inner, match | case | type, os.path, collections.OrderedDict
        """
    )
    assert findings(f, (3, minor)) == ()
    assert sourcepickle.minimum_version(f) == (3, 9)


# Grammar: the version that brought it, what is said of it, a function

GRAMMAR = {
    "match": ((3, 10), "match", "def f(x):\n    match x:\n        case 1: return 2\n"),
    "except_star": (
        (3, 11),
        "except*",
        "def f(x):\n    try:\n        x()\n    except* ValueError:\n        pass\n",
    ),
    "star_in_index": ((3, 11), "", "def f(x, *y):\n    return x[*y]\n"),
    "generic_function": ((3, 12), "", "def f[T](x: T) -> T:\n    return x\n"),
    "inner_generic": ((3, 12), "", "def f(x):\n    def g[T](y: T): ...\n    return g\n"),
    "generic_class": ((3, 12), "", "def f(x):\n    class C[T]: pass\n    return C\n"),
    "type_alias": ((3, 12), "type", "def f(x):\n    type X = int\n    return X\n"),
    "same_quotes": ((3, 12), "", "def f(x):\n    return f'{x['a']}'\n"),
    "backslash": ((3, 12), "", "def f(x):\n    return f'{chr(10).join(x) + '\\n'}'\n"),
    "default_of_a_type": ((3, 13), "", "def f(x):\n    def g[T = int](y: T): ...\n    return g\n"),
    "template": ((3, 14), "", "def f(x):\n    return t'{x}'\n"),
    "except_without_parentheses": (
        (3, 14),
        "",
        "def f(x):\n    try:\n        x()\n    except ValueError, TypeError:\n        pass\n",
    ),
    "star_in_comprehension": ((3, 15), "", "def f(x):\n    return [*y for y in x]\n"),
}


@pytest.mark.parametrize("name", list(GRAMMAR))
def test_grammar_that_the_target_lacks_is_refused(function, name):
    version, construct, text = GRAMMAR[name]
    if version > RUNNING:
        with pytest.raises(SyntaxError):
            compile(text, "text", "exec")
        return
    f = function(text)
    for minor in range(9, version[1]):
        found = findings(f, (3, minor))
        [newest] = [each for each in found if f"3.{version[1]}" in each]
        assert construct in newest
        assert newest.startswith("f (")
    for minor in range(version[1], 16):
        assert findings(f, (3, minor)) == ()
    assert sourcepickle.minimum_version(f) == version


@pytest.mark.skipif(RUNNING < (3, 10), reason="has no match statement")
def test_a_finding_says_function_file_line_and_version(function):
    f = function(
        "\n\n\ndef f(x):\n    y = x\n    match y:\n        case 1:\n            return 2\n"
    )
    [found] = findings(f, (3, 9))
    assert found.startswith(f"f ({f.__code__.co_filename}:6): ") or found.startswith(
        "f (sample0.py:6): "
    )
    assert "match statement" in found
    assert found.endswith("needs Python 3.10")


@pytest.mark.skipif(RUNNING < (3, 12), reason="has none of the constructs")
def test_all_findings_are_in_one_error(function):
    f = function(
        """
        import itertools

        def g(x):
            type Y = int
            return Y

        class C:
            def method(self):
                match self:
                    case 1:
                        import tomllib
                        return aiter(self), itertools.batched

        def f(x):
            match x:
                case 1:
                    return g(x), C
            try:
                x()
            except* ValueError:
                pass
        """
    )
    with pytest.raises(sourcepickle.TargetVersionError) as caught:
        dumps([f], (3, 9))
    error = caught.value
    assert isinstance(error, pickle.PicklingError)
    assert isinstance(error.findings, tuple)
    assert all(isinstance(each, str) and each in str(error) for each in error.findings)
    text = "\n".join(error.findings)
    for part in ("match", "except*", "type", "tomllib", "aiter", "batched"):
        assert part in text
    assert {each.split(" (")[0].split(".")[-1] for each in error.findings} == {"f", "g", "method"}
    assert len(error.findings) == len(set(error.findings)) >= 7


def test_two_functions_are_named_each(module_of):
    module = module_of(
        """
        def first():
            import tomllib

        def second():
            import graphlib
            return anext
        """
    )
    found = findings([module.first, module.second], (3, 9))
    assert len(found) == 2
    assert "first" in found[0] and "tomllib" in found[0] and "3.11" in found[0]
    assert "second" in found[1] and "anext" in found[1] and "3.10" in found[1]


# Nothing is written


def test_nothing_is_written_where_it_is_refused(function):
    good, bad = function("def f():\n    return 1\n"), function("def f():\n    import tomllib\n")
    file = io.BytesIO()
    with pytest.raises(sourcepickle.TargetVersionError):
        sourcepickle.dump([good, "x" * 200_000, bad], file, by_source=True, target_version=(3, 9))
    assert file.getvalue() == b""
    pickler = sourcepickle.Pickler(file, by_source=True, target_version=(3, 9))
    with pytest.raises(sourcepickle.TargetVersionError):
        pickler.dump([good, "x" * 200_000, bad])
    assert file.getvalue() == b""


def test_after_a_refusal_the_pickler_works(function):
    good, bad = function("def f():\n    return 1\n"), function("def f():\n    import tomllib\n")
    shared = ["shared"]
    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True, target_version=(3, 9))
    for _ in range(2):
        with pytest.raises(sourcepickle.TargetVersionError) as caught:
            pickler.dump([shared, good, bad])
        assert len(caught.value.findings) == 1
        assert file.getvalue() == b""
    pickler.clear_memo()
    pickler.dump([shared, good, shared])
    one, f, two = pickle.loads(file.getvalue())
    assert one == shared and two is one
    assert f() == 1


def test_after_a_refusal_the_memo_names_nothing_that_was_not_written(function):
    good, bad = function("def f():\n    return 1\n"), function("def f():\n    import tomllib\n")
    shared = ["shared"]
    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True, target_version=(3, 9))
    with pytest.raises(sourcepickle.TargetVersionError):
        pickler.dump([shared, good, bad])
    pickler.dump([shared, good])
    one, f = pickle.loads(file.getvalue())
    assert one == shared
    assert f() == 1


def test_a_pickler_that_dumps_several_times_writes_each(function):
    f = function("def f():\n    return 1\n")
    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True, target_version=(3, 9))
    pickler.dump([f, 1])
    pickler.dump([f, 2])
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    (one, _), (two, _) = unpickler.load(), unpickler.load()
    assert one is two


# Beyond the grammar: needs, the text of a function, whether it is refused under a target


def check(f, needs, word):
    """Hold that a function is refused before the version it needs and not from it on."""
    for minor in range(9, needs[1]):
        found = findings(f, (3, minor))
        assert len(found) == 1, (minor, found)
        assert word in found[0]
        assert f"3.{needs[1]}" in found[0]
    for minor in range(needs[1], 16):
        assert findings(f, (3, minor)) == (), minor
    assert sourcepickle.minimum_version(f) == needs


UNIONS = {
    "isinstance": "def f(x):\n    return isinstance(x, int | str)\n",
    "issubclass": "def f(x):\n    return issubclass(x, int | str)\n",
    "none": "def f(x):\n    return isinstance(x, int | None)\n",
    "annotation_of_an_inner_def": """
        def f(x):
            def inner(y: int | None):
                return y
            return inner
    """,
    "result_of_an_inner_def": """
        def f(x):
            def inner(y) -> int | str:
                return y
            return inner
    """,
    "subscripted": """
        def f(x):
            def inner(y: list[int] | None):
                return y
            return inner
    """,
}


@pytest.mark.parametrize("name", list(UNIONS))
def test_unions_of_types_evaluated_when_it_runs(function, name):
    check(function(UNIONS[name]), (3, 10), "|")


NO_UNIONS = {
    "local_annotation": "def f(x):\n    y: int | None = x\n    return y\n",
    "integers": "def f(x, y):\n    return 1 | 2, x | y, {1} | {2}, True | False\n",
    "text_annotation": """
        def f(x):
            def inner(y: "int | None") -> "int | str":
                return y
            return inner
    """,
    "future": """
        from __future__ import annotations

        def f(x: int | None) -> int | str:
            def inner(y: int | None) -> int | str:
                return y
            return inner
    """,
    "shadowed": "def f(x, int, str):\n    return int | str\n",
    "flags": "import re\ndef f(x):\n    return re.compile(x, re.I | re.M)\n",
    "typing": "import typing\ndef f(x):\n    def g(y: typing.Optional[int]): ...\n    return g\n",
}


@pytest.mark.parametrize("name", list(NO_UNIONS))
def test_unions_that_are_none_of_types_or_never_evaluated(function, name):
    f = function(NO_UNIONS[name])
    assert findings(f, (3, 9)) == ()
    assert sourcepickle.minimum_version(f) == (3, 9)


NAMES = {
    "module": ((3, 11), "tomllib", "def f():\n    import tomllib\n    return tomllib\n"),
    "module_renamed": ((3, 11), "tomllib", "def f():\n    import tomllib as t\n    return t\n"),
    "from_module": (
        (3, 11),
        "tomllib",
        "def f():\n    from tomllib import loads\n    return loads\n",
    ),
    "submodule": ((3, 14), "string.templatelib", "def f():\n    import string.templatelib\n"),
    "package": ((3, 14), "compression", "def f():\n    from compression import zstd\n"),
    "annotationlib": ((3, 14), "annotationlib", "def f():\n    import annotationlib\n"),
    "name": (
        (3, 12),
        "batched",
        "def f():\n    from itertools import batched\n    return batched\n",
    ),
    "name_renamed": ((3, 10), "pairwise", "def f():\n    from itertools import pairwise as p\n"),
    "name_of_typing": ((3, 11), "Self", "def f():\n    from typing import Self\n"),
    "name_of_datetime": ((3, 11), "UTC", "def f():\n    from datetime import UTC\n"),
    "attribute": (
        (3, 12),
        "batched",
        "import itertools\ndef f(x):\n    return itertools.batched(x)\n",
    ),
    "attribute_renamed": (
        (3, 10),
        "pairwise",
        "import itertools as i\ndef f(x):\n    i.pairwise(x)\n",
    ),
    "attribute_local": (
        (3, 11),
        "cbrt",
        "def f(x):\n    import math\n    return math.cbrt(x)\n",
    ),
    "attribute_of_a_submodule": (
        (3, 12),
        "batched",
        "import itertools\ndef f(x):\n    def g():\n        itertools.batched\n    return g\n",
    ),
    "attribute_in_a_lambda": (
        (3, 11),
        "exp2",
        "import math\ndef f(x):\n    return [lambda y: math.exp2(y)]\n",
    ),
    "attribute_of_a_module_in_a_module": (
        (3, 12),
        "isjunction",
        "import os\ndef f(x):\n    return os.path.isjunction(x)\n",
    ),
    "task_group": (
        (3, 11),
        "TaskGroup",
        "import asyncio\nasync def f():\n    async with asyncio.TaskGroup():\n        pass\n",
    ),
    "anext": ((3, 10), "anext", "async def f(x):\n    return await anext(x)\n"),
    "aiter": ((3, 10), "aiter", "def f(x):\n    return aiter(x)\n"),
    "encoding_warning": ((3, 10), "EncodingWarning", "def f(x):\n    return EncodingWarning\n"),
    "group": ((3, 11), "ExceptionGroup", "def f(x):\n    raise ExceptionGroup('x', x)\n"),
    "finalization": (
        (3, 13),
        "PythonFinalizationError",
        "def f(x):\n    return PythonFinalizationError\n",
    ),
}


@pytest.mark.parametrize("name", list(NAMES))
def test_names_of_the_standard_library_that_the_target_lacks(function, name):
    needs, word, text = NAMES[name]
    check(function(text), needs, word)


REMOVED = {
    "distutils": ((3, 12), "def f():\n    import distutils\n"),
    "distutils_core": ((3, 12), "def f():\n    from distutils.core import setup\n"),
    "imp": ((3, 12), "def f():\n    import imp\n"),
    "asyncore": ((3, 12), "def f():\n    import asyncore\n"),
    "cgi": ((3, 13), "def f():\n    import cgi\n"),
    "telnetlib": ((3, 13), "def f():\n    from telnetlib import Telnet\n"),
    "formatter": ((3, 10), "def f():\n    import formatter\n"),
}


@pytest.mark.parametrize("name", list(REMOVED))
def test_modules_that_newer_targets_lost(function, name):
    gone, text = REMOVED[name]
    f = function(text)
    word = name.split("_")[0]
    for minor in range(9, 16):
        found = findings(f, (3, minor))
        assert len(found) == ((3, minor) >= gone), (minor, found)
        assert all(word in each for each in found)
    assert sourcepickle.minimum_version(f) == (3, 9)


def test_names_that_newer_targets_lost(function):
    f = function("import unittest\ndef f(x):\n    return unittest.makeSuite(x)\n")
    assert findings(f, (3, 12)) == ()
    [found] = findings(f, (3, 13))
    assert "makeSuite" in found


GUARDED = {
    "import_error": """
        def f():
            try:
                import tomllib
            except ImportError:
                import json as tomllib
            return tomllib
    """,
    "module_not_found": """
        def f():
            try:
                from itertools import batched
            except (ModuleNotFoundError, ImportError):
                batched = None
            return batched
    """,
    "bare": "def f():\n    try:\n        import tomllib\n    except:\n        pass\n",
    "attribute_error": """
        import itertools

        def f():
            try:
                return itertools.batched
            except AttributeError:
                return None
    """,
    "name_error": "def f():\n    try:\n        anext\n    except NameError:\n        return 1\n",
    "version": """
        import sys

        def f():
            if sys.version_info >= (3, 11):
                import tomllib
            else:
                tomllib = None
            return tomllib
    """,
    "version_in_else": """
        import sys

        def f():
            if sys.version_info < (3, 12):
                return None
            else:
                from itertools import batched
                return batched
    """,
    "version_in_an_expression": """
        import itertools
        import sys

        def f():
            return itertools.batched if sys.version_info >= (3, 12) else None
    """,
    "version_imported": """
        def f():
            from sys import version_info
            if version_info[:2] >= (3, 10):
                return aiter
    """,
    "hasattr": """
        import itertools

        def f():
            if hasattr(itertools, "batched"):
                return itertools.batched
    """,
    "hasattr_in_an_expression": """
        import itertools

        def f():
            return itertools.batched if hasattr(itertools, "batched") else None
    """,
    "getattr": "import itertools\ndef f():\n    return getattr(itertools, 'batched', None)\n",
    "parameter": "def f(anext, aiter):\n    return anext, aiter\n",
    "local": "def f():\n    aiter = 1\n    return aiter\n",
    "global": "def anext(x):\n    return x\n\ndef f():\n    return anext(1)\n",
    "attribute_of_another_object": "def f(x):\n    return x.batched, x.tomllib, x.removeprefix\n",
    "local_object_named_as_a_module": "def f(itertools):\n    return itertools.batched\n",
    "text": "def f():\n    return 'import tomllib', 'itertools.batched'\n",
    "attribute_that_is_set": "import itertools\ndef f(x):\n    itertools.batched_by_us = x\n",
}


@pytest.mark.parametrize("name", list(GUARDED))
def test_what_is_guarded_or_means_something_else_is_not_refused(function, name):
    f = function(GUARDED[name])
    assert findings(f, (3, 9)) == ()
    assert sourcepickle.minimum_version(f) == (3, 9)


def test_a_guard_covers_no_more_than_its_block(function):
    f = function(
        """
        def f():
            try:
                pass
            except ImportError:
                pass
            import tomllib
        """
    )
    check(f, (3, 11), "tomllib")


def test_a_try_without_a_handler_is_no_guard(function):
    f = function("def f():\n    try:\n        import tomllib\n    finally:\n        pass\n")
    check(f, (3, 11), "tomllib")


def test_a_global_that_is_another_module_than_its_name_says(home):
    home.write(own_itertools="batched = 1\n")
    made = home.write(
        user="import own_itertools as itertools\ndef f():\n    return itertools.batched\n"
    )
    assert findings(made.f, (3, 9), pickle_by_reference={"own_itertools"}) == ()


def test_a_module_that_the_standard_library_does_not_have_is_no_finding(function):
    f = function("def f():\n    import numpy, torch.nn\n    from helpers import x\n")
    assert findings(f, (3, 9)) == ()


# Objects by reference


def by_reference():
    import math
    import typing

    objects = [(itertools, "pairwise", 10), (typing, "Self", 11), (math, "exp2", 11)]
    objects += [(itertools, "batched", 12), (math, "sumprod", 12), (typing, "NoDefault", 13)]
    return [(getattr(m, name), name, minor) for m, name, minor in objects if hasattr(m, name)]


def test_objects_by_reference_that_the_target_lacks():
    found = by_reference()
    assert found or RUNNING == (3, 9)
    for obj, name, minor in found:
        if name in ("Self", "NoDefault"):
            continue
        for target in range(9, 16):
            refused = findings([1, obj], (3, target))
            assert bool(refused) == (target < minor)
            assert all(name in each and f"3.{minor}" in each for each in refused)


@pytest.mark.skipif(RUNNING < (3, 10), reason="has no pairwise")
def test_a_name_imported_at_module_level_is_an_object_by_reference(function):
    f = function("from itertools import pairwise\ndef f(x):\n    return pairwise(x)\n")
    for minor in range(9, 16):
        found = findings(f, (3, minor))
        assert bool(found) == (minor < 10)
        assert all("pairwise" in each for each in found)
    assert sourcepickle.minimum_version(f) == (3, 10)


@pytest.mark.skipif(RUNNING < (3, 11), reason="has no tomllib")
def test_a_module_by_reference(function):
    f = function("import tomllib\ndef f(x):\n    return tomllib.loads(x)\n")
    for minor in range(9, 16):
        found = findings(f, (3, minor))
        assert bool(found) == (minor < 11)
        assert all("tomllib" in each for each in found)


def test_objects_by_reference_that_every_version_has():
    import collections
    import json

    objects = [len, dict, json.dumps, json, collections.OrderedDict, abs, print, ValueError]
    for minor in range(9, 16):
        assert pickle.loads(dumps(objects, (3, minor))) == objects


# Classes, lambdas, methods


def test_methods_and_nested_functions_are_looked_at(module_of):
    module = module_of(
        """
        class C:
            def method(self):
                def inner():
                    return [aiter for _ in self]
                return inner

            @property
            def value(self):
                import tomllib
                return tomllib

            @staticmethod
            def static():
                return [lambda: anext]
        """
    )
    text = "\n".join(findings([module.C()], (3, 9)))
    for part in ("aiter", "tomllib", "anext"):
        assert part in text
    assert findings(module.C, (3, 11)) == ()


def test_a_lambda_is_looked_at(module_of):
    module = module_of("f = [lambda x: aiter(x), lambda x: x]\n")
    [found] = findings(module.f, (3, 9))
    assert "<lambda>" in found and "aiter" in found
    assert findings(module.f[1], (3, 9)) == ()


def test_functions_by_reference_are_not_looked_at(home):
    made = home.write(made="def f():\n    import tomllib\n")
    assert findings(made.f, (3, 9)) == ()
    assert len(findings(made.f, (3, 9), pickle_by_reference=set())) == 1


def test_decorators_defaults_and_own_annotations_are_not_run_again(function):
    f = function(
        """
        import functools

        def decorate(f, _=(lambda: aiter)):
            f.done = True
            return f

        @decorate
        def f(x=getattr(__builtins__, "aiter", None) and 1):
            return x
        """
    )
    assert findings(f, (3, 9)) == ()


# prefer


def executed():
    namespace = {"__name__": __name__}
    exec("def executed(x):\n    return x\n", namespace)
    return namespace["executed"]


def test_with_prefer_bytecode_is_a_finding_for_another_version():
    f = executed()
    for minor in range(9, 16):
        found = findings(f, (3, minor), by_source="prefer")
        assert bool(found) == ((3, minor) != RUNNING)
        assert all("executed" in each for each in found)


def test_without_prefer_a_function_without_text_is_refused_as_before():
    with pytest.raises(sourcepickle.SourceNotFoundError):
        dumps(executed(), RUNNING)


def test_with_prefer_all_findings_are_listed(function):
    other = (3, 9) if RUNNING != (3, 9) else (3, 10)
    f = function("def f():\n    import annotationlib\n")
    found = findings([executed(), f], other, by_source="prefer")
    assert len(found) == 2
    assert "executed" in found[0]
    assert "annotationlib" in found[1]


# minimum_version


def test_the_lowest_version_there_is():
    assert sourcepickle.minimum_version(lambda: 1) == (3, 9)
    assert sourcepickle.minimum_version(findings) >= (3, 9)
    assert type(sourcepickle.minimum_version(lambda: 1)) is tuple


def test_the_version_of_what_a_function_uses_counts(function):
    f = function(
        """
        def g():
            import tomllib
            return tomllib

        def f():
            return g()
        """
    )
    assert sourcepickle.minimum_version(f) == (3, 11)


def test_the_highest_of_several_counts(function):
    f = function("def f(x):\n    import tomllib\n    from itertools import batched\n    aiter\n")
    assert sourcepickle.minimum_version(f) == (3, 12)


def test_a_function_without_text_has_no_minimum():
    with pytest.raises(sourcepickle.SourceNotFoundError):
        sourcepickle.minimum_version(executed())


def test_it_agrees_with_dumps(module_of):
    texts = [text for *_, text in NAMES.values()] + list(UNIONS.values())
    texts += [text for version, _, text in GRAMMAR.values() if version <= RUNNING]
    texts += list(GUARDED.values())
    for number, text in enumerate(texts):
        f = module_of(textwrap.dedent(text), f"sample{number}").f
        minimum = sourcepickle.minimum_version(f)
        dumps(f, minimum)
        if minimum > (3, 9):
            with pytest.raises(sourcepickle.TargetVersionError):
                dumps(f, before(minimum))


# What is not refused runs there


RUNNABLE = """
    import functools
    import itertools
    import math
    import sys

    def f(values):
        total: int | None = None
        def inner(x: "int | None", y: int = 2) -> int:
            return x * y
        if hasattr(itertools, "batched"):
            batches = list(itertools.batched(values, 2))
        else:
            batches = list(zip(values[::2], values[1::2]))
        try:
            from math import cbrt
        except ImportError:
            cbrt = lambda x: x ** (1 / 3)
        if sys.version_info >= (3, 10):
            from itertools import pairwise
        else:
            pairwise = lambda xs: zip(xs, xs[1:])
        return [inner(3), batches, round(cbrt(8)), list(pairwise(values)), total, math.floor(2.5)]
"""


def test_what_is_not_refused_runs_on_the_target(function, received, pythons):
    f = function(RUNNABLE)
    expected = repr(f([1, 2, 3, 4]))
    for version, python in list(pythons.items())[::3]:
        data = dumps(f, (3, int(version[2:])))
        assert received(data, "print(repr(loaded([1, 2, 3, 4])))", python=python) == expected


@pytest.mark.skipif(RUNNING < (3, 10), reason="has no unions of types")
def test_own_annotations_with_unions_load_on_the_target_or_are_refused(function, received, pythons):
    f = function("def f(x: int | None) -> int | str:\n    return x\n")
    if "3.9" in pythons and not findings(f, (3, 9)):
        data = dumps(f, (3, 9))
        assert received(data, "print(loaded(4))", python=pythons["3.9"]) == "4"


def test_a_target_goes_with_the_other_options(home, received, pythons):
    helpers = home.write(helpers="def g(x):\n    return x * 2\n")

    def f(x):
        return helpers.g(x)

    data = dumps(f, (3, 9), pickle_by_reference=set(), standalone=True)
    python = next(iter(pythons.values()))
    assert received(data, "print(loaded(4))", python=python, folders=[]) == "8"


def test_the_minimum_version_of_an_importable_function_is_that_of_its_text(home):
    made = home.write(
        made="""
        import itertools, threading
        from functools import lru_cache
        LOCK = threading.Lock()
        def helper(x):
            with LOCK:
                return itertools.pairwise(x)
        def f(x):
            return helper(x)
        class C:
            def method(self):
                return f(1)
        cached = lru_cache(f)
        def plain():
            return 1
        """
    )
    for user in (made.f, made.helper, made.C, made.C().method, made.cached):
        assert sourcepickle.minimum_version(user) == (3, 10)
    assert sourcepickle.minimum_version(made.plain) == (3, 9)


def test_a_module_of_the_users_is_not_taken_for_the_standard_one_of_its_name(home, monkeypatch):
    for name in ("asynchat", "parser"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    made = home.write(
        asynchat="X = 1\n",
        parser____init__="Y = 2\n",
        parser__expr="Z = 3\n",
        made="""
        import asynchat
        import parser.expr
        def f():
            from asynchat import X
            import parser.expr
            return X, parser.expr.Z, asynchat.X
        """,
    )
    rules = [None, lambda obj: obj.__module__ in ("asynchat", "parser")]
    for rule in rules:
        for target in ((3, 9), (3, 15)):
            sourcepickle.dumps(
                made.f, by_source=True, pickle_by_reference=rule, target_version=target
            )
    assert sourcepickle.minimum_version(made.f) == (3, 9)


@pytest.mark.parametrize("test", ["NEW", "not supports(3)", "'x' in dir(itertools)"])
def test_what_a_flag_of_the_module_decides_is_no_finding(home, test):
    made = home.write(
        made=f"""
        import itertools
        import sys
        NEW = sys.version_info >= (3, 12)
        def supports(minor):
            return NEW
        def f(x):
            if {test}:
                return itertools.batched(x, 2)
            return x
        """
    )
    assert sourcepickle.minimum_version(made.f) == (3, 9)


@pytest.mark.parametrize(
    ("body", "minimum"),
    [
        ("return isinstance(x, A | None)", (3, 10)),
        ("return isinstance(x, (A | B, int))", (3, 10)),
        ("def g(y: A | int) -> None: pass", (3, 10)),
        ("return FLAGS | MORE", (3, 9)),
        ("return WithOr | A", (3, 9)),
        ("return x | None", (3, 9)),
    ],
)
def test_unions_of_classes_are_told_from_other_unions(home, body, minimum):
    made = home.write(
        made=f"""
        FLAGS, MORE = 1, 2
        class A: pass
        class B: pass
        class Meta(type):
            def __or__(cls, other): return 1
        class WithOr(metaclass=Meta): pass
        def f(x):
            {body}
        """
    )
    assert sourcepickle.minimum_version(made.f) == minimum
