//! Objects of the running interpreter, looked up once.

use pyo3::exceptions::{PyImportError, PyRuntimeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule, PyType};

pub struct Interpreter {
    /// Its version: 13 for Python 3.13.
    pub minor: u8,
    /// By the address of a type, in order: how its instances are reduced, where not in pickle's
    /// own way.
    kinds: Vec<(usize, Kind)>,
    /// The addresses of the callables of `rebuild`, in order.
    ours: Vec<usize>,
    pub function_type: Py<PyAny>,
    pub code_type: Py<PyAny>,
    pub cell_type: Py<PyAny>,
    pub method_type: Py<PyAny>,
    pub module_type: Py<PyAny>,
    pub member_descriptor_type: Py<PyAny>,
    pub method_descriptor_type: Py<PyAny>,
    pub getset_descriptor_type: Py<PyAny>,
    pub abc_metaclass: Py<PyAny>,
    pub enum_metaclass: Py<PyAny>,
    pub protocol_metaclass: Py<PyAny>,
    /// `_abc._get_dump`: the classes that were registered with an ABC.
    pub abc_dump: Py<PyAny>,
    /// The code objects of the functions that `functools.singledispatch` and, before Python 3.10,
    /// `typing.NewType` return.
    pub single_dispatch_code: Py<PyAny>,
    pub new_type_code: Option<Py<PyAny>>,
    pub collections_names: Py<PyDict>,
    pub typing_names: Py<PyDict>,
    /// `builtins.__dict__`.
    pub builtins: Py<PyDict>,
    pub getattr: Py<PyAny>,
    pub property: Py<PyAny>,
    pub class_method: Py<PyAny>,
    pub static_method: Py<PyAny>,
    /// `types.LazyImportType` (PEP 810), from Python 3.15 on.
    pub lazy_import: Option<Py<PyAny>>,
    pub dataclass_missing: Py<PyAny>,
    pub not_implemented: Py<PyAny>,
    pub sys_modules: Py<PyDict>,
    /// True under `-O` and `-OO`.
    pub is_optimised: bool,
    pub linecache: Py<PyModule>,
    /// The names, sorted, of the `__future__` features, with the flags of code compiled under them.
    pub futures: Vec<(String, u32)>,
    /// `cloudpickle.list_registry_pickle_by_value`.
    pub registered_by_value: Py<PyAny>,
    pub rebuild: Rebuild,
}

/// How an object is reduced, by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Function,
    BuiltinFunction,
    Cell,
    Method,
    Code,
    Union,
    Call,
    MethodStates,
    NamedTyping,
    LruCache,
    SingleDispatchMethod,
    PartialMethod,
    CachedProperty,
    Keys,
    Values,
    Items,
    TextFile,
    FieldSentinel,
    EnumProperty,
    Property,
    MethodWrapper,
    ForwardReference,
}

/// Declares the callables of `sourcepickle.rebuild` that payloads name, each with its module.
macro_rules! rebuild {
    ($($field:ident: $module:literal . $name:literal,)*) => {
        /// The callables of `sourcepickle.rebuild`, which payloads name.
        pub struct Rebuild {
            pub module: Py<PyModule>,
            $(pub $field: Py<PyAny>,)*
        }

        impl Rebuild {
            fn addresses(&self) -> Vec<usize> {
                let mut addresses = vec![$(self.$field.as_ptr() as usize,)*];
                addresses.sort_unstable();
                addresses
            }

            fn new(py: Python<'_>) -> PyResult<Self> {
                Ok(Self {
                    module: py.import("sourcepickle.rebuild")?.unbind(),
                    $($field: py.import($module)?.getattr($name)?.unbind(),)*
                })
            }
        }
    };
}

