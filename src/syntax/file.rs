//! A file, whose statements are indexed one by one, when somebody asks for a function in them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::index::{Index, IndexError};
use super::lines::Lines;
use super::statements::{Statement, statements};

/// The text of one file, with the indexes of it that were asked for.
///
/// The index of a statement has lines, and what CPython's compiler looks at elsewhere in the file,
/// as that of the whole file has them; its offsets count from the statement's start.
pub struct File {
    text: Box<str>,
    lines: Lines,
    statements: Vec<Statement>,
    /// An index per statement.
    indexes: Vec<OnceLock<Arc<Index>>>,
    whole: OnceLock<Arc<Index>>,
    imports: OnceLock<Arc<BTreeSet<Box<str>>>>,
    super_is_named: OnceLock<bool>,
}

impl File {
    /// Takes a text whose first line has the number `first_line`. It need not be free of syntax
    /// errors: what stands in its sound parts is found.
    pub fn new(text: &str, first_line: isize) -> Result<Self, IndexError> {
        let text = Index::parsable(text)?;
        let statements = statements(text)?;
        let indexes = statements.iter().map(|_| OnceLock::new()).collect();
        Ok(Self {
            text: text.into(),
            lines: Lines::new(text, first_line),
            statements,
            indexes,
            whole: OnceLock::new(),
            imports: OnceLock::new(),
            super_is_named: OnceLock::new(),
        })
    }

    /// The text itself, without a byte order mark.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The index of all of it.
    pub fn whole(&self) -> Result<Arc<Index>, IndexError> {
        kept(&self.whole, || Index::new(&self.text, self.lines.line_of(0)).map(Arc::new))
    }

    /// The index of the statement on a line, of the first where the file has no such line.
    pub fn statement_at(&self, line: isize) -> Result<Arc<Index>, IndexError> {
        let offset = self.lines.offset_of(line, 0).unwrap_or(0);
        let at = self.statements.partition_point(|statement| statement.start <= offset) - 1;
        kept(&self.indexes[at], || {
            let mut index = self.index_of(at)?;
            if !index.method_calls.is_empty() {
                index.imports = self.imports()?;
            }
            // No factory asks for it where none of its functions has the word.
            if index.text.contains("super") {
                index.super_is_named = self.super_is_named()?;
            }
            Ok(Arc::new(index))
        })
    }

    fn span_of(&self, at: usize) -> Range<usize> {
        let end = self.statements.get(at + 1).map_or(self.text.len(), |next| next.start);
        self.statements[at].start..end
    }

    /// The index of one statement, as if nothing stood around it.
    fn index_of(&self, at: usize) -> Result<Index, IndexError> {
        let span = self.span_of(at);
        Index::new(&self.text[span.clone()], self.lines.line_of(span.start))
    }

    /// The names that the file's top level imports.
    fn imports(&self) -> Result<Arc<BTreeSet<Box<str>>>, IndexError> {
        kept(&self.imports, || {
            let mut imports = BTreeSet::new();
            for (at, statement) in self.statements.iter().enumerate() {
                if statement.may_import {
                    imports.extend(self.index_of(at)?.imports.iter().cloned());
                }
            }
            Ok(Arc::new(imports))
        })
    }

    /// Whether `super` is a name of the file's top level.
    fn super_is_named(&self) -> Result<bool, IndexError> {
        kept(&self.super_is_named, || {
            for at in 0..self.statements.len() {
                if names_super(&self.text[self.span_of(at)]) && self.index_of(at)?.super_is_named {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }
}

/// True where a name can be `super`, which other characters can spell too (PEP 3131).
fn names_super(text: &str) -> bool {
    !text.is_ascii() || text.contains("super")
}

fn kept<T: Clone>(
    slot: &OnceLock<T>,
    make: impl FnOnce() -> Result<T, IndexError>,
) -> Result<T, IndexError> {
    if let Some(known) = slot.get() {
        return Ok(known.clone());
    }
    let made = make()?;
    Ok(slot.get_or_init(|| made).clone())
}

#[cfg(test)]
mod tests {
    use super::{File, Index};
    use crate::syntax::Factory;

    /// What the entries on a line give.
    fn factories(index: &Index, line: isize) -> Vec<Factory> {
        let mut factories: Vec<_> =
            index.at_line(line).map(|entry| index.factory(entry, &["__class__"])).collect();
        for needs in factories.iter_mut().filter_map(|factory| factory.requirement.as_mut()) {
            needs.offset = 0;
        }
        factories
    }

    #[test]
    fn a_statements_index_gives_what_that_of_the_whole_file_gives() {
        for text in [
            "\u{feff}import a.b, c as d\n\n@d.e\ndef f(x=lambda: a.y(x)): d.x(a.y())\n",
            "def f(): a.x()\ntry:\n  import a\nexcept E: import b as a\n",
            "def f(): a.x()\ndef g():\n  import a\n",
            "class C:\n  def f(self): super().b\nsuper = 1\n",
            "class C:\n  def f(self): super().b\n\u{ff53}uper = 1\n",
            "class C:\n  def f(self): super().b\n[super for j in x]\n",
            "class C:\n  def f(self): super().b\ndef g(super=lambda: super): super\n",
            "x = 1\nclass C:\n  '''\ny\n'''\n  def f[T](self): return lambda: {\n1: self}\n",
            "f = lambda: 1; g = lambda: 2\nif 1:\n  def h(): pass\nelse: h = lambda: x\n",
            "x = (\ndef f(): pass\ndef g(): pass\n",
            "\\\n@a\ndef f(): pass\n\\\n  \\\n\n@b\ndef g(): pass\n",
            "class C:\n\\\n  def f(self): pass\n",
        ] {
            let (whole, file) = (Index::new(text, -3).ok(), File::new(text, -3).ok());
            let (Some(whole), Some(file)) = (whole, file) else { unreachable!("{text}") };
            assert!(!whole.entries().is_empty());
            for entry in whole.entries() {
                let of_statement = file
                    .statement_at(entry.first_line)
                    .map(|found| factories(&found, entry.first_line));
                assert_eq!(of_statement.ok(), Some(factories(&whole, entry.first_line)), "{text}");
            }
        }
    }

    #[test]
    fn a_line_outside_of_the_file_has_an_index_too() {
        for text in ["", "x\n\ny"] {
            let file = File::new(text, 1).ok();
            for line in [-1_000_000, -1, 0, 1, 4, 1_000_000] {
                let found = file.as_ref().and_then(|file| file.statement_at(line).ok());
                assert_eq!(found.map(|found| found.entries().len()), Some(0));
            }
        }
    }
}
