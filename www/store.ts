// What the page knows, and its place in the address: every experiment is a link.
import { HUB, parseAddress, parseHub, writeAddress } from './hub/address';
import type { Fit } from './hub/fit';
import type { Listing } from './hub/listing';
import type { Room, StoredModel } from './hub/storage';
import type { Pace } from './hub/transfer';
import type { ModelFiles, NamedBlob } from './engine';
import { RAW_HOST } from './items';
import type { Source } from './source';
import type { Catalog, Method, ModelSummary, Offer, Parameter, Progress, Recipe, RecipePart, Report, Setting, Settings, Text } from './types';

export interface State {
  phase: 'loading' | 'idle' | 'running' | 'done' | 'saving' | 'error';
  catalog: Catalog | null;
  /** The model that is loaded, and where it came from. */
  source: Source;
  model: ModelSummary | null;
  /** What the controls show. A report on the page keeps its own recipe. */
  recipe: Recipe;
  /** The reader's own calibration text; without one, the built-in text is used. */
  text: Text | null;
  /** The reader's own files of items, and where the authors' are asked for. */
  items: NamedBlob[];
  itemsHost: string;
  /** The reader's own toxicity classifier; without one, the built-in scorer is used. */
  classifier: ModelFiles | null;
  progress: Progress | null;
  report: Report | null;
  /** What each format makes of the model that the report is about. */
  offers: Offer[];
  error: string | null;
  choosing: Choosing;
  /** Reloads the page as its newer version, once there is one. */
  renew: (() => void) | null;
}

/** The panel that chooses a model, and the download that it may have begun. */
export interface Choosing {
  open: boolean;
  hub: string;
  /** What is being asked of a server, as a sentence. */
  asking: string | null;
  /** A model that could be downloaded; `arrived`: the bytes of it that are here already. */
  offer: { listing: Listing; fit: Fit; arrived: number } | null;
  transfer: { listing: Listing; pace: Pace | null } | null;
  stored: StoredModel[];
  room: Room | null;
}

class Store extends EventTarget {
  state: State = {
    phase: 'loading',
    catalog: null,
    source: { kind: 'builtin' },
    model: null,
    recipe: { method: '', settings: {}, calibration: {}, evaluation: {} },
    text: null,
    items: [],
    itemsHost: RAW_HOST,
    classifier: null,
    progress: null,
    report: null,
    offers: [],
    error: null,
    choosing: { open: false, hub: HUB, asking: null, offer: null, transfer: null, stored: [], room: null },
    renew: null,
  };

  update(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.dispatchEvent(new Event('change'));
  }
}

export const store = new Store();

/** The name that a report gives the text it was calibrated by where that is the built-in one. */
export const BUILT_IN_TEXT = 'built-in English';

/** The methods of a recipe, in the order they are applied. */
export function findChain({ methods }: Catalog, names: string): Method[] {
  return names.split('+').flatMap((name) => methods.find((method) => method.name === name) ?? []);
}

export function chainTitle(catalog: Catalog, names: string): string {
  return findChain(catalog, names).map((method) => method.title).join(', then ') || names;
}

/** The parameters of all methods of a chain; one that several have stands once. */
export function chainParameters(chain: Method[]): Parameter[] {
  const all = new Map<string, Parameter>();
  for (const parameter of chain.flatMap((method) => method.parameters)) {
    if (!all.has(parameter.name)) all.set(parameter.name, parameter);
  }
  return [...all.values()];
}

export function isCalibrated({ catalog, recipe }: State): boolean {
  return catalog !== null && findChain(catalog, recipe.method).some((method) => method.calibrated);
}

/** What of the settings chosen so far the parameters allow; the rest is the default. */
export function settle(parameters: Parameter[], chosen: Settings): Settings {
  return Object.fromEntries(
    parameters.map((parameter) => [parameter.name, parse(parameter, String(chosen[parameter.name])) ?? parameter.default]),
  );
}

