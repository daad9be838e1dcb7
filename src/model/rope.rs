//! Rotary embedding (Su et al. 2021) and the ways in which its angles are stretched for longer texts.

use super::fields::{Fields, config, exact, positive, whole};
use crate::error::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const FIELD: &str = "rope_parameters";
const ORIGINAL: &str = "original_max_position_embeddings";

/// The angles by which queries and keys are turned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rope {
    pub theta: f32,
    pub scaling: Scaling,
    /// The angle per position of each pair, `[rotary_width / 2]`: what theta and scaling give.
    pub frequencies: Vec<f32>,
    /// What cosines and sines are multiplied by; 1 but for `longrope`.
    pub factor: f32,
}

/// How angles are stretched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Scaling {
    None,
    /// All of them alike.
    Linear {
        factor: f32,
    },
    /// Long wavelengths are stretched, short ones kept, those between interpolated (`_compute_llama3_parameters` of
    /// transformers).
    Llama3 {
        factor: f32,
        low: f32,
        high: f32,
        original: f32,
    },
    /// Each pair by a number of its own (Ding et al. 2024).
    Long(LongRope),
}

/// `longrope` within the length that the model was first trained for, where the short factors hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LongRope {
    /// What each frequency is divided by, `[rotary_width / 2]`.
    pub short: Vec<f32>,
    /// The same for texts longer than `original`: kept for the files that are written, and not used here.
    pub long: Vec<f32>,
    /// The length that the model was first trained for, where it is said.
    pub original: Option<usize>,
    /// The length for which the long factors are made.
    pub longest: usize,
    /// How much longer that is, where it is said.
    pub factor: Option<f32>,
    /// What cosines and sines are multiplied by, where it is said; else it follows from the two lengths.
    pub attention_factor: Option<f32>,
}

impl LongRope {
    fn attention_factor(&self) -> f32 {
        let original = self.original.unwrap_or(self.longest) as f32;
        let stretch = self.factor.unwrap_or(self.longest as f32 / original);
        match self.attention_factor {
            Some(factor) => factor,
            None if stretch <= 1.0 => 1.0,
            None => (1.0 + stretch.ln() / original.ln()).sqrt(),
        }
    }
}

impl Rope {
    /// `theta^(-2i / width)` for each pair `i` (Su et al. 2021, section 3.2.2), in f32 as the reference has it, stretched
    /// by `scaling`.
    #[must_use]
    pub fn new(theta: f32, width: usize, scaling: Scaling) -> Self {
        let power = |i: usize| libm::powf(theta, (2 * i) as f32 / width as f32);
        let frequency = |i: usize| {
            let plain = 1.0 / power(i);
            match &scaling {
                Scaling::None => plain,
                Scaling::Linear { factor } => plain / factor,
                Scaling::Llama3 {
                    factor,
                    low,
                    high,
                    original,
                } => by_wavelength(plain, *factor, *low, *high, *original),
                Scaling::Long(long) => 1.0 / (long.short[i] * power(i)),
            }
        };
        let factor = match &scaling {
            Scaling::Long(long) => long.attention_factor(),
            _ => 1.0,
        };
        Self {
            theta,
            frequencies: (0..width / 2).map(frequency).collect(),
            factor,
            scaling,
        }
    }

    /// The same without scaling.
    #[must_use]
    pub fn plain(theta: f32, width: usize) -> Self {
        Self::new(theta, width, Scaling::None)
    }

    /// The same with each frequency divided by a number of its own; `longest` is the length of a text. Divisors that are
    /// those of a Llama 3 model are known as such.
    #[must_use]
    pub fn divided(&self, divisors: Vec<f32>, longest: usize) -> Self {
        let width = 2 * self.frequencies.len();
        // Llama 3.1, and 3.2 with its small models.
        for factor in [8.0, 32.0] {
            let scaling = Scaling::Llama3 {
                factor,
                low: 1.0,
                high: 4.0,
                original: 8192.0,
            };
            let llama3 = Self::new(self.theta, width, scaling);
            let mut pairs = self
                .frequencies
                .iter()
                .zip(&llama3.frequencies)
                .zip(&divisors);
            let stretched = self.frequencies != llama3.frequencies;
            if stretched
                && pairs.all(|((plain, f), divisor)| (plain / f / divisor - 1.0).abs() < 1e-5)
            {
                return llama3;
            }
        }
        let long = LongRope {
            long: divisors.clone(),
            short: divisors,
            original: None,
            longest,
            factor: None,
            attention_factor: Some(1.0),
        };
        Self::new(self.theta, width, Scaling::Long(long))
    }

