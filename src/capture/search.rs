//! The search of a file for the text that a code object was compiled from.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::code_names::CodeNames;
use super::facts::{Facts, ITERABLE_COROUTINE, Source};
use super::names::{Names, depends_on_level};
use super::positions::{Place, places};
use super::proof::{Likeness, likeness};
use super::record::{compiled, free_names, futures, new_record, text_object};
use super::text::IndexedFile;
use crate::error::SourceError;
use crate::interpreter::interpreter;
use crate::syntax::{Entry, Factory, Index, IndexError, Position};

/// How many functions of a name are compiled where an edit may have moved one: a stale file can
/// have thousands.
const NEAREST: usize = 32;

/// A search for the source of one code object in one file.
pub struct Search<'a, 'py> {
    /// The code object as compiled, without the flag of `types.coroutine`.
    code: Bound<'py, PyAny>,
    /// A function of it, where there is one.
    function: Option<Bound<'py, PyAny>>,
    /// Its `co_name`.
    name: &'a str,
    facts: &'a Facts,
    free: Vec<&'a str>,
    futures: Vec<&'py str>,
    pub file: Arc<IndexedFile>,
}

impl<'a, 'py> Search<'a, 'py> {
    pub fn new(
        code: &Bound<'py, PyAny>,
        function: Option<&Bound<'py, PyAny>>,
        name: &'a str,
        facts: &'a Facts,
        file: Arc<IndexedFile>,
    ) -> PyResult<Self> {
        let code = if facts.is_iterable_coroutine { unmarked(code)? } else { code.clone() };
        let futures = futures(&code)?;
        let (function, free) = (function.cloned(), free_names(facts));
        Ok(Self { code, function, name, facts, free, futures, file })
    }

    /// Returns the source at the code object's own place.
    pub fn in_place(&self) -> PyResult<Option<Arc<Source>>> {
        let index = self.index_at_place()?;
        let candidates = self.candidates(&index, Some(self.name))?;
        for entry in &candidates {
            if let Some(source) = self.proved(&index, entry, 0, Likeness::Same, false)? {
                return Ok(Some(source));
            }
        }
        if let ([entry], Some(function)) = (&candidates[..], &self.function)
            && let Some(source) = self.proved_as_rewritten(&index, entry, function)?
        {
            return Ok(Some(source));
        }
        for entry in self.candidates(&index, None)? {
            let found = self.proved(&index, entry, 0, Likeness::Same, true)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The entry at the code object's own place, where no other can be it: an index, and its place
    /// in that.
    pub fn only_entry(&self) -> PyResult<Option<(Arc<Index>, usize)>> {
        let index = self.index_at_place()?;
        let only = match self.candidates(&index, Some(self.name))?[..] {
            [entry] => Some(index.place_of(entry)),
            _ => None,
        };
        Ok(only.map(|place| (index, place)))
    }

    /// The index of what stands at the code object's own place.
    fn index_at_place(&self) -> PyResult<Arc<Index>> {
        self.index(self.file.text.statement_at(self.facts.line))
    }

    fn index(&self, index: Result<Arc<Index>, IndexError>) -> PyResult<Arc<Index>> {
        index.map_err(|error| {
            let subject = self.facts.subject(self.code.py(), self.name.to_owned());
            SourceError::NotIndexed { subject, reason: error.to_string() }.into()
        })
    }

    /// The entries at the code object's line, of one name or of all, that it can have been compiled
    /// from.
    fn candidates<'i>(&self, index: &'i Index, name: Option<&str>) -> PyResult<Vec<&'i Entry>> {
        let entries = index.at_line(self.facts.line);
        let mut candidates: Vec<_> =
            entries.filter(|entry| name.is_none_or(|name| *entry.name == *name)).collect();
        if candidates.len() > 1 {
            candidates.retain(|entry| self.can_be(index, entry));
            let positions = self.positions(0)?;
            let innermost = index.innermost(&candidates, &positions);
            if self.has_right_places()? && !positions.is_empty() {
                candidates = innermost.into_iter().collect();
            } else if let Some(innermost) = innermost {
                candidates.sort_by_key(|entry| !std::ptr::eq(*entry, innermost));
            }
        }
        Ok(candidates)
    }

