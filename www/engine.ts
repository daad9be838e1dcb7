// The engine as promises. It lives in a worker, which is asked one question after the other. An AbortSignal terminates
// that worker, and the next question starts a fresh one, which is given the same model again.
import type { Beginning } from './hub/beginnings';
import type { Backend, Proved } from './graphics';
import type { EngineFit } from './hub/fit';
import { engine as TEXT } from './text';
import type { Catalog, EngineEvent, Load, Merging, ModelSummary, Offer, Recipe, Report, Settled, Speed, Stored, Text, TokenText, UncheckedRecipe } from './types';

export interface NamedBlob {
  name: string;
  blob: Blob;
}

/** A report that was read back from a file of this name. */
export interface NamedReport {
  name: string;
  report: Report;
}

/** A side of a report. */
export interface ChosenSide extends NamedReport {
  which: 'before' | 'after';
}

export interface ModelFiles {
  name: string;
  files: NamedBlob[];
}

/** What a run takes beside its recipe. */
export interface Brought extends Given {
  /** A text to calibrate by, instead of the built-in one. */
  text: Text | null;
  /** How many workers share what is asked, and where they compute: the processor where it is left out. */
  workers: number;
  backend?: Backend;
}

/** What the worker keeps for the runs that follow. */
export interface Given {
  /** Files of items, for the sources that are not built in. */
  items: NamedBlob[];
  /** A classifier to score toxicity with, instead of the built-in scorer. */
  classifier: ModelFiles | null;
}

export type Question =
  | { kind: 'catalog' }
  /** Its program, for another worker; and of another worker, which comes first. */
  | { kind: 'program' }
  | { kind: 'begin'; program: WebAssembly.Module }
  | { kind: 'settle'; recipe: UncheckedRecipe }
  | { kind: 'merge'; files: NamedReport[] }
  | { kind: 'compare'; left: ChosenSide; right: ChosenSide }
  | { kind: 'fit'; files: Beginning[] }
  | ({ kind: 'load' } & ModelFiles)
  /** `brought`: null where the worker has it already. */
  | { kind: 'run'; backend: Backend; recipe: Recipe; text: Text | null; workers: number; brought: Given | null }
  /** `adapter`: what the browser calls the graphics card; `measures`: whether its speed is asked for. */
  | { kind: 'prove'; backend: 'gpu'; adapter: string; measures: boolean }
  | { kind: 'formats' }
  /** Requests to a side of the last run, as the engine has them. */
  | { kind: 'try'; side: number; requests: unknown[] }
  | { kind: 'token_texts'; tokens: Uint32Array }
  | { kind: 'save'; format: string }
  | ({ kind: 'measure'; load: Load } & Measured)
  /** Is not answered: nothing new is asked of the model until it is told to go on. */
  | { kind: 'rest'; rests: boolean };

/** What is timed: the loaded model, or where a shape is named one of noise of that shape, stored so. */
export interface Measured {
  shape: string | null;
  stored: Stored;
}

/** Every question has a number, and its replies carry it. */
export type Message = Question & { id: number };

export type Reply = { id: number } & Answer;

export type Answer =
  | { kind: 'value'; value: unknown }
  | { kind: 'event'; event: EngineEvent }
  /** `message`: null where the engine trapped; `broken`: whether its worker must not be asked again. */
  | { kind: 'failure'; message: string | null; broken: boolean };

export interface Listener {
  signal?: AbortSignal;
  onEvent?: (event: EngineEvent) => void;
}

/** By this name a worker knows that it computes on the graphics card. */
export const GRAPHICS = 'graphics';

export class Engine {
  #worker: Worker | null = null;
  /** Where the living worker computes, or the next one. */
  #backend: Backend = 'cpu';
  #model: ModelFiles | null = null;
  /** Whether the living worker holds `#model`. */
  #loaded = false;
  /** What the living worker was given for its runs. */
  #given: Given | null = null;
  #asked = 0;
  /** Settles when the last question that was put has its answer. */
  #turn: Promise<unknown> = Promise.resolve();

