//! Reports that were written before: several as one, and two beside one another.

use crate::output::{self, tell};
use crate::{command, deliver, read};
use clap::{Arg, ArgMatches, Command};
use pressure_test::report::{self, Chosen, Merging, Reported, Which};
use pressure_test::{Error, Result, text};
use std::path::Path;
use std::process::ExitCode;

/// What a merge ends with that not all files went into.
const NOT_ALL: u8 = 3;

/// The words of `merge`.
pub fn merge_command(json: Arg) -> Command {
    let reports = Arg::new("reports")
        .value_name("REPORT")
        .num_args(1..)
        .required(true)
        .help("Reports of one experiment, as run --json writes them and the page downloads them");
    Command::new("merge")
        .about("Makes one report of several of the same experiment: of other calibration seeds, or of other shares of the items")
        .args([reports, json.short('o')])
}

/// The words of `compare`.
pub fn compare_command(json: Arg) -> Command {
    let report = |name: &'static str| Arg::new(name).value_name("REPORT").required(true);
    let which = |name: &'static str, of: &str| {
        Arg::new(name)
            .long(name)
            .value_parser([BEFORE, AFTER])
            .default_value(AFTER)
            .help(format!("Which side of the {of} report it is"))
    };
    Command::new("compare")
        .about("Sets a side of one report beside a side of another: two recipes for a model, or two models")
        .args([
            report("left-report").help("A report, as run --json writes it and the page downloads it"),
            report("right-report").help("Another, measured by the same settings"),
            which("left", "first"),
            which("right", "second"),
            json.short('o'),
        ])
}

const BEFORE: &str = "before";
const AFTER: &str = "after";

/// Sets two sides beside one another.
pub fn compare(arguments: &ArgMatches) -> Result<ExitCode> {
    output::check(arguments)?;
    let chosen = |report: &str, which: &str| {
        let name = command::text(arguments, report).to_owned();
        let report =
            reported(&name)?.map_err(|reason| Error::NotCompared(format!("{name} {reason}.")))?;
        let which = if command::text(arguments, which) == BEFORE {
            Which::Before
        } else {
            Which::After
        };
        Ok::<_, Error>(Chosen {
            name,
            report,
            which,
        })
    };
    let [left, right] = [
        chosen("left-report", "left")?,
        chosen("right-report", "right")?,
    ];
    deliver(arguments, &report::compare(&left, &right)?)
}

/// The report in a file, or what the file is instead.
fn reported(name: &str) -> Result<std::result::Result<Reported, String>> {
    let bytes = read(Path::new(name))?;
    let report = text::read(name, &bytes).map(|json| Reported::from_json(&json));
    // What is no text is no report either.
    Ok(report.unwrap_or_else(|_| Err("is no report".to_owned())))
}

/// Merges reports, and says of each file that did not fit why.
pub fn merge(arguments: &ArgMatches) -> Result<ExitCode> {
    output::check(arguments)?;
    let paths = arguments.get_many::<String>("reports");
    let files = paths.into_iter().flatten();
    let files = files.map(|name| Ok((name.clone(), reported(name)?)));
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
