//! The states of a class's methods, which come once the class has all of them.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::interpreter::interpreter;
use crate::reduce::call::Call;
use crate::reduce::reducer::Reducer;
use crate::reduce::reference::{function_of, is_plain};
use crate::reduce::rule::ReferenceRule;

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
                functions.push(function);
            } else if method.get_type().is_subclass(property)? {
                for name in ["fget", "fset", "fdel"] {
                    functions.extend(function_of(&method.getattr(name)?)?);
                }
            }
        }
        for function in &functions {
            reducer.defer_state(function);
        }
        let held = functions.iter().map(|function| function.clone().unbind()).collect();
        reducer.share_texts(functions)?;
        Bound::new(py, Self { functions: held })
    }

    /// Of the functions those that travelled without a state get one.
    pub fn reduce<'py>(&self, reducer: &Reducer, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let fill = &interpreter(py)?.rebuild.fill_functions;
        let mut states = Vec::new();
        let mut plain_parts = Vec::new();
        let mut are_all_plain = true;
        for function in &self.functions {
            if let Some(state) = reducer.take_state(function.bind(py)) {
                let (plain, is_all) = plain_part(reducer.rule.get(), state.bind(py))?;
                are_all_plain &= is_all;
                plain_parts.push((function, plain).into_pyobject(py)?);
                states.push((function, state).into_pyobject(py)?);
            }
        }
        let first = if are_all_plain {
            None
        } else {
            // Loaded, and so carried out, before the states.
            let arguments = (py.None(), PyTuple::new(py, plain_parts)?).into_pyobject(py)?;
            Some(Call::new(fill, arguments)?)
        };
        (fill, (first, PyTuple::new(py, states)?)).into_pyobject(py)
    }
}

/// What of a state can be loaded without loading an instance, and whether that is all of it.
fn plain_part<'py>(
    rule: &ReferenceRule,
    state: &Bound<'py, PyTuple>,
) -> PyResult<(Bound<'py, PyTuple>, bool)> {
    let py = state.py();
    let mut is_all = true;
    let mut parts = Vec::with_capacity(state.len());
    for part in state.iter().take(OF_PLAIN_PARTS) {
        if let Ok(values) = part.cast::<PyDict>() {
            let plain = PyDict::new(py);
            for (name, value) in values {
                if is_plain(rule, &value)? {
                    plain.set_item(name, value)?;
                } else {
                    is_all = false;
                }
            }
            parts.push(plain.into_any());
        } else if is_plain(rule, &part)? {
            parts.push(part);
        } else {
            is_all = false;
            parts.push(py.None().into_bound(py));
        }
    }
    parts.resize(state.len(), py.None().into_bound(py));
    Ok((PyTuple::new(py, parts)?, is_all))
}

/// Globals, contents of cells, defaults and keyword defaults: what a method may need to run.
const OF_PLAIN_PARTS: usize = 4;
