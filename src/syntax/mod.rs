//! Pure syntax: the text of a file in, spans and factory text out. Knows nothing of Python objects.
#![forbid(unsafe_code)]

mod attached;
mod clause;
mod deflated;
mod factory;
mod file;
mod index;
mod lines;
mod locate;
mod needs;
mod scope;
mod shared;
mod skeleton;
mod stack;
mod statements;
mod version;
mod walk;

#[cfg(test)]
mod tests;

pub use attached::Attached;
pub use deflated::deflated;
pub use factory::Factory;
pub use file::File;
pub use index::{Entry, Index, IndexError, Kind};
pub use locate::Position;
pub use needs::{Attribute, Import, Need, Needs, Root, UnionOf, needs_of};
pub use shared::Neighbourhood;
pub use skeleton::qualname;
pub use version::Requirement;
