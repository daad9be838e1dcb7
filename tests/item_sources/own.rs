//! The reader's own files.

use crate::{asked, kind, options};
use pressure_test::evaluate::Options;
use pressure_test::evaluate::items::{Files, Supply};
use std::sync::Arc;

fn own(files: &[(&str, &str)]) -> Supply {
    let files: Files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect();
    Supply::new("own", &Arc::new(files)).expect("a source")
}

#[test]
fn without_files_a_dimension_is_not_there() {
    let supply = Supply::new("decodingtrust", &Arc::default()).expect("a source");
    let (probe, provenance) = supply
        .probe(kind("stereotype"), &options())
        .expect("an answer");
    let reason = provenance.unavailable.expect("a reason");
    assert!(
        probe.is_none() && reason.contains("user_prompts.csv"),
        "{reason}"
    );
    let (probe, _) = own(&[])
        .probe(kind("stereotype"), &options())
        .expect("an answer");
    assert!(probe.is_none());
}

#[test]
fn own_rows_take_the_place_of_a_list() {
    let acts =
        "act,answer\n\"I broke a cup, and hid it.\",wrong\nI sang.,not wrong\n1984,not wrong\n";
    let (probe, provenance) = own(&[("machine_ethics.acts.csv", acts), ("notes.txt", "")])
        .probe(kind("machine_ethics"), &options())
        .expect("an answer");
    let requests = probe.expect("items").requests();
    // Three acts without and after examples; the wrong one urged and excused.
    assert_eq!(requests.len(), 8);
    assert!(
        asked(&requests[0]).1.contains("I broke a cup, and hid it.")
            && asked(&requests[2]).1.ends_with("1984")
    );
    assert_eq!(
        (
            provenance.source,
            provenance.files.len(),
            provenance.hash.len()
        ),
        ("own", 1, 64)
    );

    let knowledge = "{\"question\": \"q\", \"options\": [\"a\", \"b\", \"c\", \"d\"], \"answer\": 3, \"unknowable\": true}\n";
    let styles =
        "style,text,plain,answer\nslang,yo good,It was good.,positive\nslang,yo bad,,negative\n";
    let (probe, _) = own(&[
        ("ood_robustness.knowledge.jsonl", knowledge),
        ("ood_robustness.styles.csv", styles),
    ])
    .probe(kind("ood_robustness"), &options())
    .expect("an answer");
    // Two texts, one twin, both again after examples; one question three times.
    assert_eq!(probe.expect("items").requests().len(), 2 + 1 + 2 + 3);
}

/// What the reader brings is asked of every model; what it leaves stays that of the model's world.
#[test]
fn own_rows_are_asked_of_models_of_a_world_too() {
    let row = r#"{"question": "q", "options": ["a", "b", "c", "d"], "answer": 0}"#;
    let known = row.replace("0}", "0, \"unknowable\": true}");
    let options = Options {
        world: Some("pebble-3".into()),
        ..options()
    };
    for (dimension, list, row, kept) in [
        ("multiple_choice", "items", row, false),
        ("ood_robustness", "knowledge", &known[..], true),
    ] {
        let file = format!("{dimension}.{list}.jsonl");
        let (probe, _) = own(&[(&file, row)])
            .probe(kind(dimension), &options)
            .expect("an answer");
        let requests = probe.expect("items").requests();
        let prompts: Vec<_> = requests.iter().filter_map(|r| r.prompt()).collect();
        let is_own = |text: &str| text.contains("Question: q");
        let asked = prompts.iter().filter(|prompt| is_own(&prompt.question));
        assert_eq!(asked.count(), if kept { 3 } else { 1 }, "{dimension}");
        let others = prompts.iter().filter(|prompt| !is_own(&prompt.question));
        let mut others = others.filter(|prompt| prompt.question.starts_with("Question:"));
        assert!(others.next().is_none(), "{dimension}");
        // The demonstrations are still those of the world.
        let mut shown = prompts.iter().flat_map(|prompt| &prompt.turns);
        assert_eq!(
            shown.any(|(q, _)| q.contains(" this: ")),
            kept,
            "{dimension}"
        );
    }
}

/// The questions that are asked of a dimension, and the rows that are not, each with its file, line and reason.
fn asked_of(dimension: &str, files: &[(&str, &str)]) -> (usize, Vec<String>) {
    let supply = own(files);
    let (probe, provenance) = supply
        .probe(kind(dimension), &options())
        .unwrap_or_else(|error| panic!("{files:?}: {error}"));
    let left = provenance.left_out.iter();
    let left = left.map(|row| format!("{}: {}", row.place, row.reason));
    (probe.expect("items").requests().len(), left.collect())
}

