//! What a class has of its own, and which of it travels.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple, PyType};

use crate::capture::{private_copy, private_value};
use crate::interpreter::interpreter;
use crate::reduce::reference::{function_of, is_plain};
use crate::reduce::rule::ReferenceRule;

/// The attributes of a class's own dictionary.
pub struct Members<'py> {
    pub own: Bound<'py, PyDict>,
    /// The attributes that its `__slots__` made.
    pub slots: Vec<Bound<'py, PyString>>,
    class: Bound<'py, PyType>,
}

/// Attributes that making the class gives anew, that belong to one version of Python, or that
/// travel in another part of the state.
const LEFT_OUT: [&str; 20] = [
    "__abstractmethods__",
    "__annotate__",
    "__annotate_func__",
    "__annotations__",
    "__annotations_cache__",
    "__classcell__",
    "__classdictcell__",
    "__dict__",
    "__firstlineno__",
    "__module__",
    "__orig_bases__",
    "__parameters__",
    "__static_attributes__",
    "__type_params__",
    "__weakref__",
    "_abc_cache",
    "_abc_impl",
    "_abc_negative_cache",
    "_abc_negative_cache_version",
    "_abc_registry",
];

/// What a class is given once it exists.
pub struct Attributes<'py> {
    /// Functions, what wraps them, and constants: set before the others are loaded, which may need
    /// them.
    pub methods: Bound<'py, PyDict>,
    pub others: Bound<'py, PyDict>,
}

impl<'py> Members<'py> {
    pub fn of(class: &Bound<'py, PyType>) -> PyResult<Self> {
        let py = class.py();
        let interpreter = interpreter(py)?;
        let proxy = class.getattr(intern!(py, "__dict__"))?;
        let own = py.get_type::<PyDict>().call1((proxy,))?.cast_into::<PyDict>()?;
        let mut slots = Vec::new();
        for (name, value) in &own {
            if value.get_type().is(&interpreter.member_descriptor_type)
                && value.getattr(intern!(py, "__objclass__"))?.is(class)
            {
                slots.push(private_copy(name.cast::<PyString>()?)?);
            }
        }
        Ok(Self { own, slots, class: class.clone() })
    }

