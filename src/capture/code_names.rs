//! The names of a code object, which `code.replace` can give it anew.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::strings::private_value;

pub struct CodeNames {
    /// `co_name`.
    pub name: Py<PyAny>,
    /// `co_qualname`, which code objects have from Python 3.11 on.
    pub qualname: Option<Py<PyAny>>,
}

impl CodeNames {
    pub fn of(code: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = code.py();
        let name = private_value(code.getattr(intern!(py, "co_name"))?)?.unbind();
        let qualname = code.getattr_opt(intern!(py, "co_qualname"))?.map(private_value);
        Ok(Self { name, qualname: qualname.transpose()?.map(Bound::unbind) })
    }

    /// The names of a code object that its text gives others, without a qualified name that is the
    /// text's; `None` where it may be the text that was edited. For the compiler gives names that
    /// fit together, and before Python 3.11 gives its function the same one.
    pub fn given_since(
        by_text: &Self,
        code: &Bound<'_, PyAny>,
        function: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<Self>> {
        let py = code.py();
        let mut given = Self::of(code)?;
        let fits = match (&given.qualname, &by_text.qualname) {
            (Some(now), Some(before)) => {
                let now = now.bind(py).str()?.to_string_lossy().into_owned();
                let before = before.bind(py).str()?.to_string_lossy().into_owned();
                let around = before.rfind('.').map_or("", |dot| &before[..=dot]);
                if now == before {
                    given.qualname = None;
                }
                now.strip_prefix(around) == Some(&given.name.bind(py).str()?.to_string_lossy())
            }
            _ => match function {
                Some(function) => function.getattr(intern!(py, "__name__"))?.eq(&given.name)?,
                None => true,
            },
        };
        Ok(if fits { None } else { Some(given) })
    }

    /// A copy of a code object of the same interpreter under these names.
    pub fn put_into<'py>(&self, code: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = code.py();
        let names = PyDict::new(py);
        names.set_item(intern!(py, "co_name"), &self.name)?;
        if let Some(qualname) = &self.qualname {
            names.set_item(intern!(py, "co_qualname"), qualname)?;
        }
        code.call_method(intern!(py, "replace"), (), Some(&names))
    }
}
