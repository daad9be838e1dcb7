//! Chat templates, as `chat_template.jinja`, `tokenizer_config.json` and GGUF files hold them and as transformers fills
//! them in. One that cannot be used is an error when something is asked through it, and not before.

mod day;
mod environment;
mod json;
mod methods;
mod source;

use crate::error::{Error, Result};
use environment::{environment, is_raised};
use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde::Serialize;
use serde_json::{Map, Value};

/// The file of a Hugging Face folder that templates are read from where they have none of their own.
const FILE: &str = "tokenizer_config.json";
/// The name of the template in its environment.
const NAME: &str = "chat_template";

/// A chat template with the special tokens that it may use.
#[derive(Debug)]
pub struct ChatTemplate {
    /// What is wrong with it where it cannot be used.
    environment: std::result::Result<Environment<'static>, String>,
    /// The file it is from.
    file: String,
    /// Itself as `chat_template`, as it stands in the file, and `bos_token`, `eos_token` and their like, as texts.
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
        Ok(Self::new(FILE, &fields))
    }

    /// From fields as `tokenizer_config.json` has them; `None` when there is no chat template among them. `file` is
    /// named in errors.
    #[must_use]
    pub fn new(file: &str, fields: &Map<String, Value>) -> Option<Self> {
        let template = fields.get(NAME).filter(|template| !template.is_null())?;
        let tokens = fields
            .iter()
            .filter(|(name, _)| name.ends_with("_token"))
            .filter_map(|(name, value)| Some((name.clone(), token(value)?.into())));
        Some(Self {
            environment: default_template(template).and_then(|template| {
                let mut environment = environment();
                environment
                    .add_template_owned(NAME, source::rewritten(template))
                    .map_err(|error| problem(&error))?;
                Ok(environment)
            }),
            file: file.to_owned(),
            fields: tokens
                .chain([(NAME.to_owned(), template.clone())])
                .collect(),
        })
    }

    /// The template as `chat_template`, and its special tokens, as `tokenizer_config.json` has them.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// The file it is from.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Why it cannot be used, where that is known before anything is asked through it.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.environment.as_ref().err().map(String::as_str)
    }

    /// The template itself; empty where a list of them has no default.
    #[must_use]
    pub fn text(&self) -> &str {
        default_template(&self.fields[NAME]).unwrap_or_default()
    }

    /// The conversation as the model reads it, up to where its own answer begins. A template that refuses a system
    /// message (`raise_exception`) gets its text at the head of the first message of the user.
    pub fn render(&self, messages: &[Message]) -> Result<String> {
        let environment = self.environment.as_ref();
        let environment = environment.map_err(|problem| self.unusable(problem))?;
        let filled = match self.fill(environment, messages) {
            Err(error) if is_raised(&error) => match without_system(messages) {
                Some(messages) => self.fill(environment, &messages),
                None => Err(error),
            },
            filled => filled,
        };
        filled.map_err(|error| self.unusable(&problem(&error)))
    }

    /// With the variables of transformers, and without thinking where a template knows the word.
    fn fill(
        &self,
        environment: &Environment,
        messages: &[Message],
    ) -> std::result::Result<String, minijinja::Error> {
        let mut tokens = self.fields.clone();
        tokens.remove(NAME);
        environment.get_template(NAME)?.render(context! {
            messages => Serde(messages),
            tools => (),
            documents => (),
            add_generation_prompt => true,
            enable_thinking => false,
            ..minijinja::Value::from(Serde(&tokens))
        })
    }

    fn unusable(&self, problem: &str) -> Error {
        Error::BadFile {
            file: self.file.clone(),
            problem: format!("its chat template cannot be used: {problem}"),
        }
    }
}

/// The template of a field that holds one, or a list of them by name.
fn default_template(field: &Value) -> std::result::Result<&str, String> {
    match field {
        Value::String(template) => Ok(template),
        Value::Array(list) => {
            let name = |entry: &'_ Value| {
                entry
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or("?")
                    .to_owned()
            };
            let default = list.iter().find(|entry| name(entry) == "default");
            let template = default.and_then(|entry| entry.get("template")?.as_str());
            template.ok_or_else(|| {
                let names: Vec<String> = list.iter().map(name).collect();
                format!(
                    "none of its templates ({}) is called default",
                    names.join(", ")
                )
            })
        }
        _ => Err("it is neither a text nor a list of them".into()),
    }
}

/// A special token, written as a text or as an object with its `content`; `None` for what is neither.
#[must_use]
pub fn token(value: &Value) -> Option<&str> {
    value
        .as_str()
        .or_else(|| value.get("content").and_then(Value::as_str))
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

/// One sentence for what went wrong, with its line.
fn problem(error: &minijinja::Error) -> String {
    let kind = error.kind().to_string();
    let line = error.line().map(|line| format!(" (line {line})"));
    format!(
        "{}{}",
        error.detail().unwrap_or(&kind),
        line.unwrap_or_default()
    )
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
        let golden = include_str!("../../../tests/golden/chat_templates.json");
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
        assert!(cases.len() >= 70);
        let mut wrong = Vec::new();
        for case in cases {
            let template = template(&case.tokenizer_config).expect("a file");
            let template = template.expect("a template");
            let rendered = template.render(&messages(&case.messages));
            let rendered = rendered.unwrap_or_else(|error| error.to_string());
            if rendered != case.rendered {
                let (name, theirs) = (case.name, case.rendered);
                wrong.push(format!("{name}\n  {rendered:?}\n  {theirs:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
    fn only_a_refusal_of_its_own_makes_a_template_do_without_a_system_message() {
        let spoken = [Role::System, Role::User].map(|role| Message {
            role,
            content: "hello".into(),
        });
        let written = |system: &str| {
            let text = format!(
                "{{% if messages[0].role == 'system' %}}{{{{ {system} }}}}{{% endif %}}{{{{ messages[0].content }}}}"
            );
            let config = serde_json::json!({ "chat_template": text });
            let template = template(&config).expect("a file").expect("a template");
            template.render(&spoken)
        };
        assert_eq!(
            written("raise_exception('no')").expect("a text"),
            "hello\n\nhello"
        );
        assert!(written("1 + 'a'").is_err());
    }

    #[test]
    fn a_template_cannot_exhaust_the_stack_or_the_memory() {
        for text in [
            "{% set n = namespace(x=[]) %}{% for i in range(3000) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x | tojson }}",
            "{% set n = namespace(x=[]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | tojson }}",
            "{{ 'a'.ljust(100000000000) }}",
            "{{ '%999999999s' % 1 }}",
            "{{ '{:999999999}'.format(1) }}",
            "{{ 'a\ta'.expandtabs(100000000000) }}",
        ] {
            let config = serde_json::json!({ "chat_template": text });
            let template = template(&config).expect("a file").expect("a template");
            assert!(template.render(&[]).is_err(), "{text}");
        }
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
