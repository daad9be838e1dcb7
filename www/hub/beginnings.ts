// The beginnings of a model's files: from them the engine says what it takes, before it is fetched.
import { isIndex, isQuantization, isWeights, type Listing, type RemoteFile } from './listing';
import type { Patience } from './patience';
import { readRange } from './request';

/** The first bytes of a file, and how many it has in all. */
export interface Beginning {
  name: string;
  blob: Blob;
  size: number;
}

/** Headers above this length, in bytes, are refused; those of models that fit have about 0.1 MB. */
const LONGEST_HEADER = 16e6;
/** A config.json, or an index of parts, in bytes. */
const LONGEST_TEXT = 20e6;
/** What the engine tells a file by that is no safetensors file, in bytes. */
const LOOK = 512;
/** A model of more parts than this is far too large. */
const MOST_SHARDS = 32;

/** Config and index as a whole, the header of each file of weights, and the length of the tokenizer. */
export async function readBeginnings({ name, files }: Listing, patience: Patience): Promise<Beginning[]> {
  const weights = files.filter(isWeights);
  if (weights.length > MOST_SHARDS) throw new Error(`${name} comes in ${weights.length} parts, which is far too large for this page: choose a smaller model.`);
  const beginnings = [];
  for (const file of files) {
    if (isWeights(file)) beginnings.push(await readHeader(file, patience));
    else if (file.name === 'config.json' || isQuantization(file) || isIndex(file)) beginnings.push(await readText(file, patience));
    else if (/^tokenizer\.(json|model)$/.test(file.name)) beginnings.push({ name: file.name, blob: new Blob([]), size: file.bytes }); // its length is enough
  }
  return beginnings;
}

async function readText({ name, url, bytes }: RemoteFile, patience: Patience): Promise<Beginning> {
  if (bytes > LONGEST_TEXT) throw new Error(`${name} has ${bytes} bytes, more than any such file should have: choose another model.`);
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
  if (end > LONGEST_HEADER) throw new Error(`${name} has a header of ${end} bytes, more than any model that fits: choose another model.`);
  return end;
}
