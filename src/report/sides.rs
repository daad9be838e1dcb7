//! The sides of a comparison, asked together.

use super::baseline::Memories;
use super::prepared_probe::PreparedProbe;
use super::{Event, Report};
use crate::error::Result;
use crate::evaluate::{Asker, Score, Variant};

/// A variant, and who answers for it.
pub struct Side<A> {
    pub variant: Variant,
    pub asker: A,
}

/// Asks every side the beginning of a dimension's sample, and puts the scores into the report; gives them too, of no side
/// where one could not be read.
pub(super) async fn ask<A: Asker>(
    prepared: &mut PreparedProbe,
    share: f64,
    report: &mut Report,
    sides: &mut [Side<A>],
    (reference_memories, other_memories): (&mut Memories, &mut [Memories]),
    on_event: &mut dyn FnMut(&Event<'_>),
) -> Result<Vec<Score>> {
    let name = prepared.kind.name;
    let memories = [&mut *reference_memories].into_iter();
    let memories = memories.chain(&mut *other_memories);
    let memories = memories.map(|memories| memories.entry(name).or_default());
    let askers = sides.iter_mut().map(|side| &mut side.asker);
    let asked = prepared.ask(askers.zip(memories), ("", share), on_event);
    asked.await?;
    let Some((reference, others)) = sides.split_first_mut() else {
        return Ok(Vec::new());
    };
    let memory = reference_memories.entry(name).or_default();
    let asked = prepared.score(&mut reference.asker, None, memory, share);
    let Some(mut before) = asked.await? else {
        return Ok(Vec::new());
    };
    let surprising_above = before.surprising_above();
    before.judge_texts(surprising_above);
    let mut of_sides = vec![before.clone()];
    report.before.put(before, memory.cost.tokens);
    let scored = Event::scored(0, &report.before, name);
    scored.iter().for_each(&mut *on_event);
    for ((place, side), memories) in (1..).zip(others).zip(other_memories) {
        let memory = memories.entry(name).or_default();
        let reader = Some(&mut reference.asker);
        let asked = prepared.score(&mut side.asker, reader, memory, share);
        let Some(mut after) = asked.await? else {
            // A score has its twins, or is none.
            report.take_back(name);
            return Ok(Vec::new());
        };
        after.judge_texts(surprising_above);
        of_sides.push(after.clone());
        let (measurement, _) = report.side_mut(place);
        measurement.put(after, memory.cost.tokens);
        let scored = Event::scored(place, measurement, name);
        scored.iter().for_each(&mut *on_event);
    }
    Ok(of_sides)
}
