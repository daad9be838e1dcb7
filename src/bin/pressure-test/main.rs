//! The command line: the same pipeline as the page.

mod command;
mod export;
mod layer;
mod manual;
mod models;
mod output;
mod progress;
mod reports;
mod server;
mod speed;
mod user_inputs;
mod words;
mod writing;

use clap::ArgMatches;
use models::{built_in, model};
use output::{print_line, put_json, show, tell};
use pollster::block_on;
use pressure_test::backend::with_backend;
use pressure_test::calibrate::{self, Calibration, Text};
use pressure_test::compress;
use pressure_test::evaluate::{self, Inference, Options, Template, Variant};
use pressure_test::model::{Model, Session};
use pressure_test::recipe::{Recipe, Settings};
use pressure_test::report::{
    self, Baseline, Engine, Event, Experiment, ModelSummary, Report, UserInputs,
};
use pressure_test::validate::CheckedRecipe;
use pressure_test::{Error, Result, save, text};
use progress::Progress;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use words::{
    describe, describe_layer, print_model, print_report, print_unavailable, tell_left_out,
};

fn main() -> ExitCode {
    let matches = command::command().get_matches();
    let Some((name, arguments)) = matches.subcommand() else {
        return ExitCode::FAILURE;
    };
    let done = |()| ExitCode::SUCCESS;
    command::use_threads(arguments);
    let outcome = match name {
        "catalog" => put_json(arguments, &report::catalog()).map(done),
        "inspect" => inspect(arguments).map(done),
        "logits" => logits(arguments).map(done),
        "generate" => writing::generate(arguments).map(done),
        "tokenize" => writing::tokenize(arguments).map(done),
        "completions" => manual::completions(arguments).map(done),
        "man" => manual::man(arguments).map(done),
        "perplexity" => perplexity(arguments).map(done),
        "evaluate" => evaluate(arguments),
        "compress" => compress(arguments).map(done),
        "layer" => layer::layer(arguments).map(done),
        "merge" => reports::merge(arguments),
        "compare" => reports::compare(arguments),
        "recipe" => export::recipe(arguments).map(done),
        "export" => export::export(arguments).map(done),
        "speed" => built_in()
            .and_then(|model| speed::speed(arguments, model))
            .map(done),
        _ => run(arguments),
    };
    outcome.unwrap_or_else(|error| {
        tell(&error.to_string());
        ExitCode::FAILURE
    })
}

fn inspect(arguments: &ArgMatches) -> Result<()> {
    let model = model(arguments)?;
    put_json(arguments, &ModelSummary::new(&model))
}

fn logits(arguments: &ArgMatches) -> Result<()> {
    let Variant {
        model, inference, ..
    } = proved(arguments)?;
    let tokens: Vec<u32> = arguments
        .get_many("tokens")
        .into_iter()
        .flatten()
        .copied()
        .collect();
    let logits = with_backend!(inference.backend, backend => {
        block_on(Session::new(&*model, backend)?.logits(&tokens))?
    });
    let rows: Vec<&[f32]> = logits.chunks(model.config.vocab_size).collect();
    put_json(arguments, &json!({ "tokens": tokens, "logits": rows }))
}

fn perplexity(arguments: &ArgMatches) -> Result<()> {
    let variant = proved(arguments)?;
    let path = Path::new(command::text(arguments, "text"));
    let text = text::read(&path.display().to_string(), &read(path)?)?;
    let mut asker = variant.asker(Template::Auto)?;
    let probe = evaluate::perplexity_of(&text);
    let score = block_on(evaluate::evaluate(&mut asker, &*probe, &mut |_, _| {}))?;
    if arguments.contains_id("json") {
        put_json(arguments, &score)
    } else {
        print_line(&describe(&score))
    }
}

fn evaluate(arguments: &ArgMatches) -> Result<ExitCode> {
    if server::is_meant(arguments) {
        return server::evaluate(arguments);
    }
    output::check(arguments)?;
    let mut variant = variant(arguments)?;
    let model = Arc::clone(&variant.model);
    let model = &*model;
    let chosen = command::settings(arguments, evaluate::PARAMETERS);
    let settings = Settings::new(evaluate::PARAMETERS, &chosen)?;
    let inputs = user_inputs::read_from(arguments)?;
    let options = Options::new(&settings, &model.interface());
    let options = options.with(&settings, &inputs.items, &inputs.scorer)?;
    let probes = evaluate::chosen(&command::probes(arguments))?;
    block_on(variant.prove())?;
    let mut clock = Progress::new();
    let mut progress = |event: &Event| clock.see(event);
    let mut asker = variant.asker(options.template)?;
    let measuring = report::evaluate(model, &mut asker, &probes, &options, &mut progress);
    let (measurement, data) = block_on(measuring)?;
    let mut notes = options.supply.notes();
    let proof = variant.proof.as_ref();
    notes.extend(proof.map(|proof| report::proof_note(proof, "as it is")));
    if !output::is_json(arguments) {
        print_model(&ModelSummary::new(model))?;
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
                "engine": Engine::new(variant.inference.backend.text()),
                "model": ModelSummary::new(model),
                "evaluation": settings.to_map(),
                "data": data,
                "notes": notes,
                "measurement": measurement,
            }),
        )?;
    }
    Ok(tell_left_out(&data, &notes))
}

