"""Objects to send from each interpreter to each other, with a check of each: the grammar is 3.9's.

The writer runs the builders and pickles what they return; the reader, which cannot import what the
writer imported, loads it and runs the checks of its own copy of this file.
"""

import asyncio
import collections
import concurrent.futures
import concurrent.futures.thread
import contextlib
import functools
import enum
import itertools
import json
import math
import os.path
import pathlib
import re
import threading
import types
import typing
import warnings
import xml.etree.ElementTree
import zipfile
from typing import Dict, List, Optional

from case import Cases, raises

case = Cases()

EVALUATED = []
FACTOR = 3
SHARED = {"count": 0}
WORDS = {"alpha", "beta", "gamma", "delta", "epsilon"}
NUMBERS = frozenset(range(40, 20, -3))


def of_the_standard_library():
    """Return what some versions keep elsewhere than others."""
    return [
        math.gcd,
        math.factorial,
        os.path.lexists,
        pathlib.PurePosixPath,
        pathlib.PurePosixPath("a/b"),
        re.error,
        re.match,
        warnings.catch_warnings,
        warnings.simplefilter,
        zipfile.Path,
        enum.EnumMeta,
        asyncio.all_tasks,
        threading.Lock,
        open,
    ]


def module_plain(x):
    return x * FACTOR


def module_factorial(n):
    return 1 if n < 2 else n * module_factorial(n - 1)


def module_is_even(n):
    return n == 0 or module_is_odd(n - 1)


def module_is_odd(n):
    return n != 0 and module_is_even(n - 1)


def module_increment():
    SHARED["count"] += 1
    return SHARED["count"]


def module_read():
    return SHARED["count"]


def module_set_global():
    global NEW_GLOBAL
    NEW_GLOBAL = 41
    return NEW_GLOBAL + 1


def module_delete_global():
    global TEMPORARY
    TEMPORARY = 1
    del TEMPORARY
    return "TEMPORARY" not in globals()


def counted(value):
    EVALUATED.append(value)
    return value


def defaults_once(x=counted("default"), *, y=counted("keyword")):
    return x, y, len(EVALUATED)


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return ("logged", function(*args, **kwargs))

    return wrapper


def scaled(by):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            return by * function(*args)

        return wrapper

    return decorate


@logged
def decorated(x):
    """Doc of decorated."""
    return x + 1


@scaled(
    by=10,
)
@logged
@scaled(2)
def thrice_decorated(x):
    return x


lambdas_on_a_line = [lambda x: x + 1, lambda x: x - 1, lambda x: x * 2, (lambda x: x ** 2)]; after_semicolon = lambda: ";"
é, after_umlaut = "ü" * 3, lambda x: "äöü" + x + "→"
in_f_string = f"{(lambda x: x * 7)(6)}", f"ö {[lambda: 'a', lambda: 'b'][1]()}"


# Functions


@case(lambda found: found == of_the_standard_library())
def what_the_standard_library_moved():
    return of_the_standard_library()


@case(lambda f: f(4) == 12)
def plain():
    return module_plain


@case(lambda f: f(1, 2) == 3)
def nested():
    def f(a, b):
        return a + b

    return f


@case(lambda f: f(10) == 3628800)
def recursion_global():
    return module_factorial


@case(lambda fs: fs[0](10) and not fs[1](10) and fs[1](7))
def recursion_mutual_global():
    return module_is_even, module_is_odd


@case(lambda f: f(5) == 120)
def recursion_local():
    def factorial(n):
        return 1 if n < 2 else n * factorial(n - 1)

    return factorial


@case(lambda fs: fs[0](8) and fs[1](9) and not fs[0](9))
def recursion_mutual_local():
    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != 0 and even(n - 1)

    return [even, odd]


@case(lambda f: f(6) == 8)
def recursion_local_lambda():
    fib = lambda n: n if n < 2 else fib(n - 1) + fib(n - 2)
    return fib


