//! What travels by reference: its import, and what can be told without looking inside an object.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString, PyTuple, PyType};

use super::importable::module_name;
use super::public_home::public_home;
use super::rule::ReferenceRule;
use crate::capture::private_string;
use crate::interpreter::interpreter;
use crate::library::{is_standard, top_level};

/// Reduces what travels by reference to its public name, or a class of the standard library to its
/// name; `None` for pickle's own way.
///
/// That writes the module's name anew or not as versions share the string between classes, which
/// those do that C code made.
pub fn reduce_reference<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = object.py();
    let named = |module: &str, name: &str| {
        let place = (private_string(py, module)?, private_string(py, name)?);
        (&interpreter(py)?.rebuild.named, place).into_pyobject(py).map(Some)
    };
    if let Some((module, name)) = public_home(object)? {
        return named(&module.name()?.to_string_lossy(), &name.to_string_lossy());
    }
    let Ok(class) = object.cast::<PyType>() else {
        return Ok(None);
    };
    let Some(module) = module_name(object)? else {
        return Ok(None);
    };
    let module = module.to_string_lossy();
    if module == "builtins" || !is_standard(top_level(&module)) {
        return Ok(None);
    }
    named(&module, &class.qualname()?.to_string_lossy())
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
        || value.is_instance_of::<PyModule>()
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
