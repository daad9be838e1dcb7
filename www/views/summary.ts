// What happened, in plain words: a sentence made of the verdicts.
import { findChain, chainTitle } from '../store';
import { summary as TEXT } from '../text';
import type { Catalog, Comparison, Report, Word } from '../types';

/** Words of which the dimensions are named, the gravest first. */
const SAID = ['broken', 'worse', 'depends_on_the_seed', 'habit_shifted', 'slightly_worse', 'better', 'no_worse'] as const;
/** Of what is left, only how many there are is said. */
const LEFT = ['too_few_items', 'not_readable', 'not_measurable'] as const;
/** So many dimensions of which the same is said are named, and so many that hold, whose names are no news. */
const NAMED = 3;
const NAMED_HOLDING = 2;

/** The sentence over a report, so far or at its end; empty before anything was compared. */
export function summary(report: Report, catalog: Catalog): string {
  const trust = report.comparisons.filter(({ name }) => catalog.probes.some((probe) => probe.name === name && probe.group === 'trust'));
  if (trust.length === 0) return '';
  const having = (...words: Word[]): Comparison[] => trust.filter(({ verdict }) => words.includes(verdict.word ?? 'too_few_items'));
  const title = ({ name }: Comparison): string => (catalog.probes.find((probe) => probe.name === name)?.title ?? name).toLowerCase();
  const said = SAID.flatMap((word) => {
    const rows = having(word);
    const n = rows.length;
    const who = n > (word === 'no_worse' ? NAMED_HOLDING : NAMED) ? TEXT.nOf({ n, of: trust.length }) : TEXT.list(rows.map(title));
    return n > 0 ? [TEXT.said[word]({ who, n, margin: String(rows[0]?.verdict.margin) })] : [];
  });
  const left = LEFT.flatMap((word) => {
    const { length } = having(word);
    return length > 0 ? [TEXT.left[word](length, trust.length)] : [];
  });
  const told = [TEXT.list(said), TEXT.list(left)].filter(Boolean);
  const sentence = (report.complete ? TEXT.whole : TEXT.soFar)({ pressure: report.against ? TEXT.rightAgainstLeft : pressure(report, catalog), told });
  return isUnseen(report, having('broken', 'worse')) ? `${sentence} ${TEXT.unseen}` : sentence;
}

/** How hard the model was pressed. */
function pressure({ recipe }: Report, catalog: Catalog): string {
  const { bits, sparsity, pattern } = recipe.settings;
  const has = (name: string): boolean => findChain(catalog, recipe.method).some(({ parameters }) => parameters.some((each) => each.name === name));
  const isRounded = has('bits') && typeof bits === 'number';
  if (has('sparsity') && typeof sparsity === 'number') {
    const share = typeof pattern === 'string' && pattern !== 'unstructured' ? 0.5 : sparsity;
    const percent = Math.round(100 * share);
    return isRounded ? TEXT.goneAndBits({ percent, bits }) : TEXT.gone({ percent });
  }
  return isRounded ? TEXT.bits({ bits }) : TEXT.method({ method: chainTitle(catalog, recipe.method) });
}

/** The lesson of the paper, where it is seen: what stands beside trust does not show what became of it. */
function isUnseen({ comparisons }: Report, broken: Comparison[]): boolean {
  const known = comparisons.find(({ name }) => name === 'multiple_choice');
  return broken.length > 0 && known?.verdict.word === 'no_worse';
}
