//! Strings of our own in a payload, never shared with the user's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyString;

static STRINGS: Mutex<Option<Strings>> = Mutex::new(None);

struct Strings {
    by_content: HashMap<Box<str>, Py<PyString>>,
    /// How many there may be before those that nothing else holds are let go.
    most: usize,
}

/// Longer strings than a name, such as docstrings, are no one's twice, and are made anew.
const LONGEST: usize = 255;
const FEWEST_KEPT: usize = 1 << 16;

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
    let strings =
        strings.get_or_insert_with(|| Strings { by_content: HashMap::new(), most: FEWEST_KEPT });
    if let Some(string) = strings.by_content.get(content) {
        return string.bind(py).clone();
    }
    if strings.by_content.len() >= strings.most {
        // What a source record holds must stay the string that other parts of a payload share.
        strings.by_content.retain(|_, string| is_held_elsewhere(string));
        strings.most = FEWEST_KEPT.max(2 * strings.by_content.len());
    }
    let string = PyString::new(py, content);
    strings.by_content.insert(content.into(), string.clone().unbind());
    string
}

/// Returns our string of the same content; the string itself where it is no UTF-8.
pub fn private_copy<'py>(string: &Bound<'py, PyString>) -> Bound<'py, PyString> {
    match string.to_cow() {
        Ok(content) => private_string(string.py(), &content),
        Err(_) => string.clone(),
    }
}

/// Returns our string for a string, and anything else as it is.
pub fn private_value(value: Bound<'_, PyAny>) -> Bound<'_, PyAny> {
    match value.cast::<PyString>() {
        Ok(string) => private_copy(string).into_any(),
        Err(_) => value,
    }
}

fn is_held_elsewhere(string: &Py<PyString>) -> bool {
    // SAFETY: the reference that is borrowed here keeps the object alive.
    unsafe { pyo3::ffi::Py_REFCNT(string.as_ptr()) > 1 }
}
