//! What the fit check says is what loading takes: for the models of the tests, the built-in one, and larger random ones.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use peak_alloc::PeakAlloc;
use pressure_test::load::{self, Files};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What the fit check says of the program itself, which is measured in the browser.
const PROGRAM: u64 = 2_500_000;
/// The fit check may be off by this share.
const TOLERANCE: f64 = 0.1;

/// The three files of a folder.
fn folder(path: &Path) -> Files {
    let read = |name: &str| std::fs::read(path.join(name)).expect("a file");
    load::FILES.map(|name| (name.to_owned(), read(name))).into()
}

/// A Llama with random weights in f16 and a vocabulary of `tokens` tokens.
fn random(tokens: usize, hidden: usize, blocks: usize) -> Files {
    let config = json!({
        "model_type": "llama", "hidden_size": hidden, "intermediate_size": 3 * hidden, "num_hidden_layers": blocks,
        "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": tokens, "max_position_embeddings": 512,
        "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "eos_token_id": 0,
    });
    let mut header = serde_json::Map::new();
    let mut end = 0;
    let mut tensor = |name: String, shape: &[usize]| {
        let start = end;
        end += 2 * shape.iter().product::<usize>();
        let info = json!({"dtype": "F16", "shape": shape, "data_offsets": [start, end]});
        header.insert(format!("{name}.weight"), info);
    };
    tensor("model.embed_tokens".into(), &[tokens, hidden]);
    tensor("model.norm".into(), &[hidden]);
    for block in 0..blocks {
        for (name, shape) in [
            ("input_layernorm", &[hidden][..]),
            ("post_attention_layernorm", &[hidden]),
            ("self_attn.q_proj", &[hidden, hidden]),
            ("self_attn.k_proj", &[hidden / 2, hidden]),
            ("self_attn.v_proj", &[hidden / 2, hidden]),
            ("self_attn.o_proj", &[hidden, hidden]),
            ("mlp.gate_proj", &[3 * hidden, hidden]),
            ("mlp.up_proj", &[3 * hidden, hidden]),
            ("mlp.down_proj", &[hidden, 3 * hidden]),
        ] {
            tensor(format!("model.layers.{block}.{name}"), shape);
        }
    }
    let header = serde_json::to_vec(&Value::Object(header)).expect("JSON");
    let mut weights = (header.len() as u64).to_le_bytes().to_vec();
    weights.extend(header);
    weights.resize(weights.len() + end, 0);
    Files::from([
        ("config.json".to_owned(), config.to_string().into_bytes()),
        ("model.safetensors".to_owned(), weights),
        ("tokenizer.json".to_owned(), tokenizer(tokens).into_bytes()),
    ])
}

/// 64 letters, and words of two to four of them that are merged from shorter ones.
fn tokenizer(tokens: usize) -> String {
    const LETTERS: usize = 64;
    let mut words: Vec<String> = ('0'..).take(LETTERS).map(String::from).collect();
    let (mut vocabulary, mut merges) = (String::new(), String::new());
    for i in LETTERS..tokens {
        let (left, right) = ((i - LETTERS) / LETTERS, (i - LETTERS) % LETTERS);
        let merge = [&words[left], &words[right]].map(String::clone);
        let comma = if i == LETTERS { "" } else { "," };
        let _ = write!(merges, "{comma}{}", json!(merge));
        words.push(merge.concat());
    }
    for (id, word) in words.iter().enumerate() {
        let comma = if id == 0 { "" } else { "," };
        let _ = write!(vocabulary, "{comma}{}:{id}", json!(word));
    }
    format!(
        r#"{{"version": "1.0", "model": {{"type": "BPE", "vocab": {{{vocabulary}}}, "merges": [{merges}]}}}}"#
    )
}

/// Bytes that loading takes at most, and that stay.
fn taken(files: &Files) -> (u64, u64) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let model = load::model("a model", files).expect("a model");
    let [peak, kept] = [MEMORY.peak_usage(), MEMORY.current_usage()];
    drop(model);
    let of = |usage: usize| usage.saturating_sub(before) as u64;
    (of(peak), of(kept))
}

/// One test, so that nothing else asks for memory meanwhile.
#[test]
fn what_the_fit_check_says_is_what_loading_takes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = [
        "llama_gqa",
        "llama_mha",
        "qwen2",
        "qwen3",
        "phi3",
        "gemma2",
        "gemma3",
        "gpt2",
        "gpt_neox",
        "mistral",
    ];
    let mut models: Vec<(String, Files)> = golden
        .iter()
        .map(|name| {
            (
                (*name).to_owned(),
                folder(&root.join("tests/golden").join(name)),
            )
        })
        .collect();
    models.push((
        "the built-in model".into(),
        folder(&root.join("www/public/pebble")),
    ));
    for (tokens, hidden, blocks) in [
        (32_000, 256, 4),
        (100_000, 384, 2),
        (50_000, 512, 3),
        (4_000, 512, 8),
    ] {
        models.push((
            format!("{tokens} × {hidden}, {blocks} blocks"),
            random(tokens, hidden, blocks),
        ));
    }
    // What is made once and kept: tables of the libraries.
    taken(&models[0].1);
    for (name, files) in models {
        let (peak, kept) = taken(&files);
        let fit = load::fit(&files).expect("numbers");
        let near = |said: u64, taken: u64| {
            assert!(
                (said as f64 / taken as f64 - 1.0).abs() < TOLERANCE,
                "{name}: {said} said, {taken} taken"
            );
        };
        near(fit.loading_bytes, peak + PROGRAM);
        // Around a tiny vocabulary there is more than the vocabulary.
        if fit.tokenizer_bytes > 1 << 20 {
            near(fit.dense_bytes() + fit.tokenizer_bytes, kept);
        }
    }
}
