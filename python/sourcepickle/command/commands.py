"""The command line."""

from __future__ import annotations

import json

import click

from .. import __version__
from .files import read_file
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
