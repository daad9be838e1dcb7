//! The shape of a model, as config.json gives it. Field names are those of Hugging Face.

use crate::error::{Error, Result};
use crate::kernel::Heads;
use serde_json::{Map, Value};

/// What config.json says of a decoder. Every number has been checked against a bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub num_key_value_heads: usize,
    pub head_dim: usize,
    pub vocab_size: usize,
    pub max_position_embeddings: usize,
    pub rms_norm_eps: f32,
    pub rope_theta: f32,
    pub tie_word_embeddings: bool,
    pub attention_bias: bool,
    pub mlp_bias: bool,
    /// Tokens that end a text; empty when config.json names none.
    pub eos_token_ids: Vec<u32>,
}

/// The fields of config.json, read with bounds.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads the text of config.json.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(bad_json("it is not a JSON object")),
            Err(error) => Err(bad_json(&format!("it is not JSON ({error})"))),
        }
    }

    /// The text of `field`; empty when it is absent or not a text.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.0.get(field).and_then(Value::as_str).unwrap_or("")
    }

    /// Every field.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        self.0.clone()
    }

    /// A field as it stands.
    #[must_use]
    pub fn value(&self, field: &str) -> &Value {
        self.0.get(field).unwrap_or(&Value::Null)
    }

    fn present(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// A whole number from 1 to `most`; `default` when it is absent.
    fn size(&self, field: &'static str, most: usize, default: Option<usize>) -> Result<usize> {
        let Some(value) = self.present(field) else {
            return default.ok_or_else(|| config(field, "is missing".into()));
        };
        value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
            .filter(|number| (1..=most).contains(number))
            .ok_or_else(|| {
                config(
                    field,
                    format!("is {value}; a whole number from 1 to {most} is needed"),
                )
            })
    }

    fn positive(field: &'static str, value: Option<&Value>, default: f32) -> Result<f32> {
        let Some(value) = value else {
            return Ok(default);
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked below to be finite"
        )]
        let number = value.as_f64().map(|number| number as f32);
        number
            .filter(|number| *number > 0.0 && number.is_finite())
            .ok_or_else(|| config(field, format!("is {value}; a number above 0 is needed")))
    }

    fn flag(&self, field: &str) -> bool {
        self.0.get(field).and_then(Value::as_bool).unwrap_or(false)
    }

    fn tokens(&self, field: &str) -> Vec<u32> {
        let token = |value: &Value| value.as_u64().and_then(|id| u32::try_from(id).ok());
        match self.0.get(field) {
            Some(Value::Array(list)) => list.iter().filter_map(token).collect(),
            Some(value) => token(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// `rope_theta`, where transformers 4 and 5 write it; any scaling of positions is refused.
    fn rope_theta(&self) -> Result<f32> {
        let parameters = self
            .present("rope_parameters")
            .or(self.present("rope_scaling"));
        let inner = |key: &str| parameters.and_then(|parameters| parameters.get(key));
        let kind = inner("rope_type").or(inner("type")).and_then(Value::as_str);
        if let Some(kind) = kind.filter(|kind| *kind != "default") {
            return Err(config(
                "rope_parameters",
                format!("asks for {kind} scaling; only the default is supported"),
            ));
        }
        let theta = self.present("rope_theta").or(inner("rope_theta"));
        Self::positive("rope_theta", theta, 10_000.0)
    }
}

impl Config {
    /// Reads the fields that decoders of the Llama shape share.
    pub fn from_fields(fields: &Fields) -> Result<Self> {
        let hidden_size = fields.size("hidden_size", 1 << 16, None)?;
        let num_attention_heads = fields.size("num_attention_heads", 1 << 10, None)?;
        let activation = fields.text("hidden_act");
        if !matches!(activation, "" | "silu") {
            return Err(config(
                "hidden_act",
                format!("is {activation}; silu is supported"),
            ));
        }
        let config = Self {
            hidden_size,
            intermediate_size: fields.size("intermediate_size", 1 << 18, None)?,
            num_hidden_layers: fields.size("num_hidden_layers", 1 << 10, None)?,
            num_attention_heads,
            num_key_value_heads: fields.size(
                "num_key_value_heads",
                num_attention_heads,
                Some(num_attention_heads),
            )?,
            head_dim: fields.size("head_dim", 1 << 12, Some(hidden_size / num_attention_heads))?,
            vocab_size: fields.size("vocab_size", 1 << 22, None)?,
            max_position_embeddings: fields.size("max_position_embeddings", 1 << 24, Some(2048))?,
            rms_norm_eps: Fields::positive("rms_norm_eps", fields.present("rms_norm_eps"), 1e-6)?,
            rope_theta: fields.rope_theta()?,
            tie_word_embeddings: fields.flag("tie_word_embeddings"),
            attention_bias: fields.flag("attention_bias"),
            mlp_bias: fields.flag("mlp_bias"),
            eos_token_ids: fields.tokens("eos_token_id"),
        };
        config.check_heads()?;
        Ok(config)
    }

    fn check_heads(&self) -> Result<()> {
        if !self
            .num_attention_heads
            .is_multiple_of(self.num_key_value_heads)
        {
            return Err(config(
                "num_key_value_heads",
                format!(
                    "is {}, which does not divide the {} attention heads",
                    self.num_key_value_heads, self.num_attention_heads
                ),
            ));
        }
        if self.head_dim == 0 || !self.head_dim.is_multiple_of(2) {
            return Err(config(
                "head_dim",
                format!("is {}; rotary embedding needs an even width", self.head_dim),
            ));
        }
        Ok(())
    }

    /// How queries, keys and values are divided.
    #[must_use]
    pub fn heads(&self) -> Heads {
        Heads {
            query: self.num_attention_heads,
            key_value: self.num_key_value_heads,
            width: self.head_dim,
        }
    }
}

fn config(field: &'static str, problem: String) -> Error {
    Error::Config { field, problem }
}

fn bad_json(problem: &str) -> Error {
    Error::BadFile {
        file: "config.json".into(),
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(change: &str) -> Result<Config> {
        let mut fields: Map<String, Value> = serde_json::from_str(
            r#"{"hidden_size": 64, "intermediate_size": 172, "num_hidden_layers": 5,
                "num_attention_heads": 8, "num_key_value_heads": 4, "vocab_size": 512}"#,
        )
        .expect("valid JSON");
        let change: Map<String, Value> = serde_json::from_str(change).expect("valid JSON");
        fields.extend(change);
        Config::from_fields(&Fields(fields))
    }

    #[test]
    fn absent_fields_have_the_defaults_of_transformers() {
        let config = read("{}").expect("a plain config is read");
        assert_eq!((config.head_dim, config.rope_theta), (8, 10_000.0));
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
            (r#"{"hidden_act": "gelu"}"#, "hidden_act"),
            (
                r#"{"rope_scaling": {"rope_type": "llama3"}}"#,
                "rope_parameters",
            ),
        ] {
            let error = read(change).expect_err(change).to_string();
            assert!(error.contains(field), "{change}: {error}");
        }
    }

    #[test]
    fn one_end_token_or_several() {
        assert_eq!(
            read(r#"{"eos_token_id": 2}"#).expect("read").eos_token_ids,
            [2]
        );
        assert_eq!(
            read(r#"{"eos_token_id": [2, 7]}"#)
                .expect("read")
                .eos_token_ids,
            [2, 7]
        );
    }
}
