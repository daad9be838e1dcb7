//! Mistral (Jiang et al. 2023): every layer sees a window.

use super::{Family, TensorNames, llama};
use crate::model::Config;
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "mistral",
    title: "Mistral",
    model_type: "mistral",
    gguf: None,
    fields: &[],
    architecture: "MistralForCausalLM",
    config: |fields| {
        let fields = fields.without_null(&["head_dim"]).with_defaults(json!({
            "sliding_window": 4096,
            "num_key_value_heads": 8,
            "max_position_embeddings": 131_072,
        }));
        Config::from_fields(&fields)?.with_windows(&fields, |_| true)
    },
    write: Config::write_one_window,
    tensors: TensorNames {
        // There it goes by the name of Llama.
        interleaved_in_gguf: true,
        ..llama::TENSORS
    },
};
