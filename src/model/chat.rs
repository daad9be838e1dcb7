//! Chat templates, as `tokenizer_config.json` and GGUF files hold them and as transformers fills them in.

use crate::error::{Error, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, context};
use minijinja_contrib::pycompat::unknown_method_callback;
use serde::Serialize;
use serde_json::{Map, Value};

/// The file of a Hugging Face folder that templates are read from.
const FILE: &str = "tokenizer_config.json";
/// The name of the template in its environment.
const NAME: &str = "chat_template";
/// Steps that a template may take: far more than a long conversation needs.
const FUEL: u64 = 10_000_000;

/// A chat template with the special tokens that it may use.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    /// The file it is from.
    file: String,
    /// Itself as `chat_template`, and `bos_token`, `eos_token` and their like, as texts.
    fields: Map<String, Value>,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    pub role: Role,
    pub content: String,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    System,
    User,
    Assistant,
}

impl ChatTemplate {
    /// Reads `tokenizer_config.json`; `None` when it has no chat template.
    pub fn from_bytes(bytes: &[u8]) -> Result<Option<Self>> {
        let fields: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|error| Error::BadFile {
                file: FILE.into(),
                problem: format!("it is not a JSON object ({error})"),
            })?;
        Self::new(FILE, &fields)
    }

    /// From fields as `tokenizer_config.json` has them; `None` when there is no chat template among them. `file` is
    /// named in errors.
    pub fn new(file: &str, fields: &Map<String, Value>) -> Result<Option<Self>> {
        let Some(template) = default_template(fields.get(NAME)) else {
            return Ok(None);
        };
        let mut environment = environment();
        environment
            .add_template_owned(NAME, template.to_owned())
            .map_err(|error| jinja(file, &error))?;
        let tokens = fields
            .iter()
            .filter(|(name, _)| name.ends_with("_token"))
            .filter_map(|(name, value)| Some((name.clone(), token(value)?)));
        Ok(Some(Self {
            environment,
            file: file.to_owned(),
            fields: tokens.chain([(NAME.to_owned(), template.into())]).collect(),
        }))
    }

    /// The template as `chat_template`, and its special tokens, as `tokenizer_config.json` has them.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// The template itself.
    #[must_use]
    pub fn text(&self) -> &str {
        self.fields[NAME].as_str().unwrap_or_default()
    }

    /// The conversation as the model reads it, up to where its own answer begins. A template that refuses a system
    /// message gets its text at the head of the first message of the user.
    pub fn render(&self, messages: &[Message]) -> Result<String> {
        match self.fill(messages) {
            Err(error) if error.kind() == ErrorKind::InvalidOperation => {
                match without_system(messages) {
                    Some(messages) => self
                        .fill(&messages)
                        .map_err(|error| jinja(&self.file, &error)),
                    None => Err(jinja(&self.file, &error)),
                }
            }
            filled => filled.map_err(|error| jinja(&self.file, &error)),
        }
    }

    fn fill(&self, messages: &[Message]) -> std::result::Result<String, minijinja::Error> {
        let tokens = minijinja::Value::from(Serde(&self.fields));
        self.environment.get_template(NAME)?.render(context! {
            messages => Serde(messages),
            add_generation_prompt => true,
            ..tokens
        })
    }
}

/// The template among those of a file that has one, or a list of them by name.
fn default_template(field: Option<&Value>) -> Option<&str> {
    match field? {
        Value::String(template) => Some(template),
        Value::Array(list) => {
            let named = |entry: &&Value| entry.get("name").is_some_and(|name| name == "default");
            let entry = list.iter().find(named).or(list.first())?;
            entry.get("template").and_then(Value::as_str)
        }
        _ => None,
    }
}

/// A special token, written as a text or as an object with its `content`.
fn token(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        _ => value.get("content").filter(|c| c.is_string()).cloned(),
    }
}

/// Jinja as transformers sets it up.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(unknown_method_callback);
    environment.add_function("raise_exception", |message: String| {
        Err::<String, _>(minijinja::Error::new(ErrorKind::InvalidOperation, message))
    });
    environment.add_function("strftime_now", |format: String| date(&format));
    environment
}

