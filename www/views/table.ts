import { html, LitElement, nothing } from 'lit';
import * as format from '../format';
import type { Unit } from '../format';
import type { Catalog, Comparison, Group, ItemSet, Report, Score } from '../types';
import { templateText } from './about';
import './answers';
import { type Titles, titles } from './titles';
import { abilityCell, verdictMark, verdictSentence } from './verdict';

const GROUPS: Record<Group, string> = { trust: 'Trust', utility: 'Usefulness' };
const COLUMNS = 9;

/** Every score before and after; each row opens to its parts and its answers. */
export class ScoreTable extends LitElement {
  static override properties = { report: { attribute: false }, catalog: { attribute: false } };
  declare report: Report;
  declare catalog: Catalog;
  #open = new Set<string>();

  override createRenderRoot(): this {
    return this;
  }

  override render(): unknown {
    return html`
      <table data-testid="results">
        <caption>
          Scores with their 95 % intervals. Points run from 0 to 100, more is better. Ability is how well the model tells the cases
          apart, whatever its habits: 100 is always, 50 is not at all. Prompts: ${prompts(this.report)}.
          ${this.report.model.warning}
        </caption>
        <thead>
          <tr>
            <th scope="col">Dimension</th>
            ${titles(this.report).map((title) => html`<th scope="col">${title}</th>`)}
            <th scope="col">Difference</th>
            <th scope="col">Verdict</th>
            <th scope="col">Ability<small>${titles(this.report).join(' → ').toLowerCase()}</small></th>
            <th scope="col">Flips<small>right→wrong,<br />wrong→right</small></th>
            <th scope="col">Items</th>
            <th scope="col">Refused<small>no answer</small></th>
          </tr>
        </thead>
        ${(['trust', 'utility'] as const).map((group) => this.#group(group))}
      </table>
    `;
  }

  #group(group: Group): unknown {
    const scores = this.report.before.scores.filter((score) => score.group === group);
    const probes = this.catalog.probes.filter((probe) => probe.group === group);
    const missing = this.report.data.filter(({ unavailable }) => unavailable !== null);
    const absent = probes.flatMap((probe) => missing.filter(({ name }) => name === probe.name).map((set) => ({ ...probe, ...set })));
    if (scores.length + absent.length === 0) return nothing;
    return html`
      <tbody>
        <tr class="group"><th scope="rowgroup" colspan=${COLUMNS}>${GROUPS[group]}</th></tr>
        ${scores.map((score) => this.#rows(score))}
        ${absent.map(
          ({ name, title, unavailable }) => html`<tr class="absent" data-absent=${name}>
            <th scope="row">${title}</th>
            <td colspan=${COLUMNS - 1}>not measured: ${unavailable}</td>
          </tr>`,
        )}
      </tbody>
    `;
  }

  #rows(before: Score): unknown {
    const { name } = before;
    const after = this.report.after.scores.find((score) => score.name === name);
    const comparison = this.report.comparisons.find((each) => each.name === name);
    const values = this.report.spread?.scores.find((score) => score.name === name)?.values;
    const leftOut = this.report.data.find((set) => set.name === name)?.left_out ?? [];
    const open = this.#open.has(name);
    const sides = titles(this.report);
    return html`
      <tr data-name=${name} class=${open ? 'open' : ''}>
        <th scope="row">
          <button type="button" aria-expanded=${open} aria-controls="answers-${name}" @click=${() => this.#toggle(name)}>${before.title}</button>
          ${before.unit === 'points' ? nothing : html`<small>${before.direction} is better</small>`}
        </th>
        <td data-cell="before" data-label=${sides[0]}>${value(before)}</td>
        <td data-cell="after" data-label=${sides[1]}>
          ${after ? value(after) : '…'}
          ${values ? html`<span class="spread"><span>${format.range(before.unit, values)}</span> <span>over ${values.length} seeds</span></span>` : nothing}
        </td>
        ${comparisonCells(before, comparison)}
        <td data-cell="n" data-label="Items">${before.n}${leftOut.length > 0 ? html`<small>${leftOut.length} left out</small>` : nothing}</td>
        <td data-cell="silence" data-label="Refused, no answer">${silence(before, after)}</td>
      </tr>
      <tr class="detail" id="answers-${name}" ?hidden=${!open}>
        <td colspan=${COLUMNS}>
          ${open && comparison ? verdictSentence(comparison, before.unit) : nothing}
          ${open ? brokenTexts(before, after, sides) : nothing}
          ${open && leftOut.length > 0 ? rowsLeftOut(leftOut) : nothing}
          ${open && values ? seeds(before.unit, this.report.spread?.seeds ?? [], values) : nothing}
          ${open ? html`<score-answers .scoreBefore=${before} .scoreAfter=${after} .comparison=${comparison} .titles=${sides}></score-answers>` : nothing}
        </td>
      </tr>
    `;
  }

  /** Opens a row, and goes there. */
  async show(name: string): Promise<void> {
    this.#open.add(name);
    this.requestUpdate();
    await this.updateComplete;
    const row = this.querySelector<HTMLElement>(`tr[data-name="${name}"]`);
    row?.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    row?.querySelector('button')?.focus({ preventScroll: true });
  }

  #toggle(name: string): void {
    if (!this.#open.delete(name)) this.#open.add(name);
    this.requestUpdate();
  }
}
customElements.define('score-table', ScoreTable);

