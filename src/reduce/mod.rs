//! From facts to reduce values: the tuples that tell pickle how to write an object.

mod annotations;
mod call;
mod cell;
mod class;
mod code;
mod decision;
mod function;
mod function_modules;
mod functools_wrappers;
mod globals;
mod importable;
mod method;
mod module;
mod module_names;
mod namespace;
mod naming;
mod public_home;
mod reducer;
mod reference;
mod rule;
mod sets;
mod standard_library;
mod target;
mod type_parameters;
mod typing_constructs;
mod views;
mod written;

pub use call::Call;
pub use class::MethodStates;
pub use reducer::Reducer;
pub use rule::ReferenceRule;
pub use written::lacking;