rebuild! {
    function: "sourcepickle.rebuild"."function",
    iterable_coroutine: "sourcepickle.rebuild"."iterable_coroutine",
    bytecode_function: "sourcepickle.rebuild"."bytecode_function",
    bytecode_code: "sourcepickle.rebuild"."bytecode_code",
    fill_function: "sourcepickle.rebuild"."fill_function",
    fill_functions: "sourcepickle.rebuild"."fill_functions",
    code: "sourcepickle.rebuild"."code",
    iterable_code: "sourcepickle.rebuild"."iterable_code",
    renamed: "sourcepickle.rebuild"."renamed",
    cell: "sourcepickle.rebuild"."cell",
    fill_cell: "sourcepickle.rebuild"."fill_cell",
    import_module: "sourcepickle.rebuild"."module",
    named: "sourcepickle.rebuild"."named",
    new_module: "sourcepickle.rebuild.modules"."new_module",
    same_module: "sourcepickle.rebuild.modules"."same_module",
    fill_module: "sourcepickle.rebuild.modules"."fill_module",
    namespace_of: "sourcepickle.rebuild.modules"."namespace_of",
    importing: "sourcepickle.rebuild.modules"."importing",
    importer: "sourcepickle.rebuild.modules"."Importer",
    made_modules: "sourcepickle.rebuild.modules"."made",
    method: "sourcepickle.rebuild"."method",
    union: "sourcepickle.rebuild"."union",
    id_of: "sourcepickle.rebuild.tracker"."id_of",
    plain_class: "sourcepickle.rebuild.classes"."plain_class",
    of_release: "sourcepickle.rebuild.classes"."of_release",
    set_methods: "sourcepickle.rebuild.classes"."set_methods",
    fill_class: "sourcepickle.rebuild.classes"."fill_class",
    fill_protocol: "sourcepickle.rebuild.classes"."fill_protocol",
    typed_dict: "sourcepickle.rebuild.classes"."typed_dict",
    fill_typed_dict: "sourcepickle.rebuild.classes"."fill_typed_dict",
    named_tuple: "sourcepickle.rebuild.classes"."named_tuple",
    fill_named_tuple: "sourcepickle.rebuild.classes"."fill_named_tuple",
    dataclass_methods: "sourcepickle.rebuild.dataclass"."dataclass_methods",
    enum_class: "sourcepickle.rebuild.enums"."enum_class",
    fill_enum: "sourcepickle.rebuild.enums"."fill_enum",
    enum_property: "sourcepickle.rebuild.enums"."enum_property",
    reference: "sourcepickle.rebuild.typing_constructs"."reference",
    applied: "sourcepickle.rebuild.typing_constructs"."applied",
    type_parameter: "sourcepickle.rebuild.type_parameters"."type_parameter",
    forward_reference: "sourcepickle.rebuild.type_parameters"."forward_reference",
    new_type: "sourcepickle.rebuild.type_parameters"."new_type",
    type_alias: "sourcepickle.rebuild.type_parameters"."type_alias",
    fill_type_alias: "sourcepickle.rebuild.type_parameters"."fill_type_alias",
    lru_cache: "sourcepickle.rebuild.functools_wrappers"."lru_cache",
    fill_wrapper: "sourcepickle.rebuild.functools_wrappers"."fill_wrapper",
    single_dispatch: "sourcepickle.rebuild.functools_wrappers"."single_dispatch",
    fill_single_dispatch: "sourcepickle.rebuild.functools_wrappers"."fill_single_dispatch",
    single_dispatch_method: "sourcepickle.rebuild.functools_wrappers"."single_dispatch_method",
    fill_single_dispatch_method:
        "sourcepickle.rebuild.functools_wrappers"."fill_single_dispatch_method",
    partial_method: "sourcepickle.rebuild.functools_wrappers"."partial_method",
}

/// Refuses all interpreters of the process but the main one: what is looked up and found out once,
/// in statics, is made of the objects of one interpreter.
pub fn refuse_sub_interpreters(_: Python<'_>) -> PyResult<()> {
    // SAFETY: the thread is attached to an interpreter, and only the number of that is asked for.
    let id = unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) };
    if id == 0 {
        return Ok(());
    }
    Err(PyImportError::new_err(
        "sourcepickle dumps in the main interpreter alone, and this is a sub-interpreter: dump in \
         the main one, or in a process; sourcepickle.loads works here too",
    ))
}

static INTERPRETER: PyOnceLock<Interpreter> = PyOnceLock::new();

/// The objects, after the first call at the cost of a read.
pub fn interpreter(py: Python<'_>) -> PyResult<&Interpreter> {
    INTERPRETER.get_or_try_init(py, || Interpreter::new(py))
}

impl Interpreter {
    /// How the instances of a type are reduced; `None` where they have nothing of their own.
    pub fn kind_of(&self, object: &Bound<'_, PyAny>) -> Option<Kind> {
        let address = object.get_type_ptr() as usize;
        let found = self.kinds.binary_search_by_key(&address, |(address, _)| *address).ok()?;
        Some(self.kinds[found].1)
    }

    /// True for a callable of `rebuild`.
    pub fn is_ours(&self, function: &Bound<'_, PyAny>) -> bool {
        self.ours.binary_search(&(function.as_ptr() as usize)).is_ok()
    }

