// Models in this browser's own disk storage (OPFS): one folder each, with the files and a record of what they must be.
// A file whose download was cut lies there as far as it came. Where the browser gives the page no storage (it was opened by
// http, or in some private windows), models stay in memory until the tab is closed.
import type { ModelFiles, NamedBlob } from '../engine';
import { transfer as TEXT } from '../text';
import type { Address } from './address';
import { totalBytes, type RemoteFile } from './files';
import type { Listing } from './listing';

/** The record beside a model's files. `date`: when the download began, as ISO 8601. */
export interface StoredRecord extends Listing {
  date: string;
  /** Names of the files that are whole, and whose hash was right where one was stated. */
  whole: string[];
}

export interface StoredModel {
  /** The name of its folder. */
  key: string;
  /** Null where it cannot be read: then all that is left to do is to delete it. */
  record: StoredRecord | null;
  /** Bytes on the disk, and bytes in all. */
  bytes: number;
  total: number;
  complete: boolean;
}

export interface Room {
  usage: number;
  quota: number;
  /** Whether the browser promises not to delete the models by itself. */
  persistent: boolean;
}

export const RECORD = 'record.json';
const FOLDER = 'models';

/** Models that are in memory, by their keys. */
const inMemory = new Map<string, { model: StoredModel; files: NamedBlob[] }>();

/** The folder of all models; null in a browser that gives the page none. */
async function models(): Promise<FileSystemDirectoryHandle | null> {
  const storage = navigator.storage as StorageManager | undefined;
  const root = await storage?.getDirectory?.().catch(() => null);
  return root?.getDirectoryHandle(FOLDER, { create: true }) ?? null;
}

/** Whether what is downloaded outlives the tab. */
export async function keepsModels(): Promise<boolean> {
  return (await models()) !== null;
}

/** The folder of one model, as it is or made anew. */
export async function modelFolder(key: string): Promise<FileSystemDirectoryHandle> {
  const folder = await models();
  if (folder === null) throw new Error(TEXT.noStorage);
  return folder.getDirectoryHandle(key, { create: true });
}

/** The name of a model's folder: of its address, and so of its commit. */
export async function keyOf(address: Address): Promise<string> {
  const place = address.kind === 'hub' ? `${address.hub} ${address.repo} ${address.revision}` : address.url;
  const text = address.file === undefined ? place : `${place} ${address.file}`;
  if (!isSecureContext) return text; // which no folder is called by
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(hash).subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether the bytes of `b` go on where those of `a` end. */
export function isSameFile(a: RemoteFile, b: RemoteFile): boolean {
  if (a.name !== b.name || a.bytes !== b.bytes) return false;
  return a.digest || b.digest ? a.digest?.value === b.digest?.value : a.etag === b.etag;
}

export async function listStored(): Promise<StoredModel[]> {
  const stored = [...inMemory.values()].map(({ model }) => model);
  for await (const handle of (await models())?.values() ?? []) {
    if (handle.kind === 'directory') stored.push(await inspect(handle));
  }
  return stored.sort((a, b) => (b.record?.date ?? '').localeCompare(a.record?.date ?? ''));
}

/** The stored model of this address, or null; whole or not. */
export async function findStored(address: Address): Promise<StoredModel | null> {
  const key = await keyOf(address);
  return (await listStored()).find((model) => model.key === key) ?? null;
}

/** The files of a stored model, still on the disk. */
export async function openStored({ key, record }: StoredModel): Promise<ModelFiles> {
  const held = inMemory.get(key);
  if (held) return { name: record?.name ?? key, files: held.files };
  const folder = await modelFolder(key);
  const files = (record?.files ?? []).map(async ({ name }) => ({ name, blob: await (await folder.getFileHandle(name)).getFile() }));
  return { name: record?.name ?? key, files: await Promise.all(files) };
}

/** Keeps a download where there is no storage. */
export function holdInMemory(key: string, listing: Listing, files: NamedBlob[]): void {
  const record = { ...listing, date: new Date().toISOString(), whole: listing.files.map(({ name }) => name) };
  const bytes = totalBytes(listing);
  inMemory.set(key, { files, model: { key, record, bytes, total: bytes, complete: true } });
}

export async function removeStored(key: string): Promise<void> {
  if (inMemory.delete(key)) return;
  try {
    await (await models())?.removeEntry(key, { recursive: true });
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === 'NoModificationAllowedError') {
      throw new Error(TEXT.beingDownloaded);
    }
    throw reason;
  }
}

/** Null where there is no storage. */
export async function room(): Promise<Room | null> {
  if (!(await keepsModels())) return null;
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return { usage, quota, persistent: await navigator.storage.persisted() };
}

async function inspect(folder: FileSystemDirectoryHandle): Promise<StoredModel> {
  let bytes = 0;
  let record: StoredRecord | null = null;
  for await (const handle of folder.values()) {
    if (handle.kind !== 'file') continue;
    const file = await handle.getFile();
    if (file.name === RECORD) record = await readRecord(file);
    else bytes += file.size;
  }
  const complete = record !== null && record.files.every(({ name }) => record.whole.includes(name));
  return { key: folder.name, record, bytes, total: record ? totalBytes(record) : bytes, complete };
}

/** The record, or null where a closed tab left half of one. */
export async function readRecord(file: File): Promise<StoredRecord | null> {
  try {
    return JSON.parse(await file.text()) as StoredRecord;
  } catch {
    return null;
  }
}
