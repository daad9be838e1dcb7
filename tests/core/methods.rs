//! Laws of methods.

use crate::map;
use pressure_test::Result;
use pressure_test::calibrate::InputStats;
use pressure_test::compress::{Chain, METHODS, Method, MethodKind, compress_matrix};
use pressure_test::recipe::{Parameter, ParameterKind};
use pressure_test::weight::{Dense, Floats, Matrix, Storage, Weight};
use serde_json::{Map, Value, json};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Settings of one method from the weakest to the strongest.
pub fn strengths(method: &Method) -> Vec<Map<String, Value>> {
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

pub fn matrix(rows: usize, cols: usize) -> Matrix {
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

pub fn squeeze(
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
