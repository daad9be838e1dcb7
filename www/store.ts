// What the page knows.
import { HUB, type Address } from './hub/address';
import type { Fit } from './hub/fit';
import type { Found, Listing, Variant } from './hub/listing';
import type { Room, StoredModel } from './hub/storage';
import type { Pace } from './hub/transfer';
import type { Measured, Pair } from './dial/curves';
import type { Row } from './device/measure';
import type { ModelFiles, NamedBlob } from './engine';
import type { BackendChoice, Graphics } from './graphics';
import { RAW_HOST } from './items';
import type { Kept } from './kept/storage';
import { remembered } from './remembered';
import type { Setup } from './setup';
import type { Choice, Source } from './source';
import { controls as TEXT } from './text';
import type { Catalog, EngineEvent, Method, ModelSummary, Offer, Parameter, Recipe, Report, Settings, Text } from './types';

export interface State {
  phase: 'loading' | 'idle' | 'running' | 'done' | 'saving' | 'measuring' | 'error';
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
  /** How many workers a link asks for; without, as many as there is room for. */
  workers: number | null;
  /** Where it is to compute, and what became of the graphics card in the last run that looked for one. */
  backend: BackendChoice;
  graphics: Graphics | null;
  progress: Progress | null;
  report: Report | null;
  /** Where the dial stands; `at`: null where the reader has not turned it. */
  dial: { method: string; at: number | null };
  /** What was measured on this device of the model that is loaded, by method. */
  live: Record<string, Measured>;
  /** What the run of a stop, which goes on, has so far. */
  growing: { method: string; pair: Pair } | null;
  background: Background;
  /** The link that repeats the run of the report. */
  link: string;
  /** The last run that came to its end, which stays when a later one does not. */
  finished: Finished | null;
  /** What this browser keeps of earlier runs, the newest first; null where it keeps nothing. */
  kept: Kept[] | null;
  /** How fast this device is, where that was measured. */
  speeds: Row[];
  /** The report whose compressed model the engine holds. */
  held: Report | null;
  /** What each format makes of the model that the report is about. */
  offers: Offer[];
  error: string | null;
  /** What the link that opened the page, or a report, asks for and does not get by itself. */
  notice: Notice | null;
  /** What the link that opened the page fixed or hid. */
  setup: Setup;
  choosing: Choosing;
  /** Reloads the page as its newer version, once there is one. */
  renew: (() => void) | null;
}

/** The value of a setting. */
export type Setting = Settings[string];

/** The parts of a recipe that hold settings. */
export const PARTS = ['settings', 'calibration', 'evaluation'] as const satisfies (keyof Recipe)[];
export type RecipePart = (typeof PARTS)[number];

/** Whether nothing is under way. */
export function isAtRest(phase: State['phase']): boolean {
  return phase === 'idle' || phase === 'done' || phase === 'error';
}

type EngineProgress = Extract<EngineEvent, { kind: 'progress' }>;

/** How far the engine is, or the page with what comes before. */
export type Progress = Pick<EngineProgress, 'label' | 'done' | 'total'> & { stage: EngineProgress['stage'] | 'load' | 'start'; /** "about 20 s left", once that is known. */ left?: string };

/** The measuring of a curve, stop by stop, beside everything else. */
export interface Background {
  /** Whether it goes on, by itself or because the reader asked. */
  mode: 'paused' | 'unasked' | 'asked';
  /** Whether the curves that are not seen follow. */
  all: boolean;
  /** What is being measured. */
  now: { method: string; stop: number } | null;
  /** What a stop of the loaded model takes here, by method. */
  seconds: Record<string, number>;
  /** Why it paused by itself. */
  error: string | null;
}

export const NOT_BEGUN: Background = { mode: 'paused', all: false, now: null, seconds: {}, error: null };

export interface Finished {
  report: Report;
  link: string;
}

export interface Notice {
  /** What was opened, as sentences; null for the link of the page. */
  says: string | null;
  /** What of it could not be honoured. */
  problems: string[];
  /** What its run would fetch, and from where; null for nothing. */
  fetches: string | null;
  /** Whether the link asked to start at once, which is then left to the reader. */
  run: boolean;
}