    fn new(py: Python<'_>) -> PyResult<Self> {
        let types = py.import("types")?;
        let rebuild = Rebuild::new(py)?;
        let of_types = |name: &str| types.getattr(name).map(Bound::unbind);
        let typing = py.import("typing")?;
        let functools = py.import("functools")?;
        Ok(Self {
            minor: py.version_info().minor,
            kinds: kinds(py)?,
            function_type: of_types("FunctionType")?,
            code_type: of_types("CodeType")?,
            cell_type: of_types("CellType")?,
            method_type: of_types("MethodType")?,
            module_type: of_types("ModuleType")?,
            member_descriptor_type: of_types("MemberDescriptorType")?,
            method_descriptor_type: of_types("MethodDescriptorType")?,
            getset_descriptor_type: of_types("GetSetDescriptorType")?,
            abc_metaclass: py.import("abc")?.getattr("ABCMeta")?.unbind(),
            enum_metaclass: py.import("enum")?.getattr("EnumMeta")?.unbind(),
            protocol_metaclass: typing.getattr("Protocol")?.get_type().into_any().unbind(),
            abc_dump: py.import("_abc")?.getattr("_get_dump")?.unbind(),
            single_dispatch_code: inner_code(&functools.getattr("singledispatch")?, "wrapper")?
                .ok_or_else(|| PyRuntimeError::new_err("functools.singledispatch is another"))?,
            new_type_code: inner_code(&typing.getattr("NewType")?, "new_type")?,
            collections_names: py.import("collections")?.dict().unbind(),
            typing_names: typing.dict().unbind(),
            builtins: py.import("builtins")?.dict().unbind(),
            getattr: py.import("builtins")?.getattr("getattr")?.unbind(),
            class_method: py.import("builtins")?.getattr("classmethod")?.unbind(),
            static_method: py.import("builtins")?.getattr("staticmethod")?.unbind(),
            lazy_import: types.getattr_opt("LazyImportType")?.map(Bound::unbind),
            property: py.import("builtins")?.getattr("property")?.unbind(),
            dataclass_missing: py.import("dataclasses")?.getattr("MISSING")?.unbind(),
            not_implemented: py.NotImplemented(),
            sys_modules: py.import("sys")?.getattr("modules")?.cast_into()?.unbind(),
            is_optimised: py.import("sys")?.getattr("flags")?.getattr("optimize")?.is_truthy()?,
            linecache: py.import("linecache")?.unbind(),
            futures: futures(py)?,
            registered_by_value: py
                .import("cloudpickle")?
                .getattr("list_registry_pickle_by_value")?
                .unbind(),
            ours: rebuild.addresses(),
            rebuild,
        })
    }
}

fn futures(py: Python<'_>) -> PyResult<Vec<(String, u32)>> {
    let module = py.import("__future__")?;
    let mut found = Vec::new();
    for name in module.getattr("all_feature_names")?.try_iter()? {
        let name: String = name?.extract()?;
        // The oldest two have flags that mean something else today (CPython `Lib/__future__.py`).
        if !matches!(name.as_str(), "nested_scopes" | "generators") {
            let flag = module.getattr(name.as_str())?.getattr("compiler_flag")?.extract()?;
            found.push((name, flag));
        }
    }
    found.sort();
    Ok(found)
}

fn kinds(py: Python<'_>) -> PyResult<Vec<(usize, Kind)>> {
    let mut kinds = Vec::new();
    let mut keep = |kind: Kind, owner: &Bound<'_, PyAny>| {
        kinds.push((owner.as_ptr() as usize, kind));
    };
    for name in ["TypeVar", "ParamSpec", "TypeVarTuple", "TypeAliasType", "NewType"] {
        if let Some(found) = py.import("typing")?.getattr_opt(name)?
            && found.is_instance_of::<PyType>()
        {
            keep(Kind::NamedTyping, &found);
        }
    }
    keep(Kind::Call, &py.get_type::<crate::reduce::Call>());
    keep(Kind::MethodStates, &py.get_type::<crate::reduce::MethodStates>());
    let of_modules = [
        ("types", "FunctionType", Kind::Function),
        ("types", "BuiltinFunctionType", Kind::BuiltinFunction),
        ("types", "CellType", Kind::Cell),
        ("types", "MethodType", Kind::Method),
        ("types", "CodeType", Kind::Code),
        ("types", "UnionType", Kind::Union),
        ("functools", "_lru_cache_wrapper", Kind::LruCache),
        ("functools", "singledispatchmethod", Kind::SingleDispatchMethod),
        ("functools", "partialmethod", Kind::PartialMethod),
        ("functools", "cached_property", Kind::CachedProperty),
        ("io", "TextIOWrapper", Kind::TextFile),
        ("dataclasses", "_FIELD_BASE", Kind::FieldSentinel),
        ("types", "DynamicClassAttribute", Kind::Property),
        ("abc", "abstractproperty", Kind::Property),
        ("abc", "abstractclassmethod", Kind::MethodWrapper),
        ("abc", "abstractstaticmethod", Kind::MethodWrapper),
        ("enum", "property", Kind::EnumProperty),
        ("typing", "ForwardRef", Kind::ForwardReference),
    ];
    for (module, name, kind) in of_modules {
        if let Some(found) = py.import(module)?.getattr_opt(name)? {
            keep(kind, &found);
        }
    }
    let dictionaries =
        [PyDict::new(py).into_any(), py.import("collections")?.getattr("OrderedDict")?.call0()?];
    for dictionary in dictionaries {
        for (name, kind) in [("keys", Kind::Keys), ("values", Kind::Values), ("items", Kind::Items)]
        {
            keep(kind, &dictionary.call_method0(name)?.get_type());
        }
    }
    kinds.sort_by_key(|(address, _)| *address);
    Ok(kinds)
}

/// The code of a function defined in another, `None` where the other is no function or has none.
fn inner_code(outer: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<Py<PyAny>>> {
    let Some(code) = outer.getattr_opt("__code__")? else {
        return Ok(None);
    };
    for constant in code.getattr("co_consts")?.try_iter()? {
        let constant = constant?;
        if let Some(found) = constant.getattr_opt("co_name")?
            && found.eq(name)?
        {
            return Ok(Some(constant.unbind()));
        }
    }
    Ok(None)
}
