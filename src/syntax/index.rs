//! The table of every def and lambda of one file, made by one parse.

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use ruff_python_ast::Mod;
use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::lines::Lines;
use super::scope::Scope;
use super::stack::on_stack_for;
use super::version::{OLDER_THAN_ANY, Requirement, requirement};
use super::walk::filled;

#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The parser's offsets have 32 bits.
    #[error("the text has {0} bytes, and 4,294,967,295 are the most that can be indexed")]
    TooLong(usize),
    #[error("the parser failed on the text, which is a defect of the parser; please report it")]
    Parser,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Def,
    Lambda,
}

/// One def or lambda.
#[derive(Debug)]
pub struct Entry {
    pub kind: Kind,
    /// The name its code object bears: `co_name`.
    pub name: Box<str>,
    /// Its text: a def's from the start of its first decorator's logical line, indentation
    /// included, a lambda's from the word `lambda`.
    pub span: Range<usize>,
    /// The body alone, in which all positions of its own instructions lie.
    pub body: Range<usize>,
    /// What CPython calls `co_firstlineno`: the line of the first decorator's expression, else of
    /// `def`, `async` or `lambda`.
    pub first_line: isize,
    /// True inside the braces of an f-string, where CPython gives wrong positions before 3.12.
    pub in_f_string: bool,
    /// True where a class stands inside, whose code has its line as a constant from 3.13 on.
    pub(super) holds_class: bool,
    /// True where any scope stands inside, whose code has the function's qualified name in it, or
    /// around it that of its type parameters.
    pub(super) holds_scope: bool,
    /// The scope around it: an index into [`Index::scopes`].
    pub(super) scope: Option<usize>,
}

/// A call `name.attribute(…)`, which CPython 3.12+ compiles in another way when the file imports `name`.
pub(super) struct MethodCall {
    pub offset: usize,
    pub name: Box<str>,
}

/// Every def and lambda of one text, in the order of their starts, and what else of the file
/// CPython's compiler looks at when it compiles one of them.
pub struct Index {
    pub(super) text: Box<str>,
    pub(super) lines: Lines,
    pub(super) entries: Vec<Entry>,
    /// The places of the entries, in the order of their first lines.
    pub(super) by_line: Vec<usize>,
    pub(super) scopes: Vec<Scope>,
    pub(super) method_calls: Vec<MethodCall>,
    pub(super) imports: Arc<BTreeSet<Box<str>>>,
    pub(super) super_is_named: bool,
    pub(super) requirements: Vec<Requirement>,
    /// The strings that more than one line of the text holds, in their order.
    pub(super) strings_of_lines: Vec<Range<usize>>,
}

impl Index {
    /// Parses a text whose first line has the number `first_line` in its file. The text need not
    /// be free of syntax errors: what stands in its sound parts is found.
    pub fn new(text: &str, first_line: isize) -> Result<Self, IndexError> {
        Self::with_tree(text, first_line, |index, _| index)
    }

