// Every experiment is a link: what stands after the # of the page's address. A link may be old, cut, mistyped or
// made to mislead, so what it asks is read key by key, and whatever cannot be honoured is named.
import { HUB, parseAddress, parseHub, writeAddress } from './hub/address';
import { RAW_HOST, wantedItems } from './items';
import type { Source } from './source';
import { chainParameters, findChain, type State } from './store';
import type { Catalog, Method, Parameter, Recipe, RecipePart, Setting, Settings } from './types';

const PARTS: RecipePart[] = ['settings', 'calibration', 'evaluation'];
/** Keys that stand for one thing each; the others are settings, as `<part>.<name>`. */
const KEYS = ['model', 'hub', 'dropped', 'method', 'probes', 'text', 'classifier', 'items', 'items_host', 'run'];
/** What the reader must give again, by its key; nothing of it is in a link. */
const BROUGHT: Record<string, (name: string) => string> = {
  dropped: (name) => `the model ${name} came from a disk: drop it on this page again`,
  text: (name) => `the calibration text ${name} is a file of its own: choose it again under “Calibration”`,
  classifier: (name) => `toxicity was judged by the classifier ${name}: choose its files again under “How it is measured”`,
  items: (name) => `the items ${name} are files of their own: choose them again under “How it is measured”`,
};
/** So much of what a link says is quoted. */
const LONGEST_QUOTE = 60;

/** The experiment that the controls show, as the text after the # of an address. */
export function toLink(state: State): string {
  const { source, choosing, recipe, text, classifier, items, itemsHost, catalog } = state;
  const link = new URLSearchParams();
  if (source.kind === 'remote') link.set('model', writeAddress(source.address, choosing.hub));
  if (choosing.hub !== HUB) link.set('hub', choosing.hub);
  if (source.kind === 'dropped') link.set('dropped', source.name);
  link.set('method', recipe.method);
  for (const part of PARTS) {
    for (const [name, value] of Object.entries(recipe[part])) link.set(`${part}.${name}`, String(value));
  }
  if (recipe.probes?.length) link.set('probes', recipe.probes.join(','));
  const chain = catalog ? findChain(catalog, recipe.method) : [];
  if (text && chain.some(({ calibrated }) => calibrated)) link.set('text', text.name);
  if (classifier) link.set('classifier', classifier.name);
  if (recipe.evaluation['source'] === 'own' && items.length > 0) link.set('items', items.map(({ name }) => name).join(','));
  if (itemsHost !== RAW_HOST && catalog && wantedItems(catalog, recipe).length > 0) link.set('items_host', itemsHost);
  // A plus joins methods, and is legible; it never stands for a space.
  return `#${String(link).replaceAll('+', '%20').replaceAll('%2B', '+')}`;
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
  const model = values.get('model');
  const builtIn: Source = { kind: 'builtin' };
  const source = model === undefined ? builtIn : attempt<Source>(() => ({ kind: 'remote', address: parseAddress(model, hub) }), builtIn);
  return { hub, source, problems };
}

export interface Linked {
  recipe: Recipe;
  /** Where the authors' items are asked for. */
  itemsHost: string;
  /** Whether it asks to start at once. */
  run: boolean;
  /** What cannot be honoured, each in a few words. */
  problems: string[];
}

/** What a link asks for beside the model; what it leaves out is the default. */
export function fromLink(hash: string, catalog: Catalog): Linked {
  const { values, problems } = readLink(hash);
  const chain = linkedChain(values.get('method'), catalog, problems);
  const tables: Record<RecipePart, Parameter[]> = {
    settings: chainParameters(chain),
    calibration: catalog.calibration,
    evaluation: catalog.evaluation,
  };
  for (const [key, value] of values) {
    const [part, name] = halves(key, '.');
    const table = tables[part as RecipePart] as Parameter[] | undefined;
    if (table?.some((parameter) => parameter.name === name)) continue;
    if (Object.hasOwn(tables, part)) problems.push(`${quoted(key)} is no setting ${part === 'settings' ? `of ${titles(chain)}` : 'that this page has'} and was passed over`);
    else if (!KEYS.includes(key)) problems.push(`${quoted(`${key}=${value}`)} means nothing to this page and was passed over`);
  }
  const read = (part: RecipePart): Settings =>
    Object.fromEntries(
      tables[part].map((parameter) => {
        const text = values.get(`${part}.${parameter.name}`);
        const value = text === undefined ? parameter.default : parse(parameter, text);
        if (value === null) problems.push(`${quoted(text ?? '')} is no ${parameter.title.toLowerCase()} that can be set, so it is ${parameter.default}`);
        return [parameter.name, value ?? parameter.default];
      }),
    );
  const recipe = {
    method: chain.map((method) => method.name).join('+'),
    settings: read('settings'),
    calibration: read('calibration'),
    evaluation: read('evaluation'),
    probes: linkedProbes(values.get('probes'), catalog, problems),
  };
  for (const [key, again] of Object.entries(BROUGHT)) {
    const name = values.get(key);
    if (name !== undefined) problems.push(again(quoted(name)));
  }
  if (recipe.evaluation['source'] === 'own' && !values.has('items')) problems.push('the items are to be your own files: choose them under “How it is measured”');
  const run = values.get('run');
  if (run !== undefined && run !== '1') problems.push(`${quoted(`run=${run}`)} means nothing to this page and was passed over`);
  return { recipe, itemsHost: linkedHost(values.get('items_host'), problems), run: run === '1', problems };
}

