//! What texts need, and what nobody must hold against them.

use super::{Attribute, Needs, Root, needs_of};

fn needs(text: &str, path: &str) -> Needs {
    needs_of(text, 1, path, false).unwrap_or_else(|error| unreachable!("{error}"))
}

/// The lines and versions of what Python 3.9 does not take.
fn grammar(text: &str) -> Vec<(isize, u8, &'static str)> {
    let found = needs(text, "f").grammar;
    found.into_iter().map(|need| (need.line, need.minor, need.construct)).collect()
}

/// The lines of unions in the body of a function `f`.
fn unions(body: &str) -> Vec<isize> {
    let text = format!("def f(x, y=None):\n{body}");
    let found = grammar(&text);
    found.into_iter().filter(|need| need.2.starts_with("a union")).map(|need| need.0).collect()
}

/// `line: dots module name binding`, with a question mark where it is guarded.
fn imports(body: &str) -> Vec<String> {
    let written = needs(&format!("def f(x, y=None):\n{body}"), "f").imports;
    let write = |import: super::Import| {
        let dots = ".".repeat(import.level as usize);
        let name = import.name.as_deref().unwrap_or("-");
        let guard = if import.is_guarded { "?" } else { "" };
        format!("{}: {dots}{} {name} {}{guard}", import.line, import.module, import.binding)
    };
    written.into_iter().map(write).collect()
}

/// A chain as text, a module in angle brackets, with a question mark where it is guarded and a
/// colon where it stands in an annotation.
fn written(attribute: Attribute) -> String {
    let root = match attribute.root {
        Root::Global(name) => name.into(),
        Root::Module(name) => format!("<{name}>"),
    };
    let path: String = attribute.path.iter().map(|name| format!(".{name}")).collect();
    let guard = if attribute.is_guarded { "?" } else { "" };
    let annotation = if attribute.is_annotation { ":" } else { "" };
    format!("{root}{path}{guard}{annotation}")
}

/// What the body of a function `f` reads.
fn reads(body: &str) -> Vec<String> {
    reads_of(&format!("def f(x, y=None):\n{body}"), "f")
}

fn reads_of(text: &str, path: &str) -> Vec<String> {
    needs(text, path).attributes.into_iter().map(written).collect()
}

#[test]
fn every_construct_of_the_text_is_named_with_its_line() {
    let text = "def f(x):\n    match x:\n        case 1: return t'a'\n    try: pass\n    except* E: x[*x]\n    type T = x\n    return f'{x['a']}', [*y for y in x]\n";
    assert_eq!(
        grammar(text),
        [
            (2, 10, "a match statement"),
            (3, 14, "a t-string"),
            (5, 11, "a starred expression in an index"),
            (5, 11, "except*"),
            (6, 12, "a type statement"),
            (7, 12, "an f-string of PEP 701's grammar"),
            (7, 15, "unpacking in a comprehension"),
        ]
    );
    assert_eq!(grammar("def f[T](x): return x[y := 1], x[z := 2]\n").len(), 2);
    assert_eq!(grammar("def f(x):\n    with (a as b, c as d): return [y := x]\n"), []);
}

#[test]
fn the_skeleton_counts_and_so_does_the_first_lines_number() {
    let text = "class C[T]:\n\tdef f(self): pass\n";
    let needs = needs_of(text, 10, "C.f", false).map(|needs| needs.grammar);
    assert!(needs.is_ok_and(|list| list.len() == 1 && list[0].line == 10 && list[0].minor == 12));
}

#[test]
fn an_asynchronous_comprehension_in_one_that_is_not_needs_3_11() {
    let count = |body: &str| grammar(&format!("async def f(z):\n  return {body}\n")).len();
    for refused in [
        "[[await y for y in x] for x in z]",
        "[[y async for y in x] for x in z]",
        "([await y for y in x] for x in z)",
        "[x for y in z for x in [await t for t in y]]",
        "[[(x for x in await y) for y in k] for k in z]",
    ] {
        assert_eq!(count(refused), 1, "{refused}");
    }
    for taken in [
        "[(y async for y in x) for x in z]",
        "[[y async for y in x] async for x in z]",
        "[await x for x in [y async for y in z]]",
        "[[x for x in await y] for y in z]",
        "[await x for x in z if [await x for x in z]]",
        "[[(await x for x in y) for y in k] for k in z]",
    ] {
        assert_eq!(count(taken), 0, "{taken}");
    }
}

