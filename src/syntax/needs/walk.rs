//! The walk over a factory's tree that finds what its function reads, imports and evaluates.

use std::collections::HashSet;
use std::ops::Range;

use ruff_python_ast::visitor::source_order::{
    SourceOrderVisitor, walk_except_handler, walk_expr, walk_pattern, walk_stmt,
};
use ruff_python_ast::{
    Comprehension, ExceptHandler, Expr, ExprAttribute, ExprContext, ExprLambda, Mod, Pattern, Stmt,
    StmtClassDef, StmtFunctionDef, StmtIf, StmtImport, StmtImportFrom, StmtTry, StmtWith,
    TypeParams,
};
use ruff_python_parser::Parsed;
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::super::index::{Entry, Index, Kind as EntryKind};
use super::super::stack::one_level_deeper;
use super::bindings::{Binding, Found, Imported, Kind, MODULE, Scopes};
use super::guards::{Guards, is_suppression};
use super::unions::Union;
use super::{Attribute, Import, Need, Needs, Root, UnionOf};

const UNION: (u8, &str) = (10, "a union of types with |");
const ASYNC_IN_SYNC: (u8, &str) = (11, "an asynchronous comprehension inside another");

/// What the tree says of the function at a path, beyond its grammar.
pub(super) fn needs(
    index: &Index,
    parsed: &Parsed<Mod>,
    path: &str,
    annotations_are_text: bool,
) -> Needs {
    let walked = |variables: &HashSet<&str>| {
        let mut walk = Walk {
            index,
            guards: Guards::new(index.text(), parsed.tokens(), variables),
            function: index.at_path(path),
            annotations_are_text,
            scopes: Scopes::new(),
            scope: MODULE,
            place: Place::default(),
            loops: Vec::new(),
            reads: Vec::new(),
            unions: Vec::new(),
            imports: Vec::new(),
        };
        walk.visit_mod(parsed.syntax());
        walk
    };
    // A first time for the variables alone, which may be bound after they are read.
    let variables = walked(&HashSet::new()).scopes.variables();
    walked(&variables).found()
}

/// What is known of the place where the walk is.
#[derive(Clone, Copy, Default)]
struct Place {
    /// In the body of the function that the text is about.
    is_inside: bool,
    is_guarded: bool,
    is_annotation: bool,
    /// Not evaluated whenever its statement runs.
    is_conditional: bool,
}

/// A name that is read, with its attributes.
struct Read<'a> {
    name: &'a str,
    path: Vec<&'a str>,
    at: TextSize,
    scope: usize,
    place: Place,
}

struct Walk<'a> {
    index: &'a Index,
    guards: Guards,
    function: Option<&'a Entry>,
    annotations_are_text: bool,
    scopes: Scopes<'a>,
    scope: usize,
    place: Place,
    /// The scopes of comprehensions, and where they start.
    loops: Vec<(usize, TextSize)>,
    reads: Vec<Read<'a>>,
    unions: Vec<(Union<'a>, TextSize)>,
    imports: Vec<Import>,
}

impl<'a> Walk<'a> {
    fn found(self) -> Needs {
        let need = |(minor, construct), at| Need { line: self.line_of(at), minor, construct };
        let is_free = |name: &&str| !self.scopes.is_bound(name);
        let mut grammar = Vec::new();
        let mut unions = Vec::new();
        for (union, at) in &self.unions {
            if !union.builtins.iter().chain(&union.others).all(is_free) {
                continue;
            }
            if union.others.is_empty() {
                grammar.push(need(UNION, *at));
            } else {
                let names = union.others.iter().map(|name| Box::from(*name)).collect();
                unions.push(UnionOf { need: need(UNION, *at), names });
            }
        }
        let loops = self.loops.iter().filter(|(scope, _)| self.scopes.is_async_in_sync(*scope));
        grammar.extend(loops.map(|(_, at)| need(ASYNC_IN_SYNC, *at)));
        let attributes = self.reads.iter().filter_map(|read| self.attribute(read));
        let mut attributes: Vec<Attribute> = attributes.collect();
        attributes.sort_by_key(|attribute| attribute.line);
        Needs { grammar, unions, imports: self.imports, attributes }
    }

