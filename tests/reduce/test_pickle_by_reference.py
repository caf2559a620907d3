"""What travels by reference: cloudpickle's rule, a callable's answers, a collection of packages."""

import abc
import asyncio
import collections
import dataclasses
import datetime
import enum
import fnmatch
import functools
import io
import itertools
import json
import math
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import types
import typing
import xml.etree.ElementTree

import cloudpickle
import pydantic_core
import pytest
import sourcepickle
from coverage import tracer

HELPERS = """
    import dataclasses
    import enum
    import typing

    COUNT = 0
    T = typing.TypeVar("T")

    def bump(by=1):
        global COUNT
        COUNT += by
        return COUNT

    def triple(x):
        return scale(x, 3)

    def scale(x, by):
        return x * by

    half = lambda x: x / 2

    def adder(n):
        def add(x):
            return x + n
        return add

    class Plain:
        def __init__(self, x=1):
            self.x = x

        def method(self):
            return self.x

        @classmethod
        def made(cls):
            return cls(5)

        @staticmethod
        def static():
            return "static"

        @property
        def double(self):
            return 2 * self.x

        class Inner:
            def name(self):
                return type(self).__qualname__

    @dataclasses.dataclass
    class Point:
        x: int = 0
        y: int = 0

        def sum(self):
            return self.x + self.y

    class Color(enum.Enum):
        RED = 1
        BLUE = 2
"""
# What functools and typing made is told from functions and classes by its type.
LIBRARY_MADE = """
    import functools
    import typing

    UserId = typing.NewType("UserId", int)

    @functools.lru_cache(maxsize=None)
    def cached(x):
        return x + 1
"""
ANYTHING = [False, True, "prefer"]
BY_SOURCE = [True, "prefer"]


def yes(obj):
    return True


def no(obj):
    return False


class Asked(list):
    """A callable that notes what it is asked."""

    def __init__(self, answer):
        self.answer = answer

    def __call__(self, obj):
        self.append(obj)
        return self.answer(obj)


@pytest.fixture
def helpers(home):
    return home.write(helpers=HELPERS)


@pytest.fixture
def library_made(home):
    return home.write(library_made=LIBRARY_MADE)


@pytest.fixture
def how(home):
    """Return a function that says whether a process without the home folder can load an object."""

    def find(obj, **options):
        data = sourcepickle.dumps(obj, **options)
        with home.away():
            try:
                pickle.loads(data)
            except ModuleNotFoundError:
                return "by reference"
        return "by value"

    return find


@pytest.fixture
def registered(helpers):
    sourcepickle.register_pickle_by_value(helpers)
    yield helpers
    sourcepickle.unregister_pickle_by_value(helpers)


# cloudpickle's rule


@pytest.mark.parametrize("by_source", ANYTHING)
def test_without_a_rule_importable_things_go_by_reference(helpers, how, by_source):
    for obj in (helpers.triple, helpers.Plain, helpers.Color.RED, helpers):
        assert how(obj, by_source=by_source) == "by reference"
        assert how(obj, by_source=by_source, pickle_by_reference=None) == "by reference"


@pytest.mark.parametrize("by_source", ANYTHING)
def test_without_a_rule_registered_modules_go_by_value(registered, how, by_source):
    for obj in (registered.triple, registered.Plain, registered.Color.RED, registered.Plain()):
        assert how(obj, by_source=by_source) == "by value"


def test_without_a_rule_local_things_go_by_value(helpers):
    def local():
        return helpers

    data = sourcepickle.dumps([local, lambda: 5], by_source=True, pickle_by_reference=None)
    loaded, five = pickle.loads(data)
    assert loaded is not local
    assert loaded() is helpers
    assert five() == 5


@pytest.mark.parametrize("protocol", [None, *range(2, pickle.HIGHEST_PROTOCOL + 1)])
def test_without_a_rule_and_source_the_bytes_are_cloudpickles(registered, home, protocol):
    other = home.write(other="def f(): pass\nclass C: pass\n")
    alone = types.ModuleType("alone")
    objects = [
        [registered.triple, registered.Plain, registered.Color.BLUE, registered.Point(1, 2)],
        [other, other.f, other.C, other.C()],
        [math, json, alone, lambda: helpers_of_nobody],  # noqa: F821
        [registered.adder(3), registered.half, registered.Plain().method],
    ]
    for obj in objects:
        data = sourcepickle.dumps(obj, protocol, by_source=False, pickle_by_reference=None)
        assert data == cloudpickle.dumps(obj, protocol)


# the callable


def test_the_checker_of_the_proposal(tmp_path, home, received, pure_package, pythons, two_others):
    shared = tmp_path / "shared"
    shared.mkdir()
    numpy = "def mean(values):\n    return sum(values) / len(values)\n\nclass ndarray(list): pass\n"
    (shared / "numpy.py").write_text(numpy)
    home.write(numpy=numpy)
    helpers = home.write(
        helpers="""
            import numpy as np

            CALLS = 0

            class Array(np.ndarray):
                def mean(self):
                    return average(self)

            def average(values):
                global CALLS
                CALLS += 1
                return np.mean(values)
        """
    )
    import numpy as np

    remote_packages = {"torch", "numpy", "transformers"}

    def my_checker(obj):
        module = getattr(obj, "__module__", None)
        if module is None:
            return False
        top_level = module.split(".")[0]
        return top_level in remote_packages

    def work(values):
        array = helpers.Array(np.ndarray(values))
        return helpers.average(values), np.mean(values), array.mean(), helpers.CALLS

    program = """
        print(loaded([1, 2, 6]), "numpy" in sys.modules, "helpers" in sys.modules)
    """
    expected = "(3.0, 3.0, 3.0, 2) True False"
    for by_source in BY_SOURCE:
        data = sourcepickle.dumps(work, by_source=by_source, pickle_by_reference=my_checker)
        folders = [pure_package, shared]
        assert received(data, program, folders=folders) == expected
        for version in two_others if by_source is True else []:
            assert received(data, program, python=pythons[version], folders=folders) == expected
    data = sourcepickle.dumps(work, pickle_by_reference=my_checker)
    program = "print(loaded([1, 2, 6])[:3])"
    assert received(data, program, folders=[shared], flags=()) == "(3.0, 3.0, 3.0)"


