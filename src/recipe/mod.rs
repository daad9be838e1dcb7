//! What to do, as data: the same text in the page's address, on the command line and in the report.

mod setting;

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use setting::{Setting, Words};

/// A method with its settings, what it is calibrated by, and how to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The name of a method, or names joined with `+`.
    pub method: String,
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Settings"))]
    pub settings: Map<String, Value>,
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Settings"))]
    pub calibration: Map<String, Value>,
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Settings"))]
    pub evaluation: Map<String, Value>,
    /// The names of the probes to ask; all of them when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<String>,
}

impl Recipe {
    /// From JSON; a key that no recipe has is named.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::Recipe(error.to_string()))
    }
}

/// One setting that a reader can choose: drawn by the page, a flag on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Parameter {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    #[serde(flatten)]
    pub kind: ParameterKind,
}

/// What values a setting takes, and which it has when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ParameterKind {
    Integer {
        min: i64,
        max: i64,
        step: i64,
        default: i64,
    },
    Number {
        min: f64,
        max: f64,
        step: f64,
        default: f64,
    },
    Choice {
        options: &'static [Choice],
        default: ChoiceValue,
    },
    Toggle {
        default: bool,
    },
}

/// One value of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Choice {
    pub value: ChoiceValue,
    pub title: &'static str,
}

/// A choice is a word or a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum ChoiceValue {
    Integer(i64),
    Word(&'static str),
}

impl Parameter {
    /// The value that a text stands for; `None` where this setting cannot have it.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Value> {
        self.kind.read(text)
    }

    /// The value that it has when nothing is said.
    #[must_use]
    pub fn default(&self) -> Value {
        self.kind.default()
    }
}

impl ParameterKind {
    fn read(&self, text: &str) -> Option<Value> {
        let value = match *self {
            Self::Integer { .. } => {
                let number = text.parse::<f64>().ok()?;
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "whole; one that is too large is outside of every range"
                )]
                (number.fract() == 0.0).then_some(number as i64)?.into()
            }
            Self::Number { .. } => text.parse::<f64>().ok()?.into(),
            Self::Choice { options, .. } => {
                let mut values = options.iter().map(|option| option.value.json());
                values.find(|value| words(value) == text)?
            }
            Self::Toggle { .. } => text.parse::<bool>().ok()?.into(),
        };
        self.accepts(&value).then_some(value)
    }

    fn default(&self) -> Value {
        match *self {
            Self::Integer { default, .. } => default.into(),
            Self::Number { default, .. } => default.into(),
            Self::Choice { default, .. } => default.json(),
            Self::Toggle { default } => default.into(),
        }
    }

    fn accepts(&self, value: &Value) -> bool {
        match *self {
            Self::Integer { min, max, .. } => {
                value.as_i64().is_some_and(|v| (min..=max).contains(&v))
            }
            Self::Number { min, max, .. } => {
                value.as_f64().is_some_and(|v| (min..=max).contains(&v))
            }
            Self::Choice { options, .. } => {
                options.iter().any(|option| option.value.json() == *value)
            }
            Self::Toggle { .. } => value.is_boolean(),
        }
    }

    fn expected(&self) -> String {
        match *self {
            Self::Integer { min, max, .. } => {
                format!("a whole number from {min} to {max} is needed")
            }
            Self::Number { min, max, .. } => format!("a number from {min} to {max} is needed"),
            Self::Choice { options, .. } => {
                let values: Vec<String> = options
                    .iter()
                    .map(|option| option.value.json().to_string())
                    .collect();
                format!("one of {} is needed", values.join(", "))
            }
            Self::Toggle { .. } => "true or false is needed".into(),
        }
    }
}

impl ChoiceValue {
    fn json(self) -> Value {
        match self {
            Self::Integer(number) => number.into(),
            Self::Word(word) => word.into(),
        }
    }
}

/// A value as people read it.
#[must_use]
pub fn words(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        // A whole number without a point, whatever its type.
        Value::Number(number) => number
            .as_f64()
            .map_or_else(|| value.to_string(), |number| number.to_string()),
        value => value.to_string(),
    }
}

/// Every setting of a parameter table, each within its range.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = "Record<string, number | string | boolean>"))]
pub struct Settings(Map<String, Value>);

