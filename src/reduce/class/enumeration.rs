//! Enums and their members.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use super::members::Members;
use super::plain::{Metaclass, state};
use crate::capture::private_copy;
use crate::interpreter::interpreter;
use crate::reduce::reducer::Reducer;
use crate::reduce::reference::function_of;
use crate::reduce::typing_constructs::reference_if_newer;

/// Attributes of a member that `enum` gives it anew.
const OF_EVERY_MEMBER: [&str; 6] =
    ["_hashable_values_", "_inverted_", "_name_", "_sort_order_", "_value_", "__objclass__"];

pub fn reduce<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
    members: &Members<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = class.py();
    let interpreter = interpreter(py)?;
    let by_name = class.getattr(intern!(py, "_member_map_"))?.cast_into::<PyDict>()?;
    let data_type = data_type(reducer, class)?;
    let mut listed = Vec::with_capacity(by_name.len());
    let extras = PyDict::new(py);
    for (name, member) in &by_name {
        let arguments = match &data_type {
            Some(data_type) => Some(arguments(data_type, &member)?),
            None => None,
        };
        listed.push((&name, member.getattr(intern!(py, "_value_"))?, arguments).into_pyobject(py)?);
        let extra = attributes_of_member(&member)?;
        if !extra.is_empty() && member.getattr(intern!(py, "_name_"))?.eq(&name)? {
            extras.set_item(name, extra)?;
        }
    }
    let of_class = state(reducer, class, members, &[], |name, value| {
        Ok(by_name.contains(name)? || is_made_by_enum(class, name, value)?)
    })?;
    let state =
        (of_class, if extras.is_empty() { None } else { Some(extras) }, value_aliases(class)?);
    let bases = class
        .bases()
        .iter()
        .map(|base| reference_if_newer(reducer, &base))
        .collect::<PyResult<Vec<_>>>()?;
    let arguments = (
        interpreter.rebuild.id_of.bind(py).call1((class,))?,
        Metaclass::of(reducer, class)?.own,
        private_copy(&class.name()?)?,
        PyTuple::new(py, bases)?,
        members.namespace()?,
        PyTuple::new(py, listed)?,
        data_type,
        boundary(reducer, class, members)?,
    );
    let none = py.None();
    (
        &interpreter.rebuild.enum_class,
        arguments,
        state,
        &none,
        &none,
        &interpreter.rebuild.fill_enum,
    )
        .into_pyobject(py)
}

/// Reduces a member of an enum that travels by value to its name; `None` for pickle's own way.
pub fn reduce_enum_member<'py>(
    reducer: &Reducer,
    member: &Bound<'py, PyAny>,
    class: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = member.py();
    let interpreter = interpreter(py)?;
    if reducer.is_by_reference(class)? {
        return Ok(None);
    }
    let reduce = class.getattr(intern!(py, "__reduce_ex__"))?;
    if let Some(function) = function_of(&reduce)?
        && function.getattr(intern!(py, "__module__"))?.ne("enum")?
    {
        return Ok(None);
    }
    let name = member.getattr(intern!(py, "_name_"))?;
    let by_name = class.getattr(intern!(py, "_member_map_"))?;
    let reduced = if by_name.contains(&name)? {
        (&interpreter.getattr, (class, name)).into_pyobject(py)?
    } else {
        (class, (member.getattr(intern!(py, "_value_"))?,)).into_pyobject(py)?
    };
    Ok(Some(reduced))
}

/// Values by which a member is found beside its own, with its name.
fn value_aliases<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyTuple>> {
    let py = class.py();
    let mut aliases = Vec::new();
    let by_value = class.getattr(intern!(py, "_value2member_map_"))?.cast_into::<PyDict>()?;
    let by_name = class.getattr(intern!(py, "_member_map_"))?.cast_into::<PyDict>()?;
    for (value, member) in &by_value {
        let name = member.getattr(intern!(py, "_name_"))?;
        // Combinations of flags are found by their values too, and have no name among the members.
        if by_name.contains(&name)? && member.getattr(intern!(py, "_value_"))?.ne(&value)? {
            aliases.push((value, name).into_pyobject(py)?);
        }
    }
    PyTuple::new(py, aliases)
}

