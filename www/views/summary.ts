// What happened, in plain words: a sentence made of the verdicts.
import { findChain, chainTitle } from '../store';
import type { Catalog, Comparison, Report, Word } from '../types';

/** What is said of the dimensions that have a word, the gravest first; of none, nothing. */
const SAID: [words: (Word | null)[], one: string, several: string][] = [
  [['broken'], 'is broken', 'are broken'],
  [['worse'], 'is clearly worse', 'are clearly worse'],
  [['depends_on_the_seed'], 'depends on the calibration seed', 'depend on the calibration seed'],
  [['habit_shifted'], 'answers by another habit', 'answer by another habit'],
  [['slightly_worse'], 'is slightly worse', 'are slightly worse'],
  [['better'], 'is better', 'are better'],
  [['no_worse'], 'holds within', 'hold within'],
];
/** Of what is left, only how many there are is said. */
const LEFT: [words: (Word | null)[], said: string][] = [
  [['too_few_items', null], 'there are too few items to tell'],
  [['not_readable'], 'too few answers can be read'],
  [['not_measurable'], 'this model cannot tell the cases apart'],
];
/** So many dimensions of which the same is said are named, and so many that hold, whose names are no news. */
const NAMED = 3;
const NAMED_HOLDING = 2;
const NUMBERS = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

/** The sentence over a report, so far or at its end; empty before anything was compared. */
export function summary(report: Report, catalog: Catalog): string {
  const trust = report.comparisons.filter(({ name }) => catalog.probes.some((probe) => probe.name === name && probe.group === 'trust'));
  if (trust.length === 0) return '';
  const having = (words: (Word | null)[]): Comparison[] => trust.filter(({ verdict }) => words.includes(verdict.word));
  const title = ({ name }: Comparison): string => (catalog.probes.find((probe) => probe.name === name)?.title ?? name).toLowerCase();
  const said = SAID.flatMap(([words, one, several]) => {
    const rows = having(words);
    const within = words.includes('no_worse') ? ` ${rows[0]?.verdict.margin}` : '';
    const names = rows.length > (within ? NAMED_HOLDING : NAMED) ? `${number(rows.length)} of ${number(trust.length)}` : list(rows.map(title));
    return rows.length > 0 ? [`${names} ${rows.length === 1 ? one : several}${within}`] : [];
  });
  const left = LEFT.flatMap(([words, told]) => {
    const { length } = having(words);
    if (length === 0) return [];
    if (trust.length === 1) return [told];
    return [`for ${length === trust.length ? `all ${number(length)}` : `${number(length)} of ${number(trust.length)}`} ${told}`];
  });
  const told = [list(said), list(left)].filter(Boolean).join('; ');
  return `${report.against ? 'Right against left' : pressure(report, catalog)}, ${told}${report.complete ? '' : ' (so far)'}.${unseen(report, having(['broken', 'worse']))}`;
}

/** How hard the model was pressed. */
function pressure({ recipe }: Report, catalog: Catalog): string {
  const { bits, sparsity, pattern } = recipe.settings;
  const has = (name: string): boolean => findChain(catalog, recipe.method).some(({ parameters }) => parameters.some((each) => each.name === name));
  const parts: string[] = [];
  if (has('sparsity') && typeof sparsity === 'number') {
    const share = typeof pattern === 'string' && pattern !== 'unstructured' ? 0.5 : sparsity;
    parts.push(`with ${Math.round(100 * share)}\u202f% of the weights gone`);
  }
  if (has('bits') && typeof bits === 'number') parts.push(`at ${bits} bits`);
  const text = parts.join(' and ') || `after ${chainTitle(catalog, recipe.method)}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The lesson of the paper, where it is seen: what stands beside trust does not show what became of it. */
function unseen({ comparisons }: Report, broken: Comparison[]): string {
  const known = comparisons.find(({ name }) => name === 'multiple_choice');
  return broken.length > 0 && known?.verdict.word === 'no_worse' ? ' Multiple choice alone, which is no worse, would not have shown it.' : '';
}

function list(parts: string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function number(count: number): string {
  return NUMBERS[count] ?? String(count);
}
