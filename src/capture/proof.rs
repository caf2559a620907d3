//! The proof that a text is a function's source: its code and the function's own are the same.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyFloat, PyFrozenSet, PySlice, PyString, PyTuple};

use super::positions::{Place, places};
use crate::interpreter::interpreter;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub enum Likeness {
    Different,
    /// The same but for lines and columns.
    SameCode,
    Same,
}

/// What a code object does; `==` on code objects is not used, because what it compares, and
/// whether it sees through specialized instructions, differs between versions.
const CONTENT: [&str; 10] = [
    "co_name",
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_flags",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_code",
];
/// The same, of attributes that only some versions have.
const NEWER_CONTENT: [&str; 2] = ["co_qualname", "co_exceptiontable"];

/// Compares two code objects and all inside them, their file names apart.
pub fn likeness(own: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<Likeness> {
    let py = own.py();
    let code_type = interpreter(py)?.code_type.bind(py);
    let mut least = Likeness::Same;
    // No recursion: code nests as deep as CPython's compiler goes, on whatever stack this runs.
    let mut open = vec![(own.clone(), other.clone())];
    while let Some((own, other)) = open.pop() {
        if !own.get_type().is(other.get_type()) {
            return Ok(Likeness::Different);
        }
        if own.get_type().is(code_type) {
            if !same_content(&own, &other)? {
                return Ok(Likeness::Different);
            }
            if !same_places(&own, &other)? {
                least = Likeness::SameCode;
            }
            let consts = intern!(py, "co_consts");
            open.push((own.getattr(consts)?, other.getattr(consts)?));
        } else if let (Ok(own), Ok(other)) = (own.cast::<PyTuple>(), other.cast::<PyTuple>()) {
            if own.len() != other.len() {
                return Ok(Likeness::Different);
            }
            open.extend(own.iter().zip(other.iter()));
        } else if !same_constant(&own, &other)? {
            return Ok(Likeness::Different);
        }
    }
    Ok(least)
}

fn same_content(own: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = own.py();
    for name in CONTENT {
        let name = PyString::intern(py, name);
        if !own.getattr(&name)?.eq(other.getattr(&name)?)? {
            return Ok(false);
        }
    }
    for name in NEWER_CONTENT {
        let name = PyString::intern(py, name);
        if let Some(value) = own.getattr_opt(&name)?
            && !value.eq(other.getattr(&name)?)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn same_places(own: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = own.py();
    // `co_lnotab` is Python 3.9's; later versions have it too, but deprecated.
    let table = if own.hasattr(intern!(py, "co_linetable"))? {
        intern!(py, "co_linetable")
    } else {
        intern!(py, "co_lnotab")
    };
    let first = intern!(py, "co_firstlineno");
    if !own.getattr(first)?.eq(other.getattr(first)?)? {
        return Ok(false);
    }
    if own.getattr(table)?.eq(other.getattr(table)?)? {
        return Ok(true);
    }
    // Under `-X no_debug_ranges` what is compiled has no columns, and a cached module may have them.
    match (places(own)?, places(other)?) {
        (Some(own), Some(other)) => Ok(same_known_places(&own, &other)),
        _ => Ok(false),
    }
}

/// Compares lines, and columns where both code objects have them.
fn same_known_places(own: &[Place], other: &[Place]) -> bool {
    let same = |(own, other): (&Place, &Place)| {
        let without_columns = own.2.is_none() || other.2.is_none();
        own == other || (without_columns && own.0 == other.0)
    };
    own.len() == other.len() && own.iter().zip(other).all(same)
}

fn same_constant(own: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    if own.is_instance_of::<PyFrozenSet>() {
        return Ok(representations(own)? == representations(other)?);
    }
    // Equality calls 0.0 and -0.0 the same, True and 1, and no NaN itself; their representation does not.
    let by_representation = own.is_instance_of::<PyFloat>()
        || own.is_instance_of::<PyComplex>()
        || own.is_instance_of::<PySlice>();
    if by_representation { own.repr()?.as_any().eq(other.repr()?) } else { own.eq(other) }
}

/// The members of a frozenset, whose order says nothing.
fn representations(set: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let members = set.try_iter()?.map(|member| member?.repr()?.extract());
    let mut representations = members.collect::<PyResult<Vec<String>>>()?;
    representations.sort();
    Ok(representations)
}
