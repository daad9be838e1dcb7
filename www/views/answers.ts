import { html, LitElement, nothing } from 'lit';
import * as format from '../format';
import type { Unit } from '../format';
import { answers as TEXT } from '../text';
import type { Comparison, Item, Part, PartComparison, Score, SideFigure } from '../types';
import { item, type Pair } from './item';
import type { Naming } from './titles';
import { verdictMark } from './verdict';

/** So many answers are shown before the reader asks for all. */
const FIRST = 50;

/** The inside of one score: its parts, and each item with both answers. */
class ScoreAnswers extends LitElement {
  static override properties = {
    scoreBefore: { attribute: false },
    scoreAfter: { attribute: false },
    comparison: { attribute: false },
    sides: { attribute: false },
    all: { state: true },
    shown: { state: true },
  };
  declare scoreBefore: Score;
  declare scoreAfter: Score | undefined;
  declare comparison: Comparison | undefined;
  declare sides: Naming;
  declare all: boolean;
  /** Whether the reader has asked for what may offend. */
  declare shown: boolean;

  override createRenderRoot(): this {
    return this;
  }

  override render(): unknown {
    const { scoreBefore: before, scoreAfter: after, comparison, sides } = this;
    const pairs = pair(before, after);
    const listed = this.all ? pairs : pairs.slice(0, FIRST);
    const offensive = pairs.some((each) => each.before.offensive || each.after?.offensive);
    return html`
      <p class="muted">${asked(before, after, sides)}</p>
      ${parts(before, after, { comparison, sides })} ${beside(before.beside, after?.beside, { comparison, sides })}
      ${before.scorer ? html`<p class="muted">${TEXT.judgedBy({ scorer: before.scorer })}</p>` : nothing}
      <h3>${TEXT.title}</h3>
      ${offensive
        ? html`<label class="toggle">
            <input type="checkbox" data-testid="unmask" .checked=${this.shown} @change=${(event: Event) => (this.shown = (event.target as HTMLInputElement).checked)} />
            ${TEXT.unmask}
          </label>`
        : nothing}
      ${listed.map((each) => item(each, before, { shown: this.shown, titles: sides.titles }))}
      ${listed.length < pairs.length
        ? html`<button type="button" @click=${() => (this.all = true)}>${TEXT.showAll({ n: pairs.length })}</button>`
        : nothing}
    `;
  }
}
customElements.define('score-answers', ScoreAnswers);

/** What is said of the two sides, and what they are called. */
interface Told {
  comparison: Comparison | undefined;
  sides: Naming;
}

/** How the score came about. */
function asked({ ask, unit, chance, seconds }: Score, after: Score | undefined, { words: [one, other] }: Naming): string {
  const first = format.seconds(seconds);
  const took = after ? TEXT.tookBoth({ first, one, second: format.seconds(after.seconds), other }) : TEXT.took({ time: first });
  const guess = chance === null ? '' : TEXT.constant({ value: format.amount(unit, chance) });
  return [unit === 'points' ? TEXT[ask] : TEXT.texts, guess, took].filter(Boolean).join(' ');
}

