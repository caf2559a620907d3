//! The annotations of a function, on every version.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Returns a function's annotations, `None` where it has none. From 3.14 on they are evaluated when
/// they are read (PEP 649); where that fails they become their source strings.
pub fn annotations<'py>(function: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = function.py();
    let annotations = match function.getattr(intern!(py, "__annotations__")) {
        Ok(annotations) => annotations,
        Err(_) if py.version_info() >= (3, 14) => {
            let library = py.import("annotationlib")?;
            let options = PyDict::new(py);
            options.set_item("format", library.getattr("Format")?.getattr("STRING")?)?;
            library.call_method("get_annotations", (function,), Some(&options))?
        }
        Err(error) => return Err(error),
    };
    Ok(if annotations.is_truthy()? { Some(annotations) } else { None })
}
