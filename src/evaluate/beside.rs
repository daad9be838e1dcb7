//! What stands beside a score of questions: controls, and undisturbed twins.

use super::questions::{Place, Questions, counted};
use super::score::Beside;
use super::statistics::{Sample, Statistic};
use std::borrow::Cow;

/// What the figures of twins are called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Twins {
    pub accuracy: &'static str,
    pub drop: &'static str,
}

impl Questions {
    /// Controls, each on its own; then all twins together, and how far the score lies below them.
    pub(super) fn beside(&self, all: &[Sample]) -> Vec<Beside> {
        let seed = self.options.seed;
        let points = |name: &Cow<'static, str>,
                      title: &Cow<'static, str>,
                      samples: &[Sample],
                      of: &dyn Fn(usize) -> bool| {
            Some(Beside {
                name: name.clone(),
                title: title.clone(),
                unit: "points",
                value: Statistic::Points.estimate(samples)?,
                interval: Statistic::Points.interval(samples, seed),
                n: counted(samples),
                chance: self.chance(Statistic::Points, of),
            })
        };
        let mut beside = Vec::new();
        for (index, info) in self.parts.iter().enumerate() {
            if info.place == Place::Control {
                let own: Vec<Sample> = all.iter().copied().filter(|s| s.part == index).collect();
                beside.extend(points(&info.name, &info.title, &own, &|part| part == index));
            }
        }
        if let Some(names) = self.twins {
            let (disturbed, clean) = self.twins(all);
            beside.extend(points(
                &"clean_accuracy".into(),
                &names.accuracy.into(),
                &clean,
                &|part| matches!(self.parts[part].place, Place::TwinOf(_)),
            ));
            let drop = Statistic::Points.difference(&disturbed, &clean, seed);
            beside.extend(drop.map(|(value, interval)| Beside {
                name: "drop".into(),
                title: names.drop.into(),
                unit: "points",
                value,
                interval,
                n: clean.len(),
                chance: None,
            }));
        }
        beside
    }

    /// The samples that have a twin, and the twins.
    fn twins(&self, all: &[Sample]) -> (Vec<Sample>, Vec<Sample>) {
        let mut clean = Vec::new();
        let mut has_twin = vec![false; self.parts.len()];
        for sample in all {
            if let Place::TwinOf(part) = self.parts[sample.part].place {
                has_twin[part] = true;
                clean.push(Sample { part, ..*sample });
            }
        }
        let disturbed = all.iter().copied().filter(|sample| has_twin[sample.part]);
        (disturbed.collect(), clean)
    }
}
