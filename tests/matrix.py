"""The cross-version matrix: every case written on every interpreter and read on every other.

As a program it is one cell's process: ``matrix.py write FOLDER`` writes this interpreter's
payloads, ``matrix.py read FILE`` loads those of another and prints what became of them as JSON.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import re
import subprocess
import sys
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CASES = Path(__file__).resolve().parent / "cases"
MINOR = sys.version_info[1]
SECONDS = 120  # for one process, which takes about two


def run(pythons: dict[str, str], folder: Path) -> bool:
    """Write on all, read on all, print the table; return whether every case holds on every pair."""
    with ThreadPoolExecutor(2) as pool:
        written = list(pool.map(lambda python: _process(python, "write", folder), pythons.values()))
        pairs = [(reader, writer) for writer in pythons for reader in pythons]
        read = pool.map(
            lambda pair: _process(pythons[pair[0]], "read", folder / f"{pair[1]}.payloads"), pairs
        )
        cells = dict(zip(pairs, read))
    problems = [
        f"written on {version}: {problem}"
        for version, outcome in zip(pythons, written)
        for problem in _problems(outcome)
    ]
    problems += [
        f"written on {writer}, read on {reader}: {problem}"
        for (reader, writer), outcome in cells.items()
        for problem in _problems(outcome)
    ]
    print("cross-version matrix: cases held + refused with the expected error")
    print("writer \\ reader".ljust(16), *(version.rjust(8) for version in pythons))
    for writer in pythons:
        row = [_summary(cells[reader, writer]).rjust(8) for reader in pythons]
        print(writer.rjust(15), "", *row)
    total = sum(len(outcome) for outcome in cells.values() if isinstance(outcome, dict))
    signals = sum(isinstance(outcome, str) for outcome in cells.values())
    print(f"{len(cells)} pairs, {total} checks, {len(problems)} failed, {signals} processes lost")
    problems += _other_bytes(pythons, folder)
    print(*problems[:40], sep="\n")
    return not problems


def _process(python: str, *arguments: object) -> dict[str, str] | str:
    command = [python, __file__, *map(str, arguments)]
    environment = {**os.environ, "PYTHONHASHSEED": str(sum(map(ord, python)))}
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment)
    if done.returncode != 0:
        return f"exit status {done.returncode}: {done.stderr[-2000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def _problems(outcome: dict[str, str] | str) -> list[str]:
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
    payloads = [_payloads(folder / f"{version}.payloads") for version in pythons]
    functions = sorted(name for name in set().union(*payloads) if not _is_of_classes(name))
    differing = set()
    for name in functions:
        if len({each[name] for each in payloads if name in each}) > 1:
            differing.add(name)
    print(
        f"of {len(functions)} function cases, {len(functions) - len(differing)} have the same "
        "bytes from every writer on every hash seed"
    )
    if len(pythons) < 2:
        return []
    expected = {name for names in WRITERS_DIFFER.values() for name in names}
    problems = [f"{name}: its bytes differ between writers" for name in differing - expected]
    return problems + [f"{name}: its bytes no longer differ" for name in expected - differing]


def _is_of_classes(name: str) -> bool:
    return "classes" in name.split(".")[0]


def _payloads(path: Path) -> dict[str, bytes]:
    try:
        return pickle.loads(path.read_bytes())
    except FileNotFoundError:
        return {}


# One process of the matrix

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

# Cases whose bytes a reader of another version cannot give again, each with its reason.
OTHER_BYTES = {
    # From 3.14 on Optional[X] and X | None are one type, before it two that travel apart.
    "functions.annotated",
    # Paths say what they are made of in other parts from 3.13 on.
    "functions.what_the_standard_library_moved",
    # The reader has their classes from other cases' payloads, with other strings.
    "functions.bound_class_method",
    "functions.class_local_and_nested",
    "functions.class_with_super",
    "functions.instance",
}


def load_cases(path: Path) -> dict:
    """Run a case file as a module that nothing can import, and return its cases."""
    return _run_file(path).case


def load_checks(path: Path) -> dict:
    """Return the companion's checks of a case file whose grammar is too new for this Python."""
    companion = path.with_name(f"{path.stem}_checks.py")
    return _run_file(companion).checks if companion.exists() else {}


