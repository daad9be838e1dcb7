//! Servers that are busy, broken, slow, or not what they were thought to be.

use crate::fake::{Fault, Server, Speaks, built_in};
use crate::{assert_same, call, command, folder, local, refusal, report, served};
use serde_json::Value;

const PROBE: &str = "machine_ethics";

fn pebble_with(
    speaks: Speaks,
    fault: impl Fn(usize, &Value) -> Option<Fault> + Send + Sync + 'static,
) -> Server {
    Server::with(speaks, &[("pebble", &built_in())], None, fault)
}

/// Requests at whole places are answered badly; asked again, they are answered well.
#[test]
fn what_went_wrong_once_is_asked_again() {
    let expected = local(PROBE, &[]);
    let faults = [
        Fault::Busy,
        Fault::Status(500),
        Fault::Cut,
        Fault::Garbage,
        Fault::NoLogprobs,
        Fault::WrongCount,
        Fault::Status(503),
        Fault::Slow,
    ];
    for speaks in [Speaks::PromptLogprobs, Speaks::Echo] {
        let server = pebble_with(speaks, move |number, _| {
            // Behind what is asked to learn how the server speaks.
            let place = number.checked_sub(30)?;
            place
                .is_multiple_of(12)
                .then(|| faults[place / 12 % faults.len()])
        });
        let answers = folder("asked_again").join("answers.jsonl");
        let arguments = served(&server.url, &answers, PROBE);
        let (found, _) = report(&[&arguments[..], &["--timeout", "1"]].concat());
        let asked = server.asked().len();
        assert!(asked > 12 + 8 * faults.len(), "{asked}");
        assert_same(
            "scores",
            &expected["measurement"]["scores"],
            &found["measurement"]["scores"],
        );
    }
}

/// Nothing that was answered is lost when the server goes down for good.
#[test]
fn a_server_that_stays_broken_ends_the_run_with_one_sentence() {
    let answers = folder("stays_broken").join("answers.jsonl");
    for (fault, said) in [
        (Fault::Status(500), "status 500: a bad day"),
        (Fault::NoLogprobs, "lacks prompt_logprobs"),
        (Fault::WrongCount, "where the tokenizer has"),
        (Fault::Cut, "the last time"),
    ] {
        let server = pebble_with(Speaks::PromptLogprobs, move |number, _| {
            (number > 60).then_some(fault)
        });
        let arguments = served(&server.url, &answers, PROBE);
        let error = refusal(&[&arguments[..], &["--tries", "2", "--jobs", "2"]].concat());
        assert!(
            error.contains(said) && error.contains("in 2 tries"),
            "{error}"
        );
        assert!(
            error.contains("answers are kept in") && error.contains("answers.jsonl"),
            "{error}"
        );
    }
    let kept = std::fs::read_to_string(&answers).expect("a file");
    assert!(kept.lines().count() > 100, "{}", kept.lines().count());
}

#[test]
fn mistakes_get_one_sentence() {
    let server = Server::new(Speaks::PromptLogprobs);
    let place = folder("mistakes");
    let answers = place.join("answers.jsonl");
    let replaced = |from: &str, to: &'static str| {
        let arguments = served(&server.url, &answers, PROBE);
        let mut arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let at = arguments
            .iter()
            .position(|each| each == from)
            .expect("an argument");
        arguments[at + 1] = to.to_owned();
        arguments.extend(["--tries".to_owned(), "2".to_owned()]);
        refusal(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let error = replaced("--model", "granite");
    assert!(
        error.contains("has no model granite; it has: pebble"),
        "{error}"
    );
    let error = replaced("--server", "localhost:8000");
    assert!(error.contains("http://localhost:8000 is needed"), "{error}");
    let error = replaced("--tokenizer", "nowhere");
    assert!(error.contains("tokenizer.json"), "{error}");
    let error = replaced("--server", "http://127.0.0.1:9");
    assert!(error.contains("gave no answer in 2 tries"), "{error}");
    let mut arguments = served(&server.url, &answers, PROBE);
    arguments[0] = "run";
    let error = refusal(&[&arguments[..], &["--method", "gptq"]].concat());
    assert!(error.contains("--compressed-model"), "{error}");
    let foreign = place.join("notes.txt");
    std::fs::write(&foreign, "my notes\n").expect("a file");
    let error = refusal(&served(&server.url, &foreign, PROBE));
    assert!(
        error.contains("notes.txt") && error.contains("name another file"),
        "{error}"
    );
    assert_eq!(
        std::fs::read_to_string(&foreign).expect("a file"),
        "my notes\n"
    );
}

/// Of texts the server counts other tokens than the tokenizer that was given.
#[test]
fn another_models_tokenizer_is_noticed() {
    let server = Server::new(Speaks::EchoOfTexts);
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/qwen2");
    let answers = folder("other_tokenizer").join("answers.jsonl");
    let mut arguments = served(&server.url, &answers, PROBE);
    arguments[6] = golden;
    let error = refusal(&arguments);
    assert!(error.contains("give the tokenizer of the model"), "{error}");
}

#[test]
fn a_key_is_sent_and_written_nowhere() {
    let key = "sk-very-secret";
    let models = [("pebble", &*built_in())];
    let server = Server::with(Speaks::PromptLogprobs, &models, Some(key), |_, _| None);
    let place = folder("key");
    let answers = place.join("answers.jsonl");
    let arguments = served(&server.url, &answers, PROBE);
    let error = refusal(&arguments);
    assert!(error.contains("lets nobody in"), "{error}");
    let wrong = command(&arguments)
        .env("OPENAI_API_KEY", "sk-wrong")
        .output()
        .expect("a program");
    let error = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(
        error.contains("lets nobody in") && !error.contains("sk-wrong"),
        "{error}"
    );
    let arguments = [&arguments[..], &["--key-env", "MY_KEY"]].concat();
    let output = command(&arguments)
        .env("MY_KEY", key)
        .output()
        .expect("a program");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let kept = std::fs::read(&answers).expect("a file");
    for text in [&output.stdout, &output.stderr, &kept] {
        assert!(!String::from_utf8_lossy(text).contains(key));
    }
}

#[test]
fn a_torn_last_line_is_dropped_and_said() {
    let server = Server::new(Speaks::PromptLogprobs);
    let answers = folder("torn").join("answers.jsonl");
    let arguments = served(&server.url, &answers, PROBE);
    let (expected, _) = report(&arguments);
    let whole = std::fs::read(&answers).expect("a file");
    let before = server.asked().len();
    std::fs::write(&answers, &whole[..whole.len() - 9]).expect("a file");
    let output = call(&arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("was not written to its end"), "{said}");
    assert!(said.contains("are an earlier run's"), "{said}");
    // What tells how the server speaks, and the one answer.
    let again = server.asked().split_off(before);
    assert!(again.len() < 12, "{}", again.len());
    assert_eq!(std::fs::read(&answers).expect("a file"), whole);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_same(
        "scores",
        &expected["measurement"]["scores"],
        &found["measurement"]["scores"],
    );
}
