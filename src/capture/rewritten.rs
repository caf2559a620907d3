//! Modules whose asserts pytest rewrites on import: their text is not what their code came from.

use std::collections::HashMap;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::nested::with_nested;
use super::proof::{Likeness, likeness};
use super::record::PROOF;
use crate::interpreter::interpreter;

/// The functions of such a module, as pytest makes them of the text and as Python alone would.
pub struct Rewritten {
    rewritten: ByPlace,
    plain: ByPlace,
}

/// Code objects by name and first line.
type ByPlace = HashMap<(String, isize), Vec<Py<PyAny>>>;

/// Returns the import hook of pytest if it imported the module of these globals.
pub fn pytest_hook<'py>(globals: &Bound<'py, PyDict>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = globals.py();
    let name = intern!(py, "_pytest.assertion.rewrite");
    let pytest = interpreter(py)?.sys_modules.bind(py).get_item(name)?;
    let (Some(pytest), Some(loader)) = (pytest, globals.get_item(intern!(py, "__loader__"))?)
    else {
        return Ok(None);
    };
    let Some(hook) = pytest.getattr_opt(intern!(py, "AssertionRewritingHook"))? else {
        return Ok(None);
    };
    Ok(if loader.is_instance(&hook)? { Some(loader) } else { None })
}

impl Rewritten {
    /// Rewrites a text as pytest's hook does.
    pub fn new(hook: &Bound<'_, PyAny>, text: &str) -> PyResult<Self> {
        let py = hook.py();
        let rebuild = interpreter(py)?.rebuild.module.bind(py);
        // The compiler's warnings, and pytest's own, were seen when the module was imported.
        rebuild.call_method0(intern!(py, "mute_warnings"))?;
        let compile = py.import("builtins")?.getattr("compile")?;
        let tree = py.import("ast")?.call_method1("parse", (text, PROOF))?;
        let plain = by_place(compile.call1((&tree, PROOF, "exec", 0, true))?)?;
        let pytest = py.import("_pytest.assertion.rewrite")?;
        let source = PyBytes::new(py, text.as_bytes());
        pytest.call_method1("rewrite_asserts", (&tree, source, PROOF, hook.getattr("config")?))?;
        Ok(Self { rewritten: by_place(compile.call1((&tree, PROOF, "exec", 0, true))?)?, plain })
    }

    /// The code object of the plain module that stands where this one stands in the rewritten.
    /// A def's name and line are one def's, or its copies' (CPython copies `finally` blocks).
    pub fn plain_code_of<'py>(
        &self,
        code: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let place = place(code)?;
        for rewritten in self.rewritten.get(&place).into_iter().flatten() {
            if likeness(code, rewritten.bind(code.py()))? == Likeness::Same {
                let plain = self.plain.get(&place).and_then(|plain| plain.first());
                return Ok(plain.map(|plain| plain.bind(code.py()).clone()));
            }
        }
        Ok(None)
    }
}

/// All code objects inside a module's, at any depth.
fn by_place(module: Bound<'_, PyAny>) -> PyResult<ByPlace> {
    let mut found = ByPlace::new();
    for code in with_nested(&module)?.into_iter().skip(1) {
        found.entry(place(&code)?).or_default().push(code.unbind());
    }
    Ok(found)
}

fn place(code: &Bound<'_, PyAny>) -> PyResult<(String, isize)> {
    let py = code.py();
    let line = code.getattr(intern!(py, "co_firstlineno"))?.extract()?;
    Ok((code.getattr(intern!(py, "co_name"))?.extract()?, line))
}
