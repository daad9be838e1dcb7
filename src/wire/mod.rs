//! A model as bytes that another worker takes up, equal to the last bit whatever form its weights are stored in.
//!
//! In front stand eight letters and the version of the form. What follows has no names and no padding: first everything
//! beside the weights, then tables and blocks in the order of the fields of [`Model`]; small values as postcard has them
//! (floats are their four bytes there, so that nothing is rounded), numbers and codes as they lie in memory, little-endian.
//! How many there are follows from the config and the layouts and is not said again.
//!
//! The form is this program's own: nothing is kept in it, and each version reads itself alone. Its bytes are untrusted all the
//! same. They are read in ranges from a [`Source`], not from a slice: a worker has them as a `Blob` or in a file of the
//! browser, and no tensor is ever there twice.

mod bytes;
mod weight;

use crate::error::Result;
use crate::load::Source;
use crate::model::arch::FAMILIES;
use crate::model::{Block, ChatTemplate, Config, Linear, Model, Norm, Tokenizer};
use bytes::{Reader, Writer, damaged};
use std::io::Write;
use std::sync::Arc;

/// Writes a model piece by piece: beside it there is never more in memory than its tokenizer.json.
pub fn write(model: &Model, out: &mut dyn Write) -> Result<()> {
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
    } = model;
    let mut out = Writer::new(out)?;
    out.value(&(name, family.name, hash, notes))?;
    out.value(config)?;
    out.value(remarks)?;
    out.value(&**origin)?;
    let template = chat_template.as_deref();
    let template = template.map(|template| (template.file(), json(template)));
    out.value(&template)?;
    out.piece(&tokenizer.json()?)?;
    weight::write(&mut out, embedding)?;
    out.optional(embedding_norm.as_ref(), write_norm)?;
    out.optional(positions.as_deref(), weight::write)?;
    let own_head = (!model.is_tied()).then_some(&**head);
    out.optional(own_head, weight::write)?;
    out.optional(head_bias.as_deref(), Writer::vector)?;
    write_norm(&mut out, norm)?;
    blocks
        .iter()
        .try_for_each(|block| write_block(&mut out, block))
}

/// Takes up a model that [`write`] has written; anything else is an error.
pub fn read(source: &dyn Source) -> Result<Model> {
    let mut from = Reader::new(source)?;
    let (name, family, hash, notes): (String, String, String, Vec<String>) = from.value()?;
    let mut families = FAMILIES.iter().copied();
    let family = families.find(|known| known.name == family);
    let family = family.ok_or_else(|| damaged("its family"))?;
    let config: Config = from.value()?;
    config.check().map_err(|_| damaged("its sizes"))?;
    let (remarks, origin) = (from.value()?, from.value()?);
    let chat_template = from.value::<Option<(String, String)>>()?;
    let chat_template = chat_template.map(|(file, json)| {
        let fields = serde_json::from_str(&json).ok();
        let template = fields.and_then(|fields| ChatTemplate::new(&file, &fields));
        template
            .map(Arc::new)
            .ok_or_else(|| damaged("its chat template"))
    });
    let chat_template = chat_template.transpose()?;
    // First: its text is gone before the weights come, as when files are loaded.
    let tokenizer = Tokenizer::from_bytes(&from.piece()?)?;
    let (tokens, hidden) = (config.vocab_size, config.hidden_size);
    let table = |from: &mut Reader, name, rows| {
        let weight = weight::read(from, name, [rows, hidden]);
        weight.map(Arc::new)
    };
    let embedding = table(&mut from, "embedding", tokens)?;
    let embedding_norm = from.optional(|from| read_norm(from, hidden))?;
    let positions = config.position_rows();
    let positions = from.optional(|from| table(from, "positions", positions))?;
    let own_head = from.optional(|from| table(from, "head", tokens))?;
    let head_bias = from.optional(|from| from.vector(tokens))?;
    let norm = read_norm(&mut from, hidden)?;
    let blocks = (0..config.num_hidden_layers).map(|index| read_block(&mut from, &config, index));
    let blocks = blocks.collect::<Result<_>>()?;
    from.finish()?;
    Ok(Model {
        name,
        family,
        config,
        remarks,
        tokenizer: Arc::new(tokenizer),
        chat_template,
        head: own_head.unwrap_or_else(|| Arc::clone(&embedding)),
        head_bias,
        embedding,
        embedding_norm,
        positions,
        blocks,
        norm,
        hash,
        origin: Arc::new(origin),
        notes,
    })
}

