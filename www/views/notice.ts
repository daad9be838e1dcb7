// What a link, or a report, asks for and does not get by itself.
import { html, nothing } from 'lit';
import { run } from '../actions';
import { store, type State } from '../store';
import { notice as TEXT } from '../text';

/** So many problems are named one by one. */
const NAMED = 8;

export function notice({ notice, phase, model }: State): unknown {
  if (notice === null) return nothing;
  const { says, problems, fetches, run: asked } = notice;
  const named = problems.slice(0, NAMED);
  const more = problems.length - named.length;
  return html`
    <section class="notice" role="status" data-testid="notice-link">
      ${says === null ? nothing : html`<p>${says}</p>`}
      ${problems.length > 0
        ? html`<p>${says === null ? TEXT.link : TEXT.recipe}</p>
            <ul>
              ${named.map((problem) => html`<li>${TEXT.problem({ problem })}</li>`)} ${more > 0 ? html`<li>${TEXT.more({ n: more })}</li>` : nothing}
            </ul>`
        : nothing}
      ${fetches === null ? nothing : html`<p>${fetches}</p>`}
      ${asked ? html`<p>${TEXT.asksToRun}</p>` : nothing}
      <div class="together">
        ${asked
          ? html`<button type="button" class="primary" data-testid="run-anyway" ?disabled=${!model || phase === 'loading' || phase === 'running'} @click=${run}>
              ${fetches === null ? TEXT.run : TEXT.fetchAndRun}
            </button>`
          : nothing}
        <button type="button" @click=${() => store.update({ notice: null })}>${TEXT.dismiss}</button>
      </div>
    </section>
  `;
}
