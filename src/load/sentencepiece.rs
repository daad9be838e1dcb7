//! `SentencePiece`'s `tokenizer.model`, a protocol buffer (`sentencepiece_model.proto` of that project).

use super::source::bad;
use super::spoken::Spoken;
use super::vocabulary::{Piece, Spaces, TokenType, sentencepiece};
use crate::error::Result;
use crate::model::{Tokenizer, token};
use serde_json::Value;

/// Its name in sentences.
const FILE: &str = "tokenizer.model";
const BPE: u64 = 2;

/// What matters of a model.
#[derive(Debug)]
pub(super) struct Model {
    pieces: Vec<Piece>,
    kind: u64,
    /// The pieces that begin and end a text, by their texts.
    begin: String,
    end: String,
    spaces: Spaces,
    has_rules: bool,
}

impl Model {
    /// Reads a `tokenizer.model`.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        let model = Self::read(bytes)
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
        Ok(model)
    }

    /// Its tokenizer. Texts begin with the `bos_token` of `tokenizer_config.json`, or without one with the
    /// trainer's own piece, unless `add_bos_token` says no.
    pub fn tokenizer(&self, spoken: &Spoken) -> Result<Tokenizer> {
        if spoken.flag("add_eos_token")? == Some(true) {
            return Err(bad(
                super::TOKENIZER_CONFIG,
                "it asks for an end behind every text (add_eos_token), so that no prompt could be answered; set it to \
                 false, or put a tokenizer.json beside the weights"
                    .into(),
            ));
        }
        let pieces = self.with_added(spoken)?;
        let begin = if spoken.flag("add_bos_token")?.unwrap_or(true) {
            let named = spoken.fields.get("bos_token").and_then(token);
            let begin = marker(&pieces, named.unwrap_or(&self.begin));
            if let (Some(named), None) = (named, begin) {
                let problem = format!("it has no piece {named}, with which texts are to begin");
                return Err(bad(FILE, problem));
            }
            begin
        } else {
            None
        };
        sentencepiece(FILE, pieces, self.spaces, begin)
    }

    /// The pieces with those that `tokenizer_config.json` adds to them or marks.
    fn with_added(&self, spoken: &Spoken) -> Result<Vec<Piece>> {
        let mut pieces = self.pieces.clone();
        let added = spoken.fields.get("added_tokens_decoder");
        let Some(added) = added.and_then(Value::as_object) else {
            return Ok(pieces);
        };
        let piece = |added: &Value| Piece {
            text: token(added).unwrap_or_default().to_owned(),
            score: 0.0,
            kind: match added["special"] {
                Value::Bool(true) => TokenType::Control,
                _ => TokenType::UserDefined,
            },
        };
        while let Some(next) = added.get(&pieces.len().to_string()) {
            pieces.push(piece(next));
        }
        for (id, added) in added {
            let added = piece(added);
            let place = id.parse().ok().and_then(|id: usize| pieces.get_mut(id));
            match place {
                Some(known) if known.text == added.text => {
                    if known.kind == TokenType::Normal {
                        known.kind = added.kind;
                    }
                }
                _ => {
                    let text = added.text;
                    let problem = format!("its added token {id} ({text}) does not fit {FILE}");
                    return Err(bad(super::TOKENIZER_CONFIG, problem));
                }
            }
        }
        Ok(pieces)
    }

    /// The token that ends a text, by the trainer's own field.
    pub fn end(&self) -> Option<u32> {
        let end = marker(&self.pieces, &self.end);
        end.and_then(|id| u32::try_from(id).ok())
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut model = Self {
            pieces: Vec::new(),
            kind: 1,
            begin: "<s>".into(),
            end: "</s>".into(),
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
                (2, Field::Bytes(trainer)) => model.read_trainer(trainer)?,
                (3, Field::Bytes(rules)) => model.read_rules(rules)?,
                _ => {}
            }
        }
        (!model.pieces.is_empty()).then_some(model)
    }

    fn read_trainer(&mut self, bytes: &[u8]) -> Option<()> {
        let mut message = Message(bytes);
        while let Some(field) = message.next()? {
            match field {
                (3, Field::Number(kind)) => self.kind = kind,
                (46, Field::Bytes(text)) => text_of(text)?.clone_into(&mut self.begin),
                (47, Field::Bytes(text)) => text_of(text)?.clone_into(&mut self.end),
                _ => {}
            }
        }
        Some(())
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

/// The number of a piece that is a marker and no part of texts.
fn marker(pieces: &[Piece], text: &str) -> Option<usize> {
    let is_it = |piece: &Piece| piece.text == text && piece.kind != TokenType::Normal;
    pieces.iter().position(is_it)
}

fn read_piece(bytes: &[u8]) -> Option<Piece> {
    let mut piece = Piece {
        text: String::new(),
        score: 0.0,
        kind: TokenType::Normal,
    };
    let mut message = Message(bytes);
    while let Some(field) = message.next()? {
        match field {
            (1, Field::Bytes(text)) => text_of(text)?.clone_into(&mut piece.text),
            (2, Field::Word(word)) => piece.score = f32::from_le_bytes(word),
            (3, Field::Number(kind)) => piece.kind = TokenType::of(kind)?,
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
    use super::super::source::File;
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

    fn converted(bytes: &[u8], config: &str) -> Result<Tokenizer> {
        let file = config.as_bytes().to_vec();
        let file = File::new("tokenizer_config.json", &file)?;
        Model::new(bytes)?.tokenizer(&Spoken::read(None, Some(file), None, 1 << 20)?)
    }

    fn model(kind: u8, rules: &[u8]) -> Vec<u8> {
        with_trainer(&[0x18, kind], rules)
    }

    fn with_trainer(trainer: &[u8], rules: &[u8]) -> Vec<u8> {
        let parts = [
            piece("<s>", 3),
            piece("a", 1),
            piece("b", 1),
            piece("ab", 1),
            piece("<go>", 3),
            piece("<stop>", 3),
        ]
        .concat();
        let length = u8::try_from(trainer.len()).expect("short");
        let trainer = [&[0x12, length], trainer].concat();
        let normalizer = [
            &[0x1a, u8::try_from(rules.len()).expect("short")][..],
            rules,
        ]
        .concat();
        [&parts[..], &trainer, &normalizer].concat()
    }

    #[test]
    fn a_small_model_becomes_a_tokenizer() {
        let tokenizer = converted(&model(2, &[0x18, 0, 0x20, 0]), "{}").expect("a tokenizer");
        assert_eq!(tokenizer.encode("abb").expect("tokens"), [0, 3, 2]);
        assert_eq!(tokenizer.decode(&[0, 3, 2]).expect("text"), "abb");
    }

    /// The tokens of a text, with what `tokenizer_config.json` says.
    fn tokens(bytes: &[u8], config: &str) -> Vec<u32> {
        let tokenizer = converted(bytes, config).expect("a tokenizer");
        tokenizer.encode("b").expect("tokens")
    }

    #[test]
    fn begin_and_end_are_the_trainers_and_the_configs() {
        let plain = [0x18, 0, 0x20, 0];
        // Fields 46 and 47, texts of 4 and 6 bytes.
        let own = b"\x18\x02\xf2\x02\x04<go>\xfa\x02\x06<stop>";
        let own = with_trainer(own, &plain);
        assert_eq!(tokens(&own, "{}"), [4, 2]);
        assert_eq!(Model::new(&own).expect("a model").end(), Some(5));
        let usual = model(2, &plain);
        assert_eq!(tokens(&usual, "{}"), [0, 2]);
        assert_eq!(Model::new(&usual).expect("a model").end(), None);
        // What transformers 5.24 gives for the same fields.
        assert_eq!(tokens(&usual, r#"{"add_bos_token": true}"#), [0, 2]);
        assert_eq!(tokens(&usual, r#"{"add_bos_token": false}"#), [2]);
        assert_eq!(tokens(&usual, r#"{"add_bos_token": null}"#), [2]);
        assert_eq!(tokens(&usual, r#"{"bos_token": "<go>"}"#), [4, 2]);
        let added = r#"{"bos_token": {"content": "<new>"}, "added_tokens_decoder": {
            "0": {"content": "<s>", "special": true}, "6": {"content": "<new>", "special": true}}}"#;
        assert_eq!(tokens(&usual, added), [6, 2]);
        for (config, problem) in [
            (r#"{"add_eos_token": true}"#, "add_eos_token"),
            (r#"{"add_bos_token": 1}"#, "add_bos_token is 1"),
            (r#"{"bos_token": "<no>"}"#, "no piece <no>"),
            (
                r#"{"added_tokens_decoder": {"9": {"content": "x"}}}"#,
                "added token 9 (x)",
            ),
        ] {
            let refused = converted(&usual, config).expect_err(config).to_string();
            assert!(refused.contains(problem), "{refused}");
        }
    }

    #[test]
    fn other_kinds_and_rules_and_damage_are_refused() {
        let refusal = |bytes: &[u8]| {
            let refused = converted(bytes, "{}").expect_err("refused");
            refused.to_string()
        };
        assert!(refusal(&model(1, &[])).contains("kind BPE"));
        assert!(refusal(&model(2, &[0x12, 1, 7])).contains("rules of its own"));
        assert!(refusal(SMALL).contains("not a complete"));
        assert!(refusal(&[]).contains("not a complete"));
        assert!(refusal(&[0xff; 12]).contains("not a complete"));
    }
}
