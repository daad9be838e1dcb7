//! Rotary embedding (Su et al. 2021) and the ways in which its angles are stretched for longer texts.

use super::fields::{Fields, config, positive};
use crate::error::Result;
use serde_json::{Map, Value};

const FIELD: &str = "rope_parameters";

/// The angles by which queries and keys are turned.
#[derive(Debug, Clone, PartialEq)]
pub struct Rope {
    pub theta: f32,
    /// The angle per position of each pair, `[rotary_width / 2]`.
    pub frequencies: Vec<f32>,
    /// What cosines and sines are multiplied by; 1 but for `longrope`.
    pub factor: f32,
}

impl Rope {
    /// `theta^(-2i / width)` for each pair `i` (Su et al. 2021, section 3.2.2), in f32 as the reference has it.
    #[must_use]
    pub fn plain(theta: f32, width: usize) -> Self {
        let frequency = |i: usize| 1.0 / theta.powf((2 * i) as f32 / width as f32);
        Self {
            theta,
            frequencies: (0..width / 2).map(frequency).collect(),
            factor: 1.0,
        }
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
        let plain = Self::plain(theta, width);
        let number = |key: &str| {
            let value = inner(key).unwrap_or(&Value::Null);
            positive(FIELD, value).map_err(|_| {
                config(
                    FIELD,
                    format!("has {key} {value}; a number above 0 is needed"),
                )
            })
        };
        match kind(parameters)? {
            "default" => Ok(plain),
            "linear" => {
                let factor = number("factor")?;
                Ok(plain.map(|_, frequency| frequency / factor))
            }
            "llama3" => {
                let [factor, low, high] =
                    ["factor", "low_freq_factor", "high_freq_factor"].map(&number);
                let original = number("original_max_position_embeddings")?;
                Ok(plain.by_wavelength(factor?, low?, high?, original))
            }
            "longrope" | "su" => Self::short(fields, plain, &inner, &number),
            kind => Err(config(
                FIELD,
                format!(
                    "asks for {kind} scaling; default, linear, llama3 and longrope are supported"
                ),
            )),
        }
    }

    fn map(self, change: impl Fn(usize, f32) -> f32) -> Self {
        let frequencies = self.frequencies.iter().enumerate();
        Self {
            frequencies: frequencies.map(|(i, f)| change(i, *f)).collect(),
            ..self
        }
    }

    /// Llama 3: long wavelengths are stretched, short ones kept, those between interpolated
    /// (`_compute_llama3_parameters` of transformers).
    fn by_wavelength(self, factor: f32, low: f32, high: f32, original: f32) -> Self {
        self.map(|_, frequency| {
            let wavelength = 2.0 * std::f32::consts::PI / frequency;
            if wavelength < original / high {
                frequency
            } else if wavelength > original / low {
                frequency / factor
            } else {
                let smooth = (original / wavelength - low) / (high - low);
                (1.0 - smooth) * frequency / factor + smooth * frequency
            }
        })
    }

    /// `longrope` within the length that the model was first trained for (Ding et al. 2024): the `short_factor`s.
    fn short<'f>(
        fields: &Fields,
        plain: Self,
        inner: &impl Fn(&str) -> Option<&'f Value>,
        number: &impl Fn(&str) -> Result<f32>,
    ) -> Result<Self> {
        let most = fields.size("max_position_embeddings", 1 << 24, None)? as f32;
        let original = original_length(fields)?.map_or(most, |original| original as f32);
        let stretch = match inner("factor") {
            Some(_) => number("factor")?,
            None => most / original,
        };
        let factor = match inner("attention_factor").filter(|value| !value.is_null()) {
            Some(_) => number("attention_factor")?,
            None if stretch <= 1.0 => 1.0,
            None => (1.0 + stretch.ln() / original.ln()).sqrt(),
        };
        let list = inner("short_factor").and_then(Value::as_array);
        let list = list.filter(|list| list.len() == plain.frequencies.len());
        let list = list.ok_or_else(|| {
            let pairs = plain.frequencies.len();
            config(
                FIELD,
                format!("must have short_factor with {pairs} numbers"),
            )
        })?;
        let short = list.iter().map(|value| positive(FIELD, value));
        let short = short.collect::<Result<Vec<f32>>>()?;
        let theta = plain.theta;
        let width = (2 * short.len()) as f32;
        let stretched = plain.map(|i, _| 1.0 / (short[i] * theta.powf((2 * i) as f32 / width)));
        Ok(Self {
            factor,
            ..stretched
        })
    }
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
    const NAME: &str = "original_max_position_embeddings";
    let parameters = parameters(fields, "full_attention")?;
    let inner = |key: &str| parameters.and_then(|parameters| parameters.get(key));
    if !matches!(kind(parameters)?, "longrope" | "su") {
        return Ok(None);
    }
    let value = fields.get(NAME).or(inner(NAME));
    let number = value
        .and_then(Value::as_u64)
        .and_then(|n| usize::try_from(n).ok());
    match (value, number.filter(|number| (2..1 << 24).contains(number))) {
        (None, _) => Ok(None),
        (Some(_), Some(number)) => Ok(Some(number)),
        (Some(value), None) => Err(config(
            NAME,
            format!("is {value}; a whole number is needed"),
        )),
    }
}
