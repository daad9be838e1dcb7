// Where files come from: a model is built in, at the address of a folder, or dropped on the page; a text is chosen.
import type { ModelFiles } from './engine';
import { bytes } from './format';
import type { Text } from './types';

export type Source =
  | { kind: 'builtin' }
  | { kind: 'url'; url: string }
  | { kind: 'dropped'; name: string; files: File[] };

type OnProgress = (label: string, done: number, total: number) => void;

const NAMES = ['config.json', 'model.safetensors', 'tokenizer.json'];
export const LIST = 'config.json, model.safetensors and tokenizer.json';
/** The longest calibration text, in bytes: far more than any run reads of it. */
const LONGEST_TEXT = 20e6;

export function readSource(source: Source, onProgress: OnProgress, signal: AbortSignal): Promise<ModelFiles> {
  switch (source.kind) {
    case 'builtin':
      return fetchFolder('Pebble', new URL('pebble/', document.baseURI), onProgress, signal);
    case 'url': {
      const folder = folderAddress(source.url);
      return fetchFolder(modelName(folder), folder, onProgress, signal);
    }
    case 'dropped':
      return Promise.resolve(pickFiles(source.name, source.files));
  }
}

/** The folder that holds the three files. A Hugging Face model page stands for its main revision. */
function folderAddress(text: string): URL {
  let url: URL;
  try {
    url = new URL(text, document.baseURI);
  } catch {
    throw new Error(`“${text}” is not an address: give the address of a folder with ${LIST}.`);
  }
  const page = /^\/([^/]+\/[^/]+?)(?:\/tree\/([^/]+))?\/?$/.exec(url.pathname);
  if (url.hostname === 'huggingface.co' && page) url.pathname = `/${page[1]}/resolve/${page[2] ?? 'main'}/`;
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function modelName(folder: URL): string {
  const path = decodeURIComponent(folder.pathname).replace(/\/resolve\/[^/]+\/$/, '/');
  return path.split('/').filter(Boolean).slice(-1)[0] ?? folder.hostname;
}

async function fetchFolder(name: string, folder: URL, onProgress: OnProgress, signal: AbortSignal): Promise<ModelFiles> {
  const fetched = NAMES.map(async (file) => ({
    name: file,
    blob: await fetchFile(new URL(file, folder), (done, total) => onProgress(`Fetching ${file}`, done, total), signal),
  }));
  return { name, files: await Promise.all(fetched) };
}

async function fetchFile(url: URL, onBytes: (done: number, total: number) => void, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(url, { signal }).catch((reason: unknown) => {
    signal.throwIfAborted();
    throw new Error(`${url} could not be reached: check the address, and that its server allows other sites (${String(reason)}).`);
  });
  if (!response.ok || !response.body) {
    throw new Error(`${url} answered ${response.status}: give the address of a folder with ${LIST}.`);
  }
  const total = Number(response.headers.get('content-length') ?? 0);
  let done = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      onBytes((done += chunk.length), total);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(count)).blob();
}

function pickFiles(name: string, files: File[]): ModelFiles {
  const picked = NAMES.flatMap((wanted) => files.filter((file) => file.name === wanted).slice(0, 1));
  const missing = NAMES.filter((wanted) => !picked.some((file) => file.name === wanted));
  if (missing.length > 0) {
    throw new Error(`${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing: choose a folder with ${LIST}.`);
  }
  return { name, files: picked.map((file) => ({ name: file.name, blob: file })) };
}

/** The files of a drop, one folder deep. Its entries can only be taken while the event lasts, so call this at once. */
export async function droppedSource(transfer: DataTransfer): Promise<Source> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const loose = [...transfer.files];
  const files = entries.length > 0 ? (await Promise.all(entries.map(entryFiles))).flat() : loose;
  return chosenSource(files, entries.find((entry) => entry.isDirectory)?.name);
}

export function chosenSource(files: File[], folder?: string): Source {
  const fromInput = files[0]?.webkitRelativePath.split('/')[0];
  return { kind: 'dropped', name: folder || fromInput || 'your model', files };
}

async function entryFiles(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  for (;;) {
    // The reader hands out a folder in portions and ends with an empty one.
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) break;
    inside.push(...portion);
  }
  return (await Promise.all(inside.filter((child) => child.isFile).map(entryFiles))).flat();
}

export async function readText(file: File): Promise<Text> {
  if (file.size > LONGEST_TEXT) {
    throw new Error(`“${file.name}” has ${bytes(file.size)}: choose a calibration text of at most ${bytes(LONGEST_TEXT)}.`);
  }
  try {
    const content = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return { name: file.name, content };
  } catch {
    throw new Error(`“${file.name}” is not readable as text: choose a plain text file in UTF-8.`);
  }
}
