// The published figures of Decoding Compressed Trust, and how they stand beside a report.
import { published as TEXT } from '../text';
import type { Recipe } from '../types';
import json from './figures.json';

/** One model of the paper as it is, or compressed: `strength` is bits or a pattern. Calibration seeds are rows of their own. */
interface Figure {
  model: string;
  method: string | null;
  strength: number | string | null;
  values: Record<string, number>;
}

const figures = json as Figure[];

/** A method at a strength. */
export interface Case {
  method: string;
  strength: number | string;
}

export const SOURCE = { title: TEXT.source, url: 'https://arxiv.org/abs/2403.15447', licence: 'CC BY-SA 4.0', licenceUrl: 'https://creativecommons.org/licenses/by-sa/4.0/' };

/** What was published, weak pressure first. */
export const CASES: Case[] = [...new Map(figures.flatMap(({ method, strength }) => (method === null || strength === null ? [] : [[`${method} ${strength}`, { method, strength }] as const]))).values()].sort(
  (a, b) => a.method.localeCompare(b.method) || (typeof a.strength === 'number' && typeof b.strength === 'number' ? b.strength - a.strength : String(b.strength).localeCompare(String(a.strength))),
);

export function caseText({ strength }: Case): string {
  return typeof strength === 'number' ? TEXT.bits({ bits: strength }) : strength;
}

/** The same method at the same strength, where that was published; else the nearest bits by GPTQ, or half of the weights by the same method. */
export function caseOf({ method, settings }: Recipe): { found: Case; isSame: boolean } {
  const { bits, pattern } = settings;
  const same = CASES.find((each) => each.method === method && each.strength === (typeof each.strength === 'number' ? bits : pattern));
  if (same) return { found: same, isSame: true };
  const like = CASES.filter((each) => each.method === method);
  const all = like.length > 0 ? like : CASES.filter((each) => each.method === 'gptq');
  const far = ({ strength }: Case): number => (typeof strength === 'number' && typeof bits === 'number' ? Math.abs(strength - bits) : 0);
  return { found: all.toSorted((a, b) => far(a) - far(b))[0]!, isSame: false };
}

/** A score before and after; with several calibration seeds the mean, and from the lowest to the highest change. */
export interface Change {
  before: number;
  after: number;
  changes: [number, number] | null;
}

/** Each model of the paper that was compressed so. */
export function changesOf({ method, strength }: Case): { model: string; of: (name: string) => Change | null }[] {
  const models = [...new Set(figures.filter((each) => each.method === method && each.strength === strength).map(({ model }) => model))].sort();
  return models.map((model) => {
    const original = figures.find((each) => each.model === model && each.method === null);
    const rows = figures.filter((each) => each.model === model && each.method === method && each.strength === strength);
    const of = (name: string): Change | null => {
      const before = original?.values[name];
      const values = rows.flatMap(({ values }) => values[name] ?? []);
      if (before === undefined || values.length === 0) return null;
      const after = values.reduce((sum, value) => sum + value, 0) / values.length;
      const changes = values.map((value) => value - before);
      return { before, after, changes: values.length > 1 ? [Math.min(...changes), Math.max(...changes)] : null };
    };
    return { model, of };
  });
}
