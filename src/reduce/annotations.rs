//! The annotations of functions and classes, on every version.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyType};

use super::reducer::Reducer;
use super::typing_constructs::construct;
use crate::interpreter::interpreter;

/// Returns a function's annotations as they travel, `None` where it has none.
pub fn annotations_of_function<'py>(
    reducer: &Reducer,
    function: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    travelling(reducer, evaluated(function)?)
}

/// Returns a class's own annotations as they travel, `None` where it has none.
pub fn annotations_of_class<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
    own: &Bound<'py, PyDict>,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let py = class.py();
    if interpreter(py)?.minor >= 14 {
        return travelling(reducer, evaluated(class)?);
    }
    // Before 3.10 a class without shows those of its bases.
    match own.get_item(intern!(py, "__annotations__"))? {
        Some(annotations) => travelling(reducer, annotations),
        None => Ok(None),
    }
}

/// Returns a module's annotations as they travel, `None` where it has none.
pub fn annotations_of_module<'py>(
    reducer: &Reducer,
    module: &Bound<'py, PyModule>,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let py = module.py();
    let own = module.dict();
    // Asked for them, a module that has none gets some.
    let names = [intern!(py, "__annotations__"), intern!(py, "__annotate__")];
    for name in names {
        if own.contains(name)? {
            return travelling(reducer, evaluated(module)?);
        }
    }
    Ok(None)
}

/// From 3.14 on annotations are evaluated when they are read (PEP 649); those that cannot be become
/// their source strings.
fn evaluated<'py>(owner: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = owner.py();
    let evaluated = owner.getattr(intern!(py, "__annotations__"));
    if evaluated.is_ok() || interpreter(py)?.minor < 14 {
        return evaluated;
    }
    let library = py.import("annotationlib")?;
    let formats = library.getattr("Format")?;
    let in_format = |format: &str| -> PyResult<Bound<'py, PyDict>> {
        let options = PyDict::new(py);
        options.set_item("format", formats.getattr(format)?)?;
        let found = library.call_method("get_annotations", (owner,), Some(&options))?;
        Ok(found.cast_into()?)
    };
    let strings = in_format("STRING")?;
    let Ok(values) = in_format("FORWARDREF") else {
        // What raised was no missing name.
        return Ok(strings.into_any());
    };
    for (name, string) in &strings {
        if let Some(value) = values.get_item(&name)?
            && value.repr()?.to_string_lossy().contains("ForwardRef(")
        {
            values.set_item(name, string)?;
        }
    }
    Ok(values.into_any())
}

fn travelling<'py>(
    reducer: &Reducer,
    annotations: Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let annotations = annotations.cast_into::<PyDict>()?;
    if annotations.is_empty() {
        return Ok(None);
    }
    let travelling = PyDict::new(annotations.py());
    for (name, annotation) in &annotations {
        travelling.set_item(name, construct(reducer, &annotation)?)?;
    }
    Ok(Some(travelling))
}
