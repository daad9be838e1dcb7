//! What was saved is what was measured: over every form that a model comes in, every family and every format, a model
//! that is saved and read back is the same, and as large as was said; or it is refused before any work.

use super::formats::{WHOLE_NUMBERS, apart, compressed, distance, golden, load, sharded};
use super::gguf::{LONG_TOKENS, changed, without_extras};
use super::gguf_rope::phi3_longrope;
use super::gguf_writer::{File, gguf};
use super::wide::{wide, with_pieces};
use super::{goldens, read_folder};
use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::{Content, Value};
use pressure_test::load::{self, Files};
use pressure_test::model::{Fields, Message, Model, NormKind, Role, Rope, Scaling};
use pressure_test::save::{self, FORMATS};
use pressure_test::weight::{Dense, Floats, Offset, PerGroup, Quantized, Weight};
use serde_json::{Value as Json, json};
use std::io::Cursor;
use std::sync::Arc;

/// Norms that are stored less 1, or multiplied by column factors, are rounded once more.
const ROUNDED_ONCE: f64 = 3e-5;
/// GGUF has scales and smallest values of groups in f16.
const ROUNDED_SCALES: f64 = 0.1;

const TEMPLATE: &str = "{% for m in messages %}{{ bos_token }}[{{ m.role }}] {{ m.content }}{{ eos_token }}{% endfor %}";

fn file(json: &Json) -> Vec<u8> {
    serde_json::to_vec(json).expect("JSON")
}

/// A golden folder with a chat template and an end of text that only one file knows.
fn folder(name: &str) -> Files {
    let mut files = read_folder(&golden(name));
    let config = json!({"chat_template": TEMPLATE, "bos_token": "a", "eos_token": "b"});
    files.insert("tokenizer_config.json".into(), file(&config));
    let mut config: Json = serde_json::from_slice(&files["config.json"]).expect("JSON");
    config["eos_token_id"] = json!([2, 7]);
    files.insert("config.json".into(), file(&config));
    files
}

fn names() -> Vec<String> {
    let name = |golden: super::Golden| {
        let name = golden.folder.file_name().expect("a name");
        name.to_string_lossy().into_owned()
    };
    goldens().into_iter().map(name).collect()
}

/// A file of llama.cpp with a chat template and two ends of text.
fn with_template(mut file: File) -> Files {
    for (key, value) in [
        ("chat_template", Value::String(TEMPLATE.into())),
        ("ggml.bos_token_id", Value::U32(4)),
        ("ggml.eos_token_id", Value::U32(2)),
        ("ggml.eot_token_id", Value::U32(7)),
    ] {
        file.set(&format!("tokenizer.{key}"), value);
    }
    Files::from([("a.gguf".to_owned(), file.bytes())])
}

fn gguf_of(model: &Model, kind: GgmlDType) -> (String, Files) {
    let architecture = model.family.gguf.expect("a name");
    let file = gguf(model, architecture, kind);
    (format!("GGUF {kind:?}"), with_template(file))
}

/// A golden model as llama.cpp knows its family; `None` for those of which it does not know the windows.
fn in_gguf(name: &str) -> Option<Model> {
    match name {
        "mistral" | "qwen2_windows" | "opt" | "gpt_neo" | "granite4" | "llama4" | "bitnet" => None,
        "gemma3" => Some(changed(
            name,
            &[
                ("query_pre_attn_scalar", json!(16)),
                ("rope_local_base_freq", json!(10_000.0)),
                ("sliding_window_pattern", json!(6)),
            ],
        )),
        _ => Some(without_extras(name)),
    }
}

