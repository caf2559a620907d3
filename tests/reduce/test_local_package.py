"""A package of several modules travels whole to interpreters that do not have it."""

import json
import sys
import types

import pytest
import sourcepickle

WAREHOUSE = {
    "warehouse__state": '''
        """What the other modules share."""

        TOTAL: int = 0
        EVENTS: list = []
        limits: "dict[str, int]" = {"most": 100}
        unset: int

        def add(n: int) -> int:
            global TOTAL
            TOTAL += n
            EVENTS.append(("add", n))
            return TOTAL

        def clear():
            global TOTAL
            TOTAL = 0
            del EVENTS[:]
    ''',
    "warehouse__log": """
        import logging

        logger = logging.getLogger(__name__)

        def note(text):
            logger.debug("noted %s", text)
            return f"{logger.name}: {text}"
    """,
    "warehouse__decorators": """
        import functools
        from collections import defaultdict

        CALLS = defaultdict(int)

        def counted(f):
            @functools.wraps(f)
            def wrapper(*args, **kwargs):
                CALLS[f.__name__] += 1
                return f(*args, **kwargs)
            return wrapper

        def scaled(by):
            def decorate(f):
                def wrapper(x):
                    return by * f(x)
                return wrapper
            return decorate
    """,
    "warehouse__catalog": """
        import dataclasses
        import enum
        import json
        import math as m
        import re
        from typing import TYPE_CHECKING, Generic, List, Optional, TypeVar

        from .decorators import counted, scaled
        from .tools import text as texts

        if TYPE_CHECKING:
            from .stock import Stock

        T = TypeVar("T")
        WORD = re.compile(r"[a-z]+", re.I)
        HALF_TURN = m.pi
        stocks: "List[Stock]" = []

        class Kind(enum.Enum):
            PLAIN = "plain"
            FRAGILE = "fragile"

            @classmethod
            def guess(cls, text):
                return cls.FRAGILE if "glass" in text else cls.PLAIN

        class Flag(enum.IntFlag):
            COLD = 1
            WET = 2

        @dataclasses.dataclass(order=True)
        class Item:
            name: str
            price: float = 1.0
            kind: Kind = Kind.PLAIN
            tags: List[str] = dataclasses.field(default_factory=list)

            @property
            def words(self):
                return WORD.findall(self.name)

            @classmethod
            def parse(cls, data: str) -> "Item":
                return cls(**json.loads(data))

            @staticmethod
            def doubled(x):
                return 2 * x

        @dataclasses.dataclass(order=True)
        class Special(Item):
            extra: Optional[int] = None

            def label(self):
                return texts.shout(self.name) + str(super().__eq__(self))

        class Box(Generic[T]):
            def __init__(self, *things: T):
                self.things = things

            def __iter__(self):
                return iter(self.things)

            def __enter__(self):
                return self

            def __exit__(self, *error):
                return False

        @counted
        def lookup(name, _known={"cup": Item("glass cup", 3.5, Kind.guess("glass"))}):
            return _known.get(name)

        @scaled(10)
        def cost(item):
            return item.price
    """,
    "warehouse__base": """
        class Base:
            registry = {}

            def __init_subclass__(cls, **keywords):
                super().__init_subclass__(**keywords)
                Base.registry[cls.__name__] = cls.__module__

            def __init__(self, name="base"):
                self.__name = name

            def title(self):
                return "Base " + self.__name
    """,
    "warehouse__stock": """
        from . import pipeline, state
        from .base import Base

        class Stock(Base):
            limit = state.limits["most"]

            def __init__(self, *items):
                super().__init__("stock")
                self.items = list(items)

            def title(self):
                return super().title() + "!"

            def put(self, item):
                self.items.append(item)
                state.add(1)
                return len(self.items)

            def total(self):
                return pipeline.total_of(self)

        class Cooled(Stock):
            def title(self):
                from .catalog import Flag
                return super().title() + Flag.COLD.name
    """,
    "warehouse__pipeline": """
        from pydantic_core._pydantic_core import from_json, to_json

        from . import log, state, stock
        from .state import add
        from .state import EVENTS as events

        def total_of(which):
            return sum(item.price for item in which.items)

        def make():
            return stock.Cooled()

        def late():
            from .lazy import heavy
            import warehouse.lazy as lazy
            return heavy(2), lazy.LOADED

        def decoded(data):
            return from_json(data), to_json([1, 2]).decode()

        def workload():
            import warehouse
            from . import catalog
            from .catalog import Flag, Item, Kind, Special
            from .decorators import CALLS
            from .tools.text import fits

            state.clear()
            results = [warehouse.VERSION, sorted(warehouse.__all__), warehouse.__doc__]
            cooled = make()
            item = Special("Blue glass", 2.0, tags=["a"], extra=5)
            results += [cooled.put(item), cooled.put(Item.parse('{"name": "x", "price": 4}'))]
            results += [cooled.total(), cooled.title(), cooled.limit, stock.Stock.registry]
            results += [add(5), state.TOTAL, events, events is state.EVENTS]
            results += [item.words, item.label(), item < Special("z"), repr(item)]
            results += [Kind("fragile") is Kind.FRAGILE, Kind.guess("glass").name]
            results += [int(Flag.COLD | Flag.WET), Item.doubled(4), catalog.cost(item)]
            results += [catalog.lookup("cup").name, catalog.lookup("none"), CALLS["lookup"]]
            with catalog.Box(1, 2) as box:
                results.append(list(box))
            results += [log.note("text"), log.logger.name, fits("x" * 99), round(catalog.HALF_TURN)]
            results += [warehouse.lookup is catalog.lookup, warehouse.state is state]
            results += [warehouse.Stock is stock.Stock, isinstance(cooled, warehouse.Stock)]
            results += [late(), decoded('{"a": [1, null]}')]
            results += [state.add.__annotations__["n"] is int, Item.__module__, __name__]
            return results
    """,
    "warehouse__lazy": """
        LOADED = "late"

        def heavy(x):
            from . import state
            return x * state.limits["most"]
    """,
    "warehouse__tools__init": """
        from .text import shout

        __all__ = ["shout"]
    """,
    "warehouse__tools__text": """
        from .. import log
        from ..state import limits

        def shout(text):
            log.note(text)
            return text.upper()

        def fits(text):
            return len(text) < limits["most"]
    """,
    "warehouse__init": '''
        """What a shop keeps."""

        from . import state
        from .catalog import Item, Special, lookup
        from .pipeline import workload
        from .stock import Stock as Stock

        __all__ = ["Item", "Special", "Stock", "lookup", "workload"]
        VERSION = "1.2"
    ''',
}