@case(lambda f: asyncio.run(f(3)) == 6)
def coroutine():
    async def f(x):
        await asyncio.sleep(0)
        return x * 2

    return f


@case(lambda f: list(f(4)) == [0, 1, 4, 9])
def generator():
    def f(n):
        for i in range(n):
            yield i * i

    return f


@case(lambda f: list(f()) == [1, 2, 3, 4])
def generator_delegating():
    def inner():
        yield 2
        yield 3

    def f():
        yield 1
        yield from inner()
        yield 4

    return f


@case(lambda f: asyncio.run(f()) == [0, 2, 4])
def asynchronous_generator():
    async def source():
        for i in range(3):
            yield i

    async def f():
        return [2 * i async for i in source()]

    return f


@case(lambda f: asyncio.run(f()) == ["in", "body", "out"])
def asynchronous_context():
    def f():
        log = []

        @contextlib.asynccontextmanager
        async def scope():
            log.append("in")
            yield
            log.append("out")

        async def run():
            async with scope():
                log.append("body")
            return log

        return run()

    return f


@case(lambda f: f() == (1, [], {"a": 2}) and f(5)[0] == 5)
def with_defaults():
    def f(a=1, b=[], c={"a": 2}):
        return a, b, c

    return f


@case(lambda f: f() == ("default", "keyword", 2))
def defaults_are_not_evaluated_again():
    return defaults_once


@case(lambda f: f()[0] is f()[1])
def default_identity():
    shared = []

    def f(a=shared, b=shared):
        return a, b

    return f


@case(lambda f: f(b=2) == (1, 2) and f.__kwdefaults__ == {"a": 1} and raises(TypeError, f))
def keyword_only():
    def f(*, a=1, b):
        return a, b

    return f


@case(lambda f: f(1, 2) == (1, 2, 3) and raises(TypeError, lambda: f(a=1, b=2)))
def positional_only():
    def f(a, b, /, c=3):
        return a, b, c

    return f


@case(lambda f: f(1, 2, 3, x=4) == (1, (2, 3), {"x": 4}))
def star_parameters():
    def f(a, *args, **kwargs):
        return a, args, kwargs

    return f


@case(lambda f: f(1, 2, c=3, d=4, e=5) == (1, 2, (), 3, {"d": 4, "e": 5}))
def every_parameter_kind():
    def f(a, /, b, *args, c, **rest):
        return a, b, args, c, rest

    return f


@case(
    lambda f: f.__annotations__
    == {"a": int, "b": "str", "c": List[int], "d": Optional[Dict[str, int]], "return": None}
)
def annotated():
    def f(a: int, b: "str", c: List[int], d: Optional[Dict[str, int]] = None) -> None:
        pass

    return f


@case(lambda f: f.__annotations__ == {"values": list, "options": dict, "return": typing.Any})
def annotated_stars():
    def f(*values: list, **options: dict) -> typing.Any:
        pass

    return f


@case(lambda f: f() == {"x": "int"})
def annotated_variables_inside():
    def f():
        x: int = 1
        y: "undefined"

        class C:
            x: "int"

        return C.__annotations__

    return f


@case(lambda f: f.__doc__ == "A doc of one line." and f() is None)
def docstring():
    def f():
        """A doc of one line."""

    return f


@case(lambda f: f.__doc__ == "set later")
def docstring_set_later():
    def f():
        """written"""

    f.__doc__ = "set later"
    return f


@case(lambda f: f.__doc__ is None)
def docstring_deleted():
    def f():
        """written"""

    f.__doc__ = None
    return f


@case(lambda f: f.tag == "x" and f.count == [1, 2] and f.again is f)
def attributes():
    def f():
        pass

    f.tag = "x"
    f.count = [1, 2]
    f.again = f
    return f


@case(lambda f: f.__qualname__ == "qualified.<locals>.f" and f.__name__ == "f")
def qualified():
    def f():
        pass

    return f


