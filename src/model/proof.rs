//! What a backend computes of a model, compared with the processor before it is trusted.

use super::{Inputs, Model, Session, Stream};
use crate::backend::{Backend, Cpu};
use crate::error::{Error, Result};
use serde::Serialize;
use std::fmt;

/// Tokens that are read.
const TOKENS: usize = 64;
/// Places at which the likeliest next token must be the same, of those where it is clear.
const AGREEMENT: f64 = 0.99;
/// What a log-probability may be off by. Where weights are quantized the processor itself rounds inputs to 16 bits
/// (docs/kernels.md), which makes up to 0.005.
const LARGEST_ERROR: f32 = 0.1;
/// What the outputs of a layer may be off by, relative to their length; the processor's own error is below 1e-4.
const LAYER_ERROR: f64 = 1e-3;

/// Something to read; any text does.
const TEXT: &str = "The river was high that spring, and the old bridge had been closed since March. Every morning \
    the two sisters walked down to the water, counted the planks that were left, and asked the ferryman what he \
    would charge today. He always named the same price, and they always paid him half of it in bread, one loaf for \
    each of them, still warm.";

/// A backend beside the processor, on the same model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Proof {
    /// Tokens that both have read.
    pub tokens: usize,
    /// Places where the processor's likeliest next token is ahead of its second by more than the largest error can turn.
    pub clear: usize,
    /// Those of them where the other has the same likeliest token.
    pub agreeing: usize,
    /// The largest difference of a log-probability.
    pub largest_error: f32,
    /// The largest difference of a layer's outputs, relative to their length, in the first block.
    pub layer_error: f64,
}

impl Proof {
    /// Has both read the same text, and compares every layer of the first block on the processor's own inputs.
    pub async fn new<B: Backend>(model: &Model, backend: B) -> Result<Self> {
        let tokens = tokens(model)?;
        let layer_error = layer_error(model, &backend, &tokens).await?;
        let expected = Session::new(model, Cpu)?.logits(&tokens).await?;
        let found = Session::new(model, backend)?.logits(&tokens).await?;
        let rows = |logits: Vec<f32>| -> Vec<Row> {
            let rows = logits.chunks_exact(model.config.vocab_size);
            rows.map(Row::new).collect()
        };
        let (expected, found) = (rows(expected), rows(found));
        let pairs = || expected.iter().zip(&found);
        let errors = pairs().map(|(expected, found)| expected.difference(found));
        let largest_error = errors.fold(0.0, largest);
        let is_clear = |(expected, _): &(&Row, &Row)| expected.lead > 2.0 * largest_error;
        let is_same = |(expected, found): &(&Row, &Row)| expected.likeliest == found.likeliest;
        Ok(Self {
            tokens: tokens.len(),
            clear: pairs().filter(is_clear).count(),
            agreeing: pairs().filter(is_clear).filter(is_same).count(),
            largest_error,
            layer_error,
        })
    }

    /// An error that says so where the backend is not to be trusted.
    pub fn check(&self) -> Result<()> {
        let agrees = self.agreeing as f64 >= AGREEMENT * self.clear as f64;
        // What is no number compares as false.
        if agrees && self.largest_error <= LARGEST_ERROR && self.layer_error <= LAYER_ERROR {
            return Ok(());
        }
        Err(Error::Gpu(format!(
            "it does not compute what the processor does: {self}"
        )))
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self {
            tokens,
            clear,
            agreeing,
            largest_error,
            layer_error,
        } = self;
        write!(
            f,
            "of {tokens} tokens read, the likeliest next one is the same at {agreeing} of {clear} where it is clear; \
             log-probabilities differ by {largest_error:.1e} at most, outputs of a layer by {layer_error:.1e} of their length"
        )
    }
}

/// The log-probabilities behind one token.
struct Row {
    log_probabilities: Vec<f32>,
    likeliest: usize,
    /// How far it is ahead of the second.
    lead: f32,
}

impl Row {
    fn new(logits: &[f32]) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "compared as f32")]
        let normalizer = crate::kernel::log_sum_exp(logits) as f32;
        let mut best = (0, f32::NEG_INFINITY);
        let mut second = f32::NEG_INFINITY;
        for (token, &logit) in logits.iter().enumerate() {
            if logit > best.1 {
                second = best.1;
                best = (token, logit);
            } else {
                second = second.max(logit);
            }
        }
        Self {
            log_probabilities: logits.iter().map(|logit| logit - normalizer).collect(),
            likeliest: best.0,
            lead: best.1 - second,
        }
    }

    fn difference(&self, other: &Self) -> f32 {
        let pairs = self.log_probabilities.iter().zip(&other.log_probabilities);
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, largest)
    }
}

/// The larger of two; what is no number stays.
fn largest(a: f32, b: f32) -> f32 {
    if a.is_nan() || a > b { a } else { b }
}

/// The same for every run of a model.
fn tokens(model: &Model) -> Result<Vec<u32>> {
    let mut tokens = model.tokenizer.encode(TEXT)?;
    if tokens.is_empty() {
        tokens.push(0);
    }
    let count = TOKENS.min(model.config.max_position_embeddings);
    Ok(tokens.into_iter().cycle().take(count).collect())
}