    fn attribute(&self, read: &Read<'a>) -> Option<Attribute> {
        let Place { mut is_guarded, is_annotation, .. } = read.place;
        let mut path: Vec<Box<str>> = read.path.iter().map(|name| Box::from(*name)).collect();
        let root = match self.scopes.find(read.scope, read.name) {
            Found::Unknown => return None,
            Found::Global => Root::Global(read.name.into()),
            // Without an attribute the import itself says it all.
            Found::Import(_) if path.is_empty() => return None,
            Found::Import(imported) => {
                is_guarded |= imported.is_guarded;
                path.splice(..0, imported.name.map(Box::from));
                Root::Module(imported.module.into())
            }
        };
        Some(Attribute { line: self.line_of(read.at), root, path, is_guarded, is_annotation })
    }

    fn line_of(&self, at: TextSize) -> isize {
        self.index.lines.line_of(usize::from(at))
    }

    /// Visits something at a place that differs from the current one.
    fn at(&mut self, change: impl FnOnce(&mut Place), visit: impl FnOnce(&mut Self)) {
        let outer = self.place;
        change(&mut self.place);
        visit(self);
        self.place = outer;
    }

    fn guarded_if(&mut self, is_guarded: bool, visit: impl FnOnce(&mut Self)) {
        self.at(|place| place.is_guarded |= is_guarded, visit);
    }

    fn visit_conditional(&mut self, expr: &'a Expr) {
        self.at(|place| place.is_conditional = true, |walk| walk.visit_expr(expr));
    }

    fn in_scope(&mut self, kind: Kind, visit: impl FnOnce(&mut Self)) {
        let outer = self.scope;
        self.scope = self.scopes.open(kind, outer);
        visit(self);
        self.scope = outer;
    }

    /// Visits the body of a def or lambda, which may be the function itself.
    fn in_function(&mut self, is_function: bool, visit: impl FnOnce(&mut Self)) {
        let change = |place: &mut Place| {
            if is_function {
                *place = Place { is_inside: true, ..Place::default() };
            }
            place.is_conditional = false;
            place.is_annotation = false;
        };
        self.at(change, |walk| walk.in_scope(Kind::Function, visit));
    }

    fn is_function(&self, kind: EntryKind, body: TextRange) -> bool {
        self.function
            .is_some_and(|entry| entry.kind == kind && entry.body == Range::<usize>::from(body))
    }

    fn bind(&mut self, name: &'a str) {
        self.scopes.bind(self.scope, name, Binding::Other);
    }

    fn read(&mut self, name: &'a str, path: Vec<&'a str>, at: TextSize) {
        // A private name is another one in a class.
        if self.place.is_inside && !name.starts_with("__") {
            let (scope, place) = (self.scope, self.place);
            self.reads.push(Read { name, path, at, scope, place });
        }
    }

    /// An annotation that is evaluated when its statement runs, unless it is to be kept as text.
    fn visit_annotation_of_scope(&mut self, annotation: &'a Expr) {
        // Outside the function its own text may stand in one.
        if !self.place.is_inside || !self.annotations_are_text {
            self.at(|place| place.is_annotation = true, |walk| walk.visit_expr(annotation));
        }
    }

    /// Visits what stands in the scope of type parameters, if there are such.
    fn with_type_params(&mut self, list: Option<&'a TypeParams>, visit: impl FnOnce(&mut Self)) {
        let Some(list) = list else {
            return visit(self);
        };
        self.in_scope(Kind::Function, |walk| {
            for param in list {
                walk.bind(param.name().as_str());
            }
            // Bounds and defaults are evaluated on request alone.
            if !walk.place.is_inside {
                walk.visit_type_params(list);
            }
            visit(walk);
        });
    }

