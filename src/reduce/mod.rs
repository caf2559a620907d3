//! From facts to reduce values: the tuples that tell pickle how to write an object.

mod annotations;
mod cell;
mod function;
mod module;
mod reducer;
mod reference;

pub use reducer::Reducer;
