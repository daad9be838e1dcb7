//! How fast a device is: what prompts and writing take, by a model of which only the shape matters.

mod shape;

use crate::backend::{BackendName, with_backend};
use crate::error::Result;
use crate::model::{Model, Sequence, Session};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use web_time::Instant;

pub use shape::{SHAPES, Shape, Stored};

/// What a model is given to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Load {
    /// Texts at once, which share no beginning.
    pub texts: usize,
    /// Tokens of each prompt, at least 2.
    pub prompt: usize,
    /// Tokens written behind each prompt; none where 0.
    pub written: usize,
}

/// What it took. Tokens are those of all texts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Speed {
    pub prompt_tokens: usize,
    /// From the prompts to the log-likelihood of the last token of each.
    pub prompt_seconds: f64,
    pub written_tokens: usize,
    /// Beyond what the prompts take.
    pub writing_seconds: f64,
}

/// Times a model at some work, once; weights are brought to the backend before. Prompts are the same on every call.
pub async fn measure(model: &Arc<Model>, backend: BackendName, load: Load) -> Result<Speed> {
    let prompts = prompts(load, model.config.vocab_size);
    with_backend!(backend, backend => {
        let mut session = Session::new(Arc::clone(model), backend)?;
        let sequences: Vec<Sequence> = prompts.iter().map(|tokens| Sequence {
            tokens: tokens.clone(),
            scored_from: tokens.len() - 1,
        }).collect();
        let began = Instant::now();
        session.loglikelihoods(&sequences).await?;
        let prompt_seconds = began.elapsed().as_secs_f64();

        let (mut written_tokens, mut writing_seconds) = (0, 0.0);
        if load.written > 0 {
            // A text that begins otherwise empties the cache: both times every prompt is run.
            let other = [vec![1, 2]];
            let mut seconds = [0.0; 2];
            for (tokens, seconds) in [1, load.written + 1].into_iter().zip(&mut seconds) {
                session.generate(&other, 1, None).await?;
                let began = Instant::now();
                let texts = session.generate(&prompts, tokens, None).await?;
                *seconds = began.elapsed().as_secs_f64();
                written_tokens = texts.iter().map(|text| text.tokens.len()).sum::<usize>();
            }
            written_tokens = written_tokens.saturating_sub(load.texts);
            writing_seconds = (seconds[1] - seconds[0]).max(0.0);
        }
        Ok(Speed {
            prompt_tokens: load.texts * load.prompt,
            prompt_seconds,
            written_tokens,
            writing_seconds,
        })
    })
}

/// Tokens without a pattern; each text begins with another one.
fn prompts(load: Load, vocab_size: usize) -> Vec<Vec<u32>> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "below the size of a vocabulary"
    )]
    let token =
        |text: usize, place: usize| (((text + 3) * 7919 + place * 104_729) % vocab_size) as u32;
    let text = |text| {
        (0..load.prompt.max(2))
            .map(|place| token(text, place))
            .collect()
    };
    (0..load.texts).map(text).collect()
}
