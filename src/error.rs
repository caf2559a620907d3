//! Why a function cannot travel by source, each kind one Python exception.

use std::fmt;

use pyo3::exceptions::{PyException, PyMemoryError, PyRecursionError};
use pyo3::{PyErr, Python};
use thiserror::Error;

mod python {
    pyo3::import_exception!(sourcepickle.errors, NotImportableError);
    pyo3::import_exception!(sourcepickle.errors, NotPortableError);
    pyo3::import_exception!(sourcepickle.errors, PickleByReferenceError);
    pyo3::import_exception!(sourcepickle.errors, SourceMismatchError);
    pyo3::import_exception!(sourcepickle.errors, SourceNotFoundError);
    pyo3::import_exception!(sourcepickle.rebuild, SourceDamagedError);
    pyo3::import_exception!(sourcepickle.rebuild, SourceVersionError);
}

pub use python::{
    SourceDamagedError, SourceMismatchError, SourceNotFoundError, SourceVersionError,
};

/// True for errors that say nothing of what was being looked at.
pub fn tells_of_the_machine(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyException>(py)
        || error.is_instance_of::<PyMemoryError>(py)
        || error.is_instance_of::<PyRecursionError>(py)
}

/// What an error is about: a function's name and the place of its definition.
#[derive(Debug)]
pub struct Subject {
    pub name: String,
    pub filename: String,
    pub line: isize,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.name, self.filename, self.line)
    }
}

#[derive(Debug, Error)]
pub enum SourceError {
    #[error(
        "cannot pickle {0} by source: no text of it is available; attach its text as \
         func.__source__, define it in a file, or dump with by_source=\"prefer\" to send its \
         bytecode to this Python version alone"
    )]
    NotFound(Subject),

    #[error(
        "cannot pickle {0} by source: it is the code of no def and no lambda, and only they have a \
         source of their own; pickle the function that it belongs to"
    )]
    NoFunction(Subject),

    #[error(
        "cannot pickle {0} by source: the text at that place does not compile to the function's \
         own code; the file was changed after it was imported (import it again), or an import \
         hook such as typeguard's or beartype's rewrote the code (keep the function out of its \
         reach); or attach the text as func.__source__, or dump with \
         by_source=\"prefer\" to send the bytecode to this Python version alone"
    )]
    Mismatch(Subject),

    #[error("cannot pickle {subject} by source: its __source__ {reason}; correct it or delete it")]
    Attached { subject: Subject, reason: String },

    #[error("cannot pickle {subject} by source: {reason}")]
    NotIndexed { subject: Subject, reason: String },

    #[error(
        "cannot pickle {0} by value: it is implemented in C, so that only an import can give it; \
         make it importable under its own name"
    )]
    ImplementedInC(String),

    #[error(
        "cannot pickle {object} by reference: no import gives it ({reason}); let \
         pickle_by_reference send it by value, or define it under its own name in a module that \
         the receiver has"
    )]
    NotImportable { object: String, reason: String },

    #[error(
        "cannot tell whether {object} travels by reference: pickle_by_reference {problem}; make \
         it return True or False for every function and class"
    )]
    ByReference { object: String, problem: String },

    #[error(
        "cannot pickle {0} by value: what pydantic made of a dataclass belongs to one Python; make \
         it a pydantic.BaseModel or a dataclass of the standard library, or define it in a module \
         that the receiver can import"
    )]
    PydanticDataclass(String),
}

impl From<SourceError> for PyErr {
    fn from(error: SourceError) -> Self {
        let message = error.to_string();
        match error {
            SourceError::NotFound(_) | SourceError::NoFunction(_) => {
                python::SourceNotFoundError::new_err(message)
            }
            SourceError::ImplementedInC(_) | SourceError::PydanticDataclass(_) => {
                python::NotPortableError::new_err(message)
            }
            SourceError::NotImportable { .. } => python::NotImportableError::new_err(message),
            SourceError::ByReference { .. } => python::PickleByReferenceError::new_err(message),
            SourceError::Mismatch(_)
            | SourceError::Attached { .. }
            | SourceError::NotIndexed { .. } => python::SourceMismatchError::new_err(message),
        }
    }
}
