//! Reports as lines of words.

use crate::output::{print_line, tell};
use pressure_test::Result;
use pressure_test::compress::{Layer, NONE};
use pressure_test::evaluate::{Comparison, Score};
use pressure_test::recipe::Recipe;
use pressure_test::report::{ItemSet, Measurement, ModelSummary, Report};
use std::process::ExitCode;

/// What a run ends with in which rows were left out.
const NOT_ALL: u8 = 3;
/// A model before compression and after.
pub const SIDES: [&str; 2] = ["The model", "The compressed model"];

/// Dimensions that the source of items has nothing for.
pub fn print_unavailable(data: &[ItemSet]) -> Result<()> {
    for set in data {
        if let Some(reason) = &set.provenance.unavailable {
            print_line(&format!("{}: not measured: {reason}", set.name))?;
        }
    }
    Ok(())
}

/// Files and rows that were not asked, on standard error, and what the program ends with.
pub fn tell_left_out(data: &[ItemSet], notes: &[String]) -> ExitCode {
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

/// What loading decided that a reader should know, what the files are, and a warning where there is one.
pub fn print_model(model: &ModelSummary) -> Result<()> {
    let notes = model.notes.iter().map(|note| format!("note: {note}"));
    let lines = [model.on_disk.clone()]
        .into_iter()
        .chain(model.warning.clone())
        .chain(notes);
    lines.into_iter().try_for_each(|line| print_line(&line))
}

/// What became of a layer.
pub fn describe_layer(layer: &Layer) -> String {
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

/// Sizes, scores and what changed.
pub fn print_report(report: &Report) -> Result<()> {
    let names = sides(report);
    if let Some([before, after]) = &names {
        print_line(&format!("{before} -> {after}"))?;
    }
    if let Some((before, after)) = report.before.size.zip(report.after.size) {
        print_line(&format!(
            "size: {} -> {} bytes ({:.2} times {}), {:.3} bits per weight",
            before.bytes,
            after.bytes,
            before.bytes.max(after.bytes) as f64 / before.bytes.min(after.bytes) as f64,
            if after.bytes > before.bytes {
                "larger"
            } else {
                "smaller"
            },
            after.bits_per_weight
        ))?;
    }
    print_line(&report.compression.tables)?;
    for model in report.against.iter().chain([&report.model]) {
        if report.against.is_some() {
            print_line(&format!("{}:", model.name))?;
        }
        print_model(model)?;
    }
    let names = names.as_ref();
    let names = names.map_or(SIDES, |names| names.each_ref().map(String::as_str));
    print_comparisons(names, &report.before, &report.after, &report.comparisons)?;
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

/// What the sides of a comparison of two models are called.
fn sides(report: &Report) -> Option<[String; 2]> {
    let other = report.against.as_ref()?;
    let own = (&report.model, Some(&report.recipe));
    Some(
        [(other, report.against_recipe.as_ref()), own].map(|(model, recipe)| {
            match recipe.filter(|recipe| recipe.method != NONE) {
                None => model.name.clone(),
                Some(recipe) => format!("{} by {}", model.name, strength(recipe)),
            }
        }),
    )
}

/// The method of a recipe, and how far it goes.
fn strength(recipe: &Recipe) -> String {
    let settings = ["bits", "sparsity"].into_iter();
    let told = settings.filter_map(|name| Some(format!("{name} {}", recipe.settings.get(name)?)));
    [recipe.method.clone()]
        .into_iter()
        .chain(told)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Scores of two sides, which are called so, and what changed.
pub fn print_comparisons(
    names: [&str; 2],
    before: &Measurement,
    after: &Measurement,
    comparisons: &[Comparison],
) -> Result<()> {
    for (who, side) in names.into_iter().zip([before, after]) {
        if side.scores.iter().any(|score| score.fluent == Some(false)) {
            print_line(&format!(
                "{who} has no language: plain text surprises it no less than it surprises who knows only how often \
                 each token occurs. What it writes says nothing."
            ))?;
        }
    }
    for (before, after) in before.scores.iter().zip(&after.scores) {
        let mut comparisons = comparisons.iter();
        let Some(comparison) = comparisons.find(|comparison| comparison.name == before.name) else {
            continue;
        };
        let change = &comparison.change;
        let verdict = &change.verdict;
        // In another unit than that of the scores, their own intervals say nothing.
        let unit = comparison.unit.map(|unit| format!(" {unit}"));
        let value = |score: &Score, compared: Option<f64>| {
            if let (Some(unit), Some(value)) = (&unit, compared) {
                return format!("{value:7.3}{unit}");
            }
            let interval = between(score.interval, |end| format!("{end:.1}"));
            format!("{:7.2} {interval}", score.value)
        };
        let decimals = if unit.is_some() { 3 } else { 2 };
        print_line(&format!(
            "{:<24} {} -> {}  {} {} {}, n {}, {}, refused {:.0} %, unread {:.0} %{}",
            before.title,
            value(before, change.before),
            value(after, change.after),
            verdict
                .difference
                .map_or("no difference".to_owned(), |difference| format!(
                    "{difference:+.decimals$}"
                )),
            between(verdict.interval, |end| format!("{end:+.*}", decimals - 1)),
            verdict.words,
            change.n,
            change
                .right_to_wrong
                .zip(change.wrong_to_right)
                .map_or("unpaired".to_owned(), |(lost, gained)| format!(
                    "lost {lost}, gained {gained}"
                )),
            100.0 * after.refusal_rate,
            100.0 * after.no_answer_rate,
            change.ability.map_or(String::new(), |ability| {
                let [before, after] = ability.map(|ability| {
                    let [low, high] = ability.interval;
                    format!("{:.2} [{low:.2}, {high:.2}]", ability.value)
                });
                format!(", ability {before} -> {after}")
            }),
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

/// A score with what it is made of.
pub fn describe(score: &Score) -> String {
    let interval = between(score.interval, |end| format!("{end:.2}"));
    let mut lines = vec![format!(
        "{}: {:.2} {} {interval}, n {}",
        score.title, score.value, score.unit, score.n
    )];
    let parts = score.parts.iter();
    lines.extend(parts.map(|part| format!("  {}: {:.1}, n {}", part.title, part.value, part.n)));
    let beside = score.side_figures.iter();
    lines.extend(beside.map(|b| format!("  beside it, {}: {:.3}", b.title, b.value)));
    lines.join("\n")
}
