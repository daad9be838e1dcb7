//! Models of the hub, by name.

use crate::{folder, golden, text};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A hub with one model, `test/tiny`, and what it was asked, with the first byte of each.
struct Hub {
    url: String,
    asked: Arc<Mutex<Vec<(String, u64)>>>,
    /// Bytes of weights after which the connection breaks, once.
    cut: Arc<Mutex<Option<usize>>>,
}

type Files = Vec<(String, Vec<u8>)>;

impl Hub {
    fn new(files: Files) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let cut = Arc::new(Mutex::new(None));
        let hub = Self {
            url,
            asked: Arc::clone(&asked),
            cut: Arc::clone(&cut),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = serve(&stream.expect("a connection"), &files, &asked, &cut);
            }
        });
        hub
    }

    fn call(&self, cache: &Path, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_pressure-test"))
            .args(arguments)
            .env("HF_ENDPOINT", &self.url)
            .env("XDG_CACHE_HOME", cache)
            .output()
            .expect("a program")
    }

    /// The files that were asked for since the last time.
    fn taken(&self) -> Vec<(String, u64)> {
        std::mem::take(&mut *self.asked.lock().expect("a list"))
    }
}

fn serve(
    mut stream: &TcpStream,
    files: &Files,
    asked: &Mutex<Vec<(String, u64)>>,
    cut: &Mutex<Option<usize>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().expect("a line")?;
    let path = first.split(' ').nth(1).unwrap_or("").to_owned();
    let mut from = 0;
    for line in lines {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse().unwrap_or(0);
        }
    }
    let list = || {
        let entry = |(name, bytes): &(String, Vec<u8>)| {
            let mut entry = json!({ "rfilename": name, "size": bytes.len() });
            if name.ends_with(".safetensors") || name.contains(".gguf") {
                let hash = pressure_test::hash::sha256_hex(bytes);
                entry["lfs"] = json!({ "sha256": hash, "size": bytes.len() });
            }
            entry
        };
        let siblings: Vec<Value> = files.iter().map(entry).collect();
        json!({ "sha": COMMIT, "siblings": siblings })
            .to_string()
            .into_bytes()
    };
    let api = "/api/models/test/tiny/revision/main?blobs=true";
    let found = match path.strip_prefix(&format!("/test/tiny/resolve/{COMMIT}/")) {
        Some(name) => {
            asked.lock().expect("a list").push((name.to_owned(), from));
            files
                .iter()
                .find(|(file, _)| file == name)
                .map(|(_, bytes)| bytes.clone())
        }
        None => (path == api).then(list),
    };
    let Some(bytes) = found else {
        return write!(
            stream,
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    };
    let status = if from > 0 {
        "206 Partial Content"
    } else {
        "200 OK"
    };
    let rest = &bytes[usize::try_from(from).unwrap_or(0).min(bytes.len())..];
    let length = rest.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    let broken = path
        .ends_with(".safetensors")
        .then(|| cut.lock().expect("a number").take());
    stream.write_all(&rest[..broken.flatten().unwrap_or(length)])
}

fn tiny() -> Files {
    let file = |name: &str| {
        let bytes = std::fs::read(golden("llama_gqa").join(name)).expect("a file");
        (name.to_owned(), bytes)
    };
    let mut files: Files = ["config.json", "model.safetensors", "tokenizer.json"]
        .map(file)
        .into();
    files.push((
        "pytorch_model.bin".into(),
        b"weights in another form".to_vec(),
    ));
    files.push(("README.md".into(), b"# Tiny".to_vec()));
    files.push(("onnx/model.safetensors".into(), b"in a folder".to_vec()));
    files.push(("../escaped.safetensors".into(), b"elsewhere".to_vec()));
    files
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

#[test]
fn a_model_of_the_hub_is_fetched_once_and_kept() {
    let cache = folder("hub");
    let hub = Hub::new(tiny());
    let inspect = ["inspect", "--model", "hub:test/tiny"];
    *hub.cut.lock().expect("a number") = Some(1000);
    let cut = hub.call(&cache, &inspect);
    assert!(
        !cut.status.success() && said(&cut).contains("call again to go on"),
        "{}",
        said(&cut)
    );
    hub.taken();
    let output = hub.call(&cache, &inspect);
    assert!(output.status.success(), "{}", said(&output));
    let summary: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(summary["name"], "test/tiny");
    let asked = hub.taken();
    assert!(
        asked.contains(&("model.safetensors".into(), 1000)),
        "it goes on: {asked:?}"
    );
    assert!(
        asked
            .iter()
            .all(|(name, _)| !name.contains('/') && name != "README.md" && !name.contains(".bin")),
        "{asked:?}"
    );
    let again = hub.call(&cache, &inspect);
    assert_eq!(
        (again.stdout, hub.taken()),
        (output.stdout.clone(), Vec::new())
    );
    // The hub is away.
    let away = Hub {
        url: "http://127.0.0.1:9".into(),
        ..hub
    };
    let kept = away.call(&cache, &inspect);
    assert_eq!(kept.stdout, output.stdout);
    assert!(
        said(&kept).ends_with("The files that were fetched before are taken."),
        "{}",
        said(&kept)
    );
    let refused = away.call(&folder("hub-away"), &inspect);
    assert!(!refused.status.success() && said(&refused).contains("could not be fetched"));
}

#[test]
fn what_is_no_model_of_the_hub_is_said() {
    let cache = folder("hub-wrong");
    let hub = Hub::new(tiny());
    for (name, expected) in [
        ("hub:tiny", "hub:owner/name"),
        ("hub:test/../tiny", "hub:owner/name"),
        ("hub:test/other", "there is no such model or revision"),
        (
            "hub:test/tiny/none.gguf",
            "take one with safetensors or GGUF files",
        ),
    ] {
        let output = hub.call(&cache, &["inspect", "--model", name]);
        assert!(
            !output.status.success() && said(&output).contains(expected),
            "{name}: {}",
            said(&output)
        );
    }
    let gguf = |name: &str| (name.to_owned(), b"GGUF".to_vec());
    let hub = Hub::new(vec![gguf("a-Q4_0.gguf"), gguf("b/c-Q8_0.gguf")]);
    let output = hub.call(&cache, &["inspect", "--model", "hub:test/tiny"]);
    assert!(
        said(&output).contains("name one of its GGUF files: a-Q4_0.gguf (0.0 MB), b/c-Q8_0.gguf")
    );
}

#[test]
fn what_is_not_the_file_that_the_hub_names_is_not_kept() {
    let cache = folder("hub-damaged");
    let hub = Hub::new(tiny());
    let place = cache.join("pressure-test/hub/test--tiny").join(COMMIT);
    std::fs::create_dir_all(&place).expect("a folder");
    std::fs::write(place.join("model.safetensors.part"), [7; 1000]).expect("a file");
    let inspect = ["inspect", "--model", "hub:test/tiny"];
    let output = hub.call(&cache, &inspect);
    assert!(
        said(&output).contains("is not the file that the hub names"),
        "{}",
        said(&output)
    );
    assert!(!text(&place).is_empty() && !place.join("model.safetensors").exists());
    assert!(hub.call(&cache, &inspect).status.success(), "anew");
}
