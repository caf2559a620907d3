//! The text of one function, as it would travel.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::attached::attached_source;
use super::facts::facts_of;
use super::record::{PATH, code_source};
use crate::error::SourceError;
use crate::interpreter::interpreter;
use crate::syntax::Index;

/// Returns the exact text of a function, a method's function or a code object.
#[pyfunction]
#[pyo3(signature = (func, /))]
pub fn getsource(func: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = func.py();
    let interpreter = interpreter(py)?;
    let mut object = func.clone();
    while object.get_type().is(interpreter.method_type.bind(py)) {
        object = object.getattr(intern!(py, "__func__"))?;
    }
    let (source, facts) = if object.get_type().is(interpreter.function_type.bind(py)) {
        let code = object.getattr(intern!(py, "__code__"))?;
        let facts = facts_of(&code)?;
        let own = object.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
        if attached_source(&object, &own, &code, &facts)?.is_some() {
            return object.getattr(intern!(py, "__source__"))?.extract();
        }
        (code_source(&code, Some(&object), &facts)?, facts)
    } else if object.get_type().is(interpreter.code_type.bind(py)) {
        let facts = facts_of(&object)?;
        (code_source(&object, None, &facts)?, facts)
    } else {
        return Err(PyTypeError::new_err(format!(
            "getsource takes a function, a method or a code object, not {}",
            object.get_type().fully_qualified_name()?
        )));
    };
    let record = source.record.bind(py);
    let path: String = record.get_item(PATH)?.extract()?;
    let name = source.qualname.bind(py);
    let text =
        interpreter.rebuild.module.bind(py).call_method1(intern!(py, "text_of"), (record,))?;
    let text = text.cast_into::<PyString>()?;
    let refuse = |reason: String| SourceError::NotIndexed {
        subject: facts.subject(py, name.to_string()),
        reason,
    };
    let index = Index::new(&text.to_cow()?, 1).map_err(|error| refuse(error.to_string()))?;
    let entry = index
        .at_path(&path)
        .ok_or_else(|| refuse("its factory source does not hold it".to_owned()))?;
    Ok(index.text_of(entry))
}
