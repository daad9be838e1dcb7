//! Which GGUF files are taken, and how texts begin.

use super::formats::{TOKENS, distance, golden, load};
use super::gguf_writer::{File, gguf};
use super::read_folder;
use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::Value;
use pressure_test::load::{self, Files};
use std::collections::BTreeMap;

fn file() -> File {
    gguf(
        &load(&read_folder(&golden("llama_gqa"))),
        "llama",
        GgmlDType::F32,
    )
}

fn folder<const N: usize>(files: [(&str, Vec<u8>); N]) -> Files {
    files
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect()
}

fn refusal(files: &Files) -> String {
    let error = load::model("folder", files).map(|model| model.name);
    error.expect_err("refused").to_string()
}

fn projector() -> Vec<u8> {
    let text = |text: &str| Value::String(text.into());
    let mut file = File {
        metadata: BTreeMap::from([("general.architecture".into(), text("clip"))]),
        tensors: Vec::new(),
    };
    file.add("v.patch", &[1.0; 4]).bytes()
}

#[test]
fn split_files_are_one_model() {
    let whole = load(&folder([("whole.gguf", file().bytes())]));
    let name = |i: usize| format!("big-{:05}-of-00003.gguf", i + 1);
    let parts = || file().split(3).into_iter().enumerate();
    let all: Files = parts().map(|(i, bytes)| (name(i), bytes)).collect();
    let model = load(&all);
    assert_eq!(distance(&model, &whole, &TOKENS), 0.0);
    assert_eq!(model.name, "big");
    // Parts that were renamed are known by what they say; the order of their names does not matter.
    let renamed = parts().map(|(i, bytes)| (format!("{}.gguf", 9 - i), bytes));
    let renamed = load(&renamed.collect());
    assert_eq!(distance(&renamed, &whole, &TOKENS), 0.0);
    assert_eq!(renamed.hash, model.hash);

    for missing in 0..3 {
        let mut some = all.clone();
        some.remove(&name(missing));
        let error = refusal(&some);
        assert!(error.contains(&name(missing)), "{error}");
        assert!(error.contains("of 3 of one model"), "{error}");
    }
    let mut twice = all.clone();
    twice.insert(name(1), all[&name(0)].clone());
    assert!(refusal(&twice).contains("part 1 of 3, which is there twice"));
    // Another model's part beside them.
    let mut other = file();
    other.tensors.truncate(9);
    let mut foreign = all.clone();
    foreign.insert(name(2), other.split(3).swap_remove(2));
    let error = refusal(&foreign);
    assert!(error.contains("tensor"), "{error}");
}

#[test]
fn the_command_finds_the_parts_beside_the_one_that_is_named() {
    assert!(load::is_beside(
        "big-00001-of-00003.gguf",
        "big-00002-of-00003.gguf"
    ));
    assert!(!load::is_beside(
        "big-00001-of-00003.gguf",
        "small-00002-of-00003.gguf"
    ));
}

#[test]
fn several_models_are_asked_about() {
    let whole = file().bytes();
    let mut parts = file().split(2).into_iter();
    let files = folder([
        ("model-Q4_K_M.gguf", whole.clone()),
        ("model-Q8_0.GGUF", whole.clone()),
        ("mmproj-f16.gguf", projector()),
        ("vision.gguf", projector()),
        ("big-00001-of-00002.gguf", parts.next().expect("a part")),
        ("big-00002-of-00002.gguf", parts.next().expect("a part")),
    ]);
    let error = refusal(&files);
    for name in [
        "model-Q4_K_M.gguf",
        "model-Q8_0.GGUF",
        "big-00001-of-00002.gguf",
    ] {
        assert!(error.contains(name), "{error}");
    }
    for name in ["mmproj", "vision", "00002-of"] {
        assert!(!error.contains(name), "{error}");
    }
    let choices = load::choices(&files).expect("choices");
    let names: Vec<&str> = choices.iter().map(|choice| &choice.name[..]).collect();
    assert_eq!(names, ["big", "model-Q4_K_M", "model-Q8_0"]);
    assert_eq!(choices[0].files.len(), 2);
    assert_eq!(choices[1].bytes, whole.len() as u64);
    // Without the files of the others it is that one.
    let mut one = files.clone();
    for file in choices.iter().skip(1).flat_map(|choice| &choice.files) {
        one.remove(file);
    }
    assert_eq!(load(&one).name, "big");
    assert!(load::choices(&one).expect("none").is_empty());
}

