// What the reader can do. Each action moves the store from one state to the next.
import type { LitElement } from 'lit';
import { now, restWhileHidden } from './awake';
import { findStop, pointsOf, stopRecipe, withPoint, type Curve } from './dial/curves';
import { fitted } from './calibrating';
import { mayBegin } from './content-note';
import { restored } from './dial/lasting';
import { download } from './download';
import { Engine, type NamedBlob } from './engine';
import { checkFit } from './fitting';
import { grow } from './growing';
import { writeLink } from './history';
import { parseHub } from './hub/address';
import { catchesUp, runWhereChosen, type BackendChoice } from './graphics';
import { fetchItems, RAW_HOST, wantedItems } from './items';
import { keepReport, paceLike } from './kept/keeping';
import { RunClock, TimeLeft } from './left';
import { toLink } from './link';
import { sentence } from './promised';
import { NO_SETUP } from './setup';
import { readSource, readText, type Source } from './source';
import { chainParameters, findChain, isCalibrated, store, type RecipePart, type Setting } from './store';
import { action as TEXT, controls, page } from './text';
import { workersFor } from './workers';
import type { EngineEvent, Parameter, RemoteFile, Report, Text } from './types';

export const engine = new Engine(() => store.update({ held: null }));
restWhileHidden(engine);
/** What is under way: there is one thing at a time, and the next one ends it. */
let current = new AbortController();

/** Loads a model and says whether that worked; when not, the model before it stays. */
export async function load(chosen: Source | Promise<Source>): Promise<boolean> {
  const signal = begin();
  store.update({ phase: 'loading', error: null, progress: { stage: 'load', label: TEXT.loadingModel, done: 0, total: 0 } });
  try {
    const source = await chosen;
    const left = new TimeLeft(now());
    const onBytes = (label: string, done: number, total: number): void => {
      if (total > 0) left.see(done / total, now());
      store.updateSoon({ progress: { stage: 'load', label, done, total, left: left.text(now()) } });
    };
    const files = await readSource(source, onBytes, signal);
    if (source.kind !== 'builtin') await checkFit(engine, files);
    const model = await engine.load(files, signal);
    const measured = model.hash === store.state.model?.hash ? {} : restored(model.hash);
    // A link says what its recipe is; what the reader chose suits the model.
    const recipe = JSON.stringify(source) === JSON.stringify(store.state.source) ? store.state.recipe : fitted(store.state, model);
    store.update({ phase: 'idle', model, source, recipe, ...measured, held: null, progress: null, choosing: { ...store.state.choosing, open: false, pick: null } });
    writeLink();
    return true;
  } catch (reason) {
    end(signal, reason);
    return false;
  }
}

export async function run(): Promise<void> {
  if (!(await mayBegin((probe) => chooseProbe(probe, false)))) return;
  const signal = begin();
  const link = `${toLink(store.state)}&run=1`;
  let report: Report | null = null;
  const isOnce = Number(store.state.recipe.calibration['seeds'] ?? 1) === 1;
  const clock = new RunClock(now(), isOnce ? paceLike(store.state, true) : null);
  const onEvent = (event: EngineEvent): void => {
    if (event.kind === 'progress') return store.updateSoon({ progress: { ...event, left: isOnce ? clock.see(event, now()) : '' } });
    report = grow(report, event); // there is one when the model is compressed
    if (!report || !catchesUp(report)) return;
    store.updateSoon({ report, link, held: report, offers: [] });
    note(report);
  };
  store.update({ phase: 'running', error: null, notice: null, progress: { stage: 'start', label: TEXT.starting, done: 0, total: 0 } });
  try {
    const brought = { text: usedText(), workers: usedWorkers(), items: await usedItems(signal), classifier: store.state.classifier };
    report = await runWhereChosen(engine, store.state.recipe, brought, { signal, onEvent });
    store.update({ report, link, held: report, finished: { report, link } });
    note(report);
    void keepReport(report, { link, workers: brought.workers, pace: isOnce ? clock.end(now()) : null });
    store.update({ phase: 'done', offers: await engine.formats(signal), progress: null });
  } catch (reason) {
    end(signal, reason);
  }
}

