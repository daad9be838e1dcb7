//! A run that is killed again and again: no answer is lost, and none is asked for twice.

use crate::fake::{Fault, Server, Speaks, built_in, model};
use crate::{assert_same, command, folder, local, report, served};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

const KILLS: usize = 100;
const JOBS: usize = 3;
/// What is asked to learn how a server speaks begins so.
const BEGINNINGS: [&str; 4] = [
    "The dog is in the house. The cat is in the",
    "One, two, three,",
    "Once upon a time there was",
    "In the morning the children",
];

/// The keys of the answers that are whole.
fn kept(answers: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(answers).unwrap_or_default();
    let whole = text
        .split_inclusive('\n')
        .skip(1)
        .filter(|line| line.ends_with('\n'));
    whole
        .map(|line| serde_json::from_str::<Value>(line).expect("a line")["key"].to_string())
        .collect()
}

#[test]
fn a_run_that_is_killed_a_hundred_times_comes_to_the_same_scores() {
    let tokenizer = model(&built_in()).tokenizer;
    let beginnings = BEGINNINGS.map(|text| tokenizer.encode(text).expect("tokens"));
    let is_probing = move |body: &Value| {
        let tokens: Vec<u32> = serde_json::from_value(body["prompt"].clone()).expect("tokens");
        beginnings
            .iter()
            .any(|beginning| tokens.starts_with(beginning))
    };
    // Which request of a process is its last.
    let (count, last) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(usize::MAX)),
    );
    let (sender, fatal) = mpsc::channel();
    let server = {
        let (count, last, is_probing) = (Arc::clone(&count), Arc::clone(&last), is_probing.clone());
        let sender = std::sync::Mutex::new(sender);
        let models = [("pebble", &*built_in())];
        Server::with(Speaks::PromptLogprobs, &models, None, move |_, body| {
            if !is_probing(body)
                && count.fetch_add(1, Ordering::SeqCst) + 1 == last.load(Ordering::SeqCst)
            {
                sender.lock().expect("a channel").send(()).expect("a test");
            }
            None::<Fault>
        })
    };
    let answers = folder("kills").join("answers.jsonl");
    let jobs = JOBS.to_string();
    let arguments = served(&server.url, &answers, "machine_ethics");
    let arguments = [&arguments[..], &["--jobs", &jobs]].concat();
    let mut random = ChaCha8Rng::seed_from_u64(20);
    let mut before = 0;
    for kill in 0..KILLS {
        count.store(0, Ordering::SeqCst);
        last.store(1 + random.next_u32() as usize % 4, Ordering::SeqCst);
        let mut running = command(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a program");
        let waited = fatal.recv_timeout(std::time::Duration::from_mins(1));
        assert!(waited.is_ok(), "kill {kill}: all was answered already");
        std::thread::sleep(std::time::Duration::from_micros(
            (random.next_u32() % 8000).into(),
        ));
        running.kill().expect("a kill");
        running.wait().expect("an end");
        // What it had sent, and nobody had read, is not what the next one asks.
        server.rest();
        let now = kept(&answers).len();
        let asked = count.load(Ordering::SeqCst);
        // Of what this process asked, all is kept but what was under way.
        assert!(
            asked <= now - before + JOBS,
            "kill {kill}: {asked} asked, {before} then {now} kept"
        );
        before = now;
    }
    count.store(0, Ordering::SeqCst);
    last.store(usize::MAX, Ordering::SeqCst);
    let (found, _) = report(&arguments);
    let keys = kept(&answers);
    assert_eq!(
        count.load(Ordering::SeqCst),
        keys.len() - before,
        "only what was missing is asked"
    );
    assert_eq!(
        keys.iter().collect::<BTreeSet<_>>().len(),
        keys.len(),
        "an answer twice"
    );
    let expected = local("machine_ethics", &[]);
    assert_same(
        "scores",
        &expected["measurement"]["scores"],
        &found["measurement"]["scores"],
    );
}
