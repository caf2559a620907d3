//! Strings of our own in a payload, never shared with the user's.

use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

/// Each string by itself: a dictionary finds an equal one by the hash that a string keeps.
static STRINGS: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

/// How many there may be before those that nothing else holds are let go.
static MOST: AtomicUsize = AtomicUsize::new(FEWEST_KEPT);

/// Longer strings than a name, such as docstrings, are no one's twice, and are made anew.
const LONGEST: usize = 255;
const FEWEST_KEPT: usize = 1 << 16;

/// Returns the one string object of this content that is ours.
///
/// The pickler writes a string object once and refers back to it after that. Were a function's
/// name the very object of some user's string, as interning makes it on one machine and unpickling
/// does not on the next, the bytes would depend on where they were written.
pub fn private_string<'py>(py: Python<'py>, content: &str) -> PyResult<Bound<'py, PyString>> {
    let new = PyString::new(py, content);
    if content.len() > LONGEST {
        return Ok(new);
    }
    let strings = strings(py);
    match strings.get_item(&new)? {
        Some(string) => Ok(string.cast_into()?),
        None => keep(strings, new),
    }
}

/// Returns our string of the same content; the string itself where it is no UTF-8.
pub fn private_copy<'py>(string: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyString>> {
    let py = string.py();
    // A subclass may compare as it likes.
    if string.is_exact_instance_of::<PyString>() {
        let strings = strings(py);
        if let Some(string) = strings.get_item(string)? {
            return Ok(string.cast_into()?);
        }
    }
    match string.to_cow() {
        Ok(content) => private_string(py, &content),
        Err(_) => Ok(string.clone()),
    }
}

/// Returns our string for a string, and anything else as it is.
pub fn private_value(value: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    match value.cast::<PyString>() {
        Ok(string) => Ok(private_copy(string)?.into_any()),
        Err(_) => Ok(value),
    }
}

fn strings(py: Python<'_>) -> &Bound<'_, PyDict> {
    STRINGS.get_or_init(py, || PyDict::new(py).unbind()).bind(py)
}

fn keep<'py>(
    strings: &Bound<'py, PyDict>,
    new: Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyString>> {
    if strings.len() >= MOST.load(Ordering::Relaxed) {
        // What a source record holds must stay the string that other parts of a payload share.
        let unused: Vec<_> =
            strings.keys().iter().filter(|string| !is_held_elsewhere(string)).collect();
        for string in &unused {
            strings.del_item(string)?;
        }
        MOST.store(FEWEST_KEPT.max(2 * strings.len()), Ordering::Relaxed);
    }
    strings.set_item(&new, &new)?;
    Ok(new)
}

/// True where more hold a string than the dictionary, as key and as value, the list of its keys and
/// the caller.
fn is_held_elsewhere(string: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the reference that is borrowed here keeps the object alive.
    unsafe { pyo3::ffi::Py_REFCNT(string.as_ptr()) > 4 }
}
