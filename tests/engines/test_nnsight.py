"""nnsight on its own models of a few weights: what one Python version pickles, another runs.

``ENGINE_ONE`` and ``ENGINE_OTHER`` are the executables of two environments with nnsight, torch and
sourcepickle, of two Python versions; each is the client once and the server once.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from engines import page

PYTHONS = [os.environ[name] for name in ("ENGINE_ONE", "ENGINE_OTHER")]
EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"

MODEL = """
import collections
import json
import pathlib
import sys

import nnsight
import torch
from nnsight.intervention import serialization
from nnsight.modeling.mixins.remotable import Remotable
from nnsight.schema.request import RequestModel

folder = pathlib.Path(sys.argv[1])


def build():
    layers = collections.OrderedDict(a=torch.nn.Linear(4, 4), b=torch.nn.Linear(4, 2))
    net = torch.nn.Sequential(layers)
    for parameter in net.parameters():
        torch.nn.init.constant_(parameter, 0.5)
    return nnsight.NNsight(net)


model = build()
"""

HELPERS = """
import asyncio
import dataclasses
import enum
import functools

RATE = 3
COUNT = 0


def scale(tensor, by=2):
    return tensor * by


def bump():
    global COUNT
    COUNT += RATE


class Base:
    def __init__(self):
        self.__secret = 5

    def secret(self):
        return self.__secret


class Child(Base):
    def __init__(self):
        super().__init__()
        self.more = RATE


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: int = 2


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Adapter(torch.nn.Module):
    def __init__(self, rank):
        super().__init__()
        self.down = torch.nn.Linear(4, rank, bias=False)
        torch.nn.init.constant_(self.down.weight, 0.5)

    def forward(self, hidden):
        return self.down(hidden)


def twice(func):
    @functools.wraps(func)
    def wrapper(*args):
        return 2 * func(*args)

    return wrapper


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)
"""

CASES = """
def counter():
    count = 0

    def step():
        nonlocal count
        count += 1
        return count

    step()
    return step


def shared_global():
    def run():
        bump()
        bump()
        return COUNT

    return run


def recursive():
    def factorial(n=5):
        return 1 if n <= 1 else n * factorial(n - 1)

    return factorial


def decorated():
    @twice
    def answer():
        return 21

    return answer


def tagged():
    def tag():
        return tag.name, tag.__qualname__

    tag.name = "mine"
    return tag


def text_in_a_string():
    def text():
        return '''a
        b'''

    return text


def without_gradients():
    @torch.no_grad()
    def hidden():
        return torch.is_grad_enabled()

    @torch.inference_mode()
    def steps():
        yield torch.is_inference_mode_enabled()
        yield torch.is_inference_mode_enabled()

    return lambda: (hidden(), list(steps()), hidden.__name__, torch.is_grad_enabled())


def asynchronous():
    async def numbers():
        for number in range(3):
            yield number

    async def collect():
        return [number async for number in numbers()]

    return lambda: asyncio.run(collect())


def cached():
    @functools.lru_cache(maxsize=None)
    def fibonacci(n):
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    return lambda: fibonacci(20)


first, second = lambda x: x * 2, lambda x: x + 1
adapter = Adapter(2)
cases = {
    "two lambdas of a line": lambda: (first(5), second(5)),
    "a lambda in a lambda": lambda: (lambda x: lambda y: x + y)(5)(3),
    "defaults": lambda x=Point(3), *, color=Color.RED: (x.x, color.value),
    "a counter": counter(),
    "a shared global": shared_global(),
    "recursion": recursive(),
    "mutual recursion": lambda: (is_even(4), is_odd(4)),
    "a decorated function": decorated(),
    "attributes": tagged(),
    "text in a string": text_in_a_string(),
    "functions without gradients": without_gradients(),
    "an asynchronous generator": asynchronous(),
    "a cache": cached(),
    "a class": lambda: (Child().secret(), Child().more),
    "a bound method": Child().secret,
    "a dataclass": lambda: (repr(Point(1)), Point(1) == Point(1, 2)),
    "an enum": lambda: [color.name for color in Color],
    "a class of modules": lambda: Adapter(2)(torch.ones(1, 4)).tolist(),
    "a module": lambda: adapter(torch.ones(1, 4)).tolist(),
}
"""

WRITE_CASES = """
wanted = {}
for name, case in cases.items():
    (folder / f"{name}.pickle").write_bytes(serialization.dumps(case))
    wanted[name] = case()
