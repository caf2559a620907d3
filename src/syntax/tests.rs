//! What the index finds and the factories built from it.

use super::{Entry, Index, Position};

fn index(text: &str) -> Index {
    Index::new(text, 1).unwrap_or_else(|error| unreachable!("{error}"))
}

fn factory(index: &Index, entry: &Entry, free: &[&str]) -> (String, isize, String) {
    let factory = index.factory(entry, free);
    (factory.text, factory.first_line, factory.path)
}

/// The factory of the last entry of a text.
fn last(text: &str, free: &[&str]) -> (String, isize, String) {
    let index = index(text);
    let entry = index.entries().last().unwrap_or_else(|| unreachable!("no entry in {text:?}"));
    factory(&index, entry, free)
}

fn expected(text: &str, first_line: isize, path: &str) -> (String, isize, String) {
    (text.to_owned(), first_line, path.to_owned())
}

#[test]
fn a_def_stands_in_the_headers_of_its_scopes() {
    let text = "class C(Base):\n    x = 1\n    async def outer(self, a, b=2):\n        def f(y):\n            return a\n";
    assert_eq!(
        last(text, &["a"]),
        expected(
            "async def outer(a):\n        def f(y):\n            return a\n",
            3,
            "C:outer.<locals>.f"
        )
    );
}

#[test]
fn classes_stay_where_they_have_a_say_in_the_code() {
    let path = |header: &str, def: &str| {
        let index = index(&format!("{header}:\n  {def}\n"));
        let at = index
            .entries()
            .iter()
            .position(|entry| def.starts_with(&format!("def {}", entry.name)));
        at.map(|at| index.factory(&index.entries()[at], &[]).path).unwrap_or_default()
    };
    for def in [
        "def f(self): return self.a, '_b', self.__init__",
        "def f(self, key=lambda: 1): pass",
        "def __init__(self): supermarket",
    ] {
        assert!(path("class C", def).starts_with("C:"), "{def}");
    }
    for def in [
        "def f(self): return self.__a",
        "def f(self): return __class__",
        "def f(self): super().f()",
        "def f(self): return \u{ff53}uper",
        "def f(self): return [x for x in self]",
        "def f(self): return (x for x in self)",
        "def f(self): return lambda: self",
        "def f(self):\n    class D: pass",
        "def f(self): type X = int",
        "def f[T](self): pass",
    ] {
        assert_eq!(path("class C", def), "C.f", "{def}");
    }
    assert_eq!(path("class C[T]", "def f(self): pass"), "generic.<locals>.C.f");
    assert_eq!(path("class C:\n global f\n if 1", "def f(self): pass"), "C.f");
    assert_eq!(path("def g():\n class C", "def f(self): pass"), "g.<locals>.C.f");
    let below = "class C:\n def g(self):\n  global f";
    assert_eq!(path(&format!("{below}\n  if 1"), "def f(): pass"), "C.g.<locals>.f");
    let (text, line, path) = last("class C:\n  x = [lambda: 1, lambda: 2]\n", &[]);
    assert_eq!((&*text, line, &*path), ("(                 lambda: 2)\n", 2, "C:<lambda>"));
}

#[test]
fn a_def_brings_decorators_semicolon_and_comment() {
    let text = "if x:\n  @a(1)\n  @b\n  def f(): return 1 ; # why\n  y = 2\n";
    assert_eq!(
        last(text, &[]),
        expected("if 1:\n  @a(1)\n  @b\n  def f(): return 1 ; # why\n", 1, "f")
    );
    let index = index("@(\n  a\n)\ndef f(): pass\n");
    assert_eq!(index.entries()[0].first_line, 2);
}

#[test]
fn a_backslash_before_a_def_is_part_of_its_line() {
    assert_eq!(last("\\\ndef f(): pass\n", &[]), expected("\\\ndef f(): pass\n", 1, "f"));
}

