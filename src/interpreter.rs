//! Objects of the running interpreter, looked up once.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule};

pub struct Interpreter {
    pub function_type: Py<PyAny>,
    pub code_type: Py<PyAny>,
    pub cell_type: Py<PyAny>,
    pub module_type: Py<PyAny>,
    pub method_type: Py<PyAny>,
    /// `types.UnionType`, which Python 3.9 does not have.
    pub union_type: Option<Py<PyAny>>,
    pub not_implemented: Py<PyAny>,
    pub sys_modules: Py<PyDict>,
    /// True under `-O` and `-OO`.
    pub is_optimised: bool,
    pub linecache: Py<PyModule>,
    /// `cloudpickle.list_registry_pickle_by_value`.
    pub registered_by_value: Py<PyAny>,
    pub rebuild: Rebuild,
}

/// The callables of `sourcepickle.rebuild`, which payloads name.
pub struct Rebuild {
    pub module: Py<PyModule>,
    pub function: Py<PyAny>,
    pub iterable_coroutine: Py<PyAny>,
    pub bytecode_function: Py<PyAny>,
    pub fill_function: Py<PyAny>,
    pub code: Py<PyAny>,
    pub iterable_code: Py<PyAny>,
    pub cell: Py<PyAny>,
    pub fill_cell: Py<PyAny>,
    pub import_module: Py<PyAny>,
    pub new_module: Py<PyAny>,
    pub fill_module: Py<PyAny>,
    pub method: Py<PyAny>,
    pub union: Py<PyAny>,
}

static INTERPRETER: PyOnceLock<Interpreter> = PyOnceLock::new();

/// The objects, after the first call at the cost of a read.
pub fn interpreter(py: Python<'_>) -> PyResult<&Interpreter> {
    INTERPRETER.get_or_try_init(py, || Interpreter::new(py))
}

impl Interpreter {
    /// True for a module, by its type: asking the object itself would run what proxies do.
    pub fn is_module(&self, object: &Bound<'_, PyAny>) -> PyResult<bool> {
        object.get_type().is_subclass(self.module_type.bind(object.py()))
    }

    fn new(py: Python<'_>) -> PyResult<Self> {
        let types = py.import("types")?;
        let of_types = |name: &str| types.getattr(name).map(Bound::unbind);
        Ok(Self {
            function_type: of_types("FunctionType")?,
            code_type: of_types("CodeType")?,
            cell_type: of_types("CellType")?,
            module_type: of_types("ModuleType")?,
            method_type: of_types("MethodType")?,
            union_type: types.getattr_opt("UnionType")?.map(Bound::unbind),
            not_implemented: py.NotImplemented(),
            sys_modules: py.import("sys")?.getattr("modules")?.cast_into()?.unbind(),
            is_optimised: py.import("sys")?.getattr("flags")?.getattr("optimize")?.is_truthy()?,
            linecache: py.import("linecache")?.unbind(),
            registered_by_value: py
                .import("cloudpickle")?
                .getattr("list_registry_pickle_by_value")?
                .unbind(),
            rebuild: Rebuild::new(py)?,
        })
    }
}

impl Rebuild {
    fn new(py: Python<'_>) -> PyResult<Self> {
        let module = py.import("sourcepickle.rebuild")?;
        let of = |name: &str| module.getattr(name).map(Bound::unbind);
        Ok(Self {
            function: of("function")?,
            iterable_coroutine: of("iterable_coroutine")?,
            bytecode_function: of("bytecode_function")?,
            fill_function: of("fill_function")?,
            code: of("code")?,
            iterable_code: of("iterable_code")?,
            cell: of("cell")?,
            fill_cell: of("fill_cell")?,
            import_module: of("module")?,
            new_module: of("new_module")?,
            fill_module: of("fill_module")?,
            method: of("method")?,
            union: of("union")?,
            module: module.unbind(),
        })
    }
}
