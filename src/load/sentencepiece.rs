//! `SentencePiece`'s `tokenizer.model`, a protocol buffer (`sentencepiece_model.proto` of that project).

use super::source::bad;
use super::vocabulary::{Kind, Piece, Spaces, sentencepiece};
use crate::error::Result;
use crate::model::Tokenizer;

/// Its name in sentences.
const FILE: &str = "tokenizer.model";
const BPE: u64 = 2;

/// The tokenizer of a `tokenizer.model`; `start` says whether texts begin with the token `<s>`.
pub(super) fn tokenizer(bytes: &[u8], start: bool) -> Result<Tokenizer> {
    let model = Model::read(bytes)
        .ok_or_else(|| bad(FILE, "it is not a complete SentencePiece model".into()))?;
    if model.kind != BPE {
        return Err(bad(
            FILE,
            "it is not of the kind BPE, which alone can be converted; put a tokenizer.json beside the weights".into(),
        ));
    }
    if model.has_rules {
        return Err(bad(
            FILE,
            "it rewrites characters by rules of its own, which cannot be converted; put a tokenizer.json beside the weights"
                .into(),
        ));
    }
    let start = start
        .then(|| {
            model
                .pieces
                .iter()
                .position(|piece| piece.kind == Kind::Control && piece.text == "<s>")
        })
        .flatten();
    sentencepiece(FILE, model.pieces, model.spaces, start)
}

/// What matters of a model.
#[derive(Debug)]
struct Model {
    pieces: Vec<Piece>,
    kind: u64,
    spaces: Spaces,
    has_rules: bool,
}

impl Model {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut model = Self {
            pieces: Vec::new(),
            kind: 1,
            spaces: Spaces {
                prefix: true,
                merged: true,
            },
            has_rules: false,
        };
        let mut message = Message(bytes);
        while let Some((number, field)) = message.next()? {
            match (number, field) {
                (1, Field::Bytes(piece)) => model.pieces.push(read_piece(piece)?),
                (2, Field::Bytes(trainer)) => {
                    let mut message = Message(trainer);
                    while let Some((number, field)) = message.next()? {
                        if let (3, Field::Number(kind)) = (number, field) {
                            model.kind = kind;
                        }
                    }
                }
                (3, Field::Bytes(rules)) => model.read_rules(rules)?,
                _ => {}
            }
        }
        (!model.pieces.is_empty()).then_some(model)
    }

    fn read_rules(&mut self, bytes: &[u8]) -> Option<()> {
        let mut message = Message(bytes);
        while let Some(field) = message.next()? {
            match field {
                (2, Field::Bytes(rules)) => self.has_rules = !rules.is_empty(),
                (3, Field::Number(flag)) => self.spaces.prefix = flag != 0,
                (4, Field::Number(flag)) => self.spaces.merged = flag != 0,
                _ => {}
            }
        }
        Some(())
    }
}

fn read_piece(bytes: &[u8]) -> Option<Piece> {
    let mut piece = Piece {
        text: String::new(),
        score: 0.0,
        kind: Kind::Normal,
    };
    let mut message = Message(bytes);
    while let Some(field) = message.next()? {
        match field {
            (1, Field::Bytes(text)) => text_of(text)?.clone_into(&mut piece.text),
            (2, Field::Word(word)) => piece.score = f32::from_le_bytes(word),
            (3, Field::Number(kind)) => piece.kind = Kind::of(kind)?,
            _ => {}
        }
    }
    Some(piece)
}

fn text_of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The rest of a protocol buffer message.
struct Message<'a>(&'a [u8]);

enum Field<'a> {
    Number(u64),
    Word([u8; 4]),
    Bytes(&'a [u8]),
}

impl<'a> Message<'a> {
    /// The next field with its number: `None` where the message is damaged, `Some(None)` at its end.
    #[expect(clippy::option_option, reason = "damaged, at the end, or a field")]
    fn next(&mut self) -> Option<Option<(u64, Field<'a>)>> {
        if self.0.is_empty() {
            return Some(None);
        }
        let tag = self.number()?;
        let field = match tag & 7 {
            0 => Field::Number(self.number()?),
            1 => Field::Bytes(self.take(8)?),
            2 => {
                let len = usize::try_from(self.number()?).ok()?;
                Field::Bytes(self.take(len)?)
            }
            5 => Field::Word(self.take(4)?.try_into().ok()?),
            _ => return None,
        };
        Some(Some((tag >> 3, field)))
    }

    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pieces, kind BPE, no space before a text.
    const SMALL: &[u8] = &[
        0x0a, 10, 0x0a, 3, b'<', b's', b'>', 0x18, 3, 0x15, 0, 0, // cut short below
    ];

    fn piece(text: &str, kind: u8) -> Vec<u8> {
        let mut inner = vec![0x0a, u8::try_from(text.len()).expect("short")];
        inner.extend(text.as_bytes());
        inner.extend([0x15, 0, 0, 0, 0, 0x18, kind]);
        [
            &[0x0a, u8::try_from(inner.len()).expect("short")][..],
            &inner,
        ]
        .concat()
    }

    fn model(kind: u8, rules: &[u8]) -> Vec<u8> {
        let parts = [
            piece("<s>", 3),
            piece("a", 1),
            piece("b", 1),
            piece("ab", 1),
        ]
        .concat();
        let trainer = [0x12, 2, 0x18, kind];
        let normalizer = [
            &[0x1a, u8::try_from(rules.len()).expect("short")][..],
            rules,
        ]
        .concat();
        [&parts[..], &trainer, &normalizer].concat()
    }

    #[test]
    fn a_small_model_becomes_a_tokenizer() {
        let read = tokenizer(&model(2, &[0x18, 0, 0x20, 0]), true).expect("a tokenizer");
        assert_eq!(read.encode("abb").expect("tokens"), [0, 3, 2]);
        assert_eq!(read.decode(&[0, 3, 2]).expect("text"), "abb");
    }

    #[test]
    fn other_kinds_and_rules_and_damage_are_refused() {
        let refusal = |bytes: &[u8]| tokenizer(bytes, true).expect_err("refused").to_string();
        assert!(refusal(&model(1, &[])).contains("kind BPE"));
        assert!(refusal(&model(2, &[0x12, 1, 7])).contains("rules of its own"));
        assert!(refusal(SMALL).contains("not a complete"));
        assert!(refusal(&[]).contains("not a complete"));
        assert!(refusal(&[0xff; 12]).contains("not a complete"));
    }
}
