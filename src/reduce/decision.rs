//! By reference or by value, each for its reason.

use std::fmt;

/// What was decided about an object, each the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    ImplementedInC,
    Standard,
    Ours,
    Importable,
    Registered,
    NotImportable,
    Answered(bool),
    Listed(String),
    NotListed(String),
    Local(String),
}

impl Decision {
    pub fn is_by_reference(&self) -> bool {
        match self {
            Self::ImplementedInC | Self::Standard | Self::Ours | Self::Importable => true,
            Self::Listed(_) => true,
            Self::Answered(answer) => *answer,
            Self::Registered | Self::NotImportable | Self::NotListed(_) | Self::Local(_) => false,
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImplementedInC => write!(f, "it is built in or implemented in C"),
            Self::Standard => write!(f, "the standard library is everywhere"),
            Self::Ours => write!(f, "picklers do not travel"),
            Self::Importable => write!(f, "its module has it under its name"),
            Self::Registered => write!(f, "register_pickle_by_value was called for its module"),
            Self::NotImportable => write!(f, "no import gives it"),
            Self::Answered(true) => write!(f, "pickle_by_reference answered True"),
            Self::Answered(false) => write!(f, "pickle_by_reference answered False"),
            Self::Listed(package) => write!(f, "pickle_by_reference lists {package}"),
            Self::NotListed(package) => write!(f, "pickle_by_reference does not list {package}"),
            Self::Local(package) => {
                write!(f, "{package} is listed, but a function of it made this anew")
            }
        }
    }
}
