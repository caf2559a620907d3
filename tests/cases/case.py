"""How a case file registers its cases."""

from typing import Any, Callable, NamedTuple


# How the payloads of the moment are written, for cases that hold some.
OPTIONS = {"by_source": True}


class Case(NamedTuple):
    """A builder of an object, a check of the object that was loaded, and minor versions of 3.

    ``writer`` is the oldest that can build the object; an older one than ``reader`` has nothing
    that could stand for it, and refuses.
    """

    build: Callable[[], Any]
    check: Callable[[Any], Any]
    writer: int = 9
    reader: int = 9


class Cases(dict):
    """Cases by name; checks that no decorator is given come from the companion file's."""

    def __init__(self, checks=None):
        self.checks = checks

    def __call__(self, check=None, writer=9, reader=9):
        """Return a decorator that registers a builder with its check."""

        def register(build):
            name = build.__name__
            assert name not in self, name
            checked = (check, reader) if check else self.checks[name]
            self[name] = Case(build, checked[0], writer, checked[1])
            return build

        return register


class Checks(dict):
    """Checks by the names of their cases, for readers that cannot run the file of the cases."""

    def __call__(self, reader=9):
        """Return a decorator that registers a check with the oldest reader it holds on."""

        def register(check):
            assert check.__name__ not in self, check.__name__
            self[check.__name__] = (check, reader)
            return check

        return register


def raises(error, call, *arguments, **keywords):
    """Return the exception of the wanted kind that a call raises, else None."""
    try:
        call(*arguments, **keywords)
    except error as raised:
        return raised
    return None
