//! Laws of probes.

use pressure_test::evaluate::{
    Ask, Items, Options, PROBES, Probe, ProbeKind, Request, Response, Score, Statistic, Status,
    Verdict, compare,
};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Most options that a question has.
const WIDEST: usize = 5;

/// Every item, and every sub-task: the world is that of the privacy items.
pub fn options(ask: Ask) -> Options {
    Options {
        ask,
        items: Items::All,
        samples: 2,
        world: Some("pebble-2".into()),
        ..Options::default()
    }
}

pub fn probes(ask: Ask) -> Vec<(&'static ProbeKind, Box<dyn Probe>)> {
    PROBES
        .iter()
        .map(|kind| (*kind, (kind.build)(&options(ask)).expect("items")))
        .collect()
}

/// The probes that ask, as opposed to the one that reads texts.
pub fn asking(ask: Ask) -> impl Iterator<Item = (&'static ProbeKind, Box<dyn Probe>)> {
    let asks = |probe: &dyn Probe| !matches!(probe.requests()[0], Request::Text { .. });
    probes(ask)
        .into_iter()
        .filter(move |(_, probe)| asks(&**probe))
}

/// What may be answered to a request: each option; or a harmless text, and one that does the harm that is looked for.
fn answers(request: &Request, expected: Option<&str>) -> Vec<Response> {
    let harm = expected.and_then(|expected| expected.strip_prefix("anything but "));
    match request {
        Request::Choose { options, .. } => (0..options.len())
            .map(|best| {
                let value = |option| if option == best { -1.0 } else { -30.0 };
                Response::Choose((0..options.len()).map(value).collect())
            })
            .collect(),
        Request::Generate { .. } => ["Sorry, that is private.", harm.unwrap_or("none")]
            .map(|text| Response::Generate(text.into()))
            .to_vec(),
        Request::Sample { count, .. } => ["a nice day", &"you stupid idiot ".repeat(9)]
            .map(|text| Response::Samples(vec![text.into(); *count]))
            .to_vec(),
        Request::Text { .. } => panic!("a question was expected"),
    }
}

/// Every probe with what may be answered to each of its requests.
pub struct Exam {
    probe: Box<dyn Probe>,
    answers: Vec<Vec<Response>>,
}

impl Exam {
    pub fn new(probe: Box<dyn Probe>) -> Self {
        let requests = probe.requests();
        let harmless: Vec<Response> = requests
            .iter()
            .map(|r| answers(r, None).remove(0))
            .collect();
        let items = probe.score(&harmless).expect("a score").items;
        assert_eq!(items.len(), requests.len());
        let pairs = requests.iter().zip(&items);
        let answers = pairs
            .map(|(request, item)| answers(request, item.expected.as_deref()))
            .collect();
        Self { probe, answers }
    }

    /// The score of the answers that `pick` names; texts are harmless where it names an option that is not there.
    fn score(&self, pick: impl Fn(usize) -> usize) -> Score {
        let answers = self.answers.iter().enumerate();
        let responses: Vec<Response> = answers
            .map(|(i, answers)| answers[pick(i) % answers.len()].clone())
            .collect();
        self.probe.score(&responses).expect("a score")
    }

    /// A model that always answers the option of this number, and never does harm in a text.
    pub fn constant(&self, option: usize) -> Score {
        self.score(|i| match &self.answers[i][0] {
            Response::Choose(_) => option,
            _ => 0,
        })
    }

    /// For each request, the number of the answer that is worth most, or least.
    fn extreme(&self, sign: f64) -> Vec<usize> {
        let scores: Vec<Score> = (0..WIDEST).map(|option| self.score(|_| option)).collect();
        let value = |i: usize, option: usize| sign * scores[option].items[i].value;
        (0..self.answers.len())
            .map(|i| {
                (0..WIDEST)
                    .max_by(|&a, &b| value(i, a).total_cmp(&value(i, b)))
                    .unwrap_or(0)
            })
            .collect()
    }
}

/// Fairness is not about right answers; it is scored by hand in `scores.rs`.
fn rewards_right_answers(score: &Score) -> bool {
    score.statistic != Statistic::Fairness
}

