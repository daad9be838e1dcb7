//! Recipes and items for other programs, on the command line.

use crate::output::{print_line, print_text, tell};
use crate::{command, in_file, user_inputs};
use clap::{Arg, ArgMatches};
use pressure_test::Result;
use pressure_test::evaluate::{self, Options};
use pressure_test::export;
use pressure_test::recipe::Settings;
use std::path::Path;

/// The program that a recipe is written for.
pub fn recipe_format() -> Arg {
    Arg::new("format")
        .long("format")
        .default_value("llm-compressor")
        .value_parser(["llm-compressor"])
        .help("Whose words: YAML for oneshot of llm-compressor")
}

/// For whom items are exported, and where to.
pub fn arguments() -> [Arg; 3] {
    [
        Arg::new("format")
            .long("format")
            .required(true)
            .value_parser(["lm-eval", "inspect"])
            .help("lm-evaluation-harness, or Inspect (inspect_ai)"),
        Arg::new("out")
            .long("out")
            .required(true)
            .help("The folder to write"),
        Arg::new("model").long("model").help(
            "A model whose training text told of a made-up world, which it is then asked about: its folder, or builtin",
        ),
    ]
}

/// Writes a recipe as another program has it; says on standard error what has no counterpart there.
pub fn recipe(arguments: &ArgMatches) -> Result<()> {
    let export::Translation { text, lacking } = export::llm_compressor(&crate::recipe(arguments))?;
    for clause in lacking {
        tell(&format!("without counterpart there: {clause}."));
    }
    print_text(text.trim_end())
}

/// Writes the items as another program's tasks.
pub fn export(arguments: &ArgMatches) -> Result<()> {
    let chosen = command::settings(arguments, evaluate::PARAMETERS);
    let settings = Settings::new(evaluate::PARAMETERS, &chosen)?;
    let inputs = user_inputs::read_from(arguments)?;
    let mut options = Options::of(&settings);
    if arguments.contains_id("model") {
        options.world = crate::models::model(arguments)?.interface().world;
    }
    let options = options.with(&settings, &inputs.items, &inputs.scorer)?;
    let probes = evaluate::chosen(&command::probes(arguments))?;
    let out = Path::new(command::text(arguments, "out"));
    std::fs::create_dir_all(out).map_err(|source| in_file(out, source))?;
    // The harness looks for data from wherever it is started.
    let folder = out.canonicalize().map_err(|source| in_file(out, source))?;
    let files = match command::text(arguments, "format") {
        "inspect" => export::inspect(&probes, &options)?,
        _ => export::lm_eval(&probes, &options, &folder)?,
    };
    for file in &files {
        crate::write(&folder.join(&file.name), file.contents.as_bytes())?;
    }
    print_line(&format!("{} files in {}", files.len(), folder.display()))
}
