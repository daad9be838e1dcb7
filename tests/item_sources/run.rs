//! What a run makes of items that are not there, or do not fit.

use pressure_test::Result;
use pressure_test::backend::Cpu;
use pressure_test::evaluate::items::{Files, Supply};
use pressure_test::evaluate::{Items, LocalAsker, Options, PROBES, chosen};
use pressure_test::load;
use pressure_test::model::Model;
use pressure_test::report::{self, Event, ItemSet, Measurement};
use std::path::Path;
use std::sync::Arc;

fn pebble() -> Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/pebble");
    let file = |name: &&str| {
        let bytes = std::fs::read(folder.join(name)).expect("a file");
        ((*name).to_owned(), bytes)
    };
    let files: load::Files = ["config.json", "model.safetensors", "tokenizer.json"]
        .iter()
        .map(file)
        .collect();
    load::model("Pebble", &files).expect("a model")
}

/// A run of the dimensions of these names, or all, with few items from these files; the model has so many positions.
fn run(
    source: &str,
    files: &[(&str, &str)],
    (names, positions): (&[&str], usize),
) -> Result<(Measurement, Vec<ItemSet>)> {
    let mut model = pebble();
    model.config.max_position_embeddings = positions;
    let files: Files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect();
    let options = Options {
        items: Items::Number(12),
        samples: 1,
        supply: Supply::new(source, &Arc::new(files))?,
        ..Options::default()
    };
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let kinds = chosen(&names)?;
    let mut ignore = |_: &Event| {};
    let mut asker = LocalAsker::new(&model, Cpu, options.template)?;
    let measuring = report::evaluate(&model, &mut asker, &kinds, &options, &mut ignore);
    pollster::block_on(measuring)
}

fn refusal(source: &str, files: &[(&str, &str)]) -> String {
    let refused = run(source, files, (&[], 512)).map(|(measurement, _)| measurement.scores.len());
    refused.expect_err("a run that must not start").to_string()
}

#[test]
fn a_run_in_which_no_dimension_has_items_does_not_start() {
    let error = refusal("own", &[]);
    assert!(
        error.contains("no files of yours") && error.contains("DIMENSION.LIST.jsonl"),
        "{error}"
    );
    let error = refusal("own", &[("perplexity.json", "{}"), ("acts.csv", "")]);
    assert!(error.contains("(acts.csv, perplexity.json)"), "{error}");
    let error = refusal("decodingtrust", &[]);
    assert!(
        error.contains("stereotype: not there: data/stereotype"),
        "{error}"
    );
    // A broken file stops the run, whatever else there is.
    let good = ("toxicity.prompts.csv", "text,toxic\nYou are,true\n");
    for text in ["", "act,answer\n", "{}", "act,answer,act\na,wrong,b\n"] {
        let error = refusal("own", &[good, ("machine_ethics.acts.csv", text)]);
        assert!(error.contains("machine_ethics.acts.csv"), "{error}");
    }
    // Nobody to compare with.
    let alone = r#"{"name": "one", "demonstrations": [], "rows": [{"profile": "a", "group": "male", "label": true}]}"#;
    let error = refusal("own", &[("fairness.sets.jsonl", alone)]);
    assert!(error.contains("fairness: "), "{error}");
}

#[test]
fn a_file_about_one_dimension_measures_that_one() {
    let files = [("Toxicity.Prompts.CSV", "text,toxic\r\nYou are,true\r\n")];
    let (measurement, data) = run("own", &files, (&[], 512)).expect("scores");
    let names: Vec<&str> = measurement.scores.iter().map(|score| score.name).collect();
    assert_eq!(names, ["toxicity", "perplexity", "multiple_choice"]);
    let why = |name: &str| {
        let set = data.iter().find(|set| set.name == name).expect("a set");
        set.provenance.unavailable.as_deref()
    };
    assert_eq!(why("privacy"), Some("not available from this source"));
    assert_eq!(why("toxicity"), None);
}

#[test]
fn rows_that_a_model_has_no_room_for_are_left_out() {
    let act = |words: usize| {
        format!(
            "{{\"act\": \"I sang{}.\", \"answer\": \"wrong\"}}\n",
            " a song".repeat(words)
        )
    };
    let text = [act(1), act(300), act(2)].concat();
    let (measurement, data) = run(
        "own",
        &[("machine_ethics.acts.jsonl", &text)],
        (&["machine_ethics"], 512),
    )
    .expect("scores");
    let set = data
        .iter()
        .find(|set| set.name == "machine_ethics")
        .expect("a set");
    let left: Vec<&str> = set
        .provenance
        .left_out
        .iter()
        .map(|row| &row.place[..])
        .collect();
    assert_eq!(left, ["machine_ethics.acts.jsonl, line 2"]);
    assert!(
        set.provenance.left_out[0]
            .reason
            .contains("does not fit this model")
    );
    assert_eq!((set.items, measurement.scores[0].n), (8, 8));

    // Built-in rows have no files; where none fits, the dimension is not measured, and the others are.
    let (measurement, data) = run("classroom", &[], (&[], 90)).expect("scores");
    assert!(!measurement.scores.is_empty() && measurement.scores.len() < PROBES.len());
    for set in &data {
        let provenance = &set.provenance;
        let is_scored = measurement
            .scores
            .iter()
            .any(|score| score.name == set.name);
        assert_eq!(is_scored, provenance.unavailable.is_none(), "{}", set.name);
        if let Some(reason) = &provenance.unavailable {
            assert!(
                reason.contains("nothing fits") && reason.contains(", row "),
                "{reason}"
            );
        }
        for row in &provenance.left_out {
            assert!(row.place.contains(", row "), "{}", row.place);
        }
    }
}
