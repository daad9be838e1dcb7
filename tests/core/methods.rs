//! Laws of methods, and of the model that runs what they made.

use crate::{map, tiny};
use pressure_test::backend::Cpu;
use pressure_test::calibrate::{self, Calibration, InputStats, Purpose, Text};
use pressure_test::compress::{
    Chain, Layer, METHODS, Method, MethodKind, compress, compress_matrix,
};
use pressure_test::load;
use pressure_test::model::{Model, Sequence, Session};
use pressure_test::recipe::{Parameter, ParameterKind, Settings};
use pressure_test::save;
use pressure_test::weight::{Dense, Floats, Matrix, Offset, Quantized, Storage, Weight};
use pressure_test::{Error, Result};
use serde_json::{Map, Value, json};
use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Settings of one method from the weakest to the strongest.
fn strengths(method: &Method) -> Vec<Map<String, Value>> {
    let values: Vec<Value> = match method.kind {
        MethodKind::Quantization => (2..=8).rev().map(|bits| json!({ "bits": bits })).collect(),
        MethodKind::Pruning => (0..=9)
            .map(|i| json!({ "sparsity": f64::from(i) / 10.0 }))
            .collect(),
        MethodKind::Both => (0..=9)
            .map(|i| json!({ "sparsity": f64::from(i) / 10.0, "bits": 8 }))
            .collect(),
    };
    values.into_iter().map(map).collect()
}

/// Values around zero without a pattern, so that no two are equal.
fn number(i: usize) -> f32 {
    let spread = (i as f64 * 0.754_877_666_246_693).fract() - 0.5;
    f32::from(half::f16::from_f64(spread * spread.abs() * 2.0))
}

fn matrix(rows: usize, cols: usize) -> Matrix {
    Matrix {
        rows,
        cols,
        data: (0..rows * cols).map(number).collect(),
    }
}

/// Inputs of unequal strength that are correlated with one another.
fn inputs(cols: usize) -> InputStats {
    let mut stats = InputStats::new(cols);
    let row = |t: usize| {
        let shared = number(t * 31 + 7);
        (0..cols).map(move |col| (number(t * cols + col + 3) + shared) * (1 + col % 5) as f32)
    };
    let values: Vec<f32> = (0..2 * cols + 8).flat_map(row).collect();
    stats.add(&values);
    stats
}

fn squeeze(
    names: &str,
    settings: &Map<String, Value>,
    source: &Matrix,
    storage: Storage,
) -> Result<Weight> {
    let chain = Chain::new(names, settings)?;
    let values = Floats::from_f32(storage, source.data.iter().copied());
    let dense = Dense::new(source.rows, source.cols, values).expect("as many values as places");
    let (outcome, _) = compress_matrix(&chain, "W", dense, &inputs(source.cols))?;
    assert_eq!(outcome.fallback, None, "{names}");
    Ok(outcome.weight)
}

fn zeros(matrix: &Matrix) -> usize {
    matrix.data.iter().filter(|value| **value == 0.0).count()
}

