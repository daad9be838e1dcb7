//! A small server that speaks as vLLM, `SGLang` and llama-cpp-python do, with a model of this project behind it; it can have
//! bad days.

use pressure_test::backend::Cpu;
use pressure_test::load;
use pressure_test::model::{Generation, Model, Sampling, Sequence, Session};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How it says how likely a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    PromptLogprobs,
    Echo,
    /// As llama-cpp-python: prompts are texts, the beginning-of-text token is not in the lists, and the first place of
    /// these is empty.
    EchoOfTexts,
    /// The same, but each place has what its token has after itself.
    EchoShifted,
    Nothing,
}

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Status(u16),
    /// Busy; come back at once.
    Busy,
    /// The connection ends in the middle of the reply.
    Cut,
    /// The reply comes after two seconds.
    Slow,
    /// The reply is no JSON.
    Garbage,
    /// The lists of log-probabilities are missing.
    NoLogprobs,
    /// They are one token too short, and so is the count.
    WrongCount,
}

type FaultOf = dyn Fn(usize, &Value) -> Option<Fault> + Send + Sync;

pub struct Server {
    pub url: String,
    state: Arc<State>,
}

struct State {
    speaks: Speaks,
    fault: Box<FaultOf>,
    models: BTreeMap<String, Mutex<Sender<Job>>>,
    key: Option<String>,
    /// Every completion that was asked for.
    asked: Mutex<Vec<Value>>,
    /// Connections that are being served.
    open: AtomicUsize,
}

struct Job {
    body: Value,
    speaks: Speaks,
    reply: Sender<Result<Value, (u16, String)>>,
}

pub fn built_in() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/pebble")
}

pub fn model(folder: &Path) -> Model {
    let file = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).expect("a file");
        (name.to_owned(), bytes)
    };
    let files: load::Files = load::FILES.iter().map(|name| file(name)).collect();
    load::model("served", &files).expect("a model")
}

impl Server {
    /// Serves the built-in model as `pebble`.
    pub fn new(speaks: Speaks) -> Self {
        Self::with(speaks, &[("pebble", &built_in())], None, |_, _| None)
    }

