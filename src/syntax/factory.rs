//! The factory source around a span: the skeleton of the scopes that the function stood in.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::clause::Clause;
use super::index::{Block, Entry, Index, Kind, Loop, ScopeKind, Wrapper};
use super::version::{Requirement, TYPE_PARAM_DEFAULT, TYPE_PARAMETERS, newest};

/// A text that compiles, on any Python with its grammar, to a module that holds the function's
/// own code object, at its own lines and columns.
#[derive(Debug, PartialEq, Eq)]
pub struct Factory {
    pub text: String,
    /// The line of the original file at which the text's first line belongs. It is 0 or less where
    /// the skeleton of a lambda near the top of its file needs more lines than stand above it.
    pub first_line: isize,
    /// The names of the code objects from the outermost scope to the function, joined by dots.
    pub path: String,
    /// What the text needs beyond the grammar of Python 3.9.
    pub requirement: Option<Requirement>,
    /// How much of the text comes before what it borrows from the file's top level.
    without_context: usize,
}

impl Factory {
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

/// A way down to a function, outermost scope first, split where expressions begin: blocks have a
/// header line each, a clause and wrappers stand around the text.
struct Skeleton<'i> {
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
struct HeaderLine {
    depth: usize,
    text: String,
}

impl Index {
    /// Builds the factory of one entry, whose code object has these free variables.
    pub fn factory(&self, entry: &Entry, free: &[&str]) -> Factory {
        let skeleton = self.skeleton(entry);
        let depth = skeleton.depth();
        let lines = skeleton.header_lines(&entry.name, free);
        let (mut text, first_line) = match entry.kind {
            Kind::Def => self.around_def(entry, &lines, depth),
            Kind::Lambda => self.around_lambda(entry, &lines, depth, &skeleton.wrapped(free)),
        };
        let without_context = text.len();
        for name in self.context(entry) {
            let _ = writeln!(text, "{name}");
        }
        let path = skeleton.path(&entry.name);
        let mut requirement = newest(&self.requirements, &entry.span);
        if let Some((minor, construct)) = skeleton.needs()
            && requirement.as_ref().is_none_or(|newest| newest.minor < minor)
        {
            let (line, offset) = (entry.first_line, entry.span.start);
            requirement = Some(Requirement { minor, construct, line, offset });
        }
        Factory { text, first_line, path, requirement, without_context }
    }

    /// The path of names that the factory of an entry has.
    pub(super) fn path_of(&self, entry: &Entry) -> String {
        self.skeleton(entry).path(&entry.name)
    }

    fn skeleton(&self, entry: &Entry) -> Skeleton<'_> {
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
        Skeleton { headers, clause, wrappers, is_generic }
    }

    /// A def keeps its indentation, and each header takes a shorter piece of it.
    fn around_def(&self, entry: &Entry, lines: &[HeaderLine], depth: usize) -> (String, isize) {
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
    /// entry, as lines to stand behind it (they are compiled, never run): 3.12+ looks up a method
    /// call on an imported name, and whether the file shadows `super`
    /// (`is_import_originated` and `can_optimize_super_call` in CPython `Python/compile.c`).
    fn context(&self, entry: &Entry) -> Vec<String> {
        let from = self.method_calls.partition_point(|call| call.offset < entry.span.start);
        let imported: BTreeSet<&str> = self.method_calls[from..]
            .iter()
            .take_while(|call| call.offset < entry.span.end)
            .map(|call| &*call.name)
            .collect();
        let mut lines = Vec::new();
        if !imported.is_empty() {
            lines.push(format!("import {}", imported.into_iter().collect::<Vec<_>>().join(", ")));
        }
        if self.super_is_named && self.text[entry.span.clone()].contains("super") {
            lines.push("super".to_owned());
        }
        lines
    }
}

/// What indents a def, decorators and lines that a backslash joins before it included.
fn indentation(def: &str) -> &str {
    let blanks = [' ', '\t', '\x0c', '\\', '\n', '\r'];
    let lead = &def[..def.len() - def.trim_start_matches(blanks).len()];
    lead.split(['\\', '\n', '\r'])
        // A form feed sets the column back to 0 (CPython `Parser/lexer`), so what follows it indents.
        .map(|line| line.rsplit('\x0c').next().unwrap_or_default())
        .find(|line| !line.is_empty())
        .unwrap_or_default()
}

/// Blanks as many as wanted; the width of a format is limited to 65,535.
pub(super) fn blanks(count: usize) -> String {
    " ".repeat(count)
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
    fn header_lines(&self, innermost: &str, free: &[&str]) -> Vec<HeaderLine> {
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
    fn depth(&self) -> usize {
        self.headers.len() + usize::from(self.is_generic)
    }

    /// What the skeleton itself needs beyond the grammar of Python 3.9.
    fn needs(&self) -> Option<(u8, &'static str)> {
        if self.clause.is_some_and(|clause| clause.has_default) {
            return Some(TYPE_PARAM_DEFAULT);
        }
        let of_clause = self.clause.is_some_and(Clause::needs_type_params);
        let of_class = self.headers.iter().any(|header| match header.block {
            Block::Class { type_params, .. } => self.binds_type_params(type_params),
            Block::Def { .. } => false,
        });
        (of_clause || of_class).then_some(TYPE_PARAMETERS)
    }

    /// What stands before and behind a lambda on its way out through wrappers and clause.
    fn wrapped(&self, free: &[&str]) -> (String, String) {
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

    fn path(&self, name: &str) -> String {
        let generic = self.is_generic.then_some(GENERIC);
        let blocks = self.headers.iter().map(|header| match header.block {
            Block::Class { name, .. } | Block::Def { name, .. } => &**name,
        });
        let clause = self.clause.and_then(|clause| clause.scope.as_deref());
        let wrappers = self.wrappers.iter().map(|wrapper| match wrapper {
            Wrapper::Lambda => "<lambda>",
            Wrapper::Loop { kind: Loop::List, .. } => "<listcomp>",
            Wrapper::Loop { kind: Loop::Set, .. } => "<setcomp>",
            Wrapper::Loop { kind: Loop::Dict, .. } => "<dictcomp>",
            Wrapper::Loop { kind: Loop::Generator, .. } => "<genexpr>",
        });
        let scopes = generic.into_iter().chain(blocks).chain(clause).chain(wrappers);
        scopes.chain([name]).collect::<Vec<_>>().join(".")
    }
}