@case(lambda f: (f.__name__, f.__qualname__, f.__module__) == ("other", "A.other", "some.module"))
def renamed():
    def f():
        pass

    f.__name__, f.__qualname__, f.__module__ = "other", "A.other", "some.module"
    return f


def give_names(function, name, **others):
    """Rename a function's code, as torch does with what its context managers wrap."""
    function.__code__ = function.__code__.replace(co_name=name, **others)
    return function


def in_context(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        inner = lambda: function(*arguments)
        return inner()

    others = {"co_qualname": "no_grad"} if hasattr(wrapper.__code__, "co_qualname") else {}
    return give_names(wrapper, "no_grad", **others)


@case(
    lambda f: (f(2), f.__name__, f.__qualname__) == (6, "module_plain", "module_plain")
    and f.__code__.co_name == "no_grad"
)
def code_renamed():
    return in_context(module_plain)


@case(
    lambda f: (f(), f.__name__, f.__qualname__) == (1, "f", "code_renamed_alone.<locals>.f")
    and f.__code__.co_name == "g"
)
def code_renamed_alone():
    def f():
        return 1

    return give_names(f, "g")


@case(lambda fs: [(f(), f.__code__.co_name) for f in fs] == [(1, "a"), (2, "<lambda>"), (3, "c")])
def code_of_lambdas_renamed():
    found = [lambda: 1, lambda: 2, lambda: 3]
    give_names(found[0], "a")
    give_names(found[2], "c")
    return found


@case(lambda c: (c().m(3), c.m.__name__, c.m.__code__.co_name) == ((3, 9), "m", "other"))
def code_of_method_renamed():
    class Base:
        def m(self, x):
            return 9

    class C(Base):
        def m(self, x):
            return x, super().m(x)

    give_names(C.m, "other")
    return C


@case(lambda f: (list(f(2)), f.__code__.co_name, f.__code__.co_flags & 0x100) == ([2], "other", 0x100))
def code_of_iterable_coroutine_renamed():
    def f(n):
        yield n

    return give_names(types.coroutine(f), "other")


@case(lambda f: (f(3), f.__code__.co_name) == (6, "other"))
def code_of_recursive_function_renamed():
    def f(n):
        return n and n + f(n - 1)

    return give_names(f, "other")


@case(lambda f: f(1) == ("logged", 2) and f.__doc__ == "Doc of decorated." and f.__wrapped__(1) == 2)
def decorated_function():
    return decorated


@case(lambda f: f.__name__ == "decorated" and f(1) == 2)
def wrapped_function():
    return decorated.__wrapped__


@case(lambda f: f(3) == 10 * ("logged", 6))
def decorated_thrice():
    return thrice_decorated


@case(lambda f: f(2) == ("logged", 3) and f.__kwdefaults__ is None)
def decorated_locally():
    @logged
    def f(x):
        return x + 1

    return f


@case(lambda f: f(20) == 6765 and f.cache_info().currsize > 0)
def cached():
    def make():
        @functools.lru_cache(maxsize=None)
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)

        return fib

    class Lazily:
        def __call__(self, n):
            if not hasattr(self, "function"):
                self.function = make()
            return self.function(n)

        def cache_info(self):
            return self.function.cache_info()

    return Lazily()


@case(lambda p: p(1) == 111 and p.func(1, 2, 3) == 6)
def partial():
    def f(a, b, c):
        return a + b + c

    return functools.partial(f, 100, c=10)


@case(lambda f: f([1, 2, 3]) == 6)
def reduce_with_lambda():
    return functools.partial(functools.reduce, lambda a, b: a + b)


@case(lambda f: list(f()) == ["in", "body", "out"])
def context_manager():
    @contextlib.contextmanager
    def scope(log):
        log.append("in")
        try:
            yield log
        finally:
            log.append("out")

    def f():
        log = []
        with scope(log) as inner:
            inner.append("body")
        return log

    return f


