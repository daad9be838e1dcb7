// Whether a model fits this device, told before it is downloaded.
import { CURATED, type Curated } from './curated';
import type { Tensor } from './weights';

/** What a model takes, in bytes. */
export interface Needs {
  download: number;
  /** The model as it is, in memory. */
  dense: number;
  /** The same with its linear layers at 4 bits in groups of 64. */
  compressed: number;
  /** Both of these, which are held for the comparison, and what computing takes. */
  memory: number;
}

/** What there is, in bytes; null where the browser does not say. */
export interface Device {
  storage: number | null;
  memory: number | null;
}

export interface Fit {
  verdict: 'fits' | 'tight' | 'no';
  sentence: string;
  /** A model of the list that would fit, where this one does not. */
  instead: Curated | null;
}

/** All the memory that 32-bit WebAssembly can address. */
export const ADDRESSABLE = 4 * 2 ** 30;
/** Bits per weight at 4 bits in groups of 64: a code, and its share of a 16-bit scale and a 4-bit zero point. */
const BITS = 4 + (16 + 4) / 64;
/** For the program, the questions and their activations. */
const WORKING = 250e6;

/** What a model of these tensors takes. Matrices other than the tables of tokens and positions are linear layers. */
export function needs(download: number, tensors: Tensor[]): Needs {
  const read = tensors.filter(({ shape }) => shape.length <= 2); // masks of old models have more, and are not read
  const linear = read.filter(({ name, shape }) => shape.length === 2 && !/embed|lm_head|wte|wpe/.test(name));
  const parameters = sum(linear.map(({ shape: [rows = 0, cols = 0] }) => rows * cols));
  const dense = sum(read.map((tensor) => tensor.bytes));
  const compressed = dense - sum(linear.map((tensor) => tensor.bytes)) + (parameters * BITS) / 8;
  const widest = Math.max(0, ...linear.flatMap(({ shape }) => shape));
  // A method that looks at inputs holds two square matrices of the widest layer, in 8 bytes a number.
  const memory = dense + compressed + WORKING + 16 * widest ** 2;
  return { download, dense, compressed, memory };
}

/** About what a model of the list takes. */
export function curatedNeeds({ parameters, bytes: dense }: Curated): Needs {
  const compressed = (parameters * 6) / 8; // tables of tokens stay as they are
  return { download: dense, dense, compressed, memory: dense + compressed + 2 * WORKING };
}

export function judge(needs: Needs, device: Device): Fit {
  const sentence = `In memory it takes about ${about(needs.dense)} as it is and ${about(needs.compressed)} squeezed to 4 bits; comparing the two takes ${about(needs.memory)} in all.`;
  const problem = lacking(needs, device);
  if (problem !== null) {
    const fitting = CURATED.filter((each) => lacking(curatedNeeds(each), device) === null);
    return { verdict: 'no', sentence: `${sentence} ${problem}`, instead: fitting.at(-1) ?? null };
  }
  const tight = device.memory !== null && needs.memory > device.memory / 2;
  return {
    verdict: tight ? 'tight' : 'fits',
    sentence: tight ? `${sentence} This device has only about ${about(device.memory ?? 0)}: close what else is open.` : sentence,
    instead: null,
  };
}

function lacking({ memory, download }: Needs, device: Device): string | null {
  if (memory > ADDRESSABLE) return `A web page can address only ${about(ADDRESSABLE)}.`;
  if (device.memory !== null && memory > device.memory) return `This device has only about ${about(device.memory)}.`;
  if (device.storage !== null && download > device.storage) {
    return `The browser has only ${about(device.storage)} of storage left for this page, and the files take ${about(download)}: delete a stored model, or free some disk.`;
  }
  return null;
}

/** What is in the way where the engine knows no family of this `model_type`. */
export function unknownFamily(config: Record<string, unknown>, families: { name: string; title: string }[]): Fit | null {
  const type = String(config['model_type'] ?? 'none');
  if (families.some(({ name }) => type.startsWith(name))) return null;
  const known = families.map(({ title }) => title).join(', ');
  return { verdict: 'no', sentence: `It is of the family “${type}”, which this page cannot run; it knows ${known}.`, instead: CURATED[0] ?? null };
}

/** What this browser says of its device. */
export async function device(): Promise<Device> {
  const { quota, usage } = await navigator.storage.estimate();
  const gibibytes = (navigator as { deviceMemory?: number }).deviceMemory;
  return {
    storage: quota === undefined ? null : quota - (usage ?? 0),
    memory: gibibytes === undefined ? null : gibibytes * 2 ** 30,
  };
}

/** Bytes as precisely as an estimate deserves. */
function about(value: number): string {
  return value < 1e9 ? `${Math.max(1, Math.round(value / 1e6))} MB` : `${(value / 1e9).toFixed(1)} GB`;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
