//! The shape of a model, as config.json gives it. Field names are those of Hugging Face.

use super::bounds::{
    MOST_HEADS, MOST_HIDDEN, MOST_INNER, MOST_LAYERS, MOST_POSITIONS, MOST_TOKENS, WIDEST_HEAD,
};
use super::fields::{Fields, config};
use super::rope::{Rope, original_length, turning};
use crate::backend::Activation;
use crate::error::Result;
use crate::kernel::Heads;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What config.json says of a decoder. Every number has been checked against a bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub num_key_value_heads: usize,
    pub head_dim: usize,
    pub vocab_size: usize,
    pub max_position_embeddings: usize,
    pub norm: NormKind,
    pub norm_eps: f32,
    pub activation: Activation,
    /// Rotary embeddings: none where positions are learned; a second one is that of the layers with a window.
    pub ropes: Vec<Rope>,
    /// How many tokens the layers with a window see, the token itself included.
    pub sliding_window: Option<usize>,
    /// Whether each layer has a window.
    pub sliding_layers: Vec<bool>,
    /// Whether each layer turns queries and keys by their positions.
    pub turning_layers: Vec<bool>,
    /// How many tokens short convolutions see, the token itself included.
    pub convolution_length: Option<usize>,
    /// Whether each layer has one in the place of attention.
    pub convolution_layers: Vec<bool>,
    /// What norms of queries and keys, where there are any, are over.
    pub head_norms: HeadNorms,
    /// What products of queries and keys are multiplied by.
    pub query_scale: f32,
    /// `cap * tanh(x / cap)` for the products of queries and keys, and for the logits.
    pub attention_softcap: Option<f32>,
    pub logit_softcap: Option<f32>,
    /// Whether products of queries and keys sink with the distance of their tokens ([`Heads`]).
    pub alibi: bool,
    /// What embeddings are multiplied by.
    pub embedding_scale: Option<f32>,
    /// What each half of a block is multiplied by before it is added.
    pub residual_scale: Option<f32>,
    /// What logits are divided by.
    pub logit_divisor: Option<f32>,
    /// Rows of the table of learned positions before that of the first token.
    pub position_offset: usize,
    /// Whether the feed-forward part reads what attention reads, instead of what attention leaves.
    pub parallel_residual: bool,
    pub tie_word_embeddings: bool,
    pub biases: Biases,
    /// Tokens that end a text, rising; empty when nothing names one. What config.json says, and for a loaded model
    /// what its other files say too (`load::ends`).
    pub eos_token_ids: Vec<u32>,
}

/// What norms are and how files hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NormKind {
    /// Root mean square, with a scale (Zhang and Sennrich 2019).
    Rms,
    /// The same; folders hold the scale less 1, GGUF files the scale itself.
    RmsPlusOne,
    /// Mean and variance, with scale and bias (Ba et al. 2016).
    Layer,
}

/// What a norm of queries or keys is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeadNorms {
    /// Each head.
    Each,
    /// Each head, once it has been turned by its position.
    EachTurned,
    /// The same without a scale, in layers that turn.
    Unscaled,
    /// All heads at once.
    All,
}

/// Which linear layers have a bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one for each group of layers"
)]
pub struct Biases {
    /// Queries, keys and values.
    pub attention: bool,
    pub output: bool,
    pub feed_forward: bool,
    pub head: bool,
}

