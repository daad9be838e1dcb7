//! Models that servers run, on the command line.

use crate::models::file_name;
use crate::output::{print_line, put_json, tell};
use crate::progress::Progress;
use crate::words::{SIDES, describe, print_comparisons, print_unavailable, tell_left_out};
use crate::{command, in_file, output, read, user_inputs};
use clap::{Arg, ArgMatches, value_parser};
use pollster::block_on;
use pressure_test::evaluate::{self, Connection, Options, Patience, Secret, ServerAsker, Template};
use pressure_test::hub;
use pressure_test::load::{self, INTERFACE_FILES};
use pressure_test::model::Interface;
use pressure_test::recipe::Settings;
use pressure_test::report::{self, Engine, Event, ServedReport};
use pressure_test::{Error, Result};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Requests that are under way at once unless another number is given.
pub const JOBS: usize = 8;
/// Where answers are kept unless another file is named.
const ANSWERS: &str = "pressure-test-answers.jsonl";

/// How a server is reached.
pub fn arguments() -> Vec<Arg> {
    let of_server = |name: &'static str| Arg::new(name).long(name).requires("server");
    vec![
        Arg::new("server")
            .long("server")
            .value_name("URL")
            .requires("tokenizer")
            .conflicts_with("adapter")
            .help("A server with an OpenAI-compatible completions API that runs the model: vLLM, SGLang, llama.cpp's"),
        of_server("tokenizer")
            .value_name("FOLDER")
            .help("The folder with tokenizer.json of the model that the server runs, or its name on the hub"),
        of_server("answers")
            .value_name("FILE")
            .default_value(ANSWERS)
            .help("Where a server's answers are kept as they come; a run that was cut goes on from there"),
        of_server("key-env")
            .value_name("NAME")
            .default_value("OPENAI_API_KEY")
            .help("The environment variable that holds the server's key, if it wants one"),
        of_server("context")
            .value_name("TOKENS")
            .value_parser(value_parser!(usize))
            .help("The most tokens that the served model has room for, where neither server nor config.json says it"),
        of_server("timeout")
            .value_name("SECONDS")
            .value_parser(value_parser!(u64).range(1..))
            .default_value("600")
            .help("How long one answer of a server is waited for"),
        of_server("tries")
            .value_parser(value_parser!(u32).range(1..))
            .default_value("8")
            .help("How often a server is asked that is busy or broken, with longer and longer waits"),
    ]
}

/// The second model of a comparison.
pub fn compressed_arguments() -> [Arg; 2] {
    [
        Arg::new("compressed-model")
            .long("compressed-model")
            .value_name("NAME")
            .requires("server")
            .conflicts_with("method")
            .help("With --server: the served model to compare with --model, which was compressed elsewhere"),
        Arg::new("compressed-server")
            .long("compressed-server")
            .value_name("URL")
            .requires("compressed-model")
            .help("The server that runs it, if that is another one"),
    ]
}

/// Whether the model is one that a server runs.
pub fn is_meant(arguments: &ArgMatches) -> bool {
    arguments.contains_id("server")
}

/// Why a served model is not compressed.
pub fn not_compressed_here() -> Error {
    Error::Setting {
        name: "method".into(),
        found: "for a served model".into(),
        expected: "what a server runs is compressed elsewhere: give the served model to compare with by --compressed-model".into(),
    }
}

/// How the models are to be asked.
struct Asked {
    settings: Settings,
    options: Options,
    probes: Vec<&'static evaluate::ProbeKind>,
}

/// Scores a model that a server runs.
pub fn evaluate(arguments: &ArgMatches) -> Result<ExitCode> {
    output::check(arguments)?;
    let (interface, hash) = interface(arguments)?;
    let mut asked = asked(arguments, &interface)?;
    let (url, model) = (
        command::text(arguments, "server"),
        command::text(arguments, "model"),
    );
    let mut side = connect(arguments, (url, model), interface, asked.options.template)?;
    if side.writes_only() {
        asked.options = asked.options.by_writing();
    }
    let mut clock = Progress::new();
    let mut progress = |event: &Event| clock.see(event);
    let measuring =
        report::evaluate_served(&mut side, &asked.probes, &asked.options, &mut progress);
    let (measurement, data) = block_on(measuring)?;
    let mut notes = asked.options.supply.notes();
    notes.extend(resumed(&side));
    notes.extend(side.served().notes.clone());
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
                "engine": Engine::new("servers".to_owned()),
                "model": side.served(),
                "tokenizer": hash,
                "evaluation": asked.settings.to_map(),
                "data": data,
                "notes": notes,
                "measurement": measurement,
            }),
        )?;
    }
    Ok(tell_left_out(&data, &notes))
}

