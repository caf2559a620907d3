//! One text for methods of one class that travel together: they are compiled at once, and what stands
//! around them but once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::facts::{Facts, Source, facts_of, keep};
use super::names::{Names, depends_on_level};
use super::proof::{Likeness, likeness};
use super::record::{compiled, free_names, futures, has_record, new_record, text_object};
use super::search::Search;
use super::text::{check_for_change, indexed_file};
use crate::error::tells_of_the_machine;
use crate::syntax::{Entry, Index, Neighbourhood};

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

impl Shared {
    fn is_of(&self, asked: &[Asked<'_>]) -> bool {
        let is_same =
            |(of, asked): (&Weak<Facts>, &Asked<'_>)| of.as_ptr() == Arc::as_ptr(&asked.facts);
        self.of.len() == asked.len() && self.of.iter().zip(asked).all(is_same)
    }
}

/// A function that may share a text.
struct Asked<'py> {
    /// Its place among all functions.
    at: usize,
    function: Bound<'py, PyAny>,
    code: Bound<'py, PyAny>,
    facts: Arc<Facts>,
}

/// One whose text was found where it was defined, not yet proved.
struct Candidate<'a, 'py> {
    asked: &'a Asked<'py>,
    index: Arc<Index>,
    /// Its place in the index.
    entry: usize,
}

impl Candidate<'_, '_> {
    fn entry(&self) -> &Entry {
        &self.index.entries()[self.entry]
    }
}

/// Returns for each function a source whose text holds others of them too, where there is one.
pub fn shared_sources(functions: &[Bound<'_, PyAny>]) -> PyResult<Vec<Option<Arc<Source>>>> {
    let mut sources = vec![None; functions.len()];
    let mut asked = Vec::with_capacity(functions.len());
    for (at, function) in functions.iter().enumerate() {
        let py = function.py();
        let own = function.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
        if !own.contains(intern!(py, "__source__"))? {
            let code = function.getattr(intern!(py, "__code__"))?;
            let facts = facts_of(&code)?;
            asked.push(Asked { at, function: function.clone(), code, facts });
        }
    }
    let [first, _, ..] = &asked[..] else {
        return Ok(sources);
    };
    let kept = &first.facts.shared;
    let known = kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let found = match known {
        Some(known) if known.is_of(&asked) => known,
        _ => {
            let of = asked.iter().map(|asked| Arc::downgrade(&asked.facts)).collect();
            let found = Arc::new(Shared { of, sources: found(&asked)? });
            keep(kept, Some(Arc::clone(&found)));
            found
        }
    };
    for (asked, source) in asked.iter().zip(&found.sources) {
        sources[asked.at].clone_from(source);
    }
    Ok(sources)
}

fn found(asked: &[Asked<'_>]) -> PyResult<Vec<Option<Arc<Source>>>> {
    let candidates = candidates(asked)?;
    let indexes: Vec<_> = candidates.iter().map(|candidate| Arc::clone(&candidate.index)).collect();
    let (sources, are_all_proved) = proved(asked, candidates)?;
    if are_all_proved {
        return Ok(sources);
    }
    // linecache may hold the text of before an edit and a reload.
    for asked in asked {
        check_for_change(&asked.code)?;
    }
    let again = self::candidates(asked)?;
    let is_the_same = again.len() == indexes.len()
        && again.iter().zip(&indexes).all(|(again, index)| Arc::ptr_eq(&again.index, index));
    if is_the_same { Ok(sources) } else { Ok(proved(asked, again)?.0) }
}

/// The functions whose text is where it must be if their file is as it was.
fn candidates<'a, 'py>(asked: &'a [Asked<'py>]) -> PyResult<Vec<Candidate<'a, 'py>>> {
    let mut candidates = Vec::with_capacity(asked.len());
    for asked in asked {
        if let Some((index, entry)) = place(asked)? {
            candidates.push(Candidate { asked, index, entry });
        }
    }
    Ok(candidates)
}

/// The only entry that a function can be: an index, and its place in that.
fn place(asked: &Asked<'_>) -> PyResult<Option<(Arc<Index>, usize)>> {
    let Asked { function, code, facts, .. } = asked;
    let py = code.py();
    // What came in a text of its own is sent on in it.
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
    Search::new(code, None, &name, facts, file)?.only_entry()
}

/// The sources of functions that can share a text, and whether none of these failed the proof.
fn proved(
    asked: &[Asked<'_>],
    candidates: Vec<Candidate<'_, '_>>,
) -> PyResult<(Vec<Option<Arc<Source>>>, bool)> {
    // By the address of their facts: several functions can be of one code object.
    let mut sources = HashMap::new();
    let mut are_all_proved = true;
    for neighbours in neighbours(candidates)? {
        for text in texts(neighbours) {
            are_all_proved &= prove(&text, &mut sources)?;
        }
    }
    let of = |asked: &Asked<'_>| sources.get(&Arc::as_ptr(&asked.facts)).cloned();
    Ok((asked.iter().map(of).collect(), are_all_proved))
}

type Sources = HashMap<*const Facts, Arc<Source>>;

/// Candidates that can stand in one text: of one statement of a file, one neighbourhood and the
/// same `__future__` features.
fn neighbours<'a, 'py>(
    candidates: Vec<Candidate<'a, 'py>>,
) -> PyResult<Vec<Vec<Candidate<'a, 'py>>>> {
    let mut indexes: Vec<Arc<Index>> = Vec::new();
    let mut found: HashMap<(usize, Neighbourhood, Vec<&str>), Vec<Candidate<'a, 'py>>> =
        HashMap::new();
    for candidate in candidates {
        let Some(neighbourhood) = candidate.index.neighbourhood(candidate.entry()) else {
            continue;
        };
        let known = indexes.iter().position(|index| index.is_same(&candidate.index));
        let index = known.unwrap_or_else(|| {
            indexes.push(Arc::clone(&candidate.index));
            indexes.len() - 1
        });
        let futures = futures(&candidate.asked.code)?;
        found.entry((index, neighbourhood, futures)).or_default().push(candidate);
    }
    Ok(found.into_values().collect())
}

/// Neighbours in the order of their lines, cut into what becomes a text each.
fn texts<'a, 'py>(mut candidates: Vec<Candidate<'a, 'py>>) -> Vec<Vec<Candidate<'a, 'py>>> {
    candidates.sort_by_key(|candidate| candidate.entry);
    // Of two code objects of one def the first.
    candidates.dedup_by_key(|candidate| candidate.entry);
    let last_of_name: HashMap<_, _> = candidates
        .iter()
        .map(|candidate| (candidate.entry().name.clone(), candidate.entry))
        .collect();
    // A path leads to the last of a name.
    candidates.retain(|each| last_of_name.get(&each.entry().name) == Some(&each.entry));
    let mut texts: Vec<Vec<Candidate<'a, 'py>>> = Vec::new();
    let mut length = 0;
    for candidate in candidates {
        let own_length = candidate.entry().span.len();
        let lines_after = |last: &Candidate<'_, '_>| {
            candidate.index.lines_between(last.entry(), candidate.entry())
        };
        let lines = texts.last().and_then(|text| text.last()).map(lines_after);
        let is_near = lines.is_some_and(|lines| lines <= FARTHEST);
        match texts.last_mut() {
            Some(text) if is_near && length + own_length <= LONGEST => text.push(candidate),
            _ => {
                texts.push(vec![candidate]);
                length = 0;
            }
        }
        length += own_length;
    }
    texts
}

/// Finds the sources of functions in one text, but for those that it does not give back; returns
/// whether there are none of these.
fn prove(candidates: &[Candidate<'_, '_>], sources: &mut Sources) -> PyResult<bool> {
    let mut left: Vec<_> = candidates.iter().collect();
    while left.len() > 1 {
        let found = sources_in_one_text(&left)?;
        let of = |(candidate, source): (&&Candidate<'_, '_>, Option<_>)| {
            Some((Arc::as_ptr(&candidate.asked.facts), source?))
        };
        let proved: Sources = left.iter().zip(found).filter_map(of).collect();
        let before = left.len();
        left.retain(|candidate| proved.contains_key(&Arc::as_ptr(&candidate.asked.facts)));
        if left.len() == before {
            sources.extend(proved);
            break;
        }
    }
    Ok(left.len() == candidates.len())
}

fn sources_in_one_text(candidates: &[&Candidate<'_, '_>]) -> PyResult<Vec<Option<Arc<Source>>>> {
    let mut sources = Vec::with_capacity(candidates.len());
    let Some(first) = candidates.first() else {
        return Ok(sources);
    };
    let (py, index) = (first.asked.code.py(), &first.index);
    let entries: Vec<_> = candidates.iter().map(|candidate| candidate.entry()).collect();
    let mut free: Vec<_> =
        candidates.iter().flat_map(|candidate| free_names(&candidate.asked.facts)).collect();
    free.sort_unstable();
    free.dedup();
    let Some(mut factory) = index.shared_factory(&entries, &free) else {
        return Ok(sources);
    };
    let text = text_object(py, &factory);
    let futures = futures(&first.asked.code)?;
    for (candidate, entry) in candidates.iter().zip(entries) {
        let Asked { code, facts, .. } = candidate.asked;
        index.give_to(entry, &mut factory);
        let record = new_record(&text, &factory, facts, &free_names(facts), &futures)?;
        let made = match compiled(&record)? {
            Some(made) if likeness(code, &made)? == Likeness::Same => made,
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
        let place = (Arc::clone(&candidate.index), candidate.entry);
        sources.push(Some(Source::in_shared_text(record, names, place)?));
    }
    Ok(sources)
}
