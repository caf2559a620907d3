import io

import pytest
import sourcepickle
from sourcepickle.reading import Function, read

SAMPLES = __file__.replace("conftest.py", "samples.py")


@pytest.fixture
def samples(module_of):
    with open(SAMPLES, encoding="utf-8") as file:
        return module_of(file.read(), "samples")


@pytest.fixture
def read_one():
    """Return a function: the one pickle of some bytes, read."""

    def run(data, **options):
        (pickle,) = read(io.BytesIO(data), "name", **options)
        return pickle

    return run


@pytest.fixture
def read_source(read_one):
    """Return a function: an object, sent by source and read."""

    def run(obj, **options):
        return read_one(sourcepickle.dumps(obj, by_source=True, **options))

    return run


@pytest.fixture
def by_name():
    """Return a function: the items of a pickle by their qualified names."""

    def run(pickle, of_kind=None):
        kinds = of_kind or object
        return {item.qualname: item for item in pickle.items if isinstance(item, kinds)}

    return run


@pytest.fixture
def functions(by_name):
    return lambda pickle: by_name(pickle, Function)