#[test]
fn what_goes_with_a_model_is_passed_over() {
    let model = load(&folder([
        ("model.GGUF", file().bytes()),
        ("a-mmproj.gguf", projector()),
        ("z.gguf", projector()),
    ]));
    assert_eq!(model.name, "model");
    for name in ["mmproj-f16.gguf", "eyes.gguf"] {
        let error = refusal(&folder([(name, projector())]));
        assert!(error.contains("no language model"), "{error}");
    }
}

#[test]
fn capitals_in_names_do_not_matter() {
    let files = read_folder(&golden("llama_gqa"));
    let whole = load(&files);
    let shouted = files.into_iter().map(|(name, bytes)| {
        let upper = name.replace("safetensors", "SAFETENSORS");
        (upper.replace("config.json", "CONFIG.JSON"), bytes)
    });
    let shouted: Files = shouted.collect();
    assert!(shouted.contains_key("model.SAFETENSORS"));
    assert!(shouted.keys().all(|name| load::is_wanted(name)));
    assert!(load::is_wanted("A.GGUF"));
    assert_eq!(distance(&load(&shouted), &whole, &TOKENS), 0.0);
}

#[test]
fn an_architecture_that_is_not_known_is_named() {
    let mut file = file();
    file.set("general.architecture", Value::String("mamba".into()));
    let error = refusal(&folder([("a.gguf", file.bytes())]));
    assert!(
        error.contains("mamba") && !error.contains("config.json"),
        "{error}"
    );
}

/// The tokens of a text, of a file with these keys of the tokenizer.
fn tokens(keys: &[(&str, Value)]) -> Result<Vec<u32>, String> {
    let mut file = file();
    for (key, value) in keys {
        file.set(&format!("tokenizer.ggml.{key}"), value.clone());
    }
    let files = folder([("a.gguf", file.bytes())]);
    let model = load::model("test", &files).map_err(|error| error.to_string())?;
    Ok(model.tokenizer.encode("").expect("tokens"))
}

#[test]
fn texts_begin_as_llama_cpp_begins_them() {
    let text = |text: &str| Value::String(text.into());
    let start = ("bos_token_id", Value::U32(5));
    for (cut, expected) in [
        ("llama-bpe", &[5][..]),
        ("llama3", &[5]),
        ("llama-v3", &[5]),
        ("falcon3", &[5]),
        ("pixtral", &[5]),
        ("smaug-bpe", &[]),
        ("gpt-2", &[]),
        ("qwen2", &[]),
        ("smollm", &[]),
    ] {
        let pre = ("pre", text(cut));
        let found = tokens(&[start.clone(), pre.clone()]).expect("tokens");
        assert_eq!(found, expected, "{cut}");
        for add in [true, false] {
            let flag = ("add_bos_token", Value::Bool(add));
            let found = tokens(&[start.clone(), pre.clone(), flag]).expect("tokens");
            assert_eq!(found, if add { vec![5] } else { vec![] }, "{cut}");
        }
    }
    // SentencePiece: always, and with the second token where none is named.
    let spm = ("model", text("llama"));
    assert_eq!(tokens(std::slice::from_ref(&spm)).expect("tokens"), [1]);
    assert_eq!(tokens(&[spm, start]).expect("tokens"), [5]);
    for keys in [
        &[("pre", text("llama-bpe"))][..],
        &[
            ("add_bos_token", Value::Bool(true)),
            ("bos_token_id", Value::U32(1 << 20)),
        ],
    ] {
        let error = tokens(keys).expect_err("refused");
        assert!(error.contains("bos_token_id"), "{error}");
    }
}

#[test]
fn a_way_of_cutting_words_is_not_guessed() {
    let text = |text: &str| Value::String(text.into());
    let error = tokens(&[("pre", text("default"))]).expect_err("refused");
    assert!(error.contains("tokenizer.json"), "{error}");
    for (name, architecture) in [("gpt_neox", "gptneox"), ("qwen3", "qwen3")] {
        let model = load(&read_folder(&golden(name)));
        let mut file = gguf(&model, architecture, GgmlDType::F32);
        file.metadata.remove("tokenizer.ggml.pre");
        let model = load(&folder([("a.gguf", file.bytes())]));
        let json = String::from_utf8(model.tokenizer.json().expect("JSON")).expect("text");
        assert_eq!(json.contains("Split"), architecture == "qwen3");
    }
}