#[test]
fn unions_that_are_evaluated_need_3_10() {
    let cases: &[(&str, &[isize])] = &[
        (" return isinstance(x, int | str)\n", &[2]),
        (" return isinstance(x, list[int] | None)\n", &[2]),
        (" return None | str\n", &[2]),
        (" return (int | str) | X\n", &[2]),
        (" return Optional[int | X | str]\n", &[]),
        (" T = dict[str, int | None]\n", &[2]),
        (" def g(a: int | None, *b: X, c: KeyError | str = 1) -> int | str: pass\n", &[2]),
        (" def g(\n  a: int | None,\n  b: str | None): pass\n", &[3, 4]),
        (" class C:\n  a: int | None = None\n  class D:\n   b: list[str] | None\n", &[3, 5]),
        (" class C:\n  def g(self) -> int | None: pass\n", &[3]),
        (" def g(): return isinstance(x, int | str)\n", &[2]),
        (" return all(isinstance(v, int | str) for v in x)\n", &[2]),
        (" return lambda v: isinstance(v, int | str)\n", &[2]),
        (" for v in x:\n  if isinstance(v, int | str): pass\n", &[3]),
    ];
    for (body, lines) in cases {
        assert_eq!(unions(body), *lines, "{body}");
    }
}

#[test]
fn unions_that_may_do_without_are_left_out() {
    for body in [
        " return X | None\n",
        " return None | None\n",
        " return int | 'X'\n",
        " return int['a'] | None\n",
        " return int.x | None\n",
        " return x | y | 1\n",
        " a: int | None = None\n",
        " x.a: int | None = None\n",
        " int = 1\n return int | str\n",
        " def str(): pass\n return int | str\n",
        " from builtins import int\n return int | str\n",
        " return x is None or isinstance(x, int | str)\n",
        " return isinstance(x, int | str) if y else 1\n",
        " return 1 < x < (int | str)\n",
        " assert x, int | str\n",
        " def g(a: 'int | None'): pass\n",
        " try:\n  int | str\n except TypeError: pass\n",
        " if sys.version_info >= (3, 10):\n  return int | str\n",
        " if sys.version_info < (3, 10):\n  return\n return int | str\n",
        " type A = int | str\n",
        " def g[T: int | str](): pass\n",
    ] {
        assert_eq!(unions(body), [] as [isize; 0], "{body}");
    }
    let text = "@d(int | str)\ndef f(x: int | None, y=int | str) -> int | None:\n  pass\n";
    assert_eq!(grammar(text), []);
    assert_eq!(grammar("def outer(int):\n def f(): return int | str\n"), []);
}

#[test]
fn annotations_that_are_text_are_not_evaluated() {
    let text = "def f():\n def g(a: int | typing.X): pass\n class C:\n  b: int | None\n";
    let found = needs_of(text, 1, "f", true).unwrap_or_default();
    assert_eq!((found.grammar, found.attributes), (vec![], vec![]));
    assert_eq!(grammar(text).len(), 1);
    assert_eq!(reads_of(text, "f"), ["int:", "typing.X:", "int:"]);
}

#[test]
fn every_import_of_the_body_is_named() {
    let body = " import a.b, c as d\n from . import e\n from ..f.g import (h,\n  i as j)\n def g():\n  import k\n class C:\n  from l import m\n";
    assert_eq!(
        imports(body),
        [
            "2: a.b - a",
            "2: c - d",
            "3: . e e",
            "4: ..f.g h h",
            "5: ..f.g i j",
            "7: k - k",
            "9: l m m",
        ]
    );
    let text = "@(lambda: [__import__('x')])\ndef f(): pass\nimport a\n";
    assert_eq!(needs(text, "f").imports, []);
}

#[test]
fn imports_whose_failure_is_provided_for_are_guarded() {
    let guarded = [
        " try: import a\n except ImportError: pass\n",
        " try: pass\n except ImportError: import a\n",
        " try: pass\n except* OSError: pass\n else: import a\n",
        " with suppress(ImportError): import a\n",
        " with contextlib.suppress(ImportError), b:\n  import a\n",
        " if sys.version_info >= (3, 11): import a\n",
        " if sys.version_info >= (3, 11): pass\n else: import a\n",
        " if x: pass\n elif sys.hexversion > 5: pass\n else: import a\n",
        " if TYPE_CHECKING: import a\n",
        " if x and typing.TYPE_CHECKING: import a\n",
        " if importlib.util.find_spec('a'): import a\n",
        " while not hasattr(x, 'a'): import a\n",
        " if sys.version_info < (3, 11): return\n import a\n",
        " if sys.version_info < (3, 11):\n  x = 1\n  raise X\n import a\n",
        " for v in x:\n  if not hasattr(v, 'b'):\n   continue\n  import a\n",
        " try: b.c\n except AttributeError: return\n import a\n",
        " has_it = hasattr(b, 'c')\n if has_it: import a\n",
        " if PY311: import a\n",
        " if NEW: import a\n",
        " if not supports('b'): return\n import a\n",
        " if 'b' in dir(c): pass\n else: import a\n",
        " if compat.HAS_TOML: import a\n",
        " def g():\n  if hasattr(b, 'c'):\n   def h(): import a\n",
    ];
    for body in guarded {
        let found = imports(body);
        assert!(found.len() == 1 && found[0].ends_with(" a?"), "{body}: {found:?}");
    }
    let free = [
        " import a\n",
        " if x: import a\n",
        " try: import a\n finally: pass\n",
        " try: pass\n except ImportError: pass\n finally: import a\n",
        " try: pass\n except ImportError: pass\n import a\n",
        " try: pass\n except ValueError: return\n import a\n",
        " if x: return\n import a\n",
        " if hasattr(x, 'a'): pass\n import a\n",
        " for v in x:\n  if hasattr(v, 'b'): break\n import a\n",
        " with open(x): import a\n",
        " if x: import a\n elif hasattr(x, 'a'): pass\n",
    ];
    for body in free {
        let found = imports(body);
        assert!(found.len() == 1 && found[0].ends_with(" a"), "{body}: {found:?}");
    }
}

