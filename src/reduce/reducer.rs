//! The reducer that a pickler owns: which reduction an object gets, and what it remembers meanwhile.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use super::call::Call;
use super::cell::reduce_cell;
use super::class::{MethodStates, reduce_class, reduce_enum_member};
use super::code::reduce_code;
use super::function::reduce_function;
use super::functools_wrappers::{
    reduce_cached_property, reduce_lru_cache, reduce_partial_method, reduce_single_dispatch,
    reduce_single_dispatch_method,
};
use super::method::reduce_method;
use super::module::reduce_module;
use super::namespace::Namespace;
use super::reference::reduce_reference;
use super::rule::ReferenceRule;
use super::sets::OrderedSet;
use super::target::{Finding, Target};
use super::type_parameters::{reduce_forward_reference, reduce_new_type, reduce_typing};
use super::views::{
    reduce_derived_property, reduce_field_sentinel, reduce_property, reduce_text_file, reduce_view,
};
use crate::capture::{Source, shared_sources};
use crate::interpreter::{Kind, interpreter};

/// Reduces what travels by value, for the pickler that owns it.
#[pyclass(module = "sourcepickle._native", frozen)]
pub struct Reducer {
    pub(super) prefer: bool,
    /// What travels by reference.
    #[pyo3(get)]
    pub(super) rule: Py<ReferenceRule>,
    pub(super) target: Option<Target>,
    /// The reduce values of the callables of `rebuild`, where the payload brings them itself.
    carried: Option<Py<PyDict>>,
    memory: Mutex<Memory>,
}

/// What a reducer remembers from one object to the next.
#[derive(Default)]
pub struct Memory {
    /// By the address of a function's globals.
    pub namespaces: HashMap<usize, Namespace>,
    /// By the address of a set that functions refer to.
    pub sets: HashMap<usize, OrderedSet>,
    /// The addresses of the cells of the function reduced last: pickle asks for them next, and
    /// the function's state brings their contents.
    pub expected_cells: Vec<usize>,
    /// By the address of an object of an annotation: it itself, held so that the address stays
    /// its own, and what travels for it.
    constructs: HashMap<usize, (Py<PyAny>, Py<PyAny>)>,
    /// The addresses of the type parameters and aliases, all alive in the object that is dumped,
    /// that an annotation or a generic base has brought: the receiver may lack their kind.
    optional_typing: HashSet<usize>,
    /// The addresses of the type parameters, all alive in the object that is dumped, that stand in
    /// the brackets of a function (PEP 695).
    of_functions: HashSet<usize>,
    /// The addresses of the objects of an annotation that the reducer is in.
    inside: Vec<usize>,
    /// The addresses of the methods whose class brings their states, and the states of those that
    /// have travelled without.
    methods: HashSet<usize>,
    states: HashMap<usize, Py<PyTuple>>,
    /// The addresses of the functions that have travelled.
    sent: HashSet<usize>,
    /// By the address of a method that is yet to travel: it itself, held so that the address stays its
    /// own, and its source in a text that others share.
    shared: HashMap<usize, (Py<PyAny>, Arc<Source>)>,
}

/// An object of an annotation that the reducer is in until this is dropped.
pub struct Inside<'a>(&'a Reducer);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.memory().inside.pop();
    }
}

#[pymethods]
impl Reducer {
    #[new]
    fn new(
        prefer: bool,
        rule: Py<ReferenceRule>,
        target: Option<u8>,
        carried: Option<Py<PyDict>>,
    ) -> Self {
        Self { prefer, rule, target: target.map(Target::new), carried, memory: Mutex::default() }
    }

    /// Returns the reduce value of an object, or `NotImplemented` for pickle's own way.
    fn reduce<'py>(&self, object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let interpreter = interpreter(object.py())?;
        let reduced = match interpreter.kind_of(object) {
            Some(kind) => self.reduce_kind(object, kind)?,
            None => self.reduce_other(object)?,
        };
        Ok(reduced.unwrap_or_else(|| interpreter.not_implemented.bind(object.py()).clone()))
    }

    /// Begins a dump.
    fn start(&self, py: Python<'_>) -> PyResult<()> {
        self.rule.get().start(py)?;
        if let Some(target) = &self.target {
            target.start();
        }
        let mut memory = self.memory();
        // The pickler's memo may have been cleared since the last dump, and what it expects with it.
        memory.expected_cells.clear();
        memory.optional_typing.clear();
        memory.of_functions.clear();
        memory.methods.clear();
        memory.sent.clear();
        let states = std::mem::take(&mut memory.states);
        let shared = std::mem::take(&mut memory.shared);
        let constructs = std::mem::take(&mut memory.constructs);
        // What goes may free Python objects, which must not happen under the lock.
        drop(memory);
        drop((states, shared, constructs));
        Ok(())
    }

    /// Returns what the target lacks of what this dump has reduced, and since when there is it.
    fn findings(&self) -> Vec<Finding> {
        self.target.as_ref().map(Target::found).unwrap_or_default()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.rule)?;
        visit.call(&self.carried)?;
        if let Ok(memory) = self.memory.try_lock() {
            for namespace in memory.namespaces.values() {
                namespace.traverse(&visit)?;
            }
            for set in memory.sets.values() {
                set.traverse(&visit)?;
            }
            for (value, construct) in memory.constructs.values() {
                visit.call(value)?;
                visit.call(construct)?;
            }
            for state in memory.states.values() {
                visit.call(state)?;
            }
            for (method, _) in memory.shared.values() {
                visit.call(method)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let memory = std::mem::take(&mut *self.memory());
        drop(memory);
    }
}

