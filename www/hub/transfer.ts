// A download as a promise. It runs in a worker of its own; an AbortSignal terminates that, and what has come stays.
import type { NamedBlob } from '../engine';
import { transfer as TEXT } from '../text';
import type { Listing } from './listing';
import { holdInMemory, keepsModels, keyOf } from './storage';

/** `keeps`: whether it is written to the browser's storage; else it is handed over when it is whole. */
export interface TransferStart {
  key: string;
  listing: Listing;
  keeps: boolean;
}

export type TransferEvent =
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'notice'; sentence: string }
  | { kind: 'done'; files: NamedBlob[] }
  | { kind: 'failure'; message: string };

/** How a download is going. */
export interface Pace {
  done: number;
  total: number;
  /** Bytes per second over the last few seconds; null until that is known. */
  rate: number | null;
  /** Why nothing comes for now. */
  notice: string | null;
}

/** Downloads a model into the browser's storage, going on where an earlier download ended; or into memory where there is none. */
export async function transfer(listing: Listing, onPace: (pace: Pace) => void, signal: AbortSignal): Promise<void> {
  const key = await keyOf(listing.address);
  const keeps = await keepsModels();
  if (keeps) await navigator.storage.persist(); // asked for; the browser may say no
  signal.throwIfAborted();
  const worker = new Worker(new URL('./transfer.worker.ts', import.meta.url), { type: 'module' });
  const meter = new Meter();
  try {
    const files = await new Promise<NamedBlob[]>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      worker.addEventListener('error', () => reject(new Error(TEXT.stopped)));
      worker.addEventListener('message', ({ data }: MessageEvent<TransferEvent>) => {
        if (data.kind === 'done') resolve(data.files);
        else if (data.kind === 'failure') reject(new Error(data.message));
        else onPace(meter.read(data));
      });
      worker.postMessage({ key, listing, keeps } satisfies TransferStart);
    });
    if (!keeps) holdInMemory(key, listing, files);
  } finally {
    worker.terminate();
  }
}

/** Seconds over which the rate is taken. */
const WINDOW = 5;

class Meter {
  #pace: Pace = { done: 0, total: 0, rate: null, notice: null };
  #marks: { time: number; done: number }[] = [];

  read(event: TransferEvent & { kind: 'progress' | 'notice' }): Pace {
    if (event.kind === 'notice') {
      this.#marks = [];
      return (this.#pace = { ...this.#pace, rate: null, notice: event.sentence });
    }
    const time = performance.now() / 1000;
    this.#marks = [...this.#marks.filter((mark) => time - mark.time < WINDOW && mark.done <= event.done), { time, done: event.done }];
    const [first] = this.#marks;
    const rate = first && time - first.time >= 1 ? (event.done - first.done) / (time - first.time) : null;
    return (this.#pace = { done: event.done, total: event.total, rate, notice: null });
  }
}
