//! Two runs beside one another: a side of one report against a side of another.

use super::rebuilt::{Rebuilding, last_look};
use super::reported::{Reported, ReportedSet, ReportedSide};
use super::same::{measured_otherwise, unfit};
use super::{Compression, ItemSet, Measurement, Report, VERSION};
use crate::compress::NONE;
use crate::error::{Error, Result};
use crate::evaluate::{Compared, Item, PROBES, ProbeKind, Score, comparisons};
use crate::recipe::Recipe;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Which side of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// The model as it was.
    Before,
    /// What the recipe made of it.
    After,
}

/// A side of a report that was written before.
#[derive(Debug)]
pub struct Chosen {
    /// What the report is called.
    pub name: String,
    pub report: Reported,
    pub which: Which,
}

/// Sets two sides beside one another, as a run of both would: item by item where the same prompts went to both, else as two
/// samples. Of what was asked only the items count that both were asked. They may be of one model or of two; the words of a
/// model and what a recipe made of it are those of a report, all others are about two models.
///
/// An error where a report was measured otherwise than the other, or where they share nothing.
pub fn compare(left: &Chosen, right: &Chosen) -> Result<Report> {
    for Chosen { name, report, .. } in [left, right] {
        if let Some(reason) = unfit(report) {
            return Err(Error::NotCompared(format!("{name} {reason}.")));
        }
    }
    if let Some(reason) = measured_otherwise(&left.report, &right.report, &["items"]) {
        return Err(Error::NotCompared(format!("{} {reason}.", right.name)));
    }
    let one_model = left.report.model.hash == right.report.model.hash;
    let (from, to) = (left.which, right.which);
    if one_model && from == Which::Before && to == Which::Before {
        let reason = format!("both sides are {} as it was.", left.report.model.name);
        return Err(Error::NotCompared(reason));
    }
    let of_models = !one_model || from == Which::After;
    let rebuilding = Rebuilding::new(&right.report.recipe)?;
    let (mut data, mut notes, mut pairs) = (Vec::new(), notes(left, right), Vec::new());
    for kind in PROBES.iter().copied() {
        let sets = [left, right].map(|side| side.set(kind));
        let [Some(own), Some(other)] = sets else {
            continue;
        };
        let mut set = ItemSet {
            name: kind.name,
            provenance: rebuilding.provenance(kind)?,
            items: 0,
        };
        let further = other.left_out.iter();
        let further = further.filter(|row| !own.left_out.contains(row));
        set.provenance.left_out = own.left_out.iter().chain(further).cloned().collect();
        match scored(kind, [left, right], &rebuilding)? {
            Scored::Both(scores, left_out) => {
                set.items = scores[0].items.len();
                if left_out > 0 {
                    notes.push(format!(
                        "{}: {left_out} of {} items are left out: only one side was asked them.",
                        kind.title,
                        left_out + set.items
                    ));
                }
                pairs.push(*scores);
            }
            Scored::Unavailable(reason) => set.provenance.unavailable = Some(reason),
        }
        data.push(set);
    }
    if pairs.is_empty() {
        return Err(Error::NotCompared(
            "there is nothing that both were asked.".to_owned(),
        ));
    }
    let compared = pairs.iter().filter_map(|[before, after]| {
        let compared = Compared::new(before, &[after], rebuilding.seed())?;
        Some(if of_models {
            compared.of_models()
        } else {
            compared
        })
    });
    let compared: Vec<Compared> = compared.collect();
    let (before, after) = pairs.into_iter().map(<(Score, Score)>::from).unzip();
    Ok(Report {
        version: VERSION,
        engine: right.report.engine.clone(),
        model: right.report.model.clone(),
        against: of_models.then(|| left.report.model.clone()),
        against_recipe: (from == Which::After).then(|| left.report.recipe.clone()),
        recipe: right.recipe(),
        data,
        notes,
        before: left.measurement(before),
        after: right.measurement(after),
        calibration: right.report.calibration.clone(),
        compression: right.compression(),
        comparisons: comparisons(&compared, last_look()),
        others: Vec::new(),
        spread: None,
        merged: None,
        complete: true,
    })
}

/// A dimension of both sides.
enum Scored {
    /// Left and right, and the number of items that are left out because only one of them was asked.
    Both(Box<[Score; 2]>, usize),
    Unavailable(String),
}

