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
            names.set_item(private_copy(name)?, private_value(value)?)?;
        }
    }
    Ok(names)
}

/// Returns the same as a function's payload has it (`_function` in `sourcepickle.rebuild`): without
/// a package that follows from the rest and a file that is the function's, and with an empty tuple
/// for either where there is none; and whether the file was left out.
pub fn names_that_do_not_follow<'py>(
    globals: &Bound<'py, PyDict>,
    facts: &Facts,
) -> PyResult<(Bound<'py, PyDict>, bool)> {
    let py = globals.py();
    let (package, file) = (intern!(py, "__package__"), intern!(py, "__file__"));
    let names = module_names(globals)?;
    let nothing = PyTuple::empty(py);
    match names.get_item(package)? {
        Some(own) if is_package_that_follows(&own, &names)? => names.del_item(package)?,
        Some(_) => {}
        None => names.set_item(private_copy(package)?, &nothing)?,
    }
    let mut is_left_out = false;
    match names.get_item(file)? {
        Some(own) => {
            is_left_out = own.is_exact_instance_of::<PyString>() && own.eq(&facts.filename)?;
            if is_left_out {
                names.del_item(file)?;
            }
        }
        None => names.set_item(private_copy(file)?, &nothing)?,
    }
    Ok((names, is_left_out))
}

/// True for the package of a script or of a module in a package, as its name has it.
fn is_package_that_follows(
    package: &Bound<'_, PyAny>,
    names: &Bound<'_, PyDict>,
) -> PyResult<bool> {
    let py = package.py();
    let name = names.get_item(intern!(py, "__name__"))?;
    let Some(name) = name.and_then(|name| name.cast_into_exact::<PyString>().ok()) else {
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
