//! What is put to a model.

use crate::model::{Message, Role};
use serde::{Deserialize, Serialize};

/// A question with what stands before it, or a text to be continued.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Prompt {
    pub system: Option<String>,
    /// What was said before: by the user, and by the model. Demonstrations are questions with their answers.
    pub turns: Vec<(String, String)>,
    pub question: String,
    pub form: Form,
}

/// What the model is to do with the last words of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Form {
    /// Answer them.
    #[default]
    Answer,
    /// Go on from them.
    Continue,
}

impl Prompt {
    /// A question alone.
    #[must_use]
    pub fn question(question: String) -> Self {
        Self {
            question,
            ..Self::default()
        }
    }

    /// The plain template, for models without a chat template. What the model says follows it after a space.
    #[must_use]
    pub fn plain(&self) -> String {
        let system = self.system.iter().map(|system| format!("{system}\n\n"));
        let turn = |(user, model): &(String, String)| format!("{user}\nAnswer: {model}\n\n");
        let turns = self.turns.iter().map(turn);
        let question = match self.form {
            Form::Answer => format!("{}\nAnswer:", self.question),
            Form::Continue => self.question.clone(),
        };
        system.chain(turns).chain([question]).collect()
    }

    /// The same as the messages of a conversation, for a chat template.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let message = |role, content: &str| Message {
            role,
            content: content.to_owned(),
        };
        let system = self.system.iter();
        let system = system.map(|system| message(Role::System, system));
        let turns = self
            .turns
            .iter()
            .flat_map(|(user, model)| [message(Role::User, user), message(Role::Assistant, model)]);
        system
            .chain(turns)
            .chain([message(Role::User, &self.question)])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt() -> Prompt {
        Prompt {
            system: Some("Be kind.".into()),
            turns: vec![("One?".into(), "yes".into())],
            ..Prompt::question("Two?".into())
        }
    }

    #[test]
    fn the_plain_template() {
        assert_eq!(
            prompt().plain(),
            "Be kind.\n\nOne?\nAnswer: yes\n\nTwo?\nAnswer:"
        );
        assert_eq!(Prompt::question("Two?".into()).plain(), "Two?\nAnswer:");
        let text = Prompt {
            form: Form::Continue,
            ..Prompt::question("It was".into())
        };
        assert_eq!(text.plain(), "It was");
    }

    #[test]
    fn a_conversation_ends_with_the_question() {
        let roles: Vec<Role> = prompt().messages().iter().map(|m| m.role).collect();
        let expected = [Role::System, Role::User, Role::Assistant, Role::User];
        assert_eq!(roles, expected);
    }
}