impl Reducer {
    /// True for a function or class that travels by reference under the pickler's rule.
    pub(super) fn is_by_reference(&self, object: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.rule.get().is_by_reference(object)
    }

    /// Reduces what travels by reference; `None` for pickle's own way.
    pub(super) fn reduce_reference<'py>(
        &self,
        object: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        self.check_reference(object)?;
        reduce_reference(object)
    }

    /// Holds the target against what travels by reference.
    pub(super) fn check_reference(&self, object: &Bound<'_, PyAny>) -> PyResult<()> {
        self.target.as_ref().map_or(Ok(()), |target| target.check_reference(object))
    }

    /// Holds the target against a module of the standard library, or a name in it.
    pub(super) fn check_library(
        &self,
        py: Python<'_>,
        module: &str,
        name: Option<&str>,
    ) -> PyResult<()> {
        self.target.as_ref().map_or(Ok(()), |target| target.check_library(py, None, module, name))
    }

    fn reduce_kind<'py>(
        &self,
        object: &Bound<'py, PyAny>,
        kind: Kind,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = object.py();
        let interpreter = interpreter(py)?;
        let reduced = match kind {
            Kind::Function => return Ok(self.reduce_function_kind(object)?.map(Bound::into_any)),
            Kind::BuiltinFunction => {
                return Ok(self.reduce_reference(object)?.map(Bound::into_any));
            }
            Kind::Cell => reduce_cell(self, object)?,
            Kind::Method => reduce_method(self, object)?,
            Kind::Code => reduce_code(self, object)?,
            Kind::Union => {
                (&interpreter.rebuild.union, (object.getattr("__args__")?,)).into_pyobject(py)?
            }
            Kind::MethodStates => object.cast::<MethodStates>()?.get().reduce(self, py)?,
            Kind::Call => object.cast::<Call>()?.get().reduce(py)?,
            Kind::NamedTyping => return Ok(reduce_typing(self, object)?.map(Bound::into_any)),
            Kind::LruCache => return Ok(reduce_lru_cache(self, object)?.map(Bound::into_any)),
            Kind::SingleDispatchMethod => reduce_single_dispatch_method(object)?,
            Kind::PartialMethod => reduce_partial_method(object)?,
            Kind::CachedProperty => reduce_cached_property(object)?,
            Kind::Keys | Kind::Values | Kind::Items => reduce_view(object, kind)?,
            Kind::TextFile => return Ok(Some(reduce_text_file(object)?)),
            Kind::FieldSentinel => reduce_field_sentinel(object)?,
            Kind::EnumProperty => reduce_property(object, &interpreter.rebuild.enum_property)?,
            Kind::Property => reduce_property(object, object.get_type().as_any().as_unbound())?,
            Kind::MethodWrapper => {
                (object.get_type(), (object.getattr("__func__")?,)).into_pyobject(py)?
            }
            Kind::ForwardReference => reduce_forward_reference(object)?,
        };
        Ok(Some(reduced.into_any()))
    }

    fn reduce_function_kind<'py>(
        &self,
        function: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let py = function.py();
        let interpreter = interpreter(py)?;
        if let Some(carried) = &self.carried
            && let Some(reduced) = carried.bind(py).get_item(function)?
        {
            return Ok(Some(reduced.cast_into()?));
        }
        if interpreter.is_ours(function) {
            return Ok(None);
        }
        if self.is_by_reference(function)? {
            return self.reduce_reference(function);
        }
        let code = function.getattr(intern!(py, "__code__"))?;
        // By their code and by what functools and typing set on them, for anyone may use the code.
        let has = |name| function.hasattr(name);
        if code.is(&interpreter.single_dispatch_code) && has("registry")? && has("__wrapped__")? {
            return Ok(Some(reduce_single_dispatch(self, function)?));
        }
        if interpreter.new_type_code.as_ref().is_some_and(|new_type| code.is(new_type))
            && has("__supertype__")?
        {
            return Ok(Some(reduce_new_type(self, function)?));
        }
        Ok(Some(reduce_function(self, function)?))
    }

    fn reduce_other<'py>(&self, object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let interpreter = interpreter(object.py())?;
        let reduced = if let Ok(class) = object.cast::<PyType>() {
            reduce_class(self, class)?
        } else if object.is_instance_of::<PyModule>() {
            Some(reduce_module(self, object)?)
        } else {
            let class = object.get_type();
            if class.is_subclass(interpreter.property.bind(object.py()))? {
                return Ok(reduce_derived_property(object)?.map(Bound::into_any));
            }
            let metaclass = class.get_type();
            if metaclass.is(object.py().get_type::<PyType>())
                || !metaclass.is_subclass(interpreter.enum_metaclass.bind(object.py()))?
            {
                return Ok(None);
            }
            reduce_enum_member(self, object, &class)?
        };
        Ok(reduced.map(Bound::into_any))
    }

    /// What was made for an object of an annotation since the dump began.
    pub(super) fn construct_of<'py>(&self, value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        let memory = self.memory();
        let (_, construct) = memory.constructs.get(&(value.as_ptr() as usize))?;
        Some(construct.bind(value.py()).clone())
    }

    /// Enters an object of an annotation; `None` for one that holds itself, or lies too deep.
    pub(super) fn enter(&self, value: &Bound<'_, PyAny>, most: usize) -> Option<Inside<'_>> {
        let address = value.as_ptr() as usize;
        let mut memory = self.memory();
        if memory.inside.len() == most || memory.inside.contains(&address) {
            return None;
        }
        memory.inside.push(address);
        Some(Inside(self))
    }

    /// True where the reducer is in no object of an annotation but this one.
    pub(super) fn is_outermost(&self) -> bool {
        self.memory().inside.len() == 1
    }

    /// Leaves the state of a method, should it be reduced from now on, to its class.
    pub(super) fn defer_state(&self, function: &Bound<'_, PyAny>) {
        self.memory().methods.insert(function.as_ptr() as usize);
    }

    /// True for a method whose class brings its state.
    pub(super) fn leaves_state(&self, function: &Bound<'_, PyAny>) -> bool {
        let memory = self.memory();
        !memory.methods.is_empty() && memory.methods.contains(&(function.as_ptr() as usize))
    }

    /// Keeps the state of a method that travels without.
    pub(super) fn keep_state(&self, function: &Bound<'_, PyAny>, state: Bound<'_, PyTuple>) {
        self.memory().states.insert(function.as_ptr() as usize, state.unbind());
    }

    /// Returns, once, the state of a method that has travelled without.
    pub(super) fn take_state(&self, function: &Bound<'_, PyAny>) -> Option<Py<PyTuple>> {
        self.memory().states.remove(&(function.as_ptr() as usize))
    }

    /// Lets methods that travel from now on share a text, as far as they can: what has travelled has
    /// its own, and what another class holds too shares that of the first.
    pub(super) fn share_texts(&self, methods: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        let mut asked = Vec::with_capacity(methods.len());
        for method in methods {
            let address = method.as_ptr() as usize;
            let is_known = {
                let memory = self.memory();
                memory.sent.contains(&address) || memory.shared.contains_key(&address)
            };
            if !is_known && !self.is_by_reference(&method)? {
                asked.push(method);
            }
        }
        let sources = shared_sources(&asked)?;
        let mut memory = self.memory();
        for (method, source) in asked.into_iter().zip(sources) {
            if let Some(source) = source {
                memory.shared.insert(method.as_ptr() as usize, (method.unbind(), source));
            }
        }
        Ok(())
    }

    /// Notes that a function travels; returns its source in a shared text, where it has one.
    pub(super) fn send(&self, function: &Bound<'_, PyAny>) -> Option<Arc<Source>> {
        let address = function.as_ptr() as usize;
        let mut memory = self.memory();
        memory.sent.insert(address);
        memory.shared.get(&address).map(|(_, source)| Arc::clone(source))
    }

    /// Notes a type parameter or alias that stands where the receiver can do without it.
    pub(super) fn allow_lacking(&self, value: &Bound<'_, PyAny>) {
        self.memory().optional_typing.insert(value.as_ptr() as usize);
    }

    pub(super) fn may_lack(&self, value: &Bound<'_, PyAny>) -> bool {
        self.memory().optional_typing.contains(&(value.as_ptr() as usize))
    }

    /// Notes a type parameter that stands in the brackets of a function.
    pub(super) fn note_of_function(&self, parameter: &Bound<'_, PyAny>) {
        self.memory().of_functions.insert(parameter.as_ptr() as usize);
    }

    pub(super) fn is_of_function(&self, parameter: &Bound<'_, PyAny>) -> bool {
        self.memory().of_functions.contains(&(parameter.as_ptr() as usize))
    }

    pub(super) fn keep_construct(&self, value: &Bound<'_, PyAny>, construct: &Bound<'_, PyAny>) {
        let held = (value.clone().unbind(), construct.clone().unbind());
        self.memory().constructs.insert(value.as_ptr() as usize, held);
    }

    /// The memory; to be let go before any call into Python.
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
