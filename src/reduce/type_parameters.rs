//! What typing makes under a name of its own: type parameters, type aliases, new types.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::reducer::Reducer;
use super::typing_constructs::construct;
use crate::interpreter::interpreter;

/// Reduces a type parameter, a type alias or a new type; `None` for one that its module has under
/// its name.
pub fn reduce_typing<'py>(
    reducer: &Reducer,
    value: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = value.py();
    let interpreter = interpreter(py)?;
    let rebuild = &interpreter.rebuild;
    if travels_by_name(reducer, value)? {
        return Ok(None);
    }
    let name = value.getattr(intern!(py, "__name__"))?;
    let module = value.getattr(intern!(py, "__module__"))?;
    let kind = value.get_type().name()?;
    if !reducer.may_lack(value) {
        reducer.check_library(py, "typing", Some(&kind.to_string_lossy()))?;
    }
    if kind == "TypeAliasType" {
        return Ok(Some(reduce_alias(reducer, value, name, module)?));
    }
    if kind == "NewType" {
        return Ok(Some(reduce_new_type(reducer, value)?));
    }
    // A function's own are made anew with the function, and so give the same bytes every time.
    let tracked_id = if reducer.is_of_function(value) {
        None
    } else {
        Some(rebuild.id_of.bind(py).call1((value,))?)
    };
    let options = PyDict::new(py);
    for name in ["covariant", "contravariant", "infer_variance"] {
        if let Some(value) = value.getattr_opt(format!("__{name}__"))?
            && value.is_truthy()?
        {
            options.set_item(name, true)?;
        }
    }
    // Those of PEP 695 are evaluated when they are read, and may name what is not there.
    if let Ok(bound) = value.getattr(intern!(py, "__bound__"))
        && !bound.is_none()
    {
        options.set_item("bound", construct(reducer, &bound)?)?;
    }
    if let Ok(constraints) = value.getattr(intern!(py, "__constraints__"))
        && constraints.is_truthy()?
    {
        options.set_item("constraints", construct(reducer, &constraints)?)?;
    }
    if let Some(has_default) = value.getattr_opt(intern!(py, "has_default"))?
        && has_default.call0()?.is_truthy()?
        && let Ok(default) = value.getattr(intern!(py, "__default__"))
    {
        options.set_item("default", construct(reducer, &default)?)?;
    }
    let arguments = (tracked_id, kind, name, module, options, !reducer.may_lack(value));
    Ok(Some((&rebuild.type_parameter, arguments).into_pyobject(py)?))
}

/// Reduces a new type, which before Python 3.10 is a function.
pub fn reduce_new_type<'py>(
    reducer: &Reducer,
    value: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = value.py();
    let rebuild = &interpreter(py)?.rebuild;
    let is_function = value.get_type().is(&interpreter(py)?.function_type);
    let name = value.getattr(if is_function { "__name__" } else { "__qualname__" })?;
    let supertype = construct(reducer, &value.getattr(intern!(py, "__supertype__"))?)?;
    let tracked_id = rebuild.id_of.bind(py).call1((value,))?;
    let module = value.getattr(intern!(py, "__module__"))?;
    (&rebuild.new_type, (tracked_id, name, module, supertype)).into_pyobject(py)
}

pub fn reduce_forward_reference<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let py = value.py();
    let text = value.getattr(intern!(py, "__forward_arg__"))?;
    let module = value.getattr_opt(intern!(py, "__forward_module__"))?;
    let module = module.filter(|module| module.is_instance_of::<PyString>());
    (&interpreter(py)?.rebuild.forward_reference, (text, module)).into_pyobject(py)
}

fn reduce_alias<'py>(
    reducer: &Reducer,
    alias: &Bound<'py, PyAny>,
    name: Bound<'py, PyAny>,
    module: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = alias.py();
    let rebuild = &interpreter(py)?.rebuild;
    let mut parameters = Vec::new();
    for parameter in alias.getattr(intern!(py, "__type_params__"))?.try_iter()? {
        let parameter = parameter?;
        let stars = match parameter.get_type().name()?.to_string_lossy().as_ref() {
            "TypeVarTuple" => "*",
            "ParamSpec" => "**",
            _ => "",
        };
        let text = format!("{stars}{}", parameter.getattr(intern!(py, "__name__"))?);
        let tracked_id = rebuild.id_of.bind(py).call1((parameter,))?;
        parameters.push((tracked_id, text).into_pyobject(py)?);
    }
    let tracked_id = rebuild.id_of.bind(py).call1((alias,))?;
    // Before the value is looked at, which may be made of the alias itself.
    let required = !reducer.may_lack(alias);
    let value = construct(reducer, &alias.getattr(intern!(py, "__value__"))?)?;
    let arguments = (tracked_id, name, module, PyTuple::new(py, parameters)?, required);
    let none = py.None();
    (&rebuild.type_alias, arguments, (value,), &none, &none, &rebuild.fill_type_alias)
        .into_pyobject(py)
}

/// True for a named construct that an importable module has under its name.
pub fn travels_by_name(reducer: &Reducer, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = value.py();
    let module = value.getattr(intern!(py, "__module__"))?;
    if module.eq("__main__")? || !module.is_instance_of::<PyString>() {
        return Ok(false);
    }
    let Some(home) = interpreter(py)?.sys_modules.bind(py).get_item(&module)? else {
        return Ok(false);
    };
    let name = value.getattr(intern!(py, "__name__"))?.cast_into::<PyString>()?;
    Ok(home.getattr_opt(&name)?.is_some_and(|found| found.is(value))
        && reducer.rule.get().is_by_reference_in(&home)?)
}
