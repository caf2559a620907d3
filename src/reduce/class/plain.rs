//! Classes of no special kind, and what classes of every kind have in common.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple, PyType};

use super::dataclass;
use super::members::Members;
use super::method_states::MethodStates;
use crate::capture::{private_copy, private_string};
use crate::interpreter::interpreter;
use crate::reduce::annotations::annotations_of_class;
use crate::reduce::call::Call;
use crate::reduce::reducer::Reducer;
use crate::reduce::typing_constructs::construct;

pub fn reduce<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
    members: &Members<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    let state = state(reducer, class, members, &[], |_, _| Ok(false))?;
    reduced(reducer, class, members, state, &interpreter(class.py())?.rebuild.fill_class)
}

/// The reduce value of a class that its metaclass makes of its bases and its namespace.
pub fn reduced<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
    members: &Members<'py>,
    state: Bound<'py, PyTuple>,
    fill: &Py<PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = class.py();
    let interpreter = interpreter(py)?;
    let mut metaclass = Metaclass::of(reducer, class)?;
    let layout = layout(reducer, class)?;
    if layout.is_some() && metaclass.own.is_none() {
        // It cannot follow from the stand-ins that are the bases at first.
        metaclass.own = Some(class.get_type());
    }
    let arguments = (
        interpreter.rebuild.id_of.bind(py).call1((class,))?,
        metaclass.own,
        metaclass.maker,
        private_copy(&class.name()?)?,
        class.bases(),
        members.namespace()?,
        layout,
    );
    let none = py.None();
    (&interpreter.rebuild.plain_class, arguments, state, &none, &none, fill).into_pyobject(py)
}

/// The state of a class: its methods and their states, its other attributes, what typing made for
/// it, and what an ABC knows; without the attributes that `is_left_out` names.
pub fn state<'py>(
    reducer: &Reducer,
    class: &Bound<'py, PyType>,
    members: &Members<'py>,
    more_constructs: &[&str],
    is_left_out: impl Fn(&str, &Bound<'py, PyAny>) -> PyResult<bool>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = class.py();
    let written = dataclass::written(class, members)?;
    let attributes = members.attributes(reducer.rule.get(), |name, value| {
        Ok(written.as_ref().is_some_and(|written| written.contains(&name))
            || more_constructs.contains(&name)
            || is_left_out(name, value)?)
    })?;
    let states = MethodStates::of(reducer, &attributes.methods)?;
    let methods = match written {
        Some(written) => dataclass::methods(reducer, class, members, written, attributes.methods)?,
        None => {
            let arguments = (class, attributes.methods).into_pyobject(py)?;
            Call::new(&interpreter(py)?.rebuild.set_methods, arguments)?
        }
    };
    let constructs = PyDict::new(py);
    if let Some(annotations) = annotations_of_class(reducer, class, &members.own)? {
        constructs.set_item(private_string(py, "__annotations__")?, annotations)?;
    }
    let of_generics = ["__orig_bases__", "__parameters__", "__type_params__"];
    for name in of_generics.iter().chain(more_constructs) {
        if let Some(value) = members.own.get_item(name)? {
            constructs.set_item(private_string(py, name)?, construct(reducer, &value)?)?;
        }
    }
    let abstract_methods = match members.own.get_item(intern!(py, "__abstractmethods__"))? {
        Some(names) => Some(sorted(&names)?),
        None => None,
    };
    let constructs = if constructs.is_empty() { None } else { Some(constructs) };
    (methods, states, attributes.others, constructs, abstract_methods, registered(class)?)
        .into_pyobject(py)
}

/// What makes a class of its name, bases and namespace.
pub struct Metaclass<'py> {
    /// The metaclass, where it does not follow from the bases.
    pub own: Option<Bound<'py, PyType>>,
    /// What makes classes for it, where it does not itself.
    maker: Option<Bound<'py, PyAny>>,
}

