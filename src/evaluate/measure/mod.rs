//! Measuring: what responses add up to, how sure that is, and what compression changed.

mod bootstrap;
mod broken;
mod cases;
mod change;
mod comparison;
mod evidence;
mod fairness;
mod habits;
mod sample;
mod score;
mod statistics;
mod texts;
pub mod words;

pub use broken::Texts;
pub use change::Change;
pub use comparison::{Compared, Comparison, PartComparison, compare, comparisons};
pub use fairness::Outcomes;
pub use sample::Sample;
pub use score::{
    Answers, Commonest, Direction, Distribution, Group, Item, Part, Role, Score, SideFigure,
    Unmeasured,
};
pub use statistics::{Statistic, wilson};
pub use words::{Pairing, Verdict};

pub(in crate::evaluate) use evidence::figure;
pub(in crate::evaluate) use sample::counted;
