//! What GGUF files say of positions.

use super::TOLERANCE;
use super::formats::distance;
use super::gguf::{LONG_TOKENS, changed, read};
use super::gguf_writer::{File, gguf};
use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::Value;
use pressure_test::model::{Model, Rope, Scaling};
use serde_json::json;

#[test]
fn what_stretches_positions_is_honoured() {
    let golden = |name: &str| changed(name, &[]);
    // Llama 3: what frequencies are divided by.
    let right = golden("llama_rope_llama3");
    let rope = &right.config.ropes[0];
    let plain = Rope::plain(rope.theta, 2 * rope.frequencies.len());
    let plain = plain.frequencies.iter().zip(&rope.frequencies);
    let divisors: Vec<f32> = plain.map(|(plain, stretched)| plain / stretched).collect();
    let mut file = gguf(&right, "llama", GgmlDType::F32);
    let unstretched = distance(&read(&file), &right, &LONG_TOKENS);
    assert!(unstretched > 10.0 * TOLERANCE, "{unstretched}");
    file.add("rope_freqs.weight", &divisors);
    assert!(distance(&read(&file), &right, &LONG_TOKENS) < TOLERANCE);

    // One factor for all.
    let right = golden("llama_rope_linear");
    let rope = &right.config.ropes[0];
    let factor = Rope::plain(rope.theta, 2 * rope.frequencies.len()).frequencies[0];
    let factor = Value::F32(factor / rope.frequencies[0]);
    let file = || gguf(&right, "llama", GgmlDType::F32);
    for keys in [
        &["rope.scaling.factor"][..],
        &["rope.scaling.factor", "rope.scaling.type"],
        &["rope.scale_linear"],
    ] {
        let mut file = file();
        for key in keys {
            let value = match *key {
                "rope.scaling.type" => Value::String("linear".into()),
                _ => factor.clone(),
            };
            file.set(&format!("llama.{key}"), value);
        }
        let difference = distance(&read(&file), &right, &LONG_TOKENS);
        assert!(difference < TOLERANCE, "{keys:?}: {difference}");
    }
    let mut none = file();
    none.set("llama.rope.scaling.factor", factor.clone());
    none.set("llama.rope.scaling.type", Value::String("none".into()));
    let rope = &read(&none).config.ropes[0];
    assert_eq!(*rope, Rope::plain(rope.theta, 2 * rope.frequencies.len()));

    // Gemma 3: in layers without a window alone.
    let right = changed("gemma3", &[("query_pre_attn_scalar", json!(16))]);
    let mut file = gguf(&right, "gemma3", GgmlDType::F32);
    file.set("gemma3.rope.scaling.factor", Value::F32(3.0));
    assert!(distance(&read(&file), &right, &LONG_TOKENS) < TOLERANCE);
}

/// Phi-3 with short and long factors, as the converter writes it: nothing names the kind.
pub fn phi3_longrope() -> (Model, File) {
    let right = changed("phi3_longrope", &[]);
    let Scaling::Long(scaling) = right.config.ropes[0].scaling.clone() else {
        panic!("it is stretched by longrope");
    };
    let mut file = gguf(&right, "phi3", GgmlDType::F32);
    file.add("rope_factors_short.weight", &scaling.short);
    file.add("rope_factors_long.weight", &scaling.long);
    let attention = Value::F32(right.config.ropes[0].factor);
    file.set("phi3.rope.scaling.attn_factor", attention);
    let length = u32::try_from(right.config.max_position_embeddings).expect("small");
    file.set(
        "phi3.rope.scaling.original_context_length",
        Value::U32(length),
    );
    file.set("phi3.context_length", Value::U32(16 * length));
    (right, file)
}

#[test]
fn longrope_without_its_name_is_honoured() {
    let (right, file) = phi3_longrope();
    let back = read(&file);
    assert!(right.config.ropes[0].factor > 1.0);
    let turns = |model: &Model| {
        let rope = &model.config.ropes[0];
        (rope.frequencies.clone(), rope.factor)
    };
    assert_eq!(turns(&back), turns(&right));
    assert_eq!(
        back.config.max_position_embeddings,
        right.config.max_position_embeddings
    );
    assert!(distance(&back, &right, &LONG_TOKENS) < TOLERANCE);
}
