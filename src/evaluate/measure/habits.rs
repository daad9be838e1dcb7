//! From items to habits: the commonest answers to the questions that tell ability.

use super::cases::tells_ability;
use super::change::CommonAnswer;
use super::score::{Item, Score};
use super::words::{Answer, CommonestAnswers, Habit, Pairing};
use crate::evaluate::ask::{Key, Status};
use std::collections::BTreeMap;

/// Questions with the same options without which these are no set of their own.
const FEWEST: usize = 20;

/// A habit with the texts that its answers are numbers of.
#[derive(Debug, Clone)]
pub(super) struct NamedHabit {
    pub habit: Habit,
    answers: Vec<String>,
}

impl NamedHabit {
    /// Of the items that tell ability among those that `about` picks, where these have both keys: to give all of them the same
    /// answer is a habit. (All sweeping statements are to be disagreed with, and who does so knows them.) In a dimension
    /// that has none, of those that `kept` picks. `None` where nothing is chosen.
    pub fn new(
        pairing: Pairing,
        before: &Score,
        after: &[&Score],
        about: &dyn Fn(&Item) -> bool,
        kept: &dyn Fn(&Item) -> bool,
        seed: u64,
    ) -> Option<Self> {
        let chooses = |item: &Item| item.worths.len() > 1;
        let tells = |item: &Item| tells_ability(item) && about(item);
        let told = before.items.iter().any(tells_ability);
        let has = |key| {
            before
                .items
                .iter()
                .any(|item| tells(item) && item.key == Some(key))
        };
        if told && !(has(Key::A) && has(Key::B)) {
            return None;
        }
        let own = |score: &'_ Score| -> Vec<usize> {
            let items = score.items.iter().enumerate();
            let own = items.filter(|(_, item)| if told { tells(item) } else { kept(item) });
            own.filter(|(_, item)| chooses(item))
                .map(|(place, _)| place)
                .collect()
        };
        let sides: Vec<&Score> = [before].into_iter().chain(after.iter().copied()).collect();
        let is_read = |place: &usize| {
            let mut items = sides.iter().map(|score| score.items.get(*place));
            items.all(|item| item.is_some_and(|item| item.status != Status::NoAnswer))
        };
        let places: Vec<usize> = own(before).into_iter().filter(is_read).collect();
        let mut lists: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        for place in &places {
            *lists.entry(texts(&before.items[*place])).or_default() += 1;
        }
        let shared = |item: &Item| lists.get(&texts(item)).is_some_and(|n| *n >= FEWEST);
        let (mut sets, mut answers) = (BTreeMap::new(), Vec::new());
        let mut answered = |item: &Item| {
            let (set, answer) = named(item, shared(item));
            let next = sets.len();
            let known = answers.iter().position(|known| *known == answer);
            Answer {
                cluster: item.cluster,
                set: *sets.entry(set).or_insert(next),
                option: known.unwrap_or_else(|| {
                    answers.push(answer);
                    answers.len() - 1
                }),
            }
        };
        let mut side = |score: &Score| -> Vec<Answer> {
            places
                .iter()
                .map(|place| answered(&score.items[*place]))
                .collect()
        };
        let first = side(before);
        let runs: Vec<Vec<Answer>> = after.iter().map(|score| side(score)).collect();
        let runs: Vec<&[Answer]> = runs.iter().map(Vec::as_slice).collect();
        let habit = Habit::on(pairing, &first, &runs, seed)?;
        Some(Self { habit, answers })
    }

    /// Both sides, for the reader.
    pub fn common(&self) -> [CommonAnswer; 2] {
        [&self.habit.before, &self.habit.after].map(|commonest: &CommonestAnswers| {
            let texts = commonest.answers.values();
            let mut texts: Vec<&str> = texts.map(|answer| &*self.answers[*answer]).collect();
            texts.dedup();
            CommonAnswer {
                answer: texts.join(", "),
                share: commonest.share,
                interval: commonest.interval,
                n: commonest.n,
            }
        })
    }
}

fn texts(item: &Item) -> Vec<&str> {
    item.options.iter().map(|option| &*option.text).collect()
}

/// The set of questions that an item belongs to, and its answer there. Lists of options that few questions share are told
/// apart by places alone; of written answers only the sub-task is known.
fn named(item: &Item, is_shared: bool) -> (String, String) {
    let refusal = || "a refusal".to_owned();
    let answer = item.answer.clone().unwrap_or_else(refusal);
    let options = texts(item);
    match options.len() {
        0 => (item.part.clone(), answer),
        _ if is_shared => (format!("{options:?}"), answer),
        count => {
            let place = options.iter().position(|option| *option == answer);
            let named = place.map_or_else(refusal, |place| format!("option {}", place + 1));
            (count.to_string(), named)
        }
    }
}
