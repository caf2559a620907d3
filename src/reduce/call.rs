//! A call that the receiver makes where an object stands, while it loads.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Travels as the reduce value `(callable, arguments)`, whatever the arguments hold.
#[pyclass(module = "sourcepickle._native", frozen)]
pub struct Call {
    callable: Py<PyAny>,
    arguments: Py<PyTuple>,
}

impl Call {
    pub fn new<'py>(
        callable: &Py<PyAny>,
        arguments: Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = arguments.py();
        let callable = callable.clone_ref(py);
        Bound::new(py, Self { callable, arguments: arguments.unbind() })
    }

    pub fn reduce<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (&self.callable, &self.arguments).into_pyobject(py)
    }
}
