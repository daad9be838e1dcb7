//! Files that are not what their names say: what happens to downloads and to folders that were put together by hand.

use super::{File, bad};
use crate::error::Result;
use serde_json::Value;
use std::path::Path;

/// Bytes of a file's beginning and end that are looked at.
const LOOK: u64 = 512;
/// Messages of servers are no longer than this.
const LONGEST_MESSAGE: u64 = 4096;
/// Characters of a text that are shown.
const SHOWN: usize = 60;

/// How files of other kinds begin, and what they are.
const BEGINNINGS: &[(&[u8], &str)] = &[
    (
        b"version https://git-lfs.github.com",
        "it is a Git LFS pointer, which only names the file; fetch the file itself with \u{201c}git lfs pull\u{201d}, or \
         download it from the model's page",
    ),
    (b"\x1f\x8b", "it is compressed with gzip; unpack it first"),
    (
        b"PK\x03\x04",
        "it is a zip archive, as PyTorch also writes them; unpack it, or take the safetensors files of this model",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "it is compressed with zstd; unpack it first",
    ),
    (b"\xfd7zXZ", "it is compressed with xz; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive; unpack it first"),
    (
        b"GGUF",
        "it is a GGUF file; give it a name that ends in .gguf",
    ),
    (
        b"\x89HDF",
        "it is an HDF5 file, as TensorFlow writes them; take the safetensors files of this model",
    ),
    (
        b"\x80\x02",
        "it is a PyTorch file; take the safetensors files of this model",
    ),
];

/// Refuses a file that is clearly of another kind than its name says; whatever is merely damaged is left to its reader.
pub(in crate::load) fn check(file: &File) -> Result<()> {
    if file.size == 0 {
        return Err(bad(file.name, "it is empty; download it again".into()));
    }
    let start = look(file, 0);
    if is_as_named(file, &start) {
        return Ok(());
    }
    match recognised(file, &start) {
        Some(problem) => Err(bad(file.name, problem)),
        None => Ok(()),
    }
}

/// At most [`LOOK`] bytes from a place on; fewer where no more are known.
fn look(file: &File, from: u64) -> Vec<u8> {
    let mut len = (file.size - from.min(file.size)).min(LOOK);
    while len > 0 {
        if let Ok(bytes) = file.bytes(from, len) {
            return bytes;
        }
        len /= 2;
    }
    Vec::new()
}

fn extension(file: &File) -> Option<String> {
    let extension = Path::new(file.name).extension()?;
    Some(extension.to_string_lossy().to_lowercase())
}

/// Whether a file begins, and a JSON file also ends, as its name says.
fn is_as_named(file: &File, start: &[u8]) -> bool {
    match extension(file).as_deref() {
        Some("json") => {
            let end = look(file, file.size.saturating_sub(LOOK));
            // An end that is not known may be as it should.
            let is_known = end.len() as u64 == file.size.min(LOOK);
            start.trim_ascii_start().first() == Some(&b'{')
                && (!is_known || end.trim_ascii_end().last() == Some(&b'}'))
                && message(file, start).is_none()
        }
        Some("safetensors") => start.get(8) == Some(&b'{'),
        Some("gguf") => start.starts_with(b"GGUF"),
        _ => false,
    }
}

fn recognised(file: &File, start: &[u8]) -> Option<String> {
    let known = BEGINNINGS
        .iter()
        .find(|(magic, _)| start.starts_with(magic));
    if let Some((_, what)) = known {
        return Some((*what).to_owned());
    }
    let text = start.trim_ascii_start().to_ascii_lowercase();
    if [&b"<!doctype"[..], b"<html", b"<?xml", b"<head"]
        .iter()
        .any(|tag| text.starts_with(tag))
    {
        return Some(
            "it is a web page and not the file: a server answered with a page of its own, perhaps to sign in; download the \
             file itself"
                .into(),
        );
    }
    if let Some(message) = message(file, start) {
        return Some(format!(
            "it is the message of a server (\u{201c}{message}\u{201d}) and not the file; download it again"
        ));
    }
    if start.len() as u64 >= LOOK.min(file.size) && start.iter().all(|byte| *byte == 0) {
        return Some(
            "it begins with nothing but zeros: its download did not end; download it again".into(),
        );
    }
    let extension = extension(file);
    match extension.as_deref() {
        Some("json") if start.starts_with(b"\xef\xbb\xbf") => Some(
            "it begins with a byte order mark, which JSON has not; save it as UTF-8 without one"
                .into(),
        ),
        Some("json") if text.first() == Some(&b'{') => {
            Some("it is cut off: its last bracket is missing; download it again".into())
        }
        Some("gguf") if start.get(8) == Some(&b'{') => {
            Some("it is a safetensors file; give it a name that ends in .safetensors".into())
        }
        // Shorter ones may be the first bytes of a number.
        Some("json" | "safetensors" | "gguf") if start.len() > 8 => {
            let shown = shown(start)?;
            Some(format!(
                "it is a text that begins \u{201c}{shown}\u{201d}; download it again"
            ))
        }
        _ => None,
    }
}

