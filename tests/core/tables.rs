//! Embedding and head: left alone unless the recipe asks for them too.

use crate::models::{WHOLE_NUMBERS, apart, compressed, logits, saved};
use crate::{files, map, tiny};
use pressure_test::compress::{METHODS, Method, MethodKind};
use pressure_test::load;
use pressure_test::model::Model;
use pressure_test::recipe::ParameterKind;
use pressure_test::weight::Weight;
use serde_json::json;
use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const OPTION: &str = "embedding_and_head";

fn has_option(method: &Method) -> bool {
    let found = method.parameters.iter().find(|each| each.name == OPTION);
    found.is_some_and(|each| matches!(each.kind, ParameterKind::Toggle { default: false }))
}

/// A model whose head is its embedding; that of [`tiny`] is a table of its own.
fn tied() -> Model {
    load::model("tied", &files!("../golden/llama_mha")).expect("a model")
}

fn bits(weight: &Weight) -> Option<u8> {
    match weight {
        Weight::Quantized(quantized) => Some(quantized.layout().bits),
        Weight::Dense(_) | Weight::Sparse(_) => None,
    }
}

#[test]
fn every_method_that_quantizes_has_the_option_and_no_other() {
    for method in METHODS {
        assert_eq!(
            has_option(method),
            method.kind != MethodKind::Pruning,
            "{}",
            method.name
        );
    }
}

#[test]
fn without_the_option_embedding_and_head_are_the_same_tables() {
    let model = tiny();
    for method in METHODS.iter().filter(|method| has_option(method)) {
        let (without, layers) = compressed(&model, method.name, &map(json!({}))).expect("a model");
        assert!(Arc::ptr_eq(&without.embedding, &model.embedding));
        assert!(layers.iter().all(|layer| layer.block.is_some()));
        let off = map(json!({ OPTION: false }));
        let (off, _) = compressed(&model, method.name, &off).expect("a model");
        assert_eq!(logits(&off), logits(&without), "{}", method.name);
    }
}

#[test]
fn with_it_they_are_rounded_on_the_same_grids_and_told_as_layers() {
    let names = METHODS.iter().filter(|method| has_option(method));
    let names = names.map(|method| method.name).chain(["wanda+gptq"]);
    for name in names {
        for (model, tables) in [(tied(), 1), (tiny(), 2)] {
            let settings = map(json!({"bits": 5, "group_size": 32, OPTION: true}));
            let (packed, layers) = compressed(&model, name, &settings).expect("a model");
            assert_eq!(bits(&packed.embedding), Some(5), "{name}");
            assert_eq!(bits(&packed.head), Some(5), "{name}");
            assert_eq!(packed.is_tied(), tables == 1, "{name}");
            let told: Vec<_> = layers
                .iter()
                .filter(|layer| layer.block.is_none())
                .collect();
            assert_eq!(told.len(), tables, "{name}");
            // 64 rows of 32 columns: 20 bytes of codes and a scale of 2; a zero point of 5 bits for each row.
            let bytes = 64 * (20 + 2) + 64 * 5 / 8;
            assert!(
                told.iter().all(|layer| layer.bytes_after == bytes),
                "{name}"
            );
            assert_eq!(packed.table_bytes(), tables * bytes, "{name}");
            let within = |error: f64| (1e-6..0.05).contains(&error);
            assert!(
                told.iter()
                    .all(|layer| layer.output_error.is_some_and(within))
            );
            assert_ne!(logits(&packed), logits(&model), "{name}");
        }
    }
}

#[test]
fn a_model_compressed_to_the_last_table_is_saved_as_it_is() {
    let settings = map(json!({"bits": 4, "group_size": "row", "symmetric": true, OPTION: true}));
    for model in [tied(), tiny()] {
        let (packed, _) = compressed(&model, "round_to_nearest", &settings).expect("a model");
        for format in ["safetensors", "compressed_tensors", "gguf"] {
            let twin = saved(&packed, format);
            assert_eq!(twin.is_tied(), packed.is_tied(), "{format}");
            let tables =
                |model: &Model| [&model.embedding, &model.head].map(|table| table.to_matrix());
            assert_eq!(tables(&packed), tables(&twin), "{format}");
            // Written out, the head is multiplied in f32; in a GGUF file it has other groups.
            let tolerance = if format == "compressed_tensors" {
                0.0
            } else {
                WHOLE_NUMBERS
            };
            let apart = apart(&logits(&packed), &logits(&twin));
            assert!(apart <= tolerance, "{format}: {apart}");
            if format == "gguf" {
                assert_eq!(twin.table_bytes(), packed.table_bytes());
            }
        }
    }
}

#[test]
fn learned_positions_stay_as_they_are() {
    let model = load::model("gpt2", &files!("../golden/gpt2")).expect("a model");
    let (packed, _) = compressed(&model, "gptq", &map(json!({ OPTION: true }))).expect("a model");
    assert_eq!(bits(&packed.embedding), Some(4));
    assert_eq!(packed.positions, model.positions);
}
