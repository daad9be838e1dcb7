//! Questions that were answered before: from the items of a report back to what was read of each answer.

use super::{Question, Questions};
use crate::error::{Error, Result};
use crate::evaluate::ask::{Chosen, Reading};
use crate::evaluate::measure::{Item, Score};
use std::collections::BTreeMap;

impl Questions {
    /// Those of its questions that these items are, and the score of what the items say was answered; an error where an
    /// item is none of them.
    pub(in crate::evaluate) fn score_answered(&self, items: Vec<Item>) -> Result<(Self, Score)> {
        let items = items.into_iter().map(|item| (item.id.clone(), item));
        let mut items: BTreeMap<String, Item> = items.collect();
        let mut asked = self.clone();
        let (mut readings, mut sent) = (Vec::new(), Vec::new());
        asked.questions.retain(|(number, question)| {
            let id = self.id(*number, question);
            let is_own = items.get(&id).is_some_and(|item| is_of(item, question));
            if is_own && let Some(item) = items.remove(&id) {
                sent.push((item.prompt.clone(), item.tokens));
                readings.push(reading(item));
            }
            is_own
        });
        if let Some(id) = items.into_keys().next() {
            return Err(Error::Items {
                probe: self.kind.name.to_owned(),
                row: None,
                problem: format!("{id} is none of them"),
            });
        }
        let mut score = asked.scored(readings)?;
        for (item, (prompt, tokens)) in score.items.iter_mut().zip(sent) {
            item.prompt = prompt;
            item.tokens = tokens;
        }
        Ok((asked, score))
    }
}

/// Whether an item asks this, and not something else in the same place.
fn is_of(item: &Item, question: &Question) -> bool {
    item.cluster == question.cluster
        && item.frame == question.frame
        && item.choices == question.form.options()
        && item.worths == question.form.worths()
        && item.expected == question.form.expected()
}

fn reading(item: Item) -> Reading {
    Reading {
        status: item.status,
        value: item.value,
        counts: item.counts,
        answer: item.answer,
        options: item.options,
        chosen: item.option_share.map(|share| Chosen {
            raw_value: item.raw_value.unwrap_or(item.value),
            log_odds: item.log_odds,
            margin: item.margin,
            share,
        }),
        output: item.output,
        samples: item.samples,
    }
}
