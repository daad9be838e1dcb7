//! What a session draws and shows, and what a chat template makes of a prompt.

use crate::{tiny, tiny_files};
use pressure_test::backend::Cpu;
use pressure_test::evaluate::{Items, LocalAsker, Options, PROBES, Template, TemplateUsed};
use pressure_test::load;
use pressure_test::model::{
    ChatTemplate, Continuation, Generation, LogitsCallback, Message, Model, Role, Sampling,
    Sequence, Session, Tokenizer,
};
use pressure_test::report::{self, Event};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn sampled(model: &Model, prompts: &[Vec<u32>], samplings: &[Sampling]) -> Vec<Vec<Continuation>> {
    let generations = prompts.iter().zip(samplings);
    let generations = generations.map(|(prompt, sampling)| limited(prompt, sampling, 12));
    let mut session = Session::new(model, Cpu).expect("a session");
    let generations: Vec<Generation> = generations.collect();
    pollster::block_on(session.sample(&generations, None)).expect("texts")
}

fn limited(prompt: &[u32], sampling: &Sampling, max_tokens: usize) -> Generation {
    Generation {
        prompt: prompt.to_vec(),
        sampling: sampling.clone(),
        max_tokens,
    }
}

#[test]
fn each_text_has_a_limit_of_its_own() {
    let model = tiny();
    let (short, long) = (vec![1, 5, 9], vec![1, 5, 7]);
    let all = [
        limited(&short, &Sampling::Greedy, 2),
        limited(&long, &Sampling::Greedy, 9),
        limited(&short, &Sampling::Greedy, 0),
        limited(&short, &drawn(1.0, 3), 4),
    ];
    let mut session = Session::new(&model, Cpu).expect("a session");
    let texts = pollster::block_on(session.sample(&all, None)).expect("texts");
    let lengths = texts
        .iter()
        .map(|texts| texts.iter().map(|text| text.tokens.len()).max());
    assert_eq!(lengths.collect::<Vec<_>>(), [2, 9, 0, 4].map(Some));
    for (generation, together) in all.iter().zip(&texts) {
        let alone = session.sample(std::slice::from_ref(generation), None);
        assert_eq!(&pollster::block_on(alone).expect("texts")[0], together);
    }
}

fn drawn(temperature: f64, seed: u64) -> Sampling {
    Sampling::Temperature {
        temperature,
        count: 3,
        seed,
    }
}

#[test]
fn a_drawn_text_depends_on_its_seed_and_on_nothing_beside_it() {
    let model = tiny();
    let prompts = [vec![1, 5, 9, 9], vec![1, 5, 7], vec![1, 5, 9, 9]];
    let samplings = [drawn(1.0, 3), drawn(1.0, 4), drawn(1.0, 5)];
    let together = sampled(&model, &prompts, &samplings);
    for i in 0..prompts.len() {
        let alone = sampled(&model, &prompts[i..=i], &samplings[i..=i]);
        assert_eq!(alone[0], together[i]);
    }
    assert_eq!(together[0].len(), 3);
    assert_ne!(together[0], together[2], "the same prompt by another seed");
    assert!(together[0][0] != together[0][1] || together[0][1] != together[0][2]);
}

#[test]
fn a_cold_draw_is_the_likeliest_text() {
    let model = tiny();
    let prompts = [vec![1, 5, 9, 9], vec![1, 5, 7]];
    let cold = sampled(&model, &prompts, &[drawn(1e-6, 3), Sampling::Greedy]);
    let mut session = Session::new(&model, Cpu).expect("a session");
    let greedy = pollster::block_on(session.generate(&prompts, 12, None)).expect("texts");
    assert_eq!(cold[0], vec![greedy[0].clone(); 3]);
    assert_eq!(cold[1], [greedy[1].clone()]);
}

#[test]
fn samples_of_one_prompt_share_it() {
    let model = tiny();
    let prompt = vec![7; 60];
    let mut session = Session::new(&model, Cpu).expect("a session");
    let one = [limited(&prompt, &drawn(1.0, 3), 4)];
    pollster::block_on(session.sample(&one, None)).expect("texts");
    // The last drawn token is never run.
    assert!(
        session.tokens_run() <= 60 + 3 * 3 + 3,
        "{}",
        session.tokens_run()
    );
}

