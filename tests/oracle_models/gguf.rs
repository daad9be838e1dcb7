//! GGUF files as the converter of llama.cpp lays them out, and as candle-transformers reads them.

use super::formats::{TOKENS, distance, golden, load};
use super::{TOLERANCE, largest_difference, logits, read_folder};
use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use candle_transformers::models::{
    quantized_gemma3, quantized_llama, quantized_phi3, quantized_qwen2, quantized_qwen3,
};
use pressure_test::backend::Activation;
use pressure_test::load::Files;
use pressure_test::model::{Block, Linear, Model};
use pressure_test::weight::Weight;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::Cursor;

/// A matrix `[rows, cols]` of rows of other matrices.
struct Rows(Vec<Vec<f32>>);

impl Rows {
    fn of(linear: &Linear) -> Self {
        let matrix = linear.weight.to_matrix();
        Self(
            (0..matrix.rows)
                .map(|row| matrix.row(row).to_vec())
                .collect(),
        )
    }

    /// Neighbours turned with one another, as llama.cpp has Llama's heads.
    fn turned(self, heads: usize) -> Self {
        let width = self.0.len() / heads;
        let place =
            |row: usize| row / width * width + row % width % 2 * (width / 2) + row % width / 2;
        Self(
            (0..self.0.len())
                .map(|row| self.0[place(row)].clone())
                .collect(),
        )
    }
}

struct Writer {
    tensors: Vec<(String, QTensor)>,
    kind: GgmlDType,
}

impl Writer {
    fn vector(&mut self, name: String, values: &[f32]) {
        let tensor = Tensor::new(values, &Device::Cpu).expect("a tensor");
        let tensor = QTensor::quantize(&tensor, GgmlDType::F32).expect("a tensor");
        self.tensors.push((name, tensor));
    }

    fn matrix(&mut self, name: &str, rows: Rows) {
        let tensor = Tensor::new(rows.0, &Device::Cpu).expect("a tensor");
        let tensor = QTensor::quantize(&tensor, self.kind).expect("a tensor");
        self.tensors.push((format!("{name}.weight"), tensor));
    }

    fn linears(&mut self, name: &str, linears: &[&Linear], turned: Option<usize>) {
        let rows = linears.iter().flat_map(|linear| {
            let rows = Rows::of(linear);
            turned
                .map_or(Rows(rows.0.clone()), |heads| rows.turned(heads))
                .0
        });
        self.matrix(name, Rows(rows.collect()));
        let bias: Option<Vec<_>> = linears.iter().map(|linear| linear.bias.clone()).collect();
        if let Some(bias) = bias {
            let bias: Vec<f32> = bias.iter().flat_map(|bias| bias.iter().copied()).collect();
            self.vector(format!("{name}.bias"), &bias);
        }
    }

    fn block(&mut self, model: &Model, index: usize, block: &Block) {
        let at = |name: &str| format!("blk.{index}.{name}");
        let (heads, family) = (model.config.heads(), model.family.name);
        let turned = |count| (family == "llama").then_some(count);
        if matches!(family, "phi3" | "gpt2" | "gpt_neox") {
            self.linears(
                &at("attn_qkv"),
                &[&block.query, &block.key, &block.value],
                None,
            );
        } else {
            self.linears(&at("attn_q"), &[&block.query], turned(heads.query));
            self.linears(&at("attn_k"), &[&block.key], turned(heads.key_value));
            self.linears(&at("attn_v"), &[&block.value], None);
        }
        self.linears(&at("attn_output"), &[&block.output], None);
        match &block.gate {
            Some(gate) if family == "phi3" => self.linears(&at("ffn_up"), &[gate, &block.up], None),
            Some(gate) => {
                self.linears(&at("ffn_gate"), &[gate], None);
                self.linears(&at("ffn_up"), &[&block.up], None);
            }
            None => self.linears(&at("ffn_up"), &[&block.up], None),
        }
        self.linears(&at("ffn_down"), &[&block.down], None);
        for (name, norm) in [
            ("attn_norm", Some(&block.input_norm)),
            ("attn_q_norm", block.query_norm.as_ref()),
            ("attn_k_norm", block.key_norm.as_ref()),
            ("post_attention_norm", block.output_norm.as_ref()),
            ("ffn_norm", Some(&block.post_norm)),
            ("post_ffw_norm", block.down_norm.as_ref()),
        ] {
            self.norm(&at(name), norm);
        }
    }