# Closures


@case(lambda f: f(2) == 7)
def closure():
    k = 5

    def f(x):
        return x + k

    return f


@case(lambda f: f(1)(2)(3) == (0, 1, 2, 3))
def closure_of_any_depth():
    a = 0

    def f(b):
        def g(c):
            def h(d):
                return a, b, c, d

            return h

        return g

    return f


@case(lambda f: f() == (1, 2, 3, 4, 5, 6))
def closure_of_many_unsorted():
    zeta, alpha, mid, Beta, _under, omega = 1, 2, 3, 4, 5, 6

    def f():
        return zeta, alpha, mid, Beta, _under, omega

    return f


@case(lambda fs: (fs[0](), fs[0](), fs[1](), fs[2]()) == (1, 2, 2, 2))
def shared_nonlocal_cell():
    n = 0

    def increment():
        nonlocal n
        n += 1
        return n

    def read():
        return n

    return increment, read, lambda: n


@case(lambda fs: fs["set"](9) is None and fs["get"]() == 9)
def shared_cell_in_a_dict():
    value = None

    def set_value(x):
        nonlocal value
        value = x

    return {"set": set_value, "get": lambda: value}


@case(lambda f: raises(NameError, f) and raises(NameError, f).args)
def empty_cell():
    def f():
        return never

    if False:
        never = 1
    return f


@case(lambda fs: raises(NameError, fs[1]) and fs[0](3) is None and fs[1]() == 3)
def cell_filled_later():
    def fill(x):
        nonlocal value
        value = x

    def read():
        return value

    if False:
        value = None
    return fill, read


@case(lambda f: f() == 2 and f() == 3)
def nonlocal_twice_removed():
    n = 1

    def outer():
        def inner():
            nonlocal n
            n += 1
            return n

        return inner()

    return outer


@case(lambda cells: cells[0].cell_contents == 4 and cells[1]() == 4)
def cell_on_its_own():
    x = 4

    def f():
        return x

    return f.__closure__[0], f


@case(lambda cell: cell.cell_contents is cell)
def cell_that_holds_itself():
    x = None

    def f():
        return x

    x = f.__closure__[0]
    return x


@case(lambda l: l[0]() is l)
def cycle_through_a_list():
    l = []
    l.append(lambda: l)
    return l


@case(lambda d: d["f"]() is d and d["f"].owner is d)
def cycle_through_attributes():
    d = {}

    def f():
        return d

    f.owner = d
    d["f"] = f
    return d


@case(lambda f: f()() is f)
def cycle_through_default():
    def f(me=[]):
        return me[0]

    f.__defaults__[0].append(lambda: f)
    return f


@case(lambda f: f(1)(2) == [1, 2, 30])
def loaded_factory_makes_closures():
    def make(a, k=10):
        def inner(b):
            return [a, b, k * FACTOR]

        return inner

    return make


# Globals


@case(lambda fs: (fs[0](), fs[0](), fs[1]()) == (1, 2, 2))
def globals_shared():
    return module_increment, module_read


@case(lambda f: f() == 42 and f.__globals__["NEW_GLOBAL"] == 41)
def global_set():
    return module_set_global


@case(lambda f: f())
def global_deleted():
    return module_delete_global


@case(lambda fs: fs[0].__globals__ is fs[1].__globals__)
def globals_identical():
    return module_plain, module_read


@case(lambda f: raises(NameError, f))
def global_missing():
    def f():
        return this_name_is_nowhere

    return f


@case(lambda f: f() == 3)
def global_read_in_class_body_and_comprehension():
    def f():
        class C:
            factor = FACTOR
            each = [FACTOR for _ in range(1)]

        return C.factor if C.each == [C.factor] else None

    return f


@case(lambda f: f() == "a/b")
def imported_inside():
    def f():
        import posixpath as path
        from json import loads

        return path.join("a", loads('"b"'))

    return f


