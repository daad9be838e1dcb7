// GGUF files, by their names and by their headers: which of them make one model, and how they store it.
import { files as TEXT } from '../text';

const GGUF = /\.gguf$/i;
/** Eyes and ears of a language model, which this page does not run. */
const PROJECTOR = /(^|\/)mmproj|[-.]mmproj[-.]/i;
/** One part of a file that was split, as llama.cpp names it. */
const PART = /^(.*)-\d{5}-of-(\d{5})\.gguf$/i;
/** What a name says of how the numbers are stored. */
const FORM = /[-._]((?:IQ|TQ|Q)\d[\dA-Z_]*|MXFP4[A-Z_]*|BF16|FP?16|FP?32)(?=[-.])/gi;

export function isGguf(name: string): boolean {
  return GGUF.test(name) && !PROJECTOR.test(name);
}

/** The name that all parts of a split file share. */
export function wholeName(name: string): string {
  const [, stem, parts] = PART.exec(name) ?? [];
  return stem === undefined ? name : TEXT.inParts({ name: `${stem}.gguf`, n: Number(parts) });
}

/** The models among files of these names, each with its files in order; what is no language model is passed over. */
export function ggufModels(names: string[]): { name: string; files: string[] }[] {
  const all = names.filter(isGguf);
  const wholes = [...new Set(all.map(wholeName))];
  return wholes.map((name) => ({ name, files: all.filter((each) => wholeName(each) === name).sort() }));
}

/** The names of all parts of the file that one of them is of. */
export function partNames(name: string): string[] {
  const [, stem, count] = PART.exec(name) ?? [];
  if (stem === undefined || count === undefined) return [name];
  return Array.from({ length: Number(count) }, (_, part) => `${stem}-${String(part + 1).padStart(5, '0')}-of-${count}${name.slice(-'.gguf'.length)}`);
}

/** How the numbers of a file are stored, in capitals as llama.cpp has it; null where its name does not say. */
export function formOf(name: string): string | null {
  const said = [...wholeName(name.split('/').at(-1) ?? '').matchAll(FORM)].at(-1)?.[1];
  return said?.toUpperCase().replace(/^FP/, 'F') ?? null;
}

/** About how many bits a weight takes in a form, with scales and the tables that have more; 4.5 where nothing is known. */
export function bitsOf(form: string | null): number {
  const [, quantized, floats] = /^(?:I|T)?Q(\d)|(16|32)$/.exec(form ?? '') ?? [];
  if (floats !== undefined) return Number(floats);
  const bits = Number(quantized ?? 0);
  return bits === 8 ? 8.5 : bits > 0 ? bits + 0.9 : 4.5;
}

/** What a header says: where it ends, and how many tensors are stored in each type of ggml. */
export interface GgufHeader {
  end: number;
  types: Map<number, number>;
}

/** A header of more tensors, keys or list entries than these is none. */
const MOST = 1 << 22;
/** Bytes of the values of each type, by its number; texts and lists are apart. */
const WIDTHS = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8];
const [STRING, LIST] = [8, 9];
const MAGIC = 0x46554747;

/** There is more to the header than these bytes. */
class Cut extends Error {}

/** What these first bytes of a file say; `cut` where the header goes on, null where it is none that can be walked. */
export function readGgufHeader(bytes: Uint8Array): GgufHeader | 'cut' | null {
  try {
    return new Walk(bytes).header();
  } catch (reason) {
    if (reason instanceof Cut) return 'cut';
    throw reason;
  }
}

class Walk {
  #at = 0;
  #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  header(): GgufHeader | null {
    const [magic, version] = [this.#u32(), this.#u32()];
    if (magic !== MAGIC || (version !== 2 && version !== 3)) return null;
    const [tensors, entries] = [this.#u64(), this.#u64()];
    if (Math.max(tensors, entries) > MOST) return null;
    for (let i = 0; i < entries; i++) {
      this.#text();
      if (!this.#value(this.#u32())) return null;
    }
    const types = new Map<number, number>();
    for (let i = 0; i < tensors; i++) {
      this.#text();
      const dimensions = this.#u32();
      if (dimensions > 4) return null;
      this.#skip(8 * dimensions);
      const type = this.#u32();
      types.set(type, (types.get(type) ?? 0) + 1);
      this.#skip(8);
    }
    return { end: this.#at, types };
  }

  /** Passes a value of this type over; false where that cannot be. */
  #value(type: number): boolean {
    if (type === STRING) return this.#text();
    if (type !== LIST) {
      const width = WIDTHS[type];
      if (width !== undefined) this.#skip(width);
      return width !== undefined;
    }
    const [inner, count] = [this.#u32(), this.#u64()];
    const width = WIDTHS[inner];
    if (count > MOST || (width === undefined && inner !== STRING)) return false; // of lists in lists the engine says so
    if (width !== undefined) this.#skip(width * count);
    else for (let i = 0; i < count; i++) this.#text();
    return true;
  }

  #text(): boolean {
    this.#skip(this.#u64());
    return true;
  }

  #u32(): number {
    this.#skip(4);
    return this.#view.getUint32(this.#at - 4, true);
  }

  #u64(): number {
    this.#skip(8);
    return Number(this.#view.getBigUint64(this.#at - 8, true));
  }

  #skip(bytes: number): void {
    if (this.#at + bytes > this.#view.byteLength) throw new Cut();
    this.#at += bytes;
  }
}

/** As ggml calls its types. */
const TYPES: Record<number, string> = {
  0: 'F32', 1: 'F16', 2: 'Q4_0', 3: 'Q4_1', 6: 'Q5_0', 7: 'Q5_1', 8: 'Q8_0', 10: 'Q2_K', 11: 'Q3_K', 12: 'Q4_K', 13: 'Q5_K', 14: 'Q6_K',
  16: 'IQ2_XXS', 17: 'IQ2_XS', 18: 'IQ3_XXS', 19: 'IQ1_S', 20: 'IQ4_NL', 21: 'IQ3_S', 22: 'IQ2_S', 23: 'IQ4_XS', 29: 'IQ1_M', 30: 'BF16',
  34: 'TQ1_0', 35: 'TQ2_0', 39: 'MXFP4',
};

/** How many tensors are stored how, the most first. */
export function describeTypes(types: Map<number, number>): string {
  const sorted = [...types].sort(([, a], [, b]) => b - a);
  return TEXT.tensors({ types: sorted.map(([type, n]) => ({ n, type: TYPES[type] ?? TEXT.unknownType({ number: type }) })) });
}