fn json(template: &ChatTemplate) -> String {
    serde_json::Value::Object(template.fields().clone()).to_string()
}

fn write_block(out: &mut Writer, block: &Block) -> Result<()> {
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
    } = block;
    out.value(&(sliding, turning))?;
    out.optional(input_norm.as_ref(), write_norm)?;
    write_linear(out, query)?;
    write_linear(out, key)?;
    write_linear(out, value)?;
    if let Some(kernel) = convolution {
        out.vector(kernel)?;
    }
    out.optional(attended_norm.as_ref(), write_norm)?;
    write_linear(out, output)?;
    out.optional(query_norm.as_ref(), write_norm)?;
    out.optional(key_norm.as_ref(), write_norm)?;
    out.optional(output_norm.as_ref(), write_norm)?;
    out.optional(post_norm.as_ref(), write_norm)?;
    out.optional(gate.as_ref(), write_linear)?;
    write_linear(out, up)?;
    out.optional(inner_norm.as_ref(), write_norm)?;
    write_linear(out, down)?;
    out.optional(down_norm.as_ref(), write_norm)
}

fn read_block(from: &mut Reader, config: &Config, index: usize) -> Result<Block> {
    let (hidden, inner) = (config.hidden_size, config.intermediate_size);
    let [queries, keys, values] = config.mixer_rows(index);
    let taps = config.convolution_length.unwrap_or(0);
    let (sliding, turning) = from.value()?;
    let [of_queries, of_keys] = config.head_norm_widths();
    Ok(Block {
        input_norm: from.optional(|from| read_norm(from, hidden))?,
        query: read_linear(from, [queries, hidden])?,
        key: read_linear(from, [keys, hidden])?,
        value: read_linear(from, [values, hidden])?,
        convolution: config.convolution_layers[index]
            .then(|| from.vector(hidden * taps))
            .transpose()?,
        attended_norm: from.optional(|from| read_norm(from, queries))?,
        output: read_linear(from, [hidden, queries])?,
        query_norm: from.optional(|from| read_norm(from, of_queries))?,
        key_norm: from.optional(|from| read_norm(from, of_keys))?,
        output_norm: from.optional(|from| read_norm(from, hidden))?,
        post_norm: from.optional(|from| read_norm(from, hidden))?,
        gate: from.optional(|from| read_linear(from, [inner, hidden]))?,
        up: read_linear(from, [inner, hidden])?,
        inner_norm: from.optional(|from| read_norm(from, inner))?,
        down: read_linear(from, [hidden, inner])?,
        down_norm: from.optional(|from| read_norm(from, hidden))?,
        sliding,
        turning,
    })
}

fn write_norm(out: &mut Writer, norm: &Norm) -> Result<()> {
    let Norm { scale, bias } = norm;
    out.vector(scale)?;
    out.optional(bias.as_deref(), Writer::vector)
}

fn read_norm(from: &mut Reader, len: usize) -> Result<Norm> {
    Ok(Norm {
        scale: from.vector(len)?,
        bias: from.optional(|from| from.vector(len))?,
    })
}

fn write_linear(out: &mut Writer, linear: &Linear) -> Result<()> {
    let Linear { name, weight, bias } = linear;
    out.value(name)?;
    weight::write(out, weight)?;
    out.optional(bias.as_deref(), Writer::vector)
}

fn read_linear(from: &mut Reader, shape: [usize; 2]) -> Result<Linear> {
    let name: String = from.value()?;
    Ok(Linear {
        weight: Arc::new(weight::read(from, &name, shape)?),
        bias: from.optional(|from| from.vector(shape[0]))?,
        name,
    })
}
