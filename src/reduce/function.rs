//! The reduce value of a function: how to make it, and the state that it gets once it exists.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::annotations::annotations_of_function;
use super::call::Call;
use super::cell::contents;
use super::code::call_for_code;
use super::function_modules::{brought_modules, imported, with_submodules};
use super::namespace::namespace;
use super::reducer::Reducer;
use super::sets::in_order;
use crate::capture::{
    Facts, Names, Source, bytecode_record, facts_of, function_source, private_copy, private_string,
    private_value,
};
use crate::error::{SourceMismatchError, SourceNotFoundError};
use crate::interpreter::interpreter;

/// Reduces a function to `(make, arguments, state, None, None, set state)`, or to `(make,
/// arguments)` where it has no state, or the class that it is a method of brings it.
pub fn reduce_function<'py>(
    reducer: &Reducer,
    function: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = function.py();
    let rebuild = &interpreter(py)?.rebuild;
    let sent = Sent::of(reducer, function)?;
    let mut own_namespace = namespace(reducer, &sent.globals, &sent.facts)?;
    let imported = sent.imported(reducer)?;
    if imported.is_some() {
        let arguments = (own_namespace, &sent.facts.filename).into_pyobject(py)?;
        own_namespace = Call::new(&rebuild.importing, arguments)?.into_any();
    }
    let arguments = (&sent.record, sent.cells(reducer)?, own_namespace);
    let Some(state) = sent.state(reducer, imported)? else {
        return (sent.make, arguments).into_pyobject(py);
    };
    if reducer.leaves_state(function) {
        reducer.keep_state(function, state);
        return (sent.make, arguments).into_pyobject(py);
    }
    // The cells come first of what may hold other objects: the reducer expects them next.
    let none = py.None();
    (sent.make, arguments, state, &none, &none, &rebuild.fill_function).into_pyobject(py)
}

