//! Every dimension with what a model that is made by hand needs to know of its questions.

use crate::models::Stub;
use pressure_test::evaluate::{
    Ask, Comparison, Decides, Item, Items, Options, PROBES, Probe, ProbeKind, Request, Response,
    Score, compare,
};
use std::collections::BTreeMap;

/// A request with what is known of it.
pub struct Asked {
    pub request: Request,
    /// The sub-task that it is about; none where nothing is asked.
    pub part: String,
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
    /// Of a person whose income is asked about.
    pub is_female: Option<bool>,
}

/// A dimension, asked in one way.
pub struct Exam {
    probe: Box<dyn Probe>,
    asked: Vec<Asked>,
}

/// Asked in this way, so many items.
pub fn options(ask: Ask, items: Items) -> Options {
    Options {
        ask,
        items,
        samples: 2,
        // The world of the privacy items, so that all of them are asked.
        world: Some("pebble-3".into()),
        ..Options::default()
    }
}

/// One dimension.
pub fn exam(name: &str, ask: Ask, items: Items) -> Exam {
    let kind = PROBES.iter().find(|kind| kind.name == name).expect("it");
    let probe = |ask| (kind.build)(&options(ask, items)).expect("items");
    Exam::new(kind, ask, &probe)
}

/// Every dimension that asks, and multiple choice.
pub fn exams(ask: Ask, items: Items) -> Vec<Exam> {
    let kinds = PROBES.iter().filter(|kind| kind.name != "perplexity");
    kinds.map(|kind| exam(kind.name, ask, items)).collect()
}

impl Exam {
    /// Of a probe that can be made in each way to ask.
    pub fn new(kind: &ProbeKind, ask: Ask, probe: &dyn Fn(Ask) -> Box<dyn Probe>) -> Self {
        let chosen = probe(Ask::Likelihood).requests();
        let probe = probe(ask);
        let requests = probe.requests();
        let silent: Vec<Response> = requests.iter().map(silence).collect();
        let items = probe.score(&silent).expect("a score").items;
        // Chosen questions come in the same order as written ones.
        let options: Vec<Vec<String>> = (0..requests.len())
            .map(|place| {
                answers(
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
                part: item.map_or_else(String::new, |item| item.part.clone()),
                cluster: item.map_or(0, |item| item.cluster),
                secret: if options.is_empty() {
                    expected.strip_prefix("anything but ").map(str::to_owned)
                } else {
                    None
                },
                always_written: matches!(chosen.get(place), Some(Request::Generate { .. })),
                per_byte: kind.decides == Some(Decides::PerByte),
                is_female: item
                    .filter(|_| kind.name == "fairness")
                    .map(|item| item.group.as_deref() == Some("female")),
                options,
                request,
            }
        };
        let asked = requests.into_iter().enumerate().map(of).collect();
        Self { probe, asked }
    }

    /// What a model scores; `None` where it has no answer.
    pub fn score(&self, stub: Stub) -> Option<Score> {
        stub.can_answer(&self.asked).then(|| self.mixed(|_| stub))
    }

    /// What a model scores that answers in several ways, by sub-task.
    pub fn mixed(&self, of: impl Fn(&str) -> Stub) -> Score {
        let answers = self.asked.iter();
        let answers = answers.map(|asked| of(&asked.part).answer(asked));
        let responses: Vec<Response> = answers.collect();
        self.probe.score(&responses).expect("a score")
    }
}

impl Exam {
    /// What is said of one model before and another after, of this dimension by itself.
    pub fn compared(&self, before: Stub, after: Stub) -> Comparison {
        let [before, after] = [before, after].map(|stub| self.score(stub).expect("an answer"));
        compare(&before, &after, 0).expect("a comparison")
    }

    /// The score of the options of these numbers, by place.
    pub fn chosen(&self, pick: impl Fn(usize) -> usize) -> Score {
        let responses = self.asked.iter().enumerate().map(|(place, asked)| {
            let value = |option| if option == pick(place) { -1.0 } else { -9.0 };
            Response::Choose {
                raw: (0..asked.options.len()).map(value).collect(),
                spelled: Vec::new(),
            }
        });
        let responses: Vec<Response> = responses.collect();
        self.probe.score(&responses).expect("a score")
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
        Request::Read { .. } | Request::Text { .. } => panic!("a question was expected"),
    }
}

/// What may be answered to a request, or to the same question where it is chosen.
fn answers(request: &Request, chosen: Option<&Request>) -> Vec<String> {
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
