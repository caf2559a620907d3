"""Every Python snippet of the documentation runs, those of a page one after the other.

What a page does not show, such as the objects that it speaks of, stands above a snippet in a
comment of the page: ``<!-- python`` and ``-->`` on lines of their own. The snippets of
docs/engines.md run in the tests of engines.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SNIPPET = re.compile(r"^(?:```|<!-- )python\n(.*?)^(?:```|-->)$", re.MULTILINE | re.DOTALL)
OF_ENGINES = "engines.md"


def program(page):
    """The snippets of a page as a program, each on the lines that it has in the page."""
    text = page.read_text("utf-8")
    lines = [""] * text.count("\n")
    for match in SNIPPET.finditer(text):
        first = text.count("\n", 0, match.start(1))
        snippet = match[1].split("\n")
        lines[first : first + len(snippet)] = snippet
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_snippets_run(page, tmp_path):
    if page.name == OF_ENGINES:
        return
    path = tmp_path / f"{page.stem}.py"
    path.write_text(program(page), "utf-8")
    command = [sys.executable, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 0, done.stderr


def test_there_are_snippets_of_each_kind():
    texts = {page.name: program(page) for page in PAGES}
    assert "sourcepickle.dumps(price" in texts["README.md"]
    assert "allow={" in texts["security.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing
