// How the page opens at the state that its address describes.
import { engine, load, run, sentence } from './actions';
import { look } from './choosing';
import { findStored } from './hub/storage';
import type { Source } from './source';
import { fromLink, linkedSource, store } from './store';

export async function open(): Promise<void> {
  const hash = location.hash;
  try {
    const asked = engine.catalog();
    const { source, wrong } = readModel(hash);
    const here = await isHere(source);
    const loading = here && load(source); // the files arrive while the engine starts
    const catalog = await asked;
    const { recipe, run: runAtOnce, problem } = fromLink(hash, catalog);
    store.update({ catalog, recipe });
    const loaded = await loading;
    if (loaded && (wrong ?? problem)) store.update({ error: wrong ?? problem });
    if (loaded && runAtOnce && wrong === null) await run();
    if (!here && source.kind === 'remote') await offer(source);
  } catch (reason) {
    store.update({ phase: 'error', error: `The engine did not start: reload the page (${sentence(reason)})` });
  }
}

/** The model that a link names, or the built-in one and what is wrong with the link. */
function readModel(hash: string): { source: Source; wrong: string | null } {
  try {
    const { hub, source } = linkedSource(hash);
    store.update({ source, choosing: { ...store.state.choosing, hub } });
    return { source, wrong: null };
  } catch (reason) {
    return { source: { kind: 'builtin' }, wrong: sentence(reason) };
  }
}

async function isHere(source: Source): Promise<boolean> {
  if (source.kind !== 'remote') return true;
  return findStored(source.address).then((model) => model?.complete ?? false, () => false);
}

/** A linked model that is not stored here is offered: nothing large is fetched unasked. */
async function offer({ address }: Source & { kind: 'remote' }): Promise<void> {
  store.update({ phase: 'idle' });
  await look(address);
}
