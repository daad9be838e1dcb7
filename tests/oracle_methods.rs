//! Methods against the code of their papers: one matrix at a time, and a whole tiny model (`../shared/oracle`).
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![cfg_attr(not(shared), expect(dead_code, reason = "the oracle is not there"))]

use pressure_test::backend::Cpu;
use pressure_test::calibrate::{Calibration, InputStats, Propagation};
use pressure_test::compress::{Chain, compress, compress_matrix};
use pressure_test::load::{self, Files};
use pressure_test::model::{Model, Session};
use pressure_test::weight::{Dense, Floats, Matrix, Weight};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde_json::{Map, Value, json};
use std::path::Path;

/// Scales and zero points, relative.
const SCALE: f64 = 1e-6;
/// Codes that have to be the same.
const CODES: f64 = 0.99;
/// Output error, relative, where the Gram matrix has full rank.
const ERROR: f64 = 0.005;
/// The same where it has not: independent implementations differ by as much.
const ERROR_SINGULAR: f64 = 0.05;

fn oracle(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/oracle")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn values(file: &SafeTensors, name: &str) -> Vec<f32> {
    let view = file
        .tensor(name)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    match view.dtype() {
        Dtype::U8 => view.data().iter().map(|&byte| f32::from(byte)).collect(),
        Dtype::I32 => {
            let words = view.data().as_chunks().0.iter();
            words.map(|word| i32::from_le_bytes(*word) as f32).collect()
        }
        Dtype::F64 => {
            let words = view.data().as_chunks().0.iter();
            #[expect(clippy::cast_possible_truncation, reason = "compared as f32")]
            words.map(|word| f64::from_le_bytes(*word) as f32).collect()
        }
        _ => view
            .data()
            .as_chunks()
            .0
            .iter()
            .map(|word| f32::from_le_bytes(*word))
            .collect(),
    }
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => panic!("an object"),
    }
}

struct Problem {
    weight: Matrix,
    inputs: InputStats,
}

impl Problem {
    fn new(name: &str) -> Self {
        let bytes = oracle(&format!("in_{name}.safetensors"));
        let file = SafeTensors::deserialize(&bytes).expect("a problem");
        let shape = file.tensor("W").expect("W").shape().to_vec();
        let mut inputs = InputStats::new(shape[1]);
        inputs.add(&values(&file, "X"));
        Self {
            weight: Matrix {
                rows: shape[0],
                cols: shape[1],
                data: values(&file, "W"),
            },
            inputs,
        }
    }

    fn compress(&self, method: &str, settings: Value) -> (Weight, Option<Vec<f32>>) {
        let chain = Chain::new(method, &map(settings)).expect("a chain");
        let Matrix {
            rows,
            cols,
            ref data,
        } = self.weight;
        let dense =
            Dense::new(rows, cols, Floats::F32(data.clone())).expect("as many values as places");
        let (outcome, scale) = compress_matrix(&chain, "W", dense, &self.inputs).expect("a weight");
        assert_eq!(outcome.fallback, None, "{method}");
        (outcome.weight, scale)
    }

    fn error(&self, data: Vec<f32>) -> f64 {
        let changed = Matrix {
            data,
            ..self.weight
        };
        self.inputs
            .output_error(&self.weight, &changed)
            .expect("outputs")
    }
}

/// What an oracle calls a configuration of GPTQ or rounding, as settings.
fn settings(config: &str) -> Option<(&'static str, Value)> {
    let parts: Vec<&str> = config.split('_').collect();
    let method = if parts[0] == "rtn" {
        "round_to_nearest"
    } else {
        "gptq"
    };
    let group_size = match parts[2] {
        "g-1" => json!("row"),
        other => other[1..]
            .parse::<u32>()
            .map(Value::from)
            .expect("a number"),
    };
    let mut settings = json!({
        "bits": parts[1][1..].parse::<u32>().expect("a number"),
        "group_size": group_size,
        "symmetric": parts[3] == "sym",
        "range_search": parts.contains(&"mse"),
        "grid": "classic",
    });
    if method == "gptq" {
        settings["column_order"] = if parts.contains(&"act") {
            "activation"
        } else {
            "stored"
        }
        .into();
        settings["static_groups"] = parts.contains(&"static").into();
        if let Some(damping) = parts.iter().find_map(|part| part.strip_prefix("damp")) {
            settings["damping"] = damping.parse::<f64>().expect("a number").into();
        }
    }
    // Blocks of another size only change the order of sums.
    let blocks = parts.iter().any(|part| part.starts_with("bs"));
    (!blocks).then_some((method, settings))
}