/** The keys and values of a link; the first of two equal keys counts. */
function readLink(hash: string): { values: Map<string, string>; problems: string[] } {
  const values = new Map<string, string>();
  const problems: string[] = [];
  for (const pair of hash.replace(/^#/, '').split('&').filter(Boolean)) {
    const decoded = decode(pair);
    if (decoded === null) {
      problems.push(`${quoted(pair)} has a broken percent-encoding and was passed over`);
    } else if (values.has(decoded[0])) {
      problems.push(`${quoted(decoded[0])} stands there twice, and the first one counts`);
    } else {
      values.set(...decoded);
    }
  }
  return { values, problems };
}

function decode(pair: string): [string, string] | null {
  try {
    const [key, value] = halves(pair, '=');
    return [decodeURIComponent(key), decodeURIComponent(value)];
  } catch {
    return null;
  }
}

/** What stands before the first sign of this kind, and what after it. */
function halves(text: string, sign: string): [string, string] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function linkedChain(asked: string | undefined, catalog: Catalog, problems: string[]): Method[] {
  const [first] = catalog.methods;
  if (!first) throw new Error('The engine offers no method: build the page again.');
  if (asked === undefined) return [first];
  const names = asked.split('+');
  const chain = findChain(catalog, [...new Set(names)].join('+'));
  const instead = chain.length === 0 ? `${first.title} is shown instead` : 'it was left out';
  for (const name of new Set(names)) {
    if (!chain.some((method) => method.name === name)) problems.push(`the method ${quoted(name)} is not known here, and ${instead}`);
    else if (names.filter((each) => each === name).length > 1) problems.push(`the method ${quoted(name)} stands there twice and is applied once`);
  }
  return chain.length === 0 ? [first] : chain;
}

function titles(chain: Method[]): string {
  return chain.map((method) => method.title).join(', then ');
}

function linkedProbes(asked: string | undefined, { probes }: Catalog, problems: string[]): string[] {
  const names = new Set(asked?.split(','));
  const known = probes.map(({ name }) => name).filter((name) => names.has(name));
  for (const name of names) {
    if (!known.includes(name)) problems.push(`the dimension ${quoted(name)} is not known here${known.length === 0 ? ', and all are asked' : ''}`);
  }
  return known.length === probes.length ? [] : known;
}

function linkedHost(asked: string | undefined, problems: string[]): string {
  if (asked === undefined) return RAW_HOST;
  try {
    return parseHub(asked);
  } catch {
    problems.push(`${quoted(asked)} is no address that items can be fetched from, so it is ${RAW_HOST}`);
    return RAW_HOST;
  }
}

function quoted(text: string): string {
  return `“${text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text}”`;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A value from a link, or null when the parameter does not allow it. */
function parse(parameter: Parameter, text: string): Setting | null {
  switch (parameter.kind) {
    case 'choice':
      return parameter.options.find((option) => String(option.value) === text)?.value ?? null;
    case 'toggle':
      return text === 'true' ? true : text === 'false' ? false : null;
    default: {
      const value = NUMBER.test(text) ? Number(text) : NaN;
      const inside = value >= parameter.min && value <= parameter.max;
      return inside && (parameter.kind === 'number' || Number.isInteger(value)) ? value : null;
    }
  }
}

/** What of the settings chosen so far the parameters allow; the rest is the default. */
export function settle(parameters: Parameter[], chosen: Settings): Settings {
  return Object.fromEntries(
    parameters.map((parameter) => [parameter.name, parse(parameter, String(chosen[parameter.name])) ?? parameter.default]),
  );
}