@pytest.mark.parametrize("by_source", ANYTHING)
def test_the_answer_decides(helpers, how, by_source):
    objects = [
        helpers.triple,
        helpers.Plain,
        helpers.Plain(),
        helpers.Plain().method,
        helpers.Plain.static,
        helpers.Plain.Inner,
        helpers.Plain.Inner(),
        helpers.Point,
        helpers.Point(1, 2),
        helpers.Color,
        helpers.Color.RED,
        helpers.T,
        helpers,
    ]
    # In this order, because cloudpickle gives a class that it knows its methods anew on load.
    for answer, expected in [(yes, "by reference"), (no, "by value")]:
        for obj in objects:
            found = how(obj, by_source=by_source, pickle_by_reference=answer)
            assert (obj, found) == (obj, expected)


@pytest.mark.parametrize("by_source", ANYTHING)
@pytest.mark.parametrize("rule", [yes, {"helpers"}], ids=["yes", "collection"])
def test_a_class_method_goes_where_its_class_goes(helpers, how, by_source, rule):
    made = helpers.Plain.made
    data = sourcepickle.dumps(made, by_source=by_source, pickle_by_reference=rule)
    assert pickle.loads(data)().x == 5
    assert how(made, by_source=by_source, pickle_by_reference=rule) == "by reference"
    assert how(made, by_source=by_source, pickle_by_reference=no) == "by value"


def test_what_goes_by_reference_is_the_object_itself(helpers):
    objects = [helpers.triple, helpers.Plain, helpers.Plain.Inner, helpers.Color]
    objects += [helpers.T, helpers, helpers.half.__class__, helpers.Color.BLUE]
    data = sourcepickle.dumps(objects, by_source=True, pickle_by_reference=yes)
    assert all(a is b for a, b in zip(pickle.loads(data), objects))


def test_what_goes_by_value_works_without_the_module(helpers, home, received):
    objects = {name: value for name, value in vars(helpers).items() if not name.startswith("__")}
    for name in ("dataclasses", "enum", "typing"):
        del objects[name]
    objects.update(added=helpers.adder(5), instance=helpers.Plain(3), point=helpers.Point(2, 3))
    objects.update(bound=helpers.Plain(4).method, made=helpers.Plain.made, red=helpers.Color.RED)
    data = sourcepickle.dumps(objects, by_source=True, pickle_by_reference=no)
    program = """
        g = loaded
        print(g["triple"](2), g["half"](3), g["adder"](1)(2), g["added"](1))
        print(g["instance"].method(), g["instance"].double, type(g["instance"]) is g["Plain"])
        print(g["bound"](), g["made"]().x, g["Plain"].static(), g["Plain"].Inner().name())
        print(g["point"].sum(), g["point"] == g["Point"](2, 3), g["red"] is g["Color"](1))
        print(g["T"].__name__, g["bump"](), g["bump"]())
        print("helpers" in sys.modules)
    """
    assert received(data, program).splitlines() == [
        "6 1.5 3 6",
        "3 6 True",
        "4 5 static Plain.Inner",
        "5 True True",
        "T 1 2",
        "False",
    ]


@pytest.mark.parametrize("by_source", ANYTHING)
def test_functions_wrappers_and_classes_are_what_is_asked_about(helpers, by_source):
    asked = Asked(yes)
    objects = [helpers.triple, helpers.Plain, helpers.Point, helpers.Color]
    data = [*objects, helpers.Color.RED, helpers.Plain(), 3, "text", {"k": (1.5, None)}]
    sourcepickle.dumps(data, by_source=by_source, pickle_by_reference=asked)
    assert list(asked) == objects


@pytest.mark.parametrize("by_source", ANYTHING)
@pytest.mark.parametrize("answer", [yes, no])
def test_each_object_is_asked_about_once_in_a_dump(helpers, by_source, answer):
    def user():
        return helpers.triple(1), helpers.Plain

    def rule(obj):
        return obj is not user and answer(obj)

    shown = [helpers.triple, helpers.scale, helpers.Plain, helpers.Color]
    for _ in range(2):
        asked = Asked(rule)
        data = [shown, shown[::-1], list(shown), helpers.Plain(1), helpers.Plain(2), helpers, user]
        data += [helpers.Color.RED, helpers.Color.BLUE, {helpers.Plain: helpers.triple}, helpers]
        sourcepickle.dumps(data, by_source=by_source, pickle_by_reference=asked)
        counts = collections.Counter(
            (obj.__module__, "<module>") if obj.__name__ == "<module>" else id(obj) for obj in asked
        )
        assert set(counts.values()) == {1}
        assert {*map(id, shown), ("helpers", "<module>"), id(user)} <= set(counts)


def test_a_rule_that_changes_its_mind_is_held_to_its_first_answer(helpers, how):
    answers = {}

    def fickle(obj):
        if obj is not helpers.Plain:
            return False
        answers[obj] = not answers.get(obj, False)
        return answers[obj]

    data = [helpers.Plain, helpers.Plain(), [helpers.Plain(2)]]
    assert how(data, by_source=True, pickle_by_reference=fickle) == "by reference"
    assert how(data, by_source=True, pickle_by_reference=fickle) == "by value"


NEVER_ASKED = [
    len,
    {}.get,
    int,
    dict,
    type,
    object,
    type(None),
    math.sqrt,
    itertools.count,
    datetime.datetime,
    textwrap.dedent,
    collections.OrderedDict,
    collections.abc.Mapping,
    abc.ABC,
    abc.ABCMeta,
    abc.abstractmethod,
    enum.Enum,
    enum.EnumMeta,
    json.JSONDecoder,
    functools.partial,
    functools.lru_cache,
    dataclasses.dataclass,
    types.FunctionType,
    types.SimpleNamespace,
    typing.Generic,
    typing.NamedTuple,
    typing.AnyStr,
    fnmatch._compile_pattern,
    os.path.join,
    subprocess.Popen,
    asyncio.sleep,
    xml.etree.ElementTree.Element,
    ValueError,
    sourcepickle.dumps,
    sourcepickle.Pickler,
    sourcepickle.SourceNotFoundError,
    sourcepickle.register_pickle_by_value,
    cloudpickle.dumps,
    cloudpickle.CloudPickler,
    pydantic_core.from_json,
    pydantic_core.SchemaValidator,
    math,
    json,
    os.path,
    xml.etree.ElementTree,
    sys,
    sourcepickle,
    cloudpickle,
    tracer,
    pydantic_core._pydantic_core,
]


