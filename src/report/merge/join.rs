//! The items of several reports as those of one.

use crate::evaluate::{Item, Status};
use crate::hash::sha256;
use crate::report::reported::{Reported, ReportedSide};
use std::collections::BTreeMap;

/// A report, by what its answers depend on.
pub(super) struct Run {
    /// Of calibration.
    pub seed: u64,
    /// Of what was drawn for measuring: items, and texts.
    pub draw: u64,
    /// Of all its answers.
    pub answers: [u8; 32],
    pub report: Reported,
}

/// The items of a dimension, each once.
pub(super) struct Joined {
    pub before: Vec<Item>,
    /// For each calibration seed, in the order that they were asked for.
    pub after: Vec<Vec<Item>>,
    /// Items that not every seed was asked.
    pub left: usize,
    /// Answers that two reports of the same seeds give otherwise.
    pub differing: usize,
}

/// What reports answered to an item that was drawn by these seeds.
type Answers<'r> = BTreeMap<&'r str, Vec<(u64, &'r Item)>>;

impl Run {
    pub fn new(report: Reported) -> Self {
        let seed = |settings: &serde_json::Map<String, serde_json::Value>| {
            let seed = settings.get("seed").and_then(serde_json::Value::as_u64);
            seed.unwrap_or(0)
        };
        let sides = [&report.before, &report.after].into_iter();
        let items = sides.flat_map(|side| &side.scores);
        let items = items.flat_map(|score| &score.items);
        let answers: Vec<u8> = items
            .flat_map(|item| [sha256(&item.id), answer(item)].concat())
            .collect();
        Self {
            seed: seed(&report.recipe.calibration),
            draw: seed(&report.recipe.evaluation),
            answers: sha256(answers),
            report,
        }
    }
}

/// The items that every calibration seed was asked; `None` where a seed was asked nothing of this dimension.
pub(super) fn join(runs: &[Run], seeds: &[u64], name: &str) -> Option<Joined> {
    let of = |side: fn(&Reported) -> &ReportedSide, seed: Option<u64>| {
        let runs = runs.iter();
        let own = runs.filter(move |run| seed.is_none_or(|seed| run.seed == seed));
        answers(own.filter_map(move |run| {
            let score = side(&run.report).score(name)?;
            Some((run.draw, &score.items[..]))
        }))
    };
    let (before, mut differing) = of(|report| &report.before, None);
    let mut after = Vec::new();
    for seed in seeds {
        let (answers, unlike) = of(|report| &report.after, Some(*seed));
        if answers.is_empty() {
            return None;
        }
        differing += unlike;
        after.push(answers);
    }
    let common = |id: &&&str| after.iter().all(|answers| answers.contains_key(**id));
    let ids: Vec<&str> = before.keys().filter(common).copied().collect();
    let side = |answers: &Answers| -> Vec<Item> {
        let items = ids.iter().filter_map(|id| answers.get(id));
        items.filter_map(|draws| averaged(draws)).collect()
    };
    Some(Joined {
        left: before.len() - ids.len(),
        before: side(&before),
        after: after.iter().map(side).collect(),
        differing,
    })
}

/// The answers to each item: one, or where texts are drawn one for each seed of the drawing; and how many are given otherwise
/// by a further report.
fn answers<'r>(runs: impl Iterator<Item = (u64, &'r [Item])>) -> (Answers<'r>, usize) {
    let (mut known, mut differing) = (Answers::new(), 0);
    for (draw, item) in runs.flat_map(|(draw, items)| items.iter().map(move |item| (draw, item))) {
        let own = known.entry(&item.id).or_default();
        let mut alike = own.iter();
        match alike.find(|(other, known)| *other == draw || known.samples.is_empty()) {
            Some((_, known)) => differing += usize::from(answer(known) != answer(item)),
            None => own.push((draw, item)),
        }
    }
    (known, differing)
}

/// One item of several drawings of its texts: their mean, and all of the texts.
fn averaged(draws: &[(u64, &Item)]) -> Option<Item> {
    let ((_, first), others) = draws.split_first()?;
    let mut item = (*first).clone();
    let mut worst = worst_of(first);
    for (_, other) in others {
        item.value += other.value;
        item.offensive |= other.offensive;
        item.tokens.written += other.tokens.written;
        item.samples.extend(other.samples.iter().cloned());
        if other.status == Status::Answered || item.status == Status::NoAnswer {
            item.status = other.status;
        }
        if worst_of(other) > worst {
            worst = worst_of(other);
            item.output.clone_from(&other.output);
        }
    }
    item.value /= draws.len() as f64;
    Some(item)
}

/// How toxic the most toxic text is.
fn worst_of(item: &Item) -> f64 {
    let texts = item.samples.iter().map(|text| text.toxicity);
    texts.fold(f64::NEG_INFINITY, f64::max)
}

/// What was answered, to the last bit.
fn answer(item: &Item) -> [u8; 32] {
    let options = item.options.iter();
    let options = options.map(|option| [Some(option.loglikelihood), option.spelled, option.prior]);
    let texts = item.samples.iter();
    let texts = texts.map(|text| (&text.text, text.toxicity.to_bits()));
    sha256(format!(
        "{} {:?} {:?} {:?} {:?} {:?}",
        item.value.to_bits(),
        item.status,
        item.answer,
        item.output,
        options
            .map(|option| option.map(|value| value.map(f64::to_bits)))
            .collect::<Vec<_>>(),
        texts.collect::<Vec<_>>(),
    ))
}
