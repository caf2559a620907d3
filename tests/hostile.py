"""Texts that go to extremes, dumped in a process of its own: the outcome of each, as JSON."""

import contextlib
import json
import linecache
import pickle
import sys
import types
import warnings

import sourcepickle

LEVELS = 10_000
# Before 3.11 nothing tells apart the lambdas of a line, and each is tried in turn.
LAMBDAS = LEVELS if sys.version_info >= (3, 11) else 1_000

EXPRESSIONS = {
    "parentheses": "(" * LEVELS + "1" + ")" * LEVELS,
    "unary operators": "-" * LEVELS + "1",
    "not": "not " * LEVELS + "1",
    "await": "await " * LEVELS + "1",
    "attributes": "a" + ".b" * LEVELS,
    "calls": "a" + "()" * LEVELS,
    "subscripts": "a" + "[0]" * LEVELS,
    "sums": "1+" * LEVELS + "1",
    "powers": "a**" * LEVELS + "1",
    "comparisons": "a<" * LEVELS + "1",
    "conjunctions": "a and " * LEVELS + "1",
    "conditions": "1 if a else " * LEVELS + "1",
    "nested lambdas": "lambda: " * LAMBDAS + "1",
    "nested f-strings": 'f"{' * LEVELS + "1" + '}"' * LEVELS,
    "f-strings side by side": 'f"{1}"' * LEVELS,
    "lists": "[" * LEVELS + "]" * LEVELS,
    "dictionaries": "{1:" * LEVELS + "1" + "}" * LEVELS,
    "walruses": "(x:=" * LEVELS + "1" + ")" * LEVELS,
    "generators": "(" * LEVELS + "1" + " for x in y)" * LEVELS,
    "stars": "*" * LEVELS + "a",
    "open parentheses": "(" * LEVELS,
    "an open string": '"""',
    "backslashes": "1\\" * LEVELS,
    "a null byte": "1\0",
    "a lone surrogate": "'\ud800'",
    "a line of a megabyte": "[" + "1, " * 350_000 + "lambda: 1]",
}
STATEMENTS = {
    "nothing": "",
    "byte order marks": "\ufeff" * LEVELS,
    "nested defs": "".join(" " * depth + "def f():\n" for depth in range(1000)) + " " * 1000 + "0",
    "nested ifs": "".join(" " * depth + "if 1:\n" for depth in range(1000)) + " " * 1000 + "f",
    "elifs": "def f():\n if a: pass\n" + " elif a: pass\n" * LEVELS,
    "decorators": "@a\n" * LEVELS + "def f(): pass",
    "type parameters": "def f[" + "T," * LEVELS + "](): pass",
    "patterns": "def f():\n match x:\n  case " + "[" * LEVELS + "]" * LEVELS + ": pass",
    "semicolons": "def f(): " + ";" * LEVELS,
    "tabs": "\t" * LEVELS + "def f(): pass",
    "a def that ends with the text": "def f(",
}


def functions(text, filename):
    """Functions that claim to stand at the start of the text, and those that do stand there."""
    codes = [compile(plain, filename, "exec") for plain in ("f = lambda: 1", "def f(): pass")]
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        codes.append(compile(text, filename, "exec", dont_inherit=True))
    for code in codes:
        for const in code.co_consts:
            if isinstance(const, types.CodeType) and const.co_name in ("f", "<lambda>"):
                cells = tuple(types.CellType(1) for _ in const.co_freevars) or None
                yield types.FunctionType(const, {"__name__": "__main__"}, None, None, cells)


def outcome(function):
    try:
        loaded = pickle.loads(sourcepickle.dumps(function, by_source=True))
    except pickle.PicklingError as error:
        return type(error).__name__
    same = loaded.__code__.co_code == function.__code__.co_code
    return "same" if same or hasattr(function, "__source__") else "another"


def outcomes(text):
    filename = f"<{len(linecache.cache)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    for function in functions(text, filename):
        yield outcome(function)
        function.__source__ = text
        yield outcome(function)
    # An attached text with free variables is indented.
    name = "outer.<locals>." + function.__name__
    code = function.__code__.replace(co_freevars=("free",))
    closure = types.FunctionType(code, {"__name__": "__main__"}, None, None, (types.CellType(1),))
    closure.__qualname__, closure.__source__ = name, text
    yield outcome(closure)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    texts = {name: f"f = lambda: {text}" for name, text in EXPRESSIONS.items()} | STATEMENTS
    print(json.dumps({name: sorted(set(outcomes(text))) for name, text in texts.items()}))
