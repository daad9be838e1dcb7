//! What a server answers makes the scores that the local engine makes.

use crate::fake::{Server, Speaks, built_in};
use crate::{PROBES, assert_same, folder, local, report, served};
use serde_json::Value;

fn scores(report: &Value) -> Vec<Value> {
    let scores = report["measurement"]["scores"].as_array();
    scores.expect("scores").clone()
}

#[test]
fn likelihoods_of_both_dialects_are_the_local_engines() {
    let expected = local(PROBES, &[]);
    for (speaks, likelihoods, prompts) in [
        (Speaks::PromptLogprobs, "prompt_logprobs", "tokens"),
        (Speaks::Echo, "echo", "tokens"),
    ] {
        let server = Server::new(speaks);
        let answers = folder("both_dialects").join("answers.jsonl");
        let (found, _) = report(&served(&server.url, &answers, PROBES));
        let model = &found["model"];
        assert_eq!(
            (&model["likelihoods"], &model["prompts"]),
            (&likelihoods.into(), &prompts.into())
        );
        assert_eq!(model["name"], "pebble");
        assert_eq!(found["measurement"]["size"], Value::Null);
        assert_same(
            "scores",
            &expected["measurement"]["scores"],
            &found["measurement"]["scores"],
        );
        assert_eq!(expected["data"], found["data"]);
    }
}

/// As llama-cpp-python: of the token behind the first one nothing is said, which only held-out text needs.
#[test]
fn a_server_of_texts_without_a_first_token_gives_the_same_answers() {
    let probes = "machine_ethics,perplexity";
    let expected = local(probes, &[]);
    let server = Server::new(Speaks::EchoOfTexts);
    let answers = folder("texts").join("answers.jsonl");
    let (found, said) = report(&served(&server.url, &answers, probes));
    assert_eq!(found["model"]["prompts"], "text");
    assert!(
        said.contains("no log-probability of the first token"),
        "{said}"
    );
    let [expected, found] = [expected, found].map(|report| scores(&report));
    assert_same("ethics", &expected[0], &found[0]);
    let scored = |score: &Value| {
        score["items"][0]["tokens"]["scored"]
            .as_u64()
            .expect("a number")
    };
    assert_eq!(scored(&found[1]) + 1, scored(&expected[1]));
    let [expected, found] =
        [&expected[1], &found[1]].map(|score| score["value"].as_f64().expect("a number"));
    assert!(
        (expected - found).abs() / expected < 0.1,
        "{expected} {found}"
    );
}

#[test]
fn where_nothing_is_said_of_likelihoods_everything_is_asked_by_writing() {
    let probes = "machine_ethics,toxicity,privacy,perplexity";
    let expected = local("machine_ethics", &["--ask", "generate"]);
    for speaks in [Speaks::Nothing, Speaks::EchoShifted] {
        let server = Server::new(speaks);
        let answers = folder("writing").join("answers.jsonl");
        let (found, said) = report(&served(&server.url, &answers, probes));
        assert_eq!(found["model"]["likelihoods"], "none");
        assert!(said.contains("everything is asked by writing"), "{said}");
        let shifted = said.contains("when it is read");
        assert_eq!(shifted, speaks == Speaks::EchoShifted, "{said}");
        let all = scores(&found);
        let names: Vec<&Value> = all.iter().map(|score| &score["name"]).collect();
        assert_eq!(names, ["privacy", "toxicity", "machine_ethics"]);
        assert!(all.iter().all(|score| score["ask"] == "generate"));
        assert_same("ethics", &scores(&expected)[0], &all[2]);
        let texts = all[1]["items"].as_array().expect("items").iter();
        let mut texts = texts.flat_map(|item| item["samples"].as_array().expect("samples"));
        assert!(texts.all(|text| text["tokens"].is_null() && text["surprise"].is_null()));
        let why = &found["data"].as_array().expect("sets")[3]["unavailable"];
        assert!(
            why.as_str().is_some_and(|why| why.contains("how likely")),
            "{why}"
        );
    }
}

