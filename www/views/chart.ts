import * as Plot from '@observablehq/plot';
import { html, LitElement, nothing } from 'lit';
import * as format from '../format';
import type { Catalog, Comparison, Report, Score, Spread } from '../types';

/** One dot, and its interval where it has one. */
interface Mark {
  title: string;
  value: number;
  low: number;
  high: number;
}

/** The height of one score's row, in the page's own letter size of 16 pixels. */
const ROW = 72;

/** Each score in points: a hollow ring before, a filled dot after, a dashed tick at the best constant answer, and diamonds for ability. */
class ScoreChart extends LitElement {
  static override properties = { report: { attribute: false }, catalog: { attribute: false }, width: { state: true } };
  declare report: Report;
  declare catalog: Catalog;
  declare width: number;
  #observer = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.floor(entry.contentRect.width);
  });

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  override render(): unknown {
    const before = this.report.before.scores.filter((score) => score.unit === 'points');
    const absent = this.report.data.flatMap(({ name, unavailable }) => {
      const title = this.catalog.probes.find((probe) => probe.name === name)?.title ?? name;
      return unavailable === null ? [] : [title];
    });
    if (before.length + absent.length === 0 || !this.width) return null;
    const names = new Set(before.map((score) => score.name));
    const after = this.report.after.scores.filter((score) => names.has(score.name));
    const { spread, comparisons } = this.report;
    return html`
      <figure>
        <figcaption>
          <span class="key before">before</span> <span class="key after">after</span>
          <span class="key chance">best constant answer</span>
          <span class="key ability">ability: 100 tells all cases apart, 50 none</span>
          ${spread ? html`<span class="key seed">after, by each calibration seed</span>` : nothing}
          <span class="muted">score in points, with its 95 % interval</span>
        </figcaption>
        ${before.length === 0 ? nothing : draw({ before, after, seeds: seedMarks(before, spread), comparisons }, this.width)}
        ${absent.length > 0 ? html`<ul class="absent">${absent.map((title) => html`<li><strong>${title}</strong> not measured</li>`)}</ul>` : nothing}
      </figure>
    `;
  }
}
customElements.define('score-chart', ScoreChart);

function mark({ title, value, interval }: Score): Mark {
  const [low, high] = interval ?? [value, value];
  return { title, value, low, high };
}

interface Data {
  before: Score[];
  after: Score[];
  seeds: { title: string; value: number }[];
  comparisons: Comparison[];
}

/** How well each dimension's cases are told apart, in points of 100, before or after. */
function abilities(before: Score[], comparisons: Comparison[], side: 0 | 1): { title: string; value: number }[] {
  return before.flatMap(({ name, title }) => {
    const ability = comparisons.find((each) => each.name === name)?.ability?.[side];
    return ability ? [{ title, value: 100 * ability.value }] : [];
  });
}

/** One tick for each score and calibration seed. */
function seedMarks(before: Score[], spread: Spread | null): Data['seeds'] {
  return before.flatMap(({ name, title }) => {
    const values = spread?.scores.find((score) => score.name === name)?.values ?? [];
    return values.map((value) => ({ title, value }));
  });
}

function draw({ before, after, seeds, comparisons }: Data, width: number): Element {
  const zoom = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; // a hall has larger letters
  const y = 'title';
  const interval = { x1: 'low', x2: 'high', y, strokeWidth: 3 * zoom };
  const narrow = width < 480 * zoom;
  // On a phone the outcome has a line of its own, under the title.
  const line = narrow ? 20 : 0;
  const label = { y, fontSize: 14 * zoom, fill: 'currentColor', stroke: 'var(--paper)', strokeWidth: 6 };
  const title = { dy: -(20 + line / 2) * zoom, x: 0, textAnchor: 'start' } as const;
  const result = narrow ? ({ ...title, dy: -10 * zoom } as const) : ({ dy: -20 * zoom, x: 100, textAnchor: 'end' } as const);
  const above = { dy: (2 + line / 2) * zoom };
  const below = { dy: (18 + line / 2) * zoom };
  const chart = Plot.plot({
    width,
    height: before.length * (ROW + line) * zoom + 34 * zoom,
    margin: 14 * zoom,
    marginBottom: 30 * zoom,
    style: { fontSize: `${13 * zoom}px`, background: 'transparent', fontFamily: 'inherit' },
    x: { domain: [0, 100], label: null, ticks: narrow ? 5 : 10, tickSize: 0 },
    y: { axis: null, domain: before.map((score) => score.title), padding: 0 },
    marks: [
      Plot.gridX({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.tickX(before, { x: 'chance', y, stroke: 'var(--muted)', strokeDasharray: '3 3', strokeWidth: 1.5 * zoom, insetTop: (28 + line) * zoom, insetBottom: 8 * zoom }),
      Plot.ruleY(before.map(mark), { ...interval, ...above, stroke: 'var(--before)' }),
      Plot.dot(before.map(mark), { ...above, x: 'value', y, r: 6 * zoom, fill: 'var(--paper)', stroke: 'var(--before)', strokeWidth: 2.5 * zoom }),
      Plot.ruleY(after.map(mark), { ...interval, ...below, stroke: 'var(--after)' }),
      Plot.dot(after.map(mark), { ...below, x: 'value', y, r: 6.5 * zoom, fill: 'var(--after)' }),
      Plot.dot(abilities(before, comparisons, 0), { ...above, x: 'value', y, symbol: 'diamond', r: 4.5 * zoom, fill: 'var(--paper)', stroke: 'var(--muted)', strokeWidth: 1.5 * zoom }),
      Plot.dot(abilities(before, comparisons, 1), { ...below, x: 'value', y, symbol: 'diamond', r: 4.5 * zoom, fill: 'var(--muted)' }),
      Plot.tickX(seeds, { x: 'value', y, stroke: 'var(--after)', strokeWidth: 2 * zoom, insetTop: (62 + line) * zoom, insetBottom: 0 }),
      Plot.text(before, { ...label, ...title, text: 'title', fontWeight: 600 }),
      Plot.text(before, { ...label, ...result, text: (score: Score) => outcome(score, comparisons) }),
    ],
  });
  chart.setAttribute('role', 'img');
  chart.setAttribute('aria-label', 'Scores before and after; the table below has the same numbers.');
  return chart;
}

/** The difference, and its verdict. */
function outcome({ name, unit }: Score, comparisons: Comparison[]): string {
  const comparison = comparisons.find((each) => each.name === name);
  if (!comparison) return '';
  const { difference, words } = comparison.verdict;
  const told = difference === null ? '' : format.change(unit, difference);
  return [told, words].filter(Boolean).join(', ');
}
