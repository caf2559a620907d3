//! The source of a function whose user attached its text, as `func.__source__`.

use std::sync::{Arc, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::facts::{Facts, Source, keep};
use super::names::Names;
use super::record::{compiled, free_names, futures, new_record, text_object};
use crate::error::SourceError;
use crate::syntax::Attached;

/// Flags of code objects that say what calling the function does: `*args`, `**kwargs`, generator,
/// coroutine and asynchronous generator (CPython `Include/cpython/code.h`).
const CALLING: u32 = 0x04 | 0x08 | 0x20 | 0x80 | 0x200;

/// Returns the source that a text among a function's own attributes gives; `None` where none is
/// attached.
pub fn attached_source(
    function: &Bound<'_, PyAny>,
    own: &Bound<'_, PyDict>,
    code: &Bound<'_, PyAny>,
    facts: &Facts,
) -> PyResult<Option<Arc<Source>>> {
    let py = function.py();
    let key = intern!(py, "__source__");
    let Some(attached) = own.get_item(key)? else {
        return Ok(None);
    };
    // functools.wraps copies the attributes of what it wraps, whose text this is.
    if let Some(wrapped) = own.get_item(intern!(py, "__wrapped__"))?
        && wrapped.getattr_opt(key)?.is_some_and(|of_wrapped| of_wrapped.is(&attached))
    {
        return Ok(None);
    }
    let name: String = function.getattr(intern!(py, "__qualname__"))?.extract()?;
    let refuse = |reason: String| {
        PyErr::from(SourceError::Attached { subject: facts.subject(py, name.clone()), reason })
    };
    let Ok(attached) = attached.cast_into::<PyString>() else {
        return Err(refuse("is not a string".to_owned()));
    };
    if let Some((text, source)) = &*facts.attached.lock().unwrap_or_else(PoisonError::into_inner)
        && text.bind(py).is(&attached)
    {
        return Ok(Some(Arc::clone(source)));
    }
    let text =
        attached.to_cow().map_err(|_| refuse("holds lone surrogates".to_owned()))?.into_owned();
    let free = free_names(facts);
    let found = Attached::new(&text, &name, &free).map_err(|error| refuse(error.to_string()))?;
    let entry = found.entry();
    let code_name: String = code.getattr(intern!(py, "co_name"))?.extract()?;
    if *entry.name != *code_name {
        return Err(refuse(format!("holds {}, not {code_name}", entry.name)));
    }
    let mut factory = found.index.factory(entry, &free);
    // The text stands in no file; its function keeps the line that it has.
    factory.shift(facts.line - entry.first_line);
    let text = text_object(py, &factory);
    let record = new_record(&text, &factory, facts, &free, &futures(code)?)?;
    let Some(compiled) = compiled(&record)? else {
        return Err(refuse("does not compile".to_owned()));
    };
    if parameters(code)? != parameters(&compiled)? {
        return Err(refuse("takes other parameters than the function".to_owned()));
    }
    let mut others: Vec<String> = compiled.getattr(intern!(py, "co_freevars"))?.extract()?;
    others.sort();
    if others != free {
        return Err(refuse(format!(
            "has the free variables {others:?}, and the function {free:?}"
        )));
    }
    let names = Names::of_source(&compiled, &record, &factory.text)?;
    let source = Source::new(record, Arc::new(names), None)?;
    keep(&facts.attached, Some((attached.unbind(), Arc::clone(&source))));
    Ok(Some(source))
}

/// The names of a code object's parameters, how many there are of each kind, and how it is called.
fn parameters(code: &Bound<'_, PyAny>) -> PyResult<(Vec<String>, [usize; 3], u32)> {
    let py = code.py();
    let count = |name: &str| -> PyResult<usize> { code.getattr(name)?.extract() };
    let counts = [count("co_argcount")?, count("co_posonlyargcount")?, count("co_kwonlyargcount")?];
    let flags: u32 = code.getattr(intern!(py, "co_flags"))?.extract()?;
    let calling = flags & CALLING;
    let stars = usize::from(flags & 0x04 != 0) + usize::from(flags & 0x08 != 0);
    let names: Vec<String> = code.getattr(intern!(py, "co_varnames"))?.extract()?;
    Ok((names.into_iter().take(counts[0] + counts[2] + stars).collect(), counts, calling))
}
