// How fast this device is: engines of its own do the same work at once, as often as it takes to be sure.
import { Engine, type Measured } from '../engine';
import { readSource } from '../source';
import { device as TEXT } from '../text';
import type { Load, Speed } from '../types';
import { workersFor } from '../workers';

/** What one kind of model does here in a second, in tokens of all workers together. */
export interface Row {
  backend: 'wasm';
  model: string;
  parameters: number;
  workers: number;
  /** Prompts that are read. */
  prompts: number;
  /** One text that is written for each worker, and several at once. */
  one: number;
  several: number;
}

/** A model to measure with. `bytes`: about what it takes. */
interface Work {
  model: string;
  measured: Measured;
  bytes: number;
  loads: { prompts: Load; one: Load; several: Load };
}

export const BUILT_IN: Work = {
  model: 'Pebble',
  measured: { shape: null, stored: 'dense' },
  bytes: 5e6,
  loads: { prompts: { texts: 16, prompt: 128, written: 0 }, one: { texts: 1, prompt: 16, written: 32 }, several: { texts: 16, prompt: 16, written: 32 } },
};

/** Noise in a shape of which there are real models. */
export const LARGE: Work = {
  model: 'SmolLM2-135M',
  measured: { shape: 'SmolLM2-135M', stored: 'bits8' },
  bytes: 75e6, // it has no compressed twin
  loads: { prompts: { texts: 4, prompt: 128, written: 0 }, one: { texts: 1, prompt: 16, written: 16 }, several: { texts: 16, prompt: 16, written: 8 } },
};
const LARGE_PARAMETERS = 134_515_008;

/** Each is done so often, of which the first is for warming up. */
export const ROUNDS = 4;

export interface Telling {
  signal: AbortSignal;
  /** Told what is done now, and what share of all work was done before. */
  onStep: (says: string, share: number) => void;
  onRow: (row: Row) => void;
}

const KINDS = ['prompts', 'one', 'several'] as const;
type Kind = (typeof KINDS)[number];

/** Measures with one worker, then with as many as there is room for. */
export async function measureDevice(works: Work[], { signal, onStep, onRow }: Telling): Promise<void> {
  const files = await readSource({ kind: 'builtin' }, () => {}, signal);
  const plan = works.flatMap((work) => [...new Set([1, workersFor(work.bytes)])].map((workers) => ({ work, workers })));
  const whole = plan.reduce((sum, { work }) => sum + KINDS.reduce((all, kind) => all + effort(work, kind), 0), 0);
  let done = 0;
  for (const { work, workers } of plan) {
    const engines = Array.from({ length: workers }, () => new Engine(() => {}));
    try {
      const [model] = await Promise.all(engines.map((engine) => engine.load(files, signal)));
      const speeds: Partial<Record<Kind, number>> = {};
      for (const kind of KINDS) {
        const rounds: number[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          onStep(TEXT.step({ model: work.model, workers, what: TEXT.steps[kind] }), done / whole);
          const all = await Promise.all(engines.map((engine) => engine.measure(work.measured, work.loads[kind], signal)));
          if (round > 0) rounds.push(together(all));
          done += effort(work, kind) / ROUNDS;
        }
        speeds[kind] = median(rounds);
      }
      const parameters = work === LARGE ? LARGE_PARAMETERS : (model?.parameters ?? 0);
      onRow({ backend: 'wasm', model: work.model, parameters, workers, ...(speeds as Record<Kind, number>) });
    } finally {
      for (const engine of engines) engine.end();
    }
  }
}

/** About what a piece of work costs, to tell the time left: a token that is written costs as much as three that are read. */
function effort({ bytes, loads }: Work, kind: Kind): number {
  const { texts, prompt, written } = loads[kind];
  return bytes * texts * (prompt + (written > 0 ? 2 * prompt + 3 * written : 0));
}

/** Tokens a second of all workers, who are done when the slowest is. */
export function together(all: Speed[]): number {
  const isWritten = all.some(({ written_tokens: tokens }) => tokens > 0);
  const tokens = all.reduce((sum, each) => sum + (isWritten ? each.written_tokens : each.prompt_tokens), 0);
  const seconds = Math.max(...all.map((each) => (isWritten ? each.writing_seconds : each.prompt_seconds)));
  return seconds > 0 ? tokens / seconds : 0;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
