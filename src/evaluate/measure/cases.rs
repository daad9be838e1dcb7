//! From items to ability: which of them tell it, and how far each answer leans to the option that is asked about.

use super::score::{Item, Role, Score};
use super::words::{AbilityChange, Case, Choice, Pairing};
use crate::evaluate::ask::{Key, OptionScore, Status};
use std::collections::{BTreeMap, BTreeSet};

/// Ability before and after each calibration seed, by the items that `about` picks, and the clusters that it is told
/// from. Where no option is the one asked about, because each question has options of its own: within each question.
pub(super) fn ability(
    pairing: Pairing,
    before: &Score,
    after: &[&Score],
    about: &dyn Fn(&Item) -> bool,
    seed: u64,
) -> (Option<AbilityChange>, usize) {
    let cases = cases(before, about);
    let runs: Vec<_> = after
        .iter()
        .map(|score| self::cases(score, about))
        .collect();
    let runs: Vec<&[Case]> = runs.iter().map(Vec::as_slice).collect();
    if !cases.is_empty() {
        let clusters: BTreeSet<usize> = cases.iter().map(|case| case.cluster).collect();
        return (
            AbilityChange::on(pairing, &cases, &runs, seed),
            clusters.len(),
        );
    }
    let choices = choices(before, about);
    let runs: Vec<_> = after
        .iter()
        .map(|score| self::choices(score, about))
        .collect();
    let runs: Vec<&[Choice]> = runs.iter().map(Vec::as_slice).collect();
    let clusters: BTreeSet<usize> = choices.iter().map(|choice| choice.cluster).collect();
    let change = AbilityChange::of_choices_on(pairing, &choices, &runs, seed);
    (change, clusters.len())
}

/// Whether an item says what a model can tell apart.
pub(super) fn tells_ability(item: &Item) -> bool {
    item.ability && item.key.is_some()
}

fn cases(score: &Score, about: &dyn Fn(&Item) -> bool) -> Vec<Case> {
    let mut frames = BTreeMap::new();
    let own = score.items.iter();
    let own = own.filter(|item| tells_ability(item) && about(item));
    own.filter_map(|item| {
        let next = frames.len();
        Some(Case {
            frame: *frames.entry(&*item.frame).or_insert(next),
            cluster: item.cluster,
            is_a: item.key? == Key::A,
            log_odds: lean(item),
        })
    })
    .collect()
}

/// How far an answer leans towards option A, in nats; of a written one only the side, in the middle for a refusal. What
/// cannot be read says nothing of what is known.
fn lean(item: &Item) -> f64 {
    match (&item.log_odds, &item.answer) {
        (Some(odds), _) => odds.calibrated.unwrap_or(odds.raw),
        (None, _) if item.status == Status::NoAnswer => f64::NAN,
        (None, None) => 0.0,
        (None, answer) if *answer == item.option_a => 1.0,
        (None, Some(_)) => -1.0,
    }
}

fn choices(score: &Score, about: &dyn Fn(&Item) -> bool) -> Vec<Choice> {
    let own = score.items.iter();
    let own = own.filter(|item| tells_by_choices(item) && about(item));
    own.map(|item| Choice {
        cluster: item.cluster,
        area: area(item),
    })
    .collect()
}

/// Whether an item says by options of its own what a model can tell apart.
fn tells_by_choices(item: &Item) -> bool {
    let is_choice = item.worths.len() > 1 && item.key.is_none();
    item.role == Role::Score && item.ability && is_choice
}

impl Item {
    /// Of an item that tells ability by options of its own, the share of wrong options that right ones lie before, ties
    /// one half; `None` of others, and where nothing was read.
    #[must_use]
    pub fn area(&self) -> Option<f64> {
        let area = tells_by_choices(self).then(|| area(self));
        area.filter(|area| !area.is_nan())
    }
}

/// How well right options are told from wrong ones in one question: by what each is worth, and how likely it is.
fn area(item: &Item) -> f64 {
    let is_right = |option: usize| item.worths.get(option).is_some_and(|worth| *worth > 0.5);
    if item.status == Status::NoAnswer {
        return f64::NAN;
    }
    if item.options.is_empty() {
        return Choice::answered(item.worths.len(), item.value > 0.5);
    }
    let likely = |option: &OptionScore| option.calibrated().unwrap_or(option.per_byte);
    let of = |right: bool| -> Vec<f64> {
        let own = item.options.iter().enumerate();
        let own = own.filter(|(place, _)| is_right(*place) == right);
        own.map(|(_, option)| likely(option)).collect()
    };
    let wrong = of(false);
    let pairs = of(true)
        .into_iter()
        .flat_map(|right| wrong.iter().map(move |wrong| right - wrong));
    // Of a right option above a wrong one 1, of a tie one half.
    let orders: Vec<f64> = pairs
        .map(|by| {
            if by == 0.0 {
                0.5
            } else {
                f64::midpoint(by.signum(), 1.0)
            }
        })
        .collect();
    orders.iter().sum::<f64>() / orders.len() as f64
}
