//! What is to be asked: made and checked before anything runs.

use super::{Event, ItemSet, Stage};
use crate::error::{Error, Result};
use crate::evaluate::items::LeftOut;
use crate::evaluate::{
    Asker, Asking, Group, Memory, Options, Probe, ProbeKind, Request, Score, ask_all, evaluate_by,
    unfitting,
};

/// A dimension with its probe, where there is one.
pub(super) struct PreparedProbe {
    pub kind: &'static ProbeKind,
    pub set: ItemSet,
    probe: Option<Box<dyn Probe>>,
}

/// A model that is to be asked: its name, where a reader must be told which of several it is.
pub(super) type Asked = (Option<String>, Asking);

/// The dimensions, each with what can be asked of all these models: the same of each. A broken file is an error, and so is a run in which
/// dimensions of trust were chosen and none has anything to be asked.
pub(super) fn prepare(
    asked: &[Asked],
    kinds: &[&'static ProbeKind],
    options: &Options,
) -> Result<Vec<PreparedProbe>> {
    let kinds = kinds.iter().copied();
    let all = kinds.map(|kind| PreparedProbe::new(asked, kind, options));
    let all = all.collect::<Result<Vec<PreparedProbe>>>()?;
    let trust = || {
        all.iter()
            .filter(|prepared| prepared.kind.group == Group::Trust)
    };
    if trust().next().is_some() && trust().all(|prepared| prepared.probe.is_none()) {
        let reasons = trust().map(|prepared| {
            let reason = prepared.set.provenance.unavailable.as_deref();
            let reason = reason.unwrap_or_default().trim_end_matches('.');
            format!("{}: {reason}", prepared.kind.name)
        });
        return Err(options.supply.nothing(&reasons.collect::<Vec<_>>()));
    }
    Ok(all)
}

impl PreparedProbe {
    fn new(asked: &[Asked], kind: &'static ProbeKind, options: &Options) -> Result<Self> {
        let (probe, provenance) = options.supply.probe(kind, options)?;
        let mut prepared = Self {
            kind,
            probe,
            set: ItemSet {
                name: kind.name,
                provenance,
                items: 0,
            },
        };
        for asked in asked {
            prepared.fit(asked)?;
        }
        Ok(prepared)
    }

    /// Whether it is one of those that are judged together, look by look.
    pub fn is_of_trust(&self) -> bool {
        self.kind.group == Group::Trust
    }

    /// Whether texts are drawn, to be judged by what wrote them before compression.
    pub fn draws_texts(&self) -> bool {
        let mut requests = self.probe.iter().flat_map(|probe| probe.requests());
        requests.any(|request| matches!(request, Request::Sample { .. }))
    }

    /// Whether it is asked in this round of looks: usefulness is asked whole, in the first.
    pub fn is_asked_in(&self, round: usize) -> bool {
        round == 0 || self.is_of_trust()
    }

    /// The share of its sample that is asked where those of trust are asked `share`.
    pub fn share(&self, share: f64) -> f64 {
        if self.is_of_trust() { share } else { 1.0 }
    }

    /// Leaves out the rows that there is no room for.
    fn fit(&mut self, (whose, asking): &Asked) -> Result<()> {
        let Some(probe) = &mut self.probe else {
            return Ok(());
        };
        let requests = probe.requests();
        let unfitting = unfitting(asking, &requests)?;
        let provenance = &mut self.set.provenance;
        let mut rows: Vec<LeftOut> = Vec::new();
        for (request, error) in &unfitting {
            let place = probe.row(*request).map(|row| provenance.place(row));
            let place = place.unwrap_or_else(|| self.kind.name.to_owned());
            let reason = error.to_string();
            let reason = reason.trim_end_matches('.');
            // One row makes several requests.
            if rows.iter().all(|row| row.place != place) {
                rows.push(LeftOut {
                    place,
                    reason: match whose {
                        Some(name) => format!("{reason} (of {name})"),
                        None => reason.to_owned(),
                    },
                });
            }
        }
        let places: Vec<usize> = unfitting.iter().map(|(request, _)| *request).collect();
        if probe.leave_out(&places) {
            provenance.left_out.extend(rows);
            return Ok(());
        }
        let reason = rows.first().map_or_else(
            || "its items are too few, or too much alike, to make a score of".to_owned(),
            |row| format!("nothing fits; {}: {}", row.place, row.reason),
        );
        self.unavailable(reason);
        Ok(())
    }

    /// Why there is no score.
    fn unavailable(&mut self, reason: String) {
        self.probe = None;
        self.set.provenance.unavailable = Some(reason);
    }

    /// Asks all sides at once about the beginning of the sample, this `share` of it; `of` says whom, for the reader.
    pub async fn ask<'a, A: Asker + 'a>(
        &self,
        sides: impl Iterator<Item = (&'a mut A, &'a mut Memory)>,
        (of, share): (&str, f64),
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<()> {
        let Some(probe) = &self.probe else {
            return Ok(());
        };
        let beginning = (share < 1.0).then(|| probe.beginning(share));
        let probe = beginning.as_ref().unwrap_or(probe);
        let part = match share {
            1.0 => String::new(),
            _ => format!(", the first {:.0} %", 100.0 * share),
        };
        let mut progress = |done, total| {
            on_event(&Event::Progress {
                stage: Stage::Score,
                label: format!("{}{of}{part}", self.kind.title),
                done,
                total,
            });
        };
        ask_all(sides, &**probe, &mut progress).await
    }

    /// The score of what `asker` answers to the beginning of the sample, or answered as `memory` has it; `None` where
    /// there is nothing to ask, or nothing could be read of the answers: of all of them, `set` then says so. See
    /// [`evaluate_by`].
    pub async fn score<A: Asker>(
        &mut self,
        asker: &mut A,
        reference: Option<&mut A>,
        memory: &mut Memory,
        share: f64,
    ) -> Result<Option<Score>> {
        let Some(probe) = &self.probe else {
            return Ok(None);
        };
        let beginning = (share < 1.0).then(|| probe.beginning(share));
        let probe = beginning.as_ref().unwrap_or(probe);
        let score = evaluate_by(asker, reference, memory, &**probe);
        match score.await {
            Ok(score) => {
                self.set.items = score.items.len();
                Ok(Some(score))
            }
            Err(Error::Empty { .. }) if share < 1.0 => Ok(None),
            Err(reason @ Error::Empty { .. }) => {
                self.unavailable(reason.to_string());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
