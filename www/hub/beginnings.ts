// The beginnings of a model's files: from them the engine says what it takes, before it is fetched.
import { bytes as inBytes } from '../format';
import { files as TEXT } from '../text';
import { isIndex, isQuantization, isWeights, type RemoteFile } from './files';
import { describeTypes, isGguf, readGgufHeader } from './gguf';
import type { Listing } from './listing';
import type { Patience } from './patience';
import { readRange } from './request';

/** The first bytes of a file, and how many it has in all. */
export interface Beginning {
  name: string;
  blob: Blob;
  size: number;
  /** How many tensors are stored how, where the header says so before anything is loaded. */
  types?: Map<number, number>;
}

/** Headers above this length, in bytes, are refused; those of models that fit have about 0.1 MB. */
const LONGEST_HEADER = 16e6;
/** Headers of GGUF files hold the vocabulary, some 1 to 20 MB of it. They are read by pieces, each twice as long as the one before. */
const FIRST_PIECE = 2 ** 20;
const LONGEST_GGUF_HEADER = 64e6;
/** So far the engine reads ahead of a header's end, in bytes. */
const AHEAD = 2 ** 16;
/** A config.json, or an index of parts, in bytes. */
const LONGEST_TEXT = 20e6;
/** What the engine tells a file by that is no safetensors file, in bytes. */
const LOOK = 512;
/** A model of more parts than this is far too large. */
const MOST_SHARDS = 32;

/** Config and index as a whole, the header of each file of weights, and the length of the tokenizer. */
export async function readBeginnings({ name, files }: Listing, patience: Patience): Promise<Beginning[]> {
  const weights = files.filter(isWeights);
  if (weights.length > MOST_SHARDS) throw new Error(TEXT.manyParts({ name, n: weights.length }));
  const beginnings = [];
  for (const file of files) {
    if (isGguf(file.name)) beginnings.push(await readGguf(file, patience));
    else if (isWeights(file)) beginnings.push(await readHeader(file, patience));
    else if (file.name === 'config.json' || isQuantization(file) || isIndex(file)) beginnings.push(await readText(file, patience));
    else if (/^tokenizer\.(json|model)$/.test(file.name)) beginnings.push({ name: file.name, blob: new Blob([]), size: file.bytes }); // its length is enough
  }
  return beginnings;
}

async function readText({ name, url, bytes }: RemoteFile, patience: Patience): Promise<Beginning> {
  if (bytes > LONGEST_TEXT) throw new Error(TEXT.longText({ name, n: bytes }));
  return { name, blob: new Blob([await readRange({ url, what: name, from: 0, end: bytes }, patience)]), size: bytes };
}

/** The first eight bytes of a safetensors file say how long its header is. What says something else is another kind of file. */
async function readHeader({ name, url, bytes }: RemoteFile, patience: Patience): Promise<Beginning> {
  const start = await readRange({ url, what: name, from: 0, end: Math.min(8, bytes) }, patience);
  const end = headerEnd(name, start, bytes) ?? Math.min(LOOK, bytes);
  const rest = end > start.length ? [await readRange({ url, what: name, from: start.length, end }, patience)] : [];
  return { name, blob: new Blob([start, ...rest]), size: bytes };
}

/** Where the header of a file of `total` bytes ends; null where it is not believable. */
function headerEnd(name: string, start: Uint8Array, total: number): number | null {
  if (start.length < 8) return null;
  const end = 8 + Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (end > total) return null;
  if (end > LONGEST_HEADER) throw new Error(TEXT.longHeader({ name, n: end }));
  return end;
}

/** Reads on until the header is whole; of what is no such header, the engine says what it is instead. */
async function readGguf({ name, url, bytes }: RemoteFile, patience: Patience): Promise<Beginning> {
  let known = new Uint8Array(0);
  const readTo = async (end: number): Promise<void> => {
    if (end <= known.length) return;
    const rest = await readRange({ url, what: name, from: known.length, end }, patience);
    known = new Uint8Array(await new Blob([known, rest]).arrayBuffer());
  };
  for (let piece = FIRST_PIECE; ; piece *= 2) {
    await readTo(Math.min(piece, bytes));
    const header = readGgufHeader(known);
    if (header === 'cut' && known.length < bytes) {
      if (known.length >= LONGEST_GGUF_HEADER) throw new Error(TEXT.longGgufHeader({ name, size: inBytes(known.length) }));
      patience.onWait(TEXT.reading({ name, size: inBytes(known.length) }));
      continue;
    }
    const isWhole = header !== 'cut' && header !== null;
    if (isWhole) await readTo(Math.min(header.end + AHEAD, bytes));
    return { name, blob: new Blob([known]), size: bytes, ...(isWhole && { types: header.types }) };
  }
}

/** How the tensors of GGUF files are stored, by their headers; null of other files. */
export function storedTypes(beginnings: Beginning[]): string | null {
  const all = new Map<number, number>();
  for (const { types } of beginnings) for (const [type, count] of types ?? []) all.set(type, (all.get(type) ?? 0) + count);
  return all.size === 0 ? null : describeTypes(all);
}
