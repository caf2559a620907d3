"""Payloads that stand alone: what they carry, and where its receiver takes or makes it."""

import importlib.util
import pickle
import subprocess
import sys
import types
import zlib
from pathlib import Path

import pytest
import sourcepickle
from sourcepickle import rebuild
from sourcepickle.carried import ENTRY, MAKE, PARTS, SOURCES
from sourcepickle.standalone import Brought, reduced

TOOLS = Path(__file__).resolve().parent.parent / "tools" / "carry"
CORE = zlib.decompress(PARTS[0][3]).split(b"\0")[1]


def dumps(obj, by_source=True):
    return sourcepickle.dumps(obj, by_source=by_source, standalone=True)


SAMPLE = """
    import abc
    import dataclasses
    import enum
    import functools
    import typing

    def small(x):
        return x + 1

    def fails(x):
        return x / 0

    def counter():
        count = 0
        def up() -> typing.Optional[int]:
            nonlocal count
            count += 1
            return count
        return up

    up = counter()

    class Plain(abc.ABC):
        def twice(self):
            return small(1) * 2

    @dataclasses.dataclass
    class Point:
        x: int
        y: int = 2

    class Color(enum.Enum):
        RED = 1

    class Pair(typing.NamedTuple):
        first: int

    T = typing.TypeVar("T")

    @functools.lru_cache(maxsize=None)
    def cached(x):
        return x
"""


@pytest.fixture
def sample(module_of):
    return module_of(SAMPLE)


@pytest.fixture
def bare(tmp_path):
    """Return a function that runs a program where nothing is installed, and gives its output."""

    def run(program, payload, *options):
        (tmp_path / "payload").write_bytes(payload)
        start = "import pathlib, pickle, sys\n"
        start += f"payload = pathlib.Path({str(tmp_path / 'payload')!r}).read_bytes()\n"
        start += (
            "def ours(): return sorted(name for name in sys.modules if 'sourcepickle' in name)\n"
        )
        command = [sys.executable, "-I", "-S", *options, "-c", start + program]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.strip()

    return run


# What is carried


