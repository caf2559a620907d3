//! The places of a code object's instructions.

use pyo3::intern;
use pyo3::prelude::*;

/// The line, last line, column and last column of an instruction, as far as they are known.
pub type Place = (Option<isize>, Option<isize>, Option<usize>, Option<usize>);

/// Returns the place of each instruction; `None` before Python 3.11, which keeps no columns.
pub fn places(code: &Bound<'_, PyAny>) -> PyResult<Option<Vec<Place>>> {
    let py = code.py();
    let Some(co_positions) = code.getattr_opt(intern!(py, "co_positions"))? else {
        return Ok(None);
    };
    let places = co_positions.call0()?.try_iter()?.map(|place| place?.extract());
    places.collect::<PyResult<Vec<_>>>().map(Some)
}
