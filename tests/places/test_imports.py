"""Every way a module comes in: zip files, loaders, bytecode alone, exec, runpy, moved files."""

import importlib.util
import linecache
import os
import pickle
import py_compile
import subprocess
import sys
import zipfile

import pytest
import sourcepickle

TEXT = """\
import json

def f(x):
    return json.dumps(x)

def outer(k):
    return lambda x: x + k

g = outer(3)
a, b = lambda x: x + 1, lambda x: x + 2

class C:
    def __private(self):
        return "private"

    def method(self):
        return self.__private()
"""

CHECK = """
import pickle, sourcepickle
def check(names):
    def sent(function):
        data = sourcepickle.dumps(function, by_source=True)
        loaded = pickle.loads(data)
        assert loaded is not function
        assert loaded.__code__.co_filename.startswith("<sourcepickle ")
        assert loaded.__code__.co_firstlineno == function.__code__.co_firstlineno
        return loaded
    assert sent(names["f"])([1]) == "[1]"
    assert sent(names["g"])(1) == 4
    assert (sent(names["a"])(0), sent(names["b"])(0)) == (1, 2)
    assert sent(names["C"].method)(names["C"]()) == "private"
def check_module(module):
    sourcepickle.register_pickle_by_value(module)
    check(vars(module))
def refusals(names):
    return {refusal(names[name]) for name in "fgab"}
def refusal(function):
    try:
        sourcepickle.dumps(function, by_source=True)
    except pickle.PicklingError as error:
        return type(error).__name__
"""


@pytest.fixture
def program(python, write):
    """Return a function that runs a program that can check modules."""
    write("checks.py", CHECK)

    def run(text, *flags):
        path = write("program.py", "from checks import *\nimport sys, os, importlib\n" + text)
        return python(*flags, path)

    return run


def test_a_module_in_a_zip(program, tmp_path):
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as file:
        file.writestr("tools.py", TEXT)
        file.writestr("package/__init__.py", "from .inner import f")
        file.writestr("package/inner.py", TEXT)
    program("""
sys.path.insert(0, "packed.zip")
import tools, package.inner
check_module(tools)
check_module(package.inner)
""")


def test_a_zip_deleted_before_the_dump(program, tmp_path):
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as file:
        file.writestr("tools.py", TEXT)
    program("""
sys.path.insert(0, os.path.abspath("packed.zip"))
import tools
os.remove("packed.zip")
sourcepickle.register_pickle_by_value(tools)
if refusal(tools.f) is None:
    check(vars(tools))
else:
    assert refusals(vars(tools)) == {"SourceNotFoundError"}
""")


def test_a_zip_read_by_linecache_and_then_deleted(program, tmp_path):
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as file:
        file.writestr("tools.py", TEXT)
    program("""
import linecache
sys.path.insert(0, os.path.abspath("packed.zip"))
import tools
assert linecache.getlines(tools.__file__, vars(tools))
os.remove("packed.zip")
check_module(tools)
""")


def test_a_zip_that_holds_bytecode_alone(program, tmp_path, write):
    source = write("tools.py", TEXT)
    compiled = py_compile.compile(str(source), str(tmp_path / "tools.pyc"), doraise=True)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as file:
        file.write(compiled, "tools.pyc")
    source.unlink()
    os.remove(compiled)
    program("""
sys.path.insert(0, "packed.zip")
import tools
sourcepickle.register_pickle_by_value(tools)
assert refusals(vars(tools)) == {"SourceNotFoundError"}
""")


def test_a_program_that_is_a_zip(python, write, tmp_path):
    with zipfile.ZipFile(tmp_path / "job.pyz", "w") as file:
        file.writestr("checks.py", CHECK)
        file.writestr("__main__.py", TEXT + "\nfrom checks import check\ncheck(globals())\n")
    python("job.pyz")


def test_a_loader_of_ones_own(program):
    program(f"""
TEXT = {TEXT!r}
class Loader:
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        exec(compile(TEXT, "memory://" + module.__name__, "exec"), module.__dict__)
    def get_source(self, name):
        assert name == "tools"
        return TEXT
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "tools":
            return importlib.util.spec_from_loader(name, Loader())
import importlib.util
sys.meta_path.insert(0, Finder())
import tools
check_module(tools)
""")


