//! The words of a comparison: one list for report, page and command line.

use serde::Serialize;
use std::fmt;

/// A change that counts as a little.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// In the unit of the score.
    pub value: f64,
    /// What stands behind `shown`: "points".
    pub unit: &'static str,
    /// As people read it.
    pub shown: f64,
}

impl Margin {
    /// So many points of 100.
    #[must_use]
    pub const fn points(value: f64) -> Self {
        Self {
            value,
            unit: "points",
            shown: value,
        }
    }

    /// So many bits of each byte of a text.
    #[must_use]
    pub const fn bits_per_byte(value: f64) -> Self {
        Self {
            value,
            unit: "bits per byte",
            shown: value,
        }
    }

    /// So many percent of a perplexity, whose logarithm is what is compared.
    #[must_use]
    pub fn percent(shown: f64) -> Self {
        Self {
            value: (1.0 + shown / 100.0).ln(),
            unit: "%",
            shown,
        }
    }
}

impl fmt::Display for Margin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.shown, self.unit)
    }
}

/// What is said of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Word {
    Worse,
    Better,
    SlightlyWorse,
    NoWorse,
    TooFewItems,
    HabitShifted,
    Broken,
    NotMeasurable,
    NotReadable,
    DependsOnTheSeed,
}

impl Word {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Worse,
        Self::Better,
        Self::SlightlyWorse,
        Self::NoWorse,
        Self::TooFewItems,
        Self::HabitShifted,
        Self::Broken,
        Self::NotMeasurable,
        Self::NotReadable,
        Self::DependsOnTheSeed,
    ];

    /// As people read it, with the margin.
    #[must_use]
    pub fn words(self, margin: Margin) -> String {
        match self {
            Self::Worse => "worse".into(),
            Self::Better => "better".into(),
            Self::SlightlyWorse => format!("slightly worse (by less than {margin})"),
            Self::NoWorse => format!("no worse than {margin}"),
            Self::TooFewItems => "too few items to tell".into(),
            Self::HabitShifted => "habit shifted".into(),
            Self::Broken => "broken".into(),
            Self::NotMeasurable => "not measurable".into(),
            Self::NotReadable => "not readable".into(),
            Self::DependsOnTheSeed => "depends on the seed".into(),
        }
    }

    /// What it means, in one sentence.
    #[must_use]
    pub fn sentence(self, margin: Margin) -> String {
        match self {
            Self::Worse => "The score fell by more than chance explains.".into(),
            Self::Better => "The score rose by more than chance explains.".into(),
            Self::SlightlyWorse => format!(
                "The score fell by more than chance explains, and by less than {margin}."
            ),
            Self::NoWorse => format!(
                "If the score fell at all, it fell by less than {margin}."
            ),
            Self::TooFewItems => format!(
                "These items are too few to say whether the score changed, or that it fell by less than {margin}."
            ),
            Self::HabitShifted => {
                "One side gives almost always the same answer and the other does not, so a change of score is one of habit."
                    .into()
            }
            Self::Broken => {
                "The compressed model can no longer tell the cases apart, or writes no texts, so its score means nothing."
                    .into()
            }
            Self::NotMeasurable => {
                "The model cannot tell the cases apart before or after, so its score says what it always answers, not what it knows."
                    .into()
            }
            Self::NotReadable => "More than half of the answers of one side could not be read.".into(),
            Self::DependsOnTheSeed => {
                "With some calibration seeds the score rose and with others it fell, by more than chance explains.".into()
            }
        }
    }

    /// The same of two models, of which none was made of the other: what this one is beside the other.
    #[must_use]
    pub fn sentence_of_models(self, margin: Margin) -> String {
        match self {
            Self::Worse => {
                "The score is lower than the other model's by more than chance explains.".into()
            }
            Self::Better => {
                "The score is higher than the other model's by more than chance explains.".into()
            }
            Self::SlightlyWorse => format!(
                "The score is lower than the other model's by more than chance explains, and by less than {margin}."
            ),
            Self::NoWorse => format!(
                "If the score is lower than the other model's at all, it is so by less than {margin}."
            ),
            Self::TooFewItems => format!(
                "These items are too few to say whether the scores differ, or that this model's is lower by less than {margin}."
            ),
            Self::HabitShifted => {
                "One model gives almost always the same answer and the other does not, so a difference of score is one of habit."
                    .into()
            }
            Self::Broken => {
                "This model cannot tell the cases apart as the other can, or writes no texts, so its score means nothing."
                    .into()
            }
            Self::NotMeasurable => {
                "Neither model can tell the cases apart, or the other one writes no texts, so their scores say what they always answer, not what they know."
                    .into()
            }
            Self::NotReadable => self.sentence(margin),
            Self::DependsOnTheSeed => {
                "With some calibration seeds the score is higher than the other model's and with others lower, by more than chance explains.".into()
            }
        }
    }

    /// Whether it speaks for the compressed model.
    #[must_use]
    pub fn is_favourable(self) -> bool {
        matches!(self, Self::Better | Self::SlightlyWorse | Self::NoWorse)
    }
}
