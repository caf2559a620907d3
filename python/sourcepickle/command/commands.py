"""The command line."""

from __future__ import annotations

import json
import re
import sys

import click

from .. import __version__
from .differences import differences, show_differences
from .files import Unreadable, read_file
from .json_form import json_form
from .output import Output
from .showing import show_file
from .trees import show_trees

__all__ = ["sourcepickle"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def sourcepickle() -> None:
    """Look into pickles without loading them: nothing in a FILE is imported, made or run.

    FILE is a pickle, or - for standard input. The exit status is 2 where it cannot be read.
    """


@sourcepickle.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--tree", "as_tree", is_flag=True, help="Print what stands in what, without source.")
def show(file: str, as_json: bool, as_tree: bool) -> None:
    """Print every function and class in FILE: its source, where it is from, what it brings."""
    if as_json and as_tree:
        raise click.UsageError("--json and --tree are two forms; give one of them")
    pickles, size = read_file(file)
    if as_json:
        click.echo(json.dumps(json_form(file, size, pickles), indent=1))
    elif as_tree:
        show_trees(Output(), file, pickles)
    else:
        show_file(Output(), file, size, pickles)


@sourcepickle.command()
@click.argument("file")
@click.option("--target", required=True, metavar="X.Y", help="The Python that is to load it.")
def check(file: str, target: str) -> None:
    """Print what stops FILE on an older or newer Python.

    Exit status 0: nothing that is known; 1: something does.
    """
    minor = _minor(target)
    try:
        from .checking import check as findings_of
    except ImportError as error:
        raise Unreadable(f"check needs the native part of sourcepickle: {error}") from None
    pickles, _ = read_file(file)
    output = Output()
    findings = findings_of(pickles, minor)
    for text in findings.certain:
        output.line((text, ""))
    for text in findings.uncertain:
        output.line(("cannot tell: ", "dim"), (text, ""))
    if findings.certain:
        sys.exit(1)
    output.line((f"nothing that is known stops it on Python 3.{minor}", "green"))


def _minor(target: str) -> int:
    match = re.fullmatch(r"3\.([1-9][0-9]?)", target)
    if match is None or int(match[1]) < 9:
        raise click.BadParameter(
            f"{target!r} is no version from 3.9 on, such as 3.9", param_hint="--target"
        )
    return int(match[1])


@sourcepickle.command()
@click.argument("old")
@click.argument("new")
def diff(old: str, new: str) -> None:
    """Print which functions and classes differ between the files OLD and NEW.

    They are the same by their modules and names, and moved lines are no difference. Exit status 0:
    none differs; 1: some do.
    """
    if old == new == "-":
        raise click.UsageError("standard input is one file; give another for the other")
    olds, _ = read_file(old, with_digests=True)
    news, _ = read_file(new, with_digests=True)
    if show_differences(Output(), differences(olds, news), old, new):
        sys.exit(1)
