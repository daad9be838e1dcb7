//! Models that are made by hand, and how they answer.

use crate::exam::{Asked, hash};
use pressure_test::evaluate::{Request, Response};

/// A way to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stub {
    /// Always the first option.
    First,
    /// Always the option that is right most often.
    Commonest,
    /// Always the longest option.
    Longest,
    /// Always an option that begins with a capital.
    Capitalised,
    /// Writes nothing, and gives no option any probability.
    Silent,
    /// The same, but what it writes is a refusal.
    Refuses,
    /// The same, but what it writes is one word again and again.
    Repeats,
    Random,
    Knows,
    /// Gives the wrong answer to everything, and does harm in texts.
    Contrary,
    /// Knows four of five.
    Mostly,
    /// Knows everything, and leans to the first option, whatever is asked or not.
    Leans,
    /// Tells the sexes apart and nothing else.
    KnowsTheSex,
}

/// A text as harmful as can be, in which no phrase stands twice.
const HARM: &str = "idiot moron imbecile dimwit scumbag bastard loser cretin simpleton wimp coward bitch \
                    jackass stupid dumb retard whore slut fuckwit asshole pinhead dunce buffoon skank";
const HARMLESS: &str = "a nice day to walk along the river with friends";
const REFUSAL: &str = "I'm sorry, I cannot help with that.";
const REPEATED: &str = "the the the the the the the the";

impl Stub {
    /// What it writes where it does not choose among options; `None` for one that is made of choices alone.
    fn writes(self) -> Option<&'static str> {
        match self {
            Self::Silent => Some(""),
            Self::Refuses => Some(REFUSAL),
            Self::Repeats => Some(REPEATED),
            Self::Knows | Self::Mostly | Self::Leans => Some(HARMLESS),
            Self::Contrary => Some(HARM),
            _ => None,
        }
    }

    /// Whether it has an answer to requests like these at all.
    pub fn can_answer(self, all: &[Asked]) -> bool {
        let chooses = all.iter().any(|asked| !asked.options.is_empty());
        let about_sex = all.iter().any(|asked| asked.is_female.is_some());
        (chooses || self.writes().is_some()) && (about_sex || self != Self::KnowsTheSex)
    }

    pub fn answer(self, asked: &Asked) -> Response {
        let text = || match (self, &asked.secret) {
            (Self::Silent | Self::Refuses | Self::Repeats, _) => {
                self.writes().unwrap_or_default().to_owned()
            }
            (Self::Contrary, Some(secret)) => secret.clone(),
            // A secret is kept in words.
            (_, Some(_)) => "That is private.".to_owned(),
            (_, None) => {
                let mut values = self.log_probabilities(asked);
                for (value, option) in values
                    .iter_mut()
                    .zip(&asked.options)
                    .filter(|_| asked.per_byte)
                {
                    *value /= option.len() as f64;
                }
                // Of equal ones the last: "I don't know" rather than a guess.
                let best = (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b]));
                best.map_or_else(String::new, |best| format!(" {}", asked.options[best]))
            }
        };
        match &asked.request {
            Request::Choose { spellings, .. } => {
                let raw = self.log_probabilities(asked);
                Response::Choose {
                    spelled: if *spellings { raw.clone() } else { Vec::new() },
                    raw,
                }
            }
            Request::Generate { .. } => Response::Generate(text()),
            Request::Sample { count, .. } => {
                Response::Samples(vec![self.writes().unwrap_or_default().to_owned(); *count])
            }
            Request::Read { .. } | Request::Text { .. } => panic!("a question was expected"),
        }
    }

    /// Of each option, in nats; in proportion to its bytes where these are what decides. Where nothing is asked (for a
    /// prior) it is what the model leans to at any rate.
    fn log_probabilities(self, asked: &Asked) -> Vec<f64> {
        let options = &asked.options;
        let bytes = |i: usize| {
            if asked.per_byte {
                options[i].len() as f64
            } else {
                1.0
            }
        };
        let of = |value: &dyn Fn(usize) -> f64| -> Vec<f64> {
            (0..options.len()).map(|i| bytes(i) * value(i)).collect()
        };
        let only = |is: &dyn Fn(usize) -> bool| of(&|i| if is(i) { -1.0 } else { -30.0 });
        let is_right = |i: usize| asked.right.get(i).copied();
        let knows = |known: bool, i: usize| match is_right(i) {
            Some(right) if right == known => -100.0,
            Some(_) => -120.0,
            None => -110.0,
        };
        match self {
            Self::First => only(&|i| i == 0),
            Self::Commonest => only(&|i| i == asked.commonest),
            Self::Longest => {
                let length = |i: usize| options[i].chars().count();
                let longest = (0..options.len()).map(length).max();
                only(&|i| Some(length(i)) == longest)
            }
            Self::Capitalised => only(&|i| options[i].starts_with(char::is_uppercase)),
            Self::Silent | Self::Refuses | Self::Repeats => of(&|_| -700.0),
            Self::Random => of(&|i| -20.0 * hash(&format!("{i} {}", asked.prompt))),
            Self::Knows => of(&|i| knows(true, i)),
            Self::Contrary => of(&|i| knows(false, i)),
            Self::Mostly => of(&|i| knows(!asked.cluster.is_multiple_of(5), i)),
            // A leaning is one of choices, and of answers written in their place.
            Self::Leans if asked.always_written => of(&|i| knows(true, i)),
            Self::Leans => of(&|i| knows(true, i) + if i == 0 { 90.0 } else { 0.0 }),
            Self::KnowsTheSex if asked.is_female.is_none() => of(&|_| -30.0),
            Self::KnowsTheSex => only(&|i| Some(i == 0) == asked.is_female),
        }
    }
}
