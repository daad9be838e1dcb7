// Whether a model fits this device, told before it is downloaded or loaded.
import { aboutBytes as about } from '../format';
import { fit as TEXT } from '../text';
import type { Fit as ModelFit } from '../types';
import type { Address } from './address';
import { CURATED, formTitle } from './curated';
import { bitsOf } from './gguf';
import type { Variant } from './listing';

/** What the engine says of a model whose files it has seen the beginnings of; sizes in bytes. */
export interface EngineFit extends ModelFit {
  dense_bytes: number;
  /** With the linear layers at 4 bits in groups of 64. */
  compressed_bytes: number;
}

/** What a model takes, in bytes. */
export interface Needs {
  download: number;
  dense: number;
  compressed: number;
  /** Loading, the compressed model beside it for the comparison, and what computing takes. */
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
  /** What would fit, where this one does not. */
  instead: Instead | null;
}

/** A smaller file of the same place, or a model of the list. */
export interface Instead {
  title: string;
  where: Address | string;
}

/** All the memory that 32-bit WebAssembly can address. */
export const ADDRESSABLE = 4 * 2 ** 30;
/** Tokens whose keys and values are kept at a time, about. */
const CACHED = 512;
/** Program and tokenizer, for models of the list. */
const PROGRAM = 40e6;
/** What computing takes, for models of the list. */
const WORKING = 250e6;

export function needs(download: number, fit: EngineFit): Needs {
  const { dense_bytes: dense, compressed_bytes: compressed, cache_bytes_per_token } = fit;
  const memory = fit.loading_bytes + compressed + fit.working_bytes + CACHED * cache_bytes_per_token;
  return { download, dense, compressed, memory };
}

/** About what a model takes of which nobody has seen the header. */
function roughNeeds(dense: number, parameters: number): Needs {
  const compressed = (parameters * 6) / 8; // tables of tokens stay as they are
  return { download: dense, dense, compressed, memory: dense + compressed + WORKING + PROGRAM };
}

/** Weights that no page can hold need no look at their header, whose numbers would not fit either. */
export function judgeSize(weights: number, device: Device, variants: Variant[] = []): Fit | null {
  if (weights < ADDRESSABLE) return null;
  return { verdict: 'no', sentence: TEXT.weightsAlone({ weights: about(weights), most: about(ADDRESSABLE) }), instead: instead(device, variants) };
}

/** Why one of several files cannot be loaded, by its size alone; null where it seems to fit, or nothing is known of its size. */
export function sizeProblem({ bytes, form }: Variant, device: Device): string | null {
  return bytes === null ? null : lacking(roughNeeds(bytes, (bytes * 8) / bitsOf(form)), device);
}

export function judge(needs: Needs, device: Device, variants: Variant[] = []): Fit {
  const sentence = TEXT.takes({ dense: about(needs.dense), squeezed: about(needs.compressed), all: about(needs.memory) });
  const problem = lacking(needs, device);
  if (problem !== null) return { verdict: 'no', sentence: `${sentence} ${problem}`, instead: instead(device, variants) };
  const tight = device.memory !== null && needs.memory > device.memory / 2;
  return {
    verdict: tight ? 'tight' : 'fits',
    sentence: tight ? `${sentence} ${TEXT.closeOthers({ memory: about(device.memory ?? 0) })}` : sentence,
    instead: null,
  };
}

/** Why files that are here do not fit, and what would. */
export function refusal({ sentence, instead }: Fit): string {
  const refused = TEXT.refused({ why: sentence });
  return instead ? `${refused} ${TEXT.wouldFit({ model: instead.title })}` : refused;
}

/** The largest file of the same place that seems to fit, or the largest model of the list. */
function instead(device: Device, variants: Variant[]): Instead | null {
  const fitting = variants.filter((each) => each.bytes !== null && sizeProblem(each, device) === null);
  const nearest = fitting.sort((a, b) => (a.bytes ?? 0) - (b.bytes ?? 0)).at(-1);
  if (nearest) return { title: TEXT.smallerForm({ form: nearest.form ?? nearest.name, size: about(nearest.bytes ?? 0) }), where: nearest.address };
  const all = CURATED.flatMap(({ title, parameters, forms }) => forms.map(({ repo, kind, bytes }) => ({ title: TEXT.listed({ model: title, form: formTitle({ kind, isGguf: false }) }), where: repo, bytes: bytes ?? Infinity, parameters })));
  const listed = all.filter(({ bytes, parameters }) => lacking(roughNeeds(bytes, parameters), device) === null);
  return listed.sort((a, b) => a.bytes - b.bytes).at(-1) ?? null;
}

function lacking({ memory, download }: Needs, device: Device): string | null {
  if (memory > ADDRESSABLE) return TEXT.addressable({ most: about(ADDRESSABLE) });
  if (device.memory !== null && memory > device.memory) return TEXT.memory({ memory: about(device.memory) });
  if (device.storage !== null && download > device.storage) {
    return TEXT.storage({ room: about(device.storage), files: about(download) });
  }
  return null;
}

/** What this browser says of its device. */
export async function device(): Promise<Device> {
  // A page that was opened by http has no storage.
  const { quota, usage } = (await (navigator.storage as StorageManager | undefined)?.estimate()) ?? {};
  const gibibytes = (navigator as { deviceMemory?: number }).deviceMemory;
  return {
    storage: quota === undefined ? null : quota - (usage ?? 0),
    memory: gibibytes === undefined ? null : gibibytes * 2 ** 30,
  };
}
