//! By reference or by value: the rule that a pickler was given, and what it says of an object.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyException, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyModule, PySet, PyString, PyType};

use super::class::is_implemented_in_c;
use super::decision::Decision;
use super::importable::{home_of, import_name, is_extension, module_name};
use super::namespace::made_module;
use super::naming::{named, shown};
use super::standard_library::is_standard;
use crate::error::SourceError;
use crate::interpreter::interpreter;
use crate::library::top_level;

/// Says of functions, classes and modules whether they travel by reference.
#[pyclass(module = "sourcepickle._native", frozen)]
pub struct ReferenceRule {
    kind: RuleKind,
    /// By the address of an object: it itself, held so that the address stays its own, and what was
    /// decided. A callable is asked once.
    decided: Mutex<HashMap<usize, (Py<PyAny>, Decision)>>,
    /// False where no module was registered by value when the dump began.
    has_registered: AtomicBool,
}

enum RuleKind {
    /// Cloudpickle's own: by reference is what an import gives, unless it is registered by value,
    /// as this callable of a copy says, or cloudpickle's.
    Importable(Option<Py<PyAny>>),
    Callable(Py<PyAny>),
    Packages(HashSet<String>),
}

#[pymethods]
impl ReferenceRule {
    #[new]
    #[pyo3(signature = (pickle_by_reference, registered = None))]
    fn new(
        pickle_by_reference: Option<Bound<'_, PyAny>>,
        registered: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let kind = match pickle_by_reference {
            None => RuleKind::Importable(registered),
            Some(given) if given.is_callable() => RuleKind::Callable(given.unbind()),
            Some(given) => RuleKind::Packages(package_names(&given)?),
        };
        Ok(Self { kind, decided: Mutex::default(), has_registered: AtomicBool::new(true) })
    }

    /// Begins a dump: what was decided for the last one may have changed since.
    pub fn start(&self, py: Python<'_>) -> PyResult<()> {
        if let RuleKind::Importable(registered) = &self.kind {
            self.has_registered
                .store(!names_in(registered.as_ref(), py)?.is_empty(), Ordering::Relaxed);
        } else {
            self.__clear__();
        }
        Ok(())
    }

