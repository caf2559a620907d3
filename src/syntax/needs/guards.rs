//! Where a text asks which Python it runs on, or what that has.

use std::collections::{BTreeSet, HashSet};

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::{ExceptHandler, Expr, Stmt, WithItem};
use ruff_text_size::{Ranged, TextRange};

/// The places of the names that tell of such a question, found once so that none of the
/// expressions that nest in each other is searched twice.
pub(super) struct Guards {
    tests: Vec<usize>,
    /// Names of the exceptions that a missing name or module raises.
    failures: Vec<usize>,
    /// The function's own variables, and all other names that are no attributes.
    variables: Vec<usize>,
    surroundings: Vec<usize>,
}

impl Guards {
    pub fn new(text: &str, tokens: &Tokens, own: &HashSet<&str>) -> Self {
        let answers = answers(text, tokens);
        let (mut tests, mut failures) = (Vec::new(), Vec::new());
        let (mut variables, mut surroundings) = (Vec::new(), Vec::new());
        let mut is_attribute = false;
        for token in tokens {
            let before = std::mem::replace(&mut is_attribute, token.kind() == TokenKind::Dot);
            if token.kind() != TokenKind::Name {
                continue;
            }
            let name = &text[token.range()];
            if !before {
                let names = if own.contains(name) { &mut variables } else { &mut surroundings };
                names.push(usize::from(token.start()));
            }
            if is_test(name) || answers.contains(name) {
                tests.push(usize::from(token.start()));
            }
            if is_failure(name) {
                failures.push(usize::from(token.start()));
            }
        }
        Self { tests, failures, variables, surroundings }
    }

    /// Whether a test asks, or looks at nothing of the function's own: what surrounds it, such as a
    /// flag of its module, may tell versions apart.
    pub fn are_decided_by(&self, test: &Expr) -> bool {
        let range = test.range();
        self.is_asked_in(test)
            || (holds(&self.surroundings, range) && !holds(&self.variables, range))
    }

    /// Whether an expression asks.
    pub fn is_asked_in(&self, expr: &Expr) -> bool {
        holds(&self.tests, expr.range())
    }

    /// Whether what follows a statement in its block is run only after a question.
    pub fn ends_in(&self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::If(branch) => {
                let clauses = &branch.elif_else_clauses;
                let mut tests = clauses.iter().filter_map(|clause| clause.test.as_ref());
                let mut bodies = clauses.iter().map(|clause| &*clause.body);
                (self.are_decided_by(&branch.test) || tests.any(|test| self.are_decided_by(test)))
                    && (leaves(&branch.body) || bodies.any(leaves))
            }
            Stmt::Try(attempt) => attempt.handlers.iter().any(|handler| {
                let ExceptHandler::ExceptHandler(handler) = handler;
                let kind = handler.type_.as_deref();
                kind.is_some_and(|kind| holds(&self.failures, kind.range()))
                    && leaves(&handler.body)
            }),
            _ => false,
        }
    }
}

/// Whether a `with` item is `contextlib.suppress(…)`.
pub(super) fn is_suppression(item: &WithItem) -> bool {
    let Expr::Call(call) = &item.context_expr else {
        return false;
    };
    match &*call.func {
        Expr::Name(name) => name.id == "suppress",
        Expr::Attribute(attribute) => &*attribute.attr == "suppress",
        _ => false,
    }
}

fn leaves(body: &[Stmt]) -> bool {
    matches!(
        body.last(),
        Some(Stmt::Return(_) | Stmt::Raise(_) | Stmt::Continue(_) | Stmt::Break(_))
    )
}

fn holds(offsets: &[usize], range: TextRange) -> bool {
    let at = offsets.partition_point(|offset| *offset < usize::from(range.start()));
    offsets.get(at).is_some_and(|offset| *offset < usize::from(range.end()))
}

fn is_test(name: &str) -> bool {
    let by_custom = name.trim_start_matches('_');
    matches!(
        name,
        "version_info" | "hexversion" | "hasattr" | "getattr" | "TYPE_CHECKING" | "find_spec"
    ) || ["PY", "IS_PY", "HAS_", "HAVE_"].iter().any(|prefix| by_custom.starts_with(prefix))
}

fn is_failure(name: &str) -> bool {
    matches!(name, "ImportError" | "ModuleNotFoundError" | "AttributeError" | "NameError")
}

/// The variables that hold an answer: `name = …` with a question behind it.
fn answers<'t>(text: &'t str, tokens: &Tokens) -> BTreeSet<&'t str> {
    enum At<'t> {
        Start,
        Name(&'t str),
        Value(&'t str),
        Elsewhere,
    }
    let mut names = BTreeSet::new();
    let mut at = At::Start;
    for token in tokens {
        at = match (token.kind(), at) {
            (TokenKind::Newline | TokenKind::Semi, _) => At::Start,
            (
                TokenKind::Indent
                | TokenKind::Dedent
                | TokenKind::Comment
                | TokenKind::NonLogicalNewline,
                same,
            ) => same,
            (TokenKind::Name, At::Start) => At::Name(&text[token.range()]),
            (TokenKind::Equal, At::Name(name)) => At::Value(name),
            (kind, At::Value(name)) => {
                if kind == TokenKind::Name && is_test(&text[token.range()]) {
                    names.insert(name);
                }
                At::Value(name)
            }
            _ => At::Elsewhere,
        };
    }
    names
}
