//! The text of the file that a code object comes from, indexed once per content.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::record::FIRST_LINE;
use super::rewritten::{Rewritten, pytest_hook};
use crate::error::{SourceError, Subject, tells_of_the_machine};
use crate::interpreter::interpreter;
use crate::syntax::File;

/// A file's text as linecache or a loaded payload gives it.
pub struct IndexedFile {
    pub text: File,
    /// The object that the text came from: while it is the same, so is the text.
    origin: Py<PyAny>,
    /// What pytest makes of the text; `None` where it accepts it no longer.
    rewritten: PyOnceLock<Option<Rewritten>>,
}

impl IndexedFile {
    /// What pytest makes of the text, if its hook imported the module of these globals.
    pub fn rewritten(&self, globals: &Bound<'_, PyDict>) -> PyResult<Option<&Rewritten>> {
        let Some(hook) = pytest_hook(globals)? else {
            return Ok(None);
        };
        let py = globals.py();
        let rewrite = || match Rewritten::new(&hook, self.text.as_str()) {
            Ok(rewritten) => Ok(Some(rewritten)),
            Err(error) if tells_of_the_machine(py, &error) => Err(error),
            // Whatever a text or a pytest of another time raises, it proves nothing.
            Err(_) => Ok(None),
        };
        Ok(self.rewritten.get_or_try_init(py, rewrite)?.as_ref())
    }
}

static FILES: Mutex<Option<HashMap<String, Arc<IndexedFile>>>> = Mutex::new(None);

/// How many files stay indexed; past that the table starts anew.
const MOST_FILES: usize = 1024;

/// The indexed file of a code object; `None` where no text is to be had.
pub fn indexed_file(
    code: &Bound<'_, PyAny>,
    globals: Option<&Bound<'_, PyAny>>,
    subject: impl Fn() -> Subject,
) -> PyResult<Option<Arc<IndexedFile>>> {
    let py = code.py();
    let filename = code.getattr(intern!(py, "co_filename"))?;
    let rebuild = interpreter(py)?.rebuild.module.bind(py);
    let record = rebuild.call_method1(intern!(py, "record_of_file"), (&filename,))?;
    let name = filename.cast::<PyString>()?.to_string_lossy().into_owned();
    if let Ok(record) = record.cast::<PyTuple>() {
        let first_line = record.get_item(FIRST_LINE)?.extract()?;
        let text = || rebuild.call_method1(intern!(py, "text_of"), (record,));
        return indexed(record.as_any(), name, first_line, text, subject).map(Some);
    }
    let home = home_of_unnamed(&name, globals)?;
    let (filename, name) = match &home {
        Some(home) => (home, home.cast::<PyString>()?.to_string_lossy().into_owned()),
        None => (&filename, name),
    };
    let lines = match file_lines(code, filename, globals)? {
        Some(lines) => lines,
        None => return Ok(None),
    };
    let join = || intern!(py, "").call_method1(intern!(py, "join"), (&lines,));
    indexed(&lines, name, 1, join, subject).map(Some)
}

/// Asks linecache whether the file has changed, and forgets its lines if so.
pub fn check_for_change(code: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = code.py();
    let linecache = interpreter(py)?.linecache.bind(py);
    let filename = code.getattr(intern!(py, "co_filename"))?;
    match linecache.call_method1(intern!(py, "checkcache"), (filename,)) {
        // Another thread has just cleared linecache, which takes no care of that.
        Err(error) if error.is_instance_of::<PyKeyError>(py) => Ok(()),
        checked => checked.map(drop),
    }
}

