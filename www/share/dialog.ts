// What a result, or the experiment that the controls show, can be taken along as: a link, a command, a recipe, a picture.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { download } from '../download';
import { shortLink, toLink } from '../link';
import { sentence } from '../promised';
import { store } from '../store';
import { share as TEXT } from '../text';
import type { Catalog, Report } from '../types';
import { reportFile } from '../views/results';
import { NO_SETUP, type Setup } from '../setup';
import { builder } from './builder';
import { toCommand } from './command';
import { copy } from './copy';
import { toPng, toSvg } from './picture';
import { toRecipe } from './recipe';
import { toCsv } from './table';
import './share.css';

class SharePanel extends LitElement {
  static override properties = { report: { state: true }, draft: { state: true }, starts: { state: true }, code: { state: true }, said: { state: true } };
  /** What is shared; null for what the controls show. */
  declare report: Report | null;
  /** How the link is to set the page up. */
  declare draft: Setup;
  declare starts: boolean;
  /** Draws a link as a code, once that is asked for. */
  declare code: typeof import('./qr').drawCode | null;
  declare said: string;

  constructor() {
    super();
    [this.report, this.draft, this.starts, this.code, this.said] = [null, NO_SETUP, false, null, ''];
  }

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('change', () => this.requestUpdate());
  }

  async open(report: Report | null): Promise<void> {
    [this.report, this.draft, this.starts, this.said] = [report, store.state.setup, false, ''];
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
  }

  override render(): TemplateResult {
    const { report } = this;
    const { catalog } = store.state;
    return html`
      <dialog class="chooser share" aria-labelledby="share-title" data-testid="sharing">
        <header>
          <h2 id="share-title">${report ? TEXT.result : TEXT.experiment}</h2>
          <button type="button" data-testid="close-sharing" @click=${() => this.querySelector('dialog')?.close()}>${TEXT.close}</button>
        </header>
        <div class="scroll" tabindex="0" role="region" aria-label=${TEXT.ways}>${catalog ? this.#ways(catalog) : nothing}</div>
        <p class="copied" role="status" data-testid="copied">${this.said}</p>
      </dialog>
    `;
  }

  /** The link of what is shared, as the text after the # of an address. */
  get #hash(): string {
    const { state } = store;
    if (this.report) return state.link;
    return `${toLink({ ...state, setup: this.draft })}${this.starts ? '&run=1' : ''}`;
  }

  #ways(catalog: Catalog): TemplateResult {
    const { report } = this;
    const hash = this.#hash;
    const link = address(hash);
    const ranOn = report ? (report.engine.backend.startsWith('gpu') ? 'gpu' : 'cpu') : null;
    const missing = leftOut(hash);
    return html`
      ${report ? this.#files(report, catalog) : nothing}
      <section>
        <h3>${TEXT.link}</h3>
        <p class="muted">${report ? TEXT.repeats : TEXT.opens} ${missing}</p>
        <div class="together">
          <input type="text" readonly aria-label=${TEXT.theLink} data-testid="link" .value=${link} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
          <button type="button" data-testid="copy-link" @click=${() => this.#copy(link, TEXT.copiedLink, TEXT.cannotCopyLink)}>${TEXT.copyLink}</button>
        </div>
        <details @toggle=${this.#openCode}>
          <summary>${TEXT.code}</summary>
          ${this.code ? this.#drawn(this.code, address(shortLink(hash, catalog))) : nothing}
        </details>
      </section>
      ${report ? nothing : builder(this.draft, this.starts, (draft, starts) => Object.assign(this, { draft, starts }))}
      ${this.#text('command', toCommand(hash, catalog, ranOn))}
      ${this.#text('recipe', toRecipe(hash))}
    `;
  }

  #drawn(draw: typeof import('./qr').drawCode, short: string): unknown {
    const drawn = draw(short, TEXT.codeOf);
    return drawn
      ? html`<figure>${drawn}<figcaption class="muted" data-testid="code-says">${TEXT.aboutCode({ n: short.length })}</figcaption></figure>`
      : html`<p class="muted">${TEXT.noCode}</p>`;
  }

  #text(name: 'command' | 'recipe', text: string): TemplateResult {
    const { title, about, copy, copied, cannotCopy } = TEXT[name];
    return html`<section>
      <h3>${title}</h3>
      <p class="muted">${about}</p>
      <pre tabindex="0" data-testid=${name} aria-label=${title}>${text}</pre>
      <button type="button" data-testid="copy-${name}" @click=${() => this.#copy(text, copied, cannotCopy)}>${copy}</button>
    </section>`;
  }

  #files(report: Report, catalog: Catalog): TemplateResult {
    const name = `${report.model.name}-${report.recipe.method}`;
    const save = (ending: string, make: () => Blob | Promise<Blob>) => async (): Promise<void> => {
      try {
        download(`${name}.${ending}`, await make());
        this.said = TEXT.saved({ file: `${name}.${ending}` });
      } catch (reason) {
        this.said = sentence(reason);
      }
    };
    const drawn = (): string => {
      const found = toSvg(report, catalog);
      if (found === null) throw new Error(TEXT.nothingToDraw);
      return found;
    };
    return html`<section>
      <h3>${TEXT.files}</h3>
      <div class="together">
        <button type="button" data-testid="save-svg" @click=${save('svg', () => new Blob([drawn()], { type: 'image/svg+xml' }))}>${TEXT.svg}</button>
        <button type="button" data-testid="save-png" @click=${save('png', () => toPng(drawn()))}>${TEXT.png}</button>
        <button type="button" data-testid="save-csv" @click=${save('csv', () => new Blob([toCsv(report)], { type: 'text/csv' }))}>${TEXT.csv}</button>
        <button type="button" data-testid="save-json" @click=${save('json', () => reportFile(report))}>${TEXT.json}</button>
        <button type="button" data-testid="print" @click=${this.#print}>${TEXT.print}</button>
      </div>
      <p class="muted">${TEXT.aboutFiles}</p>
    </section>`;
  }

  #print = (): void => {
    this.querySelector('dialog')?.close();
    print();
  };

  #openCode = async (event: Event): Promise<void> => {
    if (!(event.target as HTMLDetailsElement).open) return;
    try {
      this.code = (await import('./qr')).drawCode;
    } catch (reason) {
      this.said = sentence(reason);
    }
  };

  async #copy(text: string, done: string, failed: string): Promise<void> {
    this.said = (await copy(text, this)) ? done : failed;
  }
}
customElements.define('share-panel', SharePanel);

function address(hash: string): string {
  return new URL(hash, location.href).href;
}

/** What is no part of the link, in a sentence. */
function leftOut(hash: string): string {
  const keys = new URLSearchParams(hash.slice(1));
  const missing = Object.entries(TEXT.carried).flatMap(([key, name]) => (keys.has(key) ? [name] : []));
  return missing.length === 0 ? '' : TEXT.notCarried({ what: missing });
}

/** Opens it; there is one. */
export function show(report: Report | null): void {
  let panel = document.querySelector<SharePanel>('share-panel');
  if (!panel) document.body.append((panel = document.createElement('share-panel') as SharePanel));
  void panel.open(report);
}
