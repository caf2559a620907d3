//! The states of a class's methods, which come once the class has all of them.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::interpreter::interpreter;
use crate::reduce::call::Call;
use crate::reduce::function::function_state;
use crate::reduce::reducer::Reducer;
use crate::reduce::reference::function_of;

/// Travels as the calls that give the methods their states.
///
/// A state brings the globals that the method names, and among them may be an instance of the
/// class, in a set perhaps: that needs the class's `__hash__`.
#[pyclass(module = "sourcepickle._native", frozen)]
pub struct MethodStates {
    functions: Vec<Py<PyAny>>,
}

impl MethodStates {
    pub fn of<'py>(
        reducer: &Reducer,
        methods: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, MethodStates>> {
        let py = methods.py();
        let property = interpreter(py)?.property.bind(py);
        let mut functions = Vec::new();
        for method in methods.values() {
            if let Some(function) = function_of(&method)? {
                functions.push(function.unbind());
            } else if method.is_instance(property)? {
                for name in ["fget", "fset", "fdel"] {
                    functions.extend(function_of(&method.getattr(name)?)?.map(Bound::unbind));
                }
            }
        }
        for function in &functions {
            reducer.defer_state(function.bind(py));
        }
        Bound::new(py, Self { functions })
    }

    /// Of the functions those that travelled without a state get one.
    pub fn reduce<'py>(&self, reducer: &Reducer, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let fill = &interpreter(py)?.rebuild.fill_function;
        let mut calls = Vec::new();
        for function in &self.functions {
            let function = function.bind(py);
            if reducer.takes_state(function) {
                let state = function_state(reducer, function)?;
                calls.push(Call::new(fill, (function, state).into_pyobject(py)?)?);
            }
        }
        let builtins = py.import(intern!(py, "builtins"))?;
        (builtins.getattr(intern!(py, "tuple"))?, (calls,)).into_pyobject(py)
    }
}
