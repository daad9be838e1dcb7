// The thread that downloads: it writes what comes straight to the disk and hashes it on the way.
import { createSHA1, createSHA256, type IHasher } from 'hash-wasm';
import type { NamedBlob } from '../engine';
import { bytes } from '../format';
import { server, transfer as TEXT } from '../text';
import { totalBytes, type RemoteFile } from './files';
import type { Listing } from './listing';
import { MemoryDisk, type Disk } from './memory-disk';
import { Passing, patiently, Watch } from './patience';
import { host, request } from './request';
import { tellRequests } from '../requests/telling';
import { isSameFile, modelFolder, readRecord, RECORD, type StoredRecord } from './storage';
import type { TransferEvent, TransferStart } from './transfer';

tellRequests('downloads');

/** Milliseconds between two reports of progress. */
const EVERY = 200;
let progress = { done: 0, total: 0 };
let told = progress;

/** One file on its way: where it is written, and what its bytes hash to so far. */
interface Arriving {
  file: RemoteFile;
  disk: Disk;
  hasher: IHasher;
  done: number;
}

function tell(event: TransferEvent): void {
  self.postMessage(event);
}

function tellProgress(): void {
  if (progress === told) return;
  told = progress;
  tell({ kind: 'progress', ...progress });
}

/** After what has come until now, since news of progress ends a notice. */
function tellNotice(sentence: string): void {
  tellProgress();
  tell({ kind: 'notice', sentence });
}

async function downloadToStorage(key: string, listing: Listing): Promise<void> {
  const folder = await modelFolder(key);
  const recordDisk = await open(folder, RECORD); // held to the end, so that two tabs never write one model
  try {
    const before = await readRecord(await fileOf(recordDisk));
    const record = { ...listing, date: new Date().toISOString(), whole: await keep(folder, before, listing.files) };
    write(recordDisk, record);
    const total = totalBytes(listing);
    let earlier = 0;
    for (const file of listing.files) {
      const report = (done: number): void => { progress = { done: earlier + done, total }; };
      if (!record.whole.includes(file.name)) {
        await download(await open(folder, file.name), file, report, true);
        record.whole.push(file.name);
        write(recordDisk, record);
      }
      earlier += file.bytes;
      report(0);
    }
  } finally {
    recordDisk.close();
  }
}

/** Deletes the beginnings of files that have changed since, and gives the names of those that are whole. */
async function keep(folder: FileSystemDirectoryHandle, before: StoredRecord | null, files: RemoteFile[]): Promise<string[]> {
  const whole = [];
  for (const file of files) {
    const known = before?.files.find((each) => isSameFile(each, file));
    if (!known) await folder.removeEntry(file.name).catch(() => undefined);
    else if (before?.whole.includes(file.name)) whole.push(file.name);
  }
  return whole;
}

/** For a page without storage: the files as they are when all of them are there. */
async function downloadToMemory(listing: Listing): Promise<NamedBlob[]> {
  const total = totalBytes(listing);
  const files: NamedBlob[] = [];
  let earlier = 0;
  for (const file of listing.files) {
    const disk = new MemoryDisk();
    await download(disk, file, (done) => { progress = { done: earlier + done, total }; }, false);
    files.push({ name: file.name, blob: disk.blob() });
    earlier += file.bytes;
  }
  return files;
}

/** `keeps`: whether what has come stays when this fails. */
async function download(disk: Disk, file: RemoteFile, report: (done: number) => void, keeps: boolean): Promise<void> {
  try {
    const arriving = await takeUp(file, disk);
    report(arriving.done);
    await patiently((gotFurther) => fetchRest(arriving, (done) => (gotFurther(), report(done))), { onWait: tellNotice, keeps });
    verify(arriving);
    disk.flush();
  } finally {
    disk.close();
  }
}

/** Where an earlier download ended: its bytes are hashed again from the disk. */
async function takeUp(file: RemoteFile, disk: Disk): Promise<Arriving> {
  const hasher = await (file.digest?.algorithm === 'git' ? createSHA1() : createSHA256());
  const arriving = { file, disk, hasher, done: 0 };
  restart(arriving);
  const size = disk.getSize();
  if (size > file.bytes) disk.truncate(0);
  const buffer = new Uint8Array(2 ** 20);
  while (arriving.done < size && size <= file.bytes) {
    const read = disk.read(buffer, { at: arriving.done });
    hasher.update(buffer.subarray(0, read));
    arriving.done += read;
  }
  return arriving;
}

