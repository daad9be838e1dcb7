//! Which model is meant on the command line: the built-in one, one on disk, one of the hub.

use crate::output::{show, tell};
use crate::{command, in_file};
use clap::ArgMatches;
use pressure_test::model::Model;
use pressure_test::{Error, Result, hub, load};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// What stands before the name of a model of the hub.
const HUB: &str = "hub:";

const BUILT_IN_NAME: &str = "builtin";
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

/// The model that `--model` names, with the adapter that `--adapter` names.
pub fn model(arguments: &ArgMatches) -> Result<Model> {
    let place = command::text(arguments, "model");
    let adapter = arguments.try_get_one::<String>("adapter").ok().flatten();
    let Some(adapter) = adapter else {
        return model_at(place);
    };
    if place == BUILT_IN_NAME {
        return Err(Error::Setting {
            name: "adapter".into(),
            found: adapter.clone(),
            expected: "the built-in model has no folder that one could be made for: name a model by its own".into(),
        });
    }
    let (called, mut files) = files_at(place)?;
    let (adapter_called, mut beside) = files_at(adapter)?;
    for name in load::ADAPTER_FILES {
        let file = beside.remove(name).ok_or_else(|| Error::Setting {
            name: "adapter".into(),
            found: adapter.clone(),
            expected: format!("it holds no {name}; a folder that the peft library saved is needed"),
        })?;
        files.insert(name.to_owned(), file);
    }
    load::model(&format!("{called} with {adapter_called}"), &files)
}

/// The model of a folder or file, of the hub, or the built-in one.
pub fn model_at(place: &str) -> Result<Model> {
    if place == BUILT_IN_NAME {
        return built_in();
    }
    let (called, files) = files_at(place)?;
    load::model(&called, &files)
}

type Opened = BTreeMap<String, File>;

/// What a folder or file is called, on the disk or of the hub, and its files.
fn files_at(place: &str) -> Result<(String, Opened)> {
    let (place, called) = match place.strip_prefix(HUB) {
        Some(name) => of_hub(name)?,
        None => (place.into(), file_name(Path::new(place))),
    };
    Ok((called, from_disk(&place)?))
}

/// Where the files of a model of the hub are kept, and what it is called.
fn of_hub(text: &str) -> Result<(PathBuf, String)> {
    let Some(name) = hub::Name::new(text) else {
        return Err(Error::Setting {
            name: "model".into(),
            found: format!("{HUB}{text}"),
            expected:
                "hub:owner/name, hub:owner/name@revision or hub:owner/name/file.gguf is needed"
                    .into(),
        });
    };
    let mut progress = |file: &str, there, all: Option<u64>| {
        let megabytes = |bytes: u64| format!("{:.1}", bytes as f64 / 1e6);
        let all = all.map_or(String::new(), |all| format!(" of {}", megabytes(all)));
        show(&format!("{file}: {}{all} MB", megabytes(there)));
    };
    // Weights in another form would be fetched for nothing.
    let is_wanted = |name: &str| load::is_wanted(name) && !load::is_foreign(name);
    let (place, unasked) =
        hub::download(&name, &cache()?, is_wanted, load::is_beside, &mut progress)?;
    if let Some(why) = unasked {
        tell(&format!(
            "{why} The files that were fetched before are taken."
        ));
    }
    let called = match &name.file {
        Some(file) => file_name(Path::new(file)),
        None => name.repository,
    };
    Ok((place, called))
}

/// Where models of the hub are kept.
fn cache() -> Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    let missing = || Error::Setting {
        name: "model".into(),
        found: "of the hub".into(),
        expected: "there is no home folder to keep it in: name one by XDG_CACHE_HOME".into(),
    };
    let cache = cache.or_else(home).ok_or_else(missing)?;
    Ok(cache.join("pressure-test").join("hub"))
}

/// The files of a model in a folder, or of one that is a file.
fn from_disk(place: &Path) -> Result<Opened> {
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
            let file = File::open(&path).map_err(|source| in_file(&path, source))?;
            files.insert(name, file);
        }
    }
    Ok(files)
}

/// The last part of a path, to be read.
pub fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
