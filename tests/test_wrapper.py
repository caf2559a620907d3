"""Portable callables: what any pickler sends by source."""

import asyncio
import copy
import functools
import inspect
import io
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import cloudpickle
import pytest
import sourcepickle
from conftest import RUNNING
from engines import page
from sourcepickle import Portable, portable

PICKLERS = {
    "pickle in C": pickle.dumps,
    "pickle in Python": pickle._dumps,
    "cloudpickle": cloudpickle.dumps,
    "by source": functools.partial(sourcepickle.dumps, by_source=True),
    "by bytecode": sourcepickle.dumps,
}


@pytest.fixture(params=list(PICKLERS))
def sent(request):
    """Return a function that sends an object by a pickler."""
    return lambda obj: pickle.loads(PICKLERS[request.param](obj))


def adder(k):
    def add(x, *, y=1):
        """Add."""
        return x + y + k

    return add


def test_it_calls_through_and_looks_like_what_it_wraps():
    add = adder(2)
    wrapped = portable(add)
    assert isinstance(wrapped, Portable)
    assert wrapped(3, y=4) == 9
    assert wrapped.__wrapped__ is add
    for name in functools.WRAPPER_ASSIGNMENTS:
        if hasattr(add, name):
            assert getattr(wrapped, name) == getattr(add, name), name
    assert inspect.signature(wrapped) == inspect.signature(add)
    assert inspect.unwrap(wrapped) is add
    assert inspect.getsource(wrapped) == inspect.getsource(add)
    assert repr(add) in repr(wrapped)


def test_it_is_portable_again_after_each_hop(sent):
    for wrapped in (portable(adder(2)), portable(lambda x, y: x + y + 2)):
        for _ in range(3):
            wrapped = sent(wrapped)
            assert isinstance(wrapped, Portable)
            assert wrapped(3, y=4) == 9
            assert wrapped.__wrapped__.__code__.co_filename.startswith("<sourcepickle")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol(protocol):
    assert pickle.loads(pickle.dumps(portable(adder(1)), protocol))(1) == 3


def test_a_decorated_function_that_calls_itself(module_of, sent):
    module = module_of("""
        from sourcepickle import portable

        @portable
        def factorial(n):
            return 1 if n < 2 else n * factorial(n - 1)
    """)
    loaded = sent(module.factorial)
    assert loaded(5) == 120
    assert loaded.__wrapped__.__globals__["factorial"] is loaded
    assert sent(loaded)(6) == 720


def test_two_that_call_each_other(module_of, sent):
    module = module_of("""
        from sourcepickle import portable

        @portable
        def even(n):
            return n == 0 or odd(n - 1)

        @portable
        def odd(n):
            return n != 0 and even(n - 1)
    """)
    even = sent(module.even)
    assert even(10)
    assert even.__wrapped__.__globals__["odd"].__wrapped__.__globals__["even"] is even


def test_a_class(module_of, sent):
    module = module_of("""
        class Counter:
            '''It counts.'''

            step = 2

            def __init__(self, start):
                self.at = start

            @classmethod
            def from_zero(cls):
                return cls(0)

            def next(self):
                self.at += self.step
                return self.at
    """)
    wrapped = sent(portable(module.Counter))
    assert wrapped(3).next() == 5
    assert wrapped.from_zero().next() == 2
    assert (wrapped.__name__, wrapped.__doc__) == ("Counter", "It counts.")
    assert isinstance(wrapped(1), wrapped.__wrapped__)


def test_other_callables(module_of, sent):
    module = module_of("""
        import functools

        class Call:
            def __init__(self, k):
                self.k = k

            def __call__(self, x):
                return self.k * x

            def times(self, x):
                return self(x)

        @functools.lru_cache(maxsize=None)
        def cached(x):
            return x + 1

        def two(x, y):
            return x * y
    """)
    call = module.Call(3)
    for obj in (call, call.times, functools.partial(module.two, 3)):
        assert sent(portable(obj))(4) == 12
    assert sent(portable(module.cached))(4) == 5
    assert sent(portable(len))("four") == 4


