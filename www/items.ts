// Items and a classifier that are not built in: the authors' files are fetched, checked and kept; the reader's are chosen.
import type { NamedBlob } from './engine';
import { patiently, Watch, type Patience } from './hub/patience';
import { request } from './hub/request';
import { server as TEXT } from './text';
import type { Catalog, Recipe, RemoteFile } from './types';

/** Where the authors' files are asked for; a mirror or a folder on any server has the same paths. */
export const RAW_HOST = 'https://raw.githubusercontent.com';
const CACHE = 'items';
/** By their hashes: the same file is the same blob, so that the engine knows whether it has it. */
const here = new Map<string, Blob>();

/** The files that the recipe's source has for what is asked; none for a source that is built in. */
export function wantedItems({ sources }: Catalog, { evaluation, probes }: Recipe): RemoteFile[] {
  const feeds = sources.find(({ name }) => name === evaluation['source'])?.feeds ?? [];
  const asked = feeds.filter(({ dimension }) => !probes?.length || probes.includes(dimension));
  return asked.flatMap(({ files }) => files);
}

/** Whether a file was fetched before and is still here. */
export async function isKept({ sha256 }: RemoteFile): Promise<boolean> {
  return (await shelf())?.match(keyOf(sha256)).then((found) => found !== undefined) ?? false;
}

/** The authors' files, by their paths; each is what its hash says, whether it was fetched now or kept from before. */
export async function fetchItems(wanted: RemoteFile[], host: string, onFile: (file: RemoteFile, done: number) => void, patience: Patience): Promise<NamedBlob[]> {
  const kept = await shelf();
  const files: NamedBlob[] = [];
  for (const file of wanted) {
    if (files.some(({ name }) => name === file.path)) continue;
    onFile(file, files.length);
    const key = keyOf(file.sha256);
    let blob = here.get(key) ?? (await (await kept?.match(key))?.blob());
    if (!blob) {
      blob = await fetchWhole(`${host}/${file.repository}/${file.commit}/${file.path}`, file, patience);
      await kept?.put(key, new Response(blob)).catch(() => {}); // a full disk: it is fetched again another time
    }
    here.set(key, blob);
    files.push({ name: file.path, blob });
  }
  return files;
}

/** Where fetched files are kept; null in a browser that gives the page no such place. */
async function shelf(): Promise<Cache | null> {
  const kept = (globalThis as { caches?: CacheStorage }).caches;
  return kept ? kept.open(CACHE).catch(() => null) : null;
}

function keyOf(sha256: string): string {
  return `/${sha256}`;
}

async function fetchWhole(url: string, file: RemoteFile, patience: Patience): Promise<Blob> {
  const blob = await patiently(async () => {
    const watch = new Watch(patience.signal);
    try {
      return await (await request({ url, what: file.path }, watch.signal)).blob();
    } finally {
      watch.stop();
    }
  }, patience);
  if ((await sha256(blob)) !== file.sha256) {
    throw new Error(TEXT.otherItems({ file: file.path, host: host(url) }));
  }
  return blob;
}

/** Only pages of https and localhost may compute it. */
async function sha256(blob: Blob): Promise<string> {
  if (!isSecureContext) throw new Error(TEXT.noHash);
  const hash = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function host(url: string): string {
  return new URL(url).host;
}
