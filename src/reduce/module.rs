//! The reduce value of a module.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::reference::is_registered_by_value;
use crate::interpreter::interpreter;

/// Reduces a module to its import, or to its contents where no import finds it (`_module_reduce`
/// in cloudpickle).
pub fn reduce_module<'py>(module: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let py = module.py();
    let interpreter = interpreter(py)?;
    let rebuild = &interpreter.rebuild;
    let name = module.getattr(intern!(py, "__name__"))?;
    let importable = interpreter.sys_modules.bind(py).contains(&name)?;
    if importable && !is_registered_by_value(module)? {
        return (&rebuild.import_module, (name,)).into_pyobject(py);
    }
    let contents = module.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?.copy()?;
    // The receiver has its own, and what others put here may not pickle.
    if contents.contains(intern!(py, "__builtins__"))? {
        contents.del_item(intern!(py, "__builtins__"))?;
    }
    let none = py.None();
    (&rebuild.new_module, (name,), contents, &none, &none, &rebuild.fill_module).into_pyobject(py)
}
