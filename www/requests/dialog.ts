// The list of every request that was made, by the server that was asked.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as format from '../format';
import { requests as TEXT } from '../text';
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
          <h2 id="requests-title">${TEXT.title}</h2>
          <button type="button" data-testid="close-requests" @click=${() => this.#dialog?.close()}>${TEXT.close}</button>
        </header>
        <div class="scroll" tabindex="0" role="region" aria-label=${TEXT.list}>
          <p data-testid="requests-said">
            ${others.length === 0 ? TEXT.nobody : TEXT.others({ hosts: others })} ${TEXT.about}
          </p>
          ${[location.host, ...others].map((host) => server(host, requested().filter((each) => of(each) === host)))}
        </div>
        <footer><p class="muted">${TEXT.since}</p></footer>
      </dialog>
    `;
  }
}
customElements.define('request-list', RequestList);

function server(host: string, requests: Requested[]): unknown {
  if (requests.length === 0) return nothing;
  const bytes = requests.reduce((sum, each) => sum + (each.bytes ?? 0), 0);
  return html`
    <h3>${host === location.host ? TEXT.ownServer({ host }) : host}</h3>
    <p class="muted">${(requests.some((each) => each.bytes === null) ? TEXT.sumAndMore : TEXT.sum)({ n: requests.length, size: format.bytes(bytes) })}</p>
    <table class="parts" data-host=${host}>
      <thead>
        <tr>${Object.values(TEXT.columns).map((title) => html`<th scope="col">${title}</th>`)}</tr>
      </thead>
      <tbody>
        ${requests.map(({ url, at, by, bytes }) => html`<tr>
          <td>${format.timeOfDay(at)}</td>
          <td class="what">${path(url)}</td>
          <td>${bytes === null ? TEXT.notTold : bytes === 0 ? TEXT.keptHere : format.bytes(bytes)}</td>
          <td>${TEXT.by[by] ?? by}</td>
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
