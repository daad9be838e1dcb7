//! A model that is taken up from its wire form is the one that was written, to the last bit.

mod difference;
#[path = "../../forms/mod.rs"]
mod forms_of_files;

use crate::models::compressed;
use crate::{map, pebble, tiny, tiny_files};
use difference::difference;
use forms_of_files::every_form;
use pressure_test::backend::Cpu;
use pressure_test::compress::METHODS;
use pressure_test::model::{Model, Norm, Sequence, Session};
use pressure_test::weight::{Dense, Floats, Layout, Offset, PerGroup, Quantized, Storage, Weight};
use pressure_test::{load, wire};
use serde_json::{Value, json};
use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn written(model: &Model) -> Vec<u8> {
    let mut bytes = Vec::new();
    wire::write(model, &mut bytes).expect("written");
    bytes
}

fn taken_up(model: &Model) -> Model {
    wire::read(&written(model)).expect("a model")
}

/// Log-likelihoods of some token sequences, as bits.
fn loglikelihoods(model: &Model) -> Vec<u64> {
    let sequences = [&[1, 5, 9, 2, 40, 7][..], &[3, 1, 4, 1, 5]].map(|tokens| Sequence {
        tokens: tokens.to_vec(),
        scored_from: 1,
    });
    let mut session = Session::new(model, Cpu).expect("a session");
    let sums = pollster::block_on(session.loglikelihoods(&sequences)).expect("numbers");
    sums.into_iter().map(f64::to_bits).collect()
}

fn check(model: &Model, what: &str) {
    let taken = taken_up(model);
    assert_eq!(difference(model, &taken), None, "{what}");
    assert_eq!(loglikelihoods(model), loglikelihoods(&taken), "{what}");
}

/// Ways in which weights of these models are stored.
fn forms(model: &Model) -> Vec<&'static str> {
    let tables = [&model.embedding, &model.head].into_iter();
    let weights = tables.chain(model.linears().map(|linear| &linear.weight));
    let forms = weights.flat_map(|weight| match &**weight {
        Weight::Dense(dense) => vec![match dense.values().storage() {
            Storage::F32 => "f32",
            Storage::F16 => "f16",
            Storage::BF16 => "bf16",
        }],
        Weight::Sparse(sparse) => vec![match sparse.row_starts() {
            Some(_) => "uneven rows",
            None => "even rows",
        }],
        Weight::Quantized(quantized) => {
            let offset = match quantized.offset() {
                Offset::Middle => "middle",
                Offset::ZeroPoints(_) => "zero points",
                Offset::Minima(_) => "minima",
            };
            let factors = quantized.column_factors().map(|_| "column factors");
            let order = quantized.column_order().map(|_| "column order");
            let levels = match quantized.scales() {
                PerGroup::Plain(_) => "one level",
                PerGroup::TwoLevel(_) => "two levels",
            };
            let present = [Some(offset), Some(levels), factors, order];
            present.into_iter().flatten().collect()
        }
    });
    forms.collect()
}

/// Recipes whose models between them have weights of every form that methods make.
fn recipes() -> Vec<(&'static str, Value)> {
    let methods = METHODS.iter().map(|method| (method.name, json!({})));
    let others = [
        ("gptq", json!({"static_groups": false})),
        (
            "round_to_nearest",
            json!({"bits": 3, "group_size": 32, "symmetric": true, "embedding_and_head": true}),
        ),
        ("awq", json!({"embedding_and_head": true})),
        ("wanda", json!({"pattern": "2:4"})),
        ("magnitude", json!({"sparsity": 0.3})),
        ("sparsegpt_gptq", json!({"pattern": "4:8"})),
        ("wanda+gptq", json!({"pattern": "2:4"})),
        ("awq+magnitude", json!({"sparsity": 0.5})),
    ];
    methods.chain(others).collect()
}

#[test]
fn what_any_method_made_of_the_built_in_model_is_taken_up_as_it_was() {
    let model = pebble();
    let mut seen = forms(&model);
    check(&model, "uncompressed");
    for (names, settings) in recipes() {
        let (compressed, _) = compressed(&model, names, &map(settings.clone())).expect("a model");
        check(&compressed, &format!("{names} {settings}"));
        seen.extend(forms(&compressed));
    }
    for form in [
        "uneven rows",
        "even rows",
        "middle",
        "zero points",
        "column factors",
        "column order",
    ] {
        assert!(seen.contains(&form), "{form}: {seen:?}");
    }
}

