//! Compressed models: straight from their codes they give what the same weights give written out, and the graphics card can
//! run the texts that compression looks at.

use crate::gpu;
use crate::models::{cases, golden, largest_difference, model};
use pollster::block_on;
use pressure_test::backend::{Backend, Cpu};
use pressure_test::calibrate::{self, Calibration, Purpose};
use pressure_test::compress::{Chain, compress, no_pause};
use pressure_test::model::{Model, Session};
use pressure_test::recipe::Settings;
use pressure_test::weight::{Dense, Floats, Weight};
use serde_json::{Value, json};
use std::sync::Arc;

fn compressed<B: Backend>(model: &Model, backend: B, names: &str, settings: &Value) -> Model {
    let map = |value: &Value| value.as_object().expect("an object").clone();
    let chain = Chain::new(names, &map(settings)).unwrap_or_else(|error| panic!("{error}"));
    let small = map(&json!({"sequences": 4, "length": 32}));
    let small = Settings::new(calibrate::PARAMETERS, &small).expect("settings");
    let calibration = Calibration::new(model, None, Purpose::Compress, &small, 0);
    let (calibration, _) = calibration.expect("calibration");
    let mut ignore = |_: &str, _, _| {};
    let done = block_on(compress(
        model,
        backend,
        &chain,
        &calibration,
        &mut ignore,
        &no_pause,
    ));
    done.unwrap_or_else(|error| panic!("{names}: {error}")).0
}

fn as_f32(weight: &Arc<Weight>) -> Arc<Weight> {
    let matrix = weight.to_matrix();
    let dense = Dense::new(matrix.rows, matrix.cols, Floats::F32(matrix.data));
    Arc::new(Weight::Dense(dense.expect("a matrix")))
}

/// The same weights as f32, so that the processor rounds no inputs.
fn written_out(model: &Model) -> Model {
    let mut model = model.clone();
    model.embedding = as_f32(&model.embedding);
    model.head = as_f32(&model.head);
    for block in &mut model.blocks {
        for inputs in pressure_test::model::Inputs::ALL {
            for linear in block.reading_mut(inputs) {
                linear.weight = as_f32(&linear.weight);
            }
        }
    }
    model
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn every_chain_gives_what_its_weights_written_out_give() {
    let mut chains = vec![
        (
            "gptq",
            json!({"bits": 4, "group_size": 32, "column_order": "activation"}),
        ),
        ("awq", json!({"bits": 4, "group_size": 32})),
        ("magnitude", json!({"sparsity": 0.5})),
        ("wanda", json!({"pattern": "2:4"})),
        ("sparsegpt", json!({"sparsity": 0.7})),
        (
            "sparsegpt_gptq",
            json!({"sparsity": 0.5, "bits": 3, "group_size": 32}),
        ),
        (
            "wanda+round_to_nearest",
            json!({"sparsity": 0.5, "bits": 4}),
        ),
        (
            "round_to_nearest",
            json!({"bits": 4, "group_size": 32, "embedding_and_head": true}),
        ),
    ];
    for bits in 2..=8 {
        for symmetric in [false, true] {
            let settings = json!({"bits": bits, "group_size": 32, "symmetric": symmetric});
            chains.push(("round_to_nearest", settings));
        }
    }
    for family in ["llama_gqa", "gpt2", "gemma2"] {
        let model = model(&golden(family));
        let (tokens, _) = &cases(&golden(family))[1];
        for (names, settings) in &chains {
            let compressed = compressed(&model, Cpu, names, settings);
            let written = written_out(&compressed);
            let expected = block_on(
                Session::new(&written, Cpu)
                    .expect("a session")
                    .logits(tokens),
            );
            let ours = Session::new(&compressed, gpu());
            let found = block_on(ours.expect("a session").logits(tokens)).expect("logits");
            let expected: Vec<f64> = expected
                .expect("logits")
                .into_iter()
                .map(f64::from)
                .collect();
            let largest = largest_difference(&found, &expected);
            assert!(largest < 1e-4, "{family}, {names} {settings}: {largest}");
        }
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn what_is_compressed_on_the_graphics_card_is_what_the_processor_makes() {
    let model = model(&golden("llama_gqa"));
    for (names, settings, allowed) in [
        (
            "round_to_nearest",
            json!({"bits": 4, "group_size": 32}),
            0.0,
        ),
        // Where a value lies on the edge between two codes, the errors of the inputs decide.
        ("gptq", json!({"bits": 4, "group_size": 32}), 0.02),
        ("awq", json!({"bits": 4, "group_size": 32}), 0.02),
        ("wanda", json!({"sparsity": 0.5}), 0.02),
    ] {
        let expected = compressed(&model, Cpu, names, &settings);
        let found = compressed(&model, gpu(), names, &settings);
        for (found, expected) in found.linears().zip(expected.linears()) {
            let (found, expected) = (found.weight.to_matrix(), expected.weight.to_matrix());
            let square = |x: f32| f64::from(x) * f64::from(x);
            let pairs = found.data.iter().zip(&expected.data);
            let difference: f64 = pairs.map(|(a, b)| square(a - b)).sum();
            let length: f64 = expected.data.iter().map(|b| square(*b)).sum();
            let relative = (difference / length).sqrt();
            assert!(relative <= allowed, "{names}: {relative}");
        }
    }
}
