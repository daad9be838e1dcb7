import { html, nothing } from 'lit';
import * as format from '../format';
import type { Unit } from '../format';
import { groups, sides as sidesText, table as TEXT } from '../text';
import type { Catalog, Comparison, Group, ItemSet, ProbeKind, Report, Score } from '../types';
import { templateText } from './about';
import './answers';
import { InTurn } from './part';
import { type Naming, naming, titles } from './titles';
import { abilityCell, verdictMark, verdictSentence } from './verdict';

const COLUMNS = 9;

/** Every score before and after; each row opens to its parts and its answers. */
export class ScoreTable extends InTurn {
  static override properties = { report: { attribute: false }, catalog: { attribute: false }, coming: { attribute: false } };
  declare report: Report;
  declare catalog: Catalog;
  declare coming: ProbeKind[];
  #open = new Set<string>();

  override render(): unknown {
    return html`
      <table data-testid="results">
        <caption>
          ${TEXT.caption({ prompts: prompts(this.report) })}
          ${this.report.model.warning}
        </caption>
        <thead>
          <tr>
            <th scope="col">${TEXT.dimension}</th>
            ${titles(this.report).map((title) => html`<th scope="col">${title}</th>`)}
            <th scope="col">${TEXT.difference}</th>
            <th scope="col">${TEXT.verdict}</th>
            <th scope="col">${TEXT.ability}<small>${sidesText.columns(naming(this.report).words)}</small></th>
            <th scope="col">${TEXT.flips}<small>${TEXT.rightToWrong}<br />${TEXT.wrongToRight}</small></th>
            <th scope="col">${TEXT.items}</th>
            <th scope="col">${TEXT.refused}<small>${TEXT.noAnswer}</small></th>
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
    const later = this.coming.filter((probe) => probe.group === group);
    if (scores.length + absent.length + later.length === 0) return nothing;
    return html`
      <tbody>
        <tr class="group"><th scope="rowgroup" colspan=${COLUMNS}>${groups[group]}</th></tr>
        ${scores.map((score) => this.#rows(score))}
        ${later.map(({ title }) => html`<tr class="coming"><th scope="row">${title}</th><td colspan=${COLUMNS - 1}>…</td></tr>`)}
        ${absent.map(
          ({ name, title, unavailable }) => html`<tr class="absent" data-absent=${name}>
            <th scope="row">${title}</th>
            <td colspan=${COLUMNS - 1}>${TEXT.notMeasured({ why: unavailable ?? '' })}</td>
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
    const sides = naming(this.report);
    return html`
      <tr data-name=${name} class=${open ? 'open' : ''}>
        <th scope="row">
          <button type="button" aria-expanded=${open} aria-controls="answers-${name}" @click=${() => this.#toggle(name)}>${before.title}</button>
          ${before.unit === 'points' ? nothing : html`<small>${TEXT.isBetter(before)}</small>`}
        </th>
        <td data-cell="before" data-label=${sides.titles[0]}>${value(before)}</td>
        <td data-cell="after" data-label=${sides.titles[1]}>
          ${after ? value(after) : '…'}
          ${values ? html`<span class="spread"><span>${format.range(before.unit, values)}</span> <span>${TEXT.seeds({ n: values.length })}</span></span>` : nothing}
        </td>
        ${comparisonCells(before, comparison)}
        <td data-cell="n" data-label=${TEXT.items}>${before.n}${leftOut.length > 0 ? html`<small>${TEXT.leftOut({ n: leftOut.length })}</small>` : nothing}</td>
        <td data-cell="silence" data-label=${TEXT.refusedNoAnswer}>${silence(before, after)}</td>
      </tr>
      <tr class="detail" id="answers-${name}" ?hidden=${!open}>
        <td colspan=${COLUMNS}>
          ${open && comparison ? verdictSentence(comparison, before.unit) : nothing}
          ${open ? brokenTexts(before, after, sides) : nothing}
          ${open && leftOut.length > 0 ? rowsLeftOut(leftOut) : nothing}
          ${open && values ? seeds(before.unit, this.report.spread?.seeds ?? [], values) : nothing}
          ${open ? html`<score-answers .scoreBefore=${before} .scoreAfter=${after} .comparison=${comparison} .sides=${sides}></score-answers>` : nothing}
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
  const [one, other] = naming(report).words;
  const [first, second] = [templateText(before.template), templateText(after.template)];
  return first === second ? first : TEXT.onSides({ one, first, other, second });
}

function value({ unit, value, interval }: Score): unknown {
  return html`<span class="value">${format.amount(unit, value)}</span> <span class="interval">${format.between(unit, interval)}</span>`;
}

function comparisonCells({ unit }: Score, comparison: Comparison | undefined): unknown {
  if (!comparison) {
    return html`<td data-cell="difference" data-label=${TEXT.difference}>…</td>
      <td data-cell="verdict" data-label=${TEXT.verdict}>…</td>
      <td data-cell="ability" data-label=${TEXT.ability}>…</td>
      <td data-cell="flips" data-label=${TEXT.flips}>…</td>`;
  }
  const { verdict, right_to_wrong, wrong_to_right } = comparison;
  return html`
    <td data-cell="difference" data-label=${TEXT.difference}>
      <span class="value">${verdict.difference === null ? '–' : format.change(unit, verdict.difference)}</span>
      <span class="interval">${format.changeBetween(unit, verdict.interval)}</span>
    </td>
    <td data-cell="verdict" data-label=${TEXT.verdict}>${verdictMark(comparison)}</td>
    <td data-cell="ability" data-label=${TEXT.ability}>${abilityCell(comparison)}</td>
    <td data-cell="flips" data-label=${TEXT.flipsOf}>${unit === 'points' && right_to_wrong !== null ? `${right_to_wrong}, ${wrong_to_right}` : '–'}</td>
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
function brokenTexts({ texts }: Score, after: Score | undefined, { words: [one, other] }: Naming): unknown {
  if (texts === null) return nothing;
  const shares = [TEXT.brokenOf({ ...texts, side: one }), ...(after?.texts ? [TEXT.brokenOf({ ...after.texts, side: other })] : [])];
  const { surprising_above: above } = texts;
  return html`<p class="muted" data-testid="broken-texts">${above === null ? TEXT.broken({ shares }) : TEXT.brokenOrSurprising({ shares, above: format.fixed(above, 1) })}</p>`;
}

/** Rows that were not asked, each with its reason. */
function rowsLeftOut(rows: ItemSet['left_out']): unknown {
  return html`
    <details class="muted" ?open=${rows.length <= 10}>
      <summary>${TEXT.rowsLeftOut({ n: rows.length })}</summary>
      <ul>${rows.map(({ place, reason }) => html`<li>${TEXT.rowLeftOut({ place, reason })}</li>`)}</ul>
    </details>
  `;
}

/** The score after compression by each calibration seed, lowest first. */
function seeds(unit: Unit, seeds: number[], values: number[]): unknown {
  const runs = values.map((value, place) => ({ value, seed: seeds[place] })).sort((a, b) => a.value - b.value);
  const texts = runs.map(({ value, seed }) => TEXT.ofSeed({ value: format.amount(unit, value), seed }));
  return html`<p class="muted">${TEXT.bySeed({ values: texts })}</p>`;
}
