import { html } from 'lit';
import { save, savedPrefix } from '../actions';
import { LIST } from '../source';
import type { Catalog, Report } from '../types';

/** The ways to take the compressed model home. */
export function savePart(report: Report, { formats }: Catalog, saving: boolean): unknown {
  return html`
    <section class="save" aria-label="Save the compressed model">
      <h3>Save the compressed model</h3>
      <ul>
        ${formats.map(
          ({ name, title, sentence }) => html`<li>
            <button type="button" data-format=${name} ?disabled=${saving} @click=${() => save(name, report)}>${title}</button>
            <span class="muted">${sentence}</span>
          </li>`,
        )}
      </ul>
      <p class="muted">
        A folder is downloaded file by file: put ${LIST} into one folder under those names, without
        “${savedPrefix(report)}” before them.
      </p>
    </section>
  `;
}