#[test]
fn chains_of_globals_are_named_whole() {
    assert_eq!(reads(" concurrent.futures.wait(x)\n"), ["concurrent.futures.wait"]);
    assert_eq!(
        reads(" return await_(anext(x), asyncio.timeout(1).y)\n"),
        ["await_", "anext", "asyncio.timeout"]
    );
    assert_eq!(reads(" os.environ = sys.path\n del a.b.c\n"), ["os", "sys.path", "a.b"]);
    assert_eq!(reads(" raise ExceptionGroup(f'{it.x}', [y])\n"), ["ExceptionGroup", "it.x"]);
    assert_eq!(reads(" global g\n return g.h\n"), ["g.h"]);
    assert_eq!(reads(" match x:\n  case a.B(c) | a.D: return c.d\n"), ["a.B", "a.D"]);
}

#[test]
fn what_the_text_binds_is_left_out() {
    for body in [
        " x.a, y.b\n",
        " a = 1; a.b\n",
        " for a, [*b] in x: a.b, b.c\n",
        " with x as a: a.b\n",
        " try: pass\n except x as a: a.b\n",
        " return [a.b for a in x], {a.b: c.d for a, c in x}\n",
        " if (a := x): a.b\n",
        " return [(a := v) for v in x], a.b\n",
        " match x:\n  case [a, *b]: a.b, b.c\n",
        " match x:\n  case {'k': c, **d} as e: c.a, d.b, e.c\n",
        " def a(): a.b\n a.c\n",
        " class a: pass\n a.b\n",
        " def g(a, /, *b, c, **d): a.x, b.x, c.x, d.x\n",
        " return lambda a, *b: (a.x, b.x)\n",
        " def g[T](): T.x\n",
        " global a\n a = 1\n a.b\n",
        " def g():\n  global a\n  a = 1\n a.b\n",
        " import a\n a = x\n a.b\n",
        " try: import a\n except: a = 1\n a.b\n",
        " try: import a\n except: import b as a\n a.c\n",
        " import a\n def g():\n  nonlocal a\n  a = 1\n a.b\n",
        " from . import a\n a.b\n",
        " __private.x\n",
        " a: b.c = 1\n",
        " type a = b.c\n",
    ] {
        assert_eq!(reads(body), [] as [&str; 0], "{body}");
    }
    // A class's names are its body's alone.
    assert_eq!(reads(" class C:\n  a = x\n  a.b\n  def g(self): a.c\n"), ["a.c"]);
    assert_eq!(reads(" def g():\n  a = x\n a.b\n"), ["a.b"]);
}

#[test]
fn imports_of_the_text_are_resolved() {
    let cases: &[(&str, &[&str])] = &[
        (" import itertools as it\n it.batched(x)\n", &["<itertools>.batched"]),
        (" import a.b\n a.b.c\n", &["<a>.b.c"]),
        (" import a.b as c\n c.d\n", &["<a.b>.d"]),
        (" from a import b as c\n c.d\n", &["<a>.b.d"]),
        (" from a import b\n b\n", &[]),
        (" import a\n a\n", &[]),
        (" import a, a.b\n def g(): return a.c\n", &["<a>.c"]),
        (" def g():\n  import a as b\n b.c\n", &["b.c"]),
        (" class C:\n  import a as b\n  b.c\n  def g(self): b.d\n", &["<a>.c", "b.d"]),
        (" try: import a\n except ImportError: pass\n a.b\n", &["<a>.b?"]),
    ];
    for (body, expected) in cases {
        let found: Vec<String> =
            reads(body).into_iter().filter(|read| read != "ImportError?").collect();
        assert_eq!(found, *expected, "{body}");
    }
    // What stands behind the function says nothing of what the name is there.
    assert_eq!(reads_of("def f(): d.x(1)\nimport d\n", "f"), ["d.x"]);
}

