// The dial on the live page: recorded points at once, and those that are measured on this device in their place.
import { LitElement } from 'lit';
import { download } from '../download';
import { measureCurve, measureStop, turn } from '../actions';
import { store, type State } from '../store';
import { CURVES } from './curves';
import { NOTHING_LOST, openingCurve, placesOf, startOf } from './places';
import { recorded } from './recorded';
import { dialView } from './view';

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
    const { dial, live, model, catalog, phase } = state;
    const recording = model === null || model.hash === recorded.model.hash ? recorded : null;
    const opening = openingCurve(recorded);
    const curve = CURVES.find(({ method }) => method === dial.method) ?? opening.curve;
    const places = placesOf(curve, recording?.curves[curve.method], live[curve.method]);
    const at = Math.min(dial.at ?? startOf(places), places.length - 1);
    const lead = recording && dial.method === '' && !opening.isLost ? NOTHING_LOST : '';
    const isBusy = !['idle', 'done', 'error'].includes(phase) || model === null || catalog === null;
    const save = Object.keys(live).length > 0 ? () => saveCurves(state) : null;
    return dialView({ curve, places, at, lead, recording }, { isBusy, turn, measureStop: (...stop) => void measureStop(...stop), measureCurve: (all) => void measureCurve(all), save });
  }
}
customElements.define('pressure-dial', PressureDial);

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
