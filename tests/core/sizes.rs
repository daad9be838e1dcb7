//! Models beyond 2^32 bits and bytes, where 32-bit WebAssembly has to count in 64.

use crate::map;
use pressure_test::load::{self, Beginning};
use serde_json::json;
use std::collections::BTreeMap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A Llama of `vocab` tokens and its tensors in f32, as its config.json and the beginning of its weights.
fn llama([vocab, hidden, inner, layers]: [u64; 4]) -> BTreeMap<String, Beginning> {
    let width = hidden / 32;
    let config = json!({
        "model_type": "llama", "vocab_size": vocab, "hidden_size": hidden, "intermediate_size": inner,
        "num_hidden_layers": layers, "num_attention_heads": 32, "num_key_value_heads": 8,
        "tie_word_embeddings": true,
    });
    let mut shapes = vec![
        ("model.embed_tokens".to_owned(), vec![vocab, hidden]),
        ("model.norm".to_owned(), vec![hidden]),
    ];
    for layer in 0..layers {
        let mut add =
            |name: &str, shape| shapes.push((format!("model.layers.{layer}.{name}"), shape));
        add("self_attn.q_proj", vec![hidden, hidden]);
        add("self_attn.k_proj", vec![8 * width, hidden]);
        add("self_attn.v_proj", vec![8 * width, hidden]);
        add("self_attn.o_proj", vec![hidden, hidden]);
        add("mlp.gate_proj", vec![inner, hidden]);
        add("mlp.up_proj", vec![inner, hidden]);
        add("mlp.down_proj", vec![hidden, inner]);
        add("input_layernorm", vec![hidden]);
        add("post_attention_layernorm", vec![hidden]);
    }
    let mut end = 0;
    let tensors = shapes.into_iter().map(|(name, shape)| {
        let start = end;
        end += 4 * shape.iter().product::<u64>();
        (
            format!("{name}.weight"),
            json!({"dtype": "F32", "shape": shape, "data_offsets": [start, end]}),
        )
    });
    let header = serde_json::to_vec(&json!(tensors.collect::<BTreeMap<_, _>>())).expect("JSON");
    let bytes = [&(header.len() as u64).to_le_bytes()[..], &header].concat();
    let config = serde_json::to_vec(&map(config)).expect("JSON");
    let whole = Beginning {
        size: config.len() as u64,
        bytes: config,
    };
    let weights = Beginning {
        size: bytes.len() as u64 + end,
        bytes,
    };
    BTreeMap::from([
        ("config.json".to_owned(), whole),
        ("model.safetensors".to_owned(), weights),
    ])
}

#[test]
fn a_tensor_of_more_than_half_a_gigabyte_is_healthy() {
    // The embedding of Gemma 3 270M: 671 MB, 5.4e9 bits.
    let fit = load::fit(&llama([262_144, 640, 2048, 2])).unwrap_or_else(|error| panic!("{error}"));
    let norms = (2 * 2 + 1) * 640 * 4;
    assert_eq!(fit.other_bytes, 262_144 * 640 * 4 + norms);
}

#[test]
fn a_model_of_a_billion_parameters_is_healthy() {
    // The shape of Llama 3.2 1B, in f32: 4.9 GB.
    let fit =
        load::fit(&llama([128_256, 2048, 8192, 16])).unwrap_or_else(|error| panic!("{error}"));
    let linear = 16 * (2 * 2048 * 2048 + 2 * 512 * 2048 + 3 * 2048 * 8192);
    assert_eq!(
        (fit.linear_parameters, fit.linear_bytes),
        (linear, 4 * linear)
    );
    let norms = (2 * 16 + 1) * 2048 * 4;
    assert_eq!(fit.other_bytes, 128_256 * 2048 * 4 + norms);
}
