//! What stands beside a score of questions: controls, and undisturbed twins.

use super::part::{PartInfo, PartRole, Twins};
use crate::evaluate::measure::{Sample, SideFigure, Statistic, counted};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What the best constant answer scores on the sub-tasks that are picked.
type Chance<'a> = dyn Fn(&dyn Fn(usize) -> bool) -> Option<f64> + 'a;

/// Controls, each on its own; then all twins together, and how far the score lies below them. `chance` gives what
/// the best constant answer scores on some of the sub-tasks.
pub(super) fn of(
    parts: &[PartInfo],
    twins: Option<Twins>,
    all: &[Sample],
    seed: u64,
    chance: &Chance,
) -> Vec<SideFigure> {
    let points = |name: &Cow<'static, str>,
                  title: &Cow<'static, str>,
                  samples: &[Sample],
                  of: &dyn Fn(usize) -> bool| {
        Some(SideFigure {
            name: name.clone(),
            title: title.clone(),
            unit: "points",
            value: Statistic::Points.estimate(samples)?,
            interval: Statistic::Points.interval(samples, seed),
            n: counted(samples),
            chance: chance(of),
        })
    };
    let mut figures = Vec::new();
    for (index, info) in parts.iter().enumerate() {
        if info.role == PartRole::Control {
            let own: Vec<Sample> = all.iter().copied().filter(|s| s.part == index).collect();
            figures.extend(points(&info.name, &info.title, &own, &|part| part == index));
        }
    }
    if let Some(names) = twins {
        let (disturbed, clean) = with_twins(parts, all);
        figures.extend(points(
            &"clean_accuracy".into(),
            &names.accuracy.into(),
            &clean,
            &|part| matches!(parts[part].role, PartRole::TwinOf(_)),
        ));
        let drop = Statistic::Points.difference(&disturbed, &clean, seed);
        figures.extend(drop.map(|(value, interval)| SideFigure {
            name: "drop".into(),
            title: names.drop.into(),
            unit: "points",
            value,
            interval,
            n: clean.len(),
            chance: None,
        }));
    }
    figures
}

/// The samples that have a twin, and the twins.
fn with_twins(parts: &[PartInfo], all: &[Sample]) -> (Vec<Sample>, Vec<Sample>) {
    let twin = |sample: &Sample| match parts[sample.part].role {
        PartRole::TwinOf(part) => Some(Sample { part, ..*sample }),
        _ => None,
    };
    let clean: Vec<Sample> = all.iter().filter_map(twin).collect();
    let places: BTreeSet<(usize, usize)> = clean.iter().map(|s| (s.part, s.cluster)).collect();
    let has_twin = |sample: &&Sample| places.contains(&(sample.part, sample.cluster));
    (all.iter().filter(has_twin).copied().collect(), clean)
}
