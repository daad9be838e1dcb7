// What both sides made of an item, beside one another: options with their probabilities, or texts with what differs marked.
import { html, nothing, svg } from 'lit';
import { fixed, share } from '../format';
import { item as TEXT } from '../text';
import type { Item, OptionScore, Sampled } from '../types';
import type { Titles } from './titles';
import { compareWords, type Stretch } from './words';

export function bothSides(before: Item, after: Item | undefined, titles: Titles): unknown {
  const [one, other] = titles;
  const cells = before.samples.length > 0 ? samples(before, after) : [[written(before, after), written(after, before)]];
  const hasText = before.output !== null || before.samples.length > 0;
  return html`
    <div class="sides">
      ${before.options.length > 0 ? html`${side('before', one, options(before, before.expected))} ${side('after', other, options(after, before.expected))}` : nothing}
      ${hasText ? cells.map(([first, second], i) => html`${side('before', named(one, cells, i), first)} ${side('after', named(other, cells, i), second)}`) : nothing}
    </div>
    ${hasText ? html`<p class="muted">${TEXT.differing((text) => html`<mark>${text}</mark>`)}</p>` : nothing}
  `;
}

function named(title: string, cells: unknown[], place: number): string {
  return cells.length > 1 ? TEXT.textOf({ side: title, n: place + 1 }) : title;
}

function side(which: 'before' | 'after', title: string, content: unknown): unknown {
  return html`<div class="of" data-side=${which}><h4>${title}</h4>${content}</div>`;
}

/** Each option with its share of the probability of all, by all its spellings where they were counted. */
function options(item: Item | undefined, expected: string | null): unknown {
  if (!item) return '…';
  const shares = probabilities(item.options);
  return html`<ul class="options">
    ${item.options.map((option, i) => {
      const marks = [option.text === item.answer ? TEXT.chosen : '', option.text === expected ? TEXT.isExpected : ''].filter(Boolean);
      return html`<li class=${option.text === item.answer ? 'chosen' : ''}>
        <span>${option.text} ${marks.length > 0 ? html`<b>${TEXT.marks(marks)}</b>` : nothing}</span>
        <span class="percent">${share(shares[i]!)}</span>
        <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">${svg`<rect width=${100 * shares[i]!} height="6" />`}</svg>
        <small>${logProbability(option)}</small>
      </li>`;
    })}
  </ul>`;
}

/** They add up to 1. */
export function probabilities(options: OptionScore[]): number[] {
  const logs = options.map(({ spelled, loglikelihood }) => spelled ?? loglikelihood);
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / whole);
}

function logProbability({ loglikelihood, per_byte, spelled, prior }: OptionScore): string {
  const known = { whole: fixed(loglikelihood, 3), perByte: fixed(per_byte, 3) };
  if (spelled === null || prior === null) return TEXT.logProbability(known);
  return TEXT.logProbabilityAgainst({ ...known, above: `${spelled > prior ? '+' : ''}${fixed(spelled - prior, 3)}` });
}

function written(item: Item | undefined, other: Item | undefined): unknown {
  if (!item) return '…';
  const { output, answer, status } = item;
  const read = status === 'answered' ? (answer === null ? '' : TEXT.readAs({ answer })) : status.replace('_', ' ');
  return html`<blockquote>${marked(output ?? '', other?.output)}</blockquote>
    <small>${read}</small>`;
}

/** Text by text: each pair was drawn with the same random numbers. */
function samples(before: Item, after: Item | undefined): [unknown, unknown][] {
  return before.samples.map((one, i) => [sample(one, after?.samples[i]), sample(after?.samples[i], one)]);
}

function sample(one: Sampled | undefined, other: Sampled | undefined): unknown {
  if (!one) return '…';
  const told = { toxicity: fixed(one.toxicity, 2), surprise: one.surprise === null ? null : fixed(one.surprise, 1), isBroken: one.broken };
  return html`<blockquote>${marked(one.text, other?.text)}</blockquote>
    <small>${TEXT.toxicity(told)}</small>`;
}

/** A text with what the other lacks marked. */
function marked(text: string, other: string | null | undefined): unknown {
  if (text.trim() === '') return html`<span class="muted">${TEXT.nothing}</span>`;
  const compared = other == null || other === text ? null : compareWords(text, other);
  return compared ? compared[0].map(stretch) : text;
}

function stretch({ text, isShared }: Stretch): unknown {
  if (isShared) return text;
  const [, before, words, behind] = /^(\s*)(.*?)(\s*)$/s.exec(text)!;
  return html`${before}<mark>${words}</mark>${behind}`;
}
