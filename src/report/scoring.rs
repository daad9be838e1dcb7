//! An experiment's sides scored, dimension by dimension, and compared.

use super::sides::{Judge, OtherMemories, Side, ask};
use super::{Baseline, Event, Experiment, Other, Spread, put};
use crate::error::{Error, Result};
use crate::evaluate::words::{ERROR, LOOKS, Look};
use crate::evaluate::{Asker, Compared, Memory, Score, comparisons};
use std::sync::Arc;

impl Experiment {
    /// By whom the texts of the compressed model are judged.
    fn judge(&self) -> Judge {
        match self.against {
            None => Judge::Reference,
            Some(_) => Judge::Original,
        }
    }

    /// Scores the sides: the reference first, then the model that was compressed by the first seed, then whatever else is to
    /// be compared with the reference. One dimension after the other, first with a quarter of the sample and all that is
    /// asked of usefulness, then with a half, then with all; after each of these looks words may be spoken ([`LOOKS`]).
    pub async fn score<A: Asker>(
        &mut self,
        sides: &mut [Side<A>],
        baseline: &mut Baseline,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<()> {
        let judge = self.judge();
        let other = Arc::clone(&self.reference().model);
        let report = self.report.as_mut().ok_or(Error::NotCompressed)?;
        let third = sides.iter().skip(2);
        let third = third.map(|side| Other::new(&side.variant.model, &self.options));
        report.others = third.collect();
        let reference = baseline.of(&other, &self.options);
        let others = sides.iter().skip(1);
        let mut others: Vec<OtherMemories> = others.map(|_| OtherMemories::default()).collect();
        let mut compared = vec![Vec::new(); sides.len()];
        for (round, (share, error)) in LOOKS.into_iter().enumerate() {
            let mut left = self
                .probes
                .iter()
                .filter(|prepared| prepared.is_asked_in(round))
                .count();
            for prepared in self
                .probes
                .iter_mut()
                .filter(|prepared| prepared.is_asked_in(round))
            {
                left -= 1;
                let share = prepared.share(share);
                let memories = (&mut *reference, &mut others[..]);
                let scored =
                    ask(prepared, (share, judge), report, sides, memories, on_event).await?;
                report.complete = self.seeds == 1 && round + 1 == LOOKS.len() && left == 0;
                // With several seeds there is one look, at the end.
                let look = Look {
                    error: if self.seeds == 1 { error } else { ERROR },
                    provisional: self.seeds > 1 || left > 0,
                };
                for (side, after) in (1..).zip(scored.iter().skip(1)) {
                    if let Some(tests) = compare(judge, &scored[0], &[after], self.options.seed) {
                        put(&mut compared[side], tests, Compared::name);
                    }
                }
                for (side, compared) in compared.iter().enumerate().skip(1) {
                    *report.side_mut(side).1 = comparisons(compared, look);
                }
                put(&mut report.data, prepared.set.clone(), |set| set.name);
                on_event(&Event::Asked {
                    set: &prepared.set,
                    comparisons: &report.comparisons,
                    complete: report.complete,
                });
            }
        }
        Ok(())
    }

    /// Scores the model that was compressed by one more seed, the second of the sides: for the spread, and for what is said
    /// of all seeds.
    pub async fn score_seed<A: Asker>(
        &mut self,
        seed: u64,
        sides: &mut [Side<A>],
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<()> {
        let first = self.first_seed();
        let judge = self.judge();
        let report = self.report.as_mut().ok_or(Error::NotCompressed)?;
        let [reference, compressed, ..] = sides else {
            return Err(Error::NotCompressed);
        };
        let of = format!(", seed {seed}");
        let mut scores = Vec::new();
        for before in &report.before.scores {
            let mut probes = self.probes.iter_mut();
            let prepared = probes.find(|prepared| prepared.kind.name == before.name);
            let Some(prepared) = prepared else { continue };
            let mut memory = Memory::default();
            let side = [(&mut compressed.asker, &mut memory)].into_iter();
            prepared.ask(side, (&of, 1.0), on_event).await?;
            let reader = compressed.original.as_mut();
            let reader = reader.or((judge == Judge::Reference).then_some(&mut reference.asker));
            let score = prepared.score(&mut compressed.asker, reader, &mut memory, 1.0);
            let mut firsts = report.after.scores.iter();
            let same = firsts.find(|score| score.name == before.name);
            let texts = same.and_then(|score| score.texts);
            scores.extend(score.await?.map(|mut score| {
                score.judge_texts(texts.and_then(|texts| texts.surprising_above));
                score
            }));
        }
        let spread = report
            .spread
            .get_or_insert_with(|| Spread::new(first, &report.after.scores));
        spread.add(seed, &scores);
        self.other_seeds.push(scores);
        report.complete = spread.seeds.len() as u64 == self.seeds;
        let compared = report.before.scores.iter().filter_map(|before| {
            let same =
                |scores: &'_ [Score]| scores.iter().position(|each| each.name == before.name);
            let runs = [&report.after.scores].into_iter().chain(&self.other_seeds);
            let runs = runs.filter_map(|run| Some(&run[same(run)?]));
            compare(judge, before, &runs.collect::<Vec<_>>(), self.options.seed)
        });
        let compared: Vec<Compared> = compared.collect();
        let look = Look {
            provisional: !report.complete,
            ..Look::once()
        };
        report.comparisons = comparisons(&compared, look);
        on_event(&Event::Spread {
            spread,
            comparisons: &report.comparisons,
            complete: report.complete,
        });
        Ok(())
    }
}

/// Scores compared as those of one model before and after, or of two models, of which none was made of the other.
fn compare(judge: Judge, before: &Score, after: &[&Score], seed: u64) -> Option<Compared> {
    let compared = Compared::new(before, after, seed)?;
    Some(match judge {
        Judge::Reference => compared,
        Judge::Original => compared.of_models(),
    })
}