@pytest.mark.parametrize("by_source", ANYTHING)
@pytest.mark.parametrize("obj", NEVER_ASKED, ids=lambda obj: getattr(obj, "__name__", str(obj)))
def test_what_cannot_travel_by_value_is_not_asked_about(obj, by_source):
    asked = Asked(no)
    data = sourcepickle.dumps(obj, by_source=by_source, pickle_by_reference=asked)
    assert list(asked) == []
    loaded = pickle.loads(data)
    assert loaded is obj or loaded(3, 4) == obj(3, 4) == 4


@pytest.mark.parametrize("by_source", ANYTHING)
def test_a_c_type_that_no_import_gives_is_refused_at_the_dump(by_source):
    with pytest.raises((sourcepickle.NotPortableError, sourcepickle.NotImportableError)):
        data = sourcepickle.dumps(
            type(functools.cmp_to_key(None)), by_source=by_source, pickle_by_reference=no
        )
        assert pickle.loads(data) is type(functools.cmp_to_key(None)), "loaded as another type"


@pytest.mark.parametrize("by_source", ANYTHING)
@pytest.mark.parametrize("rule", [set(), no], ids=["empty", "no"])
def test_code_that_uses_the_standard_library_travels_without_it(helpers, by_source, rule):
    def work(text):
        return textwrap.dedent(text), json.loads("[1]"), math.sqrt(4), tracer.__name__

    data = sourcepickle.dumps(work, by_source=by_source, pickle_by_reference=rule)
    loaded = pickle.loads(data)
    assert loaded is not work
    assert loaded("  a") == ("a", [1], 2.0, "coverage.tracer")


@pytest.mark.parametrize("by_source", ANYTHING)
def test_bases_of_the_standard_library_are_not_asked_about(by_source):
    class Base(abc.ABC, typing.Generic[typing.AnyStr]):
        @abc.abstractmethod
        def method(self): ...

    class Kind(str, enum.Enum):
        A = "a"

    class Derived(Base, collections.OrderedDict):
        def method(self):
            return Kind.A, super().__len__()

    asked = Asked(no)
    data = sourcepickle.dumps([Derived, Kind], by_source=by_source, pickle_by_reference=asked)
    assert {obj.__module__ for obj in asked} == {__name__}
    assert pickle.loads(data)[0]().method() == (Kind.A, 0)


def test_what_the_standard_library_made_for_a_module_goes_where_the_module_goes(home, how):
    made = home.write(
        made="""
            import collections
            import contextlib
            import functools

            Pair = collections.namedtuple("Pair", "a b")

            @contextlib.contextmanager
            def entered():
                yield 4

            @functools.singledispatch
            def shown(x):
                return "any"

            @shown.register(int)
            def _(x):
                return "int"

            @functools.wraps(len)
            def wrapped(x):
                return shown(x)

            len_of_text = wrapped
            wrapped.__name__ = wrapped.__qualname__ = "len_of_text"
            wrapped.__module__ = __name__
        """
    )
    for obj in (made.Pair, made.Pair(1, 2), made.entered, made.shown, made.len_of_text):
        assert how(obj, by_source=True, pickle_by_reference=yes) == "by reference"
        assert how(obj, by_source=True, pickle_by_reference=no) == "by value"
    data = sourcepickle.dumps(made, by_source=True, pickle_by_reference=no)
    with home.away():
        loaded = pickle.loads(data)
        with loaded.entered() as entered:
            assert entered == 4
        assert [loaded.shown(1), loaded.shown("")] == ["int", "any"]


@pytest.mark.parametrize("by_source", ANYTHING)
@pytest.mark.parametrize("answer", [yes, no])
def test_type_variables_follow_their_module(helpers, how, by_source, answer):
    expected = "by reference" if answer is yes else "by value"
    assert how(helpers.T, by_source=by_source, pickle_by_reference=answer) == expected


@pytest.mark.skipif(sys.version_info < (3, 10), reason="a new type is a function of typing's")
@pytest.mark.parametrize("by_source", BY_SOURCE)
def test_new_types_follow_their_module(library_made, how, by_source):
    new_type = library_made.UserId
    assert how(new_type, by_source=by_source, pickle_by_reference=yes) == "by reference"
    assert how(new_type, by_source=by_source, pickle_by_reference=no) == "by value"


@pytest.mark.parametrize("by_source", BY_SOURCE)
def test_caching_wrappers_are_asked_about(library_made, home, how, by_source):
    cached = library_made.cached
    asked = Asked(yes)
    data = sourcepickle.dumps(cached, by_source=by_source, pickle_by_reference=asked)
    assert list(asked) == [cached]
    assert pickle.loads(data) is cached
    assert how(cached, by_source=by_source, pickle_by_reference=no) == "by value"
    assert how(cached, by_source=by_source, pickle_by_reference={"other"}) == "by value"
    data = sourcepickle.dumps(cached, by_source=by_source, pickle_by_reference=no)
    with home.away():
        loaded = pickle.loads(data)
        assert [loaded(1), loaded(1), loaded.cache_info().hits] == [2, 2, 1]


@pytest.mark.parametrize("by_source", ANYTHING)
def test_a_caching_wrapper_that_no_import_gives(by_source):
    assert_not_importable(functools.lru_cache()(lambda: 1), "<lambda>", __name__, modes=[by_source])


def test_type_variables_follow_a_collection(helpers, how):
    assert how(helpers.T, by_source=True, pickle_by_reference={"helpers"}) == "by reference"
    assert how(helpers.T, by_source=True, pickle_by_reference={"other"}) == "by value"


@pytest.mark.skipif(sys.version_info < (3, 10), reason="has no ParamSpec")
def test_parameter_specifications_follow_their_module(home, how):
    made = home.write(made="import typing\nP = typing.ParamSpec('P')\n")
    assert how(made.P, by_source=True, pickle_by_reference=yes) == "by reference"
    assert how([made.P], by_source=True, pickle_by_reference={"made"}) == "by reference"


def test_a_class_by_value_of_a_base_by_reference(home, helpers, how):
    derived = home.write(
        derived="""
            import helpers

            class Derived(helpers.Plain):
                def method(self):
                    return super().method() + 1
        """
    )
    data = sourcepickle.dumps(
        derived.Derived(2), by_source=True, pickle_by_reference=lambda o: o.__module__ == "helpers"
    )
    del sys.modules["derived"]
    os.remove(home.folder / "derived.py")
    loaded = pickle.loads(data)
    assert loaded.method() == 3
    assert isinstance(loaded, helpers.Plain)


