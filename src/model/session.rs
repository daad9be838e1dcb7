//! A model on a backend, with its cache of keys and values: log-likelihoods and generations, in batches.

use super::Model;
use super::decoder::{Continuation, Decoder, Generation, Sampling};
use super::forest::{self, Forest};
use super::forward::{Network, Step};
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::kernel::log_sum_exp;
use std::collections::BTreeMap;
use std::ops::Deref;

/// A model that is ready to run.
pub struct Session<M, B: Backend> {
    /// Borrowed or shared.
    model: M,
    backend: B,
    network: Network<B>,
    caches: Vec<B::Cache>,
    /// The tokens in the first cache slots, one path from the start of a text.
    chain: Vec<u32>,
    tokens_run: usize,
}

/// Looks at the logits behind log-likelihoods. A scored token is named by the index of its sequence and its place in it.
pub trait LogitsCallback {
    /// Whether the logits that predict this token are looked at; those of others never leave the backend.
    fn wants(&self, sequence: usize, place: usize) -> bool;

    /// The log-probability of every token at this place, `[vocab_size]`.
    fn look(&mut self, sequence: usize, place: usize, log_probabilities: Vec<f32>);
}

/// Looks at nothing.
struct NoCallback;

impl LogitsCallback for NoCallback {
    fn wants(&self, _: usize, _: usize) -> bool {
        false
    }

    fn look(&mut self, _: usize, _: usize, _: Vec<f32>) {}
}

/// Tokens of which the last ones are scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    pub tokens: Vec<u32>,
    /// The first token that is scored, given all before it: at least 1, since the first has nothing before it.
    pub scored_from: usize,
}

impl<M: Deref<Target = Model>, B: Backend> Session<M, B> {
    /// Brings the weights to the backend.
    pub fn new(model: M, backend: B) -> Result<Self> {
        let network = Network::new(&backend, &model)?;
        Ok(Self {
            caches: network.caches(&backend, &model.config),
            network,
            model,
            backend,
            chain: Vec::new(),
            tokens_run: 0,
        })
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
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
        let logits = self.network_logits(&hidden, &rows)?;
        self.backend.read(&logits).await
    }

    /// For each sequence, the natural logarithm of the probability of its scored tokens given all before them,
    /// summed. Prefixes that sequences share are computed once.
    pub async fn loglikelihoods(&mut self, sequences: &[Sequence]) -> Result<Vec<f64>> {
        self.loglikelihoods_with(sequences, &mut NoCallback).await
    }

