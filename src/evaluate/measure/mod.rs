//! Measuring: what responses add up to, how sure that is, and what compression changed.

mod bootstrap;
mod comparison;
mod fairness;
mod sample;
mod score;
mod statistics;
pub mod words;

pub use comparison::{Change, Comparison, PartComparison, Verdict, compare};
pub use fairness::Outcomes;
pub use sample::Sample;
pub use score::{
    Answers, Commonest, Direction, Distribution, Group, Item, Part, Role, Score, SideFigure,
    Unmeasured,
};
pub use statistics::{Statistic, wilson};

pub(in crate::evaluate) use sample::counted;
