"""Dumping and loading in several threads at once."""

import pickle
import sys
import threading

import pytest
import sourcepickle


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_dump_and_load_at_once(module_of, threads):
    functions = 40
    text = "".join(
        f"def make{n}(k):\n    def f(x):\n        return x + k + {n}\n    return f, lambda: k * {n}\n"  # noqa: E501
        for n in range(functions)
    )
    module = module_of(text)
    made = [getattr(module, f"make{n}")(100) for n in range(functions)]
    barrier = threading.Barrier(threads)
    failures = []

    def work(seed):
        try:
            barrier.wait()
            for turn in range(4 * functions):
                n = (turn * 7 + seed) % functions
                data = sourcepickle.dumps(made[n], by_source=True)
                f, g = pickle.loads(data)
                assert (f(1), g()) == (101 + n, 100 * n)
                assert sourcepickle.dumps((f, g), by_source=True) == data
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert not any(worker.is_alive() for worker in workers)
    assert failures == []


WRITER = """
    import dataclasses, enum, pickle, sourcepickle, sys, typing

    def make(n):
        @dataclasses.dataclass(order=True)
        class Data:
            x: int = n
            more: list = dataclasses.field(default_factory=list)

            def double(self):
                return self.x * 2

        @dataclasses.dataclass(frozen=True)
        class Frozen:
            x: int = n

        class Color(enum.Enum):
            RED = n

            def double(self):
                return self.value * 2

        @typing.runtime_checkable
        class Doubles(typing.Protocol):
            def double(self): ...

        return Data, Frozen, Color, Doubles

    payloads = [sourcepickle.dumps(make(n), by_source=True) for n in range(100)]
    with open(sys.argv[1], "wb") as file:
        pickle.dump(payloads, file)
"""


def check_classes(n, data, frozen, color):
    assert vars(data()) == {"x": n, "more": []}
    assert repr(data(more=[1])).endswith(f"Data(x={n}, more=[1])")
    assert data() == data(n) != data(n + 1)
    assert data() < data(n + 1) and data().double() == 2 * n
    assert {frozen(): "key"}[frozen(n)] == "key"
    assert color(n) is color.RED
    assert color.RED.double() == 2 * n


def check_protocol(data, frozen, color, doubles):
    assert isinstance(data(), doubles)
    assert isinstance(color.RED, doubles)
    assert not isinstance(frozen(), doubles)


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_load_classes_that_are_not_at_home(run_python, tmp_path, threads):
    path = tmp_path / "payloads"
    run_python(WRITER, path)
    payloads = pickle.loads(path.read_bytes())
    barrier = threading.Barrier(threads)
    loaded, failures = [], []

    def work():
        classes = []
        for n, data in enumerate(payloads):
            barrier.wait(60)
            try:
                classes.append(pickle.loads(data))
                check_classes(n, *classes[-1][:3])
                check_protocol(*classes[-1])
            except BaseException as error:
                failures.append((n, error))
        loaded.append(classes)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
    finally:
        sys.setswitchinterval(interval)
    assert not any(worker.is_alive() for worker in workers)
    assert failures == []
    assert len(loaded) == threads
    for same in zip(*loaded):
        assert len(set(same)) == 1