#[test]
fn a_model_that_knows_scores_best_and_a_contrary_one_worst() {
    for (kind, probe) in asking(Ask::Likelihood) {
        let exam = Exam::new(probe);
        for (sign, expected) in [(1.0, 100.0), (-1.0, 0.0)] {
            let picks = exam.extreme(sign);
            let score = exam.score(|i| picks[i]);
            if !rewards_right_answers(&score) {
                continue;
            }
            let distance = (score.value - expected).abs();
            // The most toxic text is not quite 1.
            assert!(distance < 0.1, "{}: {}", kind.name, score.value);
            let [low, high] = score.interval.expect("an interval");
            assert!(low <= score.value && score.value <= high);
            assert!(
                high - low > 1.0 || kind.name == "toxicity",
                "{}: too certain",
                kind.name
            );
        }
    }
}

#[test]
fn chance_is_what_a_guessing_model_scores() {
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / 60.0;
    let expected = [
        ("stereotype", 50.0),
        ("privacy", 85.0),
        ("toxicity", 100.0),
        ("fairness", 100.0),
        ("adversarial_robustness", 50.0),
        ("ood_robustness", 41.0),
        ("adversarial_demonstrations", 50.0),
        ("machine_ethics", 50.0),
        ("multiple_choice", 25.0),
    ];
    let mut seen = Vec::new();
    for (kind, probe) in asking(Ask::Likelihood) {
        let exam = Exam::new(probe);
        // Every number of options up to five divides 60.
        let scores: Vec<Score> = (0..60).map(|option| exam.constant(option)).collect();
        let near = |name: &str, chance: Option<f64>, guessing: f64| {
            let chance = chance.expect("a chance");
            assert!(
                (guessing - chance).abs() < 1e-9,
                "{} {name}: {guessing}, {chance}",
                kind.name
            );
        };
        near(
            "",
            scores[0].chance,
            mean(&mut scores.iter().map(|score| score.value)),
        );
        for (index, part) in scores[0].parts.iter().enumerate() {
            near(
                &part.name,
                part.chance,
                mean(&mut scores.iter().map(|score| score.parts[index].value)),
            );
        }
        for (index, beside) in scores[0].side_figures.iter().enumerate() {
            if beside.chance.is_some() {
                near(
                    &beside.name,
                    beside.chance,
                    mean(&mut scores.iter().map(|score| score.side_figures[index].value)),
                );
            }
        }
        let whole = expected
            .iter()
            .find(|(name, _)| *name == kind.name)
            .unwrap_or_else(|| panic!("{}: its chance by hand stands above", kind.name));
        near("by hand", scores[0].chance, whole.1);
        seen.push(kind.name);
    }
    assert_eq!(seen.len(), expected.len());
}

/// Answers that are the harmful or the harmless one throughout score 0 or 100; all others the same.
#[test]
fn no_constant_answer_beats_another() {
    for (kind, probe) in asking(Ask::Likelihood) {
        let exam = Exam::new(probe);
        let scores: Vec<Score> = (0..WIDEST).map(|option| exam.constant(option)).collect();
        for part in 0..scores[0].parts.len() {
            let values = scores.iter().map(|score| score.parts[part].value);
            let mut values: Vec<f64> = values.filter(|v| *v > 1e-9 && *v < 100.0 - 1e-9).collect();
            values.sort_by(f64::total_cmp);
            let spread = values.last().unwrap_or(&0.0) - values.first().unwrap_or(&0.0);
            assert!(
                spread < 1e-9,
                "{} {}: {values:?}",
                kind.name,
                scores[0].parts[part].name
            );
        }
    }
}

#[test]
fn written_answers_score_as_chosen_ones_do() {
    for ((kind, chosen), (_, written)) in asking(Ask::Likelihood).zip(asking(Ask::Generate)) {
        let exam = Exam::new(chosen);
        let requests = exam.probe.requests();
        if matches!(requests[0], Request::Sample { .. }) {
            continue;
        }
        let text = |request: &Request| match request {
            Request::Choose { options, .. } => Response::Generate(format!(" {}", options[0])),
            _ => Response::Generate(" That is private".into()),
        };
        let texts: Vec<Response> = requests.iter().map(text).collect();
        let (read, first) = (written.score(&texts).expect("a score"), exam.constant(0));
        let seen = (read.value, read.no_answer_rate, read.ask);
        assert_eq!(seen, (first.value, 0.0, Ask::Generate), "{}", kind.name);

        for (text, status) in [
            (" mumble", Status::NoAnswer),
            (" I cannot say", Status::Refused),
        ] {
            let texts = vec![Response::Generate(text.into()); texts.len()];
            let score = written.score(&texts).expect("a score");
            let unlike = score.items.iter().find(|item| item.status != status);
            assert!(unlike.is_none(), "{}: {unlike:?}", kind.name);
            assert_eq!(score.refusal_rate + score.no_answer_rate, 1.0);
            assert_eq!(score.cannot_tell, status == Status::NoAnswer);
            for part in &score.parts {
                assert_eq!(part.refusal_rate + part.no_answer_rate, 1.0);
            }
        }
    }
}

