//! The texts of shaders: what stands in front, how a weight is read, and what is done with it.
//!
//! Lines that name `#r`, one behind the other, are written together once for each row of an invocation, with its number there;
//! a line that names `#t` once for each token: sums stay in registers only where no loop numbers them.

use super::form::{Codes, Form, Numbers, Offsets, small_bits};
use crate::weight::Storage;

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
    let Codes {
        bits,
        group,
        scales,
        offsets,
    } = codes;
    let (offset, minima) = match offsets {
        Offsets::Middle => (0, scales),
        Offsets::ZeroPoints => (1, scales),
        Offsets::Minima(minima) => (2, minima),
    };
    format!(
        "const BITS = {bits}u;\nconst GROUP = {group}u;\nconst ZERO = {}u;\nconst OFFSET = {offset}u;\n{}{}{}{}",
        small_bits(bits),
        of_numbers("SCALES", scales),
        of_numbers("MINIMA", minima),
        include_str!("weight.wgsl"),
        include_str!("codes.wgsl")
    )
}

fn of_numbers(name: &str, numbers: Numbers) -> String {
    let (kind, shared_by, bits, middle) = match numbers {
        Numbers::Plain(Storage::F32) => (32, 1, 8, 0),
        Numbers::Plain(Storage::F16) => (16, 1, 8, 0),
        Numbers::Plain(Storage::BF16) => (17, 1, 8, 0),
        Numbers::TwoLevel {
            shared_by,
            bits,
            middle,
        } => (2, shared_by, bits, middle),
    };
    format!(
        "const {name} = {kind}u;\nconst {name}_SHARED = {shared_by}u;\nconst {name}_INNER = {bits}u;\n\
         const {name}_MIDDLE = {middle}u;\n"
    )
}

fn unrolled(source: &str, rows: usize, tokens: usize) -> String {
    let lines: Vec<&str> = source.lines().collect();
    let mut text = String::new();
    for together in lines.chunk_by(|a, b| a.contains("#r") && b.contains("#r")) {
        let rows = if together[0].contains("#r") { rows } else { 1 };
        for row in 0..rows {
            for line in together {
                let line = line.replace("#r", &row.to_string());
                let tokens = if line.contains("#t") { tokens } else { 1 };
                for token in 0..tokens {
                    text += &line.replace("#t", &token.to_string());
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// Shaders with their names, of each kind and form one at least: what checks of shaders read.
#[must_use]
pub fn sources() -> Vec<(String, String)> {
    let floats = [Storage::F32, Storage::F16, Storage::BF16];
    let mut forms: Vec<Form> = floats.into_iter().map(Form::Dense).collect();
    let mut numbers = floats.map(Numbers::Plain).to_vec();
    numbers.extend(
        [(8, 8, 0), (16, 8, 32), (16, 4, 0)].map(|(shared_by, bits, middle)| Numbers::TwoLevel {
            shared_by,
            bits,
            middle,
        }),
    );
    let minima = numbers.iter().copied().map(Offsets::Minima);
    let offsets = [Offsets::Middle, Offsets::ZeroPoints];
    for (i, offsets) in offsets.into_iter().chain(minima).enumerate() {
        forms.extend((2..=8).map(|bits| {
            Form::Codes(Codes {
                bits,
                group: [2, 4, 8, u32::MAX][i % 4],
                scales: numbers[(i + usize::from(bits)) % numbers.len()],
                offsets,
            })
        }));
    }
    let mut sources = vec![("place".into(), place())];
    for (i, form) in forms.into_iter().enumerate() {
        let name = form.name();
        let (tokens, tile) = (FEW_TOKENS[i % FEW_TOKENS.len()], TILES[i % TILES.len()]);
        let placed = i % 2 == 0;
        sources.push((format!("few-{tokens}-{name}"), few(form, tokens)));
        sources.push((format!("tiled-{tile}-{name}"), tiled(form, tile)));
        sources.push((format!("rows-{placed}-{name}"), rows(form, placed)));
    }
    sources
}
