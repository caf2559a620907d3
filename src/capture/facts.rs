//! What is known of a code object, found out once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyWeakrefMethods, PyWeakrefReference};

use super::code_names::CodeNames;
use super::names::Names;
use super::record::{FILENAME, PATH};
use super::shared::Shared;
use super::strings::{private_copy, private_string};
use super::text::IndexedFile;
use crate::error::Subject;
use crate::interpreter::interpreter;
use crate::syntax::{Index, Needs, qualname};

/// Facts of one code object, kept while it lives.
pub struct Facts {
    /// Its free variables, sorted by name.
    pub free: Vec<FreeVariable>,
    pub names: Arc<Names>,
    /// True after `types.coroutine`, which changes a flag of the code and nothing else.
    pub is_iterable_coroutine: bool,
    /// True for a function inside a function.
    pub is_nested: bool,
    /// True for a def or lambda: not a module's code, a class's, a comprehension's or what else
    /// the compiler makes.
    pub is_function: bool,
    /// What a function made of it alone says of itself.
    pub name: Py<PyAny>,
    pub doc: Py<PyAny>,
    /// Where it was defined.
    pub filename: Py<PyString>,
    pub line: isize,
    /// The source that its file gave, once proved.
    pub proved: Mutex<Option<Arc<Source>>>,
    /// The text last attached to a function of it, and the source that it gave.
    pub attached: Mutex<Option<(Py<PyString>, Arc<Source>)>>,
    /// What was found for functions, of which one of this code is the first, together.
    pub(super) shared: Mutex<Option<Arc<Shared>>>,
    /// The file in which no source was found.
    pub refused: Mutex<Weak<IndexedFile>>,
    code: Py<PyWeakrefReference>,
}

/// What travels for a code object.
pub struct Source {
    /// The source record.
    pub record: Py<PyTuple>,
    /// The qualified name that a function of it gets when it is made.
    pub qualname: Py<PyAny>,
    /// The names that the code in it uses: not those of a code object that pytest rewrote.
    pub names: Arc<Names>,
    /// The names that the code object has now, where they are not those that its text gives it.
    pub given: Option<CodeNames>,
    /// The index, and its place in that, of a function whose text holds others too.
    pub(super) place: Option<(Arc<Index>, usize)>,
    /// What its text needs, once somebody asked.
    pub(super) needs: OnceLock<Needs>,
}

impl Source {
    pub fn new(
        record: Bound<'_, PyTuple>,
        names: Arc<Names>,
        given: Option<CodeNames>,
    ) -> PyResult<Arc<Self>> {
        Self::at(record, names, given, None)
    }

    /// A source whose text holds other functions too.
    pub fn in_shared_text(
        record: Bound<'_, PyTuple>,
        names: Arc<Names>,
        place: (Arc<Index>, usize),
    ) -> PyResult<Arc<Self>> {
        Self::at(record, names, None, Some(place))
    }

    fn at(
        record: Bound<'_, PyTuple>,
        names: Arc<Names>,
        given: Option<CodeNames>,
        place: Option<(Arc<Index>, usize)>,
    ) -> PyResult<Arc<Self>> {
        let py = record.py();
        let path = record.get_item(PATH)?.extract::<String>()?;
        let qualname = PyString::new(py, &qualname(&path)).into_any().unbind();
        let (record, needs) = (record.unbind(), OnceLock::new());
        Ok(Arc::new(Self { record, qualname, names, given, place, needs }))
    }
}

pub struct FreeVariable {
    pub name: String,
    pub string: Py<PyString>,
    /// Its place in `co_freevars`.
    pub at: usize,
}

/// Flags of code objects (CPython `Include/cpython/code.h`).
const OPTIMIZED: u32 = 0x01;
const NESTED: u32 = 0x10;
pub const ITERABLE_COROUTINE: u32 = 0x100;

static FACTS: Mutex<Option<Table>> = Mutex::new(None);

/// Facts by the address of the code object; the weak reference tells a new one at an old address.
struct Table {
    facts: HashMap<usize, Arc<Facts>>,
    sweep_at: usize,
}

