//! From tests to words.

use super::ability::{AbilityChange, AbilityState};
use super::exchange::Exchange;
use super::family::{Look, holm};
use super::habit::Habit;
use super::outcome::{NotCompared, Pairs};
use super::seeds::SeedTest;
use super::word::{Margin, Word};
use serde::Serialize;

/// Clusters below which no word is spoken.
pub const FEWEST_CLUSTERS: usize = 20;
/// The share of unread answers, or of broken texts, above which a side cannot be judged.
const HALF: f64 = 0.5;
/// The share of broken texts of the original model from which nothing can be measured by its texts.
const BROKEN_BEFORE: f64 = 0.2;
const UNCERTAIN: &str = "Whether the compressed model still tells the cases apart as well is uncertain, so nothing good is said of its score.";

const UNCERTAIN_OF_MODELS: &str = "Whether this model tells the cases apart as well as the other is uncertain, so nothing good is said of its score.";

/// All that is known of one dimension or sub-task.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The test of the score; `None` where no item was read on both sides.
    pub behaviour: Option<&'a Exchange>,
    pub clusters: Clusters,
    pub left_out: NotCompared,
    /// Whether a side writes, for this row, and is no more fluent than token frequencies: before and after.
    pub babble: [bool; 2],
    /// `None` where the row has none: toxicity, which its texts alone gate.
    pub ability: Option<&'a AbilityChange>,
    /// Sub-tasks that are not measurable, and sub-tasks in all; `[0, 0]` for a sub-task.
    pub not_measurable: [usize; 2],
    pub habit: Option<&'a Habit>,
    /// With several calibration seeds.
    pub seeds: Option<&'a SeedTest>,
}

/// How many clusters a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Clusters {
    pub asked: usize,
    /// With an item that is compared.
    pub compared: usize,
}

impl Clusters {
    /// Those of some pairs.
    #[must_use]
    pub fn of(pairs: &Pairs) -> Self {
        Self {
            asked: pairs.asked_clusters(),
            compared: pairs.clusters(),
        }
    }
}

/// How words are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    pub look: Look,
    /// Points (or the unit of the score) that count as a little.
    pub margin: Margin,
}

/// A word with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Verdict {
    /// `None` below 20 clusters.
    pub word: Option<Word>,
    /// The word as people read it.
    pub words: String,
    /// What it means.
    pub sentence: String,
    /// After minus before; `None` where nothing was read on both sides.
    pub difference: Option<f64>,
    /// The interval that the word was read from, and its level, 0 to 1.
    pub interval: Option<[f64; 2]>,
    pub level: Option<f64>,
    /// Of the exchange test, two-sided, before Holm's correction; and the level it was compared with.
    pub p: Option<f64>,
    pub alpha: Option<f64>,
    /// The smallest change that this sample could have shown with 80 % power.
    pub smallest_visible: Option<f64>,
    /// The clusters with which a change by the margin would be seen with 80 % power.
    pub clusters_needed: Option<usize>,
    pub clusters: Clusters,
    pub ability: Option<AbilityState>,
    /// "5 points".
    pub margin: String,
    pub left_out: NotCompared,
    /// A look between looks.
    pub provisional: bool,
    /// A sub-task's: one of many, outside Holm's correction.
    pub one_of_many: bool,
}

impl Verdict {
    /// The same of two models, of which none was made of the other.
    #[must_use]
    pub fn of_models(self, margin: Margin) -> Self {
        let sentence = match (self.word, self.ability) {
            (Some(word), Some(AbilityState::Uncertain)) => {
                format!("{} {UNCERTAIN_OF_MODELS}", word.sentence_of_models(margin))
            }
            (Some(word), _) => word.sentence_of_models(margin),
            (None, _) => self.sentence,
        };
        Self { sentence, ..self }
    }
}

