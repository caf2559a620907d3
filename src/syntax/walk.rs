//! The walk over a tree that fills an index, keeping the scope it stands in.

use std::ops::Range;
use std::sync::Arc;

use ruff_python_ast::visitor::source_order::{
    SourceOrderVisitor, walk_expr, walk_interpolated_string_element, walk_pattern, walk_stmt,
};
use ruff_python_ast::{
    Alias, Comprehension, Expr, InterpolatedStringElement, Mod, Parameters, Pattern, Stmt,
    StmtAnnAssign, StmtClassDef, StmtFunctionDef, StmtTypeAlias, TypeParam, TypeParams,
};
use ruff_python_parser::Parsed;
use ruff_text_size::{Ranged, TextRange};

use super::clause::{Clause, Owner};
use super::index::{Entry, Index, Kind, MethodCall};
use super::scope::{Block, Loop, Scope, ScopeKind, Wrapper};
use super::stack::one_level_deeper;

/// Fills an index with what its text's tree holds, in the order of the walk, and tells how deep
/// the tree is.
pub(super) fn filled(index: Index, parsed: &Parsed<Mod>) -> (Index, usize) {
    let mut walk = Walk {
        index,
        scope: None,
        in_f_string: false,
        classes: 0,
        scopes: 0,
        depth: 0,
        deepest: 0,
    };
    walk.visit_mod(parsed.syntax());
    (walk.index, walk.deepest)
}

struct Walk {
    index: Index,
    scope: Option<usize>,
    in_f_string: bool,
    /// How many classes, and how many scopes, it has come by.
    classes: usize,
    scopes: usize,
    depth: usize,
    deepest: usize,
}

impl Walk {
    /// Visits one level deeper, on a stack that grows with the nesting of the text.
    fn deeper(&mut self, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        one_level_deeper(|| visit(self));
        self.depth -= 1;
    }

    fn inside(&mut self, kind: ScopeKind, visit: impl FnOnce(&mut Self)) {
        let outer = self.scope;
        self.scopes += 1;
        self.index.scopes.push(Scope { kind, parent: outer, globals: Vec::new() });
        self.scope = Some(self.index.scopes.len() - 1);
        visit(self);
        self.scope = outer;
    }

    /// Visits what stands in a clause, and keeps the clause's scope only if a function stands there.
    fn in_clause(&mut self, visit: impl FnOnce(&mut Self), clause: impl FnOnce() -> Clause) {
        let (entries, scopes) = (self.index.entries.len(), self.index.scopes.len());
        self.inside(ScopeKind::Clause(Clause::default()), visit);
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
            holds_scope: false,
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
        let scopes = self.scopes;
        self.inside(ScopeKind::Block(block), |walk| walk.visit_body(&def.body));
        self.index.entries[at].holds_class = self.classes > classes;
        self.index.entries[at].holds_scope = self.scopes > scopes + 1 || def.type_params.is_some();
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
        let at = self.index.entries.len();
        self.index.entries.push(Entry {
            kind: Kind::Lambda,
            name: "<lambda>".into(),
            first_line: self.index.lines.line_of(span.start),
            span,
            body: body.range().into(),
            in_f_string: self.in_f_string,
            holds_class: false,
            holds_scope: false,
            scope: self.scope,
        });
        if let Some(parameters) = parameters {
            self.visit_parameters(parameters);
        }
        let scopes = self.scopes;
        self.inside(ScopeKind::Wrapper(Wrapper::Lambda), |walk| walk.visit_expr(body));
        self.index.entries[at].holds_scope = self.scopes > scopes + 1;
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
            Arc::make_mut(&mut self.index.imports).insert(bound.into());
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
