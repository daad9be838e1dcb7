// Every experiment is a link: what stands after the # of the page's address. A link may be old, cut, mistyped or
// made to mislead, so what it asks is read key by key, and whatever cannot be honoured is named. What a recipe may be is
// the engine's to say.
import { CHOICES, type BackendChoice } from './graphics';
import { HUB, parseAddress, parseHub, withFile, writeAddress } from './hub/address';
import { RAW_HOST, wantedItems } from './items';
import { readSetup, setupKeys, type Setup } from './setup';
import type { Source } from './source';
import { findChain, PARTS, tablesOf, type State } from './store';
import { link as TEXT } from './text';
import type { Catalog, Recipe, Settled, UncheckedRecipe } from './types';
import { MOST_WORKERS } from './workers';

/** Keys that stand for one thing each; the others are settings, as `<part>.<name>`. */
const KEYS = ['model', 'file', 'hub', 'dropped', 'method', 'probes', 'text', 'classifier', 'items', 'items_host', 'workers', 'backend', 'fix', 'hide', 'steps', 'run'];
/** What the reader must give again, by its key; nothing of it is in a link. */
const BROUGHT = { dropped: TEXT.dropped, text: TEXT.text, classifier: TEXT.classifier, items: TEXT.items };
/** So much of what a link says is quoted. */
const LONGEST_QUOTE = 60;

/** The experiment that the controls show, as the text after the # of an address. */
export function toLink(state: State): string {
  const { source, choosing, recipe, text, classifier, items, itemsHost, workers, backend, setup, catalog } = state;
  const link = new URLSearchParams();
  if (source.kind === 'remote') link.set('model', writeAddress(source.address, choosing.hub));
  if (source.kind === 'remote' && source.address.file !== undefined) link.set('file', source.address.file);
  if (choosing.hub !== HUB) link.set('hub', choosing.hub);
  if (source.kind === 'dropped') link.set('dropped', source.name);
  link.set('method', recipe.method);
  const tables = catalog && tablesOf(catalog, recipe.method);
  for (const part of PARTS) {
    for (const { name } of tables?.[part] ?? []) link.set(`${part}.${name}`, String(recipe[part][name]));
  }
  if (recipe.probes?.length) link.set('probes', recipe.probes.join(','));
  const chain = catalog ? findChain(catalog, recipe.method) : [];
  if (text && chain.some(({ calibrated }) => calibrated)) link.set('text', text.name);
  if (classifier) link.set('classifier', classifier.name);
  if (recipe.evaluation['source'] === 'own' && items.length > 0) link.set('items', items.map(({ name }) => name).join(','));
  if (itemsHost !== RAW_HOST && catalog && wantedItems(catalog, recipe).length > 0) link.set('items_host', itemsHost);
  if (workers !== null) link.set('workers', String(workers));
  if (backend !== 'auto') link.set('backend', backend);
  for (const [key, value] of setupKeys(setup)) link.set(key, value);
  return writeKeys(link);
}

/** A plus joins methods, and is legible; it never stands for a space. */
function writeKeys(link: URLSearchParams): string {
  return `#${String(link).replaceAll('+', '%20').replaceAll('%2B', '+')}`;
}

/** The same link without the settings that are as usual, which the page sets by itself. */
export function shortLink(link: string, catalog: Catalog): string {
  const { values } = readLink(link);
  const tables = tablesOf(catalog, values.get('method') ?? '');
  const usual = new Map<string, string>(PARTS.flatMap((part) => tables[part].map(({ name, default: value }) => [`${part}.${name}`, String(value)] as const)));
  return writeKeys(new URLSearchParams([...values].filter(([key, value]) => usual.get(key) !== value)));
}

/** The hub and the model that a link names, or the built-in one and what is wrong. */
export function linkedSource(hash: string): { hub: string; source: Source; problems: string[] } {
  const { values } = readLink(hash);
  const problems: string[] = [];
  const attempt = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (reason) {
      problems.push(reason instanceof Error ? reason.message.replace(/\.$/, '') : String(reason));
      return otherwise;
    }
  };
  const hub = attempt(() => parseHub(values.get('hub') ?? ''), HUB);
  const [model, file] = [values.get('model'), values.get('file')];
  const builtIn: Source = { kind: 'builtin' };
  const read = (typed: string): Source => {
    const address = parseAddress(typed, hub);
    return { kind: 'remote', address: file === undefined ? address : withFile(address, file) };
  };
  const source = model === undefined ? builtIn : attempt(() => read(model), builtIn);
  if (model === undefined && file !== undefined) problems.push(TEXT.fileOfNoModel({ quoted: quoted(`file=${file}`) }));
  return { hub, source, problems };
}

