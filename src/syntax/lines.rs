//! Where each line of a text starts.

use memchr::memchr2_iter;

/// The byte offset at which each line starts, counted as CPython's tokenizer counts lines:
/// `\n`, `\r\n` and `\r` end one and nothing else does (CPython `Parser/tokenizer`, `translate_newlines`).
pub struct Lines {
    starts: Vec<usize>,
    first: isize,
}

impl Lines {
    /// The lines of a text whose first line has the number `first` in its file.
    pub fn new(text: &str, first: isize) -> Self {
        let bytes = text.as_bytes();
        let ends = memchr2_iter(b'\n', b'\r', bytes)
            .filter(|end| bytes[*end] == b'\n' || bytes.get(end + 1) != Some(&b'\n'));
        let starts = std::iter::once(0).chain(ends.map(|end| end + 1)).collect();
        Self { starts, first }
    }

    /// The line that holds a byte offset.
    pub fn line_of(&self, offset: usize) -> isize {
        self.first + self.row_of(offset) as isize
    }

    /// The byte column, from 0, of a byte offset in its line.
    pub fn column_of(&self, offset: usize) -> usize {
        offset - self.starts[self.row_of(offset)]
    }

    /// The byte offset of a line and a byte column, from 0; `None` outside the text's lines.
    pub fn offset_of(&self, line: isize, column: usize) -> Option<usize> {
        let row = usize::try_from(line - self.first).ok()?;
        Some(self.starts.get(row)? + column)
    }

    fn row_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_of_cpython_counts_and_no_other() {
        let lines = Lines::new("a\nb\r\nc\rd\x0ce\u{2028}f\n", 1);
        let at = |offset| (lines.line_of(offset), lines.column_of(offset));
        assert_eq!(at(0), (1, 0));
        assert_eq!(at(2), (2, 0));
        assert_eq!(at(5), (3, 0));
        assert_eq!(at(7), (4, 0));
        assert_eq!(at(9), (4, 2));
        assert_eq!(at(13), (4, 6));
        assert_eq!(lines.offset_of(4, 2), Some(9));
        assert_eq!(lines.offset_of(6, 0), None);
        assert_eq!(lines.offset_of(0, 0), None);
    }

    #[test]
    fn lines_count_from_the_first_ones_number() {
        let lines = Lines::new("a\nb\n", -3);
        assert_eq!(lines.line_of(2), -2);
        assert_eq!(lines.offset_of(-2, 0), Some(2));
    }
}
