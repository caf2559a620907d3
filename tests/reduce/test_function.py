"""The reduce value of functions, cells and modules beyond what the matrix covers."""

import functools
import gc
import io
import linecache
import pickle
import sys
import types
import weakref

import cloudpickle
import pytest
import sourcepickle
from sourcepickle import rebuild


def dumps(obj):
    return sourcepickle.dumps(obj, by_source=True)


def pair():
    n = 0

    def increment():
        nonlocal n
        n += 1
        return n

    return increment, lambda: n


def test_a_payload_names_rebuild_and_nothing_private_of_cloudpickle():
    data = dumps([*pair(), pair()[0].__closure__[0], sys, types.MethodType(pair()[0], 1)])
    assert b"sourcepickle.rebuild" in data
    assert b"cloudpickle.cloudpickle" not in data


def test_a_function_of_an_importable_module_travels_by_reference():
    assert b"rebuild" not in dumps(pickle.whichmodule)
    assert pickle.loads(dumps(pickle.whichmodule)) is pickle.whichmodule


def test_a_registered_module_travels_by_value(module_of):
    module = module_of("def f(x):\n    return x + 1\n", "registered")
    sys.modules[module.__name__] = module
    try:
        assert pickle.loads(dumps(module.f)) is module.f
        sourcepickle.register_pickle_by_value(module)
        assert cloudpickle.list_registry_pickle_by_value() == {module.__name__}
        loaded = pickle.loads(dumps(module.f))
        assert loaded is not module.f
        assert loaded(1) == 2
        # The module too: its contents travel, in cycles with its functions.
        copy = pickle.loads(dumps(module))
        assert copy is not module
        assert copy.f(2) == 3
        sourcepickle.unregister_pickle_by_value(module)
        assert pickle.loads(dumps(module)) is module
    finally:
        del sys.modules[module.__name__]


def test_a_submodule_of_a_registered_package_travels_by_value(module_of):
    package = types.ModuleType("a_package")
    module = module_of("def f(x):\n    return x + 1\n", "inner")
    module.f.__module__ = module.__name__ = "a_package.inner"
    sys.modules.update({"a_package": package, "a_package.inner": module})
    try:
        assert pickle.loads(dumps(module.f)) is module.f
        sourcepickle.register_pickle_by_value(package)
        assert pickle.loads(dumps(module.f)) is not module.f
        sourcepickle.unregister_pickle_by_value(package)
    finally:
        del sys.modules["a_package"], sys.modules["a_package.inner"]


def test_a_module_that_no_import_finds_travels_by_value(module_of):
    module = module_of("import json\nme = None\ndef f():\n    return json.dumps(K)\nK = [1]\n")
    module.me = module
    copy = pickle.loads(dumps(module))
    assert copy.me is copy
    assert copy.f() == "[1]"


def test_cells_are_shared_inside_one_dump():
    increment, read = pickle.loads(dumps(pair()))
    assert (increment(), increment(), read()) == (1, 2, 2)
    assert increment.__closure__[0] is read.__closure__[0]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_cell_that_travels_beside_its_function_keeps_its_contents(order):
    increment, _ = pair()
    both = [increment.__closure__[0], increment]
    loaded = pickle.loads(dumps([both[at] for at in order]))
    cell, function = (loaded[order.index(at)] for at in (0, 1))
    assert cell is function.__closure__[0]
    assert cell.cell_contents == 0


def test_a_cell_keeps_its_contents_after_the_memo_was_cleared():
    increment, _ = pair()
    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True)
    pickler.dump(increment)
    pickler.clear_memo()
    pickler.dump(increment.__closure__[0])
    file.seek(0)
    pickle.load(file)
    assert pickle.load(file).cell_contents == 0


def test_globals_are_shared_between_dumps_of_one_pickler(module_of):
    module = module_of("n = []\ndef f():\n    return n\ndef g():\n    return n\n")
    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True)
    pickler.dump(module.f)
    pickler.dump(module.g)
    unpickler = pickle.Unpickler(io.BytesIO(file.getvalue()))
    f, g = unpickler.load(), unpickler.load()
    assert f() is g()
    assert f.__globals__ is g.__globals__


def test_a_large_global_of_a_locals_name_stays_at_home(module_of):
    module = module_of(
        """
        data = bytes(1_000_000)
        def f(x):
            data = x.data
            return [data for data in [data]]
        """
    )
    assert len(dumps(module.f)) < 1000


