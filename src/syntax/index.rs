//! The table of every def and lambda of one file, made by one parse.

use std::collections::BTreeSet;
use std::ops::Range;

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::visitor::source_order::{
    SourceOrderVisitor, walk_expr, walk_interpolated_string_element, walk_pattern, walk_stmt,
};
use ruff_python_ast::{
    Alias, Comprehension, Expr, InterpolatedStringElement, Parameters, Pattern, Stmt,
    StmtAnnAssign, StmtClassDef, StmtFunctionDef, StmtTypeAlias, TypeParam, TypeParams,
};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::clause::{Clause, Owner};
use super::lines::Lines;
use super::version::{OLDER_THAN_ANY, Requirement, requirement};

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
    /// The scope around it: an index into [`Index::scopes`].
    pub(super) scope: Option<usize>,
}

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
    pub(super) scopes: Vec<Scope>,
    pub(super) method_calls: Vec<MethodCall>,
    pub(super) imports: BTreeSet<Box<str>>,
    pub(super) super_is_named: bool,
    pub(super) requirements: Vec<Requirement>,
    /// The strings that more than one line of the text holds, in their order.
    pub(super) strings_of_lines: Vec<Range<usize>>,
}

impl Index {
    /// Parses a text whose first line has the number `first_line` in its file. The text need not
    /// be free of syntax errors: what stands in its sound parts is found.
    pub fn new(text: &str, first_line: isize) -> Result<Self, IndexError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if u32::try_from(text.len()).is_err() {
            return Err(IndexError::TooLong(text.len()));
        }
        // A panic of the parser would end up in the user's program as no exception it expects.
        std::panic::catch_unwind(|| Self::of(text, first_line)).map_err(|_| IndexError::Parser)
    }

    fn of(text: &str, first_line: isize) -> Self {
        let options = ParseOptions::from(Mode::Module).with_target_version(OLDER_THAN_ANY);
        let parsed = parse_unchecked(text, options);
        let lines = Lines::new(text, first_line);
        let requirements = parsed
            .unsupported_syntax_errors()
            .iter()
            .filter_map(|error| requirement(error, lines.line_of(usize::from(error.range.start()))))
            .collect();
        let mut walk = Walk {
            index: Self {
                text: text.into(),
                lines,
                entries: Vec::new(),
                scopes: Vec::new(),
                method_calls: Vec::new(),
                imports: BTreeSet::new(),
                super_is_named: false,
                requirements,
                strings_of_lines: strings_of_lines(text, parsed.tokens()),
            },
            scope: None,
            in_f_string: false,
            classes: 0,
            depth: 0,
            deepest: 0,
        };
        walk.visit_mod(parsed.syntax());
        // The tree is dropped as deep as it was walked.
        stacker::maybe_grow(walk.deepest * DROP_STACK, 2 * walk.deepest * DROP_STACK, || {
            drop(parsed)
        });
        let mut index = walk.index;
        index.entries.sort_by_key(|entry| entry.span.start);
        let imports = &index.imports;
        index.method_calls.retain(|call| imports.contains(&call.name));
        index.method_calls.sort_by_key(|call| call.offset);
        index
    }

    /// The text itself, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
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
    fn with_rest_of_line(&self, end: usize) -> usize {
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
    fn logical_line_start(&self, offset: usize) -> usize {
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

/// The walk over the tree that fills an [`Index`], keeping the scope it stands in.
struct Walk {
    index: Index,
    scope: Option<usize>,
    in_f_string: bool,
    /// How many classes it has come by.
    classes: usize,
    depth: usize,
    deepest: usize,
}

/// Bytes of stack for one more level: when fewer than these are left, a new piece is taken.
const RED_ZONE: usize = 256 * 1024;
const STACK_PIECE: usize = 4 * 1024 * 1024;
/// Bytes of stack that dropping one level of the tree takes at most.
const DROP_STACK: usize = 1024;

impl Walk {
    /// Visits one level deeper, on a stack that grows with the nesting of the text.
    fn deeper(&mut self, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        stacker::maybe_grow(RED_ZONE, STACK_PIECE, || visit(self));
        self.depth -= 1;
    }

    fn inside(&mut self, kind: ScopeKind, visit: impl FnOnce(&mut Self)) {
        let outer = self.scope;
        self.index.scopes.push(Scope { kind, parent: outer, globals: Vec::new() });
        self.scope = Some(self.index.scopes.len() - 1);
        visit(self);
        self.scope = outer;
    }

    /// Visits what stands in a clause, and keeps the clause's scope only if a function stands there.
    fn in_clause(&mut self, visit: impl FnOnce(&mut Self), clause: impl FnOnce() -> Clause) {
        let outer = self.scope;
        let (entries, scopes) = (self.index.entries.len(), self.index.scopes.len());
        self.index.scopes.push(Scope {
            kind: ScopeKind::Clause(Clause::default()),
            parent: outer,
            globals: Vec::new(),
        });
        self.scope = Some(scopes);
        visit(self);
        self.scope = outer;
        if self.index.entries.len() == entries {
            self.index.scopes.truncate(scopes);
        } else {
            self.index.scopes[scopes].kind = ScopeKind::Clause(clause());
        }
    }

    fn visit_type_params_of(&mut self, owner: Owner<'_>, list: &TypeParams) {
        for param in &list.type_params {
            let (bound, default) = match param {
                TypeParam::TypeVar(var) => (var.bound.as_deref(), var.default.as_deref()),
                TypeParam::ParamSpec(var) => (None, var.default.as_deref()),
                TypeParam::TypeVarTuple(var) => (None, var.default.as_deref()),
            };
            if let Some(bound) = bound {
                self.in_clause(
                    |walk| walk.visit_expr(bound),
                    || Clause::bound(&owner, list, param),
                );
            }
            if let Some(default) = default {
                self.in_clause(
                    |walk| walk.visit_expr(default),
                    || Clause::default_of(&owner, list, param),
                );
            }
        }
    }

    fn visit_annotation_of(&mut self, def: &StmtFunctionDef, annotation: &Expr) {
        self.in_clause(
            |walk| walk.visit_expr(annotation),
            || Clause::annotation(def.name.as_str(), def.type_params.as_deref()),
        );
    }

    fn visit_def(&mut self, def: &StmtFunctionDef) {
        let first = def.decorator_list.first();
        let start = usize::from(first.map_or(def.start(), |decorator| decorator.start()));
        let first_line_at = first.map_or(def.start(), |decorator| decorator.expression.start());
        let body = match (def.body.first(), def.body.last()) {
            (Some(first), Some(last)) => TextRange::new(first.start(), last.end()),
            _ => TextRange::empty(def.end()),
        };
        let entry = Entry {
            kind: Kind::Def,
            name: def.name.as_str().into(),
            span: self.index.logical_line_start(start)
                ..self.index.with_rest_of_line(usize::from(def.end())),
            body: body.into(),
            first_line: self.index.lines.line_of(usize::from(first_line_at)),
            in_f_string: false,
            holds_class: false,
            scope: self.scope,
        };
        let (at, classes) = (self.index.entries.len(), self.classes);
        self.index.entries.push(entry);
        self.bind(def.name.as_str());
        // Decorators and defaults belong to the scope around the def.
        for decorator in &def.decorator_list {
            self.visit_decorator(decorator);
        }
        if let Some(list) = &def.type_params {
            self.visit_type_params_of(Owner::Def(def.name.as_str()), list);
        }
        for parameter in &*def.parameters {
            if let Some(annotation) = parameter.annotation() {
                self.visit_annotation_of(def, annotation);
            }
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
        if let Some(returns) = &def.returns {
            self.visit_annotation_of(def, returns);
        }
        let block = Block::Def { name: def.name.as_str().into(), is_async: def.is_async };
        self.inside(ScopeKind::Block(block), |walk| walk.visit_body(&def.body));
        self.index.entries[at].holds_class = self.classes > classes;
    }

    fn visit_class(&mut self, class: &StmtClassDef) {
        self.classes += 1;
        self.bind(class.name.as_str());
        for decorator in &class.decorator_list {
            self.visit_decorator(decorator);
        }
        let mut type_params = Vec::new();
        if let Some(list) = &class.type_params {
            self.visit_type_params_of(Owner::Class(class.name.as_str()), list);
            type_params.extend(list.type_params.iter().map(|param| param.name().as_str().into()));
        }
        if let Some(arguments) = &class.arguments {
            match &class.type_params {
                Some(list) => self.in_clause(
                    |walk| walk.visit_arguments(arguments),
                    || Clause::class_argument(class.name.as_str(), list),
                ),
                None => self.visit_arguments(arguments),
            }
        }
        let block = Block::Class { name: class.name.as_str().into(), type_params };
        self.inside(ScopeKind::Block(block), |walk| walk.visit_body(&class.body));
    }

    fn visit_annotated(&mut self, statement: &StmtAnnAssign) {
        self.visit_expr(&statement.target);
        self.in_clause(|walk| walk.visit_expr(&statement.annotation), Clause::annotation_of_name);
        if let Some(value) = &statement.value {
            self.visit_expr(value);
        }
    }

    fn visit_type_alias(&mut self, alias: &StmtTypeAlias) {
        let Expr::Name(name) = &*alias.name else {
            return;
        };
        let (name, list) = (name.id.as_str(), alias.type_params.as_deref());
        self.bind(name);
        if let Some(list) = list {
            self.visit_type_params_of(Owner::Alias(name), list);
        }
        self.in_clause(|walk| walk.visit_expr(&alias.value), || Clause::alias(name, list));
    }

    fn visit_lambda(&mut self, span: TextRange, parameters: Option<&Parameters>, body: &Expr) {
        let span: Range<usize> = span.into();
        self.index.entries.push(Entry {
            kind: Kind::Lambda,
            name: "<lambda>".into(),
            first_line: self.index.lines.line_of(span.start),
            span,
            body: body.range().into(),
            in_f_string: self.in_f_string,
            holds_class: false,
            scope: self.scope,
        });
        if let Some(parameters) = parameters {
            self.visit_parameters(parameters);
        }
        self.inside(ScopeKind::Wrapper(Wrapper::Lambda), |walk| walk.visit_expr(body));
    }

    /// A comprehension: its first iterable is evaluated in the scope around it, all else in its own.
    fn visit_comprehension_scope(
        &mut self,
        kind: Loop,
        elements: &[&Expr],
        generators: &[Comprehension],
    ) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let is_async = generators.iter().any(|generator| generator.is_async);
        self.inside(ScopeKind::Wrapper(Wrapper::Loop { kind, is_async }), |walk| {
            for element in elements {
                walk.visit_expr(element);
            }
            for (at, generator) in generators.iter().enumerate() {
                walk.visit_expr(&generator.target);
                if at > 0 {
                    walk.visit_expr(&generator.iter);
                }
                for condition in &generator.ifs {
                    walk.visit_expr(condition);
                }
            }
        });
    }

    /// Notes a name that the module's own scope binds or reads, or a comprehension in it, which
    /// CPython makes a part of it from 3.12 on (PEP 709).
    fn bind(&mut self, name: &str) {
        if name == "super" && self.is_inlined_in_module() {
            self.index.super_is_named = true;
        }
    }

    fn is_inlined_in_module(&self) -> bool {
        let mut at = self.scope;
        while let Some(scope) = at.map(|at| &self.index.scopes[at]) {
            match scope.kind {
                ScopeKind::Wrapper(Wrapper::Loop { kind, .. }) if kind != Loop::Generator => {
                    at = scope.parent;
                }
                _ => return false,
            }
        }
        true
    }

    fn bind_import(&mut self, alias: &Alias) {
        let bound = match &alias.asname {
            Some(name) => name.as_str(),
            None => alias.name.as_str().split('.').next().unwrap_or_default(),
        };
        self.bind(bound);
        if self.scope.is_none() {
            self.index.imports.insert(bound.into());
        }
    }

    fn visit_statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.visit_def(def),
            Stmt::ClassDef(class) => self.visit_class(class),
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.bind_import(alias)),
            Stmt::ImportFrom(import) => {
                import.names.iter().for_each(|alias| self.bind_import(alias));
            }
            Stmt::Global(global) => {
                if let Some(scope) = self.scope {
                    let names = global.names.iter().map(|name| name.as_str().into());
                    self.index.scopes[scope].globals.extend(names);
                }
            }
            Stmt::AnnAssign(annotated) => self.visit_annotated(annotated),
            Stmt::TypeAlias(alias) => self.visit_type_alias(alias),
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expression(&mut self, expr: &Expr) {
        match expr {
            Expr::Lambda(lambda) => {
                self.visit_lambda(lambda.range, lambda.parameters.as_deref(), &lambda.body);
            }
            Expr::ListComp(comp) => {
                self.visit_comprehension_scope(Loop::List, &[&comp.elt], &comp.generators);
            }
            Expr::SetComp(comp) => {
                self.visit_comprehension_scope(Loop::Set, &[&comp.elt], &comp.generators);
            }
            Expr::Generator(comp) => {
                self.visit_comprehension_scope(Loop::Generator, &[&comp.elt], &comp.generators);
            }
            Expr::DictComp(comp) => {
                let mut elements: Vec<&Expr> = comp.key.as_deref().into_iter().collect();
                elements.push(&comp.value);
                self.visit_comprehension_scope(Loop::Dict, &elements, &comp.generators);
            }
            Expr::Name(name) => self.bind(name.id.as_str()),
            Expr::Call(call) => {
                if let Expr::Attribute(attribute) = &*call.func
                    && let Expr::Name(name) = &*attribute.value
                {
                    self.index.method_calls.push(MethodCall {
                        offset: usize::from(name.start()),
                        name: name.id.as_str().into(),
                    });
                }
                walk_expr(self, expr);
            }
            _ => walk_expr(self, expr),
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for Walk {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.deeper(|walk| walk.visit_statement(stmt));
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.deeper(|walk| walk.visit_expression(expr));
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.deeper(|walk| walk_pattern(walk, pattern));
    }

    fn visit_interpolated_string_element(&mut self, element: &'a InterpolatedStringElement) {
        let outer = std::mem::replace(&mut self.in_f_string, true);
        walk_interpolated_string_element(self, element);
        self.in_f_string = outer;
    }
}
