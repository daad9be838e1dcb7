// The files of a model elsewhere, with their sizes and hashes: what a download fetches.
import { isCommit, type Address } from './address';
import { patiently, Watch, type Patience } from './patience';
import { Absent, host, readJson, request, type Wanted } from './request';

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

export interface Listing {
  name: string;
  /** With the commit as its revision, where a hub says one. */
  address: Address;
  files: RemoteFile[];
}

const WEIGHTS = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
/** Small files beside weights and tokenizer that change what a model does. */
export const BESIDE = ['tokenizer_config.json', 'chat_template.jinja', 'generation_config.json'];
const SHARD = /^model-\d{5}-of-\d{5}\.safetensors$/;
/** A list of files, or an index of tensors, in bytes: more than any model that fits has. */
const LONGEST_LIST = 20e6;

export function totalBytes({ files }: Pick<Listing, 'files'>): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

export function isIndex({ name }: { name: string }): boolean {
  return name === INDEX;
}

/** Where older tools say how a model is quantized. */
const QUANTIZATION = ['quantize_config.json', 'quant_config.json'];

export function isQuantization({ name }: { name: string }): boolean {
  return QUANTIZATION.includes(name);
}

export function isWeights({ name }: { name: string }): boolean {
  return name === WEIGHTS || SHARD.test(name);
}

/** Asks for the files of a model. */
export function list(address: Address, patience: Patience): Promise<Listing> {
  return address.kind === 'hub' ? listRepository(address, patience) : listFolder(address.url, patience);
}

async function listRepository(address: Address & { kind: 'hub' }, patience: Patience): Promise<Listing> {
  const { hub, revision } = address;
  const url = `${hub}/api/models/${address.repo}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const info = await readJson({ url, what: `${address.repo}@${revision}` }, LONGEST_LIST, patience);
  const commit = text(info, 'sha') ?? '';
  if (!isCommit(commit)) throw new Error(`${host(url)} names no commit of ${address.repo}: it does not answer as a hub does.`);
  const repo = text(info, 'id') ?? address.repo; // a renamed repository answers with its new name
  const siblings = entries(info, 'siblings');
  const names = siblings.map((each) => text(each, 'rfilename') ?? '');
  const gated = field(info, 'gated');
  if (gated !== undefined && gated !== false) throw new Error(agreeFirst(hub, repo));
  const files = choose(names, repo).map((name) => {
    const sibling = siblings[names.indexOf(name)];
    const path = `${hub}/${repo}/resolve/${commit}/${name}`;
    return { name, url: path, bytes: number(sibling, 'size') ?? 0, digest: digestOf(sibling), etag: null };
  });
  const listing = { name: repo.split('/').at(-1) ?? repo, address: { ...address, repo, revision: commit }, files };
  // A hub that keeps sizes to itself tells them file by file.
  return { ...listing, files: await Promise.all(files.map((file) => (file.bytes > 0 ? file : measure(file, patience)))) };
}

function agreeFirst(hub: string, repo: string): string {
  return (
    `${repo} is given only to people who have agreed to its terms, and this page signs in nowhere: ` +
    `agree at ${hub}/${repo} with your own account, download the files there, then drop their folder here.`
  );
}

/** The files that make the model, of all that are there. */
function choose(names: string[], where: string): string[] {
  const weights = names.includes(WEIGHTS) ? [WEIGHTS] : names.includes(INDEX) ? [INDEX, ...names.filter((name) => SHARD.test(name))] : [];
  const tokenizer = ['tokenizer.json', 'tokenizer.model'].filter((name) => names.includes(name)).slice(0, 1);
  const config = names.filter((name) => name === 'config.json');
  const missing = [
    config.length === 0 ? 'config.json' : '',
    weights.length === 0 ? `${WEIGHTS}${others(names)}` : '',
    tokenizer.length === 0 ? 'tokenizer.json' : '',
  ].filter(Boolean);
  if (missing.length > 0) throw new Error(`${where} lacks ${missing.join(' and ')}: choose another model.`);
  return [...config, ...tokenizer, ...[...BESIDE, ...QUANTIZATION].filter((name) => names.includes(name)), ...weights];
}

function others(names: string[]): string {
  if (names.some((name) => /\.gguf$/i.test(name))) return ' (it has GGUF files: download one and drop it here)';
  return names.some((name) => name.endsWith('.bin')) ? ' (its weights are in PyTorch files, which can hold programs and are not read here)' : '';
}

function digestOf(sibling: unknown): Digest | null {
  const sha256 = text(field(sibling, 'lfs'), 'sha256');
  if (sha256 !== null && /^[0-9a-f]{64}$/.test(sha256)) return { algorithm: 'sha256', value: sha256 };
  const blob = text(sibling, 'blobId');
  return blob !== null && /^[0-9a-f]{40}$/.test(blob) ? { algorithm: 'git', value: blob } : null;
}

/** Asks for a file by its name: null where it is not there. */
type Probe = (name: string) => Promise<RemoteFile | null>;

/** A plain folder has no list: each file is asked for by its name. */
async function listFolder(url: string, patience: Patience): Promise<Listing> {
  const probe: Probe = (name) => measureIfThere({ name, url: url + name, bytes: 0, digest: null, etag: null }, patience);
  const found = await Promise.all(['config.json', 'tokenizer.json', WEIGHTS, ...BESIDE, ...QUANTIZATION].map(probe));
  if (!found[1]) found.push(await probe('tokenizer.model'));
  if (!found[2]) found.push(...(await listShards(probe, patience)));
  const there = found.filter((file) => file !== null);
  const names = choose(there.map((file) => file.name), url);
  const name = decodeURIComponent(new URL(url).pathname).split('/').filter(Boolean).at(-1) ?? host(url);
  return { name, address: { kind: 'folder', url }, files: names.flatMap((each) => there.find((file) => file.name === each) ?? []) };
}

async function listShards(probe: Probe, patience: Patience): Promise<(RemoteFile | null)[]> {
  const index = await probe(INDEX);
  if (index === null) return [];
  const map = field(await readJson({ url: index.url, what: INDEX }, LONGEST_LIST, patience), 'weight_map');
  const shards = new Set(Object.values(map ?? {}).filter((name): name is string => typeof name === 'string' && SHARD.test(name)));
  return [index, ...(await Promise.all([...shards].map(probe)))];
}

async function measureIfThere(file: RemoteFile, patience: Patience): Promise<RemoteFile | null> {
  return measure(file, patience).catch((reason: unknown) => {
    if (reason instanceof Absent) return null;
    throw reason;
  });
}

/** A file with its size and version, from the head of an answer whose body is not read. */
function measure(file: RemoteFile, patience: Patience): Promise<RemoteFile> {
  const wanted: Wanted & { from: number } = { url: file.url, what: file.name, from: 0 };
  return patiently(async () => {
    const watch = new Watch(patience.signal);
    try {
      const { headers, body } = await request(wanted, watch.signal);
      await body?.cancel();
      if (headers.get('content-type')?.startsWith('text/html')) throw new Absent(wanted); // a page that says so
      const bytes = Number(/\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? headers.get('content-length') ?? 0);
      if (!(bytes > 0)) throw new Error(`${host(file.url)} does not say how long ${file.name} is: download the files, then drop their folder here.`);
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

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown, name: string): string | null {
  const found = field(value, name);
  return typeof found === 'string' ? found : null;
}

function number(value: unknown, name: string): number | null {
  const found = field(value, name);
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : null;
}

function entries(value: unknown, name: string): unknown[] {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}