#[test]
fn no_responses_are_an_error() {
    for (_, probe) in probes(Ask::Likelihood).iter().chain(&probes(Ask::Generate)) {
        assert!(probe.score(&[]).is_err());
        assert!(!probe.requests().is_empty());
        let other = Response::Choose(Vec::new());
        let kinds = [
            other,
            Response::Samples(Vec::new()),
            Response::Generate(String::new()),
        ];
        let refused = kinds.iter().filter(|kind| {
            probe
                .score(&vec![(*kind).clone(); probe.requests().len()])
                .is_err()
        });
        assert!(
            refused.count() >= 2,
            "a response of another kind is an error"
        );
    }
}

#[test]
fn a_verdict_follows_from_the_same_items_before_and_after() {
    for (kind, probe) in asking(Ask::Likelihood) {
        let exam = Exam::new(probe);
        let (good, bad) = (exam.extreme(1.0), exam.extreme(-1.0));
        let right = exam.score(|i| good[i]);
        if !rewards_right_answers(&right) {
            continue;
        }
        let third = |i: usize| {
            if i.is_multiple_of(3) { bad[i] } else { good[i] }
        };
        let damaged = exam.score(third);

        let worse = compare(&right, &damaged, 0).expect("a comparison");
        assert_eq!(worse.change.verdict, Verdict::Worse, "{}", kind.name);
        assert!(
            worse
                .change
                .interval
                .is_some_and(|[low, high]| (-100.0..0.0).contains(&low) && high < 0.0)
        );
        assert!(
            worse.change.right_to_wrong >= worse.change.n / 4,
            "{}",
            kind.name
        );
        let of_parts = worse.parts.iter().map(|part| part.change.right_to_wrong);
        assert_eq!(of_parts.sum::<usize>(), worse.change.right_to_wrong);
        let better = compare(&damaged, &right, 0).expect("a comparison");
        assert_eq!(better.change.verdict, Verdict::Better, "{}", kind.name);
        assert_eq!(better.change.wrong_to_right, worse.change.right_to_wrong);
        assert!((better.change.difference + worse.change.difference).abs() < 1e-9);
        let same = compare(&damaged, &damaged, 0).expect("a comparison");
        assert_eq!(same.change.verdict, Verdict::NoChange, "{}", kind.name);
        let flips = (same.change.right_to_wrong, same.change.wrong_to_right);
        assert_eq!(flips, (0, 0));

        // KL over options: none for the same model, some where answers differ, for every question that chooses.
        let divergence = |comparison: &pressure_test::evaluate::Comparison| {
            comparison
                .divergence
                .as_ref()
                .map(|divergence| (divergence.value, divergence.n))
        };
        let choosing = right
            .items
            .iter()
            .filter(|item| !item.options.is_empty())
            .count();
        match (divergence(&same), divergence(&worse)) {
            (None, None) => assert_eq!(choosing, 0, "{}", kind.name),
            (Some(same), Some(worse)) => {
                assert!(same.0 == 0.0 && worse.0 > 1.0 && worse.1 <= choosing && worse.1 > 0);
            }
            other => panic!("{}: {other:?}", kind.name),
        }

        let mut unread = damaged.clone();
        unread.cannot_tell = true;
        let unknown = compare(&right, &unread, 0).expect("a comparison");
        assert_eq!(unknown.change.verdict, Verdict::CannotTell, "{}", kind.name);
    }
}

#[test]
fn unfairness_is_worse_than_a_constant_answer() {
    let (_, probe) = asking(Ask::Likelihood)
        .find(|(kind, _)| kind.name == "fairness")
        .expect("it");
    let exam = Exam::new(probe);
    let fair = exam.constant(0);
    let by_sex = exam.score(|i| {
        let person = fair.items[i].prompt.rsplit("Person:").next();
        usize::from(person.is_some_and(|person| person.contains("female")))
    });
    assert!(
        (fair.value - 100.0).abs() < 1e-9 && by_sex.value.abs() < 1e-9,
        "{}",
        by_sex.value
    );
    let worse = compare(&fair, &by_sex, 0).expect("a comparison");
    assert_eq!(worse.change.verdict, Verdict::Worse);
}
