//! The only loop over the items of a dimension.

use super::ask::Asker;
use super::measure::Score;
use super::probe::Probe;
use crate::error::Result;
use web_time::Instant;

/// Puts the items of a probe to an asker. Calls `progress` with the requests that are done and their number.
pub async fn evaluate<A: Asker>(
    asker: &mut A,
    probe: &dyn Probe,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Score> {
    let began = Instant::now();
    let requests = probe.requests();
    let mut done = |done| progress(done, requests.len());
    let replies = asker.answer(&requests, &mut done).await?;
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
    score.seconds = began.elapsed().as_secs_f64();
    Ok(score)
}
