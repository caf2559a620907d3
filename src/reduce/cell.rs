//! The reduce value of a cell.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::reducer::Reducer;
use crate::interpreter::interpreter;

/// Reduces a cell to an empty one, filled by the function that brought it or, where none did, by
/// a state of its own; either way after pickle knows it, so that cycles through it close.
pub fn reduce_cell<'py>(
    reducer: &Reducer,
    cell: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = cell.py();
    let rebuild = &interpreter(py)?.rebuild;
    let address = cell.as_ptr() as usize;
    let is_expected = reducer.memory().expected_cells.contains(&address);
    match contents(cell)? {
        Some(contents) if !is_expected => {
            let none = py.None();
            let empty = PyTuple::empty(py);
            (&rebuild.cell, empty, (contents,), &none, &none, &rebuild.fill_cell).into_pyobject(py)
        }
        _ => (&rebuild.cell, PyTuple::empty(py)).into_pyobject(py),
    }
}

/// What a cell holds; `None` where it is empty.
pub fn contents<'py>(cell: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = cell.py();
    match cell.getattr(intern!(py, "cell_contents")) {
        Ok(contents) => Ok(Some(contents)),
        Err(error) if error.is_instance_of::<PyValueError>(py) => Ok(None),
        Err(error) => Err(error),
    }
}
