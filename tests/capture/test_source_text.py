"""`sourcepickle.getsource`: the text that travels."""

import functools
import inspect
import pickle

import pytest
import sourcepickle
from sourcepickle import getsource


def wraps(function):
    @functools.wraps(function)
    def wrapper():
        return function()

    return wrapper


def free(a, k):
    # A comment.
    def f(x, y=lambda: 2):
        """A doc
        string."""
        return x + a + k  # and one more

    return f


class C:
    @staticmethod
    @functools.lru_cache
    def decorated(): return 1  # fmt: skip

    def method(self):
        return [lambda x, y=(lambda: 1): (x, y) for _ in "a"]


def test_a_lambda_is_given_alone(module_of):
    module = module_of("f, g = lambda x: x + 1, lambda: (\n  2,  # two\n  lambda: 3,\n)\n")
    assert getsource(module.f) == "lambda x: x + 1"
    assert getsource(module.g) == "lambda: (\n  2,  # two\n  lambda: 3,\n)"
    assert getsource(module.g()[1]) == "lambda: 3"
    assert getsource(C().method()[0]) == "lambda x, y=(lambda: 1): (x, y)"
    assert getsource(C().method()[0].__defaults__[0]) == "lambda: 1"


@pytest.mark.parametrize(
    "function", [free, free(1, 2), wraps, C.method, C.decorated.__wrapped__, C().method]
)
def test_a_def_is_given_as_inspect_has_it(function):
    expected = inspect.getsource(function)
    assert getsource(function) == expected
    plain = getattr(function, "__func__", function)
    assert getsource(plain.__code__) == expected
    # What was loaded has the same text, and so has what travels.
    registered = sourcepickle.dumps(plain, by_source=True)
    loaded = pickle.loads(registered)
    assert getsource(loaded) == expected


def test_a_wrapper_is_not_what_it_wraps():
    assert "def wrapper" in getsource(wraps(free(1, 2)))


def test_a_default_of_its_own_name():
    f = lambda x=(lambda: 1): x  # noqa: E731
    assert getsource(f) == "lambda x=(lambda: 1): x"


def test_an_attached_text_is_given():
    namespace = {}
    exec("def f(x): return x + 1", namespace)
    with pytest.raises(sourcepickle.SourceNotFoundError, match=r"f \(<string>:1\)"):
        getsource(namespace["f"])
    namespace["f"].__source__ = "def f(x):\n  return x + 1\n"
    assert getsource(namespace["f"]) == "def f(x):\n  return x + 1\n"


def test_a_changed_file_is_refused(module_of):
    module = module_of("def f(x):\n    return x + 1\n")
    with open(module.__file__, "a", encoding="utf-8") as file:
        file.seek(0)
        file.truncate()
        file.write("def f(x):\n    return x + 2  # edited\n")
    with pytest.raises(sourcepickle.SourceMismatchError):
        getsource(module.f)


@pytest.mark.parametrize("other", [3, "f", len, C, functools.partial(free), None])
def test_what_has_no_text_of_its_own_is_a_type_error(other):
    with pytest.raises(TypeError, match="takes a function"):
        getsource(other)
