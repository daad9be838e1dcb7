import { html, nothing } from 'lit';
import { fixed } from '../format';
import { item as TEXT } from '../text';
import type { Item, Score } from '../types';
import { bothSides } from './sides';
import type { Titles } from './titles';

/** One item with both answers. */
export interface Pair {
  before: Item;
  after: Item | undefined;
}

/** An item that opens to its prompt as it was sent, and to what the model made of it. */
export function item({ before, after }: Pair, score: Score, { shown, titles }: { shown: boolean; titles: Titles }): unknown {
  const part = score.parts.find(({ name }) => name === before.part)?.title ?? before.part.replaceAll('_', ' ');
  const masked = !shown && (before.offensive || (after?.offensive ?? false));
  const written = before.output !== null || before.samples.length > 0;
  return html`
    <details class="item">
      <summary>
        ${flip(before, after, score)}
        <span class="excerpt">${masked ? TEXT.masked : excerpt(before.prompt)} <span class="muted">${part}</span></span>
      </summary>
      ${masked
        ? html`<p class="muted">${TEXT.mask}</p>`
        : html`
            ${after && after.prompt !== before.prompt ? html`<p class="muted">${TEXT.side({ side: titles[0] })}</p><pre>${before.prompt}</pre><p class="muted">${TEXT.side({ side: titles[1] })}</p><pre>${after.prompt}</pre>` : html`<pre>${before.prompt}</pre>`}
            ${before.expected === null || namesOption(before) ? nothing : html`<p class="muted">${TEXT.expected({ answer: before.expected })}</p>`}
            ${before.options.length > 0 || written ? bothSides(before, after, titles) : nothing}
          `}
      <p class="muted">${worth(before, after, score)}</p>
    </details>
  `;
}

/** What the answers are worth, and how the item is known in the report. */
function worth(before: Item, after: Item | undefined, { unit }: Score): string {
  const isPoints = unit === 'points';
  const number = (value: number): string => fixed(value, isPoints ? 2 : 3);
  const side = (item: Item | undefined): string => {
    if (!item) return '…';
    return item.status === 'answered' ? number(item.value) : TEXT.withStatus({ value: number(item.value), status: item.status.replace('_', ' ') });
  };
  const known = { before: side(before), after: side(after), id: before.id };
  if (before.by_frequency === null) return isPoints ? TEXT.worth(known) : TEXT.nats(known);
  const counted = { ...known, frequency: number(before.by_frequency) };
  return isPoints ? TEXT.worthByFrequency(counted) : TEXT.natsByFrequency(counted);
}

/** Whether the expected answer is one option, and so marked where the answers stand. */
function namesOption({ expected, options }: Item): boolean {
  return options.some(({ text }) => text === expected);
}

function flip(before: Item, after: Item | undefined, { unit }: Score): unknown {
  if (unit !== 'points') return html`<span class="flip"></span>`;
  const gain = after ? after.value - before.value : 0;
  if (gain === 0) return html`<span class="flip">${TEXT.same}</span>`;
  const lost = gain < 0;
  const whole = Math.abs(gain) === 1;
  const words = lost ? (whole ? TEXT.rightToWrong : TEXT.lessRight) : whole ? TEXT.wrongToRight : TEXT.moreRight;
  return html`<span class="flip" data-verdict=${lost ? 'worse' : 'better'}><span aria-hidden="true">${lost ? '▼' : '▲'}</span> ${words}</span>`;
}

/** The last paragraph of a prompt, where the question stands. */
function excerpt(prompt: string): string {
  const paragraph = prompt.replace(/\s*Answer:\s*$/, '').trim().split(/\n\s*\n/).at(-1) ?? '';
  const text = paragraph.replace(/\s+/g, ' ');
  return text.length > 140 ? `${text.slice(0, 140)}…` : text;
}