impl Config {
    /// Reads the fields that decoders share, with the defaults of Llama.
    pub fn from_fields(fields: &Fields) -> Result<Self> {
        let hidden_size = fields.size("hidden_size", MOST_HIDDEN, None)?;
        let num_attention_heads = fields.size("num_attention_heads", MOST_HEADS, None)?;
        let num_hidden_layers = fields.size("num_hidden_layers", MOST_LAYERS, None)?;
        let head_dim = (hidden_size / num_attention_heads).max(1);
        let head_dim = fields.size("head_dim", WIDEST_HEAD, Some(head_dim))?;
        let most = fields.size("max_position_embeddings", MOST_POSITIONS, Some(2048))?;
        let attention_bias = fields.flag("attention_bias")?;
        let config = Self {
            hidden_size,
            intermediate_size: fields.size("intermediate_size", MOST_INNER, None)?,
            num_hidden_layers,
            num_attention_heads,
            num_key_value_heads: fields.size(
                "num_key_value_heads",
                num_attention_heads,
                Some(num_attention_heads),
            )?,
            head_dim,
            vocab_size: fields.size("vocab_size", MOST_TOKENS, None)?,
            max_position_embeddings: original_length(fields)?.map_or(most, |short| most.min(short)),
            norm: NormKind::Rms,
            norm_eps: fields.positive("rms_norm_eps", 1e-6)?,
            activation: activation(fields)?,
            ropes: vec![Rope::read(
                fields,
                "full_attention",
                turning(fields, head_dim)?,
            )?],
            sliding_window: None,
            sliding_layers: vec![false; num_hidden_layers],
            turning_layers: vec![true; num_hidden_layers],
            convolution_length: None,
            convolution_layers: vec![false; num_hidden_layers],
            head_norms: HeadNorms::Each,
            query_scale: 1.0 / (head_dim as f32).sqrt(),
            attention_softcap: None,
            alibi: false,
            logit_softcap: None,
            embedding_scale: None,
            residual_scale: None,
            logit_divisor: None,
            position_offset: 0,
            parallel_residual: false,
            tie_word_embeddings: fields.flag("tie_word_embeddings")?,
            biases: Biases {
                attention: attention_bias,
                output: attention_bias,
                feed_forward: fields.flag("mlp_bias")?,
                head: false,
            },
            eos_token_ids: fields.tokens("eos_token_id")?,
        };
        config.check()?;
        Ok(config)
    }

    /// Gives `sliding_window`, where there is one, to the layers that `layer_types` names or, without it, `default`.
    pub(super) fn with_windows(
        mut self,
        fields: &Fields,
        default: impl Fn(usize) -> bool,
    ) -> Result<Self> {
        if fields.present("sliding_window").is_none() {
            return Ok(self);
        }
        self.sliding_window = Some(fields.size("sliding_window", MOST_POSITIONS, None)?);
        let layers = self.num_hidden_layers;
        self.sliding_layers = match fields.value("layer_types") {
            Value::Array(types) if types.len() == layers => types
                .iter()
                .map(|kind| match kind.as_str() {
                    Some("sliding_attention") => Ok(true),
                    Some("full_attention") => Ok(false),
                    _ => Err(config(
                        "layer_types",
                        format!("holds {kind}, which is not supported"),
                    )),
                })
                .collect::<Result<_>>()?,
            Value::Null => (0..layers).map(default).collect(),
            _ => {
                let problem = format!("must be a list of {layers} texts, one for each layer");
                return Err(config("layer_types", problem));
            }
        };
        Ok(self)
    }

    /// The same with the scale of queries and the soft caps of Gemma.
    pub(super) fn with_caps(mut self, fields: &Fields) -> Result<Self> {
        if fields.get("query_pre_attn_scalar").is_some() {
            self.query_scale = 1.0 / fields.positive("query_pre_attn_scalar", 1.0)?.sqrt();
        }
        self.attention_softcap = fields.optional("attn_logit_softcapping")?;
        self.logit_softcap = fields.optional("final_logit_softcapping")?;
        self.embedding_scale = Some((self.hidden_size as f32).sqrt());
        Ok(self)
    }

    /// Rows of the three layers of a block that read its input: queries, keys and values, or the three parts of a convolution.
    #[must_use]
    pub fn mixer_rows(&self, layer: usize) -> [usize; 3] {
        if self.convolution_layers[layer] {
            return [self.hidden_size; 3];
        }
        let [queries, keys] =
            [self.num_attention_heads, self.num_key_value_heads].map(|heads| heads * self.head_dim);
        [queries, keys, keys]
    }

    /// Widths of the norms of queries and keys.
    #[must_use]
    pub fn head_norm_widths(&self) -> [usize; 2] {
        [self.num_attention_heads, self.num_key_value_heads].map(|heads| match self.head_norms {
            HeadNorms::Each | HeadNorms::EachTurned | HeadNorms::Unscaled => self.head_dim,
            HeadNorms::All => heads * self.head_dim,
        })
    }

    /// Rows of the table of learned positions.
    #[must_use]
    pub fn position_rows(&self) -> usize {
        self.max_position_embeddings + self.position_offset
    }

