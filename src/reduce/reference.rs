//! What travels by reference: its import, and what can be told without looking inside an object.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString, PyTuple, PyType};

use super::public_home::public_home;
use super::rule::ReferenceRule;
use crate::interpreter::interpreter;

/// Reduces what travels by reference to its import from where every version has it; `None` for
/// pickle's own way.
pub fn reduce_reference<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = object.py();
    match public_home(object)? {
        Some(home) => Ok(Some((&interpreter(py)?.getattr, home).into_pyobject(py)?)),
        None => Ok(None),
    }
}

/// True for what holds no object that travels by value: a constant, or what is imported.
pub fn is_plain(rule: &ReferenceRule, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = value.py();
    if let Ok(values) = value.cast_exact::<PyTuple>() {
        for value in values {
            if !is_constant(&value) {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    let interpreter = interpreter(py)?;
    if is_constant(value) {
        return Ok(true);
    }
    if value.get_type().is(&interpreter.function_type)
        || value.cast::<PyType>().is_ok()
        || interpreter.is_module(value)?
    {
        return rule.is_by_reference(value);
    }
    Ok(false)
}

fn is_constant(value: &Bound<'_, PyAny>) -> bool {
    value.is_none()
        || value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_exact_instance_of::<PyBytes>()
}

/// The function that an attribute of a class is or wraps; `None` for an attribute without one.
pub fn function_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = value.py();
    let interpreter = interpreter(py)?;
    let kind = value.get_type();
    if kind.is(&interpreter.function_type) {
        return Ok(Some(value.clone()));
    }
    // Asked by its type, for any other object may do what it likes when it is asked for __func__.
    let mut is_wrapper = kind.is(&interpreter.method_type);
    for wrapper in [&interpreter.class_method, &interpreter.static_method] {
        is_wrapper = is_wrapper || kind.is_subclass(wrapper.bind(py))?;
    }
    if !is_wrapper {
        return Ok(None);
    }
    let inner = value.getattr(intern!(py, "__func__"))?;
    Ok(if inner.get_type().is(&interpreter.function_type) { Some(inner) } else { None })
}
