//! A model on a backend, with its cache of keys and values: log-likelihoods and generations, in batches.

use super::Model;
use super::forest::{self, Forest};
use super::forward::{Cache, Network, Step};
use super::growing::{Continuation, Generation, Growing, Sampling};
use crate::backend::{Backend, KeysValues};
use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// New tokens in one pass: enough to keep the arithmetic busy, few enough to stay in the caches of a processor.
const NODES: usize = 512;
/// Logits that are alive at a time.
const LOGITS: usize = 1 << 22;

/// A model that is ready to run.
pub struct Session<'m, B: Backend> {
    model: &'m Model,
    backend: B,
    network: Network<B>,
    cache: Cache<B>,
    /// The tokens in the first cache slots, one path from the start of a text.
    chain: Vec<u32>,
    tokens_run: usize,
}

/// Is shown, for each scored token, the index of its sequence, its place in it, the logits that predict it and the
/// natural logarithm of the sum of their exponentials.
pub type See<'a> = dyn FnMut(usize, usize, &[f32], f64) + 'a;

/// Tokens of which the last ones are scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    pub tokens: Vec<u32>,
    /// The first token that is scored, given all before it: at least 1, since the first has nothing before it.
    pub scored_from: usize,
}

impl<'m, B: Backend> Session<'m, B> {
    /// Brings the weights to the backend.
    pub fn new(model: &'m Model, backend: B) -> Result<Self> {
        Ok(Self {
            network: Network::new(&backend, model)?,
            model,
            backend,
            cache: Vec::new(),
            chain: Vec::new(),
            tokens_run: 0,
        })
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// Tokens that went through the model so far; a shared prefix counts as often as it was computed.
    #[must_use]
    pub fn tokens_run(&self) -> usize {
        self.tokens_run
    }

    /// The logits after each token: `[tokens, vocab_size]`.
    pub async fn logits(&mut self, tokens: &[u32]) -> Result<Vec<f32>> {
        self.check(tokens)?;
        let forest = forest::plant(&[tokens], 0);
        let hidden = self.run(&forest.step, 0)?;
        let rows: Vec<u32> = (0..).take(tokens.len()).collect();
        self.read_logits(&hidden, &rows).await
    }

    /// For each sequence, the natural logarithm of the probability of its scored tokens given all before them,
    /// summed. Prefixes that sequences share are computed once.
    pub async fn loglikelihoods(&mut self, sequences: &[Sequence]) -> Result<Vec<f64>> {
        self.loglikelihoods_seen(sequences, &mut |_, _, _, _| {})
            .await
    }

    /// The same; `see` is shown what the sums are made of.
    pub async fn loglikelihoods_seen(
        &mut self,
        sequences: &[Sequence],
        see: &mut See<'_>,
    ) -> Result<Vec<f64>> {
        for sequence in sequences {
            self.check(&sequence.tokens)?;
            if sequence.scored_from == 0 || sequence.scored_from > sequence.tokens.len() {
                return Err(Error::Empty {
                    what: "the text before a scored token".into(),
                });
            }
        }
        let mut order: Vec<usize> = (0..sequences.len()).collect();
        order.sort_by(|&a, &b| sequences[a].tokens.cmp(&sequences[b].tokens));
        let sorted: Vec<&[u32]> = order.iter().map(|&i| &sequences[i].tokens[..]).collect();
        let mut sums = vec![0.0; sequences.len()];
        for run in forest::passes(&sorted, NODES) {
            let members = &order[run.clone()];
            let scored_from = members.iter().map(|&i| sequences[i].scored_from);
            // The token before the first scored one is run anew: its logits are needed.
            let reusable = scored_from.min().unwrap_or(1) - 1;
            let (forest, hidden, kept) = self.plant(&sorted[run], reusable)?;
            let scored = scored_tokens(sequences, members, &forest, kept);
            for (member, loglikelihood) in self.score(&hidden, &scored, see).await? {
                sums[member] += loglikelihood;
            }
        }
        Ok(sums)
    }

    /// Greedy continuations of prompts, each ended by an end-of-text token, by `max_tokens`, or by the first
    /// appearance of `until` (neither the end token nor `until` and what follows it are returned).
    pub async fn generate(
        &mut self,
        prompts: &[Vec<u32>],
        max_tokens: usize,
        until: Option<&str>,
    ) -> Result<Vec<Continuation>> {
        let greedy = prompts.iter().map(|prompt| Generation {
            prompt: prompt.clone(),
            sampling: Sampling::Greedy,
            max_tokens,
        });
        let texts = self.sample(&greedy.collect::<Vec<_>>(), until).await?;
        Ok(texts.into_iter().flatten().collect())
    }

    /// Continuations of prompts, each chosen, counted and limited as it says for itself; each is ended as in
    /// [`generate`](Self::generate).
    pub async fn sample(
        &mut self,
        generations: &[Generation],
        until: Option<&str>,
    ) -> Result<Vec<Vec<Continuation>>> {
        for generation in generations {
            self.check(&generation.prompt)?;
        }
        let prompt = |i: usize| &generations[i].prompt[..];
        let mut order: Vec<usize> = (0..generations.len()).collect();
        order.sort_by(|&a, &b| prompt(a).cmp(prompt(b)));
        let sorted: Vec<&[u32]> = order.iter().map(|&i| prompt(i)).collect();
        let mut texts = vec![Vec::new(); generations.len()];
        for run in forest::passes(&sorted, NODES) {
            let (members, prompts) = (&order[run.clone()], &sorted[run]);
            let reusable = prompts.iter().map(|p| p.len()).min().unwrap_or(1) - 1;
            let (forest, hidden, kept) = self.plant(prompts, reusable)?;
            let own: Vec<&Generation> = members.iter().map(|&i| &generations[i]).collect();
            let mut growing = Growing::new(&own, &forest.paths, until);
            let (mut hidden, live) = (hidden, growing.live.iter());
            let mut rows: Vec<u32> = live.map(|branch| row(branch.last(), kept)).collect();
            while !rows.is_empty() {
                let logits = self.read_logits(&hidden, &rows).await?;
                let step = growing.advance(self.model, &logits)?;
                rows = (0..).take(step.tokens.len()).collect();
                if !rows.is_empty() {
                    hidden = self.run_behind(&step)?;
                }
            }
            for (member, text) in growing.finish(self.model)? {
                texts[members[member]].push(text);
            }
        }
        Ok(texts)
    }

    fn check(&self, tokens: &[u32]) -> Result<()> {
        let limit = self.model.config.max_position_embeddings;
        if tokens.is_empty() {
            return Err(Error::Empty {
                what: "a text".into(),
            });
        }
        if tokens.len() > limit {
            return Err(Error::TooLong {
                tokens: tokens.len(),
                limit,
            });
        }
        Ok(())
    }

    /// Runs sorted sequences behind what the cache already holds of them, at most `reusable` tokens; returns
    /// the forest, its hidden states and the number of tokens that were reused.
    fn plant(&mut self, sorted: &[&[u32]], reusable: usize) -> Result<(Forest, B::Tensor, usize)> {
        let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
        let kept = forest::common(&self.chain, first)
            .min(forest::common(first, last))
            .min(reusable);
        let forest = forest::plant(sorted, kept);
        let hidden = self.run(&forest.step, kept)?;
        self.chain = first.to_vec();
        Ok((forest, hidden, kept))
    }

    /// Runs a step after cutting the cache down to its first `kept` slots.
    fn run(&mut self, step: &Step, kept: usize) -> Result<B::Tensor> {
        self.chain.clear();
        for cache in &mut self.cache {
            *cache = match cache.take() {
                Some(old) if kept > 0 => Some(KeysValues {
                    keys: self.backend.truncate(&old.keys, kept)?,
                    values: self.backend.truncate(&old.values, kept)?,
                }),
                _ => None,
            };
        }
        self.run_behind(step)
    }

    fn run_behind(&mut self, step: &Step) -> Result<B::Tensor> {
        self.tokens_run += step.tokens.len();
        let config = &self.model.config;
        self.network
            .hidden(&self.backend, config, step, &mut self.cache)
    }

    /// The logits of some rows; what is not finite among them is for the caller to notice.
    async fn read_logits(&self, hidden: &B::Tensor, rows: &[u32]) -> Result<Vec<f32>> {
        let config = &self.model.config;
        let logits = self.network.logits(&self.backend, config, hidden, rows)?;
        self.backend.read(&logits).await
    }

    /// Log-probabilities of the scored tokens, which come by the row that predicts them.
    async fn score(
        &self,
        hidden: &B::Tensor,
        scored: &Scored,
        see: &mut See<'_>,
    ) -> Result<Vec<(usize, f64)>> {
        let vocab_size = self.model.config.vocab_size;
        let rows: Vec<u32> = scored.keys().copied().collect();
        let mut loglikelihoods = Vec::new();
        for rows in rows.chunks((LOGITS / vocab_size).max(1)) {
            let logits = self.read_logits(hidden, rows).await?;
            for (row, logits) in rows.iter().zip(logits.chunks_exact(vocab_size)) {
                let normalizer = log_sum_exp(logits);
                if !normalizer.is_finite() {
                    return Err(Error::NotANumber);
                }
                for &(member, position, token) in &scored[row] {
                    see(member, position, logits, normalizer);
                    let logit = *logits
                        .get(token as usize)
                        .ok_or(Error::UnknownToken { token, vocab_size })?;
                    loglikelihoods.push((member, f64::from(logit) - normalizer));
                }
            }
        }
        Ok(loglikelihoods)
    }
}

/// By row of the hidden states: the sequences, places and tokens that this row predicts.
type Scored = BTreeMap<u32, Vec<(usize, usize, u32)>>;

fn scored_tokens(
    sequences: &[Sequence],
    members: &[usize],
    forest: &Forest,
    kept: usize,
) -> Scored {
    let mut scored = Scored::new();
    for (&member, path) in members.iter().zip(&forest.paths) {
        let sequence = &sequences[member];
        for i in sequence.scored_from..sequence.tokens.len() {
            let predictor = row(path[i - 1], kept);
            scored
                .entry(predictor)
                .or_default()
                .push((member, i, sequence.tokens[i]));
        }
    }
    scored
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a pass has a few thousand nodes"
)]
fn row(slot: usize, kept: usize) -> u32 {
    (slot - kept) as u32
}

/// `ln Σ exp(x)`, summed in f64.
fn log_sum_exp(logits: &[f32]) -> f64 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f64 = logits
        .iter()
        .map(|&logit| f64::from((logit - largest).exp()))
        .sum();
    f64::from(largest) + total.ln()
}
