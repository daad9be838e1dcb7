//! Models by the place that an argument names.

use crate::command;
use crate::in_file;
use clap::ArgMatches;
use pressure_test::model::Model;
use pressure_test::{Result, load};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The built-in model, as the page ships it.
const BUILT_IN: [&[u8]; 3] = [
    include_bytes!("../../../www/public/pebble/config.json"),
    include_bytes!("../../../www/public/pebble/model.safetensors"),
    include_bytes!("../../../www/public/pebble/tokenizer.json"),
];

/// The built-in model.
pub fn built_in() -> Result<Model> {
    let files = load::FILES.iter().zip(BUILT_IN);
    let files: load::Files = files
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
        .collect();
    load::model("Pebble", &files)
}

/// The model that the arguments name.
pub fn model(arguments: &ArgMatches) -> Result<Model> {
    model_at(command::text(arguments, "model"))
}

/// The model of a folder or file, or the built-in one.
pub fn model_at(place: &str) -> Result<Model> {
    if place == "builtin" {
        return built_in();
    }
    let place = Path::new(place);
    let folder = if place.is_file() {
        place.parent().filter(|folder| *folder != Path::new(""))
    } else {
        Some(place)
    };
    let folder = folder.unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).map_err(|source| in_file(folder, source))?;
    let entries = entries.map(|entry| Ok(entry.map_err(|source| in_file(folder, source))?.path()));
    let mut paths: Vec<PathBuf> = entries.collect::<Result<_>>()?;
    if place.is_file() {
        // Of the others only the further parts of the same model.
        let name = file_name(place);
        paths.retain(|path| load::is_beside(&name, &file_name(path)));
        if paths.is_empty() {
            paths = vec![place.to_owned()];
        }
    }
    let mut files = BTreeMap::new();
    for path in paths {
        let name = file_name(&path);
        if load::is_wanted(&name) {
            let file = std::fs::File::open(&path).map_err(|source| in_file(&path, source))?;
            files.insert(name, file);
        }
    }
    load::model(&file_name(place), &files)
}

/// The last part of a path, to be read.
pub fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
