// GGUF files for the tests: the built-in model as the engine itself saves it, the same with a longer header, and in parts.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const PEBBLE = new URL('../../www/public/pebble/', import.meta.url);
const PKG = new URL('../../www/pkg/', import.meta.url);

/** The built-in model at 8 bits, as one GGUF file. */
export async function makeGguf() {
  const core = await import(new URL('pressure_test.js', PKG));
  core.initSync({ module: await readFile(fileURLToPath(new URL('pressure_test_bg.wasm', PKG))) });
  const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
  const files = await Promise.all(names.map(async (name) => ({ name, bytes: new Uint8Array(await readFile(new URL(name, PEBBLE))) })));
  const settings = [['settings.bits', '8'], ['settings.group_size', '32'], ['settings.symmetric', 'true'], ['evaluation.items', '20']];
  const { recipe, problems } = core.settle('round_to_nearest', settings, 'machine_ethics');
  assert.deepEqual(problems, []);
  const engine = core.Engine.load('Pebble', files);
  const experiment = engine.experiment(recipe, null);
  for (const seed of experiment.seeds()) {
    await experiment.compress(seed, () => {});
    await experiment.score(seed, (side, requests) => experiment.answer(side, requests), () => {});
  }
  experiment.report();
  const pieces = [];
  engine.save('gguf', () => {}, (piece) => pieces.push(Buffer.from(piece)));
  return Buffer.concat(pieces);
}

const u32 = (value) => Buffer.from(new Uint32Array([value]).buffer);
const u64 = (value) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer);
const text = (value) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const ALIGNED = 32;
/** A number of four bytes, a text. */
const [NUMBER, TEXT, LIST] = [4, 8, 9];

/** The same model with so many bytes more of metadata, about. */
export function padded(bytes, extra) {
  const frame = Buffer.concat([text('test.padding'), u32(TEXT), u64(0)]).length;
  const length = Math.ceil((frame + extra) / ALIGNED) * ALIGNED - frame; // what follows stays aligned
  const entry = Buffer.concat([text('test.padding'), u32(TEXT), u64(length), Buffer.alloc(length, 'x')]);
  const entries = Number(bytes.readBigUInt64LE(16)) + 1;
  return Buffer.concat([bytes.subarray(0, 16), u64(entries), entry, bytes.subarray(24)]);
}

/** The same model in two parts as llama.cpp splits it: what it says of itself, and its tensors. */
export function parts(bytes) {
  const [tensors, entries] = [Number(bytes.readBigUInt64LE(8)), Number(bytes.readBigUInt64LE(16))];
  const { metadata, end } = sections(bytes, tensors, entries);
  const splitting = (number) => Buffer.concat([['split.no', number], ['split.count', 2], ['split.tensors.count', tensors]].map(([key, value]) => Buffer.concat([text(key), u32(NUMBER), u32(value)])));
  const head = (count, keys) => Buffer.concat([bytes.subarray(0, 8), u64(count), u64(keys)]);
  const aligned = (header) => Buffer.concat([header, Buffer.alloc(-header.length & (ALIGNED - 1))]);
  const first = aligned(Buffer.concat([head(0, entries + 3), bytes.subarray(24, metadata), splitting(0)]));
  const second = aligned(Buffer.concat([head(tensors, 3), splitting(1), bytes.subarray(metadata, end)]));
  return [first, Buffer.concat([second, bytes.subarray(Math.ceil(end / ALIGNED) * ALIGNED)])];
}

/** Where metadata and header end. */
export function sections(bytes, tensors = Number(bytes.readBigUInt64LE(8)), entries = Number(bytes.readBigUInt64LE(16))) {
  const widths = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
  let at = 24;
  const number = () => bytes.readUInt32LE((at += 4) - 4);
  const long = () => Number(bytes.readBigUInt64LE((at += 8) - 8));
  const skipText = () => {
    const length = long();
    at += length;
  };
  const skip = (type) => {
    if (type === TEXT) return skipText();
    if (type !== LIST) return void (at += widths[type]);
    const [inner, count] = [number(), long()];
    for (let i = 0; i < count; i++) skip(inner);
  };
  for (let i = 0; i < entries; i++) (skipText(), skip(number()));
  const metadata = at;
  for (let i = 0; i < tensors; i++) {
    skipText();
    const dimensions = number();
    at += 8 * dimensions + 12; // its shape, its type, its place
  }
  return { metadata, end: at };
}
