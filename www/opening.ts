// How the page opens at the state that its address describes. Nobody but its own server is asked anything before the
// reader agrees.
import { engine, load, run } from './actions';
import { look, offerLinked } from './choosing';
import { beginUnasked } from './dial/background';
import { findStop } from './dial/curves';
import { bytes } from './format';
import type { Address } from './hub/address';
import { findStored } from './hub/storage';
import { isKept, wantedItems } from './items';
import { followLink } from './history';
import { findKept, showKept } from './kept/keeping';
import { fromLink, linkedRecipe, linkedSource } from './link';
import { sentence } from './promised';
import type { Source } from './source';
import { isAtRest, store } from './store';
import { notice as TEXT } from './text';
import type { Catalog, Recipe } from './types';

export async function open(): Promise<void> {
  const hash = location.hash;
  try {
    const asked = Promise.all([engine.catalog(), engine.settle(linkedRecipe(hash)), findKept()]);
    const { hub, source, problems } = linkedSource(hash);
    store.update({ source, choosing: { ...store.state.choosing, hub } });
    const here = await isHere(source);
    const loading = here && load(source); // the files arrive while the engine starts
    const [catalog, settled, kept] = await asked;
    const { recipe, itemsHost, workers, backend, setup, run: asksToRun, problems: more } = fromLink(hash, settled);
    problems.push(...more);
    store.update({ catalog, recipe, itemsHost, workers, backend, setup, kept });
    const fetches = await wouldFetch(catalog, recipe, itemsHost);
    const whole = problems.length === 0 && fetches === null;
    if (!whole) store.update({ notice: { says: null, problems, fetches, run: asksToRun } });
    const loaded = await loading;
    if (loaded && asksToRun && whole) await run();
    else if (loaded && whole && source.kind === 'builtin' && !setup.hidden.includes('dial') && findStop(recipe, catalog)) beginUnasked();
    if (!here && source.kind === 'remote') await offer(source.address);
  } catch (reason) {
    store.update({ phase: 'error', error: sentence(reason) });
  }
}

/** Goes back, or forward, to a link that this page wrote: the controls say what it says, and what was run then is shown where it is kept. */
export async function reopen(hash: string): Promise<void> {
  const { source } = linkedSource(hash);
  if (!isAtRest(store.state.phase) || JSON.stringify(source) !== JSON.stringify(store.state.source)) return location.reload();
  try {
    followLink(hash);
    const { recipe, itemsHost, workers, backend, setup } = fromLink(hash, await engine.settle(linkedRecipe(hash)));
    store.update({ recipe, itemsHost, workers, backend, setup, notice: null });
    const kept = store.state.kept?.find(({ link }) => link === `${hash}&run=1`);
    if (kept) await showKept(kept);
  } catch (reason) {
    store.update({ error: sentence(reason) });
  }
}

async function isHere(source: Source): Promise<boolean> {
  if (source.kind !== 'remote') return true;
  return findStored(source.address).then((model) => model?.complete ?? false, () => false);
}

/** A linked model that is not stored here is offered: nothing large is fetched unasked, and nothing at all from elsewhere. */
async function offer(address: Address): Promise<void> {
  store.update({ phase: 'idle' });
  if (isOwn(address.kind === 'hub' ? address.hub : address.url)) await look(address);
  else await offerLinked(address);
}

/** The items that a linked run would fetch from elsewhere, as a sentence; null for none. */
async function wouldFetch(catalog: Catalog, recipe: Recipe, host: string): Promise<string | null> {
  if (isOwn(host)) return null;
  const wanted = wantedItems(catalog, recipe);
  const kept = await Promise.all(wanted.map(isKept));
  const missing = wanted.filter((_, place) => !kept[place]);
  if (missing.length === 0) return null;
  const size = bytes(missing.reduce((sum, file) => sum + file.bytes, 0));
  return TEXT.fetches({ n: missing.length, size, host: new URL(host).host });
}

/** Whether an address is of the server that this page is from. */
function isOwn(address: string): boolean {
  return new URL(address).origin === location.origin;
}
