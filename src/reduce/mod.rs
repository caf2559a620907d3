//! From facts to reduce values: the tuples that tell pickle how to write an object.

mod annotations;
mod cell;
mod class;
mod function;
mod functools_wrappers;
mod module;
mod reducer;
mod reference;
mod typing_constructs;
mod views;

pub use reducer::Reducer;
pub use typing_constructs::Construct;