/// How close a quantized weight is to that of an oracle.
#[derive(Debug)]
struct Agreement {
    same_codes: f64,
    scale: f64,
    same_zeros: bool,
    error: f64,
}

impl Agreement {
    fn is_close(&self) -> bool {
        self.same_codes >= CODES && self.scale < SCALE && self.same_zeros && self.error < ERROR
    }
}

fn agreement(problem: &Problem, weight: &Weight, file: &SafeTensors, config: &str) -> Agreement {
    let Weight::Quantized(quantized) = weight else {
        panic!("{config} is not quantized")
    };
    let part = |name: &str| values(file, &format!("{config}.{name}"));
    let (codes, scales, zeros) = (part("codes"), part("scale"), part("zero"));
    let layout = quantized.layout();
    let group_of = if config.starts_with("rtn") {
        (0..layout.shape[1])
            .map(|col| (col / layout.group_size) as f32)
            .collect()
    } else {
        part("g_idx")
    };
    let [rows, cols] = layout.shape;
    let groups = layout.groups();
    let (mut same, mut counted, mut scale) = (0usize, 0usize, 0f64);
    let mut same_zeros = true;
    for row in 0..rows {
        for place in 0..cols {
            let column = quantized
                .column_order()
                .map_or(place, |order| order[place] as usize);
            let grid = quantized.grid(row, place / layout.group_size);
            let theirs = row * groups + group_of[column] as usize;
            scale = scale.max((f64::from(grid.scale()) / f64::from(scales[theirs]) - 1.0).abs());
            same_zeros &= f32::from(grid.zero_point()) == zeros[theirs];
            let code = f32::from(quantized.code(row, place));
            // A symmetric classic grid has its end halfway between two codes: either may come out.
            let tie = layout.symmetric && code.min(codes[row * cols + column]) == 0.0;
            if !tie {
                counted += 1;
                same += usize::from(code == codes[row * cols + column]);
            }
        }
    }
    let (ours, theirs) = (
        problem.error(weight.to_matrix().data),
        problem.error(part("Q")),
    );
    Agreement {
        same_codes: same as f64 / counted as f64,
        scale,
        same_zeros,
        error: (ours / theirs - 1.0).abs(),
    }
}