/// The tiny model with what files beside the weights may say.
fn talkative() -> Model {
    let mut files = tiny_files();
    let beside = r#"{"chat_template": [{"name": "default", "template": "{{ messages }}"}], "bos_token": "<s>"}"#;
    files.insert("tokenizer_config.json".into(), beside.into());
    let mut model = load::model("talkative", &files).expect("a model");
    model.notes.push("A note.".into());
    model.remarks.world = Some("a world".into());
    Arc::make_mut(&mut model.origin).compressed = Some(4.5);
    model
}

#[test]
fn what_files_may_hold_is_taken_up_as_it_was() {
    let talkative = talkative();
    assert!(talkative.chat_template.is_some() && !talkative.origin.types.is_empty());
    check(&talkative, "a chat template");
    let every = every_form(&tiny());
    let seen = forms(&every);
    for form in ["two levels", "minima", "column factors", "uneven rows"] {
        assert!(seen.contains(&form), "{form}: {seen:?}");
    }
    check(&every, "forms of files");
    let mut signed = tiny();
    let up = &mut signed.blocks[0].up;
    let [rows, cols] = up.weight.shape();
    let values = Floats::F32((0..rows * cols).map(|i| [0.0, -0.0][i % 2]).collect());
    let dense = Dense::new(rows, cols, values).expect("as many values as places");
    up.weight = Arc::new(Weight::Dense(dense));
    check(&signed, "zeros of both signs");
}

#[test]
#[cfg(not(target_arch = "wasm32"))]
fn every_family_is_taken_up_as_it_was() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let (mut families, mut seen, mut tied) = (Vec::new(), Vec::new(), [false; 2]);
    for root in [root.to_owned(), format!("{root}/quantized")] {
        for entry in std::fs::read_dir(root).expect("a folder") {
            let folder = entry.expect("an entry").path();
            let files = std::fs::read_dir(&folder).into_iter().flatten();
            let mut files: load::Files = files
                .filter_map(|file| {
                    let file = file.expect("an entry");
                    let name = file.file_name().into_string().expect("a name");
                    let is_part = load::is_wanted(&name);
                    is_part.then(|| (name, std::fs::read(file.path()).expect("a file")))
                })
                .collect();
            if !files.contains_key("config.json") {
                continue;
            }
            let tokenizer = tiny_files().remove("tokenizer.json").expect("a file");
            files.entry("tokenizer.json".into()).or_insert(tokenizer);
            let name = folder.display().to_string();
            let model = load::model("golden", &files).unwrap_or_else(|e| panic!("{name}: {e}"));
            check(&model, &name);
            seen.extend(forms(&model));
            tied[usize::from(model.is_tied())] = true;
            families.push(model.family.name);
        }
    }
    for family in pressure_test::model::arch::FAMILIES {
        assert!(families.contains(&family.name), "{}", family.name);
    }
    for form in ["f32", "f16", "bf16", "zero points", "middle"] {
        assert!(seen.contains(&form), "{form}");
    }
    assert_eq!(tied, [true; 2]);
}

/// Changes the quantized layers of a model.
fn quantized(model: &mut Model, change: impl Fn(Quantized) -> Quantized) {
    for block in &mut model.blocks {
        for inputs in pressure_test::model::Inputs::ALL {
            for linear in block.reading_mut(inputs) {
                if let Weight::Quantized(quantized) = &*linear.weight {
                    linear.weight = Arc::new(Weight::Quantized(change(quantized.clone())));
                }
            }
        }
    }
}

/// What a worse form would do to a model.
type Loss = fn(&mut Model);

