//! The states of a class's methods, which come once the class has all of them.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::interpreter::interpreter;
use crate::reduce::reducer::Reducer;
use crate::reduce::reference::function_of;

/// Travels as the call that gives the methods their states.
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
        let states = self
            .functions
            .iter()
            .filter_map(|function| Some((function, reducer.take_state(function.bind(py))?)))
            .collect::<Vec<_>>();
        (&interpreter(py)?.rebuild.fill_functions, (PyTuple::new(py, states)?,)).into_pyobject(py)
    }
}