def load_tool(name):
    spec = importlib.util.spec_from_file_location(f"tool_{name}", TOOLS / f"{name}.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def test_carried_code_is_that_of_rebuild():
    assert load_tool("parts").sources() == SOURCES, "rebuild or tools changed: make carried"


def test_every_callable_that_payloads_name_is_carried():
    named = {value for module in modules() for value in map(vars(module).get, module.__all__)}
    functions = {value for value in named if isinstance(value, types.FunctionType)}
    assert functions <= reduced().keys()


def test_format_is_raised_with_new_names():
    names = sorted(f"{module.__name__}.{name}" for module in modules() for name in module.__all__)
    # After a change of the names raise FORMAT, and write what it says here.
    assert (rebuild.FORMAT, zlib.crc32(" ".join(names).encode())) == (1, 3980646459)


def modules():
    return [importlib.import_module(f"sourcepickle.rebuild{name}") for name, _, _, _ in PARTS]


def test_every_part_compiles_on_this_version(recwarn):
    for name, _, _, compressed in PARTS[1:]:
        compile(zlib.decompressobj(zdict=CORE).decompress(compressed), name, "exec")
    compile(CORE, "core", "exec")
    assert not recwarn


def test_payloads_of_functions_grow_by_less_than_3200_bytes(sample):
    assert len(dumps(sample.small)) - len(sourcepickle.dumps(sample.small, by_source=True)) < 3200


def test_parts_travel_once_and_only_where_they_are_needed(sample):
    of_function, of_class = dumps([sample.small, sample.fails]), dumps([sample.Plain, sample.Plain])
    carried = [text for name, _, _, text in PARTS if name == ".classes"]
    assert of_function.count(PARTS[0][3]) == of_class.count(PARTS[0][3]) == 1
    assert of_class.count(carried[0]) == 1
    assert not any(text in of_function for text in carried)
    assert carried[1] not in of_class


def test_bytes_do_not_depend_on_equal_strings_of_the_user(sample):
    words = ["core", "function", "fill_function", "part", "make", ENTRY, MAKE, ".classes"]
    assert len(dumps([words, sample.small])) - len(dumps([sample.small])) >= len("".join(words))


# Where nothing is installed


def test_functions_and_classes_load(sample, bare):
    names = ["small", "up", "Plain", "Point", "Color", "Pair", "T", "cached"]
    program = """
small, up, Plain, Point, Color, Pair, T, cached = pickle.loads(payload)
print(small(1), up(), up(), Plain().twice(), Point(1), Color.RED, Pair(1), T, cached(1))
print(Color.RED is pickle.loads(payload)[4].RED, len({name.split(".")[0] for name in ours()}))
"""
    for options in ([], ["-O"], ["-W", "error"]):
        out = bare(program, dumps([getattr(sample, name) for name in names]), *options)
        told = "2 1 2 4 Point(x=1, y=2) Color.RED Pair(first=1) ~T 1\nTrue 1"
        assert out == told


def test_each_payload_brings_all_that_it_needs(sample, bare):
    for name in ("small", "up", "Plain", "Point", "Color", "Pair", "T", "cached"):
        bare("pickle.loads(payload)", dumps(getattr(sample, name)), "-W", "error")


def test_later_payloads_bring_further_parts(sample, bare):
    program = """
for each in pickle.loads(payload):
    pickle.loads(each)
    print(len(ours()), end=" ")
"""
    payloads = [dumps(sample.small), dumps(sample.Plain), dumps(sample.Point), dumps(sample.small)]
    assert bare(program, pickle.dumps(payloads)) == "1 4 5 5"


def test_loaded_functions_show_their_lines_and_exit_is_silent(sample, bare):
    program = """
import inspect, traceback
fails, Plain = pickle.loads(payload)
try: fails(1)
except ZeroDivisionError: print("return x / 0" in traceback.format_exc())
print(inspect.getsource(fails), end="")
"""
    source = "def fails(x):\n    return x / 0"
    assert bare(program, dumps([sample.fails, sample.Plain])) == f"True\n{source}"


def test_threads_share_one_package(sample, bare):
    program = """
import threading
sys.setswitchinterval(1e-6)
start, loaded = threading.Barrier(8), []
def load():
    start.wait()
    loaded.append(pickle.loads(payload))
threads = [threading.Thread(target=load) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(loaded), len(set(loaded)), len(ours()))
"""
    assert bare(program, dumps(sample.Plain)) == "8 1 4"


def test_errors_are_unpickling_errors_and_travel(module_of, bare):
    payload = dumps(module_of("def small(): pass").small)
    program = """
try: pickle.loads(payload)
except pickle.UnpicklingError as error:
    sent = pickle.dumps(error)
    print(type(error).__name__, "altered" in str(error))
    for name in ours(): del sys.modules[name]
    print(type(pickle.loads(sent)).__name__)
"""
    told = "SourceDamagedError True\nUnpicklingError"
    assert bare(program, payload.replace(b"pass", b"fail")) == told


def test_failure_leaves_nothing_half_made(bare):
    deflated = zlib.compressobj(9)
    bootstrap = zlib.decompress(PARTS[0][3]).split(b"\0")[0]
    text = deflated.compress(bootstrap + b"\0half = 1; 1 / 0") + deflated.flush()
    program = """
try: pickle.loads(payload)
except ZeroDivisionError: print(ours())
"""
    assert bare(program, pickle.dumps(Brought(eval, ENTRY, {"make": MAKE, "core": text}))) == "[]"


def test_failure_of_a_part_leaves_nothing_half_made(sample, bare):
    compressor = zlib.compressobj(zdict=CORE)
    text = compressor.compress(b"half = 1; 1 / 0") + compressor.flush()
    program = """
import operator
class Payload: pass
pickle.loads(payload)
(package,) = ours()
try: sys.modules[package].part(".tracker", "tracker", TEXT)
except ZeroDivisionError: print(len(ours()))
"""
    assert bare(program.replace("TEXT", repr(text)), dumps(sample.small)) == "1"


# Where something of that name is installed


@pytest.mark.parametrize(
    "files",
    [
        {"sourcepickle.py": "another = 1"},
        {"sourcepickle/__init__.py": "raise RuntimeError"},
        {"sourcepickle/__init__.py": "", "sourcepickle/rebuild.py": "1 / 0"},
        {"sourcepickle/__init__.py": "", "sourcepickle/rebuild.py": "old = 1"},
        {"sourcepickle/__init__.py": "", "sourcepickle/rebuild.py": "FORMAT = 0"},
        {"sourcepickle/__init__.py": "", "sourcepickle/rebuild.py": "FORMAT = None"},
    ],
)
def test_another_package_of_that_name_is_passed_over(sample, bare, tmp_path, files):
    for name, text in files.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    program = f"""
sys.path.insert(0, {str(tmp_path / "site")!r})
print(pickle.loads(payload)().twice(), pickle.loads(payload) is pickle.loads(payload))
"""
    assert bare(program, dumps(sample.Plain)) == "4 True"


def test_installed_package_is_used(sample, run_python, tmp_path):
    ordinary = [sourcepickle.dumps(each, by_source=True) for each in (sample.small, sample.Plain)]
    alone = [dumps(sample.small), dumps(sample.Plain)]
    (tmp_path / "payloads").write_bytes(pickle.dumps([ordinary, alone]))
    program = """
    import pathlib, pickle, sys
    ordinary, alone = pickle.loads(pathlib.Path("payloads").read_bytes())
    small, Plain = map(pickle.loads, alone)
    other, Other = map(pickle.loads, ordinary)
    print(small(1), Plain is Other, small.__code__ is other.__code__)
    import sourcepickle
    print(sourcepickle.dumps(small, by_source=True) == ordinary[0])
    carried = [name for name in sys.modules if name.startswith("_sourcepickle")]
    print([sys.modules[name].__name__ for name in carried])
    """
    assert run_python(program) == "2 True True\nTrue\n['sourcepickle.rebuild']"


def test_a_process_goes_on_with_the_package_it_began_with(sample, bare):
    program = f"""
first = pickle.loads(payload)
sys.path.insert(0, {str(Path(sourcepickle.__file__).parent.parent)!r})
import sourcepickle.rebuild
print(pickle.loads(payload) is first)
"""
    assert bare(program, dumps(sample.Plain)) == "True"
