import { html, nothing } from 'lit';
import { save, savedPrefix } from '../actions';
import { LIST } from '../source';
import type { Catalog, Report } from '../types';

/** The ways to take the compressed model home. */
export function savePart(report: Report, { formats }: Catalog, { saving, held }: { saving: boolean; held: boolean }): unknown {
  return html`
    <section class="save" aria-label="Save the compressed model">
      <h3>Save the compressed model</h3>
      <ul>
        ${formats.map(
          ({ name, title, sentence }) => html`<li>
            <button type="button" data-format=${name} ?disabled=${saving || !held} @click=${() => save(name, report)}>${title}</button>
            <span class="muted">${sentence}</span>
          </li>`,
        )}
      </ul>
      ${held
        ? nothing
        : html`<p class="note" data-testid="not-held">The engine no longer holds this compressed model, because it was started anew or has another: repeat the run to save it.</p>`}
      <p class="muted">
        A folder is downloaded file by file: put ${LIST} into one folder under those names, without
        “${savedPrefix(report)}” before them.
      </p>
    </section>
  `;
}
