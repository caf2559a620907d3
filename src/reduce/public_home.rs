//! Where to import what the standard library moved: each version says where it keeps an object,
//! and all have it under its public name.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyModule, PyString};

/// Modules in which some version keeps what others have elsewhere, with the public one.
const MOVED: [(&str, &str); 14] = [
    ("_asyncio", "asyncio"),
    ("_ctypes", "ctypes"),
    ("_py_warnings", "warnings"),
    ("annotationlib", "inspect"),
    ("genericpath", "os.path"),
    ("importlib._common", "importlib.resources"),
    ("importlib.resources._common", "importlib.resources"),
    ("importlib.resources._functional", "importlib.resources"),
    ("importlib.resources._legacy", "importlib.resources"),
    ("math.integer", "math"),
    ("pathlib._abc", "pathlib"),
    ("pathlib._local", "pathlib"),
    ("profiling.tracing", "cProfile"),
    ("zipfile._path", "zipfile"),
];

/// New names of what older versions have under another in the same module.
const RENAMED: [(&str, &str, &str); 5] = [
    ("enum", "EnumType", "EnumMeta"),
    ("posix", "_path_normpath", "normpath"),
    ("posix", "_path_splitroot_ex", "splitroot"),
    ("re", "PatternError", "error"),
    ("re", "prefixmatch", "match"),
];

/// The module and the name that every version has for a function or class; `None` where those that
/// it has itself will do.
pub fn public_home<'py>(
    object: &Bound<'py, PyAny>,
) -> PyResult<Option<(Bound<'py, PyModule>, Bound<'py, PyString>)>> {
    let py = object.py();
    let Some(module) = object.getattr_opt(intern!(py, "__module__"))? else {
        return Ok(None);
    };
    let Ok(module) = module.cast::<PyString>() else {
        return Ok(None);
    };
    let module = module.to_string_lossy();
    let moved = MOVED.iter().find(|(home, _)| *home == module).map(|(_, public)| *public);
    if moved.is_none() && !RENAMED.iter().any(|(home, _, _)| *home == module) {
        return Ok(None);
    }
    let qualname = object.getattr(intern!(py, "__qualname__"))?.cast_into::<PyString>()?;
    let (public, name) = match moved {
        Some(public) => (public, qualname),
        None => {
            let new = qualname.to_string_lossy();
            let Some((_, _, old)) =
                RENAMED.iter().find(|(home, name, _)| *home == module && *name == new)
            else {
                return Ok(None);
            };
            (if module == "posix" { "os.path" } else { module.as_ref() }, PyString::new(py, old))
        }
    };
    let public = py.import(public)?;
    match public.getattr_opt(&name)? {
        Some(found) if found.is(object) => Ok(Some((public, name))),
        _ => Ok(None),
    }
}
