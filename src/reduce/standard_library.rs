//! Which modules every Python brings itself.

use std::path::{Path, PathBuf};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

use crate::interpreter::interpreter;
use crate::library::{is_standard as of_some_version, top_level};

struct Library {
    /// `sys.stdlib_module_names`, from Python 3.10 on.
    names: Option<Py<PyAny>>,
    folders: Vec<PathBuf>,
    /// True in a frozen application, whose modules lie in a place of their own.
    is_frozen: bool,
}

static LIBRARY: PyOnceLock<Library> = PyOnceLock::new();

fn library(py: Python<'_>) -> PyResult<&Library> {
    LIBRARY.get_or_try_init(py, || {
        let sys = py.import("sys")?;
        let os = py.import("os")?;
        let mut folders = Vec::new();
        if let Some(file) = os.getattr_opt("__file__")? {
            folders.extend(PathBuf::from(file.extract::<String>()?).parent().map(Path::to_owned));
        }
        let sysconfig = py.import("sysconfig")?;
        for kind in ["stdlib", "platstdlib"] {
            let folder = sysconfig.call_method1("get_path", (kind,))?;
            folders.extend(folder.extract::<Option<PathBuf>>()?);
        }
        Ok(Library {
            names: sys.getattr_opt("stdlib_module_names")?.map(Bound::unbind),
            folders,
            is_frozen: sys.hasattr("frozen")?,
        })
    })
}

/// True for a module that has the name of one of the standard library in some version and is, as
/// long as it is imported here, another.
pub fn is_namesake(py: Python<'_>, name: &str) -> PyResult<bool> {
    let top_level = top_level(name);
    // setuptools puts its own distutils in the place of the standard one.
    Ok(top_level != "distutils"
        && interpreter(py)?.sys_modules.bind(py).contains(top_level)?
        && !is_standard(py, top_level)?)
}

/// True for a module of the standard library, by its name and, where a file of the user's may
/// have taken that name, by its place.
pub fn is_standard(py: Python<'_>, name: &str) -> PyResult<bool> {
    let library = library(py)?;
    let top_level = top_level(name);
    let is_known = match &library.names {
        Some(names) => names.bind(py).contains(top_level)?,
        None => of_some_version(top_level),
    };
    if !is_known {
        return Ok(false);
    }
    let Some(module) = interpreter(py)?.sys_modules.bind(py).get_item(name)? else {
        return Ok(true);
    };
    match module.getattr_opt(intern!(py, "__file__"))? {
        Some(file) if file.is_instance_of::<PyString>() => {
            let file = file.extract::<PathBuf>()?;
            let is_inside = |folder: &PathBuf| {
                file.strip_prefix(folder).is_ok_and(|inner| {
                    !inner.starts_with("site-packages") && !inner.starts_with("dist-packages")
                })
            };
            Ok(library.is_frozen || library.folders.iter().any(is_inside))
        }
        _ => Ok(true), // Built in or frozen.
    }
}
