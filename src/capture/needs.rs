//! What a function's text needs of the Python that runs it, found once.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::facts::{Facts, Source};
use super::record::{FIRST_LINE, FUTURES, PATH, free_names};
use crate::error::SourceError;
use crate::interpreter::interpreter;
use crate::syntax::{Needs, needs_of};

impl Source {
    /// What the text needs, each part with its line in the original file.
    pub fn needs(&self, py: Python<'_>, facts: &Facts) -> PyResult<&Needs> {
        if let Some(needs) = self.needs.get() {
            return Ok(needs);
        }
        let record = self.record.bind(py);
        let (text, first_line, path) = match &self.place {
            Some((index, entry)) => {
                let alone = index.factory(&index.entries()[*entry], &free_names(facts));
                (alone.text, alone.first_line, alone.path)
            }
            None => {
                let rebuild = interpreter(py)?.rebuild.module.bind(py);
                let text = rebuild.call_method1(intern!(py, "text_of"), (record,))?;
                let text = text.cast::<PyString>()?.to_string_lossy().into_owned();
                let first_line = record.get_item(FIRST_LINE)?.extract()?;
                (text, first_line, record.get_item(PATH)?.extract::<String>()?)
            }
        };
        let futures = record.get_item(FUTURES)?.cast_into::<PyTuple>()?;
        let needs = needs_of(&text, first_line, &path, futures.contains("annotations")?).map_err(
            |error| SourceError::NotIndexed {
                subject: facts.subject(py, self.qualname.to_string()),
                reason: error.to_string(),
            },
        )?;
        Ok(self.needs.get_or_init(|| needs))
    }
}
