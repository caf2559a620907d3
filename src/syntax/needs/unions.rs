//! Unions of types with `|`, which Python 3.10 brought (PEP 604).

use ruff_python_ast::{Expr, ExprBinOp, Operator};

/// A `|` between two types, certain to fail before Python 3.10 unless one of the names is bound to
/// something else.
pub(super) struct Union<'a> {
    /// The names of builtin types at its two ends.
    pub names: [Option<&'a str>; 2],
}

impl<'a> Union<'a> {
    /// The union of two types, if these are its innermost: what stands around them fails as well.
    pub fn of(expr: &'a ExprBinOp) -> Option<Self> {
        if expr.op != Operator::BitOr {
            return None;
        }
        let names = [named(&expr.left)?, named(&expr.right)?];
        // `None | None` fails everywhere.
        names.iter().any(Option::is_some).then_some(Self { names })
    }
}

/// The builtin type that an expression names, or none for `None`.
fn named(expr: &Expr) -> Option<Option<&str>> {
    match expr {
        Expr::NoneLiteral(_) => Some(None),
        Expr::Name(name) => in_list(TYPES, name.id.as_str()).map(Some),
        Expr::Subscript(subscript) => match &*subscript.value {
            Expr::Name(name) => in_list(GENERIC_TYPES, name.id.as_str()).map(Some),
            _ => None,
        },
        _ => None,
    }
}

fn in_list<'n>(list: &[&str], name: &'n str) -> Option<&'n str> {
    list.contains(&name).then_some(name)
}

/// The builtin types that Python 3.9 can subscript (PEP 585).
const GENERIC_TYPES: &[&str] = &["dict", "enumerate", "frozenset", "list", "set", "tuple", "type"];

/// The builtin types of Python 3.9.
#[rustfmt::skip]
const TYPES: &[&str] = &[
    "bool", "bytearray", "bytes", "classmethod", "complex", "dict", "enumerate", "filter", "float",
    "frozenset", "int", "list", "map", "memoryview", "object", "property", "range", "reversed",
    "set", "slice", "staticmethod", "str", "super", "tuple", "type", "zip",
    "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BlockingIOError",
    "BrokenPipeError", "BufferError", "BytesWarning", "ChildProcessError", "ConnectionAbortedError",
    "ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "DeprecationWarning",
    "EOFError", "EnvironmentError", "Exception", "FileExistsError", "FileNotFoundError",
    "FloatingPointError", "FutureWarning", "GeneratorExit", "IOError", "ImportError",
    "ImportWarning", "IndentationError", "IndexError", "InterruptedError", "IsADirectoryError",
    "KeyError", "KeyboardInterrupt", "LookupError", "MemoryError", "ModuleNotFoundError",
    "NameError", "NotADirectoryError", "NotImplementedError", "OSError", "OverflowError",
    "PendingDeprecationWarning", "PermissionError", "ProcessLookupError", "RecursionError",
    "ReferenceError", "ResourceWarning", "RuntimeError", "RuntimeWarning", "StopAsyncIteration",
    "StopIteration", "SyntaxError", "SyntaxWarning", "SystemError", "SystemExit", "TabError",
    "TimeoutError", "TypeError", "UnboundLocalError", "UnicodeDecodeError", "UnicodeEncodeError",
    "UnicodeError", "UnicodeTranslateError", "UnicodeWarning", "UserWarning", "ValueError",
    "Warning", "ZeroDivisionError",
];
