//! GGUF files as the converter of llama.cpp lays them out, and as candle-transformers reads them.

use super::formats::{TOKENS, distance, golden, load};
use super::gguf_writer::{File, gguf};
use super::{TOLERANCE, largest_difference, logits, read_folder};
use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::{self, Value};
use candle_core::{Device, Tensor};
use candle_transformers::models::{
    quantized_gemma3, quantized_llama, quantized_phi3, quantized_qwen2, quantized_qwen3,
};
use pressure_test::backend::Activation;
use pressure_test::load::{self, Files};
use pressure_test::model::Model;
use serde_json::{Value as Json, json};
use std::io::Cursor;

/// The golden model of a name with other fields.
pub fn changed(name: &str, fields: &[(&str, Json)]) -> Model {
    let mut files = read_folder(&golden(name));
    let mut config: Json = serde_json::from_slice(&files["config.json"]).expect("JSON");
    for (field, value) in fields {
        config[*field] = value.clone();
    }
    files.insert(
        "config.json".into(),
        serde_json::to_vec(&config).expect("JSON"),
    );
    load(&files)
}

/// The golden model of a name with what GGUF has no place for as files of it are understood.
pub fn without_extras(name: &str) -> Model {
    match name {
        // There it follows from the width of a head.
        "gemma2" => changed(name, &[("query_pre_attn_scalar", json!(16))]),
        "gemma3" => changed(
            name,
            &[
                ("query_pre_attn_scalar", json!(16)),
                ("rope_scaling", Json::Null),
            ],
        ),
        // What stretches its positions is in tensors of their own: `converted`.
        "minicpm" => changed(name, &[("rope_scaling", Json::Null)]),
        // There they are known for another size only.
        "exaone4" => changed(name, &[("sliding_window", Json::Null)]),
        _ => changed(name, &[]),
    }
}

/// Longer than the windows of the golden models.
pub const LONG_TOKENS: [u32; 12] = [1, 17, 40, 3, 59, 7, 23, 63, 12, 5, 41, 2];

pub fn read(file: &File) -> Model {
    load(&Files::from([("a.gguf".to_owned(), file.bytes())]))
}

/// The logits after the last of some tokens.
fn candle_last(file: &[u8], architecture: &str, tokens: &[u32]) -> Option<Vec<f64>> {
    let mut reader = Cursor::new(file);
    let content = gguf_file::Content::read(&mut reader).expect("a file");
    let input = Tensor::new(tokens, &Device::Cpu)
        .and_then(|t| t.unsqueeze(0))
        .expect("tokens");
    let (file, device) = (&mut reader, &Device::Cpu);
    let logits = match architecture {
        "llama" => quantized_llama::ModelWeights::from_gguf(content, file, device)
            .and_then(|mut model| model.forward(&input, 0)),
        "qwen2" => quantized_qwen2::ModelWeights::from_gguf(content, file, device)
            .and_then(|mut model| model.forward(&input, 0)),
        "qwen3" => quantized_qwen3::ModelWeights::from_gguf(content, file, device)
            .and_then(|mut model| model.forward(&input, 0)),
        "phi3" => quantized_phi3::ModelWeights::from_gguf(false, content, file, device)
            .and_then(|mut model| model.forward(&input, 0)),
        "gemma3" => quantized_gemma3::ModelWeights::from_gguf(content, file, device)
            .and_then(|mut model| model.forward(&input, 0)),
        _ => return None,
    };
    let logits = logits.and_then(|logits| logits.flatten_all()?.to_vec1::<f32>());
    Some(logits.expect("logits").into_iter().map(f64::from).collect())
}

#[test]
fn gguf_files_of_every_family_are_read_as_candle_reads_them() {
    for (name, architecture) in [
        ("llama_f16", "llama"),
        ("qwen2", "qwen2"),
        ("qwen3", "qwen3"),
        ("phi3", "phi3"),
        ("gemma2", "gemma2"),
        ("gemma3", "gemma3"),
        ("gpt2", "gpt2"),
        ("gpt_neox", "gptneox"),
        ("bloom", "bloom"),
        ("olmo2", "olmo2"),
        ("smollm3", "smollm3"),
        ("granite", "granite"),
        ("minicpm", "minicpm"),
        ("gemma", "gemma"),
        ("phi", "phi2"),
        ("stablelm", "stablelm"),
        ("ernie4_5", "ernie4_5"),
        ("exaone4", "exaone4"),
        ("hunyuan", "hunyuan-dense"),
    ] {
        let mut right = without_extras(name);
        let back = read(&gguf(&right, architecture, GgmlDType::F32));
        let tokens = &LONG_TOKENS;
        assert!(distance(&back, &right, tokens) < TOLERANCE, "{name}");
        if name == "gemma3" {
            // What candle knows of the second rope, and of windows.
            right = changed(
                name,
                &[
                    ("rope_scaling", Json::Null),
                    ("rope_local_base_freq", json!(10_000)),
                    ("sliding_window_pattern", json!(6)),
                ],
            );
        }
        let file = gguf(&right, architecture, GgmlDType::F32);
        let back = read(&file);
        let Some(theirs) = candle_last(&file.bytes(), architecture, &TOKENS) else {
            continue;
        };
        let mut back = back;
        if architecture == "gemma3" {
            // Candle's reader of these files has SiLU instead of GELU.
            back.config.activation = Activation::Silu;
        }
        let ours = logits(&back, &TOKENS);
        let last = &ours[ours.len() - theirs.len()..];
        let difference = largest_difference(last, &theirs);
        assert!(difference < 10.0 * TOLERANCE, "{name}: {difference}");
    }
}

