//! The places of a statement whose expressions CPython compiles in a scope of their own:
//! annotations (PEP 649), and what PEP 695 brought.

use ruff_python_ast::{TypeParam, TypeParams};

use super::version::{TYPE_PARAM_DEFAULT, TYPE_PARAMETERS};

/// One such place, as a statement of ours with a hole in it.
#[derive(Default)]
pub(super) struct Clause {
    /// What stands before and behind the expression.
    pub open: String,
    pub close: &'static str,
    /// The name of the code object that the expression's own stand in.
    pub scope: Option<Box<str>>,
    /// The type parameters that the statement binds.
    pub bound: Vec<Box<str>>,
    /// What the statement needs beyond the grammar of Python 3.9.
    pub needs: Option<(u8, &'static str)>,
}

/// What bears a list of type parameters; in a class's, CPython mangles no private names.
pub(super) enum Owner<'n> {
    Def(&'n str),
    Class(&'n str),
    Alias(&'n str),
}

/// The code object of annotations, from Python 3.14 on.
const ANNOTATE: &str = "__annotate__";

impl Clause {
    /// The annotation of a parameter, or of what a def returns.
    pub fn annotation(def: &str, list: Option<&TypeParams>) -> Self {
        Self {
            open: format!("def {def}{}(_:(", bracketed(list)),
            close: ")):0",
            scope: Some(ANNOTATE.into()),
            bound: bound(list),
            needs: list.map(|_| TYPE_PARAMETERS),
        }
    }

    /// The annotation of a variable of a class or module.
    pub fn annotation_of_name() -> Self {
        Self { open: "_:(".to_owned(), close: ")", scope: Some(ANNOTATE.into()), ..Self::default() }
    }

    /// The bound, or the constraints, of a type parameter.
    pub fn bound(owner: &Owner<'_>, list: &TypeParams, param: &TypeParam) -> Self {
        Self::of_param(owner, list, param, ":(")
    }

    /// The default of a type parameter.
    pub fn default_of(owner: &Owner<'_>, list: &TypeParams, param: &TypeParam) -> Self {
        Self { needs: Some(TYPE_PARAM_DEFAULT), ..Self::of_param(owner, list, param, "=(") }
    }

    fn of_param(owner: &Owner<'_>, list: &TypeParams, param: &TypeParam, sign: &str) -> Self {
        // The one with the hole comes last: those without a default must come first.
        let others = list.iter().filter(|other| other.name().id != param.name().id);
        let others: String = others.map(|other| format!("{},", starred(other))).collect();
        let (header, close) = match owner {
            Owner::Def(name) => (format!("def {name}"), ")]():0"),
            Owner::Class(name) => (format!("class {name}"), ")]:0"),
            Owner::Alias(name) => (format!("type {name}"), ")]=0"),
        };
        Self {
            open: format!("{header}[{others}{}{sign}", starred(param)),
            close,
            scope: Some(param.name().as_str().into()),
            bound: bound(Some(list)),
            needs: Some(TYPE_PARAMETERS),
        }
    }

    /// The value of a `type` statement.
    pub fn alias(name: &str, list: Option<&TypeParams>) -> Self {
        Self {
            open: format!("type {name}{}=(", bracketed(list)),
            close: ")",
            scope: Some(name.into()),
            bound: bound(list),
            needs: Some(TYPE_PARAMETERS),
        }
    }

    /// A base or keyword of a class with type parameters.
    pub fn class_argument(name: &str, list: &TypeParams) -> Self {
        Self {
            open: format!("class {name}{}((", bracketed(Some(list))),
            close: ")):0",
            scope: None,
            bound: bound(Some(list)),
            needs: Some(TYPE_PARAMETERS),
        }
    }
}

fn bound(list: Option<&TypeParams>) -> Vec<Box<str>> {
    list.into_iter()
        .flat_map(|list| list.iter())
        .map(|param| param.name().as_str().into())
        .collect()
}

/// A list of type parameters without bounds and defaults.
fn bracketed(list: Option<&TypeParams>) -> String {
    match list {
        Some(list) => format!("[{}]", list.iter().map(starred).collect::<Vec<_>>().join(",")),
        None => String::new(),
    }
}

fn starred(param: &TypeParam) -> String {
    let stars = match param {
        TypeParam::TypeVar(_) => "",
        TypeParam::TypeVarTuple(_) => "*",
        TypeParam::ParamSpec(_) => "**",
    };
    format!("{stars}{}", param.name())
}
