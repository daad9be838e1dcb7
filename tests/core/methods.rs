//! Laws of methods, and of the model that runs what they made.

use crate::{map, tiny};
use pressure_test::backend::Cpu;
use pressure_test::compress::{Compressor, Kind, METHODS, Method, compress, method};
use pressure_test::load::{self, Files};
use pressure_test::model::{Model, Sequence, Session};
use pressure_test::recipe::Settings;
use pressure_test::weight::{Dense, Floats, Matrix, Storage, Weight};
use serde_json::{Map, Value, json};
use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Settings of one method from the weakest to the strongest.
fn strengths(method: &Method) -> Vec<Map<String, Value>> {
    let values: Vec<Value> = match method.kind {
        Kind::Quantization => (2..=8).rev().map(|bits| json!({ "bits": bits })).collect(),
        Kind::Pruning => (0..=9)
            .map(|i| json!({ "sparsity": f64::from(i) / 10.0 }))
            .collect(),
    };
    values.into_iter().map(map).collect()
}

fn build(method: &Method, settings: &Map<String, Value>) -> Box<dyn Compressor> {
    (method.build)(&Settings::new(method.parameters, settings).expect("settings"))
}

/// Values around zero without a pattern, so that no two are equal.
fn matrix(rows: usize, cols: usize) -> Matrix {
    let value = |i: usize| {
        let spread = (i as f64 * 0.754_877_666_246_693).fract() - 0.5;
        f32::from(half::f16::from_f64(spread * spread.abs() * 2.0))
    };
    Matrix {
        rows,
        cols,
        data: (0..rows * cols).map(value).collect(),
    }
}

fn error(a: &Matrix, b: &Matrix) -> f64 {
    let square = |x: f64| x * x;
    let total: f64 = a.data.iter().map(|x| square(f64::from(*x))).sum();
    let pairs = a.data.iter().zip(&b.data);
    pairs.map(|(x, y)| square(f64::from(x - y))).sum::<f64>() / total
}

#[test]
fn every_method_keeps_the_shape_and_stays_finite() {
    for method in METHODS {
        for settings in strengths(method) {
            for (rows, cols) in [(1, 1), (3, 7), (5, 64), (4, 100)] {
                let source = matrix(rows, cols);
                let weight = build(method, &settings)
                    .compress(&source, Storage::F32)
                    .expect("a weight");
                assert_eq!(weight.shape(), [rows, cols], "{}", method.name);
                assert!(
                    weight.to_matrix().data.iter().all(|v| v.is_finite()),
                    "{}",
                    method.name
                );
            }
        }
    }
}

#[test]
fn the_weakest_setting_changes_next_to_nothing_and_stronger_ones_never_less() {
    let source = matrix(16, 192);
    for method in METHODS {
        let errors: Vec<f64> = strengths(method)
            .iter()
            .map(|settings| {
                let weight = build(method, settings).compress(&source, Storage::F32);
                error(&source, &weight.expect("a weight").to_matrix())
            })
            .collect();
        assert!(errors[0] < 1e-4, "{}: {errors:?}", method.name);
        assert!(errors.is_sorted(), "{}: {errors:?}", method.name);
    }
}

#[test]
fn a_layer_of_zeros_stays_one() {
    let source = Matrix {
        rows: 4,
        cols: 64,
        data: vec![0.0; 256],
    };
    for method in METHODS {
        for settings in strengths(method) {
            let weight = build(method, &settings).compress(&source, Storage::F16);
            assert_eq!(
                weight.expect("a weight").to_matrix(),
                source,
                "{}",
                method.name
            );
        }
    }
}

#[test]
fn the_same_settings_give_the_same_weight_and_stronger_ones_fewer_bytes() {
    let source = matrix(16, 192);
    for method in METHODS {
        let weights = || -> Vec<_> {
            let compress = |s| {
                build(method, s)
                    .compress(&source, Storage::F16)
                    .expect("a weight")
            };
            strengths(method).iter().map(compress).collect()
        };
        assert_eq!(weights(), weights(), "{}", method.name);
        let bytes: Vec<usize> = weights().iter().map(Weight::bytes).collect();
        assert!(
            bytes.is_sorted_by(|a, b| a >= b),
            "{}: {bytes:?}",
            method.name
        );
        assert!(
            bytes[bytes.len() - 1] < source.data.len() * 2,
            "{}: {bytes:?}",
            method.name
        );
    }
}

