//! A code object and all inside it.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::interpreter::interpreter;

/// Returns a code object and all inside it at any depth, itself first. No recursion: code nests as
/// deep as CPython's compiler goes.
pub fn with_nested<'py>(code: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let py = code.py();
    let code_type = interpreter(py)?.code_type.bind(py);
    let mut found = vec![code.clone()];
    let mut at = 0;
    while let Some(outer) = found.get(at) {
        let consts = outer.getattr(intern!(py, "co_consts"))?.cast_into::<PyTuple>()?;
        found.extend(consts.iter().filter(|constant| constant.get_type().is(code_type)));
        at += 1;
    }
    Ok(found)
}
