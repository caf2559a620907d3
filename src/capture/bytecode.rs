//! The bytecode record of a function that has no provable source, for `by_source="prefer"`.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::facts::Facts;
use super::strings::private_string;
use crate::interpreter::interpreter;

/// Returns what `sourcepickle.rebuild.bytecode_function` makes a function of.
pub fn bytecode_record<'py>(
    code: &Bound<'py, PyAny>,
    facts: &Facts,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = code.py();
    let magic: Vec<u8> =
        py.import("importlib.util")?.getattr(intern!(py, "MAGIC_NUMBER"))?.extract()?;
    let magic = magic.iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let version = format!("3.{}", interpreter(py)?.minor);
    let name: String = code.getattr(intern!(py, "co_name"))?.extract()?;
    let marshalled = py.import("marshal")?.call_method1(intern!(py, "dumps"), (code,))?;
    // Damaged bytecode can end the process.
    let checksum = py.import("zlib")?.call_method1(intern!(py, "crc32"), (&marshalled,))?;
    (
        magic,
        private_string(py, &version)?,
        marshalled,
        private_string(py, &name)?,
        &facts.filename,
        facts.line,
        checksum,
    )
        .into_pyobject(py)
}
