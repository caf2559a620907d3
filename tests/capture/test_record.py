"""Which text is found, proved or refused."""

import ast
import linecache
import pickle
import sys
import tracemalloc
import types
from dis import findlinestarts

import cloudpickle
import pytest
import sourcepickle


def dumps(obj):
    return sourcepickle.dumps(obj, by_source=True)


def edit(module, old, new):
    with open(module.__file__, encoding="utf-8") as file:
        text = file.read()
    assert old in text
    with open(module.__file__, "w", encoding="utf-8") as file:
        # Longer, so that linecache sees the change within the clock's resolution.
        file.write(text.replace(old, new) + "# edited\n")


def test_a_file_edited_after_import_is_refused(module_of):
    module = module_of("def f(x):\n    return x + 1\n\ndef g(x):\n    return x\n")
    edit(module, "x + 1", "x + 2")
    with pytest.raises(sourcepickle.SourceMismatchError) as caught:
        dumps(module.f)
    message = str(caught.value)
    assert f"f ({module.__file__}:1)" in message
    assert "changed after it was imported" in message
    assert "__source__" in message
    assert isinstance(caught.value, pickle.PicklingError)
    # Nothing else is disturbed: what did not change is still proved.
    assert pickle.loads(dumps(module.g))(5) == 5


def test_a_text_read_before_the_edit_still_holds(module_of):
    module = module_of("def f(x):\n    return x + 1\n")
    linecache.getlines(module.__file__)
    edit(module, "x + 1", "x + 2")
    assert pickle.loads(dumps(module.f))(1) == 2


def test_what_cloudpickle_loaded_is_found_in_the_file_of_its_globals(module_of):
    """From 3.1.3 on cloudpickle does not say of code where it is from."""
    module = module_of("class C:\n    def f(self): return 1\n\ndef g(x):\n    return x + 1\n")
    loaded = pickle.loads(cloudpickle.dumps(module.g))
    assert loaded.__code__ is not module.g.__code__
    assert pickle.loads(dumps(loaded))(1) == 2
    # At home cloudpickle gives the class what it brings for its methods.
    pickle.loads(cloudpickle.dumps(module.C))
    assert pickle.loads(dumps(module.C.f))(None) == 1
    edit(module, "x + 1", "x + 2")
    linecache.checkcache()
    again = pickle.loads(cloudpickle.dumps(module.g))
    with pytest.raises(sourcepickle.SourceMismatchError):
        dumps(again)


def test_a_module_edited_and_run_again_is_proved_by_its_new_text(module_of):
    module = module_of("def f(x):\n    return x + 1\n")
    before = module.f
    dumps(before)
    edit(module, "x + 1", "x + 2")
    module.__spec__.loader.exec_module(module)
    assert pickle.loads(dumps(module.f))(1) == 3
    # The old function was proved while its text was there.
    assert pickle.loads(dumps(before))(1) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x + 1", "x + True"),
        ("x + 1", "x + 1.0"),
        ("def f(x)", "def f(x, y=0)"),
        ("def f(x)", "def g(x)"),
        ("return", "yield"),
        ("x + 1", "y + 1"),
        ("x + 1", "(x\n + 1)"),
    ],
)
def test_every_kind_of_edit_is_noticed(module_of, old, new):
    module = module_of("def f(x):\n    return x + 1\n")
    edit(module, old, new)
    with pytest.raises(sourcepickle.SourceMismatchError):
        dumps(module.f)


def test_a_function_that_an_edit_above_it_moved_keeps_its_lines(module_of):
    module = module_of(
        """
        def f(x):
            return x, lambda: 1 / x
        class C:
            def f(self, y): return y
        g = [lambda: 1, lambda: (1, 2), lambda: 1]
        """
    )
    originals = [module.f, module.C.f, *module.g]
    edit(module, "\ndef f", "# one more line\nh = lambda: 7\n\ndef f")
    for original, loaded in zip(originals, pickle.loads(dumps(originals))):
        assert list(findlinestarts(loaded.__code__)) == list(findlinestarts(original.__code__))
        assert loaded.__code__.co_code == original.__code__.co_code
    for line in (1, 2):
        edit(module, "# one", "#\n# one")
        assert pickle.loads(dumps(module.C.f))(None, line) == line


