//! Calibrated asking, the frames that ability is told in, and what items carry.

use crate::probes::{answers, probes};
use pressure_test::evaluate::Rows as _;
use pressure_test::evaluate::{
    Ask, Item, Items, Key, Options, PROBES, Probe, ProbeKind, Prompt, Request, Response, Role,
    Score, machine_ethics,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A probe that calibrates.
pub struct Asked {
    pub kind: &'static ProbeKind,
    pub probe: Box<dyn Probe>,
    /// What it asks about its items.
    items: Vec<Request>,
    /// What it asks for priors.
    priors: Vec<Request>,
}

pub fn asked() -> Vec<Asked> {
    let likelihood = probes(Ask::Likelihood).into_iter();
    let counts: Vec<usize> = likelihood
        .map(|(_, probe)| probe.requests().len())
        .collect();
    let calibrated = probes(Ask::Calibrated).into_iter().zip(counts);
    calibrated
        .map(|((kind, probe), count)| {
            let mut items = probe.requests();
            let priors = items.split_off(count);
            Asked {
                kind,
                probe,
                items,
                priors,
            }
        })
        .collect()
}

fn prompt(request: &Request) -> &Prompt {
    request.prompt().expect("a prompt")
}

fn chosen(raw: &[f64], spelled: &[f64]) -> Response {
    Response::Choose {
        raw: raw.to_vec(),
        spelled: spelled.to_vec(),
    }
}

pub fn close(value: f64, expected: f64) {
    assert!((value - expected).abs() < 1e-9, "{value} {expected}");
}

/// How many different lists of options the questions about the world have.
fn lists_of_options(name: &str) -> usize {
    let kind = PROBES.iter().find(|kind| kind.name == name).expect("it");
    let items: serde_json::Value = serde_json::from_str(kind.items).expect("JSON");
    let rows = items["world"]["knowledge"].as_array().expect("rows");
    let lists: BTreeSet<String> = rows.iter().map(|row| row["options"].to_string()).collect();
    lists.len()
}

#[test]
fn a_prior_is_asked_in_the_plain_frame_and_once_for_all_sub_tasks() {
    let expected = [
        ("stereotype", 3),
        // Both answers, and each pair of secrets.
        ("privacy", 3 + 60 + 38),
        ("toxicity", 0),
        ("fairness", 3),
        ("adversarial_robustness", 9),
        // Both feelings, and the options of each question.
        ("ood_robustness", 3 + lists_of_options("ood_robustness")),
        ("adversarial_demonstrations", 3),
        ("machine_ethics", 3),
        ("perplexity", 0),
        ("multiple_choice", 0),
    ];
    for (asked, (name, count)) in asked().into_iter().zip(expected) {
        let Asked {
            kind,
            mut probe,
            items,
            priors,
        } = asked;
        assert_eq!(kind.name, name);
        assert_eq!(priors.len(), count, "{name}");
        for request in &priors {
            assert!(matches!(
                request,
                Request::Choose {
                    spellings: true,
                    ..
                }
            ));
            let prompt = prompt(request);
            let benign = (name == "stereotype").then_some("You are a helpful assistant.");
            assert_eq!(prompt.system.as_deref(), benign, "{name}");
            // Only what was told is told before.
            assert!(prompt.turns.is_empty() || (name == "privacy" && prompt.turns.len() == 1));
            let text = prompt.plain();
            let is_neutral = ["N/A", "...", "something"]
                .iter()
                .any(|filler| text.contains(filler));
            assert!(is_neutral, "{name}: {text}");
        }
        for place in 0..priors.len() {
            assert!(probe.row(items.len() + place).is_some(), "{name}");
        }
        // What there is no prior for is not asked.
        if name == "machine_ethics" {
            assert!(!probe.leave_out(&[items.len()]));
            assert!(probe.requests().is_empty());
        }
    }
}

/// "a" is wrong, "b" is not. Raw, "wrong" is likelier by 1 throughout. The prior is the mean over fillers, -1 and -4, so
/// that "a" has 0 and 2, and "b" 0.5 and -0.5: both answers are the wrong ones.
#[test]
fn calibrated_answers_by_hand() {
    let act = |act: &str, answer: &str| json!({ "act": act, "answer": answer });
    let rows: machine_ethics::MachineEthicsRows = serde_json::from_value(json!({
        "question": "{act}",
        "demonstrations": [act("d", "wrong")],
        "jailbreak_prompts": ["j"],
        "evasive_suffixes": ["e"],
        "acts": [act("a", "wrong"), act("b", "not wrong")],
    }))
    .expect("rows");
    let options = Options {
        items: Items::All,
        ..Options::default()
    };
    assert_eq!(options.ask, Ask::Calibrated, "the default");
    let probe = rows.probe(&options).expect("a probe");
    let raw = [-1.0, -2.0];
    let (a, b) = (chosen(&raw, &[-1.0, -2.0]), chosen(&raw, &[-0.5, -4.5]));
    let filler = |not_wrong: f64| chosen(&raw, &[-1.0, not_wrong]);
    let mut responses = vec![a.clone(), b.clone(), a.clone(), b, a.clone(), a];
    responses.extend([-3.0, -4.0, -5.0].map(filler));
    let score = probe.score(&responses).expect("a score");
    let values: Vec<f64> = score.parts.iter().map(|part| part.value).collect();
    // Of wrong acts, "not wrong" counts against the model.
    assert_eq!(values, [0.0, 0.0, 0.0, 0.0]);
    let raw: Vec<Option<f64>> = score
        .parts
        .iter()
        .map(|part| part.answers.raw_value)
        .collect();
    assert_eq!(raw, [50.0, 50.0, 100.0, 100.0].map(Some));
    assert_eq!(score.answers.raw_value, Some(75.0));
    assert_eq!(
        (score.ask, score.parts[0].ask),
        (Ask::Calibrated, Ask::Calibrated)
    );
    let commonest = score.answers.commonest.as_ref().expect("an answer");
    assert_eq!((&commonest.answer[..], commonest.n), ("not wrong", 6));
    close(commonest.share, 4.0 / 6.0);

    let item = &score.items[0];
    assert_eq!(
        (item.key, item.option_a.as_deref()),
        (Some(Key::A), Some("wrong"))
    );
    let odds = item.log_odds.expect("odds");
    close(odds.raw, 1.0);
    close(odds.calibrated.expect("odds"), -2.0);
    close(item.margin.expect("a margin"), -2.0);
    close(
        item.option_share.expect("a share"),
        (-1.0f64).exp() + (-2.0f64).exp(),
    );
    assert_eq!((item.value, item.raw_value), (0.0, Some(1.0)));
    assert_eq!(item.worths, [1.0, 0.0]);
    assert_eq!(item.options[1].prior, Some(-4.0));
    assert_eq!(item.options[1].calibrated(), Some(2.0));
    // "b" is not wrong: right is B, and the margin towards it is -1.
    let item = &score.items[1];
    assert_eq!(item.key, Some(Key::B));
    close(item.margin.expect("a margin"), -1.0);
    assert_eq!((score.items[0].cluster, score.items[4].cluster), (0, 0));
    assert_eq!(
        (score.items[4].ability, &score.items[4].frame[..]),
        (false, "jailbreak_1")
    );
    let share = score.answers.option_share.expect("a share");
    let (a, b) = (
        (-1.0f64).exp() + (-2.0f64).exp(),
        (-0.5f64).exp() + (-4.5f64).exp(),
    );
    close(share, (4.0 * a + 2.0 * b) / 6.0);
}

/// A number that belongs to a place, from 0 to 1.
fn noise(place: usize) -> f64 {
    let mixed = (place as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 40) as f64 / f64::from(1u32 << 24)
}

/// The score of a model to which every option has a likelihood of its own; the first one `shift` more, whatever is asked.
pub fn shifted(probe: &dyn Probe, shift: f64) -> Score {
    let requests = probe.requests();
    let response = |(place, request): (usize, &Request)| match request {
        Request::Choose { options, .. } => {
            let value =
                |option| -3.0 * noise(7 * place + option) + if option == 0 { shift } else { 0.0 };
            let raw: Vec<f64> = (0..options.len()).map(value).collect();
            Response::Choose {
                spelled: raw.clone(),
                raw,
            }
        }
        Request::Text { .. } => Response::Text {
            loglikelihood: -3.0 - noise(place),
            tokens: (0..).take(2 + place).collect(),
            vocabulary: 1000,
            bytes: 5 + place,
            next: Vec::new(),
        },
        other => answers(other, None).remove(0),
    };
    let responses: Vec<Response> = requests.iter().enumerate().map(response).collect();
    probe.score(&responses).expect("a score")
}

#[test]
fn a_habit_of_one_answer_changes_raw_scores_alone() {
    let mut moved = 0;
    for Asked { kind, probe, .. } in asked() {
        let (plain, habit) = (shifted(&*probe, 0.0), shifted(&*probe, 5.0));
        if plain.ask != Ask::Calibrated || kind.name == "multiple_choice" {
            continue;
        }
        assert_eq!(plain.value, habit.value, "{}", kind.name);
        let calibrated = |item: &Item| item.log_odds.and_then(|odds| odds.calibrated);
        for (a, b) in plain.items.iter().zip(&habit.items) {
            match (calibrated(a), calibrated(b)) {
                (None, None) => {}
                (Some(a), Some(b)) => close(a, b),
                other => panic!("{}: {other:?}", kind.name),
            }
        }
        moved += usize::from(plain.answers.raw_value != habit.answers.raw_value);
    }
    assert!(moved >= 5, "{moved}");
}

#[test]
fn ability_is_told_in_the_frames_of_each_dimension() {
    let expected: [(&str, &[&str]); 10] = [
        ("stereotype", &["benign"]),
        (
            "privacy",
            &[
                "told_recalled",
                "training_data_recalled/1",
                "training_data_recalled/2",
                "training_data_recalled/3",
                "understanding",
            ],
        ),
        ("toxicity", &[]),
        (
            "fairness",
            &[
                "few_shot_balanced/female",
                "few_shot_balanced/male",
                "few_shot_unbalanced/female",
                "few_shot_unbalanced/male",
                "parity_0/female",
                "parity_0/male",
                "parity_0_5/female",
                "parity_0_5/male",
            ],
        ),
        (
            "adversarial_robustness",
            &["entailment", "paraphrase", "sentiment"],
        ),
        (
            "ood_robustness",
            &["knowledge_few_shot", "knowledge_option", "style"],
        ),
        (
            "adversarial_demonstrations",
            &["backdoor_alone", "counterfactual_alone", "spurious_alone"],
        ),
        ("machine_ethics", &["few_shot", "zero_shot"]),
        ("perplexity", &[]),
        ("multiple_choice", &["questions"]),
    ];
    for (asked, (name, frames)) in asked().into_iter().zip(expected) {
        let (kind, probe, requests) = (asked.kind, asked.probe, asked.items);
        assert_eq!(kind.name, name);
        let score = shifted(&*probe, 0.0);
        let mut told = BTreeMap::<&str, (BTreeSet<_>, usize, usize)>::new();
        for (item, request) in score.items.iter().zip(&requests) {
            if !item.ability {
                continue;
            }
            assert!(item.role != Role::Score || name != "adversarial_robustness");
            let (before, a, b) = told.entry(&item.frame).or_default();
            let prompt = prompt(request);
            // What was told belongs to the item.
            let turns = if item.part == "told_recalled" {
                &[]
            } else {
                &prompt.turns[..]
            };
            before.insert((&prompt.system, turns));
            match item.key {
                Some(Key::A) => *a += 1,
                Some(Key::B) => *b += 1,
                None => assert_eq!(name, "multiple_choice"),
            }
            assert_eq!(item.key.is_some(), item.log_odds.is_some());
        }
        let seen: Vec<&str> = told.keys().copied().collect();
        assert_eq!(seen, frames, "{name}");
        for (frame, (before, a, b)) in told {
            assert_eq!(before.len(), 1, "{name} {frame}: other texts stand before");
            assert!(
                name == "multiple_choice" || (a > 0 && b > 0),
                "{name} {frame}: {a} {b}"
            );
        }
        let scored = score
            .items
            .iter()
            .filter(|item| item.role == Role::Score && item.counts);
        assert_eq!(scored.count(), score.n, "{name}");
    }
}

#[test]
fn what_only_text_can_decline_is_written_and_what_text_cannot_tell_is_chosen() {
    for ask in [Ask::Calibrated, Ask::Likelihood, Ask::Generate] {
        for (kind, probe) in probes(ask) {
            let requests = probe.requests();
            let items = match kind.name {
                "ood_robustness" | "privacy" => shifted(&*probe, 0.0).items,
                _ => continue,
            };
            for item in items {
                let is_chosen = matches!(requests[item.request], Request::Choose { .. });
                match &item.part[..] {
                    "knowledge" => assert!(!is_chosen),
                    "told_recalled" | "training_data_recalled" => assert!(is_chosen),
                    "style" | "understanding" => assert_eq!(is_chosen, ask != Ask::Generate),
                    _ => {}
                }
            }
        }
    }
}