    /// Returns the source of a function that an edit above it moved to other lines, or that stands
    /// in an f-string.
    pub fn elsewhere(&self) -> PyResult<Option<Arc<Source>>> {
        let line = self.facts.line;
        let index = self.index(self.file.text.whole())?;
        let can_be = |entry: &&Entry| entry.first_line != line && self.can_be(&index, entry);
        let mut moved: Vec<&Entry> = index.named(self.name).filter(can_be).collect();
        moved.sort_by_key(|entry| entry.first_line.abs_diff(line));
        let mut compiled = 0;
        for entry in moved {
            let distance = line - entry.first_line;
            let positions = self.positions(-distance)?;
            if self.has_right_places()?
                && !positions.is_empty()
                && index.innermost(&[entry], &positions).is_none()
            {
                continue;
            }
            if let Some(source) = self.proved(&index, entry, distance, Likeness::Same, false)? {
                return Ok(Some(source));
            }
            compiled += 1;
            if compiled == NEAREST {
                break;
            }
        }
        if !self.has_right_places()? {
            for entry in index.in_f_strings(self.name) {
                if let Some(source) = self.proved(&index, entry, 0, Likeness::SameCode, false)? {
                    return Ok(Some(source));
                }
            }
        }
        Ok(None)
    }

    /// False before Python 3.12, which gives wrong lines and columns inside f-strings.
    fn has_right_places(&self) -> PyResult<bool> {
        Ok(interpreter(self.code.py())?.minor >= 12)
    }

    /// False for an entry in a function, if the code object is not, and the other way round.
    fn can_be(&self, index: &Index, entry: &Entry) -> bool {
        index.is_nested(entry).is_none_or(|nested| nested == self.facts.is_nested)
    }

    /// The places of the code object's instructions, their lines moved, as far as the interpreter
    /// knows them.
    fn positions(&self, moved: isize) -> PyResult<Vec<Position>> {
        let complete = |place: Place| {
            let (Some(line), Some(end_line), Some(column), Some(end_column)) = place else {
                return None;
            };
            let (line, end_line) = (line + moved, end_line + moved);
            // RESUME has columns 0 and 0, and so has 3.12's RETURN_CONST.
            ((column, end_column) != (0, 0)).then_some(Position {
                line,
                column,
                end_line,
                end_column,
            })
        };
        Ok(places(&self.code)?.into_iter().flatten().filter_map(complete).collect())
    }

    /// The source that an entry gives, its lines moved, if what the receiver makes of it is like
    /// enough to the code object, or to what that was before it was renamed.
    fn proved(
        &self,
        index: &Index,
        entry: &Entry,
        moved: isize,
        enough: Likeness,
        renamed: bool,
    ) -> PyResult<Option<Arc<Source>>> {
        let mut next = Some(index.factory(entry, &self.free));
        while let Some(mut factory) = next {
            next = factory.out_of_context();
            factory.shift(moved);
            let record = self.record(&factory)?;
            let Some(made) = compiled(&record)? else {
                continue;
            };
            let (own, given) = if renamed {
                let by_text = CodeNames::of(&made)?;
                match CodeNames::given_since(&by_text, &self.code, self.function.as_ref())? {
                    Some(given) => (by_text.put_into(&self.code)?, Some(given)),
                    None => continue,
                }
            } else {
                (self.code.clone(), None)
            };
            if likeness(&own, &made)? >= enough {
                let names = if depends_on_level(made.py(), &factory.text)? {
                    Arc::new(Names::of_source(&made, &record, &factory.text)?)
                } else {
                    Arc::clone(&self.facts.names)
                };
                return Ok(Some(Source::new(record, names, given)?));
            }
        }
        Ok(None)
    }

    /// The source that an entry gives, if pytest's rewriting of its file's asserts gives the code
    /// object there, and the file as it stands gives what the receiver makes of the source.
    fn proved_as_rewritten(
        &self,
        index: &Index,
        entry: &Entry,
        function: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Arc<Source>>> {
        let globals = function.getattr(intern!(function.py(), "__globals__"))?;
        let Some(rewritten) = self.file.rewritten(globals.cast()?)? else {
            return Ok(None);
        };
        let Some(plain) = rewritten.plain_code_of(&self.code)? else {
            return Ok(None);
        };
        let factory = index.factory(entry, &self.free);
        let record = self.record(&factory)?;
        let Some(made) = compiled(&record)? else {
            return Ok(None);
        };
        if likeness(&plain, &made)? != Likeness::Same {
            return Ok(None);
        }
        let names = Names::of_source(&made, &record, &factory.text)?;
        Ok(Some(Source::new(record, Arc::new(names), None)?))
    }

    fn record(&self, factory: &Factory) -> PyResult<Bound<'py, PyTuple>> {
        let text = text_object(self.code.py(), factory);
        new_record(&text, factory, self.facts, &self.free, &self.futures)
    }
}

/// A code object as it was before `types.coroutine`.
fn unmarked<'py>(code: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = code.py();
    let flags: u32 = code.getattr(intern!(py, "co_flags"))?.extract()?;
    let arguments = PyDict::new(py);
    arguments.set_item(intern!(py, "co_flags"), flags & !ITERABLE_COROUTINE)?;
    code.call_method(intern!(py, "replace"), (), Some(&arguments))
}