def test_a_missing_file_is_refused(module_of, tmp_path):
    module = module_of("def f(x):\n    return x\n")
    (tmp_path / "sample.py").unlink()
    with pytest.raises(sourcepickle.SourceNotFoundError) as caught:
        dumps([1, module.f])
    message = str(caught.value)
    assert f"f ({module.__file__}:1)" in message
    assert "func.__source__" in message
    assert 'by_source="prefer"' in message
    assert isinstance(caught.value, pickle.PicklingError)


def test_a_function_of_exec_has_no_text():
    namespace = {"__name__": "nowhere"}
    exec("def f(x): return x", namespace)
    with pytest.raises(sourcepickle.SourceNotFoundError, match=r"f \(<string>:1\)"):
        dumps(namespace["f"])


def test_a_function_of_exec_with_a_linecache_entry_has_one():
    text = "def f(x):\n    return x * 3\n"
    name = "<sample of exec>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace = {"__name__": "nowhere"}
    exec(compile(text, name, "exec"), namespace)
    assert pickle.loads(dumps(namespace["f"]))(2) == 6


def test_prefer_falls_back_to_bytecode_for_this_version_alone():
    namespace = {"__name__": "nowhere", "k": 4}
    exec("def f(x, y=2): return x + y + k", namespace)
    data = sourcepickle.dumps([namespace["f"], lambda: 1], by_source="prefer")
    f, g = pickle.loads(data)
    assert f(1) == 7
    assert g() == 1
    with pytest.raises(sourcepickle.SourceNotFoundError):
        dumps(f)


def test_lambdas_of_one_line_that_look_alike(module_of):
    module = module_of(
        "a, b = lambda x: x + 1, lambda x: x + 1\n"
        "c, d = (lambda: [1, 2]), lambda: (1, 2)\n"
        "e, f = (lambda x: -x), lambda x: - x\n"
    )
    texts = {name: sourcepickle.dumps(getattr(module, name), by_source=True) for name in "cdef"}
    assert b"[1, 2]" in texts["c"]
    assert b"(1, 2)" in texts["d"]
    if sys.version_info >= (3, 11):
        # co_positions tells even these apart.
        assert b"lambda x: -x" in texts["e"]
        assert b"lambda x: - x" in texts["f"]
    assert pickle.loads(dumps(module.a))(1) == pickle.loads(dumps(module.b))(1) == 2


def test_fifty_lambdas_on_a_line(module_of):
    line = "fs = [" + ", ".join(f"lambda x: x * {n}" for n in range(50)) + "]\n"
    module = module_of(line)
    assert [f(2) for f in pickle.loads(dumps(module.fs))] == list(range(0, 100, 2))


def test_code_rewritten_by_an_import_hook_is_refused(module_of):
    module = module_of("def f(x):\n    return x\n")
    module.f.__code__ = module.f.__code__.replace(co_consts=(*module.f.__code__.co_consts, "hook"))
    with pytest.raises(sourcepickle.SourceMismatchError, match="import hook"):
        dumps(module.f)


def test_a_code_object_travels_by_source(module_of):
    module = module_of("def f(x):\n    return x * 5\n")
    code = pickle.loads(dumps(module.f.__code__))
    assert types.FunctionType(code, {})(2) == 10
    with pytest.raises(sourcepickle.SourceNotFoundError):
        dumps(compile("1", "<nowhere>", "exec"))


def test_a_lambda_at_the_very_start_of_its_file(module_of):
    module = module_of("(lambda: 0)\nf = lambda x: x\n")
    assert pickle.loads(dumps(module.f))(3) == 3
    first = module_of("f = [lambda x: lambda y: (x, y)][0](1)\n", "first").f
    loaded = pickle.loads(dumps(first))
    assert loaded(2) == (1, 2)
    assert loaded.__code__.co_firstlineno == 1


