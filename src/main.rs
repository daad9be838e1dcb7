//! The command line: the same pipeline as the page.

mod bring;
mod command;
mod layer;

use clap::ArgMatches;
use pollster::block_on;
use pressure_test::backend::Cpu;
use pressure_test::calibrate::{self, Calibration, Text};
use pressure_test::compress::{self, Chain};
use pressure_test::evaluate::{self, Options, Score, Template};
use pressure_test::load;
use pressure_test::model::{Continuation, Model, Session};
use pressure_test::recipe::{Recipe, Settings};
use pressure_test::report::{self, Baseline, Brought, Engine, Event, ModelSummary, Report};
use pressure_test::{Error, Result, save};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The built-in model, as the page ships it.
const BUILT_IN: [&[u8]; 3] = [
    include_bytes!("../www/public/pebble/config.json"),
    include_bytes!("../www/public/pebble/model.safetensors"),
    include_bytes!("../www/public/pebble/tokenizer.json"),
];

fn main() {
    let matches = command::command().get_matches();
    let Some((name, arguments)) = matches.subcommand() else {
        return;
    };
    let outcome = match name {
        "catalog" => {
            print_json(&report::catalog());
            Ok(())
        }
        "inspect" => inspect(arguments),
        "logits" => logits(arguments),
        "generate" => generate(arguments),
        "perplexity" => perplexity(arguments),
        "evaluate" => evaluate(arguments),
        "compress" => compress(arguments),
        "layer" => layer::layer(arguments),
        _ => run(arguments),
    };
    if let Err(error) = outcome {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn inspect(arguments: &ArgMatches) -> Result<()> {
    let model = model(arguments)?;
    print_json(&ModelSummary::new(&model));
    Ok(())
}

fn logits(arguments: &ArgMatches) -> Result<()> {
    let model = model(arguments)?;
    let tokens: Vec<u32> = arguments
        .get_many("tokens")
        .into_iter()
        .flatten()
        .copied()
        .collect();
    let mut session = Session::new(&model, Cpu)?;
    let logits = block_on(session.logits(&tokens))?;
    let rows: Vec<&[f32]> = logits.chunks(model.config.vocab_size).collect();
    print_json(&json!({ "tokens": tokens, "logits": rows }));
    Ok(())
}

fn generate(arguments: &ArgMatches) -> Result<()> {
    let model = model(arguments)?;
    let prompt = model.tokenizer.encode(command::text(arguments, "prompt"))?;
    let max_tokens = arguments
        .get_one::<usize>("max-tokens")
        .copied()
        .unwrap_or(100);
    let mut session = Session::new(&model, Cpu)?;
    let texts = block_on(session.generate(std::slice::from_ref(&prompt), max_tokens, None))?;
    for Continuation {
        text,
        tokens: generated,
    } in texts
    {
        if arguments.get_flag("json") {
            print_json(&json!({ "tokens": prompt, "text": text, "generated": generated }));
        } else {
            print_line(&text);
        }
    }
    Ok(())
}

fn perplexity(arguments: &ArgMatches) -> Result<()> {
    let model = model(arguments)?;
    let path = Path::new(command::text(arguments, "text"));
    let text = String::from_utf8_lossy(&read(path)?).into_owned();
    let mut session = Session::new(&model, Cpu)?;
    let probe = evaluate::perplexity_of(&text);
    let score = block_on(evaluate::evaluate(
        &mut session,
        &*probe,
        Template::Auto,
        &mut |_, _| {},
    ))?;
    if arguments.get_flag("json") {
        print_json(&score);
    } else {
        print_line(&describe(&score));
    }
    Ok(())
}

fn evaluate(arguments: &ArgMatches) -> Result<()> {
    let model = model(arguments)?;
    let chosen = command::settings(arguments, evaluate::PARAMETERS);
    let settings = Settings::new(evaluate::PARAMETERS, &chosen)?;
    let brought = bring::brought(arguments)?;
    let options = Options::new(&settings, &model);
    let options = options.with(&settings, &brought.items, &brought.scorer)?;
    let probes = evaluate::chosen(&command::probes(arguments))?;
    let mut progress = show_progress;
    let measuring = report::evaluate(&model, Cpu, &probes, &options, &mut progress);
    let (measurement, data) = block_on(measuring)?;
    if arguments.get_flag("json") {
        print_json(&json!({
            "version": report::VERSION,
            "engine": Engine::new("cpu"),
            "model": ModelSummary::new(&model),
            "evaluation": settings.to_map(),
            "data": data,
            "measurement": measurement,
        }));
    } else {
        for score in &measurement.scores {
            print_line(&describe(score));
        }
        print_unavailable(&data);
    }
    Ok(())
}

/// Dimensions that the source of items has nothing for.
fn print_unavailable(data: &[report::ItemSet]) {
    for set in data {
        if let Some(reason) = &set.provenance.unavailable {
            print_line(&format!("{}: {reason}", set.name));
        }
    }
}

fn compress(arguments: &ArgMatches) -> Result<()> {
    let model = model(arguments)?;
    let recipe = recipe(arguments);
    let chain = Chain::new(&recipe.method, &recipe.settings)?;
    let format = save::format(command::text(arguments, "format"))?;
    let settings = Settings::new(calibrate::PARAMETERS, &recipe.calibration)?;
    let text = calibration_text(arguments)?;
    let seed = settings.integer("seed");
    let (calibration, _) =
        Calibration::new(&model, text.as_ref(), chain.purpose(), &settings, seed)?;
    // What the format cannot hold is said before the work.
    (format.plan)(&compress::sketch(&model, &chain))?;
    let out = Path::new(command::text(arguments, "out"));
    std::fs::create_dir_all(out).map_err(|source| in_file(out, source))?;
    let mut progress = |layer: &str, done, total| show(&format!("{}/{total} {layer}", done + 1));
    let began = Instant::now();
    let (compressed, layers) = block_on(compress::compress(
        &model,
        Cpu,
        &chain,
        &calibration,
        &mut progress,
    ))?;
    let seconds = began.elapsed().as_secs_f64();
    show("saving");
    let files = (format.plan)(&compressed)?;
    for file in &files {
        save_file(file, &out.join(&file.name))?;
    }
    for layer in layers {
        print_line(&describe_layer(&layer));
    }
    let (before, after) = (ModelSummary::new(&model), ModelSummary::new(&compressed));
    print_line(&format!(
        "{}: {} bytes in memory, {} before, in {seconds:.1} s; {} bytes as {} in {}",
        chain.name(),
        after.bytes,
        before.bytes,
        files.iter().map(save::File::size).sum::<u64>(),
        format.title,
        out.display()
    ));
    print_line(&format!(
        "{}; {}",
        report::tables(&model, &compressed),
        before.on_disk
    ));
    if let Some(warning) = before.warning {
        print_line(&warning);
    }
    Ok(())
}

fn save_file(file: &save::File, path: &Path) -> Result<()> {
    let made = std::fs::File::create(path).and_then(|made| {
        let mut made = std::io::BufWriter::new(made);
        file.write(&mut made)?;
        made.flush()
    });
    made.map_err(|source| in_file(path, source))
}

fn describe_layer(layer: &compress::Layer) -> String {
    let error = layer.output_error.map_or("no output".to_owned(), |error| {
        format!("{:.3} %", 100.0 * error)
    });
    let fallback = layer
        .fallback
        .as_ref()
        .map_or(String::new(), |fallback| format!("; fell back: {fallback}"));
    format!(
        "{:<40} {:.3} bits per weight, {:.1} % zeros, output error {error}, {:.3} s{fallback}",
        layer.name,
        layer.bits_per_weight,
        100.0 * layer.sparsity,
        layer.seconds
    )
}

/// A calibration text of the reader's own.
fn calibration_text(arguments: &ArgMatches) -> Result<Option<Text>> {
    let Some(path) = arguments.get_one::<String>("calibration") else {
        return Ok(None);
    };
    let path = Path::new(path);
    let content = String::from_utf8(read(path)?).map_err(|error| Error::BadFile {
        file: path.display().to_string(),
        problem: format!("it is not a text in UTF-8 ({error})"),
    })?;
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(Some(Text { name, content }))
}

fn run(arguments: &ArgMatches) -> Result<()> {
    let model = model(arguments)?;
    let recipe = recipe(arguments);
    let brought = Brought {
        text: calibration_text(arguments)?,
        ..bring::brought(arguments)?
    };
    let mut baseline = Baseline::default();
    let (report, _) = block_on(report::run(
        &model,
        Cpu,
        &recipe,
        &brought,
        &mut baseline,
        &mut show_progress,
    ))?;
    if let Some(path) = arguments.get_one::<String>("json") {
        let path = Path::new(path);
        let json = serde_json::to_vec(&report).unwrap_or_default();
        write(path, &json)?;
    }
    print_report(&report);
    print_unavailable(&report.data);
    Ok(())
}

fn recipe(arguments: &ArgMatches) -> Recipe {
    Recipe {
        method: command::text(arguments, "method").to_owned(),
        settings: command::settings(arguments, &compress::parameters(compress::METHODS)),
        calibration: command::calibration(arguments),
        evaluation: command::settings(arguments, evaluate::PARAMETERS),
        probes: command::probes(arguments),
    }
}

fn print_report(report: &Report) {
    let (before, after) = (report.before.size.bytes, report.after.size.bytes);
    print_line(&format!(
        "size: {before} -> {after} bytes ({:.2} times smaller), {:.3} bits per weight",
        before as f64 / after as f64,
        report.after.size.bits_per_weight
    ));
    print_line(&format!(
        "{}; {}",
        report.compression.tables, report.model.on_disk
    ));
    if let Some(warning) = &report.model.warning {
        print_line(warning);
    }
    let scores = report.before.scores.iter().zip(&report.after.scores);
    for ((before, after), comparison) in scores.zip(&report.comparisons) {
        print_line(&format!(
            "{:<24} {:7.2} [{:.1}, {:.1}] -> {:7.2} [{:.1}, {:.1}]  {:+.2} [{:+.1}, {:+.1}] {}, n {}, \
             lost {}, gained {}, refused {:.0} %, unread {:.0} %",
            before.title,
            before.value,
            before.interval[0],
            before.interval[1],
            after.value,
            after.interval[0],
            after.interval[1],
            comparison.change.difference,
            comparison.change.interval[0],
            comparison.change.interval[1],
            comparison.change.verdict.words(),
            comparison.change.n,
            comparison.change.right_to_wrong,
            comparison.change.wrong_to_right,
            100.0 * after.refusal_rate,
            100.0 * after.no_answer_rate,
        ));
    }
    for layer in report
        .compression
        .layers
        .iter()
        .filter(|layer| layer.fallback.is_some())
    {
        print_line(&describe_layer(layer));
    }
    if let Some(spread) = &report.spread {
        for score in &spread.scores {
            let values: Vec<String> = score
                .values
                .iter()
                .map(|value| format!("{value:.2}"))
                .collect();
            print_line(&format!(
                "{:<24} after compression by calibration seeds {:?}: {}",
                score.name,
                spread.seeds,
                values.join(", ")
            ));
        }
    }
}

fn describe(score: &Score) -> String {
    let [low, high] = score.interval;
    let mut lines = vec![format!(
        "{}: {:.2} {} [{low:.2}, {high:.2}], n {}",
        score.title, score.value, score.unit, score.n
    )];
    let parts = score.parts.iter();
    lines.extend(parts.map(|part| format!("  {}: {:.1}, n {}", part.title, part.value, part.n)));
    let beside = score.beside.iter();
    lines.extend(beside.map(|b| format!("  beside it, {}: {:.3}", b.title, b.value)));
    lines.join("\n")
}

fn show_progress(event: &Event) {
    if let Event::Progress {
        label, done, total, ..
    } = event
    {
        show(&format!("{}/{total} {label}", done + 1));
    }
}

/// One line of progress that replaces the last.
fn show(text: &str) {
    eprint!("\r\x1b[K{text}");
    if text.is_empty() {
        eprintln!();
    }
}

fn print_line(text: &str) {
    eprint!("\r\x1b[K");
    // A reader that has closed the pipe wants no more.
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn print_json(value: &impl serde::Serialize) {
    print_line(&serde_json::to_string(value).unwrap_or_default());
}

fn model(arguments: &ArgMatches) -> Result<Model> {
    let place = command::text(arguments, "model");
    if place == "builtin" {
        let files = load::FILES.iter().zip(BUILT_IN);
        let files: load::Files = files
            .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
            .collect();
        return load::model("Pebble", &files);
    }
    let place = Path::new(place);
    let folder = if place.is_file() {
        place.parent().filter(|folder| *folder != Path::new(""))
    } else {
        Some(place)
    };
    let folder = folder.unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).map_err(|source| in_file(folder, source))?;
    let entries = entries.map(|entry| Ok(entry.map_err(|source| in_file(folder, source))?.path()));
    let mut paths: Vec<PathBuf> = entries.collect::<Result<_>>()?;
    if place.is_file() {
        // Of the others only the further parts of the same model.
        let name = file_name(place);
        paths.retain(|path| load::is_beside(&name, &file_name(path)));
        if paths.is_empty() {
            paths = vec![place.to_owned()];
        }
    }
    let mut files = BTreeMap::new();
    for path in paths {
        let name = file_name(&path);
        if load::is_wanted(&name) {
            let file = std::fs::File::open(&path).map_err(|source| in_file(&path, source))?;
            files.insert(name, file);
        }
    }
    load::model(&file_name(place), &files)
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| in_file(path, source))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|source| in_file(path, source))
}

fn in_file(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.display().to_string(),
        source,
    }
}