def test_only_submodules_that_are_named_are_brought_along(run_python):
    program = """
        import pickle, sys
        import concurrent.futures.thread, email.mime.text
        import sourcepickle
        def f():
            return concurrent.futures.thread, email.message_from_string
        data = sourcepickle.dumps(f, by_source=True)
        print(b"concurrent.futures.thread" in data, b"email.mime" in data, b"email" in data)
    """
    assert run_python(program) == "True False True"


@pytest.mark.skipif(sys.version_info < (3, 14), reason="annotations are lazy from 3.14 on")
def test_an_annotation_that_cannot_be_evaluated_becomes_its_text():
    def f(x: undefined, y: int) -> list[nowhere]:  # noqa: F821
        pass

    loaded = pickle.loads(dumps(f))
    assert loaded.__annotations__ == {"x": "undefined", "y": int, "return": "list[nowhere]"}


def test_the_union_of_pep_604(module_of):
    if sys.version_info < (3, 10):
        pytest.skip("X | Y is a type from 3.10 on")

    def f(x: int | None) -> str | list[int]:
        pass

    data = dumps(f)
    assert pickle.loads(data).__annotations__ == f.__annotations__
    assert dumps(pickle.loads(data)) == data


def test_the_bytes_do_not_depend_on_who_shares_strings():
    # Not of one letter: CPython 3.12 has such strings twice, interned and not.
    def function(mode="function", *, key="key"):
        return mode, key

    function.key = "mode"
    data = dumps([function, "function", "key", "mode"])
    for _ in range(3):
        again = dumps(pickle.loads(data))
        assert again == data


def test_a_picklers_memory_is_collected():
    class Sentinel:
        pass

    sentinel = Sentinel()
    namespace = {"__name__": "nowhere", "sentinel": sentinel}
    code = (lambda: 1).__code__
    pickler = sourcepickle.Pickler(io.BytesIO(), by_source=True)
    namespace["pickler"] = pickler
    pickler.dump(types.FunctionType(code, namespace))
    # CPython 3.9's pickler hides its memo from the garbage collector.
    pickler.clear_memo()
    gone = weakref.ref(sentinel)
    del sentinel, namespace, pickler
    gc.collect()
    assert gone() is None


def test_an_error_in_the_middle_leaves_the_pickler_usable():
    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True)
    namespace = {"__name__": "nowhere"}
    exec("def f(): pass", namespace)
    with pytest.raises(sourcepickle.SourceNotFoundError):
        pickler.dump([pair()[0], namespace["f"]])
    pickler.clear_memo()
    start = file.tell()
    pickler.dump(pair())
    file.seek(start)
    assert pickle.load(file)[0]() == 1


def test_a_proxy_that_is_bound_to_nothing_is_not_asked_what_it_is(module_of):
    module = module_of(
        """
        class Proxy:
            @property
            def __class__(self):
                raise RuntimeError("bound to nothing")

            def __reduce__(self):
                return str, ("proxy",)

        proxy = Proxy()
        def f():
            return proxy
        """
    )
    assert pickle.loads(dumps(module.f))() == "proxy"


def test_a_function_that_types_coroutine_marked(module_of):
    module = module_of(
        """
        import types
        @types.coroutine
        def wait(n):
            def inner():
                yield n
            return (yield from inner())
        async def both():
            return await wait(2), wait
        """
    )
    for data in (dumps(module.both), dumps(pickle.loads(dumps(module.both)))):
        running = pickle.loads(data)()
        assert running.send(None) == 2
        with pytest.raises(StopIteration) as caught:
            running.send(None)
        _, wait = caught.value.value
        assert wait.__code__.co_flags == module.wait.__code__.co_flags
        assert dumps(wait) == dumps(module.wait)
    code = pickle.loads(dumps(module.wait.__code__))
    assert code.co_flags == module.wait.__code__.co_flags


def test_many_strings_later_a_function_has_the_same_bytes(module_of):
    f = pair()[0]
    before = dumps(f)
    names = [f"name{n}" for n in range(70_000)]
    module = module_of(f"def f():\n    return ({', '.join(names)},)\n", dedent=False)
    vars(module).update(dict.fromkeys(names, 0))
    dumps(module.f)
    assert dumps(f) == before


def test_a_module_made_anew_has_the_builtins():
    module = types.ModuleType("made_anew")
    assert "__builtins__" in vars(pickle.loads(dumps(module)))