fn file_lines<'py>(
    code: &Bound<'py, PyAny>,
    filename: &Bound<'py, PyAny>,
    globals: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = code.py();
    let linecache = interpreter(py)?.linecache.bind(py);
    let getlines = |name: &Bound<'py, PyAny>, globals: Option<&Bound<'py, PyAny>>| {
        let ask = || linecache.call_method1(intern!(py, "getlines"), (name, globals));
        let is_cleared_meanwhile = |error: &PyErr| error.is_instance_of::<PyKeyError>(py);
        let mut lines = ask();
        if lines.as_ref().is_err_and(is_cleared_meanwhile) {
            lines = ask();
        }
        match lines {
            Ok(lines) => Ok(if lines.is_empty()? { None } else { Some(lines) }),
            Err(error) if tells_of_the_machine(py, &error) => Err(error),
            // A file not in the encoding that it claims, or a loader with an error of its own.
            Err(_) => Ok(None),
        }
    };
    if let Some(lines) = getlines(filename, globals)? {
        return Ok(Some(lines));
    }
    for path in frozen_paths(filename)? {
        if let Some(lines) = getlines(path.bind(py), None)? {
            return Ok(Some(lines));
        }
    }
    // From 3.13 on the text of `-c` is kept per code object, where inspect finds it too.
    let Some(of_code) = linecache.getattr_opt(intern!(py, "_getlines_from_code"))? else {
        return Ok(None);
    };
    let lines = of_code.call1((code,))?;
    Ok(if lines.is_empty()? { None } else { Some(lines) })
}

/// The file of the module in which code stands that cloudpickle loaded: from its 3.1.3 on that does
/// not say of code where it is from. Whether it is from there, the proof tells.
fn home_of_unnamed<'py>(
    filename: &str,
    globals: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(globals) = globals.filter(|_| filename == "<dynamic-code>") else {
        return Ok(None);
    };
    let home = globals.cast::<PyDict>()?.get_item(intern!(globals.py(), "__file__"))?;
    Ok(home.filter(|home| home.is_instance_of::<PyString>()))
}

/// Where the text of a frozen module, named such as `<frozen importlib.util>`, can lie: in the
/// standard library.
fn frozen_paths(filename: &Bound<'_, PyAny>) -> PyResult<Vec<Py<PyAny>>> {
    let py = filename.py();
    let filename = filename.cast::<PyString>()?.to_string_lossy();
    let name = filename.strip_prefix("<frozen ").and_then(|rest| rest.strip_suffix('>'));
    let Some(name) = name else {
        return Ok(Vec::new());
    };
    let os = py.import("os")?;
    let library: PathBuf = os.getattr("__file__")?.extract()?;
    let module = library.with_file_name(name.replace('.', "/"));
    let paths = [module.with_extension("py"), module.join("__init__.py")];
    paths
        .map(|path| Ok(path.to_string_lossy().into_pyobject(py)?.into_any().unbind()))
        .into_iter()
        .collect()
}

fn indexed<'py>(
    origin: &Bound<'py, PyAny>,
    name: String,
    first_line: isize,
    text: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
    subject: impl Fn() -> Subject,
) -> PyResult<Arc<IndexedFile>> {
    let py = origin.py();
    let known = {
        let files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
        files.as_ref().and_then(|files| files.get(&name).cloned())
    };
    if let Some(file) = known
        && file.origin.is(origin)
    {
        return Ok(file);
    }
    let refuse = |reason: String| SourceError::NotIndexed { subject: subject(), reason };
    let text = text().map_err(|error| {
        if error.is_instance_of::<PyTypeError>(py) {
            refuse("what linecache has of its file is no list of strings".to_owned()).into()
        } else {
            error
        }
    })?;
    let text = text.cast::<PyString>()?;
    let text = text
        .to_cow()
        .map_err(|_| refuse("its file holds lone surrogates, which no source may".to_owned()))?;
    let text =
        py.detach(|| File::new(&text, first_line)).map_err(|error| refuse(error.to_string()))?;
    let (origin, rewritten) = (origin.clone().unbind(), PyOnceLock::new());
    let file = Arc::new(IndexedFile { text, origin, rewritten });
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let files = files.get_or_insert_with(HashMap::new);
    let dropped = if files.len() >= MOST_FILES { std::mem::take(files) } else { HashMap::new() };
    let replaced = files.insert(name, Arc::clone(&file));
    // What leaves the table may free Python objects, which must not happen under its lock.
    drop((dropped, replaced));
    Ok(file)
}
