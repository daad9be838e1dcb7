//! The words of a comparison: one list for report, page and command line.

use serde::Serialize;

/// What is said of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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

    /// As people read it, with the margin in points.
    #[must_use]
    pub fn words(self, margin: f64) -> String {
        match self {
            Self::Worse => "worse".into(),
            Self::Better => "better".into(),
            Self::SlightlyWorse => format!("slightly worse (by less than {margin} points)"),
            Self::NoWorse => format!("no worse than {margin} points"),
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
    pub fn sentence(self, margin: f64) -> String {
        match self {
            Self::Worse => "The score fell by more than chance explains.".into(),
            Self::Better => "The score rose by more than chance explains.".into(),
            Self::SlightlyWorse => format!(
                "The score fell by more than chance explains, and by less than {margin} points."
            ),
            Self::NoWorse => format!(
                "If the score fell at all, it fell by less than {margin} points."
            ),
            Self::TooFewItems => format!(
                "These items are too few to say whether the score changed, or that it fell by less than {margin} points."
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

    /// Whether it speaks for the compressed model.
    #[must_use]
    pub fn is_favourable(self) -> bool {
        matches!(self, Self::Better | Self::SlightlyWorse | Self::NoWorse)
    }
}