#[test]
fn four_bits_take_four_bits_and_their_scales() {
    let weight = build(
        method("round_to_nearest").expect("a method"),
        &map(json!({})),
    )
    .compress(&matrix(8, 128), Storage::F16)
    .expect("a weight");
    // Two groups a row: 64 bytes of codes, 2 scales of 2 bytes, 2 zero points in one byte.
    assert_eq!(weight.bytes(), 8 * (64 + 4 + 1));
}

#[test]
fn the_forward_pass_gives_the_golden_logits() {
    let model = tiny();
    let golden: Value =
        serde_json::from_str(include_str!("../golden/llama_gqa/golden.json")).expect("JSON");
    for case in golden["cases"].as_array().expect("cases") {
        let tokens: Vec<u32> = serde_json::from_value(case["tokens"].clone()).expect("tokens");
        let rows: Vec<Vec<f64>> = serde_json::from_value(case["logits"].clone()).expect("logits");
        let mut session = Session::new(&model, Cpu).expect("a session");
        let logits = pollster::block_on(session.logits(&tokens)).expect("logits");
        for (ours, theirs) in logits.iter().zip(rows.concat()) {
            assert!((f64::from(*ours) - theirs).abs() < 1e-4, "{ours} {theirs}");
        }
    }
}

#[test]
fn a_packed_model_runs_as_its_written_out_twin() {
    let model = tiny();
    for method in METHODS {
        for settings in strengths(method) {
            let (packed, layers) =
                compress(&model, method, &settings, &mut |_, _, _| {}).expect("a model");
            assert_eq!(
                packed.linear_bytes(),
                layers.iter().map(|layer| layer.bytes_after).sum::<usize>()
            );
            let mut files = Files::new();
            files.insert(
                "config.json".into(),
                include_bytes!("../golden/llama_gqa/config.json").to_vec(),
            );
            files.insert(
                "tokenizer.json".into(),
                include_bytes!("../golden/llama_gqa/tokenizer.json").to_vec(),
            );
            let written = pressure_test::save::safetensors(&packed).expect("a file");
            files.insert("model.safetensors".into(), written);
            let twin = load::model("twin", &files).expect("a model");
            let logits = |model: &Model| {
                let mut session = Session::new(model, Cpu).expect("a session");
                pollster::block_on(session.logits(&[1, 5, 9, 2, 40])).expect("logits")
            };
            assert_eq!(
                logits(&packed),
                logits(&twin),
                "{} {settings:?}",
                method.name
            );
        }
    }
}

#[test]
fn a_model_whose_output_is_not_a_number_says_so() {
    for value in [f32::NAN, f32::INFINITY] {
        let mut model = tiny();
        model.norm = vec![value; model.norm.len()].into();
        let mut session = Session::new(&model, Cpu).expect("a session");
        let sequence = Sequence {
            tokens: vec![1, 2, 3],
            scored_from: 1,
        };
        match pollster::block_on(session.loglikelihoods(&[sequence])) {
            Ok(sums) => panic!("scored {sums:?}"),
            Err(error) => assert!(error.to_string().contains("not a number"), "{error}"),
        }
        let text = pollster::block_on(session.generate(&[vec![1, 2]], 5, None));
        assert!(text.is_err(), "{text:?}");
    }
}

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
        match compress(&damaged, method, &Map::new(), &mut |_, _, _| {}) {
            Ok(_) => panic!("{} accepted NaN", method.name),
            Err(error) => {
                let error = error.to_string();
                assert!(
                    error.contains("layers.1.mlp.up_proj") && error.contains("[1, 3]"),
                    "{error}"
                );
            }
        }
    }
    let refusal = |name: &str, settings: Value| {
        let method = method(name).expect("a method");
        match compress(&model, method, &map(settings), &mut |_, _, _| {}) {
            Ok(_) => panic!("accepted"),
            Err(error) => error.to_string(),
        }
    };
    assert!(refusal("round_to_nearest", json!({ "bits": 9 })).contains("bits = 9"));
    assert!(refusal("round_to_nearest", json!({ "group_size": 0 })).contains("group_size = 0"));
    assert!(refusal("magnitude", json!({ "sparsity": 1.5 })).contains("sparsity = 1.5"));
    assert!(method("gzip").is_err_and(|error| error.to_string().contains("gzip")));
}
