// The dial as a template, live or still: a sentence, one control, and a small curve for each dimension.
import { html, nothing, svg, type TemplateResult } from 'lit';
import * as format from '../format';
import { dial as TEXT, lessonTitles } from '../text';
import { bold, code, emphasis, keys, limitsLink, small, strong } from '../views/elements';
import { verdictSign } from '../views/verdict';
import { CURVES, isLost, stopText, type Curve, type Point, type Recording } from './curves';
import type { Known, Place } from './places';

/** What is drawn. */
export interface Dial {
  curve: Curve;
  places: Place[];
  /** Where the cursor stands. */
  at: number;
  /** Said before the sentence. */
  lead: string;
  /** Where the hollow points come from; null where none are of this model. */
  recording: Recording | null;
}

/** What the reader can do; `isBusy`: not now. */
export interface Controls {
  isBusy: boolean;
  turn: (method: string, at: number | null) => void;
  measureStop: (curve: Curve, stop: number) => void;
  measuring: Measuring;
  /** Null where there is nothing to save. */
  save: (() => void) | null;
  /** Opens the stage; for the lesson of that name, or for none. */
  stage: (lesson: string | null) => void;
}

/** The measuring of the whole curve. */
export interface Measuring {
  button: string;
  /** Null where there is nothing to do. */
  press: (() => void) | null;
  /** The same of all methods. */
  others: { button: string; press: (() => void) | null };
  /** Forgets what was measured here; null where there is nothing, or more is coming. */
  forget: (() => void) | null;
  /** How far it is. */
  told: string;
}

/** The picture of a card, in its own units. */
const [WIDTH, HEIGHT, EDGE] = [240, 96, 8];

/** `controls`: null for a page that is not alive yet, in which everything has its place already. */
export function dialView(dial: Dial, controls: Controls | null): TemplateResult {
  const { curve, places, at, lead } = dial;
  const place = places[at]!;
  const turnTo = (event: Event): void => controls?.turn(curve.method, Number((event.target as HTMLInputElement).value));
  return html`
    <section class="dial" aria-label=${TEXT.name}>
      <h2 class="unseen">${TEXT.title}</h2>
      <div class="told-first">
        <p class="origin" data-testid="origin">${origin(dial)}</p>
        <p class="sentence" aria-live=${place.point?.from === 'growing' ? 'off' : 'polite'} data-testid="dial-sentence">${lead ? `${lead} ` : ''}${place.point?.sentence || unmeasured(curve, place.stop)}</p>
      </div>
      <div class="pressure">
        <label class="curve"
          ><span>${TEXT.taken}</span>
          <select data-testid="curve" ?disabled=${controls === null} @change=${(event: Event) => controls?.turn((event.target as HTMLSelectElement).value, null)}>
            ${CURVES.map(({ method, title }) => html`<option value=${method} ?selected=${method === curve.method}>${title}</option>`)}
          </select></label
        >
        <label for="pressure">${TEXT.pressure(small)}</label>
        <input
          id="pressure"
          type="range"
          min="0"
          max=${places.length - 1}
          .value=${String(at)}
          ?disabled=${controls === null}
          aria-valuetext=${stopText(curve, place.stop)}
          @input=${turnTo}
        />
        <ol class="stops" aria-hidden="true">${places.map(({ stop }, i) => html`<li class=${i === at ? 'here' : ''}>${shortStop(curve, stop)}</li>`)}</ol>
        ${sizes(places[0]?.point ?? null, place.point)}
      </div>
      ${cards(dial)} ${legend(curve, place, controls)}
    </section>
  `;
}

/** Where the numbers of this place come from. */
export function origin({ curve, places, at, recording }: Dial): unknown {
  const place = places[at]!;
  if (place.point === null) return TEXT.notMeasuredYet(bold);
  if (place.point.from === 'growing') return TEXT.beingMeasured({ curve: curve.title }, bold);
  if (place.point.from === 'here' || recording === null) return TEXT.measuredHere({ curve: curve.title }, bold);
  const { model, device, date, curves } = recording;
  const commit = curves[curve.method]?.commit;
  const known = { model: model.name, device, date, curve: curve.title };
  return commit ? TEXT.recordedAt({ ...known, commit: code(commit.slice(0, 8)) }, bold) : TEXT.recorded(known, bold);
}

export function sizes(original: Point | null, point: Point | null): unknown {
  if (original === null || point === null) return nothing;
  const bytes = { before: format.bytes(original.bytes), after: format.bytes(point.bytes) };
  const [from, to] = [original, point].map(({ perplexity }) => (perplexity === null ? null : format.amount('perplexity', perplexity)));
  return html`<p class="sizes">${from && to ? TEXT.sizesAndPerplexity({ ...bytes, from, to }, strong) : TEXT.sizes(bytes, strong)}</p>`;
}

/** A card for each dimension of which anything is known. */
export function cards({ places, at, curve }: Dial): unknown {
  const known = places.find(({ point }) => point !== null)?.point;
  return known ? html`<div class="cards" role="list">${known.dots.map(({ name }) => card(name, places, at, curve))}</div>` : nothing;
}

