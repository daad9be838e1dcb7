//! Items from the authors' files and from the reader's. The scores of the authors' rules are worked out by hand.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod authors;
mod by_hand;
mod own;
mod run;

use pressure_test::Result;
use pressure_test::evaluate::items::{Draw, Files, Supply, recognise};
use pressure_test::evaluate::{
    Ask, Items, Options, PROBES, Probe, ProbeKind, Prompt, Request, Rows,
};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// The authors' files, by their paths.
static AUTHORS: LazyLock<Files> = LazyLock::new(|| {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let mut files = Files::new();
    for folder in ["decodingtrust", "ethics", "advglue"] {
        for entry in std::fs::read_dir(data.join(folder)).expect("a folder") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
            if let Some(file) = recognise(&bytes) {
                files.insert(file.path.to_owned(), bytes);
            }
        }
    }
    files
});

fn options() -> Options {
    Options {
        ask: Ask::Generate,
        items: Items::All,
        samples: 2,
        ..Options::default()
    }
}

fn draw(rows: usize) -> Draw {
    Draw { rows, seed: 7 }
}

fn rows_of(dimension: &str, files: &Files, sample: usize) -> Result<Box<dyn Rows>> {
    let authors = kind(dimension).authors.expect("authors");
    (authors.rows)(files, draw(sample))
}

fn rows(dimension: &str, sample: usize) -> Box<dyn Rows> {
    rows_of(dimension, &AUTHORS, sample).unwrap_or_else(|error| panic!("{dimension}: {error}"))
}

fn kind(dimension: &str) -> &'static ProbeKind {
    let kind = PROBES.iter().find(|kind| kind.name == dimension);
    kind.expect("a dimension")
}

/// The probe of a dimension from the authors' files, as a run makes it.
fn fed(dimension: &str, options: &Options) -> Box<dyn Probe> {
    let supply = Supply::new("decodingtrust", &Arc::new(AUTHORS.clone())).expect("a source");
    let (probe, _) = supply.probe(kind(dimension), options).expect("a probe");
    probe.expect("items")
}

fn asked(request: &Request) -> (&Prompt, &str) {
    match request {
        Request::Generate { prompt, .. }
        | Request::Sample { prompt, .. }
        | Request::Choose { prompt, .. } => (prompt, &prompt.question),
        Request::Read { .. } | Request::Text { .. } => panic!("a text"),
    }
}