def test_a_class_whose_answer_is_no_takes_its_instances_and_members_along(helpers, how):
    def rule(obj):
        return obj is not helpers.Color and obj is not helpers.Plain

    assert how(helpers.Color.RED, by_source=True, pickle_by_reference=rule) == "by value"
    assert how(helpers.Point(), by_source=True, pickle_by_reference=rule) == "by reference"


def test_annotations_and_defaults_follow_the_rule_too(home, helpers, how):
    user = home.write(
        user="""
            import helpers

            def f(x=helpers.Plain, *, y: helpers.Point = None):
                return x
        """
    )
    rule = {"helpers"}
    assert how(user.f, by_source=True, pickle_by_reference=rule) == "by reference"
    assert how(user.f, by_source=True, pickle_by_reference=no) == "by value"


@pytest.mark.parametrize("by_source", ANYTHING)
def test_the_rule_goes_before_what_was_registered(registered, how, by_source):
    assert how(registered.triple, by_source=by_source, pickle_by_reference=yes) == "by reference"
    assert how(registered.Plain, by_source=by_source, pickle_by_reference={"helpers"}) == (
        "by reference"
    )


def test_a_callable_can_be_any_callable(helpers, how):
    class Rule:
        def __call__(self, obj):
            return obj.__module__ == "helpers"

        def check(self, obj):
            return self(obj)

    partial = functools.partial(lambda names, obj: obj.__module__ in names, {"helpers"})
    for rule in (Rule(), Rule().check, partial, functools.lru_cache(maxsize=None)(yes)):
        assert how(helpers.triple, by_source=True, pickle_by_reference=rule) == "by reference"


def test_hostile_classes_are_asked_about_like_others(home):
    made = home.write(
        made="""
            class Meta(type):
                def __eq__(cls, other):
                    raise RuntimeError("never compared")

                __hash__ = type.__hash__

                def __bool__(cls):
                    raise RuntimeError("never judged")

            class Hostile(metaclass=Meta):
                def method(self):
                    return 6
        """
    )
    asked = []

    def rule(obj):
        asked.append(id(obj))
        return True

    data = sourcepickle.dumps(made.Hostile, by_source=True, pickle_by_reference=rule)
    assert asked == [id(made.Hostile)]
    assert pickle.loads(data) is made.Hostile
    data = sourcepickle.dumps([made.Hostile()], by_source=True, pickle_by_reference=no)
    assert pickle.loads(data)[0].method() == 6


# modules


def test_a_module_is_asked_about_as_code_that_lives_in_it(helpers):
    asked = Asked(yes)
    sourcepickle.dumps([helpers, helpers], by_source=True, pickle_by_reference=asked)
    [code] = asked
    assert isinstance(code, types.FunctionType)
    assert code.__module__ == "helpers"
    assert code.__name__ == "<module>"
    assert code.__globals__ is vars(helpers)


def test_packages_and_their_modules_are_asked_about_one_by_one(home):
    home.write(shop__init="from . import state\n", shop__state="N = 0\n")
    shop = sys.modules["shop"]
    asked = Asked(lambda obj: True)
    sourcepickle.dumps([shop, shop.state], by_source=True, pickle_by_reference=asked)
    assert [code.__module__ for code in asked] == ["shop", "shop.state"]
    asked = Asked(lambda obj: False)
    sourcepickle.dumps([shop, shop.state], by_source=True, pickle_by_reference=asked)
    assert sorted(code.__module__ for code in asked) == ["shop", "shop.state"]


@pytest.mark.parametrize("by_source", BY_SOURCE)
def test_a_module_by_value_is_a_module_of_its_own(helpers, home, by_source):
    data = sourcepickle.dumps([helpers], by_source=by_source, pickle_by_reference=no)
    with home.away():
        [loaded] = pickle.loads(data)
        assert "helpers" not in sys.modules
        assert isinstance(loaded, types.ModuleType)
        assert loaded.__name__ == "helpers"
        assert loaded is not helpers
        assert [loaded.bump(), loaded.bump(2), loaded.COUNT] == [1, 3, 3]
        loaded.COUNT = 10
        assert loaded.bump() == 11
        assert "helpers" not in sys.modules
    assert helpers.COUNT == 0
    assert sys.modules["helpers"] is helpers


@pytest.mark.parametrize("by_source", BY_SOURCE)
def test_a_module_by_value_is_one_object_in_a_payload(helpers, home, by_source):
    def count():
        helpers.bump()
        return helpers.COUNT

    def other():
        return helpers

    bump, triple = helpers.bump, helpers.triple
    data = [count, other, bump, helpers, {"module": helpers}, triple]
    orders = [data, data[::-1], [bump, triple, helpers, count, other], [count, bump, triple]]
    for objects in orders:
        payload = sourcepickle.dumps(objects, by_source=by_source, pickle_by_reference=no)
        with home.away():
            loaded = dict(zip(map(str, objects), pickle.loads(payload)))
            assert loaded[str(count)]() == 1
            assert loaded[str(bump)]() == 2
            assert loaded[str(count)]() == 3
            module = loaded[str(other)]() if other in objects else None
            for obj in objects:
                if obj is helpers:
                    assert loaded[str(helpers)] is module
            if module is not None:
                assert loaded[str(bump)].__globals__ is vars(module)
                assert module.bump.__globals__ is vars(module)
                assert module.bump is loaded[str(bump)]
        assert helpers.COUNT == 0


def test_module_state_is_the_senders_at_the_dump(helpers, home):
    helpers.bump(7)
    data = sourcepickle.dumps([helpers, helpers.bump], by_source=True, pickle_by_reference=no)
    helpers.bump(7)
    with home.away():
        first, second = pickle.loads(data), pickle.loads(data)
        assert first[1]() == 8
        assert first[0].COUNT == 8
        assert second[0].COUNT == 7


@pytest.mark.parametrize("by_source", BY_SOURCE)
def test_module_state_works_after_registering(registered, home, by_source):
    def count():
        registered.bump()
        return registered.COUNT

    data = sourcepickle.dumps([count, registered.bump, registered], by_source=by_source)
    with home.away():
        loaded, bump, module = pickle.loads(data)
        assert [loaded(), bump(), loaded(), module.COUNT] == [1, 2, 3, 3]
        assert bump.__globals__ is vars(module)


