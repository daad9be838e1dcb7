//! Folders that other tools quantized: the weights that they mean, or a refusal with the tool's name.

use super::folders::{cases, change_config, folder};
use super::formats::{TOKENS, WHOLE_NUMBERS, apart, distance, golden, load};
use pressure_test::load::{self, Files};
use pressure_test::model::Model;
use pressure_test::weight::{Offset, Weight};
use safetensors::SafeTensors;
use serde_json::{Value as Json, json};
use std::path::PathBuf;

/// The models that `scripts/golden/make_quantized.py` and `make_bitnet.py` quantized, with the families that they are of.
const FOLDERS: [(&str, &str); 13] = [
    ("gptq", "qwen3"),
    ("gptq_symmetric", "qwen2"),
    ("gptq_ordered", "qwen3"),
    ("gptq_uneven", "qwen3"),
    ("gptq_v2_3bit", "qwen3"),
    ("gptq_phi3", "phi3"),
    ("gptq_neox", "gpt_neox"),
    ("gptq_gpt2", "gpt2"),
    ("awq", "qwen2"),
    ("awq_phi3", "phi3"),
    ("bitnet", "bitnet"),
    ("bitnet_divided", "bitnet"),
    ("bitnet_online", "bitnet"),
];

fn quantized(name: &str, weights: &str) -> Files {
    let (_, model) = FOLDERS
        .iter()
        .find(|(folder, _)| *folder == name)
        .expect("a folder");
    let folder = golden("quantized").join(name);
    let read = |path: PathBuf| std::fs::read(path).expect("a file");
    Files::from([
        ("config.json".to_owned(), read(folder.join("config.json"))),
        ("model.safetensors".to_owned(), read(folder.join(weights))),
        (
            "tokenizer.json".to_owned(),
            read(golden(model).join("tokenizer.json")),
        ),
    ])
}

fn linear_bytes(model: &Model) -> usize {
    model.linears().map(|linear| linear.weight.bytes()).sum()
}

#[test]
fn what_other_tools_pack_are_the_weights_they_mean() {
    for (name, family) in FOLDERS {
        let packed = load(&quantized(name, "model.safetensors"));
        let mut files = quantized(name, "written_out.safetensors");
        change_config(&mut files, |config| {
            let fields = config.as_object_mut().expect("fields");
            fields.remove("quantization_config");
        });
        let written_out = load(&files);
        for (a, b) in packed.linears().zip(written_out.linears()) {
            assert_eq!(
                a.weight.to_matrix(),
                b.weight.to_matrix(),
                "{name}: {}",
                a.name
            );
            assert_eq!(a.bias, b.bias, "{name}: {}", a.name);
        }
        let found = apart(&packed, &written_out, &TOKENS);
        assert!(found > 0.0 && found < WHOLE_NUMBERS, "{name}: {found}");
        let before = super::model(&golden(family));
        let changed = distance(&packed, &before, &TOKENS);
        assert!(
            changed > 1e-3,
            "{name} is not the model before it was quantized: {changed}"
        );
        let stays = packed
            .linears()
            .filter(|linear| matches!(*linear.weight, Weight::Quantized(_)));
        let (stays, all) = (stays.count(), packed.linears().count());
        assert!(
            stays == all || name == "gptq_uneven" && stays > 0,
            "{name}: {stays} of {all} stay packed"
        );
        if name != "gptq_uneven" {
            assert!(
                linear_bytes(&packed) * 2 < linear_bytes(&written_out),
                "{name}"
            );
        }
        // Only of BitNet is something left out.
        let is_noted = packed
            .notes
            .iter()
            .any(|note| note.contains("rounds what its linear layers read to 8 bits"));
        let notes = usize::from(family == "bitnet");
        assert!(
            packed.notes.len() == notes && is_noted == (notes == 1),
            "{name}: {:?}",
            packed.notes
        );
    }
}

#[test]
fn symmetric_zero_points_are_not_stored() {
    let model = load(&quantized("gptq_symmetric", "model.safetensors"));
    for linear in model.linears() {
        let Weight::Quantized(weight) = &*linear.weight else {
            panic!("{} is not packed", linear.name);
        };
        assert!(weight.layout().symmetric && matches!(weight.offset(), Offset::Middle));
    }
}

