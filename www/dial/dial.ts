// The dial on the live page: recorded points at once, and those that are measured on this device in their place.
import { guard } from 'lit/directives/guard.js';
import { measureStop, openStage, turn } from '../actions';
import { download } from '../download';
import { isFixed } from '../setup';
import { isAtRest, store, type State } from '../store';
import { dial as TEXT } from '../text';
import { Part } from '../views/part';
import { counted, nextOf, SLOW, toggle, toggleAll } from './background';
import { CURVES, stopText, type Curve } from './curves';
import { forgetMeasured } from './lasting';
import { startOf } from './places';
import { standing } from './standing';
import { dialView, type Measuring } from './view';
import * as format from '../format';

class PressureDial extends Part {
  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', onKey);
  }

  override render(): unknown {
    const { dial, live, growing, background, model, catalog, phase, setup } = store.state;
    return guard([dial, live, growing, background, model, catalog, phase, setup], () => this.#drawn(store.state));
  }

  #drawn(state: State): unknown {
    const { live, model, catalog, phase, setup } = state;
    const isBusy = !isAtRest(phase) || model === null || catalog === null || isFixed(setup, 'method', 'settings', 'calibration', 'evaluation');
    const save = Object.keys(live).length > 0 ? () => saveCurves(state) : null;
    return dialView(standing(state), { isBusy, turn: turnTo, measureStop: (...stop) => void measureStop(...stop), measuring: measuring(state), save, stage: openStage });
  }
}
customElements.define('pressure-dial', PressureDial);

/** One key for the stage, where it is not typed into something. */
function onKey({ key, target, ctrlKey, altKey, metaKey, repeat }: KeyboardEvent): void {
  if (key !== 's' || ctrlKey || altKey || metaKey || repeat || document.querySelector('dialog[open]')) return;
  const isTyped = target instanceof Element && target.closest('input:not([type=range], [type=checkbox], [type=radio]), select, textarea, [contenteditable]');
  if (!isTyped) openStage(null);
}

/** Another curve is seen where the story of that one begins, by what is known now. */
function turnTo(method: string, at: number | null): void {
  turn(method, at);
  if (at === null) turn(method, startOf(standing(store.state).places));
}

/** What is said of the measuring of this curve, and what its button does. */
function measuring(state: State): Measuring {
  const { curve, places } = standing(state);
  const { mode, all, now, seconds, error } = state.background;
  const measured = places.filter(({ stop, point }) => stop !== null && point?.from === 'here').length;
  const isWhole = measured === curve.stops.length;
  const isOn = mode !== 'paused' && nextOf(state) !== null;
  const [known, of] = counted(state);
  const whole = known === of;
  const others = { button: all && !whole ? TEXT.leaveOthers({ n: known, of }) : TEXT.measureAll, press: state.model === null || whole ? null : toggleAll };
  const isDone = isWhole && !(all && !whole);
  const button = isDone ? TEXT.allMeasured : isOn ? TEXT.pause : measured > 0 ? TEXT.goOn : TEXT.measureCurve;
  return { button, press: state.model === null || isDone ? null : toggle, others, forget: known > 0 && now === null ? forgetMeasured : null, told: told(curve) };

  function told(curve: Curve): string {
    const known = { n: measured, of: curve.stops.length };
    if (error !== null) return TEXT.measuringStopped({ ...known, why: error });
    const takes = seconds[curve.method];
    const each = takes === undefined || isWhole ? known : { ...known, takes: format.seconds(takes) };
    if (mode === 'unasked' && 'takes' in each && takes !== undefined && takes > SLOW) return TEXT.measuredSlowly(each);
    if (now?.method === curve.method) return TEXT.measured({ ...each, doing: TEXT.now({ stop: stopText(curve, now.stop) }) });
    const other = now && CURVES.find(({ method }) => method === now.method);
    if (other) return TEXT.measured({ ...each, doing: TEXT.nowOther({ curve: other.title, stop: stopText(other, now.stop) }) });
    return TEXT.measured(isOn ? { ...each, doing: TEXT.waits } : each);
  }
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
