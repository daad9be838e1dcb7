//! What options are likely before anything is asked: the prior that a likelihood is calibrated by.

use super::Question;
use crate::error::Result;
use crate::evaluate::ask::{Ask, Prompt, Request, Response, mismatch};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stands where a question has its content. Several, since any one of them says something after all (Zhao et al.
/// 2021).
const FILLERS: [&str; 3] = ["N/A", "...", "something"];

/// A question without content: `prompt` of each filler.
pub(in crate::evaluate) fn neutral(prompt: impl Fn(&str) -> Prompt) -> Arc<[Prompt]> {
    FILLERS.iter().map(|filler| prompt(filler)).collect()
}

/// The same of the first filler alone, for a question whose options are its own: its prior serves no other one, so that
/// what the filler says stays with it.
pub(in crate::evaluate) fn neutral_once(prompt: impl Fn(&str) -> Prompt) -> Arc<[Prompt]> {
    FILLERS
        .iter()
        .take(1)
        .map(|filler| prompt(filler))
        .collect()
}

/// The priors that questions need: one for each question without content and list of options.
pub(super) struct Priors<'q> {
    priors: Vec<(&'q [Prompt], Vec<String>)>,
    /// The prior of each question; none where no likelihood is calibrated.
    of: Vec<Option<usize>>,
}

impl<'q> Priors<'q> {
    pub fn new(questions: impl Iterator<Item = &'q Question>, ask: Ask) -> Self {
        let mut seen = BTreeMap::new();
        let mut priors = Vec::new();
        let mut of = Vec::new();
        for question in questions {
            of.push(match question.form.request(&question.prompt, ask) {
                Request::Choose {
                    options,
                    spellings: true,
                    ..
                } => {
                    let key = format!("{:?} {options:?}", question.neutral);
                    Some(*seen.entry(key).or_insert_with(|| {
                        priors.push((&*question.neutral, options));
                        priors.len() - 1
                    }))
                }
                _ => None,
            });
        }
        Self { priors, of }
    }

    /// What is asked for them.
    pub fn requests(&self) -> impl Iterator<Item = Request> {
        self.priors.iter().flat_map(|(prompts, options)| {
            prompts.iter().map(|prompt| Request::Choose {
                prompt: prompt.clone(),
                options: options.clone(),
                spellings: true,
            })
        })
    }

    /// The questions, by their places, that a request of these is for.
    pub fn questions_of(&self, request: usize) -> Vec<usize> {
        let mut owners = (0..).zip(&self.priors);
        let mut behind = 0;
        let owner = owners.find_map(|(owner, (prompts, _))| {
            behind += prompts.len();
            (request < behind).then_some(owner)
        });
        let places = self.of.iter().enumerate();
        places
            .filter(|(_, prior)| owner.is_some() && **prior == owner)
            .map(|(place, _)| place)
            .collect()
    }

    /// The prior of each question: of each option, the mean over fillers of the log-probability of all its spellings. A
    /// mean in the log domain gives every filler the same say in the odds between two options; among probabilities, the
    /// filler that options fit best after would decide alone.
    pub fn read(&self, responses: &[Response]) -> Result<Vec<Option<Vec<f64>>>> {
        let mut responses = responses.iter();
        let mut means = Vec::new();
        for (prompts, options) in &self.priors {
            let mut mean = vec![0.0; options.len()];
            for response in responses.by_ref().take(prompts.len()) {
                let Response::Choose { spelled, .. } = response else {
                    return Err(mismatch());
                };
                if spelled.len() != options.len() {
                    return Err(mismatch());
                }
                for (mean, spelled) in mean.iter_mut().zip(spelled) {
                    *mean += spelled / prompts.len() as f64;
                }
            }
            means.push(mean);
        }
        let prior = |prior: &Option<usize>| prior.map(|prior| means[prior].clone());
        Ok(self.of.iter().map(prior).collect())
    }
}
