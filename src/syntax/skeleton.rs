//! The way down to a function: the scopes that it stood in, as lines and brackets around its text.

use std::fmt::Write;

use super::clause::Clause;
use super::index::{Entry, Index, Kind};
use super::scope::{Block, Loop, ScopeKind, Wrapper};
use super::version::TYPE_PARAMETERS;

/// A way down to a function, outermost scope first, split where expressions begin: blocks have a
/// header line each, a clause and wrappers stand around the text.
pub(super) struct Skeleton<'i> {
    /// The outermost classes, where the function's code is the same without them, but for what the
    /// receiver can add: its qualified name, and that it stands in a class.
    left_out: Vec<&'i str>,
    headers: Vec<Header<'i>>,
    clause: Option<&'i Clause>,
    wrappers: Vec<Wrapper>,
    /// True where the outermost scope is a class with type parameters and no function stands in
    /// between. The scope of type parameters is as a function's, and one function more around the
    /// class, in which it is global so that its qualified name stays, does without their grammar.
    is_generic: bool,
}

struct Header<'i> {
    block: &'i Block,
    globals: &'i [Box<str>],
}

/// One line of a skeleton, and how many blocks it stands in.
pub(super) struct HeaderLine {
    pub depth: usize,
    pub text: String,
}

impl Index {
    /// The path of names to an entry of a factory, whose text leaves nothing out.
    pub(super) fn path_of(&self, entry: &Entry) -> String {
        qualname(&self.skeleton(entry).path(&entry.name))
    }

    /// The skeleton of a factory of one function.
    pub(super) fn skeleton(&self, entry: &Entry) -> Skeleton<'_> {
        self.skeleton_of(entry, true)
    }

    /// The skeleton of a factory that several functions of a scope share.
    pub(super) fn whole_skeleton(&self, entry: &Entry) -> Skeleton<'_> {
        self.skeleton_of(entry, false)
    }

    fn skeleton_of(&self, entry: &Entry, leaves_classes_out: bool) -> Skeleton<'_> {
        let (mut headers, mut clause, mut wrappers) = (Vec::new(), None, Vec::new());
        let mut at = entry.scope;
        while let Some(scope) = at.map(|at| &self.scopes[at]) {
            match &scope.kind {
                ScopeKind::Block(block) => {
                    headers.push(Header { block, globals: &scope.globals });
                }
                ScopeKind::Clause(of_statement) => clause = Some(of_statement),
                ScopeKind::Wrapper(wrapper) => wrappers.push(*wrapper),
            }
            at = scope.parent;
        }
        headers.reverse();
        wrappers.reverse();
        let mut left_out = Vec::new();
        if leaves_classes_out
            && wrappers.is_empty()
            && clause.is_none()
            && self.is_the_same_without_classes(entry)
        {
            left_out = plain_classes(&headers, &entry.name);
            headers.drain(..left_out.len());
        }
        let has_room = match entry.kind {
            Kind::Def => headers.len() < indentation(&self.text[entry.span.clone()]).len(),
            Kind::Lambda => true,
        };
        let lines_above = self.lines.line_of(entry.span.start) - 1;
        let has_lines = !entry.holds_class || headers.len() as isize + 2 <= lines_above;
        let is_def = |header: &Header<'_>| matches!(header.block, Block::Def { .. });
        let is_generic = has_room
            && has_lines
            && wrappers.is_empty()
            && !headers.iter().any(is_def)
            && headers.first().is_some_and(
                |header| matches!(header.block, Block::Class { type_params, .. } if !type_params.is_empty()),
            );
        Skeleton { left_out, headers, clause, wrappers, is_generic }
    }

    /// True for a function that holds no other code and no name that a class has a say in: private
    /// ones, which it mangles, and those of its own cells.
    fn is_the_same_without_classes(&self, entry: &Entry) -> bool {
        let text = &self.text[entry.span.clone()];
        let is_of_class = |word: &str| {
            (word.starts_with("__") && !word.ends_with("__"))
                || matches!(word, "super" | "__class__" | "__classdict__")
        };
        // Identifiers of other characters can become these (PEP 3131).
        !entry.holds_scope
            && text.is_ascii()
            && !text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(is_of_class)
    }
}

