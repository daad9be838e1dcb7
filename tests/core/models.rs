//! Laws of whole models that methods have made.

use crate::methods::strengths;
use crate::{map, tiny};
use pressure_test::Result;
use pressure_test::backend::Cpu;
use pressure_test::calibrate::{self, Calibration, InputStats, Purpose};
use pressure_test::compress::{Chain, Layer, METHODS, compress, compress_matrix, no_pause, sketch};
use pressure_test::load;
use pressure_test::model::{Model, Sequence, Session};
use pressure_test::recipe::Settings;
use pressure_test::save;
use pressure_test::weight::{Dense, Floats, Matrix, Offset, Quantized, Storage, Weight};
use serde_json::{Map, Value, json};
use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The model with every weight as codes with minima, among whose values 0 is not, of a size.
fn with_minima(model: &Model, size: f32) -> Model {
    let mut model = model.clone();
    let chain = Chain::new("round_to_nearest", &map(json!({"group_size": 32}))).expect("a chain");
    for block in &mut model.blocks {
        for inputs in pressure_test::model::Inputs::ALL {
            for linear in block.reading_mut(inputs) {
                let Matrix { rows, cols, data } = linear.weight.to_matrix();
                let dense = Dense::new(rows, cols, Floats::F32(data)).expect("a matrix");
                let (outcome, _) =
                    compress_matrix(&chain, "W", dense, &InputStats::new(cols)).expect("a weight");
                let Weight::Quantized(quantized) = outcome.weight else {
                    panic!("codes");
                };
                let mut layout = quantized.layout();
                layout.scales = Storage::F32;
                let count = rows * layout.groups();
                let scales = (0..count).map(|i| size * quantized.scales().get(i));
                let minima = (0..count).map(|i| size * -7.3 * quantized.scales().get(i));
                let quantized = Quantized::from_parts(
                    layout,
                    quantized.packed_codes().to_vec(),
                    Floats::from_f32(Storage::F32, scales),
                    Offset::Minima(Floats::from_f32(Storage::F32, minima).into()),
                );
                linear.weight = Arc::new(Weight::Quantized(quantized.expect("fitting parts")));
            }
        }
    }
    model
}

