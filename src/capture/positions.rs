//! The places of a code object's instructions.

use pyo3::intern;
use pyo3::prelude::*;

use crate::syntax::Position;

/// Returns the places, their lines moved, as far as the interpreter knows them: before 3.11 none.
pub fn positions(code: &Bound<'_, PyAny>, moved: isize) -> PyResult<Vec<Position>> {
    let py = code.py();
    let Some(co_positions) = code.getattr_opt(intern!(py, "co_positions"))? else {
        return Ok(Vec::new());
    };
    let mut positions = Vec::new();
    for position in co_positions.call0()?.try_iter()? {
        type Place = (Option<isize>, Option<isize>, Option<usize>, Option<usize>);
        let (line, end_line, column, end_column): Place = position?.extract()?;
        if let (Some(line), Some(end_line), Some(column), Some(end_column)) =
            (line, end_line, column, end_column)
            // RESUME has (0, 0), and so has 3.12's RETURN_CONST.
            && (column, end_column) != (0, 0)
        {
            let (line, end_line) = (line + moved, end_line + moved);
            positions.push(Position { line, column, end_line, end_column });
        }
    }
    Ok(positions)
}