    fn visit_def(&mut self, def: &'a StmtFunctionDef) {
        self.bind(def.name.as_str());
        let body = match (def.body.first(), def.body.last()) {
            (Some(first), Some(last)) => TextRange::new(first.start(), last.end()),
            _ => TextRange::empty(def.end()),
        };
        for decorator in &def.decorator_list {
            self.visit_decorator(decorator);
        }
        for default in def.parameters.iter().filter_map(|parameter| parameter.default()) {
            self.visit_expr(default);
        }
        self.with_type_params(def.type_params.as_deref(), |walk| {
            let annotations = def.parameters.iter().filter_map(|parameter| parameter.annotation());
            for annotation in annotations.chain(def.returns.as_deref()) {
                walk.visit_annotation_of_scope(annotation);
            }
            let is_function = walk.is_function(EntryKind::Def, body);
            walk.in_function(is_function, |walk| {
                for parameter in &*def.parameters {
                    walk.bind(parameter.name().as_str());
                }
                walk.visit_body(&def.body);
            });
        });
    }

    fn visit_lambda(&mut self, lambda: &'a ExprLambda) {
        let parameters = lambda.parameters.as_deref();
        let defaults = parameters.into_iter().flatten().filter_map(|parameter| parameter.default());
        for default in defaults {
            self.visit_expr(default);
        }
        let is_function = self.is_function(EntryKind::Lambda, lambda.body.range());
        self.in_function(is_function, |walk| {
            for parameter in parameters.into_iter().flatten() {
                walk.bind(parameter.name().as_str());
            }
            walk.visit_expr(&lambda.body);
        });
    }

    fn visit_class(&mut self, class: &'a StmtClassDef) {
        self.bind(class.name.as_str());
        for decorator in &class.decorator_list {
            self.visit_decorator(decorator);
        }
        self.with_type_params(class.type_params.as_deref(), |walk| {
            if let Some(arguments) = &class.arguments {
                walk.visit_arguments(arguments);
            }
            walk.in_scope(Kind::Class, |walk| walk.visit_body(&class.body));
        });
    }

    fn visit_import(&mut self, import: &'a StmtImport) {
        for alias in &import.names {
            let full = alias.name.as_str();
            let (module, binding) = match &alias.asname {
                Some(name) => (full, name.as_str()),
                None => {
                    let top_level = full.split('.').next().unwrap_or_default();
                    (top_level, top_level)
                }
            };
            self.bind_import(binding, Some((module, None)));
            self.note_import(alias.start(), 0, full, None, binding);
        }
    }