/// The names of the classes before the first function, where none has type parameters and nothing on
/// the way down is declared global, which is to begin a qualified name anew.
fn plain_classes<'i>(headers: &[Header<'i>], innermost: &str) -> Vec<&'i str> {
    let name_at = |at: usize| match headers.get(at).map(|header| header.block) {
        Some(Block::Class { name, .. } | Block::Def { name, .. }) => name,
        None => innermost,
    };
    let is_global = |(at, header): (usize, &Header<'_>)| {
        header.globals.iter().any(|name| **name == *name_at(at + 1))
    };
    if headers.iter().enumerate().any(is_global) {
        return Vec::new();
    }
    let mut names = Vec::new();
    for header in headers {
        match header.block {
            Block::Class { name, type_params } if type_params.is_empty() => names.push(&**name),
            Block::Class { .. } => return Vec::new(),
            Block::Def { .. } => break,
        }
    }
    names
}

/// What indents a def, decorators and lines that a backslash joins before it included.
pub(super) fn indentation(def: &str) -> &str {
    let blanks = [' ', '\t', '\x0c', '\\', '\n', '\r'];
    let lead = &def[..def.len() - def.trim_start_matches(blanks).len()];
    lead.split(['\\', '\n', '\r'])
        // A form feed sets the column back to 0 (CPython `Parser/lexer`), so what follows it indents.
        .map(|line| line.rsplit('\x0c').next().unwrap_or_default())
        .find(|line| !line.is_empty())
        .unwrap_or_default()
}

/// The function that stands for the scope of a class's type parameters.
const GENERIC: &str = "generic";