    /// Returns whether a function, class or module travels by reference.
    pub fn is_by_reference(&self, object: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.decide(object)?.is_by_reference())
    }

    /// Refuses a class that no Python could make of its attributes.
    #[staticmethod]
    fn refuse_implemented_in_c(class: &Bound<'_, PyType>) -> PyResult<()> {
        if is_implemented_in_c(class)? {
            return Err(SourceError::ImplementedInC(class.repr()?.to_string()).into());
        }
        Ok(())
    }

    /// Returns why a function, class or module travels as it does.
    fn reason(&self, object: &Bound<'_, PyAny>) -> PyResult<String> {
        Ok(self.decide(object)?.to_string())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        match &self.kind {
            RuleKind::Importable(registered) => visit.call(registered)?,
            RuleKind::Callable(callable) => visit.call(callable)?,
            RuleKind::Packages(_) => {}
        }
        if let Ok(decided) = self.decided.try_lock() {
            for (object, _) in decided.values() {
                visit.call(object)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let decided = std::mem::take(&mut *self.decided());
        drop(decided);
    }
}

impl ReferenceRule {
    /// True where modules that an import gives may travel by value.
    pub fn may_send_modules(&self) -> bool {
        !matches!(self.kind, RuleKind::Importable(_)) || self.has_registered.load(Ordering::Relaxed)
    }

    /// Decides for what its module has under its `__name__` and is neither function nor class, such
    /// as a type parameter: it goes the way of its module.
    pub fn is_by_reference_in(&self, module: &Bound<'_, PyAny>) -> PyResult<bool> {
        if module.is_instance_of::<PyModule>() {
            return self.is_by_reference(module);
        }
        Ok(!self.is_registered_by_value(module)?)
    }

    fn decide(&self, object: &Bound<'_, PyAny>) -> PyResult<Decision> {
        if matches!(self.kind, RuleKind::Importable(_)) {
            return self.decide_anew(object);
        }
        let address = object.as_ptr() as usize;
        if let Some((_, decision)) = self.decided().get(&address) {
            return Ok(decision.clone());
        }
        let decision = self.decide_anew(object)?;
        self.decided().insert(address, (object.clone().unbind(), decision.clone()));
        Ok(decision)
    }

    fn decide_anew(&self, object: &Bound<'_, PyAny>) -> PyResult<Decision> {
        if object.is_instance_of::<PyModule>() {
            return self.decide_module(object);
        }
        let home = home_of(object)?;
        if matches!(self.kind, RuleKind::Importable(_)) {
            return Ok(match home {
                Some(home) if self.is_registered_by_value(&home)? => Decision::Registered,
                Some(_) => Decision::Importable,
                None => Decision::NotImportable,
            });
        }
        let module = module_name(object)?.map(|name| name.to_string_lossy().into_owned());
        if let Some(module) = &module {
            if let Some(decision) = everywhere(object.py(), module)? {
                return Ok(if home.is_some() { decision } else { Decision::NotImportable });
            }
            // attrs writes classes and functions of its own for each class of the user's.
            if home.is_none() && top_level(module) == "attr" {
                return Ok(Decision::NotImportable);
            }
        }
        if let Ok(class) = object.cast::<PyType>()
            && is_implemented_in_c(class)?
        {
            return Ok(if home.is_some() {
                Decision::ImplementedInC
            } else {
                Decision::NotImportable
            });
        }
        let decision = match &self.kind {
            RuleKind::Packages(packages) => {
                let package = top_level(module.as_deref().unwrap_or_default());
                if !packages.contains(package) {
                    Decision::NotListed(described(package))
                } else if home.is_none() && is_local(object)? {
                    Decision::Local(package.to_owned())
                } else {
                    Decision::Listed(package.to_owned())
                }
            }
            _ => Decision::Answered(self.answer(object, object)?),
        };
        if decision.is_by_reference() && home.is_none() {
            return Err(not_importable(object, &decision)?);
        }
        Ok(decision)
    }

    fn decide_module(&self, module: &Bound<'_, PyAny>) -> PyResult<Decision> {
        let py = module.py();
        let name = module.getattr(intern!(py, "__name__"))?;
        if matches!(self.kind, RuleKind::Importable(_)) {
            // One that came by value is not what has its name here.
            let is_made = made_module(&module.cast::<PyModule>()?.dict())?.is_some();
            return Ok(if is_made || !interpreter(py)?.sys_modules.bind(py).contains(&name)? {
                Decision::NotImportable
            } else if self.is_registered_by_value(module)? {
                Decision::Registered
            } else {
                Decision::Importable
            });
        }
        let import_name = import_name(module)?;
        let is_importable = import_name.is_some();
        let name = match import_name {
            Some(name) => name,
            None => name.extract::<String>()?,
        };
        if is_importable {
            if let Some(decision) = everywhere(py, &name)? {
                return Ok(decision);
            }
            if is_extension(module)? {
                return Ok(Decision::ImplementedInC);
            }
        }
        let package = top_level(&name);
        let decision = match &self.kind {
            RuleKind::Packages(packages) if packages.contains(package) => {
                Decision::Listed(package.to_owned())
            }
            RuleKind::Packages(_) => Decision::NotListed(package.to_owned()),
            _ => Decision::Answered(self.answer(&code_of_module(module)?, module)?),
        };
        if decision.is_by_reference() && !is_importable {
            return Err(not_importable(module, &decision)?);
        }
        Ok(decision)
    }

    /// True where `register_pickle_by_value` was called for the module or a package above it.
    fn is_registered_by_value(&self, module: &Bound<'_, PyAny>) -> PyResult<bool> {
        if !self.has_registered.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let RuleKind::Importable(registered) = &self.kind else {
            return Ok(false);
        };
        let py = module.py();
        let registered = names_in(registered.as_ref(), py)?;
        let name = module.getattr(intern!(py, "__name__"))?.cast_into::<PyString>()?;
        let name = name.to_string_lossy();
        let mut package = Some(name.as_ref());
        while let Some(name) = package {
            if registered.contains(name)? {
                return Ok(true);
            }
            package = name.rsplit_once('.').map(|(package, _)| package);
        }
        Ok(false)
    }

    /// What the callable answers when it is asked for `asked`, on behalf of `object`.
    fn answer(&self, asked: &Bound<'_, PyAny>, object: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = asked.py();
        let RuleKind::Callable(callable) = &self.kind else {
            return Ok(false);
        };
        let problem = match callable.bind(py).call1((asked,)) {
            Ok(answer) => match answer.cast::<PyBool>() {
                Ok(answer) => return Ok(answer.is_true()),
                Err(_) => format!("answered {}, which is neither True nor False", shown(&answer)),
            },
            Err(error) if error.is_instance_of::<PyException>(py) => {
                let text = format!("raised {}", shown(error.value(py)));
                let raised = without_answer(object, text)?;
                raised.set_cause(py, Some(error));
                return Err(raised);
            }
            Err(error) => return Err(error),
        };
        Err(without_answer(object, problem)?)
    }

    /// The decisions; to be let go before any call into Python.
    fn decided(&self) -> MutexGuard<'_, HashMap<usize, (Py<PyAny>, Decision)>> {
        self.decided.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn names_in<'py>(registered: Option<&Py<PyAny>>, py: Python<'py>) -> PyResult<Bound<'py, PySet>> {
    let registered = match registered {
        Some(registered) => registered,
        None => &interpreter(py)?.registered_by_value,
    };
    Ok(registered.bind(py).call0()?.cast_into::<PySet>()?)
}

