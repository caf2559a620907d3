"""Dumping and loading in several threads at once."""

import pickle
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
