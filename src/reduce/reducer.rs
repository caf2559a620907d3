//! The reducer that a pickler owns: which reduction an object gets, and what it remembers meanwhile.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::cell::reduce_cell;
use super::function::{reduce_code, reduce_function};
use super::module::reduce_module;
use super::reference::travels_by_reference;
use crate::interpreter::interpreter;

/// Reduces what travels by value, for the pickler that owns it.
#[pyclass(module = "sourcepickle._native", frozen)]
pub struct Reducer {
    pub(super) prefer: bool,
    memory: Mutex<Memory>,
}

/// What a reducer remembers from one object to the next.
#[derive(Default)]
pub struct Memory {
    /// By the address of a function's globals: they themselves, held so that the address stays
    /// theirs, and the dictionary that stands for them in the payload, shared as they are.
    pub namespaces: HashMap<usize, (Py<PyAny>, Py<PyDict>)>,
    /// The addresses of the cells of the function reduced last: pickle asks for them next, and
    /// the function's state brings their contents.
    pub expected_cells: Vec<usize>,
}

#[pymethods]
impl Reducer {
    #[new]
    fn new(prefer: bool) -> Self {
        Self { prefer, memory: Mutex::default() }
    }

    /// Returns the reduce value of an object, or `NotImplemented` for pickle's own way.
    fn reduce<'py>(&self, object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = object.py();
        let interpreter = interpreter(py)?;
        let kind = object.get_type();
        let is = |candidate: &Py<PyAny>| kind.is(candidate.bind(py));
        if is(&interpreter.function_type) {
            if !travels_by_reference(object)? {
                return Ok(reduce_function(self, object)?.into_any());
            }
        } else if is(&interpreter.cell_type) {
            return Ok(reduce_cell(self, object)?.into_any());
        } else if is(&interpreter.method_type) {
            let bound = (object.getattr("__func__")?, object.getattr("__self__")?);
            return reduced(py, &interpreter.rebuild.method, bound);
        } else if is(&interpreter.code_type) {
            return Ok(reduce_code(object)?.into_any());
        } else if interpreter.union_type.as_ref().is_some_and(is) {
            return reduced(py, &interpreter.rebuild.union, (object.getattr("__args__")?,));
        } else if interpreter.is_module(object)? {
            return Ok(reduce_module(object)?.into_any());
        }
        Ok(interpreter.not_implemented.bind(py).clone())
    }

    /// Begins a dump.
    fn start(&self) {
        // The pickler's memo may have been cleared since the last dump, and what it expects with it.
        self.memory().expected_cells.clear();
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(memory) = self.memory.try_lock() {
            for (globals, namespace) in memory.namespaces.values() {
                visit.call(globals)?;
                visit.call(namespace)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let namespaces = std::mem::take(&mut self.memory().namespaces);
        drop(namespaces);
    }
}

impl Reducer {
    /// The memory; to be let go before any call into Python.
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reduced<'py>(
    py: Python<'py>,
    callable: &Py<PyAny>,
    arguments: impl IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>, Error = PyErr>,
) -> PyResult<Bound<'py, PyAny>> {
    Ok((callable, arguments.into_pyobject(py)?).into_pyobject(py)?.into_any())
}
