// Writes a Llama model with random weights in the shape of Llama-3.2-1B as GGUF, in the number formats of Q4_K_M:
// node random_gguf.mjs FILE TOKENIZER [BLOCKS]. TOKENIZER is a tokenizer.json of byte-level BPE, whose vocabulary is filled up.
// Only the shape matters for time and memory; the numbers are the same on every run.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const [HIDDEN, INNER, KEYS, VOCABULARY, ALIGNMENT] = [2048, 8192, 512, 128256, 32];
const TYPES = { F32: { id: 0, block: 1, bytes: 4 }, Q4_K: { id: 12, block: 256, bytes: 144 }, Q6_K: { id: 14, block: 256, bytes: 210 } };
const [U32, F32, TEXT, LIST, I32] = [4, 6, 8, 9, 5];
/** Half-precision numbers by which weights have a standard deviation of about 0.03: 2^-12, and 7.5 times that. */
const [SCALE, MINIMUM] = [0x0c00, 0x1780];
const PIECE = 1 << 14; // blocks

/** The tensors of a model: name, shape as ggml has it, type. */
function tensors(blocks) {
  const all = [['token_embd.weight', [HIDDEN, VOCABULARY], 'Q6_K'], ['output_norm.weight', [HIDDEN], 'F32'], ['rope_freqs.weight', [32], 'F32']];
  for (let i = 0; i < blocks; i++) {
    // llama.cpp gives more bits to these in the first and last eighth, and in every third block between.
    const eighth = Math.floor(blocks / 8);
    const wide = i < eighth || i >= blocks - eighth || (i - eighth) % 3 === 2 ? 'Q6_K' : 'Q4_K';
    const add = (name, shape, type) => all.push([`blk.${i}.${name}.weight`, shape, type]);
    add('attn_norm', [HIDDEN], 'F32');
    add('attn_q', [HIDDEN, HIDDEN], 'Q4_K');
    add('attn_k', [HIDDEN, KEYS], 'Q4_K');
    add('attn_v', [HIDDEN, KEYS], wide);
    add('attn_output', [HIDDEN, HIDDEN], 'Q4_K');
    add('ffn_norm', [HIDDEN], 'F32');
    add('ffn_gate', [HIDDEN, INNER], 'Q4_K');
    add('ffn_up', [HIDDEN, INNER], 'Q4_K');
    add('ffn_down', [INNER, HIDDEN], wide);
  }
  return all;
}

const number = (value, bytes) => {
  const out = Buffer.alloc(bytes);
  if (bytes === 4) out.writeUInt32LE(value);
  else out.writeBigUInt64LE(BigInt(value));
  return out;
};
const float = (value) => {
  const out = Buffer.alloc(4);
  out.writeFloatLE(value);
  return out;
};
const text = (value) => Buffer.concat([number(Buffer.byteLength(value), 8), Buffer.from(value)]);
const entry = (key, type, value) => Buffer.concat([text(key), number(type, 4), value]);
const list = (type, values) => Buffer.concat([number(type, 4), number(values.length, 8), ...values]);

function metadata(tokenizer, blocks) {
  const { vocab, merges } = JSON.parse(readFileSync(tokenizer, 'utf8')).model;
  const tokens = Array.from({ length: VOCABULARY }, (_, id) => `<|filler_${id}|>`);
  for (const [token, id] of Object.entries(vocab)) tokens[id] = token;
  const known = new Set(Object.values(vocab));
  const kinds = tokens.map((_, id) => number(known.has(id) ? 1 : 5, 4));
  const size = (key, value) => entry(`llama.${key}`, U32, number(value, 4));
  return [
    entry('general.architecture', TEXT, text('llama')),
    entry('general.name', TEXT, text('noise in the shape of Llama-3.2-1B')),
    size('context_length', 131072),
    size('embedding_length', HIDDEN),
    size('block_count', blocks),
    size('feed_forward_length', INNER),
    size('attention.head_count', 32),
    size('attention.head_count_kv', 8),
    size('attention.key_length', 64),
    size('attention.value_length', 64),
    size('rope.dimension_count', 64),
    entry('llama.rope.freq_base', F32, float(500_000)),
    entry('llama.attention.layer_norm_rms_epsilon', F32, float(1e-5)),
    entry('tokenizer.ggml.model', TEXT, text('gpt2')),
    entry('tokenizer.ggml.pre', TEXT, text('smollm')),
    entry('tokenizer.ggml.tokens', LIST, list(TEXT, tokens.map(text))),
    entry('tokenizer.ggml.token_type', LIST, list(I32, kinds)),
    entry('tokenizer.ggml.merges', LIST, list(TEXT, merges.map((pair) => text(Array.isArray(pair) ? pair.join(' ') : pair)))),
    entry('tokenizer.ggml.eos_token_id', U32, number(0, 4)),
  ];
}

/** Numbers of 32 bits, always the same ones (xorshift, Marsaglia 2003). */
let state = 2463534242;
function fill(bytes) {
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state, at);
  }
}

/** So many blocks of a type, with scales that give weights of a usual size. */
function random(type, count) {
  const { bytes } = TYPES[type];
  const out = Buffer.alloc(count * bytes);
  fill(out);
  for (let at = 0; at < out.length; at += bytes) {
    if (type === 'Q4_K') {
      out.writeUInt16LE(SCALE, at);
      out.writeUInt16LE(MINIMUM, at + 2);
    } else {
      for (let scale = at + 192; scale < at + 208; scale++) out.writeInt8((out.readUInt8(scale) & 31) - 16, scale);
      out.writeUInt16LE(SCALE, at + 208);
    }
  }
  return out;
}

function main(path, tokenizer, blocks) {
  const all = tensors(blocks).map(([name, shape, type]) => {
    const values = shape.reduce((product, size) => product * size);
    return { name, shape, type, blocks: values / TYPES[type].block, bytes: (values / TYPES[type].block) * TYPES[type].bytes };
  });
  const facts = metadata(tokenizer, blocks);
  let offset = 0;
  const infos = all.map(({ name, shape, type, bytes }) => {
    const info = [text(name), number(shape.length, 4), ...shape.map((size) => number(size, 8)), number(TYPES[type].id, 4), number(offset, 8)];
    offset += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return Buffer.concat(info);
  });
  const head = Buffer.concat([Buffer.from('GGUF'), number(3, 4), number(all.length, 8), number(facts.length, 8), ...facts, ...infos]);
  const padded = (length) => Buffer.alloc((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);
  const file = openSync(path, 'w');
  writeSync(file, Buffer.concat([head, padded(head.length)]));
  for (const { type, blocks: count, bytes } of all) {
    if (type === 'F32') writeSync(file, Buffer.concat(Array(count).fill(float(1))));
    else for (let done = 0; done < count; done += PIECE) writeSync(file, random(type, Math.min(PIECE, count - done)));
    writeSync(file, padded(bytes));
  }
  closeSync(file);
}

const [file, tokenizer, blocks] = process.argv.slice(2);
main(file, tokenizer, Number(blocks ?? 16));
