"""What would travel, how and why, told without pickling."""

import abc
import collections
import contextlib
import functools
import json
import math
import pickle
import re
import sys
import textwrap
import threading
import types

import pytest
import sourcepickle

HOW = {"by reference", "by source", "by bytecode", "by value", "refused"}
HELPERS = """
    COUNT = 0

    def bump():
        global COUNT
        COUNT += 1
        return COUNT

    class Plain:
        def method(self):
            return bump()
"""


@pytest.fixture
def helpers(home):
    return home.write(helpers=HELPERS)


def made_by_exec(text="def f(x):\n    return x + 1\n", name="f"):
    namespace = {"__name__": __name__}
    exec(text, namespace)
    return namespace[name]


def plain(x):
    return x


def local_function():
    def f(x):
        return x * 2

    return f


def items(obj, **options):
    """Return the plan's items by the name of their object."""
    plan = sourcepickle.plan(obj, **options)
    found = {item.object.__name__: item for item in plan}
    assert len(found) == len(plan)
    return found


def test_one_function_is_one_item():
    f = local_function()
    [item] = sourcepickle.plan(f, by_source=True)
    assert item.object is f
    assert item.kind == "function"
    assert item.name == f"{__name__}.local_function.<locals>.f"
    assert item.how == "by source"
    assert isinstance(item.why, str) and item.why
    assert item.place == f"{__file__}:{f.__code__.co_firstlineno}"


def test_an_item_is_a_named_tuple():
    [item] = sourcepickle.plan(local_function(), by_source=True)
    assert item._fields == ("object", "kind", "name", "how", "why", "place")
    obj, kind, *_ = item
    assert (obj, kind) == (item.object, item.kind)
    assert isinstance(item, sourcepickle.Item)


def test_a_plan_is_a_sequence():
    plan = sourcepickle.plan([local_function(), local_function()], by_source=True)
    assert isinstance(plan, sourcepickle.Plan)
    assert isinstance(plan, (list, tuple))
    assert len(plan) == 2
    assert [plan[0], plan[1]] == list(plan)
    assert plan[-1].how == "by source"


@pytest.mark.parametrize("by_source", [False, True, "prefer"])
@pytest.mark.parametrize("obj", [3, "text", [1, {2: None}], (), math.pi, b"bytes"])
def test_data_is_no_item(obj, by_source):
    plan = sourcepickle.plan(obj, by_source=by_source)
    assert len(plan) == 0
    assert not plan
    assert isinstance(str(plan), str)


@pytest.mark.parametrize(
    ("by_source", "how"), [(False, "by bytecode"), (True, "by source"), ("prefer", "by source")]
)
def test_a_function_with_text(by_source, how):
    [item] = sourcepickle.plan(local_function(), by_source=by_source)
    assert item.how == how


@pytest.mark.parametrize(
    ("by_source", "how"), [(False, "by bytecode"), (True, "refused"), ("prefer", "by bytecode")]
)
def test_a_function_without_text(by_source, how):
    f = made_by_exec()
    [item] = sourcepickle.plan(f, by_source=by_source)
    assert (item.how, item.object, item.kind) == (how, f, "function")
    assert item.why


def test_without_options_it_is_cloudpickles_way():
    f = local_function()
    assert [item.how for item in sourcepickle.plan([f, plain, math])] == (
        [item.how for item in sourcepickle.plan([f, plain, math], by_source=False)]
    )
    assert sourcepickle.plan(f)[0].how == "by bytecode"


@pytest.mark.parametrize("by_source", [False, True, "prefer"])
def test_importable_things_go_by_reference(helpers, by_source):
    objects = [helpers.bump, helpers.Plain, json.dumps, collections.OrderedDict]
    plan = sourcepickle.plan(objects, by_source=by_source)
    assert [item.object for item in plan] == objects
    assert {item.how for item in plan} == {"by reference"}
    assert [item.kind for item in plan] == ["function", "class", "function", "class"]
    assert [item.name for item in plan] == [
        "helpers.bump",
        "helpers.Plain",
        "json.dumps",
        "collections.OrderedDict",
    ]