def test_modules_that_hold_one_another_arrive_so(home):
    home.write(first="import second\nX = 1\n", second="import first\nY = 2\n")
    first = sys.modules.get("first") or __import__("first")
    data = sourcepickle.dumps(first, by_source=True, pickle_by_reference=no)
    with home.away():
        loaded = pickle.loads(data)
        assert loaded.second.first is loaded
        assert (loaded.X, loaded.second.Y) == (1, 2)


def test_a_module_by_value_that_holds_one_by_reference(home, helpers):
    user = home.write(user="import helpers, math\ndef f():\n    return helpers, math\n")
    rule = lambda obj: obj.__module__ == "helpers"  # noqa: E731
    data = sourcepickle.dumps(user, by_source=True, pickle_by_reference=rule)
    os.remove(home.folder / "user.py")
    del sys.modules["user"]
    loaded = pickle.loads(data)
    assert loaded.helpers is helpers
    assert loaded.f() == (helpers, math)


def test_a_module_that_nothing_imports_cannot_go_by_reference():
    alone = types.ModuleType("alone_and_made_up")
    alone.X = 4
    with pytest.raises(sourcepickle.NotImportableError, match="alone_and_made_up"):
        sourcepickle.dumps(alone, by_source=True, pickle_by_reference=yes)
    data = sourcepickle.dumps(alone, by_source=True, pickle_by_reference=no)
    assert pickle.loads(data).X == 4


SHOP = {
    "shop__init": "VERSION = 3\n",
    "shop__state": "N = 0\ndef bump():\n    global N\n    N += 1\n    return N\n",
    "shop__unused": "X = 1\n",
    "shop__deep__init": "from ..state import bump as bumped\n",
    "shop__deep__leaf": """
        from .. import state

        def climb():
            from ..state import bump
            from . import bumped
            return bump() if bumped is bump else None
    """,
    "shop__work": """
        def relative():
            from . import state
            return state.bump()

        def relative_name():
            from .state import bump
            return bump()

        def renamed():
            from .state import bump as b
            return b()

        def absolute():
            import shop.state
            return shop.state.bump()

        def absolute_renamed():
            import shop.state as s
            return s.bump()

        def absolute_name():
            from shop.state import bump
            return bump()

        def of_the_package():
            from shop import state, VERSION
            return state.bump() if VERSION == 3 else None

        def package_only():
            import shop
            return shop.state.bump()

        def nested():
            def inner():
                from . import state
                return state.bump()
            return inner()

        def in_a_class():
            class Body:
                from . import state
            return Body.state.bump()

        def generator():
            from . import state
            yield state.bump()

        def generated():
            return next(generator())

        async def coroutine():
            from . import state
            return state.bump()

        def awaited():
            import asyncio
            return asyncio.run(coroutine())

        class Worker:
            def method(self):
                from .state import bump
                return bump()

        def of_a_method():
            return Worker().method()

        def of_a_submodule():
            from .deep.leaf import climb
            return climb()

        def of_two_dots():
            import shop.deep.leaf as leaf
            return leaf.climb()

        def with_the_standard_library():
            import json, os.path
            from . import state
            return json.loads(str(state.bump())) if os.path.sep else None

        def in_a_try():
            try:
                from .state import bump
            except ImportError:
                return "the fallback"
            return bump()

        def in_a_handler():
            try:
                1 / 0
            except ZeroDivisionError:
                import shop.state as s
            return s.bump()

        def under_a_version():
            import sys
            if sys.version_info >= (3, 0):
                from . import state
            return state.bump()

        def not_imported_at_home():
            from . import unused
            return unused.X

        def guarded():
            try:
                from . import unused
            except ImportError:
                return 1
            return unused
    """,
}
SHOP_FUNCTIONS = [
    "relative",
    "relative_name",
    "renamed",
    "absolute",
    "absolute_renamed",
    "absolute_name",
    "of_the_package",
    "package_only",
    "nested",
    "in_a_class",
    "generated",
    "awaited",
    "of_a_submodule",
    "of_two_dots",
    "with_the_standard_library",
    "in_a_try",
    "in_a_handler",
    "under_a_version",
    "guarded",
]


@pytest.fixture
def shop(home):
    work = home.write(**SHOP)
    __import__("shop.state")
    __import__("shop.deep.leaf")
    return work


@pytest.mark.parametrize("by_source", BY_SOURCE)
@pytest.mark.parametrize("name", SHOP_FUNCTIONS)
def test_an_import_in_a_function_finds_the_module_that_travelled(shop, home, name, by_source):
    data = sourcepickle.dumps(getattr(shop, name), by_source=by_source, pickle_by_reference=no)
    with home.away():
        assert pickle.loads(data)() == 1
        assert "shop" not in sys.modules


@pytest.mark.parametrize("by_source", BY_SOURCE)
@pytest.mark.parametrize("name", SHOP_FUNCTIONS)
def test_an_import_finds_the_module_after_registering(shop, home, name, by_source):
    package = sys.modules["shop"]
    sourcepickle.register_pickle_by_value(package)
    try:
        data = sourcepickle.dumps(getattr(shop, name), by_source=by_source)
    finally:
        sourcepickle.unregister_pickle_by_value(package)
    with home.away():
        assert pickle.loads(data)() == 1
        assert "shop" not in sys.modules


@pytest.mark.parametrize("by_source", BY_SOURCE)
def test_an_import_in_a_method_finds_the_module_that_travelled(shop, received, by_source):
    objects = [shop.of_a_method, shop.Worker, shop.relative]
    data = sourcepickle.dumps(objects, by_source=by_source, pickle_by_reference=no)
    program = "f, worker, relative = loaded; print(f(), worker().method(), relative())"
    assert received(data, program) == "1 2 3"


def test_imports_in_functions_share_the_module_with_the_rest_of_the_payload(shop, home):
    state = sys.modules["shop.state"]
    objects = [getattr(shop, name) for name in SHOP_FUNCTIONS if name != "guarded"]
    data = [*objects, state, sys.modules["shop"]]
    payload = sourcepickle.dumps(data, by_source=True, pickle_by_reference=no)
    with home.away():
        *functions, loaded_state, package = pickle.loads(payload)
        assert [f() for f in functions] == list(range(1, len(functions) + 1))
        assert len(functions) == loaded_state.N
        assert package.state is loaded_state
    assert state.N == 0


