//! A [`Config`] back to the fields of config.json: the other way round of `config.rs`.

use super::arch::Family;
use super::config::Config;
use super::fields::{exact, whole};
use super::rope::Scaling;
use crate::backend::Activation;
use serde_json::{Map, Value, json};

impl Family {
    /// Config.json of a config: [`Family::read`] gives the same config back.
    #[must_use]
    pub fn write(&self, config: &Config) -> Map<String, Value> {
        let mut fields = config.common();
        (self.write)(config, &mut fields);
        for (common, own) in self.fields {
            if let Some(value) = fields.remove(*common) {
                fields.insert((*own).to_owned(), value);
            }
        }
        fields.insert("model_type".into(), self.model_type.into());
        fields.insert("architectures".into(), json!([self.architecture]));
        fields
    }
}

impl Config {
    /// The fields that decoders share, under their common names.
    fn common(&self) -> Map<String, Value> {
        let ends = match &self.eos_token_ids[..] {
            [] => Value::Null,
            [end] => (*end).into(),
            ends => ends.into(),
        };
        let mut fields = Map::from_iter(
            [
                ("hidden_size", self.hidden_size.into()),
                ("intermediate_size", self.intermediate_size.into()),
                ("num_hidden_layers", self.num_hidden_layers.into()),
                ("num_attention_heads", self.num_attention_heads.into()),
                ("num_key_value_heads", self.num_key_value_heads.into()),
                ("head_dim", self.head_dim.into()),
                ("vocab_size", self.vocab_size.into()),
                (
                    "max_position_embeddings",
                    self.max_position_embeddings.into(),
                ),
                ("rms_norm_eps", exact(self.norm_eps)),
                ("hidden_act", activation(self.activation).into()),
                ("attention_bias", self.biases.output.into()),
                ("mlp_bias", self.biases.feed_forward.into()),
                ("tie_word_embeddings", self.tie_word_embeddings.into()),
                ("eos_token_id", ends),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        if let Some(rope) = self.ropes.first() {
            fields.insert("rope_theta".into(), exact(rope.theta));
            let scaling = rope.written();
            if !scaling.is_null() {
                fields.insert("rope_scaling".into(), scaling);
            }
            if let Scaling::Long(long) = &rope.scaling {
                fields.insert("max_position_embeddings".into(), long.longest.into());
                if let Some(original) = long.original {
                    fields.insert("original_max_position_embeddings".into(), original.into());
                }
            }
            let width = 2 * rope.frequencies.len();
            if width != self.head_dim {
                let share = share(width, self.head_dim);
                fields.insert("partial_rotary_factor".into(), share.into());
            }
        }
        fields
    }

    /// Adds the window, null where there is none, and the layers that have it.
    pub(super) fn write_windows(&self, fields: &mut Map<String, Value>) {
        fields.insert("sliding_window".into(), json!(self.sliding_window));
        if self.sliding_window.is_some() {
            let kind = |slides: &bool| {
                if *slides {
                    "sliding_attention"
                } else {
                    "full_attention"
                }
            };
            let kinds: Vec<&str> = self.sliding_layers.iter().map(kind).collect();
            fields.insert("layer_types".into(), kinds.into());
        }
    }

    /// The same for families whose layers all have the window where nothing is said: others are another family then.
    pub(super) fn write_one_window(&self, fields: &mut Map<String, Value>) {
        self.write_windows(fields);
        if !self.sliding_layers.contains(&false) {
            fields.remove("layer_types");
        }
    }

    /// Adds the share of a head that turns, for families in which none is not all of it.
    pub(super) fn write_share(_: &Self, fields: &mut Map<String, Value>) {
        let share = fields.entry("partial_rotary_factor");
        share.or_insert_with(|| 1.0.into());
    }

    /// Adds factors, 1 where there is none.
    pub(super) fn write_factors(fields: &mut Map<String, Value>, factors: &[(&str, Option<f32>)]) {
        for (name, factor) in factors {
            fields.insert((*name).to_owned(), exact(factor.unwrap_or(1.0)));
        }
    }

    /// Adds the scale of queries and the soft caps of Gemma.
    pub(super) fn write_caps(&self, fields: &mut Map<String, Value>) {
        let cap = |cap: Option<f32>| cap.map_or(Value::Null, exact);
        fields.insert(
            "query_pre_attn_scalar".into(),
            whole(scalar(self.query_scale)),
        );
        fields.insert("attn_logit_softcapping".into(), cap(self.attention_softcap));
        fields.insert("final_logit_softcapping".into(), cap(self.logit_softcap));
    }
}

fn activation(activation: Activation) -> &'static str {
    match activation {
        Activation::Silu => "silu",
        Activation::Gelu => "gelu",
        Activation::GeluTanh => "gelu_pytorch_tanh",
        Activation::Relu => "relu",
        Activation::ReluSquared => "relu2",
    }
}

/// The share of a head of which `width` dimensions turn. Readers multiply and cut off, in f32 or f64.
fn share(width: usize, head_dim: usize) -> f64 {
    let share = width as f64 / head_dim as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most head_dim"
    )]
    let read = [
        (head_dim as f64 * share) as usize,
        (head_dim as f32 * share as f32) as usize,
    ];
    if read == [width, width] {
        share
    } else {
        (width as f64 + 0.5) / head_dim as f64
    }
}

/// The number of whose root `scale` is the inverse; a whole one where that gives the same scale.
fn scalar(scale: f32) -> f32 {
    let near = 1.0 / (scale * scale);
    let neighbours =
        (-8..=8).map(|step: i32| f32::from_bits(near.to_bits().wrapping_add_signed(step)));
    let mut candidates = std::iter::once(near.round()).chain(neighbours);
    candidates
        .find(|scalar| 1.0 / scalar.sqrt() == scale)
        .unwrap_or(near)
}
