// What the reader can do. Each action moves the store from one state to the next.
import { Engine } from './engine';
import { readSource, type Source } from './source';
import { defaults, findMethod, fromLink, linkedSource, store, toLink } from './store';
import type { EngineEvent, Setting } from './types';

const engine = new Engine();
/** What is under way: there is one thing at a time, and the next one ends it. */
let current = new AbortController();

/** Opens the page at the state its address describes. */
export async function open(): Promise<void> {
  const hash = location.hash;
  try {
    const asked = engine.catalog();
    const loading = load(linkedSource(hash)); // the files arrive while the engine starts
    const catalog = await asked;
    const { recipe, run: runAtOnce, problem } = fromLink(hash, catalog);
    store.update({ catalog, recipe });
    const loaded = await loading;
    if (loaded && problem) store.update({ error: problem });
    if (loaded && runAtOnce) await run();
  } catch (reason) {
    store.update({ phase: 'error', error: `The engine did not start: reload the page (${sentence(reason)})` });
  }
}

/** Loads a model and says whether that worked; when not, the model before it stays. */
export async function load(chosen: Source | Promise<Source>): Promise<boolean> {
  const signal = begin();
  store.update({ phase: 'loading', error: null, progress: { stage: 'load', label: 'Loading the model', done: 0, total: 0 } });
  try {
    const source = await chosen;
    const onBytes = (label: string, done: number, total: number): void => store.update({ progress: { stage: 'load', label, done, total } });
    const model = await engine.load(await readSource(source, onBytes, signal), signal);
    store.update({ phase: 'idle', model, source, progress: null });
    writeLink();
    return true;
  } catch (reason) {
    end(signal, reason);
    return false;
  }
}

export async function run(): Promise<void> {
  const signal = begin();
  store.update({ phase: 'running', error: null, progress: { stage: 'start', label: 'Starting', done: 0, total: 0 } });
  try {
    const report = await engine.run(store.state.recipe, show, signal);
    store.update({ phase: 'done', report, progress: null });
  } catch (reason) {
    end(signal, reason);
  }
}

export function cancel(): void {
  current.abort();
}

export function chooseMethod(name: string): void {
  const { catalog, recipe } = store.state;
  const method = catalog && findMethod(catalog, name);
  if (!method) return;
  store.update({ recipe: { ...recipe, method: name, settings: defaults(method.parameters) } });
  writeLink();
}

export function set(part: 'settings' | 'evaluation', name: string, value: Setting): void {
  const { recipe } = store.state;
  store.update({ recipe: { ...recipe, [part]: { ...recipe[part], [name]: value } } });
  writeLink();
}

function begin(): AbortSignal {
  current.abort();
  current = new AbortController();
  return current.signal;
}

/** Cancelling is no error, and what was on the page stays either way. */
function end(signal: AbortSignal, reason: unknown): void {
  if (signal !== current.signal) return; // something newer has begun
  const change = signal.aborted ? { phase: 'idle' as const } : { phase: 'error' as const, error: sentence(reason) };
  store.update({ ...change, progress: null });
}

function show(event: EngineEvent): void {
  if (event.kind === 'report') store.update({ report: event.report });
  else store.update({ progress: event });
}

function writeLink(): void {
  history.replaceState(null, '', toLink(store.state.source, store.state.recipe));
}

function sentence(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
