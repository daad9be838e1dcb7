//! Whether two models are the same in every part.

use super::written;
use pressure_test::model::{Block, Linear, Model};

/// What of two models is not the same; `None` where they are equal, shared tables included. A field that is added to one
/// of these structs has to be added here.
pub fn difference(one: &Model, other: &Model) -> Option<String> {
    let Model {
        name,
        family,
        config,
        remarks,
        tokenizer,
        chat_template,
        embedding,
        embedding_norm,
        positions,
        blocks,
        norm,
        head,
        head_bias,
        hash,
        origin,
        notes,
    } = one;
    let template = |model: &Model| {
        let template = model.chat_template.as_ref()?;
        Some((template.file().to_owned(), template.fields().clone()))
    };
    let parts = [
        ("name", *name == other.name),
        ("family", family.name == other.family.name),
        ("config", *config == other.config),
        ("remarks", *remarks == other.remarks),
        (
            "tokenizer",
            tokenizer.json().expect("JSON") == other.tokenizer.json().expect("JSON"),
        ),
        (
            "chat template",
            chat_template.is_some() == other.chat_template.is_some()
                && template(one) == template(other),
        ),
        ("embedding", *embedding == other.embedding),
        ("embedding norm", *embedding_norm == other.embedding_norm),
        ("positions", *positions == other.positions),
        ("norm", *norm == other.norm),
        ("head", *head == other.head),
        ("head bias", *head_bias == other.head_bias),
        ("shared head", one.is_tied() == other.is_tied()),
        ("hash", *hash == other.hash),
        ("origin", *origin == other.origin),
        ("notes", *notes == other.notes),
        ("number of blocks", blocks.len() == other.blocks.len()),
        // What compares equal and is not: zeros of another sign.
        ("bytes", written(one) == written(other)),
    ];
    let parts = parts.iter().find(|(_, same)| !same);
    let blocks = blocks.iter().zip(&other.blocks);
    let mut blocks = blocks.map(|(one, other)| in_block(one, other));
    parts
        .map(|(part, _)| (*part).to_owned())
        .or_else(|| blocks.find_map(|part| part))
}

fn in_block(one: &Block, other: &Block) -> Option<String> {
    let Block {
        input_norm,
        query,
        key,
        value,
        convolution,
        attended_norm,
        output,
        query_norm,
        key_norm,
        output_norm,
        post_norm,
        gate,
        up,
        inner_norm,
        down,
        down_norm,
        sliding,
        turning,
    } = one;
    let same = |one: &Linear, other: &Linear| {
        let Linear { name, weight, bias } = one;
        *name == other.name && *weight == other.weight && *bias == other.bias
    };
    let gates = match (gate, &other.gate) {
        (Some(one), Some(other)) => same(one, other),
        (one, other) => one.is_none() && other.is_none(),
    };
    let parts = [
        ("input norm", *input_norm == other.input_norm),
        ("queries", same(query, &other.query)),
        ("keys", same(key, &other.key)),
        ("values", same(value, &other.value)),
        ("convolution", *convolution == other.convolution),
        ("attended norm", *attended_norm == other.attended_norm),
        ("output", same(output, &other.output)),
        ("query norm", *query_norm == other.query_norm),
        ("key norm", *key_norm == other.key_norm),
        ("output norm", *output_norm == other.output_norm),
        ("post norm", *post_norm == other.post_norm),
        ("gate", gates),
        ("up", same(up, &other.up)),
        ("inner norm", *inner_norm == other.inner_norm),
        ("down", same(down, &other.down)),
        ("down norm", *down_norm == other.down_norm),
        ("window", *sliding == other.sliding),
        ("turning", *turning == other.turning),
    ];
    let part = parts.iter().find(|(_, same)| !same);
    part.map(|(part, _)| (*part).to_owned())
}
