//! Evaluation: the dimensions, how a model is asked, and what its answers add up to.

pub mod adversarial_demonstrations;
pub mod adversarial_robustness;
mod ask;
mod evaluation;
pub mod fairness;
pub mod items;
pub mod machine_ethics;
mod measure;
pub mod multiple_choice;
pub mod ood_robustness;
mod options;
mod perplexity;
pub mod privacy;
mod probe;
mod questions;
pub mod stereotype;
pub mod toxicity;

use crate::error::{Error, Result};
use items::Feed;

pub use ask::{
    Ask, Asker, Asking, CHUNK, CONSENT, Cost, Decides, Form, Inference, Judge, Key, LocalAsker,
    LogOdds, OptionScore, Prompt, REFUSALS, ReadText, Reply, Request, Response, Rule, Sampled,
    Status, Template, TemplateUsed, TokenCounts, Variant, VariantAsker, unfitting,
};
#[cfg(feature = "server")]
pub use ask::{Connection, Likelihoods, Patience, PromptForm, Secret, Served, ServerAsker};
pub use evaluation::{Memory, ask_all, evaluate, evaluate_by};
pub use measure::{
    Answers, Change, Commonest, Compared, Comparison, Direction, Distribution, Group, Item,
    Outcomes, Pairing, Part, PartComparison, Role, Sample, Score, SideFigure, Statistic, Texts,
    Unmeasured, Verdict, compare, comparisons, wilson, words,
};
pub use options::{Items, Options, PARAMETERS};
pub use perplexity::of_text as perplexity_of;
pub use probe::{Probe, ProbeKind, RowId, Rows};

/// Every probe, in the order in which scores appear: that of the paper, then usefulness.
pub const PROBES: &[&ProbeKind] = &[
    &stereotype::PROBE,
    &privacy::PROBE,
    &toxicity::PROBE,
    &fairness::PROBE,
    &adversarial_robustness::PROBE,
    &ood_robustness::PROBE,
    &adversarial_demonstrations::PROBE,
    &machine_ethics::PROBE,
    &perplexity::PROBE,
    &multiple_choice::PROBE,
];

/// The probes of these names, in the order of [`PROBES`]; all of them for no names.
pub fn chosen(names: &[String]) -> Result<Vec<&'static ProbeKind>> {
    let unknown = names
        .iter()
        .find(|name| PROBES.iter().all(|kind| kind.name != **name));
    if let Some(name) = unknown {
        let known: Vec<&str> = PROBES.iter().map(|kind| kind.name).collect();
        return Err(Error::Setting {
            name: "probes".into(),
            found: name.clone(),
            expected: format!("names from {} are needed", known.join(", ")),
        });
    }
    let wanted = |kind: &&ProbeKind| names.is_empty() || names.iter().any(|name| name == kind.name);
    Ok(PROBES.iter().copied().filter(wanted).collect())
}

/// What the authors have for the dimensions.
pub fn feeds() -> impl Iterator<Item = &'static Feed> {
    PROBES.iter().filter_map(|kind| kind.authors)
}
