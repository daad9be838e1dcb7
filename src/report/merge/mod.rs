//! Several reports of one experiment as one: of many calibration seeds, or of many shares of the items.

mod join;
mod scores;

use super::reported::{Reported, ReportedSide};
use super::same::{difference, unfit};
use super::{Measurement, Report, Spread, VERSION};
use crate::calibrate::{self, Purpose};
use crate::error::{Error, Result};
use crate::evaluate::PROBES;
use crate::recipe::Recipe;
use crate::validate::CheckedRecipe;
use join::Run;
use scores::Dimension;
use serde::Serialize;
use std::collections::BTreeSet;

/// What a report was made of that is several as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Merged {
    /// Reports, those that are equal to others included.
    pub reports: usize,
    /// Of these, those that are equal to another one, and count with it once.
    pub equal: usize,
    /// Calibration seeds.
    pub seeds: Vec<u64>,
    /// Seeds that items were drawn by.
    pub item_seeds: Vec<u64>,
}

/// A merge, and what did not go into it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Merging {
    pub report: Report,
    /// A sentence for each file that is of no or of another experiment, which its name begins.
    pub refused: Vec<String>,
}

/// Merges the reports of one experiment, each given with the name of its file, or with what it is instead (a clause): that of
/// which most are there, and of as many the one of the first. What was measured otherwise is refused by name. The order of the
/// files decides nothing else.
///
/// Every score, interval and word is what a run over the joined items would say. An item counts once, however many reports have
/// it; over calibration seeds its answers are averaged, as in a run of several seeds. An error where nothing fits.
pub fn merge(files: Vec<(String, std::result::Result<Reported, String>)>) -> Result<Merging> {
    let mut refused = Vec::new();
    let mut groups: Vec<Vec<(usize, String, Reported)>> = Vec::new();
    for (place, (name, report)) in files.into_iter().enumerate() {
        let fit = report.and_then(|report| unmerged(&report).map_or(Ok(report), Err));
        match fit {
            Err(reason) => refused.push((place, format!("{name} {reason}."))),
            Ok(report) => {
                let mut known = groups.iter_mut();
                let own = known.find(|group| difference(&group[0].2, &report).is_none());
                match own {
                    Some(group) => group.push((place, name, report)),
                    None => groups.push(vec![(place, name, report)]),
                }
            }
        }
    }
    let largest = (0..groups.len()).rev().max_by_key(|at| groups[*at].len());
    let chosen = largest.map(|at| groups.swap_remove(at)).unwrap_or_default();
    for (place, name, report) in groups.into_iter().flatten() {
        let reason = chosen
            .first()
            .and_then(|(_, _, one)| difference(one, &report));
        refused.push((place, format!("{name} {}.", reason.unwrap_or_default())));
    }
    refused.sort();
    let refused: Vec<String> = refused.into_iter().map(|(_, sentence)| sentence).collect();
    if chosen.is_empty() {
        return Err(Error::NotMerged(refused.join(" ")));
    }
    let reports = chosen.len();
    let mut runs: Vec<Run> = chosen
        .into_iter()
        .map(|(_, _, report)| Run::new(report))
        .collect();
    if !is_calibrated(&runs[0].report.recipe)? {
        let least = runs.iter().map(|run| run.seed).min().unwrap_or(0);
        for run in &mut runs {
            run.seed = least;
        }
    }
    runs.sort_by_key(|run| (run.seed, run.draw, run.answers));
    runs.dedup_by_key(|run| (run.seed, run.draw, run.answers));
    let merged = Merged {
        equal: reports - runs.len(),
        reports,
        seeds: each(runs.iter().map(|run| run.seed)),
        item_seeds: each(runs.iter().map(|run| run.draw)),
    };
    Ok(Merging {
        report: joined(&runs, merged)?,
        refused,
    })
}

/// Why a report cannot be merged with any; a clause behind its name.
fn unmerged(report: &Reported) -> Option<String> {
    let several = || {
        "has several calibration seeds, and holds the answers of the first alone as a merge needs them: run each seed by itself"
            .to_owned()
    };
    unfit(report).or_else(|| report.spread.is_some().then(several))
}

/// Whether the seed of calibration decides anything but what the errors of layers are measured on.
fn is_calibrated(recipe: &Recipe) -> Result<bool> {
    Ok(CheckedRecipe::new(recipe)?.chain.purpose() == Purpose::Compress)
}

fn each(seeds: impl Iterator<Item = u64>) -> Vec<u64> {
    let seeds: BTreeSet<u64> = seeds.collect();
    seeds.into_iter().collect()
}

