//! The scopes that stand around defs and lambdas.

use super::clause::Clause;

/// A scope that stands around a def or lambda.
pub(super) struct Scope {
    pub kind: ScopeKind,
    pub parent: Option<usize>,
    /// Names that it declares `global`, whose qualified names are then not its own.
    pub globals: Vec<Box<str>>,
}

pub(super) enum ScopeKind {
    Block(Block),
    Clause(Clause),
    Wrapper(Wrapper),
}

/// A scope of statements.
pub(super) enum Block {
    Class { name: Box<str>, type_params: Vec<Box<str>> },
    Def { name: Box<str>, is_async: bool },
}

/// A scope of expressions.
#[derive(Clone, Copy)]
pub(super) enum Wrapper {
    Lambda,
    Loop { kind: Loop, is_async: bool },
}

/// The kinds of comprehensions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Loop {
    List,
    Set,
    Dict,
    Generator,
}
