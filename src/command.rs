//! The words of the command line. Settings of methods and of evaluation are drawn from their tables.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use pressure_test::compress::METHODS;
use pressure_test::evaluate;
use pressure_test::recipe::{Parameter, ParameterKind};
use serde_json::{Map, Value};

/// Every command with its arguments.
pub fn command() -> Command {
    let text_file = Arg::new("text")
        .long("text")
        .required(true)
        .help("A text file");
    let prompt = Arg::new("prompt")
        .long("prompt")
        .required(true)
        .help("The text to continue");
    let max_tokens = Arg::new("max-tokens")
        .long("max-tokens")
        .value_parser(value_parser!(usize))
        .default_value("100");
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
    let report = Arg::new("json")
        .long("json")
        .value_name("FILE")
        .help("Writes the report");
    Command::new("pressure-test")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Squeezes a language model and shows what that does to its trustworthiness")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            Command::new("run")
                .about("Compresses a model and scores it before and after")
                .args([model(), method(), report])
                .args(settings_of(&method_parameters()))
                .args(settings_of(evaluate::PARAMETERS)),
            Command::new("catalog")
                .about("The methods, probes, model families and their settings, as JSON")
                .arg(json()),
            Command::new("inspect").about("A model in numbers, as JSON").args([model(), json()]),
            Command::new("logits")
                .about("The logits after each token, [tokens, vocab_size], as JSON")
                .args([model(), tokens, json()]),
            Command::new("generate")
                .about("Continues a text, always with the likeliest token")
                .args([model(), prompt, max_tokens]),
            Command::new("perplexity")
                .about("Perplexity of a text, paragraph by paragraph")
                .args([model(), text_file, json()]),
            Command::new("evaluate")
                .about("Scores a model as it is")
                .args([model(), json()])
                .args(settings_of(evaluate::PARAMETERS)),
            Command::new("compress")
                .about("Compresses a model and writes it, its weights in full, as a Hugging Face folder")
                .args([model(), method(), out])
                .args(settings_of(&method_parameters())),
        ])
}

/// The parameters of all methods; one that several methods have appears once.
pub fn method_parameters() -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for parameter in METHODS.iter().flat_map(|method| method.parameters) {
        if parameters.iter().all(|known| known.name != parameter.name) {
            parameters.push(*parameter);
        }
    }
    parameters
}

/// The settings that were given, as data; their ranges are checked where they are used.
pub fn settings(arguments: &ArgMatches, parameters: &[Parameter]) -> Map<String, Value> {
    let given = parameters.iter().filter_map(|parameter| {
        let text = arguments.get_one::<String>(parameter.name)?;
        // A number or truth value as JSON has it; anything else is a word.
        let value = serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into());
        Some((parameter.name.to_owned(), value))
    });
    given.collect()
}

/// The text of a required argument.
pub fn text<'a>(arguments: &'a ArgMatches, name: &str) -> &'a str {
    arguments.get_one::<String>(name).map_or("", String::as_str)
}

fn model() -> Arg {
    Arg::new("model")
        .long("model")
        .required(true)
        .help("A folder with config.json, model.safetensors and tokenizer.json; or builtin")
}

fn method() -> Arg {
    let names: Vec<&str> = METHODS.iter().map(|method| method.name).collect();
    Arg::new("method")
        .long("method")
        .required(true)
        .help(format!("One of: {}", names.join(", ")))
}

fn json() -> Arg {
    Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help("Prints JSON")
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
