import { html, LitElement, nothing } from 'lit';
import * as format from '../format';
import type { Item, Part, Score, Unit } from '../types';

/** A sub-task, in the unit of its score; or a figure beside the score, in its own. */
type AnyPart = Part & { unit?: Unit };

/** So many answers are shown before the reader asks for all. */
const FIRST = 50;

interface Pair {
  before: Item;
  after: Item | undefined;
}

/** The inside of one score: its parts, and each item with both answers. */
class ScoreAnswers extends LitElement {
  static override properties = { scoreBefore: { attribute: false }, scoreAfter: { attribute: false }, all: { state: true } };
  declare scoreBefore: Score;
  declare scoreAfter: Score | undefined;
  declare all: boolean;

  override createRenderRoot(): this {
    return this;
  }

  override render(): unknown {
    const { scoreBefore: before, scoreAfter: after } = this;
    const pairs = pair(before, after);
    const shown = this.all ? pairs : pairs.slice(0, FIRST);
    return html`
      ${parts('Part', before, before.parts, after?.parts)} ${parts('Beside the score', before, before.beside, after?.beside)}
      <h3>Items, those that changed first</h3>
      ${shown.map((each) => item(each, before))}
      ${shown.length < pairs.length
        ? html`<button type="button" @click=${() => (this.all = true)}>Show all ${pairs.length}</button>`
        : nothing}
    `;
  }
}
customElements.define('score-answers', ScoreAnswers);

function parts(title: string, score: Score, before: AnyPart[], after: AnyPart[] | undefined): unknown {
  if (before.length === 0) return nothing;
  const cell = (part: AnyPart | undefined): unknown => {
    if (!part) return '…';
    const unit = part.unit ?? score.unit;
    return html`${format.amount(unit, part.value)}
          ${part.interval ? html`<span class="interval">${format.between(unit, part.interval)}</span>` : nothing}`;
  };
  return html`
    <table class="parts">
      <thead>
        <tr><th scope="col">${title}</th><th scope="col">Before</th><th scope="col">After</th><th scope="col">Items</th></tr>
      </thead>
      <tbody>
        ${before.map(
          (part) => html`<tr>
            <th scope="row">${part.title}${part.note ? html`<small>${part.note}</small>` : nothing}</th>
            <td>${cell(part)}</td>
            <td>${cell(after?.find(({ name }) => name === part.name))}</td>
            <td>${part.n}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  `;
}

/** Both answers to each item; the greatest change first, and of two equal ones the loss. */
function pair(before: Score, after: Score | undefined): Pair[] {
  const key = ({ id, part }: Item): string => `${part}\n${id}`;
  const answers = new Map(after?.items.map((each) => [key(each), each]));
  const pairs = before.items.map((each) => ({ before: each, after: answers.get(key(each)) }));
  return pairs.sort((a, b) => Math.abs(gain(b)) - Math.abs(gain(a)) || gain(a) - gain(b));
}

function gain({ before, after }: Pair): number {
  return after ? after.value - before.value : 0;
}

function item({ before, after }: Pair, score: Score): unknown {
  const part = score.parts.find(({ name }) => name === before.part)?.title ?? before.part.replaceAll('_', ' ');
  return html`
    <details class="item">
      <summary>
        ${flip(gain({ before, after }), score)}
        <span class="excerpt">${excerpt(before.prompt)} <span class="muted">${part}</span></span>
      </summary>
      <pre>${before.prompt}</pre>
      ${before.options.length > 0 ? options(before, after) : nothing}
      ${before.expected === null || namesOption(before) ? nothing : html`<p class="muted">Expected: ${before.expected}</p>`}
      ${before.output !== null ? outputs(before, after) : nothing}
      ${score.unit === 'points' ? nothing : html`<p>${before.value.toFixed(3)} → ${after?.value.toFixed(3) ?? '…'} nats per token</p>`}
    </details>
  `;
}

/** Whether the expected answer is one option, or written, and so marked where the answers stand. */
function namesOption({ expected, options, output }: Item): boolean {
  return output !== null || options.some(({ text }) => text === expected);
}

function flip(gain: number, { unit }: Score): unknown {
  if (unit !== 'points' || gain === 0) return html`<span class="flip">${unit === 'points' ? 'same' : ''}</span>`;
  const lost = gain < 0;
  return html`<span class="flip" data-verdict=${lost ? 'worse' : 'better'}>
    <span aria-hidden="true">${lost ? '▼' : '▲'}</span> ${lost ? 'right→wrong' : 'wrong→right'}
  </span>`;
}

/** The last paragraph of a prompt, where the question stands. */
function excerpt(prompt: string): string {
  const paragraph = prompt.replace(/\s*Answer:\s*$/, '').trim().split(/\n\s*\n/).at(-1) ?? '';
  const text = paragraph.replace(/\s+/g, ' ');
  return text.length > 140 ? `${text.slice(0, 140)}…` : text;
}

function options(before: Item, after: Item | undefined): unknown {
  return html`
    <table class="parts">
      <thead>
        <tr>
          <th scope="col">Option</th>
          <th scope="col">Log-probability before</th>
          <th scope="col">after</th>
          <th scope="col"><span class="unseen">Chosen</span></th>
        </tr>
      </thead>
      <tbody>
        ${before.options.map(({ text, loglikelihood }, index) => {
          const marks = [
            text === before.expected ? 'expected' : '',
            text === before.answer ? 'chosen before' : '',
            text === after?.answer ? 'chosen after' : '',
          ];
          return html`<tr>
            <th scope="row">${text}</th>
            <td>${loglikelihood.toFixed(3)}</td>
            <td>${after?.options[index]?.loglikelihood.toFixed(3) ?? '…'}</td>
            <td>${marks.filter(Boolean).join(', ')}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  `;
}

function outputs(before: Item, after: Item | undefined): unknown {
  const line = (title: string, { output, answer, status }: Item): unknown => html`
    <dt>${title}</dt>
    <dd><q>${output}</q> <span class="muted">${status === 'answered' ? `read as “${answer}”` : status.replace('_', ' ')}</span></dd>
  `;
  return html`<dl class="outputs">
    ${line('Before', before)} ${after ? line('After', after) : nothing}
    ${before.expected === null ? nothing : html`<dt>Expected</dt><dd>${before.expected}</dd>`}
  </dl>`;
}
