// One prompt to a side of the last run: what it writes, and how likely each next token was. Requests and answers are the
// engine's own (src/evaluate/ask/).
import { engine } from '../actions';
import { trying as TEXT } from '../text';

/** 0 for the model before compression, 1 for the one after. */
export type Side = 0 | 1;

interface Prompt {
  system: null;
  turns: [];
  question: string;
  form: 'Continue';
}

export type Request =
  | { Generate: { prompt: Prompt; max_tokens: number } }
  | { Sample: { prompt: Prompt; max_tokens: number; count: number; seed: number } }
  | { Text: { text: string; kept: number } };

/** A whole number of the engine may be larger than those of JavaScript. */
type Whole = number | bigint;

interface Reply {
  response: { Generate: string } | { Samples: string[] } | { Text: { tokens: number[]; vocabulary: Whole; next: Uint8Array[] } };
  /** As it was sent; null for a text. */
  prompt: string | null;
  tokens: { written: Whole };
}

export interface Answers {
  replies: Reply[];
}

export interface Written {
  text: string;
  /** What it goes on from, as the model reads it. */
  behind: string;
  /** Whether it came to its end. */
  ended: boolean;
}

/** Log-probabilities of the engine that are kept at once; a place takes as many as there are tokens. */
const MOST_KEPT = 12e6;
const LIKELIEST = 5;

/** What a side writes after a prompt: always the likeliest, or where there is a seed what it draws. */
export async function write(side: Side, question: string, max_tokens: number, seed: number | null): Promise<Written> {
  const prompt: Prompt = { system: null, turns: [], question, form: 'Continue' };
  const { response, prompt: behind, tokens } = await put(side, seed === null ? { Generate: { prompt, max_tokens } } : { Sample: { prompt, max_tokens, count: 1, seed } });
  const text = 'Generate' in response ? response.Generate : 'Samples' in response ? (response.Samples[0] ?? '') : '';
  return { text, behind: behind ?? question, ended: Number(tokens.written) < max_tokens };
}

export interface Likely {
  token: number;
  /** 0 to 1. */
  probability: number;
}

/** A token of a text, and what a side expected in its place. */
export interface Place extends Likely {
  likeliest: Likely[];
}

/** The tokens of a text but for its first, each with what a side expected there; those of a long text only where there was room. */
export async function look(side: Side, text: string): Promise<{ tokens: number[]; places: (Place | null)[] }> {
  const { response } = await put(side, { Text: { text, kept: MOST_KEPT } });
  if (!('Text' in response)) return { tokens: [], places: [] };
  const { tokens, vocabulary, next } = response.Text;
  const room = Math.floor(MOST_KEPT / Math.max(1, Number(vocabulary)));
  const isKept = (at: number): boolean => room >= tokens.length || Math.floor((at * room) / tokens.length) !== Math.floor(((at + 1) * room) / tokens.length);
  let row = 0;
  return { tokens, places: tokens.map((token, at) => (isKept(at) && next[row] ? expected(token, next[row++]!) : null)) };
}

function expected(token: number, bytes: Uint8Array): Place {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const logs = Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
  const best: number[] = [];
  for (let i = 0; i < logs.length; i += 1) {
    if (best.length === LIKELIEST && logs[i]! <= logs[best.at(-1)!]!) continue;
    const place = best.findIndex((each) => logs[i]! > logs[each]!);
    best.splice(place < 0 ? best.length : place, 0, i);
    best.length = Math.min(best.length, LIKELIEST);
  }
  const likely = (which: number): Likely => ({ token: which, probability: Math.exp(logs[which] ?? -Infinity) });
  return { ...likely(token), likeliest: best.map(likely) };
}

async function put(side: Side, request: Request): Promise<Reply> {
  const { replies } = await engine.try<Answers>(side, [request]);
  const [reply] = replies;
  if (!reply) throw new Error(TEXT.noAnswer);
  return reply;
}