    /// True for a class that a C type specification made: no text of any kind is behind it.
    pub fn are_of_c(&self) -> PyResult<bool> {
        let py = self.own.py();
        let interpreter = interpreter(py)?;
        let has_slots = self.own.contains(intern!(py, "__slots__"))?;
        for (name, value) in &self.own {
            let kind = value.get_type();
            let is_of_c = kind.is(&interpreter.method_descriptor_type)
                || (kind.is(&interpreter.member_descriptor_type) && !has_slots)
                || (kind.is(&interpreter.getset_descriptor_type)
                    && name.ne("__dict__")?
                    && name.ne("__weakref__")?);
            if is_of_c && value.getattr(intern!(py, "__objclass__"))?.is(&self.class) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the class body must hold for the class to be made.
    pub fn namespace(&self) -> PyResult<Bound<'py, PyDict>> {
        let py = self.own.py();
        let namespace = PyDict::new(py);
        if let Some(module) = self.own.get_item(intern!(py, "__module__"))? {
            namespace.set_item("__module__", private_value(module)?)?;
        }
        let qualname = self.class.qualname()?;
        if qualname.as_any().ne(self.class.name()?)? {
            namespace.set_item("__qualname__", private_copy(&qualname)?)?;
        }
        if let Some(doc) = self.own.get_item(intern!(py, "__doc__"))? {
            if doc.is_instance_of::<PyString>() {
                namespace.set_item("__doc__", doc)?;
            } else if is_written_when_read(&doc)? {
                namespace.set_item("__doc__", self.class.getattr(intern!(py, "__doc__"))?)?;
            }
        }
        for (key, value) in &self.own {
            let is_slot = match key.cast::<PyString>() {
                Ok(name) => self.is_slot(name)?,
                Err(_) => false,
            };
            if !is_slot && must_be_in_body(&key, &value)? {
                namespace.set_item(key, value)?;
            }
        }
        if self.own.contains(intern!(py, "__slots__"))? {
            let slots = PyList::new(py, &self.slots)?;
            for name in [intern!(py, "__dict__"), intern!(py, "__weakref__")] {
                if self.has_of_type_creation(name)? {
                    slots.append(name)?;
                }
            }
            namespace.set_item("__slots__", slots)?;
        }
        if self.own.contains(intern!(py, "__orig_bases__"))? {
            // typing.Generic refuses a class without; its own come with the state.
            namespace.set_item("__orig_bases__", PyTuple::empty(py))?;
        }
        Ok(namespace)
    }

    /// The attributes that travel as they are, all but those that `is_left_out` names.
    pub fn attributes(
        &self,
        rule: &ReferenceRule,
        is_left_out: impl Fn(&str, &Bound<'py, PyAny>) -> PyResult<bool>,
    ) -> PyResult<Attributes<'py>> {
        let py = self.own.py();
        let attributes = Attributes { methods: PyDict::new(py), others: PyDict::new(py) };
        for (key, value) in &self.own {
            let Ok(name) = key.cast::<PyString>() else {
                continue; // Only the body can bring it.
            };
            let text = name.to_string_lossy();
            let is_made = match text.as_ref() {
                "__doc__" => {
                    value.is_none()
                        || value.is_instance_of::<PyString>()
                        || is_written_when_read(&value)?
                }
                "__dict__" | "__weakref__" if is_getset(&value)? => true,
                text => {
                    (LEFT_OUT.contains(&text)
                        && (!text.starts_with("_abc_") || self.are_of_abc()?))
                        || self.is_slot(name)?
                        || must_be_in_body(&key, &value)?
                }
            };
            if is_made || is_left_out(&text, &value)? {
                continue;
            }
            let name = private_copy(name)?;
            if is_method(&value)? {
                attributes.methods.set_item(&name, value)?;
                continue;
            }
            // Constants come with the methods, which may need them; for the others None keeps their
            // place.
            if is_plain(rule, &value)? && !value.is_none() && text != "__slots__" {
                attributes.methods.set_item(&name, value)?;
                continue;
            }
            attributes.methods.set_item(&name, py.None())?;
            if text == "__slots__" && !is_plain_container(&value) {
                attributes.others.set_item(&name, PyTuple::new(py, &self.slots)?)?;
            } else {
                attributes.others.set_item(&name, value)?;
            }
        }
        Ok(attributes)
    }

    fn are_of_abc(&self) -> PyResult<bool> {
        let metaclass = &interpreter(self.own.py())?.abc_metaclass;
        self.class.get_type().is_subclass(metaclass.bind(self.own.py()))
    }

    fn is_slot(&self, name: &Bound<'py, PyString>) -> PyResult<bool> {
        for slot in &self.slots {
            if slot.as_any().eq(name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_of_type_creation(&self, name: &Bound<'py, PyString>) -> PyResult<bool> {
        let py = self.own.py();
        match self.own.get_item(name)? {
            // dataclasses of Python 3.10 copies the descriptor of the class without slots; from
            // 3.15 on all classes share one.
            Some(value) if is_getset(&value)? => Ok(interpreter(py)?.minor >= 15
                || value.getattr(intern!(py, "__objclass__"))?.is(&self.class)),
            _ => Ok(false),
        }
    }
}

/// True for an attribute that nothing can set on a class, such as one under the name of a
/// descriptor of `type`, `__name__` say: the class body must have it.
fn must_be_in_body(key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = key.py();
    let Ok(name) = key.cast::<PyString>() else {
        return Ok(true);
    };
    let text = name.to_string_lossy();
    let handled = ["__doc__", "__module__", "__qualname__", "__slots__"];
    if !text.starts_with("__") || handled.contains(&&*text) {
        return Ok(false);
    }
    if ["__class__", "__dict__", "__weakref__"].contains(&&*text) {
        return Ok(!is_getset(value)?);
    }
    if LEFT_OUT.contains(&&*text) {
        return Ok(false);
    }
    let interpreter = interpreter(py)?;
    let of_type = py.get_type::<PyType>().getattr(intern!(py, "__dict__"))?;
    if !of_type.contains(name)? {
        return Ok(false);
    }
    let kind = of_type.get_item(name)?.get_type();
    Ok(kind.is(&interpreter.getset_descriptor_type) || kind.is(&interpreter.member_descriptor_type))
}

fn is_getset(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(value.get_type().is(&interpreter(value.py())?.getset_descriptor_type))
}

fn is_method(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let property = interpreter(value.py())?.property.bind(value.py());
    Ok(function_of(value)?.is_some() || value.get_type().is_subclass(property)?)
}

/// True for a docstring that dataclasses writes when somebody reads it, from Python 3.15 on.
fn is_written_when_read(doc: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(doc.get_type().name()? == "_AutoDocstring")
}

/// False for an iterator, which `__slots__` may be, and of which nothing is left.
fn is_plain_container(slots: &Bound<'_, PyAny>) -> bool {
    slots.is_instance_of::<PyString>()
        || slots.is_instance_of::<PyTuple>()
        || slots.is_instance_of::<PyList>()
        || slots.is_instance_of::<PyDict>()
}
