//! Modules whose asserts pytest rewrites on import: their text is not what their code came from.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use super::proof::{Likeness, likeness};
use crate::interpreter::interpreter;

/// The code of such a module, as pytest makes it of the text and as Python alone would.
pub struct Rewritten<'py> {
    rewritten: Bound<'py, PyAny>,
    plain: Bound<'py, PyAny>,
}

impl<'py> Rewritten<'py> {
    /// Rewrites the text as pytest's hook did; `None` where these are not the globals of a module
    /// that the hook imported, or it no longer accepts the text.
    pub fn new(
        code: &Bound<'py, PyAny>,
        globals: &Bound<'py, PyDict>,
        text: &str,
    ) -> PyResult<Option<Self>> {
        let py = code.py();
        let name = intern!(py, "_pytest.assertion.rewrite");
        let Some(pytest) = interpreter(py)?.sys_modules.bind(py).get_item(name)? else {
            return Ok(None);
        };
        let Some(loader) = globals.get_item(intern!(py, "__loader__"))? else {
            return Ok(None);
        };
        if !loader.is_instance(&pytest.getattr("AssertionRewritingHook")?)? {
            return Ok(None);
        }
        let filename = code.getattr(intern!(py, "co_filename"))?;
        let compile = |tree: &Bound<'py, PyAny>| {
            let keywords = PyDict::new(py);
            keywords.set_item("dont_inherit", true)?;
            py.import("builtins")?
                .getattr("compile")?
                .call((tree, &filename, "exec"), Some(&keywords))
        };
        let both = || -> PyResult<Self> {
            let tree = py.import("ast")?.call_method1("parse", (text, &filename))?;
            let plain = compile(&tree)?;
            let source = PyBytes::new(py, text.as_bytes());
            let arguments = (&tree, source, &filename, loader.getattr("config")?);
            pytest.call_method1("rewrite_asserts", arguments)?;
            Ok(Self { rewritten: compile(&tree)?, plain })
        };
        // Whatever a text or a pytest of another time raises, it proves nothing.
        Ok(both().ok())
    }

    /// The code object of the plain module that stands where this one stands in the rewritten.
    pub fn plain_code_of(&self, code: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        for rewritten in inside(&self.rewritten, code)? {
            if likeness(code, &rewritten)? == Likeness::Same {
                return Ok(inside(&self.plain, code)?.into_iter().next());
            }
        }
        Ok(None)
    }
}

/// The code objects inside a module's, at any depth, of the name and first line of this one.
fn inside<'py>(
    outer: &Bound<'py, PyAny>,
    code: &Bound<'py, PyAny>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let py = code.py();
    let code_type = interpreter(py)?.code_type.bind(py);
    let mut found = Vec::new();
    let mut open = vec![outer.clone()];
    while let Some(outer) = open.pop() {
        let consts = outer.getattr(intern!(py, "co_consts"))?.cast_into::<PyTuple>()?;
        for constant in consts.iter().filter(|constant| constant.get_type().is(code_type)) {
            let same = |name| -> PyResult<bool> { constant.getattr(name)?.eq(code.getattr(name)?) };
            if same(intern!(py, "co_name"))? && same(intern!(py, "co_firstlineno"))? {
                found.push(constant.clone());
            }
            open.push(constant);
        }
    }
    Ok(found)
}
