//! Writes a model as GGUF, as the converter of llama.cpp lays it out.

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use pressure_test::model::{Block, Linear, Model, NormKind};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::io::Cursor;

/// A file before it is written.
pub struct File {
    pub metadata: BTreeMap<String, Value>,
    pub tensors: Vec<(String, QTensor)>,
}

impl File {
    pub fn set(&mut self, key: &str, value: Value) -> &mut Self {
        self.metadata.insert(key.to_owned(), value);
        self
    }

    /// Adds a vector of f32.
    pub fn add(&mut self, name: &str, values: &[f32]) -> &mut Self {
        self.tensors.push((name.to_owned(), vector(values)));
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let metadata: Vec<(&str, &Value)> = self
            .metadata
            .iter()
            .map(|(key, value)| (&key[..], value))
            .collect();
        let tensors: Vec<(&str, &QTensor)> = self
            .tensors
            .iter()
            .map(|(name, tensor)| (&name[..], tensor))
            .collect();
        let mut file = Cursor::new(Vec::new());
        gguf_file::write(&mut file, &metadata, &tensors).expect("a file");
        file.into_inner()
    }

    /// The same in so many parts, as `gguf-split` makes them: the first one holds the metadata.
    pub fn split(mut self, count: u16) -> Vec<Vec<u8>> {
        let total = i32::try_from(self.tensors.len()).expect("few");
        let each = self.tensors.len().div_ceil(usize::from(count));
        let mut parts = Vec::new();
        for number in 0..count {
            let rest = self.tensors.split_off(each.min(self.tensors.len()));
            self.set("split.no", Value::U16(number));
            self.set("split.count", Value::U16(count));
            self.set("split.tensors.count", Value::I32(total));
            parts.push(self.bytes());
            self.metadata.clear();
            self.tensors = rest;
        }
        parts
    }
}

