import { html, nothing, svg, type TemplateResult } from 'lit';
import * as format from '../format';
import { PERPLEXITY } from '../growing';
import { chart as TEXT } from '../text';
import type { Catalog, Comparison, ProbeKind, Report, Score, Spread } from '../types';
import { strong } from './elements';
import { InTurn } from './part';
import { naming } from './titles';
import { verdictSign } from './verdict';

/** Lengths in the page's own letter size of 16 pixels: the height of a score's row, with a line more where there is little room, the edges, and the axis. */
const [ROW, LINE, EDGE, AXIS] = [62, 20, 14, 30];
/** Below this width in the same letter size there is little room. */
const NARROW = 480;
/** Where lines stand, from 0 to 100 points. */
const TICKS = [0, 20, 40, 60, 80, 100];

/** Each score in points: a hollow ring before, a filled dot after, a dashed tick at the best constant answer, and diamonds for ability. */
class ScoreChart extends InTurn {
  static override properties = { report: { attribute: false }, catalog: { attribute: false }, coming: { attribute: false }, width: { state: true } };
  declare report: Report;
  declare catalog: Catalog;
  declare coming: ProbeKind[];
  declare width: number;
  #observer = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.floor(entry.contentRect.width);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override willUpdate(): void {
    if (!this.hasUpdated) this.width = this.clientWidth; // so that it is drawn with what stands below it
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  override render(): unknown {
    const absent = this.report.data.flatMap(({ name, unavailable }) => {
      const title = this.catalog.probes.find((probe) => probe.name === name)?.title ?? name;
      return unavailable === null ? [] : [title];
    });
    if (!this.width) return null;
    const zoom = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; // a hall has larger letters
    const later = this.coming.filter(({ name }) => name !== PERPLEXITY).map(({ title }) => title);
    const drawn = drawScores(this.report, this.width, zoom, (name) => this.dispatchEvent(new CustomEvent('open-score', { detail: name, bubbles: true })), later);
    if (drawn === null && absent.length === 0) return null;
    const { spread } = this.report;
    const [one, other] = naming(this.report).words;
    return html`
      <figure>
        <figcaption>
          <span class="key before">${one}</span> <span class="key after">${other}</span>
          <span class="key chance">${TEXT.chance}</span>
          <span class="key ability">${TEXT.ability}</span>
          ${spread ? html`<span class="key seed">${TEXT.seeds}</span>` : nothing}
          <span class="muted">${TEXT.score}</span>
        </figcaption>
        ${drawn ?? nothing}
        ${absent.length > 0 ? html`<ul class="absent">${absent.map((title) => html`<li>${TEXT.notMeasured({ dimension: title }, strong)}</li>`)}</ul>` : nothing}
      </figure>
    `;
  }
}
customElements.define('score-chart', ScoreChart);

interface Data {
  before: Score[];
  after: Score[];
  seeds: { name: string; value: number }[];
  comparisons: Comparison[];
  /** Titles of those to come. */
  coming: string[];
}

/** One tick for each score and calibration seed. */
function seedMarks(before: Score[], spread: Spread | null): Data['seeds'] {
  return before.flatMap(({ name }) => (spread?.scores.find((score) => score.name === name)?.values ?? []).map((value) => ({ name, value })));
}

/** The scores in points as a picture of this width, with letters that are `zoom` times the usual, what fell most at the top; null where there are none.
 * `open`: what a row does that is chosen; on paper nothing. `coming`: the titles of what a run has yet to come to, whose rows keep their order until its end. */
export function drawScores(report: Report, width: number, zoom: number, open?: (name: string) => void, coming: string[] = []): TemplateResult | null {
  const { before: first, after: second, spread, comparisons } = report;
  const change = ({ name }: Score): number => comparisons.find((each) => each.name === name)?.verdict.difference ?? Infinity;
  const points = first.scores.filter((score) => score.unit === 'points');
  const before = report.complete ? points.toSorted((a, b) => change(a) - change(b) || 0) : points;
  const names = new Set(before.map((score) => score.name));
  const after = second.scores.filter((score) => names.has(score.name));
  return before.length + coming.length === 0 ? null : draw({ before, after, seeds: seedMarks(before, spread), comparisons, coming }, width, { zoom, open });
}

