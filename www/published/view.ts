// The published results of models of 13 billion parameters, beside a report of this page.
import { html, LitElement, nothing } from 'lit';
import * as format from '../format';
import { chainTitle } from '../store';
import { published as TEXT } from '../text';
import type { Catalog, Comparison, Report } from '../types';
import { verdictMark } from '../views/verdict';
import { CASES, type Case, caseOf, caseText, type Change, changesOf, SOURCE } from './figures';

class PublishedFigures extends LitElement {
  static override properties = { report: { attribute: false }, catalog: { attribute: false }, chosen: { state: true } };
  declare report: Report;
  declare catalog: Catalog;
  /** What the reader chose to see; undefined for what is nearest to the report. */
  declare chosen: Case | undefined;

  override createRenderRoot(): this {
    return this;
  }

  override render(): unknown {
    const { report, catalog } = this;
    const nearest = caseOf(report.recipe);
    const shown = this.chosen ?? nearest.found;
    const isSame = nearest.isSame && shown === nearest.found;
    const title = (each: Case): string => TEXT.recipe({ method: chainTitle(catalog, each.method), strength: caseText(each) });
    const models = changesOf(shown);
    const compared = new Map(report.comparisons.map((each) => [each.name, each]));
    return html`
      <p data-testid="comparable">
        <strong>${TEXT.directionOnly}</strong> ${isSame ? TEXT.isSame : TEXT.isOther}
        <a href="docs/method.html#beside-the-published-figures">${TEXT.byDimension}</a>
      </p>
      <label class="published">
        <span>${TEXT.label}</span>
        <select data-testid="published-case" @change=${(event: Event) => (this.chosen = CASES[Number((event.target as HTMLSelectElement).value)])}>
          ${CASES.map((each, i) => html`<option value=${i} ?selected=${each === shown}>${title(each)}</option>`)}
        </select>
      </label>
      <div class="wide" tabindex="0" role="group" aria-label=${TEXT.table}>
        <table class="parts" data-testid="published">
          <thead>
            <tr>
              <th scope="col">${TEXT.dimension}</th>
              <th scope="col">${TEXT.here({ model: report.model.name })}<small>${TEXT.aboutHere}</small></th>
              ${models.map(({ model }) => html`<th scope="col">${model}<small>${TEXT.aboutThere}</small></th>`)}
            </tr>
          </thead>
          <tbody>
            ${catalog.probes.filter(({ name }) => models.some(({ of }) => of(name))).map(
              ({ name, title }) => html`<tr data-row=${name}>
                <th scope="row">${title}${name === 'multiple_choice' ? html`<small>${TEXT.mmlu}</small>` : nothing}</th>
                <td>${here(compared.get(name))}</td>
                ${models.map(({ of }) => html`<td>${there(of(name))}</td>`)}
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p class="muted">
        ${TEXT.figures({
          models: models.map(({ model }) => model),
          paper: html`<a href=${SOURCE.url} target="_blank" rel="noreferrer">${SOURCE.title}</a>`,
          licence: html`<a href=${SOURCE.licenceUrl} target="_blank" rel="noreferrer">${SOURCE.licence}</a>`,
        })}
      </p>
    `;
  }
}
customElements.define('published-figures', PublishedFigures);

function here(comparison: Comparison | undefined): unknown {
  if (!comparison) return TEXT.notMeasured;
  const { difference, interval } = comparison.verdict;
  return html`<span class="value">${difference === null ? '–' : format.change('points', difference)}</span> <span class="interval">${format.changeBetween('points', interval)}</span> <small>${verdictMark(comparison)}</small>`;
}

function there(change: Change | null): unknown {
  if (!change) return '–';
  const { before, after, changes } = change;
  return html`<span class="value">${format.change('points', after - before)}</span>
    <span class="interval">${format.amount('points', before)} → ${format.amount('points', after)}</span>
    ${changes ? html`<span class="interval">${TEXT.seeds({ changes: format.changeBetween('points', changes) })}</span>` : nothing}`;
}
