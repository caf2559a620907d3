//! Sets that functions refer to, in an order that no hash seed decides.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFrozenSet, PyInt, PyList, PySet, PyString};

use super::call::Call;
use super::reducer::Reducer;

/// What travels for an object that a function's globals or a cell of it hold: itself, or the call
/// that makes a set of its sorted members.
///
/// pickle writes sets in the order of their hashes, which for strings is another in every process.
/// A set that others hold too must stay the object that they share, and so travels as it is.
pub fn in_order<'py>(reducer: &Reducer, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let is_mutable = value.is_exact_instance_of::<PySet>();
    if !is_mutable && !value.is_exact_instance_of::<PyFrozenSet>() {
        return Ok(value);
    }
    let address = value.as_ptr() as usize;
    let known = {
        let memory = reducer.memory();
        memory.sets.get(&address).map(|set| (set.members.clone_ref(py), set.call.clone_ref(py)))
    };
    if known.is_none() && is_mutable && !is_held_once(&value) {
        return Ok(value);
    }
    let members = PyList::new(py, value.try_iter()?.collect::<PyResult<Vec<_>>>()?)?;
    if !are_alike(&members) {
        return Ok(value);
    }
    members.sort()?;
    if let Some((known, call)) = known {
        // It may be another dump, and the set another then.
        let known = known.bind(py);
        known.set_slice(0, known.len(), &members)?;
        return Ok(call.into_bound(py));
    }
    let kind = value.get_type().into_any().unbind();
    let call = Call::new(&kind, (&members,).into_pyobject(py)?)?.into_any();
    let set =
        OrderedSet { set: value.unbind(), members: members.unbind(), call: call.clone().unbind() };
    reducer.memory().sets.insert(address, set);
    Ok(call)
}

/// A set, held so that its address stays its own, and what travels for it.
pub struct OrderedSet {
    set: Py<PyAny>,
    members: Py<PyList>,
    call: Py<PyAny>,
}

impl OrderedSet {
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.set)?;
        visit.call(&self.members)?;
        visit.call(&self.call)
    }
}

/// True where all members are of one type that has an order, and that nothing else can be told by.
fn are_alike(members: &Bound<'_, PyList>) -> bool {
    members.iter().all(|member| member.is_exact_instance_of::<PyString>())
        || members.iter().all(|member| member.is_exact_instance_of::<PyInt>())
        || members.iter().all(|member| member.is_exact_instance_of::<PyBytes>())
}

/// True where nothing but what it was taken from, and this reference, holds an object.
fn is_held_once(value: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the reference that is borrowed here keeps the object alive.
    unsafe { pyo3::ffi::Py_REFCNT(value.as_ptr()) == 2 }
}
