// A file of a model elsewhere: what it is called there, how long it is, and what it must hash to.
import { files as TEXT } from '../text';
import { isGguf } from './gguf';
import { patiently, Watch, type Patience } from './patience';
import { Absent, host, request, type Wanted } from './request';

/** What the bytes of a file must hash to. Git hashes a header of its own before them. */
export interface Digest {
  algorithm: 'sha256' | 'git';
  value: string;
}

export interface RemoteFile {
  name: string;
  url: string;
  bytes: number;
  /** Null where the server states none. */
  digest: Digest | null;
  /** What tells two versions of a file apart where there is no hash. */
  etag: string | null;
}

export const WEIGHTS = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';
export const SHARD = /^model-\d{5}-of-\d{5}\.safetensors$/;
/** Small files beside weights and tokenizer that change what a model does. */
export const BESIDE = ['tokenizer_config.json', 'chat_template.jinja', 'generation_config.json'];
/** Where older tools say how a model is quantized. */
export const QUANTIZATION = ['quantize_config.json', 'quant_config.json'];

export function totalBytes({ files }: { files: RemoteFile[] }): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

export function isIndex({ name }: { name: string }): boolean {
  return name === INDEX;
}

export function isQuantization({ name }: { name: string }): boolean {
  return QUANTIZATION.includes(name);
}

export function isWeights({ name }: { name: string }): boolean {
  return name === WEIGHTS || SHARD.test(name) || isGguf(name);
}

/** The files that make a model in safetensors, of all that are there; a sentence where some are missing. */
export function chooseFiles(names: string[], where: string): string[] | { lacks: string } {
  const weights = names.includes(WEIGHTS) ? [WEIGHTS] : names.includes(INDEX) ? [INDEX, ...names.filter((name) => SHARD.test(name))] : [];
  const tokenizer = ['tokenizer.json', 'tokenizer.model'].filter((name) => names.includes(name)).slice(0, 1);
  const config = names.filter((name) => name === 'config.json');
  const missing = [
    config.length === 0 ? 'config.json' : '',
    weights.length === 0 ? weightsOf(names) : '',
    tokenizer.length === 0 ? 'tokenizer.json' : '',
  ].filter(Boolean);
  if (missing.length > 0) return { lacks: TEXT.lacks({ where, missing }) };
  return [...config, ...tokenizer, ...[...BESIDE, ...QUANTIZATION].filter((name) => names.includes(name)), ...weights];
}

/** What is missing of weights. */
function weightsOf(names: string[]): string {
  return names.some((name) => name.endsWith('.bin')) ? TEXT.pytorch({ name: WEIGHTS }) : WEIGHTS;
}

/** Asks for a file that may not be there: null then. */
export async function measureIfThere(file: RemoteFile, patience: Patience): Promise<RemoteFile | null> {
  return measure(file, patience).catch((reason: unknown) => {
    if (reason instanceof Absent) return null;
    throw reason;
  });
}

/** A file with its size and version, from the head of an answer whose body is not read. */
export function measure(file: RemoteFile, patience: Patience): Promise<RemoteFile> {
  const wanted: Wanted & { from: number } = { url: file.url, what: file.name, from: 0 };
  return patiently(async () => {
    const watch = new Watch(patience.signal);
    try {
      const { headers, body } = await request(wanted, watch.signal);
      await body?.cancel();
      if (headers.get('content-type')?.startsWith('text/html')) throw new Absent(wanted); // a page that says so
      const bytes = Number(/\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? headers.get('content-length') ?? 0);
      if (!(bytes > 0)) throw new Error(TEXT.noLength({ host: host(file.url), name: file.name }));
      return { ...file, bytes, digest: file.digest ?? linkedDigest(headers), etag: headers.get('etag') };
    } finally {
      watch.stop();
    }
  }, patience);
}

/** The hash of a large file, from a hub that serves it without sending the reader elsewhere. */
function linkedDigest(headers: Headers): Digest | null {
  const value = /^"?([0-9a-f]{64})"?$/.exec(headers.get('x-linked-etag') ?? '')?.[1];
  return value === undefined ? null : { algorithm: 'sha256', value };
}
