//! What functools makes of functions: made again by the receiver's own functools.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::annotations::annotations_of_function;
use super::reducer::Reducer;
use crate::interpreter::interpreter;

/// What wrapping the function gives again.
const OF_WRAPPING: [&str; 9] = [
    "__annotate__",
    "__annotations__",
    "__type_params__",
    "__wrapped__",
    "_clear_cache",
    "cache_parameters",
    "dispatch",
    "register",
    "registry",
];

/// Reduces a function with a cache; `None` for one that travels by reference.
pub fn reduce_lru_cache<'py>(
    reducer: &Reducer,
    wrapper: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = wrapper.py();
    if reducer.is_by_reference(wrapper)? {
        return Ok(None);
    }
    let rebuild = &interpreter(py)?.rebuild;
    let parameters = wrapper.call_method0(intern!(py, "cache_parameters"))?;
    let arguments = (
        wrapper.getattr(intern!(py, "__wrapped__"))?,
        parameters.get_item(intern!(py, "maxsize"))?,
        parameters.get_item(intern!(py, "typed"))?,
    );
    let none = py.None();
    let state = attributes(reducer, wrapper)?;
    let reduced = (&rebuild.lru_cache, arguments, state, &none, &none, &rebuild.fill_wrapper);
    Ok(Some(reduced.into_pyobject(py)?))
}

/// Reduces a generic function that travels by value.
pub fn reduce_single_dispatch<'py>(
    reducer: &Reducer,
    function: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = function.py();
    let rebuild = &interpreter(py)?.rebuild;
    let arguments = (function.getattr(intern!(py, "__wrapped__"))?,);
    let state = (registry(function)?, attributes(reducer, function)?);
    let none = py.None();
    (&rebuild.single_dispatch, arguments, state, &none, &none, &rebuild.fill_single_dispatch)
        .into_pyobject(py)
}

pub fn reduce_single_dispatch_method<'py>(
    method: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = method.py();
    let rebuild = &interpreter(py)?.rebuild;
    let arguments = (method.getattr(intern!(py, "func"))?,);
    let registry = registry(&method.getattr(intern!(py, "dispatcher"))?)?;
    let none = py.None();
    let fill = &rebuild.fill_single_dispatch_method;
    (&rebuild.single_dispatch_method, arguments, registry, &none, &none, fill).into_pyobject(py)
}

pub fn reduce_partial_method<'py>(method: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let py = method.py();
    let arguments = (
        method.getattr(intern!(py, "func"))?,
        method.getattr(intern!(py, "args"))?,
        method.getattr(intern!(py, "keywords"))?,
    );
    (&interpreter(py)?.rebuild.partial_method, arguments).into_pyobject(py)
}

/// Reduces a cached property without the lock that it has before Python 3.12.
pub fn reduce_cached_property<'py>(property: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let py = property.py();
    let own = property.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?.copy()?;
    if own.contains(intern!(py, "lock"))? {
        own.del_item(intern!(py, "lock"))?;
    }
    (property.get_type(), (property.getattr(intern!(py, "func"))?,), own).into_pyobject(py)
}

fn registry<'py>(function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let py = function.py();
    let registry = function.getattr(intern!(py, "registry"))?;
    let items = registry.call_method0(intern!(py, "items"))?;
    PyTuple::new(py, items.try_iter()?.collect::<PyResult<Vec<_>>>()?)
}

/// What the wrapper says of itself, which is its function's or was set later.
fn attributes<'py>(reducer: &Reducer, wrapper: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = wrapper.py();
    let attributes = PyDict::new(py);
    for name in ["__name__", "__qualname__", "__module__", "__doc__"] {
        if let Some(value) = wrapper.getattr_opt(name)? {
            attributes.set_item(name, value)?;
        }
    }
    let own = wrapper.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
    for (name, value) in &own {
        if !OF_WRAPPING.contains(&name.str()?.to_string_lossy().as_ref()) {
            attributes.set_item(name.cast_into::<PyString>()?, value)?;
        }
    }
    // From 3.14 on what wraps a function has no annotations but a way to get its function's.
    let annotated = if own.contains(intern!(py, "__annotate__"))? {
        wrapper.getattr(intern!(py, "__wrapped__"))?
    } else {
        wrapper.clone()
    };
    if annotated.hasattr(intern!(py, "__annotations__"))?
        && let Some(annotations) = annotations_of_function(reducer, &annotated)?
    {
        attributes.set_item("__annotations__", annotations)?;
    }
    Ok(attributes)
}