/// A day that never changes, so that a prompt does not change with the day on which it is sent: 1 July 2024.
fn date(format: &str) -> String {
    [
        ("%d", "01"),
        ("%m", "07"),
        ("%Y", "2024"),
        ("%y", "24"),
        ("%b", "Jul"),
        ("%B", "July"),
        ("%a", "Mon"),
        ("%A", "Monday"),
        ("%H", "00"),
        ("%M", "00"),
        ("%S", "00"),
    ]
    .into_iter()
    .fold(format.to_owned(), |text, (place, value)| {
        text.replace(place, value)
    })
}

/// The messages with the system text at the head of the first of the user; `None` where there is none.
fn without_system(messages: &[Message]) -> Option<Vec<Message>> {
    let (system, rest) = messages.split_first()?;
    let (first, others) = rest.split_first()?;
    let joined = Message {
        role: first.role,
        content: format!("{}\n\n{}", system.content, first.content),
    };
    (system.role == Role::System).then(|| [&[joined], others].concat())
}

fn jinja(file: &str, error: &minijinja::Error) -> Error {
    let line = error.line().map(|line| format!(" (line {line})"));
    Error::BadFile {
        file: file.to_owned(),
        problem: format!(
            "its chat template cannot be used: {}{}",
            error.detail().unwrap_or(&error.kind().to_string()),
            line.unwrap_or_default()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        tokenizer_config: Value,
        messages: Vec<Spoken>,
        rendered: String,
    }

    #[derive(Deserialize)]
    struct Spoken {
        role: String,
        content: String,
    }

    fn cases() -> Vec<Case> {
        let golden = include_str!("../../tests/golden/chat_templates.json");
        let mut golden: Value = serde_json::from_str(golden).expect("JSON");
        serde_json::from_value(golden["cases"].take()).expect("cases")
    }

    fn template(config: &Value) -> Result<Option<ChatTemplate>> {
        ChatTemplate::from_bytes(config.to_string().as_bytes())
    }

    fn messages(spoken: &[Spoken]) -> Vec<Message> {
        let message = |spoken: &Spoken| Message {
            role: match &spoken.role[..] {
                "system" => Role::System,
                "user" => Role::User,
                _ => Role::Assistant,
            },
            content: spoken.content.clone(),
        };
        spoken.iter().map(message).collect()
    }

    #[test]
    fn conversations_are_those_of_transformers() {
        let cases = cases();
        assert!(cases.len() >= 8);
        for case in cases {
            let template = template(&case.tokenizer_config).expect("a file");
            let template = template.expect("a template");
            let rendered = template.render(&messages(&case.messages)).expect("a text");
            assert_eq!(rendered, case.rendered, "{}", case.name);
        }
    }

    #[test]
    fn a_list_of_templates_has_a_default() {
        let config = serde_json::json!({
            "bos_token": { "content": "<s>" },
            "chat_template": [
                { "name": "tool_use", "template": "tools" },
                { "name": "default", "template": "{{ bos_token }}{{ messages[0].content }}" },
            ],
        });
        let template = template(&config).expect("a file").expect("a template");
        let message = Message {
            role: Role::User,
            content: "hello".into(),
        };
        assert_eq!(template.render(&[message]).expect("a text"), "<s>hello");
    }

    #[test]
    fn what_a_template_gets_wrong_is_said_with_the_name_of_its_file() {
        let refused = |template_text: &str| {
            let config = serde_json::json!({ "chat_template": template_text });
            let rendered = template(&config).and_then(|template| {
                let message = Message {
                    role: Role::User,
                    content: "hello".into(),
                };
                template.map_or(Ok(String::new()), |template| template.render(&[message]))
            });
            rendered.expect_err(template_text).to_string()
        };
        for text in [
            "{% for message in messages %}",
            "{{ raise_exception('no words') }}",
            "{{ messages[0].content.no_such_method() }}",
            "{% for i in range(9000) %}{% for j in range(9000) %}{{ j }}{% endfor %}{% endfor %}",
        ] {
            let error = refused(text);
            assert!(error.contains("tokenizer_config.json"), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
        assert!(refused("{{ raise_exception('no words') }}").contains("no words"));
        assert!(ChatTemplate::from_bytes(b"[]").is_err());
        assert!(ChatTemplate::from_bytes(b"{}").expect("a file").is_none());
    }
}
