//! Folders of compressed-tensors: what they say is honoured, or refused.

use super::folders::{cases, change_config, folder};
use super::formats::{TOKENS, distance, golden, load};
use super::{largest_difference, logits};
use pressure_test::backend::Cpu;
use pressure_test::calibrate::{Calibration, Propagation};
use pressure_test::compress::{Chain, compress, no_pause};
use pressure_test::load::{self, Files};
use pressure_test::save;
use pressure_test::weight::Weight;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value as Json, json};

/// A Llama at four bits with a scale and a zero point for each row, as a packed folder.
fn pack_quantized() -> Files {
    let Json::Object(settings) = json!({"bits": 4, "group_size": "row"}) else {
        panic!("settings");
    };
    let chain = Chain::new("round_to_nearest", &settings).expect("a method");
    let calibration = Calibration {
        sequences: vec![TOKENS.to_vec()],
        propagation: Propagation::Block,
    };
    let model = super::model(&golden("llama_gqa"));
    let mut ignore = |_: &str, _, _| {};
    let done = compress(&model, Cpu, &chain, &calibration, &mut ignore, &no_pause);
    let (smaller, _) = pollster::block_on(done).expect("a model");
    let format = save::format("compressed_tensors").expect("a format");
    format.write(&smaller).expect("files")
}

/// The same folder with one field of `quantization_config` set.
fn changed(plain: &Files, pointer: &str, value: Json) -> Files {
    let mut files = plain.clone();
    change_config(&mut files, |config| {
        let (parent, field) = pointer.rsplit_once('/').expect("a path");
        let parent = format!("/quantization_config{parent}");
        config.pointer_mut(&parent).expect("fields")[field] = value;
    });
    files
}

#[test]
fn what_compressed_tensors_says_and_is_not_read_is_refused_by_name() {
    let plain = pack_quantized();
    for (pointer, value, part) in [
        (
            "/kv_cache_scheme",
            json!({"num_bits": 8}),
            "kv_cache_scheme",
        ),
        (
            "/transform_config",
            json!({"config_groups": {"u": {}}}),
            "transform_config",
        ),
        (
            "/sparsity_config",
            json!({"format": "sparse-24-bitmask"}),
            "sparse-24-bitmask",
        ),
        ("/quantization_status", json!("frozen"), "frozen"),
        ("/format", json!("marlin-24"), "marlin-24"),
        ("/config_groups", json!({}), "pack-quantized"),
        (
            "/config_groups/group_0/input_activations",
            json!({"num_bits": 8}),
            "input_activations",
        ),
        (
            "/config_groups/group_0/output_activations",
            json!({"num_bits": 8}),
            "output_activations",
        ),
        (
            "/config_groups/group_0/format",
            json!("int-quantized"),
            "int-quantized",
        ),
        (
            "/config_groups/group_0/weights/type",
            json!("float"),
            "type",
        ),
        (
            "/config_groups/group_0/weights/num_bits",
            json!(16),
            "16 bits",
        ),
        (
            "/config_groups/group_0/weights/dynamic",
            json!(true),
            "dynamic",
        ),
        (
            "/config_groups/group_0/weights/strategy",
            json!("tensor"),
            "tensor",
        ),
        (
            "/config_groups/group_0/weights/strategy",
            json!("block"),
            "block",
        ),
        (
            "/config_groups/group_0/weights/actorder",
            json!("sideways"),
            "sideways",
        ),
        (
            "/config_groups/group_0/weights/num_bits",
            json!(8),
            "does not fit",
        ),
    ] {
        let error = load::model("test", &changed(&plain, pointer, value))
            .expect_err(pointer)
            .to_string();
        assert!(error.contains(part), "{pointer}: {error}");
    }
}

#[test]
fn what_compressed_tensors_says_is_honoured() {
    let plain = pack_quantized();
    let right = load(&plain);
    let group = |bits: u8, size: Json, symmetric: bool| {
        let strategy = if size.is_null() { "channel" } else { "group" };
        json!({"targets": ["re:.*"], "weights": {"num_bits": bits, "group_size": size, "symmetric": symmetric, "strategy": strategy}})
    };
    for (pointer, value) in [
        ("/config_groups/group_1", group(8, Json::Null, true)),
        ("/config_groups/group_1", group(4, Json::Null, true)),
        ("/config_groups/group_1", json!({"weights": null})),
        (
            "/config_groups/group_1",
            json!({"targets": ["model.layers.7.mlp.up_proj"], "weights": group(4, json!(16), true)["weights"]}),
        ),
        ("/sparsity_config", json!({"format": "dense"})),
        ("/kv_cache_scheme", Json::Null),
        ("/config_groups/group_0/weights/actorder", json!("weight")),
    ] {
        assert_eq!(
            distance(&load(&changed(&plain, pointer, value)), &right, &TOKENS),
            0.0,
            "{pointer}"
        );
    }
}

#[test]
fn zero_points_in_signed_bytes_are_those_in_packed_words() {
    let mut files = pack_quantized();
    let right = load(&files);
    let weights = files.remove("model.safetensors").expect("weights");
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = SafeTensors::deserialize(&weights)
        .expect("a file")
        .iter()
        .map(|(name, view)| {
            (
                name.to_owned(),
                view.dtype(),
                view.shape().to_vec(),
                view.data().to_vec(),
            )
        })
        .collect();
    for (name, dtype, shape, bytes) in &mut tensors {
        if !name.ends_with("weight_zero_point") {
            continue;
        }
        let (rows, groups) = (shape[0] * 8, shape[1]);
        let code = |i: usize| {
            let (row, group) = (i / groups, i % groups);
            let byte = bytes[(row / 8 * groups + group) * 4 + row % 8 / 2];
            (byte >> (row % 2 * 4) & 0xf).wrapping_sub(8)
        };
        *bytes = (0..rows * groups).map(code).collect();
        (*dtype, *shape) = (Dtype::I8, vec![rows, groups]);
    }
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (
            name,
            TensorView::new(*dtype, shape.clone(), bytes).expect("a tensor"),
        )
    });
    files.insert(
        "model.safetensors".into(),
        safetensors::serialize(views, None).expect("a file"),
    );
    assert_eq!(distance(&load(&files), &right, &TOKENS), 0.0);
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/cases")]
fn columns_have_the_group_that_weight_g_idx_gives_them() {
    let case = cases().join("compressed-tensors-g-idx");
    let model = load(&folder(&case.join("ct-gidx")));
    let expected: Json =
        serde_json::from_slice(&std::fs::read(case.join("expected.json")).expect("a file"))
            .expect("JSON");
    let tokens: Vec<u32> = serde_json::from_value(expected["tokens"].clone()).expect("tokens");
    let rows: Vec<Vec<f64>> = serde_json::from_value(expected["logits"].clone()).expect("logits");
    let difference = largest_difference(&logits(&model, &tokens), &rows.concat());
    assert!(difference < 1e-3, "{difference}");
    let packed = model
        .linears()
        .all(|linear| matches!(*linear.weight, Weight::Quantized(_)));
    assert!(packed);
}
