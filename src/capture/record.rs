//! The source record of a function: found, proved and kept.

use std::sync::{Arc, PoisonError};

use pyo3::exceptions::PyRecursionError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};

use super::attached::attached_source;
use super::facts::{Facts, Source, keep};
use super::search::Search;
use super::strings::{private_copy, private_string};
use super::text::{IndexedFile, check_for_change, indexed_file};
use crate::error::{SourceDamagedError, SourceError, SourceVersionError};
use crate::interpreter::interpreter;
use crate::syntax::{Factory, Requirement, deflated};

/// The file name under which a proof compiles; no code object that leaves here bears it.
pub(super) const PROOF: &str = "<sourcepickle proof>";

/// Returns the source of a function, given its `__dict__`, from its `__source__` or its file.
pub fn function_source(
    function: &Bound<'_, PyAny>,
    own: &Bound<'_, PyDict>,
    code: &Bound<'_, PyAny>,
    facts: &Facts,
) -> PyResult<Arc<Source>> {
    match attached_source(function, own, code, facts)? {
        Some(source) => Ok(source),
        None => code_source(code, Some(function), facts),
    }
}

/// Returns the source of a code object, from its file, given a function of it if there is one.
pub fn code_source(
    code: &Bound<'_, PyAny>,
    function: Option<&Bound<'_, PyAny>>,
    facts: &Facts,
) -> PyResult<Arc<Source>> {
    if let Some(source) = &*facts.proved.lock().unwrap_or_else(PoisonError::into_inner) {
        return Ok(Arc::clone(source));
    }
    let source = match loaded_record(code)? {
        Some(record) => Source::new(record, Arc::clone(&facts.names), None)?,
        None => proved_source(code, function, facts)?,
    };
    keep(&facts.proved, Some(Arc::clone(&source)));
    Ok(source)
}

/// The record that a code object alone was loaded from, as `sourcepickle.rebuild` has it.
fn record_of_code<'py>(code: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = code.py();
    let rebuild = interpreter(py)?.rebuild.module.bind(py);
    Ok(rebuild.call_method1(intern!(py, "record_of_code"), (code,))?.cast_into().ok())
}

/// True for a code object that was loaded from a record of its own.
pub(super) fn has_record(code: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(record_of_code(code)?.is_some())
}

/// The same, in strings of our own.
fn loaded_record<'py>(code: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = code.py();
    let Some(record) = record_of_code(code)? else {
        return Ok(None);
    };
    let private = record
        .iter()
        .enumerate()
        // The text alone is no other record's too.
        .map(|(field, value)| if field == TEXT { Ok(value) } else { in_private_strings(&value) })
        .collect::<PyResult<Vec<_>>>()?;
    PyTuple::new(py, private).map(Some)
}

/// Places in a source record, as `sourcepickle.rebuild` specifies it.
pub(super) const PATH: usize = 0;
pub(super) const TEXT: usize = 1;
pub(super) const FIRST_LINE: usize = 2;
pub(super) const FILENAME: usize = 3;
pub(super) const FUTURES: usize = 5;

fn in_private_strings<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if let Ok(string) = value.cast::<PyString>() {
        return Ok(private_copy(string)?.into_any());
    }
    if let Ok(tuple) = value.cast::<PyTuple>() {
        let items =
            tuple.iter().map(|item| in_private_strings(&item)).collect::<PyResult<Vec<_>>>()?;
        return Ok(PyTuple::new(py, items)?.into_any());
    }
    Ok(value.clone())
}

fn proved_source(
    code: &Bound<'_, PyAny>,
    function: Option<&Bound<'_, PyAny>>,
    facts: &Facts,
) -> PyResult<Arc<Source>> {
    let py = code.py();
    let globals = function.map(|function| function.getattr(intern!(py, "__globals__")));
    let globals = globals.transpose()?;
    let globals = globals.as_ref();
    let name = code.getattr(intern!(py, "co_name"))?.cast_into::<PyString>()?;
    let name = name.to_string_lossy();
    let subject = || facts.subject(py, name.to_string());
    if !facts.is_function {
        return Err(SourceError::NoFunction(subject()).into());
    }
    let find = || indexed_file(code, globals, subject);
    let Some(file) = find()? else {
        return Err(SourceError::NotFound(subject()).into());
    };
    let is_refused = |file: &Arc<IndexedFile>| {
        let refused = facts.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.as_ptr() == Arc::as_ptr(file)
    };
    let mut search = Search::new(code, function, &name, facts, file)?;
    if !is_refused(&search.file)
        && let Some(source) = search.in_place()?
    {
        return Ok(source);
    }
    // linecache may hold the text of before an edit and a reload.
    check_for_change(code)?;
    if let Some(changed) = find()?
        && !Arc::ptr_eq(&search.file, &changed)
    {
        search.file = changed;
        if let Some(source) = search.in_place()? {
            return Ok(source);
        }
    }
    if !is_refused(&search.file)
        && let Some(source) = search.elsewhere()?
    {
        return Ok(source);
    }
    // Without its function's globals it is not known how its module was imported.
    if globals.is_some() {
        keep(&facts.refused, Arc::downgrade(&search.file));
    }
    Err(SourceError::Mismatch(subject()).into())
}