/// What a server has to say instead of sending the file: a JSON object with an error.
fn message(file: &File, start: &[u8]) -> Option<String> {
    if start.trim_ascii_start().first() != Some(&b'{') || file.size > LONGEST_MESSAGE {
        return None;
    }
    let json: Value = serde_json::from_slice(&file.bytes(0, file.size).ok()?).ok()?;
    let text = ["error", "message"].into_iter().find_map(|key| {
        let said = &json[key];
        said.as_str().or_else(|| said["message"].as_str())
    })?;
    shown(text.as_bytes())
}

/// The beginning of a text in one line; `None` for what is no text.
fn shown(bytes: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // A character may be cut at the end of what was read.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let line = text.trim_start_matches('\u{feff}').trim().lines().next()?;
    let is_text = !line.is_empty() && !line.chars().any(char::is_control);
    is_text.then(|| line.chars().take(SHOWN).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, bytes: &[u8]) -> Option<String> {
        let bytes = bytes.to_vec();
        let file = File::new(name, &bytes).expect("a file");
        check(&file).err().map(|error| error.to_string())
    }

    const POINTER: &[u8] =
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";

    #[test]
    fn files_of_another_kind_are_called_what_they_are_whatever_their_name() {
        for name in [
            "config.json",
            "tokenizer.json",
            "model.safetensors",
            "a.gguf",
            "tokenizer.model",
        ] {
            for (bytes, part) in [
                (POINTER, "Git LFS pointer"),
                (b"\n<!DOCTYPE html>\n<html>", "web page"),
                (b"<html lang=en>", "web page"),
                (
                    br#"{"error":"Repository not found"}"#,
                    "\u{201c}Repository not found\u{201d}",
                ),
                (
                    br#"{"error":{"message":"Too many requests","code":429}}"#,
                    "Too many requests",
                ),
                (b"\x1f\x8b\x08\0\0\0\0\0", "gzip"),
                (b"PK\x03\x04\0\0\0\0\0\0", "zip archive"),
                (b"\x80\x02\x8a\x0a", "PyTorch"),
                (&[0; 4096], "zeros"),
                (b"", "empty"),
            ] {
                let error = refusal(name, bytes).unwrap_or_else(|| panic!("{name}: {part}"));
                assert!(error.starts_with(name) && error.contains(part), "{error}");
            }
        }
    }

    #[test]
    fn texts_are_quoted_and_cut_ones_are_called_that() {
        for name in ["config.json", "model.safetensors", "a.gguf"] {
            let error = refusal(name, b"Entry not found").expect("a text");
            assert!(
                error.contains("begins \u{201c}Entry not found\u{201d}"),
                "{error}"
            );
        }
        let cut = refusal(
            "config.json",
            br#"{"model_type": "llama", "hidden_size": 6"#,
        );
        assert!(cut.is_some_and(|error| error.contains("cut off")));
        let marked = refusal("config.json", b"\xef\xbb\xbf{}");
        assert!(marked.is_some_and(|error| error.contains("byte order mark")));
        let gguf = refusal("model.safetensors", b"GGUF\x03\0\0\0\0\0\0\0");
        assert!(gguf.is_some_and(|error| error.contains("ends in .gguf")));
        let safetensors = refusal("a.gguf", b"\x10\0\0\0\0\0\0\0{\"a\":");
        assert!(safetensors.is_some_and(|error| error.contains("ends in .safetensors")));
    }

    #[test]
    fn what_begins_as_it_should_is_left_to_its_reader() {
        for (name, bytes) in [
            ("config.json", &b"  {\"error\": 3}\n"[..]),
            ("tokenizer.json", b"{\"model\": {}}"),
            // The length of its header begins with the byte of a bracket.
            ("model.safetensors", b"\x7b\0\0\0\0\0\0\0{\"a\": 1"),
            ("a.gguf", b"GGUF\x03\0\0\0"),
            ("tokenizer.model", b"\x0a\x0e\x0a\x05<unk>"),
            ("chat_template.jinja", b"{% for message in messages %}"),
        ] {
            assert_eq!(refusal(name, bytes), None, "{name}");
        }
    }

    #[test]
    fn what_is_not_known_of_a_file_is_not_held_against_it() {
        let whole = format!("{{\"a\": \"{}\"}}", "x".repeat(900)).into_bytes();
        for known in [1, 100, 600, 900] {
            let beginning = super::super::Beginning {
                bytes: whole[..known].to_vec(),
                size: whole.len() as u64,
            };
            let file = File::new("config.json", &beginning).expect("a file");
            assert!(check(&file).is_ok(), "{known}");
        }
        assert!(refusal("config.json", &whole[..900]).is_some());
    }
}
