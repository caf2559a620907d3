"""``show``: as text, as a tree, as JSON."""

import json
import pickle
import re

import cloudpickle
import pytest
import sourcepickle
from sourcepickle.command import progress

ESCAPE = "\x1b"


def test_a_function_is_shown_with_its_source_and_what_it_brings(run, job, payload):
    path = payload(job.price)
    result = run("show", path)
    assert result.exit_code == 0
    line = job.price.__code__.co_firstlineno
    expected = f"""\
{path}: {path.stat().st_size} bytes, protocol 5, by sourcepickle
loads <function outer.<locals>.price>

function job_without_a_module.outer.<locals>.price  {job.__file__}:{line}  SIZE B
   9 │     def price(items, tax=0.2, *, rounded=True):
  10 │         total = rate * sum(items) + number
  11 │         return math.ceil(total * (1 + tax)) if rounded else total
  defaults  0.2, rounded=True
  closure   number = 7
  globals   math = <module math>, rate = 1.5

imports  math
"""
    assert re.sub(r"  \d+ B\n", "  SIZE B\n", result.output) == expected


def test_a_class_is_shown_with_its_methods(run, job, payload):
    output = run("show", payload(job.Basket)).output
    assert "class job_without_a_module.Basket  " in output
    assert re.search(r"methods +add\n", output)
    assert re.search(r"attributes +.*limit = 3", output)
    assert "function job_without_a_module.Basket.add  " in output


def test_cloudpickles_payloads_are_shown(run, job, tmp_path):
    path = tmp_path / "cloud.pickle"
    path.write_bytes(cloudpickle.dumps(job.price))
    output = run("show", path).output
    assert "by cloudpickle: functions by bytecode" in output
    assert "bytecode of Python 3." in output
    assert re.search(r"takes +\(items, tax, \*, rounded\)", output)


def test_a_pickle_inside_and_several_in_a_file_are_shown(run, job, tmp_path):
    path = tmp_path / "two.pickle"
    portable = sourcepickle.portable(job.price, standalone=True)
    path.write_bytes(pickle.dumps(portable) + pickle.dumps("second"))
    output = run("show", path).output
    assert f"{path}: 2 pickles, " in output
    assert "the pickle inside: " in output
    assert "stands alone with " in output
    assert "function job_without_a_module.outer.<locals>.price" in output
    assert "loads 'second'" in output
    tree = run("show", "--tree", path).output
    assert "function job_without_a_module.outer.<locals>.price" in tree


def test_a_tree_shows_what_stands_in_what(run, job, payload):
    output = run("show", "--tree", payload([job.Basket, job.price])).output
    lines = [re.sub(r"  [/<].*|  \d+ B", "", line) for line in output.splitlines()[1:]]
    assert lines[:4] == [
        "├── loads [<class Basket>, <function outer.<locals>.price>]",
        "│   ├── class job_without_a_module.Basket",
        "│   │   └── function job_without_a_module.Basket.add",
        "│   └── function job_without_a_module.outer.<locals>.price",
    ]
    assert "def price" not in output


def test_a_chain_of_items_is_cut_where_it_is_deeper_than_a_page(run, module_of, payload):
    links = "".join(f"def f{i}(): return f{i - 1}\n" for i in range(1, 100))
    chain = module_of("def f0(): return 1\n" + links).f99
    output = run("show", "--tree", payload(chain)).output
    assert output.count("function ") == 41
    assert "… 1 inside" in output


def test_json_has_the_documented_keys(run, job, payload):
    path = payload([job.price, job.Basket])
    found = json.loads(run("show", "--json", path).output)
    assert found["format"] == 1
    assert (found["file"], found["size"]) == (str(path), path.stat().st_size)
    (one,) = found["pickles"]
    items = {item["qualname"]: item for item in one["items"]}
    price = items["outer.<locals>.price"]
    assert price["type"] == "function"
    assert price["how"] == "source"
    assert price["source"] == sourcepickle.getsource(job.price)
    assert price["needs"] is None
    assert price["closure"] == {"number": "7"}
    basket = items["Basket"]
    assert basket["methods"] == {"add": "<function Basket.add>"}
    assert basket["inside"] == [items["Basket.add"]["number"]]
    assert {"module": "math", "name": None} in one["references"]


