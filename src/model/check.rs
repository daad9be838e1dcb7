//! Whether what a [`Config`] says is possible.

use super::bounds::{
    MOST_HEADS, MOST_HIDDEN, MOST_INNER, MOST_LAYERS, MOST_OFFSET, MOST_POSITIONS, MOST_TAPS,
    MOST_TOKENS, WIDEST_HEAD,
};
use super::config::Config;
use super::fields::config;
use super::rope::Rope;
use crate::error::Result;

impl Config {
    /// An error where a size is outside its bounds, or does not fit the others: what the arithmetic relies on, whatever
    /// the config was read from.
    pub fn check(&self) -> Result<()> {
        for (field, size, most) in [
            ("hidden_size", self.hidden_size, MOST_HIDDEN),
            ("intermediate_size", self.intermediate_size, MOST_INNER),
            ("num_hidden_layers", self.num_hidden_layers, MOST_LAYERS),
            ("num_attention_heads", self.num_attention_heads, MOST_HEADS),
            ("num_key_value_heads", self.num_key_value_heads, MOST_HEADS),
            ("head_dim", self.head_dim, WIDEST_HEAD),
            ("vocab_size", self.vocab_size, MOST_TOKENS),
            (
                "max_position_embeddings",
                self.max_position_embeddings,
                MOST_POSITIONS,
            ),
            (
                "sliding_window",
                self.sliding_window.unwrap_or(1),
                MOST_POSITIONS,
            ),
            ("position_offset", self.position_offset.max(1), MOST_OFFSET),
            (
                "conv_L_cache",
                self.convolution_length.unwrap_or(1),
                MOST_TAPS,
            ),
        ] {
            if !(1..=most).contains(&size) {
                let problem = format!("is {size}; a whole number from 1 to {most} is needed");
                return Err(config(field, problem));
            }
        }
        for layers in [
            &self.sliding_layers,
            &self.turning_layers,
            &self.convolution_layers,
        ] {
            if layers.len() != self.num_hidden_layers {
                let problem = format!("must be a list of {} texts", self.num_hidden_layers);
                return Err(config("layer_types", problem));
            }
        }
        if self.convolution_length.is_none() && self.convolution_layers.contains(&true) {
            let problem = "is missing, and some layers are convolutions";
            return Err(config("conv_L_cache", problem.into()));
        }
        let turns = |rope: &Rope| (1..=self.head_dim / 2).contains(&rope.frequencies.len());
        if !self.ropes.iter().all(turns) {
            let problem = "turns more dimensions than a head has, or none";
            return Err(config("rope_parameters", problem.into()));
        }
        if !self
            .num_attention_heads
            .is_multiple_of(self.num_key_value_heads)
        {
            return Err(config(
                "num_key_value_heads",
                format!(
                    "is {}, which does not divide the {} attention heads",
                    self.num_key_value_heads, self.num_attention_heads
                ),
            ));
        }
        Ok(())
    }
}