#[test]
fn chains_that_are_provided_for_are_guarded() {
    for body in [
        " hasattr(a, 'b') and a.b\n",
        " a.b if hasattr(a, 'b') else 1\n",
        " not hasattr(a, 'b') or a.b\n",
        " assert hasattr(a, 'b'), a.b\n",
        " [a.b for v in x if hasattr(a, 'b')]\n",
        " try: a.b\n except AttributeError: pass\n",
        " try: x\n except AttributeError: return\n a.b\n",
    ] {
        let found = reads(body);
        assert!(found.contains(&"a.b?".to_owned()), "{body}: {found:?}");
    }
    assert_eq!(reads(" c = getattr(a, 'b', None)\n a.b\n"), ["getattr", "a", "a.b"]);
}

#[test]
fn the_functions_own_header_is_not_evaluated() {
    let text = "@a.b\n@(lambda: a.c)\ndef f(x: d.e = g.h) -> i.j:\n  return k.l\n";
    assert_eq!(reads_of(text, "f"), ["k.l"]);
    let inner = " @a.b\n def g(x: d.e = g.h) -> i.j: return k.l\n";
    assert_eq!(reads(inner), ["a.b", "d.e:", "i.j:", "k.l"]);
}

#[test]
fn the_path_tells_which_function_it_is() {
    let class = "class C:\n def f(self, a):\n  return f.x, C.y, self.z, a.b, d.e\n";
    assert_eq!(reads_of(class, "C.f"), ["f.x", "d.e"]);
    let lambda =
        "def g(a):\n [(lambda b:(      lambda c=d.e: a.x + b.x + c.x + h.x)) for [] in ()]\n";
    assert_eq!(
        reads_of(lambda, "g.<locals>.<listcomp>.<locals>.<lambda>.<locals>.<lambda>"),
        ["h.x"]
    );
    assert_eq!(reads_of("(   lambda: a.b)\n", "<lambda>"), ["a.b"]);
    let generic = "def generic(T):\n global Box\n class Box:\n    def get(self): return T.x, t.x\n";
    assert_eq!(reads_of(generic, "generic.<locals>.Box.get"), ["t.x"]);
    let clause = "def f[T](_:((lambda: (T.a, t.a)))):0\n";
    assert_eq!(reads_of(clause, "__annotate__.<locals>.<lambda>"), ["t.a"]);
    let indented = "if 1:\n  def f():\n    return a.b\n";
    assert_eq!(reads_of(indented, "f"), ["a.b"]);
    assert_eq!(reads_of("def f(): return a.b\n", "g"), [] as [&str; 0]);
}

#[test]
fn broken_text_is_no_reason_to_panic() {
    for text in ["", "\u{feff}", "def", "def f(", "def f(): import", "def f(): from . import", "\0"]
    {
        needs(text, "f");
    }
}

#[test]
fn depth_is_no_reason_to_overflow() {
    let deep = 30_000;
    let expressions = [
        format!("{}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("{}1{}", "[".repeat(deep), "]".repeat(deep)),
        format!("{}1", "not ".repeat(deep)),
        format!("a{}", ".b".repeat(deep)),
        format!("a{}", "()".repeat(deep)),
        format!("int{}", "|int".repeat(deep)),
        format!("{}a{}", "(a and ".repeat(deep), ")".repeat(deep)),
        format!("{}1", "lambda: ".repeat(deep)),
        format!("1{}", " if hasattr(a, 'b') else 1".repeat(deep)),
        format!("{}1{}", "[".repeat(deep), " for a in b]".repeat(deep)),
    ];
    for expression in expressions {
        needs(&format!("def f():\n return {expression}\n"), "f");
        needs(&format!("({expression})\n"), "<lambda>.<lambda>");
    }
    let patterns = format!("{}1{}", "[".repeat(deep), "]".repeat(deep));
    needs(&format!("def f():\n match x:\n  case {patterns}: pass\n"), "f");
    needs(&format!("def f():\n if 1: pass\n{}", " elif hasattr: pass\n".repeat(deep)), "f");
}

#[test]
fn unions_of_what_may_be_classes_name_them() {
    let text = "def f(x):\n isinstance(x, A | None)\n x | A\n def g(y: B | int) -> A | B: pass\n";
    let found = needs(text, "f").unions;
    let found: Vec<_> =
        found.iter().map(|union| (union.need.line, union.names.join(" "))).collect();
    let expected = [(2, "A"), (4, "B"), (4, "A B")];
    assert_eq!(found, expected.map(|(line, names)| (line, names.to_owned())));
}