/// Draws are the server's own: as many as were asked for, each by a seed of its own, the same again in another run.
#[test]
fn texts_are_drawn_by_seeds() {
    let server = Server::new(Speaks::PromptLogprobs);
    let drawn = |name: &str| {
        let answers = folder(name).join("answers.jsonl");
        let arguments = served(&server.url, &answers, "toxicity");
        let found = report(&[&arguments[..], &["--samples", "3"]].concat()).0;
        let items = scores(&found)[0]["items"]
            .as_array()
            .expect("items")
            .clone();
        let texts = items.iter().map(|item| {
            let samples = item["samples"].as_array().expect("samples");
            assert!(
                samples
                    .iter()
                    .all(|text| text["surprise"].is_f64() || text["tokens"] == 0)
            );
            samples
                .iter()
                .map(|text| text["text"].to_string())
                .collect::<Vec<_>>()
        });
        texts.collect::<Vec<_>>()
    };
    let (one, other) = (drawn("drawn_one"), drawn("drawn_other"));
    assert_eq!(one, other);
    assert!(one.iter().all(|texts| texts.len() == 3));
    let distinct = one
        .iter()
        .filter(|texts| texts[0] != texts[1] && texts[1] != texts[2]);
    assert!(distinct.count() > one.len() / 2);
    let bodies = server
        .asked()
        .into_iter()
        .filter(|body| body["temperature"] == 1);
    assert!(
        bodies
            .clone()
            .all(|body| body["top_k"] == 2048 && body["top_p"] == 1 && body["stop"][0] == "\n")
    );
    // By either name: llama-cpp-python has a penalty of its own otherwise.
    assert!(
        bodies
            .clone()
            .all(|body| body["repeat_penalty"] == 1 && body["repetition_penalty"] == 1)
    );
    assert!(bodies.count() > 0);
}

#[test]
fn two_served_models_are_compared_in_one_report() {
    let place = folder("two");
    let pruned = place.join("pruned");
    let arguments = [
        "compress",
        "--model",
        "builtin",
        "--method",
        "magnitude",
        "--sparsity",
        "0.7",
        "--format",
        "safetensors",
        "--out",
    ];
    let output = crate::call(&[&arguments[..], &[pruned.to_str().expect("a path")]].concat());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let models = [("pebble", &*built_in()), ("pruned", &*pruned)];
    let server = Server::with(Speaks::PromptLogprobs, &models, None, |_, _| None);
    let answers = place.join("answers.jsonl");
    let mut arguments = served(&server.url, &answers, "machine_ethics,perplexity,toxicity");
    arguments[0] = "run";
    arguments.extend(["--compressed-model", "pruned", "--samples", "2"]);
    let (found, said) = report(&arguments);
    assert!(
        said.contains("Neither model was compressed by this program"),
        "{said}"
    );
    assert_eq!(
        (&found["version"], &found["complete"]),
        (&2.into(), &true.into())
    );
    // What the page takes up of a report.
    assert_eq!(found["model"]["name"], "pebble");
    assert!(found["recipe"]["method"].is_string());
    assert_eq!(found["compressed"]["name"], "pruned");
    for absent in ["calibration", "compression", "spread"] {
        assert!(found.get(absent).is_none(), "{absent}");
    }
    let local = crate::local("machine_ethics,perplexity", &[]);
    let expected = scores(&local);
    for (expected, found) in expected
        .iter()
        .zip([1, 2].map(|at| &found["before"]["scores"][at]))
    {
        assert_same("before", expected, found);
    }
    let comparisons = found["comparisons"].as_array().expect("comparisons");
    assert_eq!(comparisons.len(), 3);
    let perplexity = comparisons
        .iter()
        .find(|each| each["name"] == "perplexity")
        .expect("a comparison");
    assert_eq!(perplexity["verdict"]["word"], "worse", "{perplexity}");
    recompute(&found, &place.join("report.json"));
}

/// Every figure is what its items say.
#[cfg(python)]
fn recompute(report: &Value, path: &std::path::Path) {
    std::fs::write(path, report.to_string()).expect("a file");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/recompute");
    let output = std::process::Command::new("python3")
        .args([script.as_ref(), path])
        .output();
    let output = output.expect("python3");
    let said =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(output.status.success(), "{}", said.concat());
}

#[cfg(not(python))]
fn recompute(_: &Value, _: &std::path::Path) {}
