//! Questions with their answers, as a report has them.

use super::{PartInfo, PartRole, Question, Questions};
use crate::evaluate::ask::{Key, Reading, Sampled, TokenCounts};
use crate::evaluate::measure::{Distribution, Item, Role};
use std::rc::Rc;

impl Questions {
    /// What the item of a question is called: its sub-task, and its number there.
    pub(super) fn id(&self, number: usize, question: &Question) -> String {
        format!("{}/{number}", self.parts[question.part].name)
    }

    /// Each question with its answer.
    pub(super) fn items(&self, readings: Vec<Reading>) -> Vec<Item> {
        let pairs = self.questions.iter().zip(readings).enumerate();
        let item =
            |(request, ((number, question), reading)): (usize, (&(usize, Rc<Question>), _))| {
                let reading: Reading = reading;
                let PartInfo {
                    name: part, role, ..
                } = &self.parts[question.part];
                let (worths, a) = (question.form.worths(), question.form.option_a());
                let is_right = |a: usize| worths.get(a).is_some_and(|worth| *worth > 0.5);
                Item {
                    id: self.id(*number, question),
                    part: part.to_string(),
                    role: match role {
                        PartRole::Score => Role::Score,
                        PartRole::Control | PartRole::TwinOf(_) => Role::Beside,
                        PartRole::AbilityOf(_) => Role::Ability,
                    },
                    of: match role {
                        PartRole::TwinOf(part) | PartRole::AbilityOf(part) => {
                            self.parts.get(*part).map(|part| part.name.to_string())
                        }
                        PartRole::Score | PartRole::Control => None,
                    },
                    group: question.group.clone(),
                    cluster: question.cluster,
                    frame: question.frame.clone(),
                    ability: question.ability,
                    counts: reading.counts,
                    key: a.map(|a| if is_right(a) { Key::A } else { Key::B }),
                    option_a: a.and_then(|a| question.form.options().get(a).cloned()),
                    log_odds: reading.chosen.and_then(|chosen| chosen.log_odds),
                    margin: reading.chosen.and_then(|chosen| chosen.margin),
                    option_share: reading.chosen.map(|chosen| chosen.share),
                    raw_value: reading.chosen.map(|chosen| chosen.raw_value),
                    choices: question.form.options().to_vec(),
                    worths,
                    tokens: TokenCounts::default(),
                    bytes: None,
                    by_frequency: None,
                    request,
                    value: reading.value,
                    status: reading.status,
                    answer: reading.answer,
                    expected: question.form.expected(),
                    prompt: question.prompt.plain(),
                    options: reading.options,
                    output: reading.output,
                    offensive: question.offensive || reading.samples.iter().any(Sampled::is_toxic),
                    samples: reading.samples,
                }
            };
        pairs.map(item).collect()
    }

    /// What the model thinks of the options of each scored question.
    pub(super) fn distributions(&self, readings: &[Reading]) -> Vec<Distribution> {
        let pairs = self.questions.iter().zip(readings);
        pairs
            .filter(|((_, question), reading)| {
                self.is_scored(question.part) && !reading.options.is_empty()
            })
            .map(|((_, question), reading)| {
                let options = reading.options.iter().map(|option| option.loglikelihood);
                Distribution::new(question.cluster, options)
            })
            .collect()
    }
}