def test_a_method_that_is_portable_is_bound(module_of):
    module = module_of("""
        from sourcepickle import portable

        class C:
            k = 3

            @portable
            def m(self, x):
                return self.k * x
    """)
    assert module.C().m(2) == 6
    assert isinstance(module.C.m, Portable)
    loaded = pickle.loads(sourcepickle.dumps(module.C, by_source=True))
    assert loaded().m(2) == 6
    assert isinstance(loaded.m, Portable)


def test_attributes_are_those_of_what_is_wrapped(sent):
    add = adder(1)
    add.unit = "m"
    wrapped = portable(add)
    assert wrapped.unit == "m"
    wrapped.retries = 3
    wrapped.__doc__ = "Another."
    assert (add.retries, add.__doc__, wrapped.__doc__) == (3, "Another.", "Another.")
    loaded = sent(wrapped)
    assert (loaded.unit, loaded.retries, loaded.__doc__) == ("m", 3, "Another.")
    del wrapped.unit
    assert not hasattr(wrapped, "unit") and not hasattr(add, "unit")
    with pytest.raises(AttributeError, match="no_such"):
        wrapped.no_such  # noqa: B018


def test_one_that_was_never_initialised_has_no_attributes():
    with pytest.raises(AttributeError, match="anything"):
        object.__new__(Portable).anything  # noqa: B018


def test_copies_are_itself():
    wrapped = portable(adder(1))
    assert copy.copy(wrapped) is wrapped
    assert copy.deepcopy([wrapped])[0] is wrapped


@pytest.mark.skipif(sys.version_info < (3, 10), reason="inspect asks for the type alone")
def test_a_coroutine_function_is_one(module_of):
    module = module_of("async def wait(x):\n    return x\n")
    wrapped = pickle.loads(pickle.dumps(portable(module.wait)))
    assert inspect.iscoroutinefunction(wrapped)
    assert asyncio.run(wrapped(3)) == 3


def test_what_is_wrapped_twice_is_wrapped_once():
    add = adder(1)
    assert portable(portable(add)).__wrapped__ is add


def test_as_a_decorator_with_options():
    @portable(target_version=(3, 9))
    def f(x):
        return x

    assert pickle.loads(pickle.dumps(f))(1) == 1

    @portable(target_version=(3, 9))
    def broken(x):
        import tomllib

        return tomllib

    with pytest.raises(sourcepickle.TargetVersionError, match="tomllib"):
        pickle.dumps(broken)


def test_options_travel_on():
    made = eval("lambda x: x + 1", {})
    with pytest.raises(sourcepickle.SourceNotFoundError):
        pickle.dumps(portable(made))
    twice = pickle.loads(
        pickle.dumps(pickle.loads(pickle.dumps(portable(made, by_source="prefer"))))
    )
    assert twice(1) == 2
    names = (name for name in ["numpy", "this_package"])
    wrapped = portable(adder(1), pickle_by_reference=names)
    for _ in range(3):
        wrapped = pickle.loads(pickle.dumps(wrapped))
        assert wrapped(1) == 3
        assert vars(wrapped)["_options"] == {"pickle_by_reference": ("numpy", "this_package")}


def test_a_callable_option_travels_too():
    wrapped = portable(adder(1), pickle_by_reference=lambda obj: obj is pickle)
    for _ in range(2):
        wrapped = pickle.loads(pickle.dumps(wrapped))
    assert wrapped(1) == 3
    assert vars(wrapped)["_options"]["pickle_by_reference"](pickle)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"by_source": False}, ValueError),
        ({"by_source": "no"}, ValueError),
        ({"target_version": (2, 7)}, ValueError),
        ({"pickle_by_reference": "numpy"}, TypeError),
        ({"pickle_by_reference": ["a.b"]}, ValueError),
    ],
    ids=str,
)
def test_wrong_options_are_refused_at_once(options, error):
    with pytest.raises(error):
        portable(adder(1), **options)
    with pytest.raises(error):
        portable(**options)


