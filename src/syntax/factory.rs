//! The factory source around a span: the skeleton of the scopes that the function stood in.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::index::{Entry, Index, Kind};
use super::skeleton::{HeaderLine, Skeleton, indentation};
use super::version::{Requirement, newest};

/// A text that compiles, on any Python with its grammar, to a module that holds the function's
/// own code object, at its own lines and columns.
#[derive(Debug, PartialEq, Eq)]
pub struct Factory {
    pub text: String,
    /// The line of the original file at which the text's first line belongs. It is 0 or less where
    /// the skeleton of a lambda near the top of its file needs more lines than stand above it.
    pub first_line: isize,
    /// The names of the scopes from the outermost to the function, joined as in a qualified name,
    /// but by a colon behind the classes that the text leaves out.
    pub path: String,
    /// What the text needs beyond the grammar of Python 3.9.
    pub requirement: Option<Requirement>,
    /// How much of the text comes before what it borrows from the file's top level.
    without_context: usize,
}

impl Factory {
    pub(super) fn new(
        text: String,
        context: &str,
        first_line: isize,
        path: String,
        requirement: Option<Requirement>,
    ) -> Self {
        let without_context = text.len();
        Self { text: text + context, first_line, path, requirement, without_context }
    }

    /// The factory of the same function in a file of nothing else, which is how an interactive
    /// shell compiles a statement; `None` where that is this one.
    pub fn out_of_context(&self) -> Option<Self> {
        if self.without_context == self.text.len() {
            return None;
        }
        let text = self.text[..self.without_context].to_owned();
        Some(Self { text, path: self.path.clone(), requirement: self.requirement.clone(), ..*self })
    }

    /// Moves the function to lines further down its file.
    pub fn shift(&mut self, lines: isize) {
        self.first_line += lines;
        if let Some(requirement) = &mut self.requirement {
            requirement.line += lines;
        }
    }
}

impl Index {
    /// Builds the factory of one entry, whose code object has these free variables.
    pub fn factory(&self, entry: &Entry, free: &[&str]) -> Factory {
        let skeleton = self.skeleton(entry);
        let depth = skeleton.depth();
        let lines = skeleton.header_lines(&entry.name, free);
        let (text, first_line) = match entry.kind {
            Kind::Def => self.around_def(entry, &lines, depth),
            Kind::Lambda => self.around_lambda(entry, &lines, depth, &skeleton.wrapped(free)),
        };
        let path = skeleton.path(&entry.name);
        let requirement = self.requirement(entry, &skeleton);
        Factory::new(text, &self.context(&[entry]), first_line, path, requirement)
    }

    /// What an entry in its skeleton needs beyond the grammar of Python 3.9.
    pub(super) fn requirement(
        &self,
        entry: &Entry,
        skeleton: &Skeleton<'_>,
    ) -> Option<Requirement> {
        let requirement = newest(&self.requirements, &entry.span);
        if let Some((minor, construct)) = skeleton.needs()
            && requirement.as_ref().is_none_or(|newest| newest.minor < minor)
        {
            let (line, offset) = (entry.first_line, entry.span.start);
            return Some(Requirement { minor, construct, line, offset });
        }
        requirement
    }

    /// A def keeps its indentation, and each header takes a shorter piece of it.
    pub(super) fn around_def(
        &self,
        entry: &Entry,
        lines: &[HeaderLine],
        depth: usize,
    ) -> (String, isize) {
        let def = &self.text[entry.span.clone()];
        let indentation = indentation(def);
        let mut text = String::with_capacity(def.len() + 64);
        let mut above = lines.len();
        if depth == 0 && !indentation.is_empty() {
            text.push_str("if 1:\n");
            above = 1;
        }
        for line in lines {
            // What stands in the def's own block is indented as the def is.
            let own = if line.depth == depth { None } else { indentation.get(..line.depth) };
            let _ = writeln!(text, "{}{}", own.unwrap_or(indentation), line.text);
        }
        text.push_str(def);
        text.push('\n');
        (text, self.first_line_above(entry, above))
    }

    /// A lambda keeps its column: the text before it is blank but for the skeleton's own brackets.
    fn around_lambda(
        &self,
        entry: &Entry,
        lines: &[HeaderLine],
        depth: usize,
        (open, close): &(String, String),
    ) -> (String, isize) {
        let lambda = &self.text[entry.span.clone()];
        let column = self.lines.column_of(entry.span.start);
        let mut text = String::with_capacity(lambda.len() + column + 64);
        let mut above = lines.len();
        for HeaderLine { depth, text: line } in lines {
            let _ = writeln!(text, "{}{line}", blanks(*depth));
        }
        let opening = depth + open.len();
        if column == 0 && opening == 1 && entry.first_line == 1 {
            // Nothing stands before it, so it is in no brackets and needs none.
            let _ = writeln!(text, "{lambda}");
            return (text, 1);
        }
        if opening <= column {
            let _ = write!(text, "{}{open}{}", blanks(depth), blanks(column - opening));
        } else {
            above += 1;
            let _ = write!(text, "{}{open}\n{}", blanks(depth), blanks(column));
        }
        let _ = writeln!(text, "{lambda}{close}");
        (text, self.first_line_above(entry, above))
    }

    fn first_line_above(&self, entry: &Entry, above: usize) -> isize {
        self.lines.line_of(entry.span.start) - above as isize
    }

    /// The statements of the file's top level that change how CPython compiles what is inside the
    /// entries, as lines to stand behind it (they are compiled, never run): 3.12+ looks up a method
    /// call on an imported name, and whether the file shadows `super`
    /// (`is_import_originated` and `can_optimize_super_call` in CPython `Python/compile.c`).
    pub(super) fn context(&self, entries: &[&Entry]) -> String {
        let calls_in = |entry: &&Entry| {
            let from = self.method_calls.partition_point(|call| call.offset < entry.span.start);
            let end = entry.span.end;
            self.method_calls[from..].iter().take_while(move |call| call.offset < end)
        };
        let names = entries.iter().flat_map(calls_in).map(|call| &*call.name);
        let imported: BTreeSet<&str> = names.filter(|name| self.imports.contains(*name)).collect();
        let mut lines = String::new();
        if !imported.is_empty() {
            let names = imported.into_iter().collect::<Vec<_>>().join(", ");
            let _ = writeln!(lines, "import {names}");
        }
        let names_super = |entry: &&Entry| self.text[entry.span.clone()].contains("super");
        if self.super_is_named && entries.iter().any(names_super) {
            lines.push_str("super\n");
        }
        lines
    }
}

/// Blanks as many as wanted; the width of a format is limited to 65,535.
pub(super) fn blanks(count: usize) -> String {
    " ".repeat(count)
}
