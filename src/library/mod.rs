//! Which Python has what of the standard library. Knows nothing of the running one.
#![forbid(unsafe_code)]

use std::sync::LazyLock;

/// The minor versions, of those that are supported, that have a module or a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// No version is known to lack it. A name that no version has is taken for one of these: the
    /// table holds only what comes or goes.
    Everywhere,
    /// This minor version and those after it.
    From(u8),
    /// This minor version and those before it.
    UpTo(u8),
    /// From the first to the last of these.
    Within(u8, u8),
    /// It is not of the standard library.
    Unknown,
}

/// Which versions have a module, or a name in it, which may be a submodule too. What builtins
/// there are stands in the module `builtins`.
pub fn presence(module: &str, name: Option<&str>) -> Presence {
    if !is_standard(top_level(module)) {
        return Presence::Unknown;
    }
    // Two names of one module, of which the table has this.
    let module = if module == "os.path" { "posixpath" } else { module };
    let mut lifetime = Lifetime::default();
    // A package takes its modules along.
    for (dot, _) in module.match_indices('.') {
        lifetime = lifetime.and(of_entry(&module[..dot], ""));
    }
    lifetime = lifetime.and(of_entry(module, ""));
    if let Some(name) = name {
        lifetime =
            lifetime.and(of_entry(module, name)).and(of_entry(&format!("{module}.{name}"), ""));
    }
    match (lifetime.first, lifetime.last) {
        (None, None) => Presence::Everywhere,
        (Some(first), None) => Presence::From(first),
        (None, Some(last)) => Presence::UpTo(last),
        (Some(first), Some(last)) => Presence::Within(first, last),
    }
}

/// Whether any supported version has a top-level module of this name in its standard library.
pub fn is_standard(top_level: &str) -> bool {
    MODULES.binary_search(&top_level).is_ok()
}

/// The name of the package that a module is in, or its own.
pub fn top_level(module: &str) -> &str {
    module.split('.').next().unwrap_or(module)
}

/// The first and the last minor version that have something, where there are such.
#[derive(Debug, Clone, Copy, Default)]
struct Lifetime {
    first: Option<u8>,
    last: Option<u8>,
}

impl Lifetime {
    /// Where both are.
    fn and(self, other: Self) -> Self {
        let last = match (self.last, other.last) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self { first: self.first.max(other.first), last }
    }
}

struct Entry {
    module: &'static str,
    /// Empty where the entry is the module itself.
    name: &'static str,
    lifetime: Lifetime,
}

// Written by tools/library_table.py, both sorted.
static MODULES: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("modules.txt").lines().collect());
static TABLE: LazyLock<Vec<Entry>> =
    LazyLock::new(|| include_str!("table.txt").lines().filter_map(entry).collect());

/// An entry of the table: a module, a name unless it is the module itself, and its lifetime.
fn entry(line: &'static str) -> Option<Entry> {
    let (of, lifetime) = line.rsplit_once(' ')?;
    let (module, name) = of.split_once(' ').unwrap_or((of, ""));
    let (first, last) = lifetime.split_once('-')?;
    Some(Entry { module, name, lifetime: Lifetime { first: minor(first)?, last: minor(last)? } })
}

/// A minor version, or none for an empty text.
fn minor(text: &str) -> Option<Option<u8>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

