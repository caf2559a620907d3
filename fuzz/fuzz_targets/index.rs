//! What holds of every text: nothing panics, what is found can be found again in its factory, and a
//! file's statements give what the whole file gives, as far as it has no syntax errors.
//!
//! ```text
//! python3 fuzz/seed.py
//! cargo +nightly fuzz run -s none index -- -max_len=4096 -dict=fuzz/python.dict -max_total_time=660
//! ```
#![no_main]

mod python;

use std::borrow::Cow;

use libfuzzer_sys::fuzz_target;
use ruff_python_parser::{Mode, parse_unchecked};
use sourcepickle::syntax::{Attached, Entry, File, Index, Kind, Position};

const FREE: &[&[&str]] = &[&[], &["a"], &["__class__", "a", "é"], &["T", "__classdict__"]];
const QUALNAMES: &[&str] = &["f", "C.f", "g.<locals>.C.f", "<lambda>", "", ".", "def.x", "a b\n.c"];

fuzz_target!(|bytes: &[u8]| {
    // No Python file starts with NUL: what does is a recipe, and all else a text.
    let text = match bytes.split_first() {
        Some((0, recipe)) => Cow::Owned(python::text(recipe).unwrap_or_default()),
        _ => String::from_utf8_lossy(bytes),
    };
    check_index(&text);
    let choice = bytes.len();
    let free = FREE[choice % FREE.len()];
    if let Ok(attached) = Attached::new(&text, QUALNAMES[choice % QUALNAMES.len()], free) {
        attached.index.factory(attached.entry(), free);
    }
});

fn check_index(whole: &str) {
    let text = whole.strip_prefix('\u{feff}').unwrap_or(whole);
    let index = Index::new(whole, 1).unwrap();
    let is_sound = parses(text);
    let file = File::new(whole, 1).unwrap();
    let entries = index.entries();
    assert!(entries.is_sorted_by_key(|entry| entry.span.start), "entries are not sorted");
    for (at, entry) in entries.iter().enumerate() {
        check_entry(text, entry);
        let here: Vec<_> = index.at_line(entry.first_line).collect();
        assert!(here.iter().any(|found| std::ptr::eq(*found, entry)), "at_line misses {entry:?}");
        let body = Position { line: entry.first_line, column: 0, end_line: 1, end_column: at };
        index.innermost(&here, &[body]);
        let free = FREE[at % FREE.len()];
        check_factory(text, &index, entry, free, is_sound);
        if is_sound {
            check_statement(&file, &index, entry.first_line, free);
        }
    }
}

fn parses(text: &str) -> bool {
    parse_unchecked(text, Mode::Module.into()).has_valid_syntax()
}

fn check_entry(text: &str, entry: &Entry) {
    assert!(text.get(entry.span.clone()).is_some(), "span of {entry:?}");
    assert!(text.get(entry.body.clone()).is_some(), "body of {entry:?}");
    let (span, body) = (&entry.span, &entry.body);
    assert!(span.start <= body.start && body.end <= span.end, "body outside of {entry:?}");
    let (first, _) = place(text, span.start);
    let (last, _) = place(text, span.end);
    assert!((first..=last).contains(&entry.first_line), "first line of {entry:?}");
}

fn check_factory(text: &str, index: &Index, entry: &Entry, free: &[&str], is_sound: bool) {
    let factory = index.factory(entry, free);
    let own = &text[entry.span.clone()];
    assert!(factory.text.contains(own), "{factory:?} does not hold {own:?}");
    if !is_sound {
        return;
    }
    assert!(parses(&factory.text), "{factory:?} has syntax errors");
    let again = Index::new(&factory.text, factory.first_line).unwrap();
    let line_and_column = |index_text: &str, entry: &Entry| {
        let (line, column) = place(index_text, entry.span.start);
        (line - 1, (entry.kind == Kind::Lambda).then_some(column))
    };
    let (line, column) = line_and_column(text, entry);
    let found = again.at_line(entry.first_line).find(|found| {
        let (found_line, found_column) = line_and_column(&factory.text, found);
        factory.text[found.span.clone()] == *own
            && found_line + factory.first_line == line + 1
            && found_column == column
    });
    let found = found.unwrap_or_else(|| panic!("{entry:?} is not found again in {factory:?}"));
    // Classes are left out where they have no say, of which the factory's text can tell more.
    if !factory.path.contains(':') && !factory.text.contains("class") {
        let second = again.factory(found, free);
        assert_eq!(second.text, factory.text, "the factory of a factory");
        assert_eq!(second.path, factory.path, "the factory of a factory");
        assert_eq!(second.first_line, factory.first_line, "the factory of a factory");
    }
}

fn check_statement(file: &File, whole: &Index, line: isize, free: &[&str]) {
    let statement = file.statement_at(line).unwrap();
    let factories = |index: &Index| -> Vec<_> {
        let factories = index.at_line(line).map(|entry| index.factory(entry, free));
        factories.map(|factory| (factory.text, factory.first_line, factory.path)).collect()
    };
    assert_eq!(factories(&statement), factories(whole), "of the statement on line {line}");
}

/// The line, from 1, and the byte column of an offset.
fn place(text: &str, offset: usize) -> (isize, usize) {
    let (mut line, mut start) = (1, 0);
    let bytes = text.as_bytes();
    for at in 0..offset {
        let is_end = match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        if is_end {
            (line, start) = (line + 1, at + 1);
        }
    }
    (line, offset - start)
}
