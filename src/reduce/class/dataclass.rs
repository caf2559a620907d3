//! The state of a dataclass: its fields instead of the methods that dataclasses wrote.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString, PyTuple, PyType};

use super::members::Members;
use crate::capture::{private_copy, private_string};
use crate::error::SourceError;
use crate::interpreter::interpreter;
use crate::reduce::call::Call;
use crate::reduce::reducer::Reducer;
use crate::reduce::reference::function_of;
use crate::reduce::typing_constructs::construct;

/// Methods that dataclasses writes where the class has none of its own.
const METHODS: [&str; 13] = [
    "__delattr__",
    "__eq__",
    "__ge__",
    "__getstate__",
    "__gt__",
    "__hash__",
    "__init__",
    "__le__",
    "__lt__",
    "__replace__",
    "__repr__",
    "__setattr__",
    "__setstate__",
];

/// The attributes of a dataclass that its decorator made; `None` for another class.
pub fn written<'py>(
    class: &Bound<'py, PyType>,
    members: &Members<'py>,
) -> PyResult<Option<Vec<&'static str>>> {
    let py = class.py();
    if !members.own.contains(intern!(py, "__dataclass_params__"))? {
        return Ok(None);
    }
    if members.own.contains(intern!(py, "__is_pydantic_dataclass__"))? {
        return Err(SourceError::PydanticDataclass(class.repr()?.to_string()).into());
    }
    let mut written = vec!["__dataclass_fields__", "__dataclass_params__"];
    for name in METHODS {
        if let Some(method) = members.own.get_item(name)?
            && is_written(name, &method)?
        {
            written.push(name);
        }
    }
    Ok(Some(written))
}

/// The call that gives a dataclass what its decorator made, and its own methods.
pub fn methods<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
    members: &Members<'py>,
    mut written: Vec<&'static str>,
    own: Bound<'py, PyDict>,
) -> PyResult<Bound<'py, Call>> {
    let py = class.py();
    // Before 3.10 there was no such option, and matching needs 3.10.
    if interpreter(py)?.minor < 10 || members.own.contains(intern!(py, "__match_args__"))? {
        written.push("__match_args__");
    }
    // In Python 3.9 a field itself does not know, and the __init__ made for it does.
    let keyword_only = match members.own.get_item(intern!(py, "__init__"))? {
        Some(init) => init.getattr_opt(intern!(py, "keyword_only"))?,
        None => None,
    };
    let fields = class.getattr(intern!(py, "__dataclass_fields__"))?.cast_into::<PyDict>()?;
    let fields = fields
        .values()
        .iter()
        .map(|field| reduce_field(reducer, &field, keyword_only.as_ref()))
        .collect::<PyResult<Vec<_>>>()?;
    let names = written.iter().map(|name| private_string(py, name));
    let names = names.collect::<PyResult<Vec<_>>>()?;
    let arguments = (
        class,
        PyTuple::new(py, fields)?,
        parameters(members)?,
        PyTuple::new(py, names)?,
        class.hasattr(intern!(py, "__post_init__"))?,
        own,
    );
    Call::new(&interpreter(py)?.rebuild.dataclass_methods, arguments.into_pyobject(py)?)
}

/// A field's name, its kind, its type, and the options that are not the default.
fn reduce_field<'py>(
    reducer: &Reducer,
    field: &Bound<'py, PyAny>,
    keyword_only: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = field.py();
    let name = field.getattr(intern!(py, "name"))?;
    let missing = interpreter(py)?.dataclass_missing.bind(py);
    let options = PyDict::new(py);
    for name in ["default", "default_factory"] {
        let value = field.getattr(name)?;
        if !value.is(missing) {
            options.set_item(private_string(py, name)?, value)?;
        }
    }
    for name in ["init", "repr", "compare"] {
        if !field.getattr(name)?.is_truthy()? {
            options.set_item(private_string(py, name)?, false)?;
        }
    }
    for name in ["hash", "doc"] {
        if let Some(value) = field.getattr_opt(name)?
            && !value.is_none()
        {
            options.set_item(private_string(py, name)?, value)?;
        }
    }
    let metadata = field.getattr(intern!(py, "metadata"))?;
    if metadata.is_truthy()? {
        options.set_item(
            private_string(py, "metadata")?,
            py.get_type::<PyDict>().call1((metadata,))?,
        )?;
    }
    let is_keyword_only = match (field.getattr_opt(intern!(py, "kw_only"))?, keyword_only) {
        (Some(value), _) => value.is_instance_of::<PyBool>() && value.is_truthy()?,
        (None, Some(names)) => names.contains(&name)?,
        (None, None) => false,
    };
    if is_keyword_only {
        options.set_item(private_string(py, "kw_only")?, true)?;
    }
    let kind = field.getattr(intern!(py, "_field_type"))?.getattr(intern!(py, "name"))?;
    let kind = match kind.cast::<PyString>()?.to_string_lossy().as_ref() {
        "_FIELD_CLASSVAR" => 1,
        "_FIELD_INITVAR" => 2,
        _ => 0,
    };
    let annotation = construct(reducer, &field.getattr(intern!(py, "type"))?)?;
    (name, kind, annotation, options).into_pyobject(py)
}

/// The options that the decorator was given.
fn parameters<'py>(members: &Members<'py>) -> PyResult<Bound<'py, PyDict>> {
    let py = members.own.py();
    let parameters = PyDict::new(py);
    if let Some(own) = members.own.get_item(intern!(py, "__dataclass_params__"))? {
        for name in own.get_type().getattr(intern!(py, "__slots__"))?.try_iter()? {
            let name = name?.cast_into::<PyString>()?;
            parameters.set_item(private_copy(&name)?, own.getattr(&name)?)?;
        }
    }
    Ok(parameters)
}

/// True for a method that dataclasses compiled, or that it has one of for all classes.
fn is_written(name: &str, method: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = method.py();
    let Some(function) = function_of(method)? else {
        return Ok(false);
    };
    let module = function.getattr(intern!(py, "__module__"))?;
    let is_ours = function.getattr_opt(intern!(py, "keyword_only"))?.is_some();
    if module.eq("dataclasses")? || module.eq("sourcepickle.rebuild.dataclass")? || is_ours {
        return Ok(true);
    }
    let inner = function.getattr_opt(intern!(py, "__wrapped__"))?.unwrap_or(function);
    let Some(code) = inner.getattr_opt(intern!(py, "__code__"))? else {
        return Ok(false);
    };
    if code.getattr(intern!(py, "co_filename"))?.ne("<string>")? {
        return Ok(false);
    }
    // The user's own from `python -c` or `exec` have that file name too.
    Ok(match code.getattr_opt(intern!(py, "co_qualname"))? {
        Some(qualname) => qualname.eq(format!("__create_fn__.<locals>.{name}"))?,
        None => {
            code.getattr(intern!(py, "co_name"))?.eq(name)?
                && code.getattr(intern!(py, "co_firstlineno"))?.eq(2)?
        }
    })
}