def test_json_takes_every_text_and_number(run, module_of, payload):
    strange = module_of("x = 1\ndef f():\n    return n, s, t\n")
    strange.n, strange.s, strange.t = float("nan"), "\ud800", "\x1b[31m"
    text = run("show", "--json", payload(strange.f)).output
    found = json.loads(text, parse_constant=pytest.fail)
    (function,) = (item for item in found["pickles"][0]["items"] if item["qualname"] == "f")
    assert function["globals"] == {"n": "nan", "s": "'\\ud800'", "t": "'\\x1b[31m'"}
    text.encode("ascii")


def test_two_forms_at_once_are_a_usage_error(run, payload):
    result = run("show", "--json", "--tree", payload(print))
    assert result.exit_code == 2
    assert "--json and --tree" in result.output + result.stderr


HOSTILE = "\x1b]0;title\x07\x1b[2J\u202e\u2028\x9b\r\n\ud800"


def test_nothing_of_a_payload_commands_the_terminal(run, module_of, payload):
    module = module_of(f"def f():\n    '''a{ESCAPE}[31mb\u202ec\x9bd\x0ce'''\n    return text\n")
    module.text = HOSTILE
    module.f.__name__ = module.f.__qualname__ = HOSTILE
    module.f.__module__ = HOSTILE
    vars(module.f)[HOSTILE] = HOSTILE
    path = payload(module.f, "hostile")
    for colour in ({}, {"FORCE_COLOR": "1"}):
        for form in ([], ["--tree"]):
            output = run("show", *form, path, **colour).output
            rest = re.sub(r"\x1b\[[\d;]*m", "", output) if colour else output
            assert "title" in rest
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028\ud800]", rest)


def test_an_error_does_not_command_the_terminal_either(run):
    result = run("show", f"no{ESCAPE}[31mfile")
    assert result.exit_code == 2
    assert ESCAPE not in result.stderr


def test_colours_are_for_terminals(run, job, payload):
    path = payload(job.price)
    assert ESCAPE not in run("show", path).output
    coloured = run("show", path, FORCE_COLOR="1").output
    assert ESCAPE in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == run("show", path).output


def test_no_color_is_honoured(run, job, payload):
    output = run("show", payload(job.price), FORCE_COLOR="1", NO_COLOR="1").output
    assert not re.search(r"\x1b\[(?:\d+;)*[39]\dm", output)


def test_a_text_that_an_encoding_lacks_is_escaped(run, module_of, payload):
    path = payload(module_of("def ü(): return '…'\n").ü)
    assert "ü" in run("show", path).output


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "No such file"),
        (b"", "the file is empty"),
        (b"print(1)\n", "it does not look like a pickle"),
        (pickle.dumps([1, "two"])[:-3], "the file ends before a frame of 13 bytes"),
    ],
)
@pytest.mark.parametrize("command", [["show"], ["check", "--target", "3.9"]])
def test_what_cannot_be_read_is_said_in_one_line(run, tmp_path, data, message, command):
    path = tmp_path / "file"
    if data is not None:
        path.write_bytes(data)
    result = run(*command, path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"sourcepickle: {path}: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_folder_is_no_file(run, tmp_path):
    assert run("show", tmp_path).exit_code == 2


def test_standard_input_is_a_file(run, job, payload):
    data = payload(job.price).read_bytes()
    assert "def price" in run("show", "-", given=data).output


def test_long_work_shows_how_far_it_is(run, payload, monkeypatch):
    path = payload(list(range(100_000)))
    monkeypatch.setattr(progress, "_SECONDS", 0)
    assert "reading" in run("show", path, FORCE_COLOR="1").stderr
    assert run("show", path).stderr == ""
