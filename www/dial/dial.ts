// The dial: one control, pressure, and a small curve for each dimension over it. A cursor goes through all of them at once.
import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { download } from '../download';
import * as format from '../format';
import { measureCurve, measureStop, turn } from '../actions';
import { store, type State } from '../store';
import { verdictSign } from '../views/verdict';
import { CURVES, isLost, stopText, type Curve, type Dot, type Point } from './curves';
import { recorded } from './recorded';

/** The picture of a card, in its own units. */
const [WIDTH, HEIGHT, EDGE] = [240, 96, 8];

/** A point of a curve, and whether it was measured here. */
type Place = { stop: number | null; point: Point; isLive: boolean } | { stop: number | null; point: null };

class PressureDial extends LitElement {
  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('change', () => this.requestUpdate());
  }

  override render(): unknown {
    const { state } = store;
    const curve = CURVES.find(({ method }) => method === state.dial.method) ?? CURVES[0]!;
    const places = placesOf(curve, state);
    const known = places.find((place) => place.point !== null)?.point ?? null;
    const at = Math.min(state.dial.at ?? firstLoss(places), places.length - 1);
    const place = places[at]!;
    return html`
      <section class="dial" aria-label="Pressure">
        <p class="sentence" aria-live="polite" data-testid="dial-sentence">${place.point?.sentence ?? unmeasured(curve, place.stop)}</p>
        <div class="pressure">
          ${curvePicker(curve)}
          <label for="pressure">Pressure <small>drag, or use the arrow keys</small></label>
          <input
            id="pressure"
            type="range"
            min="0"
            max=${places.length - 1}
            .value=${String(at)}
            aria-valuetext=${stopText(curve, place.stop)}
            @input=${(event: InputEvent) => turn(curve.method, Number((event.target as HTMLInputElement).value))}
          />
          <ol class="stops" aria-hidden="true">${places.map(({ stop }, i) => html`<li class=${i === at ? 'here' : ''}>${shortStop(curve, stop)}</li>`)}</ol>
          ${sizes(places[0]?.point ?? null, place.point)}
        </div>
        ${known ? html`<div class="cards" role="list">${known.dots.map(({ name }) => card(name, places, at, curve))}</div>` : nothing}
        ${legend(curve, place, state)}
      </section>
    `;
  }
}
customElements.define('pressure-dial', PressureDial);

/** What is known at each stop: measured here where it was, else recorded where that is of this model. */
function placesOf({ method, stops }: Curve, { live, model }: State): Place[] {
  const recording = model === null || model.hash === recorded.model.hash ? recorded.curves[method] : undefined;
  const own = live[method];
  return [null, ...stops].map((stop) => {
    const at = (measured: typeof own): Point | undefined => (stop === null ? measured?.original : measured?.points.find((point) => point.stop === stop));
    const [here, before] = [at(own), at(recording)];
    if (here) return { stop, point: here, isLive: true };
    return before ? { stop, point: before, isLive: false } : { stop, point: null };
  });
}

/** Where the story begins: at the first point at which something is lost, or at the strongest pressure. */
function firstLoss(places: Place[]): number {
  const lost = places.findIndex(({ point }) => point?.dots.some(isLost));
  return lost < 0 ? places.length - 1 : lost;
}

function curvePicker(curve: Curve): TemplateResult {
  return html`<label class="curve"
    ><span>What is taken away</span>
    <select data-testid="curve" @change=${(event: Event) => turn((event.target as HTMLSelectElement).value, null)}>
      ${CURVES.map(({ method, title }) => html`<option value=${method} ?selected=${method === curve.method}>${title}</option>`)}
    </select></label
  >`;
}

function sizes(original: Point | null, point: Point | null): unknown {
  if (original === null || point === null) return nothing;
  const perplexity = original.perplexity !== null && point.perplexity !== null ? html`; perplexity ${format.amount('perplexity', original.perplexity)} → ${format.amount('perplexity', point.perplexity)}` : nothing;
  return html`<p class="sizes">${format.bytes(original.bytes)} → <strong>${format.bytes(point.bytes)}</strong>${perplexity}</p>`;
}

