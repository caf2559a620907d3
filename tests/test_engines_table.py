"""The table of docs/engines.md is of what run.py asks for, and tells results as they are."""

import interpreters
import pytest
from engines import page, run, table


def test_the_table_is_of_the_releases_and_versions_that_are_run():
    wanted = [
        [engine.name, engine.told_releases(), engine.told_pythons()] for engine in run.ENGINES
    ]
    wanted.append([run.PROCESSES, run.OF_PYTHON, run.told_versions(interpreters.supported())])
    told = [row[:3] for row in table.committed() if row[0]]
    assert told == wanted, "run `make engines-table`"


def results(folder, *tests):
    """Write JUnit XML of tests: their ways, features and outcomes."""
    cases = "".join(
        f'<testcase name="test"><properties><property name="way" value="{way}"/>'
        f'<property name="feature" value="{feature}"/></properties>{outcome}</testcase>'
        for way, feature, outcome in tests
    )
    path = folder / "results.xml"
    path.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return table.Run("Engine", "engine 1.0", "3.13", [path])


def test_failed_and_skipped_features_are_told(tmp_path):
    run = results(
        tmp_path,
        ("install", "tasks", ""),
        ("install", "actors", ""),
        ("install", "actors", "<failure/>"),
        ("install", "streams", "<skipped/>"),
        ("portable", "tasks", ""),
        ("portable", "actors", "<error/>"),
    )
    assert table.text([run]) == (
        f"{table.HEAD}"
        "| Engine | engine 1.0 | 3.13 | install | tasks; **failed: actors**; not run: streams "
        "| 2, 1, 1 |\n"
        "|  |  |  | portable | tasks; **failed: actors** | 1, 1, 0 |\n"
    )


def test_results_without_a_way_are_refused(tmp_path):
    path = tmp_path / "results.xml"
    path.write_text('<testsuite><testcase name="test_dask"><error/></testcase></testsuite>')
    with pytest.raises(ValueError, match="test_dask has no marker `way`, or did not load"):
        table.text([table.Run("Dask", "dask 1", "3.13", [path])])


def test_writing_leaves_the_rest_of_the_page(tmp_path, monkeypatch):
    path = tmp_path / "engines.md"
    path.write_text(f"before\n{table.BEGIN}old\n{table.END}after\n")
    monkeypatch.setattr(page, "PATH", path)
    table.write([results(tmp_path, ("install", "tasks", ""))])
    assert path.read_text().startswith(f"before\n{table.BEGIN}{table.HEAD}| Engine |")
    assert path.read_text().endswith(f"| 1, 0, 0 |\n{table.END}after\n")
    assert table.committed() == [["Engine", "engine 1.0", "3.13", "install", "tasks", "1, 0, 0"]]
