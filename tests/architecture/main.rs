//! The direction of dependencies, read from the `use crate::` lines.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod circles;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each module may use: `error <- weight <- kernel <- backend <- model <- load, save, calibrate <- compress`,
/// `load <- wire <- page`, and `model <- evaluate <- classifier`. `recipe` is data, which `validate` checks; `report` brings
/// everything together for `page` and the command line.
const ALLOWED: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("hash", &[]),
    ("hub", &["error", "hash"]),
    ("recipe", &["error"]),
    ("text", &["error"]),
    ("backend", &["error", "weight", "kernel"]),
    ("model", &["error", "weight", "kernel", "backend"]),
    ("load", &["error", "hash", "weight", "model"]),
    ("save", &["error", "weight", "model"]),
    ("wire", &["error", "weight", "model", "load"]),
    (
        "calibrate",
        &["error", "hash", "weight", "kernel", "model", "recipe"],
    ),
    (
        "compress",
        &["error", "weight", "backend", "model", "calibrate", "recipe"],
    ),
    (
        "classifier",
        &["error", "fault", "hash", "load", "model", "evaluate"],
    ),
    ("fault", &[]),
    ("speed", &["error", "weight", "backend", "model"]),
    (
        "evaluate",
        &["error", "hash", "backend", "model", "recipe", "text"],
    ),
    (
        "validate",
        &["error", "calibrate", "compress", "evaluate", "recipe"],
    ),
    (
        "export",
        &[
            "error", "model", "compress", "evaluate", "recipe", "validate",
        ],
    ),
    (
        "report",
        &[
            "error",
            "weight",
            "backend",
            "model",
            "save",
            "calibrate",
            "compress",
            "evaluate",
            "hash",
            "recipe",
            "validate",
        ],
    ),
    (
        "page",
        &[
            "backend",
            "calibrate",
            "load",
            "model",
            "report",
            "save",
            "evaluate",
            "recipe",
            "text",
            "error",
            "validate",
            "wire",
            "Error",
            "fault",
            "speed",
        ],
    ),
];

/// A method sees matrices, statistics of inputs and settings; a probe sees requests and responses.
const METHOD_FILES: &[&str] = &["calibrate", "kernel", "recipe", "weight"];
const PROBE_FILES: &[&str] = &["error", "hash", "recipe", "text"];

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// A file without comments and tests.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or("");
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules that a file names behind `crate::`, outside its tests.
fn used(text: &str) -> Vec<String> {
    let name = |rest: &str| {
        rest.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .map(str::to_owned)
    };
    let mut found: Vec<String> = code(text)
        .split("crate::")
        .skip(1)
        .filter_map(name)
        .collect();
    found.sort();
    found.dedup();
    found
}

fn violations(allowed: &[&str], used: &[String], own: &str) -> Vec<String> {
    let fine = |module: &&String| module.as_str() == own || allowed.contains(&module.as_str());
    used.iter()
        .filter(|module| !fine(module))
        .cloned()
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    assert!(files.len() > 20, "{} files", files.len());
    let allowed: BTreeMap<_, _> = ALLOWED.iter().copied().collect();
    for file in files {
        let inner = file.strip_prefix(&source).expect("below src");
        let module = inner.iter().next().expect("a name").to_string_lossy();
        let module = module.trim_end_matches(".rs");
        // Kernels and weights are crates of their own: what they use is in their manifests.
        if matches!(module, "lib" | "bin" | "typescript" | "kernel" | "weight") {
            continue;
        }
        // Only the walk runs models, and only asking knows one.
        let sees_models = [
            "compress/mod.rs",
            "compress/walk",
            "compress/layer.rs",
            "compress/sketch.rs",
            "compress/tables.rs",
            "evaluate/ask",
            "evaluate/options.rs",
        ];
        let inside = inner.to_string_lossy();
        let is_shared = sees_models.iter().any(|place| inside.starts_with(place));
        let modules = match module {
            "compress" if !is_shared => METHOD_FILES,
            "evaluate" if !is_shared => PROBE_FILES,
            _ => allowed
                .get(module)
                .unwrap_or_else(|| panic!("{module} is not in the list")),
        };
        let used = used(&std::fs::read_to_string(&file).expect("a file"));
        let wrong = violations(modules, &used, module);
        assert!(wrong.is_empty(), "{} uses {wrong:?}", inner.display());
    }
}

#[test]
fn a_wrong_direction_would_be_noticed() {
    let used = used("use crate::model::Model;\n// crate::load\nuse crate::error::Result;\n");
    assert_eq!(used, ["error", "model"]);
    assert_eq!(violations(&["error"], &used, "weight"), ["model"]);
}
