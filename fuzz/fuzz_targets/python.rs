//! Texts that look like Python, made from the fuzzer's bytes.

use arbitrary::{Result, Unstructured};

/// Nesting at which only the simplest statements and expressions are left.
const DEEPEST: usize = 7;
/// Bytes after which the same holds.
const LONGEST: usize = 4096;

const NAMES: &[&str] =
    &["a", "b", "x", "self", "super", "__x", "_", "é", "ﬁ", "𝐱", "match", "type"];
const DOTTED: &[&str] = &["a", "b.c", "super", "é"];
const ATOMS: &[&str] = &[
    "1",
    "a",
    "b",
    "super()",
    "a.b()",
    "b.c(1)",
    "''",
    "'é'",
    "b'\\x00'",
    "\"\"\"\n \"\"\"",
    "...",
    "r'\\ '",
    "'\\\n'",
    "-0.0",
    "__class__",
    "𝐱",
    "x . y ()",
];
/// Where a line may end inside brackets, a blank elsewhere.
const GAPS: &[&str] = &["", "", "", " ", "\t", "\x0c", "\n", " # é\n\n", "\\\n", " \\\n  "];
const BLANKS: &[&str] = &["", "", "", " ", "\t", "\x0c", "\\\n", " \\\n\t"];
const NOISE: &[&str] = &[
    "\u{feff}", "\0", "\u{2028}", "\u{85}", "\x0b", "\x1a", "'", "\"\"\"", "(", "]", "}", "\\",
    "\r", "\n ", ":", "@", "lambda", "def ", "class ", "f'{", "async ", "\u{301}", "#", ";", "*",
    "=", "!",
];
const LINE_ENDS: &[&str] = &["\n", "\n", "\n", "\r\n", "\r", ""];
const INDENTATIONS: &[&str] = &["    ", "  ", " ", "\t", "\t ", " \t", "        "];
/// What stands in front of the first word of a line, besides its indentation.
const PREFIXES: &[&str] =
    &["", "", "", "", "", "# é\n", "# \\\n", "\\\n", "\x0c", "\n \n", "'''\n'''\n"];
const COMMENTS: &[&str] = &["", "", "", ";", " ; ", " # é", " ;# \\", "\x0c# 'x", "\t"];
const SIMPLE: &[&str] = &[
    "pass",
    "import a",
    "import b.c, super",
    "from a import (b as super)",
    "global x, a",
    "nonlocal a",
    "return",
    "x: int",
    "del x",
    "raise",
    "assert x, 1",
    "*a, b = x",
    "type X = int",
    "pass; pass",
];

/// Returns a text for the fuzzer's bytes; most are free of syntax errors.
pub fn text(bytes: &[u8]) -> Result<String> {
    let mut input = Unstructured::new(bytes);
    let line_end = *input.choose(LINE_ENDS)?;
    let bom = input.int_in_range(0..=15)? == 15;
    let mut writer = Writer { input, text: String::new(), depth: 0, brackets: 0 };
    writer.block("")?;
    let mut text = writer.text;
    match line_end {
        "\n" => {}
        // Each kind in turn.
        "" => {
            let mut ends = ["\n", "\r\n", "\r"].iter().cycle();
            let lines: Vec<&str> = text.split('\n').collect();
            text = lines
                .iter()
                .fold(String::new(), |all, line| all + line + ends.next().unwrap_or(&"\n"));
        }
        _ => text = text.replace('\n', line_end),
    }
    if bom {
        text.insert(0, '\u{feff}');
    }
    Ok(text)
}

