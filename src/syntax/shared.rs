//! One factory source for several functions of one scope.

use std::fmt::Write;

use super::factory::Factory;
use super::index::{Entry, Index, Kind};
use super::scope::{Block, ScopeKind};
use super::skeleton::{SHARED, indentation};

/// What defs have in common that can stand in one text: their scope, their indentation, and the
/// Python 3 that they need, for a record says what its own function needs.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Neighbourhood {
    scope: Option<usize>,
    indentation: Box<str>,
    minor: Option<u8>,
}

impl Index {
    /// What a def has in common with those that can stand in a text with it; `None` for one that
    /// stands alone: a lambda, and what type parameters, expressions or `global` statements
    /// surround.
    pub fn neighbourhood(&self, entry: &Entry) -> Option<Neighbourhood> {
        // From 3.14 on the compiler makes functions of that name for the annotations of others.
        if entry.kind != Kind::Def || entry.in_f_string || *entry.name == *"__annotate__" {
            return None;
        }
        let mut at = entry.scope;
        while let Some(scope) = at.map(|at| &self.scopes[at]) {
            let is_plain = match &scope.kind {
                ScopeKind::Block(Block::Class { type_params, .. }) => type_params.is_empty(),
                ScopeKind::Block(Block::Def { .. }) => true,
                ScopeKind::Clause(_) | ScopeKind::Wrapper(_) => false,
            };
            if !is_plain || !scope.globals.is_empty() {
                return None;
            }
            at = scope.parent;
        }
        let indentation = indentation(&self.text[entry.span.clone()]).into();
        let minor = self.requirement(entry, &self.whole_skeleton(entry)).map(|needs| needs.minor);
        Some(Neighbourhood { scope: entry.scope, indentation, minor })
    }

    /// Builds the factory of some defs of one neighbourhood, in the order of their lines, whose code
    /// objects have these free variables. Path and needs are those of their scope: see [`Index::give_to`].
    pub fn shared_factory(&self, entries: &[&Entry], free: &[&str]) -> Option<Factory> {
        let (first, rest) = entries.split_first()?;
        let skeleton = self.whole_skeleton(first);
        let lines = skeleton.header_lines(&first.name, free);
        let (mut text, first_line) = self.around_def(first, &lines, skeleton.depth());
        let mut last = *first;
        for entry in rest {
            for _ in 0..self.lines_between(last, entry) {
                text.push('\n');
            }
            let _ = writeln!(text, "{}", &self.text[entry.span.clone()]);
            last = entry;
        }
        let context = self.context(entries);
        Some(Factory::new(text, &context, first_line, skeleton.path(""), None))
    }

    /// Turns a shared factory into that of one of its functions.
    pub fn give_to(&self, entry: &Entry, shared: &mut Factory) {
        shared.path.truncate(shared.path.rfind('.').map_or(0, |dot| dot + 1));
        shared.path.push_str(&entry.name);
        shared.path.push(SHARED);
        shared.requirement = self.requirement(entry, &self.whole_skeleton(entry));
    }

    /// How many lines are between two defs.
    pub fn lines_between(&self, entry: &Entry, next: &Entry) -> isize {
        self.lines.line_of(next.span.start) - self.lines.line_of(entry.span.end) - 1
    }

    /// The place of an entry among all.
    pub fn place_of(&self, entry: &Entry) -> usize {
        self.entries.partition_point(|each| each.span.start < entry.span.start)
    }
}
