// What was measured of the dial outlives a reload, in this browser: by the model's hash, and for this engine alone.
import program from '../pkg/pressure_test_bg.wasm?url';
import { NOT_BEGUN, store, type Background, type State } from '../store';
import type { Measured } from './curves';

/** Curves of one model. `isAsked`: whether the reader had asked for more of them. */
interface Lasting {
  live: Record<string, Measured>;
  seconds: Background['seconds'];
  isAsked: boolean;
  all: boolean;
}

interface Shelf {
  /** The engine's file, whose name says its content. */
  program: string;
  /** By the hashes of models, the last one used at the end. */
  models: Record<string, Lasting>;
}

const KEY = 'pressure-test dial';
/** So many models are kept. */
const MOST = 5;

/** What was written last. */
let seen: Pick<State, 'live' | 'background' | 'model'> | null = null;

store.addEventListener('change', keep);

/** What is known of a model from before. */
export function restored(hash: string): Pick<State, 'live' | 'background'> {
  const lasting = read().models[hash];
  if (!lasting) return { live: {}, background: NOT_BEGUN };
  const { live, seconds, isAsked, all } = lasting;
  return { live, background: { ...NOT_BEGUN, mode: isAsked ? 'asked' : 'paused', all, seconds } };
}

/** Forgets it, on the page and in this browser. */
export function forgetMeasured(): void {
  store.update({ live: {}, background: NOT_BEGUN });
}

function keep(): void {
  const { live, background, model } = store.state;
  if (model === null || (seen?.live === live && seen.background === background && seen.model === model)) return;
  const isSame = seen?.model === model;
  seen = { live, background, model };
  const shelf = read();
  const { [model.hash]: before, ...others } = shelf.models;
  const lasting: Lasting = { live, seconds: background.seconds, isAsked: background.mode === 'asked', all: background.all };
  if (!isSame && before === undefined && Object.keys(live).length === 0) return;
  const isWorth = Object.keys(live).length > 0 || lasting.isAsked;
  const models = Object.entries({ ...others, ...(isWorth && { [model.hash]: lasting }) }).slice(-MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify({ program, models: Object.fromEntries(models) } satisfies Shelf));
  } catch {
    // A browser that keeps nothing measures anew.
  }
}

function read(): Shelf {
  const nothing: Shelf = { program, models: {} };
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Shelf | null;
    return found?.program === program && found.models ? found : nothing;
  } catch {
    return nothing;
  }
}
