//! A model on a backend, with its cache of keys and values: log-likelihoods and generations, in batches.

use super::Model;
use super::forest::{self, Forest};
use super::forward::{Cache, Network, Step};
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
            for (member, loglikelihood) in self.score(&hidden, &scored).await? {
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
    ) -> Result<Vec<String>> {
        for prompt in prompts {
            self.check(prompt)?;
        }
        let mut order: Vec<usize> = (0..prompts.len()).collect();
        order.sort_by(|&a, &b| prompts[a].cmp(&prompts[b]));
        let sorted: Vec<&[u32]> = order.iter().map(|&i| &prompts[i][..]).collect();
        let mut texts = vec![String::new(); prompts.len()];
        for run in forest::passes(&sorted, NODES) {
            let lengths: Vec<usize> = sorted[run.clone()].iter().map(|p| p.len()).collect();
            let reusable = lengths.iter().min().map_or(0, |shortest| shortest - 1);
            let (forest, hidden, kept) = self.plant(&sorted[run.clone()], reusable)?;
            let mut growing = Growing::new(&sorted[run.clone()], forest.paths, until);
            let rows: Vec<u32> = growing
                .live
                .iter()
                .map(|branch| row(branch.last(), kept))
                .collect();
            let mut logits = self.read_logits(&hidden, &rows).await?;
            for _ in 0..max_tokens {
                let step = growing.advance(self.model, &logits)?;
                if step.tokens.is_empty() {
                    break;
                }
                let rows: Vec<u32> = (0..).take(step.tokens.len()).collect();
                let hidden = self.run_behind(&step)?;
                logits = self.read_logits(&hidden, &rows).await?;
            }
            for (member, text) in growing.finish(self.model)? {
                texts[order[run.start + member]] = text;
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
    async fn score(&self, hidden: &B::Tensor, scored: &Scored) -> Result<Vec<(usize, f64)>> {
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
                for &(member, token) in &scored[row] {
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

/// By row of the hidden states: the sequences and tokens that this row predicts.
type Scored = BTreeMap<u32, Vec<(usize, u32)>>;

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
                .push((member, sequence.tokens[i]));
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

/// Prompts that are being continued together.
struct Growing<'a> {
    live: Vec<Branch<'a>>,
    done: Vec<Branch<'a>>,
    /// The next free cache slot.
    slots: usize,
    stop: Option<&'a str>,
}

struct Branch<'a> {
    member: usize,
    prompt: &'a [u32],
    /// The cache slots of the prompt and of what follows it.
    path: Vec<usize>,
    tokens: Vec<u32>,
}

impl Branch<'_> {
    fn last(&self) -> usize {
        self.path[self.path.len() - 1]
    }

    /// What follows the prompt, up to `stop`; and whether `stop` has come.
    fn text(&self, model: &Model, stop: Option<&str>) -> Result<(String, bool)> {
        let text = model.tokenizer.decode_after(self.prompt, &self.tokens)?;
        Ok(match stop.and_then(|stop| text.find(stop)) {
            Some(end) => (text[..end].to_owned(), true),
            None => (text, false),
        })
    }
}

impl<'a> Growing<'a> {
    fn new(prompts: &[&'a [u32]], paths: Vec<Vec<usize>>, stop: Option<&'a str>) -> Self {
        let slots = paths.iter().flatten().max().map_or(0, |last| last + 1);
        let branch = |(member, path)| Branch {
            member,
            prompt: prompts[member],
            path,
            tokens: Vec::new(),
        };
        Self {
            live: paths.into_iter().enumerate().map(branch).collect(),
            done: Vec::new(),
            slots,
            stop,
        }
    }

    /// Takes the likeliest next token of each live branch; what is left to run is the next step.
    fn advance(&mut self, model: &Model, logits: &[f32]) -> Result<Step> {
        let mut step = Step::default();
        let branches = std::mem::take(&mut self.live);
        for (mut branch, logits) in branches
            .into_iter()
            .zip(logits.chunks_exact(model.config.vocab_size))
        {
            let token = likeliest(logits)?;
            let ended = model.config.eos_token_ids.contains(&token);
            if !ended {
                branch.tokens.push(token);
            }
            let full = branch.path.len() >= model.config.max_position_embeddings;
            if ended || full || branch.text(model, self.stop)?.1 {
                self.done.push(branch);
                continue;
            }
            step.tokens.push(token);
            step.positions.push(branch.path.len());
            branch.path.push(self.slots);
            step.visible.push(forest::ranges(&branch.path));
            self.slots += 1;
            self.live.push(branch);
        }
        Ok(step)
    }

    fn finish(self, model: &Model) -> Result<Vec<(usize, String)>> {
        let branches = self.live.into_iter().chain(self.done);
        branches
            .map(|branch| Ok((branch.member, branch.text(model, self.stop)?.0)))
            .collect()
    }
}

/// The index of the largest logit, the first of equal ones.
fn likeliest(logits: &[f32]) -> Result<u32> {
    let mut best = 0;
    for (i, &logit) in logits.iter().enumerate() {
        if logit > logits[best] {
            best = i;
        }
    }
    if !logits[best].is_finite() {
        return Err(Error::NotANumber);
    }
    u32::try_from(best).map_err(|_| Error::NotANumber)
}