/// Whether a row can be tested.
enum Gate<'a> {
    Open(&'a Exchange),
    /// More than half is unread. Ability may be known all the same, where it is told by choices.
    Unread(Option<&'a AbilityChange>),
    /// It has a word without a test.
    Closed(Word),
    /// Too few clusters for any word.
    Silent,
}

/// What a row is tested at.
#[derive(Debug, Clone, Copy)]
struct Levels {
    /// Holm's, for the score and for ability.
    row: f64,
    /// The error over the number of rows, for the margin.
    smallest: f64,
}

/// The verdicts of the dimensions of a report, together: Holm's procedure over the exchange tests of the scores of all rows
/// that can have a word; the drop of a row's ability is tested at the level of its row, and in place of the score where
/// that cannot be read. Usefulness is judged apart, with rows of its own.
#[must_use]
pub fn judge(rows: &[Evidence], rule: Rule) -> Vec<Verdict> {
    let test = |row: &Evidence| match row.gate() {
        Gate::Open(test) => Some(test.p),
        Gate::Unread(ability) => ability.map(|ability| ability.change.p),
        Gate::Silent | Gate::Closed(_) => None,
    };
    let tested: Vec<Option<f64>> = rows.iter().map(test).collect();
    let p: Vec<f64> = tested.iter().copied().flatten().collect();
    let smallest = rule.look.error / p.len().max(1) as f64;
    let mut levels = holm(&p, rule.look.error).into_iter();
    let row = |(row, test): (&Evidence, &Option<f64>)| {
        let own = test.and_then(|_| levels.next()).unwrap_or(smallest);
        row.verdict(Levels { row: own, smallest }, rule, false)
    };
    rows.iter().zip(&tested).map(row).collect()
}

/// The verdict of a sub-task, at a level that its dimension was tested at; marked as one of many.
#[must_use]
pub fn judge_part(row: &Evidence, alpha: f64, rule: Rule) -> Verdict {
    let levels = Levels {
        row: alpha,
        smallest: alpha,
    };
    row.verdict(levels, rule, true)
}

impl Evidence<'_> {
    /// Whether the row can be tested, and what is said of it where not.
    fn gate(&self) -> Gate<'_> {
        let broken = self.left_out.broken_shares();
        let [without, parts] = self.not_measurable;
        let by_texts = if self.ability.is_some() {
            broken[0] > HALF
        } else {
            broken[0] >= BROKEN_BEFORE
        };
        let by_ability = self.ability.is_some_and(|ability| !ability.is_measurable());
        let is_measurable = !(by_texts || self.babble[0] || by_ability || 2 * without > parts);
        let unread = self.left_out.unread_shares();
        if self.clusters.asked < FEWEST_CLUSTERS {
            Gate::Silent
        } else if self.babble[1] && is_measurable && unread[0] <= HALF {
            Gate::Closed(Word::Broken)
        } else if unread[0].max(unread[1]) > HALF {
            Gate::Unread(self.ability.filter(|ability| ability.is_measurable()))
        } else if !is_measurable {
            Gate::Closed(Word::NotMeasurable)
        } else if broken[1] > HALF {
            Gate::Closed(Word::Broken)
        } else {
            match self.behaviour {
                Some(test) if self.clusters.compared >= FEWEST_CLUSTERS => Gate::Open(test),
                _ => Gate::Silent,
            }
        }
    }

    fn verdict(&self, levels: Levels, rule: Rule, one_of_many: bool) -> Verdict {
        let ability = self.ability.map(|ability| ability.state(levels.row));
        let alpha = levels.row;
        let closed = |word| {
            let interval = self.behaviour.map(|test| test.interval(alpha));
            (word, interval, interval.map(|_| 1.0 - alpha))
        };
        let (word, interval, level) = match self.gate() {
            Gate::Silent => closed(None),
            Gate::Closed(word) => closed(Some(word)),
            Gate::Unread(_) if ability == Some(AbilityState::Broken) => closed(Some(Word::Broken)),
            Gate::Unread(_) => closed(Some(Word::NotReadable)),
            Gate::Open(test) => {
                let (word, interval, level) = self.spoken(test, levels, rule.margin.value);
                (Some(word), Some(interval), Some(level))
            }
        };
        // Below 20 clusters nothing is claimed by whiskers either.
        let shown = word.is_some() || self.clusters.compared > 1;
        let sentence = match word {
            // What is uncertain beside the word is said with it.
            Some(word) if ability == Some(AbilityState::Uncertain) => {
                format!("{} {UNCERTAIN}", word.sentence(rule.margin))
            }
            Some(word) => word.sentence(rule.margin),
            None => format!(
                "Fewer than {FEWEST_CLUSTERS} independent groups of items were read on both sides, so no word is spoken."
            ),
        };
        Verdict {
            word,
            words: word.map_or_else(
                || "no word below 20 groups of items".to_owned(),
                |word| word.words(rule.margin),
            ),
            sentence,
            difference: self.behaviour.map(|test| test.difference),
            interval: interval.filter(|_| shown),
            level: level.filter(|_| shown),
            p: self.behaviour.map(|test| test.p),
            alpha: self.behaviour.map(|_| alpha),
            smallest_visible: self.behaviour.and_then(|test| test.smallest_visible(alpha)),
            clusters_needed: self
                .behaviour
                .and_then(|test| test.clusters_needed(rule.margin.value, alpha)),
            clusters: self.clusters,
            ability,
            margin: rule.margin.to_string(),
            left_out: self.left_out,
            provisional: rule.look.provisional,
            one_of_many,
        }
    }

    /// The word of a row that can be judged, with the interval that it was read from and its level.
    ///
    /// The upper end, and both of *better*, have the level of the row. Every other lower end is that of the margin's
    /// test, one-sided at the error over the number of rows: at Holm's level a row that others' rejections have left over
    /// would be called no worse too often.
    fn spoken(&self, test: &Exchange, levels: Levels, margin: f64) -> (Word, [f64; 2], f64) {
        let alpha = levels.row;
        let ability = self.ability.map(|ability| ability.state(alpha));
        let rejects = test.rejects(alpha);
        let is_better = rejects && test.difference > 0.0;
        let both = test.interval(alpha);
        let (interval, level) = if is_better {
            (both, 1.0 - alpha)
        } else {
            let low = test.interval(2.0 * levels.smallest)[0].min(0.0);
            ([low, both[1]], 1.0 - levels.smallest - alpha / 2.0)
        };
        // What may tell the cases apart less well is not spoken for.
        let may_favour = ability.is_none_or(|ability| ability == AbilityState::Holds);
        let within = interval[0] > -margin;
        let word = if ability == Some(AbilityState::Broken) {
            Word::Broken
        } else if self.habit.is_some_and(|habit| habit.shifted(alpha)) {
            Word::HabitShifted
        } else if self.seeds.is_some_and(|seeds| seeds.depends(alpha)) {
            Word::DependsOnTheSeed
        } else {
            match (rejects, is_better) {
                (true, false) if within && may_favour => Word::SlightlyWorse,
                (true, false) => Word::Worse,
                (_, true) if may_favour => Word::Better,
                (false, _) if within && may_favour => Word::NoWorse,
                _ => Word::TooFewItems,
            }
        };
        (word, interval, level)
    }
}
