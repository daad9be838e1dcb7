// Choosing a model: what the reader can do in that panel, and the download, which goes on beside everything else.
import { engine, load } from './actions';
import { writeLink } from './history';
import { parseAddress, parseHub, type Address } from './hub/address';
import { readBeginnings, storedTypes } from './hub/beginnings';
import { isWeights, totalBytes } from './hub/files';
import { device, judge, judgeSize, needs, sizeProblem, type Fit } from './hub/fit';
import { list, type Found, type Listing, type Variant } from './hub/listing';
import type { Patience } from './hub/patience';
import { listRoom } from './hub/room';
import { findStored, isSameFile, keepsModels, listStored, removeStored, room, type StoredModel } from './hub/storage';
import { transfer } from './hub/transfer';
import { sentence } from './promised';
import { isFixed } from './setup';
import { takeUp } from './reported';
import type { Choice, MaybeReports, Source } from './source';
import { store, type Choosing } from './store';
import { action, offer as TEXT, setup as setupText } from './text';

/** The question to a server that is open, and the download; each ends the one before it. */
let question = new AbortController();
let download = new AbortController();

type Taken = Choice | MaybeReports;

/** Nothing to say yes to. */
const NOTHING = { offer: null, linked: null, pick: null, shelf: null };

export async function openPanel(): Promise<void> {
  change({ open: true });
  await refresh();
}

export function closePanel(): void {
  if (store.state.choosing.open) change({ open: false });
}

/** Takes dropped or chosen files: a model is loaded, and of several the reader is asked which; reports are shown, or their recipe is taken up. */
export async function take(found: Source | Taken | Promise<Source | Taken>): Promise<void> {
  if (!isFree()) return store.update({ error: action.atWork });
  try {
    const taken = await found;
    const { setup } = store.state;
    const refused = 'reports' in taken ? isFixed(setup, 'method', 'settings', 'calibration', 'evaluation') && setupText.fixesRecipe : isFixed(setup, 'model') && setupText.fixesModel;
    if (refused) throw new Error(refused);
    if ('reports' in taken) await takeUp(taken.reports);
    else if ('candidates' in taken) change({ ...NOTHING, open: true, pick: taken });
    else await load(taken);
  } catch (reason) {
    store.update({ phase: 'error', error: sentence(reason) });
  }
}

export function cancelPick(): void {
  change({ pick: null });
}

/** Shows what a link names; its host is asked when the reader says so. */
export async function offerLinked(linked: Address): Promise<void> {
  change({ open: true, linked });
  await refresh();
}

/** Asks a server what a model takes, and offers it; one that is stored already is loaded; of several the reader is asked which. */
export async function look(where: Address | string, from: Choosing['shelf'] = null): Promise<void> {
  question.abort();
  question = new AbortController();
  const { signal } = question;
  const onWait = (asking: string): void => change({ asking });
  store.update({ error: null });
  change({ ...NOTHING, open: true, shelf: from, asking: TEXT.asking });
  try {
    const address = typeof where === 'string' ? parseAddress(where, store.state.choosing.hub) : where;
    const found = await list(address, { signal, onWait });
    const { listing } = found;
    if (listing === null) return await show(found, signal);
    const stored = await findStored(listing.address);
    if (stored?.complete && isUnchanged(stored, listing)) {
      await load({ kind: 'remote', address: listing.address });
    } else {
      await offer({ ...found, listing }, stored && isUnchanged(stored, listing) ? stored.bytes : 0, signal);
    }
  } catch (reason) {
    if (signal === question.signal && !signal.aborted) store.update({ error: sentence(reason) });
  } finally {
    if (signal === question.signal) change({ asking: null });
    await refresh();
  }
}

async function offer({ listing, variants }: Found & { listing: Listing }, arrived: number, signal: AbortSignal): Promise<void> {
  const available = await device();
  const patience = { signal, onWait: (asking: string) => change({ asking }) };
  let stored: string | null = null;
  let fitting = (smaller: Variant[]): Fit | null => judgeSize(totalBytes({ files: listing.files.filter(isWeights) }), available, smaller);
  if (fitting(variants) === null) {
    const beginnings = await readBeginnings(listing, patience);
    stored = storedTypes(beginnings);
    const needed = needs(totalBytes(listing) - arrived, await engine.fit(beginnings));
    fitting = (smaller) => judge(needed, available, smaller);
  }
  let fit = fitting(variants);
  if (fit?.verdict === 'no' && variants.length === 0) fit = fitting(await listBeside(listing.address, patience));
  signal.throwIfAborted();
  if (fit === null) return;
  change({ offer: { listing, fit, arrived, stored } });
}

/** The GGUF files of the repository that stands beside one of safetensors under the usual name; none where there is none. */
async function listBeside(address: Address, patience: Patience): Promise<Variant[]> {
  if (address.kind !== 'hub' || address.file !== undefined) return [];
  const beside = await list({ ...address, repo: `${address.repo}-GGUF`, revision: 'main' }, patience).catch(() => null);
  return beside?.variants ?? [];
}

/** Lays out several models of one place, the smallest first. */
async function show(found: Found, signal: AbortSignal): Promise<void> {
  const available = await device();
  signal.throwIfAborted();
  const variants = found.variants.toSorted((a, b) => (a.bytes ?? 0) - (b.bytes ?? 0));
  change({ shelf: { found: { ...found, variants }, problems: variants.map((each) => sizeProblem(each, available)) } });
}

/** Back from one of several models to all of them. */
export function backToShelf(): void {
  change({ offer: null });
}

/** A folder may have changed since it was stored; a commit cannot. */
function isUnchanged({ record }: StoredModel, { files }: Listing): boolean {
  return files.every((file) => record?.files.some((each) => isSameFile(each, file)));
}

export function cancelLook(): void {
  question.abort();
  change({ asking: null, offer: null });
}

export function closeShelf(): void {
  change({ shelf: null });
}

/** Downloads a model, or the rest of it, and loads it unless a run is under way. */
export async function fetchModel(listing: Listing): Promise<void> {
  download.abort();
  download = new AbortController();
  const { signal } = download;
  store.update({ error: null });
  change({ ...NOTHING, transfer: { listing, pace: null } });
  try {
    await transfer(listing, (pace) => change({ transfer: { listing, pace } }), signal);
    change({ transfer: null });
    if (isFree()) await load({ kind: 'remote', address: listing.address });
  } catch (reason) {
    if (!signal.aborted) store.update({ error: sentence(reason) });
    if (signal === download.signal) change({ transfer: null });
  }
  await refresh();
}

/** What has come stays, for another time. */
export function cancelDownload(): void {
  download.abort();
}

export async function remove({ key }: StoredModel): Promise<void> {
  try {
    await removeStored(key);
  } catch (reason) {
    store.update({ error: sentence(reason) });
  }
  change({ offer: null });
  await refresh();
}

export function chooseHub(typed: string): void {
  try {
    change({ ...NOTHING, hub: parseHub(typed) });
    store.update({ error: null });
    writeLink();
  } catch (reason) {
    store.update({ error: sentence(reason) });
  }
}

function isFree(): boolean {
  return store.state.phase !== 'running' && store.state.phase !== 'measuring' && store.state.phase !== 'saving';
}

/** What is stored here, and what the room's computer has. */
async function refresh(): Promise<void> {
  const [stored, space, keeps] = await Promise.all([listStored(), room(), keepsModels()]).catch(() => [[], null, false] as const);
  change({ stored: [...stored], room: space, keeps });
  change({ inRoom: await listRoom() });
}

function change(part: Partial<Choosing>): void {
  store.update({ choosing: { ...store.state.choosing, ...part } });
}
