//! The reduce value of a function: how to make it, and the state that it gets once it exists.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::annotations::annotations_of_function;
use super::call::Call;
use super::cell::contents;
use super::function_modules::{add_submodules, brought_modules, imported};
use super::namespace::namespace;
use super::reducer::Reducer;
use super::sets::in_order;
use crate::capture::{
    Facts, Names, Source, bytecode_record, code_source, facts_of, function_source, private_copy,
    private_string, private_value,
};
use crate::error::{SourceMismatchError, SourceNotFoundError};
use crate::interpreter::interpreter;

/// Reduces a function to `(make, arguments, state, None, None, set state)`, or to `(make,
/// arguments)` where the class that it is a method of brings its state.
pub fn reduce_function<'py>(
    reducer: &Reducer,
    function: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = function.py();
    let sent = Sent::of(reducer, function)?;
    let mut own_namespace = namespace(reducer, &sent.globals)?;
    let imported = sent.imported(reducer)?;
    if !imported.is_empty() {
        let importing = &interpreter(py)?.rebuild.importing;
        own_namespace = Call::new(importing, (own_namespace,).into_pyobject(py)?)?.into_any();
    }
    let arguments = (&sent.record, sent.cells(reducer)?, own_namespace);
    let state = sent.state(reducer, function, imported)?;
    if reducer.leaves_state(function) {
        reducer.keep_state(function, state);
        return (sent.make, arguments).into_pyobject(py);
    }
    // The cells come first of what may hold other objects: the reducer expects them next.
    let none = py.None();
    let fill = &interpreter(py)?.rebuild.fill_function;
    (sent.make, arguments, state, &none, &none, fill).into_pyobject(py)
}

/// A function that travels by value, with what was found out about it.
struct Sent<'py> {
    globals: Bound<'py, PyDict>,
    closure: Option<Bound<'py, PyTuple>>,
    facts: Arc<Facts>,
    make: &'py Py<PyAny>,
    record: Bound<'py, PyTuple>,
    names: Arc<Names>,
    /// `None` for one that travels as bytecode.
    source: Option<Arc<Source>>,
}

impl<'py> Sent<'py> {
    fn of(reducer: &Reducer, function: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = function.py();
        let rebuild = &interpreter(py)?.rebuild;
        let code = function.getattr(intern!(py, "__code__"))?;
        let globals = function.getattr(intern!(py, "__globals__"))?.cast_into::<PyDict>()?;
        let closure = function.getattr(intern!(py, "__closure__"))?.cast_into::<PyTuple>().ok();
        let facts = facts_of(&code)?;
        let found = function_source(function, &code, &globals, &facts);
        let name = function.getattr(intern!(py, "__qualname__"))?;
        let source = source_or_bytecode(reducer, found, &facts, &name, &globals)?;
        let (make, record, names) = match &source {
            Some(source) => {
                let iterable = facts.is_iterable_coroutine;
                let make = if iterable { &rebuild.iterable_coroutine } else { &rebuild.function };
                (make, source.record.bind(py).clone(), Arc::clone(&source.names))
            }
            None => {
                let record = bytecode_record(&code, &facts)?;
                (&rebuild.bytecode_function, record, Arc::clone(&facts.names))
            }
        };
        Ok(Self { globals, closure, facts, make, record, names, source })
    }

    /// The cells in the order of the record's free variables; the reducer expects them next.
    fn cells(&self, reducer: &Reducer) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let Some(closure) = &self.closure else {
            return Ok(None);
        };
        let cells = self
            .facts
            .free
            .iter()
            .map(|variable| closure.get_item(variable.at))
            .collect::<PyResult<Vec<_>>>()?;
        reducer.memory().expected_cells = cells.iter().map(|cell| cell.as_ptr() as usize).collect();
        PyTuple::new(closure.py(), cells).map(Some)
    }

    /// What the filled cells hold, by name.
    fn contents(&self, reducer: &Reducer) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(closure) = &self.closure else {
            return Ok(None);
        };
        let filled = PyDict::new(closure.py());
        for variable in &self.facts.free {
            if let Some(contents) = contents(&closure.get_item(variable.at)?)? {
                filled.set_item(&variable.string, in_order(reducer, contents)?)?;
            }
        }
        Ok(Some(filled))
    }

    fn state(
        &self,
        reducer: &Reducer,
        function: &Bound<'py, PyAny>,
        modules: Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let py = function.py();
        let contents = self.contents(reducer)?;
        let values = values(reducer, &self.globals, &self.names)?;
        add_submodules(&modules, &self.names, &values, contents.as_ref())?;
        let or_none = |name: &Bound<'py, PyString>| -> PyResult<Option<Bound<'py, PyAny>>> {
            let value = function.getattr(name)?;
            Ok(if value.is_truthy()? { Some(value) } else { None })
        };
        (
            values,
            contents.filter(|contents| !contents.is_empty()),
            or_none(intern!(py, "__defaults__"))?,
            or_none(intern!(py, "__kwdefaults__"))?,
            annotations_of_function(reducer, function)?,
            attributes(function)?,
            others(reducer, function, &self.globals, &self.facts)?,
            Some(modules).filter(|modules| !modules.is_empty()),
        )
            .into_pyobject(py)
    }

    /// The modules by value, by name, that import statements of the function find.
    fn imported(&self, reducer: &Reducer) -> PyResult<Bound<'py, PyDict>> {
        let py = self.globals.py();
        let brought = brought_modules(&self.globals)?;
        match &self.source {
            Some(source) if brought.is_some() || reducer.rule.get().may_send_modules() => {
                let imports = &source.needs(py, &self.facts)?.imports;
                imported(reducer, imports, &self.globals, brought.as_ref())
            }
            _ => Ok(PyDict::new(py)),
        }
    }
}

