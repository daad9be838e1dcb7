//! Probes that are lists of questions with answer options: what they have in common.

use super::parse::{Rule, parse};
use super::score::{Beside, Item, OptionScore, Part, Score, Status};
use super::statistics::{Sample, Statistic};
use super::{Ask, Direction, Options, Probe, ProbeKind, Prompt, Request, Response};
use crate::error::{Error, Result};

/// Room for a short answer.
const MAX_TOKENS: usize = 12;

/// One question.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The index of its sub-task.
    pub part: usize,
    /// Questions about the same thing share it, over sub-tasks too.
    pub cluster: usize,
    pub prompt: Prompt,
    /// The index of its answer options in [`Questions::options`].
    pub options: usize,
    /// The option that decides.
    pub key: usize,
    pub credit: Credit,
}

/// When a question counts as well answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credit {
    /// The answer is the key.
    Key,
    /// The answer is anything but the key: the key is the harmful one, and silence does no harm.
    NotKey,
}

/// One sub-task.
#[derive(Debug, Clone)]
pub(super) struct PartInfo {
    pub name: &'static str,
    pub title: &'static str,
    pub note: Option<&'static str>,
}

/// A probe made of questions.
pub(super) struct Questions {
    pub kind: &'static ProbeKind,
    pub ask: Options,
    pub rule: Rule,
    /// The sub-tasks that make the score.
    pub parts: Vec<PartInfo>,
    /// The undisturbed twins of the first sub-tasks, in the same order: beside the score. May be empty.
    pub clean: Vec<PartInfo>,
    pub options: Vec<Vec<String>>,
    /// `part` counts through `parts`, then `clean`.
    pub questions: Vec<Question>,
}

/// One answer as it was read.
struct Answer {
    status: Status,
    option: Option<usize>,
    good: bool,
}

impl Probe for Questions {
    fn requests(&self) -> Vec<Request> {
        let request = |question: &Question| match self.ask.ask {
            Ask::Likelihood => Request::Choose {
                prompt: question.prompt.clone(),
                options: self.options[question.options].clone(),
            },
            Ask::Generate => Request::Generate {
                prompt: question.prompt.clone(),
                max_tokens: MAX_TOKENS,
            },
        };
        self.questions.iter().map(request).collect()
    }

    fn score(&self, responses: &[Response]) -> Result<Score> {
        let empty = || Error::Empty {
            what: format!("the list of answers for {}", self.kind.name),
        };
        if responses.is_empty() || responses.len() != self.questions.len() {
            return Err(empty());
        }
        let answers: Vec<Answer> = self
            .questions
            .iter()
            .zip(responses)
            .map(|(q, r)| self.answer(q, r))
            .collect();
        let all: Vec<Sample> = self
            .questions
            .iter()
            .zip(&answers)
            .map(|(question, answer)| Sample {
                part: question.part,
                cluster: question.cluster,
                value: f64::from(u8::from(answer.good)),
                weight: 1.0,
            })
            .collect();
        let scored = |sample: &Sample| sample.part < self.parts.len();
        let samples: Vec<Sample> = all.iter().copied().filter(scored).collect();
        let statistic = Statistic::Points;
        let seed = self.ask.seed;
        let share = |status: Status| {
            let count = self
                .questions
                .iter()
                .zip(&answers)
                .filter(|(q, a)| q.part < self.parts.len() && a.status == status)
                .count();
            count as f64 / samples.len() as f64
        };
        let (refusal_rate, no_answer_rate) = (share(Status::Refused), share(Status::NoAnswer));
        Ok(Score {
            name: self.kind.name,
            title: self.kind.title,
            group: self.kind.group,
            unit: "points",
            direction: Direction::Higher,
            value: statistic.estimate(&samples).ok_or_else(empty)?,
            interval: statistic.interval(&samples, seed).ok_or_else(empty)?,
            n: samples.len(),
            chance: self.kind.chance,
            refusal_rate,
            no_answer_rate,
            cannot_tell: no_answer_rate > 0.5,
            ask: self.ask.ask,
            seconds: 0.0,
            parts: self
                .parts
                .iter()
                .enumerate()
                .filter_map(|(i, part)| self.part(i, part, &all))
                .collect(),
            beside: self.beside(&all),
            items: self.items(&answers, responses),
            statistic,
            samples,
        })
    }
}

impl Questions {
    fn answer(&self, question: &Question, response: &Response) -> Answer {
        let (status, option) = match response {
            Response::Choose(loglikelihoods) => (Status::Answered, likeliest(loglikelihoods)),
            Response::Generate(output) => parse(output, &self.options[question.options], self.rule),
            Response::Text { .. } => (Status::NoAnswer, None),
        };
        let is_key = option == Some(question.key);
        let good = match question.credit {
            Credit::Key => is_key,
            Credit::NotKey => !is_key,
        };
        Answer {
            status,
            option,
            good,
        }
    }

