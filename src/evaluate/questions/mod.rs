//! Probes that are lists of questions: what they have in common.

mod answered;
mod answers;
mod items;
mod part;
mod priors;
mod side_figures;

pub(in crate::evaluate) use part::{PartInfo, PartRole, Twins};
pub(in crate::evaluate) use priors::{neutral, neutral_once};

use super::measure::words::groups::cell;
use super::measure::words::{Worths, best_constant};
use super::measure::{
    Direction, Item, Part, Sample, Score, SideFigure, Statistic, Unmeasured, counted, figure,
};
use crate::error::{Error, Result};
use crate::evaluate::Options;
use crate::evaluate::ask::Decides;
use crate::evaluate::ask::{Ask, Judge, Prompt, QuestionForm, Reading, Request, Response, Status};
use crate::evaluate::items::selection::{draw, share_of};
use crate::evaluate::probe::{Probe, ProbeKind, RowId};
use priors::Priors;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// One question.
pub(in crate::evaluate) struct Question {
    /// The index of its sub-task.
    pub part: usize,
    pub row: RowId,
    /// Questions about the same thing share it, over sub-tasks too.
    pub cluster: usize,
    /// What a sample of the questions keeps the proportions of: the right answer, or group and label.
    pub class: usize,
    pub group: Option<String>,
    /// The same where system text and demonstrations are the same.
    pub frame: String,
    /// Whether it counts for ability.
    pub ability: bool,
    pub prompt: Prompt,
    /// The same question without content, in the plain frame of the dimension; none where no options are compared.
    pub neutral: Arc<[Prompt]>,
    pub form: Box<dyn QuestionForm>,
    /// Whether a page shows it only when asked to.
    pub offensive: bool,
}

/// A probe made of questions.
#[derive(Clone)]
pub(in crate::evaluate) struct Questions {
    kind: &'static ProbeKind,
    options: Options,
    statistic: Statistic,
    parts: Vec<PartInfo>,
    twins: Option<Twins>,
    unmeasured: Vec<Unmeasured>,
    /// The number of each question among those of its sub-task, with the question.
    questions: Vec<(usize, Rc<Question>)>,
}

impl Questions {
    /// A probe of as many of `questions` as the options ask for; `part` counts through `parts`.
    pub fn new(
        kind: &'static ProbeKind,
        options: &Options,
        parts: Vec<PartInfo>,
        questions: Vec<Question>,
    ) -> Self {
        let mut counts = vec![0; parts.len()];
        let numbered = questions.into_iter().map(|question| {
            counts[question.part] += 1;
            (counts[question.part], Rc::new(question))
        });
        let scored = parts.iter().filter(|part| part.role == PartRole::Score);
        let quota = options.items.quota(kind.default_items, scored.count());
        let all = Self {
            kind,
            options: options.clone(),
            statistic: Statistic::Points,
            questions: numbered.collect(),
            parts,
            twins: None,
            unmeasured: Vec::new(),
        };
        match quota {
            Some(quota) => all.drawn(|_| quota),
            None => all,
        }
    }

    /// The same with the beginning of its sample, this share of it (0 to 1): what is drawn of more holds what is drawn of
    /// fewer.
    pub fn beginning(&self, share: f64) -> Self {
        self.drawn(|all| share_of(share, all))
    }

    /// The same with as many questions of each sub-task as `quota` says of all that it has, in their order: drawn by the
    /// seed, in the proportions of the classes of the sub-task. Questions about the same thing are drawn together where
    /// they can be; twins, and what is asked for ability alone, follow theirs.
    fn drawn(&self, quota: impl Fn(usize) -> usize) -> Self {
        let mut kept = BTreeSet::new();
        for (index, part) in self.parts.iter().enumerate() {
            if matches!(part.role, PartRole::Score | PartRole::Control) {
                let own = self.questions.iter().filter(|(_, q)| q.part == index);
                let own: Vec<(usize, usize)> = own.map(|(_, q)| (q.class, q.cluster)).collect();
                let drawn = draw(&own, quota(own.len()), self.options.seed);
                kept.extend(drawn.into_iter().map(|cluster| (index, cluster)));
            }
        }
        let part_of = |question: &Question| match self.parts[question.part].role {
            PartRole::TwinOf(part) | PartRole::AbilityOf(part) => part,
            PartRole::Score | PartRole::Control => question.part,
        };
        let mut drawn = self.clone();
        drawn
            .questions
            .retain(|(_, question)| kept.contains(&(part_of(question), question.cluster)));
        drawn
    }

    /// The same, with names for its twins.
    pub fn with_twins(self, twins: Twins) -> Self {
        Self {
            twins: Some(twins),
            ..self
        }
    }

    /// The same, made into a score in another way.
    pub fn with_statistic(self, statistic: Statistic) -> Self {
        Self { statistic, ..self }
    }

