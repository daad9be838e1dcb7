//! The scores and words of joined items, by the code of a run.

use super::join::{Run, join};
use crate::error::{Error, Result};
use crate::evaluate::words::Look;
use crate::evaluate::{Compared, Comparison, PROBES, ProbeKind, Score, SideFigure, comparisons};
use crate::report::ItemSet;
use crate::report::rebuilt::{Rebuilding, last_look};
use crate::report::reported::{Reported, ReportedFigure, ReportedSide};

/// A dimension over all runs.
pub(super) struct Dimension {
    kind: &'static ProbeKind,
    pub set: ItemSet,
    /// Before, and after each calibration seed; `None` where nothing was measured.
    pub scores: Option<(Score, Vec<Score>)>,
}

/// Every dimension that a run asked, and what of the items did not go into it, a sentence each.
pub(super) fn joined(runs: &[Run], seeds: &[u64]) -> Result<(Vec<Dimension>, Vec<String>)> {
    let rebuilding = Rebuilding::new(&runs[0].report.recipe)?;
    let mut notes = Vec::new();
    let mut dimensions = Vec::new();
    for kind in PROBES.iter().copied() {
        let mut sets = runs.iter().flat_map(|run| &run.report.data);
        if sets.any(|set| set.name == kind.name) {
            let dimension = Dimension::new(kind, runs, seeds, &rebuilding, &mut notes)?;
            dimensions.push(dimension);
        }
    }
    let divergence = dimensions.iter().any(|each| each.lacks_divergence(runs));
    if divergence {
        notes.push(
            "The divergence of next tokens is left out: reports do not hold what it is computed from, and those that are \
             merged are of different texts."
                .to_owned(),
        );
    }
    Ok((dimensions, notes))
}

/// What is said of the dimensions: as a run says it, with one seed after its last look, with several after the only one.
pub(super) fn compared(dimensions: &[Dimension], runs: &[Run]) -> Vec<Comparison> {
    let scored = dimensions.iter().filter_map(|each| each.scores.as_ref());
    let seeds = scored.clone().map(|(_, after)| after.len()).max();
    let seed = runs.iter().map(|run| run.draw).min().unwrap_or(0);
    let compared = scored.filter_map(|(before, after)| {
        Compared::new(before, &after.iter().collect::<Vec<_>>(), seed)
    });
    let compared: Vec<Compared> = compared.collect();
    let look = if seeds == Some(1) {
        last_look()
    } else {
        Look::once()
    };
    let mut comparisons = comparisons(&compared, look);
    for dimension in dimensions {
        let mut own = comparisons.iter_mut();
        let own = own.find(|comparison| comparison.name == dimension.kind.name);
        if let Some((comparison, figure)) = own.zip(dimension.divergence(runs)) {
            comparison.divergence = Some(figure);
        }
    }
    comparisons
}

impl Dimension {
    fn new(
        kind: &'static ProbeKind,
        runs: &[Run],
        seeds: &[u64],
        rebuilding: &Rebuilding,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let provenance = rebuilding.provenance(kind)?;
        let mut dimension = Self {
            kind,
            set: ItemSet {
                name: kind.name,
                provenance,
                items: 0,
            },
            scores: None,
        };
        let known = &mut dimension.set.provenance;
        let sets = runs.iter().flat_map(|run| &run.report.data);
        for own in sets.filter(|set| set.name == kind.name) {
            known.unavailable = known.unavailable.take().or_else(|| own.unavailable.clone());
            for row in &own.left_out {
                if !known.left_out.contains(row) {
                    known.left_out.push(row.clone());
                }
            }
        }
        if runs
            .iter()
            .all(|run| run.report.before.score(kind.name).is_none())
        {
            return Ok(dimension);
        }
        let Some(joined) = join(runs, seeds, kind.name) else {
            known.unavailable = Some("not every calibration seed was asked about it".to_owned());
            return Ok(dimension);
        };
        if joined.left > 0 {
            notes.push(format!(
                "{}: {} of {} items are left out: not every calibration seed was asked them.",
                kind.title,
                joined.left,
                joined.left + joined.before.len()
            ));
        }
        if joined.differing > 0 {
            notes.push(format!(
                "{}: reports of the same seeds do not agree on every answer, as on other kinds of device; where they do not \
                 ({}), the first has its say.",
                kind.title, joined.differing
            ));
        }
        match rebuilding.scores(kind, &joined.before, &joined.after) {
            Ok((mut before, mut after)) => {
                known.unavailable = None;
                dimension.set.items = before.items.len();
                complete(&mut before, runs.iter(), |report| &report.before);
                for (score, seed) in after.iter_mut().zip(seeds) {
                    let own = runs.iter().filter(|run| run.seed == *seed);
                    complete(score, own, |report| &report.after);
                }
                dimension.scores = Some((before, after));
            }
            Err(reason @ Error::Empty { .. }) => known.unavailable = Some(reason.to_string()),
            Err(error) => return Err(error),
        }
        Ok(dimension)
    }

    /// How the next tokens diverge, which reports do not hold the numbers for: as a report of the first seed has it that is of
    /// all these texts.
    fn divergence(&self, runs: &[Run]) -> Option<SideFigure> {
        let (before, _) = self.scores.as_ref().filter(|_| !self.is_rebuilt())?;
        let is_whole = |run: &Run| {
            let score = run.report.before.score(self.kind.name);
            score.is_some_and(|score| score.items.len() == before.items.len())
        };
        let figures = self.reported_divergences(runs, &is_whole);
        let (first, others) = figures.split_first()?;
        let ReportedFigure { value, interval, n } = *first;
        let ends = interval.and_then(|[low, high]| Some([low?, high?]));
        let is_agreed = others.iter().all(|other| other == first);
        is_agreed.then_some(SideFigure::divergence(before.statistic, value?, ends, n))
    }

    /// Whether reports have such a figure, and the merge has not.
    fn lacks_divergence(&self, runs: &[Run]) -> bool {
        let is_reported = !self.reported_divergences(runs, &|_| true).is_empty();
        self.scores.is_some()
            && !self.is_rebuilt()
            && is_reported
            && self.divergence(runs).is_none()
    }

    /// Whether its items say what options were thought of.
    fn is_rebuilt(&self) -> bool {
        let mut sides = self.scores.iter().flat_map(|(_, after)| after);
        sides.any(|score| !score.distributions.is_empty())
    }

    /// Of the runs of the first seed that `is_meant` picks.
    fn reported_divergences(
        &self,
        runs: &[Run],
        is_meant: &dyn Fn(&Run) -> bool,
    ) -> Vec<ReportedFigure> {
        let first = runs.first().map(|run| run.seed);
        let own = runs
            .iter()
            .filter(|run| Some(run.seed) == first && is_meant(run));
        let comparisons = own.flat_map(|run| &run.report.comparisons);
        let own = comparisons.filter(|comparison| comparison.name == self.kind.name);
        own.filter_map(|own| own.divergence).collect()
    }
}

/// What of a score is not in its items: the time that was spent, and what judged its texts.
fn complete<'r>(
    score: &mut Score,
    runs: impl Iterator<Item = &'r Run>,
    side: fn(&Reported) -> &ReportedSide,
) {
    for run in runs {
        side(&run.report).complete(score);
    }
}
