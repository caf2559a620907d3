"""How many instructions a dump and a load take, counted by callgrind: ``make instructions``.

Time on a shared machine is noise; this is the same within a percent from run to run. What is
checked is not the count, which belongs to one build of Python, but its ratio to cloudpickle's in
the same run, against ``instructions.json``. Each way is run often and seldom: the difference is
what it takes, without the start of the interpreter.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pythons import VERSIONS, pythons

HERE = Path(__file__).resolve().parent
KNOWN = HERE / "instructions.json"
# By how much a ratio may exceed the known one.
TOLERANCE = 1.05
FEW, MANY = 20, 220

PROGRAM = """
import pickle, sys
sys.path.insert(0, {here!r})
import cloudpickle, sourcepickle
from sourcepickle import rebuild
from works import works
work = works()[{work}]
obj = work.fresh()
source, bytecode = sourcepickle.dumps(obj, by_source=True), cloudpickle.dumps(obj)
cold = [work.fresh() for _ in range({most})]
def first_load():
    rebuild._cached_code.cache_clear()
    rebuild._compiled_once.cache_clear()
    rebuild._let_go()
    pickle.loads(source)
ways = {{
    "dumps": lambda: sourcepickle.dumps(obj, by_source=True),
    "dumps, the first time": lambda: sourcepickle.dumps(cold.pop(), by_source=True),
    "loads": lambda: pickle.loads(source),
    "loads, the first time": first_load,
    "cloudpickle.dumps": lambda: cloudpickle.dumps(obj),
    "cloudpickle.loads": lambda: pickle.loads(bytecode),
}}
way = ways[{way!r}]
for _ in range({times}):
    way()
"""

WORKS = {0: "a 3-line function", 1: "a 30-line function", 2: "a closure", 4: "a class"}
WAYS = {
    "dumps": "cloudpickle.dumps",
    "dumps, the first time": "cloudpickle.dumps",
    "loads": "cloudpickle.loads",
    "loads, the first time": "cloudpickle.loads",
}


def counted(python: str, work: int, way: str) -> float:
    """Return the instructions that a way takes once."""

    def total(times: int) -> int:
        program = PROGRAM.format(here=str(HERE), work=work, way=way, times=times, most=MANY)
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        done = subprocess.run(
            [*command, python, "-c", program],
            capture_output=True,
            check=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        return int(re.search(r"Collected : (\d+)", done.stderr)[1])

    return (total(MANY) - total(FEW)) / (MANY - FEW)


def ratios_of(python: str, known: dict[str, float]) -> dict[str, float]:
    """Return an interpreter's ratios, by what they are of, and print them."""
    ways = [*WAYS, *sorted(set(WAYS.values()))]
    asked = [(work, way) for work in WORKS for way in ways]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip(asked, pool.map(lambda each: counted(python, *each), asked)))
    ratios = {}
    print("| | instructions | of cloudpickle's | known |")
    print("|---|---|---|---|")
    for work, name in WORKS.items():
        for way, theirs in WAYS.items():
            what, count = f"{name}: {way}", found[work, way]
            ratios[what] = round(count / found[work, theirs], 3)
            print(f"| {what} | {count:,.0f} | {ratios[what]:.3f} | {known.get(what, '')} |")
    return ratios


def main() -> None:
    """Count, and check the ratios or write them anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="take these ratios for the known ones")
    write = parser.parse_args().write
    known = json.loads(KNOWN.read_text("utf-8"))
    worse = []
    for version, python in pythons(VERSIONS).items():
        print(f"\nCPython {version}\n")
        ratios = ratios_of(python, known[version])
        for what, ratio in known[version].items():
            if ratios[what] > ratio * TOLERANCE:
                worse.append(f"{version}, {what}")
        known[version] = ratios
    if write:
        KNOWN.write_text(json.dumps(known, indent=2) + "\n", "utf-8")
    elif worse:
        raise SystemExit("more instructions than before: " + "; ".join(worse))


if __name__ == "__main__":
    main()
