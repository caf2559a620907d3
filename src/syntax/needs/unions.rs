//! Unions of types with `|`, which Python 3.10 brought (PEP 604).

use ruff_python_ast::{Expr, ExprBinOp, Operator};

/// A `|` between two types, certain to fail before Python 3.10 unless one of the names is bound to
/// something else.
pub(super) struct Union<'a> {
    /// The names of builtin types at its ends.
    pub builtins: Vec<&'a str>,
    /// Other names at its ends, which may stand for classes.
    pub others: Vec<&'a str>,
}

impl<'a> Union<'a> {
    /// The union of two types, if these are its innermost: what stands around them fails as well.
    pub fn of(expr: &'a ExprBinOp) -> Option<Self> {
        if expr.op != Operator::BitOr {
            return None;
        }
        let mut union = Self { builtins: Vec::new(), others: Vec::new() };
        // `None | None` fails everywhere.
        let are_types = union.add(&expr.left) && union.add(&expr.right);
        (are_types && !(union.builtins.is_empty() && union.others.is_empty())).then_some(union)
    }

    /// Adds what stands at one end; false where that may be anything.
    fn add(&mut self, end: &'a Expr) -> bool {
        match end {
            Expr::NoneLiteral(_) => {}
            Expr::Name(name) if TYPES.contains(&name.id.as_str()) => self.builtins.push(&name.id),
            Expr::Name(name) => self.others.push(&name.id),
            Expr::Subscript(subscript) => match &*subscript.value {
                Expr::Name(name) if GENERIC_TYPES.contains(&name.id.as_str()) => {
                    self.builtins.push(&name.id);
                }
                _ => return false,
            },
            _ => return false,
        }
        true
    }
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