impl Settings {
    /// Checks what the reader chose and fills in the rest.
    pub fn new(parameters: &[Parameter], chosen: &Map<String, Value>) -> Result<Self> {
        for (name, value) in chosen {
            let known = || {
                parameters
                    .iter()
                    .map(|p| p.name)
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let wrong = |expected| Error::Setting {
                name: name.clone(),
                found: value.to_string(),
                expected,
            };
            let parameter = parameters.iter().find(|parameter| parameter.name == name);
            let parameter = parameter.ok_or_else(|| {
                wrong(format!(
                    "there is no such setting here; there are: {}",
                    known()
                ))
            })?;
            if !parameter.kind.accepts(value) {
                return Err(wrong(parameter.kind.expected()));
            }
        }
        // Inserted one by one: a map that is collected is sorted, by code of its own for each place where that is done.
        let mut all = Map::new();
        for parameter in parameters {
            let chosen = chosen.get(parameter.name).cloned();
            let value = chosen.unwrap_or_else(|| parameter.default());
            all.insert(parameter.name.to_owned(), value);
        }
        Ok(Self(all))
    }

    /// Those of some of the parameters.
    #[must_use]
    pub fn of(&self, parameters: &[Parameter]) -> Self {
        let mut own = Map::new();
        for parameter in parameters {
            if let Some(value) = self.0.get(parameter.name) {
                own.insert(parameter.name.to_owned(), value.clone());
            }
        }
        Self(own)
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The settings as data.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Parameter] = &[
        Parameter {
            name: "bits",
            title: "Bits",
            sentence: "",
            kind: ParameterKind::Integer {
                min: 2,
                max: 8,
                step: 1,
                default: 4,
            },
        },
        Parameter {
            name: "group_size",
            title: "Group",
            sentence: "",
            kind: ParameterKind::Choice {
                options: &[
                    Choice {
                        value: ChoiceValue::Integer(64),
                        title: "64",
                    },
                    Choice {
                        value: ChoiceValue::Word("row"),
                        title: "row",
                    },
                ],
                default: ChoiceValue::Integer(64),
            },
        },
    ];

    fn settings(json: &str) -> Result<Settings> {
        Settings::new(TABLE, &serde_json::from_str(json).expect("JSON"))
    }

    #[test]
    fn what_no_recipe_has_is_named() {
        let recipe = |text| Recipe::from_json(text).map(|recipe| recipe.method);
        assert_eq!(recipe(r#"{"method": "gptq"}"#).expect("a recipe"), "gptq");
        for (text, name) in [
            (r#"{"method": "gptq", "classifer": "x"}"#, "classifer"),
            (r#"{"settings": {}}"#, "method"),
            (r#"{"method": "gptq", "probes": "toxicity"}"#, "toxicity"),
            (r#"{"method": "gptq", "probes": null}"#, "null"),
            (r#"{"method": 4}"#, "4"),
            ("gptq", "expected"),
        ] {
            let error = recipe(text).expect_err(text).to_string();
            assert!(
                error.contains(name) && error.starts_with("the recipe"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_not_chosen_has_its_default() {
        let settings = settings(r#"{"group_size": "row"}"#).expect("settings");
        let expected = serde_json::json!({"bits": 4, "group_size": "row"});
        assert_eq!(Value::from(settings.to_map()), expected);
    }

    #[test]
    fn texts_stand_for_values_that_are_allowed() {
        let read = |row: usize, text| TABLE[row].read(text);
        for text in ["4", "+4", "4.", "4.0", "40e-1"] {
            assert_eq!(read(0, text), Some(4.into()), "{text}");
        }
        for text in [
            "", "9", "0x4", "4.5", "Infinity", "inf", "NaN", "1e999", "-1e999", " 4", "4bit",
            "true",
        ] {
            assert_eq!(read(0, text), None, "{text}");
        }
        assert_eq!(read(1, "64"), Some(64.into()));
        assert_eq!(read(1, "row"), Some("row".into()));
        for text in ["", "7", "64.0", "\"row\"", "Row"] {
            assert_eq!(read(1, text), None, "{text}");
        }
        let number = ParameterKind::Number {
            min: 0.0,
            max: 1.0,
            step: 0.1,
            default: 1.0,
        };
        assert_eq!(number.read(".25"), Some(0.25.into()));
        assert_eq!(number.read("NaN"), None);
        assert_eq!(words(&number.default()), "1");
        let toggle = ParameterKind::Toggle { default: true };
        assert_eq!(toggle.read("false"), Some(false.into()));
        assert_eq!(toggle.read("maybe"), None);
    }

    #[test]
    fn a_value_outside_its_range_is_named() {
        for json in [
            r#"{"bits": 9}"#,
            r#"{"bits": "4"}"#,
            r#"{"bits": 2.5}"#,
            r#"{"group_size": 0}"#,
            r#"{"speed": 1}"#,
        ] {
            let error = settings(json).expect_err(json).to_string();
            let name = json.split('"').nth(1).expect("a name");
            assert!(error.contains(name) && error.contains(':'), "{error}");
        }
    }
}
