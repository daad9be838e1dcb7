//! A difference of one row, with what stands beside its word.

use super::words::{Ability, Verdict};
use serde::Serialize;

/// A difference over the same items.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Change {
    /// The score before, over the sub-tasks that are measurable and the items that were read on both sides.
    pub before: Option<f64>,
    /// The same after; with several calibration seeds, their mean.
    pub after: Option<f64>,
    /// Items that are compared.
    pub n: usize,
    /// Items that are right before and wrong after, and the other way round; none where items are no pairs.
    pub right_to_wrong: Option<usize>,
    pub wrong_to_right: Option<usize>,
    /// How well the cases are told apart, whatever the habits: before and after.
    pub ability: Option<[Ability; 2]>,
    /// Sub-tasks that left the score because neither side can tell their cases apart.
    pub not_measurable: Vec<String>,
    /// The answers that are commonest, before and after, among the cases that tell ability.
    pub commonest: Option<[CommonAnswer; 2]>,
    /// How far right answers gained on wrong ones, in nats: the mean over items, with its 95 % interval.
    pub margin: Option<f64>,
    pub margin_interval: Option<[f64; 2]>,
    pub verdict: Verdict,
}

/// The commonest answer, of each list of options, and how often it is given.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CommonAnswer {
    pub answer: String,
    /// 0 to 1, with Wilson's 95 % interval.
    pub share: f64,
    pub interval: [f64; 2],
    pub n: usize,
}
