//! What a function's globals hold, as far as it matters to which Python runs it.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyString, PyType};

use super::public_home::public_home;
use crate::interpreter::interpreter;

/// A global of a function.
pub enum Global {
    /// A module, by its full name.
    Module(String),
    /// A function or class, by its module and its name there.
    Place(String, String),
    Other,
}

/// The globals of a function.
pub trait Globals {
    /// What a name stands for; `None` where it is no global.
    fn global(&self, name: &str) -> PyResult<Option<Global>>;

    /// True for a class of no metaclass, which might have a `|` of its own.
    fn is_plain_class(&self, name: &str) -> PyResult<bool>;

    /// True for a module that the function finds imported, by its full name.
    fn is_module(&self, name: &str) -> PyResult<bool>;
}

/// The globals of a function of this process.
impl Globals for Bound<'_, PyDict> {
    fn global(&self, name: &str) -> PyResult<Option<Global>> {
        let Some(value) = self.get_item(name)? else {
            return Ok(None);
        };
        if value.is_instance_of::<PyModule>() {
            let module = value.getattr(intern!(self.py(), "__name__"))?.extract::<String>()?;
            return Ok(Some(Global::Module(module)));
        }
        let found = place(&value)?;
        Ok(Some(found.map_or(Global::Other, |(module, name)| Global::Place(module, name))))
    }

    fn is_plain_class(&self, name: &str) -> PyResult<bool> {
        let plain = self.py().get_type::<PyType>();
        Ok(self.get_item(name)?.is_some_and(|class| class.get_type().is(&plain)))
    }

    fn is_module(&self, name: &str) -> PyResult<bool> {
        interpreter(self.py())?.sys_modules.bind(self.py()).contains(name)
    }
}

/// The module and the name under which every version has a function or class, or would.
pub fn place(object: &Bound<'_, PyAny>) -> PyResult<Option<(String, String)>> {
    let py = object.py();
    if let Some((module, name)) = public_home(object)? {
        return Ok(Some((module.name()?.extract()?, name.extract()?)));
    }
    let mut names = Vec::new();
    for name in [intern!(py, "__module__"), intern!(py, "__qualname__")] {
        let value = object.getattr_opt(name)?.and_then(|name| name.cast_into::<PyString>().ok());
        names.extend(value.map(|name| name.to_string_lossy().into_owned()));
    }
    let Ok([module, qualname]) = <[String; 2]>::try_from(names) else {
        return Ok(None);
    };
    let name = qualname.split('.').next().unwrap_or_default().to_owned();
    Ok(Some((module, name)))
}