/** The panel that chooses a model, and the download that it may have begun. */
export interface Choosing {
  open: boolean;
  hub: string;
  /** A model that a link names, and that nobody has been asked about yet. */
  linked: Address | null;
  /** Several models that were dropped or chosen at once. */
  pick: Choice | null;
  /** What is being asked of a server, as a sentence. */
  asking: string | null;
  /** A place with several models, of which the reader chooses; what is wrong with each by its size, or null. */
  shelf: { found: Found; problems: (string | null)[] } | null;
  /** A model that could be downloaded; `arrived`: the bytes of it that are here already; `stored`: how, by its header. */
  offer: { listing: Listing; fit: Fit; arrived: number; stored: string | null } | null;
  transfer: { listing: Listing; pace: Pace | null } | null;
  stored: StoredModel[];
  /** What the computer has that serves this page. */
  inRoom: Variant[];
  room: Room | null;
  /** Whether what is downloaded outlives the tab. */
  keeps: boolean;
}

/** Milliseconds in which news of a run become one: nobody reads faster, and a phone has more to do. */
const PACE = 200;
/** Where drawing them takes longer, this many times as long, up to a second. */
const [REST, LONGEST] = [8, 1000];

class Store extends EventTarget {
  #soon: ReturnType<typeof setTimeout> | null = null;
  #pace = PACE;
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
    workers: null,
    backend: 'auto',
    graphics: null,
    progress: null,
    report: null,
    dial: { method: '', at: null },
    live: {},
    growing: null,
    background: NOT_BEGUN,
    link: '',
    finished: null,
    kept: null,
    speeds: readSpeeds(),
    held: null,
    offers: [],
    error: null,
    notice: null,
    setup: { fixed: [], hidden: [], steps: [] },
    choosing: { open: false, hub: HUB, linked: null, pick: null, asking: null, shelf: null, offer: null, transfer: null, stored: [], inRoom: [], room: null, keeps: true },
    renew: null,
  };

  update(change: Partial<State>): void {
    if (this.#soon !== null) clearTimeout(this.#soon);
    this.#soon = null;
    this.state = { ...this.state, ...change };
    this.dispatchEvent(new Event('change'));
  }

  /** The same for news that follow one another fast: the page is drawn once for all that come within a moment. */
  updateSoon(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.#soon ??= setTimeout(() => this.#drawNews(), this.#pace);
  }

  /** A page that is long in drawing draws less often: most of the time is the reader's. */
  #drawNews(): void {
    const began = performance.now();
    this.update({});
    requestAnimationFrame(() => setTimeout(() => (this.#pace = Math.min(Math.max(PACE, REST * (performance.now() - began)), LONGEST))));
  }
}

export const store = new Store();

/** What was measured in an earlier visit; nothing where that cannot be read. */
function readSpeeds(): Row[] {
  try {
    const rows = JSON.parse(remembered('speeds') ?? '[]') as Row[];
    return Array.isArray(rows) && rows.every(({ prompts, parameters }) => prompts > 0 && parameters > 0) ? rows : [];
  } catch {
    return [];
  }
}

/** The name that a report gives the text it was calibrated by where that is the built-in one. */
export const BUILT_IN_TEXT = 'built-in English';
/** How the name of the built-in scorer of toxicity begins, whatever its version. */
export const BUILT_IN_SCORER = 'pressure-test-lexicon';

/** The methods of a recipe, in the order they are applied. */
export function findChain({ methods }: Catalog, names: string): Method[] {
  return names.split('+').flatMap((name) => methods.find((method) => method.name === name) ?? []);
}

export function chainTitle(catalog: Catalog, names: string): string {
  return TEXT.chain(findChain(catalog, names).map((method) => method.title)) || names;
}

/** The parameters of all methods of a chain; one that several have stands once. */
export function chainParameters(chain: Method[]): Parameter[] {
  const all = new Map<string, Parameter>();
  for (const parameter of chain.flatMap((method) => method.parameters)) {
    if (!all.has(parameter.name)) all.set(parameter.name, parameter);
  }
  return [...all.values()];
}

/** The parameters of each part of a recipe with these methods. */
export function tablesOf(catalog: Catalog, names: string): Record<RecipePart, Parameter[]> {
  const { calibration, evaluation } = catalog;
  return { settings: chainParameters(findChain(catalog, names)), calibration, evaluation };
}

export function isCalibrated({ catalog, recipe }: State): boolean {
  return catalog !== null && findChain(catalog, recipe.method).some((method) => method.calibrated);
}