/// Returns the facts of a code object.
pub fn facts_of(code: &Bound<'_, PyAny>) -> PyResult<Arc<Facts>> {
    let py = code.py();
    let address = code.as_ptr() as usize;
    let known = {
        let table = FACTS.lock().unwrap_or_else(PoisonError::into_inner);
        table.as_ref().and_then(|table| table.facts.get(&address).cloned())
    };
    if let Some(facts) = known
        && facts.code.bind(py).upgrade().is_some_and(|known| known.is(code))
    {
        return Ok(facts);
    }
    let facts = Arc::new(Facts::new(code)?);
    let mut dead = Vec::new();
    {
        let mut table = FACTS.lock().unwrap_or_else(PoisonError::into_inner);
        let table = table.get_or_insert_with(|| Table { facts: HashMap::new(), sweep_at: 1024 });
        if table.facts.len() >= table.sweep_at {
            let is_dead =
                |_: &usize, facts: &mut Arc<Facts>| facts.code.bind(py).upgrade().is_none();
            dead.extend(table.facts.extract_if(is_dead).map(|(_, facts)| facts));
            table.sweep_at = (table.facts.len() * 2).max(1024);
        }
        dead.extend(table.facts.insert(address, Arc::clone(&facts)));
    }
    // Facts free Python objects as they go, which must not happen under the table's lock.
    drop(dead);
    Ok(facts)
}

/// Keeps a value for later. What was kept before may free Python objects as it goes, which must
/// not happen under the lock.
pub fn keep<T>(slot: &Mutex<T>, value: T) {
    let before = {
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *slot, value)
    };
    drop(before);
}

impl Facts {
    fn new(code: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = code.py();
        let mut free = code
            .getattr(intern!(py, "co_freevars"))?
            .cast_into::<PyTuple>()?
            .iter()
            .enumerate()
            .map(|(at, name)| Ok((name.extract::<String>()?, at)))
            .collect::<PyResult<Vec<_>>>()?;
        free.sort();
        let flags: u32 = code.getattr(intern!(py, "co_flags"))?.extract()?;
        let bare = bare_function(code, free.len())?;
        let mut filename = code.getattr(intern!(py, "co_filename"))?;
        let rebuild = interpreter(py)?.rebuild.module.bind(py);
        let record = rebuild.call_method1(intern!(py, "record_of_file"), (&filename,))?;
        if !record.is_none() {
            // Loaded code names a file of our own making; its record has the original's name.
            filename = record.get_item(FILENAME)?;
        }
        Ok(Self {
            free: free
                .into_iter()
                .map(|(name, at)| {
                    let string = private_string(py, &name)?.unbind();
                    Ok(FreeVariable { name, string, at })
                })
                .collect::<PyResult<_>>()?,
            names: Arc::new(Names::of(code)?),
            is_function: flags & OPTIMIZED != 0 && is_function_name(code)?,
            is_nested: flags & NESTED != 0,
            is_iterable_coroutine: flags & ITERABLE_COROUTINE != 0,
            name: bare.getattr(intern!(py, "__name__"))?.unbind(),
            doc: bare.getattr(intern!(py, "__doc__"))?.unbind(),
            filename: private_copy(filename.cast::<PyString>()?)?.unbind(),
            line: code.getattr(intern!(py, "co_firstlineno"))?.extract()?,
            proved: Mutex::new(None),
            attached: Mutex::new(None),
            shared: Mutex::new(None),
            refused: Mutex::new(Weak::new()),
            code: PyWeakrefReference::new(code)?.unbind(),
        })
    }

    /// What an error about a function of this code names.
    pub fn subject(&self, py: Python<'_>, name: String) -> Subject {
        let filename = self.filename.bind(py).to_string_lossy().into_owned();
        Subject { name, filename, line: self.line }
    }
}

fn is_function_name(code: &Bound<'_, PyAny>) -> PyResult<bool> {
    let name = code.getattr(intern!(code.py(), "co_name"))?.cast_into::<PyString>()?;
    let name = name.to_string_lossy();
    let is_comprehension = ["<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"].contains(&&*name);
    Ok(!is_comprehension && !name.starts_with("<generic parameters of "))
}

/// A function of nothing but the code object, with empty cells.
fn bare_function<'py>(code: &Bound<'py, PyAny>, cells: usize) -> PyResult<Bound<'py, PyAny>> {
    let py = code.py();
    let interpreter = interpreter(py)?;
    let closure =
        (0..cells).map(|_| interpreter.cell_type.bind(py).call0()).collect::<PyResult<Vec<_>>>()?;
    let closure = if closure.is_empty() { None } else { Some(PyTuple::new(py, closure)?) };
    let arguments = (code, PyDict::new(py), py.None(), py.None(), closure);
    interpreter.function_type.bind(py).call1(arguments)
}