@case(lambda f: f([1]) == "[1]")
def imported_module_global():
    def f(x):
        return json.dumps(x)

    return f


@case(lambda f: f() == 4)
def submodule_as_attribute():
    def f():
        with concurrent.futures.thread.ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: 4).result()

    return f


@case(lambda f: f("<a><b/></a>") == "b")
def submodule_as_attribute_deep():
    def f(text):
        return xml.etree.ElementTree.fromstring(text)[0].tag

    return f


@case(lambda m: m.__name__ == "json" and m.dumps(1) == "1")
def module_by_reference():
    return json


@case(lambda f: f([3, 1, 2]) == [1, 2, 3] and f.__name__ == "sorted")
def builtin_function():
    return sorted


@case(lambda f: f("x", "y").endswith("y"))
def library_function():
    return os.path.join


# Methods and classes


class Base:
    kind = "base"

    def __init__(self, x):
        self.x = x
        self.__secret = x * 2

    def method(self, y=1):
        return self.x + y

    def secret(self):
        return self.__secret, self.__mangled_method()

    def __mangled_method(self):
        return "mangled"

    @staticmethod
    def static(a):
        return a * 2

    @classmethod
    def make(cls, x):
        return cls(x)

    @property
    def double(self):
        """Doc of double."""
        return self.x * 2

    @double.setter
    def double(self, value):
        self.x = value // 2

    def whose(self):
        return __class__.__name__

    def generate(self):
        yield from (i * self.x for i in range(3))

    async def wait(self):
        return self.x

    by_lambda = lambda self, y: (self.x, y)


class Derived(Base):
    kind = "derived"

    def __init__(self, x):
        super().__init__(x)

    def method(self, y=1):
        return super().method(y) * 10

    @classmethod
    def make(cls, x):
        return super().make(x + 1)

    @property
    def double(self):
        return super().double + 1

    def deferred(self):
        return (lambda: super(Derived, self).method(0))(), [__class__ for _ in range(1)][0].kind

    def nested(self):
        def inner():
            return super(__class__, self).method(2)

        return inner


@case(lambda c: c(1).method() == 2 and c(1).secret() == (2, "mangled"))
def class_plain():
    return Base


@case(lambda c: (c(1).method(), c.make(1).x, c(2).double, c(3).whose()) == (20, 2, 5, "Base"))
def class_with_super():
    return Derived


@case(lambda o: o.method(4) == 90 and o.nested()() == 7 and o.deferred() == (5, "derived"))
def instance():
    return Derived(5)


@case(lambda f: f(3) == 8)
def bound_method():
    return Base(5).method


@case(lambda f: f(3).x == 4)
def bound_class_method():
    return Derived.make


@case(lambda f: f(21) == 42)
def static_method():
    return Base.static


@case(lambda f: f(type("Any", (), {"x": 2})(), 5) == 7)
def method_unbound():
    return Base.method


@case(lambda f: f(type("Any", (), {"_Base__secret": 1, "_Base__mangled_method": lambda self: 2})()) == (1, 2))
def method_mangled_alone():
    return Base.secret


@case(lambda f: f(None) == "Base")
def method_with_class_cell_alone():
    return Base.whose


@case(lambda p: p.fget(type("Any", (), {"x": 4})()) == 8 and p.__doc__ == "Doc of double.")
def property_alone():
    return Base.double


@case(lambda s: s.__func__(4) == 8)
def static_method_object():
    return Base.__dict__["static"]


@case(lambda f: f(type("Any", (), {"x": 1})(), 2) == (1, 2))
def lambda_in_class_body():
    return Base.by_lambda


@case(lambda o: list(o.generate()) == [0, 2, 4] and asyncio.run(o.wait()) == 2)
def instance_with_generators():
    return Base(2)


@case(lambda c: c().get() == (1, 2) and c.Inner.deep(None) == "ClassOuter.Inner.deep")
def class_local_and_nested():
    two = 2

    class ClassOuter:
        def get(self):
            return 1, two

        class Inner:
            def deep(self):
                return "ClassOuter.Inner.deep"

    return ClassOuter


