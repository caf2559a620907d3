//! The lowest Python whose grammar accepts a span.

use std::ops::Range;

use ruff_python_ast::PythonVersion;
use ruff_python_parser::{UnsupportedSyntaxError, UnsupportedSyntaxErrorKind};

/// A construct that the oldest supported grammar, Python 3.9's, does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The minor version of the first Python 3 that accepts the construct.
    pub minor: u8,
    /// What the construct is called, with its article.
    pub construct: &'static str,
    /// The line it stands on.
    pub line: isize,
    pub(super) offset: usize,
}

/// The grammar to parse against so that every construct newer than 3.9's is reported: one older
/// than 3.9, because the parser dates unparenthesized `:=` in an index to 3.9 and CPython to 3.10.
pub const OLDER_THAN_ANY: PythonVersion = PythonVersion::PY38;

/// What a skeleton can bring in.
pub const TYPE_PARAMETERS: (u8, &str) = (12, "a type parameter list");
pub const TYPE_PARAM_DEFAULT: (u8, &str) = (13, "a default of a type parameter");

/// The requirement a parser's report stands for; `None` for what Python 3.9 accepts.
pub fn requirement(error: &UnsupportedSyntaxError, line: isize) -> Option<Requirement> {
    use UnsupportedSyntaxErrorKind as Newer;
    let (minor, construct) = match error.kind {
        Newer::Match => (10, "a match statement"),
        // The parser does not export the kinds within a kind; its message tells them apart.
        Newer::UnparenthesizedNamedExpr(_) if error.to_string().contains("sequence index") => {
            (10, "an unparenthesized := in an index")
        }
        Newer::ExceptStar => (11, "except*"),
        Newer::StarExpressionInIndex => (11, "a starred expression in an index"),
        Newer::StarAnnotation => (11, "a starred annotation"),
        Newer::TypeParameterList => TYPE_PARAMETERS,
        Newer::TypeAliasStatement => (12, "a type statement"),
        Newer::Pep701FString(_) => (12, "an f-string of PEP 701's grammar"),
        Newer::TypeParamDefault => TYPE_PARAM_DEFAULT,
        Newer::UnparenthesizedExceptionTypes => {
            (14, "except with several types and no parentheses")
        }
        Newer::TemplateStrings => (14, "a t-string"),
        Newer::LazyImportStatement => (15, "a lazy import"),
        Newer::UnpackingInComprehension(_) => (15, "unpacking in a comprehension"),
        Newer::Walrus
        | Newer::UnparenthesizedNamedExpr(_)
        | Newer::ParenthesizedKeywordArgumentName
        | Newer::StarTuple(_)
        | Newer::RelaxedDecorator(_)
        | Newer::PositionalOnlyParameter
        | Newer::ParenthesizedContextManager
        | Newer::UnparenthesizedUnpackInFor => return None,
    };
    Some(Requirement { minor, construct, line, offset: usize::from(error.range.start()) })
}

/// The newest construct inside a span, the first of its version.
pub fn newest(requirements: &[Requirement], span: &Range<usize>) -> Option<Requirement> {
    requirements
        .iter()
        .filter(|requirement| span.contains(&requirement.offset))
        .min_by_key(|requirement| (u8::MAX - requirement.minor, requirement.offset))
        .cloned()
}