impl<'py> Metaclass<'py> {
    pub fn of(reducer: &Reducer, class: &Bound<'py, PyType>) -> PyResult<Self> {
        let metaclass = class.get_type();
        if metaclass.is(class.py().get_type::<PyType>()) {
            return Ok(Self { own: None, maker: None });
        }
        if let Some(maker) = maker_of_pydantic(&metaclass)? {
            return Ok(Self { own: Some(metaclass), maker: Some(maker) });
        }
        for candidate in metaclass.mro() {
            if reducer.is_by_reference(&candidate)? {
                if !candidate.is(&metaclass) {
                    // It travels by value: what it does to a class is done.
                    return Ok(Self { own: Some(metaclass), maker: Some(candidate) });
                }
                break;
            }
        }
        let mut following = class.py().get_type::<PyType>();
        for base in class.bases() {
            if base.get_type().is_subclass(&following)? {
                following = base.get_type();
            }
        }
        let own = if following.is(&metaclass) { None } else { Some(metaclass) };
        Ok(Self { own, maker: None })
    }
}

/// What makes a pydantic model: no code of pydantic's, for its attributes hold all that was made of
/// the class; but they are those of one release.
fn maker_of_pydantic<'py>(metaclass: &Bound<'py, PyType>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = metaclass.py();
    let mut is_of_pydantic = false;
    for kind in metaclass.mro() {
        is_of_pydantic |= kind.getattr(intern!(py, "__name__"))?.eq("ModelMetaclass")?
            && kind
                .getattr(intern!(py, "__module__"))?
                .str()?
                .to_string_lossy()
                .starts_with("pydantic.");
    }
    if !is_of_pydantic {
        return Ok(None);
    }
    let pydantic = py.import("pydantic")?;
    let version = pydantic.getattr("__version__")?.extract::<String>()?;
    let release = version.split('.').take(2).collect::<Vec<_>>().join(".");
    let interpreter = interpreter(py)?;
    let arguments = (&interpreter.abc_metaclass, "pydantic", release).into_pyobject(py)?;
    Ok(Some(Call::new(&interpreter.rebuild.of_release, arguments)?.into_any()))
}

/// The place in the bases of the one that gives the class its layout, where the
/// `__init_subclass__` that a class statement would run travels by value itself.
fn layout(reducer: &Reducer, class: &Bound<'_, PyType>) -> PyResult<Option<usize>> {
    let py = class.py();
    let hook = intern!(py, "__init_subclass__");
    for base in class.mro().iter().skip(1) {
        if base.getattr(intern!(py, "__dict__"))?.contains(hook)? {
            if reducer.is_by_reference(&base)? {
                return Ok(None);
            }
            let layout = class.getattr(intern!(py, "__base__"))?;
            return Ok(class.bases().iter().position(|base| base.is(&layout)));
        }
    }
    Ok(None)
}

/// The classes that were registered with an ABC, where there are any.
fn registered<'py>(class: &Bound<'py, PyType>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = class.py();
    let interpreter = interpreter(py)?;
    if !class.get_type().is_subclass(interpreter.abc_metaclass.bind(py))? {
        return Ok(None);
    }
    let dump = interpreter.abc_dump.bind(py).call1((class,))?;
    let mut found = Vec::new();
    for reference in dump.get_item(0)?.try_iter()? {
        let subclass = reference?.call0()?;
        if !subclass.is_none() {
            found.push((subclass.repr()?.to_string(), subclass));
        }
    }
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    let found = found.into_iter().map(|(_, subclass)| subclass).collect::<Vec<_>>();
    Ok(if found.is_empty() { None } else { Some(PyTuple::new(py, found)?) })
}

fn sorted<'py>(names: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let names = PyList::new(names.py(), names.try_iter()?.collect::<PyResult<Vec<_>>>()?)?;
    names.sort()?;
    Ok(names.to_tuple())
}
