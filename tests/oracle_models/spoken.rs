//! Small files that users met and that changed results in silence: the inputs are `../shared/cases`.

use pressure_test::backend::Cpu;
use pressure_test::load;
use pressure_test::model::{Message, Model, Role, Session};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// A folder of a case, read as the command line reads it.
fn case(place: &str) -> pressure_test::Result<Model> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases");
    let entries = std::fs::read_dir(folder.join(place)).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let files = paths.filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_owned();
        load::is_wanted(&name).then(|| (name, File::open(path).expect("a file")))
    });
    load::model(place, &files.collect::<BTreeMap<_, _>>())
}

fn asked(place: &str, content: &str) -> String {
    let model = case(place).expect("a model");
    let template = model.chat_template.as_ref().expect("a template");
    let message = Message {
        role: Role::User,
        content: content.into(),
    };
    template.render(&[message]).expect("a text")
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn texts_end_where_generation_config_says() {
    let at = |name: &str| case(&format!("stop-token-in-generation-config/{name}")).expect(name);
    let model = at("eos_in_generation_config");
    let prompt = [model.tokenizer.encode("a?").expect("tokens")];
    let mut session = Session::new(&model, Cpu).expect("a session");
    let texts = pollster::block_on(session.generate(&prompt, 8, None)).expect("texts");
    // transformers gives these and the end itself, 5.
    assert_eq!(texts[0].tokens, [47, 80]);
    assert_eq!(texts[0].text, "Hi");
    let ends = ["eos_toxic_a", "eos_toxic_b"].map(|name| at(name).config.eos_token_ids);
    assert_eq!(ends, [[2, 5], [2, 5]]);
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn chat_templates_are_those_of_transformers() {
    for place in ["chat_template_jinja_beside", "both__file_wins_over_config"] {
        let text = asked(&format!("chat-template-file/chat_{place}"), "hi");
        assert!(text.starts_with("<|im_start|>user"), "{text}");
    }
    let text = "I looked into my brother's bag <b>&</b> ü";
    assert_eq!(asked("chat-generation-tags/gentags", text), text);
    for place in ["ensure_ascii_False", "indent", "of_content"] {
        let written = asked(&format!("chat-tojson/chat_tojson_{place}"), text);
        assert!(written.contains(&format!("\"{text}\"")), "{written}");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn an_activation_of_null_is_refused() {
    let refused = case("gemma2-activation-null/gemma2_hidden_activation_null");
    let refused = refused.expect_err("refused").to_string();
    assert!(refused.contains("hidden_activation is null"), "{refused}");
}