function restart({ file, hasher }: Arriving): void {
  hasher.init();
  if (file.digest?.algorithm === 'git') hasher.update(`blob ${file.bytes}\0`);
}

/** One request for all that is missing; ends when the file is whole. */
async function fetchRest(arriving: Arriving, onBytes: (done: number) => void): Promise<void> {
  const { file } = arriving;
  if (arriving.done === file.bytes) return;
  const watch = new Watch();
  try {
    const response = await request({ url: file.url, what: file.name, from: arriving.done }, watch.signal);
    checkIsSame(arriving, response);
    const reader = (response.body ?? new Blob().stream()).getReader();
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        watch.signal.throwIfAborted();
        throw new Passing(server.hostBrokeOff({ host: host(file.url) }));
      });
      if (done) break;
      watch.heard();
      append(arriving, value);
      onBytes(arriving.done);
    }
    if (arriving.done < file.bytes) throw new Passing(server.endedEarly({ host: host(file.url), file: file.name }));
  } finally {
    watch.stop();
  }
}

/** A server without ranges, or with another version of the file, sends what cannot follow the bytes that are here. */
function checkIsSame(arriving: Arriving, { status, headers }: Response): void {
  const { file, done } = arriving;
  const etag = headers.get('etag');
  const changed = file.digest === null && file.etag !== null && etag !== null && etag !== file.etag;
  if (changed) throw discard(arriving, TEXT.changed({ file: file.name, host: host(file.url) }));
  if (status === 200 && done > 0) {
    tellNotice(TEXT.startsAnew({ host: host(file.url), file: file.name }));
    arriving.disk.truncate(0);
    arriving.done = 0;
    restart(arriving);
  }
}

function append(arriving: Arriving, chunk: Uint8Array): void {
  const { file, disk } = arriving;
  if (arriving.done + chunk.length > file.bytes) throw discard(arriving, TEXT.tooLong({ file: file.name, size: bytes(file.bytes), host: host(file.url) }));
  if (!writeWhole(disk, chunk, arriving.done)) {
    throw new Error(TEXT.full({ size: bytes(file.bytes - arriving.done), file: file.name }));
  }
  arriving.hasher.update(chunk);
  arriving.done += chunk.length;
}

/** Whether there was room. A full disk is an exception; in a private window of Chromium 156 it is a number of bytes that cannot be. */
function writeWhole(disk: Disk, chunk: Uint8Array, at: number): boolean {
  try {
    if (disk.write(chunk, { at }) === chunk.length) return true;
  } catch (reason) {
    if (!(reason instanceof DOMException && reason.name === 'QuotaExceededError')) throw reason;
  }
  disk.truncate(at); // what follows is no part of the file
  return false;
}

function verify(arriving: Arriving): void {
  const { file, hasher } = arriving;
  const found = hasher.digest('hex');
  if (file.digest !== null && found !== file.digest.value) {
    throw discard(arriving, (file.digest.algorithm === 'git' ? TEXT.wrongGitHash : TEXT.wrongSha256)({ file: file.name, host: host(file.url) }));
  }
}

function discard({ disk }: Arriving, sentence: string): Error {
  disk.truncate(0);
  return new Error(sentence);
}

async function open(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemSyncAccessHandle> {
  try {
    return await (await folder.getFileHandle(name, { create: true })).createSyncAccessHandle();
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === 'NoModificationAllowedError') {
      throw new Error(TEXT.anotherTab);
    }
    throw reason;
  }
}

/** The record as far as it is written. */
function fileOf(disk: FileSystemSyncAccessHandle): File {
  const content = new Uint8Array(disk.getSize());
  disk.read(content, { at: 0 });
  return new File([content], RECORD);
}

function write(disk: FileSystemSyncAccessHandle, record: StoredRecord): void {
  const content = new TextEncoder().encode(JSON.stringify(record));
  disk.truncate(0);
  disk.write(content, { at: 0 });
  disk.flush();
}

setInterval(tellProgress, EVERY);

self.addEventListener('message', ({ data }: MessageEvent<TransferStart>) => {
  const { key, listing, keeps } = data;
  const downloaded = keeps ? downloadToStorage(key, listing).then(() => []) : downloadToMemory(listing);
  downloaded.then(
    (files) => tell({ kind: 'done', files }),
    (reason: unknown) => tell({ kind: 'failure', message: reason instanceof Error ? reason.message : String(reason) }),
  );
});
