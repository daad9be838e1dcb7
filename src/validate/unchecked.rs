//! A recipe from texts of unknown origin, a link above all: what of it can be had is taken, the rest is named.

use crate::calibrate;
use crate::compress;
use crate::compress::{METHODS, Method, parameters};
use crate::evaluate::{self, PROBES};
use crate::recipe::{Parameter, Recipe, words};
use serde::Serialize;
use serde_json::{Map, Value};

/// So many characters of a text are quoted.
const LONGEST_QUOTE: usize = 60;

/// What a link says of a recipe, as it stands there. Nothing of it is known to be true, whole or short.
#[derive(Debug, Clone, Default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UncheckedRecipe {
    /// Names of methods, joined with `+`; the first method of the catalog where there is none.
    pub method: Option<String>,
    /// Texts by the part of the recipe and the name of the setting, as `calibration.length`; the first of two counts.
    pub settings: Vec<(String, String)>,
    /// Names of probes, joined with `,`; all probes where there is none.
    pub probes: Option<String>,
}

/// A recipe that can be run, whatever was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Settled {
    /// Every setting is there.
    pub recipe: Recipe,
    /// What cannot be honoured: clauses, which say what is done instead.
    pub problems: Vec<String>,
}

impl UncheckedRecipe {
    /// Takes what is known and allowed; everything else has its default, and is named.
    #[must_use]
    pub fn settle(&self) -> Settled {
        let mut problems = Vec::new();
        let chain = self.chain(&mut problems);
        let own = parameters(&chain);
        let parts: [(&str, &[Parameter]); 3] = [
            ("settings", &own),
            ("calibration", calibrate::PARAMETERS),
            ("evaluation", evaluate::PARAMETERS),
        ];
        for (key, _) in &self.settings {
            let (part, name) = key.split_once('.').unwrap_or((key, ""));
            let mut here = parts.iter().filter(|(known, _)| *known == part);
            if !here.any(|(_, table)| table.iter().any(|parameter| parameter.name == name)) {
                let whose = match part {
                    "settings" => format!("of {}", titles(&chain)),
                    _ => "that this page has".to_owned(),
                };
                problems.push(format!(
                    "{} is no setting {whose} and was passed over",
                    quoted(key)
                ));
            }
        }
        let mut read = |place: usize| {
            let (part, table) = parts[place];
            self.part(part, table, &mut problems)
        };
        let recipe = Recipe {
            method: names(&chain).join("+"),
            settings: read(0),
            calibration: read(1),
            evaluation: read(2),
            probes: self.probes(&mut problems),
        };
        Settled { recipe, problems }
    }

    /// The methods, each once.
    fn chain(&self, problems: &mut Vec<String>) -> Vec<&'static Method> {
        let first = METHODS[0];
        let Some(asked) = &self.method else {
            return vec![first];
        };
        let asked: Vec<&str> = asked.split('+').collect();
        let once = once(&asked);
        let known = once.iter().filter_map(|name| compress::method(name).ok());
        let chain: Vec<&Method> = known.collect();
        let instead = if chain.is_empty() {
            format!("{} is shown instead", first.title)
        } else {
            "it was left out".to_owned()
        };
        for name in once {
            if !names(&chain).contains(&name) {
                let name = quoted(name);
                problems.push(format!(
                    "the method {name} is not known here, and {instead}"
                ));
            } else if asked.iter().filter(|each| **each == name).count() > 1 {
                let name = quoted(name);
                problems.push(format!(
                    "the method {name} stands there twice and is applied once"
                ));
            }
        }
        if chain.is_empty() { vec![first] } else { chain }
    }

    /// The settings of one part of the recipe.
    #[inline(never)] // of three parts: three copies would be large
    fn part(
        &self,
        part: &str,
        table: &[Parameter],
        problems: &mut Vec<String>,
    ) -> Map<String, Value> {
        let mut settings = Map::new();
        for parameter in table {
            let wanted = Some((part, parameter.name));
            let text = self
                .settings
                .iter()
                .find(|(key, _)| key.split_once('.') == wanted);
            let value = match text {
                Some((_, text)) => parameter.read(text).unwrap_or_else(|| {
                    let usual = parameter.default();
                    problems.push(format!(
                        "{} is no {} that can be set, so it is {}",
                        quoted(text),
                        parameter.title.to_lowercase(),
                        words(&usual)
                    ));
                    usual
                }),
                None => parameter.default(),
            };
            settings.insert(parameter.name.to_owned(), value);
        }
        settings
    }

    /// The names of the probes, in the order of the catalog; none for all.
    fn probes(&self, problems: &mut Vec<String>) -> Vec<String> {
        let Some(asked) = &self.probes else {
            return Vec::new();
        };
        let asked: Vec<&str> = asked.split(',').collect();
        let known = PROBES.iter().map(|kind| kind.name);
        let known: Vec<&str> = known.filter(|name| asked.contains(name)).collect();
        let instead = if known.is_empty() {
            ", and all are asked"
        } else {
            ""
        };
        for name in once(&asked) {
            if !known.contains(&name) {
                problems.push(format!(
                    "the dimension {} is not known here{instead}",
                    quoted(name)
                ));
            }
        }
        match known.len() {
            all if all == PROBES.len() => Vec::new(),
            _ => known.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// Each text once, in the order of their first places.
fn once<'t>(texts: &[&'t str]) -> Vec<&'t str> {
    let mut seen = std::collections::BTreeSet::new();
    let new = texts.iter().copied().filter(|text| seen.insert(*text));
    new.collect()
}