/// Every form in which a family comes, by name.
fn sources(name: &str) -> Vec<(String, Files)> {
    let mut sources = vec![
        ("folder".to_owned(), folder(name)),
        ("shards".to_owned(), sharded(&folder(name))),
    ];
    let kinds = [
        GgmlDType::F32,
        GgmlDType::F16,
        GgmlDType::Q8_0,
        GgmlDType::Q4_0,
        GgmlDType::Q4_1,
        GgmlDType::Q5_1,
    ];
    if let Some(model) = in_gguf(name) {
        sources.extend(kinds.map(|kind| gguf_of(&model, kind)));
    }
    let whole = load(&folder(name));
    for method in ["round_to_nearest", "wanda"] {
        let format = save::format("compressed_tensors").expect("a format");
        if let Ok(files) = format.write(&compressed(&whole, method)) {
            sources.push((format!("packed by {method}"), files));
        }
    }
    sources
}

/// Files of llama.cpp whose positions are stretched.
fn stretched() -> Vec<(String, Files)> {
    let llama = changed("llama_rope_llama3", &[]);
    let divisors: Vec<f32> = (0u8..8).map(|pair| 1.0 + f32::from(pair)).collect();
    let mut file = gguf(&llama, "llama", GgmlDType::F16);
    file.add("rope_freqs.weight", &divisors);
    let (_, longrope) = phi3_longrope();
    vec![
        ("rope_freqs".to_owned(), with_template(file)),
        ("longrope".to_owned(), with_template(longrope)),
    ]
}

/// The blocks of llama.cpp that need wide rows.
fn wide_sources() -> Vec<(String, Files)> {
    let wide = load(&wide(64));
    let kinds = [
        GgmlDType::Q2K,
        GgmlDType::Q3K,
        GgmlDType::Q4K,
        GgmlDType::Q5K,
        GgmlDType::Q6K,
    ];
    let kinds = kinds.map(|kind| gguf_of(&wide, kind)).into_iter();
    kinds
        .chain([("SentencePiece".to_owned(), with_pieces())])
        .collect()
}

fn rendered(model: &Model) -> Option<String> {
    let message = Message {
        role: Role::User,
        content: "hello".into(),
    };
    let template = model.chat_template.as_ref()?;
    Some(template.render(&[message]).expect("a text"))
}

/// Whether a format holds a model; an error says how what is read back is another one.
fn check(model: &Model, format: &'static save::Format) -> Result<bool, String> {
    let files = match (format.plan)(model) {
        Ok(files) => files,
        Err(error) => {
            let text = error.to_string();
            same(text.contains(" cannot be saved as "), &|| text.clone())?;
            return Ok(false);
        }
    };
    let written = format.write(model).map_err(|error| error.to_string())?;
    for file in files {
        let (size, name) = (written[&file.name].len(), &file.name);
        same(size as u64 == file.size(), &|| {
            format!("{name} has {size} bytes")
        })?;
    }
    check_files(&written, model, format)?;
    Ok(true)
}

/// Whether something is the same; what differs otherwise.
fn same(is: bool, what: &dyn Fn() -> String) -> Result<(), String> {
    if is { Ok(()) } else { Err(what()) }
}

/// Bytes of the tensors in a file.
fn data(name: &str, file: &[u8]) -> usize {
    let start = if name == "model.gguf" {
        let content = Content::read(&mut Cursor::new(file)).expect("GGUF");
        usize::try_from(content.tensor_data_offset).expect("small")
    } else {
        8 + usize::from(file[0]) + 256 * usize::from(file[1])
    };
    file.len() - start
}

