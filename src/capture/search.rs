//! The search of a file's index for the text that a code object was compiled from.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::facts::{Facts, Source};
use super::names::Names;
use super::positions::positions;
use super::proof::{Likeness, likeness};
use super::record::{compiled, free_names, futures, new_record};
use super::rewritten::Rewritten;
use super::text::IndexedFile;
use crate::syntax::{Entry, Factory};

/// How many functions of a name are tried where an edit may have moved one: in a stale file of
/// thousands, each would be a compilation.
const NEAREST: usize = 32;

/// A search for the source of one code object in one file.
pub struct Search<'a, 'py> {
    pub code: &'a Bound<'py, PyAny>,
    /// Its `co_name`.
    pub name: &'a str,
    pub facts: &'a Facts,
    /// The globals of its function, which tell how its module was imported.
    pub globals: Option<&'a Bound<'py, PyAny>>,
    pub file: Arc<IndexedFile>,
}

impl<'py> Search<'_, 'py> {
    /// Returns the source at the code object's own place.
    pub fn in_place(&self) -> PyResult<Option<Arc<Source>>> {
        let mut candidates = self.file.index.at_line(self.name, self.facts.place.1);
        if candidates.len() > 1 {
            candidates.retain(|entry| self.can_be(entry));
            let positions = positions(self.code, 0)?;
            if !positions.is_empty() {
                candidates =
                    self.file.index.innermost(&candidates, &positions).into_iter().collect();
            }
        }
        for entry in &candidates {
            if let Some(source) = self.proved(entry, 0, Likeness::Same)? {
                return Ok(Some(source));
            }
        }
        // Before 3.12 CPython gives wrong lines and columns inside f-strings.
        if self.code.py().version_info() < (3, 12) {
            for entry in self.file.index.in_f_strings(self.name) {
                if let Some(source) = self.proved(entry, 0, Likeness::SameCode)? {
                    return Ok(Some(source));
                }
            }
        }
        match candidates[..] {
            [entry] => self.proved_as_rewritten(entry),
            _ => Ok(None),
        }
    }

    /// Returns the source of a function that an edit above it moved to other lines.
    pub fn elsewhere(&self) -> PyResult<Option<Arc<Source>>> {
        let line = self.facts.place.1;
        let named = self.file.index.named(self.name);
        let mut moved: Vec<&Entry> =
            named.filter(|entry| entry.first_line != line && self.can_be(entry)).collect();
        moved.sort_by_key(|entry| entry.first_line.abs_diff(line));
        for entry in moved.into_iter().take(NEAREST) {
            let distance = line - entry.first_line;
            let positions = positions(self.code, -distance)?;
            let fits =
                positions.is_empty() || self.file.index.innermost(&[entry], &positions).is_some();
            if fits && let Some(source) = self.proved(entry, distance, Likeness::Same)? {
                return Ok(Some(source));
            }
        }
        Ok(None)
    }

    /// False for an entry in a function, if the code object is not, and the other way round.
    fn can_be(&self, entry: &Entry) -> bool {
        self.file.index.is_nested(entry).is_none_or(|nested| nested == self.facts.is_nested)
    }

    /// The source that an entry gives, its lines moved, if what the receiver makes of it is like
    /// enough to the code object.
    fn proved(
        &self,
        entry: &Entry,
        moved: isize,
        enough: Likeness,
    ) -> PyResult<Option<Arc<Source>>> {
        for mut factory in self.factories(entry) {
            factory.shift(moved);
            let (record, made) = self.made(&factory)?;
            if let Some(made) = made
                && likeness(self.code, &made)? >= enough
            {
                return Ok(Some(Source::new(record, Arc::clone(&self.facts.names))));
            }
        }
        Ok(None)
    }

    /// The source that an entry gives, if pytest's rewriting of its file's asserts gives the code
    /// object there, and the file as it stands gives what the receiver makes of the source.
    fn proved_as_rewritten(&self, entry: &Entry) -> PyResult<Option<Arc<Source>>> {
        let Some(rewritten) = self.rewritten()? else {
            return Ok(None);
        };
        let Some(plain) = rewritten.plain_code_of(self.code)? else {
            return Ok(None);
        };
        for factory in self.factories(entry) {
            let (record, made) = self.made(&factory)?;
            if let Some(made) = made
                && likeness(&plain, &made)? == Likeness::Same
            {
                return Ok(Some(Source::new(record, Arc::new(Names::of(&made)?))));
            }
        }
        Ok(None)
    }

    fn rewritten(&self) -> PyResult<Option<Rewritten<'py>>> {
        match self.globals.map(|globals| globals.cast::<PyDict>()) {
            Some(Ok(globals)) => Rewritten::new(self.code, globals, self.file.index.text()),
            _ => Ok(None),
        }
    }

    fn factories(&self, entry: &Entry) -> impl Iterator<Item = Factory> + use<> {
        let factory = self.file.index.factory(entry, &free_names(self.facts));
        let alone = factory.out_of_context();
        [factory].into_iter().chain(alone)
    }

    /// The record of a factory and what the receiver will make of it.
    fn made(
        &self,
        factory: &Factory,
    ) -> PyResult<(Bound<'py, PyTuple>, Option<Bound<'py, PyAny>>)> {
        let py = self.code.py();
        let free = free_names(self.facts);
        let record = new_record(py, factory, &self.file.filename, &free, &futures(self.code)?)?;
        let mut made = compiled(&record)?;
        if self.facts.is_iterable_coroutine
            && let Some(plain) = &made
        {
            let rebuild = &crate::interpreter::interpreter(py)?.rebuild;
            let call = intern!(py, "iterable");
            made = Some(rebuild.module.bind(py).call_method1(call, (plain,))?);
        }
        Ok((record, made))
    }
}