fn compress(arguments: &ArgMatches) -> Result<()> {
    let Variant {
        model, inference, ..
    } = proved(arguments)?;
    let recipe = recipe(arguments);
    let CheckedRecipe {
        chain, calibration, ..
    } = CheckedRecipe::new(&recipe)?;
    let format = save::format(command::text(arguments, "format"))?;
    let text = calibration_text(arguments)?;
    let seed = calibrate::SEED.of(&calibration).into();
    let (calibration, _) =
        Calibration::new(&model, text.as_ref(), chain.purpose(), &calibration, seed)?;
    // What the format cannot hold is said before the work.
    (format.plan)(&compress::sketch(&model, &chain))?;
    let out = Path::new(command::text(arguments, "out"));
    std::fs::create_dir_all(out).map_err(|source| in_file(out, source))?;
    let mut clock = Progress::new();
    let mut progress = |layer: &str, done, total| clock.layer(layer, done, total);
    let began = Instant::now();
    let (compressed, layers) = with_backend!(inference.backend, backend => {
        let pause = &compress::no_pause;
        let compressing = compress::compress(&model, backend, &chain, &calibration, &mut progress, pause);
        block_on(compressing)?
    });
    let seconds = began.elapsed().as_secs_f64();
    show("saving");
    let files = (format.plan)(&compressed)?;
    for file in &files {
        save_file(file, &out.join(&file.name))?;
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
        files.iter().map(save::File::size).sum::<u64>(),
        format.title,
        out.display()
    ))?;
    print_line(&report::tables(&model, &compressed))?;
    print_model(&before)
}

fn save_file(file: &save::File, path: &Path) -> Result<()> {
    let made = std::fs::File::create(path).and_then(|made| {
        let mut made = std::io::BufWriter::new(made);
        file.write(&mut made)?;
        made.flush()
    });
    made.map_err(|source| in_file(path, source))
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
    if arguments.contains_id("compressed-model") {
        return server::compare(arguments);
    }
    if server::is_meant(arguments) {
        return Err(server::not_compressed_here());
    }
    output::check(arguments)?;
    let variant = variant(arguments)?;
    let other = arguments
        .get_one::<String>("against")
        .map(|place| models::model_at(place))
        .transpose()?
        .map(|model| variant_of(model, arguments));
    let recipe = recipe(arguments);
    let inputs = UserInputs {
        text: calibration_text(arguments)?,
        ..user_inputs::read_from(arguments)?
    };
    let mut clock = Progress::new();
    let mut experiment = match other {
        Some(other) => Experiment::against(other, variant, &recipe, &inputs),
        None => Experiment::new(variant, &recipe, &inputs),
    }?;
    let outcome = block_on(report::run(
        &mut experiment,
        &mut Variant::asker,
        &mut Baseline::default(),
        &mut None,
        &mut |event| clock.see(event),
    ));
    // What was measured is delivered, should the run fail.
    let delivered = experiment.report().map(|report| deliver(arguments, report));
    outcome?;
    delivered.unwrap_or(Ok(ExitCode::SUCCESS))
}

/// Prints a report, and writes it where `--json` says.
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
    let method = arguments.get_one::<String>("method");
    Recipe {
        method: method.map_or(compress::NONE, String::as_str).to_owned(),
        settings: command::settings(arguments, &compress::parameters(compress::METHODS)),
        calibration: command::calibration(arguments),
        evaluation: command::settings(arguments, evaluate::PARAMETERS),
        probes: command::probes(arguments),
    }
}

/// The model, to be run as the arguments say.
fn variant(arguments: &ArgMatches) -> Result<Variant> {
    Ok(variant_of(model(arguments)?, arguments))
}

/// The same of another model.
fn variant_of(model: Model, arguments: &ArgMatches) -> Variant {
    let backend = command::backend(arguments);
    Variant::with(Arc::new(model), Inference { backend })
}

/// The same, once what its backend computes was compared with the processor; says how that went.
fn proved(arguments: &ArgMatches) -> Result<Variant> {
    let mut variant = variant(arguments)?;
    block_on(variant.prove())?;
    if let Some(proof) = &variant.proof {
        tell(&report::proof_note(proof, "as it is"));
    }
    Ok(variant)
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
