//! One text for functions of one scope that travel together: they are compiled at once, and what
//! stands around them but once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::facts::{Facts, Source, facts_of, keep};
use super::names::{Names, depends_on_level};
use super::proof::{Likeness, likeness};
use super::record::{Text, compiled, free_names, futures, has_record, new_record};
use super::search::Search;
use super::text::{IndexedFile, indexed_file};
use crate::error::tells_of_the_machine;
use crate::syntax::{Entry, Neighbourhood, path_in};

/// No text gets longer than this by another function, in bytes. Each record brings the checksum of
/// its whole text, and each review reads all of it.
const LONGEST: usize = 1 << 14;
/// How many lines may be between two functions of a text: blank ones cost the compiler time.
const FARTHEST: isize = 200;

/// What was found for some functions together, kept with the facts of the first.
pub struct Shared {
    of: Vec<Weak<Facts>>,
    sources: Vec<Option<Arc<Source>>>,
}

/// A function whose text was found where it was defined, not yet proved.
struct Candidate<'py> {
    /// Its place among the functions that were asked about.
    at: usize,
    code: Bound<'py, PyAny>,
    facts: Arc<Facts>,
    file: Arc<IndexedFile>,
    /// Its place in the file's index.
    entry: usize,
}

impl Candidate<'_> {
    fn entry(&self) -> &Entry {
        &self.file.index.entries()[self.entry]
    }
}

/// Returns for each function a source whose text holds others of them too, where there is one.
///
/// What is found depends on these functions and their files alone: not on what travelled before.
pub fn shared_sources(functions: &[Bound<'_, PyAny>]) -> PyResult<Vec<Option<Arc<Source>>>> {
    let none = || vec![None; functions.len()];
    let Some(py) = functions.first().map(Bound::py) else {
        return Ok(none());
    };
    let mut asked = Vec::with_capacity(functions.len());
    for (at, function) in functions.iter().enumerate() {
        let own = function.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
        if !own.contains(intern!(py, "__source__"))? {
            let code = function.getattr(intern!(py, "__code__"))?;
            let facts = facts_of(&code)?;
            asked.push((at, code, facts));
        }
    }
    let [(_, _, first), _, ..] = &asked[..] else {
        return Ok(none());
    };
    let first = Arc::clone(first);
    if let Some(known) = &*first.shared.lock().unwrap_or_else(PoisonError::into_inner)
        && known.of.len() == asked.len()
        && known.of.iter().zip(&asked).all(|(of, (.., facts))| of.as_ptr() == Arc::as_ptr(facts))
    {
        let mut sources = none();
        for ((at, ..), source) in asked.iter().zip(&known.sources) {
            sources[*at].clone_from(source);
        }
        return Ok(sources);
    }
    let of: Vec<_> = asked.iter().map(|(.., facts)| Arc::downgrade(facts)).collect();
    let places: Vec<_> = asked.iter().map(|(at, ..)| *at).collect();
    let mut sources = none();
    for candidates in neighbours(functions, asked)?.into_values() {
        for text in texts(candidates) {
            prove(&text, &mut sources)?;
        }
    }
    let of_asked = places.into_iter().map(|at| sources[at].clone()).collect();
    keep(&first.shared, Some(Arc::new(Shared { of, sources: of_asked })));
    Ok(sources)
}

type Key<'py> = (String, Neighbourhood, Vec<&'py str>);

