//! What a Python lacks of what a payload holds, of which there are texts and names and no objects.

use std::collections::{HashMap, HashSet};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::globals::{Global, Globals};
use super::target::Target;
use crate::error::Subject;
use crate::syntax::needs_of;

/// A function of a payload.
#[derive(FromPyObject)]
pub struct Written {
    name: String,
    file: String,
    text: String,
    first_line: isize,
    path: String,
    annotations_are_text: bool,
    /// The module of each global, and the name in it unless it is the module itself; `None` for
    /// what is neither.
    globals: HashMap<String, Option<(String, Option<String>)>>,
    /// The names of those globals that are classes of no metaclass.
    plain_classes: HashSet<String>,
    /// The names of the modules that it brings.
    modules: HashSet<String>,
}

impl Globals for Written {
    fn global(&self, name: &str) -> PyResult<Option<Global>> {
        Ok(self.globals.get(name).map(|of| match of {
            Some((module, Some(name))) => Global::Place(module.clone(), name.clone()),
            Some((module, None)) => Global::Module(module.clone()),
            None => Global::Other,
        }))
    }

    fn is_plain_class(&self, name: &str) -> PyResult<bool> {
        Ok(self.plain_classes.contains(name))
    }

    fn is_module(&self, name: &str) -> PyResult<bool> {
        Ok(self.modules.contains(name))
    }
}

/// Returns what a Python lacks of functions, and of names that are imported, each a sentence.
#[pyfunction]
#[pyo3(signature = (minor, functions, references, /))]
pub fn lacking(
    py: Python<'_>,
    minor: u8,
    functions: Vec<Written>,
    references: Vec<(String, Option<String>)>,
) -> PyResult<Vec<String>> {
    let target = Target::new(minor);
    for function in &functions {
        let Written { name, file, text, first_line, path, annotations_are_text, .. } = function;
        let subject = Subject { name: name.clone(), filename: file.clone(), line: *first_line };
        let needs = needs_of(text, *first_line, path, *annotations_are_text)
            .map_err(|error| PyValueError::new_err(format!("{subject}: {error}")))?;
        target.check_function(py, &subject, &needs, function)?;
    }
    for (module, name) in &references {
        target.check_library(py, None, module, name.as_deref())?;
    }
    Ok(target.found().into_iter().map(|(text, _)| text).collect())
}
