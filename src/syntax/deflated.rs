//! Texts that travel compressed.

use miniz_oxide::deflate::CompressionLevel;
use miniz_oxide::deflate::core::{
    CompressionStrategy, CompressorOxide, TDEFLFlush, TDEFLStatus, compress,
    create_comp_flags_from_zip_params,
};

/// Shorter texts than this save too few bytes for the time that the receiver takes to read them.
const SHORTEST: usize = 160;

/// Up to this size a text has no Huffman codes of its own, which would take the receiver longer to
/// read than they save.
const LONGEST_WITH_FIXED_CODES: usize = 300;

/// The UTF-8 of a text, deflated (RFC 1951); `None` where that would not save an eighth of it, which
/// is not worth that nobody can read it.
pub fn deflated(text: &str) -> Option<Vec<u8>> {
    if text.len() < SHORTEST {
        return None;
    }
    let strategy = if text.len() <= LONGEST_WITH_FIXED_CODES {
        CompressionStrategy::Fixed
    } else {
        CompressionStrategy::Default
    };
    let level = CompressionLevel::DefaultLevel as i32;
    // A negative window: no header and no checksum of zlib's.
    let flags = create_comp_flags_from_zip_params(level, -15, strategy as i32);
    let mut deflated = vec![0; text.len() - text.len() / 8];
    let mut compressor = CompressorOxide::new(flags);
    let (status, _, written) =
        compress(&mut compressor, text.as_bytes(), &mut deflated, TDEFLFlush::Finish);
    deflated.truncate(written);
    // It is done if the room was enough.
    (status == TDEFLStatus::Done).then_some(deflated)
}

#[cfg(test)]
mod tests {
    use super::deflated;

    #[test]
    fn what_gets_much_shorter_is_deflated() {
        let text = |blanks: usize| format!("({}lambda: 1)\n", " ".repeat(blanks));
        assert_eq!(deflated(&text(2)), None);
        assert_eq!(deflated(&('!'..='~').collect::<String>()), None);
        for blanks in [200, 1_000_000] {
            let short = deflated(&text(blanks)).unwrap_or_default();
            assert!(!short.is_empty() && short.len() < 40 + blanks / 500, "{}", short.len());
            let whole = miniz_oxide::inflate::decompress_to_vec(&short);
            assert_eq!(whole.ok(), Some(text(blanks).into_bytes()));
        }
    }
}
