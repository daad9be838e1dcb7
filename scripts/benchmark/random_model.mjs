// Writes a Llama model with random weights in the shape of SmolLM2-135M: node random_model.mjs FOLDER [BLOCKS]
// Only the shape matters for time and memory; the numbers are the same on every run. The tokenizer is that of the
// built-in model.
import { copyFileSync, mkdirSync, openSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PEBBLE = fileURLToPath(new URL('../../www/public/pebble/', import.meta.url));
const HIDDEN = 576;
const INNER = 1536;
const KEYS = 192;
const VOCABULARY = 49152;

/** The tensors of a model by name, each with its shape. */
function tensors(blocks) {
  const all = { 'model.embed_tokens.weight': [VOCABULARY, HIDDEN], 'model.norm.weight': [HIDDEN] };
  for (let i = 0; i < blocks; i++) {
    const prefix = `model.layers.${i}.`;
    all[`${prefix}input_layernorm.weight`] = [HIDDEN];
    all[`${prefix}post_attention_layernorm.weight`] = [HIDDEN];
    for (const [name, rows, cols] of [
      ['self_attn.q_proj', HIDDEN, HIDDEN],
      ['self_attn.k_proj', KEYS, HIDDEN],
      ['self_attn.v_proj', KEYS, HIDDEN],
      ['self_attn.o_proj', HIDDEN, HIDDEN],
      ['mlp.gate_proj', INNER, HIDDEN],
      ['mlp.up_proj', INNER, HIDDEN],
      ['mlp.down_proj', HIDDEN, INNER],
    ]) all[`${prefix}${name}.weight`] = [rows, cols];
  }
  return all;
}

/** Numbers of 32 bits, always the same ones (xorshift, Marsaglia 2003). */
function* random() {
  let state = 2463534242;
  for (;;) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

/** Half-precision numbers of either sign, between 1/64 and 1/16. */
function values(count, source) {
  const bits = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const number = source.next().value;
    bits[i] = ((number & 1) << 15) | ((9 + ((number >> 1) & 1)) << 10) | ((number >> 2) & 0x3ff);
  }
  return bits;
}

function main(folder, blocks = 30) {
  mkdirSync(folder, { recursive: true });
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: HIDDEN,
    intermediate_size: INNER,
    num_hidden_layers: blocks,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    vocab_size: VOCABULARY,
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-5,
    rope_theta: 100000,
    tie_word_embeddings: true,
    bos_token_id: 0,
    eos_token_id: 0,
    torch_dtype: 'float16',
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config, null, 2));
  copyFileSync(join(PEBBLE, 'tokenizer.json'), join(folder, 'tokenizer.json'));
  const header = {};
  let offset = 0;
  for (const [name, shape] of Object.entries(tensors(blocks))) {
    const bytes = 2 * shape.reduce((a, b) => a * b);
    header[name] = { dtype: 'F16', shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(join(folder, 'model.safetensors'), 'w');
  writeSync(file, length);
  writeSync(file, text);
  const source = random();
  for (const { shape, data_offsets: [start, end] } of Object.values(header)) {
    const one = 0x3c00;
    const data = shape.length === 1 ? new Uint16Array((end - start) / 2).fill(one) : values((end - start) / 2, source);
    writeSync(file, Buffer.from(data.buffer));
  }
  closeSync(file);
}

const [folder, blocks] = process.argv.slice(2);
if (!folder) throw new Error('Usage: node random_model.mjs FOLDER [BLOCKS]');
main(folder, blocks && Number(blocks));