#[test]
fn a_lambda_keeps_line_and_column() {
    assert_eq!(
        last("f, g = lambda: 1, lambda: 2\n", &[]),
        expected("(                 lambda: 2)\n", 1, "<lambda>")
    );
    assert_eq!(last("lambda: 1\n", &[]), expected("lambda: 1\n", 1, "<lambda>"));
    assert_eq!(last("x = [\nlambda: 1]\n", &[]), expected("(\nlambda: 1)\n", 1, "<lambda>"));
}

#[test]
fn scopes_of_expressions_wrap_the_lambda() {
    let text = "def f(a):\n    return [(lambda b: {(lambda: a + b + i)}) for i in range(3)]\n";
    assert_eq!(
        last(text, &["a", "b", "i"]),
        expected(
            "def f():\n [(lambda a, b, i:(      lambda: a + b + i)) for [] in ()]\n",
            1,
            "f.<locals>.<listcomp>.<locals>.<lambda>.<locals>.<lambda>"
        )
    );
    // The first iterable of a comprehension belongs to the scope around it.
    let (_, _, path) = last("[x for x in [lambda: 1]]\n", &[]);
    assert_eq!(path, "<lambda>");
}

#[test]
fn defaults_and_decorators_belong_to_the_scope_around_the_def() {
    let index = index("class C:\n    @d(lambda: 1)\n    def f(self, x=lambda: 2): pass\n");
    let paths: Vec<String> =
        index.entries().iter().map(|entry| factory(&index, entry, &[]).2).collect();
    assert_eq!(paths, ["C:f", "C:<lambda>", "C:<lambda>"]);
}

#[test]
fn class_cells_come_from_the_class() {
    let (text, _, _) = last("class C:\n    def f(self): super()\n", &["__class__"]);
    assert_eq!(text, "class C:\n    def f(self): super()\n");
}

#[test]
fn a_declared_global_stays_one() {
    let (text, first_line, _) = last("def f():\n    global g\n    def g(): pass\n", &[]);
    assert_eq!((text.as_str(), first_line), ("def f():\n    global g\n    def g(): pass\n", 1));
}

#[test]
fn the_scope_of_type_parameters_needs_no_new_grammar() {
    let index = index("\n\nclass Box[T]:\n    def get(self): return T\n");
    let factory = index.factory(&index.entries()[0], &["T"]);
    assert_eq!(
        factory.text,
        "def generic(T):\n global Box\n class Box:\n    def get(self): return T\n"
    );
    assert_eq!(factory.requirement, None);
}

#[test]
fn context_that_the_compiler_looks_at_comes_along() {
    let (text, _, _) = last("import a.b, c as d\nsuper\ndef f(): d.x(a.y(), super())\n", &[]);
    assert_eq!(text, "def f(): d.x(a.y(), super())\nimport a, d\nsuper\n");
    let (text, _, _) = last("import a\ndef f(): a.x\n", &[]);
    assert_eq!(text, "def f(): a.x\n");
}

#[test]
fn neighbours_share_a_text_at_their_lines() {
    let text = "import os\nclass C:\n    x = 1\n    def f(self): return a\n\n    y = 2\n    @d\n    def g(self):\n        os.g(b)  # c\n";
    let index = index(text);
    let [f, g] = index.entries() else { unreachable!("two") };
    assert!(index.neighbourhood(f).is_some());
    assert_eq!(index.neighbourhood(f), index.neighbourhood(g));
    let factory = index.shared_factory(&[f, g], &["a", "b"]);
    let mut factory = factory.unwrap_or_else(|| unreachable!("there are some"));
    assert_eq!(
        factory.text,
        "class C:\n    def f(self): return a\n\n\n    @d\n    def g(self):\n        os.g(b)  # c\nimport os\n"
    );
    assert_eq!(factory.first_line, 3);
    for (entry, path) in [(g, "C.g/"), (f, "C.f/")] {
        index.give_to(entry, &mut factory);
        assert_eq!(factory.path, path);
    }
    assert_eq!(index.lines_between(f, g), 2);
}

