//! Bytes to a [`Model`]. Every byte is untrusted: sizes are bounded before anything is allocated.

mod packed;
mod safetensors;

use crate::error::{Error, Result};
use crate::model::arch::{Family, family};
use crate::model::{Block, ChatTemplate, Config, Fields, Linear, Model, Tokenizer};
use crate::weight::{Dense, Weight};
use safetensors::Archive;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// The files of a model folder, by name without the folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The files that a model folder must have.
pub const FILES: [&str; 3] = ["config.json", "model.safetensors", "tokenizer.json"];

/// The files that it may have.
pub const OPTIONAL_FILES: [&str; 1] = ["tokenizer_config.json"];

/// Reads a model from the files of a Hugging Face folder.
pub fn model(name: &str, files: &Files) -> Result<Model> {
    let [config, weights, tokenizer] = FILES.map(|file| file_of(files, file));
    let fields = Fields::parse(config?)?;
    let family = family(&fields)?;
    let reader = Reader {
        archive: Archive::open(FILES[1], weights?)?,
        config: (family.config)(&fields)?,
        scheme: packed::Scheme::new(&fields)?,
        family,
    };
    let blocks = (0..reader.config.num_hidden_layers).map(|i| reader.block(i));
    let blocks = blocks.collect::<Result<Vec<_>>>()?;
    let config = &reader.config;
    let embedding = reader.table(family.tensors.embedding)?;
    let chat_template = match files.get(OPTIONAL_FILES[0]) {
        Some(bytes) => ChatTemplate::from_bytes(bytes)?,
        None => None,
    };
    Ok(Model {
        name: name.to_owned(),
        family,
        tokenizer: Arc::new(Tokenizer::from_bytes(tokenizer?)?),
        chat_template: chat_template.map(Arc::new),
        head: if config.tie_word_embeddings {
            Arc::clone(&embedding)
        } else {
            reader.table(family.tensors.head)?
        },
        embedding,
        blocks,
        norm: reader.vector(family.tensors.norm, config.hidden_size)?,
        config: config.clone(),
        fields: Arc::new(fields),
        hash: hash(files),
    })
}

fn file_of<'a>(files: &'a Files, file: &'static str) -> Result<&'a [u8]> {
    files.get(file).map(Vec::as_slice).ok_or_else(|| {
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        Error::MissingFile {
            file,
            found: match names.len() {
                0 => "holds nothing".into(),
                1..=8 => format!("holds {}", names.join(", ")),
                _ => format!("holds {} and more", names[..8].join(", ")),
            },
        }
    })
}

/// SHA-256 over the files, in hexadecimal.
fn hash(files: &Files) -> String {
    let mut hasher = Sha256::new();
    for file in FILES.into_iter().chain(OPTIONAL_FILES) {
        hasher.update(files.get(file).map_or(&[][..], Vec::as_slice));
    }
    hexadecimal(&hasher.finalize())
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

struct Reader<'a> {
    archive: Archive<'a>,
    config: Config,
    scheme: Option<packed::Scheme>,
    family: &'static Family,
}

impl Reader<'_> {
    fn block(&self, index: usize) -> Result<Block> {
        let config = &self.config;
        let names = &self.family.tensors;
        let prefix = format!("{}{index}.", names.block);
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let queries = config.num_attention_heads * config.head_dim;
        let keys = config.num_key_value_heads * config.head_dim;
        let attention = |name, rows, cols| {
            self.linear(
                format!("{prefix}{name}"),
                [rows, cols],
                config.attention_bias,
            )
        };
        let mlp = |name, rows, cols| {
            self.linear(format!("{prefix}{name}"), [rows, cols], config.mlp_bias)
        };
        Ok(Block {
            input_norm: self.vector(&format!("{prefix}{}", names.input_norm), hidden)?,
            query: attention(names.query, queries, hidden)?,
            key: attention(names.key, keys, hidden)?,
            value: attention(names.value, keys, hidden)?,
            output: attention(names.output, hidden, queries)?,
            post_norm: self.vector(&format!("{prefix}{}", names.post_norm), hidden)?,
            gate: mlp(names.gate, inner, hidden)?,
            up: mlp(names.up, inner, hidden)?,
            down: mlp(names.down, hidden, inner)?,
        })
    }

    fn linear(&self, name: String, shape: [usize; 2], has_bias: bool) -> Result<Linear> {
        let bias = has_bias.then(|| self.vector(&format!("{name}.bias"), shape[0]));
        Ok(Linear {
            weight: match packed::weight(&self.archive, self.scheme.as_ref(), &name, shape)? {
                Some(weight) => Arc::new(weight),
                None => self.matrix(&format!("{name}.weight"), shape)?,
            },
            bias: bias.transpose()?,
            name,
        })
    }

    /// A table with a row per token.
    fn table(&self, name: &str) -> Result<Arc<Weight>> {
        self.matrix(name, [self.config.vocab_size, self.config.hidden_size])
    }

    fn matrix(&self, name: &str, shape: [usize; 2]) -> Result<Arc<Weight>> {
        let values = self.archive.tensor(name, &shape)?;
        let dense = Dense::new(shape[0], shape[1], values).ok_or_else(|| Error::WrongShape {
            tensor: name.to_owned(),
            expected: shape.to_vec(),
            found: Vec::new(),
        })?;
        Ok(Arc::new(Weight::Dense(dense)))
    }

    fn vector(&self, name: &str, len: usize) -> Result<Arc<[f32]>> {
        let mut values = vec![0.0; len];
        self.archive.tensor(name, &[len])?.read(0, &mut values);
        Ok(values.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_with_what_is_there() {
        let files = Files::from([("README.md".to_owned(), Vec::new())]);
        let error = model("test", &files).expect_err("incomplete").to_string();
        assert!(
            error.contains("config.json is missing") && error.contains("README.md"),
            "{error}"
        );
    }
}
