//! The factory source around a span: the skeleton of the scopes that the function stood in.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::index::{Entry, Index, Kind, Scope, ScopeKind};
use super::version::{Requirement, TYPE_PARAMETERS, newest};

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
}

/// A way down to a function, outermost scope first, split where expressions begin: class and def
/// scopes have a header line each, lambda and comprehension scopes wrap the text.
struct Skeleton<'i> {
    headers: Vec<&'i Scope>,
    wrappers: Vec<&'i ScopeKind>,
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
        for name in self.context(entry) {
            let _ = writeln!(text, "{name}");
        }
        let path = skeleton.path(&entry.name);
        let mut requirement = newest(&self.requirements, &entry.span);
        if lines.iter().any(|line| line.text.contains('['))
            && requirement.as_ref().is_none_or(|newest| newest.minor < TYPE_PARAMETERS.0)
        {
            let (minor, construct) = TYPE_PARAMETERS;
            let (line, offset) = (entry.first_line, entry.span.start);
            requirement = Some(Requirement { minor, construct, line, offset });
        }
        Factory { text, first_line, path, requirement }
    }

    fn skeleton(&self, entry: &Entry) -> Skeleton<'_> {
        let mut chain = Vec::new();
        let mut at = entry.scope;
        while let Some(scope) = at.map(|at| &self.scopes[at]) {
            chain.push(scope);
            at = scope.parent;
        }
        chain.reverse();
        let is_header =
            |scope: &&&Scope| matches!(scope.kind, ScopeKind::Class { .. } | ScopeKind::Def { .. });
        let wrappers = chain.split_off(chain.iter().take_while(is_header).count());
        let wrappers = wrappers.into_iter().map(|scope| &scope.kind).collect();
        Skeleton { headers: chain, wrappers }
    }

    /// A def keeps its indentation, and each header takes a shorter piece of it.
    fn around_def(&self, entry: &Entry, lines: &[HeaderLine], depth: usize) -> (String, isize) {
        let def = &self.text[entry.span.clone()];
        let blank = def.len() - def.trim_start_matches([' ', '\t', '\x0c']).len();
        // A form feed sets the column back to 0 (CPython `Parser/lexer`), so only what follows it indents.
        let indentation = def[..blank].rsplit('\x0c').next().unwrap_or_default();
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
            let _ = writeln!(text, "{:depth$}{line}", "");
        }
        let opening = depth + open.len();
        if column == 0 && opening == 1 && entry.first_line == 1 {
            // Nothing stands before it, so it is in no brackets and needs none.
            let _ = writeln!(text, "{lambda}");
            return (text, 1);
        }
        if opening <= column {
            let _ = write!(text, "{:depth$}{open}{:pad$}", "", "", pad = column - opening);
        } else {
            above += 1;
            let _ = write!(text, "{:depth$}{open}\n{:column$}", "", "");
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

/// The function that stands for the scope of a class's type parameters.
const GENERIC: &str = "generic";

impl Skeleton<'_> {
    /// The free variables as the innermost function scope's own: all but those that classes bind.
    fn parameters(&self, free: &[&str]) -> String {
        let in_class =
            self.headers.iter().any(|header| matches!(header.kind, ScopeKind::Class { .. }));
        let parameters: Vec<&str> = free
            .iter()
            .filter(|name| !(in_class && matches!(**name, "__class__" | "__classdict__")))
            .copied()
            .collect();
        parameters.join(", ")
    }

    /// The header of each class and def scope, with a `global` line in it where it declares what
    /// stands in it, `innermost` at last, to be global.
    fn header_lines(&self, innermost: &str, free: &[&str]) -> Vec<HeaderLine> {
        let mut lines = Vec::new();
        let mut parameters = Some(self.parameters(free)).filter(|_| self.wrappers.is_empty());
        if self.is_generic() {
            let parameters = parameters.take().unwrap_or_default();
            lines.push(HeaderLine { depth: 0, text: format!("def {GENERIC}({parameters}):") });
            lines.push(HeaderLine {
                depth: 1,
                text: format!("global {}", self.name_at(0, innermost)),
            });
        }
        let outer = lines.last().map_or(0, |line| line.depth);
        let innermost_def =
            self.headers.iter().rposition(|header| matches!(header.kind, ScopeKind::Def { .. }));
        for (at, header) in self.headers.iter().enumerate() {
            let depth = outer + at;
            let text = match &header.kind {
                ScopeKind::Def { name, is_async } => {
                    let word = if *is_async { "async def" } else { "def" };
                    let own = parameters.take_if(|_| innermost_def == Some(at)).unwrap_or_default();
                    format!("{word} {name}({own}):")
                }
                ScopeKind::Class { name, type_params } => {
                    let is_bound =
                        innermost_def.is_some() || !self.wrappers.is_empty() || outer > 0;
                    if is_bound || type_params.is_empty() {
                        format!("class {name}:")
                    } else {
                        format!("class {name}[{}]:", type_params.join(", "))
                    }
                }
                _ => continue,
            };
            lines.push(HeaderLine { depth, text });
            let inside = self.name_at(at + 1, innermost);
            if header.globals.iter().any(|name| **name == *inside) {
                lines.push(HeaderLine { depth: depth + 1, text: format!("global {inside}") });
            }
        }
        lines
    }

    /// The name that a header binds, or past the last header the function's own.
    fn name_at<'n>(&'n self, at: usize, innermost: &'n str) -> &'n str {
        match self.headers.get(at).map(|scope| &scope.kind) {
            Some(ScopeKind::Class { name, .. } | ScopeKind::Def { name, .. }) => name,
            _ => innermost,
        }
    }

    /// True where the outermost scope is a class with type parameters and no function stands in
    /// between. The scope of type parameters is as a function's, and one function more around the
    /// class, in which it is global so that its qualified name stays, does without their grammar.
    fn is_generic(&self) -> bool {
        let is_def = |header: &&Scope| matches!(header.kind, ScopeKind::Def { .. });
        self.wrappers.is_empty()
            && !self.headers.iter().any(is_def)
            && self.headers.first().is_some_and(
                |header| matches!(&header.kind, ScopeKind::Class { type_params, .. } if !type_params.is_empty()),
            )
    }

    /// How many blocks the function stands in.
    fn depth(&self) -> usize {
        self.headers.len() + usize::from(self.is_generic())
    }

    /// What stands before and behind a lambda on its way out through lambdas and comprehensions.
    fn wrapped(&self, free: &[&str]) -> (String, String) {
        let mut open = String::new();
        let mut close = Vec::new();
        for (at, wrapper) in self.wrappers.iter().enumerate() {
            let parameters =
                if at + 1 == self.wrappers.len() { self.parameters(free) } else { String::new() };
            let target = match parameters.as_str() {
                // A target that binds nothing, for any name could be one that the lambda reads.
                "" => "[]",
                names => names,
            };
            match wrapper {
                ScopeKind::Lambda => {
                    let _ = write!(open, "(lambda {parameters}:");
                    close.push(")".to_owned());
                }
                ScopeKind::ListComp => {
                    open.push('[');
                    close.push(format!(" for {target} in ()]"));
                }
                ScopeKind::SetComp => {
                    open.push('{');
                    close.push(format!(" for {target} in ()}}"));
                }
                ScopeKind::DictComp => {
                    open.push_str("{0:");
                    close.push(format!(" for {target} in ()}}"));
                }
                ScopeKind::Generator | ScopeKind::Class { .. } | ScopeKind::Def { .. } => {
                    open.push('(');
                    close.push(format!(" for {target} in ())"));
                }
            }
        }
        open.push('(');
        close.push(")".to_owned());
        close.reverse();
        (open, close.concat())
    }

    fn path(&self, name: &str) -> String {
        let mut path = if self.is_generic() { format!("{GENERIC}.") } else { String::new() };
        let headers = self.headers.iter().map(|scope| &scope.kind);
        for scope in headers.chain(self.wrappers.iter().copied()) {
            path.push_str(match scope {
                ScopeKind::Class { name, .. } | ScopeKind::Def { name, .. } => name,
                ScopeKind::Lambda => "<lambda>",
                ScopeKind::ListComp => "<listcomp>",
                ScopeKind::SetComp => "<setcomp>",
                ScopeKind::DictComp => "<dictcomp>",
                ScopeKind::Generator => "<genexpr>",
            });
            path.push('.');
        }
        path.push_str(name);
        path
    }
}
