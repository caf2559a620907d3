//! Classes that typing makes: named tuples, typed dictionaries, protocols.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use super::members::Members;
use super::plain::{reduced, state};
use crate::capture::private_copy;
use crate::interpreter::interpreter;
use crate::reduce::reducer::Reducer;
use crate::reduce::reference::function_of;

/// The fields of a class that `collections.namedtuple` made, `None` for another.
pub fn named_tuple_fields<'py>(members: &Members<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = members.own.py();
    let Some(fields) = members.own.get_item(intern!(py, "_fields"))? else {
        return Ok(None);
    };
    let Some(new) = members.own.get_item(intern!(py, "__new__"))? else {
        return Ok(None);
    };
    let Some(new) = function_of(&new)? else {
        return Ok(None);
    };
    let globals = new.getattr(intern!(py, "__globals__"))?.cast_into::<PyDict>()?;
    let is_made = match globals.get_item(intern!(py, "__name__"))? {
        Some(name) => name.str()?.to_string_lossy().starts_with("namedtuple_"),
        None => false,
    };
    Ok(if is_made { Some(fields.cast_into::<PyTuple>()?) } else { None })
}

pub fn reduce_named_tuple<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
    members: &Members<'py>,
    fields: &Bound<'py, PyTuple>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = class.py();
    let rebuild = &interpreter(py)?.rebuild;
    let is_generic = class.bases().len() > 1;
    let of_class = state(reducer, class, members, &[], |name, value| {
        let is_made = ["_fields", "_field_defaults", "__match_args__", "__slots__", "__new__"];
        if is_made.contains(&name) || fields.contains(name)? {
            return Ok(true);
        }
        Ok(match function_of(value)? {
            Some(function) => {
                let globals = function.getattr(intern!(py, "__globals__"))?;
                globals.is(&interpreter(py)?.collections_names)
                    || globals.is(&interpreter(py)?.typing_names)
            }
            None => is_generic && name == "__class_getitem__",
        })
    })?;
    let new = class.getattr(intern!(py, "__new__"))?;
    let docs = PyDict::new(py);
    for (at, field) in fields.iter().enumerate() {
        if let Some(getter) = members.own.get_item(&field)? {
            let doc = getter.getattr(intern!(py, "__doc__"))?;
            if doc.ne(format!("Alias for field number {at}"))? {
                docs.set_item(field, doc)?;
            }
        }
    }
    let state = (
        of_class,
        new.getattr(intern!(py, "__defaults__"))?,
        if docs.is_empty() { None } else { Some(docs) },
        if is_generic { Some(class.bases()) } else { None },
    );
    let namespace = members.namespace()?;
    if namespace.contains(intern!(py, "__slots__"))? {
        namespace.del_item(intern!(py, "__slots__"))?;
    }
    let arguments =
        (rebuild.id_of.bind(py).call1((class,))?, private_copy(&class.name()?)?, fields, namespace);
    let none = py.None();
    (&rebuild.named_tuple, arguments, state, &none, &none, &rebuild.fill_named_tuple)
        .into_pyobject(py)
}

pub fn reduce_typed_dict<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
    members: &Members<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = class.py();
    let rebuild = &interpreter(py)?.rebuild;
    // PEP 728, from Python 3.15 on.
    let state =
        state(reducer, class, members, &["__closed__", "__extra_items__"], |_, _| Ok(false))?;
    let arguments = (
        rebuild.id_of.bind(py).call1((class,))?,
        private_copy(&class.name()?)?,
        class.bases(),
        members.namespace()?,
    );
    let none = py.None();
    (&rebuild.typed_dict, arguments, state, &none, &none, &rebuild.fill_typed_dict)
        .into_pyobject(py)
}

pub fn reduce_protocol<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
    members: &Members<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = class.py();
    let made_by_typing =
        ["_is_protocol", "__callable_proto_members_only__", "__non_callable_proto_members__"];
    let state = state(reducer, class, members, &["__protocol_attrs__"], |name, value| {
        if made_by_typing.contains(&name) {
            return Ok(true);
        }
        Ok((name == "__init__" || name == "__subclasshook__")
            && match function_of(value)? {
                Some(function) => {
                    function.getattr(intern!(py, "__globals__"))?.is(&interpreter(py)?.typing_names)
                }
                None => false,
            })
    })?;
    reduced(reducer, class, members, state, &interpreter(py)?.rebuild.fill_protocol)
}