    fn visit_import_from(&mut self, import: &'a StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        for alias in &import.names {
            let name = alias.name.as_str();
            let binding = alias.asname.as_ref().map_or(name, |name| name.as_str());
            self.bind_import(binding, (import.level == 0).then_some((module, Some(name))));
            self.note_import(alias.start(), import.level, module, Some(name), binding);
        }
    }

    fn bind_import(&mut self, binding: &'a str, to: Option<(&'a str, Option<&'a str>)>) {
        // At the top stand imports that are the file's, or only like the file's.
        if self.scope != MODULE {
            let is_guarded = self.place.is_guarded;
            let to = to.map_or(Binding::Other, |(module, name)| {
                Binding::Import(Imported { module, name, is_guarded })
            });
            self.scopes.bind(self.scope, binding, to);
        }
    }

    fn note_import(
        &mut self,
        at: TextSize,
        level: u32,
        module: &str,
        name: Option<&str>,
        binding: &str,
    ) {
        if self.place.is_inside {
            self.imports.push(Import {
                line: self.line_of(at),
                level,
                module: module.into(),
                name: name.map(Box::from),
                binding: binding.into(),
                is_guarded: self.place.is_guarded,
            });
        }
    }

    fn visit_if(&mut self, branch: &'a StmtIf) {
        let outer = self.place;
        self.place.is_guarded |= self.guards.are_decided_by(&branch.test);
        self.visit_expr(&branch.test);
        self.visit_body(&branch.body);
        for clause in &branch.elif_else_clauses {
            if let Some(test) = &clause.test {
                self.place.is_guarded |= self.guards.are_decided_by(test);
                self.visit_expr(test);
            }
            self.visit_body(&clause.body);
        }
        self.place = outer;
    }

    fn visit_try(&mut self, attempt: &'a StmtTry) {
        self.guarded_if(!attempt.handlers.is_empty(), |walk| {
            walk.visit_body(&attempt.body);
            for handler in &attempt.handlers {
                walk.visit_except_handler(handler);
            }
            walk.visit_body(&attempt.orelse);
        });
        self.visit_body(&attempt.finalbody);
    }

    fn visit_with(&mut self, with: &'a StmtWith) {
        let outer = self.place;
        for item in &with.items {
            self.visit_with_item(item);
            self.place.is_guarded |= is_suppression(item);
        }
        self.visit_body(&with.body);
        self.place = outer;
    }

    fn visit_statement(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.visit_def(def),
            Stmt::ClassDef(class) => self.visit_class(class),
            Stmt::Import(import) => self.visit_import(import),
            Stmt::ImportFrom(import) => self.visit_import_from(import),
            Stmt::Global(global) => {
                for name in &global.names {
                    self.scopes.declare_global(self.scope, name.as_str());
                }
            }
            Stmt::Nonlocal(nonlocal) => {
                for name in &nonlocal.names {
                    self.scopes.declare_nonlocal(self.scope, name.as_str());
                }
            }
            Stmt::AnnAssign(annotated) => {
                self.visit_expr(&annotated.target);
                // A variable's annotation in a function is never evaluated.
                if self.scopes.kind_of(self.scope) != Kind::Function {
                    self.visit_annotation_of_scope(&annotated.annotation);
                }
                if let Some(value) = &annotated.value {
                    self.visit_expr(value);
                }
            }
            Stmt::TypeAlias(alias) => {
                self.visit_expr(&alias.name);
                self.with_type_params(alias.type_params.as_deref(), |walk| {
                    // An alias's value is evaluated on request alone.
                    if !walk.place.is_inside {
                        walk.visit_expr(&alias.value);
                    }
                });
            }
            Stmt::If(branch) => self.visit_if(branch),
            Stmt::While(repeat) => {
                let is_guarded = self.guards.is_asked_in(&repeat.test);
                self.guarded_if(is_guarded, |walk| walk_stmt(walk, stmt));
            }
            Stmt::Match(choice) => {
                let is_guarded = self.guards.is_asked_in(&choice.subject);
                self.guarded_if(is_guarded, |walk| walk_stmt(walk, stmt));
            }
            Stmt::Assert(assertion) => {
                let is_guarded = self.guards.is_asked_in(&assertion.test);
                self.guarded_if(is_guarded, |walk| {
                    walk.visit_expr(&assertion.test);
                    if let Some(message) = &assertion.msg {
                        walk.visit_conditional(message);
                    }
                });
            }
            Stmt::Try(attempt) => self.visit_try(attempt),
            Stmt::With(with) => self.visit_with(with),
            _ => walk_stmt(self, stmt),
        }
    }

    /// A comprehension: its first iterable is evaluated in the scope around it, all else in its own.
    fn visit_loop(
        &mut self,
        whole: &'a Expr,
        elements: &[&'a Expr],
        generators: &'a [Comprehension],
    ) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let mut conditions = generators.iter().flat_map(|generator| &generator.ifs);
        let is_guarded = conditions.any(|condition| self.guards.is_asked_in(condition));
        let is_async = generators.iter().any(|generator| generator.is_async);
        let is_lazy = matches!(whole, Expr::Generator(_));
        let visit = |walk: &mut Self| {
            walk.loops.push((walk.scope, whole.start()));
            for (at, generator) in generators.iter().enumerate() {
                walk.visit_expr(&generator.target);
                if at > 0 {
                    walk.visit_expr(&generator.iter);
                }
                for condition in &generator.ifs {
                    walk.visit_expr(condition);
                }
            }
            for element in elements {
                walk.visit_expr(element);
            }
        };
        self.guarded_if(is_guarded, |walk| {
            walk.in_scope(Kind::Loop { is_lazy, is_async }, visit);
        });
    }

    /// A chain of attributes, which is as long as it likes.
    fn visit_chain(&mut self, last: &'a ExprAttribute) {
        let mut path = Vec::new();
        let mut attribute = last;
        let root = loop {
            // What is bound or deleted is not read.
            if attribute.ctx == ExprContext::Load {
                path.push(attribute.attr.as_str());
            }
            match &*attribute.value {
                Expr::Attribute(inner) => attribute = inner,
                root => break root,
            }
        };
        path.reverse();
        match root {
            Expr::Name(name) => self.read(name.id.as_str(), path, name.start()),
            _ => self.visit_expr(root),
        }
    }

    fn visit_expression(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => match name.ctx {
                ExprContext::Load => self.read(name.id.as_str(), Vec::new(), name.start()),
                ExprContext::Store | ExprContext::Del => self.bind(name.id.as_str()),
                ExprContext::Invalid => {}
            },
            Expr::Attribute(attribute) => self.visit_chain(attribute),
            Expr::Named(named) => {
                if let Expr::Name(name) = &*named.target {
                    let scope = self.scopes.around_loops(self.scope);
                    self.scopes.bind(scope, name.id.as_str(), Binding::Other);
                }
                self.visit_expr(&named.value);
            }
            Expr::Lambda(lambda) => self.visit_lambda(lambda),
            Expr::ListComp(comp) => self.visit_loop(expr, &[&comp.elt], &comp.generators),
            Expr::SetComp(comp) => self.visit_loop(expr, &[&comp.elt], &comp.generators),
            Expr::Generator(comp) => self.visit_loop(expr, &[&comp.elt], &comp.generators),
            Expr::DictComp(comp) => {
                let mut elements: Vec<&Expr> = comp.key.as_deref().into_iter().collect();
                elements.push(&comp.value);
                self.visit_loop(expr, &elements, &comp.generators);
            }
            Expr::Await(_) => {
                self.scopes.make_async(self.scope);
                walk_expr(self, expr);
            }
            Expr::BoolOp(operation) => {
                let is_guarded = self.guards.is_asked_in(expr);
                self.guarded_if(is_guarded, |walk| {
                    for (at, value) in operation.values.iter().enumerate() {
                        if at == 0 { walk.visit_expr(value) } else { walk.visit_conditional(value) }
                    }
                });
            }
            Expr::If(choice) => {
                let is_guarded = self.guards.are_decided_by(&choice.test);
                self.guarded_if(is_guarded, |walk| {
                    walk.visit_expr(&choice.test);
                    walk.visit_conditional(&choice.body);
                    walk.visit_conditional(&choice.orelse);
                });
            }
            Expr::Compare(comparison) => {
                self.visit_expr(&comparison.left);
                for (at, value) in comparison.comparators.iter().enumerate() {
                    if at == 0 { self.visit_expr(value) } else { self.visit_conditional(value) }
                }
            }
            Expr::BinOp(operation) => {
                let Place { is_inside, is_guarded, is_conditional, .. } = self.place;
                if is_inside
                    && !is_guarded
                    && !is_conditional
                    && let Some(union) = Union::of(operation)
                {
                    self.unions.push((union, expr.start()));
                }
                walk_expr(self, expr);
            }
            _ => walk_expr(self, expr),
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        one_level_deeper(|| self.visit_statement(stmt));
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        one_level_deeper(|| self.visit_expression(expr));
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let bound = match pattern {
            Pattern::MatchAs(pattern) => pattern.name.as_ref(),
            Pattern::MatchStar(pattern) => pattern.name.as_ref(),
            Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = bound {
            self.bind(name.as_str());
        }
        one_level_deeper(|| walk_pattern(self, pattern));
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(named) = handler;
        if let Some(name) = &named.name {
            self.bind(name.as_str());
        }
        walk_except_handler(self, handler);
    }

    fn visit_body(&mut self, body: &'a [Stmt]) {
        let outer = self.place;
        for stmt in body {
            self.visit_stmt(stmt);
            self.place.is_guarded |= self.guards.ends_in(stmt);
        }
        self.place = outer;
    }
}