#[test]
fn a_form_that_loses_something_would_be_noticed() {
    let of = |names: &str, settings: Value| {
        let (model, _) = compressed(&tiny(), names, &map(settings)).expect("a model");
        model
    };
    let runs: [(&str, Model, Loss); 5] = [
        ("column factors", of("awq", json!({})), |model| {
            quantized(model, |quantized| quantized.with_column_factors(None));
        }),
        (
            "column order",
            of("gptq", json!({"static_groups": false, "group_size": 32})),
            |model| quantized(model, |quantized| quantized.with_column_order(None)),
        ),
        ("a norm", tiny(), |model| {
            model.norm = Norm {
                scale: vec![1.0; model.config.hidden_size].into(),
                bias: None,
            };
        }),
        ("precision", tiny(), |model| {
            let weight = &mut model.blocks[0].down.weight;
            let [rows, cols] = weight.shape();
            let values = weight.to_matrix().data.into_iter();
            let values = Floats::from_f32(Storage::BF16, values);
            let dense = Dense::new(rows, cols, values).expect("as many values as places");
            *weight = Arc::new(Weight::Dense(dense));
        }),
        ("the last bit of a scale", tiny(), |model| {
            model.config.query_scale = f32::from_bits(model.config.query_scale.to_bits() + 1);
        }),
    ];
    for (what, model, lose) in runs {
        let mut lost = model.clone();
        lose(&mut lost);
        assert!(difference(&model, &lost).is_some(), "{what}");
        if what != "the last bit of a scale" {
            assert_ne!(loglikelihoods(&model), loglikelihoods(&lost), "{what}");
        }
    }
    let others: [(&str, Loss); 5] = [
        ("chat template", |model| model.chat_template = None),
        ("notes", |model| model.notes.clear()),
        ("origin", |model| model.origin = Arc::default()),
        ("remarks", |model| model.remarks.bos_token_id = None),
        ("hash", |model| model.hash.clear()),
    ];
    for (what, lose) in others {
        let (model, mut lost) = (talkative(), talkative());
        lose(&mut lost);
        assert_eq!(difference(&model, &lost).as_deref(), Some(what));
    }
    let mut tied = tiny();
    tied.head = Arc::clone(&tied.embedding);
    let mut apart = tied.clone();
    apart.head = Arc::new(Weight::clone(&tied.embedding));
    assert_eq!(
        difference(&tied, &apart).as_deref(),
        Some("shared head"),
        "two tables where there was one"
    );
    check(&tied, "a shared table");
    check(&apart, "two tables alike");
}

#[test]
fn bytes_that_are_no_model_are_refused_in_a_sentence() {
    let model = tiny();
    let whole = written(&model);
    let refusal = |bytes: Vec<u8>| match wire::read(&bytes) {
        Ok(_) => panic!("read"),
        Err(error) => error.to_string(),
    };
    let changed = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        bytes
    };
    for (bytes, part) in [
        (Vec::new(), "cut off"),
        (changed(0, b'P'), "does not begin"),
        (changed(8, 1), "version 1"),
        (whole[..whole.len() / 2].to_vec(), "cut off"),
        (whole[..whole.len() - 1].to_vec(), "cut off"),
        ([&whole[..], &[0]].concat(), "1 bytes follow"),
    ] {
        let error = refusal(bytes);
        assert!(
            error.contains(part) && error.contains("handed over"),
            "{error}"
        );
    }
    let mut unlike = model.clone();
    unlike.config.hidden_size = 48;
    let error = refusal(written(&unlike));
    assert!(
        error.contains("embedding") && error.contains("[64, 48]"),
        "{error}"
    );
    let mut impossible = model.clone();
    impossible.config.sliding_layers.clear();
    assert!(refusal(written(&impossible)).contains("its sizes"));
    let (mut twice, _) = compressed(&model, "round_to_nearest", &map(json!({}))).expect("a model");
    quantized(&mut twice, |quantized| {
        let cols = quantized.layout().shape[1];
        quantized.with_column_order(Some(vec![0; cols]))
    });
    assert!(refusal(written(&twice)).contains("order of columns"));
    let (rounded, _) = compressed(&model, "round_to_nearest", &map(json!({}))).expect("a model");
    let Weight::Quantized(first) = &*rounded.blocks[0].query.weight else {
        panic!("codes");
    };
    let (whole, layout) = (written(&rounded), first.layout());
    let of = |layout: Layout| postcard::to_allocvec(&layout).expect("a layout");
    let mut places = whole.windows(of(layout).len());
    let place = places.position(|bytes| bytes == of(layout)).expect("it");
    for wrong in [
        Layout { bits: 1, ..layout },
        Layout { bits: 9, ..layout },
        Layout {
            group_size: 0,
            ..layout
        },
        Layout {
            symmetric: true,
            ..layout
        },
    ] {
        let mut bytes = whole.clone();
        bytes[place..][..of(wrong).len()].copy_from_slice(&of(wrong));
        let error = refusal(bytes);
        assert!(
            error.contains("q_proj cannot be understood"),
            "{wrong:?}: {error}"
        );
    }
}
