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

/// Names that some version has and others do not, with the public module and the name there.
const RENAMED: [(&str, &str, &str, &str); 7] = [
    ("_thread", "allocate_lock", "threading", "Lock"),
    ("_thread", "lock", "threading", "Lock"),
    ("enum", "EnumType", "enum", "EnumMeta"),
    ("posix", "_path_normpath", "os.path", "normpath"),
    ("posix", "_path_splitroot_ex", "os.path", "splitroot"),
    ("re", "PatternError", "re", "error"),
    ("re", "prefixmatch", "re", "match"),
];

/// What another version moved or renamed, in the modules that have it here, with the public one:
/// for every version to write the same bytes.
const MOVED_ELSEWHERE: [(&str, &str, &[&str]); 17] = [
    ("_decimal", "decimal", &["getcontext", "localcontext", "setcontext"]),
    ("_io", "io", &["open", "open_code", "text_encoding"]),
    ("asyncio.tasks", "asyncio", &["all_tasks", "current_task"]),
    ("cProfile", "cProfile", &["Profile", "run", "runctx"]),
    ("ctypes", "ctypes", &["POINTER", "pointer"]),
    ("decimal", "decimal", &["getcontext", "localcontext", "setcontext"]),
    ("enum", "enum", &["EnumMeta"]),
    (
        "importlib.resources",
        "importlib.resources",
        &[
            "contents",
            "files",
            "is_resource",
            "open_binary",
            "open_text",
            "path",
            "read_binary",
            "read_text",
        ],
    ),
    ("inspect", "inspect", &["get_annotations"]),
    ("io", "io", &["open", "open_code", "text_encoding"]),
    ("math", "math", &["comb", "factorial", "gcd", "isqrt", "lcm", "perm"]),
    ("ntpath", "os.path", &["isdevdrive", "isjunction", "islink", "lexists"]),
    (
        "pathlib",
        "pathlib",
        &[
            "Path",
            "PosixPath",
            "PurePath",
            "PurePosixPath",
            "PureWindowsPath",
            "UnsupportedOperation",
            "WindowsPath",
        ],
    ),
    ("posixpath", "os.path", &["isjunction", "islink", "lexists", "normpath", "splitroot"]),
    ("re", "re", &["error", "match"]),
    (
        "warnings",
        "warnings",
        &[
            "WarningMessage",
            "catch_warnings",
            "deprecated",
            "filterwarnings",
            "formatwarning",
            "resetwarnings",
            "showwarning",
            "simplefilter",
        ],
    ),
    ("zipfile", "zipfile", &["CompleteDirs", "Path"]),
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
    if !is_of_interest(&module) {
        return Ok(None);
    }
    let qualname = object.getattr_opt(intern!(py, "__qualname__"))?;
    let Some(qualname) = qualname.and_then(|name| name.cast_into::<PyString>().ok()) else {
        return Ok(None); // An instance has the module of its class.
    };
    let Some((public, name)) = public_name(&module, &qualname.to_string_lossy()) else {
        return Ok(None);
    };
    let (public, name) = (py.import(public)?, PyString::new(py, &name));
    match public.getattr_opt(&name)? {
        Some(found) if found.is(object) => Ok(Some((public, name))),
        _ => Ok(None),
    }
}

fn is_of_interest(module: &str) -> bool {
    MOVED.binary_search_by_key(&module, |(home, _)| home).is_ok()
        || RENAMED.iter().any(|(home, _, _, _)| *home == module)
        || MOVED_ELSEWHERE.binary_search_by_key(&module, |(home, _, _)| home).is_ok()
}

fn public_name(module: &str, name: &str) -> Option<(&'static str, String)> {
    if let Ok(at) = MOVED.binary_search_by_key(&module, |(home, _)| home) {
        return Some((MOVED[at].1, name.to_owned()));
    }
    if let Some((_, _, public, new)) =
        RENAMED.iter().find(|(home, old, _, _)| *home == module && *old == name)
    {
        return Some((public, (*new).to_owned()));
    }
    let at = MOVED_ELSEWHERE.binary_search_by_key(&module, |(home, _, _)| home).ok()?;
    let (_, public, names) = MOVED_ELSEWHERE[at];
    if names.contains(&name) { Some((public, name.to_owned())) } else { None }
}
