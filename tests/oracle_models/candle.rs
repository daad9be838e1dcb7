//! The same models in candle-transformers, f32.

use super::{NOTICED, TOLERANCE, differences, largest_difference, logits, read_folder};
use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::{
    gemma, gemma2, gemma3, llama, mistral, olmo2, phi, phi3, qwen2, qwen3,
};
use pressure_test::load::{self, Files};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::Path;

/// The logits after the last of some tokens.
type Forward = Box<dyn FnMut(&Tensor) -> Result<Tensor>>;

fn read<C: DeserializeOwned>(config: &Value) -> C {
    serde_json::from_value(config.clone()).expect("a config of candle-transformers")
}

fn build(config: &Value, weights: VarBuilder) -> Result<Forward> {
    macro_rules! causal {
        ($model:expr) => {{
            let mut model = $model;
            Box::new(move |tokens: &Tensor| {
                model.clear_kv_cache();
                model.forward(tokens, 0)
            }) as Forward
        }};
    }
    Ok(match config["model_type"].as_str() {
        Some("llama") => {
            let config = read::<llama::LlamaConfig>(config).into_config(false);
            let model = llama::Llama::load(weights, &config)?;
            Box::new(move |tokens| {
                let mut cache = llama::Cache::new(false, DType::F32, &config, &Device::Cpu)?;
                model.forward(tokens, 0, &mut cache)
            })
        }
        Some("mistral") => causal!(mistral::Model::new(&read(config), weights)?),
        Some("qwen2") => causal!(qwen2::ModelForCausalLM::new(&read(config), weights)?),
        Some("qwen3") => causal!(qwen3::ModelForCausalLM::new(&read(config), weights)?),
        Some("phi3") => causal!(phi3::Model::new(&read(config), weights)?),
        Some("phi") => {
            let mut model = phi::Model::new(&read(config), weights)?;
            Box::new(move |tokens| {
                model.clear_kv_cache();
                model.forward(tokens)
            })
        }
        Some("olmo2") => causal!(olmo2::Model::new(&read(config), weights)?),
        Some("gemma") => causal!(gemma::Model::new(false, &read(config), weights)?),
        Some("gemma2") => causal!(gemma2::Model::new(false, &read(config), weights)?),
        _ => causal!(gemma3::Model::new(false, &read(config), weights)?),
    })
}

/// What candle does not know, or counts otherwise, is left out of a config; what it must be told is added.
fn shared_config(files: &Files) -> Value {
    let mut config: Value = serde_json::from_slice(&files["config.json"]).expect("JSON");
    let fields = config.as_object_mut().expect("an object");
    fields.remove("rope_scaling");
    // It scales by the width of a head whatever the config says, and its windows are one token wider.
    if let Some(width) = fields.get("head_dim").cloned() {
        fields.insert("query_pre_attn_scalar".into(), width);
    }
    fields.insert("sliding_window".into(), json!(128));
    // Its legacy name means the other form there.
    if fields["model_type"] == "gemma" {
        fields.insert("hidden_act".into(), json!("gelu_pytorch_tanh"));
    }
    for (name, value) in [
        ("use_sliding_window", json!(false)),
        ("max_window_layers", json!(28)),
        ("attention_bias", json!(false)),
        ("qk_layernorm", json!(false)),
    ] {
        fields.entry(name).or_insert(value);
    }
    config
}

fn candle_logits(config: &Value, weights: &[u8], tokens: &[u32]) -> Vec<f64> {
    let tensors = candle_core::safetensors::load_buffer(weights, &Device::Cpu).expect("tensors");
    let weights = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
    let mut forward = build(config, weights).expect("a model");
    // It returns the logits after the last token only.
    let rows = (1..=tokens.len()).map(|end| {
        let input = Tensor::new(&tokens[..end], &Device::Cpu)?.unsqueeze(0)?;
        forward(&input)?.flatten_all()?.to_vec1::<f32>()
    });
    let rows = rows.collect::<Result<Vec<_>>>().expect("logits").concat();
    rows.into_iter().map(f64::from).collect()
}

#[test]
fn logits_are_those_of_candle_transformers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let goldens = [
        "llama_mha",
        "mistral",
        "qwen2",
        "qwen3",
        "olmo2",
        "phi",
        "phi3",
        "gemma",
        "gemma2",
        "gemma3",
    ];
    let folders = goldens.map(|name| root.join("tests/golden").join(name));
    for folder in folders.iter().chain([&root.join("www/public/pebble")]) {
        let mut files = read_folder(folder);
        let config = shared_config(&files);
        files.insert(
            "config.json".into(),
            serde_json::to_vec(&config).expect("JSON"),
        );
        let tokens = [1, 17, 40, 3, 61, 8, 8, 25, 2];
        let model = load::model("test", &files).unwrap_or_else(|error| panic!("{error}"));
        let theirs = candle_logits(&config, &files["model.safetensors"], &tokens);
        let difference = largest_difference(&logits(&model, &tokens), &theirs);
        assert!(difference < TOLERANCE, "{}: {difference}", folder.display());
        for (what, difference) in differences(&model, &tokens, &theirs) {
            assert!(difference > NOTICED, "{}: {what}", folder.display());
        }
    }
}
