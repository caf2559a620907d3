//! By reference or by value: cloudpickle's rule, for functions, classes and modules.

use pyo3::exceptions::PyAttributeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PySet, PyString, PyTuple, PyType};

use super::public_home::public_home;
use crate::interpreter::interpreter;

/// True for a function or class that an importable module, not registered by value, holds under its own
/// name (`_should_pickle_by_reference` in cloudpickle).
pub fn travels_by_reference(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = object.py();
    let Some(module) = object.getattr_opt(intern!(py, "__module__"))? else {
        return Ok(false);
    };
    let Ok(module) = module.cast_into::<PyString>() else {
        return Ok(false);
    };
    if module.to_string_lossy() == "__main__" {
        return Ok(false);
    }
    let Some(home) = interpreter(py)?.sys_modules.bind(py).get_item(&module)? else {
        return Ok(false);
    };
    let Some(qualname) = object.getattr_opt(intern!(py, "__qualname__"))? else {
        return Ok(false);
    };
    let qualname = qualname.cast_into::<PyString>()?;
    let mut found = home.clone();
    for name in qualname.to_string_lossy().split('.') {
        found = match found.getattr(name) {
            Ok(found) => found,
            Err(error) if error.is_instance_of::<PyAttributeError>(py) => return Ok(false),
            Err(error) => return Err(error),
        };
    }
    Ok(found.is(object) && !is_registered_by_value(&home)?)
}

/// Reduces what travels by reference to its import from where every version has it; `None` for
/// pickle's own way.
pub fn reduce_reference<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = object.py();
    match public_home(object)? {
        Some(home) => Ok(Some((&interpreter(py)?.getattr, home).into_pyobject(py)?)),
        None => Ok(None),
    }
}

/// True where `register_pickle_by_value` was called for the module or a package above it.
pub fn is_registered_by_value(module: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = module.py();
    let registered = interpreter(py)?.registered_by_value.bind(py).call0()?.cast_into::<PySet>()?;
    if registered.is_empty() {
        return Ok(false);
    }
    let name = module.getattr(intern!(py, "__name__"))?.cast_into::<PyString>()?;
    let name = name.to_string_lossy();
    let mut package = Some(name.as_ref());
    while let Some(name) = package {
        if registered.contains(name)? {
            return Ok(true);
        }
        package = name.rsplit_once('.').map(|(package, _)| package);
    }
    Ok(false)
}

/// True for what holds no object that travels by value: a constant, or what is imported.
pub fn is_plain(value: &Bound<'_, PyAny>) -> PyResult<bool> {
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
    if value.get_type().is(&interpreter.function_type) || value.cast::<PyType>().is_ok() {
        return travels_by_reference(value);
    }
    if interpreter.is_module(value)? {
        let name = value.getattr(intern!(py, "__name__"))?;
        let found = interpreter.sys_modules.bind(py).get_item(name)?;
        return Ok(found.is_some_and(|found| found.is(value)) && !is_registered_by_value(value)?);
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