/// Reduces a code object to what gives it back from its source.
pub fn reduce_code<'py>(
    reducer: &Reducer,
    code: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = code.py();
    let facts = facts_of(code)?;
    let rebuild = &interpreter(py)?.rebuild;
    let found = code_source(code, None, &facts);
    let name = code.getattr(intern!(py, "co_name"))?;
    match source_or_bytecode(reducer, found, &facts, &name, &PyDict::new(py))? {
        Some(source) => {
            let iterable = facts.is_iterable_coroutine;
            let make = if iterable { &rebuild.iterable_code } else { &rebuild.code };
            (make, (&source.record,)).into_pyobject(py)
        }
        None => (&rebuild.bytecode_code, (bytecode_record(code, &facts)?,)).into_pyobject(py),
    }
}

/// The source that was found, or `None` where the bytecode travels instead; the target is held
/// against either.
fn source_or_bytecode(
    reducer: &Reducer,
    found: PyResult<Arc<Source>>,
    facts: &Facts,
    name: &Bound<'_, PyAny>,
    globals: &Bound<'_, PyDict>,
) -> PyResult<Option<Arc<Source>>> {
    let py = name.py();
    let source = match found {
        Ok(source) => Some(source),
        Err(error) if reducer.prefer && is_source_error(py, &error) => None,
        Err(error) => return Err(error),
    };
    if let Some(target) = &reducer.target {
        let subject = facts.subject(name.str()?.to_string_lossy().into_owned());
        match &source {
            Some(source) => target.check_function(&subject, source.needs(py, facts)?, globals)?,
            None => target.check_bytecode(&subject, py),
        }
    }
    Ok(source)
}

fn is_source_error(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<SourceNotFoundError>(py)
        || error.is_instance_of::<SourceMismatchError>(py)
}

/// The globals that the function's code names, those that its module has.
fn values<'py>(
    reducer: &Reducer,
    globals: &Bound<'py, PyDict>,
    names: &Names,
) -> PyResult<Bound<'py, PyDict>> {
    let py = globals.py();
    let lazy_import = interpreter(py)?.lazy_import.as_ref();
    let values = PyDict::new(py);
    for name in &names.globals {
        if let Some(mut value) = globals.get_item(name)? {
            if lazy_import.is_some_and(|lazy| value.get_type().is(lazy)) {
                value = value.call_method0(intern!(py, "resolve"))?;
            }
            values.set_item(name, in_order(reducer, value)?)?;
        }
    }
    Ok(values)
}

/// The function's own attributes, under keys of ours.
fn attributes<'py>(function: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyDict>>> {
    let py = function.py();
    let own = function.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
    if own.is_empty() {
        return Ok(None);
    }
    let attributes = PyDict::new(py);
    for (name, value) in own {
        attributes.set_item(private_value(name), value)?;
    }
    Ok(Some(attributes))
}

/// What else the function says of itself that its code and its globals do not.
fn others<'py>(
    reducer: &Reducer,
    function: &Bound<'py, PyAny>,
    globals: &Bound<'py, PyDict>,
    facts: &Facts,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let py = function.py();
    let others = PyDict::new(py);
    let code_name = facts.name.bind(py);
    let module = globals.get_item(intern!(py, "__name__"))?;
    let expected = [
        (intern!(py, "__name__"), Some(code_name)),
        (intern!(py, "__qualname__"), Some(code_name)),
        (intern!(py, "__module__"), module.as_ref()),
        (intern!(py, "__doc__"), Some(facts.doc.bind(py))),
    ];
    for (name, expected) in expected {
        let value = function.getattr(name)?;
        let same = match expected {
            Some(expected) => value.eq(expected)?,
            None => value.is_none(),
        };
        if !same {
            others.set_item(private_copy(name), private_value(value))?;
        }
    }
    // PEP 695; a function without type parameters has none from its code either.
    if let Some(parameters) = function.getattr_opt(intern!(py, "__type_params__"))?
        && parameters.is_truthy()?
    {
        for parameter in parameters.try_iter()? {
            reducer.note_of_function(&parameter?);
        }
        others.set_item(private_string(py, "__type_params__"), parameters)?;
    }
    Ok(if others.is_empty() { None } else { Some(others) })
}