export interface Linked {
  recipe: Recipe;
  /** Where the authors' items are asked for. */
  itemsHost: string;
  /** How many workers it asks for. */
  workers: number | null;
  /** Where it is to compute. */
  backend: BackendChoice;
  /** What it fixes or hides. */
  setup: Setup;
  /** Whether it asks to start at once. */
  run: boolean;
  /** What cannot be honoured, each in a few words. */
  problems: string[];
}

/** What a link says of the recipe, for the engine to check. */
export function linkedRecipe(hash: string): UncheckedRecipe {
  const { values } = readLink(hash);
  const settings = [...values].filter(([key]) => isSetting(key));
  return { method: values.get('method') ?? null, settings, probes: values.get('probes') ?? null };
}

/** What a link asks for beside the model, once the engine has settled its recipe. */
export function fromLink(hash: string, { recipe, problems: refused }: Settled): Linked {
  const { values, problems } = readLink(hash);
  problems.push(...refused);
  for (const [key, value] of values) {
    if (!isSetting(key) && !KEYS.includes(key)) problems.push(TEXT.meansNothing({ quoted: quoted(`${key}=${value}`) }));
  }
  for (const [key, again] of Object.entries(BROUGHT)) {
    const name = values.get(key);
    if (name !== undefined) problems.push(again({ quoted: quoted(name) }));
  }
  if (recipe.evaluation['source'] === 'own' && !values.has('items')) problems.push(TEXT.ownItems);
  const run = values.get('run');
  if (run !== undefined && run !== '1') problems.push(TEXT.meansNothing({ quoted: quoted(`run=${run}`) }));
  const setup = readSetup(values, problems, quoted);
  const [itemsHost, workers, backend] = [linkedHost(values.get('items_host'), problems), linkedWorkers(values.get('workers'), problems), linkedBackend(values.get('backend'), problems)];
  return { recipe, itemsHost, workers, backend, setup, run: run === '1', problems };
}

/** The keys and values of a link; the first of two equal keys counts. */
export function readLink(hash: string): { values: Map<string, string>; problems: string[] } {
  const values = new Map<string, string>();
  const problems: string[] = [];
  for (const pair of hash.replace(/^#/, '').split('&').filter(Boolean)) {
    const decoded = decode(pair);
    if (decoded === null) {
      problems.push(TEXT.brokenEncoding({ quoted: quoted(pair) }));
    } else if (values.has(decoded[0])) {
      problems.push(TEXT.twice({ quoted: quoted(decoded[0]) }));
    } else {
      values.set(...decoded);
    }
  }
  return { values, problems };
}

/** What stands before the first =, and what after it. */
function decode(pair: string): [string, string] | null {
  const at = pair.indexOf('=');
  const halves: [string, string] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  try {
    return [decodeURIComponent(halves[0]), decodeURIComponent(halves[1])];
  } catch {
    return null;
  }
}

/** Whether a key is of a part of the recipe. */
function isSetting(key: string): boolean {
  return PARTS.some((part) => key === part || key.startsWith(`${part}.`));
}

function linkedHost(asked: string | undefined, problems: string[]): string {
  if (asked === undefined) return RAW_HOST;
  try {
    return parseHub(asked);
  } catch {
    problems.push(TEXT.noHost({ quoted: quoted(asked), usual: RAW_HOST }));
    return RAW_HOST;
  }
}

function linkedWorkers(asked: string | undefined, problems: string[]): number | null {
  if (asked === undefined) return null;
  const workers = Number(asked);
  if (Number.isInteger(workers) && workers >= 1 && workers <= MOST_WORKERS) return workers;
  problems.push(TEXT.noWorkers({ quoted: quoted(`workers=${asked}`), most: MOST_WORKERS }));
  return null;
}

function linkedBackend(asked: string | undefined, problems: string[]): BackendChoice {
  const choice = CHOICES.find((each) => each === (asked ?? 'auto'));
  if (choice === undefined) problems.push(TEXT.noBackend({ quoted: quoted(`backend=${asked}`), choices: [...CHOICES] }));
  return choice ?? 'auto';
}

function quoted(text: string): string {
  return text.length > LONGEST_QUOTE ? TEXT.cut(text.slice(0, LONGEST_QUOTE)) : TEXT.quoted(text);
}
