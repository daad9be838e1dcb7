// Side by side: one side on the left, and any number beside it, each compared with it by what both were asked.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { engine, showBeside } from '../actions';
import * as format from '../format';
import { sentence } from '../promised';
import { isAtRest, store } from '../store';
import { sideBySide as TEXT } from '../text';
import type { Catalog, Comparison, Report } from '../types';
import { verdictMark } from '../views/verdict';
import { offersOf, type SideOffer, THIS_AFTER, THIS_BEFORE } from './offers';
import './sides.css';

/** More columns than these nobody reads. */
const MOST_SIDES = 5;

class SideBySide extends LitElement {
  static override properties = { report: { attribute: false }, catalog: { attribute: false }, left: { state: true }, rights: { state: true } };
  declare report: Report;
  declare catalog: Catalog;
  declare left: string;
  declare rights: string[];
  /** Comparisons by the keys of their sides, or why there is none. */
  readonly #found = new Map<string, Report | string>();
  readonly #asked = new Set<string>();

  constructor() {
    super();
    [this.left, this.rights] = [THIS_BEFORE!, [THIS_AFTER!]];
  }

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('change', () => this.requestUpdate());
  }

  /** What was compared is of the report before. */
  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('report')) return;
    this.#found.clear();
    this.#asked.clear();
    [this.left, this.rights] = [THIS_BEFORE!, [THIS_AFTER!]];
  }

  override updated(): void {
    if (this.#isBusy) return;
    const offers = this.#offers;
    const left = offers.find(({ key }) => key === this.left);
    for (const key of this.rights) {
      const right = offers.find((each) => each.key === key);
      if (left && right) void this.#compare(left, right);
    }
  }

  get #isBusy(): boolean {
    return !isAtRest(store.state.phase);
  }

  get #offers(): SideOffer[] {
    return offersOf(this.report, store.state.link, store.state.kept ?? [], this.catalog);
  }

  async #compare(left: SideOffer, right: SideOffer): Promise<void> {
    const pair = `${left.key} | ${right.key}`;
    if (this.#asked.has(pair)) return;
    this.#asked.add(pair);
    const found = await this.#beside(left, right).catch(sentence);
    if (!this.#asked.has(pair)) return; // another report has come
    this.#found.set(pair, found);
    this.requestUpdate();
  }

  async #beside(left: SideOffer, right: SideOffer): Promise<Report> {
    if (left.key === right.key) throw new Error(TEXT.same);
    if (left.key === THIS_BEFORE && right.key === THIS_AFTER) return this.report;
    const [one, other] = await Promise.all([left.read(), right.read()]);
    return engine.compare({ name: left.name, report: one, which: left.which }, { name: right.name, report: other, which: right.which });
  }

  override render(): TemplateResult {
    const offers = this.#offers;
    const free = offers.filter(({ key, which }) => which === 'after' && key !== this.left && !this.rights.includes(key));
    const reports = this.rights.map((key) => this.#found.get(`${this.left} | ${key}`));
    const probes = this.catalog.probes.filter(({ name }) => reports.some((each) => typeof each === 'object' && each.data.some((set) => set.name === name)));
    return html`
      <p class="muted">${TEXT.about}</p>
      <label class="published">
        <span>${TEXT.left}</span>
        ${this.#select({ id: 'left-side', name: TEXT.leftSide }, this.left, offers, (key) => (this.left = key))}
      </label>
      <div class="wide" tabindex="0" role="group" aria-label=${TEXT.name}>
        <table class="parts" data-testid="side-by-side">
          <thead>
            <tr>
              <th scope="col">${TEXT.dimension}<small>${TEXT.leftToRight}</small></th>
              ${this.rights.map((key, i) => html`<th scope="col"><label>${this.rights.length > 1 ? TEXT.rightOf({ n: i + 1 }) : TEXT.right} ${this.#select({ id: `right-side-${i}`, name: TEXT.rightSide({ n: i }) }, key, offers, (chosen) => (this.rights = this.rights.with(i, chosen)))}</label></th>`)}
            </tr>
          </thead>
          <tbody>
            ${probes.map(({ name, title }) => html`<tr data-dimension=${name}><th scope="row">${title}</th>${reports.map((report) => this.#cell(report, name))}</tr>`)}
          </tbody>
          <tfoot>
            <tr>
              <td></td>
              ${reports.map((report, i) => html`<td>${this.#foot(report, i, offers)}</td>`)}
            </tr>
          </tfoot>
        </table>
      </div>
      ${this.rights.length < MOST_SIDES && free.length > 0
        ? html`<button type="button" data-testid="add-side" @click=${() => (this.rights = [...this.rights, free[0]!.key])}>${TEXT.add}</button>`
        : html`<p class="muted" data-testid="no-side">${this.rights.length < MOST_SIDES ? TEXT.squeezeAnother : TEXT.noMore}</p>`}
    `;
  }

  #select({ id, name }: { id: string; name: string }, chosen: string, offers: SideOffer[], choose: (key: string) => void): TemplateResult {
    return html`<select data-testid=${id} aria-label=${name} ?disabled=${this.#isBusy} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      ${offers.map(({ key, title }) => html`<option value=${key} .selected=${key === chosen}>${title}</option>`)}
    </select>`;
  }

  #cell(report: Report | string | undefined, name: string): TemplateResult {
    if (typeof report !== 'object') return html`<td>${report === undefined ? '…' : '–'}</td>`;
    const comparison = report.comparisons.find((each) => each.name === name);
    const score = report.before.scores.find((each) => each.name === name);
    if (!comparison || !score) {
      const reason = report.data.find((set) => set.name === name)?.unavailable;
      return html`<td>${reason == null ? TEXT.notAsked : TEXT.notMeasured({ why: reason })}</td>`;
    }
    return html`<td>${verdictMark(comparison)}<small>${told(comparison, comparison.unit as format.Unit | undefined ?? score.unit)}</small></td>`;
  }

  #foot(report: Report | string | undefined, place: number, offers: SideOffer[]): TemplateResult {
    const link = offers.find(({ key }) => key === this.rights[place])?.link ?? '';
    return html`
      ${typeof report === 'string' ? html`<p class="note" role="status" data-testid="side-refused">${report}</p>` : nothing}
      <div class="together">
        ${typeof report === 'object' && report !== this.report ? html`<button type="button" data-testid="show-side-${place}" @click=${() => showBeside(report, link)}>${TEXT.show}</button>` : nothing}
        ${this.rights.length > 1 ? html`<button type="button" class="quiet" data-testid="remove-side-${place}" aria-label=${TEXT.removeRight({ n: place + 1 })} @click=${() => this.#remove(place)}>${TEXT.remove}</button>` : nothing}
      </div>
    `;
  }

  /** The focus goes on to what is there still. */
  async #remove(place: number): Promise<void> {
    this.rights = this.rights.toSpliced(place, 1);
    await this.updateComplete;
    this.querySelector<HTMLElement>(`[data-testid=right-side-${Math.min(place, this.rights.length - 1)}]`)?.focus();
  }
}
customElements.define('side-by-side', SideBySide);

/** From where to where, with the difference, its interval and the number of items. */
function told({ before, after, n, verdict, pairing }: Comparison, unit: format.Unit): string {
  const value = (side: number | null): string => (side === null ? '–' : format.amount(unit, side));
  const difference = verdict.difference === null ? '' : format.change(unit, verdict.difference);
  const change = difference === '' || verdict.interval === null ? difference : TEXT.change({ value: difference, interval: format.changeBetween(unit, verdict.interval) });
  return TEXT.told({ before: value(before), after: value(after), change, n, isPaired: pairing !== 'unpaired' });
}