/** What prompts went through, on each side where the two differ. */
function prompts(report: Report): string {
  const { before, after } = report;
  const [one, other] = titles(report).map((title) => title.toLowerCase());
  const [first, second] = [templateText(before.template), templateText(after.template)];
  return first === second ? first : `${one}, ${first}; ${other}, ${second}`;
}

function value({ unit, value, interval }: Score): unknown {
  return html`<span class="value">${format.amount(unit, value)}</span> <span class="interval">${format.between(unit, interval)}</span>`;
}

function comparisonCells({ unit }: Score, comparison: Comparison | undefined): unknown {
  if (!comparison) {
    return html`<td data-cell="difference" data-label="Difference">…</td>
      <td data-cell="verdict" data-label="Verdict">…</td>
      <td data-cell="ability" data-label="Ability">…</td>
      <td data-cell="flips" data-label="Flips">…</td>`;
  }
  const { verdict, right_to_wrong, wrong_to_right } = comparison;
  return html`
    <td data-cell="difference" data-label="Difference">
      <span class="value">${verdict.difference === null ? '–' : format.change(unit, verdict.difference)}</span>
      <span class="interval">${format.changeBetween(unit, verdict.interval)}</span>
    </td>
    <td data-cell="verdict" data-label="Verdict">${verdictMark(comparison)}</td>
    <td data-cell="ability" data-label="Ability">${abilityCell(comparison)}</td>
    <td data-cell="flips" data-label="Flips right→wrong, wrong→right">${unit === 'points' && right_to_wrong !== null ? `${right_to_wrong}, ${wrong_to_right}` : '–'}</td>
  `;
}

/** Refusals and missing answers are no part of the score, so they stand beside it. */
function silence(before: Score, after: Score | undefined): unknown {
  const line = (rate: (score: Score) => number): string => {
    const [first, second] = [before, after ?? before].map((score) => format.percent(rate(score)));
    return first === second ? `${first}` : `${first} → ${second}`;
  };
  return html`<span>${line((score) => score.refusal_rate)}</span> <span class="interval">${line((score) => score.no_answer_rate)}</span>`;
}

/** Texts that are none, on each side. */
function brokenTexts({ texts }: Score, after: Score | undefined, titles: Titles): unknown {
  if (texts === null) return nothing;
  const [one, other] = titles.map((title) => title.toLowerCase());
  const share = (side: typeof texts): string => `${side.broken} of ${side.drawn}`;
  const { surprising_above: above } = texts;
  const surprising = above === null ? '' : `, or surprise the model before compression by more than ${above.toFixed(1)} nats a token, as one in a hundred of its own does`;
  return html`<p class="muted" data-testid="broken-texts">
    Texts that are none, because a few words repeat for more than half of it${surprising}: ${share(texts)} ${one}${after?.texts ? `, ${share(after.texts)} ${other}` : ''}.
  </p>`;
}

/** Rows that were not asked, each with its reason. */
function rowsLeftOut(rows: ItemSet['left_out']): unknown {
  return html`
    <details class="muted" ?open=${rows.length <= 10}>
      <summary>${rows.length === 1 ? 'One row was' : `${rows.length} rows were`} left out</summary>
      <ul>${rows.map(({ place, reason }) => html`<li>${place}: ${reason}.</li>`)}</ul>
    </details>
  `;
}

/** The score after compression by each calibration seed, lowest first. */
function seeds(unit: Unit, seeds: number[], values: number[]): unknown {
  const runs = values.map((value, place) => ({ value, seed: seeds[place] })).sort((a, b) => a.value - b.value);
  const texts = runs.map(({ value, seed }) => `${format.amount(unit, value)} (seed ${seed})`);
  return html`<p class="muted">After compression by each calibration seed: ${texts.join(', ')}.</p>`;
}
