//! A text that a user attached to a function: it stands in no file, so the scopes around it are
//! made from what the function says of itself.

use std::fmt::Write;

use thiserror::Error;

use super::factory::blanks;
use super::index::{Entry, Index, IndexError};

#[derive(Debug, Error)]
pub enum AttachedError {
    #[error("holds no def and no lambda")]
    None,
    #[error("holds {0} defs and lambdas side by side, and one is wanted")]
    Several(usize),
    #[error("cannot be put into the scopes of {0:?}, the function's qualified name")]
    NotInScopes(String),
    #[error("cannot be indexed: {0}")]
    Index(#[from] IndexError),
}

/// The index of an attached text and its one function's place in [`Index::entries`].
pub struct Attached {
    pub index: Index,
    at: usize,
}

impl Attached {
    /// Finds the one def or lambda of a text, for a function of this qualified name (PEP 3155)
    /// and these free variables. The text may be indented as a whole.
    pub fn new(text: &str, qualname: &str, free: &[&str]) -> Result<Self, AttachedError> {
        // As CPython reads line ends (`translate_newlines`), so that each line can be indented.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let (text, first_line) =
            if is_indented(&text) { (format!("if 1:\n{text}"), 0) } else { (text, 1) };
        let index = Index::new(&text, first_line)?;
        let at = index.only_outermost()?;
        let headers = headers(qualname, free);
        let in_class = headers.iter().any(|header| header.starts_with("class"));
        // A class's name is in the private names of its methods.
        if free.is_empty() && !(in_class && text.contains("__")) {
            return Ok(Self { index, at });
        }
        let mut inside = String::new();
        for (depth, header) in headers.iter().enumerate() {
            let _ = writeln!(inside, "{}{header}", blanks(depth));
        }
        push_indented(&mut inside, &index, headers.len());
        let name = &index.entries[at].name;
        let index = Index::new(&inside, first_line - headers.len() as isize)?;
        let at = at + headers.iter().filter(|header| header.starts_with("def")).count();
        match index.entries.get(at) {
            Some(entry) if entry.name == *name => Ok(Self { index, at }),
            _ => Err(AttachedError::NotInScopes(qualname.to_owned())),
        }
    }

    pub fn entry(&self) -> &Entry {
        &self.index.entries[self.at]
    }
}

impl Index {
    fn only_outermost(&self) -> Result<usize, AttachedError> {
        let mut found = Vec::new();
        let mut end = 0;
        for (at, entry) in self.entries.iter().enumerate() {
            if found.is_empty() || entry.span.start >= end {
                found.push(at);
                end = entry.span.end;
            }
        }
        match found[..] {
            [] => Err(AttachedError::None),
            [only] => Ok(only),
            _ => Err(AttachedError::Several(found.len())),
        }
    }
}

fn is_indented(text: &str) -> bool {
    text.lines()
        .find(|line| !line.trim().is_empty())
        .is_some_and(|line| line.starts_with([' ', '\t']))
}

/// Headers that bind the free variables' scopes, named as the qualified name has them.
fn headers(qualname: &str, free: &[&str]) -> Vec<String> {
    let parts: Vec<&str> = qualname.split('.').collect();
    let mut headers = Vec::new();
    for (at, part) in parts.iter().enumerate().take(parts.len().saturating_sub(1)) {
        if part.starts_with('<') {
            continue;
        }
        let is_function = parts.get(at + 1) == Some(&"<locals>");
        headers.push(if is_function { format!("def {part}():") } else { format!("class {part}:") });
    }
    if !headers.iter().any(|header| header.starts_with("def"))
        && free.iter().any(|name| *name != "__class__")
    {
        headers.insert(0, "def factory():".to_owned());
    }
    if free.contains(&"__class__") && !headers.iter().any(|header| header.starts_with("class")) {
        headers.push("class Owner:".to_owned());
    }
    headers
}

/// Appends a text with every line indented but those that start inside a string.
fn push_indented(to: &mut String, index: &Index, depth: usize) {
    let mut strings = index.strings_of_lines.iter().peekable();
    let mut at = 0;
    for line in index.text().split_inclusive('\n') {
        while strings.next_if(|string| string.end <= at).is_some() {}
        if strings.peek().is_none_or(|string| at <= string.start) {
            to.push_str(&blanks(depth));
        }
        to.push_str(line);
        at += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factory(text: &str, qualname: &str, free: &[&str]) -> String {
        let attached = Attached::new(text, qualname, free);
        attached
            .map(|attached| attached.index.factory(attached.entry(), free).text)
            .unwrap_or_default()
    }

    #[test]
    fn a_text_without_free_variables_stays_as_it_is() {
        assert_eq!(factory("def f(x):\n    return x\n", "f", &[]), "def f(x):\n    return x\n");
        assert_eq!(factory("g = lambda x: x\n", "<lambda>", &[]), "(   lambda x: x)\n");
    }

    #[test]
    fn an_indented_text_stands_in_a_block() {
        assert_eq!(factory("  def f():\n    pass\n", "f", &[]), "if 1:\n  def f():\n    pass\n");
    }

    #[test]
    fn free_variables_bring_their_scopes_and_strings_stay() {
        let text = "def f():\n    '''a\nb'''\n    return k\n";
        let expected = "def outer(k):\n def f():\n     '''a\nb'''\n     return k\n";
        assert_eq!(factory(text, "outer.<locals>.f", &["k"]), expected);
        assert_eq!(
            factory("def m(self): super()\n", "C.m", &["__class__"]),
            "class C:\n def m(self): super()\n"
        );
    }

    #[test]
    fn every_line_end_of_cpython_is_one() {
        let expected = "def outer(k):\n def f():\n  return k\n";
        for text in ["def f():\r return k\r", "def f():\r\n return k\r\n"] {
            assert_eq!(factory(text, "outer.<locals>.f", &["k"]), expected);
        }
    }

    #[test]
    fn one_function_is_wanted() {
        let refused = |text| Attached::new(text, "f", &[]).err().map(|error| error.to_string());
        assert_eq!(refused("x = 1\n").as_deref(), Some("holds no def and no lambda"));
        let two = refused("def f(x=lambda: 1): pass\ndef g(): pass\n");
        assert!(two.is_some_and(|reason| reason.starts_with("holds 2 defs")));
    }
}
