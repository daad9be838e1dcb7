//! Vocabularies that are not tokenizer.json, read as one: `SentencePiece`'s `tokenizer.model`, and those in GGUF.

use super::gguf::Metadata;
use super::source::bad;
use crate::error::Result;
use crate::model::words::{SINGLE_DIGITS, TO_THREE_DIGITS};
use crate::model::{Bpe, Tokenizer};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use tokenizers::models::bpe::{Merges, Vocab};

/// Pieces of more bytes than this are refused: each is cut in every place to find its merges.
const LONGEST_PIECE: usize = 512;

/// What a piece of a vocabulary is, as `SentencePiece` and GGUF number it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenType {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

impl TokenType {
    pub fn of(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::Normal,
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => return None,
        })
    }
}

/// One piece of a vocabulary.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub text: String,
    /// The higher, the earlier it is merged.
    pub score: f32,
    pub kind: TokenType,
}

/// How `SentencePiece` treats a text around its pieces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spaces {
    /// Whether a space is put before a text.
    pub prefix: bool,
    /// Whether spaces in a row become one.
    pub merged: bool,
}

/// The tokenizer of a `SentencePiece` vocabulary of BPE. `start` begins every text where it is given.
pub(super) fn sentencepiece(
    file: &str,
    pieces: Vec<Piece>,
    spaces: Spaces,
    start: Option<usize>,
) -> Result<Tokenizer> {
    let unknown = pieces.iter().find(|piece| piece.kind == TokenType::Unknown);
    let unk_token = unknown.map(|piece| piece.text.clone());
    let mut normalizers = Vec::new();
    if spaces.merged {
        normalizers.push(json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}));
        normalizers.push(json!({"type": "Strip", "strip_left": true, "strip_right": true}));
    }
    if spaces.prefix {
        normalizers.push(json!({"type": "Prepend", "prepend": "▁"}));
    }
    normalizers.push(json!({"type": "Replace", "pattern": {"String": " "}, "content": "▁"}));
    let mut decoders = vec![
        json!({"type": "Replace", "pattern": {"String": "▁"}, "content": " "}),
        json!({"type": "ByteFallback"}),
        json!({"type": "Fuse"}),
    ];
    if spaces.prefix {
        decoders.push(json!({"type": "Strip", "content": " ", "start": 1, "stop": 0}));
    }
    let surroundings = json!({
        "added_tokens": added(&pieces),
        "normalizer": {"type": "Sequence", "normalizers": normalizers},
        "post_processor": beginning(&pieces, start),
        "decoder": {"type": "Sequence", "decoders": decoders},
    });
    let model = Bpe {
        merges: merges(file, &pieces)?,
        unk_token,
        fuse_unk: Some(true),
        byte_fallback: Some(pieces.iter().any(|piece| piece.kind == TokenType::Byte)),
        vocab: vocabulary(pieces),
        ..Bpe::default()
    };
    Tokenizer::new(surroundings, model)
}

fn vocabulary(pieces: Vec<Piece>) -> Vocab {
    let mut vocabulary = Vocab::with_capacity(pieces.len());
    for (id, piece) in (0..).zip(pieces) {
        // Of two pieces alike the first counts.
        vocabulary.entry(piece.text).or_insert(id);
    }
    vocabulary
}

/// The merges of a vocabulary that has scores instead: every cut of a piece into two others, by score.
fn merges(file: &str, pieces: &[Piece]) -> Result<Merges> {
    let mergeable = |piece: &Piece| {
        matches!(
            piece.kind,
            TokenType::Normal | TokenType::UserDefined | TokenType::Unused
        )
    };
    let known: HashMap<&str, u32> = (0..)
        .zip(pieces)
        .filter(|(_, piece)| mergeable(piece))
        .map(|(id, piece)| (piece.text.as_str(), id))
        .collect();
    let mut found = Vec::new();
    for piece in pieces
        .iter()
        .filter(|piece| piece.kind == TokenType::Normal)
    {
        if piece.text.len() > LONGEST_PIECE {
            return Err(bad(
                file,
                format!("a piece of it has {} bytes", piece.text.len()),
            ));
        }
        for (cut, _) in piece.text.char_indices().skip(1) {
            let (left, right) = piece.text.split_at(cut);
            if let (Some(left), Some(right)) = (known.get(left), known.get(right)) {
                found.push((piece.score, *left, *right));
            }
        }
    }
    found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let text = |id: u32| pieces[id as usize].text.clone();
    Ok(found
        .into_iter()
        .map(|(_, left, right)| (text(left), text(right)))
        .collect())
}