/** Turns the dial; to another curve it comes where the story of that one begins. */
export function turn(method: string, at: number | null): void {
  store.update({ dial: { method, at } });
}

/** Measures a stop of the dial as an experiment of its own, which can be read below. */
export async function measureStop(curve: Curve, stop: number): Promise<void> {
  const { recipe } = await engine.settle(stopRecipe(curve, stop));
  store.update({ recipe });
  writeLink();
  await run();
}

/** Puts a run that is a stop of a curve onto the dial, until its end as what it has so far. */
export function note(report: Report): void {
  const { catalog, live, model } = store.state;
  const found = catalog && report.model.hash === model?.hash ? findStop(report.recipe, catalog) : null;
  if (!catalog || !found) return;
  const { method } = found.curve;
  const pair = pointsOf(report, found.stop, catalog);
  if (!report.complete) return store.updateSoon({ growing: { method, pair } });
  store.update({ growing: null, live: { ...live, [method]: withPoint(live[method], pair, report.engine.commit) } });
}

export function cancel(): void {
  current.abort();
}

/** Shows the last run that came to its end again, after one that did not. */
export function showFinished(): void {
  const { finished } = store.state;
  if (finished) store.update({ ...finished, phase: 'done', error: null });
}

/** Shows two sides beside one another in full; the run that was shown stays a click away. */
export async function showBeside(report: Report, link: string): Promise<void> {
  store.update({ phase: 'done', report, link, error: null });
  await document.querySelector<LitElement>('pressure-test')?.updateComplete;
  document.querySelector<HTMLElement>('.results h2')?.focus(); // what was pressed is gone
}

/** Downloads the compressed model of this report, each file under a name that tells whose it is. */
export async function save(format: string, report: Report): Promise<void> {
  const signal = begin();
  store.update({ phase: 'saving', error: null, progress: { stage: 'start', label: TEXT.saving, done: 0, total: 0 } });
  try {
    const files = await engine.save(format, signal);
    for (const { name, blob } of files) download(savedPrefix(report) + name, blob);
    store.update({ phase: 'done', progress: null });
  } catch (reason) {
    if (signal === current.signal) store.update({ phase: 'done', progress: null, error: sentence(reason) });
  }
}

export function savedPrefix({ model, recipe }: Report): string {
  return `${model.name}-${model.warning === null ? '' : 'again-'}${recipe.method}-`;
}

/** Puts a method at a place of the chain, or with an empty name takes that place out. Settings that the methods before had as well stay as they are. */
export function chooseMethod(place: number, name: string): void {
  const { catalog, recipe } = store.state;
  if (!catalog) return;
  const names = recipe.method.split('+');
  const later = names.slice(place + 1).filter((each) => each !== name);
  const method = [...names.slice(0, place), name, ...later].filter(Boolean).join('+');
  const before = chainParameters(findChain(catalog, recipe.method));
  const after = chainParameters(findChain(catalog, method));
  const kept = (parameter: Parameter): Setting | undefined => (before.some((each) => isEqual(each, parameter)) ? recipe.settings[parameter.name] : undefined);
  const settings = Object.fromEntries(after.map((parameter) => [parameter.name, kept(parameter) ?? parameter.default]));
  store.update({ recipe: { ...recipe, method, settings } });
  writeLink();
}

/** Both are of one catalog, with their keys in one order. */
function isEqual(one: Parameter, other: Parameter): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Takes a file of the reader's as calibration text, or goes back to the built-in one. It stays in this page. */
export async function chooseText(file: File | null): Promise<void> {
  try {
    store.update({ text: file && (await readText(file)), error: null });
    writeLink();
  } catch (reason) {
    store.update({ error: sentence(reason) });
  }
}

/** Takes the reader's own files of items; none to be without. */
export function chooseItems(files: File[]): void {
  store.update({ items: files.map((file) => ({ name: file.name, blob: file })), error: null });
  writeLink();
}

export function chooseBackend(backend: BackendChoice): void {
  store.update({ backend });
  writeLink();
}

