// The list of every request that was made, by the server that was asked.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as format from '../format';
import { onRequest, requested } from './heard';
import './requests.css';
import type { Requested } from './telling';

class RequestList extends LitElement {
  #stop = (): void => {};

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = onRequest(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  async open(): Promise<void> {
    await this.updateComplete;
    this.#dialog?.showModal();
  }

  get #dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }

  override render(): TemplateResult {
    const of = ({ url }: Requested): string => new URL(url).host;
    const others = [...new Set(requested().map(of))].filter((host) => host !== location.host);
    return html`
      <dialog class="chooser requests" aria-labelledby="requests-title" data-testid="requests">
        <header>
          <h2 id="requests-title">Every request that was made</h2>
          <button type="button" data-testid="close-requests" @click=${() => this.#dialog?.close()}>Close</button>
        </header>
        <div class="scroll" tabindex="0" role="region" aria-label="Requests">
          <p data-testid="requests-said">
            ${others.length === 0 ? 'Nobody but the server of this page was asked.' : `Beside the server of this page ${others.length === 1 ? 'one other was' : `${others.length} others were`} asked, when you chose something of ${others.length === 1 ? 'it' : 'theirs'}: ${others.join(', ')}.`}
            Each request fetches a file: a host learns which one, and your address, and nothing of what you write, measure or bring here.
          </p>
          ${[location.host, ...others].map((host) => server(host, requested().filter((each) => of(each) === host)))}
        </div>
        <footer><p class="muted">Since this page was opened, by it and its workers, in all tabs that have it open. What a browser fetches of its own accord, as the icon of an installed page, it does not tell.</p></footer>
      </dialog>
    `;
  }
}
customElements.define('request-list', RequestList);

function server(host: string, requests: Requested[]): unknown {
  if (requests.length === 0) return nothing;
  const bytes = requests.reduce((sum, each) => sum + (each.bytes ?? 0), 0);
  return html`
    <h3>${host}${host === location.host ? ', the server of this page' : ''}</h3>
    <p class="muted">${requests.length === 1 ? 'One request' : `${requests.length} requests`}, ${format.bytes(bytes)} over the line${requests.some((each) => each.bytes === null) ? ', and what is not told' : ''}</p>
    <table class="parts" data-host=${host}>
      <thead>
        <tr><th scope="col">Time</th><th scope="col">What</th><th scope="col">Over the line</th><th scope="col">By</th></tr>
      </thead>
      <tbody>
        ${requests.map(({ url, at, by, bytes }) => html`<tr>
          <td>${new Date(at).toLocaleTimeString('en', { hour12: false })}</td>
          <td class="what">${path(url)}</td>
          <td>${bytes === null ? 'not told' : bytes === 0 ? 'nothing: kept here' : format.bytes(bytes)}</td>
          <td>${by}</td>
        </tr>`)}
      </tbody>
    </table>
  `;
}

function path(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** Opens it; there is one. */
export function show(): void {
  let list = document.querySelector<RequestList>('request-list');
  if (!list) document.body.append((list = document.createElement('request-list') as RequestList));
  void list.open();
}
