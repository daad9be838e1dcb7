//! What cannot be compressed, and how that is said.

use crate::methods::{matrix, squeeze};
use crate::models::compressed;
use crate::{map, tiny};
use pressure_test::calibrate::{self, Calibration, Purpose, Text};
use pressure_test::compress::METHODS;
use pressure_test::recipe::Settings;
use pressure_test::weight::{Dense, Floats, Storage, Weight};
use pressure_test::{Error, Result};
use serde_json::{Map, Value, json};
use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn bad_weights_and_settings_are_named() {
    let model = tiny();
    let mut damaged = model.clone();
    let linear = &mut damaged.blocks[1].up;
    let [rows, cols] = linear.weight.shape();
    let mut values = linear.weight.to_matrix().data;
    values[cols + 3] = f32::NAN;
    let values = Floats::F32(values);
    let dense = Dense::new(rows, cols, values).expect("as many values as places");
    linear.weight = Arc::new(Weight::Dense(dense));
    for method in METHODS {
        let error = refusal(compressed(&damaged, method.name, &Map::new()));
        assert!(
            error.contains("layers.1.mlp.up_proj") && error.contains("[1, 3]"),
            "{error}"
        );
    }
    let with = |name: &str, settings: Value| refusal(compressed(&model, name, &map(settings)));
    for name in [
        "round_to_nearest",
        "gptq",
        "awq",
        "sparsegpt_gptq",
        "wanda+gptq",
    ] {
        assert!(with(name, json!({ "bits": 9 })).contains("bits = 9"));
        assert!(with(name, json!({ "group_size": 0 })).contains("group_size = 0"));
    }
    assert!(with("magnitude", json!({ "sparsity": 1.5 })).contains("sparsity = 1.5"));
    assert!(with("gptq", json!({ "damping": 0 })).contains("damping = 0"));
    assert!(with("wanda", json!({ "bits": 4 })).contains("there is no such setting"));
    assert!(
        with("gzip", json!({})).contains("gzip") && with("gptq+", json!({})).contains("no method")
    );
    for name in ["magnitude", "wanda", "sparsegpt", "sparsegpt_gptq"] {
        let odd = squeeze(
            name,
            &map(json!({"pattern": "2:4"})),
            &matrix(4, 6),
            Storage::F32,
        );
        let error = refusal(odd);
        assert!(
            error.contains("layer W") && error.contains("6 columns") && error.contains("2:4"),
            "{error}"
        );
    }
}

fn refusal<T>(outcome: Result<T>) -> String {
    match outcome {
        Ok(_) => panic!("accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn layers_without_input_and_texts_that_are_too_short_are_named() {
    let mut silent = tiny();
    let norm = silent.blocks[1].post_norm.as_mut().expect("a norm");
    norm.scale = vec![0.0; silent.config.hidden_size].into();
    for method in METHODS {
        let outcome = compressed(&silent, method.name, &Map::new());
        if method.calibrated {
            let error = refusal(outcome);
            assert!(
                error.contains("layers.1.mlp.gate_proj") && error.contains("all 0 (128 tokens)"),
                "{error}"
            );
        } else {
            let (_, layers) = outcome.expect("a model");
            assert!(layers.iter().any(|layer| layer.output_error.is_none()));
        }
    }
    let text = Text {
        name: "note.txt".into(),
        content: "The dog is in the house.".into(),
    };
    for (sequences, length) in [(1, 4096), (1024, 8)] {
        let settings = map(json!({"sequences": sequences, "length": length}));
        let settings = Settings::new(calibrate::PARAMETERS, &settings).expect("settings");
        let outcome = Calibration::new(&tiny(), Some(&text), Purpose::Compress, &settings, 0);
        assert!(matches!(outcome, Err(Error::CalibrationText { .. })));
        let error = refusal(outcome);
        assert!(
            error.contains("note.txt") && error.contains(&format!("{sequences} sequences")),
            "{error}"
        );
    }
}
