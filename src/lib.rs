//! The native core of sourcepickle: what Python sees of it, and nothing else.

pub mod library;
pub mod syntax;

#[cfg(feature = "python")]
mod capture;
#[cfg(feature = "python")]
mod error;
#[cfg(feature = "python")]
mod interpreter;
#[cfg(feature = "python")]
mod reduce;

#[cfg(feature = "python")]
// Not declared for free-threaded builds, on which nothing has tested it.
#[pyo3::pymodule(gil_used = true)]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::capture::source_text::getsource;
    #[pymodule_export]
    use super::reduce::Reducer;
    #[pymodule_export]
    use super::reduce::ReferenceRule;
    #[pymodule_export]
    use super::reduce::lacking;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::interpreter::refuse_sub_interpreters(module.py())
    }
}
