"""One process of the cross-version matrix, on one interpreter.

``cell.py write FOLDER`` writes this interpreter's payloads, ``cell.py read FILE`` loads those of
another, checks them and sends them on. ``cell.py read-golden FILE`` loads and checks alone, and so
does ``cell.py read-bare FILE``, where nothing of ours may be. Each prints what became of the cases
as JSON.
"""

from __future__ import annotations

import importlib.util
import json
import pickle
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

CASES = Path(__file__).resolve().parent / "cases"
MINOR = sys.version_info[1]

# Cases whose bytes a reader of another version cannot give again, each with its reason.
OTHER_BYTES = {
    # From 3.14 on Optional[X] and X | None are one type, before it two that travel apart.
    "functions.annotated",
    # Before 3.11 code has no qualified name, which this one's was changed.
    "functions.code_renamed",
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

    sys.path.insert(0, str(CASES))
    from case import OPTIONS

    payloads, standalone, outcome = {}, {}, {}
    for minor, path in case_files():
        if minor > MINOR:
            continue
        for case_name, case in load_cases(path).items():
            if case.writer > MINOR:
                continue
            name = f"{path.stem}.{case_name}"
            try:
                built = case.build()
                payload = payloads[name] = sourcepickle.dumps(built, **OPTIONS)
                outcome[name] = "held"
                if b"cloudpickle" in payload.replace(b"sourcepickle", b""):
                    outcome[name] = "its payload names cloudpickle"
                if _bytes_or_error(sourcepickle, built) != _bytes_or_error(cloudpickle, built):
                    outcome[name] = "with by_source=False the bytes are not cloudpickle's"
                OPTIONS["standalone"] = True
                standalone[name] = sourcepickle.dumps(case.build(), **OPTIONS)
            except Exception as error:
                outcome[name] = repr(error)
            finally:
                OPTIONS.pop("standalone", None)
    (folder / f"3.{MINOR}.payloads").write_bytes(pickle.dumps(payloads))
    (folder / f"3.{MINOR}.standalone").write_bytes(pickle.dumps(standalone))
    return outcome


def _bytes_or_error(module, built) -> bytes | str:
    """What a module makes of an object: cloudpickle cannot write all that we can."""
    try:
        return module.dumps(built)
    except Exception as error:
        return repr(error)


def read(
    payloads: dict[str, bytes],
    check_loaded: Callable[..., str],
    # pickle and nothing else: what a payload needs it imports itself.
    loads: Callable[[bytes], object] = pickle.loads,
) -> dict[str, str]:
    """Load the payloads of one writer and check each."""
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
        name: _outcome(name, payload, *checks.get(name, (None, oldest[stem])), check_loaded, loads)
        for name, payload in payloads.items()
        if (stem := name.split(".")[0]) in oldest
    }


def _outcome(name: str, payload: bytes, check, reader: int, check_loaded, loads) -> str:
    try:
        loaded = loads(payload)
    except pickle.UnpicklingError as error:
        if type(error).__name__ != "SourceVersionError":
            return repr(error)
        too_old = reader > MINOR and f"Python 3.{reader}" in str(error)
        return "refused" if too_old or _is_of_another_release(error) else repr(error)
    except Exception as error:
        return repr(error)
    if reader > MINOR:
        return "loaded where it must be refused"
    try:
        return check_loaded(name, payload, loaded, check)
    except Exception as error:
        return repr(error)


def _check_and_send_on(name: str, payload: bytes, loaded: object, check) -> str:
    import sourcepickle

    again = sourcepickle.dumps(loaded, by_source=True)  # before anything runs it
    if not check(loaded):
        return "its check fails"
    # What a class shares with others varies.
    if again != payload and not is_of_classes(name) and name not in OTHER_BYTES:
        return "sent on, its bytes are others"
    return "held" if check(pickle.loads(again)) else "sent on, its check fails"


def check_alone(name: str, payload: bytes, loaded: object, check) -> str:
    return "held" if check(loaded) else "its check fails"


def is_of_classes(name: str) -> bool:
    """Return whether a case is of a file of classes."""
    return "classes" in name.split(".")[0]


def _is_of_another_release(error: Exception) -> bool:
    """Return whether a payload was refused for its pydantic, which is not everywhere the same."""
    release = re.search(r"a class of pydantic (\d+\.\d+),", str(error))
    if release is None:
        return False
    import pydantic

    return release[1] != ".".join(pydantic.__version__.split(".")[:2])


def main(action: str, where: Path) -> None:
    """Do what the module says and print the outcome."""
    if action == "write":
        outcome = write(where)
    elif action == "read":
        outcome = read(pickle.loads(where.read_bytes()), _check_and_send_on)
    else:
        outcome = read(pickle.loads(where.read_bytes()), check_alone)
        assert "sourcepickle" not in sys.modules or action != "read-bare"
    print(json.dumps(outcome))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
