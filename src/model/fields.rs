//! The fields of config.json, read with bounds.

use crate::error::{Error, Result};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// The fields of config.json. What is there must be of the right kind: `null` and texts in place of numbers are
/// refused by name, as transformers does, and no default takes their place.
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

    /// Those of the text part, where a model also sees or hears: what is not said of the part holds of the whole.
    #[must_use]
    pub fn of_text(mut self) -> Self {
        let Some(Value::Object(mut part)) = self.map.remove("text_config") else {
            return self;
        };
        for (name, value) in self.map {
            part.entry(name).or_insert(value);
        }
        part.into()
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

    /// The same without those of `fields` that are `null`, which then count as absent: where transformers says so.
    #[must_use]
    pub(super) fn without_null(mut self, fields: &[&str]) -> Self {
        self.map
            .retain(|name, value| !(value.is_null() && fields.contains(&name.as_str())));
        self
    }

    /// The same without some fields.
    #[must_use]
    pub(super) fn without(mut self, fields: &[&str]) -> Self {
        self.map.retain(|name, _| !fields.contains(&name.as_str()));
        self
    }

    /// The same with `own`, where it is there, in the place of `common`: another name that counts more.
    #[must_use]
    pub(super) fn renamed(mut self, own: &str, common: &str) -> Self {
        if let Some(value) = self.map.remove(own) {
            self.map.insert(common.to_owned(), value);
        }
        self
    }

    /// The error for a field that asks for something that is not there.
    pub(super) fn refused(&self, field: &'static str) -> Error {
        let value = self.value(field);
        config(
            self.name(field),
            format!("is {value}, which is not supported"),
        )
    }

    /// The text of `field`; empty when it is absent or not a text.
    #[must_use]
    pub fn text(&self, field: &'static str) -> &str {
        self.value(field).as_str().unwrap_or("")
    }

    /// A field as it stands; `null` when it is absent.
    #[must_use]
    pub fn value(&self, field: &'static str) -> &Value {
        self.get(field).unwrap_or(&Value::Null)
    }

    /// A field that is there, `null` or not.
    pub(super) fn get(&self, field: &'static str) -> Option<&Value> {
        // Where a file has the common name, transformers takes it too.
        let own = self.map.get(self.name(field));
        own.or_else(|| self.map.get(field))
    }

    /// A field that is there and not `null`: for those of which `null` means that there is none.
    pub(super) fn present(&self, field: &'static str) -> Option<&Value> {
        self.get(field).filter(|value| !value.is_null())
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
        self.whole(field, 1..=most, default)
    }

    /// A whole number of a range; `default` when it is absent.
    pub(super) fn whole(
        &self,
        field: &'static str,
        range: RangeInclusive<usize>,
        default: Option<usize>,
    ) -> Result<usize> {
        let Some(value) = self.get(field) else {
            return default.ok_or_else(|| config(self.name(field), "is missing".into()));
        };
        value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (least, most) = (range.start(), range.end());
                config(
                    self.name(field),
                    format!("is {value}; a whole number from {least} to {most} is needed"),
                )
            })
    }

    /// A number above 0; `default` when it is absent.
    pub fn positive(&self, field: &'static str, default: f32) -> Result<f32> {
        self.get(field)
            .map_or(Ok(default), |value| positive(self.name(field), value))
    }

    /// A number above 0; `None` when it is absent or `null`.
    pub(super) fn optional(&self, field: &'static str) -> Result<Option<f32>> {
        self.present(field)
            .map(|value| positive(self.name(field), value))
            .transpose()
    }

    /// Yes or no; no when it is absent.
    pub(super) fn flag(&self, field: &'static str) -> Result<bool> {
        match self.get(field) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(value) => Err(config(
                self.name(field),
                format!("is {value}; true or false is needed"),
            )),
        }
    }

    /// A word; `default` when it is absent.
    pub fn word<'a>(&'a self, field: &'static str, default: &'a str) -> Result<&'a str> {
        match self.get(field) {
            None => Ok(default),
            Some(Value::String(word)) => Ok(word),
            Some(value) => Err(config(
                self.name(field),
                format!("is {value}; a word is needed"),
            )),
        }
    }

    /// Numbers of tokens; none when it is absent or `null`.
    pub(super) fn tokens(&self, field: &'static str) -> Result<Vec<u32>> {
        let value = self.value(field);
        token_ids(value).ok_or_else(|| {
            config(
                self.name(field),
                format!("is {value}; the number of a token or a list of them is needed"),
            )
        })
    }
}

/// The number of a token, or a list of them; `null` and the negative numbers that some files have there are none.
/// `None` for what is neither.
#[must_use]
pub fn token_ids(value: &Value) -> Option<Vec<u32>> {
    let all = match value {
        Value::Null => &[],
        Value::Array(list) => &list[..],
        one => std::slice::from_ref(one),
    };
    let numbers: Option<Vec<i64>> = all.iter().map(Value::as_i64).collect();
    let tokens = numbers?.into_iter().filter(|number| *number >= 0);
    tokens.map(|number| u32::try_from(number).ok()).collect()
}

/// A number as JSON in the fewest digits that give it back.
pub(super) fn exact(number: f32) -> Value {
    let short = number.to_string().parse().unwrap_or(f64::from(number));
    #[expect(clippy::cast_possible_truncation, reason = "compared")]
    let same = short as f32 == number;
    if same { short } else { f64::from(number) }.into()
}

/// The same as a whole number where it is one: some fields of transformers take no other.
pub(super) fn whole(number: f32) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "compared"
    )]
    let rounded = number as u64;
    if rounded as f32 == number {
        rounded.into()
    } else {
        exact(number)
    }
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
