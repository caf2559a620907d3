//! Strings of our own in a payload, never shared with the user's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyString;

static STRINGS: Mutex<Option<HashMap<Box<str>, Py<PyString>>>> = Mutex::new(None);

/// Longer strings than a name, such as docstrings, are no one's twice, and are made anew.
const LONGEST: usize = 255;
/// How many strings are kept; past that the table starts anew.
const MOST: usize = 1 << 16;

/// Returns the one string object of this content that is ours.
///
/// The pickler writes a string object once and refers back to it after that. Were a function's
/// name the very object of some user's string, as interning makes it on one machine and unpickling
/// does not on the next, the bytes would depend on where they were written.
pub fn private_string<'py>(py: Python<'py>, content: &str) -> Bound<'py, PyString> {
    if content.len() > LONGEST {
        return PyString::new(py, content);
    }
    let mut strings = STRINGS.lock().unwrap_or_else(PoisonError::into_inner);
    let strings = strings.get_or_insert_with(HashMap::new);
    if let Some(string) = strings.get(content) {
        return string.bind(py).clone();
    }
    if strings.len() == MOST {
        strings.clear();
    }
    let string = PyString::new(py, content);
    strings.insert(content.into(), string.clone().unbind());
    string
}