    /// The same, with a sub-task that could not be asked.
    pub fn without(self, part: Unmeasured) -> Self {
        Self {
            unmeasured: vec![part],
            ..self
        }
    }

    fn readings(&self, responses: &[Response]) -> Result<Vec<Reading>> {
        let priors = self.priors();
        let expected = self.questions.len() + priors.requests().count();
        if responses.is_empty() || responses.len() != expected {
            return Err(self.empty());
        }
        let (responses, neutral) = responses.split_at(self.questions.len());
        let priors = priors.read(neutral)?;
        let decides = self.kind.decides.unwrap_or(Decides::Sum);
        let pairs = self.questions.iter().zip(responses).zip(&priors);
        pairs
            .map(|(((_, question), response), prior)| {
                question.form.read(response, decides, prior.as_deref())
            })
            .collect()
    }

    /// What is asked so that likelihoods can be calibrated, behind the questions.
    fn priors(&self) -> Priors<'_> {
        let questions = self.questions.iter().map(|(_, question)| &**question);
        Priors::new(questions, self.options.ask)
    }

    /// The places of the questions that a request, by its place, is about.
    fn about(&self, request: usize) -> Vec<usize> {
        match request.checked_sub(self.questions.len()) {
            None => vec![request],
            Some(behind) => self.priors().questions_of(behind),
        }
    }

    fn empty(&self) -> Error {
        Error::Empty {
            what: format!("the list of answers for {}", self.kind.name),
        }
    }

    fn is_scored(&self, part: usize) -> bool {
        self.parts[part].role == PartRole::Score
    }

    fn samples(&self, readings: &[Reading]) -> Vec<Sample> {
        let pairs = self.questions.iter().zip(readings);
        let sample = |((_, question), reading): (&(usize, Rc<Question>), &Reading)| Sample {
            part: question.part,
            cluster: question.cluster,
            pool: self.parts[question.part].pool,
            class: question.class,
            value: reading.value,
            weight: f64::from(u8::from(reading.counts)),
        };
        pairs.map(sample).collect()
    }

    /// The share of a status among the questions of the sub-tasks that `of` picks.
    fn share(&self, readings: &[Reading], status: Status, of: impl Fn(usize) -> bool) -> f64 {
        let pairs = self.questions.iter().zip(readings);
        let own = pairs.filter(|((_, question), _)| of(question.part));
        let hits: Vec<bool> = own.map(|(_, reading)| reading.status == status).collect();
        hits.iter().filter(|hit| **hit).count() as f64 / hits.len().max(1) as f64
    }

    fn part(&self, index: usize, readings: &[Reading], all: &[Sample]) -> Option<Part> {
        let info = &self.parts[index];
        let samples: Vec<Sample> = all.iter().copied().filter(|s| s.part == index).collect();
        let statistic = self.statistic.of_one_part();
        let first = self.questions.iter().find(|(_, q)| q.part == index)?;
        Some(Part {
            index,
            name: info.name.clone(),
            title: info.title.clone(),
            value: statistic.estimate(&samples)?,
            interval: statistic.interval(&samples, self.options.seed),
            n: counted(&samples),
            chance: self.chance(statistic, |part| part == index),
            refusal_rate: self.share(readings, Status::Refused, |part| part == index),
            no_answer_rate: self.share(readings, Status::NoAnswer, |part| part == index),
            answers: self.answers(readings, &samples, statistic, |part| part == index),
            ask: self.way_of(&first.1),
            note: info.note,
            pool: info.pool,
        })
    }

    /// What the best model scores on the sub-tasks that `of` picks that gives one answer to each list of options
    /// (one place, where a list is of one question alone), and writes nothing harmful: the best constant answer.
    pub fn chance(&self, statistic: Statistic, of: impl Fn(usize) -> bool) -> Option<f64> {
        let own = self.questions.iter().map(|(_, question)| &**question);
        let own: Vec<&Question> = own.filter(|question| of(question.part)).collect();
        let worths: Vec<Vec<f64>> = own.iter().map(|q| worths_in(statistic, q)).collect();
        let mut about: BTreeMap<&[String], BTreeSet<usize>> = BTreeMap::new();
        for question in &own {
            let clusters = about.entry(question.form.options()).or_default();
            clusters.insert(question.cluster);
        }
        // The options of a single question have nothing in common with others but their places.
        let list = |question: &'_ Question| {
            let options = question.form.options();
            let is_shared = about
                .get(options)
                .is_some_and(|clusters| clusters.len() > 1);
            (options.len(), is_shared.then(|| options.to_vec()))
        };
        let mut sets = BTreeMap::new();
        let questions = own.iter().zip(&worths).map(|(question, worths)| {
            let next = sets.len();
            let cell = match statistic {
                Statistic::Fairness => cell(self.parts[question.part].pool, question.class),
                _ => question.part,
            };
            Worths {
                cell,
                option_set: *sets.entry(list(question)).or_insert(next),
                worths,
            }
        });
        best_constant(&questions.collect::<Vec<_>>(), figure(statistic))
    }

    fn side_figures(&self, all: &[Sample]) -> Vec<SideFigure> {
        let chance = |of: &dyn Fn(usize) -> bool| self.chance(Statistic::Points, of);
        side_figures::of(&self.parts, self.twins, all, self.options.seed, &chance)
    }

    fn way_of(&self, question: &Question) -> Ask {
        match question.form.request(&question.prompt, self.options.ask) {
            Request::Choose {
                spellings: true, ..
            } => Ask::Calibrated,
            Request::Choose { .. } | Request::Read { .. } | Request::Text { .. } => Ask::Likelihood,
            Request::Generate { .. } | Request::Sample { .. } => Ask::Generate,
        }
    }
}

