//! The scopes of a text and the names that each binds.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Module,
    Class,
    /// A def, a lambda or a list of type parameters.
    Function,
    /// A comprehension; `is_lazy` for a generator's.
    Loop {
        is_lazy: bool,
        is_async: bool,
    },
}

/// What binds a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding<'a> {
    /// Import statements alone, all of the same.
    Import(Imported<'a>),
    Other,
}

/// What an import statement binds a name to: a module, or a name in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Imported<'a> {
    pub module: &'a str,
    pub name: Option<&'a str>,
    pub is_guarded: bool,
}

/// What is known of a name that is read.
pub(super) enum Found<'a> {
    Global,
    Import(Imported<'a>),
    Unknown,
}

struct Scope<'a> {
    kind: Kind,
    parent: usize,
    names: HashMap<&'a str, Binding<'a>>,
    globals: HashSet<&'a str>,
    nonlocals: HashSet<&'a str>,
}

/// Every scope of a text; the first is the module's.
pub(super) struct Scopes<'a> {
    scopes: Vec<Scope<'a>>,
    /// What any of them binds.
    bound: HashSet<&'a str>,
}

/// The module's scope.
pub(super) const MODULE: usize = 0;

impl<'a> Scopes<'a> {
    pub fn new() -> Self {
        let mut scopes = Self { scopes: Vec::new(), bound: HashSet::new() };
        scopes.open(Kind::Module, MODULE);
        scopes
    }

    /// Opens a scope inside another, and returns its number.
    pub fn open(&mut self, kind: Kind, parent: usize) -> usize {
        self.scopes.push(Scope {
            kind,
            parent,
            names: HashMap::new(),
            globals: HashSet::new(),
            nonlocals: HashSet::new(),
        });
        self.scopes.len() - 1
    }

    pub fn kind_of(&self, scope: usize) -> Kind {
        self.scopes[scope].kind
    }

    pub fn declare_global(&mut self, scope: usize, name: &'a str) {
        self.scopes[scope].globals.insert(name);
    }

    pub fn declare_nonlocal(&mut self, scope: usize, name: &'a str) {
        self.scopes[scope].nonlocals.insert(name);
    }

    /// Marks a comprehension as asynchronous, if this is one.
    pub fn make_async(&mut self, scope: usize) {
        if let Kind::Loop { is_async, .. } = &mut self.scopes[scope].kind {
            *is_async = true;
        }
    }

    /// Whether this is a comprehension that Python 3.10 refuses: an asynchronous one in one that is
    /// not.
    pub fn is_async_in_sync(&self, scope: usize) -> bool {
        let Scope { kind, parent, .. } = self.scopes[scope];
        kind == Kind::Loop { is_lazy: false, is_async: true }
            && matches!(self.scopes[parent].kind, Kind::Loop { is_async: false, .. })
    }

    /// The scope in which `:=` binds: that around the comprehensions.
    pub fn around_loops(&self, mut scope: usize) -> usize {
        while let Kind::Loop { .. } = self.scopes[scope].kind {
            scope = self.scopes[scope].parent;
        }
        scope
    }

    /// The names that some scope binds to what is no import.
    pub fn variables(&self) -> HashSet<&'a str> {
        let names = self.scopes.iter().flat_map(|scope| &scope.names);
        let others = names.filter(|(_, binding)| **binding == Binding::Other);
        others.map(|(name, _)| *name).collect()
    }

    /// Binds a name where the scope's declarations say.
    pub fn bind(&mut self, scope: usize, name: &'a str, binding: Binding<'a>) {
        self.bound.insert(name);
        if self.scopes[scope].globals.contains(name) {
            self.bind_in(MODULE, name, Binding::Other);
        } else if self.scopes[scope].nonlocals.contains(name) {
            let mut at = scope;
            while at != MODULE {
                at = self.scopes[at].parent;
                self.bind_in(at, name, Binding::Other);
            }
        } else {
            self.bind_in(scope, name, binding);
        }
    }

    fn bind_in(&mut self, scope: usize, name: &'a str, binding: Binding<'a>) {
        match self.scopes[scope].names.entry(name) {
            Entry::Vacant(place) => {
                place.insert(binding);
            }
            Entry::Occupied(mut place) => {
                let both = match (*place.get(), binding) {
                    (Binding::Import(one), Binding::Import(two))
                        if (one.module, one.name) == (two.module, two.name) =>
                    {
                        let is_guarded = one.is_guarded || two.is_guarded;
                        Binding::Import(Imported { is_guarded, ..one })
                    }
                    _ => Binding::Other,
                };
                place.insert(both);
            }
        }
    }

    /// Whether any scope of the text binds a name.
    pub fn is_bound(&self, name: &str) -> bool {
        self.bound.contains(name)
    }

    /// What a name that is read in a scope stands for.
    pub fn find(&self, scope: usize, name: &str) -> Found<'a> {
        if !self.is_bound(name) {
            return Found::Global;
        }
        let (mut at, mut is_own) = (scope, true);
        while at != MODULE {
            let scope = &self.scopes[at];
            if scope.globals.contains(name) {
                break;
            }
            // The names of a class are its body's alone.
            if is_own || scope.kind != Kind::Class {
                match scope.names.get(name) {
                    Some(Binding::Import(imported)) => return Found::Import(*imported),
                    Some(Binding::Other) => return Found::Unknown,
                    None => {}
                }
            }
            is_own = false;
            at = scope.parent;
        }
        // A global that the text itself binds may be anything by then.
        if self.scopes[MODULE].names.contains_key(name) { Found::Unknown } else { Found::Global }
    }
}
