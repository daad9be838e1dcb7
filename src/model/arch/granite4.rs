//! Granite 4, its dense models (IBM 2025): as Granite, with gate and up projection in one matrix, and positions or none at all.

use super::{Family, Fused, TensorNames, granite, llama};
use crate::error::Result;
use crate::model::{Config, Fields};
use serde_json::{Map, Value, json};

pub const FAMILY: Family = Family {
    name: "granite4",
    title: "Granite 4 (dense)",
    model_type: "granitemoehybrid",
    // There it goes by the name of Granite, with other tensors.
    gguf: None,
    fields: &[("intermediate_size", "shared_intermediate_size")],
    architecture: "GraniteMoeHybridForCausalLM",
    config,
    write,
    tensors: TensorNames {
        gate: Some("shared_mlp.gate_proj"),
        up: "shared_mlp.up_proj",
        down: "shared_mlp.output_linear",
        gate_up: Some(Fused {
            name: "shared_mlp.input_linear",
            by_head: false,
        }),
        ..llama::TENSORS
    },
};

const KINDS: &str = "layer_types";
const EXPERTS: &str = "num_local_experts";
const POSITIONS: &str = "position_embedding_type";

fn config(fields: Fields) -> Result<Config> {
    let fields = fields
        .without_null(&[
            "embedding_multiplier",
            "attention_multiplier",
            "residual_multiplier",
            "logits_scaling",
        ])
        .with_defaults(json!({"shared_intermediate_size": 1024, EXPERTS: 8}));
    let is_attention = |kind: &Value| matches!(kind.as_str(), Some("attention" | "full_attention"));
    let kinds = fields.value(KINDS).as_array();
    if !kinds.is_some_and(|kinds| kinds.iter().all(is_attention)) {
        return Err(fields.refused(KINDS));
    }
    if fields.value(EXPERTS).as_u64() != Some(0) {
        return Err(fields.refused(EXPERTS));
    }
    let turning = match fields.present(POSITIONS).map(Value::as_str) {
        Some(Some("rope")) => true,
        None | Some(Some("nope")) => false,
        Some(_) => return Err(fields.refused(POSITIONS)),
    };
    let config = granite::config(fields)?;
    Ok(Config {
        turning_layers: vec![turning; config.num_hidden_layers],
        ..config
    })
}

fn write(config: &Config, fields: &mut Map<String, Value>) {
    granite::write(config, fields);
    fields.remove("mlp_bias");
    fields.insert(
        KINDS.into(),
        vec!["attention"; config.num_hidden_layers].into(),
    );
    fields.insert(EXPERTS.into(), 0.into());
    let positions = config.turning_layers.contains(&true).then_some("rope");
    fields.insert(POSITIONS.into(), positions.into());
}
