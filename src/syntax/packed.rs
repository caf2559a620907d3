//! Texts with long runs of blanks, such as stand before a lambda far to the right on its line.

/// Runs of blanks shorter than this stay.
const SHORTEST: usize = 256;

/// Writes each long run of blanks as its length between two NULs, which no source holds.
pub fn packed(text: &str) -> String {
    let mut packed = String::with_capacity(text.len().min(4096));
    let mut rest = text;
    let long = " ".repeat(SHORTEST);
    while let Some(at) = rest.find(&long) {
        let blanks = rest[at..].len() - rest[at..].trim_start_matches(' ').len();
        packed.push_str(&rest[..at]);
        packed.push_str(&format!("\0{blanks}\0"));
        rest = &rest[at + blanks..];
    }
    packed.push_str(rest);
    packed
}

#[cfg(test)]
mod tests {
    use super::packed;

    #[test]
    fn long_runs_of_blanks_become_their_length() {
        let text = |blanks: usize| format!("({}lambda: 1)\n", " ".repeat(blanks));
        assert_eq!(packed(&text(255)), text(255));
        assert_eq!(packed(&text(256)), "(\u{0}256\u{0}lambda: 1)\n");
        assert_eq!(packed(&(text(300) + &text(1000))).matches('\0').count(), 4);
    }
}
