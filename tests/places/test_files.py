# ruff: noqa: RUF001
"""Files of every encoding, line ending and size, imported by the interpreter itself."""

import codecs
import importlib.util
import os
import sys
import types
import warnings

import pytest
import sourcepickle

PLAIN = """\
# a comment
import json

def f(x):
    \"\"\"Documented.

    At length.
    \"\"\"
    y = "é\\n" + json.dumps(x)
    return y, [z for z in x]

class C:
    def method(self, x):
        if x:
            return __class__.__name__

        return (lambda: x)

g, h = "é", (lambda x: x + 1, lambda x: x + 2)
last = lambda x: (
    x,  # a comment
    '''a
    b''',
)
"""


def functions_of(module):
    """Return every function of a module by its name."""
    found = {}

    def search(name, value):
        if isinstance(value, types.FunctionType):
            found[name] = value
        elif isinstance(value, (tuple, list)):
            for number, item in enumerate(value):
                search(f"{name}[{number}]", item)
        elif isinstance(value, type):
            for key, item in vars(value).items():
                search(f"{name}.{key}", item)

    for name, value in list(vars(module).items()):
        if not name.startswith("__"):
            search(name, value)
    return found


def all_twins(module, twin):
    found = functions_of(module)
    assert found
    return {name: twin(function) for name, function in found.items()}


PLAINS = {
    "UTF-8": PLAIN.encode(),
    "a mark": codecs.BOM_UTF8 + PLAIN.encode(),
    "a mark and a cookie": codecs.BOM_UTF8 + b"# -*- coding: utf-8 -*-\n" + PLAIN.encode(),
    "a mark before a def": codecs.BOM_UTF8 + PLAIN[PLAIN.index("import") :].encode(),
    "CRLF": PLAIN.replace("\n", "\r\n").encode(),
    "CR": PLAIN.replace("\n", "\r").encode(),
    "mixed": PLAIN.replace("\n", "\r\n", 9).replace("\n\n", "\r\n\n").encode(),
    "LF then CR": PLAIN[:40].encode() + PLAIN[40:].replace("\n", "\r").encode(),
    "a mark and CRLF": codecs.BOM_UTF8 + PLAIN.replace("\n", "\r\n").encode(),
    "tabs": PLAIN.replace("    ", "\t").encode(),
    "a tab after spaces": PLAIN.replace("        ", "    \t").encode(),
    "eight spaces as a tab": PLAIN.replace("\n        ", "\n    \t").encode(),
    "one space": PLAIN.replace("    ", " ").encode(),
    "form feeds before defs": PLAIN.replace("\ndef", "\n\f\ndef")
    .replace("\nclass", "\n \f\fclass")
    .encode(),
    "form feeds in indentation": PLAIN.replace("\n    ", "\n\f    ").encode(),
    "form feeds after spaces": PLAIN.replace("\n    ", "\n  \f    ").encode(),
    "form feeds in a line": PLAIN.replace("return ", "return \f").replace(", (", "\f, (").encode(),
    "no final newline": PLAIN.rstrip("\n").encode(),
    "a comment at the end": (PLAIN + "# end").encode(),
    "an indented comment at the end": (PLAIN + "    # end").encode(),
    "empty lines at the end": (PLAIN + "\n\n\n    \n\t\n").encode(),
    "empty lines at the start": ("\n\n    \n\f\n" + PLAIN).encode(),
    "trailing spaces": PLAIN.replace("\n", "  \t\n").encode(),
    "a backslash at the end": (PLAIN + "\\\n\n").encode(),
    "latin-1": b"# coding: latin-1\n" + PLAIN.encode("latin-1"),
    "cp1252": b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\n" + PLAIN.encode("cp1252"),
    "utf-8-sig": b"# coding: utf-8-sig\n" + PLAIN.encode(),
    "utf8": b"# coding=utf8\n" + PLAIN.encode(),
    "shift_jis": b"# coding: shift_jis\n" + PLAIN.replace("é", "表ソ能").encode("shift_jis"),
    "shift_jis with CRLF": b"# coding: shift_jis\r\n"
    + PLAIN.replace("é", "表ソ能").replace("\n", "\r\n").encode("shift_jis"),
    "euc_jp": b"# coding: euc_jp\n" + PLAIN.replace("é", "表ソ能").encode("euc_jp"),
    "gb18030": b"# coding: gb18030\n" + PLAIN.replace("é", "中😀").encode("gb18030"),
    "koi8-r": b"# coding: koi8-r\n" + PLAIN.replace("é", "ж").encode("koi8-r"),
    "iso-8859-15": b"# coding: iso-8859-15\n" + PLAIN.replace("é", "€").encode("iso-8859-15"),
    "utf-7": b"# coding: utf-7\n" + PLAIN.replace("+", "+-").replace("é", "+AOk-").encode(),
    "iso-2022-jp": b"# coding: iso-2022-jp\n" + PLAIN.replace("é", "表能").encode("iso-2022-jp"),
    "cp037 characters": b"# coding: cp437\n" + PLAIN.replace("é", "╬é").encode("cp437"),
    "a cookie on line 2 after a mark": codecs.BOM_UTF8 + b"\n# coding: utf-8\n" + PLAIN.encode(),
    "a cookie that is none": b"x = 1\n\n# coding: latin-1\n" + PLAIN.encode(),
}