def test_a_loader_whose_source_is_not_what_it_ran(program):
    program(f"""
TEXT = {TEXT!r}
class Loader:
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        exec(compile(TEXT, "<memory>", "exec"), module.__dict__)
    def get_source(self, name):
        return TEXT.replace("+ 1", "+ 5").replace("+ 2", "+ 6").replace("+ k", "- k")
import importlib.util
tools = importlib.util.module_from_spec(importlib.util.spec_from_loader("tools", Loader()))
tools.__spec__.loader.exec_module(tools)
for name in "gab":
    assert refusal(vars(tools)[name]) in ("SourceMismatchError", "SourceNotFoundError")
""")


@pytest.mark.parametrize("answer", ["None", "1 / 0", "'def'", "''", "'\\0'", "b'x'"])
def test_a_loader_without_a_usable_source(program, answer):
    program(f"""
class Loader:
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        exec(compile("f = lambda x: x + 1", "<memory>", "exec"), module.__dict__)
    def get_source(self, name):
        return {answer}
import importlib.util
tools = importlib.util.module_from_spec(importlib.util.spec_from_loader("tools", Loader()))
tools.__spec__.loader.exec_module(tools)
assert refusal(tools.f) in ("SourceMismatchError", "SourceNotFoundError"), refusal(tools.f)
""")


def test_bytecode_without_a_source(program, write, tmp_path):
    source = write("tools.py", TEXT)
    py_compile.compile(str(source), str(tmp_path / "tools.pyc"), doraise=True)
    source.unlink()
    program("""
import tools
assert tools.__file__.endswith(".pyc")
sourcepickle.register_pickle_by_value(tools)
assert refusals(vars(tools)) == {"SourceNotFoundError"}
""")


@pytest.mark.parametrize("mode", ["TIMESTAMP", "CHECKED_HASH", "UNCHECKED_HASH"])
def test_a_module_from_a_cache_made_earlier(program, write, mode):
    source = write("tools.py", TEXT)
    py_compile.compile(
        str(source),
        doraise=True,
        invalidation_mode=getattr(py_compile.PycInvalidationMode, mode),
    )
    program("""
import tools
assert os.path.exists(tools.__spec__.cached)
check_module(tools)
""")


def test_a_stale_cache_that_nobody_checks(program, write):
    source = write("tools.py", TEXT)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(source), doraise=True, invalidation_mode=mode)
    write("tools.py", TEXT.replace("x + 1", "x + 3").replace("x + k", "x * k"))
    program("""
import tools
sourcepickle.register_pickle_by_value(tools)
assert tools.a(0) == 1
assert refusal(tools.a) == refusal(tools.g) == "SourceMismatchError"
assert refusal(tools.f) is None and refusal(tools.b) is None
""")


def test_a_cache_compiled_under_another_path(program, write, tmp_path):
    source = write("elsewhere/original.py", TEXT)
    write("tools.py", TEXT)
    target = importlib.util.cache_from_source(str(tmp_path / "tools.py"))
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(source), target, doraise=True, invalidation_mode=mode)
    source.unlink()
    program("import tools\ncheck_module(tools)")


def test_exec_with_an_entry_of_linecache(twin):
    name = "<made by a test of exec>"
    linecache.cache[name] = (len(TEXT), None, TEXT.splitlines(True), name)
    names = {"__name__": "nowhere"}
    exec(compile(TEXT, name, "exec"), names)
    try:
        assert twin(names["f"])([1]) == "[1]"
        assert twin(names["g"])(1) == 4
        assert twin(names["a"])(0) == 1
        assert twin(names["b"])(0) == 2
    finally:
        del linecache.cache[name]


def test_exec_with_a_lazy_entry_of_linecache(twin):
    class Loader:
        def get_source(self, name):
            return TEXT

    name = "made-lazily-by-a-test-of-exec"
    names = {"__name__": "nowhere", "__loader__": Loader()}
    assert linecache.lazycache(name, names)
    exec(compile(TEXT, name, "exec"), names)
    try:
        assert twin(names["f"])([1]) == "[1]"
    finally:
        linecache.cache.pop(name, None)


