//! The command line: the same pipeline as the page.

mod bring;
mod command;
mod layer;
mod output;

use clap::ArgMatches;
use output::{print_line, print_text, put_json, show, tell};
use pollster::block_on;
use pressure_test::backend::Cpu;
use pressure_test::calibrate::{self, Calibration, Text};
use pressure_test::compress::{self, Chain};
use pressure_test::evaluate::{self, Options, Score, Template};
use pressure_test::load;
use pressure_test::model::{Continuation, Model, Session};
use pressure_test::recipe::{Recipe, Settings};
use pressure_test::report::{self, Baseline, Brought, Engine, Event, ModelSummary, Report};
use pressure_test::{Error, Result, save, text};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// The built-in model, as the page ships it.
const BUILT_IN: [&[u8]; 3] = [
    include_bytes!("../www/public/pebble/config.json"),
    include_bytes!("../www/public/pebble/model.safetensors"),
    include_bytes!("../www/public/pebble/tokenizer.json"),
];

fn main() -> ExitCode {
    let matches = command::command().get_matches();
    let Some((name, arguments)) = matches.subcommand() else {
        return ExitCode::FAILURE;
    };
    let done = |()| ExitCode::SUCCESS;
    let outcome = match name {
        "catalog" => put_json(arguments, &report::catalog()).map(done),
        "inspect" => inspect(arguments).map(done),
        "logits" => logits(arguments).map(done),
        "generate" => generate(arguments).map(done),
        "perplexity" => perplexity(arguments).map(done),
        "evaluate" => evaluate(arguments),
        "compress" => compress(arguments).map(done),
        "layer" => layer::layer(arguments).map(done),
        _ => run(arguments),
    };
    outcome.unwrap_or_else(|error| {
        tell(&error.to_string());
        ExitCode::FAILURE
    })
}

/// What a run ends with in which rows were left out.
const NOT_ALL: u8 = 3;

fn inspect(arguments: &ArgMatches) -> Result<()> {
    let model = model(arguments)?;
    put_json(arguments, &ModelSummary::new(&model))
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
    put_json(arguments, &json!({ "tokens": tokens, "logits": rows }))
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
        if arguments.contains_id("json") {
            let generated = json!({ "tokens": prompt, "text": text, "generated": generated });
            put_json(arguments, &generated)?;
        } else {
            print_text(&text)?;
        }
    }
    Ok(())
}

fn perplexity(arguments: &ArgMatches) -> Result<()> {
    let model = model(arguments)?;
    let path = Path::new(command::text(arguments, "text"));
    let text = text::read(&path.display().to_string(), &read(path)?)?;
    let mut session = Session::new(&model, Cpu)?;
    let probe = evaluate::perplexity_of(&text);
    let score = block_on(evaluate::evaluate(
        &mut session,
        &*probe,
        Template::Auto,
        &mut |_, _| {},
    ))?;
    if arguments.contains_id("json") {
        put_json(arguments, &score)
    } else {
        print_line(&describe(&score))
    }
}

fn evaluate(arguments: &ArgMatches) -> Result<ExitCode> {
    output::check(arguments)?;
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
    let notes = options.supply.notes();
    if !output::is_json(arguments) {
        for score in &measurement.scores {
            print_line(&describe(score))?;
        }
        print_unavailable(&data)?;
    }
    if arguments.contains_id("json") {
        put_json(
            arguments,
            &json!({
                "version": report::VERSION,
                "engine": Engine::new("cpu"),
                "model": ModelSummary::new(&model),
                "evaluation": settings.to_map(),
                "data": data,
                "notes": notes,
                "measurement": measurement,
            }),
        )?;
    }
    Ok(tell_left_out(&data, &notes))
}

/// Dimensions that the source of items has nothing for.
fn print_unavailable(data: &[report::ItemSet]) -> Result<()> {
    for set in data {
        if let Some(reason) = &set.provenance.unavailable {
            print_line(&format!("{}: not measured: {reason}", set.name))?;
        }
    }
    Ok(())
}

