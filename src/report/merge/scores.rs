//! The scores and words of joined items, by the code of a run.

use super::join::{Joined, Run, join};
use super::reported::{Reported, ReportedFigure, ReportedSide};
use crate::error::{Error, Result};
use crate::evaluate::words::{LOOKS, Look};
use crate::evaluate::{
    Compared, Comparison, Items, Options, PARAMETERS, PROBES, ProbeKind, Score, SideFigure,
    comparisons, privacy,
};
use crate::recipe::Settings;
use crate::report::ItemSet;

/// A dimension over all runs.
pub(super) struct Dimension {
    kind: &'static ProbeKind,
    pub set: ItemSet,
    /// Before, and after each calibration seed; `None` where nothing was measured.
    pub scores: Option<(Score, Vec<Score>)>,
}

/// Every dimension that a run asked, and what of the items did not go into it, a sentence each.
pub(super) fn joined(runs: &[Run], seeds: &[u64]) -> Result<(Vec<Dimension>, Vec<String>)> {
    let options = options(&runs[0])?;
    let mut notes = Vec::new();
    let mut dimensions = Vec::new();
    for kind in PROBES.iter().copied() {
        let mut sets = runs.iter().flat_map(|run| &run.report.data);
        if sets.any(|set| set.name == kind.name) {
            let dimension = Dimension::new(kind, runs, seeds, &options, &mut notes)?;
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
    let look = match (seeds, LOOKS.last()) {
        (Some(1), Some((_, error))) => Look {
            error: *error,
            provisional: false,
        },
        _ => Look::once(),
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

/// How the runs were measured, but with all items: those that were asked are picked by name. A report does not name the world
/// of its model, and its items do.
fn options(run: &Run) -> Result<Options> {
    let report = &run.report;
    let settings = Settings::new(PARAMETERS, &report.recipe.evaluation)?;
    let of = |world| Options {
        items: Items::All,
        world,
        ..Options::of(&settings)
    };
    let worlds = [None, Some(privacy::world()?)];
    let fits = |options: &Options| {
        PROBES
            .iter()
            .copied()
            .try_for_each(|kind| match report.before.score(kind.name) {
                Some(score) => {
                    let (probe, _) = options.supply.probe(kind, options)?;
                    let items = score.items.clone();
                    probe.map_or(Ok(()), |probe| probe.score_items(items).map(drop))
                }
                None => Ok(()),
            })
    };
    let mut problem = None;
    for options in worlds.map(of) {
        match fits(&options) {
            Ok(()) => return Ok(options),
            Err(error) => problem = Some(error),
        }
    }
    Err(problem.unwrap_or_else(|| Error::NotMerged(String::new())))
}

impl Dimension {
    fn new(
        kind: &'static ProbeKind,
        runs: &[Run],
        seeds: &[u64],
        options: &Options,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let (probe, provenance) = options.supply.probe(kind, options)?;
        let mut set = ItemSet {
            name: kind.name,
            provenance,
            items: 0,
        };
        for own in runs.iter().flat_map(|run| &run.report.data) {
            if own.name == kind.name {
                let known = &mut set.provenance;
                known.unavailable = known.unavailable.take().or_else(|| own.unavailable.clone());
                for row in &own.left_out {
                    if !known.left_out.contains(row) {
                        known.left_out.push(row.clone());
                    }
                }
            }
        }
        let mut dimension = Self {
            kind,
            set,
            scores: None,
        };
        let is_scored = |run: &&Run| run.report.before.score(kind.name).is_some();
        let (Some(probe), Some(_)) = (probe, runs.iter().find(is_scored)) else {
            return Ok(dimension);
        };
        let unavailable = &mut dimension.set.provenance.unavailable;
        let Some(joined) = join(runs, seeds, kind.name) else {
            *unavailable = Some("not every calibration seed was asked about it".to_owned());
            return Ok(dimension);
        };
        let Joined {
            left, differing, ..
        } = joined;
        if left > 0 {
            notes.push(format!(
                "{}: {left} items that not every calibration seed was asked are left out.",
                kind.title
            ));
        }
        if differing > 0 {
            notes.push(format!(
                "{}: {differing} answers of one seed are not the same in every report, as on another kind of device; the first \
                 report has its say.",
                kind.title
            ));
        }
        let before = probe.score_items(joined.before);
        let after = joined.after.into_iter();
        let after: Result<Vec<Score>> = after.map(|items| probe.score_items(items)).collect();
        match before.and_then(|before| Ok((before, after?))) {
            Ok((mut before, mut after)) => {
                *unavailable = None;
                dimension.set.items = before.items.len();
                let surprising_above = before.surprising_above();
                before.judge_texts(surprising_above);
                complete(&mut before, runs.iter(), |report| &report.before);
                for (score, seed) in after.iter_mut().zip(seeds) {
                    score.judge_texts(surprising_above);
                    let own = runs.iter().filter(|run| run.seed == *seed);
                    complete(score, own, |report| &report.after);
                }
                dimension.scores = Some((before, after));
            }
            Err(reason @ Error::Empty { .. }) => *unavailable = Some(reason.to_string()),
            Err(error) => return Err(error),
        }
        Ok(dimension)
    }

    /// How the next tokens diverge, which reports do not hold the numbers for: as the reports of the first seed have it, where
    /// these are of the same texts.
    fn divergence(&self, runs: &[Run]) -> Option<SideFigure> {
        let (before, after) = self.scores.as_ref()?;
        let mut figures = self.reported_divergences(runs);
        let figure = figures.next()?;
        let items = |run: &Run| {
            let score = run.report.before.score(self.kind.name);
            score.map_or(0, |score| score.items.len())
        };
        let is_whole = runs
            .iter()
            .map(items)
            .all(|n| n == 0 || n == before.items.len());
        let is_shown = after.first()?.distributions.is_empty();
        let ReportedFigure { value, interval, n } = figure;
        (is_whole && is_shown && figures.all(|other| other == figure)).then(|| {
            let ends = interval.and_then(|[low, high]| Some([low?, high?]));
            Some(SideFigure::divergence(before.statistic, value?, ends, n))
        })?
    }

    fn lacks_divergence(&self, runs: &[Run]) -> bool {
        let Some((_, after)) = &self.scores else {
            return false;
        };
        let is_reported = self.reported_divergences(runs).next().is_some();
        let is_rebuilt = after.iter().any(|score| !score.distributions.is_empty());
        is_reported && !is_rebuilt && self.divergence(runs).is_none()
    }

    fn reported_divergences(&self, runs: &[Run]) -> impl Iterator<Item = ReportedFigure> {
        let first = runs.first().map(|run| run.seed);
        let own = runs.iter().filter(move |run| Some(run.seed) == first);
        let comparisons = own.flat_map(|run| &run.report.comparisons);
        let own = comparisons.filter(|comparison| comparison.name == self.kind.name);
        own.filter_map(|comparison| comparison.divergence)
    }
}

/// What of a score is not in its items: the time that was spent, and what judged its texts.
fn complete<'r>(
    score: &mut Score,
    runs: impl Iterator<Item = &'r Run>,
    side: fn(&Reported) -> &ReportedSide,
) {
    for own in runs.filter_map(|run| side(&run.report).score(score.name)) {
        score.seconds += own.seconds;
        score.scorer.clone_from(&own.scorer);
    }
}
