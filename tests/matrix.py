"""The cross-version matrix: every case written on every interpreter and read on every other.

Twice: as those who have the package read it, and from standalone payloads with nothing installed.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import interpreters
from cell import is_of_classes

CELL = Path(__file__).with_name("cell.py")
SECONDS = 120  # for one process, which takes about two

# Function cases whose bytes cannot be the same from every writer, by the reason.
WRITERS_DIFFER = {
    "before 3.12 comprehensions are functions, which qualified names inside name (PEP 709)": {
        "functions.lambda_in_comprehension_of_class_body",
        "functions.lambda_in_lambda_in_comprehension_that_reads_an_underscore",
        "functions.lambda_inner_of_a_comprehension",
        "functions.lambdas_in_dict_comprehension",
        "functions.lambdas_in_list_comprehension",
        "functions.lambdas_in_nested_comprehensions",
        "functions.lambdas_in_set_comprehension",
        "functions.lambdas_nested_inner_ones",
        "functions.lambdas_over_comprehension_variable",
    },
    "they bring functions that the standard library made, in each version of another text": {
        "functions.context_manager",
    },
    "before 3.11 code has no qualified name, which this one's was changed": {
        "functions.code_renamed",
    },
    "from 3.14 on Optional[X] and X | None are one type": {"functions.annotated"},
    "paths say what they are made of in other parts from 3.13 on": {
        "functions.what_the_standard_library_moved",
    },
    "they bring a class, which has an id": {
        "functions.bound_class_method",
        "functions.bound_method",
        "functions.cached",
        "functions.class_local_and_nested",
        "functions.class_plain",
        "functions.class_with_super",
        "functions.code_of_method_renamed",
        "functions.instance",
        "functions.instance_with_generators",
        "functions.method_with_class_cell_alone",
        "grammar312.lambda_in_the_base_of_a_generic_class",
    },
    "they bring a type parameter of another scope than their own, which has an id": {
        "grammar312.lambda_in_a_bound",
        "grammar312.lambda_in_the_annotation_of_a_generic_function",
        "grammar312.lambdas_in_a_type_statement",
        "grammar313.lambdas_in_defaults_of_type_parameters",
    },
}


def run(pythons: dict[str, str], folder: Path) -> bool:
    """Write on all, read on all, print the tables; return whether all cases hold on all pairs."""
    with ThreadPoolExecutor(2) as pool:
        written = pool.map(lambda python: process(python, "write", folder), pythons.values())
        problems = [
            f"written on {version}: {problem}"
            for version, outcome in zip(pythons, written)
            for problem in problems_of(outcome)
        ]
    problems += _read(pythons, folder, "payloads", "read", [])
    problems += _read(pythons, folder, "standalone", "read-bare", ["-I", "-S"])
    problems += _other_bytes(pythons, folder)
    print(*problems[:40], sep="\n")
    return not problems


def _read(
    pythons: dict[str, str], folder: Path, kind: str, action: str, options: Sequence[str]
) -> list[str]:
    """Read one kind of payload on all interpreters and print the table; return the problems."""
    pairs = [(reader, writer) for writer in pythons for reader in pythons]
    with ThreadPoolExecutor(2) as pool:
        read = pool.map(
            lambda pair: process(pythons[pair[0]], action, folder / f"{pair[1]}.{kind}", options),
            pairs,
        )
        cells = dict(zip(pairs, read))
    problems = [
        f"{kind} written on {writer}, read on {reader}: {problem}"
        for (reader, writer), outcome in cells.items()
        for problem in problems_of(outcome)
    ]
    print(f"cross-version matrix, {kind}: cases held + refused with the expected error")
    print("writer \\ reader".ljust(16), *(version.rjust(8) for version in pythons))
    for writer in pythons:
        row = [_summary(cells[reader, writer]).rjust(8) for reader in pythons]
        print(writer.rjust(15), "", *row)
    total = sum(len(outcome) for outcome in cells.values() if isinstance(outcome, dict))
    signals = sum(isinstance(outcome, str) for outcome in cells.values())
    print(f"{len(cells)} pairs, {total} checks, {len(problems)} failed, {signals} processes lost")
    return problems


def process(
    python: str, action: str, where: Path, options: Sequence[str] = (), cell: Path = CELL
) -> dict[str, str] | str:
    """Return the outcome of each case of one process, or what it died of."""
    # Of an interpreter always the same seed, of two hardly ever.
    environment = {**os.environ, "PYTHONHASHSEED": str(sum(map(ord, python)))}
    command = [python, *options, str(cell), action, str(where)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment)
    if done.returncode != 0:
        return f"exit status {done.returncode}: {done.stderr[-2000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def problems_of(outcome: dict[str, str] | str) -> list[str]:
    """Return what did not come out as it must."""
    if isinstance(outcome, str):
        return [outcome]
    return [f"{name}: {word}" for name, word in outcome.items() if word not in ("held", "refused")]


def _summary(outcome: dict[str, str] | str) -> str:
    if isinstance(outcome, str):
        return "lost"
    counts = Counter(outcome.values())
    return f"{counts['held']}+{counts['refused']}"


def _other_bytes(pythons: dict[str, str], folder: Path) -> list[str]:
    """Return the function cases whose bytes are not as expected the same from every writer.

    Each writer has a hash seed of its own, too.
    """
    payloads = [
        pickle.loads((folder / f"{version}.payloads").read_bytes())
        for version in pythons
        if (folder / f"{version}.payloads").exists()
    ]
    functions = sorted(name for name in set().union(*payloads) if not is_of_classes(name))
    differing = {
        name for name in functions if len({each[name] for each in payloads if name in each}) > 1
    }
    print(
        f"of {len(functions)} function cases, {len(functions) - len(differing)} have the same "
        "bytes from every writer on every hash seed"
    )
    expected = {name for names in WRITERS_DIFFER.values() for name in names}
    problems = [f"{name}: its bytes differ between writers" for name in differing - expected]
    if len(payloads) == len(interpreters.supported()):
        problems += [f"{name}: its bytes no longer differ" for name in expected - differing]
    return problems
