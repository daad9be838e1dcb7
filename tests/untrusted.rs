//! Arbitrary bytes never panic and never make more memory than a bound: the corpora of the fuzz targets, and what becomes
//! of them when they are damaged.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod forms;
#[path = "../fuzz/readers.rs"]
mod readers;

use peak_alloc::PeakAlloc;
use pressure_test::backend::Cpu;
use pressure_test::load::{self, Files};
use pressure_test::model::{Sequence, Session};
use pressure_test::wire;
use std::path::{Path, PathBuf};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// More than any file of the corpora needs, in bytes.
const BOUND: usize = 64 << 20;
/// Damaged copies of each file.
const COPIES: u64 = 400;

type Read = fn(&[u8]);

const TARGETS: [(&str, Read); 7] = [
    ("safetensors", readers::safetensors),
    ("quantized", readers::quantized),
    ("gguf", readers::gguf),
    ("config", readers::config),
    ("tokenizer", readers::tokenizer),
    ("sentencepiece", readers::sentencepiece),
    ("beside", readers::beside),
];

/// Numbers that are the same on every run (Marsaglia 2003).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("below a usize")
    }
}

/// A copy with a few bytes changed, removed, doubled or replaced by numbers that are at the edge of something.
fn damaged(file: &[u8], random: &mut Random) -> Vec<u8> {
    const EDGES: [u64; 6] = [0, 1, 0x7fff_ffff, 0xffff_ffff, 1 << 40, u64::MAX];
    let mut copy = file.to_vec();
    // Most that is checked lies at the beginning.
    let reach = if random.below(2) == 0 {
        copy.len().min(256)
    } else {
        copy.len()
    };
    for _ in 0..=random.below(4) {
        let at = random.below(reach.min(copy.len()));
        let end = (at + 1 + random.below(16)).min(copy.len());
        match random.below(6) {
            0 => copy.truncate(at),
            1 => drop(copy.drain(at..end)),
            2 => copy.extend_from_within(at..end),
            3 if at + 8 <= copy.len() => {
                let edge = EDGES[random.below(EDGES.len())];
                copy[at..at + 8].copy_from_slice(&edge.to_le_bytes());
            }
            4 => copy[at..end].fill(b'9'),
            _ if !copy.is_empty() => copy[at] = random.next().to_le_bytes()[0],
            _ => {}
        }
    }
    copy
}

fn files(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let entries = std::fs::read_dir(folder).expect("a corpus");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

/// Takes up a model and runs it, where it is one.
fn take_up(bytes: &[u8]) {
    let Ok(model) = wire::read(&bytes.to_vec()) else {
        return;
    };
    let sequence = Sequence {
        tokens: vec![1, 2, 3, 1],
        scored_from: 1,
    };
    if let Ok(mut session) = Session::new(&model, Cpu) {
        let _ = pollster::block_on(session.loglikelihoods(&[sequence]));
    }
}

/// Models in their wire form: made here, because it may change with every version.
fn handed_over() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let model = |paths: [String; 3]| {
        let read = |path: String| std::fs::read(root.join(path)).expect("a file");
        let bytes = paths.map(read).into_iter();
        let files = load::FILES.map(str::to_owned).into_iter().zip(bytes);
        load::model("handed over", &files.collect::<Files>()).expect("a model")
    };
    let golden = |name: &str| model(load::FILES.map(|file| format!("tests/golden/{name}/{file}")));
    let corpus = ["config/llama", "safetensors/llama", "tokenizer/bpe"];
    let small = model(corpus.map(|file| format!("fuzz/corpus/{file}")));
    // Weights of every form; learned positions, biases and a shared table; norms of heads and two ropes.
    let models = [forms::every_form(&small), golden("gpt2"), golden("gemma3")];
    let models = models.into_iter().map(|model| {
        let mut bytes = Vec::new();
        wire::write(&model, &mut bytes).expect("written");
        assert!(wire::read(&bytes).is_ok(), "{}", model.name);
        (model.family.name.to_owned(), bytes)
    });
    models.collect()
}

/// One test, so that nothing else asks for memory meanwhile.
#[test]
fn arbitrary_bytes_neither_panic_nor_fill_the_memory() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let corpora = TARGETS.map(|(target, read)| {
        let files = files(target);
        assert!(!files.is_empty(), "{target} has no corpus");
        let named = files.into_iter().map(|file| {
            let bytes = std::fs::read(&file).expect("a file");
            (file.display().to_string(), bytes)
        });
        (target, read, named.collect())
    });
    let wire_forms: (_, Read, _) = ("wire", take_up, handed_over());
    for (target, read, files) in corpora.into_iter().chain([wire_forms]) {
        for (file, bytes) in files {
            for copy in 0..=COPIES {
                let bytes = if copy == 0 {
                    bytes.clone()
                } else {
                    damaged(&bytes, &mut random)
                };
                check(target, &format!("copy {copy} of {file}"), read, &bytes);
            }
        }
    }
    // A wire form has what is checked all over it: every byte of a small one.
    let (_, small) = handed_over().swap_remove(0);
    for at in 0..small.len() {
        for byte in [0, 1, 0x7f, 0xff] {
            let mut bytes = small.clone();
            bytes[at] = byte;
            check("wire", &format!("{byte} at {at}"), take_up, &bytes);
        }
    }
}

/// Reads some bytes, of which a copy is kept where that does not go well.
fn check(target: &str, name: &str, read: Read, bytes: &[u8]) {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let done = std::panic::catch_unwind(|| read(bytes));
    let peak = MEMORY.peak_usage().saturating_sub(before);
    if done.is_err() || peak > BOUND {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(target);
        std::fs::write(&kept, bytes).expect("a copy to look at");
    }
    assert!(
        done.is_ok(),
        "{name} panics; it is kept in the folder for temporary files"
    );
    assert!(peak <= BOUND, "{name} takes {peak} bytes");
}