def test_the_standard_library_is_the_reason():
    found = items(
        [json.dumps, abc.ABC, json, helpers_free()],
        by_source=True,
        pickle_by_reference=lambda obj: False,
    )
    for name in ("dumps", "ABC", "json"):
        assert found[name].how == "by reference"
        assert "standard library" in found[name].why


def helpers_free():
    return local_function()


def test_the_answer_is_the_reason(helpers):
    rule = lambda obj: obj.__module__ == "helpers"  # noqa: E731
    found = items([helpers.bump, plain], by_source=True, pickle_by_reference=rule)
    assert found["bump"].how == "by reference"
    assert "pickle_by_reference" in found["bump"].why
    assert "True" in found["bump"].why
    assert found["plain"].how == "by source"
    assert "False" in found["plain"].why


def test_a_listed_package_is_the_reason(helpers):
    found = items([helpers.bump, plain], by_source=True, pickle_by_reference={"helpers"})
    assert found["bump"].how == "by reference"
    assert found["plain"].how == "by source"
    assert "helpers" in found["bump"].why


def test_what_no_module_has_says_so():
    [item] = sourcepickle.plan(local_function(), by_source=True)
    assert "no import" in item.why or "no module" in item.why


def test_registering_is_a_reason(helpers):
    sourcepickle.register_pickle_by_value(helpers)
    try:
        [item] = sourcepickle.plan(helpers.bump, by_source=True)
    finally:
        sourcepickle.unregister_pickle_by_value(helpers)
    assert item.how == "by source"
    assert "register" in item.why


@pytest.mark.parametrize(("answer", "how"), [(True, "by reference"), (False, "by value")])
def test_modules_are_items(helpers, answer, how):
    plan = sourcepickle.plan(
        [helpers, helpers], by_source=True, pickle_by_reference=lambda obj: answer
    )
    item = plan[0]
    assert (item.object, item.kind, item.name, item.how) == (helpers, "module", "helpers", how)
    assert [each.object for each in plan].count(helpers) == 1
    if not answer:
        assert {each.name for each in plan} >= {"helpers.bump", "helpers.Plain"}


def test_classes_are_items_and_so_are_their_methods():
    class Local:
        def method(self):
            return plain

    found = items(Local, by_source=True, pickle_by_reference=lambda obj: obj is plain)
    assert (found["Local"].kind, found["Local"].how) == ("class", "by value")
    assert (found["method"].kind, found["method"].how) == ("function", "by source")
    assert (found["plain"].kind, found["plain"].how) == ("function", "by reference")


def test_the_class_of_an_instance_is_an_item():
    class Local:
        pass

    item, *rest = sourcepickle.plan([Local(), Local()], by_source=True)
    assert item.object is Local
    assert [each.object for each in rest if each.object is not object] == []
    assert item.how == "by value"


def test_what_functions_use_is_in_the_plan_in_order(module_of):
    module = module_of(
        """
        import json

        def third():
            return json

        def second():
            return third()

        def first():
            return second(), recursive(3)

        def recursive(n):
            return recursive(n - 1) if n else 0
        """
    )
    plan = sourcepickle.plan([module.first, module.third], by_source=True)
    names = [item.object.__name__ for item in plan]
    assert sorted(names) == ["first", "json", "recursive", "second", "third"]
    assert names[0] == "first"
    assert names.index("second") < names.index("third") < names.index("json")


def test_each_object_is_one_item(helpers):
    f = local_function()
    objects = [f, [f, helpers.Plain], {"f": f}, helpers.Plain(), helpers.Plain, json, json]
    plan = sourcepickle.plan(objects, by_source=True)
    assert [item.object for item in plan] == [f, helpers.Plain, json]


def test_the_order_is_that_in_which_pickle_meets_them():
    functions = [local_function() for _ in range(5)]
    plan = sourcepickle.plan(functions[::-1], by_source=True)
    assert [item.object for item in plan] == functions[::-1]


def test_closures_defaults_and_attributes_are_met():
    captured, default, attached = local_function(), local_function(), local_function()

    def f(x=default):
        return captured(x)

    f.attached = attached
    plan = sourcepickle.plan(f, by_source=True)
    assert plan[0].object is f
    assert {id(item.object) for item in plan} == set(map(id, [f, captured, default, attached]))