@pytest.mark.parametrize("name", ["<string>", "<made>", "", "no/such/file.py", "/no/such.py", "."])
def test_exec_without_text(dumps, name):
    names = {"__name__": "nowhere"}
    exec(compile(TEXT, name, "exec"), names)
    for function in (names["f"], names["g"], names["a"]):
        with pytest.raises(sourcepickle.SourceNotFoundError, match="__source__"):
            dumps(function)


def test_exec_under_the_name_of_another_file(dumps):
    names = {"__name__": "nowhere"}
    exec(compile(TEXT, __file__, "exec"), names)
    for function in (names["f"], names["g"], names["a"]):
        with pytest.raises(sourcepickle.SourceMismatchError):
            dumps(function)


def test_two_texts_of_exec_under_one_name(dumps):
    """The entry of the second text must never pass for the first's."""
    name, functions = "<made twice by a test of exec>", []
    for k in (1, 2):
        text = f"f = lambda x: x + {k}\n"
        linecache.cache[name] = (len(text), None, [text], name)
        names = {"__name__": "nowhere"}
        exec(compile(text, name, "exec"), names)
        functions.append(names["f"])
        assert pickle.loads(dumps(names["f"]))(0) == k
    try:
        assert pickle.loads(dumps(functions[0]))(0) == 1
    except sourcepickle.SourceMismatchError:
        pass
    finally:
        del linecache.cache[name]


def test_runpy_by_path_and_by_name(program, write):
    write("tools.py", TEXT)
    write("package/__main__.py", TEXT)
    write("package/__init__.py", "")
    program("""
import runpy
check(runpy.run_path("tools.py"))
check(runpy.run_path(os.path.abspath("tools.py"), run_name="__main__"))
check(runpy.run_module("tools"))
check(runpy.run_module("package", run_name="other"))
check(runpy.run_path("package"))
""")


@pytest.mark.parametrize("target", ["tools", "package", "package.inner"])
def test_the_module_option(python, write, target):
    write("checks.py", CHECK)
    text = TEXT + "\nfrom checks import check\ncheck(globals())\n"
    for name in ("tools.py", "package/__main__.py", "package/inner.py"):
        write(name, text)
    python("-m", target)


@pytest.mark.parametrize("path", ["job.py", "./job.py", "folder/../job.py"])
@pytest.mark.parametrize("dumped", ["before", "after"])
def test_a_script_that_changes_its_folder(python, write, tmp_path, path, dumped):
    (tmp_path / "folder").mkdir()
    write("checks.py", CHECK)
    before = "check(globals())\n" if dumped == "before" else ""
    text = TEXT + f"\nimport os\nfrom checks import *\n{before}os.chdir('/')\ncheck(globals())\n"
    write("job.py", text)
    python(path)


def test_a_module_of_a_relative_folder_after_a_change_of_folder(program, write):
    write("folder/tools.py", TEXT)
    program("""
sys.path.insert(0, "folder")
import tools
os.chdir("/")
check_module(tools)
""")


def test_another_file_of_the_same_relative_name_after_a_change_of_folder(python, write):
    write("checks.py", CHECK)
    write("other/job.py", TEXT.replace("x + 1", "x + 5").replace("x + k", "x * k"))
    write(
        "job.py",
        TEXT
        + """
import os, pickle
from checks import *

os.chdir("other")
for function, result in ((a, 1), (g, 3)):
    if refusal(function) is None:
        assert pickle.loads(sourcepickle.dumps(function, by_source=True))(0) == result
    else:
        assert refusal(function) == "SourceMismatchError"
""",
    )
    python("job.py")


def test_a_module_deleted_after_its_import(program, write):
    write("tools.py", TEXT)
    program("""
import tools
os.remove("tools.py")
sourcepickle.register_pickle_by_value(tools)
assert refusals(vars(tools)) == {"SourceNotFoundError"}
""")