@case(lambda f: f()._Mangled__x == 1)
def mangled_closure():
    class Mangled:
        def make(self):
            __x = 1

            def f():
                class Holder:
                    pass

                holder = Holder()
                holder.__x = __x
                return holder

            return f

    return Mangled().make()


@case(lambda f: f() == "global value")
def function_declared_global():
    def f():
        global declared_global

        def declared_global():
            return "global value"

        return declared_global()

    return f


# Lambdas


@case(lambda fs: [f(5) for f in fs] == [6, 4, 10, 25])
def lambdas_several_on_a_line():
    return lambdas_on_a_line


@case(lambda f: f() == ";")
def lambda_after_semicolon():
    return after_semicolon


@case(lambda f: f("!") == "äöü!→")
def lambda_after_non_ascii():
    return after_umlaut


@case(lambda fs: (fs[0](1)(2), fs[1]()()()) == (3, 7))
def lambdas_nested():
    return lambda x: lambda y: x + y, lambda: lambda: lambda: 7


@case(lambda fs: (fs[0](2)(3), fs[1](2)(3)) == (5, 6))
def lambdas_nested_inner_ones():
    return [(lambda x: lambda y: x + y, lambda x: lambda y: x * y)[i] for i in range(2)]


@case(lambda f: f(2) == 3)
def lambda_inner_alone():
    return (lambda x: lambda y: x + y)(1)


@case(lambda f: f() == 1 and f(lambda: 5) == 5)
def lambda_as_default_of_lambda():
    return lambda x=lambda: 1: x()


@case(lambda f: f() == 1)
def lambda_that_is_a_default():
    return (lambda x=lambda: 1: x).__defaults__[0]


@case(lambda f: f(1)(2) == [1, 2, 3])
def lambda_with_lambda_default_nested():
    return lambda a, k=lambda: 3: lambda b: [a, b, k()]


@case(lambda f: f(3) == 10)
def lambda_multi_line():
    return lambda x: (
        x  # a comment with lambda x: x in it
        + 7
    )


@case(lambda f: f(1, 2) == 3)
def lambda_split_after_colon():
    return (
        lambda a,
               b:
        a + b
    )


@case(lambda f: f() == "lambda x: x # not a comment")
def lambda_in_company_of_strings():
    s, f = "lambda: 1", lambda: "lambda x: x # not a comment"  # lambda: 2
    return f


@case(lambda fs: [f() for f in fs] == [0, 1, 2])
def lambdas_in_list_comprehension():
    return [lambda i=i: i for i in range(3)]


@case(lambda fs: [f() for f in fs] == [2, 2, 2])
def lambdas_over_comprehension_variable():
    return [lambda: i for i in range(3)]


@case(lambda d: d[1]() == 1 and d[0]() == 1)
def lambdas_in_dict_comprehension():
    return {k: (lambda: k) for k in range(2)}


@case(lambda f: f([1, 2]) == ([1, 2, 5], "02", {"n": 2}))
def types_of_one_standard_module():
    from collections import OrderedDict, defaultdict, deque
    from datetime import date, timedelta
    from functools import partial, reduce
    from itertools import chain, islice

    def f(x):
        joined = OrderedDict.fromkeys(chain(deque(x), islice([5, 6], 1)))
        counts = defaultdict(int, n=reduce(max, x))
        return list(joined), partial(date.strftime, date(2000, 1, 1) + timedelta(1))("%d"), counts

    return f


@case(
    lambda fs: fs[0]("beta")
    and not fs[0]("zeta")
    and fs[1]("zeta")
    and fs[0]("zeta")
    and fs[0](40)
    and fs[2]("k2")
)
def sets_of_globals_and_cells():
    own = {"k1", "k2", "k3"}

    def reads(x):
        return x in WORDS or x in NUMBERS

    def adds(x):
        WORDS.add(x)
        return len(WORDS) > 5

    return [reads, adds, lambda x: x in own]


