import inspect

import pytest
import sourcepickle
from click.testing import CliRunner
from sourcepickle.command.commands import sourcepickle as command

# Before click 8.2 what goes to standard error is apart only where that is asked for.
IS_OLD = "mix_stderr" in inspect.signature(CliRunner).parameters
RUNNER = CliRunner(mix_stderr=False) if IS_OLD else CliRunner()


@pytest.fixture
def run():
    """Return a function that runs the command and gives its exit status, output and errors."""

    def invoke(*arguments, given=None, **environment):
        # What a terminal of whoever runs the tests is, is not to matter.
        unset = {"FORCE_COLOR": None, "NO_COLOR": None, "COLUMNS": None}
        result = RUNNER.invoke(
            command, [str(argument) for argument in arguments], given, env={**unset, **environment}
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def job(module_of):
    """Return a module of functions to send."""
    return module_of(
        """
        import itertools
        import math

        rate = 1.5


        def outer(number):
            def price(items, tax=0.2, *, rounded=True):
                total = rate * sum(items) + number
                return math.ceil(total * (1 + tax)) if rounded else total
            return price


        price = outer(7)


        class Basket:
            limit = 3

            def add(self, item):
                return [item]


        def pairs(items):
            return itertools.batched(items, 2)
        """,
        "job",
    )


@pytest.fixture
def payload(tmp_path):
    """Return a function that writes an object's pickle, by source, and gives its file."""

    def write(obj, name="job.pickle", **options):
        path = tmp_path / name
        path.write_bytes(sourcepickle.dumps(obj, by_source=True, **options))
        return path

    return write
