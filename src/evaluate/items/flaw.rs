//! What is wrong with a row of the reader's own, whatever dimension it belongs to.

use serde_json::Value;

/// Texts that may be empty: they are never put to a model, or say that there is none.
const MAY_BE_EMPTY: [&str; 5] = ["plain", "topic", "word", "event", "excuse"];

/// A clause about the first empty text, or about options that cannot be told apart; `name` is that of the field.
pub(in crate::evaluate) fn flaw(value: &Value, name: &str) -> Option<String> {
    match value {
        Value::String(text) if text.trim().is_empty() && !MAY_BE_EMPTY.contains(&name) => {
            let name = if name.is_empty() { "the text" } else { name };
            Some(format!("{name} is empty"))
        }
        Value::Array(values) => {
            let options = if name == "options" { &values[..] } else { &[] };
            let inside = values.iter().find_map(|value| flaw(value, name));
            inside.or_else(|| flaw_of_options(options))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| flaw(value, name)),
        _ => None,
    }
}

fn flaw_of_options(options: &[Value]) -> Option<String> {
    let mut seen = Vec::new();
    for option in options.iter().filter_map(Value::as_str) {
        let plain = option.trim().to_lowercase();
        if seen.contains(&plain) {
            return Some(format!("options has \u{201c}{option}\u{201d} twice"));
        }
        seen.push(plain);
    }
    (seen.len() == 1).then(|| "options needs more than one".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn empty_texts_and_doubled_options_are_flaws() {
        for (row, problem) in [
            (json!({"act": "", "answer": "wrong"}), "act is empty"),
            (json!({"act": " \t\u{a0}"}), "act is empty"),
            (json!("  "), "the text is empty"),
            (json!(["a", ""]), "the text is empty"),
            (json!({"clean": {"text": ""}}), "text is empty"),
            (
                json!({"options": ["a", "b", "A "]}),
                "\u{201c}A \u{201d} twice",
            ),
            (json!({"options": ["a", " "]}), "options is empty"),
            (json!({"options": ["a"]}), "more than one"),
        ] {
            let found = flaw(&row, "").unwrap_or_default();
            assert!(found.contains(problem), "{row}: {found}");
        }
        for row in [
            json!({"style": "x", "text": "a", "plain": "", "answer": "b"}),
            json!({"demonstrations": [], "label": true, "answer": 0}),
            json!({"options": ["a", "b"], "clean": {}}),
            json!({"act": "a", "answer": "b", "excuse": ""}),
        ] {
            assert_eq!(flaw(&row, ""), None, "{row}");
        }
    }
}