/// Compares two models that servers run.
pub fn compare(arguments: &ArgMatches) -> Result<ExitCode> {
    output::check(arguments)?;
    let (interface, hash) = interface(arguments)?;
    let mut asked = asked(arguments, &interface)?;
    let template = asked.options.template;
    let first = command::text(arguments, "server");
    let second = arguments.get_one::<String>("compressed-server");
    let places = [
        (first, command::text(arguments, "model")),
        (
            second.map_or(first, String::as_str),
            command::text(arguments, "compressed-model"),
        ),
    ];
    let open = |place| connect(arguments, place, interface.clone(), template);
    let mut sides = [open(places[0])?, open(places[1])?];
    if sides.iter().any(ServerAsker::writes_only) {
        sides = sides.map(ServerAsker::by_writing);
        asked.options = asked.options.by_writing();
    }
    let mut report = ServedReport::new(
        [&sides[0], &sides[1]],
        &asked.settings,
        &command::probes(arguments),
        &asked.options,
    );
    report.tokenizer = hash;
    let mut clock = Progress::new();
    let outcome = block_on(report::compare_served(
        &mut report,
        &mut sides,
        &asked.probes,
        &asked.options,
        &mut |event| clock.see(event),
    ));
    report.notes.extend(sides.iter().filter_map(resumed));
    // What was measured is delivered, should the run fail.
    if outcome.is_err() && report.data.is_empty() {
        outcome?;
        return Ok(ExitCode::FAILURE);
    }
    if !output::is_json(arguments) {
        print_comparisons(SIDES, &report.before, &report.after, &report.comparisons)?;
        print_unavailable(&report.data)?;
    }
    if arguments.contains_id("json") {
        put_json(arguments, &report)?;
    }
    let models = [&report.model, &report.compressed];
    models
        .iter()
        .flat_map(|served| &served.notes)
        .for_each(|note| tell(note));
    let code = tell_left_out(&report.data, &report.notes);
    outcome.map(|()| code)
}

/// What of the answers earlier runs had.
fn resumed(asker: &ServerAsker) -> Option<String> {
    (asker.kept() > 0).then(|| {
        format!(
            "{} answers of {} are an earlier run's, which kept them; times and speeds are of the others.",
            asker.kept(),
            asker.served().name
        )
    })
}

fn asked(arguments: &ArgMatches, interface: &Interface) -> Result<Asked> {
    let chosen = command::settings(arguments, evaluate::PARAMETERS);
    let settings = Settings::new(evaluate::PARAMETERS, &chosen)?;
    let inputs = user_inputs::read_from(arguments)?;
    let options = Options::new(&settings, interface);
    Ok(Asked {
        options: options.with(&settings, &inputs.items, &inputs.scorer)?,
        probes: evaluate::chosen(&command::probes(arguments))?,
        settings,
    })
}

fn connect(
    arguments: &ArgMatches,
    (url, model): (&str, &str),
    interface: Interface,
    template: Template,
) -> Result<ServerAsker> {
    let seconds = arguments.get_one::<u64>("timeout").copied();
    let connection = Connection {
        url: url.to_owned(),
        model: model.to_owned(),
        key: std::env::var(command::text(arguments, "key-env"))
            .ok()
            .and_then(|key| Secret::new(&key)),
        jobs: command::jobs(arguments).unwrap_or(JOBS),
        patience: Patience {
            timeout: Duration::from_secs(seconds.unwrap_or(600)),
            tries: arguments.get_one::<u32>("tries").copied().unwrap_or(1),
            ..Patience::default()
        },
        answers: command::text(arguments, "answers").into(),
    };
    ServerAsker::connect(&connection, interface, template)
}

/// What the served model reads and writes, and the hash of the files that say so.
fn interface(arguments: &ArgMatches) -> Result<(Interface, String)> {
    let place = command::text(arguments, "tokenizer");
    let folder = Path::new(place);
    let mut files = load::Files::new();
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder).map_err(|source| in_file(folder, source))? {
            let path = entry.map_err(|source| in_file(folder, source))?.path();
            let name = file_name(&path);
            if INTERFACE_FILES.contains(&&*name) {
                files.insert(name, read(&path)?);
            }
        }
    } else if hub::is_repository(place) {
        files.extend(hub::fetch(place, &INTERFACE_FILES)?);
    } else {
        return Err(Error::Setting {
            name: "tokenizer".into(),
            found: place.into(),
            expected:
                "a folder with tokenizer.json, or owner/name of a model on the hub, is needed"
                    .into(),
        });
    }
    let (mut interface, hash) = load::interface(&files)?;
    if let Some(context) = arguments.get_one::<usize>("context") {
        interface.max_position_embeddings = *context;
    }
    Ok((interface, hash))
}