fn of_entry(module: &str, name: &str) -> Lifetime {
    TABLE
        .binary_search_by(|entry| (entry.module, entry.name).cmp(&(module, name)))
        .map(|at| TABLE[at].lifetime)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Presence::{Everywhere, From, Unknown, UpTo, Within};
    use super::*;

    #[test]
    fn every_line_is_an_entry_and_all_are_sorted() {
        assert_eq!(TABLE.len(), include_str!("table.txt").lines().count());
        assert!(TABLE.is_sorted_by(|one, two| (one.module, one.name) < (two.module, two.name)));
        assert!(MODULES.is_sorted_by(|one, two| one < two));
        for entry in &*TABLE {
            assert!(is_standard(top_level(entry.module)));
            let Lifetime { first, last } = entry.lifetime;
            assert!(first.is_some() || last.is_some(), "{} {}", entry.module, entry.name);
            assert!(first.is_none_or(|first| last.is_none_or(|last| first <= last)));
        }
    }

    #[test]
    fn modules_come_and_go() {
        let cases = [
            ("tomllib", From(11)),
            ("distutils", UpTo(11)),
            ("distutils.core", UpTo(11)),
            ("distutils.command.bdist_wininst", UpTo(9)),
            ("imp", UpTo(11)),
            ("asynchat", UpTo(11)),
            ("telnetlib", UpTo(12)),
            ("lib2to3.pytree", UpTo(12)),
            ("msilib", UpTo(12)),
            ("asyncio.taskgroups", From(11)),
            ("concurrent.futures.interpreter", From(14)),
            ("compression.zstd", From(14)),
            ("annotationlib", From(14)),
            ("profiling.sampling", From(15)),
            ("pathlib._abc", Within(13, 13)),
            ("importlib.resources", Everywhere),
            ("zoneinfo", Everywhere),
            ("graphlib", Everywhere),
            ("os.path", Everywhere),
            ("msvcrt", Everywhere),
            ("tkinter.ttk", Everywhere),
            ("numpy", Unknown),
            ("numpy.linalg", Unknown),
            ("", Unknown),
        ];
        for (module, expected) in cases {
            assert_eq!(presence(module, None), expected, "{module}");
        }
    }

    #[test]
    fn names_come_and_go() {
        let cases = [
            ("itertools", "batched", From(12)),
            ("itertools", "pairwise", From(10)),
            ("itertools", "chain", Everywhere),
            ("os.path", "isjunction", From(12)),
            ("os.path", "join", Everywhere),
            ("typing", "Self", From(11)),
            ("typing", "ParamSpec", From(10)),
            ("typing", "override", From(12)),
            ("typing", "ReadOnly", From(13)),
            ("typing", "Optional", Everywhere),
            ("asyncio", "timeout", From(11)),
            ("asyncio", "TaskGroup", From(11)),
            ("asyncio", "coroutine", UpTo(10)),
            ("asyncio", "get_child_watcher", UpTo(13)),
            ("builtins", "anext", From(10)),
            ("builtins", "ExceptionGroup", From(11)),
            ("builtins", "EncodingWarning", From(10)),
            ("builtins", "print", Everywhere),
            ("collections", "Mapping", UpTo(9)),
            ("collections", "OrderedDict", Everywhere),
            ("datetime", "UTC", From(11)),
            ("enum", "StrEnum", From(11)),
            ("contextlib", "chdir", From(11)),
            ("functools", "Placeholder", From(14)),
            ("inspect", "getargspec", UpTo(10)),
            ("ast", "Num", UpTo(13)),
            ("ast", "Match", From(10)),
            ("types", "UnionType", From(10)),
            ("types", "NoneType", From(10)),
            ("copy", "replace", From(13)),
            ("warnings", "deprecated", From(13)),
            ("ssl", "wrap_socket", UpTo(11)),
            ("unittest", "makeSuite", UpTo(12)),
            ("binascii", "b2a_hqx", UpTo(10)),
            ("locale", "getencoding", From(11)),
            ("zoneinfo", "ZoneInfo", Everywhere),
            ("bisect", "bisect", Everywhere),
            ("json", "loads", Everywhere),
            ("numpy", "array", Unknown),
        ];
        for (module, name, expected) in cases {
            assert_eq!(presence(module, Some(name)), expected, "{module}.{name}");
        }
    }

    #[test]
    fn a_name_is_there_no_longer_than_its_module() {
        assert_eq!(presence("tomllib", Some("loads")), From(11));
        assert_eq!(presence("distutils.core", Some("setup")), UpTo(11));
        assert_eq!(presence("smtpd", Some("MailmanProxy")), UpTo(10));
        assert_eq!(presence("string", Some("templatelib")), From(14));
        assert_eq!(presence("concurrent.futures", Some("interpreter")), From(14));
        assert_eq!(presence("string.templatelib", Some("Template")), From(14));
    }

    #[test]
    fn standard_modules_of_any_version_are_known() {
        for module in ["os", "_thread", "tomllib", "distutils", "parser", "winreg", "builtins"] {
            assert!(is_standard(module), "{module}");
        }
        for module in ["numpy", "os.path", "", "OS"] {
            assert!(!is_standard(module), "{module}");
        }
    }
}
