// What is going on with a model: choosing among dropped ones, asking a server, offering, downloading.
import { html, nothing, type TemplateResult } from 'lit';
import { backToShelf, cancelDownload, cancelLook, cancelPick, closeShelf, fetchModel, look, take } from '../choosing';
import { bytes } from '../format';
import { writeAddress, type Address } from '../hub/address';
import { totalBytes } from '../hub/files';
import type { Listing } from '../hub/listing';
import { candidateSource, type Choice } from '../source';
import type { Choosing, State } from '../store';
import { numbers, offer as TEXT } from '../text';
import { strong } from './elements';

export function offerPanel({ choosing, phase, progress }: State): TemplateResult | typeof nothing {
  const { asking, linked, offer, pick, shelf, transfer, hub } = choosing;
  if (transfer) return downloading(transfer);
  if (asking) return status(asking, html`<button type="button" data-testid="cancel-look" @click=${cancelLook}>${TEXT.cancel}</button>`);
  if (phase === 'loading' && progress) return status(TEXT.loading, nothing);
  if (pick) return picking(pick);
  if (linked) return consent(linked);
  if (offer) return offered(offer, shelf, hub);
  return shelf ? shelved(shelf) : nothing;
}

/** Several models came at once: the reader says which. */
function picking(choice: Choice): TemplateResult {
  return html`
    <div class="offer" data-testid="pick">
      <div>
        <p role="status"><strong>${TEXT.pick({ n: choice.candidates.length })}</strong> ${TEXT.whichToLoad}</p>
        <ul class="picks">
          ${choice.candidates.map(
            (candidate, place) => html`<li>
              <button type="button" ?autofocus=${place === 0} @click=${() => take(candidateSource(candidate, choice))}>
                <span>${candidate.name}</span><small>${bytes(candidate.bytes)}</small>
              </button>
            </li>`,
          )}
        </ul>
      </div>
      <button type="button" @click=${cancelPick}>${TEXT.cancel}</button>
    </div>
  `;
}

/** A place has several models: the reader chooses by size and form. */
function shelved(shelf: NonNullable<Choosing['shelf']>): TemplateResult {
  const { found, problems } = shelf;
  return html`
    <div class="offer" data-testid="shelf">
      <div>
        <p role="status"><strong>${TEXT.shelf({ name: found.name, n: found.variants.length })}</strong> ${TEXT.whichToLook}</p>
        <ul class="picks">
          ${found.variants.map(
            ({ name, form, bytes: size, address }, place) => html`<li>
              <button type="button" ?autofocus=${place === 0} @click=${() => look(address, shelf)}>
                <span>${name}${problems[place] ? html`<small>${TEXT.tooLarge({ why: problems[place] })}</small>` : nothing}</span>
                <small>${TEXT.facts([form ?? '', address.file === undefined ? TEXT.aFolder : '', size === null ? '' : bytes(size)].filter(Boolean))}</small>
              </button>
            </li>`,
          )}
        </ul>
      </div>
      <button type="button" @click=${closeShelf}>${TEXT.cancel}</button>
    </div>
  `;
}

/** A link opened the page: what it names, and whom it would ask. */
function consent(address: Address): TemplateResult {
  const url = address.kind === 'hub' ? address.hub : address.url;
  const place = address.kind === 'hub' ? TEXT.inRepository({ repository: address.repo, revision: address.revision }) : TEXT.theFolder;
  const what = address.file === undefined ? place : TEXT.fileIn({ file: address.file, place });
  const { host } = new URL(url);
  return html`
    <div class="offer" data-testid="consent">
      <div>
        <p class="where">${address.kind === 'hub' ? `${url}/${address.repo}` : url}</p>
        <p role="status">${TEXT.consent({ host, what }, strong)}</p>
      </div>
      <button type="button" class="primary" data-testid="agree" @click=${() => look(address)}>${TEXT.ask({ host })}</button>
    </div>
  `;
}

function status(sentence: string, button: unknown): TemplateResult {
  return html`<div class="offer"><p role="status" data-testid="asking">${sentence}</p>${button}</div>`;
}

function offered({ listing, fit, arrived, stored }: NonNullable<Choosing['offer']>, shelf: Choosing['shelf'], hub: string): TemplateResult {
  const { address } = listing;
  const left = bytes(totalBytes(listing) - arrived);
  const isForced = fit.verdict === 'no';
  const label = arrived > 0 ? (isForced ? TEXT.downloadRestAnyway : TEXT.downloadRest) : isForced ? TEXT.downloadAnyway : TEXT.download;
  return html`
    <div class="offer" data-testid="offer" data-fit=${fit.verdict}>
      <div>
        <p class="where">${address.file === undefined ? writeAddress(address, hub) : TEXT.place({ address: writeAddress(address, hub), file: address.file })}</p>
        <p role="status"><strong>${TEXT.fits[fit.verdict]}</strong> <span data-testid="fit">${fit.sentence}</span></p>
        <p class="muted">${stored === null ? nothing : html`<span data-testid="stored-as">${TEXT.storedAs({ types: stored })}</span> `}${TEXT.thirty({ size: bytes(30 * totalBytes(listing)) })}</p>
        ${fit.instead
          ? html`<p>
              <button type="button" data-testid="instead" @click=${() => look(fit.instead?.where ?? '')}>${TEXT.lookInstead({ model: fit.instead.title })}</button>
            </p>`
          : nothing}
        ${shelf ? html`<p><button type="button" class="linked" data-testid="back-to-shelf" @click=${backToShelf}>${TEXT.backToAll({ n: shelf.found.variants.length })}</button></p>` : nothing}
      </div>
      <button type="button" class=${isForced ? 'anyway' : 'primary'} data-testid="download-model" @click=${() => fetchModel(listing)}>
        ${label({ size: left })}
      </button>
    </div>
  `;
}

function downloading({ listing, pace }: { listing: Listing; pace: NonNullable<Choosing['transfer']>['pace'] }): TemplateResult {
  const known = pace !== null && pace.total > 0;
  return html`
    <div class="offer" data-testid="downloading">
      <div>
        <p role="status">${pace?.notice ? TEXT.downloadingBut({ name: listing.name, notice: html`<span data-testid="notice">${pace.notice}</span>` }) : TEXT.downloading(listing)}</p>
        <progress aria-label=${TEXT.progress} max=${known ? pace.total : nothing} value=${known ? pace.done : nothing}></progress>
        <p class="muted" aria-hidden="true" data-testid="pace">${known ? going(pace) : TEXT.starting}</p>
      </div>
      <button type="button" data-testid="cancel-download" @click=${cancelDownload}>${TEXT.cancel}</button>
    </div>
  `;
}

function going({ done, total, rate }: NonNullable<NonNullable<Choosing['transfer']>['pace']>): string {
  const arrived = { done: bytes(done), total: bytes(total) };
  if (rate === null || rate === 0) return TEXT.arrived(arrived);
  return TEXT.going({ ...arrived, rate: bytes(rate), time: timeLeft((total - done) / rate) });
}

/** Seconds as a reader counts them down. */
function timeLeft(seconds: number): string {
  return seconds < 100 ? numbers.seconds(String(Math.ceil(seconds))) : numbers.minutes(String(Math.ceil(seconds / 60)));
}
