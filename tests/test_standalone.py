"""standalone=True: plain pickle.loads in a Python with nothing but its standard library."""

import ast
import io
import json
import pickle
import subprocess
import sys
import textwrap

import pytest
import sourcepickle

# A payload per line of a JSON file is loaded in turn; `loaded` holds what became of each.
START = """
import json, pickle, sys
assert [path for path in sys.path if "site-packages" in path] == []
with open({path!r}) as file:
    payloads = [bytes.fromhex(text) for text in json.load(file)]
def load_all():
    return [pickle.loads(data) for data in payloads]
"""


def dumps(obj, protocol=None, **options):
    options.setdefault("by_source", True)
    return sourcepickle.dumps(obj, protocol, standalone=True, **options)


@pytest.fixture
def bare(tmp_path):
    """Return a function: what a program prints in a Python that has nothing installed."""

    def run(payloads, program, python=None):
        path = tmp_path / "payloads.json"
        path.write_text(json.dumps([data.hex() for data in payloads]))
        text = START.format(path=str(path)) + textwrap.dedent(program)
        command = [python or sys.executable, "-I", "-S", "-B", "-c", text]
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", cwd=tmp_path, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def made(k=3):
    def f(x):
        return x + k

    return f


WORKLOAD = '''
    import collections
    import dataclasses
    import enum
    import functools
    import json
    import math

    SCALE = 10

    class Kind(enum.Enum):
        A = "a"
        B = "b"

    @dataclasses.dataclass
    class Point:
        x: int
        y: int = 0

        def length(self):
            return math.hypot(self.x, self.y)

    class Base:
        def __init__(self, name):
            self.__name = name

        def title(self):
            return self.__name

    class Derived(Base):
        def title(self):
            return super().title() + "!"

    Pair = collections.namedtuple("Pair", "a b")

    def factorial(n):
        return 1 if n < 2 else n * factorial(n - 1)

    def counter():
        n = 0
        def up():
            nonlocal n
            n += 1
            return n
        def read():
            return n
        return up, read

    UP, READ = counter()

    @functools.lru_cache(maxsize=None)
    def cached(x):
        return x * SCALE

    class Context:
        def __enter__(self):
            return self
        def __exit__(self, *error):
            return True

    def numbers(n):
        for i in range(n):
            yield i * SCALE

    keys = [lambda x: x, lambda x: -x]

    def workload():
        """Use everything."""
        point = Point(3, 4)
        with Context():
            raise ValueError("swallowed")
        UP(), UP()
        return [
            factorial(5), point.length(), repr(point), point == Point(3, 4), Kind("a").name,
            Kind.A is Kind["A"], Derived("d").title(), Pair(1, 2).b, READ(), cached(2), cached(2),
            cached.cache_info().hits, list(numbers(3)), [key(2) for key in keys],
            json.loads(json.dumps({"a": 1})), workload.__doc__, Point.__name__,
            sorted([3, 1, 2], key=keys[1]),
        ]
'''


@pytest.mark.parametrize("by_source", [True, "prefer"])
def test_every_python_loads_it_with_nothing_installed(
    module_of, bare, pythons, two_others, by_source
):
    module = module_of(WORKLOAD)
    payloads = [dumps(module.workload, by_source=by_source), dumps([made(5), lambda x: -x])]
    program = """
        work, (f, g) = load_all()
        print(json.dumps([work(), f(1), g(1), "sourcepickle" in sys.modules]))
    """
    chosen = pythons.values() if by_source is True else [pythons[name] for name in two_others]
    answers = [bare(payloads, program, python) for python in [sys.executable, *chosen]]
    assert len(set(answers)) == 1
    work, f, g, installed = json.loads(answers[0])
    assert work == module.workload()[:8] + work[8:]
    assert work[8:13] == [2, 20, 20, 1, [0, 10, 20]]
    assert work[-2:] == ["Point", [3, 2, 1]]
    assert (f, g, installed) == (6, -1, False)


