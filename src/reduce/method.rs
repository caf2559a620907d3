//! The reduce value of a bound method.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use super::reducer::Reducer;
use crate::capture::private_copy;
use crate::interpreter::interpreter;

/// Reduces a class method of a class that travels by reference to its place there, and any other
/// method to its function and what it is bound to.
pub fn reduce_method<'py>(
    reducer: &Reducer,
    method: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = method.py();
    let interpreter = interpreter(py)?;
    let function = method.getattr(intern!(py, "__func__"))?;
    let owner = method.getattr(intern!(py, "__self__"))?;
    if owner.is_instance_of::<PyType>()
        && let Some(name) = function.getattr_opt(intern!(py, "__name__"))?
        && reducer.is_by_reference(&owner)?
        && let Ok(found) = owner.getattr(name.str()?)
        && found.get_type().is(&interpreter.method_type)
        && found.getattr(intern!(py, "__func__"))?.is(&function)
    {
        let name = private_copy(&name.str()?)?;
        return (&interpreter.getattr, (owner, name)).into_pyobject(py);
    }
    (&interpreter.rebuild.method, (function, owner)).into_pyobject(py)
}
