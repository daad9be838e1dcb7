import { html, nothing } from 'lit';
import { save, savedPrefix } from '../actions';
import * as format from '../format';
import { results, save as TEXT } from '../text';
import type { Catalog, Format, Offer, Report } from '../types';

/** The ways to take the compressed model home. */
export function savePart(report: Report, { formats }: Catalog, state: { offers: Offer[]; saving: boolean; held: boolean }): unknown {
  return html`
    <section class="save" aria-label=${TEXT.title}>
      <h3>${TEXT.title}</h3>
      <ul>
        ${formats.map((each) => way(report, each, state.offers.find(({ name }) => name === each.name), state.saving || !state.held))}
      </ul>
      ${state.held
        ? nothing
        : html`<p class="note" data-testid="not-held">${TEXT.notHeld}</p>`}
      <p class="muted">
        ${heldSeed(report)} ${TEXT.folder({ prefix: savedPrefix(report) })}
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
      ${offer?.bytes ? html`<strong data-bytes=${name}>${TEXT.size({ size: format.bytes(offer.bytes) })}</strong>` : nothing}
      ${problem === null ? sentence : TEXT.notPossible({ why: problem })}
    </span>
  </li>`;
}

/** Which of its compressed models the engine holds after a run of several calibration seeds; nothing where there is one. */
export function heldSeed({ spread }: Report): string {
  const seed = spread?.seeds.at(-1);
  return seed === undefined ? '' : results.heldSeed({ seed });
}