print(json.dumps(wanted))
"""

READ_CASES = """
got = {}
for path in folder.glob("*.pickle"):
    try:
        got[path.stem] = serialization.loads(path.read_bytes())()
    except Exception as error:
        got[path.stem] = repr(error)
print(json.dumps(got))
"""

WRITE_TRACES = """
import helpers
from nnsight.tracing.backend import Backend

nnsight.register("helpers")


class Ship(Backend):
    def __init__(self, name):
        self.name = name

    def __call__(self, tracer):
        (folder / f"{self.name}.trace").write_bytes(RequestModel.serialize(tracer, compress=True))


def main():
    x = torch.ones(1, 4)
    k = 5
    local = lambda tensor: tensor * k
    with model.trace(x, backend=Ship("read")):
        result = model.a.output.save()
    with model.trace(x, backend=Ship("functions")):
        result = local(scale(model.a.output)).save()
    with model.trace(x, backend=Ship("write")):
        model.a.output[:] = Adapter(4)(model.a.output)
        result = model.b.output.save()
    with model.trace(x, backend=Ship("module")):
        result = helpers.scale(model.a.output, helpers.Child().more).save()
    with model.session(backend=Ship("session")):
        inner = lambda tensor: tensor - 1
        with model.trace(x):
            hidden = model.a.output
        with model.trace(x):
            result = inner(hidden + model.a.output).save()
    with model.edit() as (_, edited):
        edited.a.output = local(edited.a.output)
    with edited.trace(x, backend=Ship("edit")):
        result = edited.b.output.save()


main()
"""

READ_TRACES = """
from nnsight.tracing.tracer import dec, inc

got = {}
for path in sorted(folder.glob("*.trace")):
    persistent = Remotable._remoteable_persistent_objects(model)
    tracer = RequestModel.deserialize(path.read_bytes(), persistent, compress=True)
    inc()
    try:
        tracer.execute(tracer.info.code)
    finally:
        dec()
    got[path.stem] = tracer.info.frame.f_locals["result"].tolist()
print(json.dumps(got))
"""

NNSIGHT_PICKLER = "import nnsight_pickler\nnnsight_pickler.install()\n"
STANDALONE = "import nnsight_pickler\nnnsight_pickler.install(standalone=True)\n"
INSTALL = "import sourcepickle\nsourcepickle.install()\n"
BY_INSTALL = pytest.param(INSTALL, marks=pytest.mark.way("`install()`"), id="install")
BY_EXAMPLE = pytest.param(
    NNSIGHT_PICKLER, marks=pytest.mark.way("`examples/nnsight_pickler.py`"), id="example"
)
BY_STANDALONE = pytest.param(
    STANDALONE,
    marks=pytest.mark.way("`examples/nnsight_pickler.py` with `standalone=True`"),
    id="standalone",
)
WITHOUT_SOURCEPICKLE = "import sys\nsys.modules['sourcepickle'] = None\n"


def run(python, script, text, folder, *paths):
    """Return what the script, saved as a file of this name, prints as JSON."""
    script.parent.mkdir(exist_ok=True)
    script.write_text(text)
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    path = os.pathsep.join(filter(None, [*map(str, paths), *inherited]))
    environment = {**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}
    command = [python, str(script), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout else None


@pytest.fixture(params=[(0, 1), (1, 0)], ids=["there", "back"])
def pythons(request):
    """The Python of the client and that of the server."""
    return [PYTHONS[index] for index in request.param]


@pytest.mark.feature("callables")
@pytest.mark.parametrize("setup", [BY_INSTALL, BY_EXAMPLE])
def test_callables_of_a_script_do_the_same_on_another_python(pythons, setup, tmp_path):
    """What a script's functions and classes give is what they give after the journey."""
    text = MODEL + setup + HELPERS + CASES + WRITE_CASES
    wanted = run(pythons[0], tmp_path / "client" / "job.py", text, tmp_path, EXAMPLES)
    got = run(pythons[1], tmp_path / "server" / "serve.py", MODEL + READ_CASES, tmp_path)
    assert got == wanted


