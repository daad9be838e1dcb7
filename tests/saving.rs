//! While a model is saved, at most one tensor of it is in memory a second time.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use peak_alloc::PeakAlloc;
use pressure_test::compress::{Chain, sketch};
use pressure_test::load::{self, Files};
use pressure_test::model::Model;
use pressure_test::save::FORMATS;
use pressure_test::wire;
use serde_json::{Map, Value, json};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const HIDDEN: usize = 512;
const INNER: usize = 2048;
const LAYERS: usize = 6;
const VOCAB: usize = 4096;
/// The largest tensor once in f32 and once as bytes; the tokenizer's parts and headers.
const BOUND: usize = 2 * 4 * VOCAB * HIDDEN + (2 << 20);

/// What a reader and a writer of pieces take beside a model, its tokenizer's parts included.
const PIECES: usize = 2 << 20;

/// A model of zeros in f16.
fn model() -> Model {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/llama_f16/");
    let read = |name: &str| std::fs::read(format!("{folder}{name}")).expect("a file");
    let mut config: Value = serde_json::from_slice(&read("config.json")).expect("JSON");
    for (field, value) in [
        ("hidden_size", HIDDEN),
        ("intermediate_size", INNER),
        ("num_hidden_layers", LAYERS),
        ("vocab_size", VOCAB),
        ("num_attention_heads", 8),
        ("num_key_value_heads", 8),
    ] {
        config[field] = value.into();
    }
    let mut tensors = vec![
        ("model.embed_tokens".to_owned(), vec![VOCAB, HIDDEN]),
        ("model.norm".to_owned(), vec![HIDDEN]),
    ];
    for layer in 0..LAYERS {
        for (name, shape) in [
            ("input_layernorm", vec![HIDDEN]),
            ("post_attention_layernorm", vec![HIDDEN]),
            ("self_attn.q_proj", vec![HIDDEN, HIDDEN]),
            ("self_attn.k_proj", vec![HIDDEN, HIDDEN]),
            ("self_attn.v_proj", vec![HIDDEN, HIDDEN]),
            ("self_attn.o_proj", vec![HIDDEN, HIDDEN]),
            ("mlp.gate_proj", vec![INNER, HIDDEN]),
            ("mlp.up_proj", vec![INNER, HIDDEN]),
            ("mlp.down_proj", vec![HIDDEN, INNER]),
        ] {
            tensors.push((format!("model.layers.{layer}.{name}"), shape));
        }
    }
    let mut header = Map::new();
    let mut end = 0;
    for (name, shape) in tensors {
        let start = end;
        end += 2 * shape.iter().product::<usize>();
        let info = json!({"dtype": "F16", "shape": shape, "data_offsets": [start, end]});
        header.insert(format!("{name}.weight"), info);
    }
    let header = Value::Object(header).to_string().into_bytes();
    let mut weights = (header.len() as u64).to_le_bytes().to_vec();
    weights.extend(header);
    weights.resize(weights.len() + end, 0);
    let files = Files::from([
        ("config.json".to_owned(), config.to_string().into_bytes()),
        ("model.safetensors".to_owned(), weights),
        ("tokenizer.json".to_owned(), read("tokenizer.json")),
    ]);
    load::model("zeros", &files).expect("a model")
}

/// What is taken beside what is there already.
fn taken(work: impl FnOnce()) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    work();
    MEMORY.peak_usage().saturating_sub(before)
}

/// One test, so that nothing else asks for memory meanwhile.
#[test]
fn saving_takes_the_memory_of_one_tensor() {
    let whole = model();
    let settings = json!({"bits": 8, "group_size": 32, "symmetric": true});
    let settings = settings.as_object().expect("an object");
    let chain = Chain::new("round_to_nearest", settings).expect("a chain");
    for model in [&whole, &sketch(&whole, &chain)] {
        for format in FORMATS {
            let streamed = taken(|| {
                for file in (format.plan)(model).expect("files") {
                    file.write(&mut std::io::sink()).expect("written");
                }
            });
            let in_memory = taken(|| drop(format.write(model).expect("files")));
            let name = format.name;
            assert!(
                streamed < BOUND,
                "{name}: {streamed} bytes, {BOUND} allowed"
            );
            assert!(
                in_memory > BOUND,
                "{name}: {in_memory} bytes would not be noticed"
            );
        }
        // Handed to another worker, not even a tensor is twice in memory on either side.
        let written = taken(|| wire::write(model, &mut std::io::sink()).expect("written"));
        assert!(written < PIECES, "{written} bytes");
        let mut bytes = Vec::new();
        wire::write(model, &mut bytes).expect("written");
        let read = taken(|| drop(wire::read(&bytes).expect("a model")));
        let kept = model.linear_bytes() + model.other_bytes();
        assert!(read < kept + PIECES, "{read} bytes, {kept} are kept");
    }
}
