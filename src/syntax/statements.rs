//! Where the statements of a file's top level start, told without parsing them.

use std::panic::AssertUnwindSafe;

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;
use ruff_python_parser::lexer::lex;

use super::index::IndexError;

/// One statement of the top level, or several where telling them apart would take a parser.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// Where it starts; it ends where the next one does.
    pub start: usize,
    /// True where it can bind a name of the top level by an import.
    pub may_import: bool,
}

/// The statements of a text, the first of them from its start, the last to its end.
pub(super) fn statements(text: &str) -> Result<Vec<Statement>, IndexError> {
    // As in an index, no panic of the parser is to end up in the user's program.
    std::panic::catch_unwind(AssertUnwindSafe(|| split(text))).map_err(|_| IndexError::Parser)
}

fn split(text: &str) -> Vec<Statement> {
    let starts = possible_starts(text);
    let end_of = |at: usize| starts.get(at).copied().unwrap_or(text.len());
    let mut statements = Vec::new();
    let mut at = 0;
    while at < starts.len() {
        let start = starts[at];
        let mut pieces = 1;
        let seen = loop {
            let end = end_of(at + pieces);
            let seen = Seen::in_text(&text[start..end]);
            let is_joined = text[start..end].trim_end().ends_with('\\');
            if end == text.len() || (seen.is_whole && !is_joined && !continues(&text[end..])) {
                break seen;
            }
            // By a part of them each time, or a long string would be read once for each line.
            pieces += pieces.div_ceil(8);
        };
        statements.push(Statement { start, may_import: seen.imports && seen.has_others });
        at += pieces;
    }
    statements
}

/// The starts of lines that are not indented, and the text's own: what else a statement can start
/// with is taken for a part of the one before.
fn possible_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
    let is_start =
        |start: &usize| bytes.get(*start).is_some_and(|first| !b" \t\x0c\n\r#\\".contains(first));
    std::iter::once(0).chain(ends.map(|end| end + 1).filter(is_start)).collect()
}

/// True where a text can only go on with what stands before it.
fn continues(text: &str) -> bool {
    ["else", "elif", "except", "finally"].iter().any(|word| text.starts_with(word))
}

/// What the tokens of some lines tell.
#[derive(Default)]
struct Seen {
    imports: bool,
    /// True where something else than defs, classes and their decorators stands on the top level.
    has_others: bool,
    /// True where the next line starts a statement: not inside of a string or of brackets, nor
    /// behind a decorator.
    is_whole: bool,
}

impl Seen {
    fn in_text(text: &str) -> Self {
        // Only where a statement can start is this a token of its own behind the end of a line.
        let text = format!("{text};");
        let mut lexer = lex(&text, Mode::Module);
        let mut seen = Self::default();
        let mut blocks = 0_usize;
        let mut is_start_of_line = true;
        let mut is_decorated = false;
        loop {
            let kind = lexer.next_token();
            match kind {
                TokenKind::EndOfFile => return seen,
                TokenKind::Newline => is_start_of_line = true,
                TokenKind::Indent => blocks += 1,
                TokenKind::Dedent => blocks = blocks.saturating_sub(1),
                TokenKind::NonLogicalNewline | TokenKind::Comment => {}
                _ => {
                    seen.imports |= kind == TokenKind::Import;
                    let starts_statement = is_start_of_line && blocks == 0;
                    is_start_of_line = false;
                    seen.is_whole = starts_statement && kind == TokenKind::Semi && !is_decorated;
                    if starts_statement && kind != TokenKind::Semi {
                        is_decorated = kind == TokenKind::At;
                        seen.has_others |=
                            !matches!(kind, TokenKind::At | TokenKind::Def | TokenKind::Class);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::statements;

    /// The texts of the statements, and which of them may import.
    fn split(text: &str) -> Vec<(&str, bool)> {
        let found = statements(text).unwrap_or_default();
        let ends = found.iter().skip(1).map(|next| next.start).chain([text.len()]);
        found
            .iter()
            .zip(ends)
            .map(|(each, end)| (&text[each.start..end], each.may_import))
            .collect()
    }

    fn texts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn every_statement_that_is_not_indented_is_one() {
        let parts =
            ["# a\n\n", "x = 1; y = 2\n", "def f():\n  pass\n\n# b\n", "async def g(): 1\r", "f()"];
        assert_eq!(texts(&parts.concat()), parts);
        assert_eq!(texts(""), [""]);
        assert_eq!(texts("\n# a"), ["\n# a"]);
    }

    #[test]
    fn no_statement_starts_inside_of_another() {
        for whole in [
            "x = '''\na = 1\n'''\n",
            "x = f'''\n{\ny\n}\n'''\n",
            "x = [\n1\n]\n",
            "x = 1 + \\\ny\n",
            "x = 'a\\\nb'\n",
            "class C:\n\\\n  def f(): pass\n",
            "@a\n@b(\n1)\n# c\nclass C:\n  pass\n",
            "if x:\n  pass\nelif y:\n  pass\nelse:\n  pass\n",
            "try:\n  pass\nexcept E:\n  pass\nfinally:\n  pass\n",
        ] {
            let text = format!("import a\n{whole}b = 2\n");
            assert_eq!(texts(&text), ["import a\n", whole, "b = 2\n"]);
        }
    }

    #[test]
    fn what_has_no_end_goes_to_the_end() {
        for rest in ["x = '''\na = 1\nb = 2\n", "x = (\na = 1\nb = 2\n", "@a\n"] {
            assert_eq!(texts(&format!("c = 1\n{rest}")), ["c = 1\n", rest]);
        }
    }

    #[test]
    fn an_error_leaves_the_next_statement_alone() {
        for line in ["%magic -x 'y\n", "!ls\n", "x = = $ ?\n", "x = 'a\n", ") ] }\n"] {
            let text = format!("a = 1\n{line}def f(): pass\n");
            assert_eq!(texts(&text).last(), Some(&"def f(): pass\n"), "{text}");
        }
    }

    #[test]
    fn defs_and_classes_import_nothing_into_the_top_level() {
        let imports = |text| split(text).iter().any(|(_, may_import)| *may_import);
        for text in ["import a\n", "if x:\n  from a import b\n", "x = 1; import a\n"] {
            assert!(imports(text), "{text}");
        }
        for text in ["def f():\n  import a\n", "@x\nclass C: import a\n", "x = 'import a'\n"] {
            assert!(!imports(text), "{text}");
        }
    }

    #[test]
    fn a_long_string_is_not_read_once_for_each_of_its_lines() {
        let text = format!("'''\n{}'''\nx\n", "a\n".repeat(100_000));
        assert!(texts(&text).len() <= 2);
    }
}
