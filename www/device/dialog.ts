// The dialog that measures this device, and shows it beside others.
import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { sentence } from '../promised';
import { download } from '../download';
import { count } from '../format';
import { roughly, TimeLeft } from '../left';
import { remember } from '../remembered';
import { isAtRest, store } from '../store';
import { device as TEXT } from '../text';
import { isPhone } from '../workers';
import './device.css';
import { type Machine, machines, served, servings } from './machines';
import { BUILT_IN, LARGE, measureDevice, type Row } from './measure';

/** The lists of tokens a second, and what each is called. */
const FIGURES = TEXT.figures;

class DeviceSpeed extends LitElement {
  static override properties = { rows: { state: true }, doing: { state: true }, share: { state: true }, isLarge: { state: true }, problem: { state: true } };
  declare rows: Row[];
  /** What is done now; null for nothing. */
  declare doing: string | null;
  declare share: number;
  declare isLarge: boolean;
  declare problem: string;
  #abort = new AbortController();
  #left = new TimeLeft(0);

  constructor() {
    super();
    [this.rows, this.doing, this.share, this.isLarge, this.problem] = [[], null, 0, false, ''];
  }

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('change', () => this.requestUpdate());
  }

  async open(): Promise<void> {
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
  }

  override render(): TemplateResult {
    const { rows, doing } = this;
    const busy = doing !== null;
    const waits = !busy && !isAtRest(store.state.phase);
    return html`
      <dialog class="chooser device" aria-labelledby="device-title" data-testid="device" @close=${() => this.#abort.abort()}>
        <header>
          <h2 id="device-title">${TEXT.title}</h2>
          <button type="button" data-testid="close-device" @click=${() => this.querySelector('dialog')?.close()}>${TEXT.close}</button>
        </header>
        <div class="scroll" tabindex="0" role="region" aria-label=${TEXT.speeds}>
          <p>${isPhone() ? TEXT.aboutOnPhone : TEXT.about}</p>
          <label class="toggle"
            ><input type="checkbox" data-testid="large" .checked=${this.isLarge} ?disabled=${busy} @change=${(event: Event) => (this.isLarge = (event.target as HTMLInputElement).checked)} />
            ${TEXT.large}</label
          >
          <div class="going">
            <button type="button" class="primary" data-testid="measure" ?disabled=${waits} @click=${() => (busy ? this.#abort.abort() : void this.#measure())}>
              ${busy ? TEXT.cancel : TEXT.measure}
            </button>
            <div>
              <p role="status" data-testid="measuring">${doing ?? (waits ? TEXT.waits : this.problem || (rows.length > 0 ? TEXT.measured : TEXT.ready))}</p>
              ${busy ? html`<progress aria-label=${TEXT.progress} max="1" value=${this.share}></progress> <p class="muted" aria-hidden="true">${this.#left.text(performance.now() / 1000)}</p>` : nothing}
            </div>
          </div>
          ${table(rows)} ${serving(rows)}
        </div>
        <footer>
          <p class="together">
            <button type="button" data-testid="save-speeds" ?disabled=${rows.length === 0} @click=${() => save(rows)}>${TEXT.save}</button>
            <span class="muted">${TEXT.unit}</span>
          </p>
        </footer>
      </dialog>
    `;
  }

  /** The state of the page says so meanwhile, so that nothing else begins. */
  async #measure(): Promise<void> {
    const { phase } = store.state;
    const abort = (this.#abort = new AbortController());
    this.#left = new TimeLeft(performance.now() / 1000);
    [this.rows, this.share, this.problem, this.doing] = [[], 0, '', TEXT.starting];
    store.update({ phase: 'measuring' });
    try {
      await measureDevice(this.isLarge ? [BUILT_IN, LARGE] : [BUILT_IN], {
        signal: abort.signal,
        onStep: (says, share) => {
          this.#left.see(share, performance.now() / 1000);
          [this.doing, this.share] = [says, share];
        },
        onRow: (row) => (this.rows = [...this.rows, row]),
      });
      store.update({ speeds: this.rows });
      remember('speeds', JSON.stringify(this.rows));
    } catch (reason) {
      this.problem = abort.signal.aborted ? (this.rows.length > 0 ? TEXT.stoppedAfterSome : TEXT.stopped) : sentence(reason);
    } finally {
      this.doing = null;
      store.update({ phase });
    }
  }
}
customElements.define('device-speed', DeviceSpeed);

/** Opens it; there is one. */
export function show(): void {
  let dialog = document.querySelector<DeviceSpeed>('device-speed');
  if (!dialog) document.body.append((dialog = document.createElement('device-speed') as DeviceSpeed));
  void dialog.open();
}

/** This device, then the recorded ones, for each model that was measured. */
function table(rows: Row[]): TemplateResult {
  const here: Pick<Machine, 'device' | 'rows'> = { device: TEXT.thisDevice, rows };
  const all = [here, ...machines].flatMap(({ device, rows }) => rows.map((row) => ({ ...row, device })));
  const models = [...new Set(all.map(({ model }) => model))];
  return html`${models.map((model) => {
    const lines = all.filter((each) => each.model === model);
    return html`
      <table class="speeds" data-model=${model}>
        <caption>${(model === LARGE.model ? TEXT.shapeOf : TEXT.builtIn)({ model })}</caption>
        <thead>
          <tr><th scope="col">${TEXT.machine}</th>${Object.values(FIGURES).map((title) => html`<th scope="col">${title}</th>`)}</tr>
        </thead>
        <tbody>
          ${lines.map(
            (line) => html`<tr data-here=${line.device === here.device}>
              <th scope="row">${line.device}<small>${TEXT.workers({ n: line.workers })}</small></th>
              ${(Object.keys(FIGURES) as (keyof typeof FIGURES)[]).map((figure) => html`<td data-label=${FIGURES[figure]}>${bar(line[figure], Math.max(...lines.map((each) => each[figure])))}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    `;
  })}
  ${machines.length === 0 ? nothing : html`<p class="muted">${machines.map((each) => TEXT.recorded({ ...each, commit: each.commit.slice(0, 8) })).join(' ')}</p>`}`;
}

function bar(value: number, most: number): TemplateResult {
  return html`<span class="value">${count(Math.round(value))}</span>
    <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">${svg`<rect width=${most > 0 ? (100 * value) / most : 0} height="6" />`}</svg>`;
}

/** Which models in which time. */
function serving(rows: Row[]): unknown {
  const list = servings(rows);
  if (list.length === 0) return nothing;
  const isRough = !rows.some(({ model }) => model === LARGE.model);
  return html`
    <p class="told" data-testid="served">${served(rows)}</p>
    <p class="muted">${isRough ? TEXT.roughEstimate : TEXT.estimate}</p>
    <ul class="serving">
      ${list.map(({ title, seconds }) => html`<li><span>${title}</span> <b>${roughly(seconds)}</b></li>`)}
    </ul>
  `;
}

function save(rows: Row[]): void {
  const { hardwareConcurrency: cores, userAgent: browser } = navigator;
  const memory = (navigator as { deviceMemory?: number }).deviceMemory ?? null;
  const measured = { device: { browser, cores, memory }, date: new Date().toISOString(), unit: 'tokens per second', rows };
  download('device-speed.json', new Blob([JSON.stringify(measured, null, 2)], { type: 'application/json' }));
}
