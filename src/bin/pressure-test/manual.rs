//! What shells and manuals are told of the command line.

use crate::command;
use crate::output::print_text;
use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use pressure_test::{Error, Result};

/// The commands about these commands.
pub fn commands() -> [Command; 2] {
    [
        Command::new("completions")
            .about("What a shell completes these commands by")
            .arg(
                Arg::new("shell")
                    .required(true)
                    .value_parser(value_parser!(Shell)),
            ),
        Command::new("man")
            .about("The manual page, for man -l, or that of one command")
            .arg(Arg::new("command").help("A command, instead of all of them in short")),
    ]
}

/// A shell's completions.
pub fn completions(arguments: &ArgMatches) -> Result<()> {
    let Some(shell) = arguments.get_one::<Shell>("shell") else {
        return Ok(());
    };
    let mut text = Vec::new();
    let mut command = command::command();
    let name = command.get_name().to_owned();
    generate(*shell, &mut command, name, &mut text);
    print_text(String::from_utf8_lossy(&text).trim_end())
}

/// The manual page, or that of one command.
pub fn man(arguments: &ArgMatches) -> Result<()> {
    let whole = command::command();
    let page = match arguments.get_one::<String>("command") {
        None => whole,
        Some(name) => {
            let title = format!("{}-{name}", whole.get_name());
            let found = whole.find_subcommand(name).cloned();
            let unknown = || Error::Setting {
                name: "command".into(),
                found: name.clone(),
                expected: "a command that `pressure-test --help` names is needed".into(),
            };
            found.ok_or_else(unknown)?.name(title)
        }
    };
    let mut text = Vec::new();
    let rendered = Man::new(page).render(&mut text);
    rendered.map_err(|source| Error::File {
        path: "the manual page".into(),
        source,
    })?;
    print_text(String::from_utf8_lossy(&text).trim_end())
}
