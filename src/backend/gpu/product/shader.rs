//! The texts of shaders: what stands in front, how a weight is read, and what is done with it.
//!
//! A line that names `#r` is written once for each row of an invocation, with its number there, and one that names `#t` once
//! for each token: sums stay in registers only where no loop numbers them.

use super::form::{Codes, Form, Offsets, zero_bits};
use crate::weight::Storage;
use std::fmt::Write;

/// Rows and tokens of an invocation where tokens are few.
pub(super) const FEW_ROWS: usize = 4;
pub(super) const FEW_TOKENS: [usize; 4] = [1, 2, 4, 8];

/// Rows and tokens of a workgroup where they are many.
pub(super) const TILES: [usize; 3] = [32, 64, 128];

/// Products with up to `tokens` tokens.
pub(super) fn few(form: Form, tokens: usize) -> String {
    let front = format!("const ROWS = {FEW_ROWS}u;\nconst TOKENS = {tokens}u;\n");
    let body = unrolled(include_str!("few.wgsl"), FEW_ROWS, tokens);
    front + &of_form(form) + &body
}

/// Products with many tokens, in tiles of `tile` by `tile`.
pub(super) fn tiled(form: Form, tile: usize) -> String {
    let front = format!("const TILE = {tile}u;\n");
    let body = unrolled(include_str!("tiled.wgsl"), tile / 16, tile / 16);
    front + &of_form(form) + &body
}

/// Rows by their numbers.
pub(super) fn rows(form: Form, placed: bool) -> String {
    let front = format!("const PLACED = {placed};\n");
    front + &of_form(form) + include_str!("rows.wgsl")
}

/// Inputs in the order of stored columns.
pub(super) fn place() -> String {
    concat!(include_str!("weight.wgsl"), include_str!("place.wgsl")).into()
}

fn of_form(form: Form) -> String {
    let reading = match form {
        Form::Dense(Storage::F32) => include_str!("float32.wgsl"),
        Form::Dense(Storage::F16) => include_str!("float16.wgsl"),
        Form::Dense(Storage::BF16) => include_str!("bfloat16.wgsl"),
        Form::Codes(codes) => return of_codes(codes),
    };
    format!("{}{reading}", include_str!("weight.wgsl"))
}

fn of_codes(codes: Codes) -> String {
    let kind = |storage| match storage {
        Storage::F32 => 32,
        Storage::F16 => 16,
        Storage::BF16 => 17,
    };
    let (offset, minima) = match codes.offsets {
        Offsets::Middle => (0, 32),
        Offsets::ZeroPoints => (1, 32),
        Offsets::Minima(storage) => (2, kind(storage)),
    };
    let Codes {
        bits,
        group,
        scales,
        ..
    } = codes;
    let scales = kind(scales);
    format!(
        "const BITS = {bits}u;\nconst GROUP = {group}u;\nconst SCALES = {scales}u;\nconst MINIMA = {minima}u;\n\
         const ZERO = {}u;\nconst OFFSET = {offset}u;\n{}{}",
        zero_bits(bits),
        include_str!("weight.wgsl"),
        include_str!("codes.wgsl")
    )
}

fn unrolled(source: &str, rows: usize, tokens: usize) -> String {
    let mut text = String::new();
    for line in source.lines() {
        let rows = if line.contains("#r") { rows } else { 1 };
        let tokens = if line.contains("#t") { tokens } else { 1 };
        for row in 0..rows {
            let line = line.replace("#r", &row.to_string());
            for token in 0..tokens {
                // Writing to a text does not fail.
                let _ = writeln!(text, "{}", line.replace("#t", &token.to_string()));
            }
        }
    }
    text
}

/// Shaders with their names, one at least of each kind and form: what checks of shaders read.
#[must_use]
pub fn sources() -> Vec<(String, String)> {
    let floats = [Storage::F32, Storage::F16, Storage::BF16];
    let mut forms: Vec<Form> = floats.into_iter().map(Form::Dense).collect();
    let offsets = [Offsets::Middle, Offsets::ZeroPoints]
        .into_iter()
        .chain(floats.into_iter().map(Offsets::Minima));
    for (i, offsets) in offsets.enumerate() {
        forms.extend((2..=8).map(|bits| {
            Form::Codes(Codes {
                bits,
                group: [2, 4, 8, u32::MAX][i % 4],
                scales: floats[(i + usize::from(bits)) % 3],
                offsets,
            })
        }));
    }
    let mut sources = vec![("place".into(), place())];
    for form in forms {
        let name = form.name();
        for tokens in FEW_TOKENS {
            sources.push((format!("few-{tokens}-{name}"), few(form, tokens)));
        }
        for tile in TILES {
            sources.push((format!("tiled-{tile}-{name}"), tiled(form, tile)));
        }
        for placed in [false, true] {
            sources.push((format!("rows-{placed}-{name}"), rows(form, placed)));
        }
    }
    sources
}
