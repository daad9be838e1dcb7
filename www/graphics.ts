// The graphics card: found here, trusted once the engine has compared it with the processor, and given up with a sentence.
import type { Brought, Engine, Listener } from './engine';
import { inTime, sentence } from './promised';
import { store } from './store';
import { graphics as TEXT } from './text';
import type { Proof, Recipe, Report } from './types';

/** Where the engine computes. */
export type Backend = 'cpu' | 'gpu';

/** What the reader may choose; `auto`: whichever is faster on the model, as far as it can be trusted. */
export const CHOICES = ['auto', 'cpu', 'gpu'] as const;
export type BackendChoice = (typeof CHOICES)[number];

/** What became of the graphics card in the last run. */
export interface Graphics {
  used: boolean;
  /** In sentences. */
  says: string;
  /** Whether the scores that are shown are of a graphics card that was given up since. */
  redone: boolean;
}

/** What the engine's worker found of the graphics card. */
export interface Proved {
  adapter: string;
  proof: Proof;
  /** Tokens a second, of a single worker on the processor; null where they were not measured. */
  speeds: Record<Backend, number> | null;
}

/** Milliseconds in which an adapter must answer. */
const PATIENCE = 5000;
/** A model of fewer bytes is faster on the processor, and spared the question. */
const SMALL = 32e6;

/** What is known of models that were measured, or refused, by their hash. */
const known = new Map<string, Graphics>();

/** Runs where the reader chose. Whatever goes wrong with the graphics card, all of the run is asked again on the processor. */
export async function runWhereChosen(engine: Engine, recipe: Recipe, brought: Brought, listener: Listener): Promise<Report> {
  const { backend, model } = store.state;
  const graphics = backend === 'cpu' || model === null || (backend === 'auto' && model.bytes < SMALL) ? null : await tryGraphics(engine, brought.workers, listener);
  store.update({ graphics });
  if (graphics?.used) {
    const { report } = store.state;
    try {
      return await engine.run(recipe, { ...brought, workers: 1, backend: 'gpu' }, listener);
    } catch (reason) {
      listener.signal?.throwIfAborted();
      const given = off(TEXT.allAnew({ why: sentence(reason) }));
      if (model) known.set(model.hash, given);
      store.update({ graphics: { ...given, redone: store.state.report !== report } });
    }
  }
  return engine.run(recipe, brought, listener);
}

/** Whether a report of the processor has as much to show as what the graphics card answered before it was given up, and takes its place. */
export function catchesUp({ comparisons }: Report): boolean {
  const { graphics, report } = store.state;
  if (!graphics?.redone) return true;
  const redone = comparisons.length < (report?.comparisons.length ?? 0);
  store.update({ graphics: { ...graphics, redone } });
  return !redone;
}

/** Whether the graphics card is to be used for the model that is loaded. */
async function tryGraphics(engine: Engine, workers: number, { signal }: Listener): Promise<Graphics> {
  const { backend, model } = store.state;
  const hash = model?.hash ?? '';
  const before = known.get(hash);
  if (backend === 'auto' && before?.used === false) return before;
  let found: Graphics;
  try {
    const adapter = await findAdapter(signal);
    store.update({ progress: { stage: 'start', label: TEXT.comparing, done: 0, total: 0 } });
    const proved = await engine.prove(adapter, backend === 'auto' && !before, signal);
    found = judge(proved, workers);
  } catch (reason) {
    signal?.throwIfAborted();
    found = off(TEXT.onProcessor({ why: sentence(reason) }));
  }
  if (backend === 'auto') known.set(hash, found);
  return found;
}

function off(says: string): Graphics {
  return { used: false, says, redone: false };
}

function judge({ adapter, proof, speeds }: Proved, workers: number): Graphics {
  const { tokens, agreeing, clear, largest_error } = proof;
  const trusted = TEXT.compared({ adapter, tokens, agreeing, clear, error: largest_error.toExponential(1) });
  if (speeds === null) return { used: true, says: `${trusted} ${TEXT.runs}`, redone: false };
  const [gpu, cpu] = [speeds.gpu, speeds.cpu * workers].map(Math.round) as [number, number];
  const used = gpu > cpu;
  return { used, says: `${trusted} ${(used ? TEXT.isFaster : TEXT.isSlower)({ gpu, cpu })}`, redone: false };
}

interface Gpu {
  requestAdapter(options: { powerPreference: string }): Promise<{ info?: { vendor?: string; architecture?: string; description?: string } } | null>;
}

/** What the browser says of the adapter; an error with a sentence where there is none. */
async function findAdapter(signal?: AbortSignal): Promise<string> {
  const { gpu } = navigator as { gpu?: Gpu };
  if (!gpu) throw new Error(isSecureContext ? TEXT.notOffered : TEXT.notSecure);
  const asked = gpu.requestAdapter({ powerPreference: 'high-performance' });
  const adapter = await inTime(asked, PATIENCE, TEXT.silent, signal);
  if (!adapter) throw new Error(TEXT.notFound);
  const { vendor, architecture, description } = adapter.info ?? {};
  return description || [vendor, architecture].filter(Boolean).join(' ') || TEXT.unnamed;
}
