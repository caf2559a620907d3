//! The dictionary that stands for a function's globals, and the module that it is of.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyString};

use super::call::Call;
use super::module_names::{module_names, names_that_do_not_follow};
use super::reducer::Reducer;
use crate::capture::{Facts, private_copy};
use crate::interpreter::interpreter;

/// What stands for globals in a pickler's payloads.
pub struct Namespace {
    /// They themselves, held so that their address stays theirs.
    globals: Py<PyAny>,
    /// Shared by the functions as they share the globals.
    stand_in: Py<PyAny>,
    /// The file that the stand-in does not name, for it is that of the function that came first.
    left_out_file: Option<Py<PyString>>,
    /// The module whose dictionary they are, still empty, where it travels by value.
    empty_module: Option<Py<PyAny>>,
}

impl Namespace {
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.globals)?;
        visit.call(&self.stand_in)?;
        visit.call(&self.empty_module)
    }
}

/// The dictionary that stands for a function's globals in this pickler's payloads, with what
/// relative imports need (`_function_getnewargs` in cloudpickle), as far as it does not follow from
/// the rest and from the file of the function.
pub fn namespace<'py>(
    reducer: &Reducer,
    globals: &Bound<'py, PyDict>,
    facts: &Facts,
) -> PyResult<Bound<'py, PyAny>> {
    let py = globals.py();
    let known = {
        let memory = reducer.memory();
        let known = memory.namespaces.get(&(globals.as_ptr() as usize));
        known.map(|known| {
            let file = known.left_out_file.as_ref().map(|file| file.clone_ref(py));
            (known.stand_in.bind(py).clone(), file)
        })
    };
    if let Some((stand_in, left_out_file)) = known {
        if let Some(file) = left_out_file
            && facts.filename.bind(py).as_any().ne(&file)?
        {
            // The other function may be in no payload yet: its dump was refused, or the pickler's
            // memo cleared since.
            let name = private_copy(intern!(py, "__file__"))?;
            stand_in.cast::<PyDict>()?.set_item(name, file)?;
        }
        return Ok(stand_in);
    }
    if let Some(module) = module_of(reducer, globals)?
        && !reducer.is_by_reference(&module)?
    {
        empty_module(reducer, module.cast()?)?;
        return namespace(reducer, globals, facts);
    }
    let (stand_in, is_file_left_out) = names_that_do_not_follow(globals, facts)?;
    let left_out_file = is_file_left_out.then(|| facts.filename.clone_ref(py));
    keep(reducer, globals, stand_in.as_any(), left_out_file, None);
    Ok(stand_in.into_any())
}

/// The module that stands for one that travels by value, without its contents: functions of it may
/// travel and the module itself not.
pub fn empty_module<'py>(
    reducer: &Reducer,
    module: &Bound<'py, PyModule>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = module.py();
    let globals = module.dict();
    let is_known = {
        let memory = reducer.memory();
        let known = memory.namespaces.get(&(globals.as_ptr() as usize));
        if let Some(empty) = known.and_then(|known| known.empty_module.as_ref()) {
            return Ok(empty.bind(py).clone());
        }
        known.is_some()
    };
    let rebuild = &interpreter(py)?.rebuild;
    let empty = Call::new(&rebuild.new_module, (module_names(&globals)?,).into_pyobject(py)?)?;
    // A function that came before its module was known to be one has brought a dictionary instead.
    if !is_known {
        let stand_in = Call::new(&rebuild.namespace_of, (&empty,).into_pyobject(py)?)?;
        keep(reducer, &globals, stand_in.as_any(), None, Some(empty.as_any()));
    }
    Ok(empty.into_any())
}

/// The module whose dictionary these globals are, where it may travel by value; not `__main__`.
fn module_of<'py>(
    reducer: &Reducer,
    globals: &Bound<'py, PyDict>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = globals.py();
    let interpreter = interpreter(py)?;
    let mut found = made_module(globals)?;
    if found.is_none()
        && reducer.rule.get().may_send_modules()
        && let Some(name) = globals.get_item(intern!(py, "__name__"))?
        && name.is_instance_of::<PyString>()
        && name.ne(intern!(py, "__main__"))?
    {
        found = interpreter.sys_modules.bind(py).get_item(name)?;
    }
    let Some(module) = found else {
        return Ok(None);
    };
    let is_its =
        module.is_instance_of::<PyModule>() && module.cast::<PyModule>()?.dict().is(globals);
    Ok(if is_its { Some(module) } else { None })
}

/// The module with this dictionary, where it came by value itself.
pub fn made_module<'py>(globals: &Bound<'py, PyDict>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = globals.py();
    let made = interpreter(py)?.rebuild.made_modules.bind(py).cast::<PyDict>()?;
    if made.is_empty() {
        return Ok(None);
    }
    match made.get_item(globals.as_ptr() as usize)? {
        Some(reference) => Ok(Some(reference.call0()?).filter(|module| !module.is_none())),
        None => Ok(None),
    }
}

fn keep(
    reducer: &Reducer,
    globals: &Bound<'_, PyDict>,
    stand_in: &Bound<'_, PyAny>,
    left_out_file: Option<Py<PyString>>,
    empty_module: Option<&Bound<'_, PyAny>>,
) {
    let namespace = Namespace {
        globals: globals.clone().into_any().unbind(),
        stand_in: stand_in.clone().unbind(),
        left_out_file,
        empty_module: empty_module.map(|module| module.clone().unbind()),
    };
    reducer.memory().namespaces.insert(globals.as_ptr() as usize, namespace);
}
