import { html, nothing } from 'lit';
import { save, savedPrefix } from '../actions';
import * as format from '../format';
import type { Catalog, Format, Offer, Report } from '../types';

/** The ways to take the compressed model home. */
export function savePart(report: Report, { formats }: Catalog, state: { offers: Offer[]; saving: boolean; held: boolean }): unknown {
  return html`
    <section class="save" aria-label="Save the compressed model">
      <h3>Save the compressed model</h3>
      <ul>
        ${formats.map((each) => way(report, each, state.offers.find(({ name }) => name === each.name), state.saving || !state.held))}
      </ul>
      ${state.held
        ? nothing
        : html`<p class="note" data-testid="not-held">The engine no longer holds this compressed model, because it was started anew or has another: repeat the run to save it.</p>`}
      <p class="muted">
        ${format.heldSeed(report)}A folder is downloaded file by file: put all of its files into one folder, without “${savedPrefix(report)}” at the
        beginning of their names.
      </p>
    </section>
  `;
}

/** One way, with its size; where it is none, with the reason under its button. */
function way(report: Report, { name, title, sentence }: Format, offer: Offer | undefined, disabled: boolean): unknown {
  const problem = offer?.problem ?? null;
  return html`<li>
    <button
      type="button"
      data-format=${name}
      ?disabled=${disabled || problem !== null}
      aria-describedby="about-${name}"
      @click=${() => save(name, report)}
    >
      ${title}
    </button>
    <span class="muted" id="about-${name}">
      ${offer?.bytes ? html`<strong data-bytes=${name}>${format.bytes(offer.bytes)}.</strong>` : nothing}
      ${problem === null ? sentence : `Not possible here: ${problem}`}
    </span>
  </li>`;
}
