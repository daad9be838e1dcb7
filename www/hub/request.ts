// One request to a hub or another server, and what each refusal means for the reader.
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
      if (bytes.length < skipped + end - from) throw new Passing(`The connection broke off within ${wanted.what}`);
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
      if (bytes.length > most) throw new Error(`${wanted.what} is longer than any such file should be: choose another model.`);
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
      throw new Passing('The connection broke off');
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
    throw new Error(`${what} at ${host(url)} is not JSON: this is no model's folder or hub, or it wants you to sign in.`);
  }
}

function unreachable(url: string): Error {
  if (location.protocol === 'https:' && url.startsWith('http:')) {
    return new Error(`${host(url)} is reached by http, which a page opened by https may not do: give its https address, or drop the files here.`);
  }
  // The browser does not tell a page which of these it was.
  return new Passing(`${host(url)} cannot be reached, or does not let other sites read it`);
}

/** What a status says, and the way out. The hub gives its reason in `X-Error-Code`. */
function refusal(wanted: Wanted, status: number, headers: Headers): Error {
  const { url, what } = wanted;
  const code = headers.get('x-error-code');
  if (status === 404 || code === 'RepoNotFound') return new Absent(wanted, code);
  if (status === 401 || status === 403) {
    return new Error(
      `${host(url)} gives ${what} only to people who have signed in or agreed to its terms (${status}), and this page signs in nowhere: ` +
        'download the files there with your own account, then drop their folder here.',
    );
  }
  if (status === 429) return new Passing(`${host(url)} has had too many requests from your network (429)`, retryAfter(headers.get('retry-after')) ?? BUSY);
  if (status >= 500 || status === 408) return new Passing(`${host(url)} has trouble of its own (${status})`, retryAfter(headers.get('retry-after')));
  return new Error(`${host(url)} answered ${status} when asked for ${what}: check the address, or choose another model.`);
}

function missing(url: string, what: string, code: string | null): string {
  switch (code) {
    case 'RepoNotFound':
      return `${host(url)} has no public model of this name (${what}): check how it is spelled, or choose one of the list.`;
    case 'RevisionNotFound':
      return `${host(url)} has no such revision (${what}): leave out what follows the @ to take the newest.`;
    default:
      return `${host(url)} has no ${what}: check the address, or choose another model.`;
  }
}

export function host(url: string): string {
  return new URL(url).host;
}
