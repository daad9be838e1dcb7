//! Texts of the reader: the one place where bytes become characters and lines.

use crate::error::{Error, Result};

/// The text of a file in UTF-8, without a byte order mark, `\n` at the end of each line whatever it was (`\r\n`, `\r`).
/// `file` is its name in errors.
///
/// The other separators of Unicode (U+0085, U+2028, U+2029) stay what they are: characters of a line, as in JSON.
pub fn read(file: &str, bytes: &[u8]) -> Result<String> {
    let bad = |problem: String| Error::BadFile {
        file: file.to_owned(),
        problem,
    };
    if let Some(encoding) = other_encoding(bytes) {
        return Err(bad(format!("it is a text in {encoding}; save it as UTF-8")));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        bad(format!("its line {line} is not UTF-8; save it as UTF-8"))
    })?;
    if text.contains('\0') {
        return Err(bad(
            "it holds zero bytes, so it is no text in UTF-8; save it as UTF-8".into(),
        ));
    }
    let text = text.trim_start_matches('\u{feff}');
    Ok(if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    })
}

/// The paragraphs of a text: lines between blank ones, which may hold spaces.
#[must_use]
pub fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in text.lines() {
        let last = paragraphs.len() - 1;
        if !line.trim().is_empty() {
            paragraphs[last] += line;
            paragraphs[last].push('\n');
        } else if !paragraphs[last].is_empty() {
            paragraphs.push(String::new());
        }
    }
    let paragraphs = paragraphs.iter().map(|paragraph| paragraph.trim());
    paragraphs
        .filter(|paragraph| !paragraph.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The encoding that a byte order mark, or a zero in every other byte of the beginning, tells of.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [0, a, 0, b, ..] | [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some("UTF-16"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(bytes: &[u8]) -> String {
        read("notes.txt", bytes).expect_err("no text").to_string()
    }

    #[test]
    fn every_end_of_a_line_and_every_mark_gives_the_same_text() {
        let plain = "One.\n\nTwo\nlines.\n";
        for same in [
            "One.\r\n\r\nTwo\r\nlines.\r\n",
            "One.\r\rTwo\rlines.\r",
            "\u{feff}One.\n\nTwo\nlines.\n",
            "\u{feff}One.\r\n\r\nTwo\r\nlines.\r\n",
        ] {
            assert_eq!(read("x", same.as_bytes()).expect("a text"), plain);
        }
        // These are no ends of lines.
        let other = "a\u{85}b\u{2028}c\u{2029}d";
        assert_eq!(read("x", other.as_bytes()).expect("a text"), other);
    }

    #[test]
    fn paragraphs_lie_between_blank_lines() {
        let expected = ["One.", "Two\n  lines.", "Three."];
        for text in [
            "One.\n\nTwo\n  lines.\n\n\nThree.",
            "\n \n One.\n \t \nTwo\n  lines.  \n\u{a0}\nThree.\n\n",
        ] {
            assert_eq!(paragraphs(text), expected);
        }
        assert!(paragraphs(" \n\n\t\n").is_empty());
    }

    #[test]
    fn other_encodings_are_refused_by_name() {
        let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect()
        };
        for text in ["\u{feff}The inn", "The inn"] {
            for bytes in [wide(text, u16::to_le_bytes), wide(text, u16::to_be_bytes)] {
                assert!(error(&bytes).contains("UTF-16"), "{}", error(&bytes));
            }
        }
        assert!(error(&[0xff, 0xfe, 0, 0, b'T', 0, 0, 0]).contains("UTF-32"));
        let latin = error(b"one\ncaf\xe9\n");
        assert!(
            latin.starts_with("notes.txt") && latin.contains("line 2") && latin.contains("UTF-8"),
            "{latin}"
        );
        assert!(error(b"PK\0\0\0").contains("zero bytes"));
    }
}