    /// How queries, keys and values are divided, and how queries meet keys.
    #[must_use]
    pub fn heads(&self) -> Heads {
        Heads {
            query: self.num_attention_heads,
            key_value: self.num_key_value_heads,
            width: self.head_dim,
            scale: self.query_scale,
            softcap: self.attention_softcap,
            alibi: self.alibi,
        }
    }
}

fn activation(fields: &Fields) -> Result<Activation> {
    match fields.word("hidden_act", "silu")? {
        "silu" | "swish" => Ok(Activation::Silu),
        "gelu" => Ok(Activation::Gelu),
        "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Ok(Activation::GeluTanh),
        "relu" => Ok(Activation::Relu),
        "relu2" => Ok(Activation::ReluSquared),
        other => Err(config(
            "hidden_act",
            format!(
                "is {other}; silu, gelu, gelu_new, gelu_pytorch_tanh, relu and relu2 are supported"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn read(change: &str) -> Result<Config> {
        let mut fields: Map<String, Value> = serde_json::from_str(
            r#"{"hidden_size": 64, "intermediate_size": 172, "num_hidden_layers": 5,
                "num_attention_heads": 8, "num_key_value_heads": 4, "vocab_size": 512}"#,
        )
        .expect("valid JSON");
        let change: Map<String, Value> = serde_json::from_str(change).expect("valid JSON");
        fields.extend(change);
        Config::from_fields(&fields.into())
    }

    #[test]
    fn absent_fields_have_the_defaults_of_transformers() {
        let config = read("{}").expect("a plain config is read");
        assert_eq!((config.head_dim, config.ropes[0].theta), (8, 10_000.0));
        assert_eq!(config.max_position_embeddings, 2048);
    }

    #[test]
    fn impossible_fields_are_named() {
        for (change, field) in [
            (r#"{"hidden_size": 0}"#, "hidden_size"),
            (r#"{"hidden_size": 1e30}"#, "hidden_size"),
            (r#"{"vocab_size": -1}"#, "vocab_size"),
            (r#"{"num_hidden_layers": null}"#, "num_hidden_layers"),
            (r#"{"num_key_value_heads": 3}"#, "num_key_value_heads"),
            (r#"{"head_dim": 7}"#, "head_dim"),
            (r#"{"rms_norm_eps": 0}"#, "rms_norm_eps"),
            (r#"{"hidden_act": "mish"}"#, "hidden_act"),
            (r#"{"rope_scaling": {"rope_type": "yarn"}}"#, "yarn"),
            (
                r#"{"rope_scaling": {"rope_type": "llama3"}}"#,
                "original_max_position_embeddings",
            ),
            (
                r#"{"rope_scaling": {"type": "linear", "factor": 0}}"#,
                "factor",
            ),
            (
                r#"{"rope_scaling": {"type": "longrope", "short_factor": [1]}, "max_position_embeddings": 9}"#,
                "short_factor",
            ),
        ] {
            let error = read(change).expect_err(change).to_string();
            assert!(error.contains(field), "{change}: {error}");
        }
    }

    #[test]
    fn one_end_token_or_several() {
        let ends = |change| read(change).expect("read").eos_token_ids;
        assert_eq!(ends(r#"{"eos_token_id": 2}"#), [2]);
        assert_eq!(ends(r#"{"eos_token_id": [2, 7]}"#), [2, 7]);
    }

    #[test]
    fn windows_go_to_the_layers_that_are_named() {
        let windows = |change: Value| {
            let fields = Fields::default().with_defaults(change);
            let config = read("{}")?.with_windows(&fields, |i| i % 2 == 0)?;
            Ok::<_, crate::Error>((config.sliding_window, config.sliding_layers))
        };
        let none = windows(json!({})).expect("read");
        assert_eq!(none, (None, vec![false; 5]));
        let some = windows(json!({"sliding_window": 7})).expect("read");
        assert_eq!(some, (Some(7), vec![true, false, true, false, true]));
        let kinds = json!({"sliding_window": 7, "layer_types": ["full_attention"]});
        assert!(
            windows(kinds)
                .expect_err("too few")
                .to_string()
                .contains("list of 5")
        );
    }
}