function card(name: string, places: Place[], at: number, curve: Curve): TemplateResult {
  const dots = places.map(({ point }) => point?.dots.find((dot) => dot.name === name));
  const dot = dots[at];
  const title = dots.find((each) => each)?.title ?? name;
  const lost = dots.findIndex((each) => each !== undefined && !each.provisional && isLost(each));
  const words = dot?.provisional ? TEXT.soFar(dot) : (dot?.words ?? '');
  const value = dot ? format.amount('points', dot.value) : '–';
  const told = dot ? (dot.words ? TEXT.pointsAnd({ value, n: dot.n, words }) : TEXT.points({ value, n: dot.n })) : TEXT.notMeasured;
  const seen = { title, stop: stopText(curve, places[at]!.stop), told };
  const label = lost < 0 ? TEXT.picture(seen) : TEXT.pictureWithLoss({ ...seen, lost: dots[lost]!.words, where: stopText(curve, places[lost]!.stop) });
  return html`<div class="card" role="listitem" data-name=${name} data-word=${dot?.word ?? 'none'}>
    <h3>${title} <b>${value}</b></h3>
    <p class="word">${dot?.word ? html`<span aria-hidden="true">${verdictSign(dot.word)}</span> ${words}` : at === 0 && dot ? TEXT.isOriginal : dot ? dot.words || TEXT.beingCompared : TEXT.notMeasured}</p>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${label}>
      ${picture(dots, at, lost)}
    </svg>
    <p class="n">${dot ? TEXT.items(dot) : nothing}</p>
  </div>`;
}

/** All of a score's range, so that no change looks larger than it is. */
function picture(dots: (Known['dots'][number] | undefined)[], at: number, lost: number): unknown {
  const x = (i: number): number => EDGE + (i * (WIDTH - 2 * EDGE)) / Math.max(1, dots.length - 1);
  const y = (value: number): number => EDGE + (1 - value / 100) * (HEIGHT - 2 * EDGE);
  const known = dots.flatMap((dot, i) => (dot ? [{ dot, i }] : []));
  const text = (ends: [number, number][]): string => ends.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' ');
  const end = (which: 0 | 1): [number, number][] => known.map(({ dot, i }) => [x(i), y((dot.interval ?? [dot.value, dot.value])[which])]);
  return svg`
    <path class="grid" d=${[0, 50, 100].map((value) => `M${EDGE} ${y(value)}H${WIDTH - EDGE}`).join('')} />
    <polygon class="band" points=${text([...end(0), ...end(1).reverse()])} />
    <line class="cursor" x1=${x(at)} x2=${x(at)} y1="0" y2=${HEIGHT} />
    <polyline class="line" points=${text(known.map(({ dot, i }) => [x(i), y(dot.value)]))} />
    ${known.map(({ dot, i }) => svg`<circle class=${dot.isLive ? 'live' : 'recorded'} cx=${x(i)} cy=${y(dot.value)} r=${i === at ? 5.5 : 3.5} />`)}
    ${lost < 0 ? nothing : svg`<path class="crack" d="M${x(lost)} 0 l-5 12 l7 6 l-6 12" />`}
  `;
}

function unmeasured(curve: Curve, stop: number | null): string {
  return stop === null ? TEXT.unmeasured : TEXT.unmeasuredAt({ stop: stopText(curve, stop) });
}

function legend(curve: Curve, { stop }: Place, controls: Controls | null): TemplateResult {
  const blocked = controls === null || controls.isBusy;
  const { button, press, others, forget, told } = controls?.measuring ?? { button: TEXT.measureCurve, press: null, others: { button: TEXT.measureAll, press: null }, forget: null, told: TEXT.measured({ n: 0, of: curve.stops.length }) };
  return html`
    <div class="legend">
      ${stop === null ? nothing : html`<button type="button" data-testid="measure-stop" ?disabled=${blocked} @click=${() => controls?.measureStop(curve, stop)}>${TEXT.measureStop({ stop: stopText(curve, stop) })}</button>`}
      <button type="button" data-testid="save-curves" ?disabled=${!controls?.save} @click=${() => controls?.save?.()}>${TEXT.save}</button>
      <button type="button" data-testid="forget-curves" ?disabled=${forget === null} @click=${() => forget?.()}>${TEXT.forget}</button>
      <div class="measuring">
        <button type="button" data-testid="measure-curve" ?disabled=${controls === null} aria-disabled=${press === null} @click=${() => press?.()}>${button}</button>
        <button type="button" data-testid="measure-all" ?disabled=${controls === null} aria-disabled=${others.press === null} @click=${() => others.press?.()}>${others.button}</button>
        <span data-testid="measured">${told}</span>
      </div>
      <p class="lessons">
        ${TEXT.lessons} ${Object.entries(lessonTitles).map(([name, title]) => html`<button type="button" data-lesson=${name} ?disabled=${controls === null} @click=${() => controls?.stage(name)}>${title}</button> `)}
        <button type="button" data-testid="on-stage" ?disabled=${controls === null} @click=${() => controls?.stage(null)}>${TEXT.onStage(keys)}</button>
      </p>
      <p class="muted">${TEXT.legend({ emphasis, link: limitsLink })}</p>
    </div>
  `;
}

function shortStop({ setting }: Curve, stop: number | null): string {
  if (stop === null) return setting === 'bits' ? '16' : '0';
  return setting === 'bits' ? String(stop) : String(Math.round(100 * stop));
}