    fn norm(&mut self, name: &str, norm: Option<&pressure_test::model::Norm>) {
        if let Some(norm) = norm {
            self.vector(format!("{name}.weight"), &norm.scale);
            if let Some(bias) = &norm.bias {
                self.vector(format!("{name}.bias"), bias);
            }
        }
    }
}

/// A GGUF file of a model, as the converter of llama.cpp lays it out.
fn gguf(model: &Model, architecture: &str, kind: GgmlDType) -> Vec<u8> {
    let mut writer = Writer {
        tensors: Vec::new(),
        kind,
    };
    let table = |weight: &pressure_test::weight::Weight| {
        let matrix = weight.to_matrix();
        Rows(
            (0..matrix.rows)
                .map(|row| matrix.row(row).to_vec())
                .collect(),
        )
    };
    writer.matrix("token_embd", table(&model.embedding));
    if let Some(positions) = &model.positions {
        writer.matrix("position_embd", table(positions));
    }
    if !model.is_tied() || matches!(architecture, "phi3" | "llama") {
        // Candle asks for it.
        writer.matrix("output", table(&model.head));
    }
    writer.norm("output_norm", Some(&model.norm));
    for (index, block) in model.blocks.iter().enumerate() {
        writer.block(model, index, block);
    }
    let metadata = metadata(model, architecture);
    let metadata: Vec<(&str, &Value)> = metadata
        .iter()
        .map(|(key, value)| (&key[..], value))
        .collect();
    let tensors: Vec<(&str, &QTensor)> = writer
        .tensors
        .iter()
        .map(|(name, tensor)| (&name[..], tensor))
        .collect();
    let mut file = Cursor::new(Vec::new());
    gguf_file::write(&mut file, &metadata, &tensors).expect("a file");
    file.into_inner()
}

fn metadata(model: &Model, architecture: &str) -> Vec<(String, Value)> {
    let config = &model.config;
    let number = |value: usize| Value::U32(u32::try_from(value).expect("small"));
    let text = |text: &str| Value::String(text.to_owned());
    let mut metadata = BTreeMap::from([
        ("general.architecture".to_owned(), text(architecture)),
        ("tokenizer.ggml.model".to_owned(), text("gpt2")),
    ]);
    let mut add = |key: &str, value| metadata.insert(format!("{architecture}.{key}"), value);
    add("context_length", number(config.max_position_embeddings));
    add("embedding_length", number(config.hidden_size));
    add("block_count", number(config.num_hidden_layers));
    add("feed_forward_length", number(config.intermediate_size));
    add("attention.head_count", number(config.num_attention_heads));
    add(
        "attention.head_count_kv",
        number(config.num_key_value_heads),
    );
    add("attention.key_length", number(config.head_dim));
    add("attention.value_length", number(config.head_dim));
    add(
        "attention.layer_norm_rms_epsilon",
        Value::F32(config.norm_eps),
    );
    add(
        "use_parallel_residual",
        Value::Bool(config.parallel_residual),
    );
    if let Some(rope) = config.ropes.first() {
        add("rope.freq_base", Value::F32(rope.theta));
        add("rope.dimension_count", number(2 * rope.frequencies.len()));
    }
    if let Some(window) = config.sliding_window {
        add("attention.sliding_window", number(window));
    }
    for (key, cap) in [
        ("attn_logit_softcapping", config.attention_softcap),
        ("final_logit_softcapping", config.logit_softcap),
    ] {
        if let Some(cap) = cap {
            add(key, Value::F32(cap));
        }
    }
    let json: Json = serde_json::from_slice(model.tokenizer.json()).expect("JSON");
    let vocab = json["model"]["vocab"].as_object().expect("a vocabulary");
    let mut tokens: Vec<(u64, &String)> = vocab
        .iter()
        .map(|(token, id)| (id.as_u64().expect("an id"), token))
        .collect();
    tokens.sort_unstable();
    let tokens = tokens.into_iter().map(|(_, token)| text(token)).collect();
    metadata.insert("tokenizer.ggml.tokens".into(), Value::Array(tokens));
    metadata.insert("tokenizer.ggml.merges".into(), Value::Array(Vec::new()));
    metadata.into_iter().collect()
}

