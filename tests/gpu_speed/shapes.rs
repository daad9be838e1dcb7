//! Models of usual shapes with random weights.

use half::f16;
use pressure_test::load::{self, Files};
use pressure_test::model::{Block, Config, Linear, Model, Norm, Rope, Scaling};
use pressure_test::weight::{Dense, Floats, Layout, Quantized, Storage, Weight};
use std::path::Path;
use std::sync::Arc;

/// The sizes of a Llama.
pub struct Shape {
    pub name: &'static str,
    hidden: usize,
    inner: usize,
    layers: usize,
    heads: usize,
    key_value_heads: usize,
    vocab_size: usize,
    /// Whether the processor is measured too.
    pub on_processor: bool,
}

/// SmolLM2-135M and -360M, and Llama-3.2-1B; and one with next to no arithmetic, which shows what operations cost by themselves.
pub const SHAPES: [Shape; 4] = [
    Shape {
        name: "thin",
        layers: 30,
        on_processor: false,
        ..SMALL
    },
    Shape {
        name: "135M",
        hidden: 576,
        inner: 1536,
        layers: 30,
        heads: 9,
        key_value_heads: 3,
        vocab_size: 49152,
        on_processor: true,
    },
    Shape {
        name: "360M",
        hidden: 960,
        inner: 2560,
        layers: 32,
        heads: 15,
        key_value_heads: 5,
        vocab_size: 49152,
        on_processor: false,
    },
    Shape {
        name: "1B",
        hidden: 2048,
        inner: 8192,
        layers: 16,
        heads: 32,
        key_value_heads: 8,
        vocab_size: 128_256,
        on_processor: false,
    },
];

/// For a test of the table itself.
pub const SMALL: Shape = Shape {
    name: "small",
    hidden: 64,
    inner: 96,
    layers: 2,
    heads: 4,
    key_value_heads: 2,
    vocab_size: 300,
    on_processor: true,
};

/// How the linear layers are stored; embedding and head are f16.
#[derive(Clone, Copy)]
pub enum Form {
    F16,
    /// Codes of so many bits, in groups of 64.
    Codes(u8),
}

pub const FORMS: [Form; 3] = [Form::F16, Form::Codes(8), Form::Codes(4)];

impl Form {
    pub fn name(self) -> String {
        match self {
            Self::F16 => "f16".into(),
            Self::Codes(bits) => format!("{bits} bits, groups of 64"),
        }
    }
}

/// Numbers that look random (Marsaglia's xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8
    }
}

impl Shape {
    pub fn model(&self, form: Form) -> Model {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/llama_gqa");
        // Where the checkout lies elsewhere than it was built.
        let folder = if folder.exists() {
            folder
        } else {
            "tests/golden/llama_gqa".into()
        };
        let read = |file: &&str| {
            let bytes = std::fs::read(folder.join(file)).expect("a file");
            ((*file).to_owned(), bytes)
        };
        let files: Files = load::FILES.iter().map(read).collect();
        let mut model = load::model(self.name, &files).unwrap_or_else(|error| panic!("{error}"));
        let head_dim = self.hidden / self.heads;
        let theta = 10000.0f32;
        let pairs = head_dim / 2;
        let frequency = |pair| theta.powf(-(pair as f32) / pairs as f32);
        model.config = Config {
            hidden_size: self.hidden,
            intermediate_size: self.inner,
            num_hidden_layers: self.layers,
            num_attention_heads: self.heads,
            num_key_value_heads: self.key_value_heads,
            head_dim,
            vocab_size: self.vocab_size,
            max_position_embeddings: 8192,
            ropes: vec![Rope {
                theta,
                scaling: Scaling::None,
                frequencies: (0..pairs).map(frequency).collect(),
                factor: 1.0,
            }],
            sliding_layers: vec![false; self.layers],
            turning_layers: vec![true; self.layers],
            convolution_layers: vec![false; self.layers],
            query_scale: 1.0 / (head_dim as f32).sqrt(),
            tie_word_embeddings: true,
            eos_token_ids: Vec::new(),
            ..model.config
        };
        let mut random = Random::new(self.hidden as u64);
        model.embedding = Arc::new(dense(&mut random, self.vocab_size, self.hidden));
        model.head = Arc::clone(&model.embedding);
        model.norm = self.norm();
        model.blocks = (0..self.layers)
            .map(|_| self.block(&mut random, form))
            .collect();
        model
    }

    fn norm(&self) -> Norm {
        Norm {
            scale: vec![1.0; self.hidden].into(),
            bias: None,
        }
    }

    fn block(&self, random: &mut Random, form: Form) -> Block {
        let mut linear = |rows, cols| Linear {
            name: String::new(),
            weight: Arc::new(match form {
                Form::F16 => dense(random, rows, cols),
                Form::Codes(bits) => codes(random, rows, cols, bits),
            }),
            bias: None,
        };
        let (hidden, inner) = (self.hidden, self.inner);
        let key_value = hidden / self.heads * self.key_value_heads;
        Block {
            input_norm: Some(self.norm()),
            query: linear(hidden, hidden),
            key: linear(key_value, hidden),
            value: linear(key_value, hidden),
            convolution: None,
            attended_norm: None,
            output: linear(hidden, hidden),
            query_norm: None,
            key_norm: None,
            output_norm: None,
            post_norm: Some(self.norm()),
            gate: Some(linear(inner, hidden)),
            up: linear(inner, hidden),
            inner_norm: None,
            down: linear(hidden, inner),
            down_norm: None,
            sliding: false,
            turning: true,
        }
    }
}

/// Values of both signs, about `1 / sqrt(cols)` in size.
fn dense(random: &mut Random, rows: usize, cols: usize) -> Weight {
    let size = 1.7 / (cols as f32).sqrt();
    let table: Vec<f16> = (0..1 << 12)
        .map(|i| f16::from_f32(size * (i as f32 / 2048.0 - 1.0)))
        .collect();
    let mut values = Vec::with_capacity(rows * cols + 4);
    while values.len() < rows * cols {
        let bits = random.next();
        let value = |part: u64| {
            let place = usize::try_from(bits >> (12 * part) & 0xfff);
            table[place.expect("12 bits")]
        };
        values.extend([value(0), value(1), value(2), value(3)]);
    }
    values.truncate(rows * cols);
    Weight::Dense(Dense::new(rows, cols, Floats::F16(values)).expect("a matrix"))
}

fn codes(random: &mut Random, rows: usize, cols: usize, bits: u8) -> Weight {
    let group_size = 64;
    let layout = Layout {
        shape: [rows, cols],
        bits,
        group_size,
        symmetric: true,
        scales: Storage::F16,
    };
    let bytes = rows * (cols * usize::from(bits)).div_ceil(32) * 4;
    let mut packed = Vec::with_capacity(bytes + 8);
    while packed.len() < bytes {
        packed.extend_from_slice(&random.next().to_le_bytes()[..7]);
    }
    packed.truncate(bytes);
    let size = 1.7 / (cols as f32).sqrt() / f32::from(1u16 << (bits - 1));
    let scale = |_| f16::from_f32(size * (0.5 + (random.next() % 1000) as f32 / 1000.0));
    let scales = (0..rows * layout.groups()).map(scale).collect();
    let packed = Quantized::from_parts(layout, packed, Floats::F16(scales), None::<Vec<u8>>);
    Weight::Quantized(packed.expect("a matrix"))
}