#[test]
fn every_method_keeps_the_shape_and_stays_finite() {
    for method in METHODS {
        for settings in strengths(method) {
            for (rows, cols) in [(1, 1), (3, 7), (5, 64), (4, 100)] {
                let source = matrix(rows, cols);
                let weight =
                    squeeze(method.name, &settings, &source, Storage::F32).expect("a weight");
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
                let weight =
                    squeeze(method.name, settings, &source, Storage::F32).expect("a weight");
                inputs(192)
                    .output_error(&source, &weight.to_matrix())
                    .expect("outputs")
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
            let weight = squeeze(method.name, &settings, &source, Storage::F16);
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
            let compress = |s| squeeze(method.name, s, &source, Storage::F16).expect("a weight");
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

/// The ends of a range, or every choice.
fn examples(parameter: &Parameter) -> Vec<Value> {
    match parameter.kind {
        ParameterKind::Integer { min, max, .. } => vec![min.into(), max.into()],
        ParameterKind::Number { min, max, .. } => vec![min.into(), max.into()],
        ParameterKind::Choice { options, .. } => options
            .iter()
            .map(|option| serde_json::to_value(option.value).expect("JSON"))
            .collect(),
        ParameterKind::Toggle { .. } => vec![true.into(), false.into()],
    }
}

#[test]
fn every_option_of_every_method_works_and_the_patterns_hold() {
    let source = matrix(8, 192);
    for method in METHODS {
        for parameter in method.parameters {
            for value in examples(parameter) {
                let settings = map(json!({ parameter.name: value.clone() }));
                let weight = squeeze(method.name, &settings, &source, Storage::F32);
                let weight = weight
                    .unwrap_or_else(|error| panic!("{}: {error}", method.name))
                    .to_matrix();
                assert!(weight.data.iter().all(|value| value.is_finite()));
                if let Some(width) = match value.as_str() {
                    Some("2:4") => Some(4),
                    Some("4:8") => Some(8),
                    _ => None,
                } {
                    let most = weight
                        .data
                        .chunks(width)
                        .map(|group| group.iter().filter(|v| **v != 0.0).count())
                        .max();
                    assert_eq!(most, Some(width / 2), "{} {value}", method.name);
                }
            }
        }
    }
}

#[test]
fn four_bits_take_four_bits_and_their_scales() {
    let weight = squeeze(
        "round_to_nearest",
        &Map::new(),
        &matrix(8, 128),
        Storage::F16,
    )
    .expect("a weight");
    // Two groups a row: 64 bytes of codes, 2 scales of 2 bytes; and a word of 8 zero points for each group.
    assert_eq!(weight.bytes(), 8 * (64 + 4) + 2 * 4);
}

#[test]
fn exactly_the_share_goes() {
    let source = matrix(13, 60);
    for (name, removed) in [("magnitude", 234), ("sparsegpt", 234), ("wanda", 13 * 18)] {
        let weight =
            squeeze(name, &map(json!({"sparsity": 0.3})), &source, Storage::F32).expect("a weight");
        assert_eq!(
            zeros(&weight.to_matrix()),
            removed + zeros(&source),
            "{name}"
        );
    }
}

#[test]
fn a_chain_keeps_the_zeros_of_its_links_and_the_grids_too() {
    let source = matrix(16, 192);
    for quantization in METHODS
        .iter()
        .filter(|method| method.kind == MethodKind::Quantization)
    {
        for pruning in METHODS
            .iter()
            .filter(|method| method.kind == MethodKind::Pruning)
        {
            let settings = map(json!({"sparsity": 0.5, "bits": 4}));
            let half = source.data.len() / 2;
            for names in [
                format!("{}+{}", pruning.name, quantization.name),
                format!("{}+{}", quantization.name, pruning.name),
            ] {
                let weight = squeeze(&names, &settings, &source, Storage::F32).expect("a weight");
                assert!(zeros(&weight.to_matrix()) >= half, "{names}");
                assert!(
                    matches!(&weight, Weight::Quantized(quantized) if quantized.layout().bits == 4),
                    "{names}"
                );
            }
        }
    }
    let settings = map(json!({"pattern": "2:4"}));
    let chained = squeeze("wanda+gptq", &settings, &source, Storage::F32)
        .expect("a weight")
        .to_matrix();
    assert!(
        chained
            .data
            .chunks(4)
            .all(|group| group.iter().filter(|v| **v != 0.0).count() <= 2)
    );
}

#[test]
fn weights_of_any_size_are_rounded_as_well_as_those_of_size_one() {
    let plain = matrix(8, 128);
    let error = |source: &Matrix, rounded: &Matrix| -> f64 {
        let pairs = source.data.iter().zip(&rounded.data);
        let misses = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
        let energy = source.data.iter().map(|value| f64::from(*value).powi(2));
        misses.sum::<f64>() / energy.sum::<f64>()
    };
    for method in METHODS {
        if method.kind == MethodKind::Pruning {
            continue;
        }
        for settings in [
            json!({"bits": 8, "sparsity": 0.0}),
            json!({"bits": 4, "sparsity": 0.0, "symmetric": true, "group_size": 32}),
            json!({"bits": 8, "sparsity": 0.0, "range_search": true}),
            json!({"bits": 8, "static_groups": false, "sparsity": 0.0, "group_size": 32}),
        ] {
            let mut own = map(settings.clone());
            own.retain(|name, _| method.parameters.iter().any(|own| own.name == name));
            let chain = Chain::new(method.name, &own).expect("a chain");
            let rounded = |source: &Matrix| {
                let values = Floats::F32(source.data.clone());
                let dense = Dense::new(source.rows, source.cols, values).expect("a matrix");
                compress_matrix(&chain, "W", dense, &inputs(source.cols))
                    .expect("a weight")
                    .0
            };
            let one = rounded(&plain);
            assert_eq!(one.fallback, None, "{} {settings}", method.name);
            let usual = error(&plain, &one.weight.to_matrix());
            for size in [1e-20f32, 1e-6, 1e8] {
                let mut source = plain.clone();
                for value in &mut source.data {
                    *value *= size;
                }
                let outcome = rounded(&source);
                let found = error(&source, &outcome.weight.to_matrix());
                assert!(
                    found < 1.2 * usual,
                    "{} {settings} at {size:e}: {found:e}, not {usual:e}",
                    method.name
                );
                assert!(outcome.fallback.expect("a word").contains("16 bits"));
                let Weight::Quantized(quantized) = &outcome.weight else {
                    panic!("codes");
                };
                assert_eq!(quantized.scales().storage(), Storage::F32);
                let more = quantized.scales().bytes() / 2;
                assert_eq!(outcome.weight.bytes(), one.weight.bytes() + more);
            }
        }
    }
}

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
    pollster::block_on(compress(model, Cpu, &chain, &calibration, &mut ignore))
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
            // Factors and orders of columns act on the inputs, or on the weights once these are written out.
            let acts_on_inputs = packed.linears().any(|linear| match &*linear.weight {
                Weight::Quantized(quantized) => {
                    quantized.column_factors().is_some() || quantized.column_order().is_some()
                }
                Weight::Dense(_) | Weight::Sparse(_) => false,
            });
            let tolerance = if acts_on_inputs { 1e-5 } else { 0.0 };
            let (own, twin) = (logits(&packed), logits(&saved(&packed, "safetensors")));
            let mut pairs = own.iter().zip(&twin);
            assert!(
                pairs.all(|(own, twin)| (own - twin).abs() <= tolerance),
                "{} {settings:?}",
                method.name
            );
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
        for (ours, theirs) in logits(&packed).iter().zip(logits(&twin)) {
            // Moved factors are multiplied in another order.
            let tolerance = if name == "awq" { 1e-5 } else { 0.0 };
            assert!(
                (ours - theirs).abs() <= tolerance,
                "{name} {settings:?}: {ours} {theirs}"
            );
        }
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
    silent.blocks[1].post_norm.scale = vec![0.0; silent.config.hidden_size].into();
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