  /** `onLoss`: told when a worker ends, and the compressed model that it may have held with it. `shared`: another engine's program. */
  constructor(
    readonly onLoss: () => void,
    readonly shared: WebAssembly.Module | null = null,
  ) {}

  /** What the loaded model was read from. */
  get files(): ModelFiles | null {
    return this.#model;
  }

  /** For a second engine, which then neither fetches nor compiles anything; null where it is for the graphics card. */
  program(): Promise<WebAssembly.Module | null> {
    return this.#ask<WebAssembly.Module | null>({ kind: 'program' });
  }

  catalog(): Promise<Catalog> {
    return this.#ask<Catalog>({ kind: 'catalog' });
  }

  /** The recipe that comes of what a link says, and what of that cannot be honoured. */
  settle(recipe: UncheckedRecipe): Promise<Settled> {
    return this.#ask<Settled>({ kind: 'settle', recipe });
  }

  /** Several reports of one experiment as one, and why some are not of it. */
  merge(files: NamedReport[]): Promise<Merging> {
    return this.#ask<Merging>({ kind: 'merge', files });
  }

  /** Two sides beside one another, as a report. */
  compare(left: ChosenSide, right: ChosenSide): Promise<Report> {
    return this.#ask<Report>({ kind: 'compare', left, right });
  }

  /** What a model takes in memory, from the beginnings of its files. Once it is put it is soon answered, so that it ends no worker. */
  fit(files: Beginning[]): Promise<EngineFit> {
    return this.#ask<EngineFit>({ kind: 'fit', files });
  }

  /** Loads a model. When this fails, the model loaded before it stays. */
  async load(model: ModelFiles, signal?: AbortSignal): Promise<ModelSummary> {
    const summary = await this.#ask<ModelSummary>({ kind: 'load', ...model }, { signal });
    this.#model = model;
    this.#loaded = true;
    this.#given = null;
    return summary;
  }

  /** Compresses and scores. */
  run(recipe: Recipe, brought: Brought, listener: Listener): Promise<Report> {
    const { text, workers, backend = 'cpu', ...rest } = brought;
    return this.#ask<Report>({ kind: 'run', backend, recipe, text, workers, brought: rest }, listener);
  }

  /** Compares the graphics card with the processor, on the model. */
  prove(adapter: string, measures: boolean, signal?: AbortSignal): Promise<Proved> {
    return this.#ask<Proved>({ kind: 'prove', backend: 'gpu', adapter, measures }, { signal });
  }

  /** What each format makes of the model that the last run compressed. */
  formats(signal: AbortSignal): Promise<Offer[]> {
    return this.#ask<Offer[]>({ kind: 'formats' }, { signal });
  }

  /** What a side of the last run answers to some requests. Once it is put it is soon answered, so that it ends no worker. */
  try<T>(side: number, requests: unknown[]): Promise<T> {
    return this.#ask<T>({ kind: 'try', side, requests });
  }

  /** What tokens of the model stand for. */
  tokenTexts(tokens: Uint32Array): Promise<TokenText[]> {
    return this.#ask<TokenText[]>({ kind: 'token_texts', tokens });
  }

  /** The files of the model that the last run compressed. */
  save(format: string, signal: AbortSignal): Promise<NamedBlob[]> {
    return this.#ask<NamedBlob[]>({ kind: 'save', format }, { signal });
  }

  /** What some work takes here, done once. */
  measure(measured: Measured, load: Load, signal: AbortSignal): Promise<Speed> {
    return this.#ask<Speed>({ kind: 'measure', load, ...measured }, { signal });
  }

  /** Lets the run that is under way wait, or go on. */
  rest(rests: boolean): void {
    this.#worker?.postMessage({ kind: 'rest', rests, id: 0 } satisfies Message);
  }

