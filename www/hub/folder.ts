// What is in a folder on any server: a model in safetensors, whose files have known names, or what the folder's own list
// names, where its server gives one.
import { files as TEXT } from '../text';
import { fileUrl, withFile, type Address } from './address';
import { field, number, text } from './fields';
import { BESIDE, chooseFiles, INDEX, measure, measureIfThere, QUANTIZATION, SHARD, WEIGHTS, type RemoteFile } from './files';
import { isGguf, partNames } from './gguf';
import { ggufName, ggufVariants, type Found, type Listing } from './listing';
import type { Patience } from './patience';
import { host, readJson, readText } from './request';

type Folder = Address & { kind: 'folder' };

/** An index of tensors, in bytes; a list of files. */
const LONGEST_INDEX = 20e6;
const LONGEST_LIST = 2e6;
/** So many entries of a list are looked at, and a model comes in so many parts at most. */
const MOST_ENTRIES = 200;
const MOST_PARTS = 32;

export async function listFolder(address: Folder, patience: Patience): Promise<Found> {
  const { url, file } = address;
  const name = lastStep(url) ?? host(url);
  const unknown = (path: string): RemoteFile => ({ name: path.split('/').at(-1) ?? path, url: fileUrl(url, path), bytes: 0, digest: null, etag: null });
  const gguf = async (paths: string[]): Promise<Listing> => {
    if (paths.length > MOST_PARTS) throw new Error(TEXT.manyParts({ name: ggufName(paths[0] ?? name), n: paths.length }));
    return { name: ggufName(paths[0] ?? name), address: withFile({ kind: 'folder', url }, paths[0] ?? name), files: await Promise.all(paths.map((path) => measure(unknown(path), patience))) };
  };
  if (file !== undefined) return { name, listing: await gguf(partNames(file)), variants: [] };

  const there = await probe((path) => measureIfThere(unknown(path), patience), patience);
  const chosen = chooseFiles(there.map((each) => each.name), url);
  if (Array.isArray(chosen)) return { name, listing: { name, address, files: chosen.flatMap((each) => there.find((file) => file.name === each) ?? []) }, variants: [] };
  const entries = await readDirectory(url, patience);
  const files = entries.filter(({ name, isFolder }) => !isFolder && isGguf(name));
  const sized = await Promise.all(files.map(async ({ name: path, bytes }) => ({ path, bytes: bytes ?? (await measureIfThere(unknown(path), patience))?.bytes ?? 0 })));
  const models = ggufVariants(sized.filter(({ bytes }) => bytes > 0), { kind: 'folder', url });
  const folders = entries.filter(({ isFolder }) => isFolder).map(({ name, bytes }) => ({ name, form: null, bytes, address: { kind: 'folder' as const, url: `${fileUrl(url, name)}/` } }));
  const variants = [...models, ...folders];
  if (variants.length === 0) throw new Error(chosen.lacks);
  const [only] = models;
  return { name, listing: only && variants.length === 1 ? await gguf(only.files) : null, variants };
}

/** Asks for each file of a model in safetensors by its name. */
async function probe(ask: (name: string) => Promise<RemoteFile | null>, patience: Patience): Promise<RemoteFile[]> {
  const found = await Promise.all(['config.json', 'tokenizer.json', WEIGHTS, ...BESIDE, ...QUANTIZATION].map(ask));
  if (!found[1]) found.push(await ask('tokenizer.model'));
  const index = found[2] ? null : await ask(INDEX);
  if (index !== null) {
    const map = field(await readJson({ url: index.url, what: INDEX }, LONGEST_INDEX, patience), 'weight_map');
    const shards = new Set(Object.values(map ?? {}).filter((name): name is string => typeof name === 'string' && SHARD.test(name)));
    found.push(index, ...(await Promise.all([...shards].map(ask))));
  }
  return found.filter((file) => file !== null);
}

/** Something in a folder, as its list has it. */
export interface Entry {
  name: string;
  isFolder: boolean;
  /** Null where the list does not say, or not exactly. */
  bytes: number | null;
}

/** What a folder's list names: `index.json` there, or what its server writes of it (Python's http.server, nginx, Caddy). */
export async function readDirectory(url: string, patience: Patience): Promise<Entry[]> {
  for (const path of ['index.json', '']) {
    const listed = await readText({ url: url + path, what: path || TEXT.aList }, LONGEST_LIST, patience).catch((reason: unknown) => {
      patience.signal?.throwIfAborted();
      if (!(reason instanceof Error)) throw reason;
      return null; // there is none, or it is for others
    });
    const found = listed === null ? [] : parseDirectory(new TextDecoder().decode(listed.bytes), listed.type, url);
    if (found.length > 0) return found;
  }
  return [];
}

/** Entries of this folder itself, by names that lead nowhere else. */
export function parseDirectory(listed: string, type: string, url: string): Entry[] {
  const all = /html/.test(type) ? linked(listed, url) : stated(listed);
  const kept = all.filter(({ name }) => name.length <= 255 && /^[^\\/?#%\u0000-\u001f.][^\\/?#%\u0000-\u001f]*$/.test(name));
  return kept.filter(({ name }, place) => kept.findIndex((each) => each.name === name) === place).slice(0, MOST_ENTRIES);
}

/** A list in JSON: of names, or of objects as nginx and Caddy write them. */
function stated(listed: string): Entry[] {
  let all: unknown;
  try {
    all = JSON.parse(listed);
  } catch {
    return [];
  }
  return (Array.isArray(all) ? all : []).map((each: unknown) => {
    const name = typeof each === 'string' ? each : (text(each, 'name') ?? '');
    const isFolder = name.endsWith('/') || text(each, 'type') === 'directory' || field(each, 'is_dir') === true;
    const bytes = field(each, 'is_dir') === true ? null : number(each, 'size'); // Caddy's is that of the entry, not of what is in it
    return { name: name.replace(/\/$/, ''), isFolder, bytes };
  });
}

/** A list as a web page: whatever it links to right below this folder. Its sizes are rounded, if it has any. */
function linked(listed: string, url: string): Entry[] {
  const links = new DOMParser().parseFromString(listed, 'text/html').querySelectorAll('a[href]');
  return [...links].flatMap((link) => {
    const href = link.getAttribute('href') ?? '';
    const target = URL.canParse(href, url) ? new URL(href, url) : null;
    if (target === null || !target.href.startsWith(url)) return [];
    const step = target.href.slice(url.length).replace(/[?#].*$/, '');
    return [{ name: decoded(step.replace(/\/$/, '')), isFolder: step.endsWith('/'), bytes: null }];
  });
}

/** Empty where it is broken. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return '';
  }
}

function lastStep(url: string): string | undefined {
  return decoded(new URL(url).pathname).split('/').filter(Boolean).at(-1);
}