@pytest.mark.parametrize("other", [3, "f", [len]])
def test_what_cannot_be_called_is_refused(other):
    with pytest.raises(TypeError, match="portable"):
        portable(other)


def test_what_has_no_source_is_refused_when_it_is_pickled():
    with pytest.raises(sourcepickle.SourceNotFoundError):
        pickle.dumps(portable(eval("lambda: 1", {})))


def test_standing_alone_the_bare_function_arrives(received):
    data = pickle.dumps(portable(adder(2), standalone=True))
    program = "print(type(loaded).__name__, loaded(1), 'sourcepickle' in sys.modules)"
    assert received(data, "import sys; " + program, folders=[]) == "function 4 False"


def test_who_loads_it_needs_nothing_native(received):
    program = "import sys; print(loaded(1), 'sourcepickle._native' in sys.modules)"
    assert received(pickle.dumps(portable(adder(2))), program) == "4 False"


def test_another_version_loads_it_by_plain_pickle(environments, tmp_path):
    add = portable(adder(2))
    (tmp_path / "payload").write_bytes(pickle.dumps(add))
    program = """
        import pickle, sys
        add = pickle.load(open("payload", "rb"))
        open("payload", "wb").write(pickle.dumps(add))
        print(type(add).__name__, add(1), sys.version_info[1])
    """
    others = [version for version in environments if version != RUNNING]
    for version in others:
        command = [environments[version], "-c", textwrap.dedent(program)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["Portable", "4", version.partition(".")[2]]
    assert pickle.loads((tmp_path / "payload").read_bytes())(1) == 4


@pytest.mark.parametrize("heading", ["`portable`", "`install`"])
def test_snippets_of_the_page_on_engines(heading, run_python, environments, tmp_path):
    (snippet,) = page.blocks(heading, "python")
    path = tmp_path / "payload"
    write = f"\nopen({str(path)!r}, 'wb').write(data)\n"
    assert run_python(snippet + write).splitlines() == page.printed(snippet)
    program = f"import pickle; print(pickle.load(open({str(path)!r}, 'rb'))(4))"
    for python in environments.values():
        command = [python, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines() == page.printed(snippet)


@pytest.mark.way("`portable`")
@pytest.mark.parametrize(
    "method",
    [
        pytest.param(method, marks=pytest.mark.feature(f"pools and executors by `{method}`"))
        for method in ("spawn", "forkserver")
    ],
)
def test_processes(run_python, method):
    program = f"""
        import concurrent.futures, multiprocessing
        from sourcepickle import portable

        def make(k):
            return lambda x: x + k

        def main():
            context = multiprocessing.get_context({method!r})
            with context.Pool(1) as pool:
                print(pool.map(portable(make(1)), [1, 2]))
            with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
                print(pool.submit(portable(make(2)), 3).result())
                print(pool.submit(portable(lambda k: portable(make(k))), 5).result()(1))

        if __name__ == "__main__":
            main()
    """
    assert run_python(program).splitlines() == ["[2, 3]", "5", "6"]


def test_a_pickler_in_python_that_is_given_a_file():
    file = io.BytesIO()
    pickle._Pickler(file).dump([portable(adder(1)), portable(adder(2))])
    one, two = pickle._Unpickler(io.BytesIO(file.getvalue())).load()
    assert (one(1), two(1)) == (3, 4)


def test_the_example_of_stored_functions(environments, tmp_path):
    example = Path(__file__).parent.parent / "examples" / "stored_functions.py"

    def run(python, how):
        command = [python, str(example), how, str(tmp_path / "jobs.sqlite")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    run(sys.executable, "store")
    assert len(environments) > 1
    for python in environments.values():
        assert run(python, "run").split() == ["16.0", "TEA"]
