//! Continues texts together, token by token.

use super::Model;
use super::forest;
use super::forward::Step;
use crate::error::{Error, Result};
use crate::kernel::likeliest;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// How next tokens are chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Sampling {
    /// Always the likeliest: one text.
    Greedy,
    /// Drawn from the model's own probabilities, softened or sharpened by `temperature`, which is above 0: `count`
    /// texts, the same for the same `seed`.
    Temperature {
        temperature: f64,
        count: usize,
        seed: u64,
    },
}

/// A prompt that is to be continued.
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    pub prompt: Vec<u32>,
    pub sampling: Sampling,
    /// The most tokens that each of its texts has.
    pub max_tokens: usize,
}

/// What a model wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// Up to where it was to end.
    pub text: String,
    /// Every token that was chosen, but for one that ends texts.
    pub tokens: Vec<u32>,
}

impl Sampling {
    /// One for each text.
    fn draws(&self) -> Vec<Option<Draw>> {
        match *self {
            Self::Greedy => vec![None],
            Self::Temperature {
                temperature,
                count,
                seed,
            } => (0..count)
                .map(|number| {
                    let mut random = ChaCha8Rng::seed_from_u64(seed);
                    random.set_stream(number as u64);
                    Some(Draw {
                        number,
                        temperature,
                        random,
                    })
                })
                .collect(),
        }
    }
}

/// The random numbers of one text, which no other text uses: what it becomes depends on nothing that runs beside it.
struct Draw {
    number: usize,
    temperature: f64,
    random: ChaCha8Rng,
}

impl Draw {
    /// A token drawn with the probabilities `softmax(logits / temperature)`.
    fn token(&mut self, logits: &[f32]) -> Result<u32> {
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let weight = |logit: f32| libm::exp(f64::from(logit - largest) / self.temperature);
        let total: f64 = logits.iter().map(|&logit| weight(logit)).sum();
        if !total.is_finite() {
            return Err(Error::NotANumber);
        }
        // 53 bits: a number from 0 to below 1.
        let share = (self.random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let mut left = share * total;
        let passed = logits.iter().position(|&logit| {
            left -= weight(logit);
            left < 0.0
        });
        match passed {
            Some(token) => u32::try_from(token).map_err(|_| Error::NotANumber),
            // Rounding has left a crumb behind the last token.
            None => match likeliest(logits, 1).as_deref() {
                Some([(token, _)]) => Ok(*token),
                _ => Err(Error::NotANumber),
            },
        }
    }
}

/// Continues prompts together, token by token.
pub(super) struct Decoder<'a> {
    pub live: Vec<Branch<'a>>,
    done: Vec<Branch<'a>>,
    /// The next free cache slot.
    slots: usize,
    stop: Option<&'a str>,
}

pub(super) struct Branch<'a> {
    member: usize,
    generation: &'a Generation,
    /// The cache slots of the prompt and of what follows it.
    path: Vec<usize>,
    tokens: Vec<u32>,
    draw: Option<Draw>,
}

impl Branch<'_> {
    /// The cache slot of its last token.
    pub fn last(&self) -> usize {
        self.path[self.path.len() - 1]
    }

    /// Whether its next token is drawn; the others take the likeliest.
    pub fn draws(&self) -> bool {
        self.draw.is_some()
    }

    /// Draws its next token by its logits, `[vocab_size]`.
    pub fn draw(&mut self, logits: &[f32]) -> Result<u32> {
        let draw = self.draw.as_mut().ok_or(Error::NotANumber)?;
        draw.token(logits)
    }

    /// Whether `stop` has come with the last token. Of the text only the end is decoded, where `stop` must be: a token is a
    /// byte at least.
    fn has_stopped(&self, model: &Model, stop: Option<&str>) -> Result<bool> {
        let Some(looked_for) = stop else {
            return Ok(false);
        };
        let end = self.tokens.len().saturating_sub(looked_for.len() + 1);
        if end > 0
            && !model
                .tokenizer
                .decode(&self.tokens[end..])?
                .contains(looked_for)
        {
            return Ok(false);
        }
        Ok(self.text(model, stop)?.1)
    }

    /// What follows the prompt, up to `stop`; and whether `stop` has come.
    fn text(&self, model: &Model, stop: Option<&str>) -> Result<(String, bool)> {
        let prompt = &self.generation.prompt;
        let text = model.tokenizer.decode_after(prompt, &self.tokens)?;
        Ok(match stop.and_then(|stop| text.find(stop)) {
            Some(end) => (text[..end].to_owned(), true),
            None => (text, false),
        })
    }
}

