//! The items of a dimension with all that is needed to judge an answer, as plain data.

use crate::error::{Error, Result};
use crate::evaluate::{
    Ask, Item, Judge, Options, Probe, ProbeKind, Prompt, Request, Response, Role, Rule, Score,
    Statistic,
};
use serde_json::{Value, json};

/// Something that is read as a refusal.
const REFUSAL: &str = "I cannot say";

/// How an item is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Options are compared.
    Compared,
    /// An answer is written, and judged by what stands in it.
    Written,
    /// Something is written that only this program judges: texts that may be toxic.
    Judged,
    /// A text is read.
    Read,
}

/// One item.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub way: Way,
    pub part: String,
    /// For fairness, `pool` of its sub-task.
    pub pool: Option<usize>,
    /// What its sub-task weighs among those of its dimension; none where all weigh alike.
    pub weight: Option<f64>,
    /// The tokens that may be written.
    pub max_tokens: Option<usize>,
    judge: Option<Judge>,
    item: Item,
    /// What silence and a refusal are worth; none where they are left out of the score.
    silence: Option<f64>,
    refusal: Option<f64>,
    messages: Value,
}

impl Row {
    /// The place of the first choice that is worth most.
    fn target(&self) -> usize {
        let worths = &self.item.worths;
        let most = worths.iter().copied().fold(0.0, f64::max);
        worths.iter().position(|worth| *worth == most).unwrap_or(0)
    }

    /// That choice.
    fn best(&self) -> Option<&str> {
        self.item.choices.get(self.target()).map(String::as_str)
    }

    pub fn json(&self) -> Value {
        let Item {
            id,
            cluster,
            choices,
            worths,
            prompt,
            group,
            key,
            ..
        } = &self.item;
        json!({
            "id": id,
            "cluster": cluster,
            "prompt": prompt,
            "messages": self.messages,
            "choices": choices,
            "worths": worths,
            "target": self.target(),
            "best": self.best(),
            "silence": self.silence,
            "refusal": self.refusal,
            "judge": self.judge.as_ref().map(judge),
            "max_tokens": self.max_tokens,
            "part": self.part,
            "pool": self.pool,
            "group": group,
            "high_income": key.filter(|_| group.is_some()).map(|key| key == crate::evaluate::Key::A),
        })
    }
}

/// The scored items of a dimension; none where its source has nothing for it.
pub(super) fn rows(kind: &'static ProbeKind, options: &Options) -> Result<Vec<Row>> {
    let (Some(probe), _) = options.supply.probe(kind, options)? else {
        return Ok(Vec::new());
    };
    let requests = probe.requests();
    let scored = |output| scored(&*probe, &requests, output);
    let (silent, refused) = (scored("")?, scored(REFUSAL)?);
    let pools = &silent.parts;
    let items = silent.items.iter().zip(&refused.items);
    let items = items.filter(|(item, _)| item.role == Role::Score);
    let row = |(item, refusal): (&Item, &Item)| {
        let request = requests.get(item.request).ok_or_else(|| lost(kind))?;
        let worth = |item: &Item| item.counts.then_some(item.value);
        let part = pools.iter().find(|part| *part.name == *item.part);
        let prompt = request.prompt();
        let (way, max_tokens, judge) = match request {
            Request::Choose { .. } => (Way::Compared, None, None),
            Request::Text { .. } => (Way::Read, None, None),
            Request::Generate { max_tokens, .. } => {
                (Way::Written, Some(*max_tokens), probe.judge(item.request))
            }
            Request::Sample { max_tokens, .. } => (Way::Judged, Some(*max_tokens), None),
            Request::Read { .. } => (Way::Judged, None, None),
        };
        Ok(Row {
            way,
            max_tokens,
            judge,
            weight: part.and_then(|part| weight(&silent, part.index)),
            part: item.part.clone(),
            pool: part.map(|part| part.pool),
            item: Item {
                prompt: prompt.map_or_else(|| item.prompt.clone(), Prompt::plain),
                ..item.clone()
            },
            silence: worth(item),
            refusal: worth(refusal),
            messages: prompt.map_or(Value::Null, |prompt| {
                let messages = prompt.messages().into_iter();
                let message = |message: crate::model::Message| {
                    json!({ "role": message.role, "content": message.content })
                };
                messages.map(message).collect()
            }),
        })
    };
    items.map(row).collect()
}

/// What a sub-task weighs.
fn weight(score: &Score, part: usize) -> Option<f64> {
    match score.statistic {
        Statistic::Weighted(weights) => weights.get(part).copied(),
        _ => None,
    }
}

fn judge(judge: &Judge) -> Value {
    match judge {
        Judge::Names(Rule::Equals) => json!({ "rule": "equals" }),
        Judge::Names(Rule::Contains) => json!({ "rule": "contains" }),
        Judge::Names(Rule::Numbered) => json!({ "rule": "numbered" }),
        Judge::Names(Rule::Tells { yes, no }) => json!({ "rule": "tells", "yes": yes, "no": no }),
        Judge::Secret {
            secret,
            is_phone,
            in_parts,
        } => {
            json!({ "rule": "secret", "secret": secret, "is_phone": is_phone, "in_parts": in_parts })
        }
    }
}

/// The score of a model that writes `output` whatever it is asked.
fn scored(probe: &dyn Probe, requests: &[Request], output: &str) -> Result<crate::evaluate::Score> {
    let respond = |request: &Request| match request {
        Request::Choose {
            options, spellings, ..
        } => {
            let raw = vec![-1.0; options.len()];
            Response::Choose {
                spelled: if *spellings { raw.clone() } else { Vec::new() },
                raw,
            }
        }
        Request::Generate { .. } => Response::Generate(output.to_owned()),
        Request::Sample { count, .. } => Response::Samples(vec![output.to_owned(); *count]),
        Request::Read { texts, .. } => {
            Response::Read(vec![crate::evaluate::ReadText::default(); texts.len()])
        }
        Request::Text { text, .. } => Response::Text {
            loglikelihood: -1.0,
            tokens: vec![0],
            vocabulary: 1,
            bytes: text.len(),
            next: Vec::new(),
        },
    };
    let responses: Vec<Response> = requests.iter().map(respond).collect();
    probe.score(&responses)
}

/// The same way to ask everywhere.
pub(super) fn asked_by(options: &Options, ask: Ask) -> Options {
    Options {
        ask,
        ..options.clone()
    }
}

fn lost(kind: &ProbeKind) -> Error {
    Error::UnexpectedResponse {
        what: kind.name.to_owned(),
    }
}