/// The report of several runs of one experiment, sorted by their seeds.
fn joined(runs: &[Run], merged: Merged) -> Result<Report> {
    let Some(Run { report: first, .. }) = runs.first() else {
        return Err(Error::NotMerged(String::new()));
    };
    let (dimensions, notes) = scores::joined(runs, &merged.seeds)?;
    if dimensions.iter().all(|each| each.scores.is_none()) {
        return Err(Error::NotMerged(
            "of these reports no dimension has a score that every calibration seed was asked for."
                .to_owned(),
        ));
    }
    let mut report = Report {
        version: VERSION,
        engine: first.engine.clone(),
        model: first.model.clone(),
        recipe: recipe(runs, &merged),
        data: dimensions.iter().map(|each| each.set.clone()).collect(),
        notes: [vec![told(&merged)], notes, measured_notes(runs)].concat(),
        before: measurement(runs, |run| &run.report.before),
        after: measurement(runs, |run| &run.report.after),
        calibration: first.calibration.clone(),
        compression: first.compression.clone(),
        comparisons: scores::compared(&dimensions, runs),
        others: Vec::new(),
        spread: None,
        merged: None,
        against: None,
        against_recipe: None,
        complete: true,
    };
    let mut further = vec![Vec::new(); merged.seeds.len().saturating_sub(1)];
    for Dimension { scores, .. } in dimensions {
        let Some((before, after)) = scores else {
            continue;
        };
        let mut after = after.into_iter();
        report.before.scores.push(before);
        report.after.scores.extend(after.next());
        for (seed, score) in further.iter_mut().zip(after) {
            seed.push(score);
        }
    }
    if let [seed, others @ ..] = &merged.seeds[..]
        && !others.is_empty()
    {
        let mut spread = Spread::new(*seed, &report.after.scores);
        for (seed, scores) in others.iter().zip(&further) {
            spread.add(*seed, scores);
        }
        report.spread = Some(spread);
    }
    report.merged = Some(merged);
    Ok(report)
}

/// A side without scores, with all the time that was spent on it.
fn measurement(runs: &[Run], side: fn(&Run) -> &ReportedSide) -> Measurement {
    let sides = || runs.iter().map(side);
    let seconds: f64 = sides().map(|side| side.seconds).sum();
    let tokens: f64 = sides()
        .map(|side| side.tokens_per_second * side.seconds)
        .sum();
    let first = side(&runs[0]);
    Measurement {
        size: first.size,
        seconds,
        tokens_per_second: if seconds > 0.0 { tokens / seconds } else { 0.0 },
        ..Measurement::without_size(first.template)
    }
}

/// The recipe of the first run, over all seeds where these are in a row, and all dimensions.
fn recipe(runs: &[Run], merged: &Merged) -> Recipe {
    let mut recipe = runs[0].report.recipe.clone();
    let in_a_row = merged.seeds.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    let seeds = merged.seeds.len();
    let parameter = calibrate::SEEDS.parameter;
    if in_a_row && parameter.read(&seeds.to_string()).is_some() {
        recipe
            .calibration
            .insert(parameter.name.to_owned(), seeds.into());
    }
    let asked = |name: &str| {
        let mut probes = runs.iter().map(|run| &run.report.recipe.probes);
        probes.any(|probes| probes.is_empty() || probes.iter().any(|probe| probe == name))
    };
    let probes = PROBES
        .iter()
        .map(|kind| kind.name)
        .filter(|name| asked(name));
    let probes: Vec<String> = probes.map(str::to_owned).collect();
    recipe.probes = if probes.len() == PROBES.len() {
        Vec::new()
    } else {
        probes
    };
    recipe
}

/// What the report is, for its reader.
fn told(merged: &Merged) -> String {
    let Merged {
        reports,
        equal,
        seeds,
        item_seeds,
    } = merged;
    let equal = match equal {
        0 => String::new(),
        1 => " 1 of them is equal to another and counts once with it.".to_owned(),
        _ => format!(" {equal} of them are equal to others and count once with these."),
    };
    format!(
        "{reports} {} merged here: of calibration {}, with items drawn by {}.{equal}",
        if *reports == 1 {
            "report is"
        } else {
            "reports of one experiment are"
        },
        named("seed", seeds),
        named("seed", item_seeds),
    )
}

fn named(noun: &str, numbers: &[u64]) -> String {
    let texts: Vec<String> = numbers.iter().map(u64::to_string).collect();
    let plural = if numbers.len() == 1 { "" } else { "s" };
    format!("{noun}{plural} {}", texts.join(", "))
}

/// What the reports say themselves, each sentence once; and what their merge leaves of them.
fn measured_notes(runs: &[Run]) -> Vec<String> {
    let reports = || runs.iter().map(|run| &run.report);
    let mut notes: Vec<String> = Vec::new();
    for note in reports().flat_map(|report| &report.notes) {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    let engines: BTreeSet<String> = reports()
        .map(|report| {
            let engine = &report.engine;
            let commit = engine.commit.as_deref().unwrap_or("no commit");
            format!(
                "{} ({commit}) on {}, {}",
                engine.version, engine.target, engine.backend
            )
        })
        .collect();
    if engines.len() > 1 {
        let engines: Vec<String> = engines.into_iter().collect();
        notes.push(format!(
            "They were measured by several builds or kinds of device: {}.",
            engines.join("; ")
        ));
    }
    if reports().any(|report| !report.others.is_empty()) {
        notes.push("What else was compared with the model before is left out.".to_owned());
    }
    notes
}