# Refusals


def rule_that_raises(obj):
    raise ValueError("a very odd object")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (rule_that_raises, "a very odd object"),
        (lambda obj: 1, "1"),
        (lambda obj: None, "None"),
        (lambda obj: True, "import"),
    ],
)
def test_what_is_refused_is_an_item_with_the_reason(rule, reason):
    f = local_function()
    for by_source in (False, True, "prefer"):
        plan = sourcepickle.plan([f], by_source=by_source, pickle_by_reference=rule)
        [item] = plan
        assert (item.object, item.how) == (f, "refused")
        assert reason in item.why
        assert reason in str(plan)


def test_the_rest_is_planned_after_a_refusal():
    refused = made_by_exec()
    plan = sourcepickle.plan([refused, local_function(), made_by_exec(), plain], by_source=True)
    assert [item.how for item in plan] == ["refused", "by source", "refused", "by reference"]


def test_what_a_refused_function_uses_does_not_stop_the_plan():
    used = local_function()
    refused = made_by_exec("def f():\n    return used()\n")
    refused.__globals__["used"] = used
    plan = sourcepickle.plan([refused, used], by_source=True)
    assert [item.object for item in plan if item.how == "refused"] == [refused]
    assert [item.how for item in plan if item.object is used] == ["by source"]


def test_a_type_implemented_in_c_that_nothing_imports_is_refused():
    made = type(functools.cmp_to_key(None))
    [item] = sourcepickle.plan(made, by_source=True)
    assert (item.object, item.kind, item.how) == (made, "class", "refused")
    assert " C" in item.why


def test_an_edited_file_is_a_refusal(home):
    edited = home.write(edited="def f():\n    return 1\n")
    edited.f.__name__ = "f"
    (home.folder / "edited.py").write_text("def f():\n    return 'another'\n")
    [item] = sourcepickle.plan(edited.f, by_source=True, pickle_by_reference=set())
    assert item.how == "refused"
    assert item.why


def test_an_interruption_passes_through():
    def rule(obj):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sourcepickle.plan(local_function(), pickle_by_reference=rule)


def test_an_object_that_nobody_pickles_is_told_and_does_not_stop_the_plan():
    f, other = local_function(), local_function()
    f.lock = threading.Lock()
    plan = sourcepickle.plan([f, threading.Lock(), other], by_source=True)
    assert "cannot pickle '_thread.lock' object" in str(plan)
    assert {f, other} <= {item.object for item in plan if item.how == "by source"}


@pytest.mark.parametrize("wrong", ["numpy", {"a.b"}, 5, {1}])
def test_wrong_options_are_errors(wrong):
    with pytest.raises((TypeError, ValueError)):
        sourcepickle.plan(1, pickle_by_reference=wrong)


def test_wrong_values_of_by_source_are_errors():
    with pytest.raises(ValueError):
        sourcepickle.plan(1, by_source="source")
    with pytest.raises(ValueError):
        sourcepickle.plan(1, by_source=False, target_version=(3, 9))
    with pytest.raises(ValueError):
        sourcepickle.plan(1, by_source=True, target_version=(3, 8))


# What it has to do with dumps


def everything():
    class Local(collections.OrderedDict):
        def method(self):
            return json.dumps(1)

    return {
        "local": local_function(),
        "class": Local,
        "instance": Local(),
        "lambda": lambda: plain,
        "exec": made_by_exec(),
        "c": type(functools.cmp_to_key(None)),
        "module": json,
        "built-in": len,
        "cached": functools.lru_cache(maxsize=None)(plain),
    }


@pytest.mark.parametrize("by_source", [True, "prefer"])
@pytest.mark.parametrize(
    "rule", [None, lambda o: False, lambda o: True, lambda o: 1, {"json"}], ids=str
)
@pytest.mark.parametrize("name", list(everything()))
def test_a_refusal_in_the_plan_is_an_error_of_dumps(name, rule, by_source):
    obj = everything()[name]
    plan = sourcepickle.plan(obj, by_source=by_source, pickle_by_reference=rule)
    assert {item.how for item in plan} <= HOW
    refused = [item for item in plan if item.how == "refused"]
    try:
        sourcepickle.dumps(obj, by_source=by_source, pickle_by_reference=rule)
    except pickle.PicklingError:
        assert refused != []
    else:
        assert refused == []