def test_a_module_deleted_after_a_dump(program, write):
    write("tools.py", TEXT)
    program("""
import tools
check_module(tools)
os.remove("tools.py")
check(vars(tools))
""")


def test_a_module_deleted_after_linecache_read_it(program, write):
    write("tools.py", TEXT)
    program("""
import linecache, tools
linecache.getlines(tools.__file__)
os.remove("tools.py")
check_module(tools)
""")


def test_a_module_loaded_again(program, write):
    write("tools.py", TEXT)
    program("""
import tools
check_module(tools)
old = tools.a
text = open("tools.py").read().replace("x + 1", "x + 100")
open("tools.py", "w").write("# one line more\\n" + text)
importlib.reload(tools)
assert pickle.loads(sourcepickle.dumps(tools.a, by_source=True))(0) == 100
assert pickle.loads(sourcepickle.dumps(tools.g, by_source=True))(0) == 3
if refusal(old) is None:
    assert pickle.loads(sourcepickle.dumps(old, by_source=True))(0) == 1
else:
    assert refusal(old) == "SourceMismatchError"
""")


def test_a_module_loaded_again_before_any_dump(program, write):
    write("tools.py", TEXT)
    program("""
import tools
old = tools.a
text = open("tools.py").read().replace("x + 1", "x + 100")
open("tools.py", "w").write(text)
importlib.reload(tools)
sourcepickle.register_pickle_by_value(tools)
assert pickle.loads(sourcepickle.dumps(tools.a, by_source=True))(0) == 100
assert refusal(old) == "SourceMismatchError"
""")


def test_an_edit_that_keeps_size_and_time_is_refused(program, write):
    write("tools.py", TEXT)
    program("""
import tools
seen = os.stat("tools.py")
text = open("tools.py").read()
open("tools.py", "w").write(text.replace("x + 1", "x + 7").replace("x + k", "x * k"))
os.utime("tools.py", ns=(seen.st_atime_ns, seen.st_mtime_ns))
sourcepickle.register_pickle_by_value(tools)
assert refusal(tools.a) == refusal(tools.g) == "SourceMismatchError"
assert refusal(tools.b) is None
""")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_linked_file(program, write, tmp_path):
    target = write("elsewhere/original.py", TEXT)
    (tmp_path / "tools.py").symlink_to(target)
    (tmp_path / "linked").symlink_to(tmp_path / "elsewhere")
    program("""
import tools
check_module(tools)
sys.path.insert(0, "linked")
import original
check_module(original)
os.remove("tools.py")
os.symlink("/no/such/file", "tools.py")
check(vars(tools))
""")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_linked_script(python, write, tmp_path):
    write("elsewhere/checks.py", CHECK)
    text = TEXT + "\nfrom checks import check\ncheck(globals())\n"
    (tmp_path / "job.py").symlink_to(write("elsewhere/original.py", text))
    python("job.py")


@pytest.mark.parametrize(
    "name", ["with space.py", "quote'd \".py", "ünï-码.py", "<odd>.py", "x.txt"]
)
def test_scripts_with_odd_names(python, write, name):
    write("checks.py", CHECK)
    write(name, TEXT + "\nfrom checks import check\ncheck(globals())\n")
    python(name)


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8 exist on Linux alone")
def test_a_script_whose_name_is_not_utf_8(python, write, tmp_path):
    write("checks.py", CHECK)
    write("job.py", TEXT + "\nfrom checks import check\ncheck(globals())\n")
    name = os.fsdecode(b"caf\xe9.py")
    os.rename(tmp_path / "job.py", tmp_path / name)
    python(name)


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="this platform has no /dev/fd")
def test_a_script_that_can_be_read_only_once(tmp_path, write):
    """As of the shell's ``python <(command)``."""
    write("checks.py", CHECK)
    reading, writing = os.pipe()
    os.write(writing, TEXT.encode() + b"\nfrom checks import *\nprint(refusals(globals()))\n")
    os.close(writing)
    done = subprocess.run(
        [sys.executable, f"/dev/fd/{reading}"],
        pass_fds=[reading],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        timeout=60,
    )
    os.close(reading)
    assert done.stdout.strip() == b"{'SourceNotFoundError'}"
