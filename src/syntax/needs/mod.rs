//! What a function's text needs of the Python that runs it: its grammar, and what it names of the
//! library. It holds what is certain alone, for a function is refused for it.

mod bindings;
mod guards;
mod unions;
mod walk;

#[cfg(test)]
mod tests;

use super::index::{Index, IndexError};

/// What a function's text needs, each list in the order of the lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// What the grammar of Python 3.9 does not have, and what fails on it whenever its statement
    /// runs.
    pub grammar: Vec<Need>,
    /// What is needed if some globals are classes.
    pub unions: Vec<UnionOf>,
    /// The import statements of the body.
    pub imports: Vec<Import>,
    /// The globals and modules that the body reads, with their attributes.
    pub attributes: Vec<Attribute>,
}

/// A construct that Python 3.9 does not take.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The line it stands on.
    pub line: isize,
    /// The minor version of the first Python 3 that takes it.
    pub minor: u8,
    /// What the construct is called, with its article.
    pub construct: &'static str,
}

/// A `|` that is one of types if these globals are classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnionOf {
    /// What it needs then.
    pub need: Need,
    /// The globals.
    pub names: Vec<Box<str>>,
}

/// One name of an import statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The line the name stands on.
    pub line: isize,
    /// How many dots lead the module's name.
    pub level: u32,
    /// The module, which is empty in `from . import name`.
    pub module: Box<str>,
    /// The name that is imported from the module; `None` for `import module`.
    pub name: Option<Box<str>>,
    /// The name that the statement binds.
    pub binding: Box<str>,
    /// Whether the text provides for its failure, or for older versions.
    pub is_guarded: bool,
}

/// A name that is read, with the attributes that are taken from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The line of the name.
    pub line: isize,
    /// What the name stands for.
    pub root: Root,
    /// The attributes, in their order; none where a global itself is all that is read.
    pub path: Vec<Box<str>>,
    /// Whether the text provides for its failure, or for older versions.
    pub is_guarded: bool,
    /// Whether it stands in an annotation, which is not evaluated at once from Python 3.14 on.
    pub is_annotation: bool,
}

/// What a chain of attributes starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// A global of the function, or a builtin.
    Global(Box<str>),
    /// A module, by its full name, that the text itself imports.
    Module(Box<str>),
}

/// What a factory's text needs, whose first line has the number `first_line`, for the function
/// that this path of names leads to. `annotations_are_text` says whether
/// `from __future__ import annotations` is in force.
///
/// Decorators, defaults and annotations of the function itself count for their grammar alone:
/// nobody evaluates them. So does the whole text where the path leads to no function.
pub fn needs_of(
    text: &str,
    first_line: isize,
    path: &str,
    annotations_are_text: bool,
) -> Result<Needs, IndexError> {
    Index::with_tree(text, first_line, |index, parsed| {
        let mut needs = walk::needs(&index, parsed, path, annotations_are_text);
        needs.grammar.extend(index.requirements.iter().map(|requirement| Need {
            line: requirement.line,
            minor: requirement.minor,
            construct: requirement.construct,
        }));
        needs.grammar.sort();
        needs.grammar.dedup();
        needs
    })
}