/// The functions that a text can be found for, those together that can stand in one: of one file,
/// one scope and the same `__future__` features.
fn neighbours<'py>(
    functions: &[Bound<'py, PyAny>],
    asked: Vec<(usize, Bound<'py, PyAny>, Arc<Facts>)>,
) -> PyResult<HashMap<Key<'py>, Vec<Candidate<'py>>>> {
    let mut found: HashMap<Key<'py>, Vec<Candidate<'py>>> = HashMap::new();
    for (at, code, facts) in asked {
        let Some((file, entry)) = place(&functions[at], &code, &facts)? else {
            continue;
        };
        let Some(neighbourhood) = file.index.neighbourhood(&file.index.entries()[entry]) else {
            continue;
        };
        let filename = facts.filename.bind(code.py()).to_string_lossy().into_owned();
        let others = found.entry((filename, neighbourhood, futures(&code)?)).or_default();
        if others.first().is_none_or(|other| other.file.is_same(&file)) {
            others.push(Candidate { at, code, facts, file, entry });
        }
    }
    Ok(found)
}

/// Where a function's text must be if its file is as it was: a def alone on its line.
fn place(
    function: &Bound<'_, PyAny>,
    code: &Bound<'_, PyAny>,
    facts: &Facts,
) -> PyResult<Option<(Arc<IndexedFile>, usize)>> {
    let py = code.py();
    if !facts.is_function || facts.is_iterable_coroutine || has_record(code)? {
        return Ok(None);
    }
    let globals = function.getattr(intern!(py, "__globals__"))?;
    let name = code.getattr(intern!(py, "co_name"))?.extract::<String>()?;
    let file = match indexed_file(code, Some(&globals), || facts.subject(py, name.clone())) {
        Ok(Some(file)) => file,
        Err(error) if tells_of_the_machine(py, &error) => return Err(error),
        // The function's own reduction says what is wrong.
        Ok(None) | Err(_) => return Ok(None),
    };
    let search = Search::new(code, None, &name, facts, Arc::clone(&file))?;
    let entry = search.only_entry()?.map(|entry| file.index.place_of(entry));
    Ok(entry.map(|entry| (file, entry)))
}

/// Neighbours in the order of their lines, cut into what becomes a text each.
fn texts(mut candidates: Vec<Candidate<'_>>) -> Vec<Vec<Candidate<'_>>> {
    candidates.sort_by_key(|candidate| candidate.entry);
    // Of two code objects of one def the first.
    candidates.dedup_by_key(|candidate| candidate.entry);
    let mut last_of_name = HashMap::new();
    for candidate in &candidates {
        last_of_name.insert(candidate.entry().name.clone(), candidate.entry);
    }
    // A path leads to the last of a name.
    candidates.retain(|each| last_of_name.get(&each.entry().name) == Some(&each.entry));
    let mut texts: Vec<Vec<Candidate<'_>>> = Vec::new();
    let mut length = 0;
    for candidate in candidates {
        let own_length = candidate.entry().span.len();
        let index = &candidate.file.index;
        let lines_after =
            |last: &Candidate<'_>| index.lines_between(last.entry(), candidate.entry());
        let lines = texts.last().and_then(|text| text.last()).map(lines_after);
        let has_room =
            lines.is_some_and(|lines| lines <= FARTHEST) && length + own_length <= LONGEST;
        match texts.last_mut() {
            Some(text) if has_room => text.push(candidate),
            _ => {
                texts.push(vec![candidate]);
                length = 0;
            }
        }
        length += own_length;
    }
    texts
}

/// Finds the sources of functions in one text, but for those that it does not give back.
fn prove(candidates: &[Candidate<'_>], sources: &mut [Option<Arc<Source>>]) -> PyResult<()> {
    let mut left: Vec<&Candidate<'_>> = candidates.iter().collect();
    while left.len() > 1 {
        let proved = proved(&left)?;
        if proved.iter().all(Option::is_some) {
            for (candidate, source) in left.iter().zip(proved) {
                sources[candidate.at] = source;
            }
            return Ok(());
        }
        let mut are_proved = proved.iter().map(Option::is_some);
        left.retain(|_| are_proved.next().unwrap_or_default());
    }
    Ok(())
}

fn proved(candidates: &[&Candidate<'_>]) -> PyResult<Vec<Option<Arc<Source>>>> {
    let none = || vec![None; candidates.len()];
    let Some(first) = candidates.first() else {
        return Ok(none());
    };
    let (py, index) = (first.code.py(), &first.file.index);
    let entries: Vec<_> = candidates.iter().map(|candidate| candidate.entry()).collect();
    let mut free: Vec<_> =
        candidates.iter().flat_map(|candidate| free_names(&candidate.facts)).collect();
    free.sort_unstable();
    free.dedup();
    let Some(factory) = index.shared_factory(&entries, &free) else {
        return Ok(none());
    };
    let text = Text::new(py, &factory);
    let futures = futures(&first.code)?;
    let mut sources = Vec::with_capacity(candidates.len());
    for (candidate, entry) in candidates.iter().zip(entries) {
        let path = path_in(&factory, &entry.name);
        let facts = &candidate.facts;
        let record = new_record(&text, &path, facts, &free_names(facts), &futures)?;
        let made = match compiled(&record)? {
            Some(made) if likeness(&candidate.code, &made)? == Likeness::Same => made,
            _ => {
                sources.push(None);
                continue;
            }
        };
        let own_text = index.text_of(entry);
        let names = if depends_on_level(py, &own_text)? {
            Arc::new(Names::of_source(&made, &record, &own_text)?)
        } else {
            Arc::clone(&facts.names)
        };
        let place = (Arc::clone(&candidate.file), candidate.entry);
        sources.push(Some(Source::in_shared_text(record, names, place)?));
    }
    Ok(sources)
}
