// The list of results that are kept in this browser.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { isAtRest, store } from '../store';
import { kept as TEXT } from '../text';
import { keptTitle, when } from '../views/kept';
import './kept.css';
import { forget, showKept } from './keeping';
import { type Kept, MOST_KEPT } from './storage';

class KeptReports extends LitElement {
  /** Whether all are to be deleted, which is asked once more. */
  static override properties = { isSure: { state: true } };
  declare isSure: boolean;

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('change', () => this.requestUpdate());
  }

  async open(): Promise<void> {
    this.isSure = false;
    await this.updateComplete;
    this.#dialog?.showModal();
  }

  get #dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }

  override render(): TemplateResult {
    const { kept, error, phase } = store.state;
    const all = kept ?? [];
    return html`
      <dialog class="chooser kept" aria-labelledby="kept-title" data-testid="kept">
        <header>
          <h2 id="kept-title">${TEXT.heading}</h2>
          <button type="button" data-testid="close-kept" @click=${() => this.#dialog?.close()}>${TEXT.close}</button>
        </header>
        <div class="scroll" tabindex="0" role="region" aria-label=${TEXT.results}>
          ${all.length === 0 ? html`<p class="muted">${kept === null ? TEXT.noStorage : TEXT.nothing}</p>` : nothing}
          <ul>
            ${all.map((each) => this.#row(each, !isAtRest(phase)))}
          </ul>
        </div>
        <footer>
          <p class="muted">${TEXT.about({ most: MOST_KEPT })}</p>
          ${error ? html`<p class="error" role="alert">${error}</p>` : nothing}
          ${all.length > 0 ? html`<button type="button" data-testid="forget-all" @click=${this.#forgetAll}>${this.isSure ? TEXT.reallyAll({ n: all.length }) : TEXT.deleteAll}</button>` : nothing}
        </footer>
      </dialog>
    `;
  }

  #row(each: Kept, busy: boolean): unknown {
    const { catalog } = store.state;
    if (!catalog) return nothing;
    const named = { title: keptTitle(each, catalog), date: when(each) };
    return html`<li data-testid="kept-row">
      <div><strong>${named.title}</strong><small>${named.date}</small><p>${each.says}</p></div>
      <button type="button" ?disabled=${busy} aria-label=${TEXT.showNamed(named)} @click=${() => this.#show(each)}>${TEXT.show}</button>
      <button type="button" class="quiet" aria-label=${TEXT.deleteNamed(named)} @click=${() => this.#forget(each)}>${TEXT.delete}</button>
    </li>`;
  }

  async #show(each: Kept): Promise<void> {
    await showKept(each);
    if (store.state.error === null) this.#dialog?.close();
  }

  /** The focus goes on to what takes its place. */
  async #forget({ id }: Kept): Promise<void> {
    const place = store.state.kept?.findIndex((each) => each.id === id) ?? 0;
    await forget(id);
    await this.updateComplete;
    const rows = this.querySelectorAll<HTMLElement>('li button.quiet');
    (rows[Math.min(place, rows.length - 1)] ?? this.querySelector<HTMLElement>('header button'))?.focus();
  }

  #forgetAll = async (): Promise<void> => {
    if (!this.isSure) return void (this.isSure = true);
    this.isSure = false;
    await forget();
    await this.updateComplete;
    this.querySelector<HTMLElement>('header button')?.focus();
  };
}
customElements.define('kept-reports', KeptReports);

/** Opens it; there is one. */
export function show(): void {
  let dialog = document.querySelector<KeptReports>('kept-reports');
  if (!dialog) document.body.append((dialog = document.createElement('kept-reports') as KeptReports));
  void dialog.open();
}
