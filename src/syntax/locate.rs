//! Which entries of an index can be a given code object.

use super::index::{Entry, Index};
use super::scope::{Block, ScopeKind};
use super::skeleton::{LEFT_OUT_BEFORE, LOCALS, SHARED};

/// The place of one instruction, as `co_positions()` gives it: lines from 1, columns in UTF-8
/// bytes from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: isize,
    pub column: usize,
    pub end_line: isize,
    pub end_column: usize,
}

impl Index {
    /// The entries whose code object starts at this line.
    pub fn at_line(&self, first_line: isize) -> impl Iterator<Item = &Entry> {
        let line_of = |at: &usize| self.entries[*at].first_line;
        let from = self.by_line.partition_point(|at| line_of(at) < first_line);
        self.by_line[from..]
            .iter()
            .take_while(move |at| line_of(at) == first_line)
            .map(|at| &self.entries[*at])
    }

    /// The entries whose code object has this name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| *entry.name == *name)
    }

    /// The entry that a factory's path of names leads to, if this is a factory's index.
    pub fn at_path(&self, path: &str) -> Option<&Entry> {
        let path = path.trim_end_matches(SHARED);
        let path = path.rsplit(LEFT_OUT_BEFORE).next().unwrap_or_default();
        let names = path.replace(LOCALS, ".").split('.').count();
        let last = path.rsplit('.').next().unwrap_or_default();
        // What else has that path stands inside it, in the defaults of a lambda.
        self.named(last).find(|entry| self.is_within(entry, names) && self.path_of(entry) == path)
    }

    /// Whether a path of so many names can lead to an entry. To write the paths of all entries down
    /// would take ages where they nest deep.
    fn is_within(&self, entry: &Entry, names: usize) -> bool {
        let parent_of = |at: &usize| self.scopes[*at].parent;
        let scopes = std::iter::successors(entry.scope, parent_of);
        let named = scopes.filter(|at| !matches!(self.scopes[*at].kind, ScopeKind::Clause(_)));
        named.take(names).count() < names
    }

    /// The entries of this name inside f-strings, where CPython before 3.12 gives wrong lines.
    pub fn in_f_strings(&self, name: &str) -> Vec<&Entry> {
        self.named(name).filter(|entry| entry.in_f_string).collect()
    }

    /// Whether the entry's code object is marked as nested, that is whether a function's scope or
    /// one like it stands around it; `None` where versions differ.
    pub fn is_nested(&self, entry: &Entry) -> Option<bool> {
        let mut at = entry.scope;
        let mut in_clause = false;
        while let Some(scope) = at.map(|at| &self.scopes[at]) {
            match &scope.kind {
                ScopeKind::Block(Block::Def { .. }) | ScopeKind::Wrapper(_) => return Some(true),
                ScopeKind::Block(Block::Class { type_params, .. }) if !type_params.is_empty() => {
                    return Some(true);
                }
                ScopeKind::Block(Block::Class { .. }) => {}
                ScopeKind::Clause(_) => in_clause = true,
            }
            at = scope.parent;
        }
        if in_clause { None } else { Some(false) }
    }

    /// The entry with the smallest body that holds all the positions; `None` without positions.
    pub fn innermost<'i>(
        &self,
        candidates: &[&'i Entry],
        positions: &[Position],
    ) -> Option<&'i Entry> {
        let spans: Vec<_> = positions
            .iter()
            .filter_map(|position| {
                let start = self.lines.offset_of(position.line, position.column)?;
                let end = self.lines.offset_of(position.end_line, position.end_column)?;
                Some(start..end)
            })
            .collect();
        if spans.is_empty() {
            return None;
        }
        candidates
            .iter()
            .filter(|entry| {
                let body = &entry.body;
                spans.iter().all(|span| body.start <= span.start && span.end <= body.end)
            })
            .min_by_key(|entry| entry.body.len())
            .copied()
    }
}
