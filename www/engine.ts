// The engine as promises. It lives in a worker; an AbortSignal terminates that worker,
// and the next question starts a fresh one, which is given the same model again.
import type { Beginning } from './hub/beginnings';
import type { EngineFit } from './hub/fit';
import type { Catalog, EngineEvent, ModelSummary, Offer, Recipe, Report, Text } from './types';

export interface NamedBlob {
  name: string;
  blob: Blob;
}

export interface ModelFiles {
  name: string;
  files: NamedBlob[];
}

/** What a run takes beside its recipe. */
export interface Brought {
  /** A text to calibrate by, instead of the built-in one. */
  text: Text | null;
  /** Files of items, for the sources that are not built in. */
  items: NamedBlob[];
  /** A classifier to score toxicity with, instead of the built-in scorer. */
  classifier: ModelFiles | null;
}

export type Question =
  | { kind: 'catalog' }
  | { kind: 'fit'; files: Beginning[] }
  | ({ kind: 'load' } & ModelFiles)
  | { kind: 'run'; recipe: Recipe; brought: Brought }
  | { kind: 'formats' }
  | { kind: 'save'; format: string };

/** Every question has a number, and its replies carry it. */
export type Message = Question & { id: number };

export type Reply = { id: number } & Answer;

export type Answer =
  | { kind: 'value'; value: unknown }
  | { kind: 'event'; event: EngineEvent }
  | { kind: 'failure'; message: string; broken: boolean };

interface Listener {
  signal?: AbortSignal;
  onEvent?: (event: EngineEvent) => void;
}

export class Engine {
  #worker: Worker | null = null;
  #model: ModelFiles | null = null;
  /** Whether the living worker holds `#model`. */
  #loaded = false;
  #asked = 0;

  catalog(): Promise<Catalog> {
    return this.#ask<Catalog>({ kind: 'catalog' });
  }

  /** What a model takes in memory, from the beginnings of its files. */
  fit(files: Beginning[]): Promise<EngineFit> {
    return this.#ask<EngineFit>({ kind: 'fit', files });
  }

  /** Loads a model. When this fails, the model loaded before it stays. */
  async load(model: ModelFiles, signal?: AbortSignal): Promise<ModelSummary> {
    const summary = await this.#ask<ModelSummary>({ kind: 'load', ...model }, { signal });
    this.#model = model;
    this.#loaded = true;
    return summary;
  }

  /** Compresses and scores. */
  async run(recipe: Recipe, brought: Brought, { signal, onEvent }: Listener): Promise<Report> {
    if (!this.#loaded && this.#model) await this.load(this.#model, signal);
    return this.#ask<Report>({ kind: 'run', recipe, brought }, { signal, onEvent });
  }

  /** What each format makes of the model that the last run compressed. */
  formats(signal: AbortSignal): Promise<Offer[]> {
    return this.#ask<Offer[]>({ kind: 'formats' }, { signal });
  }

  /** The files of the model that the last run compressed. */
  save(format: string, signal: AbortSignal): Promise<NamedBlob[]> {
    return this.#ask<NamedBlob[]>({ kind: 'save', format }, { signal });
  }

  #ask<T>(question: Question, { signal, onEvent }: Listener = {}): Promise<T> {
    this.#worker ??= new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const worker = this.#worker;
    const id = ++this.#asked;
    const done = new AbortController(); // removes every listener of this question at once
    return new Promise<T>((resolve, reject) => {
      signal?.throwIfAborted();
      const fail = (reason: unknown, broken: boolean): void => {
        done.abort();
        if (broken) this.#discard(worker);
        reject(reason);
      };
      const on = { signal: done.signal };
      signal?.addEventListener('abort', () => fail(signal.reason, true), on);
      worker.addEventListener('error', () => fail(new Error(STOPPED), true), on);
      worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
        if (data.id !== id) return;
        if (data.kind === 'event') return onEvent?.(data.event);
        if (data.kind === 'failure') return fail(new Error(data.broken ? STOPPED : data.message), data.broken);
        done.abort();
        resolve(data.value as T);
      }, on);
      worker.postMessage({ ...question, id });
    });
  }

  #discard(worker: Worker): void {
    worker.terminate();
    this.#worker = null;
    this.#loaded = false;
  }
}

const STOPPED = 'The engine stopped unexpectedly: try again, or choose a smaller model.';
