//! What was saved is what was measured: over every form that a model comes in, every family and every format, a model
//! that is saved and read back is the same, and as large as was said; or it is refused before any work.

mod sources;

use crate::formats::{WHOLE_NUMBERS, apart, compressed, distance, load};
use crate::gguf::LONG_TOKENS;
use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::Content;
use pressure_test::load::{self, Files};
use pressure_test::model::{Fields, Message, Model, NormKind, Role, Rope, Scaling};
use pressure_test::save::{self, FORMATS};
use pressure_test::weight::{Dense, Floats, Offset, PerGroup, Quantized, Weight};
use sources::{folder, gguf_of, in_gguf, names, sources, stretched, wide_sources};
use std::io::Cursor;
use std::sync::Arc;

/// Norms that are stored less 1, or multiplied by column factors, are rounded once more.
const ROUNDED_ONCE: f64 = 3e-5;
/// GGUF has scales and smallest values of groups in f16.
const ROUNDED_SCALES: f64 = 0.1;

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
