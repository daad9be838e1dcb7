//! Laws of probes.

use pressure_test::evaluate::words::Word;
use pressure_test::evaluate::{
    Ask, Comparison, Items, Options, PROBES, Probe, ProbeKind, Request, Response, Score, Statistic,
    Status, compare,
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
        world: Some("pebble-3".into()),
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

/// A text as harmful as can be, in which no phrase stands twice.
const HARM: &str = "idiot moron imbecile dimwit scumbag bastard loser cretin simpleton wimp coward bitch \
                    jackass stupid dumb retard whore slut fuckwit asshole pinhead dunce buffoon skank \
                    dumbass scum lowlife blockhead bonehead nitwit halfwit airhead meathead prick twat tosser";

/// What may be answered to a request: each option; or a harmless text, and one that does the harm that is looked for.
pub fn answers(request: &Request, expected: Option<&str>) -> Vec<Response> {
    let harm = expected.and_then(|expected| expected.strip_prefix("anything but "));
    match request {
        Request::Choose {
            options, spellings, ..
        } => (0..options.len())
            .map(|best| {
                let value = |option| if option == best { -1.0 } else { -30.0 };
                let raw: Vec<f64> = (0..options.len()).map(value).collect();
                Response::Choose {
                    spelled: if *spellings { raw.clone() } else { Vec::new() },
                    raw,
                }
            })
            .collect(),
        Request::Generate { prompt, .. } => match prompt.question.split_once("\nOptions: ") {
            Some((_, options)) => {
                let options = options.split(", ");
                options
                    .map(|option| Response::Generate(option.into()))
                    .collect()
            }
            None => ["I'm sorry, that is private.", harm.unwrap_or("none")]
                .map(|text| Response::Generate(text.into()))
                .to_vec(),
        },
        Request::Sample { count, .. } => ["a nice day", HARM]
            .map(|text| Response::Samples(vec![text.into(); *count]))
            .to_vec(),
        Request::Read { .. } | Request::Text { .. } => panic!("a question was expected"),
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
    pub fn score(&self, pick: impl Fn(usize) -> usize) -> Score {
        let answers = self.answers.iter().enumerate();
        let responses: Vec<Response> = answers
            .map(|(i, answers)| answers[pick(i) % answers.len()].clone())
            .collect();
        self.probe.score(&responses).expect("a score")
    }

    /// A model that always answers the option of this number, and never does harm in a text.
    pub fn constant(&self, option: usize) -> Score {
        self.score(|i| match &self.answers[i][..] {
            // Written answers with options are as many as those.
            [Response::Choose { .. }, ..] | [_, _, _, ..] => option,
            _ => 0,
        })
    }

    /// For each request, the number of the answer that is worth most, or least.
    pub fn extreme(&self, sign: f64) -> Vec<usize> {
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
                high - low > 0.5 || kind.name == "toxicity",
                "{}: too certain",
                kind.name
            );
        }
    }
}

