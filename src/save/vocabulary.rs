//! The tokenizer of a model as GGUF has it.

use super::gguf_file::{NAME, Value, number, text};
use super::{failed, unsaveable, words};
use crate::error::Result;
use crate::model::Model;
use serde_json::Value as Json;
use std::collections::HashMap;

/// The tokenizer as llama.cpp has it: byte-level BPE as `gpt2`, BPE that falls back to bytes as `llama`.
pub fn tokenizer(model: &Model) -> Result<Vec<(String, Value)>> {
    let json: Json = serde_json::from_slice(&model.tokenizer.json()?)
        .map_err(|error| failed("model.gguf", &error))?;
    let bpe = &json["model"];
    if bpe["type"] != "BPE" {
        let problem = format!("only BPE can be; it is {}", bpe["type"]);
        return Err(unsaveable("the tokenizer", NAME, problem));
    }
    let bytes = bpe["byte_fallback"] == Json::Bool(true);
    let tokens = Tokens::new(&json, model.config.vocab_size);
    let cut = if bytes {
        Some("default")
    } else {
        words::name(&json["pre_tokenizer"])
    };
    let cut = cut.ok_or_else(|| {
        unsaveable(
            "the tokenizer",
            NAME,
            "it cuts texts into words in a way for which llama.cpp has no name that is known here",
        )
    })?;
    let mut metadata = vec![
        text("tokenizer.ggml.model", if bytes { "llama" } else { "gpt2" }),
        text("tokenizer.ggml.pre", cut),
        ("tokenizer.ggml.tokens".into(), Value::Texts(tokens.texts)),
        (
            "tokenizer.ggml.token_type".into(),
            Value::I32s(tokens.kinds),
        ),
    ];
    let merges = bpe["merges"].as_array().map_or(&[][..], Vec::as_slice);
    let merges = merges.iter().filter_map(pair);
    metadata.push(if bytes {
        let scores = scores(&tokens.numbers, merges, model.config.vocab_size);
        ("tokenizer.ggml.scores".into(), Value::F32s(scores))
    } else {
        let merges = merges.map(|[left, right]| format!("{left} {right}"));
        (
            "tokenizer.ggml.merges".into(),
            Value::Texts(merges.collect()),
        )
    });
    let start = model.tokenizer.encode("")?;
    let first = start.first().map(|id| *id as usize);
    let spoken = spoken(model, "bos_token").map(|id| id as usize);
    if let (Some(first), Some(spoken)) = (first, spoken)
        && first != spoken
    {
        let problem =
            "its texts begin with another token than its chats, and there is a place for one";
        return Err(unsaveable("the tokenizer", NAME, problem));
    }
    let named = model.remarks.bos_token_id.map(|id| id as usize);
    if let Some(id) = first.or(spoken).or(named) {
        metadata.push(number("tokenizer.ggml.bos_token_id", id)?);
    }
    metadata.extend(ends(model)?);
    metadata.push((
        "tokenizer.ggml.add_bos_token".into(),
        Value::Bool(first.is_some()),
    ));
    if bytes {
        let (prefix, single) = spaces(&json);
        metadata.push((
            "tokenizer.ggml.add_space_prefix".into(),
            Value::Bool(prefix),
        ));
        metadata.push((
            "tokenizer.ggml.remove_extra_whitespaces".into(),
            Value::Bool(single),
        ));
    }
    Ok(metadata)
}

/// A token of the chat template, by the name that it has there.
fn spoken(model: &Model, name: &str) -> Option<u32> {
    let fields = model.chat_template.as_ref()?.fields();
    model.tokenizer.token_id(fields.get(name)?.as_str()?)
}

