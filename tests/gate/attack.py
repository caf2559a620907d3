"""How a hostile payload is registered, and the reviews that it is loaded with."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

REFUSED = "refused"  # by an error under pickle.UnpicklingError, or by the review's own
HARMLESS = "harmless"  # refused, or loaded as something that does nothing
STOPS = "stops"  # an error of any kind, or loaded, but not without end


class Attack(NamedTuple):
    """What makes a payload, and what it is loaded with.

    Args:
        build: Given the path of the marker, gives the payload.
        options: ``allow`` and ``review``.
        ends: One of the three above.
        inert: Why plain pickle does no harm with it, where that is so.
        versions: The first and the last minor version of Python 3 on which plain pickle does harm.
        prepare: What the receiver has done before.
    """

    build: Callable[[str], bytes]
    options: dict[str, Any]
    ends: str
    inert: str
    versions: tuple[int, int]
    prepare: Callable[[], None] | None


ATTACKS: dict[str, Attack] = {}


def attack(
    allow: Any = None,
    review: Any = None,
    ends: str = REFUSED,
    inert: str = "",
    versions: tuple[int, int] = (9, 99),
    prepare: Callable[[], None] | None = None,
    name: str | None = None,
) -> Callable[[Callable[[str], bytes]], Callable[[str], bytes]]:
    """Return a decorator that registers a builder under its own name, or another."""
    given = {"allow": allow, "review": review}
    options = {option: value for option, value in given.items() if value is not None}
    assert options, "with neither allow nor review there is no gate"

    def register(build: Callable[[str], bytes]) -> Callable[[str], bytes]:
        key = name or build.__name__
        assert key not in ATTACKS, key
        ATTACKS[key] = Attack(build, options, ends, inert, versions, prepare)
        return build

    return register


class SuspiciousError(Exception):
    """What a review raises here: none of pickle's errors."""


def accept(_: Any) -> None:
    """Let every function through."""


def screen_source(record: Any) -> None:
    """Refuse functions whose text opens files."""
    if "open" in record.source:
        raise SuspiciousError(record.name)


def screen_names(record: Any) -> None:
    """Refuse functions that read a name to open files by."""
    if "open" in record.names:
        raise SuspiciousError(record.name)


def opening(marker: str, name: str = "f") -> str:
    """Return the text of a function that makes the marker."""
    return f"def {name}(*args, **kwargs):\n    open({marker!r}, 'x').close()\n"


def opening_without_builtins(marker: str) -> str:
    """Return the text of a function that makes the marker whatever its globals are."""
    return f"""\
def f(*args):
    for cls in ().__class__.__base__.__subclasses__():
        if cls.__module__ == "elsewhere" and cls.__name__ == "Base":
            cls.__subclasses__()[0]({marker!r})
"""
