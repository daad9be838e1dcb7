//! Texts on the command line: continued, and as tokens.

use crate::output::{print_line, print_text, put_json};
use crate::{command, models, proved};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use pollster::block_on;
use pressure_test::Result;
use pressure_test::backend::with_backend;
use pressure_test::evaluate::{Prompt, Variant};
use pressure_test::model::{Continuation, Model, Session};
use serde_json::json;

/// What can be done with a text.
pub fn commands() -> [Command; 2] {
    let prompt = Arg::new("prompt")
        .long("prompt")
        .required(true)
        .help("The text");
    let chat = Arg::new("chat")
        .long("chat")
        .action(ArgAction::SetTrue)
        .help("Puts the text through the model's chat template, as what a user says");
    let max_tokens = Arg::new("max-tokens")
        .long("max-tokens")
        .value_parser(value_parser!(usize))
        .default_value("100");
    [
        Command::new("generate")
            .about("Continues a text, always with the likeliest token")
            .args(command::model())
            .args([
                command::backend_argument(),
                prompt.clone(),
                chat.clone(),
                max_tokens,
                command::jobs_argument(),
                command::json(),
            ]),
        Command::new("tokenize")
            .about("The tokens of a text, as the model reads it")
            .args(command::model())
            .args([prompt, chat, command::json()]),
    ]
}

/// Continues a text, or answers it as a message.
pub fn generate(arguments: &ArgMatches) -> Result<()> {
    let Variant {
        model, inference, ..
    } = proved(arguments)?;
    let prompt = tokens(arguments, &model)?;
    let max_tokens = arguments
        .get_one::<usize>("max-tokens")
        .copied()
        .unwrap_or(100);
    let prompts = std::slice::from_ref(&prompt);
    let texts = with_backend!(inference.backend, backend => {
        block_on(Session::new(&*model, backend)?.generate(prompts, max_tokens, None))?
    });
    for Continuation {
        text,
        tokens: generated,
    } in texts
    {
        if arguments.contains_id("json") {
            let generated = json!({ "tokens": prompt, "text": text, "generated": generated });
            put_json(arguments, &generated)?;
        } else {
            print_text(&text)?;
        }
    }
    Ok(())
}

/// The tokens of a text, one a line: its id, a tabulator, and its entry in the vocabulary.
pub fn tokenize(arguments: &ArgMatches) -> Result<()> {
    let model = models::model(arguments)?;
    let tokens = tokens(arguments, &model)?;
    let entry = |id: &u32| model.tokenizer.token(*id).unwrap_or_default();
    if arguments.contains_id("json") {
        let entries: Vec<String> = tokens.iter().map(entry).collect();
        return put_json(arguments, &json!({ "tokens": tokens, "entries": entries }));
    }
    let mut lines = tokens.iter().map(|id| format!("{id}\t{}", entry(id)));
    lines.try_for_each(|line| print_line(&line))
}

/// The prompt as the model reads it: with `--chat` through its chat template, as what a user says.
fn tokens(arguments: &ArgMatches, model: &Model) -> Result<Vec<u32>> {
    let prompt = command::text(arguments, "prompt");
    if !arguments.get_flag("chat") {
        return model.tokenizer.encode(prompt);
    }
    let Some(template) = &model.chat_template else {
        return Err(command::without_template());
    };
    let prompt = Prompt::question(prompt.to_owned());
    let written = template.render(&prompt.messages())?;
    model.tokenizer.encode_rendered(&written)
}