fn configs(file: &SafeTensors, suffix: &str) -> Vec<String> {
    let mut names: Vec<String> = file
        .names()
        .iter()
        .filter_map(|name| name.strip_suffix(suffix))
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn gptq_and_rounding_are_those_of_the_paper() {
    for name in ["p64x128", "edge64x128"] {
        let problem = Problem::new(name);
        let bytes = oracle(&format!("gptq_{name}.safetensors"));
        let file = SafeTensors::deserialize(&bytes).expect("an oracle");
        let mut checked = 0;
        for config in configs(&file, ".codes") {
            let Some((method, settings)) = settings(&config) else {
                continue;
            };
            let (weight, _) = problem.compress(method, settings);
            let found = agreement(&problem, &weight, &file, &config);
            let good = if name == "p64x128" {
                found.is_close()
            } else {
                found.error < ERROR_SINGULAR
            };
            assert!(good, "{name} {config}: {found:?}");
            checked += 1;
        }
        assert!(checked > 100, "{checked} configurations");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn another_order_of_columns_or_grid_would_be_noticed() {
    let problem = Problem::new("p64x128");
    let bytes = oracle("gptq_p64x128.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("an oracle");
    for (wrong, config) in [
        ("gptq_b4_g32_asym_noact", "gptq_b4_g32_asym_act_static"),
        ("gptq_b4_g32_asym_noact_damp0.1", "gptq_b4_g32_asym_noact"),
        ("gptq_b4_g-1_asym_noact_mse", "gptq_b4_g-1_asym_noact"),
        ("rtn_b4_g32_asym", "gptq_b4_g32_asym_noact"),
    ] {
        let (method, settings) = settings(wrong).expect("a configuration");
        let (weight, _) = problem.compress(method, settings);
        let found = agreement(&problem, &weight, &file, config);
        assert!(!found.is_close(), "{wrong} for {config}: {found:?}");
    }
}

/// What an oracle calls a configuration of pruning, as settings.
fn pruning(config: &str) -> Option<(&'static str, Value)> {
    let parts: Vec<&str> = config.split('_').collect();
    if parts.contains(&"1:4") || parts.contains(&"variant") {
        return None;
    }
    let mut settings = match parts[1].strip_prefix('s') {
        Some(sparsity) => json!({"sparsity": sparsity.parse::<f64>().expect("a number")}),
        None => json!({"pattern": parts[1]}),
    };
    let number = |prefix: &str| {
        parts[2..]
            .iter()
            .find_map(|part| part.strip_prefix(prefix)?.parse::<f64>().ok())
    };
    if let Some(block) = number("bs") {
        settings["block_size"] = json!(block as u32);
    }
    if let Some(damping) = number("damp") {
        settings["damping"] = damping.into();
    }
    let method = match (parts[0], number("w")) {
        ("sparsegpt", Some(bits)) => {
            settings["bits"] = json!(bits as u32);
            settings["group_size"] = "row".into();
            settings["grid"] = "classic".into();
            "sparsegpt_gptq"
        }
        ("sparsegpt", None) => "sparsegpt",
        ("wanda", _) => "wanda",
        _ => "magnitude",
    };
    Some((method, settings))
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn pruning_is_that_of_the_papers() {
    for name in ["p64x128", "edge64x128"] {
        let problem = Problem::new(name);
        let bytes = oracle(&format!("prune_{name}.safetensors"));
        let file = SafeTensors::deserialize(&bytes).expect("an oracle");
        let mut checked = 0;
        for config in configs(&file, ".zeros") {
            let Some((method, settings)) = pruning(&config) else {
                continue;
            };
            // Of a constant row and one of zeros any weights may go.
            let ties =
                name == "edge64x128" && method == "magnitude" && settings["pattern"].is_string();
            let unstructured = settings["sparsity"].is_number();
            let smaller_blocks = settings["block_size"] == 64;
            let (weight, _) = problem.compress(method, settings);
            let ours = weight.to_matrix().data;
            let theirs = values(&file, &format!("{config}.Q"));
            let zeros = values(&file, &format!("{config}.zeros"));
            let pairs = || ours.iter().zip(&zeros);
            let only_ours = pairs()
                .filter(|(value, zero)| **value == 0.0 && **zero == 0.0)
                .count();
            let only_theirs = pairs()
                .filter(|(value, zero)| **value != 0.0 && **zero != 0.0)
                .count();
            // Their threshold takes one more weight than the share, in each block; what comes after differs by that.
            let extra = match (method, unstructured, smaller_blocks) {
                ("wanda", _, _) | (_, false, _) => 0,
                (_, true, false) => 1,
                (_, true, true) => 2,
            };
            let rounded = method == "sparsegpt_gptq";
            let masks = if smaller_blocks && unstructured {
                only_ours <= 1 && only_theirs <= 1 + extra
            } else {
                (only_ours, only_theirs) == (0, extra)
            };
            assert!(
                masks || ties || rounded,
                "{name} {config}: {only_ours} and {only_theirs}"
            );
            let error = (problem.error(ours) / problem.error(theirs) - 1.0).abs();
            // At 30 % magnitude removes so little that the one weight is 6 % of the error.
            let tolerance = match (name, &config[..]) {
                (_, "magnitude_s0.3") => 0.1,
                ("p64x128", "sparsegpt_s0.5_bs64") => 0.01,
                ("p64x128", _) => ERROR,
                _ => ERROR_SINGULAR,
            };
            assert!(error < tolerance, "{name} {config}: {error}");
            checked += 1;
        }
        assert!(checked >= 22, "{checked} configurations");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn awq_is_that_of_the_paper() {
    let problem = Problem::new("p64x128");
    let bytes = oracle("awq_p64x128.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("an oracle");
    let configs = configs(&file, ".codes");
    assert_eq!(configs.len(), 8);
    for config in configs {
        let parts: Vec<&str> = config.split('_').collect();
        let number = |part: &str| part[1..].parse::<u32>().expect("a number");
        let settings =
            json!({"bits": number(parts[1]), "group_size": number(parts[2]), "grid": "classic"});
        let (weight, scale) = problem.compress("awq", settings);
        let Weight::Quantized(quantized) = &weight else {
            panic!("{config} is not quantized")
        };
        let part = |name: &str| values(&file, &format!("{config}.{name}"));
        let close = |a: f32, b: f32| (f64::from(a) / f64::from(b) - 1.0).abs() < SCALE;
        let scale = scale.expect("a scale of columns");
        assert!(
            scale.iter().zip(part("scales")).all(|(a, b)| close(*a, b)),
            "{config}"
        );
        let groups = quantized.layout().groups();
        let (grids, codes) = (part("q_scale"), part("codes"));
        // The clipping shows in the grids that are found after it; two candidates can be equally good to f32.
        let places = (0..grids.len()).map(|i| (i / groups, i % groups));
        let same = places
            .zip(&grids)
            .filter(|((row, group), theirs)| close(quantized.grid(*row, *group).scale(), **theirs));
        assert!(same.count() as f64 >= 0.96 * grids.len() as f64, "{config}");
        let ours =
            (0..64).flat_map(|row| (0..128).map(move |col| f32::from(quantized.code(row, col))));
        let same = ours
            .zip(&codes)
            .filter(|(ours, theirs)| ours == *theirs)
            .count();
        assert!(
            same as f64 >= CODES * codes.len() as f64,
            "{config}: {same}"
        );
        let error = problem.error(weight.to_matrix().data) / problem.error(part("W_eff")) - 1.0;
        assert!(error.abs() < ERROR, "{config}: {error}");
    }
}

/// The tiny model of the oracle, with tokens to calibrate by and to test on.
struct Tiny {
    model: Model,
    calibration: Vec<Vec<u32>>,
    test: Vec<Vec<u32>>,
    /// The logits before compression.
    dense: Vec<f32>,
}

impl Tiny {
    fn new() -> Self {
        let bytes = oracle("tiny_base.safetensors");
        let file = SafeTensors::deserialize(&bytes).expect("a model");
        let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("a header");
        let config = &metadata.metadata().as_ref().expect("metadata")["config"];
        let mut config: Value = serde_json::from_str(config).expect("JSON");
        config["model_type"] = "llama".into();
        let tensors = file
            .tensors()
            .into_iter()
            .filter(|(name, _)| name.starts_with("model."));
        // Tokens are given as numbers: any tokenizer will do.
        let tokenizer = include_bytes!("golden/llama_gqa/tokenizer.json").to_vec();
        let files = Files::from([
            ("config.json".to_owned(), config.to_string().into_bytes()),
            (
                "model.safetensors".to_owned(),
                safetensors::serialize(tensors, None).expect("a file"),
            ),
            ("tokenizer.json".to_owned(), tokenizer),
        ]);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "token ids"
        )]
        let tokens = |name: &str| {
            let tokens: Vec<u32> = values(&file, name)
                .into_iter()
                .map(|token| token as u32)
                .collect();
            tokens.chunks(64).map(<[u32]>::to_vec).collect()
        };
        Self {
            model: load::model("tiny", &files).expect("a model"),
            calibration: tokens("calib_tokens"),
            test: tokens("test_tokens"),
            dense: values(&file, "logits"),
        }
    }

    fn logits(&self, model: &Model) -> Vec<f32> {
        let of = |tokens: &Vec<u32>| {
            let mut session = Session::new(model, Cpu).expect("a session");
            pollster::block_on(session.logits(tokens)).expect("logits")
        };
        self.test.iter().flat_map(of).collect()
    }

    fn compressed(&self, config: &str) -> Vec<f32> {
        let parts: Vec<&str> = config.split('_').collect();
        let (method, settings, propagation) = match parts[0] {
            "gptq" | "rtn" => {
                let bits_and_group = parts[..3].join("_");
                let kind = if parts.contains(&"sym") {
                    "sym"
                } else {
                    "asym"
                };
                let (method, settings) =
                    settings(&[&[&bits_and_group, kind], &parts[3..]].concat().join("_"))
                        .expect("settings");
                (method, settings, Propagation::Block)
            }
            "awq" => {
                let bits = parts[1][1..].parse::<u32>().expect("a number");
                let clip = !parts.contains(&"noclip");
                let settings =
                    json!({"bits": bits, "group_size": 32, "grid": "classic", "clip": clip});
                // The code of the paper hands on the outputs of the uncompressed block.
                ("awq", settings, Propagation::Dense)
            }
            _ => {
                let (method, settings) = pruning(config).expect("settings");
                (method, settings, Propagation::Block)
            }
        };
        let calibration = Calibration {
            sequences: self.calibration.clone(),
            propagation: if parts.contains(&"trueseq") {
                Propagation::Layer
            } else {
                propagation
            },
        };
        let chain = Chain::new(method, &map(settings)).expect("a chain");
        let mut ignore = |_: &str, _, _| {};
        let compressed = compress(&self.model, Cpu, &chain, &calibration, &mut ignore);
        self.logits(&pollster::block_on(compressed).expect("a model").0)
    }
}

fn squared(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum()
}

/// How much of what compression does to the logits may differ: nothing but rounding; where a weight more goes by
/// their rule of counting, or an order is drawn among equals, some hundredths; and more where clipping is
/// searched on every second token there and on all here.
fn allowed(config: &str) -> f64 {
    match config {
        "awq_b3_g32" | "awq_b4_g32" => 0.15,
        "gptq_b4_g32_act_static_trueseq" => 0.02,
        other if other.contains("_s0.5") && !other.starts_with("wanda") => 0.02,
        _ => 1e-6,
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn a_whole_model_comes_out_as_by_the_code_of_the_papers() {
    let tiny = Tiny::new();
    let difference = tiny.logits(&tiny.model);
    assert!(
        squared(&difference, &tiny.dense)
            < 1e-5 * squared(&tiny.dense, &vec![0.0; tiny.dense.len()])
    );
    let mut checked = 0;
    for name in ["tiny_gptq", "tiny_sparsegpt", "tiny_wanda", "tiny_awq"] {
        let bytes = oracle(&format!("{name}.safetensors"));
        let file = SafeTensors::deserialize(&bytes).expect("an oracle");
        for config in configs(&file, "/logits") {
            let ours = tiny.compressed(&config);
            let theirs = values(&file, &format!("{config}/logits"));
            let effect = squared(&theirs, &tiny.dense);
            let difference = squared(&ours, &theirs) / effect;
            assert!(difference < allowed(&config), "{config}: {difference}");
            let strength = squared(&ours, &tiny.dense) / effect;
            assert!((strength - 1.0).abs() < 0.03, "{config}: {strength}");
            checked += 1;
        }
    }
    assert!(checked >= 24, "{checked} configurations");
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn another_propagation_would_be_noticed() {
    let tiny = Tiny::new();
    let bytes = oracle("tiny_gptq.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("an oracle");
    let theirs = values(&file, "gptq_b4_g32_trueseq/logits");
    let difference =
        squared(&tiny.compressed("gptq_b4_g32"), &theirs) / squared(&theirs, &tiny.dense);
    assert!(
        difference > 100.0 * allowed("gptq_b4_g32_trueseq"),
        "{difference}"
    );
}
