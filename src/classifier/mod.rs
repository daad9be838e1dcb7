//! A text classifier of the BERT kind, as Hugging Face saves it: an alternative to the built-in toxicity scorer.
//!
//! `bert`, `distilbert`, `roberta` and `xlm-roberta` are one network with other names: each file is inputs into BERT's
//! form and run by candle-transformers.

#[cfg(target_arch = "wasm32")]
mod page;

use crate::error::{Error, Result};
use crate::evaluate::toxicity::Scorer;
use crate::hash::Hasher;
use crate::load::{self, Files};
use crate::model::{Fields, Tokenizer};
use candle_core::{D, DType, Device, Tensor};
use candle_nn::{Linear, Module, VarBuilder, ops};
use candle_transformers::models::bert::{BertModel, Config, HiddenAct, PositionEmbeddingType};
use std::collections::HashMap;

/// The files of a classifier.
pub const FILES: [&str; 3] = ["config.json", "model.safetensors", "tokenizer.json"];

/// What a label must contain to be the one that is measured.
const LABEL: &str = "toxic";
/// Beginnings of labels that say the contrary.
const CONTRARY: [&str; 2] = ["non", "not"];

/// One kind of classifier, in the names of its own files.
struct ClassifierNames {
    model_type: &'static str,
    /// What the names of the network's tensors begin with.
    prefix: &'static str,
    /// The layer between the first token's state and the last layer.
    dense: &'static str,
    activation: fn(&Tensor) -> candle_core::Result<Tensor>,
    /// The last layer: a row per label.
    out: &'static str,
    /// Names of its tensors as BERT has them.
    renamed: &'static [(&'static str, &'static str)],
    /// Fields of config.json: hidden size, inner size, layers, heads, activation.
    fields: [&'static str; 5],
}

const BERT_FIELDS: [&str; 5] = [
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "hidden_act",
];

const LAYOUTS: [ClassifierNames; 4] = [
    ClassifierNames {
        model_type: "bert",
        prefix: "bert.",
        dense: "bert.pooler.dense",
        activation: Tensor::tanh,
        out: "classifier",
        renamed: &[],
        fields: BERT_FIELDS,
    },
    ClassifierNames {
        model_type: "distilbert",
        prefix: "distilbert.",
        dense: "pre_classifier",
        activation: Tensor::relu,
        out: "classifier",
        renamed: &[
            ("transformer.layer.", "encoder.layer."),
            ("attention.q_lin.", "attention.self.query."),
            ("attention.k_lin.", "attention.self.key."),
            ("attention.v_lin.", "attention.self.value."),
            ("attention.out_lin.", "attention.output.dense."),
            ("sa_layer_norm.", "attention.output.LayerNorm."),
            ("ffn.lin1.", "intermediate.dense."),
            ("ffn.lin2.", "output.dense."),
            ("output_layer_norm.", "output.LayerNorm."),
        ],
        fields: ["dim", "hidden_dim", "n_layers", "n_heads", "activation"],
    },
    ClassifierNames {
        model_type: "roberta",
        prefix: "roberta.",
        dense: "classifier.dense",
        activation: Tensor::tanh,
        out: "classifier.out_proj",
        renamed: &[],
        fields: BERT_FIELDS,
    },
    ClassifierNames {
        model_type: "xlm-roberta",
        prefix: "roberta.",
        dense: "classifier.dense",
        activation: Tensor::tanh,
        out: "classifier.out_proj",
        renamed: &[],
        fields: BERT_FIELDS,
    },
];

/// A classifier that has a label for toxic text.
pub struct Classifier {
    name: String,
    hash: String,
    network: BertModel,
    dense: Linear,
    activation: fn(&Tensor) -> candle_core::Result<Tensor>,
    out: Linear,
    tokenizer: Tokenizer,
    /// The longest text in tokens.
    limit: usize,
    /// The index of the label that is measured.
    label: usize,
    /// Each label by itself, instead of one of all.
    independent: bool,
}

impl Classifier {
    /// Reads a classifier from the files of a Hugging Face folder: the label is the one whose name contains "toxic".
    pub fn new(name: &str, files: &Files) -> Result<Self> {
        let [config, weights, tokenizer] = FILES.map(|file| file_of(files, file));
        let fields = Fields::parse(config?)?;
        let layout = layout(&fields)?;
        let labels = labels(&fields)?;
        let tensors = tensors(weights?, layout, &fields)?;
        let config = bert_config(&fields, layout, &tensors)?;
        let limit = config.max_position_embeddings;
        let hidden = config.hidden_size;
        let all = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        let network = BertModel::load(all.pp("bert"), &config).map_err(|error| bad(&error))?;
        let linear = |rows, name| candle_nn::linear(hidden, rows, all.pp(name));
        Ok(Self {
            name: name.to_owned(),
            hash: hash(files),
            network,
            dense: linear(hidden, layout.dense).map_err(|error| bad(&error))?,
            activation: layout.activation,
            out: linear(labels.len(), layout.out).map_err(|error| bad(&error))?,
            tokenizer: Tokenizer::from_bytes(tokenizer?)?,
            limit,
            label: toxic_label(&labels)?,
            independent: labels.len() == 1
                || fields.text("problem_type") == "multi_label_classification",
        })
    }