#[test]
fn chance_is_what_the_best_constant_answer_scores() {
    let best = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max);
    // By hand, from how many items have which key.
    let expected = [
        ("stereotype", 100.0),
        ("toxicity", 100.0),
        ("fairness", 100.0),
        ("adversarial_robustness", 50.0),
        ("adversarial_demonstrations", 50.0),
        ("machine_ethics", 75.0),
        ("multiple_choice", 25.0),
    ];
    let mut seen = Vec::new();
    for (kind, probe) in asking(Ask::Likelihood) {
        let exam = Exam::new(probe);
        // Every number of options up to five divides 60.
        let scores: Vec<Score> = (0..60).map(|option| exam.constant(option)).collect();
        // A model may answer each list of options in a way of its own.
        let near = |name: &str, chance: Option<f64>, constant: f64| {
            let chance = chance.expect("a chance");
            assert!(
                chance > constant - 1e-9 && chance < 100.0 + 1e-9,
                "{} {name}: {constant}, {chance}",
                kind.name
            );
        };
        near(
            "",
            scores[0].chance,
            best(&mut scores.iter().map(|score| score.value)),
        );
        for (index, part) in scores[0].parts.iter().enumerate() {
            near(
                &part.name,
                part.chance,
                best(&mut scores.iter().map(|score| score.parts[index].value)),
            );
        }
        for (index, beside) in scores[0].side_figures.iter().enumerate() {
            if beside.chance.is_some() {
                near(
                    &beside.name,
                    beside.chance,
                    best(&mut scores.iter().map(|score| score.side_figures[index].value)),
                );
            }
        }
        for (_, whole) in expected.iter().filter(|(name, _)| *name == kind.name) {
            let chance = scores[0].chance.expect("a chance");
            assert!((chance - whole).abs() < 1e-9, "{}: {chance}", kind.name);
            seen.push(kind.name);
        }
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
            Request::Generate { prompt, .. } if prompt.question.contains("\nOptions: ") => {
                let options = prompt.question.rsplit("\nOptions: ").next();
                let first = options.and_then(|options| options.split(", ").next());
                Response::Generate(format!(" {}", first.unwrap_or_default()))
            }
            _ => Response::Generate(" That is private".into()),
        };
        // Secrets are compared with others even where all else is written.
        let respond = |text: &dyn Fn(usize) -> Response| -> Vec<Response> {
            let asked = written.requests();
            let response = |(place, request): (usize, &Request)| match request {
                Request::Choose { .. } => answers(request, None).remove(0),
                _ => text(place),
            };
            asked.iter().enumerate().map(response).collect()
        };
        let texts = respond(&|place| text(&requests[place]));
        let (read, first) = (written.score(&texts).expect("a score"), exam.constant(0));
        let seen = (read.value, read.no_answer_rate, read.ask);
        assert_eq!(seen, (first.value, 0.0, Ask::Generate), "{}", kind.name);

        for (text, status) in [
            (" mumble", Status::NoAnswer),
            (" I cannot say", Status::Refused),
        ] {
            let texts = respond(&|_| Response::Generate(text.into()));
            let score = written.score(&texts).expect("a score");
            let mut items = score.items.iter().filter(|item| item.output.is_some());
            let unlike = items.find(|item| item.status != status);
            assert!(unlike.is_none(), "{}: {unlike:?}", kind.name);
            assert_eq!(score.refusal_rate + score.no_answer_rate, 1.0);
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
        let other = Response::Choose {
            raw: Vec::new(),
            spelled: Vec::new(),
        };
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

        let difference = |comparison: &Comparison| {
            let difference = comparison.change.verdict.difference;
            difference.unwrap_or_else(|| panic!("{}: {:?}", kind.name, comparison.change.verdict))
        };
        let word = |comparison: &Comparison| comparison.change.verdict.word;
        let worse = compare(&right, &damaged, 0).expect("a comparison");
        assert!(difference(&worse) < 0.0, "{}", kind.name);
        assert!(
            word(&worse).is_none_or(|word| !word.is_favourable()),
            "{}: {:?}",
            kind.name,
            worse.change.verdict
        );
        let interval = worse.change.verdict.interval;
        assert!(interval.is_some_and(|[low, high]| (-100.0..0.0).contains(&low) && high <= 100.0));
        assert!(
            worse.change.right_to_wrong >= Some(worse.change.n / 4),
            "{}",
            kind.name
        );
        let better = compare(&damaged, &right, 0).expect("a comparison");
        assert!(word(&better) != Some(Word::Worse) && word(&better) != Some(Word::Broken));
        assert_eq!(better.change.wrong_to_right, worse.change.right_to_wrong);
        let same = compare(&right, &right, 0).expect("a comparison");
        assert_eq!(difference(&same), 0.0, "{}", kind.name);
        assert!(!matches!(
            word(&same),
            Some(Word::Worse | Word::Better | Word::Broken)
        ));
        let flips = (same.change.right_to_wrong, same.change.wrong_to_right);
        assert_eq!(flips, (Some(0), Some(0)));

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
        for item in &mut unread.items {
            item.status = Status::NoAnswer;
        }
        let unknown = compare(&right, &unread, 0).expect("a comparison");
        // Broken where the likelihoods, which are there all the same, say so.
        let unread = [None, Some(Word::NotReadable), Some(Word::Broken)];
        assert!(unread.contains(&word(&unknown)), "{}", kind.name);
    }
}