#[test]
fn older_folders_say_how_they_are_quantized_in_a_file_of_their_own() {
    for (name, file, settings) in [
        (
            "gptq",
            "quantize_config.json",
            json!({"bits": 4, "group_size": 16, "desc_act": false, "sym": false}),
        ),
        (
            "awq",
            "quant_config.json",
            json!({"zero_point": true, "q_group_size": 16, "w_bit": 4, "version": "GEMM"}),
        ),
    ] {
        let mut files = quantized(name, "model.safetensors");
        let right = load(&files);
        change_config(&mut files, |config| {
            let fields = config.as_object_mut().expect("fields");
            fields.remove("quantization_config");
        });
        let error = load::model("test", &files).expect_err(name).to_string();
        assert!(
            error.contains("self_attn.q_proj.") && error.contains("does not explain"),
            "{error}"
        );
        files.insert(file.into(), serde_json::to_vec(&settings).expect("JSON"));
        assert_eq!(distance(&load(&files), &right, &TOKENS), 0.0, "{name}");
    }
}

#[test]
fn what_is_not_read_of_a_quantization_is_refused_by_name() {
    let gptq = |change: Json| (quantized("gptq", "model.safetensors"), change);
    let awq = |change: Json| (quantized("awq", "model.safetensors"), change);
    for ((mut files, change), part) in [
        (gptq(json!({"checkpoint_format": "marlin"})), "marlin"),
        (gptq(json!({"is_marlin_format": true})), "marlin"),
        (gptq(json!({"bits": 5})), "5 bits"),
        (gptq(json!({"group_size": 0})), "groups of 0"),
        (gptq(json!({"pack_dtype": "int16"})), "int16"),
        (
            gptq(json!({"dynamic": {"+:.*down.*": {"bits": 8}}})),
            "dynamic",
        ),
        (gptq(json!({"adapter": {"rank": 8}})), "adapter"),
        (
            gptq(json!({"quant_method": "bitsandbytes"})),
            "by bitsandbytes",
        ),
        (gptq(json!({"quant_method": "fp8"})), "by fp8"),
        (gptq(json!({"quant_method": "hqq"})), "by hqq"),
        (gptq(json!({"quant_method": "aqlm"})), "by aqlm"),
        (gptq(json!({"quant_method": null})), "for MLX"),
        (
            gptq(json!({"quant_method": null, "bits": null})),
            "does not name",
        ),
        (awq(json!({"version": "gemv"})), "gemv"),
        (awq(json!({"bits": 3})), "3 bits"),
        (awq(json!({"zero_point": false})), "zero points"),
        (awq(json!({"quant_method": "gptq"})), "qweight has shape"),
    ] {
        change_config(&mut files, |config| {
            let settings = config["quantization_config"]
                .as_object_mut()
                .expect("settings");
            settings.extend(change.as_object().expect("fields").clone());
        });
        let error = load::model("test", &files).expect_err(part).to_string();
        assert!(error.contains(part), "{part}: {error}");
        assert!(part.contains("shape") || error.contains("GGUF"), "{error}");
    }
}

#[test]
fn what_is_not_read_of_bitnet_is_refused() {
    for (change, part) in [
        (json!({"use_rms_norm": true}), "use_rms_norm"),
        (json!({"linear_class": "linear"}), "by BitNet as linear"),
        (json!({"quantization_mode": "late"}), "late"),
        (
            json!({"quantization_mode": "online", "modules_to_not_convert": ["o_proj"]}),
            "modules_to_not_convert",
        ),
    ] {
        let mut files = quantized("bitnet", "model.safetensors");
        change_config(&mut files, |config| {
            let settings = config["quantization_config"].as_object_mut();
            let fields = change.as_object().expect("fields").clone();
            settings.expect("settings").extend(fields);
        });
        let error = load::model("test", &files).expect_err(part).to_string();
        assert!(error.contains(part), "{part}: {error}");
    }
    // Two bits hold four values, of which three are weights.
    let mut files = quantized("bitnet", "model.safetensors");
    let bytes = files.get_mut("model.safetensors").expect("a file");
    let tensor = "model.layers.1.mlp.down_proj.weight";
    let place = {
        let all = SafeTensors::deserialize(bytes).expect("tensors");
        let data = all.tensor(tensor).expect("a tensor").data().as_ptr();
        data.addr() - bytes.as_ptr().addr()
    };
    bytes[place] |= 3;
    let error = load::model("test", &files).expect_err(tensor).to_string();
    assert!(
        error.contains("down_proj.weight_scale does not fit"),
        "{error}"
    );
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/cases")]
fn folders_of_other_tools_are_refused_by_name() {
    for (name, part) in [
        ("bnb4-repo", "by bitsandbytes"),
        ("fp8-repo", "by fp8"),
        ("mlx-repo", "for MLX"),
        ("ct-int8", "int-quantized"),
        // Its tensors have the shapes of GPTQ.
        ("awq-repo", "qweight has shape"),
    ] {
        let files = folder(&cases().join("other-quantizations").join(name));
        let error = load::model("test", &files).expect_err(name).to_string();
        assert!(error.contains(part), "{name}: {error}");
    }
    load(&folder(&cases().join("other-quantizations/gptq-repo")));
}
