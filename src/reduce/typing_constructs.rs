//! What typing is made of: in annotations and generic bases, where an older Python, or one without
//! the module, must not fail over it; and type parameters, aliases and new types themselves.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple, PyType};

use super::call::Call;
use super::public_home::public_home;
use super::reducer::Reducer;
use super::type_parameters::travels_by_name;
use crate::capture::private_string;
use crate::interpreter::{Kind, interpreter};

/// Deeper than anyone writes an annotation, and far from the end of the stack.
const MOST_LEVELS: usize = 100;

/// What travels for an object of an annotation: itself, or the calls that make it.
pub fn construct<'py>(reducer: &Reducer, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if value.is_none() || value.is_instance_of::<PyString>() {
        return Ok(value.clone());
    }
    if let Some(known) = reducer.construct_of(value) {
        return Ok(known);
    }
    let Some(_inside) = reducer.enter(value, MOST_LEVELS) else {
        return Ok(value.clone());
    };
    let made = new_construct(reducer, value)?;
    if !made.is(value) {
        reducer.keep_construct(value, &made);
    }
    Ok(made)
}

/// What travels for the objects in another; `None` where they do themselves.
fn constructs<'py>(
    reducer: &Reducer,
    values: impl Iterator<Item = Bound<'py, PyAny>>,
) -> PyResult<Option<Vec<Bound<'py, PyAny>>>> {
    let mut is_same = true;
    let mut made = Vec::new();
    for value in values {
        let construct = construct(reducer, &value)?;
        is_same &= construct.is(&value);
        made.push(construct);
    }
    Ok(if is_same { None } else { Some(made) })
}

fn new_construct<'py>(reducer: &Reducer, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if let Ok(values) = value.cast_exact::<PyTuple>() {
        return Ok(match constructs(reducer, values.iter())? {
            Some(made) => PyTuple::new(py, made)?.into_any(),
            None => value.clone(),
        });
    }
    if let Ok(values) = value.cast_exact::<PyList>() {
        return Ok(match constructs(reducer, values.iter())? {
            Some(made) => PyList::new(py, made)?.into_any(),
            None => value.clone(),
        });
    }
    let interpreter = interpreter(py)?;
    let kind = value.get_type();
    if value.is_instance_of::<PyType>() || kind.is(&interpreter.function_type) {
        if is_old_builtin(value)? || !reducer.is_by_reference(value)? {
            return Ok(value.clone());
        }
        return reference(value, intern!(py, "__qualname__"));
    }
    if interpreter.kind_of(value) == Some(Kind::Union) {
        let members = construct(reducer, &value.getattr(intern!(py, "__args__"))?)?;
        let arguments = (members,).into_pyobject(py)?;
        return applied(interpreter.rebuild.union.bind(py), &arguments);
    }
    let module = kind.getattr(intern!(py, "__module__"))?;
    let module = module.cast::<PyString>().map(|name| name.to_string_lossy().into_owned());
    let module = module.unwrap_or_default();
    // PEP 661: a sentinel travels by its name.
    if module == "builtins" && kind.name()? == "sentinel" {
        return reference(value, intern!(py, "__name__"));
    }
    if module == "dataclasses" {
        return of_dataclasses(reducer, value);
    }
    if !["typing", "types", "collections.abc", "typing_extensions", "annotationlib"]
        .contains(&module.as_str())
    {
        return Ok(value.clone());
    }
    if let Some(argument) = value.getattr_opt(intern!(py, "__forward_arg__"))? {
        // typing makes one of a string again where it stands in another construct.
        return Ok(if reducer.is_outermost() { value.clone() } else { argument });
    }
    if interpreter.kind_of(value) == Some(Kind::NamedTyping) {
        // A type parameter, an alias or a new type.
        if travels_by_name(reducer, value)? {
            return reference(value, intern!(py, "__name__"));
        }
        reducer.allow_lacking(value);
        return Ok(value.clone());
    }
    let name = kind.name()?;
    let of_param_spec = [("ParamSpecArgs", "args"), ("ParamSpecKwargs", "kwargs")];
    for (kind, attribute) in of_param_spec {
        if name == kind {
            let origin = construct(reducer, &value.getattr(intern!(py, "__origin__"))?)?;
            let arguments = (origin, private_string(py, attribute)?).into_pyobject(py)?;
            return applied(interpreter.getattr.bind(py), &arguments);
        }
    }
    let reduced = value.call_method1(intern!(py, "__reduce_ex__"), (2,))?;
    if let Ok(name) = reduced.cast::<PyString>() {
        return new_reference(py, &module, name);
    }
    let reduced = reduced.cast_into::<PyTuple>()?;
    if reduced.len() != 2 {
        return Ok(value.clone());
    }
    let callable = construct(reducer, &reduced.get_item(0)?)?;
    let arguments = construct(reducer, &reduced.get_item(1)?)?;
    applied(&callable, &arguments)
}

/// True for the built-in types that annotations name most, all of them in every Python.
fn is_old_builtin(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = value.py();
    let known = [
        "NoneType",
        "bool",
        "bytearray",
        "bytes",
        "complex",
        "dict",
        "float",
        "frozenset",
        "int",
        "list",
        "object",
        "range",
        "set",
        "slice",
        "str",
        "tuple",
        "type",
    ];
    Ok(value.getattr(intern!(py, "__module__"))?.eq("builtins")?
        && known
            .contains(&value.getattr(intern!(py, "__name__"))?.str()?.to_string_lossy().as_ref()))
}

/// `KW_ONLY` and `InitVar`, which stand in the annotations of dataclasses.
fn of_dataclasses<'py>(
    reducer: &Reducer,
    value: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    match value.get_type().name()?.to_string_lossy().as_ref() {
        "_KW_ONLY_TYPE" => new_reference(py, "dataclasses", &PyString::new(py, "KW_ONLY")),
        "InitVar" => {
            let inner = construct(reducer, &value.getattr(intern!(py, "type"))?)?;
            let arguments = (inner,).into_pyobject(py)?;
            applied(&value.get_type(), &arguments)
        }
        _ => Ok(value.clone()),
    }
}

/// A reference to a class of the standard library that Python 3.9 does not have, so that older
/// Pythons can say so.
pub fn reference_if_newer<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let name = class.getattr(intern!(py, "__name__"))?;
    let is_newer = ["StrEnum", "ReprEnum"].iter().any(|newer| name.eq(newer).unwrap_or(false));
    if is_newer && class.getattr(intern!(py, "__module__"))?.eq("enum")? {
        reducer.check_reference(class)?;
        return reference(class, intern!(py, "__qualname__"));
    }
    Ok(class.clone())
}

fn reference<'py>(
    value: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if let Some((module, name)) = public_home(value)? {
        return new_reference(py, &module.name()?.to_string_lossy(), &name);
    }
    let module = value.getattr(intern!(py, "__module__"))?.str()?;
    let name = value.getattr(name)?.str()?;
    new_reference(py, &module.to_string_lossy(), &name)
}

fn new_reference<'py>(
    py: Python<'py>,
    module: &str,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    let name = private_string(py, &name.to_string_lossy())?;
    let arguments = (private_string(py, module)?, name).into_pyobject(py)?;
    Ok(Call::new(&interpreter(py)?.rebuild.reference, arguments)?.into_any())
}

fn applied<'py>(
    function: &Bound<'py, PyAny>,
    arguments: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = function.py();
    let arguments = (function, arguments).into_pyobject(py)?;
    Ok(Call::new(&interpreter(py)?.rebuild.applied, arguments)?.into_any())
}
