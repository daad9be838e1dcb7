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
    /// Who answers for what it was made of, where that is no side: for
    /// [`unseen_original`](super::Experiment::unseen_original).
    pub original: Option<A>,
}

/// By whom texts that a side writes are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judge {
    /// The reference, which the side was made of.
    Reference,
    /// What the side was made of, or itself where nothing was done to it.
    Original,
}

/// What was answered for a side that is not the reference.
#[derive(Default)]
pub(super) struct OtherMemories {
    side: Memories,
    /// For its [`original`](Side::original).
    original: Memories,
}

/// Asks every side the beginning of a dimension's sample, and puts the scores into the report; gives them too, of no side
/// where one could not be read.
pub(super) async fn ask<A: Asker>(
    prepared: &mut PreparedProbe,
    (share, judge): (f64, Judge),
    report: &mut Report,
    sides: &mut [Side<A>],
    (reference_memories, other_memories): (&mut Memories, &mut [OtherMemories]),
    on_event: &mut dyn FnMut(&Event<'_>),
) -> Result<Vec<Score>> {
    let name = prepared.kind.name;
    let draws_texts = prepared.draws_texts();
    let others = other_memories.iter_mut();
    let memories = [(&mut *reference_memories, None)].into_iter();
    let memories = memories.chain(others.map(|own| (&mut own.side, Some(&mut own.original))));
    let asked = sides.iter_mut().zip(memories);
    let asked = asked.flat_map(|(side, (memories, originals))| {
        let original = side.original.as_mut().filter(|_| draws_texts);
        let original = original.zip(originals);
        let asked = [(&mut side.asker, memories)].into_iter().chain(original);
        asked.map(|(asker, memories)| (asker, memories.entry(name).or_default()))
    });
    prepared.ask(asked, ("", share), on_event).await?;
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
        let memory = memories.side.entry(name).or_default();
        let mut surprising_above = surprising_above;
        if let (Some(original), true) = (&mut side.original, draws_texts) {
            let memory = memories.original.entry(name).or_default();
            let written = prepared.score(original, None, memory, share).await?;
            surprising_above = written.and_then(|written| written.surprising_above());
        }
        let reader = side.original.as_mut();
        let reader = reader.or((judge == Judge::Reference).then_some(&mut reference.asker));
        let is_own = reader.is_none();
        let asked = prepared.score(&mut side.asker, reader, memory, share);
        let Some(mut after) = asked.await? else {
            // A score has its twins, or is none.
            report.take_back(name);
            return Ok(Vec::new());
        };
        if is_own {
            surprising_above = after.surprising_above();
        }
        after.judge_texts(surprising_above);
        of_sides.push(after.clone());
        let (measurement, _) = report.side_mut(place);
        measurement.put(after, memory.cost.tokens);
        let scored = Event::scored(place, measurement, name);
        scored.iter().for_each(&mut *on_event);
    }
    Ok(of_sides)
}