def test_a_function_with_the_code_of_a_generic_function_is_a_function():
    wrapper = functools.singledispatch(lambda x: x).__code__
    cells = tuple(types.CellType(None) for _ in wrapper.co_freevars)
    made = types.FunctionType(wrapper, {"__name__": "__main__"}, None, None, cells)
    assert pickle.loads(dumps(made)).__code__.co_code == wrapper.co_code


SHARED_SET = {"p", "q", "r"}
HOLDS_IT = [SHARED_SET]


def test_a_set_that_others_hold_stays_the_one_they_share():
    def f():
        SHARED_SET.add("s")
        return SHARED_SET is HOLDS_IT[0]

    assert pickle.loads(sourcepickle.dumps(f, by_source=True))()


def test_a_set_is_written_as_it_is_at_each_dump():
    names = {"a", "b"}

    def f():
        return sorted(names)

    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True)
    for added in ("c", "d"):
        names.add(added)
        pickler.clear_memo()
        start = file.tell()
        pickler.dump(f)
        file.seek(start)
        assert pickle.load(file)() == sorted(names)


def function_in(names, text="def f():\n    return 1\n", filename="/home/someone/job.py"):
    """Return a function with these globals, whose text is attached to it."""
    globals_of_it = dict(names)
    exec(compile(text, filename, "exec", dont_inherit=True), globals_of_it)
    globals_of_it["f"].__source__ = text
    return globals_of_it["f"]


JOB = "/home/someone/job.py"


@pytest.mark.parametrize(
    "names",
    [
        {"__name__": "__main__", "__file__": JOB, "__package__": None},
        {"__name__": "__main__", "__package__": None},
        {"__name__": "__main__", "__package__": "p", "__file__": JOB},
        {"__name__": "p.m", "__package__": "p", "__file__": JOB},
        {"__name__": "p.m", "__package__": "p", "__file__": "/elsewhere.py"},
        {"__name__": "p.m", "__package__": "q"},
        {"__name__": "p.m", "__package__": ""},
        {"__name__": "p.m", "__package__": None, "__file__": None},
        {"__name__": "m", "__package__": "", "__file__": JOB},
        {"__name__": "p", "__package__": "p", "__path__": ["/p"], "__file__": JOB},
        {"__name__": "p.q", "__package__": "p.q", "__path__": ["/p/q"]},
        {"__name__": 3, "__package__": "p", "__file__": JOB},
        {"__name__": "__main__", "__file__": JOB},
        {"__name__": "p.m", "__file__": JOB},
        {"__name__": "p.q", "__path__": ["/p/q"]},
        {"__file__": JOB},
        {},
        {"__name__": 3},
    ],
    ids=str,
)
def test_the_names_of_the_module_come_whether_they_travel_or_follow(names):
    f = function_in(names)
    data = dumps(f)
    loaded = pickle.loads(data)
    kept = {name: loaded.__globals__[name] for name in loaded.__globals__ if name != "__builtins__"}
    assert kept == names
    assert loaded.__module__ == f.__module__
    # Sent on from here they are what they were.
    assert dumps(pickle.loads(data)) == data


def test_functions_of_several_files_share_one_namespace():
    first = function_in({"__name__": "p.m", "__file__": JOB})
    names = first.__globals__
    text = "def g():\n    return 2\n"
    exec(compile(text, "/home/someone/other.py", "exec", dont_inherit=True), names)
    names["g"].__source__ = text
    for functions in ([first, names["g"]], [names["g"], first]):
        loaded = pickle.loads(dumps(functions))
        assert loaded[0].__globals__ is loaded[1].__globals__
        assert loaded[0].__globals__["__file__"] == JOB
    # The second finds no first in its payload: the memo was cleared, or its dump was refused.
    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True)
    pickler.dump(first)
    pickler.clear_memo()
    second_at = file.tell()
    pickler.dump(names["g"])
    assert pickle.loads(file.getvalue()[second_at:]).__globals__["__file__"] == JOB


def test_a_function_without_state_is_two_parts():
    f = function_in({"__name__": "m"})
    del f.__source__
    f = pickle.loads(dumps(function_in({"__name__": "m"})))
    f.__dict__.clear()
    assert b"fill_function" not in dumps(f)
    f.__defaults__ = ()
    assert pickle.loads(dumps(f)).__defaults__ == ()


