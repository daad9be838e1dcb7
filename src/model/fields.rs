//! The fields of config.json, read with bounds.

use crate::error::{Error, Result};
use serde_json::{Map, Value};

/// The fields of config.json.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    map: Map<String, Value>,
    /// What this file calls a field: `(the common name, its own)`.
    names: &'static [(&'static str, &'static str)],
}

impl From<Map<String, Value>> for Fields {
    fn from(map: Map<String, Value>) -> Self {
        Self { map, names: &[] }
    }
}

impl Fields {
    /// Reads the text of config.json.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => Ok(map.into()),
            Ok(_) => Err(bad_json("it is not a JSON object")),
            Err(error) => Err(bad_json(&format!("it is not JSON ({error})"))),
        }
    }

    /// The same fields under names of their own.
    #[must_use]
    pub fn named(&self, names: &'static [(&'static str, &'static str)]) -> Self {
        let map = self.map.clone();
        Self { map, names }
    }

    /// The same with `defaults`, an object, for fields that are absent (`null` is not absent).
    #[must_use]
    pub fn with_defaults(mut self, defaults: Value) -> Self {
        if let Value::Object(defaults) = defaults {
            for (name, value) in defaults {
                self.map.entry(name).or_insert(value);
            }
        }
        self
    }

    /// The same without `field` where it is `null`, which then counts as absent.
    #[must_use]
    pub(super) fn without_null(mut self, field: &str) -> Self {
        if self.map.get(field).is_some_and(Value::is_null) {
            self.map.remove(field);
        }
        self
    }

    /// The error for a field that asks for something that is not there.
    pub(super) fn refused(&self, field: &'static str) -> Error {
        let value = self.value(field);
        config(field, format!("is {value}, which is not supported"))
    }

    /// The text of `field`; empty when it is absent or not a text.
    #[must_use]
    pub fn text(&self, field: &'static str) -> &str {
        self.value(field).as_str().unwrap_or("")
    }

    /// A field as it stands.
    #[must_use]
    pub fn value(&self, field: &'static str) -> &Value {
        self.map.get(self.name(field)).unwrap_or(&Value::Null)
    }

    /// A field that is there and not `null`.
    pub(super) fn present(&self, field: &'static str) -> Option<&Value> {
        Some(self.value(field)).filter(|value| !value.is_null())
    }

    fn name(&self, field: &'static str) -> &'static str {
        let own = self.names.iter().find(|(common, _)| *common == field);
        own.map_or(field, |(_, own)| own)
    }

    /// A whole number from 1 to `most`; `default` when it is absent.
    pub(super) fn size(
        &self,
        field: &'static str,
        most: usize,
        default: Option<usize>,
    ) -> Result<usize> {
        let Some(value) = self.present(field) else {
            return default.ok_or_else(|| config(self.name(field), "is missing".into()));
        };
        value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
            .filter(|number| (1..=most).contains(number))
            .ok_or_else(|| {
                config(
                    self.name(field),
                    format!("is {value}; a whole number from 1 to {most} is needed"),
                )
            })
    }

    /// A number above 0; `None` when it is absent.
    pub(super) fn positive(&self, field: &'static str) -> Result<Option<f32>> {
        self.present(field)
            .map(|value| positive(self.name(field), value))
            .transpose()
    }

    pub(super) fn flag(&self, field: &'static str) -> bool {
        self.value(field).as_bool().unwrap_or(false)
    }

    pub(super) fn tokens(&self, field: &'static str) -> Vec<u32> {
        let token = |value: &Value| value.as_u64().and_then(|id| u32::try_from(id).ok());
        match self.value(field) {
            Value::Array(list) => list.iter().filter_map(token).collect(),
            value => token(value).into_iter().collect(),
        }
    }
}

/// A number as JSON in the fewest digits that give it back.
pub(super) fn exact(number: f32) -> Value {
    let short = number.to_string().parse().unwrap_or(f64::from(number));
    #[expect(clippy::cast_possible_truncation, reason = "compared")]
    let same = short as f32 == number;
    if same { short } else { f64::from(number) }.into()
}

/// A number above 0.
pub(super) fn positive(field: &'static str, value: &Value) -> Result<f32> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked below to be finite"
    )]
    let number = value.as_f64().map(|number| number as f32);
    number
        .filter(|number| *number > 0.0 && number.is_finite())
        .ok_or_else(|| config(field, format!("is {value}; a number above 0 is needed")))
}

pub(super) fn config(field: &'static str, problem: String) -> Error {
    Error::Config { field, problem }
}

fn bad_json(problem: &str) -> Error {
    Error::BadFile {
        file: "config.json".into(),
        problem: problem.into(),
    }
}