/// The free variables' names, sorted.
pub(super) fn free_names(facts: &Facts) -> Vec<&str> {
    facts.free.iter().map(|variable| variable.name.as_str()).collect()
}

/// A factory's text as records have it: a `str`, or deflated `bytes`.
pub(super) fn text_object<'py>(py: Python<'py>, factory: &Factory) -> Bound<'py, PyAny> {
    match deflated(&factory.text) {
        Some(deflated) => PyBytes::new(py, &deflated).into_any(),
        None => PyString::new(py, &factory.text).into_any(),
    }
}

/// A source record, as `sourcepickle.rebuild` specifies it, given the object of its text.
pub(super) fn new_record<'py>(
    text: &Bound<'py, PyAny>,
    factory: &Factory,
    facts: &Facts,
    free: &[&str],
    futures: &[&str],
) -> PyResult<Bound<'py, PyTuple>> {
    let py = text.py();
    let strings = |names: &[&str]| {
        let strings = names.iter().map(|name| private_string(py, name));
        PyTuple::new(py, strings.collect::<PyResult<Vec<_>>>()?)
    };
    let needs = match &factory.requirement {
        Some(Requirement { minor, construct, line, .. }) => {
            Some((minor, private_string(py, construct)?, line))
        }
        None => None,
    };
    let fields = (
        private_string(py, &factory.path)?,
        text,
        factory.first_line,
        &facts.filename,
        strings(free)?,
        strings(futures)?,
        needs,
    )
        .into_pyobject(py)?;
    let rebuild = interpreter(py)?.rebuild.module.bind(py);
    let checksum = rebuild.call_method1(intern!(py, "checksum"), (&fields,))?;
    let checksum = PyTuple::new(py, [checksum])?;
    fields.add(checksum)?.cast_into().map_err(PyErr::from)
}

/// What the receiver will make of a record; `None` if it does not compile or does not hold the function.
pub(super) fn compiled<'py>(record: &Bound<'py, PyTuple>) -> PyResult<Option<Bound<'py, PyAny>>> {
    compiled_at(record, -1)
}

/// What a receiver makes of it that optimises at a level, of which -1 is this interpreter's.
pub(super) fn compiled_at<'py>(
    record: &Bound<'py, PyTuple>,
    level: i32,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = record.py();
    let rebuild = interpreter(py)?.rebuild.module.bind(py);
    match rebuild.call_method1(intern!(py, "compile_record"), (record, PROOF, level)) {
        Ok(code) => Ok(Some(code)),
        Err(error)
            if error.is_instance_of::<SourceVersionError>(py)
                || error.is_instance_of::<SourceDamagedError>(py) =>
        {
            let is_of_the_stack = |cause: PyErr| cause.is_instance_of::<PyRecursionError>(py);
            if !error.cause(py).is_some_and(is_of_the_stack) {
                return Ok(None);
            }
            // Deep in a graph the stack may have no room for any text.
            let elsewhere = py.import("sourcepickle.proving")?;
            let code = elsewhere.call_method1("compile_in_a_thread", (record, PROOF, level))?;
            Ok(Some(code).filter(|code| !code.is_none()))
        }
        Err(error) => Err(error),
    }
}

/// The names, sorted, of the `__future__` features that a code object was compiled with.
pub(super) fn futures<'py>(code: &Bound<'py, PyAny>) -> PyResult<Vec<&'py str>> {
    let py = code.py();
    let flags: u32 = code.getattr(intern!(py, "co_flags"))?.extract()?;
    let in_force = interpreter(py)?.futures.iter().filter(|(_, flag)| flags & flag != 0);
    Ok(in_force.map(|(name, _)| name.as_str()).collect())
}