    pub fn with(
        speaks: Speaks,
        models: &[(&str, &Path)],
        key: Option<&str>,
        fault: impl Fn(usize, &Value) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        let models = models.iter().map(|(name, folder)| {
            let (sender, receiver) = channel::<Job>();
            let folder = folder.to_path_buf();
            std::thread::spawn(move || {
                let model = model(&folder);
                let mut session = Session::new(&model, Cpu).expect("a session");
                for Job {
                    body,
                    speaks,
                    reply,
                } in receiver
                {
                    let _ = reply.send(complete(&model, &mut session, speaks, &body));
                }
            });
            ((*name).to_owned(), Mutex::new(sender))
        });
        let state = Arc::new(State {
            speaks,
            fault: Box::new(fault),
            models: models.collect(),
            key: key.map(str::to_owned),
            asked: Mutex::default(),
            open: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (state, stream) = (Arc::clone(&shared), stream.expect("a connection"));
                state.open.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    // A client that has gone wants no reply.
                    drop(state.serve(&stream));
                    state.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { url, state }
    }

    /// Waits until everything is answered that was sent before.
    pub fn rest(&self) {
        let address = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("a connection");
        // Connections are taken in their order.
        stream
            .write_all(b"GET /v1/models HTTP/1.1\r\n\r\n")
            .expect("a request");
        stream.read_to_end(&mut Vec::new()).expect("a reply");
        while self.state.open.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The completions that were asked for so far.
    pub fn asked(&self) -> Vec<Value> {
        self.state.asked.lock().expect("a list").clone()
    }
}

impl State {
    fn serve(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line.trim().is_empty() {
                break;
            }
            head.push(line.trim().to_owned());
        }
        let header = |name: &str| {
            let mut lines = head.iter().filter_map(|line| line.split_once(": "));
            lines.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then(|| value.to_owned()))
        };
        let length = header("content-length").map_or(0, |n| n.parse().expect("a number"));
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let bearer = self.key.as_ref().map(|key| format!("Bearer {key}"));
        let (status, reply, fault) = if bearer.is_some() && header("authorization") != bearer {
            let said = format!(
                "no such key: {}",
                header("authorization").unwrap_or_default()
            );
            (401, json!({ "error": { "message": said } }), None)
        } else if head[0].starts_with("GET /v1/models ") {
            let models = self.models.keys();
            let models = models.map(|id| json!({ "id": id, "max_model_len": 513 }));
            (200, json!({ "data": models.collect::<Vec<_>>() }), None)
        } else {
            self.completion(&serde_json::from_slice(&body)?)
        };
        let text = match fault {
            Some(Fault::Garbage) => "<html>Bad gateway</html>".to_owned(),
            _ => reply.to_string(),
        };
        if fault == Some(Fault::Slow) {
            std::thread::sleep(Duration::from_secs(2));
        }
        let again = if fault == Some(Fault::Busy) {
            "Retry-After: 0\r\n"
        } else {
            ""
        };
        write!(
            stream,
            "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{again}Connection: close\r\n\r\n",
            text.len()
        )?;
        let sent = if fault == Some(Fault::Cut) {
            text.len() / 2
        } else {
            text.len()
        };
        stream.write_all(&text.as_bytes()[..sent])
    }

    fn completion(&self, body: &Value) -> (u16, Value, Option<Fault>) {
        let number = {
            let mut asked = self.asked.lock().expect("a list");
            asked.push(body.clone());
            asked.len()
        };
        let fault = (self.fault)(number, body);
        match fault {
            Some(Fault::Status(status)) => {
                return (status, json!({ "detail": "a bad day" }), fault);
            }
            Some(Fault::Busy) => return (429, json!({ "error": "too many requests" }), fault),
            _ => {}
        }
        let name = body["model"].as_str().expect("a name");
        let (reply, replied) = channel();
        let job = Job {
            body: body.clone(),
            speaks: self.speaks,
            reply,
        };
        let model = self.models[name].lock().expect("a model");
        model.send(job).expect("a thread");
        drop(model);
        let mut reply = match replied.recv().expect("a reply") {
            Ok(reply) => reply,
            Err((status, said)) => return (status, json!({ "error": { "message": said } }), None),
        };
        let choice = &mut reply["choices"][0];
        if fault == Some(Fault::NoLogprobs) {
            choice["logprobs"] = Value::Null;
            choice["prompt_logprobs"] = Value::Null;
        }
        if fault == Some(Fault::WrongCount) {
            for place in ["/prompt_logprobs", "/logprobs/token_logprobs"] {
                if let Some(Value::Array(list)) = choice.pointer_mut(place) {
                    list.truncate(list.len().saturating_sub(2));
                }
            }
        }
        (200, reply, fault)
    }
}

fn complete(
    model: &Model,
    session: &mut Session<&Model, Cpu>,
    speaks: Speaks,
    body: &Value,
) -> Result<Value, (u16, String)> {
    let of_texts = matches!(speaks, Speaks::EchoOfTexts | Speaks::EchoShifted);
    let prompt: Vec<u32> = match &body["prompt"] {
        Value::String(text) => model.tokenizer.encode(text).expect("tokens"),
        // So does llama-cpp-python 0.3.36.
        _ if of_texts => return Err((500, "Input should be a valid string".into())),
        tokens => serde_json::from_value(tokens.clone()).expect("tokens"),
    };
    let number = |name: &str| body[name].as_u64();
    let max_tokens = number("max_tokens").expect("a number");
    let max_tokens = usize::try_from(max_tokens).expect("a number");
    if prompt.len() + max_tokens > 513 {
        return Err((
            400,
            "This model's maximum context length is 513 tokens.".into(),
        ));
    }
    let sampling = match number("temperature").expect("a number") {
        0 => Sampling::Greedy,
        _ => Sampling::Temperature {
            temperature: 1.0,
            count: 1,
            seed: number("seed").expect("a number"),
        },
    };
    let generation = Generation {
        prompt: prompt.clone(),
        sampling,
        // There is room for 512 tokens in the model itself.
        max_tokens: max_tokens.min(512 - prompt.len().min(512)),
    };
    let stop = body["stop"][0].as_str();
    let written = pollster::block_on(session.sample(&[generation], stop)).expect("a text");
    let written = &written[0][0];
    let mut values = |tokens: &[u32], shift: usize| -> Vec<f64> {
        let of = |place: usize| Sequence {
            tokens: [&tokens[..place + shift], &tokens[place..=place]].concat(),
            scored_from: place + shift,
        };
        let sequences: Vec<Sequence> = (1..tokens.len()).map(of).collect();
        pollster::block_on(session.loglikelihoods(&sequences)).expect("sums")
    };
    let whole = [&prompt[..], &written.tokens].concat();
    let mut choice = json!({ "index": 0, "text": written.text, "logprobs": null });
    if speaks == Speaks::PromptLogprobs && body.get("prompt_logprobs").is_some() {
        let values = values(&prompt, 0);
        let place = |(value, token): (&f64, &u32)| json!({ token.to_string(): { "logprob": value, "rank": 1, "decoded_token": "" } });
        let values: Vec<Value> = values.iter().zip(&prompt[1..]).map(place).collect();
        choice["prompt_logprobs"] = [vec![Value::Null], values].concat().into();
    }
    let echo = body["echo"] == true
        && matches!(
            speaks,
            Speaks::Echo | Speaks::EchoOfTexts | Speaks::EchoShifted
        );
    if body.get("logprobs").is_some() {
        let shift = usize::from(speaks == Speaks::EchoShifted && echo);
        let whole_values = if whole.len() > 1 {
            values(&whole, shift)
        } else {
            Vec::new()
        };
        let mut list: Vec<Value> = [Value::Null]
            .into_iter()
            .chain(whole_values.into_iter().map(Value::from))
            .collect();
        if !echo {
            list.drain(..prompt.len());
        } else if of_texts {
            list.remove(0);
            list[0] = Value::Null;
        }
        choice["logprobs"] = json!({ "token_logprobs": list });
    }
    Ok(json!({
        "object": "text_completion",
        "choices": [choice],
        "usage": {
            "prompt_tokens": prompt.len(),
            "completion_tokens": written.tokens.len(),
            "total_tokens": whole.len(),
        },
    }))
}