async fn layer_error<B: Backend>(model: &Model, backend: &B, tokens: &[u32]) -> Result<f64> {
    let Some(block) = model.blocks.first() else {
        return Ok(0.0);
    };
    let stream = Stream::new(model, Cpu, &[tokens.to_vec()])?;
    let mut read = Vec::new();
    let on_cpu = stream.block(block)?;
    let see = &mut |inputs, values: &[f32]| read.push((inputs, values.to_vec()));
    stream.observe(&on_cpu, &Inputs::ALL, see).await?;
    let mut largest = 0.0;
    for (inputs, values) in read {
        for linear in block.reading(inputs) {
            let [_, cols] = linear.weight.shape();
            let expected = outputs(&Cpu, &linear.weight, &values, cols).await?;
            let found = outputs(backend, &linear.weight, &values, cols).await?;
            let error = relative(&found, &expected);
            if error.is_nan() || error > largest {
                largest = error;
            }
            if error.is_nan() {
                return Ok(error);
            }
        }
    }
    Ok(largest)
}

async fn outputs<B: Backend>(
    backend: &B,
    weight: &std::sync::Arc<crate::weight::Weight>,
    inputs: &[f32],
    cols: usize,
) -> Result<Vec<f32>> {
    let inputs = backend.tensor(inputs.to_vec(), cols)?;
    let outputs = backend.linear(&inputs, &backend.weight(weight)?)?;
    backend.read(&outputs).await
}

/// `‖found - expected‖ / ‖expected‖`.
fn relative(found: &[f32], expected: &[f32]) -> f64 {
    let square = |x: f64| x * x;
    let pairs = found.iter().zip(expected);
    let error: f64 = pairs.map(|(a, b)| square(f64::from(a - b))).sum();
    let length: f64 = expected.iter().map(|b| square(f64::from(*b))).sum();
    if error == 0.0 {
        0.0
    } else {
        (error / length).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof() -> Proof {
        Proof {
            tokens: 64,
            clear: 60,
            agreeing: 60,
            largest_error: 1e-4,
            layer_error: 1e-6,
        }
    }

    #[test]
    fn what_differs_too_much_is_refused_with_a_sentence() {
        assert!(proof().check().is_ok());
        let wrong = [
            Proof {
                agreeing: 59,
                ..proof()
            },
            Proof {
                largest_error: 0.2,
                ..proof()
            },
            Proof {
                largest_error: f32::NAN,
                ..proof()
            },
            Proof {
                layer_error: 0.01,
                ..proof()
            },
            Proof {
                layer_error: f64::NAN,
                ..proof()
            },
        ];
        for proof in wrong {
            let error = proof.check().expect_err("wrong").to_string();
            assert!(
                error.contains("does not compute what the processor does"),
                "{error}"
            );
        }
    }

    #[test]
    fn near_the_edge_is_not_clear() {
        let row = Row::new(&[1.0, 3.0, 2.5]);
        assert_eq!((row.likeliest, row.lead), (1, 0.5));
        let tied = Row::new(&[1.0, 1.0]);
        assert_eq!((tied.likeliest, tied.lead), (0, 0.0));
        let wrong = Row::new(&[1.0, f32::NAN, 2.5]);
        assert!(row.difference(&wrong).is_nan());
    }

    #[cfg(feature = "gpu")]
    mod gpu {
        use super::*;
        use crate::backend::Gpu;
        use crate::load;
        use pollster::block_on;

        fn built_in() -> Model {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/pebble");
            let read = |file: &&str| {
                let bytes = std::fs::read(folder.join(file)).expect("a file");
                ((*file).to_owned(), bytes)
            };
            let files: load::Files = load::FILES.iter().map(read).collect();
            load::model("Pebble", &files).expect("a model")
        }

        #[test]
        #[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
        fn the_graphics_card_is_trusted_and_one_with_a_wrong_shader_is_not() {
            let model = built_in();
            let gpu = Gpu::shared().expect("a device");
            let proof = block_on(Proof::new(&model, gpu)).expect("a proof");
            proof.check().expect("trusted");
            assert!(proof.clear > proof.tokens * 9 / 10, "{proof}");
            for (entry, right, wrong) in [
                ("rms_norm", "+ parameters.epsilon", "+ 0.05"),
                (
                    "attention_by_four",
                    "dot * parameters.scale",
                    "1.1 * dot * parameters.scale",
                ),
                (
                    "attention_by_four",
                    "row.slots - base)",
                    "row.slots - base) - 1u",
                ),
                ("rope", "- x[i + pairs]", "+ x[i + pairs]"),
                ("activate", "min(-z, 88.0)", "min(-z, 1.0)"),
            ] {
                let gpu = Gpu::wrong(entry, right, wrong).expect("a device");
                let proof = block_on(Proof::new(&model, gpu)).expect("a proof");
                assert!(proof.check().is_err(), "{entry}: {proof}");
            }
        }
    }
}
