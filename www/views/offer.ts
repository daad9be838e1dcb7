// What is going on with a model elsewhere: asking, offering, downloading.
import { html, nothing, type TemplateResult } from 'lit';
import { cancelDownload, cancelLook, fetchModel, look } from '../choosing';
import { bytes } from '../format';
import { writeAddress } from '../hub/address';
import { totalBytes, type Listing } from '../hub/listing';
import type { Choosing, State } from '../store';

export function offerPanel({ choosing, phase, progress }: State): TemplateResult | typeof nothing {
  const { asking, offer, transfer, hub } = choosing;
  if (transfer) return downloading(transfer);
  if (asking) return status(asking, html`<button type="button" data-testid="cancel-look" @click=${cancelLook}>Cancel</button>`);
  if (phase === 'loading' && progress) return status('Loading the model…', nothing);
  return offer ? offered(offer, hub) : nothing;
}

function status(sentence: string, button: unknown): TemplateResult {
  return html`<div class="offer"><p role="status" data-testid="asking">${sentence}</p>${button}</div>`;
}

const TITLES = { fits: 'It fits this device.', tight: 'It fits this device, just.', no: 'It does not fit.' };

function offered({ listing, fit, arrived }: NonNullable<Choosing['offer']>, hub: string): TemplateResult {
  const left = bytes(totalBytes(listing) - arrived);
  const label = arrived > 0 ? `Download the other ${left}` : `Download ${left}`;
  return html`
    <div class="offer" data-testid="offer" data-fit=${fit.verdict}>
      <div>
        <p class="where">${writeAddress(listing.address, hub)}</p>
        <p role="status"><strong>${TITLES[fit.verdict]}</strong> <span data-testid="fit">${fit.sentence}</span></p>
        ${fit.instead
          ? html`<p>
              <button type="button" data-testid="instead" @click=${() => look(fit.instead?.repo ?? '')}>Look at ${fit.instead.title} instead</button>
            </p>`
          : nothing}
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
