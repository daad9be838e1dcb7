// The dialog that measures this device, and shows it beside others.
import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { sentence } from '../promised';
import { download } from '../download';
import { count } from '../format';
import { roughly, TimeLeft } from '../left';
import { remember } from '../remembered';
import { store } from '../store';
import { isPhone } from '../workers';
import './device.css';
import { type Machine, machines, served, servings } from './machines';
import { BUILT_IN, LARGE, measureDevice, type Row } from './measure';

/** The lists of tokens a second, and what each is called. */
const FIGURES = { prompts: 'Prompts', one: 'Writing, one text', several: 'Writing, 16 texts' } as const;

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
    const waits = !busy && !['idle', 'done', 'error'].includes(store.state.phase);
    return html`
      <dialog class="chooser device" aria-labelledby="device-title" data-testid="device" @close=${() => this.#abort.abort()}>
        <header>
          <h2 id="device-title">How fast is this device?</h2>
          <button type="button" data-testid="close-device" @click=${() => this.querySelector('dialog')?.close()}>Close</button>
        </header>
        <div class="scroll" tabindex="0" role="region" aria-label="Speeds">
          <p>
            Every question of a run is a prompt that a model reads; only some answers are written. This measures both, on the
            processor, with one worker and with as many as this ${isPhone() ? 'phone' : 'device'} has room for. Nothing is downloaded or sent.
          </p>
          <label class="toggle"
            ><input type="checkbox" data-testid="large" .checked=${this.isLarge} ?disabled=${busy} @change=${(event: Event) => (this.isLarge = (event.target as HTMLInputElement).checked)} />
            Also in the shape of SmolLM2 135M, with noise for weights: about 200 MB of memory for each worker, and some minutes</label
          >
          <div class="going">
            <button type="button" class="primary" data-testid="measure" ?disabled=${waits} @click=${() => (busy ? this.#abort.abort() : void this.#measure())}>
              ${busy ? 'Cancel' : 'Measure this device'}
            </button>
            <div>
              <p role="status" data-testid="measuring">${doing ?? (waits ? 'A run is going: wait for its end, so that neither disturbs the other.' : this.problem || (rows.length > 0 ? 'Measured.' : 'Ready.'))}</p>
              ${busy ? html`<progress aria-label="Measuring" max="1" value=${this.share}></progress> <p class="muted" aria-hidden="true">${this.#left.text(performance.now() / 1000)}</p>` : nothing}
            </div>
          </div>
          ${table(rows)} ${serving(rows)}
        </div>
        <footer>
          <p class="together">
            <button type="button" data-testid="save-speeds" ?disabled=${rows.length === 0} @click=${() => save(rows)}>Download as JSON</button>
            <span class="muted">Tokens in a second, the median of three, of all workers together.</span>
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
    [this.rows, this.share, this.problem, this.doing] = [[], 0, '', 'Starting'];
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
      this.problem = abort.signal.aborted ? `Stopped${this.rows.length > 0 ? '; what was measured by then stays' : ''}.` : sentence(reason);
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
  const here: Pick<Machine, 'device' | 'rows'> = { device: 'This device', rows };
  const all = [here, ...machines].flatMap(({ device, rows }) => rows.map((row) => ({ ...row, device })));
  const models = [...new Set(all.map(({ model }) => model))];
  return html`${models.map((model) => {
    const lines = all.filter((each) => each.model === model);
    return html`
      <table class="speeds" data-model=${model}>
        <caption>${model}${model === LARGE.model ? '’s shape, 8 bits' : ', the model built into this page'}</caption>
        <thead>
          <tr><th scope="col">Machine</th>${Object.values(FIGURES).map((title) => html`<th scope="col">${title}</th>`)}</tr>
        </thead>
        <tbody>
          ${lines.map(
            (line) => html`<tr data-here=${line.device === here.device}>
              <th scope="row">${line.device}<small>${line.workers === 1 ? 'one worker' : `${line.workers} workers`}</small></th>
              ${(Object.keys(FIGURES) as (keyof typeof FIGURES)[]).map((figure) => html`<td data-label=${FIGURES[figure]}>${bar(line[figure], Math.max(...lines.map((each) => each[figure])))}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    `;
  })}
  ${machines.length === 0 ? nothing : html`<p class="muted">${machines.map(({ device, browser, date, commit }) => `${device}: recorded by this page in ${browser}, ${date}, commit ${commit.slice(0, 8)}.`).join(' ')}</p>`}`;
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
    <p class="muted">
      About: by time alone, linear in parameters${isRough ? ', and so far by a very small model, which is slower for its size: tick the box above to know better' : ''}.
      Whether a model fits into memory is said before it is downloaded.
    </p>
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