/// The golden model of a name with fields that GGUF has no place for set to what is read without them.
fn without_extras(name: &str) -> Model {
    let mut files = read_folder(&golden(name));
    let mut config: Json = serde_json::from_slice(&files["config.json"]).expect("JSON");
    let fields = config.as_object_mut().expect("an object");
    fields.remove("rope_scaling");
    for (field, value) in [
        ("rope_local_base_freq", json!(10_000.0)),
        ("sliding_window_pattern", json!(6)),
        ("query_pre_attn_scalar", json!(256)),
        (
            "hidden_act",
            json!(if name == "gpt_neox" { "gelu" } else { "silu" }),
        ),
    ] {
        if fields.contains_key(field) {
            fields.insert(field.into(), value);
        }
    }
    files.insert(
        "config.json".into(),
        serde_json::to_vec(&config).expect("JSON"),
    );
    load(&files)
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
    ] {
        let right = without_extras(name);
        let file = gguf(&right, architecture, GgmlDType::F32);
        let back = load(&Files::from([("a.gguf".to_owned(), file.clone())]));
        assert!(distance(&back, &right, &TOKENS) < TOLERANCE, "{name}");
        let Some(theirs) = candle_last(&file, architecture, &TOKENS) else {
            continue;
        };
        let mut back = back;
        if architecture == "gemma3" {
            // Candle's reader of these files scales queries by the width of a head and has SiLU instead of GELU.
            back.config.query_scale = 1.0 / (back.config.head_dim as f32).sqrt();
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
        let file = gguf(&right, "llama", kind);
        let back = load(&Files::from([("a.gguf".to_owned(), file)]));
        let difference = distance(&back, &right, &TOKENS);
        assert!(
            difference > 0.0 && difference < most,
            "{kind:?}: {difference}"
        );
    }
}

/// The bytes of every tensor of a file.
fn contents(file: &[u8]) -> BTreeMap<String, (GgmlDType, Vec<u8>)> {
    let mut reader = Cursor::new(file);
    let content = gguf_file::Content::read(&mut reader).expect("a file");
    let names: Vec<String> = content.tensor_infos.keys().cloned().collect();
    let read = names.into_iter().map(|name| {
        let tensor = content
            .tensor(&mut reader, &name, &Device::Cpu)
            .expect("a tensor");
        let bytes = tensor.data().expect("bytes").to_vec();
        (name, (tensor.dtype(), bytes))
    });
    read.collect()
}

#[test]
fn blocks_stay_packed_and_are_written_back_as_they_were() {
    for (name, architecture) in [("llama_gqa", "llama"), ("qwen2", "qwen2"), ("phi3", "phi3")] {
        let right = without_extras(name);
        for kind in [
            GgmlDType::Q4_0,
            GgmlDType::Q4_1,
            GgmlDType::Q5_0,
            GgmlDType::Q5_1,
            GgmlDType::Q8_0,
        ] {
            let file = gguf(&right, architecture, kind);
            let stored = contents(&file);
            let back = load(&Files::from([("a.gguf".to_owned(), file)]));
            let matrices = stored.values().filter(|(found, _)| *found == kind);
            let bytes: usize = matrices.map(|(_, bytes)| bytes.len()).sum();
            let head = (!back.is_tied()).then_some(&back.head);
            let tables = head.into_iter().chain([&back.embedding]);
            let tables = tables.map(|table| &**table);
            let linears = back.linears().map(|linear| &*linear.weight);
            let taken: usize = linears.chain(tables).map(Weight::bytes).sum();
            assert_eq!(taken, bytes, "{name} {kind:?}");
            if architecture == "phi3" {
                continue;
            }
            let format = pressure_test::save::format("gguf").expect("a format");
            let files = (format.write)(&back).expect("files");
            let again = contents(&files["model.gguf"]);
            for (name, tensor) in stored {
                assert!(again.get(&name) == Some(&tensor), "{kind:?}: {name}");
            }
        }
    }
}