/** The loaded model and a recipe as the text after the # of an address; `text` is the name of the reader's own calibration text. */
export function toLink({ source, choosing }: State, recipe: Recipe, text: string | null): string {
  const link = new URLSearchParams();
  if (source.kind === 'remote') link.set('model', writeAddress(source.address, choosing.hub));
  if (choosing.hub !== HUB) link.set('hub', choosing.hub);
  if (source.kind === 'dropped') link.set('dropped', source.name);
  link.set('method', recipe.method);
  for (const part of ['settings', 'calibration', 'evaluation'] as const) {
    for (const [name, value] of Object.entries(recipe[part])) link.set(`${part}.${name}`, String(value));
  }
  if (recipe.probes?.length) link.set('probes', recipe.probes.join(','));
  if (text !== null) link.set('text', text);
  // A plus joins methods, and is legible; it never stands for a space.
  return `#${String(link).replaceAll('+', '%20').replaceAll('%2B', '+')}`;
}

/** The hub and the model that a link names; an address that is none is an error. */
export function linkedSource(hash: string): { hub: string; source: Source } {
  const link = readLink(hash);
  const hub = parseHub(link.get('hub') ?? '');
  const model = link.get('model');
  return { hub, source: model === null ? { kind: 'builtin' } : { kind: 'remote', address: parseAddress(model, hub) } };
}

export interface Linked {
  recipe: Recipe;
  run: boolean;
  /** What of the link could not be honoured, in one sentence. */
  problem: string | null;
}

/** The recipe that the text after the # describes; what it leaves out is the default. */
export function fromLink(hash: string, catalog: Catalog): Linked {
  const link = readLink(hash);
  const problems: string[] = [];
  const chain = linkedChain(link.get('method'), catalog, problems);
  const read = (part: RecipePart, parameters: Parameter[]): Settings =>
    Object.fromEntries(
      parameters.map((parameter) => {
        const text = link.get(`${part}.${parameter.name}`);
        const value = text === null ? parameter.default : parse(parameter, text);
        if (value === null) problems.push(`${parameter.title.toLowerCase()} “${text}” (${parameter.default} is shown instead)`);
        return [parameter.name, value ?? parameter.default];
      }),
    );
  const recipe = {
    method: chain.map((method) => method.name).join('+'),
    settings: read('settings', chainParameters(chain)),
    calibration: read('calibration', catalog.calibration),
    evaluation: read('evaluation', catalog.evaluation),
    probes: linkedProbes(link.get('probes'), catalog, problems),
  };
  const dropped = link.get('dropped');
  if (dropped !== null) problems.push(`the dropped model “${dropped}” (drop it again to repeat that run)`);
  const text = link.get('text');
  if (text !== null) problems.push(`the calibration text “${text}” (choose it again to repeat that run)`);
  return {
    recipe,
    run: link.get('run') === '1' && dropped === null && text === null,
    problem: problems.length > 0 ? `This link asks for something this page does not have: ${problems.join('; ')}.` : null,
  };
}

function linkedChain(asked: string | null, catalog: Catalog, problems: string[]): Method[] {
  const chain = findChain(catalog, asked ?? '');
  const [first] = catalog.methods;
  if (!first) throw new Error('The engine offers no method: build the page again.');
  if (chain.length === 0) chain.push(first);
  if (asked !== null && asked.split('+').length !== chain.length) {
    problems.push(`the method “${asked}” (${chain.map((method) => method.title).join(', then ')} is shown instead)`);
  }
  return chain;
}

function linkedProbes(asked: string | null, { probes }: Catalog, problems: string[]): string[] {
  const names = asked?.split(',') ?? [];
  const unknown = names.filter((name) => !probes.some((probe) => probe.name === name));
  if (unknown.length > 0) problems.push(`the dimension “${unknown.join(', ')}”`);
  return names.filter((name) => !unknown.includes(name));
}

function readLink(hash: string): URLSearchParams {
  return new URLSearchParams(hash.replace(/^#/, '').replaceAll('+', '%2B'));
}

/** A value from a link, or null when the parameter does not allow it. */
function parse(parameter: Parameter, text: string): Setting | null {
  switch (parameter.kind) {
    case 'choice':
      return parameter.options.find((option) => String(option.value) === text)?.value ?? null;
    case 'toggle':
      return text === 'true' ? true : text === 'false' ? false : null;
    default: {
      const value = text.trim() === '' ? NaN : Number(text);
      const inside = value >= parameter.min && value <= parameter.max;
      return inside && (parameter.kind === 'number' || Number.isInteger(value)) ? value : null;
    }
  }
}
