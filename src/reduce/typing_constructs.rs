//! What typing is made of: in annotations and generic bases, where an older Python, or one without
//! the module, must not fail over it; and type parameters, aliases and new types themselves.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple, PyType};

use super::reducer::Reducer;
use super::reference::travels_by_reference;
use crate::interpreter::interpreter;

/// A call that the receiver makes in place of an object, with what stands for it where it fails.
#[pyclass(module = "sourcepickle._native", frozen)]
pub struct Construct {
    callable: Py<PyAny>,
    arguments: Py<PyTuple>,
}

impl Construct {
    pub fn new<'py>(
        callable: &Py<PyAny>,
        arguments: Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = arguments.py();
        let callable = callable.clone_ref(py);
        Bound::new(py, Self { callable, arguments: arguments.unbind() })
    }

    pub fn reduce<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (&self.callable, &self.arguments).into_pyobject(py)
    }
}

/// What travels for an object of an annotation: itself, or the calls that make it.
pub fn construct<'py>(reducer: &Reducer, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if value.is_none() || value.is_instance_of::<PyString>() {
        return Ok(value.clone());
    }
    if let Ok(values) = value.cast_exact::<PyTuple>() {
        return Ok(PyTuple::new(py, constructs(reducer, values.iter())?)?.into_any());
    }
    if let Ok(values) = value.cast_exact::<PyList>() {
        return Ok(PyList::new(py, constructs(reducer, values.iter())?)?.into_any());
    }
    if let Some(known) = reducer.construct_of(value) {
        return Ok(known);
    }
    let made = new_construct(reducer, value)?;
    if !made.is(value) {
        reducer.keep_construct(value, &made);
    }
    Ok(made)
}

fn constructs<'py>(
    reducer: &Reducer,
    values: impl Iterator<Item = Bound<'py, PyAny>>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    values.map(|value| construct(reducer, &value)).collect()
}

fn new_construct<'py>(reducer: &Reducer, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let interpreter = interpreter(py)?;
    let kind = value.get_type();
    if value.is_instance_of::<PyType>() || kind.is(&interpreter.function_type) {
        if is_old_builtin(value)? || !travels_by_reference(value)? {
            return Ok(value.clone());
        }
        return reference(value, intern!(py, "__qualname__"));
    }
    if interpreter.union_type.as_ref().is_some_and(|union| kind.is(union)) {
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
        return Ok(argument);
    }
    if is_named(value)? {
        // A type parameter, an alias or a new type.
        if travels_by_name(value)? {
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
            let arguments = (origin, attribute).into_pyobject(py)?;
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
pub fn reference_if_newer<'py>(class: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let name = class.getattr(intern!(py, "__name__"))?;
    let is_newer = ["StrEnum", "ReprEnum"].iter().any(|newer| name.eq(newer).unwrap_or(false));
    if is_newer && class.getattr(intern!(py, "__module__"))?.eq("enum")? {
        return reference(class, intern!(py, "__qualname__"));
    }
    Ok(class.clone())
}

/// Reduces a type parameter, a type alias or a new type; `None` for another object, or one that
/// its module has under its name.
pub fn reduce_typing<'py>(
    reducer: &Reducer,
    value: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = value.py();
    if !is_named(value)? {
        return Ok(None);
    }
    let interpreter = interpreter(py)?;
    let rebuild = &interpreter.rebuild;
    if travels_by_name(value)? {
        let name = value.getattr(intern!(py, "__name__"))?;
        let module = value.getattr(intern!(py, "__module__"))?;
        return Ok(Some((&rebuild.reference, (module, name)).into_pyobject(py)?));
    }
    let name = value.getattr(intern!(py, "__name__"))?;
    let module = value.getattr(intern!(py, "__module__"))?;
    let kind = value.get_type().name()?;
    if kind == "TypeAliasType" {
        return Ok(Some(reduce_alias(reducer, value, name, module)?));
    }
    if kind == "NewType" {
        return Ok(Some(reduce_new_type(reducer, value)?));
    }
    let tracked_id = rebuild.id_of.bind(py).call1((value,))?;
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

/// True for a type parameter, a type alias or a new type.
fn is_named(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = value.py();
    for kind in &interpreter(py)?.named_typing_types {
        if value.get_type().is(kind) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// True for a named construct that an importable module has under its name.
fn travels_by_name(value: &Bound<'_, PyAny>) -> PyResult<bool> {
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
        && !super::reference::is_registered_by_value(&home)?)
}

fn reference<'py>(
    value: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let module = value.getattr(intern!(py, "__module__"))?.str()?;
    let name = value.getattr(name)?.str()?;
    new_reference(py, &module.to_string_lossy(), &name)
}

fn new_reference<'py>(
    py: Python<'py>,
    module: &str,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    let arguments = (module, name).into_pyobject(py)?;
    Ok(Construct::new(&interpreter(py)?.rebuild.reference, arguments)?.into_any())
}

fn applied<'py>(
    function: &Bound<'py, PyAny>,
    arguments: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = function.py();
    let arguments = (function, arguments).into_pyobject(py)?;
    Ok(Construct::new(&interpreter(py)?.rebuild.applied, arguments)?.into_any())
}
