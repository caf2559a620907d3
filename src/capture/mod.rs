//! From a Python function to what is known of it: its proved source, and what its code reads.

mod attached;
mod bytecode;
mod code_names;
mod facts;
mod names;
mod needs;
mod nested;
mod positions;
mod proof;
mod record;
mod rewritten;
mod search;
mod shared;
pub mod source_text;
mod strings;
mod text;

pub use bytecode::bytecode_record;
pub use facts::{Facts, Source, facts_of};
pub use names::{MODULE_NAMES, Names};
pub use record::{code_source, function_source};
pub use shared::shared_sources;
pub use strings::{private_copy, private_string, private_value};