def test_an_import_of_what_the_sender_had_not_imported_fails_as_imports_do(shop, home):
    data = sourcepickle.dumps(shop.not_imported_at_home, by_source=True, pickle_by_reference=no)
    with home.away():
        loaded = pickle.loads(data)
        with pytest.raises(ImportError):
            loaded()


def test_bytecode_of_a_caching_wrapper_by_value_is_refused(library_made):
    with pytest.raises(sourcepickle.NotPortableError, match="by_source=True"):
        sourcepickle.dumps(library_made.cached, by_source=False, pickle_by_reference=no)
    data = sourcepickle.dumps(library_made.cached, by_source=False, pickle_by_reference=yes)
    assert pickle.loads(data) is library_made.cached


@pytest.mark.parametrize("by_source", BY_SOURCE)
def test_an_import_in_a_function_of_a_script(helpers, home, by_source):
    def script():
        import helpers
        from helpers import COUNT, triple

        helpers.bump()
        return triple(COUNT + 1), helpers.COUNT

    data = sourcepickle.dumps(script, by_source=by_source, pickle_by_reference=no)
    with home.away():
        loaded = pickle.loads(data)
        assert loaded() == (3, 1)
        assert loaded() == (6, 2)
        assert "helpers" not in sys.modules


def test_an_import_of_a_module_by_reference_is_an_import(helpers, home):
    def script():
        import helpers

        return helpers

    data = sourcepickle.dumps(script, by_source=True, pickle_by_reference={"helpers"})
    assert pickle.loads(data)() is helpers
    with home.away():
        loaded = pickle.loads(data)
        with pytest.raises(ModuleNotFoundError):
            loaded()


def test_a_module_of_that_name_on_the_receiver_is_left_alone(
    shop, pure_package, tmp_path, received
):
    own = tmp_path / "own"
    (own / "shop").mkdir(parents=True)
    (own / "shop" / "__init__.py").write_text("WHOSE = 'the receiver'\n")
    (own / "shop" / "state.py").write_text("def bump():\n    return -1\n")
    names = ["relative", "absolute", "package_only"]
    data = [getattr(shop, name) for name in names]
    data = sourcepickle.dumps(data, by_source=True, pickle_by_reference=no)
    program = """
        print([f() for f in loaded])
        import shop.state
        print(shop.WHOSE, shop.state.bump())
        print([f() for f in loaded], hasattr(shop, "VERSION"))
    """
    answer = received(data, program, folders=[pure_package, own])
    assert answer.splitlines() == ["[1, 2, 3]", "the receiver -1", "[4, 5, 6] False"]


def test_two_payloads_have_modules_of_their_own(shop, home):
    data = sourcepickle.dumps(shop.relative, by_source=True, pickle_by_reference=no)
    with home.away():
        first, second = pickle.loads(data), pickle.loads(data)
        assert [first(), first(), second()] == [1, 2, 1]


# errors


@pytest.mark.parametrize("by_source", ANYTHING)
def test_a_generic_alias_is_no_class(by_source):
    data = sourcepickle.dumps(list[int], by_source=by_source, pickle_by_reference={"os"})
    assert pickle.loads(data) == list[int]


@pytest.mark.parametrize("by_source", ANYTHING)
@pytest.mark.parametrize(
    "error", [ValueError("odd"), AttributeError("x"), pickle.PicklingError("p"), RecursionError()]
)
def test_an_exception_in_the_callable(helpers, error, by_source):
    def rule(obj):
        raise error

    with pytest.raises(sourcepickle.PickleByReferenceError, match=r"triple") as caught:
        sourcepickle.dumps([helpers.triple], by_source=by_source, pickle_by_reference=rule)
    assert caught.value.__cause__ is error
    assert "helpers" in str(caught.value)
    assert isinstance(caught.value, pickle.PicklingError)


def test_an_exception_about_a_module_names_it(helpers):
    def rule(obj):
        raise ValueError("odd")

    with pytest.raises(sourcepickle.PickleByReferenceError, match="helpers"):
        sourcepickle.dumps(helpers, by_source=True, pickle_by_reference=rule)


class Stopped(BaseException):
    pass


@pytest.mark.parametrize("by_source", ANYTHING)
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, Stopped])
def test_what_is_no_error_passes_through(helpers, error, by_source):
    def rule(obj):
        raise error

    for obj in (helpers.triple, helpers.Plain, helpers):
        with pytest.raises(error):
            sourcepickle.dumps([obj], by_source=by_source, pickle_by_reference=rule)


class Truthy:
    def __bool__(self):
        return True

    def __repr__(self):
        return "np.True_"


class Undecided:
    def __bool__(self):
        raise ValueError("ambiguous")

    def __eq__(self, other):
        raise ValueError("ambiguous")

    __hash__ = None


class Nameless:
    def __repr__(self):
        raise RuntimeError("no name")


@pytest.mark.parametrize("by_source", ANYTHING)
@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (1, "1"),
        (0, "0"),
        (None, "None"),
        ("yes", "'yes'"),
        ([], r"\[\]"),
        (NotImplemented, "NotImplemented"),
        (Truthy(), "np.True_"),
        (Undecided(), "Undecided"),
        (Nameless(), "Nameless"),
    ],
)
def test_an_answer_that_is_no_bool(helpers, answer, named, by_source):
    for obj, name in ((helpers.triple, "triple"), (helpers.Plain, "Plain"), (helpers, "helpers")):
        with pytest.raises(sourcepickle.PickleByReferenceError, match=named) as caught:
            sourcepickle.dumps([obj], by_source=by_source, pickle_by_reference=lambda obj: answer)
        assert name in str(caught.value)
        assert "helpers" in str(caught.value)
        assert isinstance(caught.value, pickle.PicklingError)


def test_a_callable_of_the_wrong_signature(helpers):
    with pytest.raises(sourcepickle.PickleByReferenceError) as caught:
        sourcepickle.dumps(helpers.triple, pickle_by_reference=lambda: True)
    assert isinstance(caught.value.__cause__, TypeError)


def assert_not_importable(obj, *named, rule=yes, modes=ANYTHING):
    for by_source in modes:
        with pytest.raises(sourcepickle.NotImportableError) as caught:
            sourcepickle.dumps([obj], by_source=by_source, pickle_by_reference=rule)
        assert isinstance(caught.value, pickle.PicklingError)
        for name in named:
            assert name in str(caught.value)


