//! Texts continued and as tokens, and what shells and manuals are told.

use crate::{folder, golden, json, refusal, said, text};
use serde_json::Value;

#[test]
fn a_text_is_shown_as_tokens() {
    let command = ["tokenize", "--model", "builtin", "--prompt", "The cat sat."];
    let found = json(&[&command[..], &["--json"]].concat());
    let tokens = found["tokens"].as_array().expect("a list");
    let lines = said(&command);
    assert_eq!(lines.lines().count(), tokens.len());
    let (id, entry) = lines
        .lines()
        .next()
        .and_then(|line| line.split_once('\t'))
        .expect("a line");
    assert_eq!(
        (
            Value::from(id.parse::<u64>().expect("a number")),
            Value::from(entry)
        ),
        (tokens[0].clone(), found["entries"][0].clone())
    );
    let generated = json(&[
        "generate",
        "--model",
        "builtin",
        "--prompt",
        "The cat sat.",
        "--max-tokens",
        "1",
        "--json",
    ]);
    assert_eq!(
        generated["tokens"], found["tokens"],
        "what the model is given"
    );
}

#[test]
fn a_message_goes_through_the_chat_template() {
    let folder = folder("chat");
    for name in ["config.json", "model.safetensors", "tokenizer.json"] {
        std::fs::copy(golden("llama_gqa").join(name), folder.join(name)).expect("a copy");
    }
    let template = r#"{"chat_template": "{% for message in messages %}[{{ message.role }}] {{ message.content }} {% endfor %}"}"#;
    std::fs::write(folder.join("tokenizer_config.json"), template).expect("a file");
    let command = [
        "tokenize",
        "--model",
        text(&folder),
        "--prompt",
        "Hello",
        "--json",
    ];
    let (plain, chat) = (json(&command), json(&[&command[..], &["--chat"]].concat()));
    let length = |found: &Value| found["tokens"].as_array().map_or(0, Vec::len);
    assert!(length(&chat) > length(&plain), "{chat}");
    let generate = [
        "generate",
        "--model",
        text(&folder),
        "--prompt",
        "Hello",
        "--max-tokens",
        "2",
        "--json",
        "--chat",
    ];
    assert_eq!(json(&generate)["tokens"], chat["tokens"]);
    let refused = refusal(&[
        "generate",
        "--model",
        text(&golden("llama_gqa")),
        "--prompt",
        "Hello",
        "--chat",
    ]);
    assert!(refused.contains("leave --chat out"), "{refused}");
}

#[test]
fn the_number_of_threads_changes_no_result() {
    let command = [
        "generate",
        "--model",
        "builtin",
        "--prompt",
        "The teacher said",
        "--max-tokens",
        "20",
        "--jobs",
    ];
    assert_eq!(
        said(&[&command[..], &["1"]].concat()),
        said(&[&command[..], &["3"]].concat())
    );
    assert!(crate::call(&[&command[..], &["0"]].concat()).status.code() == Some(2));
}

#[test]
fn shells_and_manuals_know_every_command() {
    let help = said(&["--help"]);
    assert!(help.contains("with 3 when all went well"), "{help}");
    let (bash, page) = (said(&["completions", "bash"]), said(&["man"]));
    for name in [
        "run", "evaluate", "compress", "tokenize", "generate", "recipe", "export",
    ] {
        assert!(
            bash.contains(name) && page.contains(name) && help.contains(name),
            "{name}"
        );
    }
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(
            said(&["completions", shell]).contains("pressure-test"),
            "{shell}"
        );
    }
    let run = said(&["man", "run"]);
    assert!(
        run.contains("calibration") && run.starts_with(".ie"),
        "{}",
        &run[..80]
    );
    assert!(refusal(&["man", "none"]).contains("--help"));
}
