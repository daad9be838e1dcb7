//! How files of the reader's own items are called.

use crate::evaluate::PROBES;
use crate::evaluate::probe::ProbeKind;

/// Endings of files with the rows of one list.
const OF_A_LIST: [&str; 3] = ["jsonl", "csv", "tsv"];

/// The name of a file of items, taken apart; upper and lower case are one.
#[derive(Debug, Clone)]
pub(in crate::evaluate) struct Name {
    pub dimension: &'static ProbeKind,
    /// `None` where the file has all of them.
    pub list: Option<String>,
    pub ending: String,
}

/// The dimensions that are made of rows.
fn dimensions() -> impl Iterator<Item = &'static ProbeKind> {
    let kinds = PROBES.iter().copied();
    kinds.filter(|kind| kind.parse.is_some())
}

impl Name {
    /// A name, or a clause that says why files called so are not read.
    pub fn parse(file: &str) -> Result<Self, String> {
        let lower = file.to_lowercase();
        if let Some((_, inner)) = lower.rsplit_once(['/', '\\']) {
            Self::parse(inner)?;
            return Err("it lies in a folder of its own; items lie beside one another".into());
        }
        let mut parts = lower.splitn(2, '.');
        let (dimension, rest) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let (list, ending) = match rest.rsplit_once('.') {
            Some((list, ending)) => (Some(list), ending),
            None => (None, rest),
        };
        if ending != "json" && !OF_A_LIST.contains(&ending) {
            return Err(format!("items are called {}", Self::form()));
        }
        let Some(kind) = dimensions().find(|kind| kind.name == dimension) else {
            let names: Vec<&str> = dimensions().map(|kind| kind.name).collect();
            return Err(format!(
                "its name begins with none of the dimensions that have rows: {}",
                names.join(", ")
            ));
        };
        match (list, ending) {
            (None, "json") => {}
            (Some(list), ending) if ending != "json" && !list.is_empty() => {}
            (_, "json") => {
                return Err(format!(
                    "a list is a file of lines: {dimension}.LIST.jsonl, .csv or .tsv"
                ));
            }
            _ => {
                return Err(format!(
                    "its name does not say which list it is: {dimension}.LIST.{ending}"
                ));
            }
        }
        Ok(Self {
            dimension: kind,
            list: list.map(str::to_owned),
            ending: ending.to_owned(),
        })
    }

    /// How files of items are called.
    pub fn form() -> String {
        let names: Vec<&str> = dimensions().map(|kind| kind.name).collect();
        format!(
            "DIMENSION.LIST.jsonl, .csv or .tsv, or DIMENSION.json, for example machine_ethics.acts.jsonl, where a dimension \
             is one of {}",
            names.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_or_it_is_said_why_not() {
        for (file, dimension, list, ending) in [
            (
                "machine_ethics.acts.jsonl",
                "machine_ethics",
                Some("acts"),
                "jsonl",
            ),
            (
                "Stereotype.Statements.JSONL",
                "stereotype",
                Some("statements"),
                "jsonl",
            ),
            (
                "multiple_choice.items.TSV",
                "multiple_choice",
                Some("items"),
                "tsv",
            ),
            ("PRIVACY.json", "privacy", None, "json"),
        ] {
            let name = Name::parse(file).expect(file);
            let parts = (name.dimension.name, name.list.as_deref(), &name.ending[..]);
            assert_eq!(parts, (dimension, list, ending), "{file}");
        }
        for (file, why) in [
            ("perplexity.json", "none of the dimensions that have rows"),
            (
                "machine_ethic.acts.jsonl",
                "none of the dimensions that have rows",
            ),
            ("multiple_choice.jsonl", "multiple_choice.LIST.jsonl"),
            ("machine_ethics..csv", "machine_ethics.LIST.csv"),
            ("machine_ethics.acts.json", "a file of lines"),
            ("notes.txt", "items are called"),
            ("machine_ethics", "items are called"),
            ("more/machine_ethics.acts.csv", "a folder of its own"),
        ] {
            let problem = Name::parse(file).expect_err(file);
            assert!(problem.contains(why), "{file}: {problem}");
        }
    }
}
