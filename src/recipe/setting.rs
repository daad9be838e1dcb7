//! Settings as those who read them see them: by handle, with their own type.

use super::{Choice, Parameter, ParameterKind, Settings};
use serde_json::Value;

/// A parameter with the type of its values: what is written in a table is read by [`of`](Self::of), so that a name that
/// is not there does not compile.
pub struct Setting<T: 'static> {
    /// The row of the table.
    pub parameter: Parameter,
    /// The values of a choice, in the order of its options; empty for other kinds.
    values: &'static [T],
    read: fn(&Value) -> Option<T>,
    default: T,
}

/// Its names, as the page and the command line show them.
#[derive(Clone, Copy)]
pub struct Words {
    pub name: &'static str,
    pub title: &'static str,
    pub sentence: &'static str,
}

impl<T: Copy> Setting<T> {
    /// The value in a table that has this setting; its default in others.
    #[must_use]
    pub fn of(&self, settings: &Settings) -> T {
        let value = settings.value(self.parameter.name);
        let found = value.and_then(|value| match self.parameter.kind {
            ParameterKind::Choice { options, .. } => {
                let place = options
                    .iter()
                    .position(|option| option.value.json() == *value)?;
                self.values.get(place).copied()
            }
            _ => (self.read)(value),
        });
        found.unwrap_or(self.default)
    }

    /// One of some options, each with what it means; the option at `default` is taken when nothing is said.
    ///
    /// # Panics
    /// When it is made, where there are not as many values as options, or none at `default`.
    #[must_use]
    pub const fn choice(
        words: Words,
        options: &'static [Choice],
        values: &'static [T],
        default: usize,
    ) -> Self {
        assert!(options.len() == values.len());
        Self {
            parameter: words.with(ParameterKind::Choice {
                options,
                default: options[default].value,
            }),
            values,
            read: |_| None,
            default: values[default],
        }
    }
}

impl Setting<f64> {
    /// A number from `min` to `max`.
    #[must_use]
    pub const fn number(words: Words, [min, max]: [f64; 2], step: f64, default: f64) -> Self {
        Self {
            parameter: words.with(ParameterKind::Number {
                min,
                max,
                step,
                default,
            }),
            values: &[],
            read: Value::as_f64,
            default,
        }
    }
}

impl Setting<bool> {
    /// Yes or no.
    #[must_use]
    pub const fn toggle(words: Words, default: bool) -> Self {
        Self {
            parameter: words.with(ParameterKind::Toggle { default }),
            values: &[],
            read: Value::as_bool,
            default,
        }
    }
}

/// Whole numbers of one type.
macro_rules! integer {
    ($($type:ty),*) => {$(
        impl Setting<$type> {
            /// A whole number from `min` to `max`.
            #[must_use]
            pub const fn integer(words: Words, [min, max]: [$type; 2], step: $type, default: $type) -> Self {
                Self {
                    parameter: words.with(ParameterKind::Integer {
                        min: min as i64,
                        max: max as i64,
                        step: step as i64,
                        default: default as i64,
                    }),
                    values: &[],
                    read: |value| value.as_u64().and_then(|number| number.try_into().ok()),
                    default,
                }
            }
        }
    )*};
}

integer!(u8, u32);

impl Words {
    const fn with(self, kind: ParameterKind) -> Parameter {
        Parameter {
            name: self.name,
            title: self.title,
            sentence: self.sentence,
            kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ChoiceValue;
    use super::*;

    const fn words(name: &'static str) -> Words {
        Words {
            name,
            title: "",
            sentence: "",
        }
    }

    const BITS: Setting<u8> = Setting::<u8>::integer(words("bits"), [2, 8], 1, 4);
    const CLIP: Setting<bool> = Setting::toggle(words("clip"), true);
    const DAMPING: Setting<f64> = Setting::number(words("damping"), [0.0, 1.0], 0.1, 0.5);
    const GROUP: Setting<Option<usize>> = Setting::choice(
        words("group"),
        &[
            Choice {
                value: ChoiceValue::Integer(64),
                title: "64",
            },
            Choice {
                value: ChoiceValue::Word("row"),
                title: "row",
            },
        ],
        &[Some(64), None],
        0,
    );
    const TABLE: &[Parameter] = &[
        BITS.parameter,
        CLIP.parameter,
        DAMPING.parameter,
        GROUP.parameter,
    ];

    #[test]
    fn a_handle_reads_what_was_chosen_or_the_default() {
        let chosen = serde_json::json!({"bits": 3, "clip": false, "damping": 0.25, "group": "row"});
        let chosen =
            Settings::new(TABLE, chosen.as_object().expect("an object")).expect("settings");
        let plain = Settings::new(TABLE, &serde_json::Map::new()).expect("settings");
        let empty = Settings::new(&[], &serde_json::Map::new()).expect("settings");
        let read = |settings: &Settings| {
            (
                BITS.of(settings),
                CLIP.of(settings),
                DAMPING.of(settings),
                GROUP.of(settings),
            )
        };
        assert_eq!(read(&chosen), (3, false, 0.25, None));
        for settings in [plain, empty] {
            assert_eq!(read(&settings), (4, true, 0.5, Some(64)));
        }
    }
}