struct Writer<'a> {
    input: Unstructured<'a>,
    text: String,
    depth: usize,
    brackets: usize,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn any(&mut self, texts: &[&str]) -> Result<()> {
        let text = *self.input.choose(texts)?;
        self.push(text);
        Ok(())
    }

    fn one_in(&mut self, many: u8) -> Result<bool> {
        // False where the input has run out, so that texts end.
        Ok(self.input.int_in_range(1..=many)? == many)
    }

    fn is_deep(&self) -> bool {
        self.depth >= DEEPEST || self.text.len() > LONGEST
    }

    fn gap(&mut self) -> Result<()> {
        self.any(if self.brackets > 0 { GAPS } else { BLANKS })
    }

    fn brackets(
        &mut self,
        open: &str,
        close: &str,
        inside: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.push(open);
        self.brackets += 1;
        self.gap()?;
        inside(self)?;
        self.gap()?;
        self.brackets -= 1;
        self.push(close);
        Ok(())
    }

    fn block(&mut self, indentation: &str) -> Result<()> {
        for _ in 0..self.input.int_in_range(1..=4)? {
            self.statement(indentation)?;
        }
        Ok(())
    }

    /// What stands behind a header's colon.
    fn suite(&mut self, indentation: &str) -> Result<()> {
        self.push(":");
        self.gap()?;
        if self.is_deep() || self.one_in(4)? {
            self.simple()?;
            self.any(COMMENTS)?;
            self.push("\n");
            return Ok(());
        }
        self.any(COMMENTS.get(5..6).unwrap_or_default())?;
        self.push("\n");
        let deeper = format!("{indentation}{}", self.input.choose(INDENTATIONS)?);
        self.depth += 1;
        self.block(&deeper)?;
        self.depth -= 1;
        Ok(())
    }

    fn statement(&mut self, indentation: &str) -> Result<()> {
        let prefix = *self.input.choose(PREFIXES)?;
        if prefix == "\\\n" && self.one_in(2)? {
            self.push(prefix);
            self.push(indentation);
        } else {
            self.push(indentation);
            self.push(prefix);
            if prefix.ends_with('\n') && prefix != "\\\n" {
                self.push(indentation);
            }
        }
        let kind = if self.is_deep() { 0 } else { self.input.int_in_range(0..=13)? };
        match kind {
            1..=4 => self.def(indentation),
            5 | 6 => self.class(indentation),
            7 => {
                self.any(&["if ", "while "])?;
                self.expression()?;
                self.suite(indentation)
            }
            8 => {
                self.any(&["for ", "async for "])?;
                self.any(NAMES)?;
                self.push(" in ");
                self.expression()?;
                self.suite(indentation)
            }
            9 => {
                self.any(&["with ", "async with "])?;
                self.brackets("(", ")", |it| {
                    it.expression()?;
                    it.push(" as ");
                    it.any(NAMES)
                })?;
                self.suite(indentation)
            }
            10 => {
                self.push("try");
                self.suite(indentation)?;
                self.push(indentation);
                self.any(&["except* ", "except "])?;
                self.expression()?;
                self.suite(indentation)
            }
            11 => {
                self.push("match ");
                self.expression()?;
                self.push(":\n");
                self.push(indentation);
                self.push(" case [1, *x] if ");
                self.expression()?;
                self.suite(&format!("{indentation} "))
            }
            12 if self.one_in(4)? => self.any(NOISE),
            _ => {
                self.simple()?;
                self.any(COMMENTS)?;
                self.push("\n");
                Ok(())
            }
        }
    }

    fn simple(&mut self) -> Result<()> {
        match self.input.int_in_range(0..=7)? {
            0 | 1 => return self.any(SIMPLE),
            2 => self.push("return "),
            3 => self.push("x ="),
            4 => {
                self.push("x:");
                self.expression()?;
                self.push("=");
            }
            5 => {
                self.push("type X");
                self.type_parameters()?;
                self.push(" = ");
            }
            6 => self.push("é = a = "),
            _ => {}
        }
        self.expression()
    }

    fn decorators(&mut self, indentation: &str) -> Result<()> {
        while self.one_in(4)? {
            self.push("@");
            self.gap()?;
            self.expression()?;
            self.any(&["", " # é", " # \\"])?;
            self.push("\n");
            self.push(indentation);
        }
        Ok(())
    }

    fn def(&mut self, indentation: &str) -> Result<()> {
        self.decorators(indentation)?;
        if self.one_in(5)? {
            self.push("async ");
            self.gap()?;
        }
        self.push("def ");
        self.gap()?;
        self.any(NAMES)?;
        self.type_parameters()?;
        self.gap()?;
        self.brackets("(", ")", |it| it.parameters(true))?;
        if self.one_in(4)? {
            self.push("->");
            self.expression()?;
        }
        self.suite(indentation)
    }

    fn class(&mut self, indentation: &str) -> Result<()> {
        self.decorators(indentation)?;
        self.push("class ");
        self.gap()?;
        self.any(NAMES)?;
        self.type_parameters()?;
        if self.one_in(3)? {
            self.brackets("(", ")", Self::expression)?;
        }
        self.suite(indentation)
    }

    fn type_parameters(&mut self) -> Result<()> {
        if !self.one_in(6)? {
            return Ok(());
        }
        self.brackets("[", "]", |it| {
            let star = *it.input.choose(&["", "", "*", "**"])?;
            it.push(star);
            it.push("T");
            if star.is_empty() && it.one_in(3)? {
                it.push(":");
                it.expression()?;
            }
            if it.one_in(3)? {
                it.push("=");
                it.expression()?;
            }
            Ok(())
        })
    }

    fn parameters(&mut self, annotated: bool) -> Result<()> {
        let mut defaults = false;
        for (star, name) in [("", "a"), ("", "self"), ("*", "é"), ("", "__x"), ("**", "𝐱")] {
            if self.one_in(3)? {
                self.push(star);
                self.push(name);
                if annotated && self.one_in(4)? {
                    self.push(":");
                    self.expression()?;
                }
                defaults |= star.is_empty() && self.one_in(3)?;
                if star.is_empty() && defaults {
                    self.push("=");
                    self.expression()?;
                }
                self.push(",");
                self.gap()?;
            }
        }
        Ok(())
    }

    fn expression(&mut self) -> Result<()> {
        self.gap()?;
        if self.is_deep() {
            return self.any(ATOMS);
        }
        self.depth += 1;
        match self.input.int_in_range(0..=16)? {
            1..=3 => {
                self.push("lambda ");
                self.parameters(false)?;
                self.push(":");
                self.expression()?;
            }
            4 => self.brackets("(", ")", Self::expression)?,
            5 => self.brackets("[", "]", Self::comprehension)?,
            6 => self.brackets("{", "}", Self::comprehension)?,
            7 => self.brackets("(", ")", Self::comprehension)?,
            8 => self.brackets("{", "}", |it| {
                it.any(ATOMS)?;
                it.push(":");
                it.comprehension()
            })?,
            9 => {
                self.any(DOTTED)?;
                self.push(".b");
                self.brackets("(", ")", |it| {
                    it.expression()?;
                    it.push(",");
                    it.expression()
                })?;
            }
            10 | 11 => self.interpolated()?,
            12 => self.brackets("(", ")", |it| {
                it.push("x:=");
                it.expression()
            })?,
            13 => {
                self.any(ATOMS)?;
                self.push(" if ");
                self.brackets("(", ")", Self::expression)?;
                self.push(" else ");
                self.expression()?;
            }
            14 => {
                self.any(&["await ", "(yield) or ", "not ", "-"])?;
                self.brackets("(", ")", Self::expression)?;
            }
            15 if self.one_in(8)? => self.any(NOISE)?,
            // Past 65,535 columns, where Rust's own padding ends.
            16 if self.one_in(64)? => {
                self.push(&format!("['{}', lambda: 1]", "x".repeat(70_000)));
            }
            _ => self.any(ATOMS)?,
        }
        self.depth -= 1;
        Ok(())
    }

    fn comprehension(&mut self) -> Result<()> {
        self.expression()?;
        for _ in 0..self.input.int_in_range(1..=2)? {
            self.any(&[" for ", " async for "])?;
            self.any(NAMES)?;
            self.push(" in ");
            self.brackets("(", ")", Self::expression)?;
            if self.one_in(3)? {
                self.push(" if ");
                self.brackets("(", ")", Self::expression)?;
            }
        }
        Ok(())
    }

    fn interpolated(&mut self) -> Result<()> {
        self.any(&["f", "f", "rf", "t", "'é' F"])?;
        let quote = *self.input.choose(&["'", "\"", "'''", "\"\"\""])?;
        self.push(quote);
        self.any(&["", "é", "{{", "\\\n", "\\N{EM DASH}"])?;
        self.brackets("{", "", |it| it.brackets("(", ")", Self::expression))?;
        self.any(&["", "!r", "=", ":>10", ":{x}", ":{(lambda: 1)}"])?;
        self.push("}");
        self.push(quote);
        Ok(())
    }
}
