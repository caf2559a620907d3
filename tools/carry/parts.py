"""Which statements of sourcepickle.rebuild belong to which part of what payloads carry."""

from __future__ import annotations

import ast
import hashlib
import string
from pathlib import Path
from typing import NamedTuple

TOOLS = Path(__file__).resolve().parent
REBUILD = TOOLS.parent.parent / "python" / "sourcepickle" / "rebuild"
# Each part: its module, and the names that it is for; None for all that the module's callers use
# and no other part has. A module's first part makes it, and the package's first comes before all.
PARTS: tuple[tuple[str, tuple[str, ...] | None], ...] = (
    ("", ("function", "fill_function", "cell", "code", "module", "part")),
    ("", ("fill_functions", "named", "record_of_file", "union")),
    ("", None),
    (".modules", None),
    (".tracker", None),
    (".typing_constructs", ("as_text", "with_texts", "without_unavailable")),
    (".typing_constructs", ("applied", "reference", "readable")),
    (".classes", ("plain_class", "set_methods", "fill_class")),
    (".classes", None),
    (".dataclass", None),
    (".enums", None),
    (".type_parameters", None),
    (".functools_wrappers", None),
)

# Of use to the writer alone, and so left at home.
LEFT_AT_HOME = {"__all__", "give_own_names"}


class Part(NamedTuple):
    """Some names of a module, with all that they use and no earlier part has."""

    module: str  # its name's end, after the package's
    names: tuple[str, ...]  # those that payloads use; when the last is there, all are
    needs: tuple[int, ...]  # the numbers of the parts that it cannot do without, but for the first
    statements: list[ast.stmt]


def sources() -> str:
    """Return the digest of what the parts are made of, the programs that make them too."""
    files = [*sorted(REBUILD.glob("*.py")), *sorted(TOOLS.glob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def parts() -> list[Part]:
    """Return the parts, each after those that it needs."""
    modules = {name: _Module(name) for name, _ in PARTS}
    asked: set[tuple[str, str]] = set()
    for module in modules.values():
        asked.update(*map(_imported, module.statements))
    homes: dict[tuple[str, str], int] = {}  # the part that defines a name, by module and name
    made: list[Part] = []
    for number, (name, wanted) in enumerate(PARTS):
        module = modules[name]
        names = wanted or tuple(each for each in module.public if (name, each) not in homes)
        roots = {*names, *(each for home, each in asked if home == name and not wanted)}
        roots -= LEFT_AT_HOME
        own = module.reach(roots, {each for home, each in homes if home == name})
        if any(part.module == name for part in made):
            # More of a module, set in it one by one while other threads may use it.
            assert not any(isinstance(node, ast.ClassDef) for node in own)
            own.sort(key=lambda node: names[-1] in _defined(node))
        used = {(name, each) for node in own for each in _used(node)}.union(*map(_imported, own))
        needs = {homes[each] for each in used if each in homes} - {0}
        homes.update({(name, each): number for node in own for each in _defined(node)})
        made.append(Part(name, names, tuple(sorted(needs)), own))
    for name, module in modules.items():
        shorter = _Shorter(module.statements)
        for part in made:
            if part.module == name:
                part.statements[:] = map(shorter.visit, part.statements)
    return made


class _Module:
    """A module's stripped statements, one import each, and its public names."""

    def __init__(self, name: str) -> None:
        text = (REBUILD / f"{name.lstrip('.') or '__init__'}.py").read_text("utf-8")
        body = stripped(text).body
        (names,) = (node for node in body if "__all__" in _defined(node))
        self.public: list[str] = ast.literal_eval(names.value)
        if not name:
            carried = stripped((TOOLS / "carried_only.py").read_text("utf-8")).body
            body = [node for node in body if _defined(node) != {"part"}] + carried
        by_text = {ast.dump(each): each for node in body for each in _one_by_one(node)}
        self.statements: list[ast.stmt] = list(by_text.values())

    def reach(self, roots: set[str], known: set[str]) -> list[ast.stmt]:
        """Return the statements that define the roots, and what they use, but not what is known."""
        found: set[int] = set()
        names = set(roots)
        while names:
            name = names.pop()
            for at, node in enumerate(self.statements):
                if at not in found and name in _defined(node) and name not in known:
                    found.add(at)
                    names |= _used(node) - LEFT_AT_HOME
        return [self.statements[at] for at in sorted(found)]


def _one_by_one(node: ast.stmt) -> list[ast.stmt]:
    """Return the imports of one name each that an import statement stands for."""
    if isinstance(node, ast.Import):
        return [ast.Import([alias]) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [ast.ImportFrom(node.module, [alias], node.level) for alias in node.names]
    return [node]


def stripped(text: str) -> ast.Module:
    """Return a module without what only readers and type checkers look at."""
    module: ast.Module = _Stripped().visit(ast.parse(text))
    return module


class _Stripped(ast.NodeTransformer):
    def visit_Module(self, node: ast.Module) -> ast.AST:
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._without_docstring(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        stripped = self._without_docstring(node)
        if node.name == "__call__":  # Users call it, with arguments by name too.
            node.args.posonlyargs, node.args.args = [], node.args.posonlyargs
        return stripped

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        return ast.Assign([node.target], node.value) if node.value else None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if node.module == "__future__" else node

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        self.generic_visit(node)
        # Nobody passes these by name, so the minifier may give them short ones.
        node.posonlyargs, node.args = node.posonlyargs + node.args, []
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def _without_docstring(self, node: ast.Module | ast.ClassDef | ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
        return node


class _Shorter(ast.NodeTransformer):
    """Gives a module's private names others of one letter or two, which no local name has."""

    def __init__(self, statements: list[ast.stmt]) -> None:
        defined = sorted(set().union(*map(_defined, statements)))
        private = [name for name in defined if name.startswith("_") and not name.endswith("_")]
        letters = [a + b for a in ("", "_") for b in string.ascii_lowercase]
        assert len(private) <= len(letters)
        self._names = dict(zip(private, letters))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.name = self._names.get(node.name, node.name)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.name = self._names.get(node.name, node.name)
        return node


def _imported(node: ast.stmt) -> set[tuple[str, str]]:
    """Return what a statement imports from modules of the package."""
    if not isinstance(node, ast.ImportFrom) or not node.level:
        return set()
    module = f".{node.module}" if node.module else ""
    return {(module, alias.name) for alias in node.names}


def _used(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _defined(node: ast.stmt) -> set[str]:
    """Return the names that a statement is about: it defines them, or changes what they name."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.Assign):
        return set().union(*map(_used, node.targets))
    if isinstance(node, (ast.If, ast.For)):
        return {each for each in _used(node) if each.startswith("_")}
    return set()