impl Skeleton<'_> {
    /// The free variables as the innermost function scope's own: all but those that classes and
    /// type parameter lists bind.
    fn parameters(&self, free: &[&str]) -> String {
        let in_class =
            self.headers.iter().any(|header| matches!(header.block, Block::Class { .. }));
        let of_class = |name: &str| in_class && matches!(name, "__class__" | "__classdict__");
        let of_clause = |name: &str| {
            self.wrappers.is_empty()
                && self.clause.is_some_and(|clause| clause.bound.iter().any(|own| **own == *name))
        };
        let is_parameter = |name: &&&str| !of_class(name) && !of_clause(name);
        free.iter().filter(is_parameter).copied().collect::<Vec<_>>().join(", ")
    }

    /// The header of each block, with a `global` line in it where it declares what stands in it,
    /// `innermost` at last, to be global.
    pub fn header_lines(&self, innermost: &str, free: &[&str]) -> Vec<HeaderLine> {
        let mut lines = Vec::new();
        let mut parameters = Some(self.parameters(free)).filter(|_| self.wrappers.is_empty());
        if self.is_generic {
            let parameters = parameters.take().unwrap_or_default();
            lines.push(HeaderLine { depth: 0, text: format!("def {GENERIC}({parameters}):") });
            lines.push(HeaderLine {
                depth: 1,
                text: format!("global {}", self.name_at(0, innermost)),
            });
        }
        let outer = lines.last().map_or(0, |line| line.depth);
        let innermost_def = self.innermost_def();
        for (at, header) in self.headers.iter().enumerate() {
            let depth = outer + at;
            let text = match header.block {
                Block::Def { name, is_async } => {
                    let word = if *is_async { "async def" } else { "def" };
                    let own = parameters.take_if(|_| innermost_def == Some(at)).unwrap_or_default();
                    format!("{word} {name}({own}):")
                }
                Block::Class { name, type_params } if self.binds_type_params(type_params) => {
                    format!("class {name}[{}]:", type_params.join(", "))
                }
                Block::Class { name, .. } => format!("class {name}:"),
            };
            lines.push(HeaderLine { depth, text });
            let inside = self.name_at(at + 1, innermost);
            if header.globals.iter().any(|name| **name == *inside) {
                lines.push(HeaderLine { depth: depth + 1, text: format!("global {inside}") });
            }
        }
        lines
    }

    fn innermost_def(&self) -> Option<usize> {
        self.headers.iter().rposition(|header| matches!(header.block, Block::Def { .. }))
    }

    /// True for a class's type parameters that nothing else in the skeleton can bind.
    fn binds_type_params(&self, type_params: &[Box<str>]) -> bool {
        !type_params.is_empty()
            && self.wrappers.is_empty()
            && self.innermost_def().is_none()
            && !self.is_generic
    }

    /// The name that a header binds, or past the last header the function's own.
    fn name_at<'n>(&'n self, at: usize, innermost: &'n str) -> &'n str {
        match self.headers.get(at).map(|header| header.block) {
            Some(Block::Class { name, .. } | Block::Def { name, .. }) => name,
            None => innermost,
        }
    }

    /// How many blocks the function stands in.
    pub fn depth(&self) -> usize {
        self.headers.len() + usize::from(self.is_generic)
    }

    /// What the skeleton itself needs beyond the grammar of Python 3.9.
    pub fn needs(&self) -> Option<(u8, &'static str)> {
        let of_class = self.headers.iter().any(|header| match header.block {
            Block::Class { type_params, .. } => self.binds_type_params(type_params),
            Block::Def { .. } => false,
        });
        self.clause.and_then(|clause| clause.needs).or(of_class.then_some(TYPE_PARAMETERS))
    }

    /// What stands before and behind a lambda on its way out through wrappers and clause.
    pub fn wrapped(&self, free: &[&str]) -> (String, String) {
        let mut open = String::new();
        let mut close = Vec::new();
        if let Some(clause) = self.clause {
            open.push_str(&clause.open);
            close.push(clause.close.to_owned());
        }
        for (at, wrapper) in self.wrappers.iter().enumerate() {
            let parameters =
                if at + 1 == self.wrappers.len() { self.parameters(free) } else { String::new() };
            let target = match parameters.as_str() {
                // A target that binds nothing, for any name could be one that the lambda reads.
                "" => "[]",
                names => names,
            };
            match wrapper {
                Wrapper::Lambda => {
                    let _ = write!(open, "(lambda {parameters}:");
                    close.push(")".to_owned());
                }
                Wrapper::Loop { kind, is_async } => {
                    let (before, after) = match kind {
                        Loop::List => ("[", "]"),
                        Loop::Set => ("{", "}"),
                        Loop::Dict => ("{0:", "}"),
                        Loop::Generator => ("(", ")"),
                    };
                    let word = if *is_async { "async for" } else { "for" };
                    open.push_str(before);
                    close.push(format!(" {word} {target} in (){after}"));
                }
            }
        }
        open.push('(');
        close.push(")".to_owned());
        close.reverse();
        (open, close.concat())
    }

    pub fn path(&self, name: &str) -> String {
        let generic = self.is_generic.then_some((GENERIC, true));
        let blocks = self.headers.iter().map(|header| match header.block {
            Block::Class { name, .. } => (&**name, false),
            Block::Def { name, .. } => (&**name, true),
        });
        let clause = self.clause.and_then(|clause| clause.scope.as_deref());
        let wrappers = self.wrappers.iter().map(|wrapper| match wrapper {
            Wrapper::Lambda => "<lambda>",
            Wrapper::Loop { kind: Loop::List, .. } => "<listcomp>",
            Wrapper::Loop { kind: Loop::Set, .. } => "<setcomp>",
            Wrapper::Loop { kind: Loop::Dict, .. } => "<dictcomp>",
            Wrapper::Loop { kind: Loop::Generator, .. } => "<genexpr>",
        });
        let functions = clause.into_iter().chain(wrappers).map(|name| (name, true));
        let mut path = self.left_out.join(".");
        if !path.is_empty() {
            path.push(LEFT_OUT_BEFORE);
        }
        for (scope, is_function) in generic.into_iter().chain(blocks).chain(functions) {
            path.push_str(scope);
            path.push_str(if is_function { LOCALS } else { "." });
        }
        path.push_str(name);
        path
    }
}

/// What a path has between the classes that the text leaves out and the rest.
pub(super) const LEFT_OUT_BEFORE: char = ':';

/// What a path has at its end where the text holds other functions too.
pub(super) const SHARED: char = '/';

/// The qualified name of the function that a path leads to (PEP 3155).
pub fn qualname(path: &str) -> String {
    path.trim_end_matches(SHARED).replace(LEFT_OUT_BEFORE, ".")
}

/// What a qualified name has between a function and what stands in it (PEP 3155).
pub(super) const LOCALS: &str = ".<locals>.";