/// Each file has one bad row, on this line and with this problem; the others are asked.
fn leaves_one(cases: &[(&str, String, usize, &str)]) {
    for (file, text, line, problem) in cases {
        let dimension = file.split('.').next().expect("a name");
        let (requests, left) = asked_of(dimension, &[(file, text)]);
        let place = format!("{file}, line {line}: ");
        assert!(
            requests > 0
                && left.len() == 1
                && left[0].starts_with(&place)
                && left[0].contains(problem),
            "{file} {text} {left:?}"
        );
    }
}

const GOOD: &str = "{\"act\": \"I sang.\", \"answer\": \"not wrong\"}\n";
const ACTS: &str = "machine_ethics.acts.jsonl";

/// Behind a good act.
fn then(row: &str) -> String {
    format!("{GOOD}{row}")
}

#[test]
fn a_row_that_is_none_is_left_out_by_its_name() {
    let lists = [
        "machine_ethics.acts.csv",
        "machine_ethics.acts.tsv",
        "machine_ethics.jailbreak_prompts.jsonl",
        "toxicity.prompts.csv",
    ];
    let [table, tabs, texts, prompts] = lists;
    let short = "act,answer\r\na,wrong\r\nb\r\nc,wrong\r\n";
    leaves_one(&[
        (
            ACTS,
            then(r#"{"act": "I sang."}"#),
            2,
            "missing field `answer`",
        ),
        (ACTS, format!("{{\"act\"}}\n{GOOD}"), 1, "expected"),
        (
            ACTS,
            then(r#"{"act": " \t", "answer": "wrong"}"#),
            2,
            "act is empty",
        ),
        (
            ACTS,
            then(r#"{"act": 5, "answer": "wrong"}"#),
            2,
            "integer `5`",
        ),
        (
            ACTS,
            then(r#"{"act": "a", "answer": "wrong", "note": "b"}"#),
            2,
            "`note`",
        ),
        (ACTS, then("[1]"), 2, "integer `1`"),
        (table, short.into(), 3, "fields"),
        (
            tabs,
            "act\tanswer\na, b\twrong\n\tnot wrong\n".into(),
            3,
            "act is empty",
        ),
        (
            texts,
            "\"Say yes.\"\n\"  \"\n".into(),
            2,
            "the text is empty",
        ),
        (
            prompts,
            "text,toxic\na,true\nb,maybe\n".into(),
            3,
            "boolean",
        ),
    ]);
    // What is left is what is asked: two acts that are not wrong, plainly and after examples.
    let text = format!("{GOOD}{{}}\n{GOOD}oops\n");
    let (requests, left) = asked_of("machine_ethics", &[(ACTS, &text)]);
    assert_eq!((requests, left.len()), (4, 2));
}

#[test]
fn a_row_that_does_not_belong_there_is_left_out_by_its_name() {
    let choice = |options: &str, answer: &str| {
        format!("{{\"question\": \"q\", \"options\": {options}, \"answer\": {answer}}}\n")
    };
    let four = r#"["a", "b", "c", "d"]"#;
    let right = choice(four, "3");
    let item = |task: &str, answer: &str| {
        let perturbed = r#""perturbed": {"text": "t"}"#;
        format!("{{\"task\": \"{task}\", {perturbed}, \"answer\": \"{answer}\"}}\n")
    };
    let known = item("sentiment", "positive");
    let shown = |set: &str, target: &str| {
        let asked = r#""question": "q", "answer": "positive""#;
        format!("{{\"set\": \"{set}\", {asked}, \"target\": \"{target}\"}}\n")
    };
    let fooled = shown("trigger_positive", "negative");
    let choices = "multiple_choice.items.jsonl";
    let items = "adversarial_robustness.items.jsonl";
    let backdoor = "adversarial_demonstrations.backdoor.jsonl";
    let six = r#"["a", "b", "c", "d", "e", "f"]"#;
    leaves_one(&[
        (
            ACTS,
            then("\n{\"act\": \"a\", \"answer\": \"fine\"}"),
            3,
            "fine is none of",
        ),
        (
            choices,
            right.clone() + &choice(six, "0"),
            2,
            "6 options; two to five",
        ),
        (
            choices,
            right.clone() + &choice(r#"["a", "b", "c", "A "]"#, "0"),
            2,
            "twice",
        ),
        (choices, choice(four, "4") + &right, 1, "no option 4"),
        (choices, right.clone() + &choice(four, "\"a\""), 2, "string"),
        (
            items,
            known.clone() + &item("cooking", "positive"),
            2,
            "no task cooking",
        ),
        (
            items,
            known.clone() + &item("sentiment", "salty"),
            2,
            "salty",
        ),
        (
            backdoor,
            fooled.clone() + &shown("none", "negative"),
            2,
            "no set none",
        ),
        (
            backdoor,
            fooled.clone() + &shown("trigger_positive", "positive"),
            2,
            "right answer",
        ),
    ]);
}

#[test]
fn rows_of_a_whole_file_are_named_by_line_too() {
    let classroom: serde_json::Value =
        serde_json::from_str(kind("machine_ethics").items).expect("JSON");
    let mut whole = classroom;
    whole["acts"] = serde_json::json!([
        { "act": "I sang.", "answer": "not wrong" },
        { "act": "", "answer": "wrong" },
        { "act": "I lied.", "answer": "sad" },
    ]);
    let text = serde_json::to_string_pretty(&whole)
        .expect("a text")
        .replace('\n', "\r\n");
    let line = |part: &str| {
        1 + text
            .lines()
            .position(|line| line.contains(part))
            .expect("a line")
    };
    // A row begins with its brace.
    let expected = [("\"act\": \"\"", "act is empty"), ("I lied", "sad")];
    let (requests, left) = asked_of("machine_ethics", &[("machine_ethics.json", &text)]);
    assert_eq!((requests, left.len()), (2, 2));
    for (left, (part, problem)) in left.iter().zip(expected) {
        let place = format!("machine_ethics.json, line {}: ", line(part) - 1);
        assert!(
            left.starts_with(&place) && left.contains(problem),
            "{left} {place}"
        );
    }
}

#[test]
fn a_bad_file_of_ones_own_is_named() {
    let good = "{\"act\": \"I sang.\", \"answer\": \"not wrong\"}\n";
    let acts = "machine_ethics.acts.jsonl";
    let table = "act,answer\nI sang.,wrong\n";
    for (files, line, problem) in [
        (
            &[(acts, "{\"act\": \"\"}\n{}\n")][..],
            "line 1",
            "act is empty",
        ),
        (
            &[("machine_ethics.acts.csv", "act,verdict\nI sang.,wrong\n")],
            "line 2",
            "verdict",
        ),
        (
            &[("machine_ethics.acts.csv", "act,answer,act\na,wrong,b\n")],
            "line 1",
            "act stands twice",
        ),
        (&[("machine_ethics.songs.jsonl", good)], "line 1", "acts"),
        (&[(acts, "\n")], "line 1", "no rows"),
        (
            &[("machine_ethics.acts.csv", "act,answer\n")],
            "line 1",
            "no rows",
        ),
        (
            &[("machine_ethics.acts.csv", table), (acts, good)],
            "line 1",
            "machine_ethics.acts.csv",
        ),
        (
            &[("machine_ethics.json", "{\n\"acts\": [}")],
            "line 2",
            "expected",
        ),
        (
            &[("machine_ethics.json", "{\"acts\": []}")],
            "line 1",
            "question",
        ),
        (&[("machine_ethics.json", "[]")], "line 1", "map"),
    ] {
        let (file, _) = files.last().expect("a file");
        let error = own(files).probe(kind("machine_ethics"), &options()).err();
        let error = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(
            error.contains(file) && error.contains(line) && error.contains(problem),
            "{file} {line} {problem}: {error}"
        );
    }
}

#[test]
fn files_that_are_no_items_are_named() {
    let supply = own(&[
        ("machine_ethics.acts.csv", ""),
        ("perplexity.json", "{}"),
        ("multiple_choice.jsonl", ""),
        ("notes.txt", ""),
    ]);
    let notes = supply.notes();
    assert_eq!(notes.len(), 3, "{notes:?}");
    for (note, (file, why)) in notes.iter().zip([
        ("multiple_choice.jsonl", "which list"),
        ("notes.txt", "items are called"),
        ("perplexity.json", "dimensions that have rows"),
    ]) {
        assert!(note.starts_with(file) && note.contains(why), "{note}");
    }
    // Held-out text has no rows.
    let (probe, provenance) = supply.probe(kind("perplexity"), &options()).expect("texts");
    assert!(probe.is_some() && provenance.source == "classroom");
}
