"""The tables of ``compare.py`` on several interpreters, with their bars, and the plot."""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot
from pythons import VERSIONS, pythons

ROOT = Path(__file__).resolve().parent.parent
PLOT = ROOT / "docs" / "performance.svg"
# What each ratio is not to exceed; of classes, where they have a bar of their own.
BARS = {
    "dumps, seen before": (0.35, 0.5),
    "dumps, the first time": (1.3, 1.3),
    "loads, the first time": (1.1, 1.1),
    "loads, again": (0.6, 0.6),
    "bytes": (0.5, 0.5),
    "by_source=False": (1.05, 1.05),
}
AGAINST = {
    "dumps, seen before": "cloudpickle.dumps",
    "dumps, the first time": "inspect.getsource and compile",
    "loads, the first time": "compile of its own text and cloudpickle.loads",
    "loads, again": "cloudpickle.loads",
    "bytes": "cloudpickle",
    "by_source=False": "cloudpickle.dumps",
}


def figures_of(python: str) -> dict[str, Any]:
    """Return what ``compare.py`` measures on an interpreter."""
    done = subprocess.run(
        [python, str(ROOT / "benches" / "compare.py")], check=True, stdout=subprocess.PIPE
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    for work in figures["works"]:
        middle = work["bytes"][0] / work["bytes"][1]
        work["ratios"]["bytes"] = {"low": middle, "middle": middle, "high": middle}
    return figures


def cell(ratio: dict[str, float] | None, bar: float | None = None) -> str:
    """Return a ratio with its spread, in bold type where it exceeds its bar."""
    if ratio is None:
        return "fails"
    text = f"{ratio['middle']:.2f}"
    if round(ratio["low"], 2) != round(ratio["high"], 2):
        text += f" ({ratio['low']:.2f}-{ratio['high']:.2f})"
    return f"**{text}**" if bar is not None and round(ratio["middle"], 2) > bar else text


def table(figures: dict[str, Any]) -> str:
    """Return the figures of one interpreter as Markdown."""
    lines = [
        f"### CPython {figures['python']}, cloudpickle {figures['cloudpickle']}, "
        f"dill {figures['dill']}",
        "",
        "| | " + " | ".join(f"{name} / {AGAINST[name]}" for name in BARS) + " |",
        "|---" * (len(BARS) + 1) + "|",
        "| the bar | "
        + " | ".join(f"{bar} (class {of})" if bar != of else f"{bar}" for bar, of in BARS.values())
        + " |",
    ]
    for work in figures["works"]:
        cells = [cell(work["ratios"][name], bars[work["is_class"]]) for name, bars in BARS.items()]
        lines.append(f"| {work['name']} | " + " | ".join(cells) + " |")
    lines += ["", "| | ratio | bar |", "|---|---|---|"]
    for first in figures["first of file"]:
        name = f"first function of a file of {first['lines']:,} lines / ast.parse of it"
        lines.append(f"| {name} | {cell(first['ratio'], 0.15)} | 0.15 |")
    for name, ratio in figures["import"].items():
        lines.append(
            f"| {name} after cloudpickle / import cloudpickle | {cell(ratio, 0.5)} | 0.5 |"
        )
    lines += ["", "| of cloudpickle's | dill dumps | dill loads | dill bytes | inspect.getsource |"]
    lines.append("|---|---|---|---|---|")
    for work in figures["works"]:
        ratios, sizes = work["ratios"], work["bytes"]
        of_dill = f"{sizes[2] / sizes[1]:.2f}" if len(sizes) == 3 else "fails"
        cells = [cell(ratios.get(name)) for name in ("dill.dumps", "dill.loads")]
        cells += [of_dill, cell(ratios["inspect.getsource"])]
        lines.append(f"| {work['name']} | " + " | ".join(cells) + " |")
    for name, what in (("growth", "functions in a dump"), ("growth with modules", "modules")):
        lines += ["", f"| {what} | µs, sourcepickle | µs, cloudpickle |", "|---|---|---|"]
        for count, ours, theirs in figures[name]:
            lines.append(f"| {count:,} | {ours:.2f} | {theirs:.2f} |")
    return "\n".join(lines)


def draw(figures: dict[str, Any]) -> None:
    """Write the plot: each work's dumps, loads and bytes against cloudpickle's."""
    names = ["dumps, seen before", "loads, again", "bytes"]
    works = figures["works"]
    figure, axes = pyplot.subplots(figsize=(9, 4.5), layout="constrained")
    for at, name in enumerate(names):
        ratios = [work["ratios"][name] for work in works]
        middles = [ratio["middle"] for ratio in ratios]
        spread = [
            [ratio["middle"] - ratio["low"] for ratio in ratios],
            [ratio["high"] - ratio["middle"] for ratio in ratios],
        ]
        places = [row + (at - 1) * 0.27 for row in range(len(works))]
        axes.barh(places, middles, 0.25, xerr=spread, label=name)
    axes.axvline(1, color="black", linewidth=1)
    middle = (len(works) - 1) / 2
    axes.text(0.99, middle, "cloudpickle by bytecode", rotation=90, ha="right", va="center")
    axes.set_yticks(range(len(works)), [work["name"] for work in works])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.05)
    axes.set_xlabel("less is better")
    axes.legend(loc="lower right", bbox_to_anchor=(0.9, 0))
    figure.suptitle(
        f"sourcepickle by source, as a part of cloudpickle {figures['cloudpickle']} by bytecode "
        f"(CPython {figures['python']})"
    )
    figure.savefig(PLOT, metadata={"Date": None})


def main() -> None:
    """Print the tables and write the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("versions", nargs="*", default=VERSIONS, help="such as 3.13")
    versions = parser.parse_args().versions
    matplotlib.rcParams["svg.hashsalt"] = "sourcepickle"
    for python in pythons(versions).values():
        figures = figures_of(python)
        print(table(figures), end="\n\n", flush=True)
    draw(figures)


if __name__ == "__main__":
    main()