/** The sub-tasks that the score is made of, and those that could not be measured. */
function parts(before: Score, after: Score | undefined, { comparison, sides }: Told): unknown {
  if (before.parts.length + before.unmeasured.length === 0) return nothing;
  const { unit } = before;
  return html`
    <div class="wide" tabindex="0" role="group" aria-label=${TEXT.parts}><table class="parts">
      <thead>
        <tr>
          <th scope="col">${TEXT.part}</th>${sides.titles.map((title) => html`<th scope="col">${title}</th>`)}<th scope="col">${TEXT.difference}</th>
          <th scope="col">${TEXT.flips}</th><th scope="col">${TEXT.items}</th><th scope="col">${TEXT.bestConstant}</th><th scope="col">${TEXT.refused}<small>${TEXT.noAnswer}</small></th>
        </tr>
      </thead>
      <tbody>
        ${before.parts.map((part) => {
          const twin = after?.parts.find(({ name }) => name === part.name);
          const change = comparison?.parts.find(({ name }) => name === part.name);
          const asked = part.ask === before.ask ? '' : TEXT.partAsked[part.ask];
          return html`<tr>
            <th scope="row">${part.title}${part.note || asked ? html`<small>${part.note} ${asked}</small>` : nothing}</th>
            <td>${figure(unit, part)}</td>
            <td>${figure(unit, twin)}</td>
            ${changed(unit, change)}
            <td>${part.n}</td>
            <td>${guessing(unit, part)}</td>
            <td>${format.percent((twin ?? part).refusal_rate)} <span class="interval">${format.percent((twin ?? part).no_answer_rate)}</span></td>
          </tr>`;
        })}
        ${before.unmeasured.map(
          ({ title, reason }) => html`<tr><th scope="row">${title}<small>${reason}</small></th><td colspan="7">${TEXT.notMeasured}</td></tr>`,
        )}
      </tbody>
    </table></div>
  `;
}

function figure(unit: Unit, part: Part | SideFigure | undefined): unknown {
  if (!part) return '…';
  return html`${format.amount(unit, part.value)}
    <span class="interval">${format.between(unit, part.interval)}</span>`;
}

/** What the best model has that ignores the questions. */
function guessing(unit: Unit, { chance }: Part | SideFigure): string {
  return chance === null ? '–' : format.amount(unit, chance);
}

function changed(unit: Unit, change: PartComparison | undefined): unknown {
  if (!change) return html`<td>…</td><td>…</td>`;
  const { verdict, right_to_wrong, wrong_to_right } = change;
  return html`
    <td>
      ${verdict.difference === null ? '–' : format.change(unit, verdict.difference)} <span class="interval">${format.changeBetween(unit, verdict.interval)}</span>
      <small>${verdictMark(change)}</small>
    </td>
    <td>${right_to_wrong === null ? '–' : `${right_to_wrong}, ${wrong_to_right}`}</td>
  `;
}

/** What stands beside the score and is no part of it. */
function beside(before: SideFigure[], after: SideFigure[] | undefined, { comparison, sides }: Told): unknown {
  const divergence = comparison?.divergence;
  if (before.length === 0 && !divergence) return nothing;
  return html`
    <div class="wide" tabindex="0" role="group" aria-label=${TEXT.beside}><table class="parts">
      <thead>
        <tr><th scope="col">${TEXT.beside}</th>${sides.titles.map((title) => html`<th scope="col">${title}</th>`)}<th scope="col">${TEXT.items}</th><th scope="col">${TEXT.bestConstant}</th></tr>
      </thead>
      <tbody>
        ${before.map(
          (each) => html`<tr>
            <th scope="row">${each.title}</th>
            <td>${figure(each.unit, each)}</td>
            <td>${figure(each.unit, after?.find(({ name }) => name === each.name))}</td>
            <td>${each.n}</td>
            <td>${guessing(each.unit, each)}</td>
          </tr>`,
        )}
        ${divergence
          ? html`<tr>
              <th scope="row">${divergence.title}<small>${TEXT.divergence}</small></th>
              <td>–</td>
              <td>${figure(divergence.unit, divergence)}</td>
              <td>${divergence.n}</td>
              <td>–</td>
            </tr>`
          : nothing}
      </tbody>
    </table></div>
  `;
}

/** Both answers to each item; the greatest change first, and of two equal ones the loss. */
function pair(before: Score, after: Score | undefined): Pair[] {
  const key = ({ id, part }: Item): string => `${part}\n${id}`;
  const answers = new Map(after?.items.map((each) => [key(each), each]));
  const gain = ({ before, after }: Pair): number => (after ? after.value - before.value : 0);
  const pairs = before.items.map((each) => ({ before: each, after: answers.get(key(each)) }));
  return pairs.sort((a, b) => Math.abs(gain(b)) - Math.abs(gain(a)) || gain(a) - gain(b));
}