  /** Ends its worker. */
  end(): void {
    if (this.#worker) this.#discard(this.#worker);
  }

  /** Puts a question when all before it are answered, or given up: ending one leaves the others waiting for their turn. */
  #ask<T>(question: Question, listener: Listener = {}): Promise<T> {
    const { signal } = listener;
    const answer = this.#turn.then(async () => {
      signal?.throwIfAborted();
      if ('backend' in question) await this.#prepare(question.backend, signal);
      return question.kind === 'run' ? this.#putRun<T>(question, listener) : this.#put<T>(question, listener);
    });
    this.#turn = answer.catch(() => {});
    return new Promise<T>((resolve, reject) => {
      const giveUp = (): void => reject(signal?.reason);
      if (signal?.aborted) giveUp();
      signal?.addEventListener('abort', giveUp, { once: true });
      answer.then(resolve, reject).finally(() => signal?.removeEventListener('abort', giveUp));
    });
  }

  /** A worker for this backend, with the model. */
  async #prepare(backend: Backend, signal?: AbortSignal): Promise<void> {
    if (backend !== this.#backend && this.#worker) this.#discard(this.#worker);
    this.#backend = backend;
    if (this.#loaded || !this.#model) return;
    await this.#put({ kind: 'load', ...this.#model }, { signal });
    this.#loaded = true;
  }

  /** Files that the worker has are not given again. */
  async #putRun<T>(question: Extract<Question, { kind: 'run' }>, listener: Listener): Promise<T> {
    const { brought } = question;
    const known = same(this.#given, brought);
    if (!known) this.#given = null; // until it has them
    const report = await this.#put<T>(known ? { ...question, brought: null } : question, listener);
    this.#given = brought;
    return report;
  }

  #put<T>(question: Question, { signal, onEvent }: Listener): Promise<T> {
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#asked;
    const done = new AbortController(); // removes every listener of this question at once
    return new Promise<T>((resolve, reject) => {
      const fail = (reason: unknown, broken: boolean): void => {
        done.abort();
        if (broken) this.#discard(worker);
        reject(reason);
      };
      const on = { signal: done.signal };
      signal?.addEventListener('abort', () => fail(signal.reason, true), on);
      worker.addEventListener('error', ({ message }) => fail(new Error(FAULT.exec(message)?.[0] ?? TEXT.stopped), true), on);
      worker.addEventListener('messageerror', () => fail(new Error(TEXT.stopped), true), on);
      worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
        if (data.id !== id) return;
        if (data.kind === 'event') return onEvent?.(data.event);
        if (data.kind === 'failure') return fail(new Error(data.message ?? TEXT.stopped), data.broken || FAULT.test(data.message ?? ''));
        done.abort();
        resolve(data.value as T);
      }, on);
      try {
        worker.postMessage({ ...question, id });
      } catch (reason) {
        fail(reason, false); // a file that cannot cross over
      }
    });
  }

  /** A worker may die between two questions too; then the next one starts another. */
  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: this.#backend === 'gpu' ? GRAPHICS : '' });
    worker.addEventListener('error', () => this.#discard(worker));
    if (this.shared) worker.postMessage({ kind: 'begin', program: this.shared, id: 0 } satisfies Message); // which nobody waits for
    return worker;
  }

  #discard(worker: Worker): void {
    worker.terminate();
    if (worker !== this.#worker) return;
    this.#worker = null;
    this.#loaded = false;
    this.#given = null;
    this.onLoss();
  }
}

function same(given: Given | null, brought: Given | null): boolean {
  return given !== null && brought !== null && given.classifier === brought.classifier && given.items.length === brought.items.length && given.items.every((file, i) => file.name === brought.items[i]?.name && file.blob === brought.items[i].blob);
}

/** The engine's own last words, after which it must not be asked again. */
const FAULT = /The engine has stopped at a fault.*/;