def test_the_callable_is_asked_once_per_object(helpers):
    asked = []

    def rule(obj):
        asked.append(obj)
        return False

    f = local_function()
    sourcepickle.plan([f, f, helpers.Plain, helpers.Plain(), json], pickle_by_reference=rule)
    assert asked.count(f) == asked.count(helpers.Plain) == 1
    assert json not in asked


def test_a_plan_changes_nothing(helpers):
    class Local:
        def method(self):
            return helpers.bump

    f = local_function()
    options = {"by_source": True, "pickle_by_reference": set()}
    before = sourcepickle.dumps([f, Local, helpers], **options)
    attributes = dict(vars(Local)), dict(vars(f)), dict(vars(helpers))
    sourcepickle.plan([f, Local, helpers], **options)
    assert (dict(vars(Local)), dict(vars(f)), dict(vars(helpers))) == attributes
    assert sourcepickle.dumps([f, Local, helpers], **options) == before
    assert sys.modules["helpers"] is helpers


def test_a_deep_graph_is_no_crash():
    deep = local_function()
    for _ in range(100_000):
        deep = [deep]
    with contextlib.suppress(pickle.PicklingError, RecursionError):
        sourcepickle.plan(deep, by_source=True)


# As text


def test_the_table_has_a_line_per_item(helpers):
    plan = sourcepickle.plan(
        [local_function(), helpers.Plain, made_by_exec(), json], by_source=True
    )
    lines = str(plan).splitlines()
    for item in plan:
        [line] = [
            line for line in lines if item.name in re.split(r"\s{2,}|\s\|\s|\t", line.strip())
        ]
        assert item.how in line
        assert item.why in line
        assert item.place is None or item.place in line


def test_the_columns_of_the_table_are_aligned(helpers):
    plan = sourcepickle.plan([local_function(), helpers.Plain, json.dumps], by_source=True)
    lines = [line for line in str(plan).splitlines() if "by reference" in line]
    assert len({line.index("by reference") for line in lines}) == 1


def test_a_place_is_a_file_and_a_line_or_nothing(helpers):
    found = items([helpers.bump, len, local_function()], by_source=True)
    for item in found.values():
        assert item.place is None or re.fullmatch(r".+:\d+", item.place)
    assert found["f"].place.startswith(__file__)


def test_a_target_version_refuses_in_the_plan(module_of):
    module = module_of(
        textwrap.dedent(
            """
            def f(xs):
                import tomllib
                return tomllib
            """
        )
    )
    plan = sourcepickle.plan([module.f, local_function()], by_source=True, target_version=(3, 9))
    assert [item.how for item in plan] == ["refused", "by source"]
    assert "3.11" in plan[0].why
    assert sourcepickle.plan(module.f, by_source=True, target_version=(3, 11))[0].how == (
        "by source"
    )


class Odd(type):
    def __getattribute__(cls, name):
        if name in ("__module__", "__qualname__"):
            raise RuntimeError(name)
        return super().__getattribute__(name)


def test_objects_that_say_nothing_of_themselves_are_items_too():
    generator = (each for each in ())
    nameless = types.ModuleType("nameless")
    del nameless.__name__
    odd = Odd("Odd", (), {})
    for obj in (generator, nameless, odd):
        told = sourcepickle.plan([obj, local_function()], by_source=True)
        assert obj in [item.object for item in told] and str(told)


def test_what_the_target_lacks_is_told_of_code_objects_too(tmp_path):
    if sys.version_info < (3, 10):
        pytest.skip("has no match statement")
    path = tmp_path / "made.py"
    path.write_text("def f(x):\n    match x:\n        case 1:\n            return 2\n")
    names = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    code = names["f"].__code__
    [item] = sourcepickle.plan(code, by_source=True, target_version=(3, 9))
    assert item.how == "refused" and "match statement" in item.why
    with pytest.raises(sourcepickle.TargetVersionError):
        sourcepickle.dumps(code, by_source=True, target_version=(3, 9))
