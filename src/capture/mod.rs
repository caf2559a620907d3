//! From a Python function to what is known of it: its proved source, and what its code reads.

mod attached;
mod bytecode;
mod facts;
mod names;
mod proof;
mod record;
mod strings;
mod text;

pub use bytecode::bytecode_record;
pub use facts::{Facts, MODULE_NAMES, facts_of};
pub use record::{code_record, function_record};
pub use strings::private_string;
