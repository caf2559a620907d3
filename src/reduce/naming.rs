//! How an object is called in an error message.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyModule;

use super::importable::module_name;

/// An object with its module, for an error message.
pub fn named(object: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = object.py();
    if object.is_instance_of::<PyModule>() {
        return Ok(format!("the module {}", object.getattr(intern!(py, "__name__"))?));
    }
    let module = module_name(object)?
        .map_or("no module".to_owned(), |name| name.to_string_lossy().into_owned());
    let name = match object.getattr_opt(intern!(py, "__qualname__"))? {
        Some(name) => name.str()?.to_string_lossy().into_owned(),
        None => shown(object),
    };
    let Some(code) = object.getattr_opt(intern!(py, "__code__"))? else {
        return Ok(format!("{name} of {module}"));
    };
    let file = code.getattr(intern!(py, "co_filename"))?;
    let line = code.getattr(intern!(py, "co_firstlineno"))?;
    Ok(format!("{name} of {module} ({file}:{line})"))
}

/// An object in an error message, whatever its `__repr__` does.
pub fn shown(object: &Bound<'_, PyAny>) -> String {
    match object.repr() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => format!("an instance of {}", object.get_type()),
    }
}
