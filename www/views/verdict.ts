import { html, nothing } from 'lit';
import * as format from '../format';
import type { PartComparison, Word } from '../types';

/** What is said of a row. */
type Change = Omit<PartComparison, 'name'>;

const SIGNS: Record<Word, string> = {
  worse: '▼',
  better: '▲',
  slightly_worse: '▽',
  no_worse: '=',
  too_few_items: '?',
  habit_shifted: '↷',
  broken: '✕',
  not_measurable: '–',
  not_readable: '–',
  depends_on_the_seed: '±',
};

export function verdictSign(word: Word): string {
  return SIGNS[word];
}

/** A word and a sign, so that nothing hangs on colour alone. */
export function verdictMark({ verdict }: Pick<Change, 'verdict'>): unknown {
  const { word, words, sentence, provisional } = verdict;
  return html`<span class="verdict" data-verdict=${word ?? 'none'} title=${sentence}
    ><span aria-hidden="true">${word === null ? '·' : verdictSign(word)}</span> <b>${words}</b>${provisional ? html` <small>so far</small>` : nothing}</span
  >`;
}

/** What the word means, and what it rests on. */
export function verdictSentence(change: Change, unit: format.Unit): unknown {
  const { verdict, not_measurable, commonest, before, after } = change;
  const { smallest_visible, clusters_needed, clusters, margin, level } = verdict;
  const told = [verdict.sentence];
  if (before !== null && after !== null && (verdict.left_out.left > 0 || not_measurable.length > 0)) {
    told.push(`Over the ${change.n} items that are compared it went from ${format.amount(unit, before)} to ${format.amount(unit, after)}; ${verdict.left_out.left} were not read on both sides and are left out of the difference.`);
  }
  if (smallest_visible !== null && verdict.word === 'too_few_items') {
    told.push(`The smallest change that these ${clusters.compared} independent groups of items could have shown is ${format.amount(unit, Math.abs(smallest_visible))}.`);
    if (clusters_needed !== null) told.push(`To see a change of ${margin}, about ${clusters_needed} groups are needed.`);
  }
  if (level !== null) told.push(`The interval holds at ${(100 * level).toFixed(1)}\u202f%, so that all words of this report together err in at most 5\u202f% of reports.`);
  if (not_measurable.length > 0) told.push(`Left out of the score on both sides, because neither side can tell their cases apart: ${not_measurable.join(', ').replaceAll('_', ' ')}.`);
  if (commonest && Math.max(commonest[0].share, commonest[1].share) > 0.8) {
    told.push(`Commonest answer: “${commonest[0].answer}” to ${format.percent(commonest[0].share)} of the questions before, “${commonest[1].answer}” to ${format.percent(commonest[1].share)} after.`);
  }
  return html`<p data-testid="sentence">${told.join(' ')}</p>`;
}

/** How well the cases are told apart, before and after. */
export function abilityCell({ ability }: Pick<Change, 'ability'>): unknown {
  if (ability === null) return '–';
  const side = ({ value, interval }: { value: number; interval: [number, number] }): unknown =>
    html`<span class="value">${format.percentOf(value)}</span> <span class="interval">${format.percentOf(interval[0])} to ${format.percentOf(interval[1])}</span>`;
  return html`<span data-side="before">${side(ability[0])}</span> <span class="arrow"><span aria-hidden="true">→</span><span class="unseen">to</span></span> <span data-side="after">${side(ability[1])}</span>`;
}
