//! The only loop over the items of a dimension.

use super::ask::{Asker, Cost, Prompt, Reply, Request, Response};
use super::measure::Score;
use super::probe::Probe;
use crate::error::Result;
use crate::hash::sha256;
use futures_util::future::try_join_all;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What a model answered so far, so that a sample may grow without being asked twice.
#[derive(Debug, Default)]
pub struct Memory {
    replies: BTreeMap<[u8; 32], Reply>,
    /// What the answers took, but for texts that were only read.
    pub cost: Cost,
}

impl Memory {
    /// The replies to the questions of a score; what they take is its cost.
    async fn ask<A: Asker>(
        &mut self,
        asker: &mut A,
        requests: &[Request],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Reply>> {
        let before = asker.cost();
        let replies = self.answer(asker, requests, progress).await?;
        let after = asker.cost();
        self.cost.tokens += after.tokens - before.tokens;
        self.cost.seconds += after.seconds - before.seconds;
        Ok(replies)
    }

    /// The replies to `requests`: `asker` gets those that nobody remembers.
    async fn answer<A: Asker>(
        &mut self,
        asker: &mut A,
        requests: &[Request],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Reply>> {
        let keys: Vec<[u8; 32]> = requests.iter().map(key).collect();
        let mut unknown = BTreeMap::new();
        for (place, key) in keys.iter().enumerate() {
            if !self.replies.contains_key(key) {
                unknown.entry(key).or_insert(place);
            }
        }
        // In the order of the requests: what begins alike stands together.
        let mut places: Vec<usize> = unknown.into_values().collect();
        places.sort_unstable();
        let new: Vec<Request> = places.iter().map(|&at| requests[at].clone()).collect();
        let mut done = |done| progress(done, new.len());
        let replies = asker.answer(&new, &mut done).await?;
        self.replies
            .extend(places.iter().map(|&at| keys[at]).zip(replies));
        let known = keys.iter().filter_map(|key| self.replies.get(key).cloned());
        Ok(known.collect())
    }
}

fn key(request: &Request) -> [u8; 32] {
    sha256(format!("{request:?}"))
}

/// Puts the items of a probe to an asker. Calls `progress` with the requests that are done and their number.
pub async fn evaluate<A: Asker>(
    asker: &mut A,
    probe: &dyn Probe,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Score> {
    let mut memory = Memory::default();
    ask_all([(&mut *asker, &mut memory)].into_iter(), probe, progress).await?;
    evaluate_by(asker, None, &mut memory, probe).await
}

/// Asks several sides at once what a probe asks, each with what it remembers, so that [`evaluate_by`] need not. Calls
/// `progress` with the requests of all sides that are done and their number.
pub async fn ask_all<'a, A: Asker + 'a>(
    sides: impl Iterator<Item = (&'a mut A, &'a mut Memory)>,
    probe: &dyn Probe,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<()> {
    let requests = &probe.requests();
    let counts = RefCell::new((Vec::new(), progress));
    let asked = sides.enumerate().map(|(place, (asker, memory))| {
        let counts = &counts;
        counts.borrow_mut().0.push((0, 0));
        async move {
            let mut progress = |done, all| {
                let (counts, progress) = &mut *counts.borrow_mut();
                counts[place] = (done, all);
                let sum = |(a, b), (c, d)| (a + c, b + d);
                let (done, all) = counts.iter().copied().fold((0, 0), sum);
                progress(done, all);
            };
            memory.ask(asker, requests, &mut progress).await
        }
    });
    try_join_all(asked).await.map(drop)
}

/// The same where `memory` holds what was asked before. Texts that are drawn are read by the `reference`, the model before
/// compression; by the asker itself where it is that.
pub async fn evaluate_by<A: Asker>(
    asker: &mut A,
    reference: Option<&mut A>,
    memory: &mut Memory,
    probe: &dyn Probe,
) -> Result<Score> {
    let requests = probe.requests();
    let replies = memory.ask(asker, &requests, &mut |_, _| {}).await?;
    let (responses, sent): (Vec<_>, Vec<_>) = replies
        .into_iter()
        .map(|reply| (reply.response, (reply.prompt, reply.tokens)))
        .unzip();
    let mut score = probe.score(&responses)?;
    for item in &mut score.items {
        if let Some((prompt, tokens)) = sent.get(item.request) {
            item.tokens = *tokens;
            if let Some(prompt) = prompt {
                item.prompt.clone_from(prompt);
            }
        }
    }
    score.seconds = memory.cost.seconds;
    let drawn = drawn(&score, &requests);
    let reader = reference.unwrap_or(asker);
    let read = memory.answer(reader, &drawn, &mut |_, _| {}).await?;
    let texts = score.items.iter_mut().flat_map(|item| &mut item.samples);
    let read = read.iter().flat_map(|reply| match &reply.response {
        Response::Read(texts) => &texts[..],
        _ => &[],
    });
    for (text, read) in texts.zip(read) {
        text.tokens = Some(read.tokens);
        text.surprise = (read.tokens > 0).then(|| -read.loglikelihood / read.tokens as f64);
    }
    Ok(score)
}

/// What is read of the texts that were drawn, in their order.
fn drawn(score: &Score, requests: &[Request]) -> Vec<Request> {
    let prompt = |place: usize| -> Option<&Prompt> { requests.get(place)?.prompt() };
    let items = score.items.iter().filter(|item| !item.samples.is_empty());
    items
        .filter_map(|item| {
            Some(Request::Read {
                prompt: prompt(item.request)?.clone(),
                texts: item.samples.iter().map(|text| text.text.clone()).collect(),
            })
        })
        .collect()
}
