//! Models of well-known shapes with weights that are all noise.

use crate::error::{Error, Result};
use crate::model::arch::family;
use crate::model::{Block, Config, Fields, Linear, Model, Norm, Origin};
use crate::weight::{Dense, Floats, Grid, Layout, Quantized, Storage, Weight, max_code};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// The sizes of a decoder of Llama's kind, by the names of Hugging Face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub name: &'static str,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub num_key_value_heads: usize,
    pub vocab_size: usize,
}

/// Shapes to measure devices with.
pub const SHAPES: [Shape; 3] = [
    Shape {
        name: "SmolLM2-135M",
        hidden_size: 576,
        intermediate_size: 1536,
        num_hidden_layers: 30,
        num_attention_heads: 9,
        num_key_value_heads: 3,
        vocab_size: 49152,
    },
    Shape {
        name: "SmolLM2-360M",
        hidden_size: 960,
        intermediate_size: 2560,
        num_hidden_layers: 32,
        num_attention_heads: 15,
        num_key_value_heads: 5,
        vocab_size: 49152,
    },
    Shape {
        name: "Llama-3.2-1B",
        hidden_size: 2048,
        intermediate_size: 8192,
        num_hidden_layers: 16,
        num_attention_heads: 32,
        num_key_value_heads: 8,
        vocab_size: 128_256,
    },
];

/// How its matrices are stored, embedding and head among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Stored {
    /// f16.
    Dense,
    /// 8 bits in groups of 32 with one f16 scale each, as GGUF's `Q8_0`.
    Bits8,
    /// 4 bits in groups of 32 with one f16 scale each, as GGUF's `Q4_0`.
    Bits4,
}

impl Stored {
    /// Every one.
    pub const ALL: &[Self] = &[Self::Dense, Self::Bits8, Self::Bits4];

    fn matrix(self, [rows, cols]: [usize; 2], noise: &mut Noise) -> Result<Weight> {
        let bits = match self {
            Self::Dense => {
                let values = (0..rows * cols).map(|_| (f32::from(noise.byte()) - 127.5) / 2048.0);
                let values = Floats::from_f32(Storage::F16, values);
                return Ok(Weight::Dense(
                    Dense::new(rows, cols, values).ok_or_else(misfit)?,
                ));
            }
            Self::Bits8 => 8,
            Self::Bits4 => 4,
        };
        let layout = Layout {
            shape: [rows, cols],
            bits,
            group_size: 32,
            symmetric: true,
            scales: Storage::F16,
        };
        let grids = vec![Grid::reaching(0.0625, bits); rows * layout.groups()];
        let codes: Vec<u8> = (0..rows * cols)
            .map(|_| noise.byte() & max_code(bits))
            .collect();
        Ok(Weight::Quantized(Quantized::new(layout, &grids, &codes)))
    }
}

/// Cannot be: there are as many values as places.
fn misfit() -> Error {
    Error::Empty {
        what: "a matrix of the shape".into(),
    }
}

/// Bytes, always the same ones (xorshift, Marsaglia 2003).
struct Noise(u32);

impl Noise {
    fn byte(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0.to_le_bytes()[1]
    }
}

impl Shape {
    /// Weights of the matrices; the head is the embedding.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        let head = self.hidden_size / self.num_attention_heads;
        let keys = self.num_key_value_heads * head;
        let block =
            self.hidden_size * (2 * self.hidden_size + 2 * keys + 3 * self.intermediate_size);
        (self.num_hidden_layers * block + self.vocab_size * self.hidden_size) as u64
    }

    /// A model of this shape, with the tokenizer of another one, which it never needs; no token ends its texts.
    pub fn model(&self, stored: Stored, tokenizer: &Model) -> Result<Model> {
        let fields = json!({
            "model_type": "llama",
            "hidden_size": self.hidden_size,
            "intermediate_size": self.intermediate_size,
            "num_hidden_layers": self.num_hidden_layers,
            "num_attention_heads": self.num_attention_heads,
            "num_key_value_heads": self.num_key_value_heads,
            "vocab_size": self.vocab_size,
            "tie_word_embeddings": true,
        });
        let fields = Fields::parse(fields.to_string().as_bytes())?;
        let family = family(&fields)?;
        let config = Config {
            eos_token_ids: Vec::new(),
            ..family.read(&fields)?
        };
        let mut noise = Noise(2_463_534_242);
        let (hidden, inner) = (self.hidden_size, self.intermediate_size);
        let keys = config.num_key_value_heads * config.head_dim;
        let norm = || Norm {
            scale: vec![1.0; hidden].into(),
            bias: None,
        };
        let mut block = |number: usize| {
            let mut linear = |name: &str, rows, cols| {
                Ok::<_, Error>(Linear {
                    name: format!("model.layers.{number}.{name}"),
                    weight: Arc::new(stored.matrix([rows, cols], &mut noise)?),
                    bias: None,
                })
            };
            Ok::<_, Error>(Block {
                input_norm: Some(norm()),
                query: linear("self_attn.q_proj", hidden, hidden)?,
                key: linear("self_attn.k_proj", keys, hidden)?,
                value: linear("self_attn.v_proj", keys, hidden)?,
                convolution: None,
                attended_norm: None,
                output: linear("self_attn.o_proj", hidden, hidden)?,
                query_norm: None,
                key_norm: None,
                output_norm: None,
                post_norm: Some(norm()),
                gate: Some(linear("mlp.gate_proj", inner, hidden)?),
                up: linear("mlp.up_proj", inner, hidden)?,
                inner_norm: None,
                down: linear("mlp.down_proj", hidden, inner)?,
                down_norm: None,
                sliding: false,
                turning: true,
            })
        };
        let blocks = (0..self.num_hidden_layers)
            .map(&mut block)
            .collect::<Result<_>>()?;
        let embedding = Arc::new(stored.matrix([self.vocab_size, hidden], &mut noise)?);
        Ok(Model {
            name: format!("{} (noise)", self.name),
            family,
            config,
            embedding_norm: None,
            positions: None,
            blocks,
            norm: norm(),
            head: Arc::clone(&embedding),
            head_bias: None,
            embedding,
            hash: String::new(),
            origin: Arc::new(Origin::default()),
            notes: Vec::new(),
            ..tokenizer.clone()
        })
    }
}