@case(lambda fs: sorted(f() for f in fs) == [0, 1])
def lambdas_in_set_comprehension():
    return sorted({(lambda i=i: i) for i in range(2)}, key=lambda f: f())


@case(lambda fs: [f(1) for f in fs] == [3, 3])
def lambdas_in_generator():
    return tuple((lambda x: x + k) for k in (1, 2))


@case(lambda fs: [f() for f in fs] == [(0, 1), (0, 1), (1, 1), (1, 1)])
def lambdas_in_nested_comprehensions():
    return [f for i in range(2) for f in [lambda i=i: (i, j) for j in range(2)]]


@case(lambda fs: [f() for f in fs] == [1, 1])
def lambda_in_comprehension_of_class_body():
    class C:
        fs = [lambda: i for i in range(2)]

    return C.fs


@case(lambda f: f(3) == 21)
def lambda_in_f_string():
    keep = []
    f"{keep.append(lambda x: x * 7) or 'é'}"
    return keep[0]


@case(lambda fs: [f(3) for f in fs] == [21, 24])
def lambdas_in_f_string_of_lines():
    keep = []
    f"""
    é {keep.append(lambda x: x * 7)}
    {keep.append(lambda x: x * 8)}
    """
    return keep


@case(lambda f: f(4) == 8)
def lambda_in_decorator():
    def keep(function):
        def decorate(decorated):
            return function

        return decorate

    @keep(lambda x: x * 2)
    def f(x):
        return x

    return f


@case(lambda f: f(1) == (1, 2, {"a": 3}))
def lambda_with_everything():
    return lambda a, /, b=2, *args, c={"a": 3}, **rest: (a, b, c)


@case(lambda f: f(5) == 25 and f.__name__ == "square")
def lambda_renamed():
    square = lambda x: x * x
    square.__name__ = "square"
    return square


@case(lambda f: f() == 1 and f.__qualname__.endswith("<lambda>"))
def lambda_in_conditional():
    return (lambda: 1) if FACTOR else (lambda: 2)


@case(lambda fs: [f(1)(2) for f in fs] == [(1, 2, "under")])
def lambda_in_lambda_in_comprehension_that_reads_an_underscore():
    _ = "under"
    return [lambda x: lambda y: (x, y, _) for z in [0]]


@case(lambda f: f(2) == (1, 2))
def lambda_inner_of_a_comprehension():
    return [lambda x: lambda y: (x, y) for _ in [0]][0](1)


@case(lambda f: list(f(3)) == [0, 2, 4])
def lambda_generator():
    return lambda n: (yield from (2 * i for i in range(n)))


@case(lambda f: f([3, 1, 2]) == [3, 2, 1])
def lambda_as_argument():
    return functools.partial(sorted, key=lambda x: -x)


@case(lambda f: f(3) == 4)
def lambda_with_walrus():
    return lambda x: [y := x, y + 1][1]


@case(lambda f: f() == "\\d\t'\"")
def lambda_of_escapes():
    return lambda: "\\d\t'\"" if True else r"\d"


# Bodies


@case(lambda f: f() == "  two\n    four\n")
def multi_line_string_keeps_its_indentation():
    def f():
        return """\
  two
    four
"""

    return f


@case(lambda f: f() == b"\x00\xff" and f.__code__.co_consts)
def constants():
    def f():
        if (1.0, -0.0, 1e300, 2j, ..., None, True, "é\N{SNOWMAN}\ud800", frozenset({1})):
            return b"\x00\xff"

    return f


@case(lambda f: f(2) == f"{2!r:>5} {{}} 2=2" and f(7).startswith("    7"))
def f_strings():
    def f(x):
        return f"{x!r:>{5}} {{}} {x}={x}"

    return f


