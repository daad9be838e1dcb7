//! Calibration: the text whose hidden states show a method what each layer is for.

mod inputs;

use crate::error::{Error, Result};
use crate::hash::sha256_hex;
use crate::model::Model;
use crate::recipe::{Choice, ChoiceValue, Parameter, Setting, Settings, Words};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

pub use inputs::{Factor, InputStats};

/// Plain English of many kinds, written for this project.
const ENGLISH: &str = include_str!("english.txt");

/// How calibration text is used.
pub const PARAMETERS: &[Parameter] = &[
    SEQUENCES.parameter,
    LENGTH.parameter,
    SEED.parameter,
    SEEDS.parameter,
    PROPAGATION.parameter,
];

pub const SEQUENCES: Setting<u32> = Setting::<u32>::integer(
    Words {
        name: "sequences",
        title: "Sequences",
        sentence: "How many pieces of the calibration text run through the model.",
    },
    [1, 1024],
    1,
    64,
);

pub const LENGTH: Setting<u32> = Setting::<u32>::integer(
    Words {
        name: "length",
        title: "Tokens in a sequence",
        sentence: "How long each piece is, in tokens.",
    },
    [8, 4096],
    8,
    256,
);

pub const SEED: Setting<u32> = Setting::<u32>::integer(
    Words {
        name: "seed",
        title: "Calibration seed",
        sentence: "Picks the pieces of the text.",
    },
    [0, 1_000_000],
    1,
    0,
);

pub const SEEDS: Setting<u32> = Setting::<u32>::integer(
    Words {
        name: "seeds",
        title: "Seeds in a row",
        sentence: "Compresses and scores once for each of so many calibration seeds, to show how much chance decides.",
    },
    [1, 10],
    1,
    1,
);

pub const PROPAGATION: Setting<Propagation> = Setting::choice(
    Words {
        name: "propagation",
        title: "What a layer sees",
        sentence: "Inputs as the blocks before it leave them once compressed, or also the layers before it in its own \
                   block, or as the uncompressed model has them.",
    },
    &[
        Choice {
            value: ChoiceValue::Word("block"),
            title: "compressed blocks",
        },
        Choice {
            value: ChoiceValue::Word("layer"),
            title: "compressed layers",
        },
        Choice {
            value: ChoiceValue::Word("dense"),
            title: "the uncompressed model",
        },
    ],
    &[Propagation::Block, Propagation::Layer, Propagation::Dense],
    0,
);

/// What the inputs of layers are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To compress by them.
    Compress,
    /// Only to measure what compression changes: one sequence is enough.
    Measure,
}

/// A text of the reader's own.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Text {
    pub name: String,
    pub content: String,
}

/// Which inputs a layer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Propagation {
    /// What the compressed blocks before its own give.
    Block,
    /// What all compressed layers before it give.
    Layer,
    /// What the uncompressed model gives.
    Dense,
}

/// Token sequences, and how they are used.
#[derive(Debug, Clone)]
pub struct Calibration {
    pub sequences: Vec<Vec<u32>>,
    pub propagation: Propagation,
}

/// What the report says of a calibration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(rename = "CalibrationSummary"))]
pub struct Summary {
    /// The name of the text.
    pub text: String,
    /// SHA-256 of the text.
    pub hash: String,
    pub sequences: usize,
    /// Tokens in a sequence.
    pub length: usize,
    pub tokens: usize,
    pub seed: u64,
    pub propagation: Propagation,
}

impl Calibration {
    /// Cuts a text (the built-in one where there is none) into pieces for `model`, a beginning-of-text token
    /// before each where its tokenizer has one, and draws as many as `settings` say by `seed`; a single one where
    /// it is for measuring only.
    pub fn new(
        model: &Model,
        text: Option<&Text>,
        purpose: Purpose,
        settings: &Settings,
        seed: u64,
    ) -> Result<(Self, Summary)> {
        let content = text.map_or(ENGLISH, |text| &text.content);
        let name = text.map_or("built-in English", |text| &text.name);
        let count = match purpose {
            Purpose::Compress => SEQUENCES.of(settings) as usize,
            Purpose::Measure => 1,
        };
        let length = (LENGTH.of(settings) as usize).min(model.config.max_position_embeddings);
        let start = model.tokenizer.encode("")?;
        let tokens = model.tokenizer.encode(content)?;
        let tokens = tokens.strip_prefix(&start[..]).unwrap_or(&tokens);
        let pieces: Vec<&[u32]> = tokens
            .chunks_exact((length - start.len().min(length - 1)).max(1))
            .collect();
        if pieces.len() < count {
            return Err(Error::CalibrationText {
                text: name.to_owned(),
                tokens: tokens.len(),
                pieces: pieces.len(),
                sequences: count,
                length,
            });
        }
        let mut sequences = Vec::with_capacity(count);
        for piece in draw(pieces.len(), count, seed) {
            sequences.push([&start, pieces[piece]].concat());
        }
        let propagation = PROPAGATION.of(settings);
        let summary = Summary {
            text: name.to_owned(),
            hash: sha256_hex(content),
            sequences: count,
            length,
            tokens: sequences.iter().map(Vec::len).sum(),
            seed,
            propagation,
        };
        let calibration = Self {
            sequences,
            propagation,
        };
        Ok((calibration, summary))
    }
}

/// `count` different numbers below `n`, in random order.
fn draw(n: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut numbers: Vec<usize> = (0..n).collect();
    for i in 0..count.min(n) {
        // The remainder favours low numbers by less than n in 2^64.
        let offset = random.next_u64() % (n - i) as u64;
        numbers.swap(i, i + usize::try_from(offset).unwrap_or(0));
    }
    numbers.truncate(count);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_numbers_once_each() {
        let mut all = draw(100, 100, 7);
        assert_eq!(draw(100, 30, 7), all[..30]);
        assert_ne!(draw(100, 30, 8), all[..30]);
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }
}
