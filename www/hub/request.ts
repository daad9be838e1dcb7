// One request to a hub or another server, and what each refusal means for the reader.
import { server as TEXT } from '../text';
import { Passing, patiently, retryAfter, Watch, type Patience } from './patience';

/** Asks for a file from byte `from` on, up to and without byte `end`; `what` names it in sentences. */
export interface Wanted {
  url: string;
  what: string;
  from?: number;
  end?: number;
}

/** There is no such file, or no such model. */
export class Absent extends Error {
  constructor({ url, what }: Wanted, code: string | null = null) {
    super(missing(url, what, code));
  }
}

/** Seconds to wait where a server is too busy to say how long. */
const BUSY = 20;

/**
 * A response with status 200 or 206; every other one is an error with its sentence. `Range` is the only header that is
 * set: with it alone other sites need not be asked first (no preflight). `If-Range` would need that, so what was begun
 * is told from what is new by comparing tags afterwards.
 */
export async function request(wanted: Wanted, signal: AbortSignal): Promise<Response> {
  const { url, from, end } = wanted;
  const headers = from === undefined ? undefined : { Range: `bytes=${from}-${end === undefined ? '' : end - 1}` };
  const options: RequestInit = { headers, signal, credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' };
  const response = await fetch(url, options).catch(() => {
    signal.throwIfAborted();
    throw unreachable(url);
  });
  if (response.ok) return response;
  await response.body?.cancel();
  throw refusal(wanted, response.status, response.headers);
}

/** The bytes from `from` up to and without `end`, from servers without ranges too. */
export function readRange(wanted: Wanted & { from: number; end: number }, patience: Patience): Promise<Uint8Array<ArrayBuffer>> {
  const { from, end } = wanted;
  return patiently(async () => {
    const watch = new Watch(patience.signal);
    try {
      const response = await request(wanted, watch.signal);
      const skipped = response.status === 206 ? 0 : from;
      const bytes = await readUpTo(response, skipped + end - from, watch);
      if (bytes.length < skipped + end - from) throw new Passing(TEXT.brokeOffWithin(wanted));
      return bytes.subarray(skipped);
    } finally {
      watch.stop();
    }
  }, patience);
}

/** A whole JSON file of at most `most` bytes. */
export async function readJson(wanted: Wanted, most: number, patience: Patience): Promise<unknown> {
  const { bytes } = await readText(wanted, most, patience);
  return parse(bytes, wanted);
}

/** A whole small file of at most `most` bytes, and what its server says that it is. */
export function readText(wanted: Wanted, most: number, patience: Patience): Promise<{ bytes: Uint8Array; type: string }> {
  return patiently(async () => {
    const watch = new Watch(patience.signal);
    try {
      const response = await request(wanted, watch.signal);
      const bytes = await readUpTo(response, most + 1, watch);
      if (bytes.length > most) throw new Error(TEXT.tooLong(wanted));
      return { bytes, type: response.headers.get('content-type') ?? '' };
    } finally {
      watch.stop();
    }
  }, patience);
}

/** The first bytes of a body, at most `most`; the rest is not fetched. */
async function readUpTo(response: Response, most: number, watch: Watch): Promise<Uint8Array<ArrayBuffer>> {
  const reader = (response.body ?? new Blob().stream()).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  while (length < most) {
    const { done, value } = await reader.read().catch(() => {
      watch.signal.throwIfAborted();
      throw new Passing(TEXT.brokeOff);
    });
    if (done) break;
    watch.heard();
    parts.push(value);
    length += value.length;
  }
  await reader.cancel();
  return new Uint8Array(await new Blob(parts).arrayBuffer()).subarray(0, most);
}

function parse(bytes: Uint8Array, { url, what }: Wanted): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Error(TEXT.noJson({ what, host: host(url) }));
  }
}

function unreachable(url: string): Error {
  if (location.protocol === 'https:' && url.startsWith('http:')) {
    return new Error(TEXT.byHttp({ host: host(url) }));
  }
  // The browser does not tell a page which of these it was.
  return new Passing(TEXT.unreachable({ host: host(url) }));
}

/** What a status says, and the way out. The hub gives its reason in `X-Error-Code`. */
function refusal(wanted: Wanted, status: number, headers: Headers): Error {
  const { url, what } = wanted;
  const code = headers.get('x-error-code');
  if (status === 404 || code === 'RepoNotFound') return new Absent(wanted, code);
  if (status === 401 || status === 403) {
    return new Error(TEXT.signIn({ host: host(url), what, status }));
  }
  if (status === 429) return new Passing(TEXT.tooMany({ host: host(url) }), retryAfter(headers.get('retry-after')) ?? BUSY);
  if (status >= 500 || status === 408) return new Passing(TEXT.trouble({ host: host(url), status }), retryAfter(headers.get('retry-after')));
  return new Error(TEXT.answered({ host: host(url), what, status }));
}

function missing(url: string, what: string, code: string | null): string {
  switch (code) {
    case 'RepoNotFound':
      return TEXT.noModel({ host: host(url), what });
    case 'RevisionNotFound':
      return TEXT.noRevision({ host: host(url), what });
    default:
      return TEXT.absent({ host: host(url), what });
  }
}

export function host(url: string): string {
  return new URL(url).host;
}
