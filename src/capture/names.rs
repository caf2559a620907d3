//! Which globals a code object reads and writes, and which attributes it names.

use std::collections::BTreeSet;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString, PyTuple};

use super::nested::with_nested;
use super::record::compiled_at;
use super::strings::private_string;
use crate::interpreter::interpreter;

/// The opcodes of this interpreter whose argument is an index into `co_names` that may mean a global.
struct Opcodes {
    /// Of these the argument is the index; `LOAD_NAME` is how a class body reads a global.
    plain: Vec<u8>,
    /// `LOAD_GLOBAL`, whose lowest bit is a flag of its own from 3.11 on.
    load_global: u8,
    load_global_shift: u32,
    extended_arg: u8,
}

static OPCODES: PyOnceLock<Opcodes> = PyOnceLock::new();

fn opcodes(py: Python<'_>) -> PyResult<&Opcodes> {
    OPCODES.get_or_try_init(py, || {
        let map = py.import("opcode")?.getattr("opmap")?;
        let number = |name: &str| -> PyResult<Option<u8>> {
            if map.contains(name)? { map.get_item(name)?.extract().map(Some) } else { Ok(None) }
        };
        let mut plain = Vec::new();
        for name in ["STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"] {
            plain.extend(number(name)?);
        }
        let required = |name: &str| -> PyResult<u8> {
            number(name)?.ok_or_else(|| pyo3::exceptions::PyKeyError::new_err(name.to_owned()))
        };
        Ok(Opcodes {
            plain,
            load_global: required("LOAD_GLOBAL")?,
            load_global_shift: u32::from(interpreter(py)?.minor >= 11),
            extended_arg: required("EXTENDED_ARG")?,
        })
    })
}

/// What a module's globals say of the module; relative imports inside functions read them.
pub const MODULE_NAMES: [&str; 4] = ["__package__", "__name__", "__path__", "__file__"];

/// The names that a code object and all inside it use.
pub struct Names {
    /// The globals that they read or write, sorted, but for [`MODULE_NAMES`] and `__builtins__`,
    /// which no function needs to bring.
    pub globals: Vec<Py<PyString>>,
    /// Every name, submodules reached as attributes among them.
    pub all: BTreeSet<String>,
}

impl Names {
    pub fn of(code: &Bound<'_, PyAny>) -> PyResult<Self> {
        Found::of(code)?.into_names(code.py())
    }

    /// The names of a source's code object, and where a receiver that optimises more or less
    /// (`-O`) makes another of it, those of that one too.
    pub fn of_source(
        code: &Bound<'_, PyAny>,
        record: &Bound<'_, PyTuple>,
        text: &str,
    ) -> PyResult<Self> {
        let mut found = Found::of(code)?;
        if depends_on_level(code.py(), text)? {
            for level in [0, 1] {
                if let Some(code) = compiled_at(record, level)? {
                    let Found { globals, all } = Found::of(&code)?;
                    found.globals.extend(globals);
                    found.all.extend(all);
                }
            }
        }
        found.into_names(code.py())
    }
}

/// True where asserts, or what `__debug__` decides, are not all in the code of this interpreter.
pub fn depends_on_level(py: Python<'_>, text: &str) -> PyResult<bool> {
    Ok(text.contains("__debug__") || interpreter(py)?.is_optimised)
}

#[derive(Default)]
struct Found {
    globals: BTreeSet<String>,
    all: BTreeSet<String>,
}

impl Found {
    fn of(code: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut found = Self::default();
        for code in with_nested(code)? {
            found.add(&code)?;
        }
        Ok(found)
    }

    fn into_names(self, py: Python<'_>) -> PyResult<Names> {
        let is_own =
            |name: &&String| !MODULE_NAMES.contains(&name.as_str()) && *name != "__builtins__";
        let globals = self.globals.iter().filter(is_own);
        let globals = globals.map(|name| Ok(private_string(py, name)?.unbind()));
        Ok(Names { globals: globals.collect::<PyResult<_>>()?, all: self.all })
    }

    fn add(&mut self, code: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = code.py();
        let opcodes = opcodes(py)?;
        let co_names = code.getattr(intern!(py, "co_names"))?.cast_into::<PyTuple>()?;
        let co_names = co_names
            .iter()
            .map(|name| Ok(name.cast::<PyString>()?.to_string()))
            .collect::<PyResult<Vec<_>>>()?;
        let instructions = code.getattr(intern!(py, "co_code"))?.cast_into::<PyBytes>()?;
        let mut extended = 0usize;
        for instruction in instructions.as_bytes().chunks_exact(2) {
            let argument = extended << 8 | usize::from(instruction[1]);
            extended = 0;
            let index = if instruction[0] == opcodes.extended_arg {
                extended = argument;
                continue;
            } else if instruction[0] == opcodes.load_global {
                argument >> opcodes.load_global_shift
            } else if opcodes.plain.contains(&instruction[0]) {
                argument
            } else {
                continue;
            };
            if let Some(name) = co_names.get(index) {
                self.globals.insert(name.clone());
            }
        }
        self.all.extend(co_names);
        Ok(())
    }
}
