// Where files come from: a model is built in, stored here after a download, or dropped on the page; a text is chosen.
import { listNames, sortFiles, type Candidate } from './dropped';
import type { ModelFiles } from './engine';
import { bytes } from './format';
import type { Address } from './hub/address';
import { findStored, openStored } from './hub/storage';
import { action, controls, files as TEXT, model } from './text';
import type { Text } from './types';

export type Source =
  | { kind: 'builtin' }
  | { kind: 'remote'; address: Address }
  | { kind: 'dropped'; name: string; files: File[]; /** Names of files that came with it and are none of it. */ others: string[] };

/** What may be reports that were downloaded before. */
export interface MaybeReports {
  reports: File[];
}

/** Several models came at once. */
export interface Choice {
  candidates: Candidate[];
  others: string[];
}

type OnProgress = (label: string, done: number, total: number) => void;

const BUILT_IN = ['config.json', 'model.safetensors', 'tokenizer.json'];
/** The longest calibration text, in bytes: far more than any run reads of it. */
const LONGEST_TEXT = 20e6;

export function readSource(source: Source, onProgress: OnProgress, signal: AbortSignal): Promise<ModelFiles> {
  switch (source.kind) {
    case 'builtin':
      return fetchBuiltIn(onProgress, signal);
    case 'remote':
      return readStored(source.address);
    case 'dropped':
      // They stay where they are: the engine reads them there.
      return Promise.resolve({ name: source.name, files: source.files.map((file) => ({ name: file.name, blob: file })) });
  }
}

async function fetchBuiltIn(onProgress: OnProgress, signal: AbortSignal): Promise<ModelFiles> {
  const folder = new URL('pebble/', document.baseURI);
  const fetched = BUILT_IN.map(async (file) => ({
    name: file,
    blob: await fetchFile(new URL(file, folder), (done, total) => onProgress(action.fetching({ file }), done, total), signal),
  }));
  return { name: 'Pebble', files: await Promise.all(fetched) };
}

async function fetchFile(url: URL, onBytes: (done: number, total: number) => void, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(url, { signal }).catch(() => {
    signal.throwIfAborted();
    throw new Error(TEXT.builtInUnreachable);
  });
  if (!response.ok || !response.body) throw new Error(TEXT.pageLacks({ path: url.pathname, status: response.status }));
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

async function readStored(address: Address): Promise<ModelFiles> {
  const stored = await findStored(address);
  if (!stored?.complete) throw new Error(TEXT.notStored);
  return openStored(stored);
}

/** The files of a drop, one folder deep. Its entries can only be taken while the event lasts, so call this at once. */
export async function droppedSource(transfer: DataTransfer): Promise<Source | Choice | MaybeReports> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const loose = [...transfer.files];
  const files = entries.length > 0 ? (await Promise.all(entries.map(entryFiles))).flat() : loose;
  return chosenSource(files, entries.find((entry) => entry.isDirectory)?.name);
}

/** The model of these files; where they hold several, those. */
export function chosenSource(files: File[], folder?: string): Source | Choice | MaybeReports {
  const { candidates, others } = sortFiles(files);
  const [only] = candidates;
  if (!only) {
    if (files.length > 0 && files.every(({ name }) => name.endsWith('.json'))) return { reports: files };
    throw new Error(files.length > 0 ? TEXT.noModelAmong({ files: listNames(files.map(({ name }) => name)) }) : TEXT.noModelInFolder);
  }
  if (candidates.length > 1) return { candidates, others };
  const fromInput = files[0]?.webkitRelativePath.split('/')[0];
  const name = folder || fromInput || (files.length === 1 && stem(only)) || model.yours;
  return { kind: 'dropped', name, files: only.files, others };
}

/** The model that the reader chose of several. */
export function candidateSource(chosen: Candidate, { candidates, others }: Choice): Source {
  const rest = candidates.filter((each) => each !== chosen).map(({ name }) => name);
  return { kind: 'dropped', name: stem(chosen), files: chosen.files, others: [...rest, ...others] };
}

/** The name of its first file without ending, and without what numbers its parts in GGUF. */
function stem({ name, files }: Candidate): string {
  return (files[0]?.name ?? name).replace(/(-\d{5}-of-\d{5}(?=\.gguf$))?\.\w+$/i, '');
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
    throw new Error(controls.longText({ name: file.name, size: bytes(file.size), most: bytes(LONGEST_TEXT) }));
  }
  try {
    const content = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return { name: file.name, content };
  } catch {
    throw new Error(controls.noText(file));
  }
}