/// The built-in type that makes the members of an enum with a mixed-in type.
fn data_type<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = class.py();
    let object = py.get_type::<PyAny>();
    for candidate in class.mro() {
        let is_of_enum =
            candidate.get_type().is_subclass(interpreter(py)?.enum_metaclass.bind(py))?;
        if candidate.is(&object) || is_of_enum || !reducer.is_by_reference(&candidate)? {
            continue;
        }
        if candidate.getattr(intern!(py, "__dict__"))?.contains(intern!(py, "__new__"))? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// What a built-in type makes a member's own data of.
fn arguments<'py>(
    data_type: &Bound<'py, PyAny>,
    member: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = member.py();
    match data_type.getattr_opt(intern!(py, "__getnewargs__"))? {
        Some(method) => method.call1((member,)),
        None => data_type.call_method1(intern!(py, "__reduce_ex__"), (member, 2))?.get_item(1),
    }
}

fn attributes_of_member<'py>(member: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = member.py();
    let attributes = PyDict::new(py);
    for (name, value) in &member.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()? {
        if !OF_EVERY_MEMBER.contains(&name.str()?.to_string_lossy().as_ref()) {
            attributes.set_item(name, value)?;
        }
    }
    Ok(attributes)
}

/// What `enum` itself sets on every class, to what the class would inherit from its last base.
const INHERITED: [&str; 14] = [
    "__and__",
    "__format__",
    "__invert__",
    "__new__",
    "__or__",
    "__rand__",
    "__reduce_ex__",
    "__repr__",
    "__ror__",
    "__rxor__",
    "__str__",
    "__xor__",
    "_generate_next_value_",
    "_missing_",
];

/// True for what `enum` itself puts into a class: names of its own form, and its own functions
/// instead of those of a mixed-in type.
fn is_made_by_enum<'py>(
    class: &Bound<'py, PyType>,
    name: &str,
    value: &Bound<'py, PyAny>,
) -> PyResult<bool> {
    let py = class.py();
    let function = function_of(value)?;
    if INHERITED.contains(&name) {
        if name == "__reduce_ex__"
            && let Some(function) = &function
            && function.getattr(intern!(py, "__module__"))?.eq("enum")?
        {
            return Ok(true);
        }
        let bases = class.bases();
        let Some(inherited) = bases.get_item(bases.len() - 1)?.getattr_opt(name)? else {
            return Ok(false);
        };
        let inherited_function = function_of(&inherited)?;
        return Ok(match (&function, &inherited_function) {
            (Some(own), Some(inherited)) => own.is(inherited),
            _ => inherited.is(value),
        });
    }
    if ["_new_member_", "_value_repr_"].contains(&name) {
        return Ok(true); // The user's own __new__ is kept as __new_member__.
    }
    let is_private = name.starts_with(&format!("_{}__", class.name()?.to_string_lossy()));
    let is_sunder = name.starts_with('_') && name.ends_with('_') && !name.starts_with("__");
    Ok(is_sunder && !is_private && name != "_numeric_repr_" && function.is_none())
}

/// The name of a flag's boundary, where it is another than its bases have.
fn boundary<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
    members: &Members<'py>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = class.py();
    let name = intern!(py, "_boundary_");
    let Some(boundary) = members.own.get_item(name)? else {
        return Ok(None);
    };
    for base in class.mro().iter().skip(1) {
        if let Some(inherited) = base.getattr_opt(name)? {
            if inherited.is(&boundary) {
                return Ok(None);
            }
            break;
        }
    }
    reducer.check_library(py, "enum", Some("FlagBoundary"))?;
    Ok(Some(boundary.getattr(intern!(py, "name"))?.cast_into::<PyString>()?.into_any()))
}
