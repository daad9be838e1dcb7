// Measures the stops of the curve that is seen, one by one, in an engine of its own: the one under the cursor first. It
// gives way at once to whatever the reader starts, and goes on afterwards.
import { engine, note, usedWorkers } from '../actions';
import { Engine } from '../engine';
import { grow } from '../growing';
import { sentence } from '../promised';
import { isAtRest, store, type Background, type State } from '../store';
import type { Report } from '../types';
import { isPhone } from '../workers';
import { CURVES, stopRecipe, type Curve } from './curves';
import { standing } from './standing';

/** A stop that takes longer, in seconds, is measured when the reader asks for it. */
export const SLOW = 10;
/** Fewer cores are the reader's own. */
const CORES = 4;

let second: Engine | null = null;
/** The stop that is being measured. */
let under: AbortController | null = null;

store.addEventListener('change', look);
document.addEventListener('visibilitychange', look);

/** Begins by itself, where it disturbs nobody. */
export function beginUnasked(): void {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (connection?.saveData || navigator.hardwareConcurrency < CORES || isPhone()) return;
  change({ mode: 'unasked' });
}

/** Begins, pauses or continues, as the reader says. */
export function toggle(): void {
  const { mode } = store.state.background;
  const isOn = mode !== 'paused' && nextOf(store.state) !== null;
  change({ mode: isOn ? 'paused' : 'asked', error: null });
}

/** Asks for the curves that are not seen as well, or no more. */
export function toggleAll(): void {
  const { all } = store.state.background;
  change(all ? { all: false } : { all: true, mode: 'asked', error: null });
}

/** The stop to measure next, of the curve that is seen first; null where all are, or where the others would take long and nobody asked. */
export function nextOf(state: State): { curve: Curve; stop: number } | null {
  const { background, live } = state;
  const { curve, places, at } = standing(state);
  if (background.mode === 'unasked' && (background.seconds[curve.method] ?? 0) > SLOW) return null;
  const here = places[at]?.stop;
  const open = openStops(curve, live);
  const stop = open.find((each) => each === here) ?? open.at(-1);
  if (stop !== undefined) return { curve, stop };
  const other = background.all ? CURVES.find((each) => openStops(each, live).length > 0) : undefined;
  return other ? { curve: other, stop: openStops(other, live).at(-1)! } : null;
}

/** The stops of a curve that are not measured on this device. */
function openStops({ method, stops }: Curve, live: State['live']): number[] {
  return stops.filter((stop) => !live[method]?.points.some((point) => point.stop === stop));
}

/** How many stops of all curves are measured here, of how many. */
export function counted({ live }: Pick<State, 'live'>): [measured: number, of: number] {
  const of = CURVES.reduce((sum, { stops }) => sum + stops.length, 0);
  return [of - CURVES.reduce((sum, curve) => sum + openStops(curve, live).length, 0), of];
}

/** After each change: whether to begin, to go on, or to give way. */
function look(): void {
  const { state } = store;
  const isFree = isAtRest(state.phase) && state.model !== null && !document.hidden;
  const mayRun = isFree && state.background.mode !== 'paused';
  if (under) {
    if (!mayRun) under.abort();
    return;
  }
  const next = mayRun ? nextOf(state) : null;
  if (next) void measure(next.curve, next.stop);
  else if (isFree) retire();
}

/** Its memory is free again. */
function retire(): void {
  second?.end();
  second = null;
}

async function measure(curve: Curve, stop: number): Promise<void> {
  under = new AbortController();
  const { signal } = under;
  change({ now: { method: curve.method, stop } });
  try {
    const { files } = engine;
    second ??= new Engine(() => {}, await engine.program());
    if (files && second.files !== files) await second.load(files, signal);
    const { recipe } = await second.settle(stopRecipe(curve, stop));
    const began = performance.now();
    let report: Report | null = null;
    const brought = { text: null, items: [], classifier: store.state.classifier, workers: Math.max(1, usedWorkers() - 1) };
    const whole = await second.run(recipe, brought, {
      signal,
      onEvent: (event) => {
        const grown = grow(report, event);
        if (grown !== null && grown !== report) note(grown);
        report = grown;
      },
    });
    note(whole);
    change({ seconds: { ...store.state.background.seconds, [curve.method]: (performance.now() - began) / 1000 } });
  } catch (reason) {
    if (!signal.aborted) change({ mode: 'paused', error: sentence(reason) });
  } finally {
    under = null;
    store.update({ growing: null, background: { ...store.state.background, now: null } });
  }
}

function change(part: Partial<Background>): void {
  store.update({ background: { ...store.state.background, ...part } });
}
