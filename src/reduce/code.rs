//! The reduce value of a code object.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::call::Call;
use super::function::source_or_bytecode;
use super::reducer::Reducer;
use crate::capture::{Facts, Source, bytecode_record, code_source, facts_of};
use crate::interpreter::interpreter;

/// Reduces a code object to what gives it back from its source.
pub fn reduce_code<'py>(
    reducer: &Reducer,
    code: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = code.py();
    let facts = facts_of(code)?;
    let found = code_source(code, None, &facts);
    let name = || code.getattr(intern!(py, "co_name"));
    match source_or_bytecode(reducer, found, &facts, name, &PyDict::new(py))? {
        Some(source) => call_for_code(&source, &facts, py)?.into_pyobject(py),
        None => {
            let make = &interpreter(py)?.rebuild.bytecode_code;
            (make, (bytecode_record(code, &facts)?,)).into_pyobject(py)
        }
    }
}

/// What to call, and with what, to have the code object of a source under the names it has now.
pub fn call_for_code<'py>(
    source: &Source,
    facts: &Facts,
    py: Python<'py>,
) -> PyResult<(&'py Py<PyAny>, Bound<'py, PyTuple>)> {
    let rebuild = &interpreter(py)?.rebuild;
    let iterable = facts.is_iterable_coroutine;
    let make = if iterable { &rebuild.iterable_code } else { &rebuild.code };
    let arguments = (&source.record,).into_pyobject(py)?;
    let Some(given) = &source.given else {
        return Ok((make, arguments));
    };
    let named_by_text = Call::new(make, arguments)?;
    let arguments = (named_by_text, &given.name, &given.qualname).into_pyobject(py)?;
    Ok((&rebuild.renamed, arguments))
}