def test_methods_have_their_qualified_names_without_the_scaffold_of_their_classes(module_of):
    module = module_of(
        """
        class C:
            key = lambda self: self

            class D:
                def plain(self, x):
                    return self, x

                def private(self):
                    return self.__x

            def outer(self):
                def inner():
                    return self

                return inner
        """
    )
    inner = module.C().outer()
    for f in (module.C.key, module.C.D.plain, module.C.D.private, module.C.outer, inner):
        own, loaded = f.__code__, pickle.loads(dumps(f)).__code__
        assert loaded.replace(co_filename=own.co_filename) == own
        assert getattr(loaded, "co_qualname", None) == getattr(own, "co_qualname", None)
        assert pickle.loads(dumps(f)).__qualname__ == f.__qualname__
        assert sourcepickle.getsource(pickle.loads(dumps(f))) == sourcepickle.getsource(f)


def test_native_code_is_called_with_no_frame_of_python_between(module_of):
    f = module_of("def f(x):\n    return x\n").f
    called = []

    def note(frame, event, _):
        if event == "call":
            called.append(frame.f_code.co_name)

    dumps(f)
    sys.setprofile(note)
    try:
        dumps([f, f])
    finally:
        sys.setprofile(None)
    assert "dump" in called
    assert "reducer_override" not in called


def test_a_filename_that_is_no_utf_8_comes_back():
    f = function_in({"__name__": "m"}, filename="/home/someone/caf\udce9.py")
    data = dumps(f)
    loaded = pickle.loads(data)
    assert loaded.__globals__.keys() == {"__name__", "__builtins__"}
    assert dumps(loaded) == data


def test_odd_values_of_the_names_of_the_module():
    class NoTruth:
        def __eq__(self, other):
            raise ValueError("ambiguous")

        __hash__ = None

    for value in (None, 3, [], NoTruth()):
        f = function_in({"__name__": "m", "__file__": value})
        loaded = pickle.loads(dumps(f)).__globals__["__file__"]
        assert type(loaded).__name__ == type(value).__name__


def test_what_is_declared_global_in_a_method_has_a_name_of_its_own(module_of):
    module = module_of(
        """
        class A:
            def m(self):
                global q, D
                def q():
                    return 1
                class D:
                    def plain(self):
                        return 2
        A().m()
        """
    )
    for f in (module.q, module.D.plain, module.A.m):
        loaded = pickle.loads(dumps(f))
        own = f.__code__
        assert loaded.__qualname__ == f.__qualname__
        assert loaded.__code__.replace(co_filename=own.co_filename) == own
        assert getattr(loaded.__code__, "co_qualname", 0) == getattr(own, "co_qualname", 0)


def renamed(function, **names):
    function.__code__ = function.__code__.replace(**names)
    return function


def test_renamed_code_travels_on_and_keeps_its_lines_while_it_lives():
    data = dumps(renamed(lambda x: x + 1, co_name="other"))
    for _ in range(3):
        function = pickle.loads(data)
        gc.collect()
        code = function.__code__
        assert (function(1), code.co_name) == (2, "other")
        assert "lambda x: x + 1" in linecache.getline(code.co_filename, code.co_firstlineno)
        data = dumps(function)
    # A copy, for it is the references to the name that keep the lines.
    name = "".join(list(code.co_filename))
    del code, function
    rebuild._cached_code.cache_clear()
    rebuild._let_go()
    assert name not in linecache.cache


@pytest.mark.parametrize("name", ["<other>", "no name at all", "lambda", "é", "\udc80", "x" * 5000])
def test_code_may_bear_any_name(name):
    loaded = pickle.loads(dumps(renamed(lambda: 1, co_name=name)))
    assert (loaded(), loaded.__code__.co_name) == (1, name)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code objects have no qualified names")
def test_a_renamed_code_object_travels_alone():
    code = pickle.loads(dumps(renamed(lambda: 1, co_name="other").__code__))
    assert (code.co_name, eval(code)) == ("other", 1)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code objects have no qualified names")
def test_code_whose_qualified_name_alone_was_changed_keeps_it():
    loaded = pickle.loads(dumps(renamed(lambda: 1, co_qualname="A.b")))
    assert (loaded.__code__.co_name, loaded.__code__.co_qualname) == ("<lambda>", "A.b")


def test_renamed_code_that_was_changed_otherwise_is_refused():
    f = renamed(lambda: 1, co_name="other", co_consts=(None, 2))
    with pytest.raises(sourcepickle.SourceMismatchError, match="other"):
        dumps(f)