#[test]
fn quantized_gguf_files_are_read_block_by_block() {
    let right = without_extras("llama_gqa");
    for (kind, most) in [
        (GgmlDType::F16, 0.1),
        (GgmlDType::BF16, 0.5),
        (GgmlDType::Q8_0, 0.5),
        (GgmlDType::Q5_0, 8.0),
        (GgmlDType::Q5_1, 8.0),
        (GgmlDType::Q4_0, 16.0),
        (GgmlDType::Q4_1, 16.0),
    ] {
        let back = read(&gguf(&right, "llama", kind));
        let difference = distance(&back, &right, &TOKENS);
        assert!(
            difference > 0.0 && difference < most,
            "{kind:?}: {difference}"
        );
    }
}

/// The sentence with which a file is refused.
fn refusal(file: &File) -> String {
    let files = Files::from([("a.gguf".to_owned(), file.bytes())]);
    match load::model("test", &files) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_window_of_zero_is_none() {
    for (name, architecture) in [("phi3", "phi3"), ("gemma3", "gemma3"), ("qwen2", "qwen2")] {
        let mut file = gguf(&without_extras(name), architecture, GgmlDType::F32);
        let key = format!("{architecture}.attention.sliding_window");
        file.set(&key, Value::U32(0));
        let config = read(&file).config;
        assert_eq!(config.sliding_window, None, "{name}");
        assert!(!config.sliding_layers.contains(&true), "{name}");
    }
    // Only where a window would bite it is missed in families that have none.
    let mut file = gguf(&without_extras("qwen2"), "qwen2", GgmlDType::F32);
    file.set("qwen2.attention.sliding_window", Value::U32(127));
    assert!(refusal(&file).contains("qwen2.attention.sliding_window = 127"));
    file.set("qwen2.attention.sliding_window", Value::U32(128));
    assert_eq!(refusal(&file), "");
}

#[test]
fn the_window_goes_to_the_layers_of_the_pattern() {
    let right = changed("gemma3", &[("query_pre_attn_scalar", json!(16))]);
    let mut file = gguf(&right, "gemma3", GgmlDType::F32);
    let key = "gemma3.attention.sliding_window_pattern";
    for (pattern, sliding) in [
        (Value::U32(2), [true, false, true]),
        (Value::U32(3), [true, true, false]),
        (Value::U32(1), [false; 3]),
        (Value::U32(0), [true; 3]),
    ] {
        file.set(key, pattern);
        assert_eq!(read(&file).config.sliding_layers, sliding);
    }
    file.metadata.remove(key);
    assert_eq!(read(&file).config.sliding_layers, [true; 3], "one in six");
    file.set(key, Value::Array(vec![Value::Bool(true); 2]));
    assert!(refusal(&file).contains(key));
}

#[test]
fn queries_of_the_largest_gemmas_are_scaled_by_their_share_of_the_width() {
    for (name, layers) in [("gemma2", 46), ("gemma3", 62)] {
        let mut model = without_extras(name);
        assert_eq!(
            read(&gguf(&model, name, GgmlDType::F32)).config.query_scale,
            1.0 / 16f32.sqrt()
        );
        model.blocks = model.blocks.iter().cycle().take(layers).cloned().collect();
        model.config.num_hidden_layers = layers;
        model.config.sliding_layers = vec![true; layers];
        let back = read(&gguf(&model, name, GgmlDType::F32));
        assert_eq!(back.config.query_scale, 1.0 / 8f32.sqrt(), "{name}");
    }
}

#[test]
fn keys_that_change_the_arithmetic_are_refused_by_name() {
    let right = without_extras("llama_gqa");
    let text = |text: &str| Value::String(text.into());
    for (key, value) in [
        ("llama.expert_count", Value::U32(8)),
        ("llama.expert_used_count", Value::U32(2)),
        ("llama.logit_scale", Value::F32(0.0625)),
        ("llama.residual_scale", Value::F32(0.22)),
        ("llama.embedding_scale", Value::F32(12.0)),
        ("llama.attention.scale", Value::F32(0.015)),
        ("llama.attention.clamp_kqv", Value::F32(8.0)),
        ("llama.attention.max_alibi_bias", Value::F32(8.0)),
        ("llama.attention.causal", Value::Bool(false)),
        ("llama.attention.value_length", Value::U32(8)),
        ("llama.attention.sliding_window", Value::U32(64)),
        ("llama.attention.temperature_scale", Value::F32(0.1)),
        (
            "llama.attention.head_count_kv",
            Value::Array(vec![Value::U32(2), Value::U32(1)]),
        ),
        ("llama.attn_logit_softcapping", Value::F32(50.0)),
        ("llama.final_logit_softcapping", Value::F32(30.0)),
        ("llama.use_parallel_residual", Value::Bool(true)),
        ("llama.pooling_type", Value::U32(3)),
        ("llama.rope.dimension_count", Value::U32(8)),
        (
            "llama.rope.dimension_sections",
            Value::Array(vec![Value::I32(4); 4]),
        ),
        ("llama.rope.freq_base_swa", Value::F32(1.0)),
        ("llama.rope.scaling.type", text("yarn")),
        ("llama.rope.scaling.type", text("longrope")),
        ("llama.rope.scaling.attn_factor", Value::F32(1.2)),
        ("llama.rope.scaling.yarn_log_multiplier", Value::F32(0.1)),
        ("llama.something_of_tomorrow", Value::U32(1)),
        ("general.type", text("adapter")),
        ("general.quantization_version", Value::U32(1)),
        ("tokenizer.ggml.add_eos_token", Value::Bool(true)),
        (
            "tokenizer.ggml.precompiled_charsmap",
            Value::Array(vec![Value::U8(1)]),
        ),
    ] {
        let mut file = gguf(&right, "llama", GgmlDType::F32);
        file.set(key, value);
        let error = refusal(&file);
        assert!(error.contains(&format!("{key} = ")), "{key}: {error}");
    }
    for key in [
        "llama.context_length",
        "llama.attention.layer_norm_rms_epsilon",
        "llama.feed_forward_length",
    ] {
        let mut file = gguf(&right, "llama", GgmlDType::F32);
        file.metadata.remove(key);
        let error = refusal(&file);
        assert!(error.contains(&format!("lacks the key {key}")), "{error}");
    }
}

#[test]
fn keys_that_change_nothing_are_let_through() {
    let right = without_extras("llama_gqa");
    let mut file = gguf(&right, "llama", GgmlDType::F32);
    let layers = right.config.num_hidden_layers;
    let kv = u32::try_from(right.config.num_key_value_heads).expect("small");
    for (key, value) in [
        ("llama.expert_count", Value::U32(0)),
        ("llama.expert_used_count", Value::U32(0)),
        ("llama.logit_scale", Value::F32(1.0)),
        ("llama.attention.scale", Value::F32(0.25)),
        ("llama.attention.causal", Value::Bool(true)),
        ("llama.attention.layer_norm_epsilon", Value::F32(0.5)),
        (
            "llama.attention.head_count_kv",
            Value::Array(vec![Value::U32(kv); layers]),
        ),
        ("llama.rope.scaling.finetuned", Value::Bool(true)),
        ("llama.rope.scaling.factor", Value::F32(0.0)),
        ("llama.vocab_size", Value::U32(1)),
        ("general.type", Value::String("model".into())),
        ("general.file_type", Value::U32(7)),
        ("quantize.imatrix.file", Value::String("x".into())),
        ("somebody.note", Value::String("x".into())),
        ("tokenizer.ggml.padding_token_id", Value::U32(0)),
        ("tokenizer.ggml.add_eos_token", Value::Bool(false)),
    ] {
        file.set(key, value);
    }
    assert_eq!(refusal(&file), "");
    assert!(distance(&read(&file), &right, &LONG_TOKENS) < TOLERANCE);
}

#[test]
fn tensors_that_are_not_understood_are_refused_by_name() {
    let right = without_extras("llama_gqa");
    for name in [
        "blk.0.attn_output.bias",
        "blk.1.ffn_gate.bias",
        "blk.0.attn_q_norm.weight",
        "blk.2.attn_norm.weight",
        "rope_factors_long.weight",
        "v.patch_embd.weight",
    ] {
        let mut file = gguf(&right, "llama", GgmlDType::F32);
        file.add(name, &[1.0; 32]);
        let error = refusal(&file);
        assert!(error.contains(name), "{name}: {error}");
    }
    let mut file = gguf(&right, "llama", GgmlDType::F32);
    file.add("blk.0.attn_rot_embd.weight", &[1.0; 32]);
    assert_eq!(refusal(&file), "", "what follows from the metadata");
    // There it has no place in the arithmetic.
    let mut file = gguf(&without_extras("qwen2"), "qwen2", GgmlDType::F32);
    file.add("rope_freqs.weight", &[2.0; 4]);
    assert!(refusal(&file).contains("rope_freqs.weight"));
}
