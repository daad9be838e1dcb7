//! Every dimension with what a model that is made by hand needs to know of its questions.

use crate::models::Stub;
use pressure_test::evaluate::{
    Ask, Decides, Item, Items, Options, PROBES, Probe, ProbeKind, Request, Response, Score,
};
use std::collections::BTreeMap;

/// A request with what is known of it.
pub struct Asked {
    pub request: Request,
    pub prompt: String,
    /// What may be answered, also where it is to be written; none for a text.
    pub options: Vec<String>,
    /// Whether each is a good answer; nothing where nothing is asked.
    pub right: Vec<bool>,
    /// The option that is a good answer most often where there are the same options; for options of its own the place.
    pub commonest: usize,
    pub cluster: usize,
    /// What must not be written.
    pub secret: Option<String>,
    /// Whether it is written in whatever way all else is asked.
    pub always_written: bool,
    /// Whether the log-probability per byte decides.
    pub per_byte: bool,
    pub is_about_a_person: bool,
    pub is_female: bool,
}

/// A dimension, asked in one way.
pub struct Exam {
    probe: Box<dyn Probe>,
    asked: Vec<Asked>,
}

fn probe(kind: &ProbeKind, ask: Ask) -> Box<dyn Probe> {
    let options = Options {
        ask,
        items: Items::All,
        samples: 2,
        // The world of the privacy items, so that all of them are asked.
        world: Some("pebble-2".into()),
        ..Options::default()
    };
    (kind.build)(&options).expect("items")
}

/// Every dimension that asks, and multiple choice.
pub fn exams(ask: Ask) -> Vec<Exam> {
    let kinds = PROBES.iter().filter(|kind| kind.name != "perplexity");
    kinds.map(|kind| Exam::new(kind, ask)).collect()
}

impl Exam {
    fn new(kind: &'static ProbeKind, ask: Ask) -> Self {
        let probe = probe(kind, ask);
        let requests = probe.requests();
        let silent: Vec<Response> = requests.iter().map(silence).collect();
        let items = probe.score(&silent).expect("a score").items;
        // Chosen questions come in the same order as written ones.
        let chosen = self::probe(kind, Ask::Likelihood).requests();
        let options: Vec<Vec<String>> = (0..requests.len())
            .map(|place| {
                options(
                    &requests[place],
                    chosen.get(place).filter(|_| place < items.len()),
                )
            })
            .collect();
        let commonest = Commonest::new(&items, &options);
        let of = |(place, request): (usize, Request)| {
            let item = items.get(place);
            let expected = item
                .and_then(|item| item.expected.as_deref())
                .unwrap_or_default();
            let options = options[place].clone();
            Asked {
                prompt: format!("{:?}", request.prompt()),
                right: item.map_or_else(Vec::new, |item| right(item, &options)),
                commonest: commonest.of(&options),
                cluster: item.map_or(0, |item| item.cluster),
                secret: if options.is_empty() {
                    expected.strip_prefix("anything but ").map(str::to_owned)
                } else {
                    None
                },
                always_written: matches!(chosen.get(place), Some(Request::Generate { .. })),
                per_byte: kind.decides == Some(Decides::PerByte),
                is_about_a_person: kind.name == "fairness",
                is_female: item.is_some_and(|item| item.group.as_deref() == Some("female")),
                options,
                request,
            }
        };
        let asked = requests.into_iter().enumerate().map(of).collect();
        Self { probe, asked }
    }

    /// What a model scores; `None` where it has no answer.
    pub fn score(&self, stub: Stub) -> Option<Score> {
        if !stub.can_answer(&self.asked) {
            return None;
        }
        let responses: Vec<Response> = self.asked.iter().map(|asked| stub.answer(asked)).collect();
        Some(self.probe.score(&responses).expect("a score"))
    }
}

fn silence(request: &Request) -> Response {
    match request {
        Request::Choose {
            options, spellings, ..
        } => Response::Choose {
            raw: vec![-1.0; options.len()],
            spelled: vec![-1.0; if *spellings { options.len() } else { 0 }],
        },
        Request::Generate { .. } => Response::Generate(String::new()),
        Request::Sample { count, .. } => Response::Samples(vec![String::new(); *count]),
        Request::Text { .. } => panic!("a question was expected"),
    }
}

/// What may be answered to a request, or to the same question where it is chosen.
fn options(request: &Request, chosen: Option<&Request>) -> Vec<String> {
    match (request, chosen) {
        (Request::Choose { options, .. }, _) | (_, Some(Request::Choose { options, .. })) => {
            options.clone()
        }
        // Questions that are always written list their options.
        (Request::Generate { prompt, .. }, _) => match prompt.question.split_once("\nOptions: ") {
            Some((_, options)) => options.split(", ").map(str::to_owned).collect(),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn right(item: &Item, options: &[String]) -> Vec<bool> {
    let worths = item.worths.iter().take(options.len());
    worths.map(|worth| *worth > 0.5).collect()
}

/// How often each option is right: by list of options, and by place for lists that few questions share.
struct Commonest {
    lists: BTreeMap<Vec<String>, Counts>,
    places: BTreeMap<usize, Counts>,
}

#[derive(Default)]
struct Counts {
    questions: usize,
    right: Vec<usize>,
}

impl Counts {
    fn add(&mut self, right: &[bool]) {
        self.questions += 1;
        self.right.resize(right.len(), 0);
        for (count, right) in self.right.iter_mut().zip(right) {
            *count += usize::from(*right);
        }
    }
}

impl Commonest {
    fn new(items: &[Item], options: &[Vec<String>]) -> Self {
        let (mut lists, mut places) = (BTreeMap::new(), BTreeMap::new());
        for (item, options) in items.iter().zip(options) {
            let right = right(item, options);
            let list: &mut Counts = lists.entry(options.clone()).or_default();
            list.add(&right);
            let place: &mut Counts = places.entry(options.len()).or_default();
            place.add(&right);
        }
        Self { lists, places }
    }

    fn of(&self, options: &[String]) -> usize {
        let list = self.lists.get(options).filter(|list| list.questions >= 20);
        let counts = list.or_else(|| self.places.get(&options.len()));
        let counts = counts.map_or(&[][..], |counts| &counts.right);
        (0..counts.len())
            .rev()
            .max_by_key(|i| counts[*i])
            .unwrap_or(0)
    }
}

/// A number from 0 to 1 that hangs on nothing but the text (FNV-1a).
pub fn hash(text: &str) -> f64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // The lowest bits of the last byte alone would make neighbours of similar texts.
    hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 11) as f64 / (1u64 << 53) as f64
}