@pytest.mark.feature("traces, sessions, edits")
@pytest.mark.parametrize("setup", [BY_INSTALL, BY_EXAMPLE, BY_STANDALONE])
def test_traces_run_on_another_python(pythons, setup, tmp_path):
    """A block reads and writes activations of the server's model by what the client defined.

    The server has neither the client's files nor, for a standalone payload, sourcepickle; and it
    loads with nnsight's own unpickler, into modules that the request refers to by their ids.
    """
    client, server = tmp_path / "client", tmp_path / "server"
    client.mkdir()
    (client / "helpers.py").write_text("import torch\n" + HELPERS)
    text = MODEL + setup + HELPERS + WRITE_TRACES
    run(pythons[0], client / "job.py", text, tmp_path, EXAMPLES)
    start = WITHOUT_SOURCEPICKLE if setup is STANDALONE else ""
    got = run(pythons[1], server / "serve.py", start + MODEL + READ_TRACES, tmp_path)
    assert got == {
        "read": [[2.5] * 4],
        "functions": [[25.0] * 4],
        "write": [[10.5] * 2],
        "module": [[7.5] * 4],
        "session": [[4.0] * 4],
        "edit": [[25.5] * 2],
    }


PERSISTENT = """
import nnsight_pickler

module = torch.nn.Linear(1, 1)
module._persistent_id = "Module:a"
held = {"module": module, "apply": lambda x: module(x), "frame": sys._getframe()}
data = nnsight_pickler.dumps(held)
assert b"Linear" not in data
there = torch.nn.Linear(1, 1)
loaded = nnsight_pickler.loads(data, {"Module:a": there})
assert loaded["module"] is there
assert loaded["apply"].__globals__["module"] is there
assert loaded["frame"].f_code.co_filename == __file__
try:
    nnsight_pickler.loads(data)
except serialization.UnknownPersistentIdError as error:
    print(json.dumps(str(error)))
"""


@pytest.mark.way("`examples/nnsight_pickler.py`")
@pytest.mark.feature("objects with an id")
def test_objects_with_an_id_stay(pythons, tmp_path):
    """What has an id is the receiver's own, in a function's globals too; a frame is its place."""
    script = tmp_path / "client" / "job.py"
    assert run(pythons[0], script, MODEL + PERSISTENT, tmp_path, EXAMPLES) == "Module:a"


READ_SNIPPET = """
import pathlib
import sys

import torch
from nnsight.intervention import serialization

scale = serialization.loads((pathlib.Path(sys.argv[1]) / "snippet.pickle").read_bytes())
print(scale(torch.ones(2)).tolist())
"""


@pytest.mark.way("`install()`")
@pytest.mark.feature("callables")
def test_snippet(tmp_path):
    """What the page's snippet pickles another version runs, to the same that the snippet prints."""
    (snippet,) = page.blocks("nnsight", "python")
    path = tmp_path / "snippet.pickle"
    write = f"\nopen({str(path)!r}, 'wb').write(data)\n"
    (told,) = page.printed(snippet)
    assert run(PYTHONS[0], tmp_path / "client" / "job.py", snippet + write, tmp_path) == json.loads(
        told
    )
    got = run(PYTHONS[1], tmp_path / "server" / "serve.py", READ_SNIPPET, tmp_path)
    assert got == json.loads(told)
