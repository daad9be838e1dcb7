//! How fast this machine is.

use crate::command::text;
use crate::output::{print_line, put_json};
use clap::{Arg, ArgMatches, Command, value_parser};
use pollster::block_on;
use pressure_test::backend::BackendName;
use pressure_test::model::Model;
use pressure_test::speed::{Load, SHAPES, Stored, measure};
use pressure_test::{Error, Result};
use std::sync::Arc;

/// The form of the weights by its name.
const STORED: [(&str, Stored); 3] = [
    ("8-bit", Stored::Bits8),
    ("4-bit", Stored::Bits4),
    ("dense", Stored::Dense),
];

/// The command with its arguments.
pub fn command(json: Arg) -> Command {
    let count = |name: &'static str, default: &'static str, help: &'static str| {
        let count = value_parser!(u16).range(0..);
        Arg::new(name)
            .long(name)
            .value_parser(count)
            .default_value(default)
            .help(help)
    };
    let shape = Arg::new("shape")
        .long("shape")
        .value_parser(SHAPES.map(|shape| shape.name))
        .help("A well-known shape, with weights that are noise; the built-in model as it is when not given");
    let stored = Arg::new("stored")
        .long("stored")
        .value_parser(STORED.map(|(name, _)| name))
        .default_value(STORED[0].0)
        .help("How the weights of that shape are stored");
    Command::new("speed")
        .about("Measures this machine: tokens a second of prompts and of writing")
        .args([
            shape,
            stored,
            count("texts", "1", "Texts at once"),
            count("prompt", "128", "Tokens of each prompt"),
            count("written", "64", "Tokens written behind each"),
            json,
        ])
}

/// Measures, and says it.
pub fn speed(arguments: &ArgMatches, builtin: Model) -> Result<()> {
    let shape = arguments.get_one::<String>("shape");
    let shape = shape.and_then(|name| SHAPES.iter().find(|shape| shape.name == *name));
    let stored = text(arguments, "stored");
    let stored = STORED.iter().find(|(name, _)| *name == stored);
    let model = match (shape, stored) {
        (Some(shape), Some((_, stored))) => shape.model(*stored, &builtin)?,
        _ => builtin,
    };
    let count = |name| usize::from(arguments.get_one::<u16>(name).copied().unwrap_or(1));
    let load = Load {
        texts: count("texts").max(1),
        prompt: count("prompt").max(2),
        written: count("written"),
    };
    let limit = model.config.max_position_embeddings;
    if load.prompt + load.written > limit {
        return Err(Error::TooLong {
            tokens: load.prompt + load.written,
            limit,
        });
    }
    let model = Arc::new(model);
    let speed = block_on(measure(&model, BackendName::default(), load))?;
    if arguments.contains_id("json") {
        return put_json(arguments, &speed);
    }
    let prompts = speed.prompt_tokens as f64 / speed.prompt_seconds;
    print_line(&format!("{}: prompts {prompts:.0} tokens/s", model.name))?;
    if speed.written_tokens > 0 {
        let writing = speed.written_tokens as f64 / speed.writing_seconds;
        print_line(&format!(
            "writing {writing:.0} tokens/s, {} texts at once",
            load.texts
        ))?;
    }
    Ok(())
}