#[test]
fn what_is_removed_from_weights_with_minima_stays_removed() {
    for size in [1.0, 1e-8] {
        let model = with_minima(&tiny(), size);
        for (names, sparsity) in [("magnitude", 0.5), ("magnitude+round_to_nearest", 0.5)] {
            let settings = map(json!({"sparsity": sparsity}));
            let (after, layers) = compressed(&model, names, &settings).expect("a model");
            let pairs = model.linears().zip(after.linears()).zip(&layers);
            for ((before, after), layer) in pairs {
                assert!(layer.sparsity >= sparsity, "{names}: {}", layer.sparsity);
                if names != "magnitude" {
                    continue;
                }
                let (before, after) = (before.weight.to_matrix(), after.weight.to_matrix());
                for (before, after) in before.data.iter().zip(&after.data) {
                    let same = (before - after).abs() <= before.abs() / 1024.0;
                    assert!(*after == 0.0 || same || before.abs() < 1e-5 * size);
                }
            }
        }
    }
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

/// A model compressed by a little calibration text.
pub fn compressed(
    model: &Model,
    names: &str,
    settings: &Map<String, Value>,
) -> Result<(Model, Vec<Layer>)> {
    let chain = Chain::new(names, settings)?;
    let small = map(json!({"sequences": 4, "length": 32}));
    let small = Settings::new(calibrate::PARAMETERS, &small)?;
    let (calibration, _) = Calibration::new(model, None, Purpose::Compress, &small, 0)?;
    let mut ignore = |_: &str, _, _| {};
    pollster::block_on(compress(
        model,
        Cpu,
        &chain,
        &calibration,
        &mut ignore,
        &no_pause,
    ))
}

pub fn logits(model: &Model) -> Vec<f32> {
    let mut session = Session::new(model, Cpu).expect("a session");
    pollster::block_on(session.logits(&[1, 5, 9, 2, 40])).expect("logits")
}

pub fn saved(model: &Model, format: &str) -> Model {
    let files = save::format(format)
        .expect("a format")
        .write(model)
        .expect("files");
    load::model("twin", &files).expect("a model")
}

/// The most that logits of a packed model may differ from those of the same weights as f32: quantized layers round their
/// inputs to 16 bits (docs/kernels.md).
pub const WHOLE_NUMBERS: f64 = 4e-4;

/// `‖a − b‖ / ‖b‖`.
pub fn apart(a: &[f32], b: &[f32]) -> f64 {
    let pairs = a.iter().zip(b);
    let difference: f64 = pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum();
    let whole: f64 = b.iter().map(|b| f64::from(*b).powi(2)).sum();
    (difference / whole).sqrt()
}

fn is_quantized(model: &Model) -> bool {
    let mut linears = model.linears();
    linears.any(|linear| matches!(*linear.weight, Weight::Quantized(_)))
}

#[test]
fn a_packed_model_runs_as_its_written_out_twin() {
    let model = tiny();
    for method in METHODS {
        for settings in strengths(method) {
            let (packed, layers) = compressed(&model, method.name, &settings).expect("a model");
            assert_eq!(layers.len(), model.linears().count());
            assert!(
                layers
                    .iter()
                    .all(|layer| layer.fallback.is_none() && layer.output_error.is_some())
            );
            let twin = saved(&packed, "safetensors");
            for (own, twin) in packed.linears().zip(twin.linears()) {
                let matrices = [own, twin].map(|linear| linear.weight.to_matrix());
                assert_eq!(matrices[0], matrices[1], "{} {settings:?}", method.name);
            }
            let apart = apart(&logits(&packed), &logits(&twin));
            let tolerance = if is_quantized(&packed) {
                WHOLE_NUMBERS
            } else {
                0.0
            };
            assert!(apart <= tolerance, "{} {settings:?}: {apart}", method.name);
        }
    }
}

#[test]
fn a_packed_folder_says_what_memory_it_needs() {
    for (method, settings) in [
        ("round_to_nearest", json!({"bits": 4})),
        ("round_to_nearest", json!({"bits": 4, "symmetric": true})),
        ("wanda", json!({"sparsity": 0.7})),
    ] {
        let (packed, _) = compressed(&tiny(), method, &map(settings)).expect("a model");
        let files = save::format("compressed_tensors")
            .expect("a format")
            .write(&packed)
            .expect("files");
        let fit = load::fit(&files).expect("numbers");
        let ratio = fit.linear_bytes as f64 / packed.linear_bytes() as f64;
        assert!((0.9..1.1).contains(&ratio), "{method}: {ratio}");
        // Forms that cannot be loaded are refused before a download, not after it.
        let mut config: Value = serde_json::from_slice(&files["config.json"]).expect("JSON");
        config["quantization_config"]["format"] = json!("of another kind");
        let mut others = files;
        others.insert("config.json".into(), config.to_string().into_bytes());
        assert!(load::fit(&others).is_err(), "{method}");
    }
}

#[test]
fn bytes_shown_are_bytes_in_memory_and_bytes_saved() {
    let model = tiny();
    let patterns =
        ["unstructured", "2:4"].map(|pattern| ("wanda", map(json!({ "pattern": pattern }))));
    let strengths = METHODS
        .iter()
        .flat_map(|method| strengths(method).into_iter().map(|s| (method.name, s)));
    for (name, settings) in strengths.chain(patterns) {
        let (packed, layers) = compressed(&model, name, &settings).expect("a model");
        let files = save::format("compressed_tensors")
            .expect("a format")
            .write(&packed)
            .expect("files");
        let archive =
            safetensors::SafeTensors::deserialize(&files["model.safetensors"]).expect("a file");
        for (layer, linear) in layers.iter().zip(packed.linears()) {
            assert_eq!(
                layer.bytes_after,
                linear.weight.bytes(),
                "{name} {settings:?} {}",
                layer.name
            );
            let parts = archive.tensors().into_iter().filter(|(part, _)| {
                let part = part
                    .strip_prefix(&layer.name)
                    .and_then(|part| part.strip_prefix('.'));
                part.is_some_and(|part| !matches!(part, "bias" | "weight_shape"))
            });
            let saved: usize = parts.map(|(_, view)| view.data().len()).sum();
            // Column factors move into norms and rows, whose scales then take 4 bytes instead of 2.
            let (widened, moved) = match &*linear.weight {
                Weight::Quantized(quantized) if name == "awq" => {
                    let factors = quantized.column_factors().map_or(0, Floats::bytes);
                    let widened = if layer.role == "up_proj" {
                        quantized.scales().bytes()
                    } else {
                        0
                    };
                    (widened, factors)
                }
                _ => (0, 0),
            };
            assert_eq!(
                saved + moved,
                layer.bytes_after + widened,
                "{name} {settings:?} {}",
                layer.name
            );
        }
        assert_eq!(
            packed.linear_bytes(),
            layers.iter().map(|layer| layer.bytes_after).sum::<usize>()
        );
        let twin = load::model("twin", &files).expect("a model");
        // Moved factors are multiplied in another order, before inputs are rounded.
        let tolerance = if name == "awq" { WHOLE_NUMBERS } else { 0.0 };
        let apart = apart(&logits(&packed), &logits(&twin));
        assert!(apart <= tolerance, "{name} {settings:?}: {apart}");
    }
}

#[test]
fn a_model_whose_output_is_not_a_number_says_so() {
    for value in [f32::NAN, f32::INFINITY] {
        let mut model = tiny();
        model.norm.scale = vec![value; model.config.hidden_size].into();
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
fn a_sketch_has_the_form_of_what_comes() {
    let form = |weight: &Weight| match weight {
        Weight::Quantized(codes) => Some((codes.layout(), codes.column_order().is_some())),
        Weight::Dense(_) | Weight::Sparse(_) => None,
    };
    let of_methods = METHODS.iter().map(|method| (method.name, json!({})));
    let others = [
        ("round_to_nearest", json!({"grid": "classic"})),
        ("awq", json!({"symmetric": true, "group_size": "row"})),
        ("gptq", json!({"static_groups": false})),
        ("gptq", json!({"embedding_and_head": true, "bits": 3})),
        (
            "awq+magnitude",
            json!({"embedding_and_head": true, "group_size": 32}),
        ),
    ];
    for (names, settings) in of_methods.chain(others) {
        let model = tiny();
        let settings = map(settings);
        let chain = Chain::new(names, &settings).expect("a chain");
        let sketched = sketch(&model, &chain);
        let (packed, _) = compressed(&model, names, &settings).expect("a model");
        // Weights that are pruned last are known when they are there.
        let pruned_last = names.ends_with("magnitude");
        for (sketched, packed) in sketched.linears().zip(packed.linears()) {
            let known = form(&sketched.weight);
            assert!(pruned_last || known == form(&packed.weight), "{names}");
        }
        let tables = |model: &Model| (form(&model.embedding), form(&model.head), model.is_tied());
        assert_eq!(tables(&sketched), tables(&packed), "{names} {settings:?}");
    }
}