@pytest.mark.parametrize("kind", PLAINS)
def test_every_function_of_the_file(imported, twin, kind):
    module = imported(PLAINS[kind])
    loaded = all_twins(module, twin)
    assert set(loaded) == {"f", "C.method", "h[0]", "h[1]", "last"}
    assert loaded["f"]([1]) == module.f([1])
    assert loaded["f"].__doc__ == module.f.__doc__
    assert [one(0) for one in (loaded["h[0]"], loaded["h[1]"])] == [1, 2]
    assert loaded["last"](3) == module.last(3)
    assert loaded["C.method"](None, 1) == "C"
    assert loaded["C.method"](None, 0)() == 0


def test_a_cookie_before_lone_carriage_returns(imported, twin):
    """The interpreter reads such a file; the standard library's tokenize.open does not."""
    module = imported(b"# coding: mac-roman\r" + PLAIN.replace("\n", "\r").encode("mac-roman"))
    try:
        loaded = all_twins(module, twin)
    except sourcepickle.SourceNotFoundError:
        return
    assert loaded["f"]([1]) == module.f([1])


LINES = {
    "def at the end": "x = 1\ndef f(x):\n    return x + 1",
    "def of one line at the end": "x = 1\ndef f(x): return x + 1",
    "lambda at the end": "x = 1\nf = lambda x: x + 1",
    "lambda in parentheses at the end": "f = (lambda x: x + 1)",
    "def and a comment at the end": "def f(x):\n    return x + 1\n    # end",
    "def and a comment after it": "def f(x):\n    return x + 1\n# end",
    "def and a comment on its line": "def f(x): return x + 1  # end",
    "lambda and a comment at the end": "f = lambda x: x + 1  # end",
    "def and spaces at the end": "def f(x):\n    return x + 1\n    ",
    "def and a semicolon at the end": "def f(x): return x + 1;",
    "def and a backslash": "def f(x): return x + 1\\\n\n",
    "def and two backslashes": "def f(x): return \\\n\\\n  x + 1\\\n\n",
    "only a def": "def f(x): return x + 1",
    "a backslash before a def": "\\\ndef f(x):\n    return x + 1\n",
    "backslashes before a def": "x = 1; \\\n\\\nf = lambda x: x + 1\n",
    "a backslash in a def": "def \\\n  f \\\n  (x): \\\n  return \\\n x + 1\n",
    "a backslash in a lambda": "f = lambda \\\n  x \\\n : \\\n x \\\n + 1\n",
    "a backslash before an async def": "async \\\n def g(x):\n    pass\nf = lambda x: x + 1\n",
    "backslashes in decorators": (
        "def d(*a):\n    return lambda g: g\n@d \\\n( \\\n 1)\n@ \\\nd(\n2)\n"
        "def f(x):\n    return x + 1\n"
    ),
    "a lambda in a decorator": (
        "def d(a):\n    return lambda g: a\n@d(lambda x: \\\n  x + 1)\ndef f(x):\n    pass\n"
    ),
    "a backslash in an indentation": "def f(x):\n  \\\n  return x + 1\n",
    "a backslash in a string": "f = lambda x: x + len('a\\\nb') - 1\n",
    "a comment within a lambda": "f = (lambda x  # one: (\n : # two ]\n  x + 1)\n",
    "empty lines in a def": "def f(x):\n\n\n    # comment\n\n# another\n    return x + 1\n\n\n",
    "comments of less indentation": "def f(x):\n        y = x\n  # less\n        return y + 1\n",
    "a def after a semicolon's line": "x = 1; y = 2;\ndef f(x): y = x; return y + 1;\n",
    "an if of one line": "if True: f = lambda x: x + 1\n",
    "a deep indentation": "".join(" " * n + "if True:\n" for n in range(90))
    + " " * 90
    + "def f(x):\n"
    + " " * 91
    + "return x + 1\n",
    "a wide indentation": "if True:\n" + " " * 5000 + "def f(x): return x + 1\n",
    "a keyword as a part": "lambda_x = 1; undef = 2; f = lambda x: lambda_x and x + 1\n",
    "lambda in a string": "s = 'f = lambda x: x + 2'; f = lambda x: x + 1; t = \"lambda x:\"\n",
    "lambda in an f-string": "f = lambda x: len(f'{(lambda y: y)(x)}') and x + 1\n",
    "def in a string": "s = '''\ndef f(x):\n    return x + 2\n'''\ndef f(x):\n    return x + 1\n",
    "line ends in strings": 's = """\\\r\n\r\n"""\r\nf = lambda x: x + (s == "\\n") \r\n',
    "no space": "f=lambda x:x+1if x else 1\n",
    "a number before a keyword": "f = lambda x: 1if 0else x+1\n",
    "a lone star": "f = lambda *, x=0, **k: x + 1 + len(k)\ng = f\nf = lambda x: g(x=x)\n",
    "a default that is a lambda": "f = lambda x, g=lambda y: y + 1: g(x)\n",
    "walrus": "f = lambda x: (y := x + 1, y)[1]\n",
}