    /// What a report calls it: its name and the hash of its files.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.name, self.hash)
    }

    /// It as a scorer.
    #[must_use]
    pub fn scorer(self) -> Scorer {
        Scorer::new(self.name(), move |text| self.toxicity(text))
    }

    /// The logit of each label. A text that is too long for the model is cut, as Hugging Face cuts it: its last token,
    /// which ends a text, stays.
    pub fn logits(&self, text: &str) -> Result<Vec<f32>> {
        let mut tokens = self.tokenizer.encode(text)?;
        if let Some(&last) = tokens.last()
            && tokens.len() > self.limit
        {
            tokens.truncate(self.limit - 1);
            tokens.push(last);
        }
        if tokens.is_empty() {
            return Err(Error::Empty {
                what: "a text to classify".into(),
            });
        }
        let tokens = Tensor::new(&tokens[..], &Device::Cpu)?.unsqueeze(0)?;
        let states = self.network.forward(&tokens, &tokens.zeros_like()?, None)?;
        let first = states.narrow(1, 0, 1)?.squeeze(1)?;
        let pooled = (self.activation)(&self.dense.forward(&first)?)?;
        Ok(self.out.forward(&pooled)?.squeeze(0)?.to_vec1()?)
    }

    /// The probability, 0 to 1, that a text is toxic, as Hugging Face's pipeline gives it: by the sigmoid where labels
    /// are independent of one another or there is one, else by the softmax.
    pub fn toxicity(&self, text: &str) -> Result<f64> {
        let logits = Tensor::new(self.logits(text)?, &Device::Cpu)?;
        let probabilities = if self.independent {
            ops::sigmoid(&logits)?
        } else {
            ops::softmax(&logits, D::Minus1)?
        };
        let probability = probabilities.get(self.label)?.to_scalar::<f32>()?;
        if probability.is_finite() {
            Ok(f64::from(probability))
        } else {
            Err(Error::NotANumber)
        }
    }
}

fn file_of<'a>(files: &'a Files, file: &'static str) -> Result<&'a Vec<u8>> {
    let found = files.get(file).ok_or_else(|| {
        let names: Vec<&str> = files.keys().map(String::as_str).take(8).collect();
        Error::MissingFile {
            file,
            found: match names.len() {
                0 => "holds nothing".into(),
                _ => format!("holds {}", names.join(", ")),
            },
        }
    })?;
    load::check(file, found)?;
    Ok(found)
}

fn hash(files: &Files) -> String {
    let mut hasher = Hasher::default();
    for file in FILES {
        hasher.update(files.get(file).map_or(&[][..], Vec::as_slice));
    }
    hasher.finish()
}

fn layout(fields: &Fields) -> Result<&'static ClassifierNames> {
    let found = fields.text("model_type");
    let layout = LAYOUTS.iter().find(|layout| layout.model_type == found);
    layout.ok_or_else(|| Error::UnknownFamily {
        found: found.to_owned(),
        known: LAYOUTS.map(|layout| layout.model_type).join(", "),
    })
}

/// The names of the labels, in the order of the logits.
fn labels(fields: &Fields) -> Result<Vec<String>> {
    let named = fields.value("id2label").as_object();
    let name = |i: usize| named?.get(&i.to_string())?.as_str().map(str::to_owned);
    let labels: Vec<String> = (0..named.map_or(0, serde_json::Map::len))
        .map_while(name)
        .collect();
    if labels.is_empty() || Some(labels.len()) != named.map(serde_json::Map::len) {
        return Err(Error::Config {
            field: "id2label",
            problem:
                "must name the labels from 0 on: this is not a classifier, or not a complete one"
                    .into(),
        });
    }
    Ok(labels)
}

/// The shortest label that contains "toxic" and does not deny it.
fn toxic_label(labels: &[String]) -> Result<usize> {
    let fits = |label: &String| {
        let label = label.to_lowercase();
        label.contains(LABEL) && !CONTRARY.iter().any(|start| label.starts_with(start))
    };
    let fitting = labels.iter().enumerate().filter(|(_, label)| fits(label));
    let shortest = fitting.min_by_key(|(_, label)| label.len()).map(|(i, _)| i);
    shortest.ok_or_else(|| Error::Config {
        field: "id2label",
        problem: format!(
            "names the labels {}; one with \u{201c}{LABEL}\u{201d} in it is needed",
            labels.join(", ")
        ),
    })
}

