//! The words of the command line. Settings of methods and of evaluation are drawn from their tables.

use crate::output::STANDARD_OUTPUT;
use crate::server;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use pressure_test::Error;
use pressure_test::backend::BackendName;
use pressure_test::compress::{METHODS, parameters};
use pressure_test::evaluate::PROBES;
use pressure_test::recipe::{Parameter, ParameterKind};
use pressure_test::save::FORMATS;
use pressure_test::{calibrate, evaluate};
use serde_json::{Map, Value};

/// What stands below the list of commands.
const AFTER: &str = "Ends with 0; with 1 when something failed, with 2 when the arguments cannot be read, with 3 when all went well \
                     but items were left out.";

/// Every command with its arguments.
pub fn command() -> Command {
    let text_file = Arg::new("text")
        .long("text")
        .required(true)
        .help("A text file");
    let tokens = Arg::new("tokens")
        .long("tokens")
        .required(true)
        .value_delimiter(',')
        .value_parser(value_parser!(u32))
        .help("Token ids, separated by commas");
    let out = Arg::new("out")
        .long("out")
        .required(true)
        .help("The folder to write");
    let asymmetric = Arg::new("asymmetric")
        .long("asymmetric")
        .action(ArgAction::SetTrue)
        .conflicts_with("symmetric")
        .help("The opposite of --symmetric, for those who like to say so");
    let matrix = Arg::new("file")
        .long("file")
        .required(true)
        .help("A safetensors file with W and X");
    let result = Arg::new("out")
        .long("out")
        .required(true)
        .help("The safetensors file to write");
    Command::new("pressure-test")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Squeezes a language model and shows what that does to its trustworthiness")
        .after_help(AFTER)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            Command::new("run")
                .about("Compresses a model and scores it before and after, or against another model")
                .args(model())
                .args([against(), backend_argument(), json(), probes_argument(), jobs_argument()])
                .arg(
                    method()
                        .required(false)
                        .required_unless_present_any(["compressed-model", "against"]),
                )
                .args(settings_of(&parameters(METHODS)))
                .args(calibration_arguments())
                .args(settings_of(evaluate::PARAMETERS))
                .args(user_inputs())
                .args(server::arguments())
                .args(server::compressed_arguments()),
            Command::new("catalog")
                .about("The methods, probes, model families and their settings, as JSON")
                .arg(json()),
            Command::new("inspect").about("A model in numbers, as JSON").args(model()).arg(json()),
            Command::new("logits")
                .about("The logits after each token, [tokens, vocab_size], as JSON")
                .args(model())
                .args([backend_argument(), tokens, json()]),
            Command::new("perplexity")
                .about("Perplexity of a text, paragraph by paragraph")
                .args(model())
                .args([backend_argument(), text_file, jobs_argument(), json()]),
            Command::new("evaluate")
                .about("Scores a model as it is")
                .args(model())
                .args([backend_argument(), json(), probes_argument(), jobs_argument()])
                .args(settings_of(evaluate::PARAMETERS))
                .args(user_inputs())
                .args(server::arguments()),
            Command::new("compress")
                .about("Compresses a model and writes it as a folder or file that other programs read")
                .args(model())
                .args([backend_argument(), method(), out, format(), jobs_argument()])
                .args(settings_of(&parameters(METHODS)))
                .args(calibration_arguments()),
            crate::reports::merge_command(json()),
            crate::reports::compare_command(json()),
            crate::speed::command(json()),
            Command::new("recipe")
                .about("A recipe in the words of another program")
                .args([method(), crate::export::recipe_format()])
                .args(settings_of(&parameters(METHODS)))
                .args(calibration_arguments()),
            Command::new("export")
                .about("The items as tasks of another program, in a folder")
                .args(crate::export::arguments())
                .arg(probes_argument())
                .args(settings_of(evaluate::PARAMETERS))
                .args(user_inputs()),
            Command::new("layer")
                .about("Compresses one matrix: reads W [rows, cols] and X [sequences, tokens, cols], writes Q and its parts")
                .args([matrix, method(), result, asymmetric, json()])
                .args(settings_of(&parameters(METHODS))),
        ])
        .subcommands(crate::writing::commands())
        .subcommands(crate::manual::commands())
}

/// The settings that were given, as data; their ranges are checked where they are used.
pub fn settings(arguments: &ArgMatches, parameters: &[Parameter]) -> Map<String, Value> {
    let given = parameters.iter().filter_map(|parameter| {
        let text = arguments.try_get_one::<String>(parameter.name).ok()??;
        Some((parameter.name.to_owned(), value(parameter, text)))
    });
    given.collect()
}

/// The names of the probes that were chosen; empty for all.
pub fn probes(arguments: &ArgMatches) -> Vec<String> {
    let names = arguments.try_get_many::<String>("probes").ok().flatten();
    names.into_iter().flatten().cloned().collect()
}

fn probes_argument() -> Arg {
    let names: Vec<&str> = PROBES.iter().map(|kind| kind.name).collect();
    Arg::new("probes")
        .long("probes")
        .value_delimiter(',')
        .help(format!(
            "Some of {}, separated by commas; all when not given",
            names.join(", ")
        ))
}

/// The settings of calibration that were given, as data.
pub fn calibration(arguments: &ArgMatches) -> Map<String, Value> {
    let flags: Vec<String> = calibrate::PARAMETERS.iter().map(flag).collect();
    let given = calibrate::PARAMETERS
        .iter()
        .zip(flags)
        .filter_map(|(parameter, flag)| {
            let text = arguments.get_one::<String>(&flag)?;
            Some((parameter.name.to_owned(), value(parameter, text)))
        });
    given.collect()
}