@pytest.mark.parametrize("kind", LINES)
def test_where_a_file_or_function_ends(imported, twin, kind):
    if kind == "a backslash in an indentation" and sys.version_info < (3, 10):
        pytest.skip("Python 3.9 takes such a line for one of no indentation")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = imported(LINES[kind].encode())
    loaded = all_twins(module, twin)
    assert loaded["f"](1) == module.f(1)


@pytest.mark.parametrize(
    "character",
    ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\xa0", "\ufeff"],
    ids=ascii,
)
def test_what_only_some_call_a_line_end(imported, twin, character):
    text = (
        f"# a comment {character} goes on\n"
        f"s = 'a{character}b'; f = lambda x: (x, 'c{character}d')  # {character} lambda x: 1\n"
        f"def g(x):\n"
        f'    """Doc{character}def h(): pass\n    """\n'
        f"    # {character} a comment\n"
        f"    return x, '''{character}\n{character}'''\n"
        f"pair = lambda: '{character}', lambda: 1\n"
    )
    module = imported(text.encode())
    loaded = all_twins(module, twin)
    assert loaded["f"](1) == (1, f"c{character}d")
    assert loaded["g"](1) == (1, f"{character}\n{character}")
    assert loaded["g"].__doc__ == module.g.__doc__
    assert (loaded["pair[0]"](), loaded["pair[1]"]()) == (character, 1)