#[test]
fn the_shown_logits_are_those_of_the_sum() {
    let model = tiny();
    let sequences =
        [(vec![1, 5, 9, 3], 1), (vec![1, 5, 8, 8], 2)].map(|(tokens, scored_from)| Sequence {
            tokens,
            scored_from,
        });
    let mut session = Session::new(&model, Cpu).expect("a session");
    let mut seen = Sums {
        sequences: &sequences,
        sums: [0.0; 2],
    };
    let found = session.loglikelihoods_with(&sequences, &mut seen);
    let found = pollster::block_on(found).expect("sums");
    assert!(
        found
            .iter()
            .zip(seen.sums)
            .all(|(a, b)| (a - b).abs() < 1e-5)
    );
    let plain = pollster::block_on(session.loglikelihoods(&sequences)).expect("sums");
    assert!(found.iter().zip(plain).all(|(a, b)| (a - b).abs() < 1e-6));
}

/// Adds up the log-probabilities that it is shown.
struct Sums<'s> {
    sequences: &'s [Sequence],
    sums: [f64; 2],
}

impl LogitsCallback for Sums<'_> {
    fn wants(&self, _: usize, _: usize) -> bool {
        true
    }

    fn look(&mut self, sequence: usize, place: usize, log_probabilities: Vec<f32>) {
        let token = self.sequences[sequence].tokens[place];
        self.sums[sequence] += f64::from(log_probabilities[token as usize]);
    }
}

/// A model whose template marks each message.
fn chatting() -> Model {
    let mut files = tiny_files();
    let config = r#"{ "bos_token": "<s>", "chat_template":
        "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}[assistant]" }"#;
    files.insert("tokenizer_config.json".into(), config.into());
    let mut model = load::model("chatting", &files).expect("a model");
    model.config.max_position_embeddings = 4096;
    model
}

#[test]
fn prompts_go_through_the_models_own_template_unless_told_not_to() {
    let model = chatting();
    assert_ne!(model.hash, tiny().hash);
    let ethics: Vec<_> = PROBES
        .iter()
        .copied()
        .filter(|kind| kind.name == "machine_ethics")
        .collect();
    let prompt = |template| {
        let options = Options {
            items: Items::Number(4),
            template,
            ..Options::default()
        };
        let mut ignore = |_: &Event| {};
        let mut asker = LocalAsker::new(&model, Cpu, template).expect("an asker");
        let measuring = report::evaluate(&model, &mut asker, &ethics, &options, &mut ignore);
        let measurement = pollster::block_on(measuring).expect("scores");
        (
            measurement.0.template,
            measurement.0.scores[0].items[0].prompt.clone(),
        )
    };
    let (used, chat) = prompt(Template::Auto);
    assert_eq!(used, TemplateUsed::Chat);
    assert!(
        chat.starts_with("<s>[user] ") && chat.ends_with("\n[assistant]"),
        "{chat}"
    );
    let (used, plain) = prompt(Template::Plain);
    assert_eq!(used, TemplateUsed::Plain);
    assert!(
        plain.ends_with("\nAnswer:") && !plain.contains("[user]"),
        "{plain}"
    );
}

#[test]
fn a_template_has_the_only_beginning_of_text() {
    let tokenizer = include_bytes!("../../www/public/pebble/tokenizer.json");
    let tokenizer = Tokenizer::from_bytes(tokenizer).expect("a tokenizer");
    let config = r#"{ "bos_token": "<|bos|>", "chat_template": "{{ bos_token }}{{ messages[0].content }}" }"#;
    let template = ChatTemplate::from_bytes(config.as_bytes())
        .expect("a file")
        .expect("a template");
    let message = Message {
        role: Role::User,
        content: "hello".into(),
    };
    let text = template.render(&[message]).expect("a text");
    let beginning = tokenizer.encode("hello").expect("tokens")[0];
    let count = |tokens: Vec<u32>| tokens.iter().filter(|token| **token == beginning).count();
    assert_eq!(count(tokenizer.encode_rendered(&text).expect("tokens")), 1);
    assert_eq!(count(tokenizer.encode(&text).expect("tokens")), 2);
}
