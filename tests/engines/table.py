"""The table of docs/engines.md, made from the results of the engines' tests.

Of each test the JUnit XML has, by markers of pytest's, the ``way`` by which its functions were sent
and, where it shows that something works, the ``feature``. A way is a row. A feature works where
tests of it passed and none failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from engines import page

BEGIN, END = "<!-- made by make engines-table -->\n", "<!-- end of what was made -->\n"
HEAD = """
| engine | release | Python | way | what works | tests passed, failed, skipped |
|---|---|---|---|---|---|
""".lstrip()
OUTCOMES = ("passed", "failed", "skipped")


@dataclass
class Run:
    """The tests of an engine that have run.

    Args:
        engine: Its name, as in the table.
        releases: What was installed.
        pythons: The versions of its processes.
        results: The files of JUnit XML that its runs of pytest wrote.
    """

    engine: str
    releases: str
    pythons: str
    results: list[Path]


def write(runs: list[Run]) -> None:
    """Write the table of these runs into docs/engines.md."""
    before, _, rest = page.PATH.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.PATH.write_text(f"{before}{BEGIN}{text(runs)}{END}{after}", "utf-8")


def committed() -> list[list[str]]:
    """Return the cells of the rows that docs/engines.md has now."""
    table = page.PATH.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = table[len(HEAD) :].splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def text(runs: list[Run]) -> str:
    """Return the table of these runs: a row for each way, the engine's name in its first."""
    rows = []
    for run in runs:
        first = [run.engine, run.releases, run.pythons]
        for way, (features, counts) in _ways(run.results).items():
            count = ", ".join(str(counts.count(outcome)) for outcome in OUTCOMES)
            rows.append(f"| {' | '.join([*first, way, _told(features), count])} |\n")
            first = ["", "", ""]
    return HEAD + "".join(rows)


def _ways(results: list[Path]) -> dict[str, tuple[dict[str, list[str]], list[str]]]:
    """Return for each way the outcomes of each feature's tests, and those of all its tests."""
    ways: dict[str, tuple[dict[str, list[str]], list[str]]] = {}
    for path in results:
        for case in ElementTree.parse(path).iter("testcase"):
            outcome = _outcome(case)
            said = {item.get("name"): item.get("value", "") for item in case.iter("property")}
            if "way" not in said:
                raise ValueError(f"{path}: {case.get('name')} has no marker `way`, or did not load")
            features, counts = ways.setdefault(said["way"], ({}, []))
            counts.append(outcome)
            if "feature" in said:
                features.setdefault(said["feature"], []).append(outcome)
    return ways


def _outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def _told(features: dict[str, list[str]]) -> str:
    failed = [name for name, outcomes in features.items() if "failed" in outcomes]
    works = [name for name in features if name not in failed and "passed" in features[name]]
    others = [name for name in features if name not in failed + works]
    told = [", ".join(works)] if works else []
    told += [f"**failed: {', '.join(failed)}**"] if failed else []
    told += [f"not run: {', '.join(others)}"] if others else []
    return "; ".join(told)