@pytest.mark.parametrize("by_source", [None, False])
def test_it_needs_source(by_source):
    options = {} if by_source is None else {"by_source": by_source}
    for write in (
        lambda: sourcepickle.dumps(1, standalone=True, **options),
        lambda: sourcepickle.dump(1, io.BytesIO(), standalone=True, **options),
        lambda: sourcepickle.Pickler(io.BytesIO(), standalone=True, **options),
    ):
        with pytest.raises(ValueError, match="by_source"):
            write()


def test_dump_pickler_and_dumps_agree():
    file, other = io.BytesIO(), io.BytesIO()
    f = made()
    sourcepickle.dump(f, file, by_source=True, standalone=True)
    sourcepickle.Pickler(other, by_source=True, standalone=True).dump(f)
    assert file.getvalue() == other.getvalue() == dumps(f)


def test_without_it_the_bytes_are_as_before():
    f = made()
    data = sourcepickle.dumps(f, by_source=True)
    assert sourcepickle.dumps(f, by_source=True, standalone=False) == data
    assert sourcepickle.dumps(f, standalone=False) == sourcepickle.dumps(f)


def test_the_same_bytes_each_time():
    assert dumps(made()) == dumps(made())


@pytest.mark.parametrize("protocol", range(0, pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol(bare, protocol):
    assert bare([dumps(made(), protocol)], "print(load_all()[0](4))") == "7"


def test_the_overhead_of_a_small_function():
    for obj in (made(), [made()], lambda x: x, [made(n) for n in range(20)]):
        plain = sourcepickle.dumps(obj, by_source=True)
        assert 0 < len(dumps(obj)) - len(plain) < 3200


def test_the_rebuilding_code_is_in_a_payload_once():
    one, many = dumps([made()]), dumps([made(n) for n in range(100)])
    plain_one = sourcepickle.dumps([made()], by_source=True)
    plain_many = sourcepickle.dumps([made(n) for n in range(100)], by_source=True)
    assert len(many) - len(plain_many) < len(one) - len(plain_one) + 500


@pytest.mark.parametrize("obj", [3, "text", [1, {2: None}], {"a": (1.5, b"x")}], ids=str)
def test_data_alone(bare, obj):
    assert bare([dumps(obj)], "print(repr(load_all()[0]))") == repr(obj)


def test_payloads_in_one_process_share_the_rebuilding_code(bare):
    payloads = [dumps(made(n)) for n in range(3)] + [dumps(lambda x: x * 2)]
    program = """
        lengths = []
        def hook(event, arguments):
            if event == "compile" and arguments[0] is not None:
                lengths.append(len(arguments[0]))
        sys.addaudithook(hook)
        sums = []
        for data in payloads:
            del lengths[:]
            pickle.loads(data)
            sums.append(sum(lengths))
        print(sums)
    """
    first, *others = ast.literal_eval(bare(payloads, program))
    assert first > 1000
    assert max(others) < first / 2


def local_class():
    class Local:
        def method(self):
            return type(self)

    return Local


def test_one_class_in_many_payloads_is_one_class(bare):
    cls = local_class()
    other = local_class()
    payloads = [dumps(cls), dumps([cls()]), dumps(cls().method), dumps(other)]
    program = """
        cls, [instance], method, other = load_all()
        print(type(instance) is cls, method() is cls, other is cls, load_all()[0] is cls)
    """
    assert bare(payloads, program) == "True True False True"


def test_threads_that_load_at_once(bare):
    classes = [local_class() for _ in range(10)]
    payloads = [dumps(cls) for cls in classes] + [dumps(made(n)) for n in range(20)]
    program = """
        import threading
        barrier = threading.Barrier(8)
        results = []
        def work():
            barrier.wait()
            results.append(load_all())
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join(60)
        print(len(results), {len(set(same)) for same in zip(*[r[:10] for r in results])})
        print({sum(f(1) for f in r[10:]) for r in results})
    """
    assert bare(payloads, program).splitlines() == ["8 {1}", "{210}"]


def test_getsource_and_tracebacks_show_the_text(bare, pythons, two_others):
    def failing(x):
        y = x + 1  # a comment
        raise ValueError(y)

    program = """
        import inspect, traceback
        f = load_all()[0]
        print(inspect.getsource(f))
        try:
            f(1)
        except ValueError:
            print(traceback.format_exc())
    """
    for python in [sys.executable, *(pythons[version] for version in two_others)]:
        shown = bare([dumps(failing)], program, python)
        assert shown.count("raise ValueError(y)") == 2
        assert "y = x + 1  # a comment" in shown
        assert f"line {failing.__code__.co_firstlineno + 2}" in shown


def test_a_method_shows_its_text(bare):
    program = """
        import inspect
        print(inspect.getsource(load_all()[0].method))
    """
    assert "return type(self)" in bare([dumps(local_class())], program)


def test_documentation_defaults_and_annotations_arrive(bare):
    def f(x: int, y: str = "d", *, z=(1, 2)) -> float:
        """What it does."""

    f.attached = 5
    program = """
        import inspect
        f = load_all()[0]
        print(f.__doc__, f.__defaults__, f.__kwdefaults__, f.attached, inspect.signature(f))
    """
    assert bare([dumps(f)], program) == (
        "What it does. ('d',) {'z': (1, 2)} 5 (x: int, y: str = 'd', *, z=(1, 2)) -> float"
    )


def test_other_ways_of_loading(bare):
    payloads = [dumps(made(1)), dumps(made(2))]
    program = """
        import io
        file = io.BytesIO(b"".join(payloads))
        print(pickle.load(file)(1), pickle.load(file)(1))
        print(pickle._loads(payloads[0])(1), pickle.Unpickler(io.BytesIO(payloads[1])).load()(1))
    """
    assert bare(payloads, program).split() == ["2", "3", "2", "3"]


def test_a_pickler_used_twice(bare):
    file = io.BytesIO()
    pickler = sourcepickle.Pickler(file, by_source=True, standalone=True)
    f = made(1)
    pickler.dump([f])
    first = file.tell()
    pickler.dump([f, made(2)])
    program = """
        import io
        unpickler = pickle.Unpickler(io.BytesIO(payloads[0]))
        [f], [again, other] = unpickler.load(), unpickler.load()
        print(f is again, f(1), other(1))
    """
    assert bare([file.getvalue()], program) == "True 2 3"
    pickler.clear_memo()
    start = file.tell()
    assert first < start
    pickler.dump(made(7))
    assert bare([file.getvalue()[start:]], "print(load_all()[0](1))") == "8"


def test_a_module_by_value_travels_alone(home, bare):
    helpers = home.write(
        helpers="COUNT = 0\ndef bump():\n    global COUNT\n    COUNT += 1\n    return COUNT\n"
    )

    def work():
        helpers.bump()
        return helpers.bump(), helpers.COUNT, helpers.__name__

    data = dumps(work, pickle_by_reference=set())
    program = "print(load_all()[0](), 'helpers' in sys.modules)"
    assert bare([data], program) == "(2, 2, 'helpers') False"


def test_an_import_in_a_function_finds_the_module_that_travelled(home, bare):
    work = home.write(
        shop__init="",
        shop__state="N = 5\n",
        shop__work="def f():\n    from . import state\n    return state.N\n",
    )
    __import__("shop.state")
    data = dumps(work.f, pickle_by_reference=set())
    assert bare([data], "print(load_all()[0]())") == "5"


ERROR = """
    try:
        load_all()
    except pickle.UnpicklingError as error:
        print(type(error).__name__, error)
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="cannot compile the construct")
def test_a_grammar_too_new_is_refused_by_name(module_of, bare, pythons):
    module = module_of("def generic[T](x: T) -> T:\n    return x\n")
    data = dumps(module.generic)
    for version, python in pythons.items():
        if version in ("3.9", "3.11"):
            said = bare([data], ERROR, python)
            assert said.startswith("SourceVersionError")
            assert "generic" in said
            assert "3.12" in said
        elif version == "3.13":
            assert bare([data], "print(load_all()[0](1))", python) == "1"


def test_bytecode_of_another_version_is_refused_by_name(bare, pythons, two_others):
    namespace = {}
    exec("def executed(x):\n    return x\n", namespace)
    data = dumps([made(), namespace["executed"]], by_source="prefer")
    assert bare([data], "print(load_all()[0][1](4))") == "4"
    for version in two_others:
        said = bare([data], ERROR, pythons[version])
        assert said.startswith("SourceVersionError")
        assert "executed" in said


def test_a_function_without_text_is_refused_at_the_dump():
    namespace = {}
    exec("def executed(x):\n    return x\n", namespace)
    with pytest.raises(sourcepickle.SourceNotFoundError, match="executed"):
        dumps(namespace["executed"])


def test_altered_source_is_no_other_function(bare):
    def f(x):
        return x + 1234567

    data = dumps(f)
    text = b"return x + 1234567"
    if text in data:
        altered = data.replace(text, b"return x - 1234567")
        assert "SourceDamagedError" in bare([altered], ERROR)
        with pytest.raises(sourcepickle.SourceDamagedError):
            pickle.loads(altered)


# Where sourcepickle is installed


def test_an_installed_sourcepickle_is_used():
    cls = local_class()
    loaded, instance = pickle.loads(dumps([cls, cls()]))
    assert loaded is cls
    assert isinstance(instance, cls)
    f = pickle.loads(dumps(made()))
    again = pickle.loads(sourcepickle.dumps(made(), by_source=True))
    assert f(1) == again(1) == 4
    assert type(f.__code__) is type(again.__code__)
    assert f.__code__.co_filename == again.__code__.co_filename


def test_an_installed_sourcepickle_is_found_by_a_process_that_has_not_imported_it(
    tmp_path, run_python
):
    cls = local_class()
    payloads = [dumps(cls), sourcepickle.dumps([cls()], by_source=True)]
    (tmp_path / "payloads").write_bytes(b"".join(payloads))
    program = """
        import pickle, sys
        with open("payloads", "rb") as file:
            cls = pickle.load(file)
            print("sourcepickle.rebuild" in sys.modules)
            [instance] = pickle.load(file)
        print(type(instance) is cls)
    """
    assert run_python(program).split() == ["True", "True"]


def test_classes_are_one_across_both_kinds_of_payload():
    cls = local_class()
    first = pickle.loads(dumps(cls))
    assert pickle.loads(sourcepickle.dumps(cls, by_source=True)) is first is cls


def test_a_loaded_function_can_be_sent_on(run_python, tmp_path):
    f = made()
    (tmp_path / "payload").write_bytes(dumps(f))
    program = """
        import pickle, sourcepickle
        with open("payload", "rb") as file:
            f = pickle.load(file)
        plain = sourcepickle.dumps(f, by_source=True)
        print(plain.hex())
        print(sourcepickle.dumps(f, by_source=True, standalone=True).hex())
    """
    plain, alone = map(bytes.fromhex, run_python(program).split())
    assert plain == sourcepickle.dumps(f, by_source=True)
    assert alone == dumps(f)


def test_a_subclass_of_the_pickler(bare):
    class Pickler(sourcepickle.Pickler):
        def reducer_override(self, obj):
            if obj is marker:
                return str, ("replaced",)
            return super().reducer_override(obj)

    marker = object()
    file = io.BytesIO()
    Pickler(file, by_source=True, standalone=True).dump([marker, made(2)])
    program = "text, f = load_all()[0]; print(text, f(1))"
    assert bare([file.getvalue()], program) == "replaced 3"


def test_buffers_out_of_band():
    buffers = []
    data = dumps([pickle.PickleBuffer(b"abc"), made(1)], buffer_callback=buffers.append)
    loaded = pickle.loads(data, buffers=buffers)
    assert bytes(loaded[0]) == b"abc"
    assert loaded[1](1) == 2


def test_an_object_by_reference_is_imported(bare):
    assert bare([dumps([json.loads, made()])], "print(load_all()[0][0] is json.loads)") == "True"
