//! The modules that a function finds only when it runs: they travel with it, to be imported or made
//! before that.

use std::collections::BTreeSet;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyString};

use super::function::put;
use super::reducer::Reducer;
use crate::capture::{Names, private_string};
use crate::interpreter::interpreter;
use crate::library::top_level;
use crate::syntax::Import;

/// Adds to the modules that a function imports the imported submodules that it reaches as
/// attributes of a package among the values that it reads, such as `concurrent.futures` by way of
/// `concurrent`.
pub fn with_submodules<'py>(
    imported: Option<Bound<'py, PyDict>>,
    names: &Names,
    values: [&Option<Bound<'py, PyDict>>; 2],
    py: Python<'py>,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let mut packages = Vec::new();
    for (_, value) in values.into_iter().flatten().flatten() {
        // In its dictionary, for a module's __getattr__ (PEP 562) may do anything.
        if let Ok(module) = value.cast::<PyModule>()
            && module.dict().contains(intern!(py, "__path__"))?
        {
            packages.push(module.getattr(intern!(py, "__name__"))?.extract::<String>()?);
        }
    }
    if packages.is_empty() {
        return Ok(imported);
    }
    let modules = interpreter(py)?.sys_modules.bind(py);
    let mut found = imported;
    let mut submodules = BTreeSet::new();
    while let Some(package) = packages.pop() {
        for name in &names.all {
            let submodule = format!("{package}.{name}");
            if modules.contains(&submodule)? && submodules.insert(submodule.clone()) {
                packages.push(submodule);
            }
        }
    }
    for name in &submodules {
        if let Some(module) = modules.get_item(name)? {
            put(py, &mut found, private_string(py, name)?, module)?;
        }
    }
    Ok(found)
}

/// The modules by value that import statements of a function name: no import of the receiver would
/// find them.
pub fn imported<'py>(
    reducer: &Reducer,
    imports: &[Import],
    globals: &Bound<'py, PyDict>,
    brought: Option<&Bound<'py, PyDict>>,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let py = globals.py();
    let interpreter = interpreter(py)?;
    let mut found = None;
    let mut names = BTreeSet::new();
    for import in imports {
        let Some(module) = absolute(globals, import)? else {
            continue;
        };
        match &import.name {
            Some(name) => names.insert(format!("{module}.{name}")),
            // The statement binds the package.
            None => names.insert(top_level(&module).to_owned()),
        };
        names.insert(module);
    }
    for name in names {
        let module = match brought.map(|brought| brought.get_item(&name)).transpose()? {
            Some(Some(module)) => Some(module),
            _ => interpreter.sys_modules.bind(py).get_item(&name)?,
        };
        if let Some(module) = module
            && module.is_instance_of::<PyModule>()
            && !reducer.is_by_reference(&module)?
        {
            put(py, &mut found, private_string(py, &name)?, module)?;
        }
    }
    Ok(found)
}

/// The modules that came by value with the functions of these globals, for their import statements.
pub fn brought_modules<'py>(globals: &Bound<'py, PyDict>) -> PyResult<Option<Bound<'py, PyDict>>> {
    let py = globals.py();
    let interpreter = interpreter(py)?;
    let Some(builtins) = globals.get_item(intern!(py, "__builtins__"))? else {
        return Ok(None);
    };
    if builtins.is(&interpreter.builtins) {
        return Ok(None);
    }
    let Ok(builtins) = builtins.cast_into::<PyDict>() else {
        return Ok(None);
    };
    match builtins.get_item(intern!(py, "__import__"))? {
        Some(importer) if importer.get_type().is(&interpreter.rebuild.importer) => {
            Ok(Some(importer.getattr(intern!(py, "modules"))?.cast_into()?))
        }
        _ => Ok(None),
    }
}

/// The full name of the module that a statement imports (`importlib.util.resolve_name`); `None`
/// where it leads out of its package.
fn absolute(globals: &Bound<'_, PyDict>, import: &Import) -> PyResult<Option<String>> {
    let py = globals.py();
    if import.level == 0 {
        return Ok(Some(import.module.to_string()));
    }
    let text = |name: &Bound<'_, PyString>| -> PyResult<Option<String>> {
        let value = globals.get_item(name)?;
        Ok(value.and_then(|value| value.extract::<String>().ok()))
    };
    let package = match text(intern!(py, "__package__"))? {
        Some(package) => package,
        None => {
            let name = text(intern!(py, "__name__"))?.unwrap_or_default();
            if globals.contains(intern!(py, "__path__"))? {
                name
            } else {
                name.rsplit_once('.').map(|(package, _)| package.to_owned()).unwrap_or_default()
            }
        }
    };
    let mut base = package.as_str();
    for _ in 1..import.level {
        let Some((outer, _)) = base.rsplit_once('.') else {
            return Ok(None);
        };
        base = outer;
    }
    Ok(match (base, &*import.module) {
        ("", _) => None,
        (base, "") => Some(base.to_owned()),
        (base, module) => Some(format!("{base}.{module}")),
    })
}