function card(name: string, places: Place[], at: number, curve: Curve): TemplateResult {
  const dots = places.map(({ point }) => point?.dots.find((dot) => dot.name === name));
  const dot = dots[at];
  const title = dots.find((each) => each)?.title ?? name;
  const lost = dots.findIndex((each) => each !== undefined && isLost(each));
  const first = lost < 0 ? '' : `; first ${dots[lost]!.words} at ${stopText(curve, places[lost]!.stop)}`;
  const told = dot ? `${format.amount('points', dot.value)} points${dot.words ? `, ${dot.words}` : ''}` : 'not measured';
  return html`<div class="card" role="listitem" data-name=${name} data-word=${dot?.word ?? 'none'}>
    <h3>${title} <b>${dot ? format.amount('points', dot.value) : '–'}</b></h3>
    <p class="word">${dot?.word ? html`<span aria-hidden="true">${verdictSign(dot.word)}</span> ${dot.words}` : at === 0 && dot ? 'the original' : dot ? dot.words : 'not measured'}</p>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}, 0 to 100, over pressure. At ${stopText(curve, places[at]!.stop)}: ${told}${first}.">
      ${picture(dots, places, at, lost)}
    </svg>
  </div>`;
}

/** All of a score's range, so that no change looks larger than it is. */
function picture(dots: (Dot | undefined)[], places: Place[], at: number, lost: number): unknown {
  const x = (i: number): number => EDGE + (i * (WIDTH - 2 * EDGE)) / Math.max(1, dots.length - 1);
  const y = (value: number): number => EDGE + (1 - value / 100) * (HEIGHT - 2 * EDGE);
  const known = dots.flatMap((dot, i) => (dot ? [{ dot, i }] : []));
  const text = (ends: [number, number][]): string => ends.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' ');
  const end = (which: 0 | 1): [number, number][] => known.map(({ dot, i }) => [x(i), y((dot.interval ?? [dot.value, dot.value])[which])]);
  const isLive = (i: number): boolean => {
    const place = places[i];
    return place?.point ? place.isLive : false;
  };
  return svg`
    ${[0, 50, 100].map((value) => svg`<line class="grid" x1=${EDGE} x2=${WIDTH - EDGE} y1=${y(value)} y2=${y(value)} />`)}
    <polygon class="band" points=${text([...end(0), ...end(1).reverse()])} />
    <line class="cursor" x1=${x(at)} x2=${x(at)} y1="0" y2=${HEIGHT} />
    <polyline class="line" points=${text(known.map(({ dot, i }) => [x(i), y(dot.value)]))} />
    ${known.map(({ dot, i }) => svg`<circle class=${isLive(i) ? 'live' : 'recorded'} cx=${x(i)} cy=${y(dot.value)} r=${i === at ? 5.5 : 3.5} />`)}
    ${lost < 0 ? nothing : svg`<path class="crack" d="M${x(lost)} 0 l-5 12 l7 6 l-6 12" />`}
  `;
}

function unmeasured(curve: Curve, stop: number | null): string {
  return `Nothing has been measured of this model ${stop === null ? 'yet' : `at ${stopText(curve, stop)} yet`}: measure it here.`;
}

function legend(curve: Curve, place: Place, state: State): TemplateResult {
  const busy = state.phase !== 'idle' && state.phase !== 'done' && state.phase !== 'error';
  const blocked = busy || state.model === null || state.catalog === null;
  const { stop } = place;
  const commit = recorded.curves[curve.method]?.commit;
  const isOfRecorded = state.model === null || state.model.hash === recorded.model.hash;
  return html`
    <div class="legend">
      ${stop === null ? nothing : html`<button type="button" data-testid="measure-stop" ?disabled=${blocked} @click=${() => measureStop(curve, stop)}>Measure ${stopText(curve, stop)} here, and read every answer</button>`}
      <button type="button" data-testid="measure-curve" ?disabled=${blocked} @click=${() => measureCurve(curve)}>Measure the whole curve here</button>
      ${Object.keys(state.live).length > 0 ? html`<button type="button" data-testid="save-curves" @click=${() => saveCurves(state)}>Download the curves (JSON)</button>` : nothing}
      <p class="muted">
        ${isOfRecorded ? html`○ recorded on ${recorded.device}, ${recorded.date}${commit ? html`, commit <code>${commit.slice(0, 8)}</code>` : nothing}; ` : nothing}● measured on
        this device. Bands are 95 % intervals, axes run from 0 to 100, a crack stands where a score is first <em>worse</em> or <em>broken</em>.
        <a href="docs/limits.html">What this can show, and what not</a>
      </p>
    </div>
  `;
}

function saveCurves({ live, model }: State): void {
  if (model === null) return;
  const date = new Date().toISOString().slice(0, 10);
  const recording = { model: { name: model.name, hash: model.hash }, device: navigator.userAgent, date, curves: live };
  download(`${model.name}-curves.json`, new Blob([JSON.stringify(recording, rounded)], { type: 'application/json' }));
}

/** A curve needs no more. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(4)) : value;
}

function shortStop({ setting }: Curve, stop: number | null): string {
  if (stop === null) return setting === 'bits' ? '16' : '0';
  return setting === 'bits' ? String(stop) : String(Math.round(100 * stop));
}
