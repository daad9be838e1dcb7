import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { chooseBackend } from '../actions';
import { CHOICES } from '../graphics';
import type { State } from '../store';
import { graphics as TEXT } from '../text';

/** The choice between processor and graphics card, and what became of the latter. */
export function whereItRuns({ backend, graphics }: State): unknown {
  const onChange = (event: Event): void => chooseBackend(CHOICES[(event.target as HTMLSelectElement).selectedIndex] ?? 'auto');
  return html`
    <details class="where">
      <summary>${TEXT.title}</summary>
      <div class="control">
        <label class="label" for="backend">${TEXT.label}</label>
        <select id="backend" aria-describedby="backend.sentence" @change=${onChange}>
          ${CHOICES.map((choice) => html`<option .selected=${live(choice === backend)}>${TEXT.choices[choice]}</option>`)}
        </select>
        <p class="muted" id="backend.sentence">${TEXT.about}</p>
      </div>
    </details>
    ${graphics ? html`<p class="note" role="status" data-testid="graphics">${graphics.says}</p>` : nothing}
  `;
}

/** Said over scores of a graphics card that was given up. */
export function givenUp({ graphics }: State): unknown {
  return graphics?.redone ? html`<p class="note" data-testid="redone">${TEXT.redone}</p>` : nothing;
}