def test_lambdas_and_local_things_cannot_go_by_reference(helpers):
    class Local:
        pass

    assert_not_importable(helpers.half, "<lambda>", "helpers")
    assert_not_importable(helpers.adder(1), "add", "helpers")
    assert_not_importable(Local, "Local", __name__)
    assert_not_importable(Local(), "Local", __name__)


def test_what_the_module_no_longer_holds_cannot_go_by_reference(helpers):
    triple, inner, plain = helpers.triple, helpers.Plain.Inner, helpers.Plain
    del helpers.triple
    del plain.Inner
    assert_not_importable(triple, "triple", "helpers")
    assert_not_importable(inner, "Inner", "helpers")
    helpers.Plain = lambda: None
    helpers.triple = triple.__class__
    assert_not_importable(plain, "Plain", "helpers")
    assert_not_importable(plain(), "Plain", "helpers")
    assert_not_importable(triple, "triple", "helpers")


@pytest.mark.parametrize("rule", [{"helpers"}, ["other", "helpers"]])
def test_what_a_listed_package_does_not_hold_is_an_error(helpers, rule):
    scale, color = helpers.scale, helpers.Color
    helpers.scale = len
    del helpers.Color
    assert_not_importable(scale, "scale", "helpers", rule=rule)
    assert_not_importable(color.RED, "Color", "helpers", rule=rule)


def test_a_decorated_function_does_not_hide_the_plain_one(home):
    made = home.write(
        made="""
            import functools

            def kept(f):
                @functools.wraps(f)
                def wrapper(*a):
                    return f(*a)
                return wrapper

            @kept
            def f():
                return 1
        """
    )
    data = sourcepickle.dumps(made.f, by_source=True, pickle_by_reference={"made"})
    assert pickle.loads(data) is made.f
    assert_not_importable(made.f.__wrapped__, "f", "made", rule={"made"})


def test_a_lying_module_is_not_believed(helpers):
    triple = helpers.triple
    for lie in ("os", "json", "no_such_module", "helpers.no_such_module", "..", "a b", ""):
        triple.__module__ = lie
        if lie not in ("os", "json"):
            assert_not_importable(triple, "triple", lie)
        data = sourcepickle.dumps(triple, by_source=True, pickle_by_reference=no)
        loaded = pickle.loads(data)
        assert loaded is not triple
        assert loaded(2) == 6


@pytest.mark.parametrize("module", [None, 5])
def test_a_local_function_without_a_module(module):
    def f():
        return 3

    f.__module__ = module
    assert_not_importable(f, "f")
    for rule in (no, set(), {"helpers"}):
        data = sourcepickle.dumps(f, by_source=True, pickle_by_reference=rule)
        assert pickle.loads(data)() == 3


def test_things_of_a_script_cannot_go_by_reference(run_python):
    program = """
        import sourcepickle

        def f():
            return 1

        class C:
            pass

        for obj in (f, C, C()):
            for by_source in (False, True, "prefer"):
                try:
                    sourcepickle.dumps(
                        obj, by_source=by_source, pickle_by_reference=lambda obj: True
                    )
                except sourcepickle.NotImportableError as error:
                    print("__main__" in str(error), getattr(obj, "__name__", "C") in str(error))
    """
    assert run_python(program).splitlines() == ["True True"] * 9


def test_an_error_leaves_a_pickler_that_works(helpers):
    answers = {helpers.triple: 1, helpers.scale: True}
    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True, pickle_by_reference=answers.get)
    with pytest.raises(sourcepickle.PickleByReferenceError):
        pickler.dump(helpers.triple)
    file.seek(0)
    file.truncate()
    pickler.clear_memo()
    pickler.dump(helpers.scale)
    assert pickle.loads(file.getvalue()) is helpers.scale
    answers[helpers.triple] = True
    pickler.dump(helpers.triple)


# collections


COLLECTIONS = [set, frozenset, list, tuple]


@pytest.mark.parametrize("by_source", ANYTHING)
@pytest.mark.parametrize("kind", COLLECTIONS)
def test_a_collection_of_packages(helpers, home, how, kind, by_source):
    sub = home.write(shop__init="", shop__sub="def f():\n    return 1\nclass C: pass\n")
    for names, in_helpers, in_shop in [
        (["helpers"], "by reference", "by value"),
        (["shop", "numpy"], "by value", "by reference"),
        (["helpers", "shop"], "by reference", "by reference"),
        (["help", "sho", "sub", "helpers_", "HELPERS"], "by value", "by value"),
        ([], "by value", "by value"),
    ]:
        rule = kind(names)
        for obj in (helpers.triple, helpers.Plain, helpers.Point(), helpers):
            assert how(obj, by_source=by_source, pickle_by_reference=rule) == in_helpers
        for obj in (sub.f, sub.C, sub.C(), sub, sys.modules["shop"]):
            assert how(obj, by_source=by_source, pickle_by_reference=rule) == in_shop


@pytest.mark.parametrize("by_source", ANYTHING)
def test_what_a_listed_packages_functions_made_goes_by_value(helpers, home, by_source):
    local = home.write(
        local="""
            def make():
                class Local:
                    def method(self):
                        return outer()
                return Local

            def outer():
                return 7

            nameless = [lambda: outer()]
        """
    )
    objects = [helpers.half, helpers.adder(2), local.make(), local.nameless[0]]
    rule = {"helpers", "local"}
    data = sourcepickle.dumps(objects, by_source=by_source, pickle_by_reference=rule)
    half, add, cls, nameless = pickle.loads(data)
    assert half is not helpers.half
    assert half(3) == 1.5
    assert add(1) == 3
    assert cls().method() == nameless() == 7
    data = sourcepickle.dumps(helpers.half, by_source=by_source, pickle_by_reference={"helpers"})
    with home.away():
        assert pickle.loads(data)(4) == 2


@pytest.mark.parametrize("names", [{"sys"}, {"json"}, {"sourcepickle", "cloudpickle"}])
def test_names_that_go_by_reference_anyway_may_be_listed(names, helpers, how):
    assert how(helpers.triple, by_source=True, pickle_by_reference=names) == "by value"
    data = sourcepickle.dumps([json.loads, len, math], by_source=True, pickle_by_reference=names)
    assert pickle.loads(data) == [json.loads, len, math]