/// Files and rows that were not asked, on standard error, and what the program ends with.
fn tell_left_out(data: &[report::ItemSet], notes: &[String]) -> ExitCode {
    for note in notes {
        tell(note);
    }
    let rows = data.iter().flat_map(|set| &set.provenance.left_out);
    let mut code = ExitCode::SUCCESS;
    for row in rows {
        tell(&format!("{} is left out: {}.", row.place, row.reason));
        code = ExitCode::from(NOT_ALL);
    }
    code
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
    let out = Path::new(command::text(arguments, "out"));
    std::fs::create_dir_all(out).map_err(|source| in_file(out, source))?;
    let files = (format.write)(&compressed)?;
    for (name, bytes) in &files {
        write(&out.join(name), bytes)?;
    }
    for layer in layers {
        print_line(&describe_layer(&layer))?;
    }
    let (before, after) = (ModelSummary::new(&model), ModelSummary::new(&compressed));
    print_line(&format!(
        "{}: {} bytes in memory, {} before, in {seconds:.1} s; {} bytes as {} in {}",
        chain.name(),
        after.bytes,
        before.bytes,
        files.values().map(Vec::len).sum::<usize>(),
        format.title,
        out.display()
    ))
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
    let content = text::read(&path.display().to_string(), &read(path)?)?;
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(Some(Text { name, content }))
}

fn run(arguments: &ArgMatches) -> Result<ExitCode> {
    output::check(arguments)?;
    let model = model(arguments)?;
    let recipe = recipe(arguments);
    let brought = Brought {
        text: calibration_text(arguments)?,
        ..bring::brought(arguments)?
    };
    // The report so far, should the run fail.
    let mut latest = None;
    let mut on_event = |event: &Event| match event {
        Event::Report { report } => latest = Some((*report).clone()),
        Event::Progress { .. } => show_progress(event),
    };
    let outcome = block_on(report::run(
        &model,
        Cpu,
        &recipe,
        &brought,
        &mut Baseline::default(),
        &mut None,
        &mut on_event,
    ));
    match (outcome, latest) {
        (Ok(report), _) => deliver(arguments, &report),
        (Err(error), Some(report)) => {
            deliver(arguments, &report)?;
            Err(error)
        }
        (Err(error), None) => Err(error),
    }
}

fn deliver(arguments: &ArgMatches, report: &Report) -> Result<ExitCode> {
    if !output::is_json(arguments) {
        print_report(report)?;
        print_unavailable(&report.data)?;
    }
    if arguments.contains_id("json") {
        put_json(arguments, report)?;
    }
    Ok(tell_left_out(&report.data, &report.notes))
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

fn print_report(report: &Report) -> Result<()> {
    let (before, after) = (report.before.size.bytes, report.after.size.bytes);
    print_line(&format!(
        "size: {before} -> {after} bytes ({:.2} times smaller), {:.3} bits per weight",
        before as f64 / after as f64,
        report.after.size.bits_per_weight
    ))?;
    let scores = report.before.scores.iter().zip(&report.after.scores);
    for ((before, after), comparison) in scores.zip(&report.comparisons) {
        let change = &comparison.change;
        print_line(&format!(
            "{:<24} {:7.2} {} -> {:7.2} {}  {:+.2} {} {}, n {}, lost {}, gained {}, refused {:.0} %, unread {:.0} %",
            before.title,
            before.value,
            between(before.interval, |end| format!("{end:.1}")),
            after.value,
            between(after.interval, |end| format!("{end:.1}")),
            change.difference,
            between(change.interval, |end| format!("{end:+.1}")),
            change.verdict.words(),
            change.n,
            change.right_to_wrong,
            change.wrong_to_right,
            100.0 * after.refusal_rate,
            100.0 * after.no_answer_rate,
        ))?;
    }
    let layers = report.compression.layers.iter();
    for layer in layers.filter(|layer| layer.fallback.is_some()) {
        print_line(&describe_layer(layer))?;
    }
    for score in report.spread.iter().flat_map(|spread| &spread.scores) {
        let values = score.values.iter().map(|value| format!("{value:.2}"));
        print_line(&format!(
            "{:<24} after compression by calibration seeds {:?}: {}",
            score.name,
            report
                .spread
                .as_ref()
                .map_or(&[][..], |spread| &spread.seeds),
            values.collect::<Vec<_>>().join(", ")
        ))?;
    }
    Ok(())
}

/// An interval in brackets, where there is one.
fn between(interval: Option<[f64; 2]>, end: impl Fn(f64) -> String) -> String {
    interval.map_or_else(
        || "[no interval]".to_owned(),
        |[low, high]| format!("[{}, {}]", end(low), end(high)),
    )
}

fn describe(score: &Score) -> String {
    let interval = between(score.interval, |end| format!("{end:.2}"));
    let mut lines = vec![format!(
        "{}: {:.2} {} {interval}, n {}",
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
    let mut paths = vec![place.to_owned()];
    if !place.is_file() {
        let entries = std::fs::read_dir(place).map_err(|source| in_file(place, source))?;
        let entries =
            entries.map(|entry| Ok(entry.map_err(|source| in_file(place, source))?.path()));
        paths = entries.collect::<Result<_>>()?;
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
