//! The small files beside weights and tokenizer: where a text ends, and how the model is spoken to.

use crate::tiny_files;
use pressure_test::backend::Cpu;
use pressure_test::evaluate::{Items, LocalAsker, Options, PROBES, Template, TemplateUsed};
use pressure_test::load;
use pressure_test::model::{Message, Model, Role, Session};
use pressure_test::report::{self, ModelSummary};
use pressure_test::{Result, save};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The tiny model with other files beside it.
fn beside(files: &[(&str, &str)]) -> Result<Model> {
    let mut all = tiny_files();
    for (name, content) in files {
        assert!(load::is_wanted(name), "{name}");
        all.insert((*name).to_owned(), (*content).into());
    }
    load::model("tiny", &all)
}

fn asked(model: &Model) -> Result<String> {
    let message = Message {
        role: Role::User,
        content: "hello".into(),
    };
    let template = model.chat_template.as_ref().expect("a template");
    template.render(&[message])
}

const GENERATION: &str = "generation_config.json";
const TOKENIZER: &str = "tokenizer_config.json";
const TEMPLATE: &str = "chat_template.jinja";

#[test]
fn a_text_ends_where_any_file_says() {
    // config.json names token 2.
    for (files, ends) in [
        (&[][..], &[2][..]),
        (&[(GENERATION, r#"{"eos_token_id": [5, 2]}"#)], &[2, 5]),
        (&[(GENERATION, r#"{"eos_token_id": 1}"#)], &[1, 2]),
        (&[(GENERATION, r#"{"eos_token_id": null}"#)], &[2]),
        (&[(GENERATION, r#"{"eos_token_id": [-1, 64, 9]}"#)], &[2, 9]),
        (&[(GENERATION, "{}")], &[2]),
        (&[(TOKENIZER, r#"{"eos_token": "<s>"}"#)], &[1, 2]),
        (
            &[(TOKENIZER, r#"{"eos_token": {"content": "<s>"}}"#)],
            &[1, 2],
        ),
        (&[(TOKENIZER, r#"{"eos_token": "unheard of"}"#)], &[2]),
        (
            &[
                (TOKENIZER, r#"{"eos_token": "<s>"}"#),
                (GENERATION, r#"{"eos_token_id": [7, 6]}"#),
            ],
            &[1, 2, 6, 7],
        ),
    ] {
        let model = beside(files).expect("a model");
        assert_eq!(model.config.eos_token_ids, ends, "{files:?}");
        assert_eq!(ModelSummary::new(&model).eos_token_ids, ends);
    }
    for wrong in [
        r#"{"eos_token_id": "2"}"#,
        r#"{"eos_token_id": [true]}"#,
        "[]",
    ] {
        let refused = beside(&[(GENERATION, wrong)]).expect_err(wrong).to_string();
        assert!(refused.contains(GENERATION), "{refused}");
    }
}

#[test]
fn nothing_is_written_behind_an_end_that_only_generation_config_names() {
    let written = |model: &Model| {
        let mut session = Session::new(model, Cpu).expect("a session");
        let prompts = [vec![1, 5, 9]];
        let texts = session.generate(&prompts, 8, None);
        pollster::block_on(texts).expect("texts")[0].tokens.clone()
    };
    let all = written(&beside(&[]).expect("a model"));
    let (third, before) = (all[2], &all[..2]);
    assert!(!before.contains(&third), "{all:?}");
    let generation = format!(r#"{{"eos_token_id": {third}}}"#);
    let ended = written(&beside(&[(GENERATION, &generation)]).expect("a model"));
    assert_eq!(ended, all[..2]);
}

#[test]
fn the_template_of_its_own_file_comes_first() {
    let config = r#"{"bos_token": "<s>", "chat_template": "old"}"#;
    let own = "{{ bos_token }}own:\r\n{{ messages[0].content }}\n";
    let both = beside(&[(TOKENIZER, config), (TEMPLATE, own)]).expect("a model");
    assert_eq!(asked(&both).expect("a text"), "<s>own:\nhello");
    let summary = ModelSummary::new(&both).chat_template.expect("a template");
    assert_eq!((&summary.file[..], summary.problem), (TEMPLATE, None));
    let alone = beside(&[(TEMPLATE, "own: {{ messages[0].content }}")]).expect("a model");
    assert_eq!(asked(&alone).expect("a text"), "own: hello");
    let old = beside(&[(TOKENIZER, config)]).expect("a model");
    assert_eq!(asked(&old).expect("a text"), "old");
    let none = beside(&[]).expect("a model");
    assert!(ModelSummary::new(&none).chat_template.is_none());
}

#[test]
fn every_file_that_changes_results_is_in_the_hash() {
    let mut hashes: Vec<String> = [
        &[][..],
        &[(GENERATION, "{}")],
        &[(TEMPLATE, "a")],
        &[(TOKENIZER, r#"{"chat_template": "a"}"#)],
    ]
    .iter()
    .map(|files| beside(files).expect("a model").hash)
    .collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), 4);
}

#[test]
fn a_template_that_cannot_be_used_is_an_error_only_where_it_is_needed() {
    let lists = r#"{"chat_template": [{"name": "tool_use", "template": "x"}]}"#;
    for (file, content, problem) in [
        (
            TEMPLATE,
            "{% for m in messages %}",
            "unexpected end of input",
        ),
        (TEMPLATE, "{% no_such_tag %}", "unknown statement"),
        (TOKENIZER, lists, "(tool_use) is called default"),
        (
            TOKENIZER,
            r#"{"chat_template": 7}"#,
            "neither a text nor a list",
        ),
    ] {
        let model = beside(&[(file, content)]).expect("a model");
        let summary = ModelSummary::new(&model).chat_template.expect("a template");
        assert!(summary.problem.expect("a problem").contains(problem));
        let refused = asked(&model).expect_err(content).to_string();
        assert!(
            refused.contains(problem) && refused.contains(file),
            "{refused}"
        );
        let measure = |template| {
            let options = Options {
                items: Items::Number(2),
                template,
                ..Options::default()
            };
            let mut ignore = |_: &report::Event| {};
            let mut longer = model.clone();
            longer.config.max_position_embeddings = 4096;
            let ethics = PROBES.iter().filter(|kind| kind.name == "machine_ethics");
            let ethics: Vec<_> = ethics.copied().collect();
            let mut asker = LocalAsker::new(&longer, Cpu, template)?;
            let measuring = report::evaluate(&longer, &mut asker, &ethics, &options, &mut ignore);
            pollster::block_on(measuring).map(|(measurement, _)| measurement.template)
        };
        assert_eq!(
            measure(Template::Plain).expect("scores"),
            TemplateUsed::Plain
        );
        let refused = measure(Template::Auto).expect_err(content).to_string();
        assert!(refused.contains(file), "{refused}");
        // It is saved as it stands.
        let format = save::format("safetensors").expect("a format");
        let again = load::model("again", &format.write(&model).expect("files"));
        let again = again.expect("a model");
        let fields = |model: &Model| model.chat_template.as_ref().expect("one").fields().clone();
        assert_eq!(fields(&again), fields(&model));
    }
}