def _run_file(path: Path):
    sys.path.insert(0, str(CASES))
    # One file looks alike from every interpreter, and no import finds its module.
    spec = importlib.util.spec_from_file_location("cases_without_a_module", path)
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec.loader.exec_module(module)
    return module


def case_files() -> list[tuple[int, Path]]:
    """Return each case file with the minor version of the oldest Python that can run it.

    A file named after a package, such as ``attrs_classes``, is left out where that is missing.
    """
    files = []
    for path in sorted(CASES.glob("*.py")):
        named = re.fullmatch(r"functions|grammar3(\d+)|(?:([a-z]+)_)?classes(?:3(\d+))?", path.stem)
        if named and (not named[2] or importlib.util.find_spec(named[2])):
            files.append((int(named[1] or named[3] or 9), path))
    return files


def write(folder: Path) -> dict[str, str]:
    """Write this interpreter's payloads, and compare the bytes without source to cloudpickle's."""
    import cloudpickle
    import sourcepickle

    payloads, outcome = {}, {}
    for minor, path in case_files():
        if minor > MINOR:
            continue
        for case_name, case in load_cases(path).items():
            if case.writer > MINOR:
                continue
            name = f"{path.stem}.{case_name}"
            try:
                built = case.build()
                payload = payloads[name] = sourcepickle.dumps(built, by_source=True)
                outcome[name] = "held"
                if b"cloudpickle" in payload.replace(b"sourcepickle", b""):
                    outcome[name] = "its payload names cloudpickle"
                if _bytes_or_error(sourcepickle, built) != _bytes_or_error(cloudpickle, built):
                    outcome[name] = "with by_source=False the bytes are not cloudpickle's"
            except Exception as error:
                outcome[name] = repr(error)
    (folder / f"3.{MINOR}.payloads").write_bytes(pickle.dumps(payloads))
    return outcome


def _bytes_or_error(module, built) -> bytes | str:
    """What a module makes of an object: cloudpickle cannot write all that we can."""
    try:
        return module.dumps(built)
    except Exception as error:
        return repr(error)


def read(path: Path) -> dict[str, str]:
    """Load the payloads of one writer, check each, send it on and check it again."""
    # Of each case its check, None if this Python cannot run it, and the oldest reader.
    checks, oldest = {}, {}
    for minor, file in case_files():
        oldest[file.stem] = minor
        if minor <= MINOR:
            found = {name: (case.check, case.reader) for name, case in load_cases(file).items()}
        else:
            found = load_checks(file)
        checks.update({f"{file.stem}.{name}": check for name, check in found.items()})
    return {
        name: _outcome(name, payload, *checks.get(name, (None, oldest[stem])))
        for name, payload in _payloads(path).items()
        if (stem := name.split(".")[0]) in oldest
    }


def _outcome(name: str, payload: bytes, check, reader: int) -> str:
    # pickle and nothing else: what a payload needs it imports itself.
    try:
        loaded = pickle.loads(payload)
    except pickle.UnpicklingError as error:
        if type(error).__name__ != "SourceVersionError":
            return repr(error)
        too_old = reader > MINOR and f"Python 3.{reader}" in str(error)
        return "refused" if too_old or _is_of_another_release(error) else repr(error)
    except Exception as error:
        return repr(error)
    if reader > MINOR:
        return "loaded where it must be refused"
    import sourcepickle

    try:
        again = sourcepickle.dumps(loaded, by_source=True)  # before anything runs it
        if not check(loaded):
            return "its check fails"
        # What a class shares with others varies.
        if again != payload and not _is_of_classes(name) and name not in OTHER_BYTES:
            return "sent on, its bytes are others"
        if not check(pickle.loads(again)):
            return "sent on, its check fails"
    except Exception as error:
        return repr(error)
    return "held"


def _is_of_another_release(error: Exception) -> bool:
    """Return whether a payload was refused for its pydantic, which is not everywhere the same."""
    release = re.search(r"a class of pydantic (\d+\.\d+),", str(error))
    if release is None:
        return False
    import pydantic

    return release[1] != ".".join(pydantic.__version__.split(".")[:2])


if __name__ == "__main__":
    action, where = sys.argv[1:]
    print(json.dumps(write(Path(where)) if action == "write" else read(Path(where))))
