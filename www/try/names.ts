// What tokens stand for, read from the vocabulary of a model's tokenizer.json.
import type { ModelFiles } from '../engine';

export interface Names {
  /** The bytes that a token stands for. */
  bytes(token: number): Uint8Array;
  /** Whether it is none of a text's own. */
  isSpecial(token: number): boolean;
  /** The same as text; a part of a character is a mark. */
  text(token: number): string;
}

interface Tokenizer {
  model: { vocab: Record<string, number> | [string, number][] };
  added_tokens?: { id: number; content: string }[];
  pre_tokenizer?: unknown;
  decoder?: unknown;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Null where the files have no such vocabulary: a GGUF file has its own. */
export async function readNames(files: ModelFiles | null): Promise<Names | null> {
  const file = files?.files.find(({ name }) => name === 'tokenizer.json');
  if (!file) return null;
  const { model, added_tokens, pre_tokenizer, decoder: shape } = JSON.parse(await file.blob.text()) as Tokenizer;
  const entries = Array.isArray(model.vocab) ? model.vocab.map(([text], id) => [text, id] as const) : Object.entries(model.vocab);
  const written = new Map(entries.map(([text, id]) => [id, text]));
  const special = new Map(added_tokens?.map(({ id, content }) => [id, content]));
  const isByteLevel = JSON.stringify([pre_tokenizer, shape]).includes('"ByteLevel"');
  const bytes = (token: number): Uint8Array => {
    const added = special.get(token);
    if (added !== undefined) return encoder.encode(added);
    const text = written.get(token) ?? '';
    if (isByteLevel) return Uint8Array.from([...text].flatMap((letter) => BYTES.get(letter) ?? [...encoder.encode(letter)]));
    const byte = /^<0x([0-9A-F]{2})>$/i.exec(text)?.[1];
    return byte === undefined ? encoder.encode(text.replaceAll('▁', ' ')) : Uint8Array.of(parseInt(byte, 16));
  };
  return { bytes, isSpecial: (token) => special.has(token), text: (token) => decoder.decode(bytes(token)) };
}

/** How GPT-2's vocabulary and those after it write bytes: those that can be printed as they are, the others from 256 on. */
const BYTES = new Map<string, number>();
let others = 256;
for (let byte = 0; byte < 256; byte += 1) {
  const isPrinted = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  BYTES.set(String.fromCodePoint(isPrinted ? byte : others++), byte);
}