#[test]
fn neighbours_need_the_same_python() {
    let index =
        index("def f(): pass\ndef g(x):\n    match x:\n        case 1: pass\ndef h(): pass\n");
    let [f, g, h] = index.entries() else { unreachable!("three") };
    assert_eq!(index.neighbourhood(f), index.neighbourhood(h));
    assert_ne!(index.neighbourhood(f), index.neighbourhood(g));
    let mut factory = index.shared_factory(&[g], &[]).unwrap_or_else(|| unreachable!("one"));
    index.give_to(g, &mut factory);
    assert_eq!(factory.path, "g/");
    assert_eq!(factory.requirement.map(|needs| (needs.minor, needs.line)), Some((10, 3)));
    assert!(index.shared_factory(&[], &[]).is_none());
}

#[test]
fn what_cannot_be_told_by_its_name_stands_alone() {
    for text in [
        "f = lambda: 1\n",
        "class C[T]:\n    def f(self): pass\n",
        "def g():\n    global f\n    def f(): pass\n",
        "def __annotate__(): pass\n",
    ] {
        let index = index(text);
        let inner = index.entries().last().unwrap_or_else(|| unreachable!("one"));
        assert!(index.neighbourhood(inner).is_none(), "{text}");
    }
    let index = index("if x:\n    def f(): pass\nelse:\n  def g(): pass\n");
    let [f, g] = index.entries() else { unreachable!("two") };
    assert_ne!(index.neighbourhood(f), index.neighbourhood(g));
}

#[test]
fn the_newest_construct_is_what_a_text_needs() {
    let needs = |text: &str| {
        let index = index(text);
        let requirement = index.factory(&index.entries()[0], &[]).requirement;
        requirement.map(|requirement| (requirement.minor, requirement.line))
    };
    assert_eq!(needs("def f(x):\n    return [y := x]\n"), None);
    assert_eq!(needs("def f(x):\n    return x[y := 1]\n"), Some((10, 2)));
    assert_eq!(needs("def f(x):\n    match x:\n        case 1: return t'a'\n"), Some((14, 3)));
    assert_eq!(needs("def f(x): pass\ndef g[T](): pass\n"), None);
    assert_eq!(needs("def f(x):\n    return f'{x['a']}'\n"), Some((12, 2)));
    assert_eq!(needs("def f(x):\n    return [*y for y in x]\n"), Some((15, 2)));
}

#[test]
fn positions_tell_nested_lambdas_apart() {
    let index = index("é = lambda: lambda: 1\n");
    let candidates: Vec<_> = index.at_line(1).collect();
    assert_eq!(candidates.len(), 2);
    // Columns count bytes: é has two.
    let at = |column, end_column| Position { line: 1, column, end_line: 1, end_column };
    let starts = |positions: &[Position]| {
        index.innermost(&candidates, positions).map(|entry| entry.span.start)
    };
    assert_eq!(starts(&[at(21, 22)]), Some(13));
    assert_eq!(starts(&[at(13, 22)]), Some(5));
    assert_eq!(starts(&[at(0, 22)]), None);
    assert_eq!(starts(&[]), None);
}

#[test]
fn broken_text_is_no_reason_to_panic() {
    for text in
        ["", "\u{feff}", "def", "@a", "@a\n", "lambda", "def f(", "class C[", "f'{lambda", "\0"]
    {
        let index = index(text);
        for entry in index.entries() {
            index.factory(entry, &["a"]);
        }
    }
}

#[test]
fn depth_is_no_reason_to_overflow() {
    let deep = 100_000;
    let texts = [
        format!("x = {}1{}\n", "(".repeat(deep), ")".repeat(deep)),
        format!("x = {}1{}\n", "[".repeat(deep), "]".repeat(deep)),
        format!("x = {}1\n", "-".repeat(deep)),
        format!("x = {}1\n", "not ".repeat(deep)),
        format!("x = a{}\n", ".b".repeat(deep)),
        format!("x = a{}\n", "()".repeat(deep)),
        format!("x = 1{}\n", "+1".repeat(deep)),
        format!("x = 1{}\n", "**1".repeat(deep)),
        format!("x = {}1\n", "lambda: ".repeat(deep)),
        format!("x = 1{}\n", " if 1 else 1".repeat(deep)),
        format!("match x:\n case {}1{}: pass\n", "[".repeat(deep), "]".repeat(deep)),
        format!("if 1: pass\n{}", "elif 1: pass\n".repeat(deep)),
    ];
    for text in texts {
        let text = format!("{text}def f(): pass\n");
        let index = index(&text);
        assert!(!index.entries().is_empty(), "{}", &text[..20]);
    }
}

