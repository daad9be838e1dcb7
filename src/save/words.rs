//! The names that llama.cpp gives to ways of cutting a text into words.

use crate::model::words::{SINGLE_DIGITS, TO_THREE_DIGITS};
use serde_json::Value;

/// The name of a pre-tokenizer of tokenizer.json; `None` where llama.cpp has none that is known here.
pub fn name(pre_tokenizer: &Value) -> Option<&'static str> {
    let steps = match pre_tokenizer["type"].as_str() {
        Some("Sequence") => pre_tokenizer["pretokenizers"].as_array()?.as_slice(),
        _ => std::slice::from_ref(pre_tokenizer),
    };
    let (last, first) = steps.split_last()?;
    if last["type"] != "ByteLevel" || last["add_prefix_space"] == true {
        return None;
    }
    // Absent is true.
    let cuts_words = last["use_regex"] != false;
    match first {
        [] => cuts_words.then_some("gpt-2"),
        [digits] if digits["type"] == "Digits" && digits["individual_digits"] == true => {
            cuts_words.then_some("smollm")
        }
        [split]
            if split["type"] == "Split"
                && split["behavior"] == "Isolated"
                && split["invert"] != true =>
        {
            let pattern = split["pattern"]["Regex"].as_str().filter(|_| !cuts_words)?;
            let known = [(TO_THREE_DIGITS, "llama-bpe"), (SINGLE_DIGITS, "qwen2")];
            known
                .into_iter()
                .find(|(known, _)| *known == pattern)
                .map(|(_, name)| name)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_way_of_cutting_words_that_is_not_known_has_no_name() {
        let bytes =
            |own: bool| json!({"type": "ByteLevel", "add_prefix_space": false, "use_regex": own});
        let split = |pattern: &str| {
            let split = json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false});
            json!({"type": "Sequence", "pretokenizers": [split, bytes(false)]})
        };
        let digits = json!({"type": "Digits", "individual_digits": true});
        for (json, expected) in [
            (bytes(true), Some("gpt-2")),
            (bytes(false), None),
            (split(TO_THREE_DIGITS), Some("llama-bpe")),
            (split(SINGLE_DIGITS), Some("qwen2")),
            // As GPT-4o, which has {1,3} too.
            (split(r"\p{N}{1,3}|[^\s]+"), None),
            (
                json!({"type": "Sequence", "pretokenizers": [digits, bytes(true)]}),
                Some("smollm"),
            ),
            (json!({"type": "Whitespace"}), None),
            (Value::Null, None),
        ] {
            assert_eq!(name(&json), expected, "{json}");
        }
    }
}
