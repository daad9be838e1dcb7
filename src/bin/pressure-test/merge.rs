//! Several reports as one.

use crate::output::{self, tell};
use crate::{deliver, read};
use clap::{Arg, ArgMatches, Command};
use pressure_test::report::{self, Merging, Reported};
use pressure_test::{Result, text};
use std::path::Path;
use std::process::ExitCode;

/// What a merge ends with that not all files went into.
const NOT_ALL: u8 = 3;

/// The words of the command.
pub fn command(json: Arg) -> Command {
    let reports = Arg::new("reports")
        .value_name("REPORT")
        .num_args(1..)
        .required(true)
        .help("Reports of one experiment, as run --json writes them and the page downloads them");
    Command::new("merge")
        .about("Makes one report of several of the same experiment: of other calibration seeds, or of other shares of the items")
        .args([reports, json.short('o')])
}

/// Merges reports, and says of each file that did not fit why.
pub fn merge(arguments: &ArgMatches) -> Result<ExitCode> {
    output::check(arguments)?;
    let paths = arguments.get_many::<String>("reports");
    let files = paths.into_iter().flatten().map(|name| {
        let bytes = read(Path::new(name))?;
        let report = text::read(name, &bytes).map(|json| Reported::from_json(&json));
        // What is no text is no report either.
        Ok((
            name.clone(),
            report.unwrap_or_else(|_| Err("is no report".to_owned())),
        ))
    });
    let files = files.collect::<Result<Vec<_>>>()?;
    let Merging { report, refused } = report::merge(files)?;
    let code = deliver(arguments, &report)?;
    for sentence in &refused {
        tell(sentence);
    }
    Ok(if refused.is_empty() {
        code
    } else {
        ExitCode::from(NOT_ALL)
    })
}