export function setItemsHost(typed: string): void {
  try {
    store.update({ itemsHost: typed.trim() === '' ? RAW_HOST : parseHub(typed), error: null });
    writeLink();
  } catch (reason) {
    store.update({ error: sentence(reason) });
  }
}

/** Takes the files of a classifier for the runs to come; none for the built-in scorer. */
export function chooseClassifier(files: File[]): void {
  const named = files.map((file) => ({ name: file.name, blob: file }));
  store.update({ classifier: named.length > 0 ? { name: files[0]?.webkitRelativePath.split('/')[0] || controls.classifier, files: named } : null });
  writeLink();
}

export function set(part: RecipePart, name: string, value: Setting): void {
  const { recipe } = store.state;
  store.update({ recipe: { ...recipe, [part]: { ...recipe[part], [name]: value } } });
  writeLink();
}

/** Asks a dimension, or leaves it out; all of them are asked when none is chosen. */
export function chooseProbe(name: string, asked: boolean): void {
  const { catalog, recipe } = store.state;
  if (!catalog) return;
  const all = catalog.probes.map((probe) => probe.name);
  const before = recipe.probes?.length ? recipe.probes : all;
  const chosen = all.filter((each) => (each === name ? asked : before.includes(each)));
  store.update({ recipe: { ...recipe, probes: chosen.length === all.length ? [] : chosen } });
  writeLink();
}

/** Opens what measures this device, which few readers need and which is fetched when it is asked for. */
export async function openDevice(): Promise<void> {
  await opened(import('./device/dialog').then(({ show }) => show()));
}

/** Opens the list of every request that was made. */
export async function openRequests(): Promise<void> {
  await opened(import('./requests/dialog').then(({ show }) => show()));
}

/** Opens the list of results that are kept in this browser. */
export async function openKept(): Promise<void> {
  await opened(import('./kept/dialog').then(({ show }) => show()));
}

/** Opens what a report, or without one the experiment that the controls show, can be taken along as. */
export async function openSharing(report: Report | null): Promise<void> {
  await opened(import('./share/dialog').then(({ show }) => show(report)));
}

/** Brings what sets other runs beside this one. */
export async function openSides(): Promise<void> {
  await opened(import('./sides/view'));
}

/** Brings what asks both sides of a run more. */
export async function openTrying(): Promise<void> {
  await opened(import('./try/view'));
}

/** Brings what was published of other models. */
export async function openPublished(): Promise<void> {
  await opened(import('./published/view'));
}

/** Shows and unlocks what the link hid or fixed. */
export function leaveSetup(): void {
  store.update({ setup: NO_SETUP });
  writeLink();
  document.querySelector<HTMLElement>('h1')?.focus(); // what was pressed is gone
}

/** Shows the dial to a hall, or a lesson; `link`: that of the link. */
export function openStage(lesson: string | null): void {
  void opened(import('./stage/stage').then(({ open }) => open(lesson)));
}

/** A part of the page that is fetched when it is used. */
async function opened(part: Promise<unknown>): Promise<void> {
  await part.catch((reason: unknown) => store.update({ error: page.partMissing({ why: sentence(reason) }) }));
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
  store.update({ ...change, growing: null, progress: null });
}

/** The reader's own text, where the method looks at one. */
function usedText(): Text | null {
  return isCalibrated(store.state) ? store.state.text : null;
}

/** As many as the link asks for, or as this machine has room for. */
export function usedWorkers(): number {
  const { workers, model } = store.state;
  return workers ?? (model ? workersFor(model.bytes) : 1);
}

/** The files of items that the recipe's source needs. */
async function usedItems(signal: AbortSignal): Promise<NamedBlob[]> {
  const { catalog, recipe, items, itemsHost } = store.state;
  if (!catalog || recipe.evaluation['source'] === 'own') return items;
  const wanted = wantedItems(catalog, recipe);
  const onFile = ({ path }: RemoteFile, done: number): void =>
    store.update({ progress: { stage: 'start', label: TEXT.fetching({ file: path }), done, total: wanted.length } });
  const onWait = (label: string): void => store.update({ progress: { stage: 'start', label, done: 0, total: 0 } });
  return wanted.length > 0 ? fetchItems(wanted, itemsHost, onFile, { signal, onWait }) : [];
}

