import { html, nothing } from 'lit';
import * as format from '../format';
import { numbers, verdict as TEXT } from '../text';
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
    ><span aria-hidden="true">${word === null ? '·' : verdictSign(word)}</span> <b>${words}</b>${provisional ? html` <small>${TEXT.soFar}</small>` : nothing}</span
  >`;
}

/** What the word means, and what it rests on. */
export function verdictSentence(change: Change, unit: format.Unit): unknown {
  const { verdict, not_measurable, commonest, before, after } = change;
  const { smallest_visible, clusters_needed, clusters, margin, level } = verdict;
  const told = [verdict.sentence];
  if (before !== null && after !== null && (verdict.left_out.left > 0 || not_measurable.length > 0)) {
    told.push(TEXT.compared({ n: change.n, before: format.amount(unit, before), after: format.amount(unit, after), left: verdict.left_out.left }));
  }
  if (smallest_visible !== null && verdict.word === 'too_few_items') {
    told.push(TEXT.smallest({ groups: clusters.compared, smallest: format.amount(unit, Math.abs(smallest_visible)) }));
    if (clusters_needed !== null) told.push(TEXT.needed({ margin: String(margin), groups: clusters_needed }));
  }
  if (level !== null) told.push(TEXT.level({ percent: format.fixed(100 * level, 1) }));
  if (not_measurable.length > 0) told.push(TEXT.leftOut({ parts: not_measurable.map((part) => part.replaceAll('_', ' ')) }));
  if (commonest && Math.max(commonest[0].share, commonest[1].share) > 0.8) {
    const [one, other] = commonest;
    told.push(TEXT.commonest({ one: one.answer, first: format.percent(one.share), other: other.answer, second: format.percent(other.share) }));
  }
  return html`<p data-testid="sentence">${told.join(' ')}</p>`;
}

/** How well the cases are told apart, before and after. */
export function abilityCell({ ability }: Pick<Change, 'ability'>): unknown {
  if (ability === null) return '–';
  const side = ({ value, interval }: { value: number; interval: [number, number] }): unknown =>
    html`<span class="value">${format.percentOf(value)}</span> <span class="interval">${numbers.between(format.percentOf(interval[0]), format.percentOf(interval[1]))}</span>`;
  return html`<span data-side="before">${side(ability[0])}</span> <span class="arrow"><span aria-hidden="true">→</span><span class="unseen">${numbers.to}</span></span> <span data-side="after">${side(ability[1])}</span>`;
}
