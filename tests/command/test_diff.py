"""``diff``: which functions and classes changed between two payloads."""

import cloudpickle
import pytest

OLD = """
import math
rate = 1.5
big = list(range(100))
def outer(number):
    def price(items, tax=0.2):
        return rate * sum(items) + number + math.pi + len(big)
    return price
price = outer(7)
def gone(): return 1
class Basket:
    limit = 3
    def add(self, item):
        return [item]
"""


@pytest.fixture
def both(run, module_of, tmp_path, payload):
    """Return a function: the difference of two texts, whose ``sent`` is sent."""

    def compare(new, old=OLD, by_cloudpickle=False):
        paths = []
        for name, text in (("old", old), ("new", new)):
            module = module_of(text, "job")
            objects = [
                getattr(module, sent)
                for sent in ("price", "gone", "Basket", "more")
                if hasattr(module, sent)
            ]
            path = payload(objects, name)
            if by_cloudpickle:
                path.write_bytes(cloudpickle.dumps(objects))
            paths.append(path)
        return run("diff", *paths)

    return compare


def test_the_same_is_silent(both):
    assert (both(OLD).exit_code, both(OLD).output) == (0, "")


@pytest.mark.parametrize("by_cloudpickle", [False, True])
def test_moved_lines_are_no_difference(both, by_cloudpickle):
    result = both("\n\n# moved\n" + OLD, by_cloudpickle=by_cloudpickle)
    assert (result.exit_code, result.output) == (0, "")


def test_a_changed_source_is_a_unified_diff(both):
    result = both(OLD.replace("+ number", "- number"))
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0].startswith("--- ") and lines[1].startswith("+++ ")
    assert lines[3].startswith("changed function job_without_a_module.outer.<locals>.price  ")
    assert lines[4:] == [
        "  @@ -1,2 +1,2 @@",
        "       def price(items, tax=0.2):",
        "  -        return rate * sum(items) + number + math.pi + len(big)",
        "  +        return rate * sum(items) - number + math.pi + len(big)",
    ]


def test_what_it_brings_is_told_where_it_differs(both):
    new = (
        OLD.replace("outer(7)", "outer(8)").replace("1.5", "1.6").replace("limit = 3", "limit = 4")
    )
    output = both(new).output
    assert "  closure number changed: 7 -> 8\n" in output
    assert "  global rate changed: 1.5 -> 1.6\n" in output
    assert "  attribute limit changed: 3 -> 4\n" in output
    assert "@@" not in output


def test_a_difference_that_the_short_form_does_not_show_is_one(both):
    result = both(OLD.replace("range(100)", "[*range(99), 5]"))
    assert result.exit_code == 1
    assert "  global big changed, though in short it is the same: [0, 1, 2" in result.output


def test_what_is_in_one_alone_is_added_or_removed(both):
    result = both(OLD.replace("def gone(): return 1", "def more(): return 1"))
    assert "added function job_without_a_module.more  " in result.output
    assert "removed function job_without_a_module.gone  " in result.output


def test_bytecode_is_compared(both):
    result = both(OLD.replace("+ number", "- number"), by_cloudpickle=True)
    assert result.exit_code == 1
    assert "bytecode changed" in result.output


def test_lambdas_of_one_name_are_compared_in_their_order(both):
    text = "price = [lambda: 1, lambda: 2]\n"
    output = both(text.replace("lambda: 2", "lambda: 3"), text).output
    assert output.count("changed function") == 1
    assert "  -lambda: 2\n  +lambda: 3\n" in output


def test_trouble_is_another_status(run, payload):
    assert run("diff", payload(print), "nowhere").exit_code == 2
    assert run("diff", "-", "-").exit_code == 2
