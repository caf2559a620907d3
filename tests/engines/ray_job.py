"""What test_ray.py runs in the client's interpreter: cases by name, one line of JSON for each."""

from __future__ import annotations

import gc
import json
import os
import sys
import time

import ray
import sourcepickle

RATE = 3
# Under Ray Client the runtime_env option of this purpose is dropped without a word.
CLIENT_HOOK = "__RAY_WORKER_PROCESS_SETUP_HOOK_ENV_VAR"
HOOK = "sourcepickle.install"
RESULT = "RESULT "


class JobError(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Point:
    def __init__(self, x):
        self.x = x

    def twice(self):
        return self.x * 2


def scaled(x):
    return x * RATE


class _Call:
    """Calls a function where it is loaded."""

    def __reduce__(self):
        return sourcepickle.install, ()


class InstallThere:
    """Installs where it is loaded, and is a plain bool there, for Ray pickles it again."""

    def __reduce__(self):
        return bool, (_Call(),)


@ray.remote
def where():
    return list(sys.version_info[:2]), sys._getframe().f_code.co_filename


@ray.remote
def task(x):
    return scaled(x)


@ray.remote
def calls_task(x):
    return ray.get(task.remote(x)) + 1


@ray.remote
def factorial(n):
    return 1 if n == 0 else n * ray.get(factorial.remote(n - 1))


@ray.remote
class Counter:
    def __init__(self, start):
        self.n = start

    def add(self, k=1):
        self.n += k
        return self.n

    async def later(self, x):
        return x * RATE

    def fail(self):
        raise JobError(self.n)


@ray.remote
def fail():
    raise JobError(7)


@ray.remote
def divide():
    return 1 / 0


@ray.remote
def values(direct, wrapped):
    return direct, ray.get(wrapped)


@ray.remote
def add_to(handle):
    return ray.get(handle.add.remote(1))


@ray.remote
def new_counter():
    return Counter.remote(5)


@ray.remote
def point(x):
    return Point(x)


@ray.remote
def twice(p):
    return p.twice(), isinstance(p, Point)


@ray.remote
def inner_function():
    def inner(y):
        return y + RATE

    return inner


@ray.remote
def inner_class():
    class Inner:
        def rate(self):
            return RATE

    return Inner


@ray.remote
def stream(n):
    for i in range(n):
        yield scaled(i)


@ray.remote
def calls(func):
    return func()


def case_where():
    return ray.get(where.remote())


def case_task():
    return ray.get([task.remote(4), ray.remote(lambda x: x + RATE).remote(1)])


def case_other_tasks():
    return ray.get([calls_task.remote(4), factorial.remote(2)])


def case_actor():
    counter = Counter.remote(10)
    return [
        ray.get(counter.add.remote()),
        ray.get(counter.add.remote(k=5)),
        ray.get(counter.later.remote(2)),
    ]


def case_ref_arguments():
    ref = ray.put({"a": 1})
    return ray.get(values.remote(ref, [ref]))


def case_captured_ref():
    ref = ray.put(list(range(100_000)))

    @ray.remote
    def use():
        return len(ray.get(ref))

    return ray.get(use.remote(), timeout=20)


def case_captured_ref_is_pinned():
    def make():
        ref = ray.put(list(range(100_000)))
        return lambda: len(ray.get(ref))

    func = ray.put(make())
    gc.collect()
    return ray.get(calls.remote(func), timeout=20)


def case_captured_handle():
    counter = Counter.remote(1)

    @ray.remote
    def use():
        return ray.get(counter.add.remote(100))

    return ray.get(use.remote(), timeout=20), ray.get(add_to.remote(counter), timeout=20)


def case_returned_handle():
    return ray.get(ray.get(new_counter.remote()).add.remote())


def case_instances():
    there = ray.get(twice.remote(Point(5)))
    back = ray.get(point.remote(2), timeout=20)
    return there, back.twice(), type(back) is Point


def case_returned_function():
    func = ray.get(inner_function.remote(), timeout=20)
    return func(1), func.__code__.co_filename.startswith("<sourcepickle ")


def case_returned_class():
    return ray.get(inner_class.remote(), timeout=20)().rate()


def case_own_exception():
    try:
        ray.get(fail.remote(), timeout=20)
    except JobError as error:
        return error.code, type(error.cause) is JobError
    return None


def case_actor_exception():
    try:
        ray.get(Counter.remote(9).fail.remote(), timeout=20)
    except JobError as error:
        return error.code
    return None


def case_builtin_exception():
    try:
        ray.get(divide.remote(), timeout=20)
    except ZeroDivisionError as error:
        return "return 1 / 0" in str(error)
    return None


def case_dynamic_generator():
    refs = ray.get(stream.options(num_returns="dynamic").remote(3))
    return [ray.get(ref) for ref in refs]


def case_streaming_generator():
    return [ray.get(ref) for ref in stream.remote(3)]


def connect(address):
    if address == "local":
        ray.init(
            address,
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=100_000_000,
            log_to_driver=False,
            runtime_env={"worker_process_setup_hook": HOOK},
            _node_ip_address="127.0.0.1",
        )
        return
    for attempts_left in (2, 1, 0):
        try:
            ray.init(address, log_to_driver=False, runtime_env={"env_vars": {CLIENT_HOOK: HOOK}})
            break
        except ConnectionError:
            # A server that was started just now may not be ready for clients.
            if not attempts_left:
                raise
            time.sleep(2)
    # The server pickles results too; it is no worker, and runs no hook.
    ray.put(InstallThere())


def main():
    address, install = sys.argv[1:]
    if install == "install":
        sourcepickle.install()
    connect(address)
    for name, case in list(globals().items()):
        if not name.startswith("case_"):
            continue
        try:
            result = case()
        except Exception as error:
            result = f"{type(error).__name__}: {str(error)[-600:]}"
        print(RESULT + json.dumps([name[len("case_") :], result]), flush=True)
    ray.shutdown()


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        print(RESULT + json.dumps(["connect", f"{type(error).__name__}: {error}"]), flush=True)
        sys.stdout.flush()
        os._exit(1)
