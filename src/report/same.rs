//! What reports have in common: whether they were measured alike, and whether they are of one experiment, which is the same but
//! for seeds, the number of items and which dimensions were asked.

use super::reported::Reported;
use crate::evaluate::{PROBES, ProbeKind};
use crate::recipe::words;
use serde_json::{Map, Value};

/// Where the items are from that this program has.
const CLASSROOM: &str = "classroom";

/// Why nothing can be computed anew from a report; a clause behind its name.
pub(super) fn unfit(report: &Reported) -> Option<String> {
    let source = report.recipe.evaluation.get("source");
    let source = source.map_or_else(|| CLASSROOM.to_owned(), words);
    let other_items = |kind: &&&ProbeKind| {
        let mut sets = report.data.iter();
        sets.any(|set| set.name == kind.name && set.hash != kind.hash())
    };
    let other_items = PROBES.iter().find(other_items);
    match () {
        () if report.against.is_some() => Some(
            "compares two models already: take the reports of each of them".to_owned(),
        ),
        () if report.merged.is_some() => Some(
            "is merged already: take the reports that it was made of".to_owned(),
        ),
        () if !report.complete => Some(
            "was stopped early, with scores of a part of its sample: let it run to its end"
                .to_owned(),
        ),
        () if source != CLASSROOM => Some(format!(
            "has items of another source ({source}), and a report does not hold all that these are made of"
        )),
        () => other_items.map(|kind| {
            format!(
                "was asked other items of {} than this program has: read it with the program that measured it",
                kind.title
            )
        }),
    }
}

/// What a report was measured otherwise by than another one: its questions, who judged its texts, and the program. `free` are
/// settings that may differ. A clause behind its name.
pub(super) fn measured_otherwise(
    one: &Reported,
    other: &Reported,
    free: &[&str],
) -> Option<String> {
    let scorer = |report: &Reported| {
        let mut scores = report.before.scores.iter();
        scores.find_map(|score| score.scorer.clone())
    };
    let (mine, its) = (&one.recipe.evaluation, &other.recipe.evaluation);
    settings("evaluation", mine, its, free)
        .or_else(|| unlike("scorer of toxicity", &scorer(one)?, &scorer(other)?))
        .or_else(|| {
            unlike(
                "version of the program",
                &one.engine.version,
                &other.engine.version,
            )
        })
}

/// What a report differs by from one that it was to be merged with; a clause behind its name.
pub(super) fn difference(one: &Reported, other: &Reported) -> Option<String> {
    if one.model.hash != other.model.hash {
        return Some(format!(
            "is of another model: {} ({}), not {} ({})",
            other.model.name,
            short(&other.model.hash),
            one.model.name,
            short(&one.model.hash)
        ));
    }
    let (mine, its) = (&one.recipe, &other.recipe);
    unlike("method", &mine.method, &its.method)
        .or_else(|| settings("settings", &mine.settings, &its.settings, &[]))
        .or_else(|| {
            let free = ["seed", "seeds"];
            settings("calibration", &mine.calibration, &its.calibration, &free)
        })
        .or_else(|| {
            let texts = [one, other].map(|report| &report.calibration);
            (texts[0].hash != texts[1].hash).then(|| {
                format!(
                    "was calibrated by another text: {} ({}), not {} ({})",
                    texts[1].text,
                    short(&texts[1].hash),
                    texts[0].text,
                    short(&texts[0].hash)
                )
            })
        })
        .or_else(|| {
            let [one, other] = [one, other].map(|report| format!("{:?}", report.before.template));
            unlike("template", &one.to_lowercase(), &other.to_lowercase())
        })
        .or_else(|| measured_otherwise(one, other, &["seed", "items"]))
}

fn unlike(what: &str, one: &str, other: &str) -> Option<String> {
    (one != other).then(|| format!("has another {what}: {other}, not {one}"))
}

fn settings(
    part: &str,
    one: &Map<String, Value>,
    other: &Map<String, Value>,
    free: &[&str],
) -> Option<String> {
    let keys = one.keys().chain(other.keys());
    let mut keys = keys.filter(|key| !free.contains(&key.as_str()));
    let told = |value: Option<&Value>| value.map_or_else(|| "none".to_owned(), words);
    keys.find_map(|key| {
        let name = format!("{part}.{key}");
        unlike(&name, &told(one.get(key)), &told(other.get(key)))
    })
}

/// Enough of a hash to tell it from another.
fn short(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}