fn vector(values: &[f32]) -> QTensor {
    let tensor = Tensor::new(values, &Device::Cpu).expect("a tensor");
    QTensor::quantize(&tensor, GgmlDType::F32).expect("a tensor")
}

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
        self.tensors.push((name, vector(values)));
    }

    fn matrix(&mut self, name: &str, rows: Rows) {
        let tensor = Tensor::new(rows.0, &Device::Cpu).expect("a tensor");
        let fits = tensor
            .dim(1)
            .is_ok_and(|cols| cols.is_multiple_of(self.kind.block_size()));
        let kind = if fits { self.kind } else { GgmlDType::F16 };
        let tensor = QTensor::quantize(&tensor, kind).expect("a tensor");
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
            let bias = bias.iter().flat_map(|bias| {
                let rows = Rows(bias.iter().map(|value| vec![*value]).collect());
                turned
                    .map_or(Rows(rows.0.clone()), |heads| rows.turned(heads))
                    .0
            });
            let bias: Vec<f32> = bias.flatten().collect();
            self.vector(format!("{name}.bias"), &bias);
        }
    }

    fn block(&mut self, model: &Model, index: usize, block: &Block) {
        let at = |name: &str| format!("blk.{index}.{name}");
        let (heads, family) = (model.config.heads(), model.family.name);
        let turned = |count| {
            matches!(
                family,
                "llama" | "smollm3" | "granite" | "minicpm" | "ernie4_5"
            )
            .then_some(count)
        };
        if let Some(kernel) = &block.convolution {
            let parts = [&block.query, &block.key, &block.value];
            self.linears(&at("shortconv.in_proj"), &parts, None);
            let taps = kernel.chunks_exact(kernel.len() / model.config.hidden_size);
            let taps = taps.map(<[f32]>::to_vec).collect::<Vec<_>>();
            let taps = Tensor::new(taps, &Device::Cpu).expect("a tensor");
            let taps = QTensor::quantize(&taps, GgmlDType::F32).expect("a tensor");
            self.tensors.push((at("shortconv.conv.weight"), taps));
        } else if matches!(family, "phi3" | "gpt2" | "gpt_neox" | "bloom") {
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
        let output = match block.convolution {
            Some(_) => "shortconv.out_proj",
            None => "attn_output",
        };
        self.linears(&at(output), &[&block.output], None);
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
            ("attn_norm", block.input_norm.as_ref()),
            ("attn_q_norm", block.query_norm.as_ref()),
            ("attn_k_norm", block.key_norm.as_ref()),
            ("post_attention_norm", block.output_norm.as_ref()),
            ("ffn_norm", block.post_norm.as_ref()),
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
pub fn gguf(model: &Model, architecture: &str, kind: GgmlDType) -> File {
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
    if let Some(bias) = &model.head_bias {
        writer.vector("output.bias".to_owned(), bias);
    }
    writer.norm("token_embd_norm", model.embedding_norm.as_ref());
    let last = match architecture {
        "lfm2" => "token_embd_norm",
        _ => "output_norm",
    };
    writer.norm(last, Some(&model.norm));
    for (index, block) in model.blocks.iter().enumerate() {
        writer.block(model, index, block);
    }
    File {
        metadata: metadata(model, architecture),
        tensors: writer.tensors,
    }
}

fn metadata(model: &Model, architecture: &str) -> BTreeMap<String, Value> {
    let config = &model.config;
    let number = |value: usize| Value::U32(u32::try_from(value).expect("small"));
    let text = |text: &str| Value::String(text.to_owned());
    let mut metadata = BTreeMap::from([
        ("general.architecture".to_owned(), text(architecture)),
        ("tokenizer.ggml.model".to_owned(), text("gpt2")),
        ("tokenizer.ggml.pre".to_owned(), text("gpt-2")),
    ]);
    let mut add = |key: &str, value| metadata.insert(format!("{architecture}.{key}"), value);
    add("context_length", number(config.max_position_embeddings));
    add("embedding_length", number(config.hidden_size));
    add("block_count", number(config.num_hidden_layers));
    add("feed_forward_length", number(config.intermediate_size));
    add("attention.head_count", number(config.num_attention_heads));
    let heads = match config.convolution_length {
        None => number(config.num_key_value_heads),
        Some(taps) => {
            add("shortconv.l_cache", number(taps));
            let layers = config.convolution_layers.iter();
            let attends = |is_convolution: &bool| usize::from(!is_convolution);
            let heads = layers.map(|layer| number(attends(layer) * config.num_key_value_heads));
            Value::Array(heads.collect())
        }
    };
    add("attention.head_count_kv", heads);
    add("attention.key_length", number(config.head_dim));
    add("attention.value_length", number(config.head_dim));
    let norm = if config.norm == NormKind::Layer {
        "attention.layer_norm_epsilon"
    } else {
        "attention.layer_norm_rms_epsilon"
    };
    add(norm, Value::F32(config.norm_eps));
    if architecture == "gptneox" {
        let parallel = config.parallel_residual;
        add("use_parallel_residual", Value::Bool(parallel));
    }
    if let Some(rope) = config.ropes.first() {
        add("rope.freq_base", Value::F32(rope.theta));
        add("rope.dimension_count", number(2 * rope.frequencies.len()));
    }
    if let Some(rope) = config.ropes.get(1) {
        add("rope.freq_base_swa", Value::F32(rope.theta));
    }
    if architecture == "granite" {
        add("attention.scale", Value::F32(config.query_scale));
    }
    if matches!(architecture, "granite" | "minicpm") {
        for (key, factor) in [
            ("embedding_scale", config.embedding_scale),
            ("residual_scale", config.residual_scale),
            ("logit_scale", config.logit_divisor),
        ] {
            add(key, Value::F32(factor.expect("a factor")));
        }
    }
    if matches!(architecture, "gemma2" | "gemma3") {
        let sliding = config.sliding_layers.iter().map(|is| Value::Bool(*is));
        let key = "attention.sliding_window_pattern";
        add(key, Value::Array(sliding.collect()));
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
    let json: Json = serde_json::from_slice(&model.tokenizer.json().expect("JSON")).expect("JSON");
    let vocab = json["model"]["vocab"].as_object().expect("a vocabulary");
    let mut tokens: Vec<(u64, &String)> = vocab
        .iter()
        .map(|(token, id)| (id.as_u64().expect("an id"), token))
        .collect();
    tokens.sort_unstable();
    let tokens = tokens.into_iter().map(|(_, token)| text(token)).collect();
    metadata.insert("tokenizer.ggml.tokens".into(), Value::Array(tokens));
    metadata.insert("tokenizer.ggml.merges".into(), Value::Array(Vec::new()));
    metadata
}
