// The panel that chooses a model: what is here, what a hub has, what lies on the reader's disk.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { load } from '../actions';
import { chooseHub, closePanel, fetchModel, look, remove, take } from '../choosing';
import { bytes, percent } from '../format';
import { HUB } from '../hub/address';
import type { StoredModel } from '../hub/storage';
import { chosenSource, type Source } from '../source';
import { isAtRest, type State } from '../store';
import { choose as TEXT } from '../text';
import { curated, inRoom } from './cards';
import { shortRevision } from './model';
import { offerPanel } from './offer';

/** What is never opened is not drawn. */
let wasOpened = false;

export function chooser(state: State): TemplateResult {
  const { choosing, error } = state;
  const busy = !isAtRest(state.phase);
  wasOpened ||= choosing.open;
  return html`
    <dialog class="chooser" aria-labelledby="chooser-title" data-testid="chooser" @close=${closePanel}>
      <header>
        <h2 id="chooser-title">${TEXT.title}</h2>
        <button type="button" data-testid="close" @click=${closePanel}>${TEXT.close}</button>
      </header>
      <div class="scroll">
        <fieldset class="shelves" ?disabled=${busy}>
          ${wasOpened ? [inRoom(choosing), here(state), disk(), elsewhere(state)] : nothing}
        </fieldset>
      </div>
      <footer>
        ${choosing.open ? html`<div role="alert">${error ? html`<p class="error" data-testid="error">${error}</p>` : nothing}</div>` : nothing}
        ${offerPanel(state)}
      </footer>
    </dialog>
  `;
}

/** Opens or closes the dialog element as the state says: a modal one cannot be opened by an attribute. */
export function showChooser(root: ParentNode, open: boolean): void {
  const dialog = root.querySelector<HTMLDialogElement>('dialog.chooser');
  if (dialog && dialog.open !== open) open ? dialog.showModal() : dialog.close();
}

function here({ choosing, source, model }: State): TemplateResult {
  const { stored, room, keeps, transfer } = choosing;
  const builtIn = model !== null && source.kind === 'builtin';
  return html`
    <section>
      <h3>${TEXT.here}</h3>
      <ul class="shelf">
        <li>
          <div><strong>Pebble</strong><small>${TEXT.aboutBuiltIn}</small></div>
          <button type="button" data-testid="builtin" ?disabled=${builtIn} @click=${() => load({ kind: 'builtin' })}>
            ${builtIn ? TEXT.loaded : TEXT.load}
          </button>
        </li>
        ${stored.map((each) => storedRow(each, { loaded: model !== null && isSource(source, each), busy: transfer !== null }))}
      </ul>
      ${keeps
        ? nothing
        : html`<p class="muted" data-testid="unkept">${isSecureContext ? TEXT.unkept : TEXT.unkeptByHttp}</p>`}
      ${room && stored.length > 0
        ? html`<p class="muted" data-testid="room">
            ${TEXT.storage({ used: bytes(room.usage), of: bytes(room.quota) })}
            ${room.persistent ? TEXT.storageStays : TEXT.storageMayGo}
          </p>`
        : nothing}
    </section>
  `;
}

function isSource(source: Source, { record }: StoredModel): boolean {
  return source.kind === 'remote' && record !== null && JSON.stringify(source.address) === JSON.stringify(record.address);
}

function storedRow(model: StoredModel, { loaded, busy }: { loaded: boolean; busy: boolean }): TemplateResult {
  const { record, complete, total } = model;
  const name = record?.name ?? TEXT.unfinished;
  const arrived = complete ? bytes(total) : record ? TEXT.arrived({ share: percent(total > 0 ? model.bytes / total : 0), size: bytes(total) }) : bytes(model.bytes);
  return html`
    <li data-testid="stored">
      <div>
        <strong>${name}</strong>
        <small>${TEXT.facts(record ? [from(record.address), arrived, record.date.slice(0, 10)] : [arrived])}</small>
      </div>
      ${complete && record
        ? html`<button type="button" ?disabled=${loaded} @click=${() => load({ kind: 'remote', address: record.address })}>${loaded ? TEXT.loaded : TEXT.load}</button>`
        : record
          ? html`<button type="button" data-testid="resume" ?disabled=${busy} @click=${() => fetchModel(record)}>${TEXT.resume}</button>`
          : nothing}
      <button
        type="button"
        class="quiet"
        aria-label=${TEXT.deleteNamed({ name })}
        title=${loaded ? TEXT.inUse : nothing}
        ?disabled=${loaded}
        @click=${() => remove(model)}
      >
        ${TEXT.delete}
      </button>
    </li>
  `;
}

function from(address: NonNullable<StoredModel['record']>['address']): string {
  const place = address.kind === 'hub' ? shortRevision(address.revision) : new URL(address.url).host;
  return address.file === undefined ? place : TEXT.from({ file: address.file, place });
}

function disk(): TemplateResult {
  return html`
    <section>
      <h3>${TEXT.disk}</h3>
      <div class="drop">
        <p>${TEXT.drop}</p>
        <div class="together">
          <label class="button">${TEXT.folder}<input type="file" webkitdirectory data-testid="folder" @change=${loadFiles} /></label>
          <label class="button">${TEXT.files}<input type="file" multiple data-testid="files" @change=${loadFiles} /></label>
        </div>
        <p class="muted">${TEXT.forms}</p>
      </div>
    </section>
  `;
}

function loadFiles(event: Event): void {
  const input = event.target as HTMLInputElement;
  const files = [...(input.files ?? [])];
  if (files.length > 0) void take(Promise.resolve(files).then((each) => chosenSource(each)));
  input.value = ''; // so that choosing the same files again is a change
}

function elsewhere(state: State): TemplateResult {
  const { hub, asking, transfer } = state.choosing;
  const busy = asking !== null || transfer !== null;
  return html`
    <section class="wide">
      <h3>${hub === HUB ? TEXT.usualHub : TEXT.elsewhere({ host: new URL(hub).host })}</h3>
      ${curated(state)}
      <label class="label" for="address">${TEXT.address}</label>
      <div class="together">
        <input
          id="address"
          type="text"
          inputmode="url"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          placeholder=${TEXT.addressForm}
          @keydown=${lookOnEnter}
        />
        <button type="button" data-testid="check" ?disabled=${busy} @click=${lookAtAddress}>${TEXT.check}</button>
      </div>
      <details ?open=${hub !== HUB}>
        <summary>${TEXT.anotherHub}</summary>
        <label class="label" for="hub">${TEXT.hub}</label>
        <input
          id="hub"
          type="text"
          inputmode="url"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          placeholder=${HUB}
          .value=${live(hub === HUB ? '' : hub)}
          @change=${(event: Event) => chooseHub((event.target as HTMLInputElement).value)}
        />
      </details>
    </section>
  `;
}

function lookAtAddress(): void {
  const typed = document.querySelector<HTMLInputElement>('#address')?.value.trim();
  if (typed) void look(typed);
}

function lookOnEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  lookAtAddress();
}
