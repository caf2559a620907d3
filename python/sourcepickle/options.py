"""The options of a pickler by source, checked when they are given and kept for later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypedDict, Union

from .pickler import Nowhere, PickleByReference, Pickler, TargetVersion

__all__ = ["OnlyBySource", "SourceOptions", "source_options"]

OnlyBySource = Union[Literal[True], Literal["prefer"]]


class SourceOptions(TypedDict):
    """Options of :class:`sourcepickle.Pickler`, by name."""

    by_source: OnlyBySource
    pickle_by_reference: PickleByReference
    target_version: TargetVersion
    standalone: bool


def source_options(
    by_source: OnlyBySource,
    pickle_by_reference: PickleByReference,
    target_version: TargetVersion,
    standalone: bool,
) -> SourceOptions:
    """Return options that any number of picklers can be made with.

    Raises:
        TypeError: As :class:`sourcepickle.Pickler`.
        ValueError: As :class:`sourcepickle.Pickler`, and for ``by_source=False``.
    """
    if not by_source:
        raise ValueError('here by_source is True or "prefer": all travels by source')
    if isinstance(pickle_by_reference, Iterable) and not isinstance(pickle_by_reference, str):
        pickle_by_reference = tuple(pickle_by_reference)
    options = SourceOptions(
        by_source=by_source,
        pickle_by_reference=pickle_by_reference,
        target_version=target_version,
        standalone=standalone,
    )
    # It refuses now what it would refuse later.
    Pickler(Nowhere(), **options)
    return options
