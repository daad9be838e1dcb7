// What pressure does to a model, as curves: a method at several strengths, each point a whole run. Some points were
// recorded, of the built-in model; the others are measured on this device.
import { tablesOf } from '../store';
import { curves, dial as TEXT } from '../text';
import type { Catalog, Comparison, Recipe, Report, Score, UncheckedRecipe, Word } from '../types';
import { summary } from '../views/summary';

/** A method, and the strengths of which a curve is made, the weakest first. */
export interface Curve {
  method: string;
  title: string;
  setting: 'bits' | 'sparsity';
  stops: number[];
}

const BITS = [8, 6, 5, 4, 3, 2];
const SPARSITY = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];

export const CURVES: Curve[] = [
  { method: 'round_to_nearest', title: curves.round_to_nearest, setting: 'bits', stops: BITS },
  { method: 'gptq', title: curves.gptq, setting: 'bits', stops: BITS },
  { method: 'awq', title: curves.awq, setting: 'bits', stops: BITS },
  { method: 'magnitude', title: curves.magnitude, setting: 'sparsity', stops: SPARSITY },
  { method: 'wanda', title: curves.wanda, setting: 'sparsity', stops: SPARSITY },
  { method: 'sparsegpt', title: curves.sparsegpt, setting: 'sparsity', stops: SPARSITY },
];

/** One score at a point. */
export interface Dot {
  name: string;
  title: string;
  value: number;
  interval: [number, number] | null;
  n: number;
  word: Word | null;
  words: string;
  /** Whether more items may change the word. */
  provisional?: true;
  /** Independent groups of items that are lacking for a word, where there are too few and that can be said. */
  more?: number;
}

/** What one run found; `stop`: null for the model as it is. */
export interface Point {
  stop: number | null;
  bytes: number;
  perplexity: number | null;
  sentence: string;
  dots: Dot[];
}

export interface Measured {
  /** The engine's. */
  commit: string | null;
  original: Point;
  points: Point[];
}

/** Curves of one model on one device, by method. */
export interface Recording {
  model: { name: string; hash: string };
  device: string;
  date: string;
  curves: Record<string, Measured>;
}

/** The recipe of a stop, for the engine to settle. */
export function stopRecipe({ method, setting }: Curve, stop: number): UncheckedRecipe {
  return { method, settings: [[`settings.${setting}`, String(stop)]], probes: null };
}

/** The curve that a recipe is a stop of, by a sample of any size, and which; null where it is none. */
export function findStop(recipe: Recipe, catalog: Catalog): { curve: Curve; stop: number } | null {
  const curve = CURVES.find(({ method }) => method === recipe.method);
  const stop = curve && Number(recipe.settings[curve.setting]);
  if (!curve || stop === undefined || !curve.stops.includes(stop) || recipe.probes?.length) return null;
  const tables = tablesOf(catalog, recipe.method);
  const free = { settings: curve.setting, calibration: '', evaluation: 'items' };
  const isUsual = (part: keyof typeof tables): boolean => tables[part].every(({ name, default: usual }) => name === free[part] || recipe[part][name] === usual);
  return isUsual('settings') && isUsual('calibration') && isUsual('evaluation') ? { curve, stop } : null;
}

/** The points of a report: the model as it was, and at a stop. */
export function pointsOf(report: Report, stop: number, catalog: Catalog): Pair {
  const words = new Map(report.comparisons.map((each) => [each.name, each]));
  const side = (scores: Score[], isAfter: boolean): Dot[] =>
    catalog.probes.flatMap(({ name, title }) => {
      const score = scores.find((each) => each.name === name && each.unit === 'points');
      return score ? [{ name, title, value: score.value, interval: score.interval, n: score.n, ...said(isAfter ? words.get(name) : undefined) }] : [];
    });
  const perplexity = (scores: Score[]): number | null => scores.find(({ unit }) => unit === 'perplexity')?.value ?? null;
  const { before, after } = report;
  return {
    original: { stop: null, bytes: before.size.bytes, perplexity: perplexity(before.scores), sentence: TEXT.original, dots: side(before.scores, false) },
    point: { stop, bytes: after.size.bytes, perplexity: perplexity(after.scores), sentence: summary(report, catalog), dots: side(after.scores, true) },
  };
}

function said(comparison: Comparison | undefined): Pick<Dot, 'word' | 'words' | 'provisional' | 'more'> {
  if (!comparison) return { word: null, words: '' };
  const { word, words, provisional, clusters, clusters_needed } = comparison.verdict;
  const more = (word === null || word === 'too_few_items') && clusters_needed !== null ? Math.max(1, clusters_needed - clusters.compared) : undefined;
  return { word, words, ...(provisional && { provisional }), ...(more !== undefined && { more }) };
}

/** What a run found. */
export interface Pair {
  original: Point;
  point: Point;
}

/** The same with a point more, in place of what was at its stop; what more items say stays. */
export function withPoint(measured: Measured | undefined, { original, point }: Pair, commit: string | null): Measured {
  const before = measured?.points.find(({ stop }) => stop === point.stop);
  const others = measured?.points.filter(({ stop }) => stop !== point.stop) ?? [];
  return { commit, original: fuller(original, measured?.original), points: [...others, fuller(point, before)] };
}

/** Of two points at one stop the one of more items, else the newer. */
function fuller(newer: Point, older: Point | undefined): Point {
  return older && itemsOf(older) > itemsOf(newer) ? older : newer;
}

/** Scored items of all dimensions. */
export function itemsOf({ dots }: Point): number {
  return dots.reduce((sum, { n }) => sum + n, 0);
}

/** Whether trust is lost there. */
export function isLost({ word }: Pick<Dot, 'word'>): boolean {
  return word === 'worse' || word === 'broken';
}

/** "4 bits", "30 % gone". */
export function stopText({ setting }: Curve, stop: number | null): string {
  if (stop === null) return setting === 'bits' ? TEXT.allBits : TEXT.allWeights;
  return setting === 'bits' ? TEXT.bits({ bits: stop }) : TEXT.gone({ percent: Math.round(100 * stop) });
}