fn scored(
    kind: &'static ProbeKind,
    sides: [&Chosen; 2],
    rebuilding: &Rebuilding,
) -> Result<Scored> {
    let unavailable = sides.iter().find_map(|side| {
        let reason = side.set(kind)?.unavailable.as_ref()?;
        Some(format!("{reason} ({})", side.name))
    });
    if let Some(reason) = unavailable {
        return Ok(Scored::Unavailable(reason));
    }
    let [left, right] = sides.map(|side| side.ids(kind));
    let common: BTreeSet<&str> = left.intersection(&right).copied().collect();
    if common.is_empty() {
        let reason = "no item was asked of both sides".to_owned();
        return Ok(Scored::Unavailable(reason));
    }
    let mut scores = Vec::new();
    for side in sides {
        match side.score(kind, &common, rebuilding) {
            Err(reason @ Error::Empty { .. }) => {
                return Ok(Scored::Unavailable(reason.to_string()));
            }
            score => scores.push(score?),
        }
    }
    let left_out = left.union(&right).count() - common.len();
    Ok(match <[Score; 2]>::try_from(scores) {
        Ok(scores) => Scored::Both(Box::new(scores), left_out),
        Err(_) => Scored::Unavailable("it was not scored".to_owned()),
    })
}

impl Chosen {
    fn set(&self, kind: &ProbeKind) -> Option<&ReportedSet> {
        self.report.data.iter().find(|set| set.name == kind.name)
    }

    fn side(&self) -> &ReportedSide {
        match self.which {
            Which::Before => &self.report.before,
            Which::After => &self.report.after,
        }
    }

    fn ids(&self, kind: &ProbeKind) -> BTreeSet<&str> {
        let score = self.side().score(kind.name);
        let items = score.iter().flat_map(|score| &score.items);
        items.map(|item| &*item.id).collect()
    }

    /// The score over some items. Texts are none where they surprise the model as it was.
    fn score(
        &self,
        kind: &'static ProbeKind,
        ids: &BTreeSet<&str>,
        rebuilding: &Rebuilding,
    ) -> Result<Score> {
        let items = |side: &ReportedSide| -> Vec<Item> {
            let score = side.score(kind.name);
            let items = score.iter().flat_map(|score| &score.items);
            let by_id: BTreeMap<&str, &Item> = items.map(|item| (&*item.id, item)).collect();
            let own = ids.iter().filter_map(|id| by_id.get(id));
            own.map(|item| (*item).clone()).collect()
        };
        let before = items(&self.report.before);
        let mut score = match self.which {
            Which::Before => rebuilding.scores(kind, &before, &[])?.0,
            Which::After => {
                let after = items(&self.report.after);
                let (before, mut after) = rebuilding.scores(kind, &before, &[after])?;
                after.pop().unwrap_or(before)
            }
        };
        self.side().complete(&mut score);
        Ok(score)
    }

    /// What was done to the model, and how it was measured.
    fn recipe(&self) -> Recipe {
        let recipe = self.report.recipe.clone();
        match self.which {
            Which::After => recipe,
            Which::Before => Recipe {
                method: NONE.to_owned(),
                settings: serde_json::Map::new(),
                ..recipe
            },
        }
    }

    fn compression(&self) -> Compression {
        match self.which {
            Which::After => self.report.compression.clone(),
            Which::Before => Compression {
                seconds: 0.0,
                layers: Vec::new(),
                tables: String::new(),
            },
        }
    }

    fn measurement(&self, scores: Vec<Score>) -> Measurement {
        let side = self.side();
        Measurement {
            size: side.size,
            seconds: side.seconds,
            tokens_per_second: side.tokens_per_second,
            scores,
            ..Measurement::without_size(side.template)
        }
    }
}

/// What a reader of both should know: what each report says, once, and which seed counts.
fn notes(left: &Chosen, right: &Chosen) -> Vec<String> {
    let mut notes: Vec<String> = right.report.notes.clone();
    for note in &left.report.notes {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    for Chosen {
        name,
        report,
        which,
    } in [left, right]
    {
        if *which == Which::After && report.spread.is_some() {
            notes.push(format!(
                "{name} has several calibration seeds: the first of them counts here."
            ));
        }
    }
    let engines = [left, right].map(|side| {
        let engine = &side.report.engine;
        (&engine.commit, &engine.target, &engine.backend)
    });
    if engines[0] != engines[1] {
        notes.push(
            "The two were measured by several builds or on several kinds of device.".to_owned(),
        );
    }
    notes
}