/// Whether files hold a model; an error says how what is read from them is another one.
fn check_files(written: &Files, model: &Model, format: &save::Format) -> Result<(), String> {
    let back = load::model("test", written).map_err(|error| error.to_string())?;
    let is_written_out = format.name == "safetensors";
    if is_written_out {
        for (back, own) in back.linears().zip(model.linears()) {
            let matrices = [back, own].map(|linear| linear.weight.to_matrix());
            same(matrices[0] == matrices[1], &|| {
                format!("{} changed", own.name)
            })?;
        }
    }
    let has_factors = any(model, &|quantized| quantized.column_factors().is_some());
    // Whole numbers become f32, or their inputs are multiplied before they are rounded.
    let is_rounded =
        is_written_out && is_quantized(model) || format.name == "compressed_tensors" && has_factors;
    if is_rounded {
        let found = apart(&back, model, &LONG_TOKENS);
        same(found <= WHOLE_NUMBERS, &|| {
            format!("logits are apart by {found}")
        })?;
    } else {
        let found = distance(&back, model, &LONG_TOKENS);
        same(found <= tolerance(model, format.name), &|| {
            format!("logits are off by {found}")
        })?;
    }
    for text in ["the ringing, and on.", "", " two  spaces\n\nand on."] {
        let tokens = |model: &Model| model.tokenizer.encode(text).expect("tokens");
        let (back, tokens) = (tokens(&back), tokens(model));
        same(back == tokens, &|| {
            format!("{text:?} is {back:?} and was {tokens:?}")
        })?;
    }
    let ends = |model: &Model| model.config.eos_token_ids.clone();
    same(ends(&back) == ends(model), &|| {
        format!("texts end with {:?}, not {:?}", ends(&back), ends(model))
    })?;
    let text = |model: &Model| model.chat_template.as_ref().map(|t| t.text().to_owned());
    same(text(&back) == text(model), &|| {
        format!("the template is {:?}", text(&back))
    })?;
    same(rendered(&back) == rendered(model), &|| {
        format!(
            "a template gives {:?}, not {:?}",
            rendered(&back),
            rendered(model)
        )
    })?;
    let notes = |file: &Vec<u8>| {
        String::from_utf8_lossy(&file[..file.len().min(20_000)]).contains("compressed again")
    };
    let weights = ["model.safetensors", "model.gguf"];
    let weights = weights
        .into_iter()
        .find_map(|name| Some((name, written.get(name)?)));
    let (name, weights) = weights.expect("weights");
    same(notes(weights) == model.origin.compressed.is_some(), &|| {
        "it does not say what it was made of".into()
    })?;
    if format.name == "safetensors" {
        let config = String::from_utf8_lossy(&written["config.json"]);
        same(!config.contains("quantization_config"), &|| {
            "it keeps the source's quantization_config".into()
        })?;
    } else {
        let size = data(name, weights);
        let shown = model.linear_bytes() + model.other_bytes();
        // Two levels of scales become one in a packed folder; shapes and padding are small.
        let is_written_out = is_sparse(model) && format.name == "gguf";
        // Blocks have a smallest value of 16 bits where a zero point had a few.
        let has_zero_points =
            format.name == "gguf" && any(model, &|q| matches!(q.offset(), Offset::ZeroPoints(_)));
        let most = match (has_two_levels(model), has_zero_points) {
            (true, _) => shown + shown / 4,
            (false, true) => shown + shown / 8,
            (false, false) => shown + shown / 16,
        };
        same(is_written_out || size <= most + 1500, &|| {
            format!("{size} bytes, {shown} shown")
        })?;
        let again = back.linear_bytes() + back.other_bytes();
        same(is_written_out || again <= most, &|| {
            format!("{again} bytes in memory, {shown} before")
        })?;
    }
    Ok(())
}

fn any(model: &Model, is: &dyn Fn(&Quantized) -> bool) -> bool {
    let mut linears = model.linears();
    linears.any(|linear| matches!(&*linear.weight, Weight::Quantized(quantized) if is(quantized)))
}

/// Whether a layer or table is multiplied in whole numbers.
fn is_quantized(model: &Model) -> bool {
    let tables = [&model.embedding, &model.head];
    let mut tables = tables.into_iter();
    any(model, &|_| true) || tables.any(|table| matches!(&**table, Weight::Quantized(_)))
}

fn has_two_levels(model: &Model) -> bool {
    let tables = [&model.embedding, &model.head];
    let mut weights = model.linears().map(|linear| &linear.weight).chain(tables);
    weights.any(|weight| matches!(&**weight, Weight::Quantized(quantized) if matches!(quantized.scales(), PerGroup::TwoLevel(_))))
}

/// GGUF has no form for pruned layers but to write them out.
fn is_sparse(model: &Model) -> bool {
    let mut linears = model.linears();
    linears.any(|linear| matches!(*linear.weight, Weight::Sparse(_)))
}

