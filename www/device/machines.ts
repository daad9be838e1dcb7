// Machines that were measured before, and which models a device can serve in which time.
import { CURATED } from '../hub/curated';
import { roughly } from '../left';
import { device as TEXT } from '../text';
import type { Row } from './measure';
import json from './recorded.json';

export interface Machine {
  device: string;
  date: string;
  browser: string;
  commit: string;
  rows: Row[];
  /** What the default run of the built-in model took there, with how many workers. */
  run: { seconds: number; workers: number };
}

export const machines = json as Machine[];

export interface Serving {
  title: string;
  seconds: number;
}

/** What a default run takes for each parameter of a model, by the largest model that was measured; null where none was. */
export function secondsPerParameter(rows: Row[], all: Machine[] = machines): number | null {
  const row = fastest(rows);
  const reference = all[0];
  const twin = reference?.rows.find(({ model, workers }) => model === 'Pebble' && workers === reference.run.workers);
  if (!row || !reference || !twin || !(row.prompts > 0)) return null;
  const usual = reference.run.seconds * twin.prompts; // tokens, and what else a run does as if it were tokens
  return usual / row.prompts / row.parameters;
}

/** What a default run takes of the models that this page lists; linear in parameters. */
export function servings(rows: Row[], all: Machine[] = machines): Serving[] {
  const each = secondsPerParameter(rows, all);
  const pebble = all[0]?.rows.find(({ model }) => model === 'Pebble')?.parameters;
  if (each === null || pebble === undefined) return [];
  return [{ title: 'Pebble', parameters: pebble }, ...CURATED]
    .map(({ title, parameters }) => ({ title, seconds: each * parameters }))
    .sort((a, b) => a.seconds - b.seconds);
}

/** The row to judge by: the largest model, with the most workers. */
function fastest(rows: Row[]): Row | undefined {
  return rows.toSorted((a, b) => b.parameters - a.parameters || b.workers - a.workers)[0];
}

/** In one sentence. */
export function served(rows: Row[], all: Machine[] = machines): string {
  const list = servings(rows, all);
  if (list.length === 0) return '';
  const [short, long] = [list.findLast(({ seconds }) => seconds <= 120), list.findLast(({ seconds }) => seconds <= 900)];
  if (!short) return TEXT.slow({ time: roughly(list[0]!.seconds) });
  const known = { model: short.title, time: roughly(short.seconds) };
  return long && long !== short ? TEXT.servedTwo({ ...known, larger: long.title, longer: roughly(long.seconds) }) : TEXT.served(known);
}