    /// Reads `rope_parameters` (transformers 5) or `rope_scaling` and `rope_theta` (transformers 4), for heads of
    /// which `width` dimensions turn; `layers` names the part of nested parameters that is meant.
    pub(super) fn read(fields: &Fields, layers: &str, width: usize) -> Result<Self> {
        let parameters = parameters(fields, layers)?;
        let inner = |key: &str| parameters.and_then(|parameters| parameters.get(key));
        let theta = match inner("rope_theta") {
            Some(theta) => positive("rope_theta", theta)?,
            None => fields.positive("rope_theta", 10_000.0)?,
        };
        let number = |key: &str| {
            let value = inner(key).unwrap_or(&Value::Null);
            positive(FIELD, value).map_err(|_| {
                config(
                    FIELD,
                    format!("has {key} {value}; a number above 0 is needed"),
                )
            })
        };
        let scaling = match kind(parameters)? {
            "default" => Scaling::None,
            "linear" => Scaling::Linear {
                factor: number("factor")?,
            },
            "llama3" => Scaling::Llama3 {
                original: number(ORIGINAL)?,
                factor: number("factor")?,
                low: number("low_freq_factor")?,
                high: number("high_freq_factor")?,
            },
            "longrope" | "su" => Scaling::Long(long(fields, width / 2, &inner, &number)?),
            kind => {
                return Err(config(
                    FIELD,
                    format!(
                        "asks for {kind} scaling; default, linear, llama3 and longrope are supported"
                    ),
                ));
            }
        };
        Ok(Self::new(theta, width, scaling))
    }

    pub(super) fn written_theta(&self) -> Value {
        exact(self.theta)
    }

    /// Theta and scaling as a part of `rope_parameters` has them.
    pub(super) fn written_whole(&self) -> Value {
        let mut whole = self.written();
        if whole.is_null() {
            whole = json!({"rope_type": "default"});
        }
        whole["rope_theta"] = exact(self.theta);
        whole
    }

    /// The scaling as `rope_scaling` has it, null where there is none; see [`original_length`] for what goes beside it.
    pub(super) fn written(&self) -> Value {
        match &self.scaling {
            Scaling::None => Value::Null,
            Scaling::Linear { factor } => json!({"rope_type": "linear", "factor": exact(*factor)}),
            Scaling::Llama3 {
                factor,
                low,
                high,
                original,
            } => json!({
                "rope_type": "llama3",
                "factor": exact(*factor),
                "low_freq_factor": exact(*low),
                "high_freq_factor": exact(*high),
                ORIGINAL: whole(*original),
            }),
            Scaling::Long(long) => {
                let list = |values: &[f32]| values.iter().copied().map(exact).collect::<Value>();
                // Some versions of transformers want no field but these three where no other is needed.
                let mut fields = Map::from_iter([
                    ("type".to_owned(), "longrope".into()),
                    ("short_factor".to_owned(), list(&long.short)),
                    ("long_factor".to_owned(), list(&long.long)),
                ]);
                for (name, value) in [
                    ("factor", long.factor),
                    ("attention_factor", long.attention_factor),
                ] {
                    if let Some(value) = value {
                        fields.insert(name.into(), exact(value));
                    }
                }
                Value::Object(fields)
            }
        }
    }
}

fn by_wavelength(frequency: f32, factor: f32, low: f32, high: f32, original: f32) -> f32 {
    let wavelength = 2.0 * std::f32::consts::PI / frequency;
    if wavelength < original / high {
        frequency
    } else if wavelength > original / low {
        frequency / factor
    } else {
        let smooth = (original / wavelength - low) / (high - low);
        (1.0 - smooth) * frequency / factor + smooth * frequency
    }
}

