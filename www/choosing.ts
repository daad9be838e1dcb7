// Choosing a model: what the reader can do in that panel, and the download, which goes on beside everything else.
import { engine, load, writeLink } from './actions';
import { parseAddress, parseHub, type Address } from './hub/address';
import { readBeginnings } from './hub/beginnings';
import { device, judge, judgeSize, needs, type Fit } from './hub/fit';
import { isWeights, list, totalBytes, type Listing } from './hub/listing';
import { findStored, isSameFile, listStored, removeStored, room, type StoredModel } from './hub/storage';
import { transfer } from './hub/transfer';
import { sentence } from './promised';
import { isFixed } from './setup';
import { takeUp } from './reported';
import type { Choice, MaybeReports, Source } from './source';
import { store, type Choosing } from './store';

/** The question to a server that is open, and the download; each ends the one before it. */
let question = new AbortController();
let download = new AbortController();

type Taken = Choice | MaybeReports;

export async function openPanel(): Promise<void> {
  change({ open: true });
  await refresh();
}

export function closePanel(): void {
  if (store.state.choosing.open) change({ open: false });
}

/** Takes dropped or chosen files: a model is loaded, and of several the reader is asked which; reports are shown, or their recipe is taken up. */
export async function take(found: Source | Taken | Promise<Source | Taken>): Promise<void> {
  if (!isFree()) return store.update({ error: 'The engine is at work: give it these files when it is done, or cancel first.' });
  try {
    const taken = await found;
    const { setup } = store.state;
    const refused = 'reports' in taken ? isFixed(setup, 'method', 'settings', 'calibration', 'evaluation') && 'the recipe' : isFixed(setup, 'model') && 'the model';
    if (refused) throw new Error(`The link that you opened fixes ${refused}: leave its setup first, at the top of the page.`);
    if ('reports' in taken) await takeUp(taken.reports);
    else if ('candidates' in taken) change({ open: true, offer: null, linked: null, pick: taken });
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

/** Asks a server what a model takes, and offers it; one that is stored already is loaded. */
export async function look(where: Address | string): Promise<void> {
  question.abort();
  question = new AbortController();
  const { signal } = question;
  const onWait = (asking: string): void => change({ asking });
  store.update({ error: null });
  change({ open: true, offer: null, linked: null, pick: null, asking: 'Asking what this model takes…' });
  try {
    const address = typeof where === 'string' ? parseAddress(where, store.state.choosing.hub) : where;
    const listing = await list(address, { signal, onWait });
    const stored = await findStored(listing.address);
    if (stored?.complete && isUnchanged(stored, listing)) {
      await load({ kind: 'remote', address: listing.address });
    } else {
      await offer(listing, stored && isUnchanged(stored, listing) ? stored.bytes : 0, signal);
    }
  } catch (reason) {
    if (signal === question.signal && !signal.aborted) store.update({ error: sentence(reason) });
  }
  if (signal === question.signal) change({ asking: null });
  await refresh();
}

async function offer(listing: Listing, arrived: number, signal: AbortSignal): Promise<void> {
  const available = await device();
  const ask = async (): Promise<Fit> => {
    const beginnings = await readBeginnings(listing, { signal, onWait: (asking) => change({ asking }) });
    return judge(needs(totalBytes(listing) - arrived, await engine.fit(beginnings)), available);
  };
  const fit = judgeSize(totalBytes({ files: listing.files.filter(isWeights) }), available) ?? (await ask());
  signal.throwIfAborted();
  change({ offer: { listing, fit, arrived } });
}

/** A folder may have changed since it was stored; a commit cannot. */
function isUnchanged({ record }: StoredModel, { files }: Listing): boolean {
  return files.every((file) => record?.files.some((each) => isSameFile(each, file)));
}

export function cancelLook(): void {
  question.abort();
  change({ asking: null, offer: null });
}

/** Downloads a model, or the rest of it, and loads it unless a run is under way. */
export async function fetchModel(listing: Listing): Promise<void> {
  download.abort();
  download = new AbortController();
  const { signal } = download;
  store.update({ error: null });
  change({ offer: null, linked: null, pick: null, transfer: { listing, pace: null } });
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
    change({ hub: parseHub(typed), offer: null });
    store.update({ error: null });
    writeLink();
  } catch (reason) {
    store.update({ error: sentence(reason) });
  }
}

function isFree(): boolean {
  return store.state.phase !== 'running' && store.state.phase !== 'measuring' && store.state.phase !== 'saving';
}

/** What is stored. A browser without storage has nothing, and says so when it is needed. */
async function refresh(): Promise<void> {
  const [stored, space] = await Promise.all([listStored(), room()]).catch(() => [[], null] as const);
  change({ stored: [...stored], room: space });
}

function change(part: Partial<Choosing>): void {
  store.update({ choosing: { ...store.state.choosing, ...part } });
}