#[test]
fn a_comment_that_ends_in_a_backslash_joins_nothing() {
    assert_eq!(last("# \\\n@x\ndef f(): pass\n", &[]), expected("@x\ndef f(): pass\n", 2, "f"));
    assert_eq!(
        last("class C:\n # \\\n \\\n def f(): pass\n", &[]),
        expected("if 1:\n \\\n def f(): pass\n", 2, "C:f")
    );
}

#[test]
fn a_def_is_indented_by_the_first_line_that_is() {
    assert_eq!(
        last("class C:\n class D:\n  x = 1\n\\\n  def f(): pass\n", &[]),
        expected("if 1:\n\\\n  def f(): pass\n", 3, "C.D:f")
    );
}

#[test]
fn a_generic_class_without_room_for_one_block_more_keeps_its_list() {
    let text = "class C[T]:\n\tdef f(self): pass\n";
    assert_eq!(last(text, &[]), expected("class C[T]:\n\tdef f(self): pass\n", 1, "C.f"));
    let index = index(text);
    let requirement = index.factory(&index.entries()[0], &[]).requirement;
    assert_eq!(requirement.map(|needed| needed.minor), Some(12));
}

#[test]
fn a_lambda_of_a_clause_stands_in_a_statement_of_its_kind() {
    let factory = |text, free: &[&str]| last(text, free).0;
    assert_eq!(
        factory("def f[T](x: (lambda: T)): pass\n", &["T"]),
        "def f[T](_:((lambda: T))):0\n"
    );
    assert_eq!(factory("class C:\n  x: (lambda: 1)\n", &[]), "class C:\n _:(( lambda: 1))\n");
    assert_eq!(
        factory("class C[T, U: (lambda: T)]: pass\n", &["T"]),
        "class C[T,U:(( lambda: T))]:0\n"
    );
    assert_eq!(factory("type X = lambda: 1\n", &[]), "type X=((lambda: 1))\n");
    let index = index("def f[**P = (lambda: 1)](): pass\n");
    let requirement = index.factory(&index.entries()[1], &[]).requirement;
    assert_eq!(requirement.map(|needed| needed.minor), Some(13));
}

#[test]
fn a_lambda_may_stand_at_any_column() {
    let text = format!("x = '{}', lambda: 1\n", "a".repeat(70_000));
    let (text, _, _) = last(&text, &[]);
    assert_eq!(text.find("lambda"), Some(70_008));
}

#[test]
fn a_factory_leads_to_its_function() {
    let text = "def f(x=lambda: 1):\n    return lambda y=(lambda: 2): [lambda: x for _ in y]\n";
    let whole = index(text);
    for entry in whole.entries() {
        let (text, _, path) = factory(&whole, entry, &[]);
        let of_factory = index(&text);
        let found = of_factory.at_path(&path).map(|found| of_factory.text_of(found));
        assert_eq!(found, Some(whole.text_of(entry)));
    }
}

#[test]
fn super_in_a_comprehension_of_the_module_is_the_modules() {
    let text = "class C:\n  def f(self): return super().b\n[super for j in x]\n";
    let index = index(text);
    let (text, _, _) = factory(&index, &index.entries()[0], &["__class__"]);
    assert!(text.ends_with("super\n"), "{text}");
}

#[test]
fn a_class_at_the_top_of_a_file_keeps_its_line() {
    let text = "class C[T]:\n  def f(self):\n    class D: pass\n";
    assert_eq!(
        last(text, &[]),
        expected("class C[T]:\n  def f(self):\n    class D: pass\n", 1, "C.f")
    );
    let (text, first_line, _) = last(&format!("\n\n{text}"), &[]);
    assert!(text.starts_with("def generic():\n"), "{text}");
    assert_eq!(first_line, 1);
}