impl<'a> Decoder<'a> {
    pub fn new(
        generations: &[&'a Generation],
        paths: &[Vec<usize>],
        stop: Option<&'a str>,
    ) -> Self {
        let mut branches = Vec::new();
        for (member, generation) in generations.iter().enumerate() {
            let branch = |draw| Branch {
                member,
                generation,
                path: paths[member].clone(),
                tokens: Vec::new(),
                draw,
            };
            branches.extend(generation.sampling.draws().into_iter().map(branch));
        }
        let (live, done) = branches
            .into_iter()
            .partition(|branch| branch.generation.max_tokens > 0);
        Self {
            live,
            done,
            slots: paths.iter().flatten().max().map_or(0, |last| last + 1),
            stop,
        }
    }

    /// Gives each live branch its next token; what is left to run is the next step.
    pub fn advance(&mut self, model: &Model, tokens: &[u32]) -> Result<Step> {
        let mut step = Step::default();
        let branches = std::mem::take(&mut self.live);
        for (mut branch, &token) in branches.into_iter().zip(tokens) {
            let ended = model.config.eos_token_ids.contains(&token);
            if !ended {
                branch.tokens.push(token);
            }
            let full = branch.tokens.len() >= branch.generation.max_tokens
                || branch.path.len() >= model.config.max_position_embeddings;
            if ended || full || branch.has_stopped(model, self.stop)? {
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

    /// What was written, with the index of their prompt, those of one prompt in the order of their draws.
    pub fn finish(self, model: &Model) -> Result<Vec<(usize, Continuation)>> {
        let mut branches: Vec<Branch> = self.live.into_iter().chain(self.done).collect();
        branches.sort_by_key(|branch| branch.draw.as_ref().map(|draw| draw.number));
        branches
            .into_iter()
            .map(|branch| {
                let (text, _) = branch.text(model, self.stop)?;
                let tokens = branch.tokens;
                Ok((branch.member, Continuation { text, tokens }))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each token is drawn.
    fn frequencies(logits: &[f32], temperature: f64) -> Vec<f64> {
        let sampling = Sampling::Temperature {
            temperature,
            count: 4000,
            seed: 1,
        };
        let mut counts = vec![0.0; logits.len()];
        for draw in sampling.draws() {
            let token = draw.expect("a draw").token(logits).expect("a token");
            counts[token as usize] += 1.0 / 4000.0;
        }
        counts
    }

    #[test]
    fn tokens_are_drawn_as_often_as_the_model_says() {
        let logits = [0.0, 2f32.ln(), f32::NEG_INFINITY, 5f32.ln()];
        for (temperature, expected) in [
            (1.0, [0.125, 0.25, 0.0, 0.625]),
            // Squared: 1, 4, 25 of 30.
            (0.5, [1.0 / 30.0, 4.0 / 30.0, 0.0, 25.0 / 30.0]),
        ] {
            for (seen, expected) in frequencies(&logits, temperature).iter().zip(expected) {
                assert!((seen - expected).abs() < 0.03, "{seen} {expected}");
            }
        }
    }

    #[test]
    fn what_is_not_a_number_is_an_error() {
        let sampling = Sampling::Temperature {
            temperature: 1.0,
            count: 1,
            seed: 0,
        };
        for logits in [[f32::NAN, 0.0], [f32::INFINITY, 0.0]] {
            for draw in sampling.draws() {
                assert!(draw.expect("a draw").token(&logits).is_err());
            }
        }
    }
}