    /// The same; `callback` may look at the logits that the sums are made of.
    pub async fn loglikelihoods_with(
        &mut self,
        sequences: &[Sequence],
        callback: &mut dyn LogitsCallback,
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
        for run in forest::passes(&sorted, self.backend.tokens_at_once()) {
            let members = &order[run.clone()];
            let scored_from = members.iter().map(|&i| sequences[i].scored_from);
            // The token before the first scored one is run anew: its logits are needed.
            let reusable = scored_from.min().unwrap_or(1) - 1;
            let (forest, hidden, kept) = self.plant(&sorted[run], reusable)?;
            let scored = scored_tokens(sequences, members, &forest, kept);
            for (member, loglikelihood) in self.score(&hidden, &scored, callback).await? {
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
        for run in forest::passes(&sorted, self.backend.tokens_at_once()) {
            let (members, prompts) = (&order[run.clone()], &sorted[run]);
            let reusable = prompts.iter().map(|p| p.len()).min().unwrap_or(1) - 1;
            let (forest, hidden, kept) = self.plant(prompts, reusable)?;
            let own: Vec<&Generation> = members.iter().map(|&i| &generations[i]).collect();
            let mut decoder = Decoder::new(&own, &forest.paths, until);
            let (mut hidden, live) = (hidden, decoder.live.iter());
            let mut rows: Vec<u32> = live.map(|branch| row(branch.last(), kept)).collect();
            while !rows.is_empty() {
                let logits = self.network_logits(&hidden, &rows)?;
                let tokens = self.choose(&mut decoder, &logits).await?;
                let step = decoder.advance(&self.model, &tokens)?;
                rows = (0..).take(step.tokens.len()).collect();
                if !rows.is_empty() {
                    hidden = self.run_behind(&step)?;
                }
            }
            for (member, text) in decoder.finish(&self.model)? {
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
        for cache in &mut self.caches {
            self.backend.truncate(cache, kept)?;
        }
        self.run_behind(step)
    }

    fn run_behind(&mut self, step: &Step) -> Result<B::Tensor> {
        self.tokens_run += step.tokens.len();
        let config = &self.model.config;
        self.network
            .hidden(&self.backend, config, step, &mut self.caches)
    }

    /// The logits of some rows, `[rows, vocab_size]`; what is not finite among them is for the caller to notice.
    fn network_logits(&self, hidden: &B::Tensor, rows: &[u32]) -> Result<B::Tensor> {
        self.network
            .logits(&self.backend, &self.model.config, hidden, rows)
    }

    /// The next token of each live branch, of which `logits` has a row each. Only the rows from which a token is drawn
    /// leave the backend.
    async fn choose(&self, decoder: &mut Decoder<'_>, logits: &B::Tensor) -> Result<Vec<u32>> {
        let (drawing, greedy): (Vec<u32>, Vec<u32>) = (0..)
            .take(decoder.live.len())
            .partition(|&row| decoder.live[row as usize].draws());
        let mut tokens = vec![0; decoder.live.len()];
        if !greedy.is_empty() {
            let logits = self.backend.select(logits, &greedy)?;
            let likeliest = self.backend.likeliest(&logits, 1).await?;
            for (row, likeliest) in greedy.into_iter().zip(likeliest) {
                let (token, _) = *likeliest.first().ok_or(Error::NotANumber)?;
                tokens[row as usize] = token;
            }
        }
        if !drawing.is_empty() {
            let logits = self.backend.select(logits, &drawing)?;
            let logits = self.backend.read(&logits).await?;
            let rows = logits.chunks_exact(self.model.config.vocab_size);
            for (row, logits) in drawing.into_iter().zip(rows) {
                tokens[row as usize] = decoder.live[row as usize].draw(logits)?;
            }
        }
        Ok(tokens)
    }

    /// Log-probabilities of the scored tokens, which come by the row that predicts them.
    async fn score(
        &self,
        hidden: &B::Tensor,
        scored: &Scored,
        callback: &mut dyn LogitsCallback,
    ) -> Result<Vec<(usize, f64)>> {
        let mut loglikelihoods = Vec::new();
        let rows: Vec<u32> = scored.keys().copied().collect();
        let at_once = self.backend.logits_at_once() / self.model.config.vocab_size;
        for rows in rows.chunks(at_once.max(1)) {
            let logits = self.network_logits(hidden, rows)?;
            let mut targets = Vec::new();
            let mut members = Vec::new();
            let mut looked_at = Vec::new();
            for (at, row) in (0u32..).zip(rows) {
                for &(member, place, token) in &scored[row] {
                    targets.push((at, token));
                    members.push(member);
                    if callback.wants(member, place) {
                        looked_at.push((at, member, place));
                    }
                }
            }
            let found = self.backend.log_probabilities(&logits, &targets).await?;
            loglikelihoods.extend(members.into_iter().zip(found));
            self.look(&logits, &looked_at, callback).await?;
        }
        Ok(loglikelihoods)
    }

    /// Shows a callback the rows of `logits` that it wants, as row, sequence and place.
    async fn look(
        &self,
        logits: &B::Tensor,
        wanted: &[(u32, usize, usize)],
        callback: &mut dyn LogitsCallback,
    ) -> Result<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        let rows: Vec<u32> = wanted.iter().map(|(row, ..)| *row).collect();
        let values = self
            .backend
            .read(&self.backend.select(logits, &rows)?)
            .await?;
        let values = values.chunks_exact(self.model.config.vocab_size);
        for (&(_, sequence, place), logits) in wanted.iter().zip(values) {
            #[expect(clippy::cast_possible_truncation, reason = "kept as f32")]
            let normalizer = log_sum_exp(logits) as f32;
            let log_probabilities = logits.iter().map(|logit| logit - normalizer).collect();
            callback.look(sequence, place, log_probabilities);
        }
        Ok(())
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
