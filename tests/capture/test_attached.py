"""Texts that users attach as ``__source__``."""

import functools
import pickle

import pytest
import sourcepickle


def made_by_exec(text, name="f", **values):
    namespace = {"__name__": "nowhere", **values}
    exec(text, namespace)
    return namespace[name]


def round_trip(function):
    data = sourcepickle.dumps(function, by_source=True)
    loaded = pickle.loads(data)
    # Sent on it gives the same bytes, with the text still attached.
    assert sourcepickle.dumps(loaded, by_source=True) == data
    assert loaded.__source__ == function.__source__
    return loaded


@pytest.mark.parametrize(
    "text",
    [
        "def f(x, *args, k=2, **rest):\n    return x * k\n",
        "    def f(x, *args, k=2, **rest):\n        return x * k\n",
        "\n# a comment\ndef f(x, *args, k=2, **rest): return x * k",
        "@anything\ndef f(x, *args, k=len('ab'), **rest):\n    return x * k\n",
    ],
)
def test_an_attached_text_is_used(text):
    f = made_by_exec("def f(x, *args, k=2, **rest): return x * k")
    f.__source__ = text
    assert round_trip(f)(4) == 8


def test_an_attached_lambda():
    f = made_by_exec("f = lambda x: x + 1")
    f.__source__ = "anything = lambda x: x + 1"
    assert round_trip(f)(1) == 2


def test_an_attached_text_with_free_variables():
    make = "def make(k):\n    def f(x):\n        return '''a\nb''', x + k\n    return f\n"
    f = made_by_exec(make, "make")(10)
    f.__source__ = "def f(x):\n    return '''a\nb''', x + k\n"
    assert round_trip(f)(1) == ("a\nb", 11)
    f.__source__ = "    def f(x):\n        return '''a\nb''', x + k\n"
    assert round_trip(f)(1) == ("a\nb", 11)
    g = made_by_exec("def make(k):\n    return lambda x: x + k\n", "make")(10)
    g.__source__ = "lambda x: x + k"
    assert round_trip(g)(1) == 11


def test_an_attached_method_with_super():
    text = "class C:\n    def f(self):\n        return super().__repr__()[:2]\n"
    f = made_by_exec(text, "C").f
    f.__source__ = "def f(self):\n    return super().__repr__()[:2]\n"
    data = sourcepickle.dumps(f, by_source=True)
    assert pickle.loads(data).__code__.co_freevars == ("__class__",)


def test_changing_the_attached_text_changes_the_payload():
    f = made_by_exec("def f(): return 1")
    f.__source__ = "def f(): return 1"
    assert round_trip(f)() == 1
    f.__source__ = "def f(): return 2"
    assert round_trip(f)() == 2


@pytest.mark.parametrize(
    ("attached", "reason"),
    [
        (7, "is not a string"),
        ("x = 1", "holds no def and no lambda"),
        ("def f(x): pass\ndef g(x): pass", "holds 2 defs and lambdas"),
        ("def g(x): pass", "holds g, not f"),
        ("def f(y): pass", "other parameters"),
        ("def f(x, y): pass", "other parameters"),
        ("def f(x, /): pass", "other parameters"),
        ("async def f(x): pass", "other parameters"),
        ("def f(*x): pass", "other parameters"),
        ("lambda x: x", "holds <lambda>, not f"),
        ("def f(x): return (", "does not compile"),
        ("def f(x): '\ud800'", "lone surrogates"),
    ],
)
def test_a_bad_text_is_refused(attached, reason):
    f = made_by_exec("def f(x): return x")
    f.__source__ = attached
    with pytest.raises(sourcepickle.SourceMismatchError) as caught:
        sourcepickle.dumps(f, by_source=True)
    assert reason in str(caught.value)
    assert "f (<string>:1)" in str(caught.value)


def test_other_free_variables_are_refused():
    make = "def make(k):\n    def f():\n        return k\n    return f\n"
    f = made_by_exec(make, "make")(1)
    f.__source__ = "def f(): return 1"
    with pytest.raises(sourcepickle.SourceMismatchError, match="free variables"):
        sourcepickle.dumps(f, by_source=True)


def test_wraps_copies_a_text_that_is_not_the_wrappers():
    f = made_by_exec("def f(x): return x + 1")
    f.__source__ = "def f(x): return x + 1"

    @functools.wraps(f)
    def wrapper(*args):
        return ["wrapped", f(*args)]

    assert pickle.loads(sourcepickle.dumps(wrapper, by_source=True))(1) == ["wrapped", 2]


def test_the_text_brings_the_globals_that_it_reads_itself(module_of):
    module = module_of("k, other = 3, 4\ndef f(): return k\n")
    module.f.__source__ = "def f(): return other\n"
    data = sourcepickle.dumps(module.f, by_source=True)
    assert pickle.loads(data)() == 4


def test_a_method_keeps_its_private_names_and_getsource_the_text():
    text = "    def m(self):\n        return self.__v\n"
    namespace = {"__name__": "nowhere"}
    exec("class C:\n    def __init__(self): self.__v = 3\n" + text, namespace)
    m = namespace["C"].m
    m.__source__ = text
    assert pickle.loads(sourcepickle.dumps(m, by_source=True))(namespace["C"]()) == 3
    assert sourcepickle.getsource(m) == text


def test_a_text_that_dumps_its_function_as_it_goes():
    namespace = {"__name__": "nowhere"}
    exec("def f(): return 1", namespace)
    f = namespace["f"]

    class Text(str):
        __slots__ = ()

        def __del__(self):
            sourcepickle.dumps(f, by_source=True)

    f.__source__ = Text("def f(): return 1")
    sourcepickle.dumps(f, by_source=True)
    f.__source__ = "def f(): return 2"
    assert pickle.loads(sourcepickle.dumps(f, by_source=True))() == 2


@pytest.mark.parametrize(
    "name", ["def.<locals>.f", "a b.<locals>.f", "(.f", "\n.<locals>.f", '"""']
)
@pytest.mark.parametrize("line_end", ["\n", "\r"])
def test_a_qualified_name_that_names_no_scopes(name, line_end):
    namespace = {"__name__": "nowhere"}
    exec("def outer(k):\n    def f(): return k\n    return f\n", namespace)
    f = namespace["outer"](5)
    f.__source__ = f"def f():{line_end} return k{line_end}"
    assert pickle.loads(sourcepickle.dumps(f, by_source=True))() == 5
    f.__qualname__ = f"{name}.f"
    f.__source__ = f"def f():{line_end}  return k{line_end}"
    try:
        data = sourcepickle.dumps(f, by_source=True)
    except sourcepickle.SourceMismatchError:
        return
    assert pickle.loads(data)() == 5