NAMES = {
    "a ligature": ("ﬁ", "fi"),
    "a bold letter": ("𝐱", "x"),
    "a long s": ("ſtate", "state"),
    "a composed letter": ("e\u0301", "é"),
    "an ohm": ("\u2126", "Ω"),
    "a kelvin": ("\u212a", "K"),
    "full width": ("ａｂ", "ab"),
    "roman": ("Ⅷ", "VIII"),
    "unchanged": ("变量", "变量"),
    "a feminine ordinal": ("ª", "a"),
    "an undertie": ("a‿b", "a‿b"),
    "very long": ("n" * 10_000, "n" * 10_000),
    "very long and other letters": ("ж" * 3_000, "ж" * 3_000),
}


@pytest.mark.parametrize("kind", NAMES)
def test_names_that_the_compiler_normalises(imported, twin, kind):
    written, name = NAMES[kind]
    module = imported(
        f"{written}_1 = 1\n"
        f"def {written}(x, {written}_k=2):\n"
        f"    {written}_l = x + {written}_1\n"
        f"    return {written}_l + {name}_k, lambda: {written}_l\n"
        f"pair = '{written}', lambda {written}: {name} + 1, lambda {name}: {written} + 2\n"
        f"class {written}_C:\n"
        f"    def __{written}(self): return 5\n"
        f"    def method(self): return self.__{name}()\n"
    )
    loaded = all_twins(module, twin)
    assert loaded[name](1)[0] == 4
    assert loaded[name](1)[1]() == 2
    assert (loaded["pair[1]"](1), loaded["pair[2]"](1)) == (2, 3)
    made = getattr(module, f"{name}_C")()
    assert loaded[f"{name}_C.method"](made) == 5


def test_keywords_written_in_other_letters(imported, twin):
    """Such a word is a name, and no keyword."""
    module = imported("s = '𝐥𝐚𝐦𝐛𝐝𝐚 x: 1'; 𝐟 = lambda 𝐱: 𝐱 + 1; ｇ = lambda: 𝐟(1)\n")
    loaded = all_twins(module, twin)
    assert loaded["f"](1) == 2
    assert loaded["g"]() == 2


@pytest.mark.parametrize(
    "before", ["é", "日本語", "😀", "e\u0301", "\u202eabc", "👩‍👩‍👧", "\x7f", "é\t"], ids=ascii
)
def test_many_lambdas_after_text_of_many_bytes(imported, twin, before):
    lambdas = ", ".join(f"'{before}', lambda x: x + {k}" for k in range(40))
    module = imported(f"s = '{before}'; many = [{lambdas}]\n")
    loaded = all_twins(module, twin)
    assert [loaded[f"many[{2 * k + 1}]"](0) for k in range(40)] == list(range(40))


@pytest.mark.parametrize(
    ("encoding", "before"),
    [
        ("latin-1", "éü"),
        ("cp1252", "€é"),
        ("shift_jis", "表ソ能"),
        ("gb18030", "中😀"),
        ("utf-8-sig", "é"),
        ("iso-2022-jp", "表"),
    ],
)
def test_lambdas_after_text_of_another_encoding(imported, twin, encoding, before):
    name = before.strip("€😀")
    text = (
        f"# coding: {encoding}\n"
        f"{name} = 1; s = '{before}'; pair = lambda x: '{before}', lambda {name}: {name} + 2\n"
        f"def f({name}, k='{before}'):\n"
        f"    return lambda x: (x, {name}, '{before}')\n"
    )
    module = imported(text.encode(encoding))
    loaded = all_twins(module, twin)
    assert loaded["pair[0]"](0) == before
    assert loaded["pair[1]"](0) == 2
    assert loaded["f"](1)(2) == (2, 1, before)


def test_a_file_of_a_hundred_thousand_lines(imported, twin):
    half = "x = 1\n" * 50_000
    ends = (
        "def {0}(x):\n    return x + {1}, lambda: {1}\n{0}_pair = lambda x: x, lambda x: x - {1}\n"
    )
    text = ends.format("start", 1) + half + ends.format("middle", 2) + half + ends.format("end", 3)
    module = imported(text.encode())
    loaded = all_twins(module, twin)
    for name, k in (("start", 1), ("middle", 2), ("end", 3)):
        assert loaded[name](1)[0] == 1 + k
        assert loaded[f"{name}_pair[1]"](1) == 1 - k
    assert loaded["end"].__code__.co_firstlineno == 100_007