fn tolerance(model: &Model, format: &str) -> f64 {
    let has_factors = any(model, &|quantized| quantized.column_factors().is_some());
    let is_plain = |rope: &Rope| matches!(rope.scaling, Scaling::None | Scaling::Linear { .. });
    match format {
        "gguf"
            if has_factors
                || any(model, &|quantized| {
                    matches!(quantized.offset(), Offset::ZeroPoints(_))
                }) =>
        {
            ROUNDED_SCALES
        }
        // Stretched angles are written as what plain ones are divided by.
        "gguf" if model.config.ropes.iter().all(is_plain) => 0.0,
        "gguf" => ROUNDED_ONCE,
        _ if model.config.norm == NormKind::RmsPlusOne => ROUNDED_ONCE,
        _ => 0.0,
    }
}

#[test]
fn what_was_saved_is_what_was_measured() {
    let mut held = [0; 3];
    let mut problems = Vec::new();
    let families = names().into_iter().map(|name| {
        let sources = sources(&name);
        (name, sources)
    });
    for (name, sources) in families.chain([
        ("wide".to_owned(), wide_sources()),
        ("stretched".to_owned(), stretched()),
    ]) {
        for (source, files) in sources {
            let model = load(&files);
            let what = format!("{name}, {source}");
            let written = model.family.write(&model.config);
            let read = model.family.read(&Fields::from(written)).expect("a config");
            if read != model.config {
                problems.push(format!(
                    "{what}: config.json gives {read:?}, not {:?}",
                    model.config
                ));
            }
            let compressed =
                ["gptq", "awq", "wanda"].map(|method| (method, compressed(&model, method)));
            let original = ("as it is", model);
            for (method, model) in std::iter::once(original).chain(compressed) {
                for (i, format) in FORMATS.iter().enumerate() {
                    match check(&model, format) {
                        Ok(true) => held[i] += 1,
                        // Every model fits a folder.
                        Ok(false) if i > 0 => {}
                        Ok(false) => problems.push(format!("{what}, {method}: is refused")),
                        Err(problem) => {
                            problems
                                .push(format!("{what}, {method} as {}: {problem}", format.name));
                        }
                    }
                }
            }
        }
    }
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
    assert!(held.iter().all(|count| *count > 100), "{held:?}");
}

/// Faults that there were, one by one.
#[test]
fn the_law_notices_another_model() {
    let format = |name: &str| save::format(name).expect("a format");
    let noticed = |right: &Model, wrong: &Model, name: &str, part: &str| {
        let written = format(name).write(wrong).expect("files");
        let problem = check_files(&written, right, format(name)).expect_err(part);
        assert!(problem.contains(part), "{problem}");
    };
    let source = |name: &str, kind| load(&gguf_of(&in_gguf(name).expect("a model"), kind).1);

    let right = source("gemma3", GgmlDType::Q8_0);
    let mut wrong = right.clone();
    wrong.config.norm = NormKind::Rms;
    noticed(&right, &wrong, "safetensors", "logits");

    let right = load(&folder("llama_rope_llama3"));
    let mut wrong = right.clone();
    let rope = &right.config.ropes[0];
    wrong.config.ropes = vec![Rope::plain(rope.theta, 2 * rope.frequencies.len())];
    noticed(&right, &wrong, "safetensors", "logits");

    let mut wrong = right.clone();
    wrong.config.eos_token_ids.pop();
    noticed(&right, &wrong, "gguf", "texts end with");

    let mut wrong = right.clone();
    wrong.chat_template = None;
    noticed(&right, &wrong, "compressed_tensors", "the template");

    let right = source("llama_gqa", GgmlDType::Q8_0);
    let mut wrong = right.clone();
    let table = right.embedding.to_matrix();
    let table = Dense::new(table.rows, table.cols, Floats::F32(table.data)).expect("a matrix");
    wrong.embedding = Arc::new(Weight::Dense(table));
    noticed(&right, &wrong, "compressed_tensors", "bytes");
}
