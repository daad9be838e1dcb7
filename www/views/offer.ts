// What is going on with a model: choosing among dropped ones, asking a server, offering, downloading.
import { html, nothing, type TemplateResult } from 'lit';
import { backToShelf, cancelDownload, cancelLook, cancelPick, closeShelf, fetchModel, look, take } from '../choosing';
import { bytes } from '../format';
import { writeAddress, type Address } from '../hub/address';
import { totalBytes } from '../hub/files';
import type { Listing } from '../hub/listing';
import { candidateSource, type Choice } from '../source';
import type { Choosing, State } from '../store';

export function offerPanel({ choosing, phase, progress }: State): TemplateResult | typeof nothing {
  const { asking, linked, offer, pick, shelf, transfer, hub } = choosing;
  if (transfer) return downloading(transfer);
  if (asking) return status(asking, html`<button type="button" data-testid="cancel-look" @click=${cancelLook}>Cancel</button>`);
  if (phase === 'loading' && progress) return status('Loading the model…', nothing);
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
        <p role="status"><strong>There are ${choice.candidates.length} models among these files.</strong> Which one is to be loaded?</p>
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
      <button type="button" @click=${cancelPick}>Cancel</button>
    </div>
  `;
}

/** A place has several models: the reader chooses by size and form. */
function shelved(shelf: NonNullable<Choosing['shelf']>): TemplateResult {
  const { found, problems } = shelf;
  return html`
    <div class="offer" data-testid="shelf">
      <div>
        <p role="status"><strong>${found.name} has ${found.variants.length} models.</strong> Which one is to be looked at?</p>
        <ul class="picks">
          ${found.variants.map(
            ({ name, form, bytes: size, address }, place) => html`<li>
              <button type="button" ?autofocus=${place === 0} @click=${() => look(address, shelf)}>
                <span>${name}${problems[place] ? html`<small>Seems too large. ${problems[place]}</small>` : nothing}</span>
                <small>${[form, address.file === undefined ? 'a folder' : '', size === null ? '' : bytes(size)].filter(Boolean).join(', ')}</small>
              </button>
            </li>`,
          )}
        </ul>
      </div>
      <button type="button" @click=${closeShelf}>Cancel</button>
    </div>
  `;
}

/** A link opened the page: what it names, and whom it would ask. */
function consent(address: Address): TemplateResult {
  const url = address.kind === 'hub' ? address.hub : address.url;
  const place = address.kind === 'hub' ? `${address.repo}@${address.revision}` : 'the folder';
  const what = address.file === undefined ? place : `${address.file} in ${place}`;
  return html`
    <div class="offer" data-testid="consent">
      <div>
        <p class="where">${address.kind === 'hub' ? `${url}/${address.repo}` : url}</p>
        <p role="status">
          This link names a model that is not stored here. Nothing has been asked of <strong>${new URL(url).host}</strong> yet:
          the page would ask it for the names, sizes and beginnings of the files of ${what}, and then offer the download.
        </p>
      </div>
      <button type="button" class="primary" data-testid="agree" @click=${() => look(address)}>Ask ${new URL(url).host}</button>
    </div>
  `;
}

function status(sentence: string, button: unknown): TemplateResult {
  return html`<div class="offer"><p role="status" data-testid="asking">${sentence}</p>${button}</div>`;
}

const TITLES = { fits: 'It fits this device.', tight: 'It fits this device, just.', no: 'It does not fit.' };

function offered({ listing, fit, arrived, stored }: NonNullable<Choosing['offer']>, shelf: Choosing['shelf'], hub: string): TemplateResult {
  const { address } = listing;
  const left = bytes(totalBytes(listing) - arrived);
  const label = arrived > 0 ? `Download the other ${left}` : `Download ${left}`;
  return html`
    <div class="offer" data-testid="offer" data-fit=${fit.verdict}>
      <div>
        <p class="where">${writeAddress(address, hub)}${address.file === undefined ? nothing : html`, ${address.file}`}</p>
        <p role="status"><strong>${TITLES[fit.verdict]}</strong> <span data-testid="fit">${fit.sentence}</span></p>
        <p class="muted">${stored === null ? nothing : html`<span data-testid="stored-as">By its header: ${stored}.</span> `}Thirty downloads are ${bytes(30 * totalBytes(listing))}.</p>
        ${fit.instead
          ? html`<p>
              <button type="button" data-testid="instead" @click=${() => look(fit.instead?.where ?? '')}>Look at ${fit.instead.title} instead</button>
            </p>`
          : nothing}
        ${shelf ? html`<p><button type="button" class="linked" data-testid="back-to-shelf" @click=${backToShelf}>Back to all ${shelf.found.variants.length}</button></p>` : nothing}
      </div>
      <button type="button" class=${fit.verdict === 'no' ? 'anyway' : 'primary'} data-testid="download-model" @click=${() => fetchModel(listing)}>
        ${fit.verdict === 'no' ? `${label} anyway` : label}
      </button>
    </div>
  `;
}

function downloading({ listing, pace }: { listing: Listing; pace: NonNullable<Choosing['transfer']>['pace'] }): TemplateResult {
  const known = pace !== null && pace.total > 0;
  return html`
    <div class="offer" data-testid="downloading">
      <div>
        <p role="status">Downloading ${listing.name}${pace?.notice ? html`. <span data-testid="notice">${pace.notice}</span>` : nothing}</p>
        <progress aria-label="Download" max=${known ? pace.total : nothing} value=${known ? pace.done : nothing}></progress>
        <p class="muted" aria-hidden="true" data-testid="pace">${known ? going(pace) : 'Starting…'}</p>
      </div>
      <button type="button" data-testid="cancel-download" @click=${cancelDownload}>Cancel</button>
    </div>
  `;
}

function going({ done, total, rate }: NonNullable<NonNullable<Choosing['transfer']>['pace']>): string {
  const arrived = `${bytes(done)} of ${bytes(total)}`;
  if (rate === null || rate === 0) return arrived;
  return `${arrived}, ${bytes(rate)}/s, ${timeLeft((total - done) / rate)} left`;
}

/** Seconds as a reader counts them down. */
function timeLeft(seconds: number): string {
  return seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