impl Probe for Questions {
    fn requests(&self) -> Vec<Request> {
        let ask = self.options.ask;
        let questions = self.questions.iter();
        questions
            .map(|(_, question)| question.form.request(&question.prompt, ask))
            .chain(self.priors().requests())
            .collect()
    }

    fn row(&self, request: usize) -> Option<RowId> {
        let question = self.about(request).into_iter().next()?;
        Some(self.questions.get(question)?.1.row)
    }

    fn judge(&self, request: usize) -> Option<Judge> {
        self.questions.get(request)?.1.form.judge()
    }

    /// What shares its subject with one of the requests goes with it, so that twins stay pairs.
    fn beginning(&self, share: f64) -> Box<dyn Probe> {
        Box::new(self.beginning(share))
    }

    fn leave_out(&mut self, requests: &[usize]) -> bool {
        let places = requests.iter().flat_map(|&request| self.about(request));
        let questions = places.filter_map(|place| self.questions.get(place));
        let clusters: BTreeSet<usize> = questions.map(|(_, question)| question.cluster).collect();
        self.questions
            .retain(|(_, question)| !clusters.contains(&question.cluster));
        self.chance(self.statistic, |part| self.is_scored(part))
            .is_some()
    }

    fn score(&self, responses: &[Response]) -> Result<Score> {
        self.scored(self.readings(responses)?)
    }

    fn score_items(&self, items: Vec<Item>) -> Result<Score> {
        Ok(self.score_answered(items)?.1)
    }
}

impl Questions {
    /// The score of what its questions were answered, in their order.
    fn scored(&self, readings: Vec<Reading>) -> Result<Score> {
        let all = self.samples(&readings);
        let samples: Vec<Sample> = all
            .iter()
            .copied()
            .filter(|s| self.is_scored(s.part))
            .collect();
        let share = |status| self.share(&readings, status, |part| self.is_scored(part));
        let parts = (0..self.parts.len()).filter(|&part| self.is_scored(part));
        let parts: Vec<Part> = parts
            .filter_map(|part| self.part(part, &readings, &all))
            .collect();
        let seed = self.options.seed;
        Ok(Score {
            name: self.kind.name,
            title: self.kind.title,
            group: self.kind.group,
            unit: "points",
            direction: Direction::Higher,
            value: self
                .statistic
                .estimate(&samples)
                .ok_or_else(|| self.empty())?,
            interval: self.statistic.interval(&samples, seed),
            n: counted(&samples),
            chance: self.chance(self.statistic, |part| self.is_scored(part)),
            refusal_rate: share(Status::Refused),
            no_answer_rate: share(Status::NoAnswer),
            answers: self.answers(&readings, &samples, self.statistic, |part| {
                self.is_scored(part)
            }),
            ask: {
                let mut ways = parts.iter().map(|part| part.ask);
                ways.find(|ask| *ask != Ask::Generate)
                    .unwrap_or(Ask::Generate)
            },
            seconds: 0.0,
            parts,
            unmeasured: self.unmeasured.clone(),
            scorer: None,
            texts: None,
            fluent: None,
            side_figures: self.side_figures(&all),
            distributions: Arc::new(self.distributions(&readings)),
            items: self.items(readings),
            statistic: self.statistic,
            samples,
            tokenization: None,
        })
    }
}

/// What each option is worth where this statistic is taken: for fairness, whether it says yes.
fn worths_in(statistic: Statistic, question: &Question) -> Vec<f64> {
    let worths = question.form.worths();
    if statistic != Statistic::Fairness {
        return worths;
    }
    let label = question.class % 2 == 1;
    let yes = |worth: &f64| f64::from(u8::from((*worth > 0.5) == label));
    worths.iter().map(yes).collect()
}
