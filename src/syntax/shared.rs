//! One factory source for several functions of one scope.

use std::fmt::Write;

use super::factory::Factory;
use super::index::{Entry, Index, Kind};
use super::scope::{Block, ScopeKind};
use super::skeleton::{SHARED, indentation};

/// What defs have in common that can stand in one text: their scope and their indentation.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Neighbourhood {
    scope: Option<usize>,
    indentation: Box<str>,
}

/// The path to a function in a shared factory, given the path of that.
pub fn path_in(shared: &Factory, name: &str) -> String {
    format!("{}{name}{SHARED}", shared.path)
}

impl Index {
    /// What a def has in common with those that can stand in a text with it; `None` for one that
    /// stands alone: a lambda, and what type parameters, expressions or `global` statements
    /// surround.
    pub fn neighbourhood(&self, entry: &Entry) -> Option<Neighbourhood> {
        if entry.kind != Kind::Def || entry.in_f_string {
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
        Some(Neighbourhood { scope: entry.scope, indentation })
    }

    /// Builds the factory of some defs of one neighbourhood, in the order of their lines, whose code
    /// objects have these free variables. Its path is that of their scope: see [`path_in`].
    pub fn shared_factory(&self, entries: &[&Entry], free: &[&str]) -> Option<Factory> {
        let (first, rest) = entries.split_first()?;
        let skeleton = self.whole_skeleton(first);
        let lines = skeleton.header_lines(&first.name, free);
        let (mut text, first_line) = self.around_def(first, &lines, skeleton.depth());
        let mut requirement = self.requirement(first, &skeleton);
        let mut last = *first;
        for entry in rest {
            for _ in 0..self.lines_between(last, entry) {
                text.push('\n');
            }
            let _ = writeln!(text, "{}", &self.text[entry.span.clone()]);
            let own = self.requirement(entry, &skeleton);
            if own.as_ref().map(|own| own.minor) > requirement.as_ref().map(|newest| newest.minor) {
                requirement = own;
            }
            last = entry;
        }
        let context = self.context(entries);
        Some(Factory::new(text, &context, first_line, skeleton.path(""), requirement))
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