fn flag(parameter: &Parameter) -> String {
    format!("calibration-{}", parameter.name)
}

fn calibration_arguments() -> Vec<Arg> {
    let text = Arg::new("calibration")
        .long("calibration")
        .value_name("FILE")
        .help("A text of your own to calibrate by, instead of the built-in English");
    let argument = |parameter: &Parameter| {
        Arg::new(flag(parameter))
            .long(flag(parameter))
            .help(parameter.sentence)
    };
    std::iter::once(text)
        .chain(calibrate::PARAMETERS.iter().map(argument))
        .collect()
}

/// What a text stands for; where the parameter cannot have it, the text as it is best told: a number or truth value as JSON
/// has it, or a word.
fn value(parameter: &Parameter, text: &str) -> Value {
    let told = || serde_json::from_str(text).unwrap_or_else(|_| text.into());
    parameter.read(text).unwrap_or_else(told)
}

/// The text of a required argument.
pub fn text<'a>(arguments: &'a ArgMatches, name: &str) -> &'a str {
    arguments.get_one::<String>(name).map_or("", String::as_str)
}

fn user_inputs() -> [Arg; 2] {
    let data = Arg::new("data")
        .long("data")
        .value_name("FOLDER")
        .help("Files of items, for --source decodingtrust or own");
    let classifier = Arg::new("classifier")
        .long("classifier")
        .value_name("FOLDER")
        .help(
            "A Hugging Face text classifier to score toxicity with, instead of the built-in scorer",
        );
    [data, classifier]
}

/// Which model is meant.
pub fn model() -> [Arg; 2] {
    [
        Arg::new("model").long("model").required(true).help(
            "A folder as Hugging Face has it, or with a GGUF file in it, or such a file; or builtin; or of the hub \
             hub:owner/name[@revision][/file.gguf], which is fetched once and kept; with --server, the name that the server \
             gives it",
        ),
        Arg::new("adapter").long("adapter").value_name("FOLDER").help(
            "A folder of the peft library, or one of the hub, with a low-rank adapter (LoRA) that is merged into the model's \
             weights",
        ),
    ]
}

pub fn jobs_argument() -> Arg {
    Arg::new("jobs")
        .long("jobs")
        .value_name("N")
        .value_parser(value_parser!(u16).range(1..))
        .help(format!(
            "Threads that work at once, as many as there are cores when not given; with --server, requests that are under \
             way at once, {}",
            server::JOBS
        ))
}

/// How much is to be done at once, where that was said.
pub fn jobs(arguments: &ArgMatches) -> Option<usize> {
    let jobs = arguments.try_get_one::<u16>("jobs").ok().flatten();
    jobs.copied().map(usize::from)
}

/// Works with as many threads as were asked for.
pub fn use_threads(arguments: &ArgMatches) {
    if let Some(jobs) = jobs(arguments) {
        // Nothing has begun that could have set it before.
        let _ = rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .build_global();
    }
}

/// Why a model cannot be spoken with.
pub fn without_template() -> Error {
    Error::Setting {
        name: "chat".into(),
        found: "for a model without a chat template".into(),
        expected: "leave --chat out, and the text is continued as it is".into(),
    }
}

fn against() -> Arg {
    Arg::new("against")
        .long("against")
        .value_name("MODEL")
        .conflicts_with_all(["server", "compressed-model"])
        .help(
            "Another model, as --model takes it, to compare with in place of the model before compression; without a --method \
             both stay as they are",
        )
}

pub fn backend_argument() -> Arg {
    let names = BackendName::ALL.iter().map(|backend| backend.name());
    Arg::new("backend")
        .long("backend")
        .default_value(BackendName::default().name())
        .value_parser(PossibleValuesParser::new(names))
        .help("Where the model runs: the processor, or the graphics card once it has shown that it computes the same")
}

/// The backend that was chosen.
pub fn backend(arguments: &ArgMatches) -> BackendName {
    let chosen = text(arguments, "backend");
    let mut all = BackendName::ALL.iter().copied();
    all.find(|backend| backend.name() == chosen)
        .unwrap_or_default()
}

fn method() -> Arg {
    let names: Vec<&str> = METHODS.iter().map(|method| method.name).collect();
    Arg::new("method")
        .long("method")
        .required(true)
        .help(format!(
            "One of {}; or several joined with +, applied in turn",
            names.join(", ")
        ))
}

fn format() -> Arg {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    Arg::new("format")
        .long("format")
        .default_value(names[0])
        .help(format!("One of {}", names.join(", ")))
}

pub fn json() -> Arg {
    Arg::new("json")
        .long("json")
        .value_name("FILE")
        .num_args(0..=1)
        .default_missing_value(STANDARD_OUTPUT)
        .help("Writes JSON into a file, or prints it where none is named")
}

fn settings_of(parameters: &[Parameter]) -> Vec<Arg> {
    let argument = |parameter: &Parameter| {
        let argument = Arg::new(parameter.name)
            .long(parameter.name.replace('_', "-"))
            .help(parameter.sentence);
        match parameter.kind {
            ParameterKind::Toggle { .. } => argument
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true"),
            _ => argument,
        }
    };
    parameters.iter().map(argument).collect()
}