/// The decision about what every receiver has, `None` for the rest.
fn everywhere(py: Python<'_>, module: &str) -> PyResult<Option<Decision>> {
    if ["sourcepickle", "cloudpickle"].contains(&top_level(module)) {
        return Ok(Some(Decision::Ours));
    }
    Ok(if is_standard(py, module)? { Some(Decision::Standard) } else { None })
}

fn described(package: &str) -> String {
    if package.is_empty() { "an object of no module".to_owned() } else { package.to_owned() }
}

/// True for what a function made when it ran, and for a lambda: no module has it under its name.
fn is_local(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let qualname = object.getattr_opt(intern!(object.py(), "__qualname__"))?;
    let qualname = qualname.and_then(|name| name.cast_into::<PyString>().ok());
    Ok(qualname.is_some_and(|name| name.to_string_lossy().contains('<')))
}

/// A function that stands for a module's own code when a callable is asked for the module.
fn code_of_module<'py>(module: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = module.py();
    let interpreter = interpreter(py)?;
    let own = module.cast::<PyModule>()?.dict();
    let name = module.getattr(intern!(py, "__name__"))?;
    let file = match own.get_item(intern!(py, "__file__"))? {
        Some(file) if file.is_instance_of::<PyString>() => file,
        _ => PyString::new(py, "<unknown>").into_any(),
    };
    let compile = py.import("builtins")?.getattr("compile")?;
    let code = compile.call1(("", file, "exec"))?;
    let function = interpreter.function_type.bind(py).call1((code, own))?;
    function.setattr(intern!(py, "__module__"), name)?;
    Ok(function)
}

fn package_names(given: &Bound<'_, PyAny>) -> PyResult<HashSet<String>> {
    let wanted = "pickle_by_reference is a callable or a collection of top-level package names";
    if given.is_instance_of::<PyString>() || given.try_iter().is_err() {
        return Err(PyTypeError::new_err(format!("{wanted}, not {}", shown(given))));
    }
    let mut packages = HashSet::new();
    for name in given.try_iter()? {
        let name = name?;
        let Ok(name) = name.cast::<PyString>() else {
            return Err(PyTypeError::new_err(format!("{wanted}; {} is no name", shown(&name))));
        };
        let name = name.to_cow()?.into_owned();
        if name.is_empty() || name.contains('.') {
            return Err(PyValueError::new_err(format!("{wanted}; {name:?} is no top-level name")));
        }
        packages.insert(name);
    }
    Ok(packages)
}

fn not_importable(object: &Bound<'_, PyAny>, decision: &Decision) -> PyResult<PyErr> {
    let object = named(object)?;
    Ok(SourceError::NotImportable { object, reason: decision.to_string() }.into())
}

fn without_answer(object: &Bound<'_, PyAny>, problem: String) -> PyResult<PyErr> {
    Ok(SourceError::ByReference { object: named(object)?, problem }.into())
}
