"""Property: whatever CPython compiles, each of its functions comes back with the same code.

``SOURCEPICKLE_EXAMPLES`` is the number of examples per test; where it is set they are others in
every run.
"""

import ast
import io
import itertools
import linecache
import os
import pickle
import re
import sys
import types
import warnings
from inspect import CO_OPTIMIZED
from pathlib import Path

import pytest

hypothesis = pytest.importorskip("hypothesis", reason="the property test draws from hypothesis")

import sourcepickle  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent / "corpus"))
from difference import CODE, difference  # noqa: E402

MINOR = sys.version_info[1]
EXAMPLES = os.environ.get("SOURCEPICKLE_EXAMPLES")
SETTINGS = hypothesis.settings(
    max_examples=int(EXAMPLES or 50),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
    suppress_health_check=list(hypothesis.HealthCheck),
)


# The property


def compiled(source, filename):
    """Compile a text; None where CPython does not accept it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source), compile(source, filename, "exec", 0, True)
    # CPython's own bugs in odd texts are SystemError.
    except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
        return None


def places(tree):
    """Return the name and first line of each def and lambda, and whether an f-string holds it."""
    found = {}

    def walk(node, in_f_string):
        in_f_string = in_f_string or isinstance(node, ast.JoinedStr)
        if isinstance(node, ast.Lambda):
            found[("<lambda>", node.lineno)] = in_f_string
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.decorator_list[0] if node.decorator_list else node
            found[(node.name, first.lineno)] = in_f_string
        for child in ast.iter_child_nodes(node):
            walk(child, in_f_string)

    walk(tree, False)
    return found


def functions(outer, found):
    """Yield each function inside, told from classes and from scopes that are none in the text."""
    for const in outer.co_consts:
        if isinstance(const, types.CodeType):
            is_function = (const.co_name, const.co_firstlineno) in found
            if is_function and const.co_flags & CO_OPTIMIZED:
                yield const
            yield from functions(const, found)


numbers = itertools.count()


def check(source):
    """Return how many functions a text holds, and what is wrong with each that does not travel.

    None where CPython does not compile it.
    """
    filename = f"/nowhere/property{next(numbers)}.py"
    both = compiled(source, filename)
    if both is None:
        return None
    tree, module = both
    found = places(tree)
    lines = io.StringIO(source, newline=None).readlines()
    linecache.cache[filename] = (len(source), None, lines, filename)
    count, wrong = 0, []
    try:
        for code in functions(module, found):
            count += 1
            cells = tuple(types.CellType(None) for _ in code.co_freevars)
            function = types.FunctionType(code, {"__name__": "__main__"}, None, None, cells)
            place = f"{code.co_name}, line {code.co_firstlineno}"
            try:
                loaded = pickle.loads(sourcepickle.dumps(function, by_source=True)).__code__
            except Exception as error:
                if not (MINOR >= 12 and set(code.co_cellvars) & set(TARGETS)):
                    wrong.append(f"{place}: {error!r}")
                continue
            # Before 3.12 CPython gives wrong lines and columns inside f-strings.
            exact = MINOR >= 12 or not found[(code.co_name, code.co_firstlineno)]
            worst = difference(code, loaded)
            if worst == CODE or (exact and worst is not None):
                wrong.append(f"{place}: {worst} differ")
    finally:
        del linecache.cache[filename]
    return count, wrong


# Texts


NAMES = ["a", "b", "x", "__p", "é", "ﬁ", "self", "T", "i", "j"]
ATOMS = [
    *NAMES,
    "1",
    "0.0",
    "-0.0",
    "1j",
    "1e400",
    "'é𝐱'",
    "b'\\xff'",
    "'\\ud800'",
    "...",
    "None",
    "(1, 'a', -1.0)",
    "x in {1, 1.5, 'é'}",
    "a.b(1)",
    "é.b.__p(x, *a)",
    # The compilers of 3.12 and 3.13 die of these in comprehensions of classes.
    *(["__class__", "super().b(x)"] if MINOR not in (12, 13) else []),
    "x[1:2]",
    "'''\n  é'''",
    "x is a.__p",
]
BINDERS = ["a", "b", "x", "é", "__p"]
# 3.12+ confuses the target of a comprehension with a variable of the same name that a lambda beside
# it has from further out, and then compiles the lambda otherwise in the skeleton of its scopes.
# So targets are names that nothing else binds, and a function with one in a cell may be refused.
TARGETS = ["i", "j"] if MINOR >= 12 else BINDERS
INDENTATIONS = ["    ", " ", "  ", "\t", "\t ", "       "]
COMMENTS = ["", "", "  # é", " ;", "; # x", " # \\", "\f"]
BETWEEN = ["", "", "", "\n", "# é\n", "# \\\n", "\f\n", "   # odd\n", "'''é\n  '''\n"]
GAPS = [" ", " ", "  ", "\t", " \\\n", " \\\n      "]
WRAPS = ["", "", "\n", " # é\n", "\n\n      "]
CONTEXT = [
    "",
    "",
    "import a\n",
    "import a.b, é\n",
    "from a import super\n",
    "super = 1\n",
    "from __future__ import annotations\n",
    "'''Doc.'''\n",
]


class Writer:
    """Draws a text, statement by statement."""

    def __init__(self, draw):
        self.draw = draw
        # Of each scope its kind, and whether it binds the name that inner scopes may declare.
        self.scopes = []
        self.no_walrus = 0

    def one(self, choices):
        return self.draw(st.sampled_from(choices))

    def chance(self, many):
        return self.draw(st.integers(0, many - 1)) == many - 1

    def number(self, most):
        return self.draw(st.integers(0, most))

    @property
    def scope(self):
        return self.scopes[-1][0] if self.scopes else "module"

    def plain(self, depth):
        """Draw an expression for a place that no ``:=`` may stand in."""
        self.no_walrus += 1
        text = self.expression(depth)
        self.no_walrus -= 1
        return text

    def lazy(self, depth):
        """Draw an expression for the scope of annotations or of type parameters."""
        # In classes 3.12 has no scopes in these, and its compiler dies of some that it has.
        if MINOR == 12 and any(kind == "class" for kind, _ in self.scopes):
            return self.one(NAMES)
        self.scopes.append(("clause", False))
        text = self.plain(depth)
        self.scopes.pop()
        return text

    def module(self):
        return self.one(CONTEXT) + self.block("", 4)

    def block(self, indentation, depth):
        count = 1 + self.number(2)
        return "".join(self.statement(indentation, depth) for _ in range(count))

    def suite(self, indentation, depth, scope=None):
        if scope is not None:
            self.scopes.append((scope, False))
        if depth <= 0 or self.chance(4):
            text = f":{self.one(GAPS)}{self.simple(1)}{self.one(COMMENTS)}\n"
        else:
            deeper = indentation + self.one(INDENTATIONS)
            text = ":" + self.one(["", " # é"]) + "\n" + self.declarations(deeper)
            text += self.block(deeper, depth - 1)
        if scope is not None:
            self.scopes.pop()
        return text

    def declarations(self, indentation):
        """Say what names the scope has from elsewhere, or bind one for those inside."""
        if not self.scopes or not self.chance(3):
            return ""
        if self.chance(2):
            return f"{indentation}global {self.one(['f', 'g', 'C', '__m'])}\n"
        if any(binds for _, binds in self.scopes[:-1]):
            return f"{indentation}nonlocal w\n"
        if self.scope != "class":
            self.scopes[-1] = (self.scope, True)
        return f"{indentation}w = {self.expression(1)}\n"

    def statement(self, indentation, depth):
        between = self.one(BETWEEN)
        if between.startswith("'"):
            between = indentation + between
        kinds = ["simple"] if depth <= 0 else ["def", "def", "simple", "class", "block", "def"]
        kind = self.one(kinds)
        text = between + indentation
        if kind == "simple":
            return text + self.simple(3) + self.one(COMMENTS) + "\n"
        if kind == "block":
            return text + self.compound(indentation, depth)
        for _ in range(self.number(2) if self.chance(3) else 0):
            decorator = self.one(["x", "(lambda f: f)", f"x({self.expression(2)})"])
            text += f"@{decorator}{self.one(['', ' # é'])}\n{indentation}"
        return text + (self.definition if kind == "def" else self.klass)(indentation, depth)

    def definition(self, indentation, depth):
        scope = self.one(["def", "def", "async"])
        word = "async def" if scope == "async" else "def"
        name = self.one(["f", "g", "__m", "é", "ﬁ"])
        typed = self.type_parameters()
        annotation = self.lazy if typed or MINOR >= 14 else self.plain
        text = f"{word}{self.one(GAPS)}{name}{typed}({self.parameters(annotation)})"
        if self.chance(4):
            text += f" -> {annotation(1)}"
        return text + self.suite(indentation, depth, scope)

    def klass(self, indentation, depth):
        # 3.12.1 mangles private names behind a generic class as if they stood in it. Its name is no
        # part of them if it is underscores, which is as well outside of other classes alone.
        in_class = any(kind == "class" for kind, _ in self.scopes)
        typed = "" if MINOR == 12 and in_class else self.type_parameters()
        name = "_" if typed and MINOR == 12 else self.one(["C", "_D", "__E", "É"])
        text = f"class {name}{typed}"
        if self.chance(3):
            base = (self.lazy if typed else self.plain)(2)
            text += f"({self.one(['', 'x, ', 'key='])}{base})"
        return text + self.suite(indentation, depth, "class")

    def type_parameters(self):
        if MINOR < 12 or not self.chance(4):
            return ""
        kinds = ["T", "U", "*Ts", "**P", f"V: {self.lazy(1)}"]
        if MINOR >= 13:
            kinds.append(f"W = {self.lazy(1)}")
        return f"[{self.one(kinds)}]"

    def parameters(self, annotation=None):
        texts, default = [], False
        for name in ["a", "self", "__p", "*b", "k", "**é"]:
            if not self.chance(3):
                continue
            star, text = name.startswith("*"), name
            if annotation is not None and self.chance(4):
                text += f": {annotation(1)}"
            if star:
                default = False
            elif default or self.chance(3):
                default = True
                text += f"={self.expression(1)}"
            texts.append(text)
            if name == "self" and self.chance(3):
                texts.append("/")
        return f",{self.one(WRAPS) if annotation else ' '}".join(texts)

    def compound(self, indentation, depth):
        await_ = "async " if self.scope == "async" and self.chance(2) else ""
        kind = self.one(["if", "for", "with", "try", "while", "match"][: 6 if MINOR >= 10 else 5])
        if kind == "for":
            head = f"{await_}for {self.one(BINDERS)} in {self.expression(2)}"
        elif kind == "with":
            head = f"{await_}with {self.expression(2)} as {self.one(BINDERS)}"
        elif kind == "try":
            tail = self.one(["finally", f"except {self.expression(1)} as x"])
            return f"try{self.suite(indentation, depth)}{indentation}{tail}" + self.suite(
                indentation, depth - 1
            )
        elif kind == "match":
            case = self.one(["[1, *b]", "{'a': x}", "a.b()", "str() | None"])
            head = f"match {self.expression(1)}:\n{indentation} case {case}"
            return f"{head} if {self.expression(1)}" + self.suite(indentation + " ", depth - 1)
        else:
            head = f"{kind} {self.expression(2)}"
        return head + self.suite(indentation, depth)

    def simple(self, depth):
        kinds = ["{}", "x = {}", "a = b, *x = {}", "x: {a} = 1", "x += {}", "assert x, {}", "del x"]
        kinds += ["é = a = {}", "import a.c as b", "x[{}] = 1", "__p: 'é' = {}", "{}; {}"]
        if self.scope in ("def", "async"):
            kinds += ["return {}", "x = yield {}", "return super().b({})"]
        if self.scope == "async":
            kinds += ["await {}"]
        if MINOR >= 12:
            kinds += ["type X = {l}", "type X[T] = {l}"]
        annotation = self.lazy if MINOR >= 14 else self.plain
        draws = {"": self.expression, "a": annotation, "l": self.lazy}
        return re.sub(r"\{(\w?)\}", lambda hole: draws[hole[1]](depth), self.one(kinds))

    def expression(self, depth):
        if depth <= 0:
            return self.one(ATOMS)
        kinds = ["lambda", "lambda", "atom", "brackets", "list", "generator", "set", "dict"]
        kinds += ["f-string", "call", "if", "operator", "lambdas"]
        kinds += ["walrus"] * (not self.no_walrus)
        kind = self.one(kinds)
        inner = depth - 1
        if kind == "lambda":
            return f"({self.one(WRAPS)}{self.one(['', 'é, '])}{self.lambda_(inner)})"
        if kind == "lambdas":
            return f"[{self.lambda_(inner)}, 'é',{self.one(WRAPS)}{self.lambda_(inner)}]"
        if kind == "atom":
            return self.one(ATOMS)
        if kind == "brackets":
            return f"({self.one(WRAPS)}{self.expression(inner)}{self.one(WRAPS)})"
        if kind == "list":
            element = self.element(inner)
            element = f"*({element})" if MINOR >= 15 and self.chance(3) else element
            return f"[{element} {self.clauses(inner)}]"
        if kind == "set":
            return f"{{{self.element(inner)} {self.clauses(inner)}}}"
        if kind == "dict":
            key, value = self.element(inner), self.element(inner)
            return f"{{{key}: {value} {self.clauses(inner)}}}"
        if kind == "generator":
            return f"({self.element(inner)} {self.clauses(inner)})"
        if kind == "f-string":
            return self.interpolated(inner)
        if kind == "call":
            function = self.one(["a.b", "é.b.c", "x", "a.__p"])
            return f"{function}({self.expression(inner)}, k={self.expression(inner)})"
        if kind == "if":
            return f"({self.expression(inner)} if {self.one(ATOMS)} else {self.expression(inner)})"
        if kind == "walrus":
            # 3.9 folds no constants in it, even in a lambda.
            return f"(w := {self.expression(inner) if MINOR > 9 else self.one(NAMES)})"
        sign = self.one(["+", "and", "or", "<", "@"])
        return f"(é {sign} {self.expression(inner)})"

    def lambda_(self, depth):
        parameters = self.parameters()
        self.scopes.append(("def", False))
        body = self.expression(depth) if not self.chance(6) else "(yield)"
        self.scopes.pop()
        return f"lambda{' ' * bool(parameters)}{parameters}:{self.one(GAPS)}{body}"

    def element(self, depth):
        return self.plain(depth) if self.scope == "class" else self.expression(depth)

    def clauses(self, depth):
        await_ = "async " if self.scope == "async" and self.chance(3) else ""
        text = f"{await_}for {self.one(TARGETS)} in {self.plain(depth)}"
        if self.chance(3):
            text += f" for {self.one(TARGETS)} in {self.plain(depth)}"
        if self.chance(3):
            text += f" if {self.plain(depth)}"
        return text

    def interpolated(self, depth):
        prefix = self.one(["f", "rf", "t"] if MINOR >= 14 else ["f", "rf"])
        inside = self.expression(depth)
        quote = self.one(['"', '"""'])
        if MINOR < 12 and ("\\" in inside or "#" in inside or '"' in inside):
            inside = "(lambda: é)"
        if MINOR < 12 and ("\n" in inside or "'''" in inside):
            quote = '"""'
        before, after = self.one(["", "é", "{{"]), self.one(["", "!r", ":>{x}", "="])
        return f"{prefix}{quote}{before}{{({inside}){after}}}{quote}"


@st.composite
def sources(draw):
    return Writer(draw).module()


# Tests


def test_composed_sources():
    total = examples = 0

    @SETTINGS
    @hypothesis.given(sources())
    def holds(source):
        nonlocal total, examples
        checked = check(source)
        hypothesis.assume(checked is not None)
        count, wrong = checked
        total, examples = total + count, examples + 1
        assert not wrong, source

    holds()
    print(f"{total} functions in {examples} texts")
    assert total > examples


def test_sources_of_the_grammar():
    hypothesmith = pytest.importorskip("hypothesmith", reason="its wheels need libcst")

    # They are slow to draw and hardly ever hold a function.
    @hypothesis.settings(SETTINGS, max_examples=SETTINGS.max_examples // 2)
    @hypothesis.given(hypothesmith.from_grammar("file_input"))
    def holds(source):
        checked = check(source)
        hypothesis.assume(checked is not None)
        assert not checked[1], source

    holds()