def test_line_ends_marks_and_encodings(tmp_path, module_of):
    texts = {
        "crlf": b"def f():\r\n    return '''a\r\nb'''\r\n",
        "bom": b"\xef\xbb\xbff = lambda: 'a\\nb'\n",
        "latin": "# coding: latin-1\nf = [lambda: 'é', lambda: 'a\\nb'][1]\n".encode("latin-1"),
        "unended": b"def f():\n    return 'a\\nb'",
        "formfeed": b"\x0cdef f():\n    return 'a\\nb'\n",
    }
    for name, text in texts.items():
        path = tmp_path / f"{name}.py"
        path.write_bytes(text)
        namespace = {"__name__": name}
        exec(compile(text, str(path), "exec"), namespace)
        assert pickle.loads(dumps(namespace["f"]))() == "a\nb", name


def test_future_features_travel(module_of):
    module = module_of(
        """
        from __future__ import annotations
        def make():
            def f(x: not_defined) -> also_not:
                def inner(y: nowhere): pass
                return inner
            return f
        """
    )
    f = pickle.loads(dumps(module.make()))
    assert f.__annotations__ == {"x": "not_defined", "return": "also_not"}
    assert f(1).__annotations__ == {"y": "nowhere"}


def test_what_the_compiler_sees_of_the_rest_of_the_file(module_of):
    module = module_of(
        """
        import json, sys as system
        super = super

        class A:
            def f(self):
                return json.dumps([system.getrecursionlimit() > 0, super().__repr__ is not None])
        """
    )
    loaded = pickle.loads(dumps(module.A.f))
    assert loaded.__code__.co_code == module.A.f.__code__.co_code
    assert loaded(module.A()) == "[true, true]"


def test_a_class_whose_line_is_a_free_variable(module_of):
    module = module_of(
        """
        def f():
            __firstlineno__ = 0
            class C:
                nonlocal __firstlineno__
            return __firstlineno__
        """
    )
    assert pickle.loads(dumps(module.f))() == module.f()


def test_a_statement_that_a_shell_compiled_alone(module_of):
    text = "import json\nsuper = super\nclass A:\n    def f(self): return json.dumps(super().x)\n"
    name = "<a shell's input>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace = {"__name__": "nowhere"}
    for statement in ast.parse(text).body:
        exec(compile(ast.Module([statement], []), name, "exec"), namespace)
    f = namespace["A"].f
    assert pickle.loads(dumps(f)).__code__.co_code == f.__code__.co_code


def test_a_file_in_another_encoding_than_it_says_has_no_text(tmp_path):
    path = tmp_path / "sample.py"
    path.write_bytes("f = lambda: 'ä'\n".encode())
    namespace = {"__name__": "sample"}
    exec(compile(path.read_bytes(), str(path), "exec"), namespace)
    for wrong in (b"# coding: no-such-thing\n", b"\xff\xfe", b"'\xe4'\n"):
        path.write_bytes(wrong)
        linecache.clearcache()
        with pytest.raises(sourcepickle.SourceNotFoundError):
            dumps(namespace["f"])


def test_a_deeply_nested_file_is_no_crash(module_of):
    depth = 60
    text = "".join(f"{' ' * n}def f{n}():\n" for n in range(depth)) + " " * depth + "return 7\n"
    text += "".join(f"{' ' * n}return f{n}()\n" for n in range(depth - 1, 0, -1))
    f = module_of(text, dedent=False).f0
    assert pickle.loads(dumps(f))() == 7


def test_a_look_alike_in_an_f_string_is_not_taken_for_a_function_that_moved(module_of):
    module = module_of(
        """
        a = lambda x, n=1: x * n
        s = f"{(lambda x, n=7: x * n)(2)}"
        """
    )
    edit(module, "\na =", "# one more line\n\na =")
    assert sourcepickle.getsource(module.a) == "lambda x, n=1: x * n"
    assert pickle.loads(dumps(module.a)).__code__.co_firstlineno == 2


def test_a_function_moved_past_many_of_its_name(module_of):
    module = module_of("a = lambda x: x + 1\n")
    others = "".join(f"b{n} = lambda x, y: (x, y, {n})\n" for n in range(40))
    edit(module, "a =", others + "a =")
    if sys.version_info >= (3, 12):
        assert pickle.loads(dumps(module.a))(1) == 2
    else:
        # Without columns that are right each is compiled, and there is a limit.
        with pytest.raises(sourcepickle.SourceMismatchError):
            dumps(module.a)