/// The ends of text: GGUF has a place for one of a text, one of a turn and one of a message.
fn ends(model: &Model) -> Result<Vec<(String, Value)>> {
    const TURNS: [&str; 4] = ["<|eot_id|>", "<|im_end|>", "<end_of_turn>", "<|end|>"];
    const MESSAGES: [&str; 1] = ["<|eom_id|>"];
    const PLACES: [&str; 3] = ["eos", "eot", "eom"];
    let mut ends = model.config.eos_token_ids.clone();
    if ends.len() > PLACES.len() {
        let problem = format!(
            "{} of its tokens end a text, and there is a place for {}",
            ends.len(),
            PLACES.len()
        );
        return Err(unsaveable("the tokenizer", NAME, problem));
    }
    let spoken = spoken(model, "eos_token");
    ends.sort_by_key(|end| {
        let token = model.tokenizer.token(*end).unwrap_or_default();
        let is = |known: &[&str]| known.contains(&token.as_str());
        let rank = 2 * usize::from(is(&MESSAGES)) + usize::from(is(&TURNS));
        (spoken != Some(*end), rank)
    });
    let places = PLACES.iter().zip(ends);
    places
        .map(|(place, end)| number(&format!("tokenizer.ggml.{place}_token_id"), end as usize))
        .collect()
}

/// A merge, written as a list or as a text with a space.
fn pair(merge: &Json) -> Option<[&str; 2]> {
    match merge {
        Json::Array(pair) => Some([pair.first()?.as_str()?, pair.get(1)?.as_str()?]),
        other => other.as_str()?.split_once(' ').map(<[&str; 2]>::from),
    }
}

/// `SentencePiece` has scores instead of merges: the earlier the merge that makes a token, the higher.
fn scores<'t>(
    numbers: &HashMap<String, usize>,
    merges: impl Iterator<Item = [&'t str; 2]>,
    vocab_size: usize,
) -> Vec<f32> {
    let mut ranks = vec![None; vocab_size];
    let mut last = 0;
    for (rank, [left, right]) in merges.enumerate() {
        let made = numbers.get(&format!("{left}{right}"));
        if let Some(place) = made.and_then(|made| ranks.get_mut(*made)) {
            place.get_or_insert(rank);
        }
        last = rank + 1;
    }
    ranks
        .into_iter()
        .map(|rank| -(rank.unwrap_or(last) as f32))
        .collect()
}

struct Tokens {
    texts: Vec<String>,
    kinds: Vec<i32>,
    numbers: HashMap<String, usize>,
}

impl Tokens {
    /// The token of every row of the embedding; rows without one get a name of their own.
    fn new(json: &Json, vocab_size: usize) -> Self {
        const NORMAL: i32 = 1;
        const CONTROL: i32 = 3;
        const USER_DEFINED: i32 = 4;
        const UNUSED: i32 = 5;
        const BYTE: i32 = 6;
        let mut tokens: Vec<(String, i32)> = (0..vocab_size)
            .map(|i| (format!("[PAD{i}]"), UNUSED))
            .collect();
        let mut name = |id: &Json, token: &str, kind: i32| {
            let place = id.as_u64().and_then(|id| usize::try_from(id).ok());
            if let Some(place) = place.and_then(|place| tokens.get_mut(place)) {
                *place = (token.to_owned(), kind);
            }
        };
        let bytes = json["model"]["byte_fallback"] == Json::Bool(true);
        for (token, id) in json["model"]["vocab"].as_object().into_iter().flatten() {
            let is_byte = bytes && token.len() == 6 && token.starts_with("<0x");
            name(id, token, if is_byte { BYTE } else { NORMAL });
        }
        for added in json["added_tokens"].as_array().into_iter().flatten() {
            let special = added["special"] == Json::Bool(true);
            let token = added["content"].as_str().unwrap_or_default();
            name(
                &added["id"],
                token,
                if special { CONTROL } else { USER_DEFINED },
            );
        }
        let numbers = tokens
            .iter()
            .enumerate()
            .map(|(i, (token, _))| (token.clone(), i));
        let numbers = numbers.collect();
        let (texts, kinds) = tokens.into_iter().unzip();
        Self {
            texts,
            kinds,
            numbers,
        }
    }
}

/// Whether a `SentencePiece` tokenizer puts a space before a text, and whether it makes one of several.
fn spaces(json: &Json) -> (bool, bool) {
    let described = format!("{}{}", json["normalizer"], json["pre_tokenizer"]);
    let has = |part: &str| described.contains(part);
    let prefixed = [
        "\"Prepend\"",
        "\"always\"",
        "\"first\"",
        "\"add_prefix_space\":true",
    ];
    (prefixed.into_iter().any(has), has("{2,}"))
}
