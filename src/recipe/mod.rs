//! What to do, as data: the same text in the page's address, on the command line and in the report.

mod setting;

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use setting::{Setting, Words};

/// A method with its settings, what it is calibrated by, and how to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The name of a method, or names joined with `+`.
    pub method: String,
    #[serde(default)]
    pub settings: Map<String, Value>,
    #[serde(default)]
    pub calibration: Map<String, Value>,
    #[serde(default)]
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
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Parameter {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    #[serde(flatten)]
    pub kind: ParameterKind,
}

/// What values a setting takes, and which it has when nothing is said.
#[derive(Debug, Clone, Copy, Serialize)]
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
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Choice {
    pub value: ChoiceValue,
    pub title: &'static str,
}

/// A choice is a word or a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ChoiceValue {
    Integer(i64),
    Word(&'static str),
}

impl ParameterKind {
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

/// Every setting of a parameter table, each within its range.
#[derive(Debug, Clone, PartialEq)]
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
        let value = |parameter: &Parameter| {
            let chosen = chosen.get(parameter.name).cloned();
            chosen.unwrap_or_else(|| parameter.kind.default())
        };
        Ok(Self(
            parameters
                .iter()
                .map(|parameter| (parameter.name.to_owned(), value(parameter)))
                .collect(),
        ))
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