def test_a_lambda_far_to_the_right_has_a_short_payload(module_of):
    module = module_of(f"x, f = '{'a' * 100_000}', lambda y: (y, [lambda: y])\n")
    data = dumps(module.f)
    assert len(data) < 1000
    loaded = pickle.loads(data)
    assert findlines(loaded) == findlines(module.f)
    assert sourcepickle.getsource(loaded) == "lambda y: (y, [lambda: y])"
    assert dumps(loaded) == data
    assert sourcepickle.getsource(loaded(1)[1][0]) == "lambda: y"


def findlines(function):
    code = function.__code__
    return list(code.co_positions() if sys.version_info >= (3, 11) else findlinestarts(code))


def test_lambdas_of_one_line_around_an_f_string_of_two(module_of):
    text = "f = lambda: (lambda k=f\"\"\"{('''\n  a''')}\"\"\": (lambda: k))\n"
    module = module_of(text, dedent=False)
    assert pickle.loads(dumps(module.f))()()() == "\n  a"
    assert pickle.loads(dumps(module.f()))()() == "\n  a"
    assert pickle.loads(dumps(module.f()()))() == "\n  a"


def test_a_generic_class_indented_by_tabs(module_of):
    if sys.version_info < (3, 12):
        pytest.skip("type parameters came with 3.12")
    module = module_of("class C[T]:\n\tdef f(self): return T.__name__\n", dedent=False)
    assert pickle.loads(dumps(module.C.f))(None) == "T"


def test_a_class_in_a_generic_class_at_the_top_of_a_file(module_of):
    if sys.version_info < (3, 12):
        pytest.skip("type parameters came with 3.12")
    text = "class C[T]:\n  def f(self):\n    class D: t = T\n    return D\n"
    module = module_of(text, dedent=False)
    made = pickle.loads(dumps(module.C.f))(None)
    assert made.t is not None
    assert vars(made).get("__firstlineno__", 3) == 3


@pytest.mark.parametrize("text", ["x = 1", "class f: x = 1", "f = [x for x in ()]"])
def test_code_of_no_function_is_told_so(text):
    linecache.cache["<sample>"] = (len(text), None, [text + "\n"], "<sample>")
    code = compile(text, "<sample>", "exec")
    codes = [code, *(const for const in code.co_consts if isinstance(const, types.CodeType))]
    for code in codes:
        with pytest.raises(sourcepickle.SourceNotFoundError, match="no def and no lambda"):
            dumps(code)


def test_odd_code_objects_are_refused_by_a_pickling_error(module_of):
    code = module_of("def f(x): return x\n").f.__code__
    odd = code.replace(co_filename="a\0b")
    with pytest.raises(pickle.PicklingError):
        dumps(types.FunctionType(odd, {"__name__": "nowhere"}))


def test_a_loader_with_an_error_of_its_own_has_no_text():
    class Loader:
        def get_source(self, name):
            raise KeyError(name)

    namespace = {"__name__": "nowhere", "__loader__": Loader()}
    exec(compile("def f(): pass", "<of a loader>", "exec"), namespace)
    with pytest.raises(sourcepickle.SourceNotFoundError):
        dumps(namespace["f"])
    linecache.cache["<of a loader>"] = (1, None, [b"def f(): pass"], "<of a loader>")
    with pytest.raises(sourcepickle.SourceMismatchError, match="no list of strings"):
        dumps(namespace["f"])


def test_a_function_that_was_refused_is_found_once_its_text_is_back(module_of):
    module = module_of("def f(x):\n    return x + 1\n")
    edit(module, "x + 1", "x + 2")
    for _ in range(2):
        with pytest.raises(sourcepickle.SourceMismatchError):
            dumps(module.f)
    edit(module, "x + 2", "x + 1")
    assert pickle.loads(dumps(module.f))(1) == 2


def test_docstrings_are_not_kept(module_of):
    f = module_of("def f(x): return x\n").f
    dumps(f)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for n in range(2000):
        f.__doc__ = f"{n}" * 1000
        dumps(f)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 500_000
