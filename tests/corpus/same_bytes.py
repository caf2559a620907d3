"""Whether the functions of real code have the same payload on every interpreter."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

DIGESTS = Path(__file__).with_name("digests.py")
SECONDS = 1800  # for one process, which takes about half a minute

# Compilers differ over their free variables: those of a class that names __annotations__, and those
# of an annotation of an attribute.
KNOWN = {
    "test_logging.py:3407:__init__",
    "test_opcodes.py:44:test_do_not_recreate_annotations",
}


def compare(pythons: dict[str, str], every: int, folder: str) -> bool:
    """Compare the payloads of every Nth file's functions; return whether they are the same."""

    def digests(python: str) -> list:
        command = [python, "-W", "ignore", str(DIGESTS), str(every), folder]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
        return json.loads(done.stdout)

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(digests, pythons.values()))
    in_comprehensions = set().union(*(places for _, places in found))
    same, of_comprehensions, of_twins, others = 0, 0, 0, []
    for place in sorted(set().union(*(by_place for by_place, _ in found))):
        # Where a file's grammar is not a version's, or a def's first line another, it is missing.
        payloads = [by_place[place] for by_place, _ in found if place in by_place]
        count = max(map(len, payloads))
        if all(each == payloads[0] for each in payloads):
            same += count
        elif place in in_comprehensions:
            of_comprehensions += count
        elif all(set(each) <= set(max(payloads, key=len)) for each in payloads):
            # Before 3.11 lambdas of a line that differ in nothing but columns are one code object.
            of_twins += count
        else:
            others.append(place)
    unknown = [place for place in others if Path(place).name not in KNOWN]
    print(
        f"the same bytes from every interpreter, {folder}: {same} functions; not so, in "
        f"comprehensions (PEP 709): {of_comprehensions}, equal lambdas of one line: {of_twins}, "
        f"others: {len(others)}, {len(others) - len(unknown)} of them known"
    )
    print(*unknown[:40], sep="\n")
    return not unknown
