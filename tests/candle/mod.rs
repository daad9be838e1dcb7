//! Logits of candle-transformers, in f32: `[tokens, vocab_size]`.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use candle_core::{DType, Device, Tensor};
use candle_transformers::models::llama::{Cache, Llama, LlamaConfig};

/// Of a Llama model in a Hugging Face folder, from the bytes of two of its files.
pub fn logits(config: &[u8], weights: &[u8], tokens: &[u32]) -> Vec<f64> {
    let config: LlamaConfig = serde_json::from_slice(config).expect("a Llama config");
    let config = config.into_config(false);
    let tensors = candle_core::safetensors::load_buffer(weights, &Device::Cpu).expect("tensors");
    let weights = candle_nn::VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
    let llama = Llama::load(weights, &config).expect("a model");
    prefixes(tokens, |input| {
        let mut cache = Cache::new(false, DType::F32, &config, &Device::Cpu)?;
        llama.forward(input, 0, &mut cache)
    })
}

/// Models of candle give the logits after the last token only.
pub fn prefixes(
    tokens: &[u32],
    mut last: impl FnMut(&Tensor) -> candle_core::Result<Tensor>,
) -> Vec<f64> {
    let logits = (1..=tokens.len()).map(|end| {
        let input = Tensor::new(&tokens[..end], &Device::Cpu).and_then(|t| t.unsqueeze(0));
        let logits = last(&input.expect("tokens")).and_then(|t| t.flatten_all()?.to_vec1::<f32>());
        logits.expect("logits")
    });
    logits.flatten().map(f64::from).collect()
}
