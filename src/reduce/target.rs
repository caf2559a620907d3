//! What the Python that a payload is for does not have: found on the way, told in one error.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;

use super::globals::{Global, Globals, place};
use super::standard_library::is_namesake;
use crate::error::Subject;
use crate::interpreter::interpreter;
use crate::library::{Presence, presence};
use crate::syntax::{Need, Needs, Root};

/// The oldest Python 3, by its minor version, that is to load the payloads of a reducer.
pub struct Target {
    pub minor: u8,
    findings: Mutex<Findings>,
}

/// What the target lacks, as a sentence, with the minor version that has it; `None` where only
/// older ones do, or one alone.
pub type Finding = (String, Option<u8>);

#[derive(Default)]
struct Findings {
    /// Each with the place in which it is told: the number of the function, and the line.
    list: Vec<(usize, isize, Finding)>,
    functions: usize,
    /// Names of the standard library that have been found in the text of a function.
    told: HashSet<String>,
}

impl Target {
    pub fn new(minor: u8) -> Self {
        Self { minor, findings: Mutex::default() }
    }

    /// Begins a dump.
    pub fn start(&self) {
        *self.findings() = Findings::default();
    }

    /// What was found since the dump began.
    pub fn found(&self) -> Vec<Finding> {
        let mut list = self.findings().list.clone();
        list.sort_by_key(|(function, line, _)| (*function, *line));
        list.into_iter().map(|(_, _, finding)| finding).collect()
    }

    /// Looks at what the text of a function needs.
    pub fn check_function(
        &self,
        py: Python<'_>,
        subject: &Subject,
        needs: &Needs,
        globals: &dyn Globals,
    ) -> PyResult<()> {
        self.findings().functions += 1;
        for need in &needs.grammar {
            self.check_need(subject, need);
        }
        for union in &needs.unions {
            let mut are_plain = true;
            for name in &union.names {
                are_plain &= globals.is_plain_class(name)?;
            }
            if are_plain {
                self.check_need(subject, &union.need);
            }
        }
        for import in &needs.imports {
            if !import.is_guarded && import.level == 0 {
                let at = Some((subject, import.line));
                self.check_library(py, at, &import.module, import.name.as_deref())?;
            }
        }
        for attribute in &needs.attributes {
            // From 3.14 on annotations wait until they are read (PEP 649).
            if attribute.is_guarded || (attribute.is_annotation && self.minor >= 14) {
                continue;
            }
            let at = (subject, attribute.line);
            match &attribute.root {
                Root::Module(module) => {
                    self.check_attributes(py, globals, at, module, &attribute.path)?;
                }
                Root::Global(name) => {
                    self.check_global(py, globals, at, name, &attribute.path)?;
                }
            }
        }
        Ok(())
    }

    fn check_need(&self, subject: &Subject, need: &Need) {
        if need.minor > self.minor {
            let text = format!("{} needs Python 3.{}", need.construct, need.minor);
            self.add_at(subject, need.line, &text, Some(need.minor));
        }
    }

    /// Notes a function that travels as bytecode, where the target has another.
    pub fn check_bytecode(&self, subject: &Subject, py: Python<'_>) -> PyResult<()> {
        let running = interpreter(py)?.minor;
        self.findings().functions += 1;
        if running != self.minor {
            let text = format!("it has no source, and its bytecode is Python 3.{running}'s alone");
            self.add_at(subject, subject.line, &text, None);
        }
        Ok(())
    }

    /// Looks at a function or class that travels by reference.
    pub fn check_reference(&self, object: &Bound<'_, PyAny>) -> PyResult<()> {
        if let Some((module, name)) = place(object)? {
            self.check_library(object.py(), None, &module, Some(&name))?;
        }
        Ok(())
    }

    /// Looks for a module, or a name in it, that some version's standard library does not have.
    pub fn check_library(
        &self,
        py: Python<'_>,
        at: Option<(&Subject, isize)>,
        module: &str,
        name: Option<&str>,
    ) -> PyResult<()> {
        let mut full = module.to_owned();
        let Some((problem, since)) = self.lack(presence(module, None)).or_else(|| {
            let name = name?;
            full = if module == "builtins" { name.to_owned() } else { format!("{module}.{name}") };
            self.lack(presence(module, Some(name)))
        }) else {
            return Ok(());
        };
        if is_namesake(py, module)? {
            return Ok(());
        }
        let problem = format!("{full} {problem}");
        match at {
            Some((subject, line)) => {
                self.findings().told.insert(full);
                self.add_at(subject, line, &problem, since);
            }
            None if self.findings().told.contains(&full) => {}
            // After what the function before it has in its text.
            None => self.add(isize::MAX, problem, since),
        }
        Ok(())
    }

    /// What is wrong with something that these versions have, and since when it is there.
    fn lack(&self, presence: Presence) -> Option<(String, Option<u8>)> {
        let needs = |first: u8| Some((format!("needs Python 3.{first}"), Some(first)));
        let is_gone = |last: u8| Some((format!("is gone from Python 3.{} on", last + 1), None));
        match presence {
            Presence::From(first) | Presence::Within(first, _) if self.minor < first => {
                needs(first)
            }
            Presence::UpTo(last) | Presence::Within(_, last) if self.minor > last => is_gone(last),
            _ => None,
        }
    }

    fn check_global(
        &self,
        py: Python<'_>,
        globals: &dyn Globals,
        at: (&Subject, isize),
        name: &str,
        path: &[Box<str>],
    ) -> PyResult<()> {
        match globals.global(name)? {
            None => self.check_library(py, Some(at), "builtins", Some(name)),
            Some(Global::Module(module)) => self.check_attributes(py, globals, at, &module, path),
            Some(Global::Place(module, name)) => {
                self.check_library(py, Some(at), &module, Some(&name))
            }
            Some(Global::Other) => Ok(()),
        }
    }

    fn check_attributes(
        &self,
        py: Python<'_>,
        globals: &dyn Globals,
        at: (&Subject, isize),
        module: &str,
        path: &[Box<str>],
    ) -> PyResult<()> {
        let mut module = module.to_owned();
        self.check_library(py, Some(at), &module, None)?;
        for name in path {
            self.check_library(py, Some(at), &module, Some(name))?;
            module = format!("{module}.{name}");
            if !globals.is_module(&module)? {
                break;
            }
        }
        Ok(())
    }

    fn add_at(&self, subject: &Subject, line: isize, problem: &str, since: Option<u8>) {
        let Subject { name, filename, .. } = subject;
        self.add(line, format!("{name} ({filename}:{line}): {problem}"), since);
    }

    fn add(&self, line: isize, text: String, since: Option<u8>) {
        let mut findings = self.findings();
        if !findings.list.iter().any(|(_, _, (known, _))| *known == text) {
            let function = findings.functions;
            findings.list.push((function, line, (text, since)));
        }
    }

    fn findings(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
