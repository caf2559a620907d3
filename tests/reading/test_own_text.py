"""A function's own text is that of getsource."""

import sys
import types
from pathlib import Path

import pytest
import sourcepickle
from sourcepickle.reading.own_text import own_text

sys.path.append(str(Path(__file__).parent.parent))
sys.path.append(str(Path(__file__).parent.parent / "cases"))
from cell import MINOR, case_files, load_cases


def own_functions():
    for minor, path in case_files():
        if minor > MINOR or "classes" in path.stem:
            continue
        for name, case in load_cases(path).items():
            built = case.build() if case.writer <= MINOR else None
            if (
                isinstance(built, types.FunctionType)
                and built.__module__ == "cases_without_a_module"
            ):
                yield f"{path.stem}.{name}", built


def test_the_texts_of_all_cases_are_those_of_getsource(read_source):
    count = 0
    for name, function in own_functions():
        try:
            expected = sourcepickle.getsource(function)
        except sourcepickle.SourceNotFoundError:
            continue
        found = [item.text for item in read_source(function).items if hasattr(item, "text")]
        assert expected in found, name
        count += 1
    assert count > 50


@pytest.mark.parametrize(
    ("factory", "path", "expected"),
    [
        ("(lambda x=(lambda: 1): 2)", "<lambda>", "lambda x=(lambda: 1): 2"),
        ("if 1:\n @d(\n  1)\n def f(): pass\n", "C:f", " @d(\n  1)\n def f(): pass\n"),
        ("def f():\n  def g(): 1\ndef f():\n  def g(): 2\n", "f.<locals>.g", "  def g(): 2\n"),
        ('x = "ü", lambda: "ü"\n', "<lambda>", 'lambda: "ü"'),
        ("[lambda: 1 for x in y]", "<listcomp>.<lambda>", "lambda: 1"),
        ("[lambda: 1 for x in y]", "<lambda>", "lambda: 1"),
        ("def f(a: (lambda: 1)): 0", "__annotate__.<locals>.<lambda>", "lambda: 1"),
        ("def f(): 0\r\nx\r\n", "f", "def f(): 0\r\n"),
        ("\x0cdef f(): 0\n", "f", "\x0cdef f(): 0\n"),
    ],
)
def test_a_text_is_cut_out_exactly(factory, path, expected):
    assert own_text(factory, path).text == expected


@pytest.mark.parametrize(
    ("factory", "path", "reason"),
    [
        ("def f(", "f", "does not accept"),
        ("\0", "f", "does not accept"),
        ("def f(): 0", "g", "no g is to be found"),
        ("class C: 0", "C", "leads to no function"),
        ("1+" * 70_000 + "1", "f", "too long"),
        ("(" * 50_000, "f", "does not accept"),
        ("-" * 50_000 + "1", "f", "does not accept|no f is to be found"),
        ("1" + "+1" * 60_000, "f", "does not accept|no f is to be found"),
        ("a" + ".b" * 60_000, "f", "does not accept|no f is to be found"),
    ],
)
def test_a_text_without_the_function_says_why(factory, path, reason):
    with pytest.raises(ValueError, match=reason):
        own_text(factory, path)