@pytest.fixture
def warehouse(home):
    """Return the package, freshly imported, with all that it imports late."""
    package = home.write(**WAREHOUSE)
    __import__("warehouse.lazy")
    return package


@pytest.fixture
def at_home(warehouse):
    results = json.loads(json.dumps(warehouse.workload()))
    assert len(results) == 39
    warehouse.state.clear()
    sys.modules["warehouse.decorators"].CALLS.clear()
    return results


def local(obj):
    return obj.__module__ != __name__ and obj.__module__.split(".")[0] != "warehouse"


def by_callable(obj):
    return sourcepickle.dumps(obj, by_source=True, pickle_by_reference=local)


def by_collection(obj):
    return sourcepickle.dumps(obj, by_source=True, pickle_by_reference={"pydantic_core"})


def by_registering(obj):
    package = sys.modules["warehouse"]
    sourcepickle.register_pickle_by_value(package)
    try:
        return sourcepickle.dumps(obj, by_source=True)
    finally:
        sourcepickle.unregister_pickle_by_value(package)


WAYS = [by_callable, by_collection, by_registering]
LOADED_FUNCTION = """
    import json
    print(json.dumps(loaded()))
    print([name for name in sys.modules if name.startswith("warehouse")])
"""
LOADED_PACKAGE = """
    import json
    print(json.dumps(loaded.workload()))
    print([name for name in sys.modules if name.startswith("warehouse")])
"""


@pytest.fixture
def somewhere(environments):
    """Return this interpreter, and the oldest and the newest of the others with an environment."""
    running = f"3.{sys.version_info[1]}"
    others = [version for version in environments if version != running]
    return [environments[version] for version in [running, *others[:1], *others[1:][-1:]]]


def answers(received, data, program, python):
    results, left = received(data, program, python=python, folders=[], flags=()).splitlines()
    assert left == "[]"
    return json.loads(results)


@pytest.mark.parametrize("way", WAYS)
def test_the_package_works_elsewhere_as_at_home(warehouse, at_home, received, somewhere, way):
    data = way(warehouse)
    for python in somewhere:
        assert answers(received, data, LOADED_PACKAGE, python) == at_home


@pytest.mark.parametrize("way", WAYS)
def test_one_function_takes_all_that_it_needs_along(warehouse, at_home, received, somewhere, way):
    data = way(warehouse.workload)
    for python in somewhere:
        assert answers(received, data, LOADED_FUNCTION, python) == at_home


