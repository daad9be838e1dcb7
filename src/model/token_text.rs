//! What single tokens stand for, whatever form their vocabulary writes them in.

use super::Tokenizer;
use serde::Serialize;

/// A token as a part of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TokenText {
    /// What it adds to a text in UTF-8, which may be a part of a character; nothing for a number without a token.
    pub bytes: Vec<u8>,
    /// Whether it is none of a text's own, as the token that begins texts.
    pub special: bool,
}

impl Tokenizer {
    /// What each of these tokens stands for.
    #[must_use]
    pub fn token_texts(&self, ids: &[u32]) -> Vec<TokenText> {
        let added = self.inner.get_added_tokens_decoder();
        let surroundings = (self.inner.get_pre_tokenizer(), self.inner.get_decoder());
        let is_byte_level = serde_json::to_string(&surroundings)
            .is_ok_and(|surroundings| surroundings.contains("\"ByteLevel\""));
        let one = |&id: &u32| {
            if let Some(token) = added.get(&id) {
                return TokenText {
                    bytes: token.content.clone().into_bytes(),
                    special: token.special,
                };
            }
            let written = self.token(id).unwrap_or_default();
            let bytes = match byte_fallback(&written) {
                _ if is_byte_level => written.chars().flat_map(byte_level).collect(),
                Some(byte) => vec![byte],
                None => written.replace('▁', " ").into_bytes(),
            };
            TokenText {
                bytes,
                special: false,
            }
        };
        ids.iter().map(one).collect()
    }
}

/// The token of a single byte that `SentencePiece` has: `<0x0A>`.
fn byte_fallback(written: &str) -> Option<u8> {
    let digits = written.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok()
}

/// GPT-2's vocabulary writes bytes that can be printed as they are, and the others as the letters from U+0100 on.
fn byte_level(letter: char) -> Vec<u8> {
    let printed = |byte: &u8| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..);
    let code = letter as u32;
    let byte = match u8::try_from(code) {
        Ok(byte) => Some(byte),
        Err(_) => (0..=u8::MAX)
            .filter(|byte| !printed(byte))
            .nth(code as usize - 256),
    };
    byte.map_or_else(|| letter.to_string().into_bytes(), |byte| vec![byte])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The tokens `words`, read at the byte level or as `SentencePiece` writes them, and `<s>`.
    fn tokenizer(words: &[&str], at_byte_level: bool) -> Tokenizer {
        let vocab: serde_json::Map<String, Value> = words
            .iter()
            .enumerate()
            .map(|(id, word)| ((*word).to_owned(), id.into()))
            .collect();
        let special = json!([{"id": words.len(), "content": "<s>", "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false}]);
        let decoder = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true});
        let json = json!({
            "added_tokens": special,
            "decoder": if at_byte_level { decoder } else { Value::Null },
            "model": {"type": "BPE", "vocab": vocab, "merges": []},
        });
        Tokenizer::from_bytes(json.to_string().as_bytes()).expect("a tokenizer")
    }

    fn texts(tokenizer: &Tokenizer, ids: &[u32]) -> Vec<(Vec<u8>, bool)> {
        let texts = tokenizer.token_texts(ids).into_iter();
        texts.map(|text| (text.bytes, text.special)).collect()
    }

    #[test]
    fn every_byte_has_its_letter() {
        // U+0100 is byte 0, U+0120 the space, U+0121 byte 127, U+0142 byte 160, U+0143 byte 173, the last that is not printed.
        let letters = ["Ā", "Ġa", "ġ", "ł", "Ń", "é", "世"];
        let bytes = [
            vec![0],
            b" a".to_vec(),
            vec![0x7f],
            vec![0xa0],
            vec![0xad],
            vec![0xe9],
            "世".as_bytes().to_vec(),
        ];
        let found = texts(&tokenizer(&letters, true), &[0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(found, bytes.map(|bytes| (bytes, false)));
    }

    #[test]
    fn pieces_are_words_spaces_and_single_bytes() {
        let found = texts(
            &tokenizer(&["▁the", "<0xE4>", "é", "<0x>"], false),
            &[0, 1, 2, 3, 4, 99],
        );
        let words = [&b" the"[..], &[0xe4], "é".as_bytes(), b"<0x>"];
        let mut expected: Vec<_> = words.map(|word| (word.to_vec(), false)).into();
        expected.push((b"<s>".to_vec(), true));
        expected.push((Vec::new(), false));
        assert_eq!(found, expected);
    }
}
