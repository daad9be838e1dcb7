//! Words that are true: when a change of a score may be called worse, better or no worse, and when nothing may be said.
//!
//! Plain data in, plain data out: no model, no item and no dimension is known here. `docs/method.md` says why each rule is
//! as it is, and what simulation shows of it.

pub mod ability;
pub mod choices;
pub mod constant;
pub mod exchange;
pub mod family;
pub mod figure;
pub mod groups;
pub mod habit;
mod interval;
pub mod normal;
pub mod outcome;
mod random;
mod recompute;
mod score;
pub mod seeds;
mod signs;
mod sum;
mod two_samples;
pub mod verdict;
pub mod word;

pub use ability::{Ability, AbilityChange, AbilityState, Case, auroc};
pub use choices::Choice;
pub use constant::{Worths, best_constant};
pub use exchange::Exchange;
pub use family::{ERROR, LOOKS, Look, holm};
pub use figure::Figure;
pub use groups::{Disparities, Person, odds};
pub use habit::{Answer, CommonestAnswers, Habit};
pub use normal::wilson;
pub use outcome::{NotCompared, Outcome, Pairing, Pairs, Reading};
pub use seeds::SeedTest;
pub use verdict::{Clusters, Evidence, Rule, Verdict, judge, judge_part};
pub use word::{Margin, Word};
