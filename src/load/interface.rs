//! What a model reads and writes, of a folder that need not hold its weights.

use super::folder::Folder;
use super::source::Source;
use super::spoken::Spoken;
use super::{
    CONFIG, LARGEST_CONFIG, LARGEST_TOKENIZER, PIECES, TEMPLATE, TOKENIZER, TOKENIZER_CONFIG,
    sentencepiece,
};
use crate::error::Result;
use crate::hash::Hasher;
use crate::model::{Fields, Interface, Remarks, Tokenizer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The files that [`interface`] reads, as far as they are there.
pub const INTERFACE_FILES: [&str; 5] = [CONFIG, TOKENIZER, PIECES, TOKENIZER_CONFIG, TEMPLATE];

/// What a model reads and writes, by the files beside its weights, and SHA-256 of these in hexadecimal. Its length is 0
/// where they do not say it.
pub fn interface<S: Source>(files: &BTreeMap<String, S>) -> Result<(Interface, String)> {
    let folder = Folder::new(files)?;
    let [config, template] = [TOKENIZER_CONFIG, TEMPLATE].map(|name| folder.get(name));
    let spoken = Spoken::read(None, config, template, LARGEST_TOKENIZER)?;
    let tokenizer = match (folder.get(TOKENIZER), folder.get(PIECES)) {
        (Some(file), _) => Tokenizer::from_bytes(&file.whole(LARGEST_TOKENIZER)?)?,
        (None, Some(file)) => {
            let pieces = sentencepiece::Model::new(&file.whole(LARGEST_TOKENIZER)?)?;
            pieces.tokenizer(&spoken)?
        }
        (None, None) => return Err(folder.missing(TOKENIZER)),
    };
    let fields = match folder.get(CONFIG) {
        Some(file) => Fields::parse(&file.whole(LARGEST_CONFIG)?)?,
        None => Fields::default(),
    };
    let mut hasher = Hasher::default();
    for file in INTERFACE_FILES.iter().filter_map(|name| folder.get(name)) {
        file.pieces(0, file.size, &mut |piece| hasher.update(piece))?;
    }
    let number = |name| fields.value(name).as_u64();
    let number = |name| number(name).and_then(|number| usize::try_from(number).ok());
    let interface = Interface {
        max_position_embeddings: number("max_position_embeddings").unwrap_or(0),
        vocab_size: number("vocab_size").unwrap_or(tokenizer.vocab_size()),
        chat_template: spoken.chat_template().map(Arc::new),
        tokenizer: Arc::new(tokenizer),
        world: Remarks::read(&fields)?.world,
    };
    Ok((interface, hasher.finish()))
}
