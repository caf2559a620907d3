//! The reduce value of a module.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyTuple};

use super::annotations::annotations_of_module;
use super::importable::import_name;
use super::namespace::empty_module;
use super::reducer::Reducer;
use super::sets::in_order;
use crate::capture::private_value;
use crate::interpreter::interpreter;

/// What the receiver makes itself, or has no use for.
const LEFT_OUT: [&str; 8] = [
    "__annotate__",
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__conditional_annotations__",
    "__loader__",
    "__spec__",
    "__warningregistry__",
];

/// Reduces a module to its import, or to its contents where it travels by value (`_module_reduce`
/// in cloudpickle).
pub fn reduce_module<'py>(
    reducer: &Reducer,
    module: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = module.py();
    let interpreter = interpreter(py)?;
    let rebuild = &interpreter.rebuild;
    if reducer.is_by_reference(module)? {
        let name = match import_name(module)? {
            Some(name) => name,
            None => module.getattr(intern!(py, "__name__"))?.extract()?,
        };
        reducer.check_library(py, &name, None)?;
        return (&rebuild.import_module, (name,)).into_pyobject(py);
    }
    let module = module.cast::<PyModule>()?;
    let empty = empty_module(reducer, module)?;
    let contents = PyDict::new(py);
    for (name, value) in module.dict() {
        if LEFT_OUT.iter().any(|left_out| name.eq(left_out).unwrap_or(false)) {
            continue;
        }
        contents.set_item(private_value(name)?, in_order(reducer, value)?)?;
    }
    let own_class = Some(module.get_type()).filter(|class| !class.is(&interpreter.module_type));
    let state = (contents, annotations_of_module(reducer, module)?, own_class);
    let none = py.None();
    (&rebuild.same_module, (empty,), state, &none, &none, &rebuild.fill_module).into_pyobject(py)
}