fn names(chain: &[&Method]) -> Vec<&'static str> {
    chain.iter().map(|method| method.name).collect()
}

fn titles(chain: &[&Method]) -> String {
    let titles: Vec<&str> = chain.iter().map(|method| method.title).collect();
    titles.join(", then ")
}

/// A text between quotation marks, cut where it is long.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("“{}…”", &text[..end]),
        None => format!("“{text}”"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::CheckedRecipe;
    use super::*;

    fn settle(method: &str, settings: &[(&str, &str)], probes: Option<&str>) -> Settled {
        let own = |(key, text): &(&str, &str)| ((*key).to_owned(), (*text).to_owned());
        let unchecked = UncheckedRecipe {
            method: Some(method.to_owned()),
            settings: settings.iter().map(own).collect(),
            probes: probes.map(str::to_owned),
        };
        unchecked.settle()
    }

    /// Whatever is asked for, what comes out can be run, and is what comes out of itself.
    fn check(settled: &Settled) {
        CheckedRecipe::new(&settled.recipe).expect("a recipe that can be run");
        let parts = [
            ("settings", &settled.recipe.settings),
            ("calibration", &settled.recipe.calibration),
            ("evaluation", &settled.recipe.evaluation),
        ];
        let probes = settled.recipe.probes.join(",");
        let again = UncheckedRecipe {
            method: Some(settled.recipe.method.clone()),
            settings: parts
                .iter()
                .flat_map(|(part, settings)| {
                    let key = move |name: &String| format!("{part}.{name}");
                    settings
                        .iter()
                        .map(move |(name, value)| (key(name), words(value)))
                })
                .collect(),
            probes: Some(probes).filter(|probes| !probes.is_empty()),
        };
        let again = again.settle();
        assert_eq!(again.problems, Vec::<String>::new());
        assert_eq!(again.recipe, settled.recipe);
    }

    #[test]
    fn nothing_asked_for_is_the_first_method_with_its_defaults() {
        let settled = UncheckedRecipe::default().settle();
        check(&settled);
        assert_eq!(settled.problems, Vec::<String>::new());
        assert_eq!(settled.recipe.method, METHODS[0].name);
        assert!(settled.recipe.probes.is_empty());
    }

    #[test]
    fn what_is_allowed_is_taken() {
        let settings = [
            ("settings.bits", "3"),
            ("settings.group_size", "row"),
            ("calibration.length", "8"),
            ("evaluation.ask", "generate"),
        ];
        let settled = settle("wanda+gptq", &settings, Some("toxicity,stereotype"));
        check(&settled);
        let Settled { recipe, problems } = settled;
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(recipe.method, "wanda+gptq");
        assert_eq!(recipe.settings["bits"], 3);
        assert_eq!(recipe.settings["group_size"], "row");
        assert_eq!(recipe.calibration["length"], 8);
        assert_eq!(recipe.evaluation["ask"], "generate");
        assert_eq!(recipe.probes, ["stereotype", "toxicity"]);
        let all = PROBES.iter().map(|kind| kind.name).collect::<Vec<_>>();
        let all = settle("awq", &[], Some(&all.join(",")));
        assert!(all.recipe.probes.is_empty() && all.problems.is_empty());
    }

    #[test]
    fn what_cannot_be_honoured_is_named() {
        let first = METHODS[0].title;
        let long = "x".repeat(100_000);
        let cut = format!("the dimension “{}…” is not known here", "x".repeat(60));
        let none: &[(&str, &str)] = &[];
        for (method, settings, probes, expected) in [
            (
                "foo",
                none,
                None,
                &*format!("the method “foo” is not known here, and {first} is shown instead"),
            ),
            (
                "",
                none,
                None,
                &format!("the method “” is not known here, and {first} is shown instead"),
            ),
            (
                "wanda+foo",
                none,
                None,
                "the method “foo” is not known here, and it was left out",
            ),
            (
                "wanda+wanda",
                none,
                None,
                "the method “wanda” stands there twice and is applied once",
            ),
            (
                "wanda",
                &[("settings.bits", "4")],
                None,
                "“settings.bits” is no setting of Wanda and was passed over",
            ),
            (
                "gptq",
                &[("settings", "4")],
                None,
                "“settings” is no setting of GPTQ and was passed over",
            ),
            (
                "gptq",
                &[("settings.__proto__", "1")],
                None,
                "“settings.__proto__” is no setting of GPTQ and was passed over",
            ),
            (
                "gptq",
                &[("calibration.colour", "red")],
                None,
                "“calibration.colour” is no setting that this page has and was passed over",
            ),
            (
                "gptq",
                &[("settings.bits", "99")],
                None,
                "“99” is no bits per weight that can be set, so it is 4",
            ),
            (
                "gptq",
                &[("settings.damping", "2")],
                None,
                "“2” is no damping that can be set, so it is 0.01",
            ),
            (
                "gptq",
                &[("settings.symmetric", "maybe")],
                None,
                "“maybe” is no symmetric that can be set, so it is false",
            ),
            (
                "gptq",
                &[("evaluation.source", "elsewhere")],
                None,
                "“elsewhere” is no items from that can be set, so it is classroom",
            ),
            (
                "gptq",
                none,
                Some("stereotype,foo"),
                "the dimension “foo” is not known here",
            ),
            (
                "gptq",
                none,
                Some(""),
                "the dimension “” is not known here, and all are asked",
            ),
            ("gptq", none, Some(&*format!("stereotype,{long}")), &cut),
        ] {
            let settled = settle(method, settings, probes);
            assert_eq!(settled.problems, [expected]);
            check(&settled);
        }
    }
}