/** Attributes alone, no style, so that the page's own policy holds. */
function draw(data: Data, width: number, { zoom, open }: Pick<Place, 'zoom' | 'open'>): TemplateResult {
  const narrow = width < NARROW * zoom;
  // On a phone the outcome has a line of its own, under the title.
  const row = (ROW + (narrow ? LINE : 0)) * zoom;
  const top = EDGE * zoom;
  const bottom = top + (data.before.length + data.coming.length) * row;
  const height = bottom + (AXIS - EDGE / 2) * zoom;
  const x = (value: number): number => top + (value / 100) * (width - 2 * top);
  return html`
    <svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" font-size=${13 * zoom} role=${open ? 'group' : 'img'} aria-label=${TEXT.name}>
      ${TICKS.map((tick) => svg`<line class="grid" x1=${x(tick)} x2=${x(tick)} y1=${top} y2=${bottom} /><text x=${x(tick)} y=${bottom + 16 * zoom} text-anchor="middle">${tick}</text>`)}
      ${data.before.map((score, i) => scoreRow(score, data, { x, y: top + i * row, row, zoom, narrow, width, open }))}
      ${data.coming.map((title, i) => svg`<text class="title coming" x=${x(0)} y=${top + (data.before.length + i) * row + 18 * zoom} font-size=${14 * zoom}>${title}</text>`)}
    </svg>
  `;
}

interface Place {
  x: (value: number) => number;
  y: number;
  row: number;
  zoom: number;
  narrow: boolean;
  width: number;
  open: ((name: string) => void) | undefined;
}

function scoreRow(score: Score, { after, seeds, comparisons }: Data, place: Place): unknown {
  const { x, y, row, zoom, narrow, open } = place;
  const { name, title, chance } = score;
  const comparison = comparisons.find((each) => each.name === name);
  const twin = after.find((each) => each.name === name);
  const [first, second] = [y + row - 30 * zoom, y + row - 14 * zoom];
  const ability = (side: 0 | 1, at: number): unknown => {
    const found = comparison?.ability?.[side];
    return found ? svg`<path class="ability ${side === 0 ? 'before' : 'after'}" d=${diamond(x(100 * found.value), at, 6.5 * zoom)} stroke-width=${1.5 * zoom} />` : nothing;
  };
  const [end, beneath] = narrow ? [0, LINE * zoom] : [100, 0];
  const drawn = svg`
    ${chance === null || chance >= 100 ? nothing : svg`<line class="chance" x1=${x(chance)} x2=${x(chance)} y1=${first - 8 * zoom} y2=${second + 8 * zoom} stroke-width=${1.5 * zoom} />`}
    ${interval(score, 'before', first, x, zoom)}
    <circle class="before" cx=${x(score.value)} cy=${first} r=${6 * zoom} stroke-width=${2.5 * zoom} />
    ${twin ? svg`${interval(twin, 'after', second, x, zoom)}<circle class="after" cx=${x(twin.value)} cy=${second} r=${6.5 * zoom} />` : nothing}
    ${ability(0, first)} ${ability(1, second)}
    ${seeds.filter((seed) => seed.name === name).map(({ value }) => svg`<line class="seed" x1=${x(value)} x2=${x(value)} y1=${second + 8 * zoom} y2=${second + 16 * zoom} stroke-width=${2 * zoom} />`)}
    <text class="title" x=${x(0)} y=${y + 18 * zoom} font-size=${14 * zoom}>${title}</text>
    <text class="outcome" data-verdict=${comparison?.verdict.word ?? 'none'} x=${x(end)} y=${y + 18 * zoom + beneath} font-size=${14 * zoom} text-anchor=${narrow ? 'start' : 'end'}>${outcome(score, comparison)}</text>
  `;
  return open ? opening({ drawn, label: TEXT.open({ dimension: title, outcome: outcome(score, comparison) }), open: () => open(name) }, place) : drawn;
}

/** A row that opens what it rests on, by pointer and by key. */
function opening({ drawn, label, open }: { drawn: unknown; label: string; open: () => void }, { y, row, zoom, width }: Place): unknown {
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    open();
  };
  return svg`<g class="row" role="button" tabindex="0" aria-label=${label} @click=${open} @keydown=${press}>
    <rect class="hit" x="0" y=${y + 2 * zoom} width=${width} height=${row - 2 * zoom} rx=${6 * zoom} />${drawn}
  </g>`;
}

function interval({ value, interval }: Score, side: string, y: number, x: Place['x'], zoom: number): unknown {
  const [low, high] = interval ?? [value, value];
  return svg`<line class=${side} x1=${x(low)} x2=${x(high)} y1=${y} y2=${y} stroke-width=${3 * zoom} />`;
}

function diamond(x: number, y: number, r: number): string {
  return `M${x - r} ${y}L${x} ${y - r}L${x + r} ${y}L${x} ${y + r}Z`;
}

/** The difference, and its verdict with its sign. */
function outcome({ unit }: Score, comparison: Comparison | undefined): string {
  if (!comparison) return '';
  const { difference, words, word } = comparison.verdict;
  const told = difference === null ? '' : format.change(unit, difference);
  return [told, [word === null ? '' : verdictSign(word), words].filter(Boolean).join(' ')].filter(Boolean).join('  ');
}
