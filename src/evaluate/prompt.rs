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
        let system = self.system.iter().map(|system| format!("{system}\n\n"));
        let demonstration = |(q, a): &(String, String)| format!("{q}\nAnswer: {a}\n\n");
        let demonstrations = self.demonstrations.iter().map(demonstration);
        let question = format!("{}\nAnswer:", self.question);
        system.chain(demonstrations).chain([question]).collect()
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
