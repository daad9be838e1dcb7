import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { chooseBackend } from '../actions';
import { CHOICES, type BackendChoice } from '../graphics';
import type { State } from '../store';

const TITLES: Record<BackendChoice, string> = { auto: 'whichever is faster', cpu: 'the processor', gpu: 'the graphics card' };

/** The choice between processor and graphics card, and what became of the latter. */
export function whereItRuns({ backend, graphics }: State): unknown {
  const onChange = (event: Event): void => chooseBackend(CHOICES[(event.target as HTMLSelectElement).selectedIndex] ?? 'auto');
  return html`
    <details class="where">
      <summary>Where it runs</summary>
      <div class="control">
        <label class="label" for="backend">Runs on</label>
        <select id="backend" aria-describedby="backend.sentence" @change=${onChange}>
          ${CHOICES.map((choice) => html`<option .selected=${live(choice === backend)}>${TITLES[choice]}</option>`)}
        </select>
        <p class="muted" id="backend.sentence">
          A graphics card (WebGPU) takes a part of this page of its own. It is used once it was compared with the processor on the model; small models are
          faster on the processor.
        </p>
      </div>
    </details>
    ${graphics ? html`<p class="note" role="status" data-testid="graphics">${graphics.says}</p>` : nothing}
  `;
}

/** Said over scores of a graphics card that was given up. */
export function givenUp({ graphics }: State): unknown {
  return graphics?.redone ? html`<p class="note" data-testid="redone">These scores are the graphics card’s, which was given up: they are being replaced by the processor’s.</p>` : nothing;
}
