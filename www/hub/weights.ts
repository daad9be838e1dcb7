// The header of a safetensors file, read by itself: what tensors there are, before any of them is fetched.
import { isWeights, type Listing, type RemoteFile } from './listing';
import type { Patience } from './patience';
import { readJson, readRange } from './request';

export interface Tensor {
  name: string;
  bytes: number;
  shape: number[];
}

/** Headers above this length, in bytes, are refused; those of models that fit have about 0.1 MB. */
export const LONGEST_HEADER = 16e6;
/** A config.json, in bytes. */
const LONGEST_CONFIG = 1e6;
/** A model of more parts than this is far too large. */
const MOST_SHARDS = 32;

/** The tensors of all weight files, each file's header read by two range requests. */
export async function readTensors(listing: Listing, patience: Patience): Promise<Tensor[]> {
  const files = listing.files.filter(isWeights);
  if (files.length > MOST_SHARDS) throw new Error(`${listing.name} comes in ${files.length} parts, which is far too large for this page: choose a smaller model.`);
  const tensors = [];
  for (const file of files) tensors.push(...parseHeader(file.name, await readHeader(file, patience), file.bytes));
  return tensors;
}

export async function readConfig({ files }: Listing, patience: Patience): Promise<Record<string, unknown>> {
  const url = files.find((file) => file.name === 'config.json')?.url ?? '';
  const config = await readJson({ url, what: 'config.json' }, LONGEST_CONFIG, patience);
  return typeof config === 'object' && config !== null ? { ...config } : {};
}

async function readHeader(file: RemoteFile, patience: Patience): Promise<Uint8Array> {
  const wanted = { url: file.url, what: file.name };
  const start = await readRange({ ...wanted, from: 0, end: 8 }, patience);
  const length = headerLength(file.name, start, file.bytes);
  return readRange({ ...wanted, from: 8, end: 8 + length }, patience);
}

/** The length that the first eight bytes of a file of `total` bytes state, once it is believable. */
export function headerLength(name: string, start: Uint8Array, total: number): number {
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length < 2 || length > Math.min(LONGEST_HEADER, total - 8)) {
    throw new Error(`${name} states a header of ${length} bytes in a file of ${total}, so it is no usable safetensors file: choose another model.`);
  }
  return length;
}

/** The tensors that a header names; each must lie within a file of `total` bytes. */
export function parseHeader(name: string, header: Uint8Array, total: number): Tensor[] {
  const room = total - 8 - header.length;
  return Object.entries(parseObject(name, header)).flatMap(([tensor, entry]) => {
    if (tensor === '__metadata__') return [];
    const { shape, data_offsets } = Object(entry) as { shape?: unknown; data_offsets?: unknown };
    if (!isSizes(shape) || !isSizes(data_offsets)) throw unusable(name, tensor);
    const [begin = 0, end = 0] = data_offsets;
    if (data_offsets.length !== 2 || begin > end || end > room) throw unusable(name, tensor);
    return [{ name: tensor, bytes: end - begin, shape }];
  });
}

function parseObject(name: string, header: Uint8Array): object {
  try {
    return Object(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header))) as object;
  } catch {
    throw new Error(`The header of ${name} is not JSON, so it is no usable safetensors file: choose another model.`);
  }
}

function unusable(name: string, tensor: string): Error {
  return new Error(`${name} describes the tensor ${tensor} wrongly, so it is no usable safetensors file: choose another model.`);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}
