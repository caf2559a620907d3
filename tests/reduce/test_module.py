"""Modules that travel by value, where they are no plain modules or their surroundings are odd."""

import builtins
import pickle
import sys
from unittest import mock

import attr
import pytest
import sourcepickle


def by_value(obj):
    return False


def dumps(obj, rule=by_value):
    return sourcepickle.dumps(obj, by_source=True, pickle_by_reference=rule)


def test_a_module_keeps_its_class(home):
    lazy = home.write(
        lazy="""
        import sys
        import types
        N = 3
        class Lazy(types.ModuleType):
            @property
            def twice(self):
                return N * 2
        sys.modules[__name__].__class__ = Lazy
        """
    )
    payload = dumps(lazy)
    with home.away():
        loaded = pickle.loads(payload)
        assert loaded.twice == 6
        assert (type(loaded).__name__, loaded.__name__) == ("Lazy", "lazy")
        assert pickle.loads(sourcepickle.dumps(loaded, by_source=True)).twice == 6


def test_what_a_module_does_about_attributes_is_not_asked(home):
    home.write(
        strict="""
        def __getattr__(name):
            raise ImportError(name)
        VALUE = 4
        """
    )

    def f():
        return strict.VALUE

    import strict

    assert pickle.loads(sourcepickle.dumps(f, by_source=True))() == 4
    assert pickle.loads(dumps(f))() == 4


def test_builtins_are_those_of_the_moment(home):
    user = home.write(
        user="""
        def f():
            import user
            return user.g()
        def g():
            return open("nowhere"), added
        """
    )
    payload = dumps([user.f, user.g, user])
    with home.away():
        f, g, _ = pickle.loads(payload)
        with (
            mock.patch("builtins.open", lambda path: path),
            mock.patch.object(builtins, "added", 1, create=True),
        ):
            assert f() == g() == ("nowhere", 1)
        with pytest.raises((NameError, FileNotFoundError)):
            f()


@pytest.mark.parametrize(
    "statement",
    [
        "import top.part\n return top.part.N",
        "import top.part as p\n return p.N",
        "from top import part\n return part.N",
        "from top.part import N\n return N",
        "import top.part\n return top.part.N + top.OWN - 5",
    ],
)
def test_a_module_by_value_in_a_package_by_reference(home, statement):
    home.write(top____init__="OWN = 5\n", top__part="N = 1\n")
    user = home.write(user=f"def f():\n {statement}\n")

    def rule(obj):
        return obj.__module__ == "top"

    payload = dumps(user.f, rule)
    sys.modules["top.part"].N = 2  # Not what the payload brings.
    assert pickle.loads(payload)() == 1
    assert sys.modules["top"].part.N == 2


def test_a_function_of_a_module_gives_the_same_bytes_at_every_hop(home):
    cfg = home.write(
        cfg="""
        A = 1
        def f(x):
            return A + B + C + x
        B = 2
        C = 3
        """
    )
    first = dumps([cfg.f, cfg])
    with home.away():
        second = sourcepickle.dumps(pickle.loads(first), by_source=True)
        assert second == first
        assert sourcepickle.dumps(pickle.loads(second), by_source=True) == first


def test_a_module_that_came_by_value_is_not_taken_for_its_namesake_here(home):
    edition = home.write(edition="N = 1\ndef f():\n    return N\n")
    payload = dumps([edition.f, edition])
    edition.N = 2  # What is here is another one.
    f, module = pickle.loads(sourcepickle.dumps(pickle.loads(payload), by_source=True))
    assert (f(), module.N, f.__globals__ is vars(module)) == (1, 1, True)


@pytest.mark.parametrize("name", ["_io", "_collections_abc", "_decimal", "os.path", "zipimport"])
@pytest.mark.parametrize("rule", [by_value, {"numpy"}, None], ids=["no", "list", "None"])
def test_a_standard_module_under_another_name_is_imported(name, rule):
    __import__(name)
    module = sys.modules[name]
    payload = dumps(module, rule)
    assert pickle.loads(payload) is module
    assert len(payload) < 100


@pytest.mark.parametrize("rule", [{"attr"}, lambda obj: obj.__module__.split(".")[0] == "attr"])
def test_classes_of_attrs_travel_where_attrs_is_by_reference(home, rule):
    made = home.write(
        made="""
        import attr
        @attr.s(auto_attribs=True, order=True)
        class Point:
            x: int
            y: int = 2
        """
    )
    payload = dumps(made.Point(1), rule)
    with home.away():
        loaded = pickle.loads(payload)
        assert attr.astuple(loaded) == (1, 2)
        assert loaded < type(loaded)(3)


def test_an_import_by_the_function_takes_arguments_by_name(home, received):
    home.write(
        user="""
        import other
        def f():
            import other
            return __import__("json", fromlist=["loads"]).loads("[1]"), other.N
        """,
        other="N = 1\n",
    )
    f = __import__("user").f
    payload = sourcepickle.dumps(f, by_source=True, pickle_by_reference=by_value, standalone=True)
    assert received(payload, "print(loaded())", folders=[]) == "([1], 1)"
