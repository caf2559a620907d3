//! Classes that travel by value: what makes each kind anew, and the state that it gets then.

mod dataclass;
mod enumeration;
mod members;
mod method_states;
mod plain;
mod typing_made;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};

pub use enumeration::reduce_enum_member;
pub use method_states::MethodStates;

use self::members::Members;
use super::call::Call;
use super::importable::home_of;
use super::reducer::Reducer;
use crate::capture::private_string;
use crate::error::SourceError;
use crate::interpreter::interpreter;

/// Reduces a class; `None` for one that travels by reference in pickle's own way.
pub fn reduce_class<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = class.py();
    if !is_of_heap(class)? {
        return reduce_builtin(reducer, class);
    }
    let interpreter = interpreter(py)?;
    if reducer.is_by_reference(class)? {
        return reducer.reduce_reference(class);
    }
    let members = Members::of(class)?;
    if members.are_of_c()? {
        if let Some(reduced) = by_its_name_in_its_module(class)? {
            return Ok(Some(reduced));
        }
        return Err(SourceError::ImplementedInC(class.repr()?.to_string()).into());
    }
    let metaclass = class.get_type();
    let reduced = if metaclass.is(py.get_type::<PyType>()) {
        if let Some(fields) = typing_made::named_tuple_fields(&members)? {
            typing_made::reduce_named_tuple(reducer, class, &members, &fields)?
        } else {
            plain::reduce(reducer, class, &members)?
        }
    } else if metaclass.is_subclass(interpreter.enum_metaclass.bind(py))? {
        enumeration::reduce(reducer, class, &members)?
    } else if metaclass.name()? == "_TypedDictMeta" {
        // That of typing, or typing_extensions' own.
        typing_made::reduce_typed_dict(reducer, class, &members)?
    } else if metaclass.is_subclass(interpreter.protocol_metaclass.bind(py))? {
        typing_made::reduce_protocol(reducer, class, &members)?
    } else {
        plain::reduce(reducer, class, &members)?
    };
    Ok(Some(reduced))
}

/// True for a static type and for one that a C type specification made.
pub fn is_implemented_in_c(class: &Bound<'_, PyType>) -> PyResult<bool> {
    Ok(!is_of_heap(class)? || Members::of(class)?.are_of_c()?)
}

fn is_of_heap(class: &Bound<'_, PyType>) -> PyResult<bool> {
    // `Py_TPFLAGS_HEAPTYPE` (Include/object.h).
    Ok(class.getattr(intern!(class.py(), "__flags__"))?.extract::<u64>()? & (1 << 9) != 0)
}

/// Reduces a static type that its module does not have under its name; `None` for the others.
fn reduce_builtin<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = class.py();
    let singletons = [py.None(), py.Ellipsis(), py.NotImplemented()];
    for singleton in singletons {
        if singleton.bind(py).get_type().is(class) {
            return Ok(Some((py.get_type::<PyType>(), (singleton,)).into_pyobject(py)?));
        }
    }
    if home_of(class)?.is_some() {
        return reducer.reduce_reference(class);
    }
    if let Some(reduced) = by_its_name_in_its_module(class)? {
        return Ok(Some(reduced));
    }
    for module in ["types", "contextvars", "weakref", "_collections_abc"] {
        if let Some(reduced) = by_its_name_in(class, module)? {
            return Ok(Some(reduced));
        }
    }
    Err(SourceError::ImplementedInC(class.repr()?.to_string()).into())
}

/// Reduces a class that its own module has, under another name perhaps, or is yet to import.
fn by_its_name_in_its_module<'py>(
    class: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    match class.getattr(intern!(class.py(), "__module__"))?.cast::<PyString>() {
        Ok(module) if module.as_any().ne("builtins")? && module.as_any().ne("__main__")? => {
            by_its_name_in(class, &module.to_string_lossy())
        }
        _ => Ok(None),
    }
}

fn by_its_name_in<'py>(
    class: &Bound<'py, PyType>,
    module: &str,
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = class.py();
    let interpreter = interpreter(py)?;
    let Ok(imported) = py.import(module) else {
        return Ok(None);
    };
    for (name, value) in &imported.dict() {
        if value.is(class) {
            // By the name given here: one of them goes by that of another.
            let module = (private_string(py, module)?,).into_pyobject(py)?;
            let module = Call::new(&interpreter.rebuild.import_module, module)?;
            return Ok(Some((&interpreter.getattr, (module, name)).into_pyobject(py)?));
        }
    }
    Ok(None)
}