def test_a_def_of_ten_thousand_lines(imported, twin):
    text = "def f(x):\n" + "    x += 1\n" * 10_000 + "    return x\n\ng = lambda: 2\n"
    loaded = all_twins(imported(text.encode()), twin)
    assert loaded["f"](1) == 10_001
    assert loaded["g"]() == 2


@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_a_line_of_a_megabyte(imported, twin, place):
    numbers = "1000000, " * 55_000
    parts = {
        "start": f"((lambda x: x + 1,), {numbers}{numbers})",
        "middle": f"({numbers}(lambda x: x + 1,), {numbers})",
        "end": f"({numbers}{numbers}(lambda x: x + 1,))",
    }
    module = imported(f"many = [{parts[place]}, lambda x: x + 2]\n".encode())
    found = functions_of(module)
    assert len(found) == 2
    assert sorted(twin(function)(0) for function in found.values()) == [1, 2]


def test_a_thousand_lambdas_on_a_line(imported, twin):
    module = imported(b"many = [" + b", ".join(b"lambda x: x + %d" % k for k in range(1000)) + b"]")
    for k in (0, 1, 499, 500, 998, 999):
        assert twin(module.many[k])(0) == k


def test_a_long_string_in_a_lambda(imported, twin):
    module = imported(b"f = lambda: len('" + b"a" * 1_000_000 + b"')\n")
    assert twin(module.f)() == 1_000_000


def test_a_lambda_nested_deeply(imported, twin):
    text = "f = " + "[" * 60 + "lambda x: " * 15 + "x" + "]" * 60 + "\n"
    value = imported(text.encode()).f
    while isinstance(value, list):
        (value,) = value
    loaded = twin(value)
    for k in range(15):
        loaded = loaded(k)
    assert loaded == 14


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8 exist on Linux alone")
@pytest.mark.parametrize(
    "name", [b"caf\xe9.py", b"\xff\xfe.py", "日本.py".encode(), b"new\nline.py"]
)
def test_file_names_of_any_bytes(tmp_path, twin, name):
    path = os.path.join(os.fsencode(tmp_path), name)
    with open(path, "wb") as file:
        file.write(PLAIN.encode())
    spec = importlib.util.spec_from_file_location("odd_alone", os.fsdecode(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    loaded = all_twins(module, twin)
    assert loaded["f"]([1]) == module.f([1])


@pytest.mark.parametrize(
    "content",
    [
        b"# coding: latin-1\nf = lambda: '\xe9'\n",
        b"\xef\xbb\xbff = lambda: '\xc3\xa9'\r\n",
        b"# coding: shift_jis\nf = lambda: '\x95\x5c'\n",
        b"f = lambda: '\xe2\x80\xa8'",
    ],
    ids=["latin-1", "a mark", "shift_jis", "a line separator"],
)
def test_it_reads_the_same_in_another_process(imported, dumps, elsewhere, content):
    module = imported(content)
    data = dumps(module.f)
    assert elsewhere(data, "f()") == module.f()
    assert elsewhere(data, "f.__code__.co_firstlineno") == module.f.__code__.co_firstlineno


def test_a_file_that_became_unreadable_text(imported, dumps, write):
    """Bytes that no longer decode are an edit like any other."""
    module = imported(b"f = lambda: 1\n")
    write("sample.py", b"# \xff\xfe\nf = lambda: 1\n")
    with pytest.raises((sourcepickle.SourceMismatchError, sourcepickle.SourceNotFoundError)):
        dumps(module.f)


@pytest.mark.parametrize("content", [b"", b"\n", b"f = (", b"f = '''", b"\0", b"f = lambda: 2"])
def test_a_file_that_became_something_else(imported, dumps, write, content):
    module = imported(b"def g():\n    return 0\nf = lambda: 1\n")
    write("sample.py", content)
    for function in (module.f, module.g):
        with pytest.raises((sourcepickle.SourceMismatchError, sourcepickle.SourceNotFoundError)):
            dumps(function)
