//! What a model's files say of how it is spoken to: special tokens by name, and the chat template.

use super::gguf::Gguf;
use super::source::{File, bad};
use super::vocabulary::template_of_gguf;
use crate::error::Result;
use crate::model::ChatTemplate;
use serde_json::{Map, Value};

/// The field of the chat template.
const TEMPLATE: &str = "chat_template";

/// Fields as `tokenizer_config.json` has them.
pub(super) struct Spoken {
    pub fields: Map<String, Value>,
    /// The file that the chat template is from.
    file: String,
}

impl Spoken {
    /// From `tokenizer_config.json` and `chat_template.jinja`, which comes first where both have a template (as in
    /// transformers), and from a GGUF file what neither says. Files of more than `most` bytes are refused.
    pub fn read(
        gguf: Option<&Gguf>,
        config: Option<File>,
        template: Option<File>,
        most: u64,
    ) -> Result<Self> {
        let mut spoken = Self {
            fields: gguf.map_or_else(Map::new, |gguf| template_of_gguf(gguf.metadata())),
            file: gguf.map_or_else(String::new, |gguf| gguf.file().name.to_owned()),
        };
        if let Some(file) = config {
            let fields: Map<String, Value> = serde_json::from_slice(&file.whole(most)?)
                .map_err(|error| bad(file.name, format!("it is not a JSON object ({error})")))?;
            for (name, value) in fields {
                spoken.set(file.name, name, value);
            }
        }
        if let Some(file) = template {
            let text = String::from_utf8(file.whole(most)?)
                .map_err(|error| bad(file.name, format!("it is not a text in UTF-8 ({error})")))?;
            // Python reads every end of line as one character.
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            spoken.set(file.name, TEMPLATE.to_owned(), text.into());
        }
        Ok(spoken)
    }

    fn set(&mut self, file: &str, name: String, value: Value) {
        if name == TEMPLATE {
            if value.is_null() {
                return;
            }
            file.clone_into(&mut self.file);
        }
        self.fields.insert(name, value);
    }

    /// The chat template, where there is one.
    pub fn chat_template(&self) -> Option<ChatTemplate> {
        ChatTemplate::new(&self.file, &self.fields)
    }

    /// A switch of `tokenizer_config.json`; `None` when it is absent, no when it is `null`, as in transformers.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(false)),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(value) => Err(bad(
                super::TOKENIZER_CONFIG,
                format!("its {name} is {value}; true or false is needed"),
            )),
        }
    }
}