/// Pieces that are found in a text before anything else.
fn added(pieces: &[Piece]) -> Vec<Value> {
    let special = |kind| matches!(kind, TokenType::Control | TokenType::Unknown);
    let is_added = |piece: &Piece| special(piece.kind) || piece.kind == TokenType::UserDefined;
    let pieces = pieces.iter().enumerate();
    let pieces = pieces.filter(|(_, piece)| is_added(piece) && !piece.text.is_empty());
    pieces
        .map(|(id, piece)| {
            json!({
                "id": id, "content": piece.text, "special": special(piece.kind),
                "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            })
        })
        .collect()
}

/// Puts the token `start` before every text.
fn beginning(pieces: &[Piece], start: Option<usize>) -> Value {
    let Some((id, piece)) = start.and_then(|id| Some((id, pieces.get(id)?))) else {
        return Value::Null;
    };
    let token = json!({"SpecialToken": {"id": piece.text, "type_id": 0}});
    json!({
        "type": "TemplateProcessing",
        "single": [token, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [token, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {piece.text.clone(): {"id": piece.text, "ids": [id], "tokens": [piece.text]}},
    })
}

/// The tokenizer of a GGUF file.
pub(super) fn of_gguf(file: &str, metadata: &Metadata) -> Result<Tokenizer> {
    check_keys(file, metadata)?;
    let get = |key: &str| metadata.get(&format!("tokenizer.ggml.{key}"));
    let pieces = pieces_of_gguf(file, &get)?;
    let flag = |key: &str, default| get(key).and_then(Value::as_bool).unwrap_or(default);
    let kind = get("model").and_then(Value::as_str).unwrap_or("(none)");
    let cut = word_cut(metadata);
    let start = start_of_gguf(file, &get, kind, cut, pieces.len())?;
    match kind {
        "llama" => {
            let spaces = Spaces {
                prefix: flag("add_space_prefix", true),
                merged: flag("remove_extra_whitespaces", false),
            };
            sentencepiece(file, pieces, spaces, start)
        }
        "gpt2" => {
            let pair = |merge: &Value| {
                let (left, right) = merge.as_str()?.split_once(' ')?;
                Some((left.to_owned(), right.to_owned()))
            };
            let merges: Option<Merges> = list(&get, "merges").iter().map(pair).collect();
            let merges = merges.ok_or_else(|| bad(file, "its merges are not pairs".into()))?;
            let surroundings = json!({
                "added_tokens": added(&pieces),
                "pre_tokenizer": pre_tokenizer(file, cut)?,
                "post_processor": beginning(&pieces, start),
                "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
            });
            let model = Bpe {
                vocab: vocabulary(pieces),
                merges,
                ignore_merges: Some(LLAMA3.contains(&cut)),
                ..Bpe::default()
            };
            Tokenizer::new(surroundings, model)
        }
        kind => Err(bad(
            file,
            format!("its tokenizer is of the kind {kind}; llama and gpt2 can be read"),
        )),
    }
}

/// Ways of cutting words that llama.cpp treats alike: as Llama 3, with a token at the beginning of each text unless the
/// file says otherwise, and with words that are tokens left whole (`llama-vocab.cpp`, as of 2026).
const LLAMA3: [&str; 7] = [
    "llama-bpe",
    "llama3",
    "llama-v3",
    "falcon3",
    "pixtral",
    "midm-2.0",
    "lfm2",
];

/// The way of cutting words; where the file names none, that of its architecture, if every model of it has the same.
fn word_cut(metadata: &Metadata) -> &str {
    let text = |key: &str| metadata.get(key).and_then(Value::as_str);
    match (text("tokenizer.ggml.pre"), text("general.architecture")) {
        (None | Some("default"), Some("gpt2" | "gptneox")) => "gpt-2",
        (None | Some("default"), Some("qwen2" | "qwen3")) => "qwen2",
        (named, _) => named.unwrap_or("default"),
    }
}

/// The token that begins every text, as llama.cpp has it; `None` where texts begin without one.
fn start_of_gguf<'m>(
    file: &str,
    get: &impl Fn(&str) -> Option<&'m Value>,
    kind: &str,
    cut: &str,
    tokens: usize,
) -> Result<Option<usize>> {
    const KEY: &str = "bos_token_id";
    let spm = kind == "llama";
    let flag = get("add_bos_token").and_then(Value::as_bool);
    if !flag.unwrap_or(spm || LLAMA3.contains(&cut)) {
        return Ok(None);
    }
    let id = match get(KEY) {
        Some(value) => value.as_u64(),
        None => spm.then_some(1),
    };
    let id = id.and_then(|id| usize::try_from(id).ok());
    match id.filter(|id| *id < tokens) {
        Some(id) => Ok(Some(id)),
        None => Err(bad(
            file,
            format!(
                "its texts begin with a token of their own, but tokenizer.ggml.{KEY} does not name one"
            ),
        )),
    }
}

/// Refuses what may change the tokens of a text and is not understood.
fn check_keys(file: &str, metadata: &Metadata) -> Result<()> {
    // What the last ones name never enters a text by itself; a separator stands only between pairs of texts.
    const KNOWN: [&str; 15] = [
        "model",
        "pre",
        "tokens",
        "token_type",
        "token_type_count",
        "scores",
        "merges",
        "add_bos_token",
        "add_space_prefix",
        "remove_extra_whitespaces",
        "add_sep_token",
        "prefix_token_id",
        "suffix_token_id",
        "middle_token_id",
        "eos_token_ids",
    ];
    for (key, value) in metadata {
        let Some(short) = key.strip_prefix("tokenizer.ggml.") else {
            continue;
        };
        let understood = match short {
            "add_eos_token" => value == &Value::Bool(false),
            short => KNOWN.contains(&short) || short.ends_with("_token_id"),
        };
        if !understood {
            return Err(super::gguf::refused(file, key, value));
        }
    }
    Ok(())
}

/// The chat template of a GGUF file and the tokens it may use, as `tokenizer_config.json` has them.
pub(super) fn template_of_gguf(metadata: &Metadata) -> Map<String, Value> {
    let token = |name: &str| {
        let id = metadata
            .get(&format!("tokenizer.ggml.{name}_id"))?
            .as_u64()?;
        let tokens = metadata.get("tokenizer.ggml.tokens")?.as_array()?;
        Some((
            name.to_owned(),
            tokens.get(usize::try_from(id).ok()?)?.clone(),
        ))
    };
    let template = metadata.get("tokenizer.chat_template").cloned();
    ["bos_token", "eos_token"]
        .into_iter()
        .filter_map(token)
        .chain(template.map(|template| ("chat_template".to_owned(), template)))
        .collect()
}

fn list<'m>(get: &impl Fn(&str) -> Option<&'m Value>, key: &str) -> &'m [Value] {
    get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn pieces_of_gguf<'m>(file: &str, get: &impl Fn(&str) -> Option<&'m Value>) -> Result<Vec<Piece>> {
    let [tokens, kinds, scores] = ["tokens", "token_type", "scores"].map(|key| list(get, key));
    let uneven = |list: &[Value]| !list.is_empty() && list.len() != tokens.len();
    if tokens.is_empty() || uneven(kinds) || uneven(scores) {
        return Err(bad(
            file,
            "its tokens, their types and scores are not as many".into(),
        ));
    }
    let piece = |(id, text): (usize, &Value)| {
        let kind = kinds.get(id).map_or(Some(1), Value::as_u64);
        #[expect(clippy::cast_possible_truncation, reason = "it was f32 in the file")]
        let score = scores.get(id).and_then(Value::as_f64).unwrap_or(0.0) as f32;
        Some(Piece {
            text: text.as_str()?.to_owned(),
            score,
            kind: TokenType::of(kind?)?,
        })
    };
    let pieces: Option<Vec<Piece>> = tokens.iter().enumerate().map(piece).collect();
    pieces.ok_or_else(|| {
        bad(
            file,
            "a token of it is not a text, or of an unknown type".into(),
        )
    })
}

/// How a text is cut into words, by the name that llama.cpp gives it.
fn pre_tokenizer(file: &str, name: &str) -> Result<Value> {
    let bytes = |use_regex| json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": use_regex});
    let split = |pattern| {
        json!({"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false},
            bytes(false),
        ]})
    };
    Ok(match name {
        "gpt-2" | "olmo" | "phi-2" => bytes(true),
        "smaug-bpe" | "dbrx" => split(TO_THREE_DIGITS),
        name if LLAMA3.contains(&name) => split(TO_THREE_DIGITS),
        "qwen2" | "deepseek-r1-qwen" | "megrez" | "stablelm2" => split(SINGLE_DIGITS),
        "smollm" | "starcoder" | "refact" | "command-r" => {
            json!({"type": "Sequence", "pretokenizers": [
                {"type": "Digits", "individual_digits": true},
                bytes(true),
            ]})
        }
        other => {
            return Err(bad(
                file,
                format!(
                    "its tokenizer cuts words as {other}, which is not known here; give a folder with this file and the \
                     tokenizer.json of the model"
                ),
            ));
        }
    })
}