    /// The text without a byte order mark, if it is not too long.
    pub(super) fn parsable(text: &str) -> Result<&str, IndexError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        u32::try_from(text.len()).map(|_| text).map_err(|_| IndexError::TooLong(text.len()))
    }

    /// Parses a text as [`Index::new`] does, for one who reads the index together with the tree.
    pub(super) fn with_tree<T>(
        text: &str,
        first_line: isize,
        read: impl FnOnce(Self, &Parsed<Mod>) -> T,
    ) -> Result<T, IndexError> {
        let text = Self::parsable(text)?;
        // A panic of the parser would end up in the user's program as no exception it expects.
        let read = AssertUnwindSafe(|| Self::of(text, first_line, read));
        std::panic::catch_unwind(read).map_err(|_| IndexError::Parser)
    }

    fn of<T>(text: &str, first_line: isize, read: impl FnOnce(Self, &Parsed<Mod>) -> T) -> T {
        let options = ParseOptions::from(Mode::Module).with_target_version(OLDER_THAN_ANY);
        let parsed = parse_unchecked(text, options);
        let lines = Lines::new(text, first_line);
        let requirements = parsed
            .unsupported_syntax_errors()
            .iter()
            .filter_map(|error| requirement(error, lines.line_of(usize::from(error.range.start()))))
            .collect();
        let index = Self {
            text: text.into(),
            lines,
            entries: Vec::new(),
            by_line: Vec::new(),
            scopes: Vec::new(),
            method_calls: Vec::new(),
            imports: Arc::default(),
            super_is_named: false,
            requirements,
            strings_of_lines: strings_of_lines(text, parsed.tokens()),
        };
        let (mut index, depth) = filled(index, &parsed);
        index.entries.sort_by_key(|entry| entry.span.start);
        index.by_line = (0..index.entries.len()).collect();
        index.by_line.sort_by_key(|at| index.entries[*at].first_line);
        index.method_calls.sort_by_key(|call| call.offset);
        let found = read(index, &parsed);
        on_stack_for(depth, || drop(parsed));
        found
    }

    /// The text itself, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True for an index of the same text at the same lines.
    pub fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
            || self.text == other.text && self.lines.line_of(0) == other.lines.line_of(0)
    }

    /// The text of one entry alone: a def's with its decorators, its indentation and the end of
    /// its last line, a lambda's from the word `lambda` on.
    pub fn text_of(&self, entry: &Entry) -> String {
        let text = &self.text[entry.span.clone()];
        match entry.kind {
            Kind::Def => format!("{text}\n"),
            Kind::Lambda => text.to_owned(),
        }
    }

    /// Every def and lambda, in the order of their starts.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The end of a def with the rest of its last line: CPython counts a semicolon as the def's,
    /// and a comment is its text as much as those inside.
    pub(super) fn with_rest_of_line(&self, end: usize) -> usize {
        let blank = [' ', '\t', '\x0c'];
        let mut rest = self.text[end..].trim_start_matches(blank);
        let mut end = end;
        if let Some(behind) = rest.strip_prefix(';') {
            end = self.text.len() - behind.len();
            rest = behind.trim_start_matches(blank);
        }
        if rest.starts_with('#') {
            let comment = rest.find(['\n', '\r']).unwrap_or(rest.len());
            end = self.text.len() - rest.len() + comment;
        }
        end
    }

    /// The start of the logical line whose first token starts at `offset`: before it stand only
    /// indentation and lines that a backslash joins.
    pub(super) fn logical_line_start(&self, offset: usize) -> usize {
        let before_blanks =
            |end: usize| self.text[..end].trim_end_matches([' ', '\t', '\x0c']).len();
        let mut start = before_blanks(offset);
        loop {
            let before = &self.text[..start];
            let joined = ["\\\n", "\\\r\n", "\\\r"].iter().find(|end| before.ends_with(**end));
            let Some(joined) = joined else {
                return start;
            };
            let line = before_blanks(start - joined.len());
            // What else ends in a backslash here is a comment, which joins nothing.
            if line > 0 && !self.text[..line].ends_with(['\n', '\r']) {
                return start;
            }
            start = line;
        }
    }
}

fn strings_of_lines(text: &str, tokens: &Tokens) -> Vec<Range<usize>> {
    let mut strings: Vec<Range<usize>> = Vec::new();
    let mut open = Vec::new();
    for token in tokens {
        let string = match token.kind() {
            TokenKind::String => token.range(),
            TokenKind::FStringStart | TokenKind::TStringStart => {
                open.push(token.start());
                continue;
            }
            TokenKind::FStringEnd | TokenKind::TStringEnd => match open.pop() {
                Some(start) if open.is_empty() => TextRange::new(start, token.end()),
                _ => continue,
            },
            _ => continue,
        };
        if open.is_empty() && text[string].contains('\n') {
            strings.push(string.into());
        }
    }
    strings
}
