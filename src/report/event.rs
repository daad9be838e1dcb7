//! What a run tells while it goes on: each piece of the report when it is there.

use super::{ItemSet, Measurement, Report, Spread};
use crate::evaluate::{Comparison, Score};
use serde::Serialize;

/// News while a run goes on.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(rename = "EngineEvent"))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event<'a> {
    Progress {
        stage: Stage,
        label: String,
        done: usize,
        total: usize,
    },
    /// The model is compressed: the report, still without a score.
    Compressed { report: &'a Report },
    /// A side has a score: in place of that of a smaller sample, if it had one.
    Scored {
        /// 0 for the reference, which is the model before compression; 1 for the compressed model.
        side: usize,
        score: &'a Score,
        /// Spent asking this side so far.
        seconds: f64,
        tokens_per_second: f64,
    },
    /// A dimension is through, with all of its sample or the beginning of it: what it was asked from, and whether the report is
    /// complete. Where nothing could be read
    /// on one side, which `set` then says, its scores are taken back.
    Asked {
        set: &'a ItemSet,
        /// Of all dimensions so far: what is said of one depends on how many there are.
        comparisons: &'a [Comparison],
        complete: bool,
    },
    /// The scores after compression by one more calibration seed.
    Spread {
        spread: &'a Spread,
        /// All seeds together.
        comparisons: &'a [Comparison],
        complete: bool,
    },
}

impl<'a> Event<'a> {
    /// The score of a dimension on a side.
    pub(super) fn scored(
        side: usize,
        measurement: &'a Measurement,
        name: &'static str,
    ) -> Option<Self> {
        let mut scores = measurement.scores.iter();
        Some(Self::Scored {
            side,
            score: scores.find(|score| score.name == name)?,
            seconds: measurement.seconds,
            tokens_per_second: measurement.tokens_per_second,
        })
    }
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Compress,
    Score,
}
