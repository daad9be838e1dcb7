//! What is put to a model.

/// A question with what stands before it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prompt {
    pub system: Option<String>,
    /// Questions with their answers.
    pub demonstrations: Vec<(String, String)>,
    pub question: String,
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

    /// The plain template, for models without a chat template. An answer follows it after a space.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut text = String::new();
        if let Some(system) = &self.system {
            text += &format!("{system}\n\n");
        }
        for (question, answer) in &self.demonstrations {
            text += &format!("{question}\nAnswer: {answer}\n\n");
        }
        text + &format!("{}\nAnswer:", self.question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_template() {
        let prompt = Prompt {
            system: Some("Be kind.".into()),
            demonstrations: vec![("One?".into(), "yes".into())],
            question: "Two?".into(),
        };
        assert_eq!(
            prompt.plain(),
            "Be kind.\n\nOne?\nAnswer: yes\n\nTwo?\nAnswer:"
        );
        assert_eq!(Prompt::question("Two?".into()).plain(), "Two?\nAnswer:");
    }
}