/// Reads `longrope` for so many pairs.
fn long<'f>(
    fields: &Fields,
    pairs: usize,
    inner: &impl Fn(&str) -> Option<&'f Value>,
    number: &impl Fn(&str) -> Result<f32>,
) -> Result<LongRope> {
    let list = |name: &'static str| {
        let list = inner(name).and_then(Value::as_array);
        let list = list
            .filter(|list| list.len() == pairs)
            .ok_or_else(|| config(FIELD, format!("must have {name} with {pairs} numbers")))?;
        let numbers = list.iter().map(|value| positive(FIELD, value));
        numbers.collect::<Result<Vec<f32>>>()
    };
    let maybe = |name: &str| {
        let value = inner(name).filter(|value| !value.is_null());
        value.map(|_| number(name)).transpose()
    };
    let short = list("short_factor")?;
    let long = match inner("long_factor") {
        Some(_) => list("long_factor")?,
        None => short.clone(),
    };
    Ok(LongRope {
        short,
        long,
        original: original_length(fields)?,
        longest: fields.size("max_position_embeddings", 1 << 24, Some(2048))?,
        factor: maybe("factor")?,
        attention_factor: maybe("attention_factor")?,
    })
}

/// What is said of the rotary embedding of some layers, in the order of transformers: their part of nested
/// parameters, `rope_scaling` (transformers 4), `rope_parameters` (transformers 5).
pub(super) fn parameters<'f>(
    fields: &'f Fields,
    layers: &str,
) -> Result<Option<&'f Map<String, Value>>> {
    let object = |field, value: &'f Value| match value {
        Value::Object(object) => Ok(object),
        value => Err(config(field, format!("holds {value}; an object is needed"))),
    };
    let read = |field| fields.present(field).map(|value| object(field, value));
    let (older, newer) = (read("rope_scaling").transpose()?, read(FIELD).transpose()?);
    if let Some(part) = newer.and_then(|newer| newer.get(layers)) {
        return object(FIELD, part).map(Some);
    }
    Ok(older.filter(|older| !older.is_empty()).or(newer))
}

/// How angles are stretched, by the name of transformers.
fn kind(parameters: Option<&Map<String, Value>>) -> Result<&str> {
    let inner = |key: &str| parameters.and_then(|parameters| parameters.get(key));
    match inner("rope_type").or(inner("type")) {
        None => Ok("default"),
        Some(Value::String(kind)) => Ok(kind),
        Some(value) => Err(config(
            FIELD,
            format!("has rope_type {value}; a word is needed"),
        )),
    }
}

/// The length that a model with `longrope` was first trained for: within it the short factors hold; `None` without it.
pub(super) fn original_length(fields: &Fields) -> Result<Option<usize>> {
    let parameters = parameters(fields, "full_attention")?;
    let inner = |key: &str| parameters.and_then(|parameters| parameters.get(key));
    if !matches!(kind(parameters)?, "longrope" | "su") {
        return Ok(None);
    }
    let value = fields.get(ORIGINAL).or(inner(ORIGINAL));
    let number = value
        .and_then(Value::as_u64)
        .and_then(|n| usize::try_from(n).ok());
    match (value, number.filter(|number| (2..1 << 24).contains(number))) {
        (None, _) => Ok(None),
        (Some(_), Some(number)) => Ok(Some(number)),
        (Some(value), None) => Err(config(
            ORIGINAL,
            format!("is {value}; a whole number is needed"),
        )),
    }
}
/// How many dimensions of a head rotary embedding turns.
pub(super) fn turning(fields: &Fields, head_dim: usize) -> Result<usize> {
    const NAME: &str = "partial_rotary_factor";
    let share = match parameters(fields, "full_attention")?.and_then(|all| all.get(NAME)) {
        Some(share) => positive(NAME, share)?,
        None => fields.positive(NAME, 1.0)?,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most head_dim"
    )]
    let width = (head_dim as f32 * share.min(1.0)) as usize;
    if width > 0 && width.is_multiple_of(2) {
        return Ok(width);
    }
    Err(config(
        "head_dim",
        format!("makes {width} dimensions turn; rotary embedding needs an even number"),
    ))
}
