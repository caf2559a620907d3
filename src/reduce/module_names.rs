//! What globals say of the module that they are of.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::capture::{Facts, MODULE_NAMES, private_copy, private_value};

/// Returns `__package__`, `__name__`, `__path__` and `__file__`, as far as they are there.
pub fn module_names<'py>(globals: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
    let py = globals.py();
    let names = PyDict::new(py);
    for name in MODULE_NAMES {
        let name = PyString::intern(py, name);
        if let Some(value) = globals.get_item(&name)? {
            names.set_item(private_copy(&name)?, private_value(value)?)?;
        }
    }
    Ok(names)
}

/// Returns the same as a function's payload has it (`complete` in `sourcepickle.rebuild`): without
/// a package that follows from the rest and a file that is the function's, and with an empty tuple
/// for either where there is none; and whether the file was left out.
pub fn names_that_do_not_follow<'py>(
    globals: &Bound<'py, PyDict>,
    facts: &Facts,
) -> PyResult<(Bound<'py, PyDict>, bool)> {
    let py = globals.py();
    let names = PyDict::new(py);
    let put = |name: &Bound<'py, PyString>, value: Option<Bound<'py, PyAny>>| {
        let value = value.unwrap_or_else(|| PyTuple::empty(py).into_any());
        names.set_item(private_copy(name)?, private_value(value)?)
    };
    let name = globals.get_item(intern!(py, "__name__"))?;
    let package = globals.get_item(intern!(py, "__package__"))?;
    let follows = match (&package, &name) {
        (Some(package), Some(name)) => is_package_that_follows(package, name)?,
        _ => false,
    };
    if !follows {
        put(intern!(py, "__package__"), package)?;
    }
    if name.is_some() {
        put(intern!(py, "__name__"), name)?;
    }
    if let Some(path) = globals.get_item(intern!(py, "__path__"))? {
        put(intern!(py, "__path__"), Some(path))?;
    }
    let file = globals.get_item(intern!(py, "__file__"))?;
    let is_left_out = match &file {
        Some(own) => own.is_exact_instance_of::<PyString>() && own.eq(&facts.filename)?,
        None => false,
    };
    if !is_left_out {
        put(intern!(py, "__file__"), file)?;
    }
    Ok((names, is_left_out))
}

/// True for the package of a script or of a module in a package, as its name has it.
fn is_package_that_follows(package: &Bound<'_, PyAny>, name: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = package.py();
    let Ok(name) = name.cast_exact::<PyString>() else {
        return Ok(false);
    };
    if name.as_any().eq(intern!(py, "__main__"))? {
        return Ok(package.is_none());
    }
    if !package.is_exact_instance_of::<PyString>() {
        return Ok(false);
    }
    let parts = name.call_method1(intern!(py, "rpartition"), (intern!(py, "."),))?;
    parts.get_item(0)?.eq(package)
}