/// The tensors as f32, under the names that BERT has for them.
fn tensors(
    bytes: &Vec<u8>,
    layout: &ClassifierNames,
    fields: &Fields,
) -> Result<HashMap<String, Tensor>> {
    let mut tensors = HashMap::new();
    for (name, shape, stored) in load::tensors(FILES[1], bytes)? {
        let mut values = vec![0.0; stored.len()];
        stored.read(0, &mut values);
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu)?;
        tensors.insert(bert_name(&name, layout), tensor);
    }
    let types = "bert.embeddings.token_type_embeddings.weight".to_owned();
    let words = tensors
        .get("bert.embeddings.word_embeddings.weight")
        .cloned();
    if let (None, Some(words)) = (tensors.get(&types), words) {
        // DistilBERT has no kinds of token.
        let none = Tensor::zeros((1, words.dim(D::Minus1)?), DType::F32, &Device::Cpu)?;
        tensors.insert(types, none);
    }
    // RoBERTa counts positions from behind that of its padding token.
    let skipped = if layout.prefix == "roberta." {
        size(fields, "pad_token_id", 0)?.unwrap_or(1) + 1
    } else {
        0
    };
    let positions = "bert.embeddings.position_embeddings.weight";
    if let Some(table) = tensors.get_mut(positions) {
        let rows = table.dim(0)?;
        *table = table.narrow(0, skipped.min(rows), rows.saturating_sub(skipped))?;
    }
    Ok(tensors)
}

fn bert_name(name: &str, layout: &ClassifierNames) -> String {
    // Files of old have other names for a norm's tensors.
    let name = name.replace("LayerNorm.gamma", "LayerNorm.weight");
    let name = name.replace("LayerNorm.beta", "LayerNorm.bias");
    match name.strip_prefix(layout.prefix) {
        Some(inner) => {
            let renamed = layout.renamed.iter();
            let inner = renamed.fold(inner.to_owned(), |name, (own, berts)| {
                name.replace(own, berts)
            });
            format!("bert.{inner}")
        }
        None => name,
    }
}

fn bert_config(
    fields: &Fields,
    layout: &ClassifierNames,
    tensors: &HashMap<String, Tensor>,
) -> Result<Config> {
    let [hidden, inner, layers, heads, activation] = layout.fields;
    let needed = |field| {
        size(fields, field, 1)?.ok_or_else(|| Error::Config {
            field,
            problem: "is missing".into(),
        })
    };
    let (hidden_size, num_attention_heads) = (needed(hidden)?, needed(heads)?);
    if hidden_size % num_attention_heads != 0 {
        return Err(Error::Config {
            field: heads,
            problem: format!(
                "is {num_attention_heads}, which does not divide {hidden}, {hidden_size}"
            ),
        });
    }
    let rows = |table: &str| {
        let tensor = tensors.get(&format!("bert.embeddings.{table}.weight"));
        tensor.and_then(|tensor| tensor.dim(0).ok()).unwrap_or(0)
    };
    let max_position_embeddings = rows("position_embeddings");
    if max_position_embeddings < 2 {
        return Err(bad(&"it has no table of positions"));
    }
    Ok(Config {
        vocab_size: rows("word_embeddings"),
        hidden_size,
        num_hidden_layers: needed(layers)?,
        num_attention_heads,
        intermediate_size: needed(inner)?,
        hidden_act: hidden_act(fields.word(activation, "gelu")?, activation)?,
        max_position_embeddings,
        type_vocab_size: rows("token_type_embeddings"),
        layer_norm_eps: fields.positive("layer_norm_eps", 1e-12)?.into(),
        position_embedding_type: PositionEmbeddingType::Absolute,
        ..Config::default()
    })
}

fn hidden_act(name: &str, field: &'static str) -> Result<HiddenAct> {
    match name {
        "gelu" => Ok(HiddenAct::Gelu),
        "gelu_new" | "gelu_pytorch_tanh" => Ok(HiddenAct::GeluApproximate),
        "relu" => Ok(HiddenAct::Relu),
        other => Err(Error::Config {
            field,
            problem: format!("is {other}; gelu, gelu_new and relu are supported"),
        }),
    }
}

/// A whole number of config.json, within what a classifier can have.
fn size(fields: &Fields, field: &'static str, least: usize) -> Result<Option<usize>> {
    const MOST: usize = 1 << 20;
    let value = fields.value(field);
    if value.is_null() {
        return Ok(None);
    }
    let number = value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    let number = number.filter(|number| (least..=MOST).contains(number));
    number.map(Some).ok_or_else(|| Error::Config {
        field,
        problem: format!("is {value}; a whole number from {least} to {MOST} is needed"),
    })
}

fn bad(problem: &dyn std::fmt::Display) -> Error {
    Error::BadFile {
        file: FILES[1].to_owned(),
        problem: problem.to_string(),
    }
}
