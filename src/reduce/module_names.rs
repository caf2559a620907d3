//! What globals say of the module that they are of.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::capture::{Facts, private_copy, private_value};

/// Returns `__package__`, `__name__`, `__path__` and `__file__`, as far as they are there.
pub fn module_names<'py>(globals: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
    let py = globals.py();
    let names = PyDict::new(py);
    let all = [
        intern!(py, "__package__"),
        intern!(py, "__name__"),
        intern!(py, "__path__"),
        intern!(py, "__file__"),
    ];
    for name in all {
        if let Some(value) = globals.get_item(name)? {
            put(&names, name, value)?;
        }
    }
    Ok(names)
}

/// Returns the same without a package and a file that the receiver finds itself
/// (`_function` in `sourcepickle.rebuild`): those that follow from the rest and from the function.
pub fn names_that_do_not_follow<'py>(
    globals: &Bound<'py, PyDict>,
    facts: &Facts,
) -> PyResult<Bound<'py, PyDict>> {
    let py = globals.py();
    let name = globals.get_item(intern!(py, "__name__"))?;
    let path = globals.get_item(intern!(py, "__path__"))?;
    let package_name = intern!(py, "__package__");
    let package = globals.get_item(package_name)?;
    let Some(name) = name.and_then(|name| name.cast_into::<PyString>().ok()) else {
        // Without a name nothing follows.
        let names = module_names(globals)?;
        if package.is_none() {
            names.set_item(private_copy(package_name)?, py.None())?;
        }
        return Ok(names);
    };
    if let Some(package) = package
        && !is_package_of(&package, &name, path.is_some())?
    {
        return module_names(globals);
    }
    let names = PyDict::new(py);
    put(&names, intern!(py, "__name__"), name.into_any())?;
    if let Some(path) = path {
        put(&names, intern!(py, "__path__"), path)?;
    }
    let file = intern!(py, "__file__");
    match globals.get_item(file)? {
        Some(own) if own.eq(&facts.filename)? => {}
        Some(own) => put(&names, file, own)?,
        None => put(&names, file, PyTuple::empty(py).into_any())?,
    }
    Ok(names)
}

fn is_package_of(
    package: &Bound<'_, PyAny>,
    name: &Bound<'_, PyString>,
    is_package: bool,
) -> PyResult<bool> {
    let py = package.py();
    if name.as_any().eq(intern!(py, "__main__"))? {
        return Ok(package.is_none());
    }
    if !package.is_exact_instance_of::<PyString>() {
        return Ok(false);
    }
    if is_package {
        return package.eq(name);
    }
    let parts = name.call_method1(intern!(py, "rpartition"), (intern!(py, "."),))?;
    parts.get_item(0)?.eq(package)
}

fn put<'py>(
    names: &Bound<'py, PyDict>,
    name: &Bound<'py, PyString>,
    value: Bound<'py, PyAny>,
) -> PyResult<()> {
    names.set_item(private_copy(name)?, private_value(value)?)
}