WRONG = [
    "numpy",
    "",
    b"numpy",
    5,
    3.5,
    True,
    False,
    {"numpy.linalg"},
    ["torch", "numpy.linalg"],
    {1},
    {None},
    ("numpy", b"torch"),
    [["numpy"]],
]


@pytest.mark.parametrize("by_source", ANYTHING)
@pytest.mark.parametrize("rule", WRONG, ids=repr)
def test_a_wrong_collection_is_an_error_at_once(rule, by_source):
    with pytest.raises((TypeError, ValueError)):
        sourcepickle.Pickler(io.BytesIO(), by_source=by_source, pickle_by_reference=rule)
    with pytest.raises((TypeError, ValueError)):
        sourcepickle.dumps(1, by_source=by_source, pickle_by_reference=rule)
    file = io.BytesIO()
    with pytest.raises((TypeError, ValueError)):
        sourcepickle.dump(1, file, by_source=by_source, pickle_by_reference=rule)
    assert file.getvalue() == b""


def test_the_errors_about_a_collection_say_what_is_wrong():
    with pytest.raises((TypeError, ValueError), match=r"numpy\.linalg"):
        sourcepickle.dumps(1, pickle_by_reference={"numpy.linalg"})
    with pytest.raises((TypeError, ValueError), match="numpy"):
        sourcepickle.dumps(1, pickle_by_reference="numpy")
    with pytest.raises((TypeError, ValueError), match="5"):
        sourcepickle.dumps(1, pickle_by_reference=["numpy", 5])


# picklers


def test_the_rule_is_the_fifth_argument(helpers):
    file = io.BytesIO()
    sourcepickle.Pickler(file, None, None, True, {"helpers"}).dump(helpers.triple)
    assert pickle.loads(file.getvalue()) is helpers.triple
    data = sourcepickle.dumps(helpers.triple, None, None, True, {"helpers"})
    assert data == file.getvalue()
    other = io.BytesIO()
    sourcepickle.dump(helpers.triple, other, None, None, True, {"helpers"})
    assert other.getvalue() == data


def test_a_rule_that_pickles_what_it_is_asked_about(helpers, how):
    def size(obj, rule):
        return len(sourcepickle.dumps(obj, by_source=True, pickle_by_reference=rule))

    def rule(obj):
        if obj.__name__ != "<module>":
            cloudpickle.dumps(obj)
            assert size(obj, no) > 10
        return obj.__module__ == "helpers"

    def user():
        return helpers.triple(2), helpers.Plain().x

    for by_source in ANYTHING:
        data = sourcepickle.dumps(
            [user, helpers.Point(1, 2)], by_source=by_source, pickle_by_reference=rule
        )
        loaded, point = pickle.loads(data)
        assert loaded() == (6, 1)
        assert point == helpers.Point(1, 2)


def test_a_rule_that_uses_the_same_pickler_class_for_its_own_rule(helpers, home):
    def inner(obj):
        return obj.__module__ == "helpers"

    def outer(obj):
        data = sourcepickle.dumps(helpers.triple, by_source=True, pickle_by_reference=inner)
        assert pickle.loads(data) is helpers.triple
        return False

    data = sourcepickle.dumps([helpers.triple, helpers.scale], pickle_by_reference=outer)
    with home.away():
        assert pickle.loads(data)[0](3) == 9


@pytest.mark.parametrize("by_source", ANYTHING)
def test_a_pickler_used_several_times(helpers, by_source):
    asked = Asked(lambda obj: obj.__module__ == "helpers")

    def user():
        return helpers.triple

    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=by_source, pickle_by_reference=asked)
    pickler.dump([user, helpers.Plain])
    first = len(asked)
    pickler.dump([user, helpers.Plain, helpers.Color])
    again = [id(obj) for obj in asked[first:]]
    assert len(again) == len(set(again))
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    one, two = unpickler.load(), unpickler.load()
    assert one[0] is two[0]
    assert one[0]() is helpers.triple
    assert two[2] is helpers.Color


def test_after_its_memo_is_cleared_a_pickler_asks_again(helpers, home):
    answer = True
    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True, pickle_by_reference=lambda obj: answer)
    pickler.dump(helpers.triple)
    pickler.clear_memo()
    answer = False
    start = file.tell()
    pickler.dump(helpers.triple)
    assert pickle.loads(file.getvalue()) is helpers.triple
    with home.away():
        assert pickle.loads(file.getvalue()[start:])(1) == 3


@pytest.mark.parametrize("by_source", ANYTHING)
def test_a_subclass_of_the_pickler(helpers, by_source):
    class Pickler(sourcepickle.Pickler):
        def __init__(self, file, names):
            self.names = names
            super().__init__(file, by_source=by_source, pickle_by_reference=self.remote)

        def remote(self, obj):
            return obj.__module__ in self.names

        def reducer_override(self, obj):
            if obj is helpers.Color:
                return str, ("a color",)
            return super().reducer_override(obj)

    file = io.BytesIO()
    Pickler(file, {"helpers"}).dump([helpers.triple, helpers.Color, closure(2)])
    triple, color, f = pickle.loads(file.getvalue())
    assert triple is helpers.triple
    assert color == "a color"
    assert f(1) == 3


def closure(k):
    return lambda x: x + k


def test_threads_with_rules_of_their_own(helpers, home):
    failed = []

    def work(n):
        expected = n % 2 == 0
        rule = {"helpers"} if expected else (lambda obj: False)
        for _ in range(50):
            data = sourcepickle.dumps(helpers.triple, by_source=True, pickle_by_reference=rule)
            if (pickle.loads(data) is helpers.triple) is not expected:
                failed.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("by_source", ANYTHING)
def test_every_protocol(helpers, home, by_source, protocol):
    objects = [helpers, helpers.bump, helpers.Plain(4), helpers.Plain.Inner]
    data = sourcepickle.dumps(objects, protocol, by_source=by_source, pickle_by_reference=no)
    with home.away():
        module, bump, instance, inner = pickle.loads(data)
        assert bump() == 1
        assert by_source is False or module.COUNT == 1
        assert instance.method() == 4
        assert inner().name() == "Plain.Inner"
    data = sourcepickle.dumps(objects, protocol, by_source=by_source, pickle_by_reference=yes)
    assert pickle.loads(data)[:2] == [helpers, helpers.bump]
