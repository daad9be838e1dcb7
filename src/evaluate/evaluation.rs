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
    let (responses, prompts): (Vec<_>, Vec<_>) = replies
        .into_iter()
        .map(|reply| (reply.response, reply.prompt))
        .unzip();
    let mut score = probe.score(&responses)?;
    if score.items.len() == requests.len() {
        for (item, prompt) in score.items.iter_mut().zip(prompts) {
            item.prompt = prompt.unwrap_or_else(|| std::mem::take(&mut item.prompt));
        }
    }
    score.seconds = began.elapsed().as_secs_f64();
    Ok(score)
}
