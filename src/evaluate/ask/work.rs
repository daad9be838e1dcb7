//! Requests as a session runs them, and its results as responses.

use super::odds::log_sum_exp;
use super::{ReadText, Request, Response, TokenCounts};
use crate::backend::Backend;
use crate::error::Result;
use crate::model::{Generation, LogitsCallback, Model, Sequence, Session};
use std::ops::Deref;
use std::sync::Arc;

/// Where every text ends.
pub(super) const STOP: &str = "\n";

/// What part of a request the session is to score or to continue.
#[derive(Default)]
pub(super) struct Work {
    pub sequences: Vec<Sequence>,
    /// Places of each sequence at which next-token probabilities are kept.
    pub kept: Vec<usize>,
    /// Bytes that the scored tokens of each sequence stand for, where that is asked.
    pub bytes: Vec<usize>,
    pub shares: Vec<Share>,
    pub generations: Vec<Generation>,
}

/// What belongs to one request.
#[derive(Default)]
pub(super) struct Share {
    /// How many sequences each option has, or a text.
    pub sequences: Vec<usize>,
    /// Whether the first sequence of each option is among the spellings that follow the prompt.
    pub first_follows: Vec<bool>,
    pub tokens: TokenCounts,
}

/// What came of it.
pub(super) struct Done {
    /// The summed log-probability of each sequence's scored tokens, in nats.
    pub sums: Vec<f64>,
    /// Log-probabilities of every next token at the kept places of each sequence.
    pub next: Vec<Vec<Arc<[f32]>>>,
    /// The texts of each generation, and their tokens.
    pub texts: Vec<(Vec<String>, usize)>,
}

/// Keeps the log-probabilities of every next token at some places of each sequence.
struct KeptPlaces<'w> {
    work: &'w Work,
    next: Vec<Vec<Arc<[f32]>>>,
}

impl LogitsCallback for KeptPlaces<'_> {
    fn wants(&self, sequence: usize, place: usize) -> bool {
        let Sequence {
            tokens,
            scored_from,
        } = &self.work.sequences[sequence];
        let (at, of) = (place - scored_from, tokens.len() - scored_from);
        is_kept(at, of, self.work.kept[sequence])
    }

    fn look(&mut self, sequence: usize, _: usize, log_probabilities: Vec<f32>) {
        self.next[sequence].push(log_probabilities.into());
    }
}

impl Work {
    /// Runs it in a session.
    pub async fn run<M: Deref<Target = Model>, B: Backend>(
        &self,
        session: &mut Session<M, B>,
    ) -> Result<Done> {
        let mut kept = KeptPlaces {
            work: self,
            next: vec![Vec::new(); self.sequences.len()],
        };
        let sums = session
            .loglikelihoods_with(&self.sequences, &mut kept)
            .await?;
        let next = kept.next;
        let written = session.sample(&self.generations, Some(STOP)).await?;
        let texts = written.into_iter().map(|all| {
            let tokens = all.iter().map(|text| text.tokens.len()).sum();
            let texts = all.into_iter().map(|text| text.text);
            (texts.collect(), tokens)
        });
        Ok(Done {
            sums,
            next,
            texts: texts.collect(),
        })
    }

    /// The response to each of the requests that it was made of.
    pub fn responses(
        &self,
        requests: &[Request],
        done: Done,
        vocabulary: usize,
    ) -> Vec<(Response, TokenCounts)> {
        let mut texts = done.texts.into_iter();
        let mut scored = done
            .sums
            .into_iter()
            .zip(&self.bytes)
            .zip(done.next)
            .zip(&self.sequences);
        let response = |(request, share): (&Request, &Share)| {
            let mut tokens = share.tokens;
            let response = match request {
                Request::Choose { spellings, .. } => {
                    let (mut raw, mut spelled) = (Vec::new(), Vec::new());
                    for (count, follows) in share.sequences.iter().zip(&share.first_follows) {
                        let own = scored.by_ref().take(*count).map(|(((sum, _), _), _)| sum);
                        let sums: Vec<f64> = own.collect();
                        raw.extend(sums.first());
                        if *spellings {
                            let own = &sums[usize::from(!follows && sums.len() > 1)..];
                            spelled.push(log_sum_exp(own.iter().copied()));
                        }
                    }
                    Response::Choose { raw, spelled }
                }
                Request::Generate { .. } => {
                    let (texts, written) = texts.next().unwrap_or_default();
                    tokens.written = written;
                    Response::Generate(texts.into_iter().next().unwrap_or_default())
                }
                Request::Sample { .. } => {
                    let (texts, written) = texts.next().unwrap_or_default();
                    tokens.written = written;
                    Response::Samples(texts)
                }
                Request::Read { .. } => {
                    let mut read = |count: &usize| {
                        let own = scored.by_ref().take(*count);
                        let own = own.map(|(((sum, _), _), sequence)| ReadText {
                            loglikelihood: sum,
                            tokens: sequence.tokens.len() - sequence.scored_from,
                        });
                        own.last().unwrap_or_default()
                    };
                    Response::Read(share.sequences.iter().map(&mut read).collect())
                }
                Request::Text { .. } => {
                    let (mut loglikelihood, mut bytes) = (0.0, 0);
                    let (mut own, mut next) = (Vec::new(), Vec::new());
                    let count = share.sequences.iter().sum();
                    for (((sum, length), seen), sequence) in scored.by_ref().take(count) {
                        loglikelihood += sum;
                        bytes += length;
                        next.extend(seen);
                        own.extend_from_slice(&sequence.tokens[sequence.scored_from..]);
                    }
                    Response::Text {
                        loglikelihood,
                        tokens: own,
                        vocabulary,
                        bytes,
                        next,
                    }
                }
            };
            (response, tokens)
        };
        requests.iter().zip(&self.shares).map(response).collect()
    }
}

/// Whether place `at` of `of` is one of `kept` that are spread evenly.
fn is_kept(at: usize, of: usize, kept: usize) -> bool {
    kept >= of || (at * kept) / of != ((at + 1) * kept) / of
}