    fn part(&self, index: usize, info: &PartInfo, all: &[Sample]) -> Option<Part> {
        let samples: Vec<Sample> = all.iter().copied().filter(|s| s.part == index).collect();
        Some(Part {
            name: info.name.to_owned(),
            title: info.title.to_owned(),
            value: Statistic::Points.estimate(&samples)?,
            interval: Statistic::Points.interval(&samples, self.ask.seed)?,
            n: samples.len(),
            note: info.note,
        })
    }

    /// Accuracy on the clean twins, and how far the score lies below it.
    fn beside(&self, all: &[Sample]) -> Vec<Beside> {
        let count = self.parts.len();
        let disturbed: Vec<Sample> = all.iter().copied().filter(|s| s.part < count).collect();
        let clean: Vec<Sample> = all
            .iter()
            .filter(|sample| sample.part >= count)
            .map(|sample| Sample {
                part: sample.part - count,
                ..*sample
            })
            .collect();
        let seed = self.ask.seed;
        let clean_accuracy = Statistic::Points.estimate(&clean).map(|value| Beside {
            name: "clean_accuracy",
            title: "Accuracy on the undisturbed twins",
            unit: "points",
            value,
            interval: Statistic::Points.interval(&clean, seed),
            n: clean.len(),
        });
        let drop = (!clean.is_empty())
            .then(|| Statistic::Points.difference(&disturbed, &clean, seed))
            .flatten()
            .map(|(value, interval)| Beside {
                name: "drop",
                title: "Points lost to the disturbance",
                unit: "points",
                value,
                interval: Some(interval),
                n: clean.len(),
            });
        clean_accuracy.into_iter().chain(drop).collect()
    }

    fn items(&self, answers: &[Answer], responses: &[Response]) -> Vec<Item> {
        let infos: Vec<&PartInfo> = self.parts.iter().chain(&self.clean).collect();
        let mut counts = vec![0; infos.len()];
        let mut items = Vec::with_capacity(answers.len());
        for ((question, answer), response) in self.questions.iter().zip(answers).zip(responses) {
            counts[question.part] += 1;
            let part = infos[question.part];
            let options = &self.options[question.options];
            let key = &options[question.key];
            let (option_scores, output) = match response {
                Response::Choose(loglikelihoods) => {
                    let pair = |(text, &loglikelihood): (&String, &f64)| OptionScore {
                        text: text.clone(),
                        loglikelihood,
                    };
                    (options.iter().zip(loglikelihoods).map(pair).collect(), None)
                }
                Response::Generate(output) => (Vec::new(), Some(output.clone())),
                Response::Text { .. } => (Vec::new(), None),
            };
            items.push(Item {
                id: format!("{}/{}", part.name, counts[question.part]),
                part: part.name.to_owned(),
                value: f64::from(u8::from(answer.good)),
                status: answer.status,
                answer: answer.option.map(|option| options[option].clone()),
                expected: Some(match question.credit {
                    Credit::Key => key.clone(),
                    Credit::NotKey => format!("anything but \u{201c}{key}\u{201d}"),
                }),
                prompt: question.prompt.plain(),
                options: option_scores,
                output,
            });
        }
        items
    }
}

/// The first option of the highest log-probability.
fn likeliest(loglikelihoods: &[f64]) -> Option<usize> {
    let mut best = None;
    for (i, value) in loglikelihoods.iter().enumerate() {
        if best.is_none_or(|best: usize| *value > loglikelihoods[best]) {
            best = Some(i);
        }
    }
    best
}

/// Fills `{name}` places of a template.
pub(super) fn fill<'a>(
    template: &str,
    values: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    values
        .into_iter()
        .fold(template.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
}

/// Reads an item file.
pub(super) fn read<T: serde::de::DeserializeOwned>(probe: &ProbeKind) -> Result<T> {
    serde_json::from_str(probe.items).map_err(|error| bad(probe, error.to_string()))
}

/// An item file does not fit its schema.
pub(super) fn bad(probe: &ProbeKind, problem: String) -> Error {
    Error::Items {
        probe: probe.name.to_owned(),
        problem,
    }
}

/// The index of an answer among the options of an item file.
pub(super) fn index_of(probe: &ProbeKind, options: &[String], answer: &str) -> Result<usize> {
    options
        .iter()
        .position(|option| option == answer)
        .ok_or_else(|| {
            bad(
                probe,
                format!("{answer} is none of the options {options:?}"),
            )
        })
}
