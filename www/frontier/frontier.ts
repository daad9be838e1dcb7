// Size against trust of every recipe that was tried of this model, and the smallest that can be trusted as the original.
import { html, nothing, svg } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { turn } from '../actions';
import { CURVES, isLost, type Curve, type Measured } from '../dial/curves';
import { recorded } from '../dial/recorded';
import * as format from '../format';
import { store, type State } from '../store';
import { frontier as TEXT, numbers } from '../text';
import { Part } from '../views/part';
import { isProven, named, recommend, type Answer, type Dimension, type Tried } from './recommend';

/** The picture, in its own units, with room for what stands beside the axes. */
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 240, 34, 16, 14, 24];

class PressureFrontier extends Part {
  /** What is closed is not drawn. */
  static override properties = { isOpen: { state: true } };
  declare isOpen: boolean;

  constructor() {
    super();
    this.isOpen = false;
  }

  override render(): unknown {
    const { catalog, model, live } = store.state;
    return guard([catalog, model, live, this.isOpen], () => this.#drawn(store.state));
  }

  #drawn(state: State): unknown {
    const { catalog, model } = state;
    if (catalog === null || model === null) return html`<section class="frontier"></section>`;
    const trust = catalog.probes.filter(({ group }) => group === 'trust');
    const tried = triedOf(state);
    const answer = recommend(tried, CURVES, trust);
    return html`
      <section class="frontier" aria-label=${TEXT.name}>
        <p class="answer" data-testid="answer">${answer.says}${answer.best ? ` ${TEXT.takes({ size: format.bytes(answer.best.point.bytes) })}` : nothing} ${source(tried, answer)}</p>
        ${tried.length === 0 ? nothing : html`<details data-testid="frontier" @toggle=${(event: Event) => (this.isOpen = (event.target as HTMLDetailsElement).open)}>
              <summary>${TEXT.summary}</summary>
              ${this.isOpen ? [rule(), picture(tried, trust, answer), table(tried, trust)] : nothing}
            </details>`}
      </section>
    `;
  }
}
customElements.define('pressure-frontier', PressureFrontier);

/** Everything that was run of the loaded model, here and for the recording. */
function triedOf({ live, model }: State): Tried[] {
  const isRecorded = model?.hash === recorded.model.hash;
  const of = (curve: Curve, measured: Measured | undefined, isLive: boolean): Tried[] =>
    (measured?.points ?? []).flatMap((point) => (point.stop === null ? [] : [{ curve, stop: point.stop, point, isLive }]));
  return CURVES.flatMap((curve) => [...of(curve, live[curve.method], true), ...of(curve, isRecorded ? recorded.curves[curve.method] : undefined, false)]);
}

/** Where the answer comes from. */
function source(tried: Tried[], { best }: Answer): unknown {
  if (tried.length === 0) return nothing;
  const live = tried.filter(({ isLive }) => isLive).length;
  return html`<small>${TEXT.source({ n: tried.length, live, isRecorded: best !== null && !best.isLive })}</small>`;
}

function rule(): unknown {
  return html`<p class="muted">${TEXT.rule}</p>`;
}

function proven({ point }: Tried, trust: Dimension[]): number {
  return trust.filter(({ name }) => isProven(point.dots.find((dot) => dot.name === name))).length;
}

function lost({ point }: Tried, trust: Dimension[]): string[] {
  return trust.flatMap(({ name, title }) => (point.dots.some((dot) => dot.name === name && isLost(dot)) ? [title] : []));
}

/** From the smallest to the largest; the line joins those that nothing smaller equals. */
function picture(tried: Tried[], trust: Dimension[], { best }: Answer): unknown {
  const largest = Math.max(...tried.map(({ point }) => point.bytes));
  const x = (bytes: number): number => LEFT + (bytes / (1.05 * largest)) * (WIDTH - LEFT - RIGHT);
  const y = (count: number): number => TOP + (1 - count / trust.length) * (HEIGHT - TOP - BOTTOM);
  const marks = tried.map((each) => ({ each, count: proven(each, trust), isLosing: lost(each, trust).length > 0 })).toSorted((a, b) => a.each.point.bytes - b.each.point.bytes);
  let most = -1;
  const edge = marks.filter(({ count }) => count > most && (most = count) === count);
  const steps = edge.map(({ each, count }, i) => `${i === 0 ? 'M' : `H${x(each.point.bytes)} V`}${i === 0 ? `${x(each.point.bytes)} ` : ''}${y(count)}`).join(' ');
  const megabytes = ticks(largest);
  return html`<p class="muted">${TEXT.legend}</p>
    <div class="scroll" tabindex="0" role="group" aria-label=${TEXT.picture}><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${TEXT.pictureSays({ dimensions: trust.length })}>
    ${trust.map((_, i) => svg`<line class="grid" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(i + 1)} y2=${y(i + 1)} /><text class="tick" text-anchor="end" x=${LEFT - 8} y=${y(i + 1) + 4}>${i + 1}</text>`)}
    <line class="axis" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(0)} y2=${y(0)} />
    ${megabytes.map((bytes) => svg`<text class="tick" text-anchor="middle" x=${x(bytes)} y=${y(0) + 16}>${format.bytes(bytes)}</text>`)}
    <path class="edge" d="${steps} H${WIDTH - RIGHT}" />
    ${marks.map(({ each, count, isLosing }) => {
      const at = [x(each.point.bytes), y(count)] as const;
      return svg`<g class=${each.isLive ? 'live' : 'recorded'} @click=${() => show(each)}><title>${named(each.curve, each.stop)}</title>
        <circle cx=${at[0]} cy=${at[1]} r="5" />
        ${isLosing ? svg`<path class="lost" d="M${at[0] - 6} ${at[1] - 6}l12 12m0 -12l-12 12" />` : nothing}
        ${each.point === best?.point ? svg`<circle class="best" cx=${at[0]} cy=${at[1]} r="10" /><text class="name" text-anchor="middle" x=${at[0]} y=${at[1] + 26}>${named(each.curve, each.stop)}</text>` : nothing}
      </g>`;
    })}
  </svg></div>`;
}

/** Round sizes along the axis. */
function ticks(largest: number): number[] {
  const step = [1, 2, 5, 10].map((times) => times * 10 ** Math.floor(Math.log10(largest / 3))).findLast((each) => each <= largest / 3) ?? largest;
  return Array.from({ length: Math.floor(largest / step) }, (_, i) => (i + 1) * step);
}

function table(tried: Tried[], trust: Dimension[]): unknown {
  const rows = tried.toSorted((one, other) => one.point.bytes - other.point.bytes);
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${TEXT.table}>
    <table>
      <thead><tr>${Object.values(TEXT.columns).map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
      <tbody>
        ${rows.map(
          (each) => html`<tr data-recipe="${each.curve.method} ${each.stop}">
            <th scope="row"><button type="button" class="link" @click=${() => show(each)}>${named(each.curve, each.stop)}</button></th>
            <td>${format.bytes(each.point.bytes)}</td>
            <td>${TEXT.of({ n: proven(each, trust), of: trust.length })}</td>
            <td>${numbers.row(lost(each, trust)) || '–'}</td>
            <td>${each.isLive ? TEXT.measuredHere : TEXT.recorded}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Turns the dial to a recipe, where it can be read. */
function show({ curve, stop }: Tried): void {
  turn(curve.method, 1 + curve.stops.indexOf(stop));
  document.querySelector('pressure-dial')?.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
}