@case(lambda f: f() == (4, [2, 3, 4]))
def try_and_with():
    def f():
        log = []
        try:
            try:
                raise KeyError("k")
            except (KeyError, ValueError) as error:
                log.append(2)
            else:
                log.append("never")
            finally:
                log.append(3)
            with contextlib.suppress(ZeroDivisionError):
                1 / 0
        finally:
            log.append(4)
        return log[-1], log

    return f


@case(lambda f: f(5) == [0, 1, 3] and f(0) == ["none"])
def loops():
    def f(n):
        out = []
        for i in range(n):
            if i == 2:
                continue
            if i == 4:
                break
            out.append(i)
        else:
            out.append("none")
        while len(out) > 3:
            out.pop()
        return out

    return f


@case(lambda f: f({1: 2, 3: 4}) == ({2: 1, 4: 3}, {1, 3}, [(1, 2), (3, 4)]))
def comprehensions():
    def f(d):
        return {v: k for k, v in d.items()}, {k for k in d}, [(k, v) for k, v in d.items() if v]

    return f


@case(lambda f: f([1, [2, [3]], 4]) == [1, 2, 3, 4])
def generator_recursive():
    def flatten(items):
        for item in items:
            if isinstance(item, list):
                yield from flatten(item)
            else:
                yield item

    return lambda items: list(flatten(items))


@case(lambda f: f(1, 2) == 3 and f("a", "b") == "ab")
def one_line_def():
    def f(a, b): x = a; return x + b

    return f


@case(lambda f: f() == (1, 2))
def semicolons_and_continuations():
    def f(): \
        a = 1; b = \
            2; return a, b;

    return f


@case(lambda f: raises(AssertionError, f, 0) and f(1) is None)
def assertion():
    def f(x):
        assert x, "no"

    return f


@case(lambda f: f() == [1, 2, 3, 4])
def star_expressions():
    def f():
        first, *rest = [1, 2, 3]
        return [first, *rest, *(4,)]

    return f


@case(lambda f: f()(2)(3) == (1, 2, 3))
def def_in_def_in_def():
    def f():
        a = 1

        def g(b):
            def h(c):
                return a, b, c

            return h

        return g

    return f


@case(lambda f: f(1).value == 1 and type(f(1)).__name__ == "Local")
def class_in_function():
    def f(x):
        class Local:
            def __init__(self, value):
                self.value = value

            def again(self):
                return Local(self.value)

        return Local(x).again()

    return f


@case(lambda f: f() == ("Child", "Parent", 3))
def class_in_function_with_super():
    def f():
        class Parent:
            def name(self):
                return ["Parent"]

        class Child(Parent):
            number = FACTOR

            def name(self):
                return ["Child", *super().name(), self.number]

        return tuple(Child().name())

    return f


@case(lambda f: f(collections.OrderedDict(a=1)) == [("a", 1)])
def unpacking_and_methods():
    def f(mapping):
        return list(itertools.chain.from_iterable([mapping.items()]))

    return f


if FACTOR:
    def indented_by_an_if(x):
        return x - 1

	# a comment by tab


@case(lambda f: f(3) == 2)
def under_an_if():
    return indented_by_an_if


class Tabbed:
	def method(self):
		def inner():
			return "tab	inside"
		return inner


@case(lambda f: f() == "tab\tinside")
def indented_by_tabs():
    return Tabbed().method()


class One:
 def method(self):
  return lambda: (
1)


@case(lambda f: f() == 1)
def indented_by_one_space():
    return One().method()


@case(lambda fs: [f(2) for f in fs] == [4, 6, 2])
def lambdas_in_annotations():
    k = 3

    def f(x: (lambda y: y * 2), *args: (lambda y: y * k)) -> [n for n in [lambda y: y]]:
        pass

    class C:
        kept: (lambda y: y * 5)

    hints = f.__annotations__
    return [hints["x"], hints["args"], hints["return"][0]]