/// A function that travels by value, with what was found out about it.
struct Sent<'py> {
    function: Bound<'py, PyAny>,
    globals: Bound<'py, PyDict>,
    closure: Option<Bound<'py, PyTuple>>,
    /// Its `__dict__`.
    own: Bound<'py, PyDict>,
    facts: Arc<Facts>,
    make: &'py Py<PyAny>,
    record: Bound<'py, PyTuple>,
    /// The qualified name that it gets when it is made.
    qualname: Bound<'py, PyAny>,
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
        let own = function.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
        let facts = facts_of(&code)?;
        let found = match reducer.send(function) {
            Some(source) => Ok(source),
            None => function_source(function, &own, &code, &facts),
        };
        let name = || function.getattr(intern!(py, "__qualname__"));
        let source = source_or_bytecode(reducer, found, &facts, name, &globals)?;
        let (make, record, qualname, names) = match &source {
            Some(source) => {
                let iterable = facts.is_iterable_coroutine;
                let make = if iterable { &rebuild.iterable_coroutine } else { &rebuild.function };
                let record = source.record.bind(py).clone();
                let qualname = source.qualname.bind(py).clone();
                (make, record, qualname, Arc::clone(&source.names))
            }
            None => {
                let record = bytecode_record(&code, &facts)?;
                let name = facts.name.bind(py).clone();
                (&rebuild.bytecode_function, record, name, Arc::clone(&facts.names))
            }
        };
        let function = function.clone();
        Ok(Self { function, globals, closure, own, facts, make, record, qualname, names, source })
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

    /// What a function made of the record alone lacks; `None` where that is nothing.
    fn state(
        &self,
        reducer: &Reducer,
        imported: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let py = self.function.py();
        let contents = self.contents(reducer)?;
        let values = self.values(reducer)?;
        let modules = with_submodules(imported, &self.names, [&values, &contents], py)?;
        let or_none = |name: &Bound<'py, PyString>| -> PyResult<Option<Bound<'py, PyAny>>> {
            Ok(Some(self.function.getattr(name)?).filter(|value| !value.is_none()))
        };
        let parts = [
            values.map(Bound::into_any),
            contents.map(Bound::into_any),
            or_none(intern!(py, "__defaults__"))?,
            or_none(intern!(py, "__kwdefaults__"))?,
            annotations_of_function(reducer, &self.function)?.map(Bound::into_any),
            self.attributes()?.map(Bound::into_any),
            self.others(reducer)?.map(Bound::into_any),
            modules.map(Bound::into_any),
        ];
        match parts.iter().rposition(Option::is_some) {
            Some(last) => PyTuple::new(py, &parts[..=last]).map(Some),
            None => Ok(None),
        }
    }

    /// The globals that the function's code names, those that its module has.
    fn values(&self, reducer: &Reducer) -> PyResult<Option<Bound<'py, PyDict>>> {
        let py = self.globals.py();
        let lazy_import = interpreter(py)?.lazy_import.as_ref();
        let mut values = None;
        for name in &self.names.globals {
            if let Some(mut value) = self.globals.get_item(name)? {
                if lazy_import.is_some_and(|lazy| value.get_type().is(lazy)) {
                    value = value.call_method0(intern!(py, "resolve"))?;
                }
                put(py, &mut values, name.bind(py), in_order(reducer, value)?)?;
            }
        }
        Ok(values)
    }

    /// What the filled cells hold, by name.
    fn contents(&self, reducer: &Reducer) -> PyResult<Option<Bound<'py, PyDict>>> {
        let mut filled = None;
        if let Some(closure) = &self.closure {
            let py = closure.py();
            for variable in &self.facts.free {
                if let Some(contents) = contents(&closure.get_item(variable.at)?)? {
                    let contents = in_order(reducer, contents)?;
                    put(py, &mut filled, variable.string.bind(py), contents)?;
                }
            }
        }
        Ok(filled)
    }

    /// The function's own attributes, under keys of ours.
    fn attributes(&self) -> PyResult<Option<Bound<'py, PyDict>>> {
        let mut attributes = None;
        for (name, value) in &self.own {
            put(self.own.py(), &mut attributes, private_value(name)?, value)?;
        }
        Ok(attributes)
    }

    /// What else the function says of itself that its code and its globals do not.
    fn others(&self, reducer: &Reducer) -> PyResult<Option<Bound<'py, PyDict>>> {
        let py = self.function.py();
        let module = self.globals.get_item(intern!(py, "__name__"))?;
        let mut others = None;
        // A function made of the record alone has the name that the text gives it.
        let mut name = Some(self.facts.name.bind(py));
        if let Some(source) = self.source.as_ref().filter(|source| source.given.is_some()) {
            name = None;
            let (make, arguments) = call_for_code(source, &self.facts, py)?;
            let code = Call::new(make, arguments)?.into_any();
            put(py, &mut others, private_string(py, "__code__")?, code)?;
        }
        let expected = [
            (intern!(py, "__name__"), name),
            (intern!(py, "__qualname__"), Some(&self.qualname)),
            (intern!(py, "__module__"), module.as_ref()),
            (intern!(py, "__doc__"), Some(self.facts.doc.bind(py))),
        ];
        for (name, expected) in expected {
            let value = self.function.getattr(name)?;
            let same = match expected {
                Some(expected) => value.is(expected) || value.eq(expected)?,
                None => value.is_none(),
            };
            if !same {
                put(py, &mut others, private_copy(name)?, private_value(value)?)?;
            }
        }
        // PEP 695; a function without type parameters has none from its code either.
        if interpreter(py)?.minor >= 12 {
            let name = intern!(py, "__type_params__");
            let parameters = self.function.getattr(name)?;
            if parameters.is_truthy()? {
                for parameter in parameters.try_iter()? {
                    reducer.note_of_function(&parameter?);
                }
                put(py, &mut others, private_copy(name)?, parameters)?;
            }
        }
        Ok(others)
    }

    /// The modules by value, by name, that import statements of the function find.
    fn imported(&self, reducer: &Reducer) -> PyResult<Option<Bound<'py, PyDict>>> {
        let py = self.globals.py();
        let brought = brought_modules(&self.globals)?;
        match &self.source {
            Some(source) if brought.is_some() || reducer.rule.get().may_send_modules() => {
                let imports = &source.needs(py, &self.facts)?.imports;
                imported(reducer, imports, &self.globals, brought.as_ref())
            }
            _ => Ok(None),
        }
    }
}

/// Sets an item of a dictionary that is made for its first one.
pub fn put<'py>(
    py: Python<'py>,
    dictionary: &mut Option<Bound<'py, PyDict>>,
    key: impl IntoPyObject<'py>,
    value: Bound<'py, PyAny>,
) -> PyResult<()> {
    dictionary.get_or_insert_with(|| PyDict::new(py)).set_item(key, value)
}

/// The source that was found, or `None` where the bytecode travels instead; the target is held
/// against either.
pub fn source_or_bytecode<'py>(
    reducer: &Reducer,
    found: PyResult<Arc<Source>>,
    facts: &Facts,
    name: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
    globals: &Bound<'py, PyDict>,
) -> PyResult<Option<Arc<Source>>> {
    let py = globals.py();
    let source = match found {
        Ok(source) => Some(source),
        Err(error) if reducer.prefer && is_source_error(py, &error) => None,
        Err(error) => return Err(error),
    };
    if let Some(target) = &reducer.target {
        let subject = facts.subject(py, name()?.str()?.to_string_lossy().into_owned());
        match &source {
            Some(source) => {
                target.check_function(py, &subject, source.needs(py, facts)?, globals)?;
            }
            None => target.check_bytecode(&subject, py)?,
        }
    }
    Ok(source)
}

fn is_source_error(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<SourceNotFoundError>(py)
        || error.is_instance_of::<SourceMismatchError>(py)
}