@pytest.mark.parametrize("way", WAYS)
def test_a_script_that_imports_the_package(warehouse, at_home, received, somewhere, way):
    def script():
        import warehouse as w
        from warehouse.pipeline import workload

        return workload() if w.workload is workload else None

    data = way(script)
    for python in somewhere:
        assert answers(received, data, LOADED_FUNCTION, python) == at_home


def test_it_travels_with_prefer_too(warehouse, at_home, received):
    data = sourcepickle.dumps(
        warehouse.workload, by_source="prefer", pickle_by_reference={"pydantic_core"}
    )
    assert answers(received, data, LOADED_FUNCTION, sys.executable) == at_home


@pytest.mark.parametrize("way", WAYS)
def test_an_interpreter_on_the_way_sends_it_on(warehouse, at_home, received, somewhere, way):
    data = way(warehouse.workload)
    program = """
        import sourcepickle
        data = sourcepickle.dumps(loaded, by_source=True)
        print(data.hex())
    """
    for python in somewhere[:2]:
        onward = bytes.fromhex(received(data, program, python=python, folders=[], flags=()))
        for reader in somewhere[::2]:
            assert answers(received, onward, LOADED_FUNCTION, reader) == at_home


def test_the_packages_modules_arrive_as_they_are(warehouse, home):
    data = by_callable(warehouse)
    with home.away():
        loaded = sourcepickle.loads(data)
        assert isinstance(loaded, types.ModuleType)
        assert loaded.__name__ == "warehouse"
        assert loaded.__doc__ == "What a shop keeps."
        assert loaded.__all__ == warehouse.__all__
        assert loaded.state.__doc__ == "What the other modules share."
        assert loaded.state.__name__ == "warehouse.state"
        assert loaded.state.limits == {"most": 100}
        assert not hasattr(loaded.state, "unset")
        assert loaded.catalog.WORD.pattern == "[a-z]+"
        assert loaded.catalog.texts is loaded.tools.text
        assert loaded.pipeline.stock.pipeline is loaded.pipeline
        assert loaded.Stock is loaded.stock.Stock
        assert loaded.tools.shout is loaded.tools.text.shout
        assert loaded.tools.shout("a") == "A"


def test_the_state_travels_and_is_the_loaded_packages_own(warehouse, home):
    warehouse.state.add(7)
    data = by_callable([warehouse.state, warehouse.state.add, warehouse.Stock])
    with home.away():
        state, add, _ = sourcepickle.loads(data)
        assert (state.TOTAL, state.EVENTS) == (7, [("add", 7)])
        assert add(1) == state.TOTAL == 8
    assert warehouse.state.TOTAL == 7
    assert warehouse.state.EVENTS == [("add", 7)]


def test_the_annotations_of_a_module_arrive(warehouse, home):
    data = by_callable(warehouse.state)
    with home.away():
        loaded = sourcepickle.loads(data)
        assert set(loaded.__annotations__) == {"TOTAL", "EVENTS", "limits", "unset"}
        assert loaded.__annotations__["TOTAL"] in (int, "int")
        assert loaded.add.__annotations__ == {"n": int, "return": int}


def test_instances_of_its_classes_travel(warehouse, received, somewhere):
    catalog = sys.modules["warehouse.catalog"]
    stock = warehouse.Stock(catalog.Item("cup", 2.0, catalog.Kind.FRAGILE))
    data = by_callable([stock, catalog.Flag.WET, catalog.Box(1, 2)])
    program = """
        stock, flag, box = loaded
        print(stock.put(stock.items[0]), stock.total(), stock.title(), flag.name, list(box))
    """
    for python in somewhere:
        answer = received(data, program, python=python, folders=[], flags=())
        assert answer == "2 4.0 Base stock! WET [1, 2]"


def test_an_error_in_it_shows_its_lines(warehouse, received):
    data = by_callable(sys.modules["warehouse.tools.text"].shout)
    program = """
        import traceback
        try:
            loaded(5)
        except AttributeError:
            print(traceback.format_exc())
    """
    assert "return text.upper()" in received(data, program, folders=[], flags=())


def test_without_a_rule_it_is_imported(warehouse, received):
    data = sourcepickle.dumps(warehouse.workload, by_source=True)
    errors = received(data, "", folders=[], flags=(), fails=True)
    assert "ModuleNotFoundError: No module named 'warehouse'" in errors
