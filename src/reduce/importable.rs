//! Whether an import gives an object back.

use pyo3::exceptions::PyAttributeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyModule, PyString};

use crate::interpreter::interpreter;

/// The module that holds a function or class under its own name; `None` where none does, and for
/// `__main__`, which on the receiver is another (`_lookup_module_and_qualname` in cloudpickle).
pub fn home_of<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = object.py();
    let Some(module) = module_name(object)? else {
        return Ok(None);
    };
    if module.as_any().eq(intern!(py, "__main__"))? {
        return Ok(None);
    }
    let Some(home) = interpreter(py)?.sys_modules.bind(py).get_item(&module)? else {
        return Ok(None);
    };
    let Some(qualname) = object.getattr_opt(intern!(py, "__qualname__"))? else {
        return Ok(None);
    };
    let Ok(qualname) = qualname.cast_into::<PyString>() else {
        return Ok(None);
    };
    let names = qualname.call_method1(intern!(py, "split"), (intern!(py, "."),))?;
    let mut found = home.clone();
    for name in names.cast_into::<PyList>()? {
        found = match found.getattr(name.cast::<PyString>()?) {
            Ok(found) => found,
            Err(error) if error.is_instance_of::<PyAttributeError>(py) => return Ok(None),
            Err(error) => return Err(error),
        };
    }
    Ok(if found.is(object) { Some(home) } else { None })
}

/// The name of the module that an object says it is of; `None` for one that says nothing.
pub fn module_name<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyString>>> {
    let module = object.getattr_opt(intern!(object.py(), "__module__"))?;
    Ok(module.and_then(|module| module.cast_into::<PyString>().ok()))
}

/// The name under which an import gives a module: its own, or that of its file, for `_io` calls
/// itself `io`. `None` where there is no such, and for `__main__`.
pub fn import_name(module: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let py = module.py();
    let own = module.cast::<PyModule>()?.dict();
    let mut names = Vec::new();
    names.extend(own.get_item(intern!(py, "__name__"))?);
    if let Some(spec) = own.get_item(intern!(py, "__spec__"))? {
        names.extend(spec.getattr_opt(intern!(py, "name"))?);
    }
    for name in names {
        let Ok(name) = name.cast_into::<PyString>() else {
            continue;
        };
        let found = interpreter(py)?.sys_modules.bind(py).get_item(&name)?;
        if name.as_any().ne("__main__")? && found.is_some_and(|found| found.is(module)) {
            return Ok(Some(name.to_string_lossy().into_owned()));
        }
    }
    Ok(None)
}

/// True for a module that is built in or that C code made: it has no contents to send.
pub fn is_extension(module: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = module.py();
    let own = module.cast::<PyModule>()?.dict();
    let file = match own.get_item(intern!(py, "__file__"))? {
        Some(file) if file.is_instance_of::<PyString>() => file.extract::<String>()?,
        _ => {
            let name = module.getattr(intern!(py, "__name__"))?;
            return py.import("sys")?.getattr("builtin_module_names")?.contains(name);
        }
    };
    let suffixes = py.import("importlib.machinery")?.getattr("EXTENSION_SUFFIXES")?;
    for suffix in suffixes.try_iter()? {
        if file.ends_with(suffix?.cast::<PyString>()?.to_string_lossy().as_ref()) {
            return Ok(true);
        }
    }
    Ok(false)
}
