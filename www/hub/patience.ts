// What passes is waited for: a busy server, a cut or silent connection, a machine that is offline.
import { server as TEXT } from '../text';

/** A failure that may pass. Its message is a sentence without its full stop. */
export class Passing extends Error {
  /** `after`: the seconds that the server asks to wait. */
  constructor(message: string, readonly after: number | null = null) {
    super(message);
  }
}

export interface Patience {
  signal?: AbortSignal;
  /** Told why nothing happens for now, in one sentence. */
  onWait: (sentence: string) => void;
  /** Whether what has arrived stays when this is given up. */
  keeps?: boolean;
}

/** Tries before a failure counts as lasting, with pauses of 1, 2 and 4 s between them. */
const TRIES = 4;
/** How often in a row a server may ask for more patience. */
const REQUESTS_TO_WAIT = 10;
/** A connection that is silent for so many seconds is taken for dead. */
const SILENCE = 10;

/** Repeats an attempt that failed for a passing reason; the count starts anew where it says that it got further. */
export async function patiently<T>(attempt: (gotFurther: () => void) => Promise<T>, { signal, onWait, keeps = false }: Patience): Promise<T> {
  let failures = 0;
  let asked = 0;
  for (;;) {
    try {
      return await attempt(() => { failures = asked = 0; });
    } catch (reason) {
      signal?.throwIfAborted();
      if (!(reason instanceof Passing)) throw reason;
      const toldToWait = reason.after !== null;
      if (!navigator.onLine) {
        await online(onWait, signal);
        continue;
      }
      if (toldToWait ? ++asked >= REQUESTS_TO_WAIT : ++failures >= TRIES) {
        throw new Error((keeps ? TEXT.givenUpKept : TEXT.givenUp)({ why: reason.message, times: toldToWait ? asked : failures }));
      }
      await pause(reason.after ?? 2 ** (failures - 1), reason.message, { signal, onWait });
    }
  }
}

async function pause(seconds: number, why: string, { signal, onWait }: Patience): Promise<void> {
  for (let left = Math.ceil(seconds); left > 0; left--) {
    onWait(TEXT.waiting({ why, seconds: left }));
    await sleep(1000, signal);
  }
}

async function online(onWait: (sentence: string) => void, signal?: AbortSignal): Promise<void> {
  onWait(TEXT.offline);
  while (!navigator.onLine) await sleep(500, signal);
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** The seconds that a `Retry-After` asks for: a number, or a date (RFC 9110, section 10.2.3). */
export function retryAfter(header: string | null, now = Date.now()): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : null;
}

/** A signal for one request: it ends with `outer`, or when nothing was heard for a while. */
export class Watch {
  #silent = new AbortController();
  #timer = 0;
  readonly signal: AbortSignal;

  constructor(outer?: AbortSignal) {
    this.signal = outer ? AbortSignal.any([outer, this.#silent.signal]) : this.#silent.signal;
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#silent.abort(new Passing(TEXT.silent({ seconds: SILENCE }))), SILENCE * 1000);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
